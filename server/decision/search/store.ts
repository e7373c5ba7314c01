// SQL of searches: who could possibly be permitted, what could possibly be, and every party that
// somebody has mandates from. They find candidates; the model decides.
import type { Act } from '../../platform/act.ts';
import { DEBTOR, TRUSTEE } from '../../resource/catalogue/model.ts';
import { query, type Db, type Statement } from '../../platform/db/db.ts';
import type { Grain } from '../rules/facts_model.ts';
import type { Openers } from './openers_model.ts';
import { withheldOf } from '../../mandate/capacity_store.ts';
import { estateSince } from '../../party/facts_store.ts';
import {
  chainOf,
  holdsBesideEstate,
  inForce,
  isStoppedByEstate,
  isSuspendedSystem,
} from '../../mandate/force_store.ts';

const subjects: Statement = {
  name: 'candidate_subjects',
  text: `with place as materialized (
      select giver.id from party giver where giver.id = $1
      union select giver.parent from party giver where giver.id = $1 and giver.parent is not null
      union select debtor.from_party from mandate debtor join party giver on giver.id = $1
        where debtor.to_party in (giver.id, giver.parent) and debtor.basis = 'register' and debtor.role = '${DEBTOR}' and ${estateSince('giver')} is not null
      union select owns.from_party from mandate owns join party firm on firm.id = owns.from_party and firm.unit_type = 'ENK'
        where owns.to_party = $1 and owns.basis = 'register' and owns.role is not null),
    receiver as materialized (select distinct mandate.to_party as id, mandate.to_kind as kind from mandate join place on place.id = mandate.from_party
      where mandate.basis <> 'consent' and ${holdsBesideEstate('mandate', '$2')}
        and ($10::text[] is null or mandate.package = any($10) or mandate.role = any($11::text[]) or mandate.resource_id = $12))
    select distinct candidate.id, party.kind, party.name from (
      select receiver.id from receiver
      union select leads.to_party from receiver join party firm on firm.id = receiver.id
        join mandate leads on leads.from_party in (firm.id, firm.parent) and leads.basis = 'register' and ${inForce('leads', '$2')}
        join role on role.code = leads.role and role.key_role
        where receiver.kind in ('organization', 'subunit')
      union select party.id from party where party.id = $1
      union select party.id from party where party.username = any($3::text[])
      union select party.id from party where party.id = any($4::uuid[])
      union select party.id from party where party.organization_no = any($5::text[])
      union select member.party from access_list_member member where member.list_id = any($6::text[]) and member.ended_at is null
    ) as candidate join party on party.id = candidate.id
    where ($7::text[] is null or party.kind = any($7)) and (party.ended_at is null or party.ended_at > $2) and not ${isSuspendedSystem('party', '$2')} and party.id > $8
    order by candidate.id limit $9`,
};

export interface SubjectsWanted {
  from: string | null;
  usernames: string[];
  ids: string[];
  organizations: string[];
  lists: string[];
  kinds: string[] | null;
  /** The mandates that matter; all of them where it is left out. */
  by?: Openers | undefined;
  after: string;
  limit: number;
}

export function findCandidateSubjects(
  act: Act,
  wanted: SubjectsWanted,
): Promise<{ id: string; kind: string; name: string }[]> {
  return query(act.db, subjects, [
    wanted.from,
    act.now,
    wanted.usernames,
    wanted.ids,
    wanted.organizations,
    wanted.lists,
    wanted.kinds,
    wanted.after,
    wanted.limit,
    ...[wanted.by?.packages ?? null, wanted.by?.roles ?? [], wanted.by?.resource ?? ''],
  ]);
}

const resources: Statement = {
  name: 'candidate_resources',
  text: `select distinct resource.id, resource.type from resource join resource_version version on version.version = resource.current_version
    where resource.ended_at is null and resource.id > $5 and ($4::text is null or lower(resource.type) = lower($4)) and ($7::text is null
        or exists (select from party owner where owner.id = resource.owner and owner.organization_no = $7))
      -- What its owner hides is found by its owner alone.
      and (coalesce(version.content ->> 'visible', 'true') <> 'false' or $7::text is not null)
      and (resource.id = any($3::text[]) or resource.policy_version in (select policy.version from policy_version policy
          where policy.content ->> 'combining' = 'permit-unless-deny') or exists (select from policy_rule rule where rule.resource_id = resource.id
        and ($6::text is null or rule.action in ($6, '*'))
        and (rule.subject_kind in ('any', 'attribute') or (rule.subject_kind, rule.subject) in (select * from unnest($1::text[], $2::text[])))))
    order by resource.id limit $8`,
};

export interface ResourcesWanted {
  tags: { kind: string; value: string }[];
  named: string[];
  type: string | null;
  after: string;
  action: string | null;
  ownerNo: string | null;
  limit: number;
}

/**
 * Resources whose policy names something the subject is or holds, and those it has single rights
 * to.
 */
export function findCandidateResources(
  db: Db,
  wanted: ResourcesWanted,
): Promise<{ id: string; type: string }[]> {
  return query(db, resources, [
    wanted.tags.map((tag) => tag.kind),
    wanted.tags.map((tag) => tag.value),
    wanted.named,
    wanted.type,
    wanted.after,
    wanted.action,
    wanted.ownerNo,
    wanted.limit,
  ]);
}

export interface HeldRow {
  from: string;
  id: string;
  basis: 'register' | 'delegation' | 'customer';
  role: string | null;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  instance: string | null;
  via: string | null;
  viaRole: string | null;
  chain: Grain[];
  validTo: string | null;
  /** Whether a main unit's is its sub-units' too. */
  subunits: boolean;
  /** As decisions have it (decision/rules/facts_model.ts). */
  estate: boolean;
  /** As decisions have it (decision/rules/facts_model.ts). */
  withheld: (string | null)[] | null;
}

const columns = (
  via: string,
  viaRole: string,
) => `mandate.from_party, mandate.id, mandate.basis, mandate.role, mandate.package, mandate.resource_id,
  mandate.actions, mandate.instance, ${via} as via, ${viaRole} as via_role, mandate.valid_to, mandate.subunits, mandate.estate_at, mandate.through, mandate.chain, mandate.given_by`;

// The giver's form is looked up for each: joined, a planner that expects few of them reads all
// parties for each.
const held: Statement = {
  name: 'held_mandates',
  text: `select mandate.from_party as "from", mandate.id, mandate.basis, mandate.role, mandate.package, mandate.resource_id as resource, mandate.actions,
      mandate.instance, mandate.via, mandate.via_role as "viaRole", mandate.valid_to as "validTo", mandate.subunits, ${isStoppedByEstate('mandate', '$2')} as estate, ${chainOf('mandate')} as chain, ${withheldOf('mandate', '$2')} as withheld
    from (
      select ${columns("(select link.to_party from mandate link where mandate.basis = 'customer' and link.id = mandate.through)", 'null::text')}
      from mandate where mandate.to_party = $1 and mandate.basis <> 'consent' and ${holdsBesideEstate('mandate', '$2')}
      union all
      select ${columns('firm.id', 'leads.role')}
      from mandate leads join role as key on key.code = leads.role and key.key_role
      join party held_in on held_in.id = leads.from_party and not (coalesce(held_in.unit_type, '') = any(key.not_key_in))
        and (held_in.ended_at is null or held_in.ended_at > $2)
      join party firm on firm.id = held_in.id or firm.parent = held_in.id
      join mandate on mandate.to_party = firm.id and mandate.basis <> 'consent'
      left join role on role.code = mandate.role
      where leads.to_party = $1 and leads.basis = 'register' and $3 and (firm.ended_at is null or firm.ended_at > $2)
        and ${inForce('leads', '$2')} and ${holdsBesideEstate('mandate', '$2')}
        and not (coalesce((select giver.unit_type from party giver where giver.id = mandate.from_party), '') = any(coalesce(role.not_key_in, '{}')))
    ) as mandate`,
};

const debtors: Statement = {
  name: 'debtors_of',
  text: `select debtor.from_party as unit, debtor.to_party as debtor from mandate debtor where debtor.from_party = any($1::uuid[]) and debtor.basis = 'register'
    and debtor.role = '${DEBTOR}' and estate_of(debtor.to_party) is not null and ${inForce('debtor', '$2')}`,
};

/**
 * Every mandate in force that leads to a party, by itself or through a key role; the trustee's of
 * an estate's unit also as one of whose estate it is.
 */
export async function findHeldMandates(
  act: Act,
  party: string,
  viaKeyRoles: boolean,
): Promise<HeldRow[]> {
  const rows = await query<HeldRow>(act.db, held, [party, act.now, viaKeyRoles]);
  const units = rows.filter(({ role }) => role === TRUSTEE).map(({ from }) => from);
  if (!units.length) return rows;
  const found = await query<{ unit: string; debtor: string }>(act.db, debtors, [units, act.now]);
  return [
    ...rows,
    ...found.flatMap(({ unit, debtor }) =>
      rows
        .filter(({ role, from }) => role === TRUSTEE && from === unit)
        .map((row) => ({ ...row, from: debtor })),
    ),
  ];
}

const owners: Statement = {
  name: 'owners_of',
  text: `select firm.id as firm, array_agg(owns.to_party) as owners from party firm
    join mandate owns on owns.from_party = firm.id and owns.basis = 'register' and ${inForce('owns', '$2')}
    join role on role.code = owns.role and role.key_role
    where firm.id = any($1::uuid[]) and firm.unit_type = 'ENK' and (firm.ended_at is null or firm.ended_at > $2 - interval '2 years')
    group by firm.id`,
};

/**
 * The owners of those of these that are sole proprietorships, by firm; also for two years after one
 * has ended.
 */
export async function findOwners(
  act: Act,
  parties: { id: string; unitType: string | null }[],
): Promise<Map<string, string[]>> {
  const firms = parties.filter(({ unitType }) => unitType === 'ENK').map(({ id }) => id);
  if (!firms.length) return new Map();
  const rows = await query<{ firm: string; owners: string[] }>(act.db, owners, [firms, act.now]);
  return new Map(rows.map((row) => [row.firm, row.owners]));
}

const units: Statement = {
  name: 'units_of',
  text: 'select party.id, party.parent from party where party.parent = any($1::uuid[])',
};

export function findUnits(db: Db, mains: string[]): Promise<{ id: string; parent: string }[]> {
  return query(db, units, [mains]);
}

const openedBy: Statement = {
  name: 'resources_opened_by',
  text: `select rule.subject_kind as kind, rule.subject, array_agg(distinct rule.resource_id order by rule.resource_id) as resources
    from policy_rule rule join resource on resource.id = rule.resource_id and resource.ended_at is null join party owner on owner.id = resource.owner
    where (rule.subject_kind, rule.subject) in (select * from unnest($1::text[], $2::text[])) and ($3::text is null or owner.organization_no = $3)
      and rule.action <> 'requestconsent'
    group by 1, 2`,
};

/** The resources that a role or a package opens, by the current policies. */
export function findOpened(
  db: Db,
  subjectsOf: { kind: string; value: string }[],
  ownerNo: string | null,
): Promise<{ kind: string; subject: string; resources: string[] }[]> {
  return query(db, openedBy, [
    subjectsOf.map((one) => one.kind),
    subjectsOf.map((one) => one.value),
    ownerNo,
  ]);
}

const lists: Statement = {
  name: 'lists_of_parties',
  text: `select member.party, array_agg(member.list_id) as lists from access_list_member member where member.party = any($1::uuid[]) and member.ended_at is null group by member.party`,
};

/** The access lists that each of these is on. */
export async function findLists(db: Db, parties: string[]): Promise<Map<string, string[]>> {
  const rows = await query<{ party: string; lists: string[] }>(db, lists, [parties]);
  return new Map(rows.map((row) => [row.party, row.lists]));
}
