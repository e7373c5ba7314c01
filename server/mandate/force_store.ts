// When a mandate holds, said once, as SQL for every statement that asks. It knows no decision: what
// a mandate that holds is good for is asked elsewhere.
import { isSuspendedOf } from './capacity_store.ts';

/**
 * Neither ended nor run out at $now; it may be suspended, yet to begin, or wait for its receiver.
 * Lists show it, and it can be ended.
 */
export const stands = (mandate: string, now: string) =>
  `(${mandate}.ended_at is null or ${mandate}.ended_at > ${now})
  and (${mandate}.valid_to is null or ${mandate}.valid_to > ${now})
  and (${mandate}.accept_by is null or ${mandate}.accept_by > ${now})`;

/** As `stands`, and no longer waiting for its receiver, who has it then. */
export const standsAccepted = (mandate: string, now: string) =>
  `${mandate}.accept_by is null and ${stands(mandate, now)}`;

/** A qualification that an employer's mandate may ask of its receiver: to work there, still. */
export const EMPLOYED = 'ansatt';

/** The licence by which somebody may ask persons who are strangers. */
export const LAWYER = 'advokat';

/** Whether a party has a licence now; SQL of each. */
export const isLicensed = (party: string, kind: string, now: string) =>
  `exists (select from qualification held where held.party = ${party} and held.kind = ${kind}
      and held.valid_from <= ${now} and (held.ended_at is null or held.ended_at > ${now}))`;

/** Whether somebody works for an employer, on the day in Oslo. */
export const worksFor = (row: string, now: string) =>
  `(${row}.ended_on is null or ${row}.ended_on > ((${now})::timestamptz at time zone 'Europe/Oslo')::date)`;

/** Whether somebody is qualified as `kind`; as an employee, of `employer`. */
export const isQualifiedAs = (
  { party, employer, kind }: { party: string; employer: string; kind: string },
  now: string,
) => `case when ${kind} = '${EMPLOYED}' then exists (select from employment working where working.employer = ${employer} and working.employee = ${party}
      and ${worksFor('working', now)})
    else ${isLicensed(party, kind, now)} end`;

/** Licences that a firm has too, and that its people and systems act by. */
const OF_FIRMS = ['regnskapsforer', 'revisor'];

/** Whether the firm through which something was passed on is licensed for it. */
export const isLicensedFirm = ({ firm, kind }: { firm: string; kind: string }, now: string) =>
  `(${kind} in (${OF_FIRMS.map((one) => `'${one}'`).join(', ')}) and ${isLicensed(firm, kind, now)})`;

/**
 * Whether its receiver has the qualification that it asks for, where it asks for one; of what a
 * supplier passed on to its own, the supplier's licence counts.
 */
export const hasQualification = (mandate: string, now: string) => {
  const whose = {
    party: `${mandate}.to_party`,
    employer: `${mandate}.from_party`,
    kind: `${mandate}.needs`,
  };
  const firm = `(select supplier.to_party from mandate supplier where supplier.id = ${mandate}.through)`;
  const licensed = isLicensedFirm({ firm, kind: `${mandate}.needs` }, now);
  return `(${mandate}.needs is null or ${isQualifiedAs(whose, now)} or (${mandate}.basis = 'customer' and ${licensed}))`;
};

/** Whether a party is a system that its organisation has suspended. */
export const isSuspendedSystem = (party: string, now: string) =>
  `coalesce(${party}.suspended_at <= ${now}, false)`;

/**
 * Whether its receiver is a system that its organisation has suspended. Each is looked up by its
 * key, however many mandates the planner expects.
 */
export const isOfSuspendedSystem = (mandate: string, now: string) =>
  `(${mandate}.to_kind = 'system_user' and (select ${isSuspendedSystem('paused', now)} from party paused where paused.id = ${mandate}.to_party))`;

const lasting = (mandate: string, now: string) =>
  `${mandate}.valid_from <= ${now} and ${standsAccepted(mandate, now)}
  and (${mandate}.suspended_at is null or ${mandate}.suspended_at > ${now})
  and ${hasQualification(mandate, now)} and not ${isSuspendedOf(mandate, now)}
  and not ${isOfSuspendedSystem(mandate, now)}`;

/**
 * A mandate that by itself holds at $now: it stands, has begun, waits for no receiver, is not
 * suspended, its receiver is still qualified and no suspended system, its giver not without the
 * capacity to have given it, and no estate has stopped it.
 */
export const inForce = (mandate: string, now: string) =>
  `${lasting(mandate, now)} and (${mandate}.estate_at is null or ${mandate}.estate_at > ${now})`;

const linked = (
  mandate: string,
  now: string,
  holds: (mandate: string, now: string) => string,
) => `(${mandate}.through is null or not exists (select from mandate link
  join party holder on holder.id = link.to_party
  where link.id = any(${mandate}.chain) and (holder.ended_at <= ${now} or not (${holds('link', now)}))))`;

/**
 * Every link that it was passed on through holds too, and none of those who passed it on has ended.
 */
export const unbroken = (mandate: string, now: string) => linked(mandate, now, inForce);

/** Both: nothing more is asked of a mandate before it carries a decision. */
export const holds = (mandate: string, now: string) =>
  `(${inForce(mandate, now)} and ${unbroken(mandate, now)})`;

/**
 * As `holds`, and what an estate has stopped too: it carries what is not the estate's matter, where
 * `isStoppedByEstate` is asked beside it.
 */
export const holdsBesideEstate = (mandate: string, now: string) =>
  `(${lasting(mandate, now)} and ${linked(mandate, now, lasting)})`;

/**
 * Whether something outside a mandate that stands keeps it from holding, but for an estate: its
 * receiver's qualification, its giver's capacity, a link of its chain, or the end of a party.
 */
export const isHeldOff = (mandate: string, now: string) =>
  `(not ${hasQualification(mandate, now)} or ${isSuspendedOf(mandate, now)} or not ${linked(mandate, now, lasting)}
    or exists (select from party gone where gone.id in (${mandate}.from_party, ${mandate}.to_party) and gone.ended_at <= ${now}))`;

export const isStoppedByEstate = (mandate: string, now: string) =>
  `(coalesce(${mandate}.estate_at <= ${now}, false) or (${mandate}.through is not null and exists (select from mandate link
    where link.id = any(${mandate}.chain) and link.estate_at <= ${now})))`;

/**
 * Neither ended, suspended nor stopped by an estate since $now, by whatever clock: of a minute's
 * difference at most. What was so before is for `holds` to say.
 */
const untouched = (mandate: string, now: string) =>
  ['ended_at', 'suspended_at', 'estate_at']
    .map((at) => `${mandate}.${at}`)
    .map((at) => `(${at} is null or ${at} <= ${now} or ${at} > ${now} + interval '1 minute')`)
    .join(' and ');

const resting =
  (holding: (mandate: string, now: string) => string) =>
  (grounds: string, by: string, now: string) =>
    `not exists (select from jsonb_array_elements_text(${grounds}) as ground(id) where not exists (
    select from (select each_one.* from mandate each_one where each_one.id = ground.id::uuid offset 0) as carrier join party holder on holder.id = carrier.to_party
    where ${holding('carrier', now)} and ${untouched('carrier', now)}
      and not exists (select from unnest(carrier.chain) as chained(id)
        cross join lateral (select each_link.* from mandate each_link where each_link.id = chained.id offset 0) as link where not (${untouched('link', now)}))
      and (carrier.to_party = ${by} or exists (select from mandate office join role as key on key.code = office.role and key.key_role
        where office.from_party in (holder.id, holder.parent) and office.to_party = ${by} and office.basis = 'register'
          and ${inForce('office', now)} and ${untouched('office', now)}))))`;

/**
 * Whether all that an act by somebody rests on still holds where it is written. `grounds` is JSON,
 * ids of mandates: each must hold, for the person or for an organisation where the person still has
 * a key role, there or in its main unit.
 */
export const stillRests = resting(holds);
/** As `stillRests`, for an act that a decision has found to be no matter of the estate's. */
export const stillRestsBesideEstate = resting(holdsBesideEstate);

/** The chain through which it was passed on, as JSON. */
export const chainOf = (
  mandate: string,
) => `case when ${mandate}.through is null then '[]'::json else (select json_agg(json_build_object(
  'role', link.role, 'package', link.package, 'resource', link.resource_id, 'actions', link.actions, 'instance', link.instance))
  from mandate link where link.id = any(${mandate}.chain)) end`;

/**
 * Suspended by a party. What no party suspended, support staff did: a party's own pause takes its
 * place.
 */
export const isPartysPause = (mandate: string): string =>
  `(${mandate}.suspended_at is not null and ${mandate}.suspended_by is not null)`;
