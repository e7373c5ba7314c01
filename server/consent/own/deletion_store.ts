// SQL of asking a receiver to delete what it has drawn: once for a consent, with its event. It
// knows no rule beyond its condition.
import { intoEvent, newEvent } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import { query, type Statement } from '../../platform/db/db.ts';

const ask: Statement = {
  name: 'ask_for_deletion',
  text: `with asked as (
      update consent_request set deletion_asked_at = $2
      where consent_request.id = $1 and consent_request.approved_at is not null and consent_request.deletion_asked_at is null returning consent_request.*)
    ${intoEvent('id', 'mac', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party', 'by_role')}
    select $4, $6::bytea, 'deletion_asked', $2, asked.id, asked.from_party, asked.to_party, asked.handled_by, $3, $5 from asked`,
};

/** Keeps that it was asked, and by whom; a second time changes nothing. */
export async function storeDeletionAsked(
  act: Act,
  { id, by, role }: { id: string; by: string; role: string | null },
): Promise<void> {
  const event = newEvent(act, { kind: 'deletion_asked', consent: id, by, role });
  await query(act.db, ask, [id, act.now, by, event.id, role, event.mac]);
}
