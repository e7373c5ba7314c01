// SQL of the resource registry: lists, changes, and what subjects open. It checks nothing.
import type { Act } from '../../platform/act.ts';
import { lowered } from '../../platform/db/text_store.ts';
import type { Translated } from '../../platform/locale.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import type { ResourceContent } from '../model.ts';

export interface RegistryRow {
  id: string;
  type: string;
  version: number;
  content: ResourceContent;
  accessListMode: boolean;
  policyVersion: number | null;
  policyLevel: { person: number; organization: number } | null;
  changedAt: Date | null;
  owner: { id: string; name: string; organizationNo: string };
}

const columns = `resource.id, resource.type, resource.current_version as version, version.content, resource.access_list_mode as "accessListMode",
  resource.policy_version as "policyVersion", policy.content -> 'minimumLevel' as "policyLevel", resource.changed_at as "changedAt",
  jsonb_build_object('id', owner.id, 'name', owner.name, 'organizationNo', owner.organization_no) as owner`;
const joined = `from resource join resource_version version on version.version = resource.current_version join party owner on owner.id = resource.owner
  left join policy_version policy on policy.version = resource.policy_version`;

const one: Statement = {
  name: 'registry_resource',
  text: `select ${columns} ${joined} where resource.id = $1 and resource.ended_at is null`,
};

export function findRegistered(db: Db, id: string): Promise<RegistryRow | undefined> {
  return queryOne<RegistryRow>(db, one, [id.toLowerCase()]);
}

const taken: Statement = {
  name: 'resource_id_taken',
  text: 'select resource.id from resource where resource.id = $1',
};

/** Whether the id is or was a resource's: mandates may still be about it. */
export const isTaken = async (db: Db, id: string) =>
  (await queryOne(db, taken, [id])) !== undefined;

const list: Statement = {
  name: 'registry_list',
  text: `select ${columns} ${joined} where resource.ended_at is null and ($1::text is null or resource.type = $1) and ($2::text is null or resource.id = $2
      or exists (select from jsonb_each_text(version.content -> 'title') as title(language, text) where strpos(${lowered('title.text')}, ${lowered('$2')}) > 0)) order by resource.id limit 10000`,
};

export function listRegistered(
  db: Db,
  type: string | null,
  text: string | null,
): Promise<RegistryRow[]> {
  return query<RegistryRow>(db, list, [type, text]);
}

/** A resource, and the access packages that open something of it. */
export interface FoundRow extends RegistryRow {
  packages: string[];
}

// A package that a rule asks for together with something else opens nothing by itself.
const opening = `array(select distinct subject -> 0 ->> 'value' from jsonb_array_elements(policy.content -> 'rules') as rule, jsonb_array_elements(rule -> 'subjects') as subject
      where rule ->> 'effect' = 'permit' and jsonb_array_length(subject) = 1 and subject -> 0 ->> 'kind' = 'package') as packages`;
const found: Statement = {
  name: 'registry_search',
  text: `select ${columns}, ${opening} ${joined} where resource.ended_at is null and (resource.id = $1 or not exists (
      select from unnest($2::text[]) as piece where not exists (
        select from jsonb_each_text(version.content -> 'title') as title(language, text) where strpos(${lowered('title.text')}, piece) > 0)))
    order by resource.id limit 10000`,
};

/** Those with each of these pieces, in lower case, in a name of theirs, or with that id. */
export const searchRegistered = (db: Db, id: string, pieces: string[]): Promise<FoundRow[]> =>
  query<FoundRow>(db, found, [id.toLowerCase(), pieces]);

const end: Statement = {
  name: 'end_resource',
  text: 'update resource set ended_at = $2, changed_at = $2 where resource.id = $1 and resource.ended_at is null',
};

/** Ends a resource: from now on nothing is permitted on it. Its history stays. */
export const endResource = (act: Act, id: string) => query(act.db, end, [id, act.now]);

const changes: Statement = {
  name: 'resource_changes',
  text: `select resource.id, resource.changed_at as "changedAt" from resource where resource.changed_at is not null
    and ($1::timestamptz is null or (resource.changed_at, resource.id) > ($1, $2)) order by resource.changed_at, resource.id limit $3`,
};

/** Each resource once, at its latest change, oldest first. */
export function listChanges(
  db: Db,
  after: { at: Date; id: string } | null,
  limit: number,
): Promise<{ id: string; changedAt: Date }[]> {
  return query(db, changes, [after?.at ?? null, after?.id ?? null, limit]);
}

const updated: Statement = {
  name: 'resource_updated',
  text: `select resource.id, resource.changed_at as "updatedAt", rule.subject_kind as kind, rule.subject, resource.ended_at is not null as deleted
    from resource join (select distinct rule.resource_id, rule.subject_kind, rule.subject from policy_rule rule) rule on rule.resource_id = resource.id
    where resource.changed_at >= $1 and ($2::text is null or (resource.changed_at, resource.id || ' ' || rule.subject_kind || ' ' || rule.subject) > ($3::timestamptz, $2))
    order by resource.changed_at, resource.id || ' ' || rule.subject_kind || ' ' || rule.subject limit $4`,
};

export interface UpdatedRow {
  id: string;
  updatedAt: Date;
  kind: string;
  subject: string;
  deleted: boolean;
}

/** Pairs of subject and resource of policies that changed, in the order of change. */
export function listUpdated(
  db: Db,
  since: Date,
  after: { at: Date; key: string } | null,
  limit: number,
): Promise<UpdatedRow[]> {
  return query<UpdatedRow>(db, updated, [since, after?.key ?? null, after?.at ?? null, limit]);
}

const opened: Statement = {
  name: 'resources_by_subject',
  text: `select rule.subject_kind || ' ' || rule.subject as key, array_agg(distinct rule.resource_id order by rule.resource_id) as resources
    from policy_rule rule join resource on resource.id = rule.resource_id and resource.ended_at is null
    where (rule.subject_kind, rule.subject) in (select * from unnest($1::text[], $2::text[])) group by 1`,
};

/**
 * The resources that policies open to each of these subjects, keyed `kind value`; none for those
 * that are missing.
 */
export async function findResourcesOfMany(
  db: Db,
  subjects: { kind: string; value: string }[],
): Promise<Map<string, string[]>> {
  const rows = await query<{ key: string; resources: string[] }>(db, opened, [
    subjects.map((one) => one.kind),
    subjects.map((one) => one.value),
  ]);
  return new Map(rows.map((row) => [row.key, row.resources]));
}

export async function findResourcesOf(db: Db, kind: string, value: string): Promise<string[]> {
  return (await findResourcesOfMany(db, [{ kind, value }])).get(`${kind} ${value}`) ?? [];
}

const services: Statement = {
  name: 'services_of_package',
  text: `select resource.id, version.content -> 'title' as title, version.content -> 'rightDescription' as about, owner.name as owner, (count(*) over ())::int as of
    from resource join resource_version version on version.version = resource.current_version join party owner on owner.id = resource.owner
    where resource.ended_at is null and coalesce(version.content ->> 'visible', 'true') <> 'false'
      and exists (select from policy_rule rule where rule.resource_id = resource.id and rule.subject_kind = 'package' and rule.subject = $1 and rule.action <> 'requestconsent')
    order by owner.name, owner.id, resource.id limit $2 offset $3`,
};

const openers: Statement = {
  name: 'packages_that_open',
  text: `select rule.subject as code from policy_rule rule
      join policy_rule other on other.subject_kind = 'package' and other.subject = rule.subject and other.action <> 'requestconsent'
      join resource on resource.id = other.resource_id and resource.ended_at is null
    where rule.resource_id = $1 and rule.subject_kind = 'package' and rule.action <> 'requestconsent'
    group by rule.subject order by count(distinct rule.action) desc, count(distinct other.resource_id), rule.subject`,
};

/**
 * Packages that open something of a service: those that let one do most of it first, and of these
 * the one that opens the fewest services.
 */
export const listOpening = async (db: Db, resource: string): Promise<string[]> =>
  (await query<{ code: string }>(db, openers, [resource])).map(({ code }) => code);

export interface PackageService {
  id: string;
  title: Translated;
  about: Translated | null;
  /** The owner's registered name. */
  owner: string;
  /** How many there are in all. */
  of: number;
}

/** Services that a package opens and that anybody may see, by owner. */
export const listServicesOf = (
  db: Db,
  code: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<PackageService[]> => query<PackageService>(db, services, [code, limit, offset]);
