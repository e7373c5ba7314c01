// Shapes of systems and of what vendors ask about them, in and out.
import {
  instantOut,
  list,
  maybe,
  named,
  nullable,
  oneOf,
  shape,
  text,
  Type,
  uuid,
} from '../../platform/http/shapes.ts';
import { REQUEST_STATES, SYSTEM_ID, SYSTEM_KINDS } from './model.ts';

const MOST_RIGHTS = 50;
const MOST_ORIGINS = 20;

const code = () => text(200);
const rights = () => ({
  packages: Type.Optional(list(code(), MOST_RIGHTS)),
  resources: Type.Optional(list(code(), MOST_RIGHTS)),
});

export const systemPath = { id: Type.String({ pattern: SYSTEM_ID, maxLength: 110 }) };

/** Every language: customers read the name in theirs. */
const systemName = () => shape({ nb: text(100), nn: text(100), en: text(100) });

export const SystemBody = shape({
  name: systemName(),
  kind: Type.Optional(oneOf(SYSTEM_KINDS)),
  ...rights(),
  redirectOrigins: Type.Optional(list(text(200), MOST_ORIGINS)),
});

export const System = named(
  'System',
  shape({
    id: Type.String(),
    vendor: shape({ organizationNumber: Type.String(), name: Type.String() }),
    name: systemName(),
    kind: oneOf(SYSTEM_KINDS),
    packages: Type.Array(Type.String()),
    resources: Type.Array(Type.String()),
    redirectOrigins: Type.Array(Type.String()),
    ended: Type.Boolean(),
  }),
);

export const SystemRequestBody = shape({
  customer: Type.String({ pattern: '^\\d{9}$', maxLength: 9 }),
  externalRef: Type.Optional(text(90)),
  systemUser: maybe(uuid()),
  ...rights(),
  endPackages: Type.Optional(list(code(), MOST_RIGHTS)),
  endResources: Type.Optional(list(code(), MOST_RIGHTS)),
  redirectUrl: maybe(text(2_000)),
});

export const SystemRequestOut = named(
  'SystemRequest',
  shape({
    id: uuid(),
    system: Type.String(),
    customer: Type.String(),
    externalRef: nullable(Type.String()),
    systemUser: nullable(uuid()),
    isChange: Type.Boolean(),
    packages: Type.Array(Type.String()),
    resources: Type.Array(Type.String()),
    endPackages: Type.Array(Type.String()),
    endResources: Type.Array(Type.String()),
    redirectUrl: nullable(Type.String()),
    state: oneOf(REQUEST_STATES),
    createdAt: instantOut(),
    changedAt: instantOut(),
    runsOutAt: instantOut(),
    confirmUrl: Type.String(),
  }),
);

export const SystemUser = named(
  'SystemUser',
  shape({
    id: uuid(),
    name: Type.String(),
    systemId: Type.String(),
    registered: Type.Boolean(),
    kind: oneOf(SYSTEM_KINDS),
    suspended: Type.Boolean(),
    owner: uuid(),
    partyId: Type.Integer(),
  }),
);
