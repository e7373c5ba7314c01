// SQL of a supplier's customers as a list to look through: what each gave or a register says, and
// who of the supplier's has something for them. It decides nothing.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { lowered } from '../platform/db/text_store.ts';
import { inForce, standsAccepted } from '../mandate/force_store.ts';
import { eachOnce, IS_OPEN } from '../mandate/people_store.ts';

export interface ListedClient {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  unitType: string | null;
  /** Codes of roles that a register says, and of packages that the customer gave. */
  roles: string[];
  packages: string[];
  /** Services that the customer gave by themselves. */
  resources: string[];
  /** The first end among them; null where none ends. */
  ends: Date | null;
  /**
   * Agents of the supplier's that can do something for the customer now, each with its first end
   * (an instant as text, null where none ends), and how many they are; a few of either are named.
   */
  agents: { kind: string; name: string; ends: string | null }[];
  agentCount: number;
  /** Agents that have something for the customer of which nothing holds now. */
  resting: { kind: string; name: string }[];
  restingCount: number;
  /** How many customers there are in all that are looked for. */
  of: number;
}

export const ONLY_CLIENTS = ['soon', 'nobody'] as const;
/** By name, by the first end, and those first for whom fewest work. */
export const CLIENT_ORDERS = ['name', 'ends', 'agents'] as const;

export interface ClientsWanted {
  /** In lower case; empty for everybody. */
  text: string;
  only: (typeof ONLY_CLIENTS)[number] | null;
  order?: (typeof CLIENT_ORDERS)[number];
  /** These alone, where they are named. */
  ids?: string[];
  limit: number;
  offset: number;
}

/** The first few of a customer's agents, by name. */
const firstOf = (which: string) =>
  `(select coalesce(json_agg(json_build_object('kind', first.kind, 'name', first.name, 'ends', first.ends) order by first.name), '[]') from (
        select agent.kind, agent.name, passed.ends from passed join party agent on agent.id = passed.to_party where passed.from_party = shown.id and ${which} order by agent.name limit 3) as first)`;

const list: Statement = {
  name: 'clients_of_supplier',
  text: `with held as materialized (
      select mandate.id, mandate.from_party, mandate.role, mandate.package, mandate.resource_id, mandate.instance, mandate.valid_to from mandate
      where mandate.to_party = $1 and mandate.basis in ('register', 'delegation') and ${inForce('mandate', '$2')} and ${IS_OPEN}
        and ($5::uuid[] is null or mandate.from_party = any($5))),
    passed as materialized (
      select child.from_party, child.to_party, min(child.valid_to) as ends, bool_or(${inForce('child', '$2')}) as works from held join mandate child on child.through = held.id and child.basis = 'customer' and ${standsAccepted('child', '$2')}
      group by child.from_party, child.to_party),
    client as (
      select customer.id, customer.kind, customer.name, customer.organization_no as "organizationNo", customer.unit_type as "unitType",
        ${eachOnce('held.role')} as roles, ${eachOnce('held.package')} as packages,
        ${eachOnce('case when held.instance is null then held.resource_id end')} as resources, min(held.valid_to) as ends,
        (select min(passed.ends) from passed where passed.from_party = customer.id) as "workEnds",
        (select count(*)::int from passed where passed.from_party = customer.id and passed.works) as "agentCount",
        (select count(*)::int from passed where passed.from_party = customer.id and not passed.works) as "restingCount"
      from held join party customer on customer.id = held.from_party
      where customer.id <> $1 and (customer.ended_at is null or customer.ended_at > $2)
        and ($3 = '' or strpos(${lowered('customer.name')}, $3) > 0 or starts_with(coalesce(customer.organization_no, ''), translate($3, ' ', '')))
      group by customer.id),
    shown as (select client.*, (count(*) over ())::int as of,
        row_number() over (order by case $8 when 'ends' then least(client.ends, client."workEnds") end, case $8 when 'agents' then client."agentCount" end, client.name, client.id) as place
      from client
      where case $4 when 'soon' then least(client.ends, client."workEnds") <= $2::timestamptz + interval '30 days' when 'nobody' then client."agentCount" = 0 else true end
      order by place limit $6 offset $7)
    select shown.id, shown.kind, shown.name, shown."organizationNo", shown."unitType", shown.roles, shown.packages, shown.resources, shown.ends, shown."agentCount", shown."restingCount", shown.of, ${firstOf('passed.works')} as agents, ${firstOf('not passed.works')} as resting
    from shown order by shown.place`,
};

/** A supplier's customers in the order that is wanted; by name where none is. */
export const listClients = (
  act: Act,
  supplier: string,
  { text, only, ids, limit, offset, order = 'name' }: ClientsWanted,
): Promise<ListedClient[]> =>
  query<ListedClient>(act.db, list, [
    ...[supplier, act.now, text, only, ids ?? null],
    ...[limit, offset, order],
  ]);
