// Passing packages of several customers on to several agents, in one act.
import type { Deciding } from '../decision/act.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { invalid } from '../delegation/problems.ts';
import { allOrNone, type NotDone } from '../platform/all_or_none.ts';
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
