// SQL of consents: one statement an act, its condition in the WHERE; zero rows is an answer. It
// knows no rule beyond that and no caller.
import { clock } from '../platform/clock.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db.ts';
import { isIncapableOf } from '../mandate/capacity_store.ts';
import { minority } from '../mandate/minority_store.ts';
import type { Basis } from './basis_model.ts';
import { fallen, incapable, rests } from './basis_store.ts';
import type { Consent } from './model.ts';

const partyJson = (
  alias: string,
) => `jsonb_build_object('id', ${alias}.id, 'kind', ${alias}.kind, 'name', ${alias}.name,
  'personNo', ${alias}.person_no, 'organizationNo', ${alias}.organization_no)`;
const optionalParty = (column: string) =>
  `(select ${partyJson('party')} from party where party.id = request.${column})`;

const consentColumns = (
  now: string,
) => `request.id, request.state, giver.protected_address as "giverProtected", ${minority('giver', now)} as "giverAge",
  coalesce(request.fallen_reason, case when request.state in ('requested', 'approved') then ${fallen(now)} end) as fallen,
  mandate.suspended_at is not null or ${incapable(now)} as suspended, ${isIncapableOf('giver.id', now)} as "giverIncapable", ${partyJson('giver')} as "from", ${partyJson('receiver')} as "to",
  ${optionalParty('handled_by')} as "handledBy", ${optionalParty('required_delegator')} as "requiredDelegator",
  ${optionalParty('answered_by')} as "answeredBy", request.answered_role as "answeredRole",
  request.valid_to as "validTo", template.content || jsonb_build_object('id', template.id, 'version', template.version) as template,
  request.request_message as "requestMessage", request.redirect_url as "redirectUrl",
  request.portal_view_mode as "portalViewMode", request.one_time as "oneTime", request.content_hash as "contentHash",
  request.client_id as "clientId",
  request.from_named as "fromNamed", request.delegator_named as "delegatorNamed", request.expiry_event_id as "expiryEventId", request.requested_at as "requestedAt",
  request.approved_at as "approvedAt", request.rejected_at as "rejectedAt", request.withdrawn_at as "withdrawnAt",
  (select jsonb_agg(jsonb_build_object('resource', held.resource_id, 'version', held.resource_version,
      'actions', held.actions, 'metadata', held.metadata, 'content', version.content, 'owner', ${partyJson('owner')})
      order by held.ordinal)
    from consent_right held join resource_version version on version.version = held.resource_version
    join resource on resource.id = held.resource_id join party owner on owner.id = resource.owner
    where held.consent_id = request.id) as rights,
  coalesce(mandate.uses, 0) as uses, mandate.last_used_at as "lastUsedAt",
  (select jsonb_build_object('language', shown.language, 'hash', shown.hash, 'shownAt', shown.shown_at,
      'shownBy', shown.shown_by) from consent_shown shown where shown.consent_id = request.id) as shown`;
const consentTables = `consent_request request
  join party giver on giver.id = request.from_party
  join party receiver on receiver.id = request.to_party
  join consent_template template on template.id = request.template_id and template.version = request.template_version
  left join mandate on mandate.consent_id = request.id and mandate.basis = 'consent'`;
const eventsOf = (
  limit: number,
) => `(select coalesce(jsonb_agg(jsonb_build_object('id', latest.id, 'type', latest.type,
    'at', latest.at, 'byParty', latest.by_party, 'byRole', latest.by_role, 'reason', latest.detail ->> 'reason') order by latest.id), '[]')
  from ((select event.* from event where event.consent_id = request.id and event.type <> 'expired' order by event.id limit 10) union
        (select event.* from event where event.consent_id = request.id and event.type <> 'expired' order by event.id desc limit ${limit})) latest) as events`;

const find: Statement = {
  name: 'find_consent',
  text: `select ${consentColumns('$2')}, ${eventsOf(200)} from ${consentTables} where request.id = $1`,
};

export function findConsent(
  db: Db,
  id: string,
  now: Date = clock.now(),
): Promise<Consent | undefined> {
  return queryOne<Consent>(db, find, [id, now]);
}

const findMany: Statement = {
  name: 'find_consents',
  text: `select ${consentColumns('$2')}, ${eventsOf(1)} from ${consentTables} where request.id = any($1)`,
};

/** Those of many, with their latest event alone. */
export const findConsents = (db: Db, ids: string[], now: Date): Promise<Consent[]> =>
  query<Consent>(db, findMany, [ids, now]);

// To others than the person nothing says when it is used (veil_model.ts), nor does its list.
const VEILED = '(giver.protected_address and giver.id <> $7)';
const list: Statement = {
  name: 'list_consents',
  text: `select ${consentColumns('$3')}, ${eventsOf(100)} from ${consentTables}
    where request.from_party = $1 and request.portal_view_mode = any($4)
      and case $2::text
        when 'waiting' then request.state = 'requested' and request.valid_to > $3
        when 'active' then request.state = 'approved' and request.valid_to > $3
          and (mandate.use_limit is null or mandate.uses < mandate.use_limit or ${VEILED}) and ${fallen('$3')} is null
        when 'ended' then request.state in ('rejected', 'withdrawn') or request.valid_to <= $3
          or (request.state = 'approved' and ${fallen('$3')} is not null)
          or (mandate.use_limit is not null and mandate.uses >= mandate.use_limit and not ${VEILED})
        else true end
    order by coalesce(request.approved_at, request.requested_at) desc, request.id limit $5 offset $6`,
};

export type ListKind = 'waiting' | 'active' | 'ended' | 'all';

export interface ListWanted {
  party: string;
  kind: ListKind;
  /** Requests that came by link only are not listed while they wait; answered ones always are. */
  viewModes: ('hide' | 'show')[];
  /** Who looks. */
  viewer: string;
  limit: number;
  offset: number;
}

export function listConsents(db: Db, wanted: ListWanted, now: Date): Promise<Consent[]> {
  return query<Consent>(db, list, [
    wanted.party,
    wanted.kind,
    now,
    wanted.viewModes,
    wanted.limit,
    wanted.offset,
    wanted.viewer,
  ]);
}

const insertRequest: Statement = {
  name: 'insert_consent_request',
  text: `insert into consent_request (id, from_party, to_party, handled_by, required_delegator, state, valid_to,
      template_id, template_version, request_message, redirect_url, portal_view_mode, one_time, content_hash, client_id,
      expiry_event_id, requested_at, from_named, delegator_named)
    values ($1, $2, $3, $4, $5, 'requested', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    on conflict (id) do nothing returning id`,
};
const insertRights: Statement = {
  name: 'insert_consent_rights',
  text: `insert into consent_right (consent_id, ordinal, resource_id, resource_version, actions, metadata)
    select $1, r.ordinal, r.resource, r.version, array(select jsonb_array_elements_text(r.actions)), r.metadata
    from jsonb_to_recordset($2::jsonb) as r(ordinal int, resource text, version bigint, actions jsonb, metadata jsonb)`,
};

export interface NewConsent {
  id: string;
  from: string;
  to: string;
  handledBy: string | null;
  requiredDelegator: string | null;
  validTo: Date;
  templateId: string;
  templateVersion: number;
  requestMessage: unknown;
  redirectUrl: string | null;
  portalViewMode: string;
  oneTime: boolean;
  contentHash: string;
  clientId: string | null;
  expiryEventId: string;
  fromNamed: 'number' | 'uuid' | 'nobody';
  delegatorNamed: 'number' | 'uuid' | null;
  rights: { resource: string; version: number; actions: string[]; metadata: unknown }[];
}

/** False when the id is taken: somebody was there first, and nothing was written. */
export async function insertConsent(db: Db, consent: NewConsent, now: Date): Promise<boolean> {
  const inserted = await query(db, insertRequest, [
    consent.id,
    consent.from,
    consent.to,
    consent.handledBy,
    consent.requiredDelegator,
    consent.validTo,
    consent.templateId,
    consent.templateVersion,
    consent.requestMessage && JSON.stringify(consent.requestMessage),
    consent.redirectUrl,
    consent.portalViewMode,
    consent.oneTime,
    consent.contentHash,
    consent.clientId,
    consent.expiryEventId,
    now,
    consent.fromNamed,
    consent.delegatorNamed,
  ]);
  if (!inserted.length) return false;
  const rights = consent.rights.map((right, ordinal) => ({ ordinal, ...right }));
  await query(db, insertRights, [consent.id, JSON.stringify(rights)]);
  return true;
}

const approve: Statement = {
  name: 'approve_consent',
  text: `update consent_request request set state = 'approved', approved_at = $2, answered_by = $3, answered_role = $4,
      rested_on = $5, rested_roles = $6, rested_mandates = $7, answered_level = $8, parent_until = $9
    from party giver, party receiver
    where request.id = $1 and request.state = 'requested' and request.valid_to > $2 and giver.id = request.from_party and receiver.id = request.to_party
      and ${rests('$2', { roles: '$6::text[]', parentUntil: '$9::smallint' })} returning request.id`,
};
const reject: Statement = {
  name: 'reject_consent',
  text: `update consent_request set state = 'rejected', rejected_at = $2, answered_by = $3, answered_role = $4
    where consent_request.id = $1 and consent_request.state = 'requested' returning id`,
};
const withdraw: Statement = {
  name: 'withdraw_consent',
  text: `update consent_request set state = 'withdrawn', withdrawn_at = $2
    where consent_request.id = $1 and consent_request.state = 'approved' returning id`,
};

/** False when the request was not waiting, or its time was out. */
export async function markApproved(
  db: Db,
  id: string,
  by: string,
  role: string | null,
  basis: Basis,
  now: Date,
): Promise<boolean> {
  const { on, roles, mandates, level, parentUntil } = basis;
  const rested = [on, roles, mandates, level, parentUntil];
  return (await query(db, approve, [id, now, by, role, ...rested])).length === 1;
}

/** False when the request was not waiting. */
export async function markRejected(
  db: Db,
  id: string,
  by: string,
  role: string | null,
  now: Date,
): Promise<boolean> {
  return (await query(db, reject, [id, now, by, role])).length === 1;
}

/** False when there was no approved consent. */
export async function markWithdrawn(db: Db, id: string, now: Date): Promise<boolean> {
  return (await query(db, withdraw, [id, now])).length === 1;
}

const insertShown: Statement = {
  name: 'insert_consent_shown',
  text: `insert into consent_shown (consent_id, language, shown_by, hash, text, shown_at) values ($1, $2, $3, $4, $5, $6)`,
};

export interface Shown {
  language: string;
  shownBy: 'page' | 'portal';
  hash: string;
  text: unknown;
}

export async function insertShownText(
  db: Db,
  consentId: string,
  shown: Shown,
  now: Date,
): Promise<void> {
  await query(db, insertShown, [
    consentId,
    shown.language,
    shown.shownBy,
    shown.hash,
    JSON.stringify(shown.text),
    now,
  ]);
}
