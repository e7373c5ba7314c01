// Shapes of the resource registry, of access lists and of the catalogue. A resource has one shape,
// in import files and over HTTP: resource.schema.json.
import {
  coded,
  exact,
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
  type TSchema,
} from '../platform/http/shapes.ts';
import { COMBINING, SUBJECT_KINDS } from './policy/model.ts';
import schema from './resource.schema.json' with { type: 'json' };

type Json = Record<string, unknown>;
const definitions = schema.$defs as unknown as Record<string, Json>;

/** A definition with what it refers to in place. */
function whole(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(whole);
  if (node === null || typeof node !== 'object') return node;
  const { $ref: reference } = node as { $ref?: string };
  if (reference !== undefined) return whole(definitions[reference.slice('#/$defs/'.length)]);
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, whole(value)]));
}

const resource = whole(definitions.resource) as { properties: Record<string, TSchema> };
const { properties } = resource;

/** In a rule a misspelt member would open more than its author meant. */
const rules = exact(properties.rules!);

/** Members that answers have and that a caller may send back. */
const echoed = {
  version: Type.Optional(Type.Union([Type.String(), Type.Integer(), Type.Null()])),
  versionId: Type.Optional(Type.Union([Type.String(), Type.Integer(), Type.Null()])),
  changedAt: Type.Optional(Type.Union([Type.String(), Type.Null()])),
};

const authority = maybe(
  shape({
    organization: maybe(text(20)),
    orgcode: maybe(text(100)),
    name: maybe(open('Names')),
  }),
);

/** A resource as its owner sends it: the owner may go without saying. */
export const ResourceWritten = named(
  'ResourceWritten',
  Type.Unsafe<Record<string, any>>({
    ...resource,
    required: ['resourceType', 'title'],
    properties: {
      ...properties,
      rules,
      closed: maybe(Type.Boolean()),
      hasCompetentAuthority: authority,
      ...echoed,
    },
  }),
);

/** Ours; XACML comes as XML. */
export const PolicyWritten = named(
  'PolicyWritten',
  exact(
    Type.Unsafe<Record<string, any>>({
      type: 'object',
      additionalProperties: false,
      required: ['rules'],
      properties: {
        rules,
        combining: properties.combining,
        minimumLevel: properties.minimumLevel,
        closed: Type.Optional(Type.Boolean()),
      },
    }),
  ),
);

/** As its owner wrote it, with a version; further members of older entries come as they are. */
export const Resource = named(
  'Resource',
  Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    required: ['identifier', 'version', 'resourceType', 'title'],
    properties: Object.fromEntries(
      Object.entries({ ...properties, hasCompetentAuthority: authority, ...echoed }).map(
        ([name, schema]) => [name, nullable(schema as TSchema)],
      ),
    ),
    additionalProperties: true,
  }),
);
export const ResourceList = Type.Array(Resource);

const Match = shape({
  kind: oneOf([...SUBJECT_KINDS]),
  value: Type.String(),
  type: Type.Optional(Type.String()),
  mustBePresent: Type.Optional(Type.Boolean()),
});

/** A rule as it is stored and weighed. */
export const RuleShape = named(
  'Rule',
  shape({
    id: Type.String(),
    effect: oneOf(['permit', 'deny']),
    actions: Type.Array(Type.String()),
    subjects: Type.Array(Type.Array(Match)),
    when: Type.Array(
      shape({
        category: oneOf(['subject', 'action', 'resource', 'environment']),
        name: Type.String(),
        values: Type.Array(Type.String()),
        match: oneOf(['equal', 'equal_ignore_case', 'regexp']),
        type: Type.Optional(Type.String()),
        mustBePresent: Type.Optional(Type.Boolean()),
      }),
    ),
    together: Type.Optional(
      Type.Array(
        shape({
          subjects: Type.Array(Match),
          count: Type.Union([Type.Integer(), Type.Literal('all')]),
        }),
      ),
    ),
    asCompanySigns: Type.Optional(Type.Literal(true)),
  }),
);

export const PolicyShape = named(
  'Policy',
  shape({
    combining: oneOf([...COMBINING]),
    minimumLevel: shape({ person: Type.Integer(), organization: Type.Integer() }),
    rules: Type.Array(RuleShape),
  }),
);

export const PolicyPublished = shape({
  resource: Type.String(),
  version: Type.Integer(),
  actions: Type.Array(Type.String()),
});

const Attribute = shape({ type: Type.String(), value: Type.String() });
const UrnAttribute = shape({ type: Type.String(), value: Type.String(), urn: Type.String() });

export const SubjectRows = rows(UrnAttribute);
export const Rules = Type.Array(
  shape({
    effect: Type.String(),
    subject: Type.Array(Attribute),
    action: Attribute,
    resource: Type.Array(Attribute),
  }),
);
export const RightsShape = Type.Array(
  shape({
    action: Attribute,
    resource: Type.Array(Attribute),
    subjects: Type.Array(shape({ subjectAttributes: Type.Array(Attribute) })),
    rightKey: Type.String(),
    subjectTypes: Type.Array(Type.String()),
  }),
);
export const RightNames = Type.Array(
  shape({
    key: Type.String(),
    name: Type.String(),
    resource: Type.Array(Attribute),
    action: Attribute,
  }),
);
export const BySubjects = rows(
  shape({ subject: Type.String(), resources: Type.Array(UrnAttribute) }),
);
export const Changes = rows(
  shape({ resourceId: Type.String(), changedAt: instantOut(), changeId: Type.String() }),
);
export const Updates = rows(
  shape({
    subjectUrn: Type.String(),
    resourceUrn: Type.String(),
    updatedAt: instantOut(),
    deleted: Type.Boolean(),
  }),
);

export const subjectNames = () => list(text(300), 1_000);
const LIMIT = { type: 'RR.VLD-00008' };
const TOKEN = { type: 'RR.VLD-00009' };
export const feedQuery = {
  limit: coded(LIMIT, Type.Integer({ minimum: 1, maximum: 1_000, default: 1_000 })),
  token: Type.Optional(coded(TOKEN, text(500))),
};
export const since = () => Type.Optional(coded(TOKEN, instant()));

const Connection = shape({
  resourceIdentifier: Type.String(),
  actionFilters: Type.Array(Type.String()),
});
export const AccessList = named(
  'AccessList',
  shape({
    identifier: Type.String(),
    name: Type.String(),
    description: Type.String(),
    urn: Type.String(),
    members: Type.Integer(),
    resourceConnections: Type.Array(Connection),
  }),
);
export const AccessLists = rows(AccessList);
export const ListWritten = shape({
  name: text(200),
  description: maybe(Type.String({ maxLength: 1_000 })),
});
export const Members = rows(
  shape({
    id: Type.String(),
    name: Type.String(),
    identifiers: shape({
      'urn:altinn:organization:identifier-no': Type.String(),
      'urn:altinn:party:uuid': uuid(),
    }),
  }),
);
const member = coded({ type: 'RR.VLD-00004', path: '/data' }, text(200));
export const membersWritten = (least: number) => {
  const named = coded(
    { required: 'RR.VLD-00003', type: 'RR.VLD-00003' },
    Type.Array(member, { minItems: least, maxItems: 10_000 }),
  );
  return shape({ data: named });
};
export const ResourceConnections = rows(Connection);
/** Null is no filter that was meant. */
export const ConnectionWritten = shape({ actionFilters: Type.Optional(list(text(100), 100)) });
export const memberParameter = () => coded({ required: 'RR.VLD-00003' }, text(200));
export const Memberships = rows(
  shape({
    party: Type.String(),
    resource: Type.String(),
    actionFilters: nullable(Type.Array(Type.String())),
  }),
);
export const ListsOfMember = rows(shape({ identifier: Type.String(), urn: Type.String() }));
