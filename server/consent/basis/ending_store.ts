// SQL of consents that end before long, and of which nobody has been notified.
import type { Act } from '../../platform/act.ts';
import { isNear, MOST_ENDS } from '../../mandate/ending_store.ts';
import { fallsAt } from './store.ts';
import { inForce } from '../../mandate/force_store.ts';
import { MOST_REMINDERS, REMINDED_MILLIS } from '../../notice/store.ts';
import { isProtected } from '../../party/facts_store.ts';
import { RESPONSIBILITY } from '../../resource/catalogue/model.ts';
import { answererStill } from '../../mandate/minority_store.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';

// Locked where nobody else holds them, so that of several nodes one notifies.
const consents: Statement = {
  name: 'consents_that_end',
  text: `update consent_request set ends_told = true where consent_request.id in (select due.id from consent_request due
      where due.state = 'approved' and not due.ends_told and ${isNear('due.valid_to', 'due.approved_at')}
      order by due.valid_to limit ${MOST_ENDS} for update skip locked)
    returning consent_request.id, consent_request.from_party as "from", ${answererStill('consent_request', '$1::timestamptz')} as holder`,
};

/** Consents that end within thirty days; each once. */
export const takeEndingConsents = (act: Act) =>
  query<{ id: string; from: string; holder: string | null }>(act.db, consents, [act.now]);

const awaiting: Statement = {
  name: 'consents_awaited',
  text: `update consent_request set reminders = consent_request.reminders + 1 where consent_request.id in (select due.id from consent_request due
      where due.state = 'requested' and due.awaiting is not null and due.reminders < ${MOST_REMINDERS} and due.valid_to > $1
        and (due.awaiting ->> 'since')::bigint <= extract(epoch from $1::timestamptz) * 1000 - (due.reminders + 1)::bigint * ${REMINDED_MILLIS}
      order by (due.awaiting ->> 'since')::bigint limit ${MOST_ENDS} for update skip locked)
    returning consent_request.id, consent_request.from_party as "from", (select coalesce(jsonb_agg(office.to_party), '[]') from mandate office
      where office.from_party = consent_request.from_party and office.basis = 'register' and office.role = '${RESPONSIBILITY}' and ${inForce('office', '$1')}
        and not ${isProtected('consent_request.from_party')}) as parents`,
};

/** Requests to which some of several have said yes: a week after the first yes, and once more. */
export const takeAwaited = (act: Act) =>
  query<{ id: string; from: string; parents: string[] }>(act.db, awaiting, [act.now]);

const falling: Statement = {
  name: 'consents_that_fall_at',
  text: `select count(*)::int as n from consent_request request join party giver on giver.id = request.from_party
    where request.from_party = $1 and request.state = 'approved' and request.valid_to > $2 and ${fallsAt} = $2`,
};

/** How many consents that parents gave for a child fall when the child reaches an age. */
export const countFallingAt = async (act: Act, child: string, at: Date): Promise<number> =>
  (await queryOne<{ n: number }>(act.db, falling, [child, at]))!.n;

const erased: Statement = {
  name: 'consents_to_erase',
  text: `update consent_request set erasing_told_at = $1 where consent_request.id in (select due.id from consent_request due
      where (due.erased_at is null or exists (select from event left_over where left_over.consent_id = due.id)) and coalesce(due.erasing_told_at < $1::timestamptz - interval '60 days', true) and coalesce(due.approved_at, due.rejected_at) is not null
        and least(due.valid_to, due.withdrawn_at, due.rejected_at) <= $2 order by due.id limit $3 for update skip locked)
    returning consent_request.id, consent_request.from_party as "from"`,
};

/**
 * Consents that were answered and had ended by an instant, whose events will be erased;
 * again where nothing was for sixty days.
 */
export const takeConsentsToErase = ({ db, now }: Act, ended: Date, most: number) =>
  query<{ id: string; from: string }>(db, erased, [now, ended, most]);
