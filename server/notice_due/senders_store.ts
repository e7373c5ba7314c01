// SQL of those who have sent a party something lately: asked for its consent, for a right or to let
// a system in, or given it one. It decides nothing.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { isSilenced } from '../notice/silence_store.ts';

/** Latest things of each kind that are looked through. */
const LOOKED_AT = 200;
const isShown = `not exists (select from consent_right held join resource_version version on version.version = held.resource_version
  where held.consent_id = request.id and version.content -> 'notShownTo' is not null)`;

const list: Statement = {
  name: 'list_senders',
  text: `with sent as (
      (select request.to_party as sender, coalesce(request.approved_at, request.requested_at) as at, true as of_consent from consent_request request
        where $3 and request.from_party = $1 and request.portal_view_mode = 'show' and ${isShown} order by 2 desc, request.id limit ${LOOKED_AT})
      union all (select request.to_party, request.created_at, false from access_request request
        where request.from_party = $1 and not request.offered and request.state <> 'draft' order by request.id desc limit ${LOOKED_AT})
      union all (select system.vendor, request.created_at, false from system_request request join vendor_system system on system.id = request.system_id
        where request.customer = $1 and request.state <> 'withdrawn' order by request.id desc limit ${LOOKED_AT})
      union all (select mandate.from_party, mandate.given_at, false from mandate
        where mandate.to_party = $1 and mandate.basis = 'delegation' and mandate.given_at is not null order by mandate.given_at desc limit ${LOOKED_AT}))
    select sender.id, sender.kind, sender.name, max(sent.at) as at, bool_and(sent.of_consent) as "ofConsent" from sent join party sender on sender.id = sent.sender
    where sent.at > $2::timestamptz - interval '1 year' and sent.at <= $2 and sender.id <> $1 and not ${isSilenced('$1', 'sender.id')}
    group by sender.id order by 4 desc, sender.id limit $4`,
};

/** One who has sent the party something, and when it last did. */
export interface Sender {
  id: string;
  kind: string;
  name: string;
  at: Date;
  /** Whether it is known by its asking for consent alone. */
  ofConsent: boolean;
}

/**
 * Senders within a year whom the party has not silenced, latest first; one that asked for its
 * consent alone only where `consents` may be seen.
 */
export const listSenders = (
  act: Act,
  { party, consents, limit }: { party: string; consents: boolean; limit: number },
): Promise<Sender[]> => query<Sender>(act.db, list, [party, act.now, consents, limit]);
