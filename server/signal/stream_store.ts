// SQL of streams: made, read, changed and ended by their client; stopped by what their receivers
// answer.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

export type StreamMethod = 'push' | 'poll' | 'webhook';
/** The reason of a stream that was given up for what it held. */
export const HELD_TOO_LONG = 'held_too_long';
export type StreamStatus = 'enabled' | 'paused' | 'disabled';

export interface StreamRow {
  id: string;
  owner: string;
  /** The organisation that keeps it for its owner; null for the owner itself. */
  supplier: string | null;
  client: string;
  method: StreamMethod;
  endpoint: string | null;
  /** Sealed, as the secrets are. */
  authorizationHeader: string | null;
  secret: string | null;
  otherSecret: string | null;
  /** Until when what is sent is signed with the other secret too. */
  otherUntil: Date | null;
  description: string | null;
  /** The kinds that are wanted; null for all. */
  kinds: string[] | null;
  status: StreamStatus;
  reason: string | null;
  /** Whether it was paused by what its receiver answered. */
  stopped: boolean;
  madeAt: Date;
  verifiedAt: Date | null;
  verificationAt: Date | null;
}

const columns = `stream.id, stream.owner, stream.supplier, stream.client, stream.method, stream.endpoint, stream.authorization_header as "authorizationHeader",
  stream.secret, stream.other_secret as "otherSecret", stream.other_until as "otherUntil", stream.description, stream.kinds, stream.status,
  stream.reason, stream.stopped, stream.made_at as "madeAt", stream.verified_at as "verifiedAt", stream.verification_at as "verificationAt"`;

export type NewStream = Pick<
  StreamRow,
  | ('id' | 'owner' | 'supplier' | 'client' | 'method' | 'endpoint' | 'authorizationHeader')
  | ('secret' | 'description' | 'kinds')
>;

// Streams of one client are counted where they are made, one at a time.
const lock: Statement = {
  name: 'lock_streams_of_client',
  text: 'select pg_advisory_xact_lock(727280, hashtext($1))',
};
const count: Statement = {
  name: 'count_streams_of_client',
  text: 'select count(*)::int as count from signal_stream stream where stream.client = $1 and stream.owner = $2 and stream.ended_at is null',
};
/** How many a client has; nobody makes one for it before the end of the transaction. */
export async function holdStreams(db: Db, client: string, owner: string): Promise<number> {
  await query(db, lock, [client]);
  return (await queryOne<{ count: number }>(db, count, [client, owner]))!.count;
}

const insert: Statement = {
  name: 'insert_stream',
  text: `insert into signal_stream (id, owner, client, method, endpoint, authorization_header, secret, description, kinds, made_at, verified_at, supplier)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $4 <> 'push' then $10::timestamptz end, $11)`,
};
export const insertStream = (act: Act, one: NewStream) =>
  query(act.db, insert, [
    ...[one.id, one.owner, one.client, one.method, one.endpoint, one.authorizationHeader],
    ...[one.secret, one.description, one.kinds, act.now, one.supplier],
  ]);

const ofClient: Statement = {
  name: 'streams_of_client',
  text: `select ${columns} from signal_stream stream where stream.client = $1 and stream.owner = $2 and stream.ended_at is null order by stream.id`,
};
export const listStreams = (
  db: Db,
  { client, owner }: { client: string; owner: { id: string } },
): Promise<StreamRow[]> => query(db, ofClient, [client, owner.id]);

const find: Statement = {
  name: 'find_stream',
  text: `select ${columns} from signal_stream stream where stream.id = $1 and stream.ended_at is null`,
};
export const findStream = (db: Db, id: string): Promise<StreamRow | undefined> =>
  queryOne(db, find, [id]);

const hold: Statement = {
  name: 'hold_stream',
  text: `select ${columns} from signal_stream stream where stream.id = $1 and stream.ended_at is null for no key update`,
};
/** The same, changed by nobody else before the end of the transaction. */
export const holdStream = (db: Db, id: string): Promise<StreamRow | undefined> =>
  queryOne(db, hold, [id]);

const change: Statement = {
  name: 'change_stream',
  text: `update signal_stream set endpoint = $2, authorization_header = $3, description = $4, kinds = $5, verified_at = $6 where signal_stream.id = $1`,
};
export const changeStream = (
  db: Db,
  id: string,
  to: Pick<StreamRow, 'endpoint' | 'authorizationHeader' | 'description' | 'kinds' | 'verifiedAt'>,
) =>
  query(db, change, [
    ...[id, to.endpoint, to.authorizationHeader, to.description, to.kinds, to.verifiedAt],
  ]);

const setStatus: Statement = {
  name: 'set_stream_status',
  text: `update signal_stream set status = $2, reason = $3, stopped = $4,
      paused_at = case when $2 <> 'paused' then null else coalesce(signal_stream.paused_at, $5) end where signal_stream.id = $1`,
};
export const setStreamStatus = (
  act: Act,
  id: string,
  { status, reason, stopped }: Pick<StreamRow, 'status' | 'reason' | 'stopped'>,
) => query(act.db, setStatus, [id, status, reason, stopped, act.now]);

const verified: Statement = {
  name: 'verify_stream',
  text: `update signal_stream set verified_at = coalesce(signal_stream.verified_at, $2),
      status = case when signal_stream.stopped and signal_stream.status = 'paused' then 'enabled' else signal_stream.status end, reason = case when signal_stream.stopped then null else signal_stream.reason end,
      paused_at = case when signal_stream.stopped then null else signal_stream.paused_at end, stopped = false
    where signal_stream.id = $1 and signal_stream.endpoint = $3 and signal_stream.ended_at is null`,
};
/**
 * Its address, as it is now, accepted a verification: what was held is sent, unless its client
 * paused it.
 */
export const noteVerified = (act: Act, id: string, endpoint: string | null) =>
  query(act.db, verified, [id, act.now, endpoint]);

const stop: Statement = {
  name: 'stop_stream',
  text: `update signal_stream set status = $4, reason = $2, stopped = true, paused_at = $3 where signal_stream.id = $1 and signal_stream.status = 'enabled' and signal_stream.endpoint = $5 returning signal_stream.id`,
};
/** Its receiver refuses: what it would hear is held. False where it was no longer enabled. */
export const stopStream = async (
  act: Act,
  id: string,
  { reason, to, endpoint }: { reason: string; to: 'paused' | 'disabled'; endpoint: string | null },
): Promise<boolean> =>
  (await queryOne(act.db, stop, [id, reason, act.now, to, endpoint])) !== undefined;

const askedToVerify: Statement = {
  name: 'note_verification_of_stream',
  text: `update signal_stream set verification_at = $2 where signal_stream.id = $1
    and (signal_stream.verification_at is null or signal_stream.verification_at <= $3) returning signal_stream.id`,
};
/** Notes a verification that a client asks for; false where the last was after `since`. */
export const noteVerification = async (act: Act, id: string, since: Date): Promise<boolean> =>
  (await queryOne(act.db, askedToVerify, [id, act.now, since])) !== undefined;

const turn: Statement = {
  name: 'turn_webhook_secret',
  text: `update signal_stream set other_secret = signal_stream.secret, other_until = $3, secret = $2 where signal_stream.id = $1`,
};
/** Signs with a new secret from now on, and with the one before until an instant. */
export const turnSecret = (db: Db, id: string, secret: string, until: Date) =>
  query(db, turn, [id, secret, until]);

const end: Statement = {
  name: 'end_stream',
  text: `with ended as (update signal_stream set ended_at = $2 where signal_stream.id = $1 and signal_stream.ended_at is null returning signal_stream.id),
    dropped as (update signal_delivery delivery set state = 'dropped', why = 'stream_deleted', settled_at = $2 from ended where delivery.stream_id = ended.id and delivery.state = 'waiting')
    select ended.id from ended`,
};
export const endStream = (act: Act, id: string) => query(act.db, end, [id, act.now]);

const remove: Statement = {
  name: 'remove_stream_subject',
  text: 'insert into signal_removed (stream_id, subject) values ($1, $2) on conflict do nothing',
};
const add: Statement = {
  name: 'add_stream_subject',
  text: 'delete from signal_removed where signal_removed.stream_id = $1 and signal_removed.subject = $2',
};
export const setSubject = (db: Db, id: string, subject: string, how: 'add' | 'remove') =>
  query(db, how === 'add' ? add : remove, [id, subject]);

// A push stream that is open holds nothing for a day: what it does not take is a dead letter then.
const tooLong: Statement = {
  name: 'streams_that_hold_too_long',
  text: `select stream.id from signal_stream stream where stream.ended_at is null and stream.status <> 'disabled'
    and (stream.paused_at <= $1 or exists (select from signal_delivery held where held.stream_id = stream.id and held.state = 'waiting' and held.made_at <= $1)
      or ((stream.status = 'paused' or stream.verified_at is null or stream.method = 'poll')
        and (select count(*) from (select from signal_delivery held where held.stream_id = stream.id and held.state = 'waiting' limit $2) as held) >= $2))`,
};
/**
 * Streams that were paused before an instant, or hold something since then, or so many events:
 * paused, not verified, or read by nobody.
 */
export const listHeldTooLong = async (db: Db, before: Date, most: number): Promise<string[]> =>
  (await query<{ id: string }>(db, tooLong, [before, most])).map(({ id }) => id);

const kept: Statement = {
  name: 'streams_of_suppliers',
  text: `select array_agg(stream.id) as ids, owner.organization_no as "ownerNo", supplier.organization_no as "supplierNo" from signal_stream stream
    join party owner on owner.id = stream.owner join party supplier on supplier.id = stream.supplier
    where stream.ended_at is null and stream.status <> 'disabled' group by owner.organization_no, supplier.organization_no`,
};
/** Streams that suppliers keep for owners, by the two. */
export const listOfSuppliers = (
  db: Db,
): Promise<{ ids: string[]; ownerNo: string; supplierNo: string }[]> => query(db, kept, []);
