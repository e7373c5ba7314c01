// SQL of sessions and of logins on their way. Bearer values come in as digests only.
import { sweepExpired } from '../platform/db/sweep_store.ts';
import type { PartyKind } from '../party/model.ts';
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

export interface SessionRow {
  /** Names under which others may refer to it; they open nothing. */
  id: string;
  party: string;
  kind: PartyKind;
  name: string;
  level: number;
  amr: string[];
  loggedInAt: Date;
  /** When this login began: one for a higher level goes on with the browser's, for eight hours. */
  begunAt: Date;
  /** When the eID says that the person showed who they are. */
  authenticatedAt: Date;
  /** The interaction that this login was made for. */
  askedBy: string | null;
  /** The eID's own session (OpenID Connect Front-Channel Logout 1.0). */
  eidSid: string | null;
  locale: string | null;
  /** The browser, and what it runs on, as it says itself. */
  browser: string | null;
  device: string | null;
  expiresAt: Date;
}

const insertRow: Statement = {
  name: 'insert_session',
  text: `insert into login_session (id_hash, party, level, amr, logged_in_at, expires_at, authenticated_at, asked_by, eid_sid, locale, browser, device, begun_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13, coalesce((select earlier.begun_at from login_session earlier
      where earlier.id_hash = $11 and earlier.party = $2 and earlier.expires_at > $5
        and earlier.level < $3 and earlier.begun_at > $5::timestamptz - interval '8 hours'), $5)) returning login_session.id`,
};

/** Stores a session that begins; `earlierHash` is the one that the browser had. */
export async function insertSession(
  db: Db,
  idHash: string,
  row: Omit<SessionRow, 'kind' | 'name' | 'id' | 'begunAt'>,
  earlierHash: string | null,
): Promise<string> {
  const made = await queryOne<{ id: string }>(db, insertRow, [
    idHash,
    row.party,
    row.level,
    row.amr,
    row.loggedInAt,
    row.expiresAt,
    row.authenticatedAt,
    row.askedBy,
    row.eidSid,
    row.locale,
    earlierHash,
    row.browser,
    row.device,
  ]);
  return made!.id;
}

const selectSession: Statement = {
  name: 'select_session',
  text: `select session.id, session.party, party.kind, party.name, session.level, session.amr, session.logged_in_at as "loggedInAt", session.begun_at as "begunAt",
      session.authenticated_at as "authenticatedAt", session.asked_by as "askedBy", session.eid_sid as "eidSid", session.locale, session.browser, session.device,
      session.expires_at as "expiresAt"
    from login_session session join party on party.id = session.party
    where session.id_hash = $1 and session.expires_at > $2 and (party.ended_at is null or party.ended_at > $2)`,
};

export function findSession(act: Act, idHash: string): Promise<SessionRow | undefined> {
  return queryOne<SessionRow>(act.db, selectSession, [idHash, act.now]);
}

const prolong: Statement = {
  name: 'prolong_session',
  text: 'update login_session set expires_at = $2 where login_session.id_hash = $1',
};

export async function prolongSession(db: Db, idHash: string, until: Date): Promise<void> {
  await query(db, prolong, [idHash, until]);
}

/** A session that ends, with the clients that know of it and what each knows it by. */
export interface EndedSession {
  id: string;
  party: string;
  clients: SessionClient[];
}

/** A client that knows of a session, by which name, and its grants that end with it. */
export interface SessionClient {
  clientId: string;
  sid: string;
  grants: string[];
}

const removed = `returning login_session.id, login_session.party, (select coalesce(jsonb_agg(jsonb_build_object(
    'clientId', known.client_id, 'sid', known.sid,
    'grants', array(select bound.grant_id from session_grant bound where bound.session_id = known.session_id and bound.client_id = known.client_id)) order by known.since), '[]') from session_client known where known.session_id = login_session.id) as clients`;
const remove = {
  browser: {
    name: 'end_session_of_browser',
    text: `delete from login_session where login_session.id_hash = $1 ${removed}`,
  },
  eid: {
    name: 'end_sessions_of_eid',
    text: `delete from login_session where login_session.eid_sid = $1 ${removed}`,
  },
  one: {
    name: 'end_session_of_party',
    text: `delete from login_session where login_session.id = $1 and login_session.party = $2 ${removed}`,
  },
  all: {
    name: 'end_sessions_of_party',
    text: `delete from login_session where login_session.party = $1 ${removed}`,
  },
} satisfies Record<string, Statement>;

/** Ends sessions: that of a browser, those of one at the eID, one or all of a person's. */
export function deleteSessions(
  db: Db,
  which: keyof typeof remove,
  ...values: string[]
): Promise<EndedSession[]> {
  return query<EndedSession>(db, remove[which], values);
}

const keepClients: Statement = {
  name: 'keep_session_clients',
  text: `update session_client set session_id = $2 from login_session earlier
    where session_client.session_id = earlier.id and earlier.id_hash = $1 and earlier.party = $3`,
};

/** The same person logs in anew: clients that know the browser's earlier session know this one. */
export async function moveClients(
  db: Db,
  earlierHash: string,
  id: string,
  party: string,
): Promise<void> {
  await query(db, keepClients, [earlierHash, id, party]);
}

const addClient: Statement = {
  name: 'add_session_client',
  text: `with known as (insert into session_client (session_id, client_id, sid, since)
      select session.id, $2, $3, $4 from login_session session where session.id = $1 for key share
      on conflict (session_id, client_id) do update set sid = excluded.sid returning session_client.session_id, session_client.client_id)
    insert into session_grant (grant_id, session_id, client_id)
    select bound.id, known.session_id, known.client_id from known, unnest($5::text[]) as bound(id) on conflict (grant_id) do nothing`,
};

/** Whether the session lives that a grant is to end with. */
export const sessionLives = (grant: string, now: string) =>
  `exists (select from session_grant bound join login_session session on session.id = bound.session_id
    where bound.grant_id = ${grant} and session.expires_at > ${now})`;

/** Records that a client knows of the session; nothing when it has just ended. */
export async function noteClient(
  act: Act,
  session: string,
  { clientId, sid, grants }: SessionClient,
): Promise<void> {
  await query(act.db, addClient, [session, clientId, sid, act.now, grants]);
}

const ofParty: Statement = {
  name: 'sessions_of_party',
  text: `select session.id, session.level, session.logged_in_at as "loggedInAt", session.expires_at as "expiresAt", session.browser, session.device,
      (select coalesce(jsonb_agg(jsonb_build_object('clientId', known.client_id, 'since', known.since) order by known.since), '[]')
        from session_client known where known.session_id = session.id) as clients
    from login_session session where session.party = $1 and session.expires_at > $2 order by session.logged_in_at desc limit 50`,
};

export interface OwnSession {
  id: string;
  level: number;
  loggedInAt: Date;
  expiresAt: Date;
  browser: string | null;
  device: string | null;
  clients: { clientId: string; since: string }[];
}

/** The newest fifty sessions of a person. */
export function listSessions(act: Act, party: string): Promise<OwnSession[]> {
  return query<OwnSession>(act.db, ofParty, [party, act.now]);
}

const localeBySid: Statement = {
  name: 'locale_of_session',
  text: `select session.locale from session_client known join login_session session on session.id = known.session_id
    where known.sid = $1 and known.client_id = $2`,
};

/** The language that the eID gave for the session's person. */
export async function findLocale(
  db: Db,
  sid: string,
  clientId: string,
): Promise<string | undefined> {
  const row = await queryOne<{ locale: string | null }>(db, localeBySid, [sid, clientId]);
  return row?.locale ?? undefined;
}

const insertAttempt: Statement = {
  name: 'insert_login_attempt',
  text: 'insert into login_attempt (state_hash, browser_hash, sealed, expires_at) values ($1, $2, $3, $4)',
};

export async function insertLoginAttempt(
  db: Db,
  stateHash: string,
  browserHash: string,
  sealed: string,
  expiresAt: Date,
): Promise<void> {
  await query(db, insertAttempt, [stateHash, browserHash, sealed, expiresAt]);
}

const takeAttempt: Statement = {
  name: 'take_login_attempt',
  text: `delete from login_attempt where login_attempt.state_hash = $1 and login_attempt.browser_hash = $2
      and login_attempt.expires_at > $3 returning login_attempt.sealed`,
};

/** The attempt, once: a second call finds nothing. */
export async function takeLoginAttempt(
  act: Act,
  stateHash: string,
  browserHash: string,
): Promise<string | undefined> {
  return (
    await queryOne<{ sealed: string }>(act.db, takeAttempt, [stateHash, browserHash, act.now])
  )?.sealed;
}

const insertKept: Statement = {
  name: 'keep_form',
  text: 'insert into kept_form (id_hash, sealed, expires_at) values ($1, $2, $3)',
};
const takeKept: Statement = {
  name: 'take_kept_form',
  text: 'delete from kept_form where kept_form.id_hash = $1 and kept_form.expires_at > $2 returning kept_form.sealed',
};

export const insertKeptForm = (db: Db, idHash: string, sealed: string, expiresAt: Date) =>
  query(db, insertKept, [idHash, sealed, expiresAt]);
/** Once: a second call finds nothing. */
export const takeKeptForm = async (act: Act, idHash: string) =>
  (await queryOne<{ sealed: string }>(act.db, takeKept, [idHash, act.now]))?.sealed;

const before: Statement = {
  name: 'sessions_before',
  text: `select ((select count(*) from login_session session where session.begun_at < $1 and session.expires_at > clock_timestamp())
      + (select count(*) from login_attempt attempt where attempt.expires_at > clock_timestamp())
      + (select count(*) from kept_form kept where kept.expires_at > clock_timestamp()))::int as count`,
};
/** Sessions that began before an instant and go on; logins and forms that are under way. */
export const countSessionsBefore = async (db: Db, instant: Date): Promise<number> =>
  (await queryOne<{ count: number }>(db, before, [instant]))!.count;

/** Removes what has expired. */
export const sweepSessions = sweepExpired(['login_session', 'login_attempt', 'kept_form']);
