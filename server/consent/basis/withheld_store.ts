// SQL of consents that go on, and do not hold for what lies outside them: a court has taken the
// capacity for it, or the other of two is suspended. It is kept, so that each change is an event.
import type { Act } from '../../platform/act.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import { heldBack } from './store.ts';

const follow: Statement = {
  name: 'follow_withheld_consents',
  text: `with given as (select one.id, one.pair from consent_request one where one.from_party = any($1::uuid[]) and one.state = 'approved'
      union select one.id, one.pair from mandate held join consent_request one on one.id = held.consent_id where held.id = any($4::uuid[]) and held.basis = 'consent'),
    concerned as (select given.id from given union select given.pair from given where given.pair is not null),
    found as materialized (
      select request.id, now.withheld, (select held.id from mandate held where held.consent_id = request.id and held.basis = 'consent' limit 1) as mandate from concerned
      cross join lateral (select each_one.* from consent_request each_one where each_one.id = concerned.id offset 0) as request
      join party giver on giver.id = request.from_party join party receiver on receiver.id = request.to_party
      cross join lateral (select coalesce(${heldBack('$2')}, false) as withheld offset 0) as now
      where request.state = 'approved' and request.valid_to > $2 and request.withheld <> now.withheld order by request.id limit $3),
    -- Who answers or ends one holds it, and perhaps its pair.
    free as materialized (select held.id from consent_request held where held.id in (select found.id from found) for no key update skip locked),
    followed as (update consent_request set withheld = found.withheld from found join free on free.id = found.id
      where consent_request.id = found.id and consent_request.withheld <> found.withheld
      returning consent_request.id, consent_request.from_party, consent_request.to_party, consent_request.handled_by)
    select found.id, followed.id is null as "isHeld", found.mandate, followed.from_party as "from", followed.to_party as "to", followed.handled_by as "handledBy", found.withheld
    from found left join followed on followed.id = found.id`,
};

export interface FollowedConsent {
  id: string;
  /** Whether another act holds it, so that it must be looked at again, by its mandate. */
  isHeld: boolean;
  mandate: string | null;
  from: string;
  to: string;
  handledBy: string | null;
  /** Whether it does not hold from now on, or holds again. */
  withheld: boolean;
}

/**
 * Keeps which consents do not hold, of so many that parties gave or that have such a mandate;
 * answers with those changed.
 */
export const followWithheldConsents = (
  act: Act,
  { parties, mandates }: { parties: string[]; mandates: string[] },
  most: number,
): Promise<FollowedConsent[]> => query(act.db, follow, [parties, act.now, most, mandates]);
