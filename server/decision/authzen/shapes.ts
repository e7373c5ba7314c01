// Shapes of the two languages in which decisions are asked for (AuthZEN Authorization API 1.0, and
// the JSON profile of XACML 3.0), and of authorized parties as Altinn's clients read them.
import {
  later,
  list,
  named,
  nullable,
  open,
  oneOf,
  shape,
  text,
  Type,
  uuid,
} from '../../platform/http/shapes.ts';
import { LONGEST, MOST_TOLD } from '../rules/question_model.ts';

/**
 * Facts that a caller knows of an entity beyond its name, or of the situation; scalars and lists of
 * scalars count.
 */
const properties = Type.Optional(
  open(
    'Properties',
    { maxProperties: MOST_TOLD },
    Type.Unsafe<unknown>({
      maxLength: LONGEST,
      maxItems: MOST_TOLD,
      items: { maxLength: LONGEST },
    }),
  ),
);
const name = () => text(LONGEST);

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;

const whole = {
  subject: shape({ type: name(), id: name(), properties }),
  action: shape({ name: name(), properties }),
  resource: shape({ type: name(), id: name(), properties }),
  context: properties,
};
const part = {
  subject: Type.Optional(
    shape({ type: Type.Optional(name()), id: Type.Optional(name()), properties }),
  ),
  action: Type.Optional(shape({ name: Type.Optional(name()), properties })),
  resource: Type.Optional(
    shape({ type: Type.Optional(name()), id: Type.Optional(name()), properties }),
  ),
  context: properties,
};
const page = Type.Optional(
  shape({
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    token: Type.Optional(Type.String({ maxLength: 500 })),
    properties,
  }),
);

export const Evaluation = named('Evaluation', shape(whole));
/** An evaluation of many: what it leaves out is what all share. */
export const PartOfEvaluations = shape(part);
export const Evaluations = named(
  'Evaluations',
  shape({
    ...part,
    evaluations: Type.Optional(later(Type.Array(PartOfEvaluations, { maxItems: 10_000 }))),
    options: Type.Optional(
      shape({ evaluations_semantic: Type.Optional(oneOf(SEMANTICS)), properties }),
    ),
  }),
);
export const SubjectSearch = shape({
  ...whole,
  subject: shape({ type: name(), id: Type.Optional(name()), properties }),
  page,
});
export const ResourceSearch = shape({
  ...whole,
  resource: shape({ type: name(), id: Type.Optional(name()), properties }),
  page,
});
export const ActionSearch = shape({
  ...whole,
  action: Type.Optional(shape({ name: Type.Optional(name()), properties })),
  page,
});

const texts = shape({ nb: Type.String(), nn: Type.String(), en: Type.String() });

/** The mandates that a decision rests on, and the groups by which their receivers have them. */
const carried = { mandates: Type.Array(uuid()), groups: Type.Optional(Type.Array(uuid())) };

/** Exactly one answer, with why and by which mandates. */
export const DecisionShape = named(
  'Decision',
  shape({
    decision: Type.Boolean(),
    context: Type.Union([
      shape({
        id: uuid(),
        reason: Type.String(),
        reason_user: texts,
        reason_admin: shape({ en: Type.String() }),
        ...carried,
        resource: Type.Optional(Type.String()),
        obligations: Type.Optional(
          Type.Array(shape({ minimum_level: Type.Integer(), acr_values: Type.String() })),
        ),
      }),
      shape({
        error: shape({
          status: Type.Integer(),
          code: Type.String(),
          message: Type.String(),
          paths: Type.Optional(Type.Array(Type.String())),
        }),
      }),
    ]),
  }),
);
/** A decision rule by rule, for the owner of the resource. */
export const Explanation = named(
  'Explanation',
  shape({
    id: uuid(),
    decision: Type.Boolean(),
    outcome: oneOf(['permit', 'deny', 'not_applicable', 'indeterminate']),
    reason: Type.String(),
    reason_user: texts,
    level: Type.Integer(),
    ...carried,
    resource: nullable(Type.String()),
    policy: nullable(shape({ version: nullable(Type.Integer()), combining: Type.String() })),
    rules: Type.Array(
      shape({
        id: Type.String(),
        effect: oneOf(['permit', 'deny']),
        covers: Type.Boolean(),
        says: nullable(Type.String()),
        subjects: Type.Array(
          Type.Array(shape({ type: Type.String(), value: Type.String(), holds: Type.Boolean() })),
        ),
        conditions: Type.Array(
          shape({
            category: Type.String(),
            name: Type.String(),
            values: Type.Array(Type.String()),
            given: Type.Array(Type.String()),
            holds: nullable(Type.Boolean()),
          }),
        ),
        mandates: Type.Array(uuid()),
      }),
    ),
  }),
);

export const EvaluationsShape = Type.Union([
  DecisionShape,
  shape({ evaluations: later(Type.Array(DecisionShape)) }),
]);

const found = <Result extends ReturnType<typeof shape>>(result: Result) =>
  shape({
    page: shape({ next_token: Type.String(), count: Type.Integer() }),
    results: Type.Array(result),
  });

/** Facts that the asker also wants (`page.properties.include`). */
const included = Type.Optional(
  Type.Partial(
    shape({ name: Type.String(), kind: Type.String(), reason: Type.String(), via: uuid() }),
  ),
);
const entity = shape({ type: Type.String(), id: Type.String(), properties: included });
export const FoundSubjects = shape({
  ...found(entity).properties,
  /** Kinds of party to which it is open besides: `anyone`, `organization`, `partytype:<kind>`. */
  context: Type.Optional(shape({ open: Type.Array(Type.String()) })),
});
export const FoundResources = found(entity);
export const Actions = found(shape({ name: Type.String(), properties: included }));

export const AuthzenMetadata = shape({
  policy_decision_point: Type.String(),
  access_evaluation_endpoint: Type.String(),
  access_evaluations_endpoint: Type.String(),
  search_subject_endpoint: Type.String(),
  search_resource_endpoint: Type.String(),
  search_action_endpoint: Type.String(),
});

const attributes = Type.Array(
  shape({
    AttributeId: Type.String(),
    Value: Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Array(Type.String())]),
    DataType: Type.Optional(Type.String()),
    IncludeInResult: Type.Optional(Type.Boolean()),
  }),
);
const category = Type.Optional(
  Type.Array(shape({ Id: Type.Optional(Type.String()), Attribute: attributes })),
);

/** Any other form is answered with one Indeterminate, not with a refusal (XACML 3.0 §7.3.5). */
export const XacmlRequestShape = named(
  'XacmlRequest',
  later(
    shape({
      Request: shape({
        ReturnPolicyIdList: Type.Optional(Type.Boolean()),
        AccessSubject: category,
        Action: category,
        Resource: category,
        Environment: category,
        MultiRequests: Type.Optional(
          shape({
            RequestReference: Type.Array(shape({ ReferenceId: Type.Array(Type.String()) })),
          }),
        ),
      }),
    }),
  ),
);

export const XacmlResponse = named(
  'XacmlResponse',
  shape({ response: later(Type.Array(open('XacmlResult'))) }),
);

const flag = (standard: boolean) => Type.Boolean({ default: standard });
const lists = {
  includePartiesViaKeyRoles: flag(true),
  includeSubParties: flag(true),
  includeInactiveParties: flag(false),
  anyOfResourceIds: Type.Optional(list(text(200), 100)),
};
export const ownQuery = {
  includeRoles: flag(false),
  includeAccessPackages: flag(false),
  includeResources: flag(false),
  includeInstances: flag(false),
  ...lists,
  partyFilter: Type.Optional(list(Type.String({ maxLength: 200 }), 100)),
};
export const ofQuery = {
  includeRoles: flag(true),
  includeAccessPackages: flag(true),
  includeResources: flag(true),
  includeInstances: flag(true),
  ...lists,
  orgCode: Type.Optional(text(100)),
};

const attribute = shape({ type: text(200), value: text(200) });
export const PartyAsked = shape({
  type: text(200),
  value: text(200),
  partyFilter: Type.Optional(nullable(list(attribute, 100))),
});

export const AuthorizedParty = named(
  'AuthorizedParty',
  shape({
    partyUuid: uuid(),
    name: Type.String(),
    organizationNumber: nullable(Type.String()),
    parentId: nullable(Type.String()),
    personId: nullable(Type.String()),
    dateOfBirth: nullable(Type.String()),
    partyId: Type.Integer(),
    emailId: nullable(Type.String()),
    type: Type.String(),
    unitType: nullable(Type.String()),
    isDeleted: Type.Boolean(),
    onlyHierarchyElementWithNoAccess: Type.Boolean(),
    authorizedAccessPackages: Type.Array(Type.String()),
    authorizedResources: Type.Array(Type.String()),
    authorizedRoles: Type.Array(Type.String()),
    authorizedInstances: Type.Array(
      shape({
        resourceId: Type.String(),
        instanceId: Type.String(),
        instanceRef: Type.String(),
      }),
    ),
    subunits: Type.Array(open('AuthorizedSubunit')),
  }),
);
