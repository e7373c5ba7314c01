// SQL of what a party gave and has, as support staff see it. It decides nothing.
import { columnsAt, joined, type MandateRow } from '../mandate/delegation_store.ts';
import { stands } from '../mandate/force_store.ts';
import { isProtected } from '../party/facts_store.ts';
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';

const list = (side: string) =>
  `select ${columnsAt('$2::timestamptz')}, (count(*) over ())::int as of ${joined}
    where ${side} and mandate.basis in ('delegation', 'customer') and ${stands('mandate', '$2')}`;
const NEWEST = 'order by mandate.given_at desc nulls last, mandate.id desc limit $3 offset $4';
const given: Statement = {
  name: 'given_for_support',
  text: `${list('mandate.from_party = $1')} and ($5::uuid[] is null or mandate.id = any($5)) ${NEWEST}`,
};
const had: Statement = {
  name: 'had_for_support',
  text: `${list('mandate.to_party = $1')} and not ${isProtected('mandate.from_party')} ${NEWEST}`,
};

/** A mandate, and how many there are in all. */
export type CountedMandate = MandateRow & { of: number };

/** Powers of attorney that a party gave, newest first; of these ids alone where they are named. */
export const listGivenShown = (
  act: Act,
  party: string,
  { limit, offset, ids = null }: { limit: number; offset: number; ids?: string[] | null },
): Promise<CountedMandate[]> => query(act.db, given, [party, act.now, limit, offset, ids]);

/** Powers of attorney that a party has of givers without a protected address, newest first. */
export const listHadShown = (
  act: Act,
  party: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<CountedMandate[]> => query(act.db, had, [party, act.now, limit, offset]);
