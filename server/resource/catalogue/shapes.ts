// Shapes of the catalogue, as Altinn's clients read them.
import { named, nullable, shape, Type, uuid } from '../../platform/http/shapes.ts';

export const PackageShape = named(
  'AccessPackage',
  shape({
    id: uuid(),
    urn: Type.String(),
    name: Type.String(),
    description: Type.String(),
    isDelegable: Type.Boolean(),
    isAssignable: Type.Boolean(),
    isResourcePolicyAvailable: Type.Boolean(),
    areaId: uuid(),
    type: Type.String(),
    needs: nullable(Type.String()),
  }),
);

export const AreaShape = named(
  'Area',
  shape({
    id: uuid(),
    urn: Type.String(),
    name: Type.String(),
    description: Type.String(),
    packages: Type.Array(PackageShape),
  }),
);

export const Group = shape({
  id: uuid(),
  name: Type.String(),
  type: Type.String(),
  areas: Type.Array(AreaShape),
});

export const RoleShape = named(
  'Role',
  shape({
    id: uuid(),
    code: Type.String(),
    urn: Type.String(),
    legacyRoleCode: Type.String(),
    legacyUrn: Type.String(),
    name: Type.String(),
    isKeyRole: Type.Boolean(),
    provider: nullable(Type.String()),
    isAssignable: Type.Boolean(),
    isResourcePolicyAvailable: Type.Boolean(),
  }),
);

export const SourceShape = shape({
  code: Type.String(),
  name: Type.String(),
  legalBasis: Type.String(),
  purpose: Type.String(),
  visibility: Type.String(),
});

export const Opened = shape({
  id: Type.String(),
  refId: Type.String(),
  name: Type.Optional(Type.String()),
  provider: Type.String(),
});

export const Hits = Type.Array(shape({ object: PackageShape, score: Type.Integer() }));

export const CarriedShape = shape({
  package: PackageShape,
  hasAccess: Type.Boolean(),
  canDelegate: Type.Boolean(),
  variant: nullable(Type.String()),
});
