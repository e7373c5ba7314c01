// SQL of resources, templates, scopes, resource servers and redirect origins. It knows no caller.
import { type Act, look } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { lookup } from '../platform/db/together_store.ts';
import type { ConsentTemplate, ResourceContent } from './model.ts';

export interface ResourceRow {
  id: string;
  type: string;
  version: number;
  content: ResourceContent;
  owner: { id: string; name: string; organizationNo: string };
}

const rows = `select resource.id, resource.type, version.version, version.content,
    jsonb_build_object('id', owner.id, 'name', owner.name, 'organizationNo', owner.organization_no) as owner
  from resource
  join resource_version version on version.version = resource.current_version
  join party owner on owner.id = resource.owner`;
const current: Statement = {
  name: 'current_resources',
  text: `${rows} where resource.id = any($1)`,
};
const newestTemplate = (id: string) =>
  `select template.content || jsonb_build_object('id', template.id, 'version', template.version) as template
    from consent_template template where lower(template.id) = lower(${id}) order by template.version desc limit 1`;

/** A resource that consents are asked for, with the newest version of its template. */
export interface ConsentResource extends ResourceRow {
  template: ConsentTemplate | null;
}
const one = lookup<ConsentResource>(
  'consent_resource',
  (key) => `select found.*, (${newestTemplate("found.content ->> 'consentTemplate'")}) as template
    from (${rows} where resource.id = ${key}) as found`,
);

/** Each, in a statement with others; in the order asked, unknown ones undefined. */
export const readConsentResources = (act: Act, ids: string[]) =>
  Promise.all(ids.map((id) => look(act, one, id)));

/** Current versions of the named resources; unknown ones are missing. */
export async function findResources(db: Db, ids: string[]): Promise<Map<string, ResourceRow>> {
  const rows = await query<ResourceRow>(db, current, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

const latestTemplate = lookup<{ template: ConsentTemplate }>('latest_template', (key) =>
  newestTemplate(key),
);

export const findTemplate = async (act: Act, id: string) =>
  (await look(act, latestTemplate, id))?.template;

const contents: Statement = {
  name: 'resource_contents',
  text: 'select version.version, version.content from resource_version version where version.version = any($1::bigint[])',
};
/** Services in words and rules, by version. */
export const findContents = (
  db: Db,
  versions: number[],
): Promise<{ version: number; content: ResourceContent }[]> => query(db, contents, [versions]);

const templatesOf: Statement = {
  name: 'consent_templates',
  text: `select one.id || ' ' || one.version as version, one.content || jsonb_build_object('id', one.id, 'version', one.version) as content
    from consent_template one where one.id || ' ' || one.version = any($1)`,
};
/** Templates, by id and version with a space between. */
export const findTemplates = (
  db: Db,
  versions: string[],
): Promise<{ version: string; content: ConsentTemplate }[]> => query(db, templatesOf, [versions]);

const templates: Statement = {
  name: 'template_ids',
  text: 'select distinct consent_template.id from consent_template order by consent_template.id limit 100',
};

/** Consent templates, by id. */
export const listTemplates = async (db: Db): Promise<string[]> =>
  (await query<{ id: string }>(db, templates, [])).map(({ id }) => id);

const origins = lookup<{ origins: string[] }>(
  'consent_origins',
  (key) =>
    `select array(select consent_origin.origin from consent_origin where consent_origin.party = ${key}::uuid) as origins`,
);

/** The only origins that this organisation's redirects may go to; empty when it registered none. */
export const readConsentOrigins = async (act: Act, party: string) =>
  (await look(act, origins, party))!.origins;

export interface ScopeRow {
  name: string;
  ownerNo: string;
  tokenLifetimeSeconds: number | null;
  /** Numbers of organisations it was given to. */
  holders: string[];
  /** Whether every organisation holds it. */
  isOpen: boolean;
}

const scopes: Statement = {
  name: 'api_scopes',
  text: `select scope.name, owner.organization_no as "ownerNo", scope.token_lifetime_seconds as "tokenLifetimeSeconds", scope.is_open as "isOpen",
      coalesce((select jsonb_agg(party.organization_no) from api_scope_holder holder
        join party on party.id = holder.party where holder.scope = scope.name and holder.consumer is null and holder.ended_at is null), '[]') as holders
    from api_scope scope join party owner on owner.id = scope.owner where scope.name = any($1) and scope.ended_at is null`,
};

export function findScopes(db: Db, names: string[]): Promise<ScopeRow[]> {
  return query<ScopeRow>(db, scopes, [names]);
}

export interface TokenLife {
  /** Seconds that a token of any scope lives at most; null where no scope says. */
  longest: number | null;
  /** Whether all owners say that each of their APIs reads the status list, or asks. */
  isChecked: boolean;
}

const tokenLife: Statement = {
  name: 'token_life',
  text: `select (select max(scope.token_lifetime_seconds) from api_scope scope where scope.ended_at is null) as longest,
    cardinality($1::uuid[]) > 0 and not exists (select from unnest($1::uuid[]) as asked(owner) where not coalesce(
      (select bool_and(server.checks_status) from resource_server server where server.owner = asked.owner), false)) as "isChecked"`,
};

/** The life of the tokens that the APIs of some owners take; unchecked where it names none. */
export const findTokenLife = async (db: Db, owners: string[]): Promise<TokenLife> =>
  (await queryOne<TokenLife>(db, tokenLife, [owners]))!;

const heldScopes: Statement = {
  name: 'held_scopes',
  text: `select scope.name from api_scope scope
    where scope.ended_at is null and (scope.owner = $1 or exists (select from api_scope_holder holder
      where holder.scope = scope.name and holder.party = $1 and holder.consumer is null and holder.ended_at is null))
    order by scope.name limit 1000`,
};

/** Scopes that an organisation owns or was given. */
export async function findHeldScopes(db: Db, party: string): Promise<string[]> {
  return (await query<{ name: string }>(db, heldScopes, [party])).map((row) => row.name);
}

export interface ResourceServerRow {
  identifier: string;
  ownerNo: string;
  scopes: string[];
  signingAlg: 'RS256' | 'ES256';
}

const server: Statement = {
  name: 'resource_server',
  text: `select server.identifier, owner.organization_no as "ownerNo", server.scopes, server.signing_alg as "signingAlg"
    from resource_server server join party owner on owner.id = server.owner where server.identifier = $1`,
};

export function findResourceServer(
  db: Db,
  identifier: string,
): Promise<ResourceServerRow | undefined> {
  return queryOne<ResourceServerRow>(db, server, [identifier]);
}
