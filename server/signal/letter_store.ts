// SQL of deliveries that are settled: dead letters, which their client sends again or lets go,
// sweeps, and how much there is.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { sweepAll, sweepStatement } from '../platform/db/sweep_store.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import type { GoesOn } from '../platform/job.ts';
import { isOutdated } from './delivery_store.ts';
import { GIVEN_UP } from './model.ts';

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

const counts: Statement = {
  name: 'count_signals',
  text: `select count(*) filter (where delivery.state = 'dead')::int as dead,
    coalesce(extract(epoch from clock_timestamp() - min(delivery.made_at) filter (where delivery.state = 'waiting' and stream.status = 'enabled')), 0)::float8 as seconds,
    (select count(*)::int from signal_stream stopped where stopped.stopped and stopped.ended_at is null) as stopped,
    (select count(*)::int from signal_stream lost where lost.status = 'disabled' and lost.reason in ('${GIVEN_UP.join("', '")}') and lost.ended_at is null) as "givenUp"
    from signal_delivery delivery join signal_stream stream on stream.id = delivery.stream_id and stream.ended_at is null where delivery.state in ('waiting', 'dead')`,
};
interface SignalCounts {
  dead: number;
  /** Seconds since the oldest that waits for a stream that is enabled. */
  seconds: number;
  /** Streams that their receivers' answers stopped, and that were given up. */
  stopped: number;
  givenUp: number;
}
export const countSignals = async (db: Db) => (await queryOne<SignalCounts>(db, counts))!;
