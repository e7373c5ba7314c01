// Shapes of connections: relations between two parties with what one has given the other, as
// Altinn's clients read them.
import {
  PackageReference,
  PartyShape,
  Permission,
  permissionReason,
  ResourceSummary,
  Right,
  RoleReference,
} from '../delegation/shapes.ts';
import { named, nullable, rows, shape, translated, Type, uuid } from '../platform/http/shapes.ts';

export const ConnectionRows = rows(
  named(
    'Connection',
    shape({
      party: PartyShape,
      roles: Type.Array(RoleReference),
      packages: Type.Array(PackageReference),
      resources: Type.Array(shape({ refId: Type.String() })),
      instances: Type.Array(
        shape({ resourceId: Type.String(), instanceId: nullable(Type.String()) }),
      ),
      connections: Type.Array(Type.Never()),
    }),
  ),
);

export const Users = rows(PartyShape);
export const RelationShape = shape({ id: uuid(), roleId: uuid(), fromId: uuid(), toId: uuid() });

export const Packages = rows(
  shape({ package: PackageReference, permissions: Type.Array(Permission) }),
);

export const PackageGiven = shape({
  id: uuid(),
  packageId: uuid(),
  urn: Type.String(),
  fromId: uuid(),
  toId: uuid(),
  changed: Type.Boolean(),
});

const maybeText = () => Type.Optional(nullable(Type.String()));

/** Why the person's own age or capacity keeps one from giving. */
const Withheld = Type.Optional(shape({ reason: Type.String(), reason_user: translated(2_000) }));

export const PackageChecks = rows(
  shape({
    package: PackageReference,
    result: Type.Boolean(),
    withheld: Withheld,
    reasons: Type.Array(
      shape({
        description: Type.String(),
        roleId: maybeText(),
        roleUrn: maybeText(),
        fromId: maybeText(),
        fromName: maybeText(),
        toId: maybeText(),
        toName: maybeText(),
        viaId: maybeText(),
        viaName: maybeText(),
        viaRoleId: maybeText(),
        viaRoleUrn: maybeText(),
      }),
    ),
  }),
);

const Role = shape({
  id: uuid(),
  code: Type.String(),
  urn: Type.String(),
  legacyRoleCode: Type.String(),
  legacyUrn: Type.String(),
  name: Type.String(),
  isKeyRole: Type.Boolean(),
  isAssignable: Type.Boolean(),
  isResourcePolicyAvailable: Type.Boolean(),
  provider: nullable(Type.String()),
});

export const Roles = rows(shape({ role: Role, permissions: Type.Array(Permission) }));

const instance = Type.Optional(shape({ refId: nullable(Type.String()) }));

export const ResourceRows = rows(
  shape({ resource: ResourceSummary, instance, permissions: Type.Array(Permission) }),
);

const Line = shape({
  right: Right,
  reason: permissionReason,
  permissions: Type.Array(Permission),
});

export const GivenRights = shape({
  resource: ResourceSummary,
  instance,
  directRights: Type.Array(Line),
  indirectRights: Type.Array(Line),
  withheldRights: Type.Array(Line, {
    description: 'Given, and can be ended, but not open now: a rule, a list or a chain keeps them',
  }),
});

export const RightsGiven = shape({
  id: uuid(),
  resourceId: Type.String(),
  instanceId: nullable(Type.String()),
  fromId: uuid(),
  toId: uuid(),
  directRightKeys: Type.Array(Type.String()),
  changed: Type.Boolean(),
});

export const RightChecks = shape({
  resource: ResourceSummary,
  instance,
  rights: Type.Array(
    shape({
      right: Right,
      result: Type.Boolean(),
      withheld: Withheld,
      reasonCodes: Type.Array(Type.String()),
      reasonNumbers: Type.Array(Type.Integer()),
      permissions: Type.Array(
        shape({
          permisionKey: Type.String(),
          packageUrn: nullable(Type.String()),
          fromId: uuid(),
          toId: uuid(),
        }),
      ),
    }),
  ),
});
