// SQL of groups: a company's name for some of its people and systems, the rights that are given to
// it, and its members. What a member has by it is a mandate of its own, which names the group. Who
// may is not known here.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import { holds, stands } from './force_store.ts';

export interface GroupRow {
  id: string;
  party: string;
  name: string;
  responsible: string;
  responsibleName: string;
  members: number;
  rights: number;
  /** How many rights and members it ever got: the same where nobody has added anything since. */
  additions: string;
}

/** Members that are still there: a person who has died is none. */
const isMember = (member: string, now: string) =>
  `${member}.ended_at is null and exists (select from party there where there.id = ${member}.member and (there.ended_at is null or there.ended_at > ${now}))`;
/** Rows stay when they have ended. */
const additions = `((select count(*) from group_member member where member.group_id = grouped.id)
    + (select count(*) from group_right given where given.group_id = grouped.id))::text`;
const columns = (
  now: string,
) => `grouped.id, grouped.party, grouped.name, grouped.responsible, responsible.name as "responsibleName",
  (select count(*)::int from group_member member where member.group_id = grouped.id and ${isMember('member', now)}) as members,
  (select count(*)::int from group_right given where given.group_id = grouped.id and given.ended_at is null) as rights, ${additions} as additions`;
const live =
  'from party_group grouped join party responsible on responsible.id = grouped.responsible where grouped.ended_at is null';

const list: Statement = {
  name: 'list_groups',
  text: `select ${columns('$4')}, (count(*) over ())::int as of ${live} and grouped.party = $1 order by lower(grouped.name), grouped.id limit $2 offset $3`,
};

/** A part of a list; `of` is how many there are in all. */
interface Part {
  limit: number;
  offset: number;
}

/** A party's groups, by name. */
export const listGroups = (
  act: Act,
  party: string,
  { limit, offset }: Part,
): Promise<(GroupRow & { of: number })[]> => query(act.db, list, [party, limit, offset, act.now]);

const find: Statement = {
  name: 'find_group',
  text: `select ${columns('$3')} ${live} and grouped.id = $1 and grouped.party = $2`,
};

/** A group of the party's that has not ended. */
export const findGroup = (
  act: Act,
  { id, party }: { id: string; party: string },
): Promise<GroupRow | undefined> => queryOne(act.db, find, [id, party, act.now]);

const lock: Statement = {
  name: 'lock_group',
  text: 'select from party_group grouped where grouped.id = $1 for update',
};
const reread: Statement = {
  name: 'group_as_locked',
  text: `select grouped.name, ${additions} as additions from party_group grouped where grouped.id = $1 and grouped.party = $2 and grouped.ended_at is null`,
};

/**
 * A group that has not ended, as it then is; whoever else adds to it or takes from it waits for the
 * transaction.
 */
export async function lockGroup(
  act: Act,
  { id, party }: { id: string; party: string },
): Promise<Pick<GroupRow, 'name' | 'additions'> | undefined> {
  await query(act.db, lock, [id]);
  return queryOne(act.db, reread, [id, party]);
}

const make: Statement = {
  name: 'make_group',
  text: `insert into party_group (id, party, name, responsible, made_by, made_at) values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing returning id`,
};

/** Its id; undefined where the party has one of this name. */
export const insertGroup = async (
  act: Act,
  group: { party: string; name: string; responsible: string; by: string },
): Promise<string | undefined> =>
  (
    await queryOne<{ id: string }>(act.db, make, [
      ...[uuidv7(act.now), group.party, group.name, group.responsible, group.by, act.now],
    ])
  )?.id;

const change: Statement = {
  name: 'change_group',
  text: `update party_group set name = $2, responsible = $3 where party_group.id = $1 and not exists (
    select from party_group other where other.party = party_group.party and lower(other.name) = lower($2) and other.ended_at is null and other.id <> $1) returning party_group.id`,
};

/** Another name and another person responsible; false where the party has one of that name. */
export const updateGroup = async (
  act: Act,
  { id, name, responsible }: Pick<GroupRow, 'id' | 'name' | 'responsible'>,
): Promise<boolean> => (await queryOne(act.db, change, [id, name, responsible])) !== undefined;

const end: Statement = {
  name: 'end_group',
  text: `with of_group as (update party_group set ended_at = $2 where party_group.id = $1 and party_group.ended_at is null returning party_group.id),
      rights as (update group_right set ended_at = $2 from of_group where group_right.group_id = of_group.id and group_right.ended_at is null)
    update group_member set ended_at = $2 from of_group where group_member.group_id = of_group.id and group_member.ended_at is null`,
};

/** Ends it with its rights and members; their mandates are the caller's to end. */
export const closeGroup = (act: Act, id: string) => query(act.db, end, [id, act.now]);

/** A member, as a reader of the group knows it. */
export interface MemberRow {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  /** YYYY-MM-DD, where a register or an import says it. */
  bornOn: string | null;
  of: number;
}

const members: Statement = {
  name: 'members_of_group',
  text: `select party.id, party.kind, party.name, party.organization_no as "organizationNo", to_char(party.born_on, 'YYYY-MM-DD') as "bornOn", (count(*) over ())::int as of
    from group_member member join party on party.id = member.member where member.group_id = $1 and ${isMember('member', '$4')}
    order by party.name, party.id limit $2 offset $3`,
};

export const listGroupMembers = (
  act: Act,
  group: string,
  { limit, offset }: Part,
): Promise<MemberRow[]> => query(act.db, members, [group, limit, offset, act.now]);

/** A right of a group: a package, or actions on a service. */
export interface GroupRight {
  package: string | null;
  resource: string | null;
  actions: string[] | null;
}
export interface RightRow extends GroupRight {
  id: string;
}

const rights: Statement = {
  name: 'rights_of_group',
  text: `select given.id, given.package, given.resource_id as resource, given.actions from group_right given
    where given.group_id = $1 and given.ended_at is null order by given.id`,
};

export const listRights = (act: Act, group: string): Promise<RightRow[]> =>
  query(act.db, rights, [group]);

const join: Statement = {
  name: 'join_group',
  text: `insert into group_member (id, group_id, member, added_by, added_at) values ($1, $2, $3, $4, $5) on conflict do nothing returning id`,
};

/** False for one who is a member already. */
export const joinGroup = async (
  act: Act,
  { group, member, by }: { group: string; member: string; by: string },
): Promise<boolean> =>
  (await queryOne(act.db, join, [uuidv7(act.now), group, member, by, act.now])) !== undefined;

const leave: Statement = {
  name: 'leave_group',
  text: `update group_member set ended_at = $3 where group_member.group_id = $1 and group_member.member = $2 and group_member.ended_at is null returning group_member.id`,
};

/** False for one who is no member. */
export const leaveGroup = async (
  act: Act,
  { group, member }: { group: string; member: string },
): Promise<boolean> => (await queryOne(act.db, leave, [group, member, act.now])) !== undefined;

const open: Statement = {
  name: 'open_to_group',
  text: `insert into group_right (id, group_id, package, resource_id, actions, added_by, added_at) values ($1, $2, $3, $4, $5, $6, $7)`,
};

export const openToGroup = (
  act: Act,
  { group, right, by }: { group: string; right: GroupRight; by: string },
): Promise<unknown> =>
  query(act.db, open, [
    ...[uuidv7(act.now), group, right.package, right.resource, right.actions, by, act.now],
  ]);

const close: Statement = {
  name: 'close_to_group',
  text: `update group_right set ended_at = $3 where group_right.group_id = $1 and group_right.id = $2 and group_right.ended_at is null`,
};

export const closeToGroup = (
  act: Act,
  { group, right }: { group: string; right: string },
): Promise<unknown> => query(act.db, close, [group, right, act.now]);

const byGroup: Statement = {
  name: 'mandates_by_group',
  text: `select mandate.id, mandate.to_party as member, mandate.package, mandate.resource_id as resource, mandate.actions, mandate.suspended_at is not null as "isSuspended"
    from mandate where mandate.group_id = $1 and ${stands('mandate', '$5')}
    and ($2::uuid is null or mandate.to_party = $2) and ($3::text is null or mandate.package = $3) and ($4::text is null or mandate.resource_id = $4)`,
};

/** A mandate that a member has by the group. */
export interface ByGroupRow extends GroupRight {
  id: string;
  member: string;
  isSuspended: boolean;
}

/** Mandates that members have by the group: of one member, by one right, or all. */
export const listByGroup = (
  act: Act,
  group: string,
  only: { member?: string; right?: GroupRight } = {},
): Promise<ByGroupRow[]> =>
  query(act.db, byGroup, [
    ...[group, only.member ?? null, only.right?.package ?? null, only.right?.resource ?? null],
    act.now,
  ]);

const active: Statement = {
  name: 'active_in_group',
  text: `select member.member as id, exists (select from mandate where mandate.group_id = $1 and mandate.to_party = member.member and ${holds('mandate', '$2')}) as "isActive"
    from group_member member where member.group_id = $1 and ${isMember('member', '$2')} order by member.member limit $3`,
};

/**
 * The members; `isActive` is false for one for whom nothing of the group holds, as when all of it
 * is suspended.
 */
export const findMembers = (
  act: Act,
  group: string,
  limit: number,
): Promise<{ id: string; isActive: boolean }[]> => query(act.db, active, [group, act.now, limit]);

const idle: Statement = {
  name: 'leave_idle',
  text: `update group_member set ended_at = $2 from jsonb_to_recordset($1::jsonb) as one("group" uuid, member uuid) join party_group grouped on grouped.id = one."group"
    where group_member.group_id = one."group" and group_member.member = one.member and group_member.ended_at is null
      and not exists (select from mandate where mandate.group_id = one."group" and mandate.to_party = one.member and ${stands('mandate', '$2')})
    returning grouped.id as "group", grouped.name, grouped.party as "from", group_member.member as "to"`,
};

/** Takes out those who have nothing by the group any more; answers with who left, and which. */
export const leaveIdle = (
  act: Act,
  of: { group: string; member: string }[],
): Promise<{ group: string; name: string; from: string; to: string }[]> =>
  query(act.db, idle, [JSON.stringify(of), act.now]);

const missing: Statement = {
  name: 'missing_in_group',
  text: `select party.id, party.kind, party.name, given.package, given.resource_id as resource, given.actions, (count(*) over ())::int as of
    from group_member member join party on party.id = member.member join group_right given on given.group_id = member.group_id and given.ended_at is null
    where member.group_id = $1 and ${isMember('member', '$2')} and not exists (
      select from mandate where mandate.group_id = $1 and mandate.to_party = member.member and ${holds('mandate', '$2')}
        and mandate.package is not distinct from given.package and mandate.resource_id is not distinct from given.resource_id
        and (given.actions is null or mandate.actions @> given.actions))
    order by party.name, party.id, given.id limit $3`,
};

/** A right of the group that does not hold for a member; `of` is how many such there are. */
export interface MissingRow extends GroupRight {
  id: string;
  kind: string;
  name: string;
  of: number;
}

export const listMissing = (act: Act, group: string, limit: number): Promise<MissingRow[]> =>
  query(act.db, missing, [group, act.now, limit]);

const named: Statement = {
  name: 'groups_of_mandates',
  text: `select mandate.id, grouped.name from mandate join party_group grouped on grouped.id = mandate.group_id where mandate.id = any($1)`,
};

/** The groups by which these mandates were given, by the mandates' ids. */
export async function groupsNamed({ db }: Act, mandates: string[]): Promise<Map<string, string>> {
  const ids = [...new Set(mandates)];
  const found = ids.length ? await query<{ id: string; name: string }>(db, named, [ids]) : [];
  return new Map(found.map(({ id, name }) => [id, name]));
}
