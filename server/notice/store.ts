// SQL of the table of notices: the fragment that an act's statement writes them with, and whether
// each has been read. The noun hands in who gets one; it knows no noun.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import { isHistory, isKnownTo, type NoticeOf } from './model.ts';
import { isSilenced } from './silence_store.ts';

type NoticeColumn =
  | ('at' | 'by_party' | 'consent_id' | 'id')
  | ('mandate_id' | 'party' | 'read_at' | 'shown_at' | 'type');

/** Begins the part of an act's statement that writes notices; the act selects their rows. */
export const intoNotice = (...columns: NoticeColumn[]): string =>
  `insert into notice (${columns.join(', ')})`;

/** So many reminders of an answer that is awaited are sent, this long apart. */
export const MOST_REMINDERS = 2;
export const REMINDED_MILLIS = 7 * 86_400_000;

const insert: Statement = {
  name: 'insert_notices',
  text: `insert into notice (id, party, type, mandate_id, request_id, consent_id, at, by_party, shown_at, read_at)
    select r.id, r.party, r.type, r."mandateId", r."requestId", r."consentId", $2, r.by, case when r."isHistory" then $2::timestamptz end, case when r."isKnown" then $2::timestamptz end
    from jsonb_to_recordset($1::jsonb) as r(id uuid, party uuid, type text, "mandateId" uuid, "requestId" uuid, "consentId" uuid, by uuid, sender uuid, "isHistory" boolean, "isKnown" boolean)
    where r.sender is null or not ${isSilenced('r.party', 'r.sender')}`,
};

/** Notifies parties; call it in the transaction of the act. */
export const notify = (act: Act, parties: string[], what: NoticeOf): Promise<void> =>
  notifyEach(act, [{ ...what, parties }]);

/** The same of many things, each to parties of its own. */
export async function notifyEach(
  act: Act,
  told: (NoticeOf & { parties: string[] })[],
): Promise<void> {
  const rows = told.flatMap(({ parties, ...what }) =>
    [...new Set(parties)].map((party) => ({
      id: uuidv7(act.now),
      party,
      isKnown: isKnownTo(party, what),
      isHistory: isHistory(what),
      ...what,
    })),
  );
  if (rows.length) await query(act.db, insert, [JSON.stringify(rows), act.now]);
}

/**
 * Takes so many notices, from an id on, of which nobody has seen who hears of them outside the
 * inbox, for a statement that sees to it.
 */
export const takingUntold = (since: string, now: string, most: string): string =>
  `update notice set told_at = ${now} where notice.id in (select untold.id from notice untold where untold.told_at is null and untold.id >= ${since} order by untold.id limit ${most} for update skip locked) returning notice.*`;

const markRead: Statement = {
  name: 'mark_notice_read',
  text: 'update notice set read_at = coalesce(notice.read_at, $3) where notice.id = $1 and notice.party = $2 returning notice.id',
};

export const markNoticeRead = async (act: Act, id: string, party: string) =>
  (await queryOne(act.db, markRead, [id, party, act.now])) !== undefined;

const markAll: Statement = {
  name: 'mark_notices_read',
  text: 'update notice set read_at = $2 where notice.party = $1 and notice.read_at is null and notice.id <= $3',
};

/** Every notice of the party, up to the newest that it saw, is read. */
export const markNoticesRead = (act: Act, party: string, newest: string) =>
  query(act.db, markAll, [party, act.now, newest]);

const markSeen: Statement = {
  name: 'mark_notices_seen',
  text: 'update notice set read_at = $3 where notice.party = $1 and notice.id = any($2::uuid[]) and notice.read_at is null',
};

/** These have been seen. */
export const markNoticesSeen = (act: Act, party: string, ids: string[]) =>
  query(act.db, markSeen, [party, ids, act.now]);

/** The thing that a notice is about, as SQL. */
export const matterOf = (row: string): string =>
  `coalesce(${row}.mandate_id, ${row}.request_id, ${row}.consent_id)`;

const markMatter: Statement = {
  name: 'mark_matter_read',
  text: `update notice set read_at = $3 from notice opened
    where opened.id = $2 and opened.party = $1 and notice.party = $1 and notice.read_at is null
      and (notice.id = opened.id or ${matterOf('notice')} = ${matterOf('opened')})`,
};

/** The party has opened what this notice is about: every notice about the same is read. */
export const markMatterRead = (act: Act, party: string, notice: string) =>
  query(act.db, markMatter, [party, notice, act.now]);

const ownShown: Statement = {
  name: 'own_acts_shown',
  text: 'update notice set shown_at = $3 where notice.by_party = $1 and notice.id = any($2::uuid[])',
};

/** These have been shown to the person. */
export const markOwnShown = (act: Act, person: string, ids: string[]) =>
  query(act.db, ownShown, [person, ids, act.now]);
