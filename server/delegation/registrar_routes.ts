// Registering powers of attorney by service owners, as JSON.
import Router from '@koa/router';
import type { Context } from 'koa';
import { readJson } from '../platform/body.ts';
import { named } from '../platform/http.ts';
import { currentCatalogue } from '../resource/catalogue.ts';
import { packageCode } from '../resource/policy_model.ts';
import { packageRef } from './dto_model.ts';
import type { DelegationApi } from './enduser.ts';
import { invalid } from './problems.ts';
import { register, unregister, type Registration } from './registrar.ts';
import { namedParty, ownerOf } from './serviceowner.ts';

const PATH = '/accessmanagement/api/v1/serviceowner/connections/accesspackages';

export function registrarRoutes(api: DelegationApi): Router {
  const router = new Router();
  const scope = api.bearer.scope('altinn:serviceowner/delegations:accesspackage.write');
  router.post(PATH, named('registrar_give'), scope, (ctx) => postRegistration(ctx, api));
  router.post(`${PATH}/revoke`, named('registrar_end'), scope, (ctx) => postRevoke(ctx, api));
  return router;
}

async function read(ctx: Context, { point }: DelegationApi) {
  const owner = await ownerOf(ctx, point.db);
  const body = ((await readJson(ctx)) ?? {}) as Record<string, unknown>;
  const registration: Registration = {
    from: await namedParty(point.db, body.from, '/from'),
    to: await namedParty(point.db, body.to, '/to'),
    package: packageCode(String(body.packageUrn ?? body.package ?? '')),
  };
  return { owner, body, registration };
}

async function postRegistration(ctx: Context, api: DelegationApi): Promise<void> {
  const { owner, body, registration } = await read(ctx, api);
  const { evidence = null } = body;
  if (typeof evidence !== 'object' || JSON.stringify(evidence).length > 2_000) {
    throw invalid(['TIL.VLD-00001', '/evidence']);
  }
  const validTo =
    body.validTo === undefined || body.validTo === null ? null : new Date(String(body.validTo));
  if (validTo && Number.isNaN(validTo.getTime())) throw invalid(['TIL.VLD-00001', '/validTo']);
  const { changed } = await register(api.point, owner, registration, { validTo, evidence });
  const { from: fromId, to: toId, package: code } = registration;
  ctx.body = { ...packageRef(code, await currentCatalogue(api.point)), fromId, toId, changed };
}

async function postRevoke(ctx: Context, api: DelegationApi): Promise<void> {
  const { owner, registration } = await read(ctx, api);
  await unregister(api.point, owner, registration);
  ctx.status = 204;
}
