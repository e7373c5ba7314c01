// Passing packages of several customers on to several agents, in one act; and ending some of that.
import type { Deciding } from '../decision/act.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { invalid } from '../delegation/problems.ts';
import { allOrNone, type NotDone } from '../platform/all_or_none.ts';
import { inTransaction } from '../platform/act.ts';
import { endTogether } from '../delegation/end/end.ts';
import type { WorkOf } from './agent_store.ts';
import { findCustomerMandates } from './customer_store.ts';
import { heldFor, passOn, passOnResource } from './customers.ts';

/** One customer's packages to one agent. */
export interface Assignment {
  client: string;
  agent: string;
}

/** Packages by code, and services by id, that the customers gave the supplier. */
export interface Assigned {
  packages: string[];
  resources: string[];
}

/**
 * Gives each agent each of these for each customer, or nothing; answers those pairs for
 * which it could not be done. What is there already is unchanged.
 */
export async function assign(
  act: Deciding,
  actor: Actor,
  supplier: string,
  { clients, agents, ...what }: { clients: string[]; agents: string[] } & Assigned,
): Promise<NotDone<Assignment>[]> {
  await mustAdminister(act, actor, supplier, 'clients');
  const pairs = clients.flatMap((client) => agents.map((agent) => ({ client, agent })));
  return allOrNone(act, pairs, (inner, pair) => assignOne(inner, actor, supplier, pair, what));
}

/** Gives one agent each of these of one customer, through what the supplier has of it. */
export async function assignOne(
  act: Deciding,
  actor: Actor,
  supplier: string,
  { client, agent }: Assignment,
  { packages, resources }: Assigned,
): Promise<void> {
  const held = await heldFor(act, supplier, client);
  const values = packages.map((code) => {
    const by = held.find((one) => one.packages.includes(code));
    if (!by) throw invalid(['AM.VLD-00026', '/values']);
    return { role: by.role, packages: [code] };
  });
  const where = { supplier, client, agent };
  if (values.length) await passOn(act, actor, where, values, held);
  for (const resource of resources) await passOnResource(act, actor, where, resource, held);
}

/** Ends these, of what is passed on to an agent or of a customer; others are left as they are. */
export const endWork = (
  act: Deciding,
  by: string,
  { supplier, ...whose }: WorkOf,
  ids: string[],
): Promise<number> =>
  inTransaction(act, async (inner) => {
    const found = await findCustomerMandates(inner, {
      via: supplier,
      to: 'agent' in whose ? whose.agent : null,
      from: 'customer' in whose ? whose.customer : null,
    });
    const chosen = found.filter(({ id }) => ids.includes(id));
    return endTogether(inner, chosen, { by, type: 'ended' });
  });
