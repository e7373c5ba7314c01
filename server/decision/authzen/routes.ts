// AuthZEN Authorization API 1.0 (final, January 2026): evaluation, evaluations with their three
// semantics, the searches, and metadata. The same questions and the same answers as XACML gets, in
// other words.
import { everybody } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { reply, type Operation, type Reply } from '../../platform/http/doors.ts';
import { Fault } from '../../platform/errors.ts';
import { createPace, listBody } from '../../platform/pace.ts';
import { acrOf, type Caller, callerName } from '../../caller/model.ts';
import {
  askedBy,
  asking,
  beginAsking,
  checkOwner,
  counting,
  foreign,
  MOST,
  type DecisionApi,
  type DecisionParts,
} from '../asking.ts';
import { groundsOf, createReading, isType, kindsOf, type AskedEvaluation } from './model.ts';
import { decideAll, decideOne } from '../commands.ts';
import type { Decided, NamedQuestion } from '../rules/question_model.ts';
import type { Decision } from '../rules/reason_model.ts';
import { disclosed } from '../rules/disclosure_model.ts';
import { problem } from '../problems.ts';
import * as shapes from './shapes.ts';
import { reasonTexts } from '../rules/text.ts';
import { evaluationOf, part, type Part } from './question.ts';
import { searchSubject, searchResource, searchAction } from './search.ts';
const ERRORS = ['TIL-00008', 'AUTHZ.VLD-00001', 'AUTHZ.VLD-00011', 'AUTHZ.VLD-00013'];

export function authzenOperations(api: DecisionParts): Operation[] {
  const shared = { ...asking, dialect: 'authzen' as const };
  const search = { ...shared, limit: 'search' as const, errors: [...ERRORS, 'AUTHZ.VLD-00012'] };
  const told = { description: 'Permit or deny, with why' };
  return [
    operation(
      {
        ...shared,
        id: 'authzen_evaluation',
        paths: ['/access/v1/evaluation'],
        summary: 'Whether a subject may do something with a resource',
        body: shapes.Evaluation,
        answers: { 200: { ...told, schema: shapes.DecisionShape } },
        errors: ERRORS,
      },
      ({ act, caller, body }) => evaluation({ ...api, act }, caller, body),
    ),
    operation(
      {
        ...shared,
        id: 'authzen_evaluations',
        paths: ['/access/v1/evaluations'],
        summary: 'Many evaluations at once, with shared defaults',
        body: shapes.Evaluations,
        answers: { 200: { ...told, schema: shapes.EvaluationsShape } },
        errors: [...ERRORS, 'AUTHZ.VLD-00010'],
      },
      ({ act, caller, body }) => evaluations({ ...api, act }, caller, body),
    ),
    operation(
      {
        ...search,
        id: 'authzen_search_subject',
        paths: ['/access/v1/search/subject'],
        summary: 'Who may do something with a resource',
        body: shapes.SubjectSearch,
        answers: { 200: { description: 'Subjects, by pages', schema: shapes.FoundSubjects } },
      },
      ({ act, caller, body }) => searchSubject({ ...api, act }, caller, body),
    ),
    operation(
      {
        ...search,
        id: 'authzen_search_resource',
        paths: ['/access/v1/search/resource'],
        summary: 'With what a subject may do something',
        body: shapes.ResourceSearch,
        answers: { 200: { description: 'Resources, by pages', schema: shapes.FoundResources } },
      },
      ({ act, caller, body }) => searchResource({ ...api, act }, caller, body),
    ),
    operation(
      {
        ...search,
        id: 'authzen_search_action',
        paths: ['/access/v1/search/action'],
        summary: 'What a subject may do with a resource',
        body: shapes.ActionSearch,
        answers: { 200: { description: 'Actions', schema: shapes.Actions } },
      },
      ({ act, caller, body }) => searchAction({ ...api, act }, caller, body),
    ),
    operation(
      {
        id: 'authzen_metadata',
        method: 'GET',
        paths: ['/.well-known/authzen-configuration'],
        summary: 'Where the decision point is (AuthZEN 1.0 §9)',
        who: everybody,
        dialect: 'authzen',
        limit: 'read',
        answers: { 200: { description: 'Its addresses', schema: shapes.AuthzenMetadata } },
      },
      () => reply(metadataOf(api.issuer), 200, { 'access-control-allow-origin': '*' }),
    ),
  ];
}

const metadataOf = (issuer: string) => ({
  policy_decision_point: issuer,
  access_evaluation_endpoint: `${issuer}/access/v1/evaluation`,
  access_evaluations_endpoint: `${issuer}/access/v1/evaluations`,
  search_subject_endpoint: `${issuer}/access/v1/search/subject`,
  search_resource_endpoint: `${issuer}/access/v1/search/resource`,
  search_action_endpoint: `${issuer}/access/v1/search/action`,
});

async function evaluation(api: DecisionApi, caller: Caller, body: AskedEvaluation): Promise<Reply> {
  const asked = askedBy(caller, evaluationOf(body));
  const [found] = await counting(api, caller, [asked], async () => [
    await decideOne(api.act, asked),
  ]);
  return reply(tell(api, caller, body, asked, found!));
}

/** An entity of another type than the question names is treated as unknown. */
export function typed(request: AskedEvaluation, found: Decided): Decided {
  const kinds = kindsOf(request.subject!.type!);
  const { subject } = found.facts;
  const wrongSubject =
    subject && (kinds === undefined || (kinds !== null && !kinds.includes(subject.kind)));
  const wrongResource = found.resource && !isType(request.resource!.type!, found.resource.type);
  if (!wrongSubject && !wrongResource) return found;
  const { decision } = found;
  const reason = wrongSubject ? ('unknown_subject' as const) : ('unknown_resource' as const);
  return {
    ...found,
    decision: {
      ...decision,
      permit: false,
      outcome: 'indeterminate',
      reason,
      mandates: [],
      wanted: [],
    },
  };
}

function tell(
  api: DecisionApi,
  caller: Caller,
  request: AskedEvaluation,
  asked: NamedQuestion,
  given: Decided,
) {
  const found = typed(request, given);
  checkOwner(caller, found);
  const id = api.log.note(callerName(caller), asked, found);
  const { decision, facts, catalogue, policy, resource } = disclosed(found);
  return {
    decision: decision.permit,
    context: {
      id,
      reason: decision.reason,
      reason_user: reasonTexts(decision, facts, catalogue),
      reason_admin: { en: adminText(decision) },
      ...groundsOf(decision, facts),
      // Members that the question left out.
      ...(asked.resource === '' && resource ? { resource: resource.id } : {}),
      ...(policy && (decision.permit || decision.reason === 'level') && decision.level > 0
        ? { obligations: [{ minimum_level: decision.level, acr_values: acrOf(decision.level) }] }
        : {}),
    },
  };
}

/** The same for a developer: outcome, reason, and what the policy names. */
function adminText({ outcome, reason, wanted }: Decision): string {
  const names = wanted.map((one) => `${one.kind} ${one.value}`.trim()).join(', ');
  return `${outcome}: ${reason}${names ? `; the policy names ${names}` : ''}`;
}

async function evaluations(
  api: DecisionApi,
  caller: Caller,
  body: AskedEvaluation,
): Promise<Reply> {
  const { evaluations: list, options = {} } = body as Many;
  if (!list?.length) return evaluation(api, caller, body);
  if (list.length > MOST) throw problem('AUTHZ.VLD-00010');
  const semantic = options.evaluations_semantic ?? 'execute_all';
  const reading = createReading();
  const pace = createPace();
  const asked: Part[] = [];
  for (const own of list) {
    await pace();
    asked.push(part(body, own, reading));
  }
  const questions = asked.flatMap(({ question: one }) =>
    one instanceof Fault ? [] : [askedBy(caller, one)],
  );
  const end = beginAsking(api, caller, questions.length);
  const answers = await counting(api, caller, questions, () =>
    decideAll(api.act, questions),
  ).finally(end);
  const results: Evaluated[] = [];
  let next = 0;
  for (const { request, question: one } of asked) {
    await pace();
    const result = one instanceof Fault ? failed(one) : each(request, one, answers[next++]!);
    results.push(result);
    if (semantic === 'deny_on_first_deny' && !result.decision) break;
    if (semantic === 'permit_on_first_permit' && result.decision) break;
  }
  return reply(listBody('evaluations', results));

  /** Another's resource fails by itself; what is the asker's own is answered. */
  function each(request: AskedEvaluation, one: NamedQuestion, answer: Decided): Evaluated {
    const fault = foreign(caller, answer);
    return fault ? failed(fault) : tell(api, caller, request, one, answer);
  }
}

const failed = ({ status, code, message, members }: Fault): Evaluated => ({
  decision: false,
  context: { error: { status, code, message, ...members } },
});

interface Many extends AskedEvaluation {
  evaluations?: unknown[];
  options?: { evaluations_semantic?: string };
}
interface Evaluated {
  decision: boolean;
  context: unknown;
}
