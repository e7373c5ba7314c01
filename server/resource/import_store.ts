// SQL that takes resources, rules, templates, lists, scopes and servers in from files: set-based, and harmless when
// repeated. A resource whose content is unchanged keeps its version. It checks nothing; import.ts has.
import { query, type Db, type Statement } from '../platform/db.ts';

const statement = (name: string, text: string): Statement => ({ name, text });

const templates = statement('import_templates', `insert into consent_template (id, version, content)
  select r.id, r.version, r.content from jsonb_to_recordset($1::jsonb) as r(id text, version int, content jsonb)
  on conflict (id, version) do update set content = excluded.content where consent_template.content <> excluded.content
    and not exists (select from consent_request used where used.template_id = excluded.id and used.template_version = excluded.version)`);

const accessLists = statement('import_access_lists', `insert into access_list (id, owner, name)
  select r.id, r.owner, r.name from jsonb_to_recordset($1::jsonb) as r(id text, owner uuid, name text)
  on conflict (id) do update set owner = excluded.owner, name = excluded.name`);
const clearMembers = statement('clear_list_members', `delete from access_list_member member
  using jsonb_to_recordset($1::jsonb) as r(id text) where member.list_id = r.id`);
const members = statement('import_list_members', `insert into access_list_member (list_id, party)
  select distinct r.id, entry.value::uuid from jsonb_to_recordset($1::jsonb) as r(id text, members jsonb),
    jsonb_array_elements_text(r.members) as entry`);

const versions = statement('import_resource_versions', `insert into resource_version (resource_id, hash, content, created_at)
  select r.id, r.hash, r.content, $2 from jsonb_to_recordset($1::jsonb) as r(id text, hash text, content jsonb)
  on conflict (resource_id, hash) do nothing`);
const resources = statement('import_resources', `insert into resource (id, owner, type, current_version)
  select r.id, r.owner, r.type, version.version
  from jsonb_to_recordset($1::jsonb) as r(id text, owner uuid, type text, hash text)
  join resource_version version on version.resource_id = r.id and version.hash = r.hash
  on conflict (id) do update set owner = excluded.owner, type = excluded.type, current_version = excluded.current_version`);
const clearRules = statement('clear_rules', `delete from policy_rule rule
  using jsonb_to_recordset($1::jsonb) as r(id text) where rule.resource_id = r.id`);
const rules = statement('import_rules', `insert into policy_rule (resource_id, action, subject_kind, subject)
  select distinct r.id, rule.action, rule.kind, rule.subject from jsonb_to_recordset($1::jsonb) as r(id text, rules jsonb),
    jsonb_to_recordset(r.rules) as rule(action text, kind text, subject text)`);

const scopes = statement('import_scopes', `insert into api_scope (name, owner, token_lifetime_seconds)
  select r.name, r.owner, r.lifetime from jsonb_to_recordset($1::jsonb) as r(name text, owner uuid, lifetime int)
  on conflict (name) do update set owner = excluded.owner, token_lifetime_seconds = excluded.token_lifetime_seconds`);
const clearHolders = statement('clear_scope_holders', `delete from api_scope_holder holder
  using jsonb_to_recordset($1::jsonb) as r(name text) where holder.scope = r.name`);
const holders = statement('import_scope_holders', `insert into api_scope_holder (scope, party, consumer)
  select distinct r.name, holder.party, holder.consumer from jsonb_to_recordset($1::jsonb) as r(name text, holders jsonb),
    jsonb_to_recordset(r.holders) as holder(party uuid, consumer uuid)`);

const servers = statement('import_resource_servers', `insert into resource_server (identifier, owner, scopes, signing_alg)
  select r.identifier, r.owner, array(select jsonb_array_elements_text(r.scopes)), r.alg
  from jsonb_to_recordset($1::jsonb) as r(identifier text, owner uuid, scopes jsonb, alg text)
  on conflict (identifier) do update set owner = excluded.owner, scopes = excluded.scopes, signing_alg = excluded.signing_alg`);

const clearOrigins = statement('clear_origins', `delete from consent_origin origin
  using jsonb_to_recordset($1::jsonb) as r(party uuid) where origin.party = r.party`);
const origins = statement('import_origins', `insert into consent_origin (party, origin)
  select distinct r.party, entry.value from jsonb_to_recordset($1::jsonb) as r(party uuid, origins jsonb),
    jsonb_array_elements_text(r.origins) as entry`);

const put = async (db: Db, rows: unknown[], ...statements: Statement[]) => {
  for (const one of statements) await query(db, one, [JSON.stringify(rows)]);
};

/** Rows of {id, version, content}. A version that a consent rests on is never changed. */
export const importTemplates = (db: Db, rows: unknown[]) => put(db, rows, templates);
/** Rows of {id, owner, name, members}; the members replace those of before. */
export const importAccessLists = (db: Db, rows: unknown[]) => put(db, rows, accessLists, clearMembers, members);
/** Rows of {name, owner, lifetime, holders: [{party, consumer}]}; the holders replace those of before. */
export const importScopes = (db: Db, rows: unknown[]) => put(db, rows, scopes, clearHolders, holders);
/** Rows of {identifier, owner, scopes, alg}. */
export const importResourceServers = (db: Db, rows: unknown[]) => put(db, rows, servers);
/** Rows of {party, origins}; they replace those of before. */
export const importOrigins = (db: Db, rows: unknown[]) => put(db, rows, clearOrigins, origins);

/** Rows of {id, owner, type, hash, content, rules: [{action, kind, subject}]}. */
export async function importResources(db: Db, rows: unknown[], now: Date): Promise<void> {
  await query(db, versions, [JSON.stringify(rows), now]);
  await put(db, rows, resources, clearRules, rules);
}
