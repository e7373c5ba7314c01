// AuthZEN Authorization API 1.0 (final, January 2026): evaluation, evaluations with their three
// semantics, the searches, and metadata. The same questions and the same answers as XACML gets, in
// other words.
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import { acrOf, levelOf, type Caller } from '../caller/model.ts';
import { readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { Fault, fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { createPace, listBody } from '../platform/pace.ts';
import {
  acrIn,
  createReading,
  faultIn,
  idOf,
  isType,
  kindsOf,
  questionOf,
  WHOLE,
  withDefaults,
  type Reading,
} from './authzen_model.ts';
import { decideAll } from './commands.ts';
import type { Decided, Decision, NamedQuestion } from './model.ts';
import { problem } from './problems.ts';
import { NO_ID, whatCan, whichActions, whoCan } from './search.ts';
import { reasonTexts } from './text.ts';
import {
  AUTHORIZE,
  AUTHORIZE_ANY,
  BODY_LIMIT,
  callerName,
  checkOwner,
  MOST,
  type DecisionApi,
} from './xacml_routes.ts';

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
const PAGE = { standard: 100, most: 1_000 };

export function authzenRoutes(api: DecisionApi): Router {
  const router = new Router();
  const scope = api.bearer.scope(AUTHORIZE, AUTHORIZE_ANY);
  const rows: [
    string,
    (ctx: Context, api: DecisionApi, body: Record<string, unknown>) => Promise<void>,
  ][] = [
    ['/access/v1/evaluation', evaluation],
    ['/access/v1/evaluations', evaluations],
    ['/access/v1/search/subject', searchSubject],
    ['/access/v1/search/resource', searchResource],
    ['/access/v1/search/action', searchAction],
  ];
  for (const [path, handler] of rows) {
    const route = `authzen${path.slice('/access/v1'.length).replaceAll('/', '_')}`;
    router.post(path, named(route), echoRequestId, scope, async (ctx) =>
      handler(ctx, api, await readBody(ctx)),
    );
  }
  router.get('/.well-known/authzen-configuration', named('authzen_metadata'), (ctx) => {
    ctx.set('access-control-allow-origin', '*');
    ctx.body = {
      policy_decision_point: api.issuer,
      access_evaluation_endpoint: `${api.issuer}/access/v1/evaluation`,
      access_evaluations_endpoint: `${api.issuer}/access/v1/evaluations`,
      search_subject_endpoint: `${api.issuer}/access/v1/search/subject`,
      search_resource_endpoint: `${api.issuer}/access/v1/search/resource`,
      search_action_endpoint: `${api.issuer}/access/v1/search/action`,
    };
  });
  return router;
}

/** AuthZEN §10.1.3: the caller's own id for the request comes back, also with an error. */
function echoRequestId(ctx: Context, next: Next) {
  const id = ctx.get('x-request-id');
  if (/^[\x21-\x7e]{1,200}$/.test(id)) ctx.set('x-request-id', id);
  return next();
}

/** AuthZEN §10.1.4: every body that is not a JSON object is 400, whatever it is instead. */
async function readBody(ctx: Context): Promise<Record<string, unknown>> {
  if (!ctx.is('application/json')) throw fault('TIL-00014', { because: 'content type' });
  const body = await readJson(ctx, BODY_LIMIT);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw malformed('/');
  return body as Record<string, unknown>;
}

const malformed = (path: string) => problem('AUTHZ.VLD-00011', { members: { paths: [path] } });

function question(
  request: Record<string, unknown>,
  required: string[],
  reading = createReading(),
): NamedQuestion {
  const path = faultIn(request, required, reading);
  if (path) throw malformed(path);
  const asked = questionOf(request, reading);
  if ('path' in asked) throw malformed(asked.path);
  const acr = acrIn(request);
  const level = acr === undefined ? undefined : levelOf(acr);
  if (acr !== undefined && level === undefined) throw malformed('/subject/properties/acr');
  return level === undefined ? asked : { ...asked, level };
}

async function evaluation(
  ctx: Context,
  api: DecisionApi,
  body: Record<string, unknown>,
): Promise<void> {
  const asked = question(body, WHOLE);
  ctx.body = tell(ctx, api, body, asked, await api.decide(asked));
}

/** What is not of the type that the question says is not known. */
function typed(request: Record<string, unknown>, found: Decided): Decided {
  const type = (name: string) => (request[name] as { type: string }).type;
  const kinds = kindsOf(type('subject'));
  const { subject } = found.facts;
  const wrongSubject =
    subject && (kinds === undefined || (kinds !== null && !kinds.includes(subject.kind)));
  const wrongResource = found.resource && !isType(type('resource'), found.resource.type);
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
  ctx: Context,
  api: DecisionApi,
  request: Record<string, unknown>,
  asked: NamedQuestion,
  given: Decided,
) {
  const found = typed(request, given);
  const caller = ctx.state.caller as Caller;
  checkOwner(caller, found);
  const { decision, facts, catalogue, policy } = found;
  const id = api.log.note(callerName(caller), asked, found);
  return {
    decision: decision.permit,
    context: {
      id,
      reason: decision.reason,
      reason_user: reasonTexts(decision, facts, catalogue),
      reason_admin: { en: adminText(decision) },
      mandates: decision.mandates,
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
  ctx: Context,
  api: DecisionApi,
  body: Record<string, unknown>,
): Promise<void> {
  const list = body.evaluations;
  if (list === undefined || (Array.isArray(list) && list.length === 0))
    return evaluation(ctx, api, body);
  if (!Array.isArray(list)) throw malformed('/evaluations');
  if (list.length > MOST) throw problem('AUTHZ.VLD-00010');
  const wanted =
    (body.options as { evaluations_semantic?: unknown } | undefined)?.evaluations_semantic ??
    'execute_all';
  const semantic = SEMANTICS.find((known) => known === wanted);
  if (!semantic) throw malformed('/options/evaluations_semantic');
  const reading = createReading();
  const shared = faultIn(body, [], reading);
  if (shared) throw malformed(shared);
  const pace = createPace();
  const asked: { request: Record<string, unknown>; question: NamedQuestion | Fault }[] = [];
  for (const own of list) {
    await pace();
    const request = withDefaults(body, own) as Record<string, unknown>;
    asked.push({ request, question: read(request, reading) });
  }
  const answers = await decideAll(
    api.point,
    asked.flatMap(({ question: one }) => (one instanceof Fault ? [] : [one])),
    clock.now(),
  );
  for (const one of answers) checkOwner(ctx.state.caller as Caller, one);
  const results: Evaluated[] = [];
  let next = 0;
  for (const { request, question: one } of asked) {
    await pace();
    const result: Evaluated =
      one instanceof Fault
        ? {
            decision: false,
            context: {
              error: { status: one.status, code: one.code, message: one.message, ...one.members },
            },
          }
        : tell(ctx, api, request, one, answers[next++]!);
    results.push(result);
    if (semantic === 'deny_on_first_deny' && !result.decision) break;
    if (semantic === 'permit_on_first_permit' && result.decision) break;
  }
  ctx.type = 'json';
  ctx.body = listBody('evaluations', results);
}

interface Evaluated {
  decision: boolean;
  context: unknown;
}

/** The question, or what is wrong with it: one that is malformed fails by itself. */
function read(request: Record<string, unknown>, reading: Reading): NamedQuestion | Fault {
  try {
    return question(request, WHOLE, reading);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

interface Paging {
  after: string;
  limit: number;
}

function paging(
  body: Record<string, unknown>,
  isCursor: (text: string) => boolean,
  start: string,
): Paging {
  const page = (body.page ?? {}) as { limit?: unknown; token?: unknown };
  if (page === null || typeof page !== 'object' || Array.isArray(page)) throw malformed('/page');
  if (page.limit !== undefined && (!Number.isInteger(page.limit) || (page.limit as number) < 1))
    throw malformed('/page/limit');
  if (page.token !== undefined && typeof page.token !== 'string') throw malformed('/page/token');
  const token = page.token
    ? Buffer.from(page.token as string, 'base64url').toString('utf8')
    : start;
  if (token !== start && !isCursor(token)) throw problem('AUTHZ.VLD-00012');
  return {
    after: token,
    limit: Math.min(PAGE.most, (page.limit as number | undefined) ?? PAGE.standard),
  };
}

const pageOf = (next: string, count: number) => ({
  next_token: next ? Buffer.from(next).toString('base64url') : '',
  count,
});

async function searchSubject(
  ctx: Context,
  api: DecisionApi,
  body: Record<string, unknown>,
): Promise<void> {
  const asked = question(body, ['subject.type', 'action.name', 'resource.type', 'resource.id']);
  const page = paging(body, isUuid, NO_ID);
  const kinds = kindsOf((body.subject as { type: string }).type);
  const [known] = await decideAll(api.point, [{ ...asked, subject: null }], clock.now());
  checkOwner(ctx.state.caller as Caller, known!);
  const isKnown =
    kinds !== undefined &&
    known!.resource &&
    isType((body.resource as { type: string }).type, known!.resource.type);
  const found = isKnown
    ? await whoCan(api.point, asked, { kinds, ...page }, clock.now())
    : { items: [], next: '' };
  const secret = (one: (typeof found.items)[number]) =>
    one.decided.facts.mandates.some(
      (mandate) =>
        one.decided.decision.mandates.includes(mandate.id) &&
        one.decided.catalogue.isSecret(mandate.role),
    );
  const shown = found.items.filter((one) => !secret(one));
  ctx.body = {
    page: pageOf(found.next, shown.length),
    results: shown.map((one) => ({
      type: (body.subject as { type: string }).type,
      id: idOf(one.decided.facts.subject!),
      properties: {
        name: one.name,
        kind: one.kind,
        reason: one.decided.decision.reason,
        ...(one.decided.decision.via ? { via: one.decided.decision.via } : {}),
      },
    })),
  };
}

async function searchResource(
  ctx: Context,
  api: DecisionApi,
  body: Record<string, unknown>,
): Promise<void> {
  const asked = question(body, ['subject.type', 'subject.id', 'action.name', 'resource.type']);
  const page = paging(body, (text) => text.length <= 200, '');
  const caller = ctx.state.caller as Caller;
  const any = caller.scopes.has(AUTHORIZE_ANY);
  if (!any && caller.kind !== 'organization') throw fault('TIL-00008');
  const { type } = body.resource as { type: string };
  const kinds = kindsOf((body.subject as { type: string }).type);
  const found =
    kinds === undefined
      ? { items: [], next: '' }
      : await whatCan(
          api.point,
          asked,
          {
            type: ['resource', 'urn:altinn:resource'].includes(type.toLowerCase()) ? null : type,
            ownerNo: any || caller.kind !== 'organization' ? null : caller.organizationNo,
            ...page,
          },
          clock.now(),
        );
  ctx.body = {
    page: pageOf(found.next, found.items.length),
    results: found.items.map((one) => ({
      type,
      id: one.id,
      properties: { reason: one.decided.decision.reason },
    })),
  };
}

async function searchAction(
  ctx: Context,
  api: DecisionApi,
  body: Record<string, unknown>,
): Promise<void> {
  const asked = question(body, ['subject.type', 'subject.id', 'resource.type', 'resource.id']);
  const now = clock.now();
  const [known] = await decideAll(api.point, [asked], now);
  checkOwner(ctx.state.caller as Caller, known!);
  const kinds = kindsOf((body.subject as { type: string }).type);
  const isKnown =
    kinds !== undefined &&
    known!.resource &&
    isType((body.resource as { type: string }).type, known!.resource.type);
  const found = isKnown ? await whichActions(api.point, asked, now) : [];
  ctx.body = {
    page: pageOf('', found.length),
    results: found.map(({ action, decided }) => ({
      name: action,
      properties: { reason: decided.decision.reason },
    })),
  };
}
