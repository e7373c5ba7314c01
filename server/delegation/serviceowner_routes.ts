// Service owners register powers of attorney of persons who are not digital (contract/rights.md
// C.6): only packages they are registrars of, with a reference to the evidence and a notice to
// both; and end what they registered, nothing else.
import Router from '@koa/router';
import type { Context } from 'koa';
import { readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { named } from '../platform/http.ts';
import { uuidv7 } from '../platform/ids.ts';
import { isQualified, listMandates } from '../mandate/delegation_store.ts';
import { knowledgeOf } from '../resource/catalogue.ts';
import { packageCode } from '../resource/policy_model.ts';
import { isRegistrar } from '../resource/policy_store.ts';
import { packageRef } from './dto_model.ts';
import { endAll } from './end.ts';
import type { DelegationApi } from './enduser.ts';
import { partiesOf, store, timesOf } from './give.ts';
import { packageFault } from './model.ts';
import { invalid, problem } from './problems.ts';
import { ownerOf, partyIn } from './request_routes.ts';

const PATH = '/accessmanagement/api/v1/serviceowner/connections/accesspackages';

export function serviceownerRoutes(api: DelegationApi): Router {
  const router = new Router();
  const scope = api.bearer.scope('altinn:serviceowner/delegations:accesspackage.write');
  router.post(PATH, named('registrar_give'), scope, (ctx) => register(ctx, api));
  router.post(`${PATH}/revoke`, named('registrar_end'), scope, (ctx) => revoke(ctx, api));
  return router;
}

async function read(ctx: Context, api: DelegationApi) {
  const owner = await ownerOf(ctx, api);
  const body = ((await readJson(ctx)) ?? {}) as Record<string, unknown>;
  const [from, to] = [await partyIn(api, body.from, '/from'), await partyIn(api, body.to, '/to')];
  const code = packageCode(String(body.packageUrn ?? body.package ?? ''));
  const entry = (await knowledgeOf(api.db).current(api.db)).packages.get(code);
  if (!entry) throw problem('AM-00035');
  if (!(await isRegistrar(api.db, owner.id, code))) throw problem('AM-00034');
  return { owner, body, from, to, code, entry };
}

async function register(ctx: Context, api: DelegationApi): Promise<void> {
  const { owner, body, from, to, code, entry } = await read(ctx, api);
  const { giver, receiver } = await partiesOf(api.db, from, to);
  const fault = packageFault(entry, giver.kind, receiver.kind);
  if (fault)
    throw fault.startsWith('AM-')
      ? problem(fault as 'AM-00037')
      : invalid([fault as 'AM.VLD-00028', '/packageUrn']);
  const now = clock.now();
  if (entry.needs && !(await isQualified(api.db, to, entry.needs, now))) throw problem('TIL-00024');
  const evidence = body.evidence ?? null;
  if (
    evidence !== null &&
    (typeof evidence !== 'object' || JSON.stringify(evidence).length > 2_000)
  )
    throw invalid(['TIL.VLD-00001', '/evidence']);
  const until =
    body.validTo === undefined || body.validTo === null ? null : new Date(String(body.validTo));
  if (until && Number.isNaN(until.getTime())) throw invalid(['TIL.VLD-00001', '/validTo']);
  const { validFrom, validTo } = timesOf({ validTo: until }, null, now);
  const changed = await transaction(api.db, (trx) =>
    store(
      trx,
      {
        id: uuidv7(now),
        from,
        to,
        basis: 'delegation',
        package: code,
        resource: null,
        actions: null,
        instance: null,
        validFrom,
        validTo,
        mayPassOn: false,
        givenBy: owner.id,
        givenRole: null,
        evidence: { registrar: owner.no, ...evidence },
        needs: entry.needs,
        through: null,
      },
      now,
    ),
  );
  ctx.body = {
    ...packageRef(code, await knowledgeOf(api.db).current(api.db)),
    fromId: from,
    toId: to,
    changed,
  };
}

async function revoke(ctx: Context, api: DelegationApi): Promise<void> {
  const { owner, from, to, code } = await read(ctx, api);
  const now = clock.now();
  const mandates = await listMandates(api.db, { from, to, package: code, limit: 100 }, now);
  const own = mandates.filter((mandate) => mandate.givenBy === owner.id);
  if (mandates.length && !own.length) throw problem('AM-00038');
  await transaction(api.db, (trx) => endAll(trx, own, owner.id, 'ended', now));
  ctx.status = 204;
}
