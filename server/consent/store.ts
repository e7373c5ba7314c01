// SQL of consents: one statement an act, its condition in the WHERE; zero rows is an answer. It
// knows no rule beyond that and no caller.
import type { Act } from '../platform/act.ts';
import { isSilenced } from '../notice/silence_store.ts';
import { intoNotice } from '../notice/store.ts';
import { intoEvent, macOf, newSeed } from '../event/store.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';
import { lookup, sharedWrite } from '../platform/db/together_store.ts';
import { isIncapableOf } from '../mandate/capacity_store.ts';
import { minority } from '../mandate/minority_store.ts';
import { fallen, fallenAlone, heldBack, incapableAlone, isHeld, isJoint } from './basis/store.ts';
import { lookJoint } from './joint_store.ts';
import { usedInPeriod } from '../mandate/use_store.ts';
import type { UseLimit } from '../resource/uses_model.ts';
import type { Translated } from '../platform/locale.ts';
import type { ConsentEvent, ConsentRight, ConsentRow } from './model.ts';

const partyJson = (
  alias: string,
) => `json_build_object('id', ${alias}.id, 'kind', ${alias}.kind, 'name', ${alias}.name,
  'personNo', ${alias}.person_no, 'organizationNo', ${alias}.organization_no, 'bornIn', extract(year from ${alias}.born_on))`;
const optionalParty = (column: string) =>
  `(select ${partyJson('party')} from party where party.id = request.${column})`;

const right = `json_build_object('ordinal', held.ordinal, 'optional', held.optional, 'droppedAt', held.dropped_at, 'droppedBy', held.dropped_by, 'resource', held.resource_id, 'version', held.resource_version,
      'actions', held.actions, 'metadata', held.metadata, 'level', (policy.content -> 'minimumLevel' -> 'person')::int, 'owner', ${partyJson('owner')})`;
const rightsWhere = (which: string) =>
  `coalesce(json_agg(${right} order by held.ordinal) filter (where ${which}), '[]')`;
/** The rights that are part of it, and those that are not, read once. */
const rights = `(select ${rightsWhere(isHeld('held'))} as rights, ${rightsWhere(`not ${isHeld('held')}`)} as left_out
    from consent_right held
    join resource on resource.id = held.resource_id left join policy_version policy on policy.version = resource.policy_version join party owner on owner.id = resource.owner
    where held.consent_id = request.id) as said`;

/** The yeses of several; of a giver with a protected address that one's own alone. */
const yesesOf = `case when request.awaiting is not null or request.rested_together is not null
  then (select json_agg(json_build_object('party', yes.by_party, 'name', answerer.name, 'at', yes.at) order by yes.at, yes.by_party)
    from consent_yes yes join party answerer on answerer.id = yes.by_party where yes.consent_id = request.id and (not giver.protected_address or yes.by_party = giver.id)) end`;

/** The other of two requests that hold together, with whose it is. */
const pairOf = `case when request.pair is not null then (select json_build_object('id', paired.id, 'giver', ${partyJson('partner')}, 'isAwaiting', paired.awaiting is not null and not partner.protected_address)
  from consent_request paired join party partner on partner.id = paired.from_party where paired.id = request.pair) end`;

/** `joint` is what those alone have that several answer, or two together. */
export const consentColumns = (
  now: string,
  { joint } = { joint: true },
) => `request.id, request.reference, request.state, giver.protected_address as "giverProtected", ${minority('giver', now)} as "giverAge",
  coalesce(request.fallen_reason, case when request.state in ('requested', 'approved') then ${joint ? fallen(now) : fallenAlone(now)} end) as fallen, ${isJoint} as "isJoint",
  mandate.suspended_at is not null as "isPaused", mandate.suspended_by as "suspendedBy", mandate.suspended_at is not null or ${incapableAlone(now)} as "suspendedAlone", mandate.suspended_at is not null or ${joint ? heldBack(now) : incapableAlone(now)} as suspended, ${isIncapableOf('giver.id', now)} as "giverIncapable", ${partyJson('giver')} as "from", ${partyJson('receiver')} as "to",
  ${optionalParty('handled_by')} as "handledBy", ${optionalParty('required_delegator')} as "requiredDelegator",
  ${optionalParty('answered_by')} as "answeredBy", request.answered_role as "answeredRole",
  request.valid_to as "validTo", coalesce(request.asked_valid_to, request.valid_to) as "askedValidTo", request.narrowed_at as "narrowedAt", request.answer_by as "answerBy",
  case when not giver.protected_address then request.awaiting end as awaiting, ${joint ? yesesOf : 'null'} as yeses, ${joint ? pairOf : 'null'} as pair, json_build_object('id', request.template_id, 'version', request.template_version) as template,
  request.request_message as "requestMessage", request.redirect_url as "redirectUrl",
  request.portal_view_mode as "portalViewMode", request.one_time as "oneTime", request.replaces, request.renews, request.counts_anew as "countsAnew", request.content_hash as "contentHash",
  request.client_id as "clientId", request.may_ask_again as "mayAskAgain",
  request.from_named as "fromNamed", request.delegator_named as "delegatorNamed", request.expiry_event_id as "expiryEventId", request.requested_at as "requestedAt", request.imported_at as "importedAt",
  request.approved_at as "approvedAt", request.rejected_at as "rejectedAt", request.withdrawn_at as "withdrawnAt", request.erased_at as "erasedAt", request.erased_after as "erasedAfter", request.deletion_asked_at as "deletionAskedAt",
  said.rights, said.left_out as "leftOut",
  request.asked_uses as "askedUses", request.uses as "useLimit", coalesce(mandate.uses, 0) as uses, ${usedInPeriod('mandate', now)} as "periodUses", mandate.last_used_at as "lastUsedAt",
  (select json_build_object('language', shown.language, 'hash', shown.hash, 'shownAt', shown.shown_at,
      'shownBy', shown.shown_by) from consent_shown shown where shown.consent_id = request.id) as shown`;
export const consentTables = `consent_request request
  join party giver on giver.id = request.from_party
  join party receiver on receiver.id = request.to_party
  left join mandate on mandate.consent_id = request.id and mandate.basis = 'consent'
  cross join lateral ${rights}`;
export const eventsOf = (
  limit: number,
) => `(select coalesce(json_agg(json_build_object('id', latest.id, 'type', latest.type,
    'at', latest.at, 'pos', latest.pos, 'byParty', latest.by_party, 'byRole', latest.by_role, 'reason', latest.detail ->> 'reason', 'beyond', latest.detail -> 'beyond', 'support', latest.detail -> 'support') order by latest.id), '[]')
  from ((select event.* from event where event.consent_id = request.id and event.type <> 'expired' order by event.id limit 10) union
        (select event.* from event where event.consent_id = request.id and event.type <> 'expired' order by event.id desc limit ${limit})) latest) as events`;

const find = (name: string, joint: boolean) =>
  lookup<ConsentRow & { isJoint: boolean }>(
    name,
    (id, now) =>
      `select ${consentColumns(now, { joint })}, ${eventsOf(200)} from ${consentTables} where request.id = ${id}::uuid`,
  );

/** A consent with its last 200 events. */
export const findConsentRow: (act: Act, id: string) => Promise<ConsentRow | undefined> = lookJoint(
  find('find_consent', false),
  find('find_joint_consent', true),
);

// As many are expected of JSON however many they are: of an array the database plans anew at each
// call, which takes twenty times what finding takes.
const findMany: Statement = {
  name: 'find_consents',
  text: `select found.* from (select distinct asked.id from jsonb_array_elements_text($1::jsonb) as asked(id)) as asked
    cross join lateral (select ${consentColumns('$2')}, ${eventsOf(1)} from ${consentTables} where request.id = asked.id::uuid offset 0) as found`,
};

/** Many consents, with their latest event only. */
export const findConsentRows = (act: Act, ids: string[]): Promise<ConsentRow[]> =>
  query<ConsentRow>(act.db, findMany, [JSON.stringify(ids), act.now]);

const eventsUntil: Statement = {
  name: 'events_until',
  text: `select latest.consent_id as "consentId", latest.uses, latest.events from (select asked.id as consent_id,
      (select count(*)::int from event used where used.consent_id = asked.id and used.type = 'used' and used.at <= $2) as uses,
      (select coalesce(json_agg(json_build_object('id', one.id, 'type', one.type, 'at', one.at, 'byParty', one.by_party, 'byRole', one.by_role,
          'reason', one.detail ->> 'reason', 'beyond', one.detail -> 'beyond', 'support', one.detail -> 'support', 'validTo', case when one.type = 'changed' then one.detail ->> 'validTo' end) order by one.id), '[]')
        from (select event.* from event where event.consent_id = asked.id and event.type <> 'expired' and event.at <= $2 order by event.id desc limit 200) as one) as events
    from unnest($1::uuid[]) as asked(id)) as latest`,
};

/** Consents' last 200 events up to a moment, and how often each had been used by then; by id. */
export async function readEventsUntil(
  db: Db,
  ids: string[],
  at: Date,
): Promise<Map<string, { uses: number; events: ConsentEvent[] }>> {
  const rows = await query<{ consentId: string; uses: number; events: ConsentEvent[] }>(
    db,
    eventsUntil,
    [ids, at],
  );
  return new Map(rows.map(({ consentId, ...rest }) => [consentId, rest]));
}

const digest = (list: string) =>
  `substr(encode(sha256(convert_to((${list})::text, 'UTF8')), 'hex'), 1, 32)::uuid`;
/**
 * The subject of a consent as one value: the same for all that are about the same of the same
 * versions, and from which the same was taken out (migrations/09_consent.ts); a joint one has its
 * own, as it falls by itself. The rights at the
 * places in `leftOut` and `dropped`, arrays, are being left out and taken out.
 */
export const aboutStored = (
  consent: string,
  { leftOut = "'{}'::int[]", dropped = "'{}'::int[]" } = {},
) =>
  digest(`select jsonb_agg(jsonb_build_array(asked.resource_id, asked.resource_version, asked.actions)
      || case when asked.dropped_at is null and asked.ordinal <> all(${dropped}) then '[]'::jsonb else '["out"]'::jsonb end order by asked.ordinal)
    from consent_right asked where asked.consent_id = ${consent} and asked.chosen and asked.ordinal <> all(${leftOut})`);
/** The age until which a parent's answer to what is left of a consent stands, by its services. */
export const parentUntilOf = (consent: string, dropped = "'{}'::int[]") =>
  `(select min(coalesce((version.content ->> 'parentUntil')::int, (version.content ->> 'decidesFrom')::int, 18)) from consent_right asked
      join resource_version version on version.version = asked.resource_version
      where asked.consent_id = ${consent} and ${isHeld('asked')} and asked.ordinal <> all(${dropped}))`;
/** The same of rights as JSON. */
const aboutOf = (rights: string) =>
  digest(`select jsonb_agg(jsonb_build_array(named.value -> 'resource', (named.value ->> 'version')::bigint, named.value -> 'actions') order by named.ordinality)
    from jsonb_array_elements(${rights}) with ordinality as named`);

const request = sharedWrite<NewConsent & { mac: string }>(
  {
    name: 'request_consents',
    text: `with asked as (
      select * from jsonb_to_recordset($1::jsonb) as asked(id uuid, "from" uuid, "to" uuid, "handledBy" uuid, "requiredDelegator" uuid,
        "validTo" timestamptz, "templateId" text, "templateVersion" int, "requestMessage" jsonb, "redirectUrl" text, "portalViewMode" text,
        "oneTime" boolean, uses jsonb, replaces uuid, renews boolean, "countsAnew" boolean, "answerBy" timestamptz, pair uuid, "ownScope" boolean, "contentHash" text, "clientId" text, "fromNamed" text, "delegatorNamed" text, "expiryEventId" uuid,
        "eventId" uuid, mac bytea, seed bytea, "noticeId" uuid, asker uuid, at timestamptz, rights jsonb)),
    made as (
      insert into consent_request (id, from_party, to_party, handled_by, required_delegator, state, valid_to,
        template_id, template_version, request_message, redirect_url, portal_view_mode, one_time, asked_uses, uses, replaces, renews, counts_anew, answer_by, asked_valid_to, pair, own_scope, content_hash, client_id,
        expiry_event_id, requested_at, from_named, delegator_named, about)
      select asked.id, asked."from", asked."to", asked."handledBy", asked."requiredDelegator", 'requested', coalesce(asked."answerBy", asked."validTo"),
        asked."templateId", asked."templateVersion", asked."requestMessage", asked."redirectUrl", asked."portalViewMode", asked."oneTime", asked.uses, asked.uses, asked.replaces, asked.renews, asked."countsAnew", asked."answerBy", case when asked."answerBy" is not null then asked."validTo" end, asked.pair, asked."ownScope", asked."contentHash", asked."clientId",
        asked."expiryEventId", asked.at, asked."fromNamed", asked."delegatorNamed", ${aboutOf('asked.rights')} from asked order by asked.id
      on conflict (id) do nothing returning id),
    named as (
      insert into consent_right (consent_id, ordinal, resource_id, resource_version, actions, metadata, optional)
      select made.id, (held."right" ->> 'ordinal')::int, held."right" ->> 'resource', (held."right" ->> 'version')::bigint,
        array(select jsonb_array_elements_text(held."right" -> 'actions')), held."right" -> 'metadata', (held."right" ->> 'optional')::boolean
      from made join asked on asked.id = made.id cross join lateral jsonb_array_elements(asked.rights) as held("right")),
    noted as (
      ${intoEvent('id', 'mac', 'seed', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party')}
      select asked."eventId", asked.mac, asked.seed, 'requested', asked.at, made.id, asked."from", asked."to", asked."handledBy", asked.asker
      from made join asked on asked.id = made.id),
    told as (
      ${intoNotice('id', 'party', 'type', 'consent_id', 'at')}
      select asked."noticeId", asked."from", 'consent_asked', made.id, asked.at from made join asked on asked.id = made.id
      where asked."noticeId" is not null and not ${isSilenced('asked."from"', 'asked."to"')})
    select made.id from made`,
  },
  100,
);

export interface NewConsent {
  id: string;
  from: string;
  to: string;
  handledBy: string | null;
  requiredDelegator: string | null;
  validTo: Date;
  templateId: string;
  templateVersion: number;
  requestMessage: Translated | null;
  redirectUrl: string | null;
  portalViewMode: ConsentRow['portalViewMode'];
  oneTime: boolean;
  uses: UseLimit | null;
  replaces: string | null;
  renews: boolean;
  countsAnew: boolean;
  /** Until when it can be answered, where that is before `validTo`. */
  answerBy: Date | null;
  /** The request of another giver, with which it holds or not at all. */
  pair: string | null;
  ownScope: boolean;
  contentHash: string;
  clientId: string | null;
  expiryEventId: string;
  fromNamed: 'number' | 'uuid' | 'nobody';
  delegatorNamed: 'number' | 'uuid' | null;
  rights: Omit<ConsentRight, 'content' | 'level' | 'owner' | 'droppedAt' | 'droppedBy'>[];
  /** The party that asked. */
  asker: string;
  eventId: string;
  /**
   * The notice of a request that waits in the portal; a giver who stands before the question needs
   * none.
   */
  noticeId: string | null;
  at: Date;
}

/** Stores a request with its rights and event; false when the id is taken: nothing was written. */
export function insertConsent(act: Act, asked: NewConsent): Promise<boolean> {
  const { eventId: id, id: consent, from, to, handledBy, asker: by, at } = asked;
  const event = { id, kind: 'requested', at, consent, from, to, handledBy, by };
  return act.share(request, { ...asked, mac: macOf(act.db, event), seed: newSeed() });
}
