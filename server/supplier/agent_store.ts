// SQL of those who work for a supplier's customers, and of what each has there. It decides nothing.
import type { Act } from '../platform/act.ts';
import { holds, isSuspendedSystem, stands } from '../mandate/force_store.ts';
import { lowered } from '../platform/db/text_store.ts';
import { query, type Statement } from '../platform/db/db.ts';

/** One of a list, and how many are in the whole of it. */
interface Counted {
  id: string;
  of: number;
}

/** Mandates of customers that agents have through the supplier `$1`. */
const passed = (now: string) =>
  `mandate join mandate parent on parent.id = mandate.through and parent.to_party = $1
    where mandate.basis = 'customer' and ${stands('mandate', now)}`;

const isAgent = `relation.from_party = $1 and relation.kind = 'agent' and relation.ended_at is null`;
const list: Statement = {
  name: 'agents_of_supplier',
  text: `select agent.id, ${isSuspendedSystem('agent', '$2')} as "isSuspended", (count(*) over ())::int as of from (select relation.to_party as id from relation where ${isAgent}
      union select mandate.to_party from ${passed('$2')}) as one join party agent on agent.id = one.id
    where $3 = '' or strpos(${lowered('agent.name')}, $3) > 0 order by agent.name, agent.id limit $4 offset $5`,
};

/** Somebody who works for customers, and how many such there are in all. */
interface ListedAgent extends Counted {
  /** Whether it is a system that is suspended. */
  isSuspended: boolean;
}

/**
 * People and systems that are to work for the supplier's customers, or have something of one, by
 * name; with a text in lower case those alone in whose name it is.
 */
export const listAgents = (
  act: Act,
  supplier: string,
  { text, limit, offset }: { text: string; limit: number; offset: number },
): Promise<ListedAgent[]> =>
  query<ListedAgent>(act.db, list, [supplier, act.now, text, limit, offset]);

const choice: Statement = {
  name: 'agents_to_choose',
  text: `select agent.id, agent.kind, agent.name, agent.organization_no as "organizationNo", to_char(agent.born_on, 'YYYY-MM-DD') as "bornOn", agent.id = any($3::uuid[]) as "isTicked", (count(*) over ())::int as of
    from relation join party agent on agent.id = relation.to_party
    where ${isAgent} and (agent.ended_at is null or agent.ended_at > $2) and (agent.id = any($3::uuid[]) or $4 = '' or strpos(${lowered('agent.name')}, $4) > 0)
    order by "isTicked" desc, agent.name, agent.id limit $5`,
};

/** An agent that may be let work for customers; `bornOn` is a day. */
interface AgentToChoose extends Counted {
  kind: string;
  name: string;
  organizationNo: string | null;
  bornOn: string | null;
  isTicked: boolean;
}

/** Agents that may be given something: those ticked first, then those with the text in the name. */
export const listAgentsToChoose = (
  act: Act,
  supplier: string,
  { ticked, text, limit }: { ticked: string[]; text: string; limit: number },
): Promise<AgentToChoose[]> =>
  query<AgentToChoose>(act.db, choice, [supplier, act.now, ticked, text, limit]);

/** One of the two between whom something is passed on, and everything that is. */
export interface Work {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  /** A day; null for one that is no person, or not known. */
  bornOn: string | null;
  has: {
    id: string;
    package: string | null;
    resource: string | null;
    validTo: string | null;
    holds: boolean;
  }[];
  /** How many such there are in all. */
  of: number;
}

/** Everything passed on to an agent, by customer; or of a customer, by agent. */
const workBy = (name: string, own: string, other: string): Statement => ({
  name,
  text: `select other.id, other.kind, other.name, other.organization_no as "organizationNo", to_char(other.born_on, 'YYYY-MM-DD') as "bornOn", (count(*) over ())::int as of,
      json_agg(json_build_object('id', held.id, 'package', held.package, 'resource', held.resource_id, 'validTo', held.valid_to, 'holds', held.holds) order by held.package, held.resource_id, held.id) as has
    from (select mandate.id, mandate.${other} as other, mandate.package, mandate.resource_id, mandate.valid_to, ${holds('mandate', '$3')} as holds from ${passed('$3')} and mandate.${own} = $2) as held
      join party other on other.id = held.other
    group by other.id order by other.name, other.id limit $4 offset $5`,
});
const ofAgent = workBy('work_of_agent', 'to_party', 'from_party');
const forCustomer = workBy('work_for_customer', 'from_party', 'to_party');

/** An agent, of whom work is listed by customer; or a customer, of whom it is by agent. */
export type WorkOf = { supplier: string } & ({ agent: string } | { customer: string });

/** Everything passed on through the supplier to one, or of one, and whether each holds now. */
export const listWork = (
  act: Act,
  { supplier, ...whose }: WorkOf,
  { limit, offset }: { limit: number; offset: number },
): Promise<Work[]> => {
  const [statement, one] =
    'agent' in whose ? [ofAgent, whose.agent] : [forCustomer, whose.customer];
  return query<Work>(act.db, statement, [supplier, one, act.now, limit, offset]);
};

/** Something that an agent has of a customer. */
export interface WorkRow {
  id: string;
  package: string | null;
  resource: string | null;
  client: { id: string; kind: string; name: string; organizationNo: string | null };
  agent: { id: string; kind: string; name: string };
}

const workColumns = `held.id, held.package, held.resource_id as resource,
      json_build_object('id', customer.id, 'kind', customer.kind, 'name', customer.name, 'organizationNo', customer.organization_no) as client,
      json_build_object('id', agent.id, 'kind', agent.kind, 'name', agent.name) as agent`;
const workOf = (now: string, only: string) =>
  `(select mandate.id, mandate.from_party, mandate.to_party, mandate.package, mandate.resource_id from ${passed(now)} ${only}) as held
      join party customer on customer.id = held.from_party join party agent on agent.id = held.to_party`;

const allWork: Statement = {
  name: 'work_of_supplier',
  text: `select ${workColumns} from ${workOf('$2', '')} order by customer.name, customer.id, agent.name, agent.id, held.id limit $3 offset $4`,
};

/** Everything that agents have through the supplier, by customer and agent. */
export const listAllWork = (
  act: Act,
  supplier: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<WorkRow[]> => query<WorkRow>(act.db, allWork, [supplier, act.now, limit, offset]);

const someWork: Statement = {
  name: 'work_between',
  text: `select ${workColumns} from ${workOf('$4', 'and mandate.from_party = any($2::uuid[]) and mandate.to_party = any($3::uuid[])')}`,
};

/** The same of these customers and agents. */
export const findWork = async (
  act: Act,
  supplier: string,
  { clients, agents }: { clients: string[]; agents: string[] },
): Promise<WorkRow[]> =>
  clients.length ? query<WorkRow>(act.db, someWork, [supplier, clients, agents, act.now]) : [];
