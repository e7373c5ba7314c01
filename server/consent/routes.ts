// The consent API for machines: the enterprise operations and the lookup of an outside token issuer
// (contract/consent.md §1.1–1.4, §3). Rows of guards and a handler each; it knows no page.
import type { DecisionPoint } from '../decision/point.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Bearer } from '../caller/bearer.ts';
import type { Caller, OrganizationCaller } from '../caller/model.ts';
import { invalidToken } from '../caller/model.ts';
import { EVENT_TYPES, WIRE_EVENT, type EventType } from '../event/model.ts';
import { readFeed } from '../event/store.ts';
import { parsePartyUrn } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { isUuid, uuidv7Floor } from '../platform/ids.ts';
import type { Metrics } from '../platform/metrics.ts';
import { requestConsent } from './request.ts';
import openapi from './openapi.json' with { type: 'json' };
import { enterpriseDto, instant, type Consent } from './model.ts';
import { Findings, problem, validationProblem, type ValidationCode } from './problems.ts';
import { lookUp } from './redeem.ts';
import { parseDraft } from './draft.ts';
import { findConsent } from './store.ts';

export interface ConsentApi {
  point: DecisionPoint;
  bearer: Bearer;
  metrics: Metrics;
  issuer: string;
  eventPageSize: number;
  eventMinimumAgeSeconds: number;
}

const WRITE = ['altinn:consentrequests.write', 'altinn:consentrequests.org'];
const READ = ['altinn:consentrequests.read', ...WRITE];
const NIL = '00000000-0000-0000-0000-000000000000';

export const viewUri = (issuer: string, id: string) => `${issuer}/consent/request?id=${id}`;

export function consentRoutes(api: ConsentApi): Router {
  const router = new Router();
  const base = '/accessmanagement/api/v1';
  const requests = `${base}/enterprise/consentrequests`;
  router.post(requests, named('consent_ask'), api.bearer.scope(...WRITE), (ctx) =>
    postRequest(ctx, api),
  );
  router.get(`${requests}/events`, named('consent_events'), api.bearer.scope(...READ), (ctx) =>
    getEvents(ctx, api),
  );
  router.get(`${requests}/:id`, named('consent_read'), api.bearer.scope(...READ), (ctx) =>
    getRequest(ctx, api),
  );
  router.post(
    `${base}/maskinporten/consent/lookup`,
    named('consent_lookup'),
    api.bearer.scope('altinn:maskinporten/consent.read'),
    (ctx) => postLookup(ctx, api),
  );
  router.get('/openapi.json', named('openapi'), (ctx) => {
    ctx.set('access-control-allow-origin', '*');
    ctx.body = { ...openapi, servers: [{ url: api.issuer }] };
  });
  return router;
}

/** The organisation that calls; a token without one is 401 (contract/consent.md §1.0). */
function organization(ctx: Context): OrganizationCaller {
  const caller = ctx.state.caller as Caller;
  if (caller.kind !== 'organization') throw invalidToken('no consumer claim');
  return caller;
}

async function postRequest(ctx: Context, api: ConsentApi): Promise<void> {
  const caller = organization(ctx);
  const findings = new Findings();
  const draft = parseDraft(await readJson(ctx), findings, clock.now());
  findings.throwIfAny();
  const { consent, replayed } = await requestConsent(
    api.point,
    {
      organizationNo: caller.organizationNo,
      supplierNo: caller.supplierNo,
      mayAskForOthers: caller.scopes.has('altinn:consentrequests.org'),
    },
    draft!,
  );
  ctx.status = replayed ? 200 : 201;
  ctx.set(
    'location',
    `${api.issuer}/accessmanagement/api/v1/enterprise/consentrequests/${consent.id}`,
  );
  if (replayed) ctx.set('idempotent-replayed', 'true');
  else api.metrics.consents.inc({ act: 'requested' });
  ctx.body = enterpriseDto(consent, viewUri(api.issuer, consent.id), clock.now());
}

async function getRequest(ctx: Context, api: ConsentApi): Promise<void> {
  const caller = organization(ctx);
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  const consent = await findConsent(api.point.db, id);
  if (!consent) throw problem('AM-00001');
  if (!isPartyTo(consent, caller.organizationNo)) throw problem('AM-00000');
  ctx.body = enterpriseDto(consent, viewUri(api.issuer, consent.id), clock.now());
}

const isPartyTo = (consent: Consent, organizationNo: string) =>
  consent.to.organizationNo === organizationNo ||
  consent.handledBy?.organizationNo === organizationNo;

async function getEvents(ctx: Context, api: ConsentApi): Promise<void> {
  const caller = organization(ctx);
  const party = await findParty(api.point.db, { by: 'organization', value: caller.organizationNo });
  if (!party) throw problem('AM-00003', { members: { orgnr: caller.organizationNo } });
  const errors: { code: ValidationCode; path: string }[] = [];
  const createdAfter = instantParameter(ctx, 'createdAfter', errors);
  const createdBefore = instantParameter(ctx, 'createdBefore', errors);
  if (createdAfter && createdBefore && createdAfter >= createdBefore) {
    errors.push({ code: 'AM.VLD-00051', path: '$QUERY/createdAfter' });
  }
  const types = eventTypes(ctx.URL.searchParams.getAll('eventType'), errors);
  const consentId = queryParameter(ctx, 'consentRequestId') ?? null;
  if (consentId !== null && !isUuid(consentId))
    errors.push({ code: 'TIL.VLD-00001', path: '$QUERY/consentRequestId' });
  const token = queryParameter(ctx, 'continuationToken');
  const after = token === undefined ? NIL : readCursor(token);
  if (!after) errors.push({ code: 'AM.VLD-00053', path: '$QUERY/continuationToken' });
  if (errors.length) throw validationProblem(errors);
  const before = uuidv7Floor(
    new Date(clock.now().getTime() - api.eventMinimumAgeSeconds * 1000 + 1),
  );
  const rows = await readFeed(api.point.db, {
    party: party.id,
    after: after!,
    before,
    types,
    createdAfter,
    createdBefore,
    consentId,
    limit: api.eventPageSize,
  });
  const cursor = writeCursor(rows.at(-1)?.id ?? after!);
  ctx.body = {
    links: { next: rows.length === api.eventPageSize ? nextLink(ctx, api, cursor) : null },
    cursor,
    data: rows.map((row) => ({
      consentRequestId: row.consentId,
      eventType: WIRE_EVENT[row.type],
      changedDate: instant(row.at),
      eventId: row.id,
    })),
  };
}

/** The same call from the end of this page: every filter kept. */
function nextLink(ctx: Context, api: ConsentApi, cursor: string): string {
  const query = new URLSearchParams(ctx.URL.searchParams);
  query.delete('pageSize');
  query.set('continuationToken', cursor);
  return `${api.issuer}/accessmanagement/api/v1/enterprise/consentrequests/events?${query}`;
}

function instantParameter(
  ctx: Context,
  name: string,
  errors: { code: ValidationCode; path: string }[],
): Date | null {
  const raw = queryParameter(ctx, name);
  if (raw === undefined || raw === '') return null;
  // A `+` of the offset arrives as a space when a client did not encode it.
  const at = new Date(raw.replace(' ', '+'));
  if (/^\d{4}-\d{2}-\d{2}/.test(raw) && !Number.isNaN(at.getTime())) return at;
  errors.push({ code: 'TIL.VLD-00001', path: `$QUERY/${name}` });
  return null;
}

/** Stored types for the wire's names, in any case; `deleted` is known and never happens. */
function eventTypes(
  names: string[],
  errors: { code: ValidationCode; path: string }[],
): EventType[] {
  if (!names.length) return [...EVENT_TYPES];
  return names.flatMap((name) => {
    const lower = name.toLowerCase();
    if (lower === 'deleted') return [];
    const type = EVENT_TYPES.find((candidate) => WIRE_EVENT[candidate].toLowerCase() === lower);
    if (!type) errors.push({ code: 'AM.VLD-00052', path: '$QUERY/eventType' });
    return type ?? [];
  });
}

const writeCursor = (id: string) =>
  Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

function readCursor(token: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{22}(==)?$/.test(token)) return undefined;
  const hex = Buffer.from(token, 'base64url').toString('hex');
  return hex.length === 32
    ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : undefined;
}

async function postLookup(ctx: Context, api: ConsentApi): Promise<void> {
  const body = await readJson(ctx);
  const members = new Map(
    Object.entries(body && typeof body === 'object' ? body : {}).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  const errors: { code: ValidationCode; path: string }[] = [];
  const id = members.get('id');
  const from = parsePartyUrn(members.get('from'));
  const to = parsePartyUrn(members.get('to'));
  for (const [name, value] of [
    ['id', isUuid(id)],
    ['from', from],
    ['to', to],
  ] as const) {
    if (value) continue;
    errors.push({
      code: members.get(name) == null ? 'STD.VLD-00000' : 'TIL.VLD-00001',
      path: `/${name}`,
    });
  }
  if (errors.length) throw validationProblem(errors);
  const receiver = await findParty(api.point.db, to!);
  const found = await lookUp(
    api.point.db,
    id as string,
    from!,
    (facts) =>
      receiver?.organizationNo != null &&
      (facts.toNo === receiver.organizationNo || facts.handledByNo === receiver.organizationNo),
  );
  const urn = (no: string) => `urn:altinn:organization:identifier-no:${no}`;
  ctx.body = {
    id: found.id,
    from: found.from,
    to: urn(found.toNo),
    handledBy: found.handledByNo && urn(found.handledByNo),
    consented: instant(found.consented),
    validTo: instant(found.validTo),
    consentRights: found.rights,
  };
}
