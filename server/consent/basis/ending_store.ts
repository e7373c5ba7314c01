// SQL of consents that end before long, and of which nobody has been notified.
import type { Act } from '../../platform/act.ts';
import { isNear, MOST_ENDS } from '../../mandate/ending_store.ts';
import { answererStill } from '../../mandate/minority_store.ts';
import { query, type Statement } from '../../platform/db/db.ts';

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
