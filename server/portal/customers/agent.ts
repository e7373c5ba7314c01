// One who works for a supplier's customers, as addresses name it.
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { findRelation } from '../../delegation/relation_store.ts';
import { findParties } from '../../party/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { listWork } from '../../supplier/agent_store.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';

export const WORK = '/customers/agents/work';

/** Where a supplier sees who works for its customers. */
export const agentsPath = (supplier: string): string => `/customers/agents?party=${supplier}`;

/** Where it sees what one of them has. */
export const workPath = (supplier: string, agent: string): string =>
  `${WORK}?party=${supplier}&to=${agent}`;

/** The agent that the address names; undefined for one who is none and has nothing. */
export async function agentIn(ctx: Context, { act }: PortalPages, supplier: string) {
  const named = queryParameter(ctx, 'to');
  if (!isUuid(named)) return undefined;
  const whose = { supplier, agent: named! };
  const isOne =
    (await findRelation(act, supplier, named!, 'agent')) ??
    (await listWork(act, whose, { limit: 1, offset: 0 }))[0];
  return isOne ? (await findParties(act, [named!]))[0] : undefined;
}

/** The page of what such an agent has. */
export async function agentWorking(ctx: Context, pages: PortalPages, { party }: Acting) {
  const agent = await agentIn(ctx, pages, party.id);
  if (!agent) return undefined;
  const language = languageOf(ctx);
  return {
    of: { supplier: party.id, agent: agent.id },
    title: t(language, 'customers.work.title', { name: displayName(agent) }),
    none: t(language, 'customers.people.has', { n: 0, holding: 'all' }),
    path: workPath(party.id, agent.id),
    back: agentsPath(party.id),
  };
}
