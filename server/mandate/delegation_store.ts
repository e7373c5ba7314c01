// SQL of mandates that people give: begin, change, end with everything that was passed on through
// them, suspend, and the lists of what a party has given and received. Guards are in the
// statements; who may is not known here.
import { latestPlace } from '../event/feed_store.ts';
import type { Act } from '../platform/act.ts';
import { isSuspendedOf } from './capacity_store.ts';
import { RESPONSIBILITY } from '../resource/catalogue/model.ts';
import {
  hasQualification,
  holds,
  inForce,
  isOfSuspendedSystem,
  stands,
  standsAccepted,
  unbroken,
  isPartysPause,
} from './force_store.ts';
import type { Lack } from './model.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

export interface MandateRow {
  id: string;
  /** The reference that a person can read out; a register's mandates have none. */
  reference: string | null;
  from: string;
  fromKind: string;
  fromName: string;
  /** The year, where a register or an import says it. */
  fromBornIn: number | null;
  to: string;
  toKind: string;
  toName: string;
  toBornIn: number | null;
  basis: 'register' | 'delegation' | 'customer';
  role: string | null;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  instance: string | null;
  validFrom: Date;
  validTo: Date | null;
  endedAt: Date | null;
  /** When its events were erased, by the rule of its operator. */
  erasedAt: Date | null;
  /** Days after its end, by that rule. */
  erasedAfter: number | null;
  /** Until when its receiver may accept it; null where it waits for nobody. */
  acceptBy: Date | null;
  suspendedAt: Date | null;
  suspendedBy: string | null;
  mayPassOn: boolean;
  /** The code that its receiver showed, where it was given by one. */
  byCode: string | null;
  /** The giver's group by which its receiver has it, with its name. */
  group: string | null;
  groupName: string | null;
  /** Whether what a main unit gave is its sub-units' too. */
  subunits: boolean;
  givenBy: string | null;
  givenByName: string | null;
  givenRole: string | null;
  givenAt: Date | null;
  evidence: unknown;
  through: string | null;
  depth: number;
  /** The place of its latest event, where it is read alone; null for one without events. */
  pos?: number | null;
  via: string | null;
  viaName: string | null;
  lastUsedAt: Date | null;
  needs: string | null;
  /** Whether it holds, with all that it was passed on through. */
  holds: boolean;
  /** The condition that fails, among those it rests on; null when all hold. */
  lacks: Lack | null;
  /** Persons who decide in the giver's stead, where a court has taken the capacity for it. */
  guardians: string[] | null;
}

// The conditions outside the mandate itself: the parties, the qualification, and every link of its
// chain.
const lacks = (now: string) => `case
  when mandate.estate_at <= ${now} then 'estate'
  when receiver.ended_at <= ${now} then 'receiver_ended'
  when giver.ended_at <= ${now} and not coalesce((select role.after_death from role where role.code = mandate.role), false) then 'giver_ended'
  when ${isOfSuspendedSystem('mandate', now)} then 'receiver_suspended'
  when not ${hasQualification('mandate', now)} then 'receiver_unqualified'
  when ${isSuspendedOf('mandate', now)} then 'giver_incapable'
  when not ${unbroken('mandate', now)} then case when exists (select from mandate link where link.id = any(mandate.chain)
    and link.suspended_at <= ${now}) then 'upstream_suspended' else 'upstream_ended' end
  end`;

const guardians = (
  now: string,
) => `case when ${isSuspendedOf('mandate', now)} then (select jsonb_agg(distinct office.to_party)
    from mandate office join role on role.code = office.role and role.given_by = 'person'
    where office.from_party = mandate.from_party and office.basis = 'register' and ${inForce('office', now)}
      and (role.code = '${RESPONSIBILITY}' or is_given_of_matter(role.code, mandate.resource_id, mandate.package))) end`;

export const columnsAt = (
  now: string,
) => `mandate.id, mandate.from_party as "from", giver.kind as "fromKind", giver.name as "fromName", extract(year from giver.born_on)::int as "fromBornIn", mandate.to_party as "to",
  mandate.to_kind as "toKind", receiver.name as "toName", extract(year from receiver.born_on)::int as "toBornIn", mandate.basis, mandate.role, mandate.package, mandate.resource_id as resource, mandate.actions, mandate.instance,
  mandate.valid_from as "validFrom", mandate.valid_to as "validTo", mandate.ended_at as "endedAt", mandate.erased_at as "erasedAt", mandate.erased_after as "erasedAfter", mandate.accept_by as "acceptBy", mandate.suspended_at as "suspendedAt", mandate.suspended_by as "suspendedBy",
  mandate.may_pass_on as "mayPassOn", mandate.by_code as "byCode", mandate.group_id as "group", grouped.name as "groupName", mandate.subunits,
  mandate.given_by as "givenBy", doer.name as "givenByName", mandate.given_role as "givenRole", mandate.given_at as "givenAt", mandate.evidence, mandate.through,
  mandate.reference, cardinality(mandate.chain) as depth, parent.to_party as via, holder.name as "viaName", mandate.last_used_at as "lastUsedAt", mandate.needs,
  ${holds('mandate', now)} as holds, ${lacks(now)} as lacks, ${guardians(now)} as guardians`;
export const joined = `from mandate join party giver on giver.id = mandate.from_party join party receiver on receiver.id = mandate.to_party
  left join party doer on doer.id = mandate.given_by left join mandate parent on parent.id = mandate.through left join party holder on holder.id = parent.to_party
  left join party_group grouped on grouped.id = mandate.group_id`;

const byId: Statement = {
  name: 'mandate_by_id',
  text: `select ${columnsAt('$2::timestamptz')}, ${latestPlace('event.mandate_id = mandate.id')} as pos ${joined} where mandate.id = $1 and mandate.basis <> 'consent'`,
};

export const findMandate = (act: Act, id: string): Promise<MandateRow | undefined> =>
  queryOne<MandateRow>(act.db, byId, [id, act.now]);

const byIds: Statement = {
  name: 'mandates_by_ids',
  text: `select ${columnsAt('$2::timestamptz')} ${joined} where mandate.id = any($1::uuid[]) and mandate.basis <> 'consent'`,
};

export const findMandates = async (act: Act, ids: string[]): Promise<MandateRow[]> =>
  ids.length ? query<MandateRow>(act.db, byIds, [ids, act.now]) : [];

const list: Statement = {
  name: 'list_mandates',
  text: `select ${columnsAt('$4::timestamptz')} ${joined}
    where mandate.basis <> 'consent' and (mandate.from_party = $1 or $1 is null) and (mandate.to_party = $2 or $2 is null)
      and ($3 or (${stands('mandate', '$4')}))
      and ($5::text is null or mandate.package = $5) and ($6::text is null or mandate.resource_id = $6) and ($7::text is null or mandate.instance = $7)
      and mandate.id > $8
    order by mandate.id limit $9`,
};

export interface MandatesWanted {
  from: string | null;
  to: string | null;
  ended?: boolean;
  package?: string | null;
  resource?: string | null;
  instance?: string | null;
  after?: string;
  limit: number;
}

/**
 * Mandates between parties, of which at least one is named, those that have ended only when wanted.
 */
export function listMandates(act: Act, wanted: MandatesWanted): Promise<MandateRow[]> {
  if (wanted.from === null && wanted.to === null)
    throw new Error('a list of mandates needs a party');
  return query<MandateRow>(act.db, list, [
    wanted.from,
    wanted.to,
    wanted.ended ?? false,
    act.now,
    wanted.package ?? null,
    wanted.resource ?? null,
    wanted.instance ?? null,
    wanted.after ?? '00000000-0000-0000-0000-000000000000',
    wanted.limit,
  ]);
}

// Everything that was passed on through these, however far.
const tree = `with recursive tree as (select mandate.id from mandate where mandate.id = any($1::uuid[]) union select child.id from mandate child join tree on child.through = tree.id)`;

// Before the tree is read, so that a child that is just beginning is in it. Groups come first, as
// whoever changes one holds it before what its members have by it.
const lockAll: Statement = {
  name: 'lock_mandates',
  text: `with groups as materialized (select grouped.id from party_group grouped
      where grouped.id in (select held.group_id from mandate held where held.id = any($1::uuid[])) order by grouped.id for update)
    select from mandate where mandate.id = any($1::uuid[]) and (select count(*) from groups) >= 0 order by mandate.id for update`,
};
const end: Statement = {
  name: 'end_mandates',
  text: `${tree} update mandate set ended_at = $2 from tree where mandate.id = tree.id and mandate.ended_at is null and mandate.basis <> 'consent'
    returning mandate.id, mandate.from_party as "from", mandate.to_party as "to", mandate.through, mandate.group_id as "group"`,
};

export interface EndedRow {
  id: string;
  from: string;
  to: string;
  through: string | null;
  /** The giver's group by which its receiver had it. */
  group?: string | null;
}

/**
 * Ends mandates and everything that was passed on through them; answers with those that had not
 * ended. Call it in a transaction.
 */
export async function endMandates(act: Act, ids: string[]): Promise<EndedRow[]> {
  await query(act.db, lockAll, [ids]);
  return query<EndedRow>(act.db, end, [ids, act.now]);
}

const change: Statement = {
  name: 'change_mandate',
  text: `update mandate set valid_to = $2, actions = $3, may_pass_on = $4, given_by = coalesce($6, mandate.given_by), subunits = $7 where mandate.id = $1 and mandate.ended_at is null
    and ($5::timestamptz is null or mandate.valid_to is null or mandate.valid_to > $5) returning mandate.id`,
};
// A mandate that was passed on never outlives the one it rests on.
const clip: Statement = {
  name: 'clip_mandates',
  text: `${tree} update mandate set valid_to = $2 from tree where mandate.id = tree.id and not (mandate.id = any($1::uuid[])) and mandate.ended_at is null
    and $2::timestamptz is not null and (mandate.valid_to is null or mandate.valid_to > $2) returning mandate.id`,
};
const leaveUnitsOut: Statement = {
  name: 'leave_units_out',
  text: `${tree} update mandate set subunits = false from tree where mandate.id = tree.id and mandate.ended_at is null and mandate.subunits`,
};
const orphan: Statement = {
  name: 'end_passed_on',
  text: `${tree} update mandate set ended_at = $2 from tree where mandate.id = tree.id and not (mandate.id = any($1::uuid[])) and mandate.ended_at is null
    and mandate.basis = 'delegation' returning mandate.id, mandate.from_party as "from", mandate.to_party as "to", mandate.through`,
};

export interface NewTerms {
  validTo: Date | null;
  actions: string[] | null;
  mayPassOn: boolean;
  /** Whether what a main unit gave is its sub-units' too. */
  subunits: boolean;
  /** Whose it is from now on, when it is widened; whoever gave it stays otherwise. */
  givenBy?: string | undefined;
}

/** Changes its terms and narrows mandates passed on through it; false when it has ended. */
export async function changeMandate(act: Act, id: string, to: NewTerms): Promise<boolean> {
  const { validTo, actions, mayPassOn, subunits, givenBy = null } = to;
  const values = [id, validTo, actions, mayPassOn, act.now, givenBy, subunits];
  if (!(await queryOne(act.db, change, values))) return false;
  await query(act.db, clip, [[id], validTo]);
  if (!subunits) await query(act.db, leaveUnitsOut, [[id]]);
  return true;
}

// A mandate is not widened while one that it rests on is narrowed: whoever does that finds it
// locked.
const lockUpstream: Statement = {
  name: 'lock_upstream',
  text: `select from mandate link where link.id = any((select own.chain from mandate own where own.id = $1)::uuid[]) order by link.id for share`,
};
const lockOne: Statement = {
  name: 'lock_mandate',
  text: 'select from mandate where mandate.id = $1 for update',
};

/** As `findMandate`, and nobody else changes it before the end of the transaction. */
export async function lockMandate(act: Act, id: string): Promise<MandateRow | undefined> {
  await query(act.db, lockOne, [id]);
  return findMandate(act, id);
}

/** Nobody else changes it, nor what it rests on, before the end of the transaction. */
export async function lockWithChain(db: Db, id: string): Promise<void> {
  await query(db, lockUpstream, [id]);
  await query(db, lockOne, [id]);
}

/** Ends what was passed on, and leaves the mandate itself. */
export const endPassedOnBelow = (act: Act, id: string): Promise<EndedRow[]> =>
  query<EndedRow>(act.db, orphan, [[id], act.now]);

const goesOn = `mandate.suspended_at is null and ${standsAccepted('mandate', '$2')}`;
const passedOn: Statement = {
  name: 'passed_on',
  text: `with recursive below as (
      select mandate.id, mandate.to_party from mandate where mandate.through = any($1) and ${goesOn}
      union select mandate.id, mandate.to_party from below join mandate on mandate.through = below.id and ${goesOn})
    select below.id, below.to_party as "to" from below where not below.id = any($1) order by below.id limit 10000`,
};

/** The mandates passed on through these, by any number of steps; they stop and go on with them. */
export const listPassedOn = (act: Act, ids: string[]) =>
  query<{ id: string; to: string }>(act.db, passedOn, [ids, act.now]);

const suspend: Statement = {
  name: 'suspend_mandate',
  text: `update mandate set suspended_at = $2, suspended_by = $3 where mandate.id = $1 and mandate.ended_at is null and not ${isPartysPause('mandate')} returning mandate.id`,
};
const resume: Statement = {
  name: 'resume_mandate',
  text: `update mandate set suspended_at = null, suspended_by = null, estate_at = case when $2 then null else mandate.estate_at end where mandate.id = $1 and mandate.ended_at is null
    and (mandate.suspended_at is not null or ($2 and mandate.estate_at is not null)) returning mandate.id`,
};

export const suspendMandate = async (act: Act, id: string, by: string) =>
  (await queryOne(act.db, suspend, [id, act.now, by])) !== undefined;
/** With `fromEstate`, of one that whoever acts has seen the estate to have stopped. */
export const resumeMandate = async (db: Db, id: string, fromEstate: boolean) =>
  (await queryOne(db, resume, [id, fromEstate])) !== undefined;
