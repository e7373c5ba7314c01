// Our own API for mandates, with what the contract has no place for: time, evidence, whether it may
// be passed on, when it was last used, changing in place, suspending; and the log and the notices
// of a party. Given: from; received: to.
import { statusOf } from '../mandate/model.ts';
import { currentCatalogue } from '../resource/catalogue.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { readDecisions } from '../decision/log_store.ts';
import { NO_ID } from '../decision/search.ts';
import { MANDATE_EVENTS } from '../event/model.ts';
import { readHistory } from '../event/store.ts';
import { findMandate, listMandates, type MandateRow } from '../mandate/delegation_store.ts';
import { anyPartyName, type Party, type PartyName } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import type { Catalogue } from '../resource/catalogue_model.ts';
import { instanceName, isInstanceName, packageCode, packageUrn } from '../resource/policy_model.ts';
import { mayAdminister, mayManageReceived, mustAdminister, type Actor } from './authority.ts';
import { hasStanding } from './check.ts';
import { changeOne, endMandate, resume, sideOf, suspend } from './end.ts';
import { actorOf, ENDUSER, flagParameter, personByName, type DelegationApi } from './enduser.ts';
import { asActor, givePackage, giveRights, type Given } from './give.ts';
import { listNotices, markNoticeRead } from './notice_store.ts';
import { invalid, problem } from './problems.ts';
import { findRelation } from './relation_store.ts';

const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const PAGE = 200;

export function mandateRoutes(api: DelegationApi): Router {
  const router = new Router();
  const rows: [
    'get' | 'post' | 'patch' | 'delete',
    string,
    string,
    (ctx: Context, api: DelegationApi) => Promise<void>,
  ][] = [
    ['get', '/access/v1/mandates', 'mandates', getMandates],
    ['post', '/access/v1/mandates', 'mandate_give', postMandate],
    ['get', '/access/v1/mandates/:id', 'mandate', getMandate],
    ['patch', '/access/v1/mandates/:id', 'mandate_change', patchMandate],
    ['delete', '/access/v1/mandates/:id', 'mandate_end', deleteMandate],
    ['post', '/access/v1/mandates/:id/suspend', 'mandate_suspend', postSuspend(true)],
    ['post', '/access/v1/mandates/:id/resume', 'mandate_resume', postSuspend(false)],
    ['get', '/access/v1/log/decisions', 'decision_log', getDecisions],
    ['get', '/access/v1/log/events', 'mandate_events', getEvents],
    ['get', '/access/v1/notices', 'notices', getNotices],
    ['post', '/access/v1/notices/:id/read', 'notice_read', postRead],
  ];
  for (const [method, path, route, handler] of rows)
    router[method](path, named(route), api.bearer.scope(ENDUSER), (ctx: Context) =>
      handler(ctx, api),
    );
  return router;
}

/**
 * A party by URN, number or UUID; undefined for one that is not known, which nobody without
 * standing may find out. A person by number or user name is oneself or refused: else numbers could
 * be tried until one fits.
 */
async function partyIn(
  point: DelegationApi['point'],
  actor: Actor,
  text: unknown,
  path: string,
): Promise<Party | undefined> {
  const name = nameIn(text, path);
  const party = await findParty(point.db, name);
  if (
    (name.by === 'person' || name.by === 'username' || name.by === 'userId') &&
    party?.id !== actor.party
  )
    throw invalid(['TIL.VLD-00006', path]);
  return party;
}

function nameIn(text: unknown, path: string): PartyName {
  const name = typeof text === 'string' ? anyPartyName(text) : undefined;
  if (!name)
    throw invalid([text === undefined || text === null ? 'STD.VLD-00000' : 'TIL.VLD-00001', path]);
  return name;
}

/**
 * Who gets it. A person is named by number or user name together with the last name, or by id where
 * there is a relation already.
 */
async function receiverIn(
  point: DelegationApi['point'],
  actor: Actor,
  from: string,
  { to, lastName }: Record<string, unknown>,
): Promise<Party> {
  const name = nameIn(to, '/to');
  if (name.by === 'person' || name.by === 'username') {
    if (typeof lastName !== 'string' || !lastName) throw invalid(['STD.VLD-00000', '/lastName']);
    return personByName(point.db, actor, { personIdentifier: name.value, lastName }, '/to');
  }
  const party = await findParty(point.db, name);
  if (!party) throw invalid(['AM.VLD-00006', '/to']);
  const isPerson = party.kind === 'person' || party.kind === 'self_identified';
  if (
    isPerson &&
    party.id !== actor.party &&
    !(await findRelation(point.db, from, party.id, 'rightholder'))
  )
    throw problem('AM-00024');
  return party;
}

function dto(mandate: MandateRow, catalogue: Catalogue, now: Date) {
  const source = mandate.role === null ? null : (catalogue.roles.get(mandate.role)?.source ?? null);
  const party = (id: string, name: string, kind: string) => ({ id, name, kind });
  return {
    id: mandate.id,
    from: party(mandate.from, mandate.fromName, mandate.fromKind),
    to: party(mandate.to, mandate.toName, mandate.toKind),
    basis: mandate.basis,
    ...(mandate.role === null
      ? {}
      : { role: mandate.role, source: source && catalogue.sources.get(source) }),
    ...(mandate.package === null ? {} : { package: packageUrn(mandate.package) }),
    ...(mandate.resource === null
      ? {}
      : { resource: mandate.resource, actions: mandate.actions, instance: mandate.instance }),
    validFrom: mandate.validFrom,
    validTo: mandate.validTo,
    endedAt: mandate.endedAt,
    suspendedAt: mandate.suspendedAt,
    mayPassOn: mandate.mayPassOn,
    givenBy: mandate.givenBy && {
      id: mandate.givenBy,
      name: mandate.givenByName,
      role: mandate.givenRole,
    },
    givenAt: mandate.givenAt,
    evidence: mandate.evidence,
    through: mandate.through && {
      mandate: mandate.through,
      party: mandate.via,
      name: mandate.viaName,
    },
    lastUsedAt: mandate.lastUsedAt,
    status: statusOf(mandate, now),
  };
}

async function getMandates(ctx: Context, { point }: DelegationApi): Promise<void> {
  const actor = actorOf(ctx);
  const now = clock.now();
  const [from, to] = [queryParameter(ctx, 'from'), queryParameter(ctx, 'to')];
  if (!from && !to) throw invalid(['STD.VLD-00000', '$QUERY/from']);
  const giver = from ? await partyIn(point, actor, from, '$QUERY/from') : undefined;
  const receiver = to ? await partyIn(point, actor, to, '$QUERY/to') : undefined;
  const mayGiver =
    giver !== undefined &&
    (actor.party === giver.id || (await mayAdminister(point, actor, giver.id, 'access', now)));
  if (!mayGiver && !(receiver && (await mayManageReceived(point, actor, receiver, now))))
    throw fault('TIL-00008', { because: 'neither side' });
  const after = queryParameter(ctx, 'after');
  if (after !== undefined && !isUuid(after)) throw invalid(['TIL.VLD-00001', '$QUERY/after']);
  const rows = await listMandates(
    point.db,
    {
      from: from ? (giver?.id ?? NO_ID) : null,
      to: to ? (receiver?.id ?? NO_ID) : null,
      ended: flagParameter(ctx, 'ended', false),
      limit: PAGE,
      ...(after ? { after } : {}),
    },
    now,
  );
  const catalogue = await currentCatalogue(point);
  const shown = rows.filter(
    (mandate) =>
      !catalogue.isSecret(mandate.role) || [mandate.from, mandate.to].includes(actor.party),
  );
  ctx.body = {
    data: shown.map((mandate) => dto(mandate, catalogue, now)),
    links: { next: rows.length === PAGE ? nextLink(ctx, 'after', rows.at(-1)!.id) : null },
  };
}

function nextLink(ctx: Context, name: 'after' | 'before', id: string): string {
  const query = new URLSearchParams(ctx.URL.searchParams);
  query.set(name, id);
  return `${ctx.path}?${query}`;
}

async function postMandate(ctx: Context, { point }: DelegationApi): Promise<void> {
  const actor = actorOf(ctx);
  const body = ((await readJson(ctx)) ?? {}) as Record<string, unknown>;
  const giver = await partyIn(point, actor, body.from, '/from');
  if (!giver || !(await hasStanding(point, actor, giver.id, clock.now())))
    throw problem('AM-00028', { because: 'no standing' });
  const gift = {
    place: '' as const,
    from: giver.id,
    to: (await receiverIn(point, actor, giver.id, body)).id,
    validFrom: instant(body.validFrom, '/validFrom'),
    validTo: instant(body.validTo, '/validTo'),
    mayPassOn: flag(body.mayPassOn, '/mayPassOn'),
    evidence: evidenceIn(body.evidence),
  };
  if ((body.package === undefined) === (body.resource === undefined))
    throw invalid([body.package === undefined ? 'AM.VLD-00038' : 'AM.VLD-00046', '/package']);
  let given: Given;
  if (body.package !== undefined)
    given = await givePackage(
      point,
      asActor(point, actor),
      gift,
      packageCode(String(body.package)),
    );
  else {
    const actions = actionsIn(body.actions);
    const instance = typeof body.instance === 'string' ? instanceName(body.instance) : null;
    if (
      body.instance !== undefined &&
      body.instance !== null &&
      (instance === null || !isInstanceName(instance))
    )
      throw invalid(['AM.VLD-00047', '/instance']);
    given = await giveRights(
      point,
      asActor(point, actor),
      { ...gift, resource: String(body.resource).toLowerCase(), actions: actions ?? [], instance },
      'add',
    );
  }
  ctx.status = given.changed ? 201 : 200;
  ctx.set('location', `/access/v1/mandates/${given.mandate.id}`);
  ctx.body = {
    ...dto(given.mandate, await currentCatalogue(point), clock.now()),
    changed: given.changed,
  };
}

function instant(value: unknown, path: string): Date | null {
  if (value === undefined || value === null) return null;
  const at =
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value)
      ? new Date(value)
      : undefined;
  if (!at || Number.isNaN(at.getTime())) throw invalid(['TIL.VLD-00001', path]);
  return at;
}

function flag(value: unknown, path: string): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(['TIL.VLD-00001', path]);
  return value;
}

function evidenceIn(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || JSON.stringify(value).length > 2_000)
    throw invalid(['TIL.VLD-00001', '/evidence']);
  return value;
}

function actionsIn(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((action) => typeof action !== 'string' || !action))
    throw invalid(['TIL.VLD-00001', '/actions']);
  return [...new Set(value as string[])];
}

const idOf = (ctx: Context): string => {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw problem('TIL-00020');
  return id;
};

async function getMandate(ctx: Context, { point }: DelegationApi): Promise<void> {
  const actor = actorOf(ctx);
  const now = clock.now();
  const mandate = await findMandate(point.db, idOf(ctx), now);
  const catalogue = await currentCatalogue(point);
  const side = mandate && (await sideOf(point, actor, mandate, now));
  if (
    !mandate ||
    !side ||
    (catalogue.isSecret(mandate.role) && ![mandate.from, mandate.to].includes(actor.party))
  )
    throw problem('TIL-00020');
  ctx.body = dto(mandate, catalogue, now);
}

async function patchMandate(ctx: Context, { point }: DelegationApi): Promise<void> {
  const body = ((await readJson(ctx)) ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(body).find(
    (name) => !['validTo', 'actions', 'mayPassOn'].includes(name),
  );
  if (unknown) throw invalid(['TIL.VLD-00001', `/${unknown.slice(0, 50)}`]);
  const mandate = await changeOne(point, actorOf(ctx), idOf(ctx), {
    validTo: 'validTo' in body ? instant(body.validTo, '/validTo') : undefined,
    actions: actionsIn(body.actions),
    mayPassOn: flag(body.mayPassOn, '/mayPassOn'),
  });
  ctx.body = dto(mandate, await currentCatalogue(point), clock.now());
}

async function deleteMandate(ctx: Context, { point }: DelegationApi): Promise<void> {
  await endMandate(point, actorOf(ctx), idOf(ctx));
  ctx.status = 204;
}

const postSuspend =
  (suspended: boolean) =>
  async (ctx: Context, { point }: DelegationApi): Promise<void> => {
    const mandate = await (suspended ? suspend : resume)(point, actorOf(ctx), idOf(ctx));
    ctx.body = dto(mandate, await currentCatalogue(point), clock.now());
  };

interface Reader {
  party: string;
  actor: string;
  received: boolean;
}

/**
 * Whose log may be read: one's own, and of those one administers for. What a person received from
 * others is nobody else's to see (contract/rights.md C.0).
 */
async function readerOf(ctx: Context, { point }: DelegationApi): Promise<Reader> {
  const actor = actorOf(ctx);
  const text = queryParameter(ctx, 'party');
  if (text === undefined) return { party: actor.party, actor: actor.party, received: true };
  const now = clock.now();
  const party = await partyIn(point, actor, text, '$QUERY/party');
  if (!party) throw fault('TIL-00008', { because: 'unknown party' });
  if (party.id !== actor.party) await mustAdminister(point, actor, party.id, 'access', now);
  return {
    party: party.id,
    actor: actor.party,
    received: await mayManageReceived(point, actor, party, now),
  };
}

/** Notices are about both sides. */
async function noticesOf(ctx: Context, api: DelegationApi): Promise<string> {
  const { party, received } = await readerOf(ctx, api);
  if (!received) throw fault('TIL-00008', { because: 'not the receiver' });
  return party;
}

function time(ctx: Context, name: string): Date | null {
  const value = queryParameter(ctx, name);
  return value === undefined ? null : instant(value.replace(' ', '+'), `$QUERY/${name}`);
}

function limitOf(ctx: Context): number {
  const limit = Number(queryParameter(ctx, 'limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw invalid(['AM.VLD-00009', '$QUERY/limit']);
  return limit;
}

function beforeOf(ctx: Context): string {
  const before = queryParameter(ctx, 'before') ?? HIGHEST;
  if (!isUuid(before)) throw invalid(['AM.VLD-00009', '$QUERY/before']);
  return before;
}

async function getDecisions(ctx: Context, api: DelegationApi): Promise<void> {
  const reader = await readerOf(ctx, api);
  const named = queryParameter(ctx, 'subject');
  const subject =
    named === undefined
      ? null
      : ((await partyIn(api.point, actorOf(ctx), named, '$QUERY/subject'))?.id ?? NO_ID);
  const limit = limitOf(ctx);
  const rows = await readDecisions(api.point.db, {
    ...reader,
    subject,
    resource: queryParameter(ctx, 'resource') ?? null,
    action: queryParameter(ctx, 'action') ?? null,
    outcome: queryParameter(ctx, 'outcome') ?? null,
    since: time(ctx, 'since'),
    until: time(ctx, 'until'),
    before: beforeOf(ctx),
    limit,
  });
  ctx.body = {
    data: rows.map((row) => ({
      id: row.id,
      at: row.at,
      askedBy: row.caller,
      subject: row.subject && { id: row.subject, name: row.subjectName },
      from: row.from_party,
      resource: row.resource_id,
      action: row.action,
      instance: row.instance,
      outcome: row.outcome,
      reason: row.reason,
      mandates: row.mandates,
    })),
    links: { next: rows.length === limit ? nextLink(ctx, 'before', rows.at(-1)!.id) : null },
  };
}

async function getEvents(ctx: Context, api: DelegationApi): Promise<void> {
  const reader = await readerOf(ctx, api);
  const types = ctx.URL.searchParams.getAll('type');
  if (types.some((type) => !MANDATE_EVENTS.includes(type as never)))
    throw invalid(['AM.VLD-00009', '$QUERY/type']);
  const limit = limitOf(ctx);
  const rows = await readHistory(api.point.db, {
    ...reader,
    before: beforeOf(ctx),
    types: types.length ? types : null,
    limit,
  });
  ctx.body = {
    data: rows.map((row) => ({
      id: row.id,
      type: row.type,
      at: row.at,
      mandate: row.mandateId,
      request: row.requestId,
      from: { id: row.from, name: row.fromName },
      to: { id: row.to, name: row.toName },
      by: row.by && { id: row.by, name: row.byName, role: row.byRole },
      detail: row.detail,
    })),
    links: { next: rows.length === limit ? nextLink(ctx, 'before', rows.at(-1)!.id) : null },
  };
}

/** With a mandate that holds, "this was not me" for the giver; the receiver may end it. */
async function getNotices(ctx: Context, api: DelegationApi): Promise<void> {
  const party = await noticesOf(ctx, api);
  const linksOf = (id: string, gave: boolean) =>
    gave ? { suspend: `/access/v1/mandates/${id}/suspend` } : { end: `/access/v1/mandates/${id}` };
  const rows = await listNotices(
    api.point.db,
    party,
    beforeOf(ctx),
    flagParameter(ctx, 'unread', false),
    limitOf(ctx),
  );
  ctx.body = {
    data: rows.map((row) => ({
      id: row.id,
      type: row.type,
      at: row.at,
      readAt: row.readAt,
      mandate: row.mandateId,
      request: row.requestId,
      ...(row.mandateId && row.type === 'mandate_given' && row.from
        ? { links: linksOf(row.mandateId, row.from === party) }
        : {}),
    })),
    links: { next: null },
  };
}

async function postRead(ctx: Context, api: DelegationApi): Promise<void> {
  const party = await noticesOf(ctx, api);
  if (!(await markNoticeRead(api.point.db, idOf(ctx), party, clock.now())))
    throw fault('TIL-00009');
  ctx.status = 204;
}
