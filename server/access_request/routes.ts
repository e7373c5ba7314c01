// Requests for a right as JSON (contract/rights.md C.4): asked by the one who wants it, or drafted
// by a service owner and confirmed; answered by the giver's administrator. On the wire `from` asks
// and `to` owns; here it is turned around, once.
import Router from '@koa/router';
import type { Context } from 'koa';
import { invalidToken, type Caller } from '../caller/model.ts';
import { anyPartyName } from '../party/model.ts';
import { findParties, findParty } from '../party/store.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { packageId } from '../resource/catalogue_model.ts';
import { actionsOf, packageCode, packageUrn, rightKey } from '../resource/policy_model.ts';
import { findPolicyOf } from '../resource/policy_store.ts';
import { findResources } from '../resource/store.ts';
import { mayAdminister, mayManageReceived, type Actor } from '../delegation/authority.ts';
import { partyDto } from '../delegation/dto_model.ts';
import {
  actorOf,
  ENDUSER,
  requiredUuid,
  uuidParameter,
  type DelegationApi,
} from '../delegation/enduser.ts';
import { invalid, problem } from '../delegation/problems.ts';
import {
  approve,
  askForRight,
  confirm,
  reject,
  requestOf,
  withdrawRequest,
  type Wanted,
} from './commands.ts';
import { listRequests, STATES, type RequestRow, type RequestState } from './store.ts';

const BASE = '/accessmanagement/api/v1';
const SCOPE = 'altinn:accessmanagement/enduser:requests';
const OWNER = 'altinn:serviceowner/delegationrequests';
/** `partly` is ours: to a client that knows five states it is approved. */
const WIRE: Record<RequestState, string> = {
  draft: 'Draft',
  pending: 'Pending',
  approved: 'Approved',
  partly: 'Approved',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
};
type Handler = (ctx: Context, api: DelegationApi) => Promise<void>;

export function requestRoutes(api: DelegationApi): Router {
  const router = new Router();
  const own = `${BASE}/enduser/request`;
  const rows: ['get' | 'post' | 'put', string, string, Handler][] = [
    ['post', '/package', 'request_package', postRequest],
    ['post', '/resource', 'request_resource', postRequest],
    ['get', '', 'request', getRequest],
    ['get', '/sent', 'requests_sent', list('sent', false)],
    ['get', '/sent/count', 'requests_sent', list('sent', true)],
    ['get', '/received', 'requests_got', list('received', false)],
    ['get', '/received/count', 'requests_got', list('received', true)],
    ['put', '/sent/withdraw', 'request_withdraw', putWithdraw],
    ['put', '/received/approve', 'request_approve', putApprove],
    ['put', '/received/reject', 'request_reject', putReject],
    ['get', '/draft', 'request_draft', getDraft],
    ['put', '/draft/confirm', 'request_confirm', putConfirm],
  ];
  for (const [method, path, route, handler] of rows) {
    const scopes =
      method === 'get' ? [ENDUSER, `${SCOPE}.read`, `${SCOPE}.write`] : [ENDUSER, `${SCOPE}.write`];
    router[method](own + path, named(route), api.bearer.scope(...scopes), (ctx: Context) =>
      handler(ctx, api),
    );
  }
  const drafts = `${BASE}/serviceowner/delegationrequests`;
  const write = api.bearer.scope(`${OWNER}.write`);
  router.post(`${drafts}/resource`, named('draft_resource'), write, (ctx) => postDraft(ctx, api));
  router.post(`${drafts}/package`, named('draft_package'), write, (ctx) => postDraft(ctx, api));
  router.get(
    `${drafts}/:id/status`,
    named('draft_status'),
    api.bearer.scope(`${OWNER}.read`, `${OWNER}.write`),
    async (ctx) => {
      const { request } = await written(ctx, api);
      ctx.body = await dto(api, request);
    },
  );
  router.put(`${drafts}/:id/withdraw`, named('draft_withdraw'), write, async (ctx) => {
    const { request, owner } = await written(ctx, api);
    ctx.body = await dto(api, await withdrawRequest(api.point, request, owner));
  });
  return router;
}

async function dto({ point, issuer }: DelegationApi, request: RequestRow) {
  const parties = new Map(
    (await findParties(point.db, [request.from, request.to, request.by], clock.now())).map(
      (party) => [party.id, partyDto(party)],
    ),
  );
  return {
    id: request.id,
    status: WIRE[request.state],
    partly: request.state === 'partly',
    type: request.package === null ? 'resource' : 'package',
    lastUpdated: request.changedAt,
    lastUpdatedBy: request.changedBy,
    resource:
      request.resource === null
        ? null
        : {
            id: request.resource,
            referenceId: request.resource,
            rightKeys: (request.givenActions ?? request.actions ?? []).map((action) =>
              rightKey(request.resource!, action),
            ),
          },
    package:
      request.package === null
        ? null
        : { id: packageId(request.package), referenceId: packageUrn(request.package) },
    links: {
      detailsLink: `${issuer}${BASE}/enduser/request?id=${request.id}`,
      statusLink: `${issuer}${BASE}/serviceowner/delegationrequests/${request.id}/status`,
    },
    from: parties.get(request.to),
    to: parties.get(request.from),
    by: parties.get(request.by),
    validTo: request.validTo,
    redirectUrl: request.redirectUrl,
  };
}

/**
 * Whether the caller stands on that side: gives for the party, or is the one who asks, or an
 * administrator of an organisation that does.
 */
async function stands(
  api: DelegationApi,
  actor: Actor,
  party: string,
  side: 'from' | 'to',
): Promise<boolean> {
  const now = clock.now();
  if (side === 'from')
    return actor.party === party || mayAdminister(api.point, actor, party, 'access', now);
  const asker = await findParty(api.point.db, { by: 'uuid', value: party });
  return asker !== undefined && mayManageReceived(api.point, actor, asker, now);
}

async function mustStand(
  api: DelegationApi,
  ctx: Context,
  party: string,
  side: 'from' | 'to',
): Promise<void> {
  if (!(await stands(api, actorOf(ctx), party, side)))
    throw fault('TIL-00008', { because: 'not that side' });
}

async function postRequest(ctx: Context, api: DelegationApi): Promise<void> {
  const party = requiredUuid(ctx, 'party');
  const from = uuidParameter(ctx, 'from') ?? party;
  const to = requiredUuid(ctx, 'to');
  if (from !== party) throw invalid(['AM.VLD-00009', '$QUERY/party']);
  await mustStand(api, ctx, party, 'to');
  const body = (ctx.is('application/json') ? ((await readJson(ctx)) ?? {}) : {}) as {
    rightKeys?: unknown;
    validTo?: unknown;
  };
  const [code, resource] = [
    queryParameter(ctx, 'package'),
    queryParameter(ctx, 'resource')?.toLowerCase(),
  ];
  const wanted: Wanted = {
    from: to,
    to: party,
    by: actorOf(ctx).party,
    package: code ? packageCode(code) : null,
    resource: resource || null,
    actions:
      resource && body.rightKeys !== undefined
        ? await actionsFor(api, resource, body.rightKeys)
        : null,
    validTo: validToIn(body.validTo),
    redirectUrl: null,
  };
  const request = await askForRight(api.point, wanted, 'pending');
  ctx.status = 201;
  ctx.body = await dto(api, request);
}

function validToIn(value: unknown): Date | null {
  if (value === undefined || value === null) return null;
  const at = new Date(String(value));
  if (Number.isNaN(at.getTime())) throw invalid(['TIL.VLD-00001', '/validTo']);
  if (at <= clock.now()) throw invalid(['AM.VLD-00022', '/validTo']);
  return at;
}

/** Actions for right keys of a resource; AM-00036 for another's. */
async function actionsFor(
  { point }: DelegationApi,
  resource: string,
  keys: unknown,
): Promise<string[] | null> {
  if (!Array.isArray(keys)) throw invalid(['TIL.VLD-00001', '/rightKeys']);
  if (!keys.length) return null;
  const policy = await findPolicyOf(point.db, resource);
  const byKey = new Map(
    (policy ? actionsOf(policy) : []).map((action) => [rightKey(resource, action), action]),
  );
  const actions = keys.map((key) => byKey.get(String(key).toLowerCase()));
  if (actions.includes(undefined)) throw problem('AM-00036');
  return actions as string[];
}

async function mine(
  ctx: Context,
  api: DelegationApi,
  side: 'from' | 'to' | 'either',
): Promise<RequestRow> {
  const id = uuidParameter(ctx, 'id');
  if (!id) throw invalid(['STD.VLD-00000', '$QUERY/id']);
  const request = await requestOf(api.point, id);
  const actor = actorOf(ctx);
  const party =
    uuidParameter(ctx, 'party') ?? (actor.party === request.to ? request.to : request.from);
  if (![request.from, request.to].includes(party)) throw problem('AM-00031');
  if (side !== 'either' && request[side] !== party) throw invalid(['AM.VLD-00044', '$QUERY/party']);
  if (!(await stands(api, actor, party, party === request.to ? 'to' : 'from')))
    throw problem('AM-00031');
  return request;
}

async function getRequest(ctx: Context, api: DelegationApi): Promise<void> {
  ctx.body = await dto(api, await mine(ctx, api, 'either'));
}

function list(side: 'sent' | 'received', countOnly: boolean): Handler {
  return async (ctx, api) => {
    const party = requiredUuid(ctx, 'party');
    await mustStand(api, ctx, party, side === 'sent' ? 'to' : 'from');
    const wanted = ctx.URL.searchParams.getAll('status').map((status) => status.toLowerCase());
    if (wanted.some((status) => !STATES.includes(status as RequestState)))
      throw invalid(['AM.VLD-00009', '$QUERY/status']);
    const type = queryParameter(ctx, 'type')?.toLowerCase() ?? null;
    if (type !== null && type !== 'package' && type !== 'resource')
      throw invalid(['AM.VLD-00009', '$QUERY/type']);
    const other = uuidParameter(ctx, side === 'sent' ? 'to' : 'from');
    // A draft is nobody's business but the asker's and its author's.
    const states = (wanted.length ? (wanted as RequestState[]) : [...STATES]).filter(
      (state) => side === 'sent' || state !== 'draft',
    );
    const rows = await listRequests(
      api.point.db,
      side === 'sent' ? other : party,
      side === 'sent' ? party : other,
      states,
      type,
    );
    if (countOnly) {
      ctx.body = JSON.stringify(rows.length);
      ctx.type = 'application/json';
    } else
      ctx.body = {
        data: await Promise.all(rows.map((row) => dto(api, row))),
        links: { next: null },
      };
  };
}

async function putWithdraw(ctx: Context, api: DelegationApi): Promise<void> {
  ctx.body = await dto(
    api,
    await withdrawRequest(api.point, await mine(ctx, api, 'to'), actorOf(ctx).party),
  );
}

async function putApprove(ctx: Context, api: DelegationApi): Promise<void> {
  const request = await mine(ctx, api, 'from');
  const body = ctx.is('application/json') ? await readJson(ctx) : undefined;
  const keys = Array.isArray(body)
    ? body
    : (body as { rightKeys?: unknown } | undefined)?.rightKeys;
  const only =
    keys !== undefined && request.resource !== null
      ? await actionsFor(api, request.resource, keys)
      : null;
  ctx.body = await dto(api, await approve(api.point, request, actorOf(ctx), only));
}

async function putReject(ctx: Context, api: DelegationApi): Promise<void> {
  ctx.body = await dto(api, await reject(api.point, await mine(ctx, api, 'from'), actorOf(ctx)));
}

async function getDraft(ctx: Context, api: DelegationApi): Promise<void> {
  const request = await mine(ctx, api, 'to');
  if (request.state !== 'draft') throw problem('AM-00031');
  ctx.body = await dto(api, request);
}

async function putConfirm(ctx: Context, api: DelegationApi): Promise<void> {
  ctx.body = await dto(
    api,
    await confirm(api.point, await mine(ctx, api, 'to'), actorOf(ctx).party),
  );
}

// ---- service owners

export async function ownerOf(
  ctx: Context,
  { point }: DelegationApi,
): Promise<{ id: string; no: string }> {
  const caller = ctx.state.caller as Caller;
  if (caller.kind !== 'organization') throw invalidToken('no consumer claim');
  const owner = await findParty(point.db, { by: 'organization', value: caller.organizationNo });
  if (!owner) throw fault('TIL-00008', { because: 'unknown owner' });
  return { id: owner.id, no: caller.organizationNo };
}

export async function partyIn(
  { point }: DelegationApi,
  urn: unknown,
  path: string,
): Promise<string> {
  const name = typeof urn === 'string' ? anyPartyName(urn) : undefined;
  const party = name && (await findParty(point.db, name));
  if (!party) throw invalid([urn === undefined ? 'STD.VLD-00000' : 'AM.VLD-00006', path]);
  return party.id;
}

/** A draft about the owner's own resource, or a package, for the person to confirm; 202. */
async function postDraft(ctx: Context, api: DelegationApi): Promise<void> {
  const owner = await ownerOf(ctx, api);
  const body = ((await readJson(ctx)) ?? {}) as Record<string, unknown>;
  const [asker, giver] = [
    await partyIn(api, body.from, '/from'),
    await partyIn(api, body.to, '/to'),
  ];
  const resource = typeof body.resource === 'string' ? body.resource.toLowerCase() : null;
  const code =
    typeof body.package === 'string'
      ? packageCode(body.package)
      : typeof body.packageUrn === 'string'
        ? packageCode(body.packageUrn)
        : null;
  if (resource !== null) {
    const known = (await findResources(api.point.db, [resource])).get(resource);
    if (!known || known.owner.id !== owner.id) throw invalid(['AM.VLD-00012', '/resource']);
  }
  const redirectUrl =
    body.redirectUrl === undefined || body.redirectUrl === null ? null : String(body.redirectUrl);
  if (
    redirectUrl !== null &&
    (redirectUrl.length > 2_000 ||
      !URL.canParse(redirectUrl) ||
      new URL(redirectUrl).protocol !== 'https:')
  ) {
    throw invalid(['TIL.VLD-00001', '/redirectUrl']);
  }
  const request = await askForRight(
    api.point,
    {
      from: giver,
      to: asker,
      by: owner.id,
      package: code,
      resource,
      actions: null,
      validTo: validToIn(body.validTo),
      redirectUrl,
    },
    'draft',
  );
  ctx.status = 202;
  ctx.body = await dto(api, request);
}

/** A request that this owner wrote; any other is not there. */
async function written(
  ctx: Context,
  api: DelegationApi,
): Promise<{ request: RequestRow; owner: string }> {
  const owner = await ownerOf(ctx, api);
  const { id } = ctx.params as { id: string };
  const request = isUuid(id) ? await requestOf(api.point, id) : undefined;
  if (!request || request.by !== owner.id) throw problem('AM-00031');
  return { request, owner: owner.id };
}
