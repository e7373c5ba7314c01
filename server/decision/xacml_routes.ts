// POST /authorization/api/v1/authorize and …/decision: XACML 3.0 JSON for enforcement points
// (contract/rights.md C.11). One call, one snapshot, one line in the log for each answer; a service
// owner asks about its own resources only.
import type { DecisionPoint } from './point.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Bearer } from '../caller/bearer.ts';
import type { Caller } from '../caller/model.ts';
import { readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { named } from '../platform/http.ts';
import { createPace, listBody } from '../platform/pace.ts';
import { languageOf } from '../platform/locale.ts';
import { resolveParties } from '../party/store.ts';
import { fault } from '../platform/errors.ts';
import { decideAll, type Decide } from './commands.ts';
import type { DecisionLog } from './log.ts';
import type { Decided } from './model.ts';
import { problem } from './problems.ts';
import { reasonText } from './text.ts';
import { readRequest, told, unbuildable, type Asked, type Unbuildable } from './xacml_model.ts';

export interface DecisionApi {
  point: DecisionPoint;
  bearer: Bearer;
  log: DecisionLog;
  decide: Decide;
  issuer: string;
}

export const AUTHORIZE = 'altinn:authorization/authorize';
export const AUTHORIZE_ANY = 'altinn:authorization/authorize.admin';
export const MOST = 10_000;
export const BODY_LIMIT = 8 * 1024 * 1024;

export function xacmlRoutes(api: DecisionApi): Router {
  const router = new Router();
  const scope = api.bearer.scope(AUTHORIZE, AUTHORIZE_ANY);
  router.post('/authorization/api/v1/authorize', named('authorize'), scope, (ctx) =>
    authorize(ctx, api),
  );
  router.post('/authorization/api/v1/decision', named('authorize'), scope, (ctx) =>
    authorize(ctx, api),
  );
  return router;
}

async function authorize(ctx: Context, api: DecisionApi): Promise<void> {
  const pace = createPace();
  const { asked, wantsPolicyIds } = await readRequest(await readJson(ctx, BODY_LIMIT), pace);
  if (asked.length > MOST) throw problem('AUTHZ.VLD-00010');
  const checked = await oneParty(api.point, asked);
  const questions = checked.flatMap((one) => ('question' in one ? [one.question] : []));
  const answers =
    questions.length === 1
      ? [await api.decide(questions[0]!)]
      : questions.length
        ? await decideAll(api.point, questions, clock.now())
        : [];
  const caller = ctx.state.caller as Caller;
  for (const one of answers) checkOwner(caller, one);
  const language = languageOf(ctx);
  const response: unknown[] = [];
  let next = 0;
  for (const one of checked) {
    await pace();
    if ('question' in one) {
      const found = answers[next++]!;
      api.log.note(callerName(caller), one.question, found);
      response.push(
        told(
          found,
          one.echo,
          reasonText(found.decision, found.facts, found.catalogue, language),
          wantsPolicyIds,
        ),
      );
    } else response.push(unbuildable(one));
  }
  ctx.type = 'json';
  ctx.body = listBody('response', response);
}

/** Several names for a subject or a represented party must be names of one party. */
async function oneParty(
  point: DecisionPoint,
  asked: (Asked | Unbuildable)[],
): Promise<(Asked | Unbuildable)[]> {
  const several = asked.flatMap((one) =>
    'question' in one ? [one.subjects, one.givers].filter((names) => names.length > 1).flat() : [],
  );
  if (!several.length) return asked;
  const ids = await resolveParties(point.db, several);
  const same = (names: Asked['subjects']) =>
    names.length < 2 ||
    new Set(names.map((name) => ids.get(`${name.by} ${name.value}`) ?? null)).size === 1;
  return asked.map((one) => {
    if (!('question' in one)) return one;
    if (!same(one.subjects))
      return { why: "the subject's names are not names of one party", status: 'processing-error' };
    return same(one.givers)
      ? one
      : {
          why: "the represented party's names are not names of one party",
          status: 'processing-error',
        };
  });
}

/**
 * 403 when an organisation without the wider scope asks about another's resource
 * (contract/rights.md A.2 row 1).
 */
export function checkOwner(caller: Caller, { resource }: Pick<Decided, 'resource'>): void {
  if (caller.scopes.has(AUTHORIZE_ANY)) return;
  if (caller.kind !== 'organization') throw fault('TIL-00008');
  if (resource && resource.ownerNo !== caller.organizationNo)
    throw problem('AUTHZ.VLD-00001', { because: resource.id });
}

export const callerName = (caller: Caller) =>
  caller.kind === 'organization'
    ? caller.organizationNo
    : caller.kind === 'person'
      ? caller.party
      : 'system';
