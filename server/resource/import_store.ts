// SQL that takes resources, rules, templates and servers in from files: set-based,
// and harmless when repeated. A resource whose content is unchanged keeps its version. It checks
// nothing; import/commands.ts has.
import { eventOfEach, idsFor } from '../event/store.ts';
import type { MandateEvent } from '../event/model.ts';
import type { Act } from '../platform/act.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';
import type { ResourceContent } from './model.ts';
import {
  bumpCatalogue,
  lockResources,
  OPERATOR,
  publishPolicies,
  type PublishedPolicy,
} from './policy/store.ts';

const statement = (name: string, text: string): Statement => ({ name, text });

const templates = statement(
  'import_templates',
  `insert into consent_template (id, version, content)
  select r.id, r.version, r.content from jsonb_to_recordset($1::jsonb) as r(id text, version int, content jsonb)
  on conflict (id, version) do update set content = excluded.content where consent_template.content <> excluded.content
    and not exists (select from consent_request used where used.template_id = excluded.id and used.template_version = excluded.version)`,
);

const versions = statement(
  'import_resource_versions',
  `insert into resource_version (resource_id, hash, content, created_at)
  select r.id, r.hash, r.content, $2 from jsonb_to_recordset($1::jsonb) as r(id text, hash text, content jsonb)
  on conflict (resource_id, hash) do nothing`,
);
const resources = statement(
  'import_resources',
  `insert into resource (id, owner, type, current_version, access_list_mode, changed_at)
  select r.id, r.owner, r.type, version.version, coalesce(r."accessListMode", false), $2
  from jsonb_to_recordset($1::jsonb) as r(id text, owner uuid, type text, hash text, "accessListMode" boolean)
  join resource_version version on version.resource_id = r.id and version.hash = r.hash
  on conflict (id) do update set type = excluded.type, current_version = excluded.current_version,
    access_list_mode = excluded.access_list_mode, ended_at = null,
    changed_at = case when resource.current_version = excluded.current_version then resource.changed_at else excluded.changed_at end
    where resource.owner = excluded.owner
  returning id`,
);
const servers = statement(
  'import_resource_servers',
  `insert into resource_server as server (identifier, owner, scopes, signing_alg, checks_status)
  select r.identifier, r.owner, array(select jsonb_array_elements_text(r.scopes)), r.alg, coalesce(r.checks, false)
  from jsonb_to_recordset($1::jsonb) as r(identifier text, owner uuid, scopes jsonb, alg text, checks boolean)
  on conflict (identifier) do update set owner = excluded.owner, scopes = excluded.scopes, signing_alg = excluded.signing_alg,
    checks_status = excluded.checks_status`,
);

const clearOrigins = statement(
  'clear_origins',
  `delete from consent_origin origin
  using jsonb_to_recordset($1::jsonb) as r(party uuid) where origin.party = r.party`,
);
const origins = statement(
  'import_origins',
  `insert into consent_origin (party, origin)
  select distinct r.party, entry.value from jsonb_to_recordset($1::jsonb) as r(party uuid, origins jsonb),
    jsonb_array_elements_text(r.origins) as entry`,
);

const put = async (db: Db, rows: unknown[], ...statements: Statement[]) => {
  for (const one of statements) await query(db, one, [JSON.stringify(rows)]);
};

/** A statement that changes rows, with events of some kinds. */
interface Dated<Row> {
  statement: Statement;
  kinds: MandateEvent[];
  /** Events of one row, at most; one where it is not said. */
  most?: (row: Row) => number;
}

/** The same by statements that take the act's instant, and ids for their events. */
export const putDated = async <Row>(act: Act, rows: Row[], ...changes: Dated<Row>[]) => {
  for (const { statement, kinds, most } of changes) {
    const count = most ? rows.reduce((sum, row) => sum + most(row), 0) : rows.length;
    const events = Object.fromEntries(kinds.map((kind) => [kind, count]));
    const ids = idsFor(act, events, { by: null });
    await query(act.db, statement, [JSON.stringify(rows), act.now, ids]);
  }
};

/** Rows of {id, version, content}. A version that a consent rests on is never changed. */
export const importTemplates = (db: Db, rows: unknown[]) => put(db, rows, templates);
/** Rows of {identifier, owner, scopes, alg}. */
export const importResourceServers = (db: Db, rows: unknown[]) => put(db, rows, servers);
/** Rows of {party, origins}; they replace those of before. */
export const importOrigins = (db: Db, rows: unknown[]) => put(db, rows, clearOrigins, origins);

/** A resource ready to be stored, with its policy. */
export interface ResourceImport {
  id: string;
  owner: string;
  type: string;
  hash: string;
  content: ResourceContent;
  accessListMode: boolean;
  policy: PublishedPolicy;
}

/**
 * Answers with the ids that are another owner's, which nothing changes: undo the transaction then.
 */
export async function importResources(
  act: Act,
  rows: ResourceImport[],
  by = OPERATOR,
): Promise<string[]> {
  const text = JSON.stringify(rows);
  await lockResources(
    act.db,
    rows.map(({ id }) => id),
  );
  await query(act.db, versions, [text, act.now]);
  const stored = new Set(
    (await query<{ id: string }>(act.db, resources, [text, act.now])).map(({ id }) => id),
  );
  const lost = rows.filter(({ id }) => !stored.has(id)).map(({ id }) => id);
  if (lost.length) return lost;
  await publishPolicies(
    act,
    rows.map((row) => row.policy),
    by,
  );
  return [];
}

/** Owners' numbers, or "all"; null where nothing is said. */
const usableBy = `case jsonb_typeof(r."usableBy") when 'string' then array['all']
      when 'array' then array(select jsonb_array_elements_text(r."usableBy")) end`;

const catalogueTables = {
  source: statement(
    'import_sources',
    `insert into source (code, name, legal_basis, purpose, visibility, usable_by)
    select r.code, r.name, r."legalBasis", r.purpose, coalesce(r.visibility, 'open'), ${usableBy}
    from jsonb_to_recordset($1::jsonb) as r(code text, name jsonb, "legalBasis" jsonb, purpose jsonb, visibility text, "usableBy" jsonb)
    on conflict (code) do update set name = excluded.name, legal_basis = excluded.legal_basis, purpose = excluded.purpose, visibility = excluded.visibility,
      usable_by = coalesce(excluded.usable_by, source.usable_by)`,
  ),
  area: statement(
    'import_areas',
    `insert into access_area (code, for_kind, name, description, guarded)
    select r.code, r."forKind", r.name, r.description, coalesce(r.guarded, false) from jsonb_to_recordset($1::jsonb) as r(code text, "forKind" text, name jsonb, description jsonb, guarded boolean)
    on conflict (code) do update set for_kind = excluded.for_kind, name = excluded.name, description = excluded.description, guarded = excluded.guarded`,
  ),
  package: statement(
    'import_packages',
    `insert into access_package (code, area, for_kind, name, description, assignable, delegable, in_policies, to_kinds, needs, give_level,
      decides_from, parent_until, receiver_from, parents, together, usable_by, of_estate, endless, by_code, must_accept)
    select r.code, r.area, r."forKind", r.name, r.description, coalesce(r.assignable, true), coalesce(r.delegable, true), coalesce(r."inPolicies", true),
      case when r."toKinds" is null then null else array(select jsonb_array_elements_text(r."toKinds")) end, r.needs, coalesce(r."giveLevel", 3),
      r."decidesFrom", r."parentUntil", r."receiverFrom", r.parents, r.together, ${usableBy}, coalesce(r."ofEstate", true), coalesce(r.endless, r."forKind" = 'organization'), coalesce(r."byCode", false), coalesce(r."mustAccept", false)
    from jsonb_to_recordset($1::jsonb) as r("ofEstate" boolean, endless boolean, "byCode" boolean, "mustAccept" boolean, code text, area text, "forKind" text, name jsonb, description jsonb, assignable boolean, delegable boolean,
      "inPolicies" boolean, "toKinds" jsonb, needs text, "giveLevel" int, "decidesFrom" int, "parentUntil" int, "receiverFrom" int, parents text, together jsonb, "usableBy" jsonb)
    on conflict (code) do update set area = excluded.area, for_kind = excluded.for_kind, name = excluded.name, description = excluded.description,
      assignable = excluded.assignable, delegable = excluded.delegable, in_policies = excluded.in_policies, to_kinds = excluded.to_kinds,
      needs = excluded.needs, give_level = excluded.give_level,
      decides_from = excluded.decides_from, parent_until = excluded.parent_until, receiver_from = excluded.receiver_from, of_estate = excluded.of_estate, endless = excluded.endless, by_code = excluded.by_code, must_accept = excluded.must_accept,
      parents = excluded.parents, together = excluded.together,
      usable_by = coalesce(excluded.usable_by, access_package.usable_by)`,
  ),
  rolePackage: statement(
    'import_role_packages',
    `insert into role_package (role, package, unit_type, has_access, may_give)
    select r.role, r.package, coalesce(r."unitType", ''), coalesce(r.access, true), coalesce(r.give, false)
    from jsonb_to_recordset($1::jsonb) as r(role text, package text, "unitType" text, access boolean, give boolean)
    on conflict (role, package, unit_type) do update set has_access = excluded.has_access, may_give = excluded.may_give`,
  ),
};

/** Rows of one table of the catalogue; every node reads the catalogue anew after the commit. */
export async function importCatalogue(
  db: Db,
  table: keyof typeof catalogueTables,
  rows: unknown[],
): Promise<void> {
  await put(db, rows, catalogueTables[table]);
  await bumpCatalogue(db);
}

const putRegistrars = statement(
  'import_registrars',
  `with named as (insert into package_registrar (owner, package)
    select r.owner, r.package from jsonb_to_recordset($1::jsonb) as r(owner uuid, package text) on conflict do nothing returning owner, package)
  ${eventOfEach(`select 'registrar_named', named.owner, named.owner, null::uuid, jsonb_build_object('package', named.package) from named`, '$2::timestamptz', '$3')}`,
);

/** Rows of {owner, package}; every node reads the catalogue anew after the commit. */
export async function importRegistrars(act: Act, rows: unknown[]): Promise<void> {
  await putDated(act, rows, { statement: putRegistrars, kinds: ['registrar_named'] });
  await bumpCatalogue(act.db);
}

const putRoles: Statement = {
  name: 'put_roles',
  text: `insert into role (code, name, key_role, given_by, urns, source, after_death, reaches_owner, not_key_in, usable_by)
    select r.code, r.name, coalesce(r."keyRole", false), coalesce(r."givenBy", 'organization'), array(select jsonb_array_elements_text(coalesce(r.urns, '[]'))),
      r.source, coalesce(r."afterDeath", false), coalesce(r."reachesOwner", false), array(select jsonb_array_elements_text(coalesce(r."notKeyIn", '[]'))),
      ${usableBy}
    from jsonb_to_recordset($1::jsonb) as r(code text, name jsonb, "keyRole" boolean, "givenBy" text, urns jsonb, source text, "afterDeath" boolean,
      "reachesOwner" boolean, "notKeyIn" jsonb, "usableBy" jsonb)
    on conflict (code) do update set name = excluded.name, key_role = excluded.key_role, given_by = excluded.given_by, urns = excluded.urns,
      source = excluded.source, after_death = excluded.after_death, reaches_owner = excluded.reaches_owner, not_key_in = excluded.not_key_in,
      usable_by = coalesce(excluded.usable_by, role.usable_by)`,
};

const opened = Object.fromEntries(
  (['source', 'role', 'access_package'] as const).map((table) => [
    table,
    statement(
      `open_${table}`,
      `update ${table} set usable_by = ${usableBy} from jsonb_to_recordset($1::jsonb) as r(code text, "usableBy" jsonb)
      where ${table}.code = r.code returning ${table}.code`,
    ),
  ]),
) as Record<'source' | 'role' | 'access_package', Statement>;

/** Says of what is there already who may name it; answers with the codes that it found. */
export async function importUsableBy(
  db: Db,
  table: keyof typeof opened,
  rows: unknown[],
): Promise<Set<string>> {
  const found = await query<{ code: string }>(db, opened[table], [JSON.stringify(rows)]);
  return new Set(found.map(({ code }) => code));
}

export async function importRoles(db: Db, roles: unknown[]): Promise<void> {
  await query(db, putRoles, [JSON.stringify(roles)]);
}
