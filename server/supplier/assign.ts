// Passing packages of several customers on to several agents, in one act.
import type { Deciding } from '../decision/act.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { invalid } from '../delegation/problems.ts';
import { allOrNone, type NotDone } from '../platform/all_or_none.ts';
import { heldFor, passOn } from './customers.ts';

/** One customer's packages to one agent. */
export interface Assignment {
  client: string;
  agent: string;
}

/**
 * Gives each agent each of the packages for each customer, or nothing; answers those pairs for
 * which it could not be done. What is there already is unchanged.
 */
export async function assign(
  act: Deciding,
  actor: Actor,
  supplier: string,
  { clients, agents, packages }: { clients: string[]; agents: string[]; packages: string[] },
): Promise<NotDone<Assignment>[]> {
  await mustAdminister(act, actor, supplier, 'clients');
  const pairs = clients.flatMap((client) => agents.map((agent) => ({ client, agent })));
  return allOrNone(act, pairs, (inner, pair) => assignOne(inner, actor, supplier, pair, packages));
}

/** Gives one agent each of the packages of one customer, through what the supplier has of it. */
export async function assignOne(
  act: Deciding,
  actor: Actor,
  supplier: string,
  { client, agent }: Assignment,
  packages: string[],
): Promise<void> {
  const held = await heldFor(act, supplier, client);
  const values = packages.map((code) => {
    const by = held.find((one) => one.packages.includes(code));
    if (!by) throw invalid(['AM.VLD-00026', '/values']);
    return { role: by.role, packages: [code] };
  });
  await passOn(act, actor, { supplier, client, agent }, values);
}
