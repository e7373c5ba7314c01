// The resource registry as JSON: owners register resources, everybody reads them, and feeds say
// what changed. Policies are in policy/routes.ts.
import { everybody } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { text, Type } from '../../platform/http/shapes.ts';
import { currentCatalogue, type Knowing } from '../catalogue/catalogue.ts';
import { REGISTRY, owned, registered, writers, type RegistryApi } from './owner.ts';
import { parseSubject, RESOURCE_ID, type SubjectMatch } from '../policy/model.ts';
import { urnOf } from '../policy/routes.ts';
import { invalid } from '../problems.ts';
import { registerResource } from './register.ts';
import {
  endResource,
  findResourcesOfMany,
  listChanges,
  listRegistered,
  listUpdated,
  type RegistryRow,
} from './store.ts';
import * as shapes from '../shapes.ts';
import { asText, textOf } from '../../platform/as_text.ts';

const PATH = `${REGISTRY}/resource`;
const reading = {
  method: 'GET' as const,
  who: everybody,
  dialect: 'altinn' as const,
  limit: 'read' as const,
};
const writing = { dialect: 'altinn' as const, limit: 'write' as const, who: writers };
const id = { id: text(200) };
const ANSWER = { description: 'The resource', schema: shapes.Resource };

export function registryOperations(api: RegistryApi): Operation[] {
  return [
    ...feedOperations(api),
    operation(
      {
        ...reading,
        id: 'resource_list',
        paths: [`${PATH}/resourcelist`, `${PATH}/search`, `${PATH}/Search`, `${PATH}/export`],
        summary: 'Resources, all or those that a text is in',
        limit: 'search',
        query: {
          id: Type.Optional(Type.String({ maxLength: 200 })),
          title: Type.Optional(Type.String({ maxLength: 200 })),
          q: Type.Optional(Type.String({ maxLength: 200 })),
          resourceType: Type.Optional(text(50)),
        },
        answers: { 200: { description: 'Resources', schema: shapes.ResourceList } },
      },
      async ({ act, query }) => {
        const wanted = query.id ?? query.title ?? query.q ?? null;
        const rows = await listRegistered(act.db, query.resourceType ?? null, wanted);
        // A hidden resource is found by its id only.
        const shown = rows.filter((row) => row.content.visible !== false || row.id === query.id);
        return reply(shown.map(dto));
      },
    ),
    operation(
      {
        ...writing,
        id: 'resource_add',
        method: 'POST',
        paths: [PATH],
        summary: 'Register a resource',
        body: shapes.ResourceWritten,
        answers: { 201: ANSWER },
        errors: ['TIL-00006', 'TIL-00008', 'TIL-00030', 'TIL-00032'],
      },
      async ({ act, caller, body }) =>
        told(api.issuer, await registerResource(act, caller, body, undefined), 201),
    ),
    operation(
      {
        ...reading,
        id: 'resource_get',
        paths: [`${PATH}/:id`],
        summary: 'One resource',
        path: id,
        answers: { 200: ANSWER },
        errors: ['RR-00002'],
      },
      async ({ act, path }) => reply(dto(await registered(act, path.id))),
    ),
    operation(
      {
        ...writing,
        id: 'resource_put',
        method: 'PUT',
        paths: [`${PATH}/:id`],
        summary: 'Replace what is said of a resource; without rules it keeps its policy',
        path: id,
        body: shapes.ResourceWritten,
        answers: { 200: ANSWER },
        errors: ['RR-00002', 'TIL-00006', 'TIL-00008', 'TIL-00030', 'TIL-00032'],
      },
      async ({ act, caller, path, body }) => {
        const existing = await owned(act, caller, path.id);
        return told(api.issuer, await registerResource(act, caller, body, existing), 200);
      },
    ),
    operation(
      {
        ...writing,
        id: 'resource_end',
        method: 'DELETE',
        paths: [`${PATH}/:id`],
        summary: 'End a resource',
        path: id,
        answers: { 204: { description: 'It has ended' } },
        errors: ['RR-00002', 'TIL-00008'],
      },
      async ({ act, caller, path }) => {
        await endResource(act, (await owned(act, caller, path.id)).id);
        return nothing;
      },
    ),
    operation(
      {
        ...reading,
        id: 'resource_by_subjects',
        method: 'POST',
        paths: [`${PATH}/bysubjects`],
        summary: 'Which resources roles and access packages open',
        limit: 'search',
        body: shapes.subjectNames(),
        answers: { 200: { description: 'For each subject, once', schema: shapes.BySubjects } },
      },
      async ({ act, body }) => reply(await bySubjects(act, body)),
    ),
  ];
}

const told = (issuer: string, row: RegistryRow, status: number) =>
  reply(dto(row), status, { location: `${issuer}${PATH}/${row.id}` });

function feedOperations({ issuer }: RegistryApi): Operation[] {
  const next = (path: string, query: Record<string, string>) =>
    `${issuer}${PATH}/${path}?${new URLSearchParams(query)}`;
  return [
    operation(
      {
        ...reading,
        id: 'resource_changes',
        paths: [`${PATH}/changes`],
        summary: 'Resources in the order in which they last changed',
        query: shapes.feedQuery,
        answers: { 200: { description: 'Oldest first', schema: shapes.Changes } },
      },
      async ({ act, query: { limit, token } }) => {
        const cursor = cursorOf(token);
        const rows = await listChanges(act.db, cursor && { at: cursor.at, id: cursor.key }, limit);
        const last = rows.at(-1);
        const data = rows.map((row) => ({
          resourceId: row.id,
          changedAt: row.changedAt,
          changeId: seal(row.changedAt, row.id),
        }));
        const isWhole = rows.length < limit || !last;
        const from = { limit: asText(limit), token: last ? seal(last.changedAt, last.id) : '' };
        return reply({ data, links: { next: isWhole ? null : next('changes', from) } });
      },
    ),
    operation(
      {
        ...reading,
        id: 'resource_updated',
        paths: [`${PATH}/updated`],
        summary: 'Which subjects open which resources, in the order in which that last changed',
        query: { ...shapes.feedQuery, since: shapes.since() },
        answers: { 200: { description: 'Oldest first', schema: shapes.Updates } },
      },
      async ({ act, query: { limit, token, since } }) => {
        const start = new Date(since ?? 0);
        const rows = await listUpdated(act.db, start, cursorOf(token), limit);
        const last = rows.at(-1);
        const data = rows.map((row) => ({
          subjectUrn: urnOf({ kind: row.kind as SubjectMatch['kind'], value: row.subject }),
          resourceUrn: `${RESOURCE_ID}:${row.id}`,
          updatedAt: row.updatedAt,
          deleted: row.deleted,
        }));
        if (rows.length < limit || !last) return reply({ data, links: { next: null } });
        const at = seal(last.updatedAt, `${last.id} ${last.kind} ${last.subject}`);
        const from = { since: start.toISOString(), limit: asText(limit), token: at };
        return reply({ data, links: { next: next('updated', from) } });
      },
    ),
  ];
}

function dto(row: RegistryRow) {
  const { metadata, attributes, linkHosts: _hosts, minimumLevel, ...shared } = row.content;
  const { organizationNo, name } = row.owner;
  return {
    identifier: row.id,
    version: asText(row.version),
    versionId: row.version,
    resourceType: row.type,
    ...shared,
    ...metadata,
    attributes: Object.fromEntries(
      Object.entries(attributes ?? {}).map(([key, values]) => [key, values[0]]),
    ),
    minimumLevel: row.policyLevel ?? minimumLevel,
    hasCompetentAuthority: {
      organization: organizationNo,
      orgcode: organizationNo,
      name: { nb: name, nn: name, en: name },
    },
    accessListMode: row.accessListMode ? 'Enabled' : 'Disabled',
    changedAt: row.changedAt,
  };
}

/** `["urn:altinn:rolecode:dagl", …]` → which resources each opens. */
async function bySubjects(act: Knowing, names: string[]) {
  const catalogue = await currentCatalogue(act);
  // Each thing once, by the name that it was asked by first.
  const each = new Map<string, { subject: string; kind: string; value: string }>();
  for (const subject of names) {
    const { kind, value } = parseSubject(subject);
    const code = kind === 'role' ? (catalogue.roleCode(value) ?? '') : value;
    const isSelf = code === 'privatperson';
    const one = { subject, kind: isSelf ? 'self' : kind, value: isSelf ? '' : code };
    const key = `${one.kind} ${one.value}`;
    if (!each.has(key)) each.set(key, one);
  }
  const asked = [...each.values()];
  const found = await findResourcesOfMany(act.db, asked);
  const data = asked.map(({ subject, kind, value }) => ({
    subject,
    resources: (found.get(`${kind} ${value}`) ?? []).map((one) => ({
      type: RESOURCE_ID,
      value: one,
      urn: `${RESOURCE_ID}:${one}`,
    })),
  }));
  return { data, links: { next: null } };
}

const seal = (at: Date, key: string) =>
  Buffer.from(JSON.stringify([at.toISOString(), key])).toString('base64url');

function cursorOf(token: string | undefined): { at: Date; key: string } | null {
  if (token === undefined) return null;
  try {
    const [at, key] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[];
    const instant = new Date(textOf(at) ?? '');
    const isOurs = typeof key === 'string' && !key.includes('\0');
    if (isOurs && !Number.isNaN(instant.getTime())) return { at: instant, key };
  } catch {
    // Answered below.
  }
  throw invalid('RR.VLD-00009', '$QUERY/token');
}
