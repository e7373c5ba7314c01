// SQL of API scopes that a consumer lets a supplier use: rights to a schema resource, and what an
// operator's import says. Asked anew for every token: what was ended is refused in the next.
import { query, type Db, type Statement } from '../platform/db.ts';
import { inForce } from '../mandate/force_store.ts';

export interface ScopeDelegation {
  consumerNo: string;
  supplierNo: string;
  scope: string;
  resource: string | null;
  scheme: string | null;
  since: Date | null;
}

const find: Statement = {
  name: 'scope_delegations',
  text: `select consumer.organization_no as "consumerNo", supplier.organization_no as "supplierNo", reference.value ->> 'reference' as scope, resource.id as resource,
      (select scheme.value ->> 'reference' from jsonb_array_elements(version.content -> 'resourceReferences') scheme
        where scheme.value ->> 'referenceType' = 'DelegationSchemeId' limit 1) as scheme, mandate.valid_from as since
    from mandate join party consumer on consumer.id = mandate.from_party join party supplier on supplier.id = mandate.to_party
    join resource on resource.id = mandate.resource_id and resource.type = 'MaskinportenSchema' and resource.ended_at is null
    join resource_version version on version.version = resource.current_version
    cross join lateral jsonb_array_elements(version.content -> 'resourceReferences') as reference
    where mandate.basis = 'delegation' and reference.value ->> 'referenceType' = 'MaskinportenScope' and ${inForce('mandate', '$4')}
      and ($1::text is null or supplier.organization_no = $1) and ($2::text is null or consumer.organization_no = $2) and ($3::text is null or reference.value ->> 'reference' = $3)
      and (consumer.ended_at is null or consumer.ended_at > $4) and (supplier.ended_at is null or supplier.ended_at > $4)
    union all
    select consumer.organization_no, supplier.organization_no, holder.scope, null, null, null from api_scope_holder holder
    join party supplier on supplier.id = holder.party join party consumer on consumer.id = holder.consumer
    where ($1::text is null or supplier.organization_no = $1) and ($2::text is null or consumer.organization_no = $2) and ($3::text is null or holder.scope = $3)
    order by 3, 1, 2 limit 10000`,
};

/** Delegations of API scopes between organisations; null members match all. */
export function findScopeDelegations(
  db: Db,
  supplierNo: string | null,
  consumerNo: string | null,
  scope: string | null,
  now: Date,
): Promise<ScopeDelegation[]> {
  return query<ScopeDelegation>(db, find, [supplierNo, consumerNo, scope, now]);
}
