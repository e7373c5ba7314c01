// SQL of API scopes as their owners keep them: prefixes, scopes and who holds them. Rows end and
// are not deleted; each change leaves its event in the same statement. It knows no caller.
import { eventOfEach, idsFor } from '../../event/store.ts';
import { inTransaction, type Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

export interface OwnScope {
  name: string;
  tokenLifetimeSeconds: number | null;
  /** Organisations that it was handed to, by number. */
  holders: string[];
}

const columns = `scope.name, scope.token_lifetime_seconds as "tokenLifetimeSeconds",
  array(select party.organization_no from api_scope_holder holder join party on party.id = holder.party
    where holder.scope = scope.name and holder.consumer is null and holder.ended_at is null order by 1) as holders`;
const list: Statement = {
  name: 'scopes_of_owner',
  text: `select ${columns} from api_scope scope where scope.owner = $1 and scope.name > $2 and scope.ended_at is null order by scope.name limit $3`,
};

/** In the order of their names, after one. */
export const listOwnScopes = (db: Db, owner: string, after: string, limit: number) =>
  query<OwnScope>(db, list, [owner, after, limit]);

const find: Statement = {
  name: 'scope_of_owner',
  text: `select ${columns} from api_scope scope where scope.owner = $1 and scope.name = $2 and scope.ended_at is null`,
};

export const findOwnScope = (db: Db, owner: string, name: string) =>
  queryOne<OwnScope>(db, find, [owner, name]);

const owns: Statement = {
  name: 'owns_prefix',
  text: 'select from scope_prefix where scope_prefix.prefix = $2 and scope_prefix.owner = $1',
};

export const ownsPrefix = async (db: Db, owner: string, prefix: string) =>
  (await query(db, owns, [owner, prefix])).length === 1;

const put: Statement = {
  name: 'put_scope',
  text: `with before as (select scope.token_lifetime_seconds as lifetime, scope.ended_at from api_scope scope where scope.name = $2),
    put as (insert into api_scope as scope (name, owner, token_lifetime_seconds) values ($2, $1, $3)
      on conflict (name) do update set owner = excluded.owner, token_lifetime_seconds = excluded.token_lifetime_seconds, ended_at = null
        where scope.owner = $1 or scope.ended_at is not null returning scope.name),
    noted as (${eventOfEach(
      `select case when exists (select from before where before.ended_at is null) then 'scope_changed' else 'scope_registered' end, $1::uuid, $1::uuid, $1::uuid,
        jsonb_build_object('scope', put.name) from put
        where not exists (select from before where before.ended_at is null and before.lifetime is not distinct from $3::int)`,
      '$4::timestamptz',
      '$5',
    )})
    select put.name from put`,
};

/** False when the scope is another's. */
export async function putScope(
  act: Act,
  owner: string,
  name: string,
  lifetime: number | null,
): Promise<boolean> {
  const most = { scope_registered: 1, scope_changed: 1 };
  const ids = idsFor(act, most, { from: owner, to: owner, by: owner });
  return (await query(act.db, put, [owner, name, lifetime, act.now, ids])).length === 1;
}

/** Events of changed rows of holders; `by` is the doer's party. */
export const eventsOfHolders = (type: string, rows: string, by: string) =>
  `select '${type}', scope.owner, ${rows}.party, ${by}, jsonb_build_object('scope', scope.name, 'consumer', ${rows}.consumer)
    from ${rows} join api_scope scope on scope.name = ${rows}.scope`;
/** The owner hands out and takes back. */
const handed = (type: string, rows: string) => eventsOfHolders(type, rows, '$1::uuid');

const end: Statement = {
  name: 'end_scope',
  text: `with ended as (update api_scope scope set ended_at = $3 where scope.name = $2 and scope.owner = $1 and scope.ended_at is null returning scope.name),
    gone as (update api_scope_holder holder set ended_at = $3 from ended where holder.scope = ended.name and holder.ended_at is null returning holder.scope, holder.party, holder.consumer),
    noted as (${eventOfEach(
      `select 'scope_ended', $1::uuid, $1::uuid, $1::uuid, jsonb_build_object('scope', ended.name) from ended union all ${handed('scope_taken', 'gone')}`,
      '$3::timestamptz',
      '$4',
    )})
    select ended.name from ended`,
};

// Whoever would hand it to one more waits, as a holder's row names the scope's.
const lock: Statement = {
  name: 'lock_scope',
  text: 'select scope.name from api_scope scope where scope.name = $2 and scope.owner = $1 and scope.ended_at is null for update',
};
const countHolders: Statement = {
  name: 'count_scope_holders',
  text: 'select count(*)::int as count from api_scope_holder holder where holder.scope = $1 and holder.ended_at is null',
};

/** With whom it was handed to; false when it is not there. */
export const endScope = (act: Act, owner: string, name: string): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    if (!(await queryOne(inner.db, lock, [owner, name]))) return false;
    const holders = (await queryOne<{ count: number }>(inner.db, countHolders, [name]))!.count;
    const most = { scope_ended: 1, scope_taken: holders };
    const ids = idsFor(inner, most, { from: owner, by: owner });
    return (await query(inner.db, end, [owner, name, act.now, ids])).length === 1;
  });

const give: Statement = {
  name: 'give_scope',
  text: `with come as (insert into api_scope_holder as holder (scope, party, consumer)
      select scope.name, $3, null from api_scope scope where scope.name = $2 and scope.owner = $1 and scope.ended_at is null
      on conflict (scope, party, consumer) do update set ended_at = null where holder.ended_at is not null returning holder.scope, holder.party, holder.consumer)
    ${eventOfEach(handed('scope_given', 'come'), '$4::timestamptz', '$5')}`,
};
const take: Statement = {
  name: 'take_scope',
  text: `with gone as (update api_scope_holder holder set ended_at = $4 from api_scope scope where scope.name = $2 and scope.owner = $1 and holder.scope = scope.name
      and holder.party = $3 and holder.consumer is null and holder.ended_at is null returning holder.scope, holder.party, holder.consumer),
    noted as (${eventOfEach(handed('scope_taken', 'gone'), '$4::timestamptz', '$5')})
    select gone.scope from gone`,
};

const handedId = (act: Act, kind: 'scope_given' | 'scope_taken', owner: string, to: string) =>
  idsFor(act, { [kind]: 1 }, { from: owner, to, by: owner });

/** Hands a scope to an organisation, which may have it already. */
export const giveScope = (act: Act, owner: string, name: string, to: string) =>
  query(act.db, give, [owner, name, to, act.now, handedId(act, 'scope_given', owner, to)]);
/** Takes it back; false when the organisation did not have it. */
export async function takeScope(act: Act, owner: string, name: string, from: string) {
  const ids = handedId(act, 'scope_taken', owner, from);
  return (await query(act.db, take, [owner, name, from, act.now, ids])).length === 1;
}

const claim: Statement = {
  name: 'claim_prefixes',
  text: `insert into scope_prefix (prefix, owner) select distinct r.prefix, r.owner from jsonb_to_recordset($1::jsonb) as r(prefix text, owner uuid)
    where not exists (select from api_scope shared where split_part(shared.name, ':', 1) = r.prefix and shared.owner <> r.owner and shared.ended_at is null)
    on conflict (prefix) do nothing`,
};

/** Prefixes that are nobody's yet, and of which nobody else has a scope, become their owners'. */
export const claimPrefixes = (db: Db, rows: { prefix: string; owner: string }[]) =>
  query(db, claim, [JSON.stringify(rows)]);
