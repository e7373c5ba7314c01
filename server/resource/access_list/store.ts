// SQL of access lists: who is on them and what they open. Rows end and are not deleted, and each
// change leaves its event in the same statement. It knows no caller.
import { doer, type Doer, eventOfEach, idsFor, knownDoer } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import { lowered } from '../../platform/db/text_store.ts';

/** `id` is with the owner's number, as policies name lists. */
export interface ListRow {
  id: string;
  owner: string;
  ownerNo: string;
  name: string;
  description: string;
  members: number;
  resources: { resource: string; actions: string[] | null }[];
}

const lists: Statement = {
  name: 'access_lists_of',
  text: `select list.id, list.owner, owner.organization_no as "ownerNo", list.name, list.description,
      (select count(*)::int from access_list_member member where member.list_id = list.id and member.ended_at is null) as members,
      (select coalesce(jsonb_agg(jsonb_build_object('resource', opens.resource_id, 'actions', opens.actions) order by opens.resource_id), '[]')
        from access_list_resource opens where opens.list_id = list.id and opens.ended_at is null) as resources
    from access_list list join party owner on owner.id = list.owner
    where owner.organization_no = $1 and ($2::text is null or list.id = $1 || ':' || $2) and list.ended_at is null order by list.id limit 1000`,
};

const lockList: Statement = {
  name: 'lock_access_list',
  text: "select list.id from access_list list where list.id = $1 || ':' || $2 for update",
};

/** Locks a list: the next who changes it waits for this transaction. */
export const lockAccessList = (db: Db, ownerNo: string, id: string) =>
  query(db, lockList, [ownerNo, id]);

export function findAccessLists(db: Db, ownerNo: string, id: string | null): Promise<ListRow[]> {
  return query<ListRow>(db, lists, [ownerNo, id]);
}

const hasLists: Statement = {
  name: 'has_access_lists',
  text: 'select exists (select from access_list list where list.owner = $1 and list.ended_at is null) as has',
};
/** Whether a party has an access list. */
export const hasAccessLists = async (db: Db, owner: string): Promise<boolean> =>
  (await queryOne<{ has: boolean }>(db, hasLists, [owner]))!.has;

/** A change of a list, and who makes it; how many are on it and what it opens, at most. */
export interface ListChange {
  list: string;
  by: Doer;
  members: number;
  opens: number;
}

/** The part of a list's id that its owner chose. */
export const listIdentifier = (id: string): string => id.slice(id.indexOf(':') + 1);

const putList: Statement = {
  name: 'put_access_list',
  text: `with before as (select list.name, list.description, list.ended_at from access_list list where list.id = $2 || ':' || $1),
    put as (insert into access_list (id, owner, name, description) select $2 || ':' || $1, owner.id, $3, $4 from party owner where owner.organization_no = $2
      on conflict (id) do update set name = excluded.name, description = excluded.description, ended_at = null returning access_list.id, access_list.owner),
    noted as (${eventOfEach(
      `select case when before.name is null or before.ended_at is not null then 'list_made' else 'list_changed' end, put.owner, put.owner, ${doer('$6')},
        jsonb_build_object('list', put.id, 'name', $3::text) from put left join before on true
        where before.name is null or before.ended_at is not null or (before.name, before.description) is distinct from ($3, $4)`,
      '$5::timestamptz',
      '$7',
    )})
    select put.id from put`,
};

/** Makes or renames a list; false when the owner is not known. */
export const putAccessList = async (
  act: Act,
  {
    id,
    ownerNo,
    by,
    name,
    description,
  }: Record<'id' | 'ownerNo' | 'name' | 'description', string> & { by: Doer },
) => {
  const ids = idsFor(act, { list_made: 1, list_changed: 1 }, knownDoer(by));
  const values = [id, ownerNo, name, description, act.now, by, ids];
  return (await queryOne(act.db, putList, values)) !== undefined;
};

/** Events of rows that have a `list_id`; `by` is the doer's party, `detail` more of its members. */
export const eventsOfList = (
  type: string,
  rows: string,
  { to, detail = '', by }: { to: string; detail?: string; by: string },
) =>
  `select '${type}', list.owner, ${to}, ${by}, jsonb_build_object('list', list.id, 'name', list.name${detail}) from ${rows} join access_list list on list.id = ${rows}.list_id`;
const by = doer('$3');
const left = (rows: string) => eventsOfList('list_left', rows, { to: `${rows}.party`, by });
const closed = (rows: string) =>
  eventsOfList('list_closed', rows, {
    to: 'list.owner',
    detail: `, 'resource', ${rows}.resource_id`,
    by,
  });

const dropMembers: Statement = {
  name: 'drop_list_members',
  text: `with gone as (update access_list_member member set ended_at = $2 where member.list_id = $1 and member.ended_at is null
      and ($4::uuid[] is null or member.party = any($4)) and not (member.party = any($5::uuid[])) returning member.list_id, member.party)
    ${eventOfEach(left('gone'), '$2::timestamptz', '$6')}`,
};
const addMembers: Statement = {
  name: 'add_list_members',
  text: `with come as (insert into access_list_member as member (list_id, party) select $1, one.id from (select distinct unnest($4::uuid[]) as id) as one
      on conflict (list_id, party) do update set ended_at = null where member.ended_at is not null returning member.list_id, member.party)
    ${eventOfEach(eventsOfList('list_joined', 'come', { to: 'come.party', by }), '$2::timestamptz', '$5')}`,
};
const dropOpens: Statement = {
  name: 'drop_list_resource',
  text: `with gone as (update access_list_resource opens set ended_at = $2 where opens.list_id = $1 and opens.ended_at is null
      and opens.resource_id = $4 returning opens.list_id, opens.resource_id)
    ${eventOfEach(closed('gone'), '$2::timestamptz', '$5')}`,
};
const addOpens: Statement = {
  name: 'add_list_resource',
  text: `with come as (insert into access_list_resource as opens (list_id, resource_id, actions) values ($1, $4, $5)
      on conflict (list_id, resource_id) do update set actions = excluded.actions, ended_at = null
        where opens.ended_at is not null or opens.actions is distinct from excluded.actions returning opens.list_id, opens.resource_id, opens.actions)
    ${eventOfEach(
      eventsOfList('list_opened', 'come', {
        to: 'list.owner',
        detail: `, 'resource', come.resource_id, 'actions', come.actions`,
        by,
      }),
      '$2::timestamptz',
      '$6',
    )}`,
};
const dropList: Statement = {
  name: 'end_access_list',
  text: `with ended as (update access_list list set ended_at = $2 where list.id = $1 and list.ended_at is null returning list.id as list_id),
    gone as (update access_list_member member set ended_at = $2 from ended where member.list_id = ended.list_id and member.ended_at is null
      returning member.list_id, member.party),
    shut as (update access_list_resource opens set ended_at = $2 from ended where opens.list_id = ended.list_id and opens.ended_at is null
      returning opens.list_id, opens.resource_id)
    ${eventOfEach(
      `${eventsOfList('list_ended', 'ended', { to: 'list.owner', by })} union all ${left('gone')} union all ${closed('shut')}`,
      '$2::timestamptz',
      '$4',
    )}`,
};

const knownLists: Statement = {
  name: 'known_access_lists',
  text: 'select list.id from access_list list where list.id = any($1::text[]) and list.ended_at is null',
};

/** The access lists that exist, among some. */
export const findKnownLists = async (db: Db, ids: string[]): Promise<string[]> =>
  (await query<{ id: string }>(db, knownLists, [ids])).map(({ id }) => id);

/** Takes these members off a list, or all, but the ones to keep. */
export const removeMembers = (
  act: Act,
  { list, by, members }: ListChange,
  { parties, keep = [] }: { parties: string[] | null; keep?: string[] },
) => {
  const ids = idsFor(act, { list_left: members }, knownDoer(by));
  return query(act.db, dropMembers, [list, act.now, by, parties, keep, ids]);
};
export const insertMembers = (act: Act, { list, by }: ListChange, parties: string[]) => {
  const ids = idsFor(act, { list_joined: parties.length }, knownDoer(by));
  return query(act.db, addMembers, [list, act.now, by, parties, ids]);
};
export const connectList = (
  act: Act,
  { list, by }: ListChange,
  { resource, actions }: { resource: string; actions: string[] | null },
) => {
  const ids = idsFor(act, { list_opened: 1 }, knownDoer(by));
  return query(act.db, addOpens, [list, act.now, by, resource, actions, ids]);
};
export const disconnectList = (act: Act, { list, by }: ListChange, resource: string) => {
  const ids = idsFor(act, { list_closed: 1 }, knownDoer(by));
  return query(act.db, dropOpens, [list, act.now, by, resource, ids]);
};
/** Ends a list: nobody is on it, and it opens nothing. */
export const endAccessList = (act: Act, { list, by, members, opens }: ListChange) => {
  const most = { list_ended: 1, list_left: members, list_closed: opens };
  return query(act.db, dropList, [list, act.now, by, idsFor(act, most, knownDoer(by))]);
};

const members: Statement = {
  name: 'list_members',
  text: `select party.id, party.organization_no as "organizationNo", party.name from access_list_member member join party on party.id = member.party
    where member.list_id = $1 and member.ended_at is null order by party.id limit 10000`,
};

export function listMembers(
  db: Db,
  list: string,
): Promise<{ id: string; organizationNo: string; name: string }[]> {
  return query(db, members, [list]);
}

const foundMembers: Statement = {
  name: 'list_members_found',
  text: `select party.id, party.kind, party.organization_no as "organizationNo", party.name, (count(*) over ())::int as of
    from access_list_member member join party on party.id = member.party
    where member.list_id = $1 and member.ended_at is null
      and ($2 = '' or strpos(${lowered('party.name')}, $2) > 0 or starts_with(coalesce(party.organization_no, ''), translate($2, ' ', '')))
    order by party.name, party.id limit $3 offset $4`,
};

/** Members by name; with a text in lower case those alone that it names. */
export const findListMembers = (
  db: Db,
  list: string,
  { text, limit, offset }: { text: string; limit: number; offset: number },
): Promise<
  { id: string; kind: string; organizationNo: string | null; name: string; of: number }[]
> => query(db, foundMembers, [list, text, limit, offset]);

const memberships: Statement = {
  name: 'memberships',
  text: `select party.id as party, opens.resource_id as resource, opens.actions, list.id as list, owner.organization_no as "ownerNo"
    from access_list_member member join party on party.id = member.party join access_list list on list.id = member.list_id join party owner on owner.id = list.owner
    join access_list_resource opens on opens.list_id = member.list_id and opens.ended_at is null
    where party.id = any($1::uuid[]) and member.ended_at is null and ($2::text is null or opens.resource_id = $2) order by 1, 2 limit 10000`,
};

export interface MembershipRow {
  party: string;
  resource: string;
  actions: string[] | null;
  list: string;
  ownerNo: string;
}

/** The resources that access lists open for parties. */
export function findMemberships(
  db: Db,
  parties: string[],
  resource: string | null,
): Promise<MembershipRow[]> {
  return query<MembershipRow>(db, memberships, [parties, resource]);
}
