// SQL of deliveries that are settled, by what came of them: dead letters, which their client sends
// again or lets go, sweeps, and how much there is.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { sweepAll, sweepStatement } from '../platform/db/sweep_store.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import type { GoesOn } from '../platform/job.ts';
import { isNoEnd, isOutdated } from './delivery_store.ts';
import { HELD_TOO_LONG, type StreamMethod } from './stream_store.ts';

/** The outcome of a delivery. */
export interface DeliverySettled {
  stream: string;
  eventId: string;
  state: 'delivered' | 'dead' | 'dropped' | 'waiting';
  why: string | null;
  /** When it is tried again, where it waits. */
  nextAt: string | null;
}

// An accepted delivery that says what holds settles those of the same subject that waited before.
// What its receiver took it has taken, also where it was superseded or dropped on its way.
const settle: Statement = {
  name: 'settle_deliveries',
  text: `with said as (select r.* from jsonb_to_recordset($1::jsonb) as r(stream uuid, "eventId" uuid, state text, why text, "nextAt" timestamptz)),
    settled as (update signal_delivery set state = said.state, why = said.why, next_at = coalesce(said."nextAt", signal_delivery.next_at), taken_until = null,
        settled_at = case when said.state <> 'waiting' then $2::timestamptz end
      from said where signal_delivery.stream_id = said.stream and signal_delivery.event_id = said."eventId"
        and (signal_delivery.state = 'waiting' or (said.state = 'delivered' and signal_delivery.state in ('superseded', 'dropped')))
        and not (said.state = 'waiting' and signal_delivery.is_state and exists (select from said newer join signal_delivery taken on taken.stream_id = newer.stream and taken.event_id = newer."eventId"
          where newer.state = 'delivered' and taken.is_state and taken.stream_id = signal_delivery.stream_id and taken.subject = signal_delivery.subject and taken.pos > signal_delivery.pos))
      returning signal_delivery.*),
    superseded as (update signal_delivery older set state = 'superseded', settled_at = $2 from settled
      where settled.state = 'delivered' and settled.is_state and older.stream_id = settled.stream_id and older.subject = settled.subject and older.is_state
        and older.state = 'waiting' and older.pos < settled.pos and ${isNoEnd('older.kind')} and not exists (select from said where said.stream = older.stream_id and said."eventId" = older.event_id and said.state <> 'waiting')
      returning older.stream_id, older.event_id),
    back as (select distinct beside.id from settled join signal_stream stream on stream.id = settled.stream_id
        join signal_stream beside on beside.id = stream.id or (beside.owner = stream.owner and beside.endpoint = stream.endpoint and beside.ended_at is null)
        where settled.state = 'delivered' and (settled.tries > 1 or not exists (select from signal_delivery lately
          where lately.stream_id = settled.stream_id and lately.state = 'delivered' and lately.settled_at > $2::timestamptz - interval '30 seconds'))),
    sleeping as materialized (select other.stream_id, other.event_id from back join signal_delivery other on other.stream_id = back.id
        where other.state = 'waiting' and other.tries > 0 and other.next_at > $2 and other.taken_until is null
          and not exists (select from superseded where superseded.stream_id = other.stream_id and superseded.event_id = other.event_id)
          and not exists (select from said where said.stream = other.stream_id and said."eventId" = other.event_id)
        for update of other skip locked),
    woken as (update signal_delivery set next_at = $2 from sleeping where signal_delivery.stream_id = sleeping.stream_id and signal_delivery.event_id = sleeping.event_id)
    select count(*)::int as count from settled`,
};
export async function settleDeliveries(act: Act, rows: DeliverySettled[]): Promise<void> {
  if (rows.length) await query(act.db, settle, [JSON.stringify(rows), act.now]);
}

const wake: Statement = {
  name: 'wake_deliveries',
  text: `update signal_delivery set next_at = $2 where signal_delivery.stream_id = $1 and signal_delivery.state = 'waiting' and signal_delivery.tries > 0 and signal_delivery.next_at > $2 and signal_delivery.taken_until is null`,
};
/** Deliveries of a stream that wait are due now. */
export const wakeDeliveries = (act: Act, stream: string) => query(act.db, wake, [stream, act.now]);

const drop: Statement = {
  name: 'drop_deliveries',
  text: `update signal_delivery set state = 'dropped', why = $2, settled_at = $3 where signal_delivery.stream_id = $1 and signal_delivery.state = 'waiting' and signal_delivery.kind <> 'stream-updated'`,
};
/** Drops what waits of a stream that is given up. */
export const dropWaiting = (act: Act, stream: string, why: string) =>
  query(act.db, drop, [stream, why, act.now]);

const dropEnded: Statement = {
  name: 'drop_deliveries_of_ended',
  text: `update signal_delivery delivery set state = 'dropped', why = 'stream_deleted', settled_at = $1 from signal_stream stream
    where stream.ended_at is not null and delivery.stream_id = stream.id and delivery.state = 'waiting'`,
};
/** Drops what came to a stream in the moment in which its client ended it. */
export const dropOfEnded = ({ db, now }: Act) => query(db, dropEnded, [now]);

const dead: Statement = {
  name: 'dead_deliveries',
  text: `select delivery.event_id as "eventId", delivery.kind, delivery.pos::text, delivery.why, delivery.made_at as "madeAt", delivery.settled_at as "settledAt"
    from signal_delivery delivery where delivery.stream_id = $1 and delivery.state = 'dead' and delivery.pos > $2 order by delivery.pos limit $3`,
};
export interface DeadLetter {
  eventId: string;
  kind: string;
  pos: string;
  why: string | null;
  madeAt: Date;
  settledAt: Date;
}
export const listDead = (
  db: Db,
  stream: string,
  { after, limit }: { after: string; limit: number },
): Promise<DeadLetter[]> => query(db, dead, [stream, after, limit]);

const revive: Statement = {
  name: 'revive_deliveries',
  text: `update signal_delivery letter set state = became.state, why = null, tries = 0, made_at = $4, next_at = $4, settled_at = case when became.state <> 'waiting' then $4::timestamptz end
    from (select one.event_id, case when $3 = 'waiting' and one.is_state and ${isOutdated({ stream: 'one.stream_id', subject: 'one.subject', kind: 'one.kind', pos: 'one.pos' })} then 'superseded' else $3 end as state
      from signal_delivery one where one.stream_id = $1 and one.state = 'dead' and ($2::uuid[] is null or one.event_id = any($2))) as became
    where letter.stream_id = $1 and letter.state = 'dead' and letter.event_id = became.event_id returning letter.event_id`,
};
/**
 * Sends dead letters again, but for state that is older than what was accepted, or lets them go;
 * all where none is named. Answers how many.
 */
export const settleDead = async (
  act: Act,
  stream: string,
  { events, how }: { events: string[] | null; how: 'again' | 'let_go' },
): Promise<number> =>
  (await query(act.db, revive, [stream, events, how === 'again' ? 'waiting' : how, act.now]))
    .length;

// Dead letters wait two months longer for their client.
const sweep = sweepStatement(
  'signal_delivery',
  `settled_at < $1 and (swept.state <> 'dead' or swept.settled_at < $1::timestamptz - interval '60 days')`,
);
const sweepPending = sweepStatement('signal_pending', 'event_id < $1', 'event_id');
/** Removes what was settled longer ago. */
export const sweepDeliveries = ({ db, now }: Act, millis: number, goesOn: GoesOn): Promise<void> =>
  sweepAll(db, sweep, new Date(now.getTime() - millis), goesOn);

/** Removes what nobody gave out for so long, as where both doors were shut meanwhile. */
export const sweepUnspread = ({ db, now }: Act, millis: number, goesOn: GoesOn): Promise<void> =>
  sweepAll(db, sweepPending, uuidv7Floor(new Date(now.getTime() - millis)), goesOn);

/** Whether it was disabled for what it held, and its client has not said otherwise since. */
const isGivenUp = (stream: string) =>
  `(${stream}.stopped and ${stream}.status = 'disabled' and ${stream}.reason = '${HELD_TOO_LONG}')`;
const counts: Statement = {
  name: 'count_signals',
  text: `select count(*) filter (where delivery.state = 'dead')::int as dead,
    coalesce(extract(epoch from clock_timestamp() - min(delivery.made_at) filter (where delivery.state = 'waiting' and stream.status = 'enabled' and stream.method = any($1::text[]))), 0)::float8 as seconds,
    (select count(*)::int from signal_stream stopped where stopped.stopped and not ${isGivenUp('stopped')} and stopped.ended_at is null) as stopped,
    (select count(*)::int from signal_stream lost where ${isGivenUp('lost')} and lost.ended_at is null) as "givenUp"
    from signal_delivery delivery join signal_stream stream on stream.id = delivery.stream_id and stream.ended_at is null where delivery.state in ('waiting', 'dead')`,
};
interface SignalCounts {
  dead: number;
  /** Seconds since the oldest that waits for a stream that is enabled. */
  seconds: number;
  /** Streams that their receivers' answers stopped, and that held something for too long. */
  stopped: number;
  givenUp: number;
}
/** Counts what waits of streams by these methods alone: those of a shut door hear nothing. */
export const countSignals = async (db: Db, methods: StreamMethod[]) =>
  (await queryOne<SignalCounts>(db, counts, [methods]))!;
