// SQL of redeeming: what is asked about a consent when a token is wanted, and using it once.
import {
  countingUseAt,
  hasUseLeft,
  isPeriodUsed,
  nextPeriodAt,
  usedInPeriod,
} from '../../mandate/use_store.ts';
import type { Act } from '../../platform/act.ts';
import { latestPlace } from '../../event/feed_store.ts';
import { intoEvent, macOf, newSeed } from '../../event/store.ts';
import { answererStill } from '../../mandate/minority_store.ts';
import { intoNotice } from '../../notice/store.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import { lookup } from '../../platform/db/together_store.ts';
import type { FallReason } from '../basis/model.ts';
import { rowByKey } from '../basis/pair_store.ts';
import {
  endsAt,
  fallen,
  fallenAlone,
  heldBack,
  incapableAlone,
  isHeld,
  isJoint,
} from '../basis/store.ts';
import { lookJoint } from '../joint_store.ts';
import type { Consent } from '../model.ts';
import type { Redeemed } from '../redeemed_model.ts';

// The facts of consents for those who ask with id, from and to. `refused` and `given` say whether
// it is asked why not, and until when.
const facts = (
  now: string,
  { refused, given, joint } = { refused: true, given: true, joint: true },
) => `request.id, request.state, request.valid_to as "validTo", request.approved_at as consented,
    coalesce(giver.person_no, giver.organization_no) as "fromNo", giver.person_no is not null as "fromPerson", giver.id as "fromId", request.from_named as "fromNamed",
    receiver.organization_no as "toNo", (select party.organization_no from party where party.id = request.handled_by) as "handledByNo",
    mandate.use_limit is not null and mandate.uses >= mandate.use_limit as "usedUp",
    request.status_place::text as "statusPlace", request.uses as "useLimit", coalesce(mandate.uses, 0) as uses, ${usedInPeriod('mandate', now)} as "periodUses",
    ${refused ? `case when ${isPeriodUsed('mandate', now)} then ${nextPeriodAt('mandate', now)} end` : 'null::timestamptz'} as "waitsUntil",
    ${refused ? `mandate.suspended_at is not null or ${joint ? heldBack(now) : incapableAlone(now)}` : 'false'} as suspended,
    ${refused ? `coalesce(request.fallen_reason, case when request.state = 'approved' then ${joint ? fallen(now) : fallenAlone(now)} end)` : 'null'} as fallen, ${isJoint} as "isJoint",
    ${given ? endsAt : 'null::timestamptz'} as "endsAt",
    (select json_agg(json_build_object('action', held.actions, 'metadata', held.metadata,
        'resource', json_build_array(json_build_object('type', 'urn:altinn:resource', 'value', held.resource_id))) order by held.ordinal) from consent_right held where held.consent_id = request.id and ${isHeld('held')}) as rights`;
const FACTS = [
  ...[
    'id',
    'state',
    'validTo',
    'consented',
    'fromNo',
    'fromPerson',
    'fromId',
    'fromNamed',
    'toNo',
    'handledByNo',
  ],
  ...['usedUp', 'statusPlace', 'useLimit', 'uses', 'periodUses', 'waitsUntil'],
  ...['suspended', 'fallen', 'isJoint', 'endsAt', 'rights'],
];
/** Both parties; beside the conditions of joint ones the planner would read all parties whole. */
const parties = (joint: boolean) =>
  joint
    ? `${rowByKey('party', 'giver', 'request.from_party')} ${rowByKey('party', 'receiver', 'request.to_party')}`
    : 'join party giver on giver.id = request.from_party join party receiver on receiver.id = request.to_party';
const factTables = (joint: boolean) => `consent_request request
  ${parties(joint)}
  left join mandate on mandate.consent_id = request.id and mandate.basis = 'consent'`;

export interface ConsentFacts extends Omit<Redeemed, 'from'> {
  state: Consent['state'];
  fromNo: string;
  fromPerson: boolean;
  fromId: string;
  fromNamed: Consent['fromNamed'];
  usedUp: boolean;
  useLimit: Consent['useLimit'];
  uses: number;
  periodUses: number;
  /** The beginning of the next period, where the uses of this one are used up. */
  waitsUntil: Date | null;
  suspended: boolean;
  fallen: FallReason | null;
  isJoint: boolean;
}

/** Consents that can be drawn only with an API scope of their owner; joined by "held". */
const ownersOfScopes = `consent_right held join resource on resource.id = held.resource_id and ${isHeld('held')}
  join resource_version version on version.version = held.resource_version and (version.content ->> 'drawnWithOwnScope')::boolean`;

const byId = (name: string, joint: boolean) =>
  lookup<ConsentFacts & { scopes: string[][] | null; pos: number | null }>(
    name,
    (
      id,
      now,
    ) => `select ${facts(now, { refused: true, given: true, joint })}, ${latestPlace("event.consent_id = request.id and event.type <> 'expired'")} as pos, case when request.own_scope then (
      select jsonb_agg(array(select scope.name from api_scope scope where scope.owner = resource.owner and scope.ended_at is null)) from ${ownersOfScopes} where held.consent_id = request.id) end as scopes
    from ${factTables(joint)} where request.id = ${id}::uuid`,
  );

/** `scopes`: of each owner that asks for one of its own, those it has. */
export const findConsentFacts = lookJoint(
  byId('consent_facts', false),
  byId('joint_consent_facts', true),
);

/**
 * The row of a consent that holds at this moment; use does not count. Not `joint`, it answers with
 * a joint one too, of which is not said whether it holds (joint_store.ts).
 */
export const consentInForce = (
  id: string,
  now: string,
  { joint } = { joint: true },
) => `select request.id, request.narrowed_at is not null as "isNarrowed", ${isJoint} as "isJoint" from consent_request request ${parties(joint)}
    join mandate on mandate.consent_id = request.id and mandate.basis = 'consent' and mandate.ended_at is null and mandate.suspended_at is null
    where request.id = ${id}::uuid and request.state = 'approved' and request.valid_to > ${now}
      and ${joint ? `${fallen(now)} is null and not ${heldBack(now)}` : `(${isJoint} or (${fallenAlone(now)} is null and not ${incapableAlone(now)}))`}`;
/** A consent that holds, and whether it holds less than it did once. */
export interface InForce {
  id: string;
  isNarrowed: boolean;
  isJoint: boolean;
}

/** Undefined unless it holds at this moment. */
export const findInForce = lookJoint<InForce>(
  lookup('consent_in_force', (id, now) => consentInForce(id, now, { joint: false })),
  lookup('joint_consent_in_force', consentInForce),
);

/** Whether the request for a token lacks a scope of the owner of something that asks for one. */
const lacksScope = `request.own_scope and exists (select from ${ownersOfScopes} where held.consent_id = request.id and not exists (select from api_scope scope
    where scope.owner = resource.owner and scope.ended_at is null and scope.name = any(string_to_array(taken.detail ->> 'scope', ' '))))`;

// A node whose clock is behind may be asked for a token as soon as another has taken the yes.
const SKEW = "interval '10 seconds'";

/** Used together at most; the planner takes it as the number to expect. */
export const MOST_USES = 100;

// Uses them, notifies the giver of the first use, and says the facts, in one statement: the
// condition is re-read under the row's lock, so of several at once on a one-time consent exactly
// one counts. Only of those that are refused is anything looked up again.
const redeeming = (name: string, joint: boolean): Statement => ({
  name,
  text: `with taken as (
      select * from jsonb_to_recordset($1::jsonb) as taken(id uuid, "from" text, "to" uuid, "eventId" uuid, mac bytea, seed bytea, "noticeId" uuid, detail jsonb, at timestamptz) limit ${MOST_USES}),
    used as (
      ${countingUseAt('taken.at')}
      from taken
      join consent_request request on request.id = taken.id
      ${parties(joint)}
      where mandate.consent_id = request.id and mandate.basis = 'consent'
        and taken."from" in (giver.person_no, giver.organization_no, giver.id::text)
        and taken."to" in (request.to_party, request.handled_by)
        and request.state = 'approved'
        and mandate.ended_at is null and mandate.suspended_at is null and ${joint ? `${fallen('taken.at')} is null and not ${heldBack('taken.at')}` : `not ${isJoint} and ${fallenAlone('taken.at')} is null and not ${incapableAlone('taken.at')}`} and mandate.valid_from <= taken.at + ${SKEW} and mandate.valid_to > taken.at
        and ${hasUseLeft('mandate', 'taken.at')} and not (${lacksScope})
      returning ${facts('taken.at', { refused: false, given: true, joint })}, request.from_party, request.to_party, request.handled_by, request.answered_by, taken."to" as drawer, taken."eventId" as event_id, taken.mac, taken.seed, taken."noticeId" as notice_id, taken.detail, taken.at),
    noted as (
      ${intoEvent('id', 'mac', 'seed', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party', 'detail')}
      select used.event_id, used.mac, used.seed, 'used', used.at, used.id, used.from_party, used.to_party, used.handled_by, used.drawer, used.detail from used),
    told as (
      ${intoNotice('id', 'party', 'type', 'consent_id', 'at')}
      select used.event_id, used.from_party, 'consent_used', used.id, used.at from used where used.uses = 1
      union all select used.notice_id, holder.id, 'consent_used', used.id, used.at from used cross join lateral ${answererStill('used', 'used.at')} as holder(id) where used.uses = 1)
    select ${FACTS.map((name) => `used."${name}"`).join(', ')}, true as redeemed, false as "lacksScope" from used
    union all
    select ${facts('taken.at', { refused: true, given: false, joint })}, false, ${lacksScope}
    from taken, ${factTables(joint)} where request.id = taken.id and not exists (select from used where used.id = taken.id)`,
});
const redeemAlone = redeeming('redeem_consents', false);
const redeemJoint = redeeming('redeem_joint_consents', true);

export interface RedeemBy {
  id: string;
  /** Number or UUID of the giver, as asked for. */
  from: string;
  /** Party id of the organisation that draws the token. */
  to: string;
  eventId: string;
  /** The notice to whoever answered for the giver, where somebody did. */
  noticeId: string;
  detail: unknown;
}

const useOf = ({ id: consent, to: by, detail, eventId: id }: RedeemBy, at: Date) => ({
  ...{ id, kind: 'used', at, consent, by, detail },
});

export type Redemption = ConsentFacts & { redeemed: boolean; lacksScope: boolean };

/**
 * Looks up, counts the uses and appends the events, in one statement, and in one of their own for
 * joint ones; `redeemed` says whether a consent was in force. Ids differ within one call, and come
 * sorted, so that two calls never wait for each other. Unknown ids are missing.
 */
export async function redeemConsents(act: Act, by: RedeemBy[]): Promise<Map<string, Redemption>> {
  const { db, now: at } = act;
  const sorted = [...by].sort((a, b) => (a.id < b.id ? -1 : 1));
  const run = (statement: Statement, some: RedeemBy[]) =>
    query<Redemption>(db, statement, [
      JSON.stringify(
        some.map((one) => ({ ...one, at, mac: macOf(db, useOf(one, at)), seed: newSeed() })),
      ),
    ]);
  const found = new Map((await run(redeemAlone, sorted)).map((row) => [row.id, row]));
  const joint = sorted.filter(({ id }) => found.get(id)?.isJoint);
  if (joint.length) for (const row of await run(redeemJoint, joint)) found.set(row.id, row);
  return found;
}
