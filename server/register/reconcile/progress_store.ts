// SQL of a comparison that is under way: how far it has come, and what it has found so far.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import type { Drift } from './model.ts';

export interface Comparison {
  source: string;
  /** The last party that was compared, by UUID. */
  after: string;
  /** Whether all have been compared; what is left is to put right `wrong`. */
  isWalked: boolean;
  checked: number;
  /** Facts held of the parties compared, and how many the register no longer says. */
  facts: number;
  extra: number;
  ended: number;
  begun: number;
  drift: Drift[];
  /** Parties of which it says otherwise, with how many facts it no longer says. */
  wrong: { party: string; extra: number }[];
}

const columns = `comparison.source, comparison.after, comparison.is_walked as "isWalked", comparison.checked, comparison.facts, comparison.extra,
  comparison.ended, comparison.begun, comparison.drift, comparison.wrong`;

const askFor: Statement = {
  name: 'ask_for_comparison',
  text: `insert into register_comparison (source, asked_at) values ($1, $2)
    on conflict (source) do update set asked_at = excluded.asked_at`,
};
/** Wants a source compared, day or night. */
export const askForComparison = (act: Act, source: string) =>
  query(act.db, askFor, [source, act.now]);

const waits: Statement = {
  name: 'comparison_waits',
  text: 'select from register_comparison comparison where comparison.source = $1',
};
/** Whether one was asked for, or was broken off. */
export const comparisonWaits = async (db: Db, source: string): Promise<boolean> =>
  (await query(db, waits, [source])).length > 0;

const begin: Statement = {
  name: 'begin_comparison',
  text: `insert into register_comparison as comparison (source, begun_at) values ($1, $2)
    on conflict (source) do update set begun_at = coalesce(comparison.begun_at, excluded.begun_at) returning ${columns}`,
};
const leaveOff: Statement = {
  name: 'leave_off_comparison',
  text: 'delete from register_comparison comparison where comparison.source = $1 and comparison.asked_at > comparison.begun_at',
};
/** The one that was broken off; a new one where there is none, or it is asked for since. */
export async function beginComparison({ db, now }: Act, source: string): Promise<Comparison> {
  await query(db, leaveOff, [source]);
  return (await queryOne<Comparison>(db, begin, [source, now]))!;
}

const save: Statement = {
  name: 'save_comparison',
  text: `update register_comparison comparison set after = $2, is_walked = $3, checked = $4, facts = $5, extra = $6, ended = $7, begun = $8,
      drift = $9, wrong = $10 where comparison.source = $1`,
};
export const saveComparison = (db: Db, one: Comparison) =>
  query(db, save, [
    ...[one.source, one.after, one.isWalked, one.checked, one.facts, one.extra],
    ...[one.ended, one.begun, JSON.stringify(one.drift), JSON.stringify(one.wrong)],
  ]);

const end: Statement = {
  name: 'end_comparison',
  text: `delete from register_comparison comparison
    where comparison.source = $1 and (comparison.asked_at <= comparison.begun_at) is not false`,
};
/** Forgets it, unless it has been asked for again while it was made. */
export const endComparison = (db: Db, source: string) => query(db, end, [source]);
