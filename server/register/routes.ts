// What registers say, for those it concerns: who has left and still holds rights, what other
// registers have about a person now, and for operators how far each feed has come.
import { currentCatalogue } from '../resource/catalogue.ts';
import type { DecisionPoint } from '../decision/point.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Bearer } from '../caller/bearer.ts';
import { mustAdminister } from '../delegation/authority.ts';
import { actorOf, ENDUSER, requiredUuid } from '../delegation/enduser.ts';
import { AUTHORIZE_ANY } from '../decision/xacml_routes.ts';
import { findParties, findParty, identifyParties } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { named } from '../platform/http.ts';
import { languageOf, pick } from '../platform/locale.ts';
import { packageUrn } from '../resource/policy_model.ts';
import type { Registers } from './commands.ts';
import type { LiveRegister } from './sources.ts';
import { findLeavers, readState } from './store.ts';

export interface RegisterApi {
  point: DecisionPoint;
  bearer: Bearer;
  registers: Registers;
  live: LiveRegister[];
}

export function registerRoutes(api: RegisterApi): Router {
  const router = new Router();
  router.get('/access/v1/leavers', named('leavers'), api.bearer.scope(ENDUSER), (ctx) =>
    getLeavers(ctx, api),
  );
  router.get('/access/v1/outside', named('outside_registers'), api.bearer.scope(ENDUSER), (ctx) =>
    getOutside(ctx, api),
  );
  router.get('/access/v1/registers', named('registers'), api.bearer.scope(AUTHORIZE_ANY), (ctx) =>
    getRegisters(ctx, api),
  );
  return router;
}

/** Rights of people who no longer work there, each to be ended by DELETE of its mandate. */
async function getLeavers(ctx: Context, { point }: RegisterApi): Promise<void> {
  const party = requiredUuid(ctx, 'party');
  await mustAdminister(point, actorOf(ctx), party, 'access', clock.now());
  const rows = await findLeavers(point.db, party, clock.now());
  ctx.body = {
    data: rows.map((row) => ({
      mandate: row.id,
      person: { id: row.employee, name: row.name },
      endedOn: row.endedOn,
      package: row.package && packageUrn(row.package),
      resource: row.resource,
      actions: row.actions,
      links: { end: `/access/v1/mandates/${row.id}` },
    })),
    links: { next: null },
  };
}

/**
 * What registers that are asked live have about the person who asks; one that does not answer is a
 * row, not an error.
 */
async function getOutside(ctx: Context, { point, live }: RegisterApi): Promise<void> {
  const actor = actorOf(ctx);
  const person = await findParty(point.db, { by: 'uuid', value: actor.party });
  const number = person?.personNo;
  ctx.body = {
    data: await Promise.all(
      live.map(async (register) => {
        const mandates = number ? await register.describe(number) : [];
        if (!mandates) return { source: register.code, available: false, mandates: [] };
        const others = mandates.map((one) => (one.from === number ? one.to : one.from));
        const ids = await identifyParties(point.db, others);
        const names = new Map(
          (await findParties(point.db, [...ids.values()], clock.now())).map((party) => [
            party.id,
            party.name,
          ]),
        );
        return {
          source: register.code,
          available: true,
          mandates: mandates.map((one, index) => ({
            direction: one.from === number ? 'given' : 'received',
            name: names.get(ids.get(others[index]!) ?? '') ?? null,
            text: one.text,
            editUrl: one.editUrl,
          })),
        };
      }),
    ),
    links: { next: null },
  };
}

async function getRegisters(ctx: Context, { point, registers, live }: RegisterApi): Promise<void> {
  const states = new Map((await readState(point.db)).map((state) => [state.source, state]));
  const { sources } = await currentCatalogue(point);
  const language = languageOf(ctx);
  const about = (code: string) => {
    const source = sources.get(code);
    return source
      ? {
          name: pick(source.name, language)!.text,
          legalBasis: pick(source.legalBasis, language)!.text,
          purpose: pick(source.purpose, language)!.text,
          visibility: source.visibility,
        }
      : {};
  };
  ctx.body = {
    data: [
      ...(await Promise.all(
        registers.sources.map(async (source) => ({
          ...about(source.code),
          ...states.get(source.code),
          source: source.code,
          live: false,
          reachable: await source.health(),
        })),
      )),
      ...live.map((register) => ({ ...about(register.code), source: register.code, live: true })),
    ],
  };
}
