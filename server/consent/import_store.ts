// SQL that takes consent requests in from files, in any state, with the mandates and events that
// their state means. A request that is already here is left as it is.
import type { ConsentEventType } from '../event/model.ts';
import { BRINGS_IN, digestOf, eventOfEach, intoEvent, macOf, ofHouse } from '../event/store.ts';
import { microseconds } from '../event/feed_store.ts';
import type { Act } from '../platform/act.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';
import { aboutStored, parentUntilOf } from './store.ts';
import type { UseLimit } from '../resource/uses_model.ts';
import { uuidv7 } from '../platform/ids.ts';
import { importConsentMandates, takenInId } from '../mandate/store.ts';
import { GUARDIANSHIP, RESPONSIBILITY } from '../resource/catalogue/model.ts';

const requests: Statement = {
  name: 'import_consent_requests',
  text: `insert into consent_request (id, from_party, to_party, handled_by, required_delegator, state, valid_to,
      template_id, template_version, request_message, redirect_url, portal_view_mode, one_time, asked_uses, uses, own_scope, content_hash,
      expiry_event_id, requested_at, imported_at, approved_at, rejected_at, withdrawn_at, answered_by, from_named, delegator_named)
    select r.id, r."from", r."to", r."handledBy", r."requiredDelegator", r.state, r."validTo", template.id, template.version,
      r."requestMessage", r."redirectUrl", r."portalViewMode", r."oneTime", r.uses, r.uses, r."ownScope", r."contentHash", r."expiryEventId",
      r."requestedAt", $2, r."approvedAt", r."rejectedAt", r."withdrawnAt", r."answeredBy", 'number',
      case when r."requiredDelegator" is not null then 'number' end
    from jsonb_to_recordset($1::jsonb) as r(id uuid, "from" uuid, "to" uuid, "handledBy" uuid, "requiredDelegator" uuid,
      state text, "validTo" timestamptz, "templateId" text, "requestMessage" jsonb, "redirectUrl" text,
      "portalViewMode" text, "oneTime" boolean, uses jsonb, "ownScope" boolean, "contentHash" text, "expiryEventId" uuid, "requestedAt" timestamptz,
      "approvedAt" timestamptz, "rejectedAt" timestamptz, "withdrawnAt" timestamptz, "answeredBy" uuid)
    cross join lateral (select t.id, t.version from consent_template t where lower(t.id) = lower(r."templateId")
      order by t.version desc limit 1) as template
    on conflict (id) do nothing returning consent_request.id`,
};
const rights: Statement = {
  name: 'import_consent_rights',
  text: `insert into consent_right (consent_id, ordinal, resource_id, resource_version, actions, metadata, optional, chosen)
    select r.id, held.ordinality - 1, held.value ->> 'resource', resource.current_version,
      array(select jsonb_array_elements_text(held.value -> 'actions')), held.value -> 'metadata',
      (held.value ->> 'optional')::boolean, (held.value ->> 'chosen')::boolean
    from jsonb_to_recordset($1::jsonb) as r(id uuid, rights jsonb),
      jsonb_array_elements(r.rights) with ordinality as held, resource
    where resource.id = held.value ->> 'resource'`,
};
const events: Statement = {
  name: 'import_consent_events',
  text: `${intoEvent('id', 'mac', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party')}
    select r.id, r.mac, r.type, r.at, r.consent, r."from", r."to", r."handledBy", r."by"
    from jsonb_to_recordset($1::jsonb) as r(id uuid, mac bytea, type text, at timestamptz, consent uuid, "from" uuid, "to" uuid,
      "handledBy" uuid, "by" uuid) cross join ${BRINGS_IN}`,
};

// The basis is the mandates that the answerer holds or held, among those that the rules name; the
// subject is known once its rights are there.
const rest: Statement = {
  name: 'rest_imported_consents',
  text: `update consent_request set
      rested_on = case when coalesce(request.answered_by, request.from_party) = request.from_party then 'self' when office.role = '${RESPONSIBILITY}' then 'responsibility'
        when office.role is not null then 'task' else 'role' end,
      rested_roles = case when office.role is null then '{}' else array[office.role] end,
      parent_until = case when office.role = '${RESPONSIBILITY}' then ${parentUntilOf('request.id')} end,
      about = ${aboutStored('request.id')}
    from consent_request request left join lateral (
      select held.role from mandate held join role on role.code = held.role
      where held.from_party = request.from_party and held.to_party = request.answered_by and held.basis = 'register'
        and (held.role = '${RESPONSIBILITY}' or role.source = '${GUARDIANSHIP}') and exists (select from policy_rule rule
          join consent_right asked on asked.resource_id = rule.resource_id and asked.consent_id = request.id
          where rule.action = 'consent' and rule.subject_kind = 'role' and rule.subject = held.role)
      order by held.role limit 1) as office on true
    where consent_request.id = request.id and request.id = any($1)`,
};
// A consent imported without any basis falls by the same rules as others.
const look: Statement = {
  name: 'look_at_imported_consents',
  text: `insert into basis_change (party, due_at) select distinct concerned.id, concerned.ended_at from consent_request request
    join party concerned on concerned.id in (request.from_party, request.to_party) and concerned.ended_at is not null
    where request.id = any($1) and request.state = 'approved'
    union all select request.from_party, request.approved_at from consent_request request
    where request.id = any($1) and request.state = 'approved' and cardinality(request.rested_roles) > 0`,
};

// One event of them all: the id of each, its end, and a digest of its rights as they came.
const takenIn: Statement = {
  name: 'note_imported_consents',
  text: eventOfEach(
    `${ofHouse(
      "'imported'",
      'null::uuid',
      `jsonb_build_object('consents', jsonb_agg(jsonb_build_array(request.id, ${microseconds('request.valid_to')}, ${digestOf(
        `(select jsonb_agg(jsonb_build_array(held.ordinal, held.resource_id, held.resource_version, held.actions, held.metadata, held.chosen) order by held.ordinal)
          from consent_right held where held.consent_id = request.id)`,
      )}) order by request.id))`,
    )} from consent_request request where request.id = any($1)`,
    '$2::timestamptz',
    '$3',
  ),
};

export interface ImportedConsent {
  id: string;
  from: string;
  to: string;
  handledBy?: string;
  requiredDelegator?: string;
  state: string;
  validTo: string;
  templateId: string;
  requestMessage?: unknown;
  redirectUrl?: string;
  portalViewMode: string;
  oneTime: boolean;
  uses: UseLimit | null;
  /** Uses that were counted before. */
  used: number;
  ownScope: boolean;
  contentHash: string;
  expiryEventId: string;
  requestedAt: string;
  approvedAt?: string;
  rejectedAt?: string;
  withdrawnAt?: string;
  answeredBy?: string;
  rights: {
    resource: string;
    actions: string[];
    metadata: Record<string, string>;
    optional: boolean;
    /** Whether it is part of what was given; so is every right of a request. */
    chosen: boolean;
  }[];
}

export async function importConsents(act: Act, consents: ImportedConsent[]): Promise<void> {
  const { db, now } = act;
  const inserted = new Set(
    (await query<{ id: string }>(db, requests, [JSON.stringify(consents), now])).map(
      (row) => row.id,
    ),
  );
  const fresh = consents.filter((consent) => inserted.has(consent.id));
  if (!fresh.length) return;
  await query(db, rights, [JSON.stringify(fresh)]);
  await importConsentMandates(
    db,
    fresh.filter((consent) => consent.approvedAt),
  );
  await query(db, events, [JSON.stringify(fresh.flatMap((one) => eventsOf(db, one)))]);
  await query(db, rest, [[...inserted]]);
  await query(db, look, [[...inserted]]);
  await query(db, takenIn, [[...inserted], now, takenInId(act)]);
}

function eventsOf(db: Db, { id: consent, from, to, ...said }: ImportedConsent) {
  const one = (kind: ConsentEventType, instant: string | undefined, by: string) => {
    if (!instant) return [];
    const at = new Date(instant);
    const event = {
      id: uuidv7(at),
      kind,
      at,
      consent,
      from,
      to,
      handledBy: said.handledBy ?? null,
      by,
    };
    return [{ ...event, type: kind, mac: macOf(db, event) }];
  };
  const by = said.answeredBy ?? from;
  return [
    ...one('requested', said.requestedAt, to),
    ...one('approved', said.approvedAt, by),
    ...one('rejected', said.rejectedAt, by),
    ...one('withdrawn', said.withdrawnAt, by),
  ];
}
