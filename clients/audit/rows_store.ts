// SQL of the audit of rows: consents and powers of attorney held to what their events say. It only
// reads. Of what was imported its import says what it was.
import type { Rows } from './rows.ts';
import { digest, HELD_HOUSE, HOUSE_COLUMNS } from './house_store.ts';

// Events that have a place in the log, or wait for one: a node made those, and not the others.
const PLACED = `event as (select one.* from public.event one where exists (select from log_leaf leaf where leaf.event_id = one.id)
    or exists (select from event_pending waiting where waiting.event_id = one.id) or exists (select from log_pending waiting where waiting.event_id = one.id))`;

/** Newest of these kinds for each subject, or the first. */
const newest = (
  name: string,
  subject: string,
  kinds: string[],
  { order = 'desc', where = 'true' } = {},
) =>
  `${name} as (select distinct on (event.${subject}) event.* from event where event.${subject} is not null and event.type in (${kinds.map((kind) => `'${kind}'`)}) and ${where} order by event.${subject}, event.id ${order})`;
/** The newest pause of a mandate. One that stops with its system is left as it is. */
const HALTED = newest('halted', 'mandate_id', ['suspended', 'resumed'], {
  where: "coalesce(event.detail ->> 'receiver', '') <> 'true'",
});
const joined = (subject: string, names: string[]) =>
  names.map((name) => `left join ${name} on ${name}.${subject} = held.id`).join(' ');
/** The content of the newest of these kinds for each subject, which has one. */
const contentOf = (name: string, subject: string, kinds: string[]) =>
  `${name} as (select distinct on (event.${subject}) event.${subject}, kept.content::jsonb as content from event join event_content kept on kept.event_id = event.id
    where event.${subject} is not null and event.type in (${kinds.map((kind) => `'${kind}'`)}) order by event.${subject}, event.id desc)`;
/** An instant as a content has it, in milliseconds, or as an event's detail may. */
const instant = (at: string, unit = 'MS') =>
  `to_char(${at} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.${unit}"Z"')`;
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
  valid_to: `held.state = 'approved' and ${instant('held.valid_to')} <> said_of.content -> 'conditions' ->> 'validTo'`,
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
  newest('asked', 'consent_id', ['requested'], { order: 'asc' }),
  newest('yes', 'consent_id', ['approved']),
  newest('no', 'consent_id', ['rejected']),
  newest('gone', 'consent_id', ['withdrawn', 'deleted']),
  newest('deleting', 'consent_id', ['deletion_asked']),
  contentOf('said_of', 'consent_id', ['approved', 'changed']),
  newest('latest', 'consent_id', ['requested', 'approved', 'rejected', 'withdrawn', 'deleted']),
].join(', ')}
  select 'consent_request.' || said.name as column, held.id from consent_request held
  ${joined('consent_id', ['asked', 'yes', 'no', 'gone', 'latest', 'deleting', 'said_of'])} ${differing(CONSENT)}
  where said.differs and (said.name = 'id' or asked.id is not null) order by held.id`;

const HELD_RIGHTS = `with ${contentOf('said_of', 'consent_id', ['approved', 'changed'])}
  select 'consent_right.*' as column, held.id from consent_request held join said_of on said_of.consent_id = held.id where held.state = 'approved'
    and (select jsonb_agg(one.value - 'title' order by one.ordinality) from jsonb_array_elements(said_of.content -> 'rights') with ordinality as one)
      is distinct from (select jsonb_agg(jsonb_build_object('resource', given.resource_id, 'version', given.resource_version, 'actions', to_jsonb(given.actions), 'metadata', given.metadata) order by given.ordinal)
        from consent_right given where given.consent_id = held.id and given.chosen and given.dropped_at is null) order by held.id`;

// The import of a consent says its end and its rights, until it is answered or narrowed here.
const TAKEN_IN_CONSENTS = `with ${contentOf('said_of', 'consent_id', ['approved', 'changed'])},
  taken as (select (one.value ->> 0)::uuid as id, one.value ->> 1 as valid_to, one.value ->> 2 as rights
    from event cross join lateral jsonb_array_elements(event.detail -> 'consents') as one where event.type = 'imported')
  select said.name as column, held.id from consent_request held left join taken on taken.id = held.id left join said_of on said_of.consent_id = held.id
  cross join lateral (values ('consent_request.valid_to', ${instant('held.valid_to', 'US')} is distinct from taken.valid_to),
    ('consent_right.*', taken.rights is distinct from ${digest(`(select jsonb_agg(jsonb_build_array(one.ordinal, one.resource_id, one.resource_version, one.actions, one.metadata, one.chosen) order by one.ordinal)
      from consent_right one where one.consent_id = held.id and one.dropped_at is null)`)})) as said(name, differs)
  where held.state = 'approved' and said_of.consent_id is null and held.erased_at is null and said.differs order by held.id`;

// A mandate that was passed on lets others do less when its parent does, without an event.
const differsFrom = (column: string, member: string) =>
  `held.${column}::text <> said_of.content -> 'conditions' ->> '${member}' and (held.${column} or held.through is null)`;
const MANDATE: Record<string, string> = {
  from_party: 'held.from_party <> given.from_party',
  to_party: 'held.to_party <> given.to_party',
  package: "held.package is distinct from given.detail ->> 'package'",
  resource_id: "held.resource_id is distinct from given.detail ->> 'resource'",
  instance: "held.instance is distinct from given.detail ->> 'instance'",
  by_code: "held.by_code::text is distinct from given.detail ->> 'byCode'",
  through: "held.through::text is distinct from given.detail ->> 'through'",
  actions:
    "to_jsonb(held.actions) is distinct from nullif(coalesce(changed.detail, given.detail) -> 'actions', 'null')",
  valid_from: `${instant('held.valid_from')} <> said_of.content -> 'conditions' ->> 'validFrom'`,
  may_pass_on: differsFrom('may_pass_on', 'mayPassOn'),
  subunits: differsFrom('subunits', 'subunits'),
  // A giver who only lessens it leaves the one who stands for it.
  given_by:
    'held.given_by is distinct from given.by_party and held.given_by is distinct from changed.by_party',
  // A mandate that was passed on ends earlier with what it rests on, and has no event of that.
  valid_to:
    "coalesce(held.valid_to, 'infinity') > coalesce((coalesce(changed.detail, given.detail) ->> 'validTo')::timestamptz, 'infinity')",
  ended_at:
    'held.ended_at is distinct from ended.at and held.ended_at is distinct from held.valid_to and held.ended_at is distinct from held.accept_by',
  suspended_at: "held.suspended_at is null and halted.type = 'suspended'",
  accept_by: "held.accept_by is not null and given.type = 'given'",
};
const HELD_MANDATES = `with ${[
  newest('given', 'mandate_id', ['sent', 'given']),
  newest('changed', 'mandate_id', ['changed']),
  newest('ended', 'mandate_id', ['ended', 'renounced']),
  HALTED,
  contentOf('said_of', 'mandate_id', ['given', 'changed']),
].join(', ')}
  select 'mandate.' || said.name as column, held.id from mandate held join given on given.mandate_id = held.id and (given.type = 'given' or held.accept_by is not null)
  ${joined('mandate_id', ['changed', 'ended', 'halted', 'said_of'])} ${differing(MANDATE)} where said.differs order by held.id`;

// A mandate that was sent waits for its receiver until the event of its being given, which an
// archive may have.
const SENT_MANDATES = `with ${newest('begun', 'mandate_id', ['sent', 'given'])}
  select 'mandate.accept_by' as column, held.id from mandate held join begun on begun.mandate_id = held.id and begun.type = 'sent'
  where held.accept_by is null and not exists (select from event_let_go gone where gone.type = 'given' and gone.at = held.given_at) order by held.id`;

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
const TAKEN_IN = `with taken as (select (one.value ->> 0)::uuid as id, one.value ->> 1 as digest, (one.value ->> 2)::timestamptz as valid_to, nullif(one.value -> 3, 'null') as actions, event.id as event_id
    from event cross join lateral jsonb_array_elements(event.detail -> 'mandates') as one where event.type = 'imported'),
  latest as (select distinct on (taken.id) taken.* from taken order by taken.id, taken.event_id desc),
  begun as (select distinct event.mandate_id as id from event where event.type in ('sent', 'given', 'role_gained')),
  ${[
    newest('changed', 'mandate_id', ['changed']),
    newest('gained', 'mandate_id', ['role_gained']),
    newest('ending', 'mandate_id', ['ended', 'renounced', 'role_lost']),
    HALTED,
  ].join(', ')}
  select 'mandate.' || said.name as column, held.id from mandate held left join latest on latest.id = held.id left join begun on begun.id = held.id
  ${joined('mandate_id', ['changed', 'gained', 'ending', 'halted'])}
  ${differing({
    id: 'latest.id is null and begun.id is null',
    from_party: 'held.from_party <> gained.from_party',
    to_party: 'held.to_party <> gained.to_party',
    role: "held.role is distinct from gained.detail ->> 'role' and gained.id is not null",
    ended_at:
      "ending.id::text > greatest(coalesce(gained.id::text, ''), coalesce(latest.event_id::text, ''))",
    suspended_at:
      "begun.id is null and held.basis <> 'register' and held.suspended_at is null and halted.type = 'suspended'",
    '*': `begun.id is null and latest.digest <> ${digest('jsonb_build_array(held.from_party, held.to_party, held.basis, held.role, held.package, held.resource_id, held.instance, held.through, extract(epoch from held.valid_from))')}`,
    actions:
      "begun.id is null and to_jsonb(held.actions) is distinct from case when changed.id is null then latest.actions else nullif(changed.detail -> 'actions', 'null') end",
    valid_to:
      "begun.id is null and held.basis <> 'register' and coalesce(held.valid_to, 'infinity') > coalesce(case when changed.id is null then latest.valid_to else (changed.detail ->> 'validTo')::timestamptz end, 'infinity')",
  })} where held.basis <> 'consent' and held.ended_at is null and coalesce(held.valid_to, 'infinity') > now() and said.differs order by held.id`;

// A system that is suspended is so until an event says otherwise.
const HELD_SYSTEMS = `with ${newest('halted', 'to_party', ['system_suspended', 'system_resumed'])}
  select 'party.suspended_at' as column, held.id from party held join halted on halted.to_party = held.id
  where held.ended_at is null and held.suspended_at is null and halted.type = 'system_suspended' order by held.id`;

/** Columns of rows that events say something of, by name. */
export const ROW_COLUMNS = [
  ...Object.keys(CONSENT).map((column) => `consent_request.${column}`),
  ...[...Object.keys(MANDATE), 'consent_id', 'id', 'role', '*'].map(
    (column) => `mandate.${column}`,
  ),
  ...['consent_right.*', 'party.suspended_at'],
  ...HOUSE_COLUMNS,
];

/** Rows that are not as their events say: `table.column`, and the row's id. */
export async function differingRows(db: Rows): Promise<{ column: string; id: string }[]> {
  const found = [];
  const texts = [
    ...[HELD_CONSENTS, HELD_RIGHTS, TAKEN_IN_CONSENTS],
    ...[HELD_MANDATES, SENT_MANDATES, HELD_OF_CONSENTS, TAKEN_IN, HELD_SYSTEMS],
  ];
  const asked = texts.map((text) => text.replace(/^with /, `with ${PLACED}, `));
  for (const text of [...asked, `with ${PLACED} ${HELD_HOUSE}`])
    found.push(...(await db.query<{ column: string; id: string }>(text)).rows);
  return found;
}
