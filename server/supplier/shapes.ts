// Shapes of suppliers' operations: customers, agents, and what is passed on between them.
import { PackageReference, PartyShape, queryUuid, RoleReference } from '../delegation/shapes.ts';
import {
  instantOut,
  list,
  named,
  nullable,
  rows,
  shape,
  text,
  Type,
  uuid,
} from '../platform/http/shapes.ts';

const optionalUuid = () => Type.Optional(queryUuid());

/**
 * The supplier, and the two that something is passed on between; v2 of Altinn's names them client
 * and agent.
 */
export const pair = {
  party: optionalUuid(),
  client: optionalUuid(),
  from: optionalUuid(),
  agent: optionalUuid(),
  to: optionalUuid(),
};

export const mine = { provider: optionalUuid(), client: optionalUuid(), from: optionalUuid() };

export const ValuesShape = shape({
  values: list(shape({ role: text(200), packages: list(text(200), 100) }), 50),
});

const ResourceRef = shape({ refId: Type.String() });

export const Customers = rows(
  named(
    'Customer',
    shape({
      client: PartyShape,
      access: Type.Array(
        shape({
          role: RoleReference,
          origin: Type.String(),
          packages: Type.Array(PackageReference),
          resources: Type.Array(ResourceRef),
        }),
      ),
    }),
  ),
);

export const Agents = rows(named('Agent', shape({ id: uuid(), agent: PartyShape })));
export const PartyRows = rows(PartyShape);

/** Mandates that are passed on, by the other party. */
export const PassedOn = rows(
  named(
    'PassedOn',
    shape({
      client: Type.Optional(PartyShape),
      agent: Type.Optional(PartyShape),
      access: Type.Array(
        shape({
          role: RoleReference,
          via: PartyShape,
          mandateId: uuid(),
          package: Type.Optional(PackageReference),
          resource: Type.Optional(
            shape({ refId: Type.String(), actions: nullable(Type.Array(Type.String())) }),
          ),
        }),
      ),
    }),
  ),
);

const ends = { viaId: uuid(), fromId: uuid(), toId: uuid(), changed: Type.Boolean() };
export const PackagesPassed = Type.Array(shape({ roleId: uuid(), packageId: uuid(), ...ends }));
export const ResourcesPassed = Type.Array(shape({ resource: Type.String(), ...ends }));
export const AgentRelation = shape({ id: uuid(), roleId: uuid(), fromId: uuid(), toId: uuid() });

export const ScopesGiven = rows(
  named(
    'ScopeDelegation',
    shape({
      resource: shape({ refId: Type.String() }),
      fromId: uuid(),
      toId: uuid(),
      mandateId: uuid(),
      since: instantOut(),
    }),
  ),
);
