// SQL of consents that end before long, and of which nobody has been notified.
import type { Act } from '../../platform/act.ts';
import { isNear, MOST_ENDS } from '../../mandate/ending_store.ts';
import { fallsAt } from './store.ts';
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

const falling: Statement = {
  name: 'consents_that_fall_at',
  text: `select count(*)::int as n from consent_request request join party giver on giver.id = request.from_party
    where request.from_party = $1 and request.state = 'approved' and request.valid_to > $2 and ${fallsAt} = $2`,
};

/** How many consents that parents gave for a child fall when the child reaches an age. */
export const countFallingAt = async (act: Act, child: string, at: Date): Promise<number> =>
  (await queryOne<{ n: number }>(act.db, falling, [child, at]))!.n;
