// SQL of groups: a company's name for some of its people and systems, and the rights that are given
// to it (its members: group_member_store.ts). Who may is not known here.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';

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
export const isMember = (member: string, now: string) =>
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
export interface PartOfList {
  limit: number;
  offset: number;
}

/** A party's groups, by name. */
export const listGroups = (
  act: Act,
  party: string,
  { limit, offset }: PartOfList,
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
