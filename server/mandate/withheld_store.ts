// SQL of mandates that stand, and do not open all their services for what lies outside them: what a
// court, a register or a supplier's giver has done since. It is kept: each change is an event.
import { query, type Statement } from '../platform/db/db.ts';
import type { Act } from '../platform/act.ts';
import { withheldOf } from './capacity_store.ts';
import { isHeldOff, isStoppedByEstate, standsAccepted } from './force_store.ts';

const isEstates = (service: string) =>
  `not exists (select from policy_rule rule join access_package beside on beside.code = rule.subject
    where rule.resource_id = ${service} and rule.subject_kind = 'package' and not beside.of_estate)`;
const isOfMatter = (service: string) =>
  `exists (select from jsonb_array_elements(standing.matters) as taken(task) where taken.task = 'null' or is_of_matter(taken.task #>> '{}', ${service}, null))`;

// Given by, to or in the name of the changed, and all that was passed on from there.
const follow: Statement = {
  name: 'follow_withheld_mandates',
  text: `with recursive concerned as (
      (select given.id from mandate given where given.from_party = any($1::uuid[]) and given.basis <> 'consent'
        union select got.id from mandate got where got.to_party = any($1) and got.basis <> 'consent'
        union select passed.id from (select distinct got.from_party from mandate got where got.to_party = any($1) and got.basis <> 'consent') as near
          join mandate passed on passed.from_party = near.from_party and passed.basis <> 'consent' and passed.given_by = any($1)
        union select named.id from unnest($2::uuid[]) as named(id))
      union select passed.id from concerned join mandate passed on passed.through = concerned.id),
    found as materialized (
      select given.id, coalesce(given.withheld, '{}') as was, now.services as becomes from concerned
      cross join lateral (select each_one.* from mandate each_one where each_one.id = concerned.id offset 0) as given
      cross join lateral (select ${isHeldOff('given', '$3')} as is_off, ${isStoppedByEstate('given', '$3')} as is_stopped, ${withheldOf('given', '$3')} as matters offset 0) as standing
      cross join lateral (select coalesce(array_agg(opened.id order by opened.id), '{}') as services from services_of(null, given.package, given.resource_id) as opened(id)
        where standing.is_off or (standing.is_stopped and ${isEstates('opened.id')}) or ${isOfMatter('opened.id')}) as now
      where given.basis in ('delegation', 'customer') and given.valid_from <= $3 and ${standsAccepted('given', '$3')} and now.services <> coalesce(given.withheld, '{}')
      order by given.id limit $4),
    -- An import holds many rows in an order of its own: waiting for one of them could be for ever.
    free as materialized (select mandate.id from mandate where mandate.id in (select found.id from found) for no key update skip locked),
    followed as (update mandate set withheld = nullif(found.becomes, '{}') from found join free on free.id = found.id
      where mandate.id = found.id and coalesce(mandate.withheld, '{}') = found.was returning mandate.id, mandate.from_party, mandate.to_party)
    select found.id, followed.id is null as "isHeld", followed.from_party as "from", followed.to_party as "to",
      array(select unnest(found.becomes) except select unnest(found.was) order by 1) as withheld,
      array(select unnest(found.was) except select unnest(found.becomes) order by 1) as released from found left join followed on followed.id = found.id`,
};

export interface FollowedMandate {
  id: string;
  /** Whether another act holds it, so that it must be looked at again. */
  isHeld: boolean;
  from: string;
  to: string;
  /** Services that it opens no more, and those that it opens again. */
  withheld: string[];
  released: string[];
}

/**
 * Keeps which services mandates do not open, of so many that parties or mandates have to do with;
 * answers with those for which it has changed.
 */
export const followWithheld = (
  act: Act,
  { parties, mandates }: { parties: string[]; mandates: string[] },
  most: number,
): Promise<FollowedMandate[]> => query(act.db, follow, [parties, mandates, act.now, most]);
