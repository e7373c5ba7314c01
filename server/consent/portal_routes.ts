// The portal's operations as JSON, under both path families (contract/consent.md §1.5–1.6,
// contract/settled.md): one row per act, `AM-` codes, parties by UUID. The caller is a person with
// a token; it knows no page.
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Caller, PersonCaller } from '../caller/model.ts';
import * as decision from '../decision/commands.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { isLanguage, type Language } from '../platform/locale.ts';
import { invalidToken } from '../caller/model.ts';
import {
  approve,
  countReadable,
  mayAnswer,
  mayRead,
  readable,
  reject,
  withdraw,
} from './answer.ts';
import { portalDto, type Consent } from './model.ts';
import { problem, validationProblem } from './problems.ts';
import { viewUri, type ConsentApi } from './routes.ts';
import { findConsent, listConsents, type ListKind } from './store.ts';
import { shownText, textHash } from './text.ts';

const LIST_LIMIT = 500;

type Handler = (ctx: Context, api: ConsentApi, person: PersonCaller) => Promise<void>;

export function portalRoutes(api: ConsentApi): Router {
  const router = new Router();
  const scope = api.bearer.scope('altinn:portal/enduser');
  const bff = '/accessmanagement/api/v1/bff';
  const own = '/accessmanagement/api/v1/consent';
  const rows: ['get' | 'post', string[], string, Handler][] = [
    ['get', [`${own}/request/:id`, `${bff}/consentrequests/:id`], 'portal_request', getRequest],
    [
      'post',
      [`${own}/request/:id/approve`, `${bff}/consentrequests/:id/accept`],
      'portal_approve',
      postApprove,
    ],
    [
      'post',
      [`${own}/request/:id/reject`, `${bff}/consentrequests/:id/reject`],
      'portal_reject',
      postReject,
    ],
    ['get', [`${own}/active/:party`], 'portal_active', getList('active')],
    [
      'get',
      [`${own}/log/:party`, `${bff}/consentrequests/list/:party`],
      'portal_log',
      getList('all'),
    ],
    [
      'get',
      [`${own}/count/:party`, `${bff}/consentrequests/count/:party`],
      'portal_count',
      getCount,
    ],
    ['get', [`${own}/:id`, `${bff}/consents/:id`], 'portal_consent', getConsent],
    ['post', [`${own}/:id/revoke`, `${bff}/consents/:id/revoke`], 'portal_withdraw', postWithdraw],
  ];
  // The longer paths first: `/:id` would take `count` for a consent.
  for (const [method, paths, route, handler] of rows) {
    for (const path of paths) {
      router[method](path, named(route), scope, (ctx: Context) => handler(ctx, api, person(ctx)));
    }
  }
  return router;
}

function person(ctx: Context): PersonCaller {
  const caller = ctx.state.caller as Caller;
  if (caller.kind !== 'person') throw invalidToken('no person in the token');
  return caller;
}

function idOf(ctx: Context): string {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  return id;
}

const dto = (consent: Consent, api: ConsentApi) =>
  portalDto(consent, viewUri(api.issuer, consent.id), clock.now());

/** The request, for one who may answer it now or has. */
async function getRequest(
  ctx: Context,
  api: ConsentApi,
  { party, level }: PersonCaller,
): Promise<void> {
  const consent = await findConsent(api.point.db, idOf(ctx));
  if (!consent) throw problem('AM-00001');
  const answer = await mayAnswer(
    api.point,
    consent,
    { party, level: Math.max(level, 4) },
    clock.now(),
  );
  if (!answer.permit && consent.answeredBy?.id !== party)
    throw problem('AM-00000', { because: answer.reason });
  ctx.body = dto(consent, api);
}

async function getConsent(ctx: Context, api: ConsentApi, { party }: PersonCaller): Promise<void> {
  const consent = await findConsent(api.point.db, idOf(ctx));
  if (!consent) throw problem('AM-00001');
  if (!(await mayRead(api.point, consent, party, clock.now()))) throw problem('AM-00000');
  ctx.body = dto(consent, api);
}

async function postApprove(ctx: Context, api: ConsentApi, caller: PersonCaller): Promise<void> {
  const id = idOf(ctx);
  const language = readLanguage(await readJson(ctx));
  const consent = await approve(api.point, id, caller, (request) => {
    const text = shownText(request, language, clock.now());
    return { language, shownBy: 'portal', hash: textHash(text), text };
  });
  api.metrics.consents.inc({ act: 'approved' });
  ctx.body = dto(consent, api);
}

function readLanguage(body: unknown): Language {
  const members = Object.entries(body && typeof body === 'object' ? body : {});
  const language = members.find(([name]) => name.toLowerCase() === 'language')?.[1];
  if (language == null) throw validationProblem([{ code: 'STD.VLD-00000', path: 'Context' }]);
  if (!isLanguage(language))
    throw validationProblem([{ code: 'TIL.VLD-00001', path: '/language' }]);
  return language;
}

async function postReject(ctx: Context, api: ConsentApi, caller: PersonCaller): Promise<void> {
  const consent = await reject(api.point, idOf(ctx), caller);
  api.metrics.consents.inc({ act: 'rejected' });
  ctx.body = dto(consent, api);
}

async function postWithdraw(ctx: Context, api: ConsentApi, { party }: PersonCaller): Promise<void> {
  const consent = await withdraw(api.point, idOf(ctx), party);
  api.metrics.consents.inc({ act: 'withdrawn' });
  ctx.body = dto(consent, api);
}

/** A party's overview: one's own, or of one that the person answers for; else 403. */
async function overviewParty(ctx: Context, api: ConsentApi, caller: PersonCaller): Promise<string> {
  const { party } = ctx.params as { party: string };
  if (!isUuid(party)) throw fault('TIL-00009');
  if (!(await decision.mayOverview(api.point, caller.party, party, clock.now())))
    throw problem('AM-00000');
  return party;
}

function getList(kind: ListKind): Handler {
  return async (ctx, api, caller) => {
    const party = await overviewParty(ctx, api, caller);
    const offset = Number(queryParameter(ctx, 'offset') ?? 0);
    if (!Number.isInteger(offset) || offset < 0 || offset > 1_000_000) {
      throw validationProblem([{ code: 'TIL.VLD-00001', path: '$QUERY/offset' }]);
    }
    const now = clock.now();
    const consents = await listConsents(
      api.point.db,
      { party, kind, viewModes: ['hide', 'show'], limit: LIST_LIMIT, offset },
      now,
    );
    const own = await readable(api.point, consents, caller.party, now);
    // What was asked by link only is not listed while it waits.
    ctx.body = own
      .filter((consent) => consent.state !== 'requested' || consent.portalViewMode === 'show')
      .map((consent) => dto(consent, api));
  };
}

async function getCount(ctx: Context, api: ConsentApi, caller: PersonCaller): Promise<void> {
  const party = await overviewParty(ctx, api, caller);
  const { active, waiting } = await countReadable(api.point, party, caller.party, clock.now());
  ctx.body = JSON.stringify(
    queryParameter(ctx, 'status')?.toLowerCase() === 'accepted' ? active : waiting,
  );
  ctx.type = 'application/json';
}
