// SQL of the audit of rows: consents and powers of attorney held to what their events say. It only
// reads. Of an imported power of attorney its import says what it was.
import type { Rows } from './rows.ts';
import { digest, HELD_HOUSE, HOUSE_COLUMNS } from './house_store.ts';

/** Newest of these kinds for each subject, or the first. */
const newest = (name: string, subject: string, kinds: string[], order = 'desc') =>
  `${name} as (select distinct on (event.${subject}) event.* from event where event.${subject} is not null and event.type in (${kinds.map((kind) => `'${kind}'`)}) order by event.${subject}, event.id ${order})`;
const joined = (subject: string, names: string[]) =>
  names.map((name) => `left join ${name} on ${name}.${subject} = held.id`).join(' ');
const differing = (columns: Record<string, string>) =>
  `cross join lateral (values ${Object.entries(columns).map(([column, differs]) => `('${column}', ${differs})`)}) as said(name, differs)`;

/** Whether a column differs from what the events say, by column. */
const CONSENT: Record<string, string> = {
  // Events of what has ended may have been let go.
  id: "asked.id is null and held.state in ('requested', 'approved') and held.valid_to > now()",
  from_party: 'held.from_party <> asked.from_party',
  to_party: 'held.to_party <> asked.to_party',
  handled_by: 'held.handled_by is distinct from asked.handled_by',
  requested_at: 'held.requested_at <> asked.at',
  state: 'held.state is distinct from latest.type',
  approved_at: 'held.approved_at is distinct from yes.at',
  rejected_at: 'held.rejected_at is distinct from no.at',
  withdrawn_at: 'held.withdrawn_at is distinct from gone.at',
  // An imported one does not say who answered.
  answered_by:
    'held.answered_by is not null and held.answered_by is distinct from coalesce(yes.by_party, no.by_party)',
  deletion_asked_at: 'held.deletion_asked_at is distinct from deleting.at',
  answered_role: 'held.answered_role is distinct from coalesce(yes.by_role, no.by_role)',
};
const HELD_CONSENTS = `with ${[
  newest('asked', 'consent_id', ['requested'], 'asc'),
  newest('yes', 'consent_id', ['approved']),
  newest('no', 'consent_id', ['rejected']),
  newest('gone', 'consent_id', ['withdrawn', 'deleted']),
  newest('deleting', 'consent_id', ['deletion_asked']),
  newest('latest', 'consent_id', ['requested', 'approved', 'rejected', 'withdrawn', 'deleted']),
].join(', ')}
  select 'consent_request.' || said.name as column, held.id from consent_request held
  ${joined('consent_id', ['asked', 'yes', 'no', 'gone', 'latest', 'deleting'])} ${differing(CONSENT)}
  where said.differs and (said.name = 'id' or asked.id is not null) order by held.id`;

const MANDATE: Record<string, string> = {
  from_party: 'held.from_party <> given.from_party',
  to_party: 'held.to_party <> given.to_party',
  package: "held.package is distinct from given.detail ->> 'package'",
  resource_id: "held.resource_id is distinct from given.detail ->> 'resource'",
  instance: "held.instance is distinct from given.detail ->> 'instance'",
  through: "held.through::text is distinct from given.detail ->> 'through'",
  actions:
    "to_jsonb(held.actions) is distinct from nullif(coalesce(changed.detail, given.detail) -> 'actions', 'null')",
  given_by: 'held.given_by is distinct from coalesce(changed.by_party, given.by_party)',
  // A mandate that was passed on ends earlier with what it rests on, and has no event of that.
  valid_to:
    "coalesce(held.valid_to, 'infinity') > coalesce((coalesce(changed.detail, given.detail) ->> 'validTo')::timestamptz, 'infinity')",
  ended_at:
    'held.ended_at is distinct from ended.at and held.ended_at is distinct from held.valid_to',
  suspended_at: "held.suspended_at is null and halted.type = 'suspended'",
};
const HELD_MANDATES = `with ${[
  newest('given', 'mandate_id', ['given'], 'asc'),
  newest('changed', 'mandate_id', ['changed']),
  newest('ended', 'mandate_id', ['ended', 'renounced']),
  newest('halted', 'mandate_id', ['suspended', 'resumed']),
].join(', ')}
  select 'mandate.' || said.name as column, held.id from mandate held join given on given.mandate_id = held.id
  ${joined('mandate_id', ['changed', 'ended', 'halted'])} ${differing(MANDATE)} where said.differs order by held.id`;

// The mandate of a consent lets nobody do anything that the consent does not.
const HELD_OF_CONSENTS = `with ${newest('halted', 'consent_id', ['suspended', 'resumed'])}
  select 'mandate.' || said.name as column, held.id from mandate held left join consent_request consent on consent.id = held.consent_id
  left join halted on halted.consent_id = consent.id
  ${differing({
    consent_id: 'consent.id is null',
    from_party: 'held.from_party <> consent.from_party',
    to_party: 'held.to_party <> consent.to_party',
    valid_to: "coalesce(held.valid_to, 'infinity') > consent.valid_to",
    ended_at: "held.ended_at is null and consent.state <> 'approved'",
    suspended_at:
      "held.ended_at is null and held.suspended_at is null and halted.type = 'suspended'",
  })} where held.basis = 'consent' and said.differs order by held.id`;

// Mandates in force: what began each, and, where that was an import, what never changes of it.
const TAKEN_IN = `with taken as (select (one.value ->> 0)::uuid as id, one.value ->> 1 as digest, to_timestamp((one.value ->> 2)::numeric) as valid_to, nullif(one.value -> 3, 'null') as actions, event.id as event_id
    from event cross join lateral jsonb_array_elements(event.detail -> 'mandates') as one where event.type = 'imported'),
  latest as (select distinct on (taken.id) taken.* from taken order by taken.id, taken.event_id desc),
  begun as (select distinct event.mandate_id as id from event where event.type in ('given', 'role_gained')),
  ${newest('changed', 'mandate_id', ['changed'])}
  select 'mandate.' || said.name as column, held.id from mandate held left join latest on latest.id = held.id left join begun on begun.id = held.id
  left join changed on changed.mandate_id = held.id
  ${differing({
    id: 'latest.id is null and begun.id is null',
    '*': `latest.digest <> ${digest('jsonb_build_array(held.from_party, held.to_party, held.basis, held.role, held.package, held.resource_id, held.instance, held.through, extract(epoch from held.valid_from))')}`,
    actions:
      "begun.id is null and to_jsonb(held.actions) is distinct from case when changed.id is null then latest.actions else nullif(changed.detail -> 'actions', 'null') end",
    valid_to:
      "begun.id is null and held.basis <> 'register' and coalesce(held.valid_to, 'infinity') > coalesce(case when changed.id is null then latest.valid_to else (changed.detail ->> 'validTo')::timestamptz end, 'infinity')",
  })} where held.basis <> 'consent' and held.ended_at is null and coalesce(held.valid_to, 'infinity') > now() and said.differs order by held.id`;

/** Columns of rows that events say something of, by name. */
export const ROW_COLUMNS = [
  ...Object.keys(CONSENT).map((column) => `consent_request.${column}`),
  ...[...Object.keys(MANDATE), 'consent_id', 'id', '*'].map((column) => `mandate.${column}`),
  ...HOUSE_COLUMNS,
];

/** Rows that are not as their events say: `table.column`, and the row's id. */
export async function differingRows(db: Rows): Promise<{ column: string; id: string }[]> {
  const found = [];
  for (const text of [HELD_CONSENTS, HELD_MANDATES, HELD_OF_CONSENTS, TAKEN_IN, HELD_HOUSE])
    found.push(...(await db.query<{ column: string; id: string }>(text)).rows);
  return found;
}
