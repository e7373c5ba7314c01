// When a consent falls, said once, as SQL for every statement that asks; and storing that it has.
// Tables are named `request`, `giver` and `receiver` wherever it stands.
import { endingAt } from '../../mandate/store.ts';
import type { Act } from '../../platform/act.ts';
import { intoEvent, newEvent } from '../../event/store.ts';
import { isIncapableOf } from '../../mandate/capacity_store.ts';
import { isProtected } from '../../party/facts_store.ts';
import { inForce, stands } from '../../mandate/force_store.ts';
import { isOffice } from '../../mandate/office_store.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import { RESPONSIBILITY } from '../../resource/catalogue/model.ts';
import type { BasisChange } from './change_store.ts';
import type { FallReason } from './model.ts';
import { pairIs } from './pair_store.ts';
import { isUnmet } from './unmet_store.ts';

const held = (
  role: string,
  now: string,
) => `exists (select from mandate holding join party holder on holder.id = holding.to_party
  where holding.from_party = giver.id and holding.role = ${role} and ${isOffice('holding', 'holder', now)})`;

/** When the giver reaches an age (resource/policy/age_model.ts); null without a birth date. */
const reaches = (age: string) =>
  `((giver.born_on + make_interval(years => ${age}))::date::timestamp at time zone 'Europe/Oslo')`;

/** When an answer of a parent falls by the child's age; null for every other. */
export const fallsAt = `case when request.parent_until is not null then ${reaches('request.parent_until')} end`;

/** Whether a right that was asked for is part of the consent; of a request, every one is. */
export const isHeld = (right: string) => `(${right}.chosen and ${right}.dropped_at is null)`;
/** Whether it was so at an instant, that of its being taken out included. */
export const wasHeld = (right: string, at: string) =>
  `(${right}.chosen and (${right}.dropped_at is null or ${right}.dropped_at >= ${at}))`;

const END = "'infinity'::timestamptz";
/**
 * When it falls by what is known already: an age, the last holder of an office, the end of a party
 * or a service that is known already. Null when nothing is known.
 */
export const endsAt = `nullif(least(${fallsAt}, giver.ended_at, receiver.ended_at,
  (select min((select resource.ended_at from resource where resource.id = asked.resource_id)) from consent_right asked where asked.consent_id = request.id and ${isHeld('asked')}),
  case when cardinality(request.rested_roles) > 0 then (select min(office.until) from (
    select max(coalesce(least(office.ended_at, office.valid_to, holder.ended_at), ${END})) as until
    from mandate office join party holder on holder.id = office.to_party
    where office.from_party = giver.id and office.basis = 'register' and office.role = any(request.rested_roles) group by office.role) office) end), ${END})`;

interface Rested {
  /** Offices; null where it rests on none. */
  roles: string | null;
  parentUntil: string;
  /** JSON of what several answered by (decision/rules/together_model.ts); null where one did. */
  together: string;
}
const STORED: Rested = {
  roles: 'request.rested_roles',
  parentUntil: 'request.parent_until',
  together: 'request.rested_together',
};
/** The same of what one gave; constants that the planner leaves out. */
const OF_ONE: Rested = { ...STORED, together: 'null::jsonb' };

const why = (now: string, { roles, parentUntil, together }: Rested) => `case
  when giver.ended_at <= ${now} then case when giver.kind = 'person' then 'giver_dead' else 'giver_dissolved' end
  when giver.unit_type = 'ENK' and exists (select from mandate owns join role as key on key.code = owns.role and key.key_role
    join party owner on owner.id = owns.to_party and owner.ended_at <= ${now}
    where owns.from_party = giver.id and owns.basis = 'register' and ${stands('owns', 'owner.ended_at')}) then 'giver_dead'
  when receiver.ended_at <= ${now} then 'receiver_dissolved'
  when exists (select from consent_right asked join resource on resource.id = asked.resource_id
    where asked.consent_id = request.id and ${isHeld('asked')} and resource.ended_at <= ${now}) then 'resource_ended'
  when ${parentUntil} is not null and ${reaches(parentUntil)} <= ${now} then 'of_age'
  when ${together} is not null and ${isUnmet(together, now)} then 'rule_unmet'
  ${
    roles === null
      ? ''
      : `else (select case when office.role = '${RESPONSIBILITY}' then 'responsibility_ended' else 'task_ended' end
    from unnest(${roles}) as office(role) where not ${held('office.role', now)} order by office.role limit 1)`
  }
  end`;

/**
 * Why a consent, or a request for one, has nothing more to rest on; null while it has, and of one
 * that is over anyway: nobody learns what became of its parties.
 */
export const fallen = (now: string) =>
  `case when request.state in ('requested', 'approved') and request.valid_to > ${now} then
    coalesce(${why(now, STORED)}, case when ${pairIs(`request.state in ('rejected', 'withdrawn', 'deleted') or request.valid_to <= ${now} or ${why(now, STORED)} is not null`)} then 'pair_ended' end) end`;
/** The same of what is not joint. */
export const fallenAlone = (now: string) =>
  `case when request.state in ('requested', 'approved') and request.valid_to > ${now} then ${why(now, OF_ONE)} end`;

/**
 * Whether several answer it, or another giver with the giver, which hardly any is: a statement that
 * asks for neither is executed in half the time, and joint ones are asked apart (joint_store.ts).
 */
export const isJoint =
  '(request.rested_together is not null or request.pair is not null or request.awaiting is not null)';

const letsAct = `(select (used.content ->> 'isPoa')::boolean from consent_template used
    where used.id = request.template_id and used.version = request.template_version)`;

/**
 * Whether what a person gave, or somebody in the person's stead, that lets others act is suspended,
 * since a court has taken the capacity for it; what nobody knows the basis of is the person's own.
 * What only shares data was asked about when it was given, and stands.
 */
const incapableOf = (now: string, byAttorney: string) =>
  `(${isIncapableOf('giver.id', now)} and (coalesce(request.rested_on, 'self') in ('self', 'mandate')${byAttorney}) and ${letsAct})`;
const incapable = (now: string) =>
  incapableOf(now, " or jsonb_array_length(request.rested_together -> 'mandates') > 0");
export const incapableAlone = (now: string) => incapableOf(now, '');

/** The same of either of two that hold together, or whether the other is suspended. */
export const heldBack = (now: string) =>
  `(${incapable(now)} or ${pairIs(`${incapable(now)} or exists (select from mandate held where held.consent_id = request.id and held.basis = 'consent' and held.suspended_at is not null)`)})`;

const incapableBy: Statement = {
  name: 'cannot_answer',
  text: `select ${isIncapableOf('$2::uuid', '$3')} as incapable from consent_request request where request.id = $1`,
};

/** Whether a court has taken the capacity, in what a consent is about, of who would answer it. */
export const cannotAnswer = async (act: Act, id: string, by: string): Promise<boolean> =>
  (await queryOne<{ incapable: boolean }>(act.db, incapableBy, [id, by, act.now]))?.incapable ===
  true;

/** Whether there is anything to rest on for what is being approved. */
export const rests = (now: string, rested: Rested) => `${why(now, rested)} is null`;

/** Has answers of parents looked at when their children reach the age at which they fall. */
export const awaitsAge = (
  answered: string,
  now: string,
  which = "request.rested_on = 'responsibility'",
) =>
  `insert into basis_change (party, due_at) select distinct giver.id, ${fallsAt} from ${answered} request join party giver on giver.id = request.from_party
      where ${which} and ${fallsAt} > ${now} and not exists (
        select from basis_change due where due.party = giver.id and due.due_at = ${fallsAt})`;

const awaitAges: Statement = {
  name: 'await_ages',
  text: awaitsAge(
    'consent_request',
    '$2',
    "request.from_party = any($1) and request.state = 'approved'",
  ),
};

/** Has what parents answered looked at when their children reach the age at which it falls. */
export const untilAges = (act: Act, parties: string[]) =>
  query(act.db, awaitAges, [parties, act.now]);

const isUsedUp = `exists (select from mandate used where used.consent_id = request.id and used.basis = 'consent' and used.uses >= used.use_limit)`;

// Given by the changed, by those for whom they hold an office or a firm, or to the changed.
const find: Statement = {
  name: 'fallen_consents',
  text: `with concerned as (
      select changed.party from unnest($1::uuid[]) as changed(party)
      union select office.from_party from mandate office where office.to_party = any($1) and office.basis = 'register'),
    candidates as (
      select request.id from consent_request request where request.state = 'approved' and request.from_party in (select concerned.party from concerned)
      union select request.id from consent_request request where request.state = 'approved' and request.to_party = any($1)
      union select asked.consent_id from consent_right asked where cardinality($2::text[]) > 0 and asked.resource_id = any($2) and ${isHeld('asked')}
      union select request.id from consent_request request where request.pair is not null and request.state = 'requested'
        and (request.from_party in (select concerned.party from concerned) or request.to_party = any($1))
      union select request.id from party unit join consent_request request on request.from_party = unit.id where unit.parent in (select concerned.party from concerned) and request.state = 'approved' and request.rested_together is not null
      union select request.id from mandate given join party giver on giver.id = given.from_party or giver.parent = given.from_party
        join consent_request request on request.from_party = giver.id where given.id = any($5::uuid[]) and request.state = 'approved' and request.rested_together is not null and  given.id = any(request.rested_mandates)),
    concerning as (select candidates.id from candidates
      union select one.pair from candidates join consent_request one on one.id = candidates.id where one.pair is not null)
    select request.id, request.from_party as "from", request.state = 'approved' as "isGiven",
      request.state = 'approved' or request.portal_view_mode = 'show' or request.awaiting is not null as "isKnown", fell.reason, ${isUsedUp} as "isUsedUp", (select coalesce(jsonb_agg(distinct office.to_party), '[]')
        from mandate office join party holder on holder.id = office.to_party
        where office.from_party = request.from_party and office.role = any(request.rested_roles)
          and not giver.protected_address and ${isOffice('office', 'holder', '$3')}) as holders
    from concerning join consent_request request on request.id = concerning.id
    join party giver on giver.id = request.from_party join party receiver on receiver.id = request.to_party
    cross join lateral (select ${fallen('$3')} as reason offset 0) as fell
    where fell.reason is not null and (request.state = 'approved' or fell.reason = 'pair_ended') and request.fallen_reason is null
      and (giver.protected_address or not ${isUsedUp})
    order by request.id limit $4 for no key update of request`,
};

export interface FallenConsent {
  id: string;
  from: string;
  reason: FallReason;
  /** Whether it was given; a request falls with the other of a pair. */
  isGiven: boolean;
  /** Whether the giver knows of it: one that came by link may never have been opened. */
  isKnown: boolean;
  /** Whether it was used up, and is over anyway. */
  isUsedUp: boolean;
  /**
   * Persons who still hold the office that it rested on; nobody, where the giver's address is
   * protected: that one falls and another does not would show which was used (veil_model.ts).
   */
  holders: string[];
}

/** Consents that have fallen by a change, locked. */
export const findFallen = (act: Act, changes: BasisChange[], most: number) =>
  query<FallenConsent>(act.db, find, [
    changes.flatMap(({ party }) => party ?? []),
    changes.flatMap(({ resource }) => resource ?? []),
    act.now,
    most,
    changes.flatMap(({ mandate }) => mandate ?? []),
  ]);

// Consents that go on, though somebody else now holds the office, or the power of attorney is no
// more.
const shaken: Statement = {
  name: 'shaken_consents',
  text: `select request.id, request.from_party as "from", 'consent_holder_changed' as type, (select coalesce(jsonb_agg(distinct office.to_party), '[]')
        from mandate office where office.from_party = request.from_party and office.basis = 'register' and office.role = changed.role
          and not ${isProtected('request.from_party')} and ${inForce('office', '$4')}) as holders
      from (select distinct * from unnest($1::uuid[], $2::text[]) as told(party, role)) as changed
      join consent_request request on request.from_party = changed.party and request.state = 'approved' and changed.role = any(request.rested_roles)
      where request.valid_to > $4
    union all
    select request.id, request.from_party, 'consent_mandate_ended', '[]'
      from mandate given join party giver on giver.id = given.from_party or giver.parent = given.from_party
      join consent_request request on request.from_party = giver.id and request.state = 'approved' and given.id = any(request.rested_mandates)
      where given.id = any($3::uuid[]) and not (${stands('given', '$4')}) and request.valid_to > $4
    order by 1 limit $5 offset $6`,
};

export interface ShakenConsent {
  id: string;
  from: string;
  type: 'consent_holder_changed' | 'consent_mandate_ended';
  /** Persons who hold the office now; nobody, where the giver's address is protected. */
  holders: string[];
}

/** Consents that stay though what they were given by has changed hands or ended. */
export const findShaken = (
  act: Act,
  changes: BasisChange[],
  { most, after }: { most: number; after: number },
) => {
  const offices = changes.filter(({ role }) => role !== null);
  return query<ShakenConsent>(act.db, shaken, [
    offices.map(({ party }) => party),
    offices.map(({ role }) => role),
    changes.flatMap(({ mandate }) => mandate ?? []),
    act.now,
    most,
    after,
  ]);
};

const fall: Statement = {
  name: 'fall_consents',
  text: `with gone as (
      update consent_request set state = 'withdrawn', withdrawn_at = $2, fallen_reason = r.reason
      from jsonb_to_recordset($1::jsonb) as r(id uuid, reason text, "eventId" uuid, mac bytea)
      where consent_request.id = r.id and (consent_request.state = 'approved' or consent_request.state = 'requested' and r.reason = 'pair_ended')
      returning consent_request.*, r."eventId" as event_id, r.mac),
    ended as (
      ${endingAt('$2')} from gone where mandate.consent_id = gone.id and mandate.basis = 'consent' and mandate.ended_at is null)
    ${intoEvent('id', 'mac', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party', 'detail')}
    select gone.event_id, gone.mac, 'withdrawn', $2, gone.id, gone.from_party, gone.to_party, gone.handled_by, gone.from_party,
      jsonb_build_object('reason', gone.fallen_reason) from gone`,
};

const mark: Statement = {
  name: 'mark_fallen',
  text: `update consent_request set fallen_reason = r.reason from jsonb_to_recordset($1::jsonb) as r(id uuid, reason text)
    where consent_request.id = r.id and consent_request.state = 'approved' and consent_request.fallen_reason is null`,
};

/**
 * Keeps why used-up consents fell, of givers with a protected address: to others they fall as the
 * unused ones do, and stay so (veil_model.ts). Nothing else changes, and nobody is notified.
 */
export const markFallen = (act: Act, consents: { id: string; reason: FallReason }[]) =>
  query(act.db, mark, [JSON.stringify(consents)]);

/** Stores that consents have fallen: state, mandate and event. */
export const storeFallen = (act: Act, consents: { id: string; reason: FallReason }[]) => {
  const rows = consents.map(({ id: consent, reason }) => {
    const { id: eventId, mac } = newEvent(act, { kind: 'withdrawn', consent, detail: { reason } });
    return { id: consent, reason, eventId, mac };
  });
  return query(act.db, fall, [JSON.stringify(rows), act.now]);
};
