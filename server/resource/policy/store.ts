// SQL of policies and of the catalogue: immutable policy versions, the index of the current ones,
// and the catalogue with its version. It checks nothing.
import { digestOf, eventOfEach, idsFor, NO_PARTIES, ofHouse } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import type { CatalogueRows } from '../catalogue/model.ts';
import type { Policy } from './model.ts';

const versions: Statement = {
  name: 'policy_versions',
  text: 'select policy.version, policy.content from policy_version policy where policy.version = any($1::bigint[])',
};

export function findPolicies(
  db: Db,
  wanted: number[],
): Promise<{ version: number; content: Policy }[]> {
  return query(db, versions, [wanted]);
}

const currentPolicies: Statement = {
  name: 'current_policies',
  text: `select resource.id, policy.content from resource join policy_version policy on policy.version = resource.policy_version
    where resource.id = any($1) and resource.ended_at is null`,
};

/** The policies that hold now, by resource. */
export async function findPoliciesOf(db: Db, resources: string[]): Promise<Map<string, Policy>> {
  const found = await query<{ id: string; content: Policy }>(db, currentPolicies, [resources]);
  return new Map(found.map(({ id, content }) => [id, content]));
}

/** The policy that holds for a resource now. */
export async function findPolicyOf(db: Db, resource: string): Promise<Policy | undefined> {
  return (await findPoliciesOf(db, [resource])).get(resource);
}

const withPatterns: Statement = {
  name: 'policies_with_patterns',
  text: `select resource.id, policy.content from resource join policy_version policy on policy.version = resource.policy_version
    where resource.ended_at is null and policy.content::text like '%"regexp"%' order by resource.id`,
};

/** The policies in force that match anything by a pattern. */
export const findPoliciesWithPatterns = (db: Db): Promise<{ id: string; content: Policy }[]> =>
  query(db, withPatterns);

const catalogue: Statement = {
  name: 'catalogue',
  text: `select (select version from catalogue) as version,
    (select coalesce(jsonb_agg(jsonb_build_object('code', role.code, 'name', role.name, 'keyRole', role.key_role, 'givenBy', role.given_by,
      'urns', role.urns, 'source', role.source, 'afterDeath', role.after_death, 'reachesOwner', role.reaches_owner,
      'notKeyIn', role.not_key_in, 'usableBy', role.usable_by) order by role.code), '[]') from role) as roles,
    (select coalesce(jsonb_agg(jsonb_build_object('code', area.code, 'forKind', area.for_kind, 'name', area.name,
      'description', area.description, 'guarded', area.guarded) order by area.code), '[]') from access_area area) as areas,
    (select coalesce(jsonb_agg(jsonb_build_object('code', package.code, 'area', package.area, 'forKind', package.for_kind, 'name', package.name,
      'description', package.description, 'assignable', package.assignable, 'delegable', package.delegable, 'inPolicies', package.in_policies,
      'toKinds', package.to_kinds, 'needs', package.needs, 'giveLevel', package.give_level,
      'decidesFrom', package.decides_from, 'parentUntil', package.parent_until, 'receiverFrom', package.receiver_from, 'parents', package.parents, 'together', package.together, 'usableBy', package.usable_by, 'ofEstate', package.of_estate, 'endless', package.endless, 'byCode', package.by_code, 'mustAccept', package.must_accept) order by package.code), '[]')
      from access_package package) as packages,
    (select coalesce(jsonb_agg(jsonb_build_object('role', carried.role, 'package', carried.package, 'unitType', carried.unit_type,
      'hasAccess', carried.has_access, 'mayGive', carried.may_give) order by carried.role, carried.package), '[]')
      from role_package carried) as "rolePackages",
    (select coalesce(jsonb_agg(jsonb_build_object('code', source.code, 'name', source.name, 'legalBasis', source.legal_basis,
      'purpose', source.purpose, 'visibility', source.visibility, 'usableBy', source.usable_by) order by source.code), '[]') from source) as sources`,
};

export async function readCatalogue(db: Db): Promise<CatalogueRows> {
  return (await queryOne<CatalogueRows>(db, catalogue))!;
}

const registrar: Statement = {
  name: 'is_registrar',
  text: 'select from package_registrar registrar where registrar.owner = $1 and registrar.package = $2',
};

/** Whether a service owner may register this package for persons who are not digital. */
export const isRegistrar = async (db: Db, owner: string, code: string) =>
  (await queryOne(db, registrar, [owner, code])) !== undefined;

const version: Statement = {
  name: 'catalogue_version',
  text: 'select catalogue.version from catalogue',
};

export async function readCatalogueVersion(db: Db): Promise<number> {
  return (await queryOne<{ version: number }>(db, version))!.version;
}

const bump: Statement = {
  name: 'bump_catalogue',
  text: 'update catalogue set version = version + 1',
};

/** To be called in every transaction that changes the catalogue: nodes then read it anew. */
export async function bumpCatalogue(db: Db): Promise<void> {
  await query(db, bump);
}

const lock: Statement = {
  name: 'lock_resources',
  text: `select resource.id, resource.policy_version as version from resource where resource.id = any($1) and resource.ended_at is null
    order by resource.id for update`,
};

/**
 * Nobody else publishes for these until the transaction ends; answers with the version that holds
 * now, null where there is none yet. In order of id, so that two never wait for each other.
 */
export async function lockResources(db: Db, ids: string[]): Promise<Map<string, number | null>> {
  const rows = await query<{ id: string; version: number | null }>(db, lock, [ids]);
  return new Map(rows.map(({ id, version: held }) => [id, held === null ? null : Number(held)]));
}

const insertPolicies: Statement = {
  name: 'insert_policies',
  text: `insert into policy_version (resource_id, hash, content, created_at)
    select r.id, r.hash, r.content, $2 from jsonb_to_recordset($1::jsonb) as r(id text, hash text, content jsonb)
    on conflict (resource_id, hash) do nothing`,
};
const ofPackage = (had: string) =>
  `${had}.subject_kind = 'package' and ${had}.subject = opens.subject`;
const publish: Statement = {
  name: 'publish_policies',
  text: `with published as (
      update resource set policy_version = policy.version, changed_at = $2
      from jsonb_to_recordset($1::jsonb) as r(id text, hash text)
      join policy_version policy on policy.resource_id = r.id and policy.hash = r.hash
      where resource.id = r.id and resource.policy_version is distinct from policy.version
      returning resource.id, resource.type, resource.policy_version, ${digestOf('policy.content')} as digest),
    publisher as (select (select party.id from party where party.organization_no = $3) as id),
    -- The index still has the rules that held before.
    grown as (insert into package_growth (package, resource_id, at)
      select distinct opens.subject, published.id, $2::timestamptz from published
        join jsonb_to_recordset($1::jsonb) as r(id text, rules jsonb) on r.id = published.id
        cross join jsonb_to_recordset(r.rules) as opens(kind text, subject text)
      where opens.kind = 'package' and exists (select from policy_rule had where ${ofPackage('had')})
        and not exists (select from policy_rule had join resource other on other.id = had.resource_id and other.ended_at is null
          where ${ofPackage('had')} and (other.id = published.id or other.type = published.type))),
    said as (insert into policy_publication (resource_id, version, at, by_party, comment)
      select published.id, published.policy_version, $2, publisher.id, $4 from published, publisher)
    ${eventOfEach(
      `${ofHouse("'policy_published'", 'publisher.id', "jsonb_build_object('resource', published.id, 'version', published.policy_version, 'digest', published.digest)")} from published, publisher`,
      '$2::timestamptz',
      '$5',
    )}`,
};
const clearIndex: Statement = {
  name: 'clear_policy_index',
  text: 'delete from policy_rule rule using jsonb_to_recordset($1::jsonb) as r(id text) where rule.resource_id = r.id',
};
const insertIndex: Statement = {
  name: 'insert_policy_index',
  text: `insert into policy_rule (resource_id, action, subject_kind, subject)
    select distinct r.id, rule.action, rule.kind, rule.subject from jsonb_to_recordset($1::jsonb) as r(id text, rules jsonb),
      jsonb_to_recordset(r.rules) as rule(action text, kind text, subject text)`,
};

/** The rows of the index that a policy has (policy/model.ts indexOf). */
export interface PublishedPolicy {
  id: string;
  hash: string;
  content: Policy;
  rules: { action: string; kind: string; subject: string }[];
}

/** The organisation that publishes, by its number, and why; null in an import. */
export interface Publisher {
  organizationNo: string | null;
  comment: string | null;
}
export const OPERATOR: Publisher = { organizationNo: null, comment: null };

/**
 * Publishes policies: their rules and the index hold together, from the commit on, and a line says
 * who did it. Call it where the resources are locked.
 */
export async function publishPolicies(
  act: Act,
  rows: PublishedPolicy[],
  { organizationNo, comment }: Publisher,
): Promise<void> {
  const written = rows.map(({ id, hash, content }) => ({ id, hash, content }));
  await query(act.db, insertPolicies, [JSON.stringify(written), act.now]);
  const named = rows.map(({ id, hash, rules }) => ({ id, hash, rules }));
  const ids = idsFor(act, { policy_published: rows.length }, NO_PARTIES);
  await query(act.db, publish, [JSON.stringify(named), act.now, organizationNo, comment, ids]);
  await reindex(act.db, rows);
}

const listed: Statement = {
  name: 'policy_versions_of',
  text: `select policy.version, policy.created_at as "createdAt", policy.version = resource.policy_version as current
    from resource join policy_version policy on policy.resource_id = resource.id where resource.id = $1 order by policy.version desc limit 1000`,
};
const numbered: Statement = {
  name: 'policy_version',
  text: 'select policy.content from policy_version policy where policy.resource_id = $1 and policy.version = $2',
};

export interface PolicyVersion {
  version: number;
  createdAt: Date;
  current: boolean;
}

/** Every policy that a resource has had, the newest first. */
export async function listVersions(db: Db, resource: string): Promise<PolicyVersion[]> {
  const rows = await query<PolicyVersion>(db, listed, [resource]);
  return rows.map((row) => ({ ...row, version: Number(row.version) }));
}

const publications: Statement = {
  name: 'publications_of',
  text: `select published.version, published.at as "publishedAt", published.comment,
      case when publisher.id is not null then jsonb_build_object('organizationNo', publisher.organization_no, 'name', publisher.name) end as "publishedBy"
    from policy_publication published left join party publisher on publisher.id = published.by_party
    where published.resource_id = $1 order by published.id desc limit 1000`,
};

export interface Publication {
  version: number;
  publishedAt: Date;
  publishedBy: { organizationNo: string; name: string } | null;
  comment: string | null;
}

/** Each time that a policy of a resource began to hold, the newest first. */
export async function listPublications(db: Db, resource: string): Promise<Publication[]> {
  const rows = await query<Publication>(db, publications, [resource]);
  return rows.map((row) => ({ ...row, version: Number(row.version) }));
}

/** One of them; undefined for another resource's. */
export const findVersion = async (
  db: Db,
  resource: string,
  version: number,
): Promise<Policy | undefined> =>
  (await queryOne<{ content: Policy }>(db, numbered, [resource, version]))?.content;

const indexed: Statement = {
  name: 'indexed_policies',
  text: `select resource.id, policy.content, (select coalesce(jsonb_agg(jsonb_build_object('action', rule.action, 'kind', rule.subject_kind, 'subject', rule.subject)), '[]')
      from policy_rule rule where rule.resource_id = resource.id) as rules
    from resource join policy_version policy on policy.version = resource.policy_version
    where resource.id > $1 order by resource.id limit $2`,
};

export interface IndexedPolicy {
  id: string;
  content: Policy;
  rules: PublishedPolicy['rules'];
}

/** Policies in force with what is indexed of each, in order of id. */
export const listIndexed = (db: Db, after: string, limit: number): Promise<IndexedPolicy[]> =>
  query<IndexedPolicy>(db, indexed, [after, limit]);

/** Indexes a policy anew; the resource is locked. */
export async function reindex(
  db: Db,
  rows: Pick<PublishedPolicy, 'id' | 'rules'>[],
): Promise<void> {
  await query(db, clearIndex, [JSON.stringify(rows.map(({ id }) => ({ id })))]);
  await query(db, insertIndex, [JSON.stringify(rows.map(({ id, rules }) => ({ id, rules })))]);
}
