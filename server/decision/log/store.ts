// SQL of the decision log: written in batches, read by the parties it concerns (months_store.ts
// lets it go). Also where a mandate was last used, to the day.
import { lastUsedAt } from '../../mandate/store.ts';
import { isProtected } from '../../party/facts_store.ts';
import type { Act } from '../../platform/act.ts';
import { intoNotice } from '../../notice/store.ts';
import { query, type Db, type Statement } from '../../platform/db/db.ts';
import { NO_ID, uuidv7, uuidv7Floor } from '../../platform/ids.ts';

export interface LogEntry {
  id: string;
  at: Date;
  caller: string;
  subject: string | null;
  fromParty: string | null;
  resourceId: string | null;
  action: string;
  instance: string | null;
  outcome: string;
  reason: string;
  level: number;
  policyVersion: number | null;
  mandates: string[];
}

// Once a day for each mandate is enough to see what is not used, and costs a busy one nothing; one
// that somebody holds is noted at its next use, so that no answer waits for it. Who gave it is
// notified of the first use, once.
const append: Statement = {
  name: 'append_decisions',
  text: `with appended as (
      insert into decision_log (id, at, caller, subject, from_party, resource_id, action, instance, outcome, reason, level, policy_version, mandates)
      select r.id, r.at, r.caller, r.subject, r."fromParty", r."resourceId", r.action, r.instance, r.outcome, r.reason, r.level, r."policyVersion",
        array(select jsonb_array_elements_text(r.mandates)::uuid)
      from jsonb_to_recordset($1::jsonb) as r(id uuid, at timestamptz, caller text, subject uuid, "fromParty" uuid, "resourceId" text, action text,
        instance text, outcome text, reason text, level int, "policyVersion" bigint, mandates jsonb)),
    free as (
      select one.id, one.from_party, one.basis, one.last_used_at from mandate one where one.id = any($2::uuid[])
        and (one.last_used_at is null or one.last_used_at < $3::timestamptz - interval '1 day') for no key update skip locked),
    fresh as (
      select free.id, free.from_party, used.notice from unnest($2::uuid[], $4::uuid[]) as used(id, notice) join free on free.id = used.id
      where free.last_used_at is null and free.basis = 'delegation'),
    told as (
      ${intoNotice('id', 'party', 'type', 'mandate_id', 'at')} select fresh.notice, fresh.from_party, 'mandate_used', fresh.id, $3 from fresh
      on conflict (mandate_id) where type = 'mandate_used' do nothing)
    ${lastUsedAt('$3')} where mandate.id in (select free.id from free)`,
};

/** The uses of a power of attorney that its page does not show do not show as its last use. */
export async function appendDecisions(
  act: Act,
  entries: LogEntry[],
  exempt: string[],
): Promise<void> {
  const permits = entries.filter(
    ({ outcome, caller }) => outcome === 'permit' && !exempt.includes(caller),
  );
  const used = [...new Set(permits.flatMap((entry) => entry.mandates))];
  const notices = used.map(() => uuidv7(act.now));
  await query(act.db, append, [JSON.stringify(entries), used, act.now, notices]);
}

export interface LogQuery extends LogFilter {
  party: string;
  actor: string;
  received: boolean;
  /** Organisation numbers of those who ask, that the party does not see. */
  exempt: string[];
}

export interface LogFilter {
  subject: string | null;
  resource: string | null;
  action: string | null;
  outcome: string | null;
  since: Date | null;
  until: Date | null;
  before: string;
  limit: number;
}

// Decisions that rest on a secret register go to its two parties only.
const restsOnSecret = `exists (select from mandate carrying cross join lateral unnest(carrying.id || carrying.chain) as link(id)
    join mandate linked on linked.id = link.id join role on role.code = linked.role
    join source on source.code = role.source where carrying.id = any(log.mandates) and source.visibility = 'secret')`;
// Decisions about a person with a protected address go to the two parties only.
const isKept = `(${restsOnSecret} or ${isProtected('log.from_party')})`;
const filters = `and ($10 in (log.from_party, log.subject) or not ${isKept})
  and ($2::uuid is null or log.subject = $2) and ($3::text is null or log.resource_id = $3) and ($4::text is null or log.action = $4)
  and ($5::text is null or log.outcome = $5) and ($6::timestamptz is null or log.at >= $6) and ($7::timestamptz is null or log.at < $7) and log.id < $8 and log.id >= $12 and not log.caller = any($13::text[])`;

const read: Statement = {
  name: 'read_decisions',
  text: `select merged.*, subject.name as "subjectName", (
      select json_agg(distinct jsonb_build_object('id', grouped.id, 'name', grouped.name)) from mandate carrying
        join party_group grouped on grouped.id = carrying.group_id where carrying.id = any(merged.mandates) and $1 in (carrying.from_party, carrying.to_party)) as groups from (
      (select log.* from decision_log log where log.from_party = $1 ${filters} order by log.id desc limit $9)
      union
      (select log.* from decision_log log where log.subject = $1 and $11 ${filters} order by log.id desc limit $9)
    ) as merged left join party subject on subject.id = merged.subject order by merged.id desc limit $9`,
};

export interface LogRow {
  id: string;
  at: Date;
  caller: string;
  subject: string | null;
  subjectName: string | null;
  from_party: string | null;
  resource_id: string | null;
  action: string;
  instance: string | null;
  outcome: string;
  reason: string;
  mandates: string[];
  /** The groups by which somebody has them; null for none, and for the owner of the resource. */
  groups: { id: string; name: string }[] | null;
}

/** Newest first: decisions for the party and about it. */
export function readDecisions(db: Db, wanted: LogQuery): Promise<LogRow[]> {
  return query<LogRow>(db, read, [
    wanted.party,
    wanted.subject,
    wanted.resource,
    wanted.action,
    wanted.outcome,
    wanted.since,
    wanted.until,
    wanted.before,
    wanted.limit,
    wanted.actor,
    wanted.received,
    wanted.since ? uuidv7Floor(wanted.since) : NO_ID,
    wanted.exempt,
  ]);
}

const ofMandate: Statement = {
  name: 'decisions_by_mandate',
  text: `select log.id, log.at, log.resource_id as resource, log.action, log.outcome from decision_log log
    where log.from_party = $1 and $2::uuid = any(log.mandates) and log.id < $6 and ($4 in (log.from_party, log.subject) or not ${isKept})
      and ($5::uuid is null or log.subject = $5) and not log.caller = any($7::text[]) order by log.id desc limit $3`,
};

/**
 * Decisions that a mandate carried, newest first: of one `subject`, or of all. Those that also rest
 * on a secret register, or are about a person with a protected address, go to the people they are
 * about only.
 */
export const decisionsByMandate = (
  db: Db,
  mandate: { id: string; from: string },
  wanted: {
    viewer: string;
    subject: string | null;
    before: string;
    limit: number;
    exempt: string[];
  },
): Promise<{ id: string; at: Date; resource: string | null; action: string; outcome: string }[]> =>
  query(db, ofMandate, [
    ...[mandate.from, mandate.id, wanted.limit],
    ...[wanted.viewer, wanted.subject, wanted.before, wanted.exempt],
  ]);

const ofOwner: Statement = {
  name: 'read_decisions_of_owner',
  text: `select log.id, log.at, log.caller, log.subject, null as "subjectName", null as groups, log.from_party, log.resource_id, log.action, log.instance, log.outcome,
      case when ${restsOnSecret} then 'permitted' else log.reason end as reason, case when ${restsOnSecret} then '{}' else log.mandates end as mandates
    from resource cross join lateral (
      select log.* from decision_log log where log.resource_id = resource.id and ($3::text is null or log.action = $3) and ($4::text is null or log.outcome = $4)
        and ($5::timestamptz is null or log.at >= $5) and ($6::timestamptz is null or log.at < $6) and log.id < $7 and ($9::uuid is null or log.subject = $9)
        order by log.id desc limit $8) as log
    where resource.owner = $1 and ($2::text is null or resource.id = $2) order by log.id desc limit $8`,
};

/**
 * Newest first: decisions about the resources that a party owns. Which mandates carried one is
 * shown unless any is of a secret source.
 */
export function readDecisionsOfOwner(db: Db, owner: string, wanted: LogFilter): Promise<LogRow[]> {
  return query<LogRow>(db, ofOwner, [
    owner,
    wanted.resource,
    wanted.action,
    wanted.outcome,
    wanted.since,
    wanted.until,
    wanted.before,
    wanted.limit,
    wanted.subject,
  ]);
}
