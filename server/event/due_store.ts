// SQL of what ends before long, and of which nobody has been told.
import type { Act } from '../platform/act.ts';
import { holderOf } from './notice_store.ts';
import { query, type Statement } from '../platform/db/db.ts';

const MOST = 500;
/** Told of when so much is left, of what lasts longer than that in all. */
const AHEAD = "interval '30 days'";
const isNear = (end: string, begun: string) =>
  `${end} > $1::timestamptz and ${end} <= $1::timestamptz + ${AHEAD} and ${begun} < ${end} - ${AHEAD}`;

// Locked where nobody else holds them, so that of several nodes one tells.
const mandates: Statement = {
  name: 'mandates_that_end',
  text: `update mandate set ends_told = mandate.valid_to where mandate.id in (select due.id from mandate due
      where due.basis in ('delegation', 'register') and due.ended_at is null and ${isNear('due.valid_to', 'due.valid_from')}
        and due.ends_told is distinct from due.valid_to order by due.valid_to limit ${MOST} for update skip locked)
    returning mandate.id, mandate.from_party as "from", mandate.to_party as "to", mandate.role is not null as "isRole"`,
};
const consents: Statement = {
  name: 'consents_that_end',
  text: `update consent_request set ends_told = true where consent_request.id in (select due.id from consent_request due
      where due.state = 'approved' and not due.ends_told and ${isNear('due.valid_to', 'due.approved_at')}
      order by due.valid_to limit ${MOST} for update skip locked)
    returning consent_request.id, consent_request.from_party as "from", ${holderOf('consent_request', '$1::timestamptz')} as holder`,
};

/**
 * Powers of attorney, and roles of registers, that end within thirty days; each once, until their
 * end is changed.
 */
export const takeEndingMandates = (act: Act) =>
  query<{ id: string; from: string; to: string; isRole: boolean }>(act.db, mandates, [act.now]);

/** Consents that end within thirty days; each once. */
export const takeEndingConsents = (act: Act) =>
  query<{ id: string; from: string; holder: string | null }>(act.db, consents, [act.now]);
