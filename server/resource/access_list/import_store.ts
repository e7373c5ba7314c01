// SQL that takes access lists in from files: set-based, harmless when repeated, and with an event
// of each change, by nobody's hand.
import { eventOfEach } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import type { Statement } from '../../platform/db/db.ts';
import { putDated } from '../import_store.ts';
import { eventsOfList } from './store.ts';

const by = 'null::uuid';
const accessLists: Statement = {
  name: 'import_access_lists',
  text: `with put as (insert into access_list as list (id, owner, name)
    select r.id, r.owner, r.name from jsonb_to_recordset($1::jsonb) as r(id text, owner uuid, name text)
    on conflict (id) do update set owner = excluded.owner, name = excluded.name, ended_at = null
      where (list.owner, list.name) is distinct from (excluded.owner, excluded.name) or list.ended_at is not null
    returning list.id, list.owner, list.name, xmax = 0 as is_new)
  ${eventOfEach(`select case when put.is_new then 'list_made' else 'list_changed' end, put.owner, put.owner, null::uuid, jsonb_build_object('list', put.id, 'name', put.name) from put`, '$2::timestamptz', '$3')}`,
};
// A file adds to what is there; what is to end it says, so that one that brings a single member
// takes nobody else's away.
const endMembers: Statement = {
  name: 'end_list_members',
  text: `with gone as (update access_list_member member set ended_at = $2 from jsonb_to_recordset($1::jsonb) as r(id text, "endedMembers" jsonb)
    where member.list_id = r.id and r."endedMembers" ? member.party::text and member.ended_at is null returning member.list_id, member.party)
  ${eventOfEach(eventsOfList('list_left', 'gone', { to: 'gone.party', by }), '$2::timestamptz', '$3')}`,
};
const members: Statement = {
  name: 'import_list_members',
  text: `with come as (insert into access_list_member as member (list_id, party)
    select distinct r.id, entry.value::uuid from jsonb_to_recordset($1::jsonb) as r(id text, members jsonb),
      jsonb_array_elements_text(r.members) as entry
    on conflict (list_id, party) do update set ended_at = null where member.ended_at is not null returning member.list_id, member.party)
  ${eventOfEach(eventsOfList('list_joined', 'come', { to: 'come.party', by }), '$2::timestamptz', '$3')}`,
};

const endConnections: Statement = {
  name: 'end_list_resources',
  text: `with gone as (update access_list_resource opens set ended_at = $2 from jsonb_to_recordset($1::jsonb) as r(id text, "endedResources" jsonb)
    where opens.list_id = r.id and r."endedResources" ? opens.resource_id and opens.ended_at is null returning opens.list_id, opens.resource_id)
  ${eventOfEach(eventsOfList('list_closed', 'gone', { to: 'list.owner', detail: `, 'resource', gone.resource_id`, by }), '$2::timestamptz', '$3')}`,
};
const connections: Statement = {
  name: 'import_list_resources',
  text: `with come as (insert into access_list_resource as opens (list_id, resource_id, actions)
    select r.id, named.resource, case when named.actions is null then null else array(select jsonb_array_elements_text(named.actions)) end
    from jsonb_to_recordset($1::jsonb) as r(id text, resources jsonb), jsonb_to_recordset(r.resources) as named(resource text, actions jsonb)
    on conflict (list_id, resource_id) do update set actions = excluded.actions, ended_at = null
      where opens.ended_at is not null or opens.actions is distinct from excluded.actions returning opens.list_id, opens.resource_id, opens.actions)
  ${eventOfEach(eventsOfList('list_opened', 'come', { to: 'list.owner', detail: `, 'resource', come.resource_id, 'actions', come.actions`, by }), '$2::timestamptz', '$3')}`,
};

interface ListImport {
  id: string;
  owner: string;
  name: string;
  members: string[];
  endedMembers: string[];
}

/** Makes, names anew and fills lists. */
export const importAccessLists = (act: Act, rows: ListImport[]) =>
  putDated(
    act,
    rows,
    { statement: accessLists, kinds: ['list_made', 'list_changed'] },
    {
      ...{ statement: endMembers, kinds: ['list_left'] },
      most: ({ endedMembers }) => endedMembers.length,
    },
    { statement: members, kinds: ['list_joined'], most: (row) => row.members.length },
  );

interface OpensImport {
  id: string;
  resources: { resource: string; actions?: string[] }[];
  endedResources: string[];
}

/** Opens resources to lists, and shuts them. */
export const importConnections = (act: Act, rows: OpensImport[]) =>
  putDated(
    act,
    rows,
    {
      ...{ statement: endConnections, kinds: ['list_closed'] },
      most: ({ endedResources }) => endedResources.length,
    },
    {
      ...{ statement: connections, kinds: ['list_opened'] },
      most: ({ resources }) => resources.length,
    },
  );
