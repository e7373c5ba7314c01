// SQL that takes API scopes in from files: set-based, harmless when repeated, and with an event of
// each change, by nobody's hand.
import { eventOfEach } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import type { Statement } from '../../platform/db/db.ts';
import { putDated } from '../import_store.ts';
import { eventsOfHolders } from './store.ts';

const by = 'null::uuid';

const scopes: Statement = {
  name: 'import_scopes',
  text: `with put as (insert into api_scope as scope (name, owner, token_lifetime_seconds, is_open)
    select r.name, r.owner, r.lifetime, r.open from jsonb_to_recordset($1::jsonb) as r(name text, owner uuid, lifetime int, open boolean)
    on conflict (name) do update set owner = excluded.owner, token_lifetime_seconds = excluded.token_lifetime_seconds, is_open = excluded.is_open, ended_at = null
      where (scope.owner, scope.token_lifetime_seconds, scope.is_open) is distinct from (excluded.owner, excluded.token_lifetime_seconds, excluded.is_open) or scope.ended_at is not null
    returning scope.name, scope.owner, xmax = 0 as is_new)
  ${eventOfEach(`select case when put.is_new then 'scope_registered' else 'scope_changed' end, put.owner, put.owner, null::uuid, jsonb_build_object('scope', put.name) from put`, '$2::timestamptz', '$3')}`,
};
const endHolders: Statement = {
  name: 'end_scope_holders',
  text: `with gone as (update api_scope_holder holder set ended_at = $2
    from jsonb_to_recordset($1::jsonb) as r(name text, ended jsonb), jsonb_to_recordset(r.ended) as named(party uuid, consumer uuid)
    where holder.scope = r.name and holder.party = named.party and holder.consumer is not distinct from named.consumer and holder.ended_at is null
    returning holder.scope, holder.party, holder.consumer)
  ${eventOfEach(eventsOfHolders('scope_taken', 'gone', by), '$2::timestamptz', '$3')}`,
};
const holders: Statement = {
  name: 'import_scope_holders',
  text: `with come as (insert into api_scope_holder as holder (scope, party, consumer)
    select distinct r.name, named.party, named.consumer from jsonb_to_recordset($1::jsonb) as r(name text, holders jsonb),
      jsonb_to_recordset(r.holders) as named(party uuid, consumer uuid)
    on conflict (scope, party, consumer) do update set ended_at = null where holder.ended_at is not null returning holder.scope, holder.party, holder.consumer)
  ${eventOfEach(eventsOfHolders('scope_given', 'come', by), '$2::timestamptz', '$3')}`,
};

interface ScopeImport {
  name: string;
  owner: string;
  lifetime: number | null;
  open: boolean;
  holders: { party: string; consumer: string | null }[];
  ended: { party: string; consumer: string | null }[];
}

/** Registers scopes, and hands them out and takes them back. */
export const importScopes = (act: Act, rows: ScopeImport[]) =>
  putDated(
    act,
    rows,
    { statement: scopes, kinds: ['scope_registered', 'scope_changed'] },
    { statement: endHolders, kinds: ['scope_taken'], most: ({ ended }) => ended.length },
    { statement: holders, kinds: ['scope_given'], most: (row) => row.holders.length },
  );
