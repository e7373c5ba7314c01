// One who works for a supplier's customers, as addresses name it.
import type { Context } from 'koa';
import { findRelation } from '../../delegation/relation_store.ts';
import { findParties } from '../../party/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { listWork } from '../../supplier/agent_store.ts';
import type { PortalPages } from '../page.ts';

/** Where a supplier sees who works for its customers. */
export const agentsPath = (supplier: string): string => `/customers/agents?party=${supplier}`;

/** Where it sees what one of them has. */
export const workPath = (supplier: string, agent: string): string =>
  `/customers/agents/work?party=${supplier}&to=${agent}`;

/** The agent that the address names; undefined for one who is none and has nothing. */
export async function agentIn(ctx: Context, { act }: PortalPages, supplier: string) {
  const named = queryParameter(ctx, 'to');
  if (!isUuid(named)) return undefined;
  const whose = { supplier, agent: named! };
  const isOne =
    (await findRelation(act.db, supplier, named!, 'agent')) ??
    (await listWork(act, whose, { limit: 1, offset: 0 }))[0];
  return isOne ? (await findParties(act, [named!]))[0] : undefined;
}
