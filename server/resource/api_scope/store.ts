// SQL of API scopes as their owners keep them: prefixes, scopes and who holds them. It knows no
// caller.
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

export interface OwnScope {
  name: string;
  tokenLifetimeSeconds: number | null;
  /** Organisations that it was handed to, by number. */
  holders: string[];
}

const columns = `scope.name, scope.token_lifetime_seconds as "tokenLifetimeSeconds",
  array(select party.organization_no from api_scope_holder holder join party on party.id = holder.party
    where holder.scope = scope.name and holder.consumer is null order by 1) as holders`;
const list: Statement = {
  name: 'scopes_of_owner',
  text: `select ${columns} from api_scope scope where scope.owner = $1 and scope.name > $2 order by scope.name limit $3`,
};

/** In the order of their names, after one. */
export const listOwnScopes = (db: Db, owner: string, after: string, limit: number) =>
  query<OwnScope>(db, list, [owner, after, limit]);

const find: Statement = {
  name: 'scope_of_owner',
  text: `select ${columns} from api_scope scope where scope.owner = $1 and scope.name = $2`,
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
  text: `insert into api_scope (name, owner, token_lifetime_seconds) values ($2, $1, $3)
    on conflict (name) do update set token_lifetime_seconds = excluded.token_lifetime_seconds where api_scope.owner = $1 returning api_scope.name`,
};

/** False when the scope is another's. */
export const putScope = async (db: Db, owner: string, name: string, lifetime: number | null) =>
  (await query(db, put, [owner, name, lifetime])).length === 1;

const end: Statement = {
  name: 'end_scope',
  text: `with gone as (delete from api_scope_holder holder using api_scope scope where scope.name = $2 and scope.owner = $1 and holder.scope = scope.name)
    delete from api_scope where api_scope.name = $2 and api_scope.owner = $1 returning api_scope.name`,
};

/** With whom it was handed to; false when it is not there. */
export const endScope = async (db: Db, owner: string, name: string) =>
  (await query(db, end, [owner, name])).length === 1;

const give: Statement = {
  name: 'give_scope',
  text: `insert into api_scope_holder (scope, party, consumer) select scope.name, $3, null from api_scope scope where scope.name = $2 and scope.owner = $1
    on conflict (scope, party, consumer) do nothing`,
};
const take: Statement = {
  name: 'take_scope',
  text: `delete from api_scope_holder holder using api_scope scope where scope.name = $2 and scope.owner = $1 and holder.scope = scope.name
    and holder.party = $3 and holder.consumer is null returning holder.scope`,
};

/** Hands a scope to an organisation, which may have it already. */
export const giveScope = (db: Db, owner: string, name: string, to: string) =>
  query(db, give, [owner, name, to]);
/** Takes it back; false when the organisation did not have it. */
export const takeScope = async (db: Db, owner: string, name: string, from: string) =>
  (await query(db, take, [owner, name, from])).length === 1;

const claim: Statement = {
  name: 'claim_prefixes',
  text: `insert into scope_prefix (prefix, owner) select distinct r.prefix, r.owner from jsonb_to_recordset($1::jsonb) as r(prefix text, owner uuid)
    where not exists (select from api_scope shared where split_part(shared.name, ':', 1) = r.prefix and shared.owner <> r.owner)
    on conflict (prefix) do nothing`,
};

/** Prefixes that are nobody's yet, and of which nobody else has a scope, become their owners'. */
export const claimPrefixes = (db: Db, rows: { prefix: string; owner: string }[]) =>
  query(db, claim, [JSON.stringify(rows)]);
