// SQL of what a person has let programs do with a login: listed, narrowed and stopped, by the
// digest of the grant, which opens nothing.
import type { Act } from '../../platform/act.ts';
import type { Lasting } from './offline_model.ts';
import { lastingOfGrant, stillLasts } from './offline_store.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

interface AppParty {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
}

export interface AppRow {
  id: string;
  clientId: string;
  clientName: string | null;
  ownerName: string | null;
  since: Date;
  /** When it runs out at the latest; a program that `refreshes` may go on by itself until then. */
  until: Date | null;
  /** The thing that it ends with, if not before. */
  lasting: Lasting;
  refreshes: boolean;
  /** When the program last fetched a token. */
  lastUsedAt: Date;
  /** Whether it learns who the person is. */
  identity: boolean;
  consents: string[];
  parties: AppParty[];
}

const instant = (seconds: string) => `to_timestamp((${seconds})::double precision)`;
const details = `jsonb_array_elements(coalesce(state.payload -> 'rar', '[]')) detail`;

// A login on the way to a question leaves a grant that nothing was made of: no program has it.
const list: Statement = {
  name: 'list_apps',
  text: `select state.id_hash as id, state.payload ->> 'clientId' as "clientId", client.metadata ->> 'client_name' as "clientName", owner.name as "ownerName",
      ${instant(`state.payload ->> 'iat'`)} as since, state.expires_at as until, how.lasting, fetched.at is not null as refreshes,
      coalesce(fetched.at, ${instant(`state.payload ->> 'iat'`)}) as "lastUsedAt", coalesce(' ' || (state.payload #>> '{openid,scope}') || ' ', '') like '% openid %' as identity,
      array(select detail ->> 'id' from ${details} where detail ->> 'type' = $3 and detail ? 'id') as consents,
      coalesce((select jsonb_agg(distinct jsonb_build_object('id', party.id, 'kind', party.kind, 'name', party.name, 'organizationNo', party.organization_no))
        from ${details}, jsonb_array_elements_text(coalesce(detail -> 'parties', '[]')) chosen join party on party.id = chosen::uuid), '[]') as parties
    from oidc_state state cross join lateral (select ${lastingOfGrant('state')} as lasting) how left join oauth_client client on client.client_id = state.payload ->> 'clientId' left join party owner on owner.id = client.owner
      left join lateral (select max(coalesce(token.used_at, ${instant(`token.payload ->> 'iat'`)})) as at from oidc_state token
        where token.grant_id = state.grant_id and token.model = 'RefreshToken' and (token.expires_at is null or token.expires_at > $2)) fetched on true
    where state.model = 'Grant' and state.payload ->> 'accountId' = $1 and (state.expires_at is null or state.expires_at > $2)
      and ${stillLasts('how.lasting', 'state', '$2')}
      and exists (select from oidc_state made where made.grant_id = state.grant_id and made.model not in ('Grant', 'Interaction', 'Session')
        and (made.expires_at is null or made.expires_at > $2))
    order by fetched.at is null, state.payload ->> 'iat' desc, state.id_hash limit 1000`,
};

/**
 * Programs' permissions now: those that go on by themselves first, the newest of each on top;
 * consents are those of grants of this type of detail.
 */
export const listApps = (act: Act, person: string, type: string): Promise<AppRow[]> =>
  query<AppRow>(act.db, list, [person, act.now, type]);

const stop: Statement = {
  name: 'stop_app',
  text: `delete from oidc_state where oidc_state.grant_id = (select state.grant_id from oidc_state state
    where state.model = 'Grant' and state.id_hash = $1 and state.payload ->> 'accountId' = $2) returning oidc_state.model`,
};

/** Ends a grant of the person with all that was made of it; false when there is none. */
export const stopApp = async (db: Db, person: string, id: string): Promise<boolean> =>
  (await query(db, stop, [id, person])).length > 0;

const narrow: Statement = {
  name: 'narrow_app',
  text: `update oidc_state set payload = jsonb_set(oidc_state.payload, '{rar}', (select jsonb_agg(case when detail ? 'parties'
        then jsonb_set(detail, '{parties}', (detail -> 'parties') - $3::text) else detail end order by place)
      from jsonb_array_elements(oidc_state.payload -> 'rar') with ordinality as kept(detail, place)))
    where oidc_state.model = 'Grant' and oidc_state.id_hash = $1 and oidc_state.payload ->> 'accountId' = $2
      and exists (select from jsonb_array_elements(oidc_state.payload -> 'rar') kept(detail) where detail -> 'parties' ? $3::text)
    returning (select count(*)::int from jsonb_array_elements(oidc_state.payload -> 'rar') kept(detail)
      where detail ? 'parties' and detail -> 'parties' <> '[]') as left`,
};

/**
 * Takes a party out of what a grant of the person is for; answers with how many details still name
 * somebody, undefined when it named no such party.
 */
export const narrowApp = async (
  db: Db,
  { person, id, party }: { person: string; id: string; party: string },
): Promise<number | undefined> =>
  (await queryOne<{ left: number }>(db, narrow, [id, person, party]))?.left;
