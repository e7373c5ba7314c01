// SQL of comparisons: the one that was asked for or is under way, how far it has come and what it
// has found so far, and those that have ended. A node that takes a comparison up makes a run of it;
// an earlier run, of a node that was thought to be gone, saves nothing any more.
import { randomUUID } from 'node:crypto';
import { inTransaction, type Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import { sweepAll, sweepStatement } from '../../platform/db/sweep_store.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { GoesOn } from '../../platform/job.ts';
import { UNREAD, type Drift } from './model.ts';

export interface Comparison {
  id: string;
  /** The node's taking up of it. */
  run: string;
  /** The last party that was compared, by UUID. */
  after: string;
  /** Whether all have been compared; what is left is to put right. */
  isWalked: boolean;
  checked: number;
  /** Facts held of the parties compared, and how many the register no longer says. */
  facts: number;
  extra: number;
  /** Differences, and how many of them were put right. */
  found: number;
  ended: number;
  begun: number;
}

/** A difference, with how many facts of its party the register no longer says. */
export interface Found extends Drift {
  extra: number;
}

const columns = `comparison.id, comparison.run, comparison.after, comparison.is_walked as "isWalked", comparison.checked, comparison.facts,
  comparison.extra, comparison.found, comparison.ended, comparison.begun`;
const isOpen = 'comparison.source = $1 and comparison.ended_at is null';

const askFor: Statement = {
  name: 'ask_for_comparison',
  text: `insert into register_comparison (id, source, asked_at) values ($1, $2, $3)
    on conflict (source) where ended_at is null do update set asked_at = excluded.asked_at`,
};
/** Wants a source compared, day or night. */
export const askForComparison = (act: Act, source: string) =>
  query(act.db, askFor, [uuidv7(act.now), source, act.now]);

const waits: Statement = {
  name: 'comparison_waits',
  text: `select from register_comparison comparison where ${isOpen}`,
};
/** Whether one was asked for, or was broken off. */
export const comparisonWaits = async (db: Db, source: string): Promise<boolean> =>
  (await query(db, waits, [source])).length > 0;

const last: Statement = {
  name: 'last_comparison',
  text: `select comparison.ended_at as "endedAt" from register_comparison comparison
    where comparison.source = $1 and comparison.ended_at is not null order by comparison.id desc limit 1`,
};
/** When a source was last compared to the end. */
export const lastCompared = async (db: Db, source: string): Promise<Date | undefined> =>
  (await queryOne<{ endedAt: Date }>(db, last, [source]))?.endedAt;

const begin: Statement = {
  name: 'begin_comparison',
  text: `insert into register_comparison as comparison (id, source, begun_at, run) values ($1, $2, $3, $4)
    on conflict (source) where ended_at is null do update
      set begun_at = coalesce(comparison.begun_at, excluded.begun_at), run = excluded.run returning ${columns}`,
};
const leaveOff: Statement = {
  name: 'leave_off_comparison',
  text: `delete from register_comparison comparison where ${isOpen} and comparison.asked_at > comparison.begun_at`,
};
/** The one that was broken off; a new one where there is none, or it is asked for since. */
export const beginComparison = (act: Act, source: string): Promise<Comparison> =>
  inTransaction(act, async ({ db, now }) => {
    await query(db, leaveOff, [source]);
    return (await queryOne<Comparison>(db, begin, [uuidv7(now), source, now, randomUUID()]))!;
  });

const forget: Statement = {
  name: 'forget_comparison',
  text: `delete from register_comparison comparison where ${isOpen}`,
};
/** Forgets the one that is under way, and that it was asked for. */
export const forgetComparison = (db: Db, source: string) => query(db, forget, [source]);

const save: Statement = {
  name: 'save_comparison',
  text: `with saved as (
      update register_comparison comparison set after = $3, is_walked = $4, checked = $5, facts = $6, extra = $7, found = $8
      where comparison.id = $1 and comparison.run = $2 returning comparison.id),
    noted as (
      insert into register_difference (comparison, party, what, ours, theirs, extra, is_open)
      select saved.id, one.party, one.what, one.ours, one.theirs, one.extra, one.what <> '${UNREAD}'
      from saved, jsonb_to_recordset($9) as one (party uuid, what text, ours jsonb, theirs jsonb, extra bigint))
    select from saved`,
};
/** Notes how far it has come, with what was found since; answers whether the run is still its. */
export const saveComparison = async (db: Db, one: Comparison, found: Found[]): Promise<boolean> =>
  (
    await query(db, save, [
      ...[one.id, one.run, one.after, one.isWalked, one.checked, one.facts, one.extra, one.found],
      JSON.stringify(found),
    ])
  ).length > 0;

const wrong: Statement = {
  name: 'wrong_parties',
  text: `select difference.party, max(difference.extra) as extra, array_agg(difference.what) as what
    from register_difference difference where difference.comparison = $1 and difference.is_open
    group by difference.party order by difference.party limit $2`,
};
interface WrongParty {
  party: string;
  extra: number;
  /** In what it differs. */
  what: string[];
}
/** Some of the parties that are still to be put right. */
export const wrongParties = (db: Db, { id }: Comparison, most: number) =>
  query<WrongParty>(db, wrong, [id, most]);

const settle: Statement = {
  name: 'settle_differences',
  text: `with saved as (
      update register_comparison comparison set ended = $3, begun = $4, found = $5
      where comparison.id = $1 and comparison.run = $2 returning comparison.id),
    closed as (
      update register_difference difference set is_open = false, done = (
        select made.done from jsonb_to_recordset($7) as made (party uuid, what text, done text)
        where made.party = difference.party and made.what = difference.what)
      from saved where difference.comparison = saved.id and difference.party = any($6)),
    noted as (
      insert into register_difference (comparison, party, what, theirs, is_open)
      select saved.id, one.party, 'repair', one.why, false from saved, jsonb_to_recordset($8) as one (party uuid, why jsonb))
    select from saved`,
};

/** The outcome of putting some parties right. */
export interface Settled {
  parties: string[];
  made: { party: string; what: string; done: Drift['done'] }[];
  /** Parties that could not be put right, and why. */
  left: { party: string; why: string }[];
}

/** Notes what was put right of some parties; answers whether the run is still its. */
export const settleDifferences = async (
  db: Db,
  one: Comparison,
  { parties, made, left }: Settled,
): Promise<boolean> =>
  (
    await query(db, settle, [
      ...[one.id, one.run, one.ended, one.begun, one.found, parties],
      ...[JSON.stringify(made), JSON.stringify(left)],
    ])
  ).length > 0;

const end: Statement = {
  name: 'end_comparison',
  text: `update register_comparison comparison set ended_at = $3, held_back = $4
    where comparison.id = $1 and comparison.run = $2 returning comparison.source,
      case when comparison.asked_at > comparison.begun_at then comparison.asked_at end as "askedAt"`,
};
/**
 * Ends it; it waits anew where it has been asked for while it was made. Answers whether the run was
 * still its.
 */
export const endComparison = (act: Act, one: Comparison, heldBack: string | null) =>
  inTransaction(act, async ({ db, now }): Promise<boolean> => {
    const ended = await queryOne<{ source: string; askedAt: Date | null }>(db, end, [
      ...[one.id, one.run, now, heldBack],
    ]);
    if (ended?.askedAt) await query(db, askFor, [uuidv7(now), ended.source, ended.askedAt]);
    return ended !== undefined;
  });

const differences: Statement = {
  name: 'differences',
  text: `select difference.party, difference.what, difference.ours, difference.theirs, difference.done
    from register_difference difference where difference.comparison = $1 order by difference.party, difference.what`,
};
/** All that a comparison found. */
export const readDifferences = (db: Db, comparison: string) =>
  query<Drift>(db, differences, [comparison]);

/** How long a comparison is kept, with its differences. */
const KEPT_MILLIS = 90 * 24 * 3_600_000;
const sweep = sweepStatement('register_comparison', 'ended_at < $1');
/** Removes comparisons that ended long ago, with their differences. */
export const sweepComparisons = ({ db, now }: Act, goesOn: GoesOn) =>
  sweepAll(db, sweep, new Date(now.getTime() - KEPT_MILLIS), goesOn);
