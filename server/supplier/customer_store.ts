// SQL of what suppliers have passed on to their people and systems.
import type { Act } from '../platform/act.ts';
import { holds, stands } from '../mandate/force_store.ts';
import { query, type Statement } from '../platform/db/db.ts';

export interface CustomerRow {
  id: string;
  from: string;
  to: string;
  via: string;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  role: string | null;
  through: string;
  /** Whether it holds; one that does not can still be ended. */
  holds: boolean;
}

const find: Statement = {
  name: 'customer_mandates',
  text: `select mandate.id, mandate.from_party as "from", mandate.to_party as "to", parent.to_party as via, mandate.package, mandate.resource_id as resource, mandate.actions,
      parent.role, mandate.through, ${holds('mandate', '$4')} as holds
    from mandate join mandate parent on parent.id = mandate.through
    where mandate.basis = 'customer' and ${stands('mandate', '$4')}
      and ($1::uuid is null or parent.to_party = $1) and ($2::uuid is null or mandate.to_party = $2) and ($3::uuid is null or mandate.from_party = $3)
    order by mandate.id limit 10000`,
};

const count: Statement = {
  name: 'count_customers_of_agents',
  text: `select mandate.to_party as agent, count(distinct mandate.from_party)::int as n, bool_or(${holds('mandate', '$3')}) as "isSome", bool_and(${holds('mandate', '$3')}) as "isAll"
    from mandate join mandate parent on parent.id = mandate.through
    where mandate.basis = 'customer' and parent.to_party = $1 and mandate.to_party = any($2) and ${stands('mandate', '$3')} group by mandate.to_party`,
};

/** How many customers an agent has something of, and how much of that holds now. */
export interface AgentCount {
  n: number;
  holding: 'all' | 'some' | 'none';
}

const holdingOf = ({ isAll, isSome }: { isAll: boolean; isSome: boolean }) => {
  if (isAll) return 'all';
  return isSome ? 'some' : 'none';
};

/** The counts of these agents, but for those who have nothing. */
export async function countOfAgents(
  act: Act,
  supplier: string,
  agents: string[],
): Promise<Map<string, AgentCount>> {
  if (!agents.length) return new Map();
  const found = await query<{ agent: string; n: number; isAll: boolean; isSome: boolean }>(
    act.db,
    count,
    [supplier, agents, act.now],
  );
  return new Map(found.map(({ agent, n, ...some }) => [agent, { n, holding: holdingOf(some) }]));
}

/** By supplier (`via`), agent (`to`) and customer (`from`), of which one at least is named. */
export function findCustomerMandates(
  act: Act,
  where: { via: string | null; to: string | null; from: string | null },
): Promise<CustomerRow[]> {
  if (where.via === null && where.to === null && where.from === null)
    throw new Error('customers need a party');
  return query<CustomerRow>(act.db, find, [where.via, where.to, where.from, act.now]);
}
