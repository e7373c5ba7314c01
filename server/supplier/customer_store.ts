// SQL of what suppliers have passed on to their people and systems.
import type { Act } from '../platform/act.ts';
import { holds, inForce, stands } from '../mandate/force_store.ts';
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

/** By supplier (`via`), agent (`to`) and customer (`from`), of which one at least is named. */
export function findCustomerMandates(
  act: Act,
  where: { via: string | null; to: string | null; from: string | null },
): Promise<CustomerRow[]> {
  if (where.via === null && where.to === null && where.from === null)
    throw new Error('customers need a party');
  return query<CustomerRow>(act.db, find, [where.via, where.to, where.from, act.now]);
}

const count: Statement = {
  name: 'count_customers',
  text: `select supplier.id, supplier.name, counted.own, counted.n from (
      select parent.to_party as supplier, true as own, count(distinct mandate.from_party)::int as n from mandate join mandate parent on parent.id = mandate.through
        where mandate.basis = 'customer' and mandate.to_party = $1 and ${inForce('mandate', '$3')} group by parent.to_party
      union all select served.to_party, false, count(distinct served.from_party)::int from mandate served join role on role.code = served.role join source on source.code = role.source and source.visibility <> 'secret'
        where served.basis = 'register' and served.to_party = any($2) and not role.key_role and ${inForce('served', '$3')} group by served.to_party) counted
    join party supplier on supplier.id = counted.supplier order by supplier.name, counted.own`,
};

export interface CustomerCount {
  /** The supplier. */
  id: string;
  name: string;
  /** Whether they are those that the person was set to act for. */
  own: boolean;
  n: number;
}

/**
 * How many customers a person was set to act for, by supplier; and how many a register says that
 * these organisations have.
 */
export const countCustomers = (act: Act, person: string, suppliers: string[]) =>
  query<CustomerCount>(act.db, count, [person, suppliers, act.now]);
