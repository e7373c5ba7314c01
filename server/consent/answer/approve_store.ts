// SQL of a yes that makes a consent: state, mandate, event, notices and the text that was shown,
// with the end of the one that it replaces, in one statement, whose condition is the guard. It
// knows no rule beyond that and no caller.
import type { Act } from '../../platform/act.ts';
import { intoMandate, endingAt } from '../../mandate/store.ts';
import { intoEvent, macOf, newSeed } from '../../event/store.ts';
import type { Db } from '../../platform/db/db.ts';
import { sharedWrite } from '../../platform/db/together_store.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { UseLimit } from '../../resource/uses_model.ts';
import type { Basis } from '../basis/model.ts';
import type { RestsTogether } from '../../decision/rules/together_model.ts';
import { isIncapableOf } from '../../mandate/capacity_store.ts';
import { stillRestsBesideEstate } from '../../mandate/force_store.ts';
import { periodStart, usedInPeriod } from '../../mandate/use_store.ts';
import { awaitsAge, rests } from '../basis/store.ts';
import { consentInForce } from '../redeem/store.ts';
import { aboutStored } from '../store.ts';
import { noticesOf, tells } from './answer_store.ts';
import type { AnswerTold } from './told_model.ts';
import type { Shown } from './yes_model.ts';

/** Answers that are written together at most; the planner takes it as the number to expect. */
const MOST_ANSWERS = 20;

// The caller holds the rows of the pair (ask/replace_store.ts), so that it is so at the end too.
const isReplaceable = `exists (${consentInForce('answer.replaces', 'answer.at')} and request.narrowed_at is not distinct from answer."replacedAt")`;

// Uses go on in the period that has begun, of whatever kind: as they were counted, or one by one.
const period = "approved.uses -> 'per' ->> 'period'";
const begun = periodStart(period, 'approved.at');
const carried = `greatest(case when counted.use_period = ${period} then ${usedInPeriod('counted', 'approved.at')} else 0 end,
          (select count(*)::int from event where event.consent_id = approved.replaces and event.type = 'used' and event.at >= ${begun}))`;

const COUNTED = `left join mandate counted on counted.consent_id = approved.replaces and counted.basis = 'consent'
        and (counted.use_limit is not null or counted.use_period is not null) and approved.uses is not null and not approved.counts_anew`;
/** The end of the one that is replaced, with its mandate and event. */
const ENDS_REPLACED = `replaced as (
      update consent_request set state = 'withdrawn', withdrawn_at = approved.at, fallen_reason = 'replaced' from approved
      where consent_request.id = approved.replaces and consent_request.state = 'approved'
      returning consent_request.id, consent_request.from_party, consent_request.to_party, consent_request.handled_by, approved.at, approved.by, approved."replacedEvent", approved."replacedMac"),
    replaced_mandate as (
      ${endingAt('replaced.at')} from replaced where mandate.consent_id = replaced.id and mandate.basis = 'consent' and mandate.ended_at is null),
    noted_end as (
      ${intoEvent('id', 'mac', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party', 'detail')}
      select replaced."replacedEvent", replaced."replacedMac", 'withdrawn', replaced.at, replaced.id, replaced.from_party, replaced.to_party, replaced.handled_by, replaced.by, jsonb_build_object('reason', 'replaced')
      from replaced),`;

const LEAVES_OUT = `left_out as (
      update consent_right set chosen = false from approved where consent_right.consent_id = approved.id and consent_right.ordinal = any(approved."leftOut")),`;
/** The basis of the giver's own answer: no office, no age, nobody else. */
const OF_OWN = { roles: null, parentUntil: 'null::smallint', together: 'null::jsonb' };

// With no more in it than the answer needs: a part that finds no row costs all the same. The
// giver's own of the whole (`own`), which most are, rests on no office and no mandate.
const approving = (name: string, { inPlace = false, several = false, own = false }) =>
  sharedWrite<{ id: string }>(
    {
      name,
      text: `with answer as (
      select * from jsonb_to_recordset($1::jsonb) as answer(id uuid, at timestamptz, by uuid, role text, "on" text, roles text[], mandates uuid[],
        replaces uuid, "replacedAt" timestamptz, "replacedBy" jsonb, "replacedEvent" uuid, "replacedMac" bytea, level smallint, "parentUntil" smallint, together jsonb, "expiryEventId" uuid, "leftOut" int[], uses jsonb, shown jsonb, notices jsonb, "mandateId" uuid, "eventId" uuid, mac bytea, seed bytea)
      limit ${MOST_ANSWERS}),
    approved as (
      update consent_request request set state = 'approved', approved_at = answer.at, answered_by = answer.by, answered_role = answer.role,
        rested_on = answer."on", rested_roles = answer.roles, rested_mandates = ${several ? "array(select id::uuid from (select unnest(answer.mandates)::text union select jsonb_array_elements_text(answer.together -> 'mandates')) as ground(id))" : 'answer.mandates'}, answered_level = answer.level, parent_until = answer."parentUntil",
        ${own ? '' : `about = ${several ? 'case when answer.together is not null or request.pair is not null then request.id else ' : ''}case when answer."leftOut" = '{}' then request.about else ${aboutStored('request.id', { leftOut: 'answer."leftOut"' })} end${several ? ' end' : ''},`}
        ${several ? 'rested_together = answer.together, awaiting = null, valid_to = coalesce(request.asked_valid_to, request.valid_to), expiry_event_id = answer."expiryEventId",' : ''}
        uses = coalesce(answer.uses, request.uses)${inPlace ? '' : ', replaces = null, renews = false'}
      from answer, party giver, party receiver
      where request.id = answer.id and request.state = 'requested' and request.valid_to > answer.at and giver.id = request.from_party and receiver.id = request.to_party
        ${own ? 'and answer.by = request.from_party' : `and ${stillRestsBesideEstate('to_jsonb(answer.mandates)', 'answer.by', 'answer.at')}`}
        and not ${isIncapableOf('answer.by', 'answer.at')}
        ${several ? '' : 'and request.pair is null and request.awaiting is null'}
        ${inPlace ? `and ${isReplaceable} and ${stillRestsBesideEstate('answer."replacedBy"', 'answer.by', 'answer.at')}` : ''}
        and ${rests('answer.at', own ? OF_OWN : { roles: 'answer.roles', parentUntil: 'answer."parentUntil"', together: several ? 'answer.together' : 'null::jsonb' })}
      returning request.id, request.from_party, request.to_party, request.handled_by, request.valid_to, request.one_time, request.uses, request.counts_anew, answer.replaces, answer."replacedEvent", answer."replacedMac", request.rested_on, request.parent_until,
        receiver.kind as to_kind, answer.at, answer.by, answer.role, answer."leftOut", answer.shown, answer.notices, answer."mandateId", answer."eventId", answer.mac, answer.seed),
    begun as (
      ${intoMandate('id', 'from_party', 'to_party', 'to_kind', 'basis', 'consent_id', 'valid_from', 'valid_to', 'use_limit', 'use_period', 'period_limit', 'uses', 'period_from', 'period_uses')}
      select approved."mandateId", approved.from_party, approved.to_party, approved.to_kind, 'consent', approved.id, approved.at, approved.valid_to,
        case when approved.one_time then 1 else (approved.uses ->> 'total')::int end, approved.uses -> 'per' ->> 'period', (approved.uses -> 'per' ->> 'number')::int,
        ${inPlace ? `coalesce(counted.uses, 0), case when counted.id is not null then ${begun} end, case when counted.id is not null then ${carried} else 0 end` : '0, null, 0'}
      from approved ${inPlace ? COUNTED : ''}),
    ${inPlace ? ENDS_REPLACED : ''}
    ${own ? '' : LEAVES_OUT}
    kept as (
      insert into consent_shown (consent_id, language, shown_by, hash, text, shown_at)
      select approved.id, approved.shown ->> 'language', approved.shown ->> 'shownBy', approved.shown ->> 'hash', approved.shown -> 'text', approved.at
      from approved),
    noted as (
      ${intoEvent('id', 'mac', 'seed', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party', 'by_role')}
      select approved."eventId", approved.mac, approved.seed, 'approved', approved.at, approved.id, approved.from_party, approved.to_party, approved.handled_by, approved.by, approved.role
      from approved),
    told as (${tells('approved', 'approved.notices', 'approved.at')})
    ${own ? '' : `, awaited as (${awaitsAge('approved', 'request.at')})`}
    select approved.id from approved`,
    },
    MOST_ANSWERS,
  );
const approve = approving('approve_consents', {});
const approveOwn = approving('approve_own_consents', { own: true });
const approveInPlace = approving('approve_in_place', { inPlace: true });
const approveSeveral = approving('approve_several', { several: true });
const approveSeveralInPlace = approving('approve_several_in_place', {
  inPlace: true,
  several: true,
});

interface ReplacedRow {
  id: string;
  narrowedAt: Date | null;
  /** The mandates that let the answerer end it; none for the giver. */
  mandates: string[];
}

export interface Approval {
  id: string;
  by: string;
  role: string | null;
  basis: Basis;
  /** The places of the rights that are no part of it. */
  leftOut: number[];
  /** How often it may be used, where the giver lets it be used less often than was asked for. */
  uses: UseLimit | null;
  /** The consent that it replaces, as it was read. */
  replaced: ReplacedRow | null;
  /**
   * Set where several answer, or where it could be answered until a day before its end: the basis
   * of all answers together, and the event of its end, which is later now.
   */
  several?: { rests: RestsTogether | null; expiryEventId: string } | undefined;
  /** The text that the person saw. */
  shown: Shown;
  tell: AnswerTold[];
  at: Date;
  /** The event of the end of the one that it replaces; before that of its own. */
  replacedEvent: string;
  eventId: string;
}

/** In the order in which the feed has them: the one ends, the other begins. */
export const approvalEvents = (at: Date): Pick<Approval, 'replacedEvent' | 'eventId'> => ({
  replacedEvent: uuidv7(at),
  eventId: uuidv7(at),
});

/** Whether the giver says yes, in own name, to all that was asked for. */
const isOwnOfWhole = ({ basis, leftOut }: Pick<Approval, 'basis' | 'leftOut'>): boolean =>
  basis.on === 'self' &&
  basis.parentUntil === null &&
  ![basis.roles, basis.mandates, leftOut].some(({ length }) => length > 0);

function statementOf(approval: Approval) {
  const { replaced, several } = approval;
  if (several) return replaced ? approveSeveralInPlace : approveSeveral;
  if (replaced) return approveInPlace;
  return isOwnOfWhole(approval) ? approveOwn : approve;
}

/** The MACs of its event, and of that of the one that it replaces. */
function macsOf(
  db: Db,
  { id: consent, by, role, at, eventId, replaced, replacedEvent }: Omit<Approval, 'basis' | 'tell'>,
) {
  const mac = macOf(db, { id: eventId, kind: 'approved', at, consent, by, role });
  if (!replaced) return { mac };
  const end = { id: replacedEvent, kind: 'withdrawn', at, consent: replaced.id, by };
  return { mac, replacedMac: macOf(db, { ...end, detail: { reason: 'replaced' } }) };
}

/**
 * Approves: state, mandate, what was shown, event and notices. False when the request was not
 * waiting, its time was out, or it had nothing to rest on any more: nothing was written.
 */
export function approveConsent(act: Act, approval: Approval): Promise<boolean> {
  const { basis, tell, replaced, several, ...row } = approval;
  return act.share(statementOf(approval), {
    ...row,
    ...basis,
    together: several?.rests ?? null,
    expiryEventId: several?.expiryEventId ?? null,
    notices: noticesOf(tell, row.by, row.at),
    mandateId: uuidv7(row.at),
    ...macsOf(act.db, { ...row, replaced }),
    seed: newSeed(),
    replaces: replaced?.id ?? null,
    replacedAt: replaced?.narrowedAt ?? null,
    replacedBy: replaced?.mandates ?? [],
  });
}
