// The resource registry as JSON (contract/rights.md C.10): owners register resources and publish
// policies, everybody reads them, and feeds say what changed. A policy comes as our rules or as
// XACML XML, and holds from its publication.
import { currentCatalogue } from './catalogue.ts';
import type { Known } from './catalogue.ts';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context } from 'koa';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Bearer } from '../caller/bearer.ts';
import type { Caller } from '../caller/model.ts';
import { findParty } from '../party/store.ts';
import { queryParameter, readBytes, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import schema from '../import/import.schema.json' with { type: 'json' };
import {
  ACTION_ID,
  actionsOf,
  parseSubject,
  RESOURCE_ID,
  rightKey,
  type Policy,
  type SubjectMatch,
} from './policy_model.ts';
import { findPolicyOf } from './policy_store.ts';
import { invalid, problem } from './problems.ts';
import { fromXacml, publish, saveResource, takeIn } from './registry.ts';
import {
  endResource,
  findRegistered,
  findResourcesOfMany,
  isTaken,
  listChanges,
  listRegistered,
  listUpdated,
  type RegistryRow,
} from './registry_store.ts';
import { XacmlFault } from './xacml_model.ts';
import { printXacml, subjectAttribute } from './xacml_print_model.ts';

export interface RegistryApi {
  point: Known;
  bearer: Bearer;
  issuer: string;
}

export const BASE = '/resourceregistry/api/v1';
const WRITE = ['altinn:resourceregistry/resource.write', 'altinn:resourceregistry/resource.admin'];
const XML_LIMIT = 600_000;

// A resource has one shape, in files and over HTTP.
const ajv = addFormats.default(
  new Ajv2020.default({ allErrors: false, allowUnionTypes: true, strict: false }),
);
ajv.addSchema(schema);
const isResource = ajv.getSchema('urn:tillit:import:1#/$defs/resource')!;

/** The first fault that the schema found, with the member that is one too many. */
function shapeFault(): string {
  const [{ instancePath, message, params } = { instancePath: '', message: '', params: {} }] =
    isResource.errors ?? [];
  return [
    instancePath || '/',
    message,
    (params as { additionalProperty?: string }).additionalProperty,
  ]
    .filter(Boolean)
    .join(' ');
}

export function registryRoutes(api: RegistryApi): Router {
  const router = new Router();
  const write = api.bearer.scope(...WRITE);
  router.get(`${BASE}/resource/resourcelist`, named('resource_list'), async (ctx) =>
    list(ctx, api),
  );
  router.get(`${BASE}/resource/search`, named('resource_search'), async (ctx) => list(ctx, api));
  router.get(`${BASE}/resource/Search`, named('resource_search'), async (ctx) => list(ctx, api));
  router.get(`${BASE}/resource/export`, named('resource_export'), async (ctx) => list(ctx, api));
  router.get(`${BASE}/resource/updated`, named('resource_updated'), (ctx) => getUpdated(ctx, api));
  router.get(`${BASE}/resource/changes`, named('resource_changes'), (ctx) => getChanges(ctx, api));
  router.post(`${BASE}/resource/bysubjects`, named('resource_by_subjects'), (ctx) =>
    postBySubjects(ctx, api),
  );
  router.post(`${BASE}/resource`, named('resource_add'), write, (ctx) =>
    putResource(ctx, api, undefined),
  );
  router.get(`${BASE}/resource/:id`, named('resource_get'), async (ctx) => {
    ctx.body = dto(await known(ctx, api));
  });
  router.put(`${BASE}/resource/:id`, named('resource_put'), write, async (ctx) =>
    putResource(ctx, api, await owned(ctx, api)),
  );
  router.delete(`${BASE}/resource/:id`, named('resource_end'), write, async (ctx) => {
    await endResource(api.point.db, (await owned(ctx, api)).id, clock.now());
    ctx.status = 204;
  });
  for (const method of ['post', 'put'] as const)
    router[method](`${BASE}/resource/:id/policy`, named('policy_put'), write, (ctx: Context) =>
      putPolicy(ctx, api),
    );
  router.get(`${BASE}/resource/:id/policy`, named('policy_get'), (ctx) => getPolicy(ctx, api));
  router.get(`${BASE}/resource/:id/policy/subjects`, named('policy_subjects'), (ctx) =>
    getSubjects(ctx, api),
  );
  router.get(`${BASE}/resource/:id/policy/rules`, named('policy_rules'), (ctx) =>
    getRules(ctx, api),
  );
  router.get(`${BASE}/resource/:id/policy/rights`, named('policy_rights'), (ctx) =>
    getRights(ctx, api),
  );
  router.get(
    '/resourceregistry/api/v2/resource/:id/policy/rights',
    named('policy_rights_v2'),
    (ctx) => getRightsV2(ctx, api),
  );
  return router;
}

async function known(ctx: Context, { point }: RegistryApi): Promise<RegistryRow> {
  const found = await findRegistered(point.db, (ctx.params as { id: string }).id);
  if (!found) throw problem('RR-00002');
  return found;
}

/** The resource, for its owner or one who may write all. */
async function owned(ctx: Context, api: RegistryApi): Promise<RegistryRow> {
  const found = await known(ctx, api);
  mustOwn(ctx, found.owner.organizationNo);
  return found;
}

export function mustOwn(ctx: Context, ownerNo: string): void {
  const caller = ctx.state.caller as Caller;
  if (caller.scopes.has(WRITE[1]!)) return;
  if (caller.kind !== 'organization' || caller.organizationNo !== ownerNo)
    throw fault('TIL-00008', { because: 'another owner' });
}

export function dto(row: RegistryRow) {
  const { content } = row;
  const { metadata, attributes, linkHosts: _hosts, minimumLevel, ...shared } = content;
  return {
    identifier: row.id,
    version: String(row.version),
    versionId: row.version,
    resourceType: row.type,
    ...shared,
    ...metadata,
    attributes: Object.fromEntries(
      Object.entries(attributes ?? {}).map(([name, values]) => [name, values[0]]),
    ),
    minimumLevel: row.policyLevel ?? minimumLevel,
    hasCompetentAuthority: {
      organization: row.owner.organizationNo,
      orgcode: row.owner.organizationNo,
      name: { nb: row.owner.name, nn: row.owner.name, en: row.owner.name },
    },
    accessListMode: row.accessListMode ? 'Enabled' : 'Disabled',
    changedAt: row.changedAt,
  };
}

async function list(ctx: Context, { point }: RegistryApi): Promise<void> {
  const text =
    queryParameter(ctx, 'id') ?? queryParameter(ctx, 'title') ?? queryParameter(ctx, 'q') ?? null;
  const rows = await listRegistered(
    point.db,
    queryParameter(ctx, 'resourceType') ?? null,
    text === null ? null : text.replace(/[%_\\]/g, '\\$&').slice(0, 200),
  );
  ctx.body = rows.filter((row) => row.content.visible !== false || text !== null).map(dto);
}

/**
 * Registers or replaces; without `rules` a new resource is closed and a known one keeps its policy.
 */
async function putResource(
  ctx: Context,
  api: RegistryApi,
  existing: RegistryRow | undefined,
): Promise<void> {
  const body = ((await readJson(ctx)) ?? {}) as Record<string, any>;
  const faults: string[] = [];
  const ownerNo = String(
    body.hasCompetentAuthority?.organization ??
      body.owner ??
      (ctx.state.caller as { organizationNo?: string }).organizationNo ??
      '',
  );
  const {
    hasCompetentAuthority: _authority,
    version: _version,
    versionId: _versionId,
    changedAt: _changed,
    owner: _owner,
    ...entry
  } = body;
  const identifier = existing?.id ?? String(entry.identifier ?? '');
  if (!/^[a-z0-9_-]{4,}$/.test(identifier))
    faults.push('identifier must be at least four of a-z, 0-9, _ and -');
  // What is not said anew stays as it is: whether lists gate it, as its rules.
  const mode =
    existing && entry.accessListMode === undefined
      ? { accessListMode: existing.accessListMode ? 'Enabled' : 'Disabled' }
      : {};
  const record = { ...entry, ...mode, identifier, owner: ownerNo, rules: entry.rules ?? [] };
  if (!isResource(record)) faults.push(shapeFault());
  const owner = await findParty(api.point.db, { by: 'organization', value: ownerNo });
  if (!owner) faults.push('hasCompetentAuthority.organization is not a known organization');
  if ((entry.delegable ?? true) && !entry.rightDescription?.nb)
    faults.push('rightDescription is required for what can be given to others');
  if (faults.length) throw problem('TIL-00030', { members: { faults } });
  mustOwn(ctx, ownerNo);
  if (existing && existing.owner.id !== owner!.id)
    throw problem('TIL-00030', { members: { faults: ['the owner cannot be changed'] } });
  if (!existing && (await isTaken(api.point.db, identifier))) throw problem('TIL-00032');
  const catalogue = await currentCatalogue(api.point);
  const taken = await takeIn(api.point, record, { id: owner!.id, no: ownerNo }, catalogue);
  if (taken.faults.length) throw problem('TIL-00030', { members: { faults: taken.faults } });
  mayUseScopes(
    ctx,
    taken.row.content as { resourceReferences: { reference: string; referenceType: string }[] },
    String(entry.resourceType),
  );
  await saveResource(api.point.db, taken.row, existing !== undefined && entry.rules === undefined);
  ctx.status = existing ? 200 : 201;
  ctx.set('location', `${api.issuer}${BASE}/resource/${identifier}`);
  ctx.body = dto((await findRegistered(api.point.db, identifier))!);
}

/**
 * Scopes of a schema must have a prefix that the caller's token speaks for (contract/rights.md
 * C.10).
 */
function mayUseScopes(
  ctx: Context,
  content: { resourceReferences: { reference: string; referenceType: string }[] },
  type: string,
): void {
  const caller = ctx.state.caller as Caller;
  if (type !== 'MaskinportenSchema' || caller.scopes.has(WRITE[1]!)) return;
  const prefixes = caller.kind === 'organization' ? caller.scopePrefixes : [];
  const forbidden = content.resourceReferences
    .filter(
      (one) =>
        one.referenceType === 'MaskinportenScope' &&
        !prefixes.includes(one.reference.split(':')[0]!),
    )
    .map((one) => one.reference);
  if (forbidden.length) throw fault('TIL-00006', { members: { forbiddenScopes: forbidden } });
}

/**
 * Publishes a policy: XACML XML, or `{combining?, minimumLevel?, rules}` of ours. Nothing is
 * half-published.
 */
async function putPolicy(ctx: Context, api: RegistryApi): Promise<void> {
  const resource = await owned(ctx, api);
  const catalogue = await currentCatalogue(api.point);
  const faults: string[] = [];
  let policy: Policy | undefined;
  if (ctx.is('application/xml', 'text/xml', '+xml', 'multipart/form-data')) {
    try {
      policy = await fromXacml(await xmlOf(ctx), resource.id, {
        catalogue,
        ownerNo: resource.owner.organizationNo,
        faults,
      });
    } catch (error) {
      if (!(error instanceof XacmlFault)) throw error;
      faults.push(error.message);
    }
  } else {
    const body = ((await readJson(ctx)) ?? {}) as Record<string, unknown>;
    const record = {
      identifier: resource.id,
      owner: resource.owner.organizationNo,
      resourceType: 'x',
      title: { nb: 'x', nn: 'x' },
      minimumLevel: resource.content.minimumLevel,
      ...body,
    };
    if (!Array.isArray(body.rules)) faults.push('rules is required');
    else if (!isResource(record)) faults.push(shapeFault());
    else {
      const taken = await takeIn(
        api.point,
        record,
        { id: resource.owner.id, no: resource.owner.organizationNo },
        catalogue,
      );
      faults.push(...taken.faults);
      policy = taken.row.policy.content as Policy;
    }
  }
  if (faults.length || !policy) throw problem('TIL-00031', { members: { faults } });
  await publish(api.point.db, resource.id, policy);
  ctx.status = ctx.method === 'POST' ? 201 : 200;
  ctx.body = {
    resource: resource.id,
    version: (await findRegistered(api.point.db, resource.id))!.policyVersion,
    actions: actionsOf(policy),
  };
}

/** The XML: the body itself, or the file of a form, as existing clients send it. */
async function xmlOf(ctx: Context): Promise<string> {
  const text = (await readBytes(ctx, XML_LIMIT)).toString('utf8');
  if (!ctx.is('multipart/form-data')) return text;
  const start = text.indexOf('<');
  return start < 0 ? '' : text.slice(start, text.lastIndexOf('>') + 1);
}

async function getPolicy(ctx: Context, api: RegistryApi): Promise<void> {
  const resource = await known(ctx, api);
  const policy = await policyOf(api, resource.id);
  if (
    ctx.accepts('application/xml', 'application/json') === 'application/json' &&
    ctx.get('accept').includes('json')
  )
    ctx.body = policy;
  else {
    ctx.type = 'application/xml';
    ctx.body = Readable.from(
      printXacml(
        policy,
        resource.id,
        resource.policyVersion ?? 0,
        await currentCatalogue(api.point),
      ),
      { objectMode: false },
    );
  }
}

async function policyOf({ point }: RegistryApi, id: string): Promise<Policy> {
  const policy = await findPolicyOf(point.db, id);
  if (!policy) throw problem('RR-00002');
  return policy;
}

const urnOf = (match: SubjectMatch) => {
  const { type, value } = subjectAttribute(match);
  return `${type}:${value}`;
};
const action = (value: string) => ({ type: ACTION_ID, value });
const resourceOf = (id: string) => [{ type: RESOURCE_ID, value: id }];

async function getSubjects(ctx: Context, api: RegistryApi): Promise<void> {
  const { id } = await known(ctx, api);
  const matches = new Map(
    (await policyOf(api, id)).rules
      .flatMap((rule) => rule.subjects.flat())
      .map((match) => [urnOf(match), match]),
  );
  ctx.body = {
    data: [...matches].map(([urn, match]) => ({ ...subjectAttribute(match), urn })),
    links: { next: null },
  };
}

async function getRules(ctx: Context, api: RegistryApi): Promise<void> {
  const { id } = await known(ctx, api);
  ctx.body = (await policyOf(api, id)).rules.flatMap((rule) =>
    (rule.subjects.length ? rule.subjects : [[]]).flatMap((all) =>
      (rule.actions.length ? rule.actions : ['*']).map((name) => ({
        effect: rule.effect,
        subject: all.map(subjectAttribute),
        action: action(name),
        resource: resourceOf(id),
      })),
    ),
  );
}

async function getRights(ctx: Context, api: RegistryApi): Promise<void> {
  const { id } = await known(ctx, api);
  const policy = await policyOf(api, id);
  ctx.body = actionsOf(policy).map((name) => {
    const subjects = policy.rules
      .filter((rule) => rule.effect === 'permit' && rule.actions.includes(name))
      .flatMap((rule) => rule.subjects);
    return {
      action: action(name),
      resource: resourceOf(id),
      subjects: subjects.map((all) => ({ subjectAttributes: all.map(subjectAttribute) })),
      rightKey: rightKey(id, name),
      subjectTypes: [
        ...new Set(subjects.flat().map((match) => subjectAttribute(match).type)),
      ].sort(),
    };
  });
}

async function getRightsV2(ctx: Context, api: RegistryApi): Promise<void> {
  const { id } = await known(ctx, api);
  ctx.body = actionsOf(await policyOf(api, id)).map((name) => ({
    key: rightKey(id, name),
    name,
    resource: resourceOf(id),
    action: action(name),
  }));
}

/** `["urn:altinn:rolecode:dagl", …]` → which resources each opens. */
async function postBySubjects(ctx: Context, { point }: RegistryApi): Promise<void> {
  const body = await readJson(ctx);
  if (!Array.isArray(body) || body.length > 1_000 || body.some((one) => typeof one !== 'string'))
    throw fault('TIL-00014');
  const catalogue = await currentCatalogue(point);
  const subjects = (body as string[]).map((subject) => {
    const written = parseSubject(subject);
    const code =
      written.kind === 'role' ? (catalogue.roleCode(written.value) ?? '') : written.value;
    return {
      subject,
      ...(code === 'privatperson'
        ? { kind: 'self', value: '' }
        : { kind: written.kind as string, value: code }),
    };
  });
  const found = await findResourcesOfMany(point.db, subjects);
  ctx.body = {
    data: subjects.map(({ subject, kind, value }) => ({
      subject,
      resources: (found.get(`${kind} ${value}`) ?? []).map((id) => ({
        type: RESOURCE_ID,
        value: id,
        urn: `${RESOURCE_ID}:${id}`,
      })),
    })),
    links: { next: null },
  };
}

function limitOf(ctx: Context): number {
  const limit = Number(queryParameter(ctx, 'limit') ?? 1_000);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw invalid('RR.VLD-00008', '$QUERY/limit');
  return limit;
}

const seal = (at: Date, key: string) =>
  Buffer.from(JSON.stringify([at.toISOString(), key])).toString('base64url');

function cursorOf(ctx: Context): { at: Date; key: string } | null {
  const token = queryParameter(ctx, 'token');
  if (token === undefined) return null;
  try {
    const [at, key] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as [
      string,
      string,
    ];
    const instant = new Date(at);
    if (typeof key === 'string' && !Number.isNaN(instant.getTime())) return { at: instant, key };
  } catch {
    // Told below.
  }
  throw invalid('RR.VLD-00009', '$QUERY/token');
}

async function getChanges(ctx: Context, { point, issuer }: RegistryApi): Promise<void> {
  const limit = limitOf(ctx);
  const cursor = cursorOf(ctx);
  const rows = await listChanges(point.db, cursor && { at: cursor.at, id: cursor.key }, limit);
  const last = rows.at(-1);
  ctx.body = {
    data: rows.map((row) => ({
      resourceId: row.id,
      changedAt: row.changedAt,
      changeId: seal(row.changedAt, row.id),
    })),
    links: {
      next:
        rows.length === limit
          ? `${issuer}${BASE}/resource/changes?${new URLSearchParams({ limit: String(limit), token: seal(last!.changedAt, last!.id) })}`
          : null,
    },
  };
}

async function getUpdated(ctx: Context, { point, issuer }: RegistryApi): Promise<void> {
  const limit = limitOf(ctx);
  const since = new Date(queryParameter(ctx, 'since')?.replace(' ', '+') ?? 0);
  if (Number.isNaN(since.getTime())) throw invalid('RR.VLD-00009', '$QUERY/since');
  const rows = await listUpdated(point.db, since, cursorOf(ctx), limit);
  const last = rows.at(-1);
  const query =
    last &&
    new URLSearchParams({
      since: since.toISOString(),
      limit: String(limit),
      token: seal(last.updatedAt, `${last.id} ${last.kind} ${last.subject}`),
    });
  ctx.body = {
    data: rows.map((row) => ({
      subjectUrn: urnOf({ kind: row.kind as SubjectMatch['kind'], value: row.subject }),
      resourceUrn: `${RESOURCE_ID}:${row.id}`,
      updatedAt: row.updatedAt,
      deleted: row.deleted,
    })),
    links: { next: rows.length === limit ? `${issuer}${BASE}/resource/updated?${query}` : null },
  };
}
