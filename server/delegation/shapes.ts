// Shapes of the delegation contract, in and out: parties, packages, roles, rights and mandates as
// operations declare them.
import {
  coded,
  instant,
  instantOut,
  list,
  maybe,
  named,
  nullable,
  oneOf,
  open,
  rows,
  shape,
  text,
  Type,
  uuid,
} from '../platform/http/shapes.ts';

import { LACKS, STATUSES } from '../mandate/model.ts';

const QUERY = { type: 'AM.VLD-00009' };

/** A UUID in the query; AM.VLD-00009 for another text. */
export const queryUuid = () => coded(QUERY, uuid());
/** `auto` in the query stands for the standard, as in Altinn. */
export const queryFlag = (standard: boolean) => coded(QUERY, Type.Boolean({ default: standard }));
export const queryText = (maxLength: number) => coded(QUERY, text(maxLength));
export const queryLimit = (most: number, standard: number) =>
  coded(QUERY, Type.Integer({ minimum: 1, maximum: most, default: standard }));

/** The party that the call is about, and one or both sides of it. */
export const sides = {
  party: Type.Optional(queryUuid()),
  from: Type.Optional(queryUuid()),
  to: Type.Optional(queryUuid()),
};

/** The refusals of every way of giving. */
export const GIVING = [
  ...[
    'TIL-00007',
    'TIL-00008',
    'TIL-00021',
    'TIL-00022',
    'TIL-00023',
    'TIL-00024',
    'TIL-00026',
    'TIL-00068',
    'TIL-00037',
    'TIL-00038',
  ],
  ...['AM-00021', 'AM-00022', 'AM-00024', 'AM-00026', 'AM-00027', 'AM-00028', 'AM-00033'],
  ...['AM-00035', 'AM-00036', 'AM-00037', 'AM-00042', 'TIL.VLD-00006', 'AM.VLD-00006'],
  ...['AM.VLD-00012', 'AM.VLD-00022', 'AM.VLD-00028', 'AM.VLD-00038', 'AM.VLD-00045'],
  ...['AM.VLD-00046', 'AM.VLD-00047', 'AM.VLD-00048'],
];
/** The refusals of asking for a right, beside those of giving it. */
export const ASKING = [...GIVING, 'AM.VLD-00041', 'AM.VLD-00049', 'TIL-00055'];

/** A party as it may be named: URN, UUID or number. */
export const partyNameText = () => text(200);
export const evidence = () => maybe(open('Evidence', { maxProperties: 20, 'x-most': 2_000 }));
export const validTo = () => maybe(instant());
/** Whether a main unit's gift is its sub-units' too. */
export const unitsToo = () =>
  maybe(
    Type.Boolean({ description: "Whether a main unit's is its sub-units' too; true if absent" }),
  );
export const actionList = () => list(text(100), 100);
export const resourceId = () => text(200);
export const instanceId = () => text(400);

/** A person by number, or a self-identified user by name, with the last name. */
export const personNamed = shape({
  personIdentifier: text(200),
  lastName: text(200),
});

export const PartyShape = named(
  'Party',
  shape({
    id: uuid(),
    name: Type.String(),
    type: Type.String(),
    variant: Type.String(),
    parent: nullable(uuid()),
    organizationIdentifier: nullable(Type.String()),
    dateOfBirth: nullable(Type.String({ format: 'date' })),
    partyId: Type.Integer(),
    isDeleted: Type.Boolean(),
  }),
);

export const PackageReference = named(
  'PackageReference',
  shape({ id: uuid(), urn: Type.String(), areaId: uuid() }),
);

export const RoleReference = named(
  'RoleReference',
  shape({ id: uuid(), code: Type.String(), urn: Type.String() }),
);

const Attribute = shape({ type: Type.String(), value: Type.String() });

export const Right = named(
  'Right',
  shape({
    key: Type.String(),
    name: Type.String(),
    resource: Type.Array(Attribute),
    action: Attribute,
  }),
);

const Provider = shape({ code: Type.String(), name: Type.String() });

export const ResourceSummary = named(
  'ResourceSummary',
  shape({
    id: Type.String(),
    refId: Type.String(),
    name: Type.String(),
    type: Type.String(),
    description: nullable(Type.String()),
    provider: Provider,
  }),
);

const NamedGroup = shape({ id: uuid(), name: Type.String() });
const PartySummary = shape({ id: uuid(), name: Type.String(), kind: Type.String() });

export const Mandate = named(
  'Mandate',
  shape({
    id: uuid(),
    reference: Type.Optional(
      Type.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$' }),
    ),
    from: PartySummary,
    to: PartySummary,
    basis: oneOf(['register', 'delegation', 'customer']),
    role: Type.Optional(Type.String()),
    source: Type.Optional(nullable(open('Source'))),
    package: Type.Optional(Type.String()),
    resource: Type.Optional(Type.String()),
    actions: Type.Optional(nullable(Type.Array(Type.String()))),
    instance: Type.Optional(nullable(Type.String())),
    validFrom: instantOut(),
    validTo: nullable(instantOut()),
    endedAt: nullable(instantOut()),
    suspendedAt: nullable(instantOut()),
    mayPassOn: Type.Boolean(),
    subunits: Type.Optional(
      Type.Literal(false, { description: 'Not inherited by sub-units of the giver' }),
    ),
    givenBy: nullable(
      shape({ id: uuid(), name: nullable(Type.String()), role: nullable(Type.String()) }),
    ),
    givenAt: nullable(instantOut()),
    evidence: nullable(open('Evidence')),
    through: nullable(
      shape({ mandate: uuid(), party: nullable(uuid()), name: nullable(Type.String()) }),
    ),
    group: Type.Optional(NamedGroup),
    lastUsedAt: nullable(instantOut()),
    acceptBy: Type.Optional(instantOut()),
    status: oneOf(STATUSES),
    pos: Type.Optional(Type.Integer()),
    inactiveBecause: Type.Optional(oneOf(LACKS)),
    changed: Type.Optional(Type.Boolean()),
  }),
);

export const NamedParty = shape({ id: uuid(), name: nullable(Type.String()) });

export const LoggedDecisions = rows(
  named(
    'LoggedDecision',
    shape({
      id: uuid(),
      at: instantOut(),
      askedBy: Type.String(),
      subject: nullable(shape({ id: uuid(), name: Type.Optional(Type.String()) })),
      from: nullable(uuid()),
      resource: nullable(Type.String()),
      action: Type.String(),
      instance: nullable(Type.String()),
      outcome: Type.String(),
      reason: Type.String(),
      mandates: Type.Array(uuid()),
      groups: Type.Optional(Type.Array(NamedGroup)),
    }),
  ),
);

export const Searches = rows(
  named(
    'LoggedSearch',
    shape({
      id: uuid(),
      at: instantOut(),
      askedBy: Type.String(),
      kind: oneOf(['subject', 'resource', 'action', 'authorized_parties']),
      about: oneOf(['subject', 'from', 'listed']),
      resource: nullable(Type.String()),
      action: nullable(Type.String()),
    }),
  ),
);

export const MandateEvents = rows(
  named(
    'MandateEvent',
    shape({
      id: uuid(),
      type: Type.String(),
      at: instantOut(),
      mandate: nullable(uuid()),
      request: nullable(uuid()),
      from: NamedParty,
      to: NamedParty,
      by: nullable(
        shape({ id: uuid(), name: nullable(Type.String()), role: nullable(Type.String()) }),
      ),
      detail: nullable(open('EventDetail')),
    }),
  ),
);

export const Notices = rows(
  named(
    'Notice',
    shape({
      id: uuid(),
      type: Type.String(),
      at: instantOut(),
      readAt: nullable(instantOut()),
      mandate: nullable(uuid()),
      request: nullable(uuid()),
      consent: Type.Optional(uuid()),
      links: Type.Optional(
        shape({ suspend: Type.Optional(Type.String()), end: Type.Optional(Type.String()) }),
      ),
    }),
  ),
);

/** Why somebody has something: bits, and by name. */
const Reason = shape({
  flag: Type.Integer(),
  items: Type.Array(shape({ name: Type.String(), description: Type.String() })),
});

export const Permission = named(
  'Permission',
  shape({
    from: nullable(PartyShape),
    to: nullable(PartyShape),
    via: nullable(PartyShape),
    viaRole: nullable(RoleReference),
    role: RoleReference,
    reason: Reason,
    mandateId: uuid(),
  }),
);

export const permissionReason = Reason;

/** An instant that was left out, or is null, is none. */
export const dateOf = (value: string | null | undefined): Date | null =>
  value ? new Date(value) : null;
