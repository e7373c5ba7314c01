// SQL of sessions and of logins on their way. Bearer values come in as digests only.
import { query, queryOne, type Db, type Statement } from '../platform/db.ts';

export interface SessionRow {
  party: string;
  name: string;
  level: number;
  amr: string[];
  loggedInAt: Date;
  expiresAt: Date;
  idTokenSealed: string | null;
}

const insertRow: Statement = {
  name: 'insert_session',
  text: `insert into login_session (id_hash, party, level, amr, logged_in_at, expires_at, id_token_sealed)
    values ($1, $2, $3, $4, $5, $6, $7)`,
};

export async function insertSession(
  db: Db,
  idHash: string,
  row: Omit<SessionRow, 'name'>,
): Promise<void> {
  await query(db, insertRow, [
    idHash,
    row.party,
    row.level,
    row.amr,
    row.loggedInAt,
    row.expiresAt,
    row.idTokenSealed,
  ]);
}

const selectSession: Statement = {
  name: 'select_session',
  text: `select session.party, party.name, session.level, session.amr, session.logged_in_at as "loggedInAt",
      session.expires_at as "expiresAt", session.id_token_sealed as "idTokenSealed"
    from login_session session join party on party.id = session.party
    where session.id_hash = $1 and session.expires_at > $2 and (party.ended_at is null or party.ended_at > $2)`,
};

export function findSession(db: Db, idHash: string, now: Date): Promise<SessionRow | undefined> {
  return queryOne<SessionRow>(db, selectSession, [idHash, now]);
}

const prolong: Statement = {
  name: 'prolong_session',
  text: 'update login_session set expires_at = $2 where login_session.id_hash = $1',
};

export async function prolongSession(db: Db, idHash: string, until: Date): Promise<void> {
  await query(db, prolong, [idHash, until]);
}

const removeSession: Statement = {
  name: 'delete_session',
  text: 'delete from login_session where login_session.id_hash = $1 returning login_session.id_token_sealed as "idTokenSealed"',
};

export function deleteSession(
  db: Db,
  idHash: string,
): Promise<{ idTokenSealed: string | null } | undefined> {
  return queryOne(db, removeSession, [idHash]);
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
  db: Db,
  stateHash: string,
  browserHash: string,
  now: Date,
): Promise<string | undefined> {
  return (await queryOne<{ sealed: string }>(db, takeAttempt, [stateHash, browserHash, now]))
    ?.sealed;
}

const sweep: Statement[] = ['login_session', 'login_attempt'].map((table) => ({
  name: `sweep_${table}`,
  text: `delete from ${table} where ctid in (select ctid from ${table} where expires_at < $1 limit 50000)`,
}));

/** Removes what has expired, a bounded number of rows a time. */
export async function sweepSessions(db: Db, now: Date): Promise<void> {
  for (const statement of sweep) await query(db, statement, [now]);
}
