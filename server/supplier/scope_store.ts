// SQL of API scopes that a consumer lets a supplier use: rights to a schema resource, and what an
// operator's import says. Asked anew for every token: what was ended is refused in the next.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import type { Translated } from '../platform/locale.ts';
import { inForce, stands } from '../mandate/force_store.ts';

export interface ScopeDelegation {
  consumerNo: string;
  supplierNo: string;
  scope: string;
  resource: string | null;
  scheme: string | null;
  since: Date | null;
}

const REFERENCES = "jsonb_array_elements(version.content -> 'resourceReferences')";

/** A statement for each way of asking, so that each has a plan that begins where least is. */
function findOf(name: string, { supplier = false, consumer = false }): Statement {
  const of = (column: string, given: boolean, value: string) =>
    given
      ? `${column} = (select party.id from party where party.organization_no = ${value})`
      : `${value}::text is null`;
  return {
    name,
    text: `select consumer.organization_no as "consumerNo", supplier.organization_no as "supplierNo", reference.value ->> 'reference' as scope, resource.id as resource,
      (select scheme.value ->> 'reference' from ${REFERENCES} scheme where scheme.value ->> 'referenceType' = 'DelegationSchemeId' limit 1) as scheme,
      mandate.valid_from as since
    from resource join resource_version version on version.version = resource.current_version
    cross join lateral ${REFERENCES} as reference
    join mandate on mandate.resource_id = resource.id and mandate.basis = 'delegation'
      and ${of('mandate.to_party', supplier, '$1')} and ${of('mandate.from_party', consumer, '$2')} and ${inForce('mandate', '$4')}
    join party consumer on consumer.id = mandate.from_party join party supplier on supplier.id = mandate.to_party
    where resource.type = 'MaskinportenSchema' and resource.ended_at is null
      and reference.value ->> 'referenceType' = 'MaskinportenScope' and ($3::text is null or reference.value ->> 'reference' = $3)
      and (consumer.ended_at is null or consumer.ended_at > $4) and (supplier.ended_at is null or supplier.ended_at > $4)
    union all
    select consumer.organization_no, supplier.organization_no, holder.scope, null, null, null from api_scope_holder holder
    join party supplier on supplier.id = holder.party join party consumer on consumer.id = holder.consumer
    where ${of('holder.party', supplier, '$1')} and ${of('holder.consumer', consumer, '$2')} and ($3::text is null or holder.scope = $3) and holder.ended_at is null
    order by 3, 1, 2 limit 10000`,
  };
}
const between = findOf('scope_delegations_between', { supplier: true, consumer: true });
const ofSupplier = findOf('scope_delegations_of_supplier', { supplier: true });
const ofConsumer = findOf('scope_delegations_of_consumer', { consumer: true });
const all = findOf('scope_delegations', {});

/** Delegations of API scopes between organisations; null members match all. */
export function findScopeDelegations(
  act: Act,
  supplierNo: string | null,
  consumerNo: string | null,
  scope: string | null,
): Promise<ScopeDelegation[]> {
  const statement =
    supplierNo === null
      ? consumerNo === null
        ? all
        : ofConsumer
      : consumerNo === null
        ? ofSupplier
        : between;
  return query<ScopeDelegation>(act.db, statement, [supplierNo, consumerNo, scope, act.now]);
}

/** A right to use API scopes of one organisation, that another has. */
export interface ScopesHeld {
  id: string;
  resource: string;
  title: Translated | null;
  scopes: string[];
  other: string;
  otherNo: string | null;
  since: Date;
  /** How many there are in all. */
  of: number;
}

/** A statement for each side, so that each has a plan of its own. */
const heldOf = (name: string, side: string, other: string): Statement => ({
  name,
  text: `select mandate.id, resource.id as resource, version.content -> 'title' as title, party.name as other, party.organization_no as "otherNo", mandate.valid_from as since,
      array(select reference.value ->> 'reference' from ${REFERENCES} as reference where reference.value ->> 'referenceType' = 'MaskinportenScope' order by 1) as scopes, (count(*) over ())::int as of
    from mandate join resource on resource.id = mandate.resource_id and resource.type = 'MaskinportenSchema' join resource_version version on version.version = resource.current_version
    join party on party.id = mandate.${other}
    where mandate.${side} = $1 and mandate.basis = 'delegation' and ${stands('mandate', '$2')} order by party.name, resource.id, mandate.id limit $3 offset $4`,
});
const given = heldOf('scopes_given', 'from_party', 'to_party');
const had = heldOf('scopes_had', 'to_party', 'from_party');

/** API scopes that an organisation lets others use, or that others let it use, by who they are. */
export const listScopesHeld = (
  act: Act,
  party: string,
  side: 'given' | 'had',
  { limit, offset }: { limit: number; offset: number },
): Promise<ScopesHeld[]> =>
  query<ScopesHeld>(act.db, side === 'given' ? given : had, [party, act.now, limit, offset]);
