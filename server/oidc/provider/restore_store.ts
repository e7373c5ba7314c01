// SQL of tokens and logins at clients that were no more when the database was set back: revoked,
// used up or ended after the point. And of the marks of assertions that had been used.
import { endedAgain } from '../../platform/db/archive_store.ts';
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

const LOT = 5_000;

const own: Statement = {
  name: 'states_after',
  text: `select state.model, state.id_hash as id from oidc_state state where (state.model, state.id_hash) > ($1, $2)
    order by state.model, state.id_hash limit ${LOT}`,
};
const still: Statement = {
  name: 'states_still',
  text: `select state.model, state.id_hash as id, state.consumed_at as "consumedAt", case when state.model = 'Grant' then state.payload end as payload from oidc_state state
    join unnest($1::text[], $2::text[]) as asked(model, id) on state.model = asked.model and state.id_hash = asked.id`,
};
const forget: Statement = {
  name: 'forget_states',
  text: `delete from oidc_state using unnest($1::text[], $2::text[]) as gone(model, id) where oidc_state.model = gone.model and oidc_state.id_hash = gone.id`,
};
const use: Statement = {
  name: 'use_states_again',
  text: `update oidc_state set consumed_at = used.at from unnest($1::text[], $2::text[], $3::timestamptz[]) as used(model, id, at)
    where oidc_state.model = used.model and oidc_state.id_hash = used.id and oidc_state.consumed_at is null returning oidc_state.id_hash`,
};

// A grant is what it was at the end: a party may have been taken out of it.
const narrow: Statement = {
  name: 'narrow_grants_again',
  text: `update oidc_state set payload = own.payload from jsonb_to_recordset($1::jsonb) as own(id text, payload jsonb)
    where oidc_state.model = 'Grant' and oidc_state.id_hash = own.id and oidc_state.payload <> own.payload returning oidc_state.id_hash`,
};

interface State {
  model: string;
  id: string;
}
const models = (states: State[]) => states.map(({ model }) => model);
const ids = (states: State[]) => states.map(({ id }) => id);

/** Forgets what the archive has no more, and uses up what it used; answers with how many. */
export async function takeStatesAgain(db: Db, archive: Db): Promise<number> {
  let taken = 0;
  for (let last: State | undefined = { model: '', id: '' }; last; ) {
    const lot: State[] = await query<State>(db, own, [last.model, last.id]);
    const left = await query<State & { consumedAt: Date | null; payload: object | null }>(
      archive,
      still,
      [models(lot), ids(lot)],
    );
    const known = new Set(left.map(({ model, id }) => `${model} ${id}`));
    const gone = lot.filter(({ model, id }) => !known.has(`${model} ${id}`));
    await query(db, forget, [models(gone), ids(gone)]);
    const used = left.filter(({ consumedAt }) => consumedAt);
    const values = [models(used), ids(used), used.map(({ consumedAt }) => consumedAt)];
    const grants = JSON.stringify(left.filter(({ payload }) => payload));
    taken += gone.length + (await query(db, use, values)).length;
    taken += (await query(db, narrow, [grants])).length;
    last = lot.length === LOT ? lot.at(-1) : undefined;
  }
  return taken;
}

const revoked: Statement = {
  name: 'revoked_tokens_as_rows',
  text: 'select coalesce(jsonb_agg(token), $$[]$$) as rows from revoked_token token where token.expires_at > $1',
};
const revoke: Statement = {
  name: 'revoke_tokens_again',
  text: `insert into revoked_token select * from jsonb_populate_recordset(null::revoked_token, $1::jsonb) on conflict (jti) do nothing returning revoked_token.jti`,
};
const marks: Statement = {
  name: 'replay_marks_after',
  text: `select mark.id, mark.expires_at from replay_mark mark where mark.expires_at > $1 and mark.id > $2 order by mark.id limit ${LOT}`,
};
const mark: Statement = {
  name: 'mark_used_again',
  text: `insert into replay_mark select * from jsonb_populate_recordset(null::replay_mark, $1::jsonb) on conflict (id) do nothing`,
};

/** Revokes what was revoked, and marks what was used; answers with how many tokens. */
export async function revokeAgain({ db, now }: Act, archive: Db): Promise<number> {
  for (let last: string | undefined = ''; last !== undefined; ) {
    const lot: { id: string }[] = await query(archive, marks, [now, last]);
    await query(db, mark, [JSON.stringify(lot)]);
    last = lot.length === LOT ? lot.at(-1)!.id : undefined;
  }
  const { rows } = (await queryOne<{ rows: object[] }>(archive, revoked, [now]))!;
  return (await query(db, revoke, [JSON.stringify(rows)])).length;
}

const changed: Statement = {
  name: 'clients_as_rows',
  text: `select client.client_id as id, md5(to_jsonb(client)::text) as digest from oauth_client client order by client.client_id`,
};
/** Clients that are not as they were at the end: their secrets and keys of before serve again. */
export async function changedClients(db: Db, archive: Db): Promise<string[]> {
  const [own, theirs] = await Promise.all(
    [db, archive].map(async (one) => {
      const rows = await query<{ id: string; digest: string }>(one, changed);
      return new Map(rows.map(({ id, digest }) => [id, digest]));
    }),
  );
  const ids = new Set([...own!.keys(), ...theirs!.keys()]);
  return [...ids].filter((id) => own!.get(id) !== theirs!.get(id)).sort();
}

/** Ends what persons let clients no longer do, since an instant; answers with how many. */
export const endPermissionsAgain = endedAgain('offline_permission');
