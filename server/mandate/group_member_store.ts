// SQL of the members of groups. What a member has by a group is a mandate of its own, which names
// the group. Who may is not known here.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import { holds, stands } from './force_store.ts';
import { isMember, type GroupRight, type PartOfList } from './group_store.ts';

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
  { limit, offset }: PartOfList,
): Promise<MemberRow[]> => query(act.db, members, [group, limit, offset, act.now]);

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
