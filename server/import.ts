// The outside world from files: `npm run import -- FILE…`. Reads, checks what a schema cannot, and calls each noun's
// store in one transaction a file: all of it or nothing, and the same again when repeated.
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originOf } from './consent/redirect.ts';
import { inChunks, putConsents, type Refuse, type Step } from './import_consents.ts';
import { ImportFault, readImport, type Entry, type Records } from './import_read.ts';
import { importRegisterRoles } from './mandate/store.ts';
import { importClients } from './oidc/store.ts';
import { isOrganizationNumber, isPersonNumber } from './party/model.ts';
import { identifyParties, importParties, importRoles, existingPartyIds, listRoles } from './party/store.ts';
import { clock } from './platform/clock.ts';
import { migrate, openDatabase, query, transaction, type Db, type Statement } from './platform/db.ts';
import { readEnv, type Env } from './platform/env.ts';
import { canonicalJson, isUuid, sha256, uuidDerived } from './platform/ids.ts';
import { createSeal, type Seal } from './platform/seal.ts';
import {
  importAccessLists, importOrigins, importResources, importResourceServers, importScopes, importTemplates,
} from './resource/import_store.ts';
import { markdownFaults } from './resource/markdown.ts';
import { findTemplate } from './resource/store.ts';


/** Loads one file. Answers with how many records it held; throws ImportFault and changes nothing when any is wrong. */
export async function importFile(db: Db, file: string, env: Env): Promise<number> {
  const records = readImport(file);
  const faults: { line: number; why: string }[] = [];
  const refuse: Refuse = (entry, why) => void faults.push({ line: entry.line, why });
  const stop = () => { if (faults.length) throw new ImportFault(file, faults); };
  const now = clock.now();
  await transaction(db, async (trx) => {
    await trx.raw('set local statement_timeout = 0');
    await inChunks(records.role, (rows) => importRoles(trx, rows));
    await putParties(trx, records.party, refuse, () => faults.length === 0);
    stop();
    const known = await partyNames(trx, records);
    const step: Step = {
      db: trx, refuse, now, clean: () => faults.length === 0, seal: createSeal(env.secret),
      party: (name, entry) => {
        const id = name && known.get(name.toLowerCase());
        if (!id) refuse(entry, `the party ${name ?? ''} is not known`);
        return id || '';
      },
    };
    await putRoleHolders(step, records.roleHolder);
    stop();
    await putCatalogue(step, records);
    stop();
    await putOAuth(step, records);
    stop();
    await putConsents(step, records.consentRequest);
    stop();
  });
  return Object.values(records).reduce((sum, list) => sum + list.length, 0);
}

async function putParties(db: Db, entries: Entry[], refuse: Refuse, clean: () => boolean): Promise<void> {
  const existing = await identifyParties(db, entries.map((entry) => entry.number));
  const seen = new Set<string>();
  const rows = entries.map((entry) => {
    const person = entry.kind === 'person';
    const fits = person ? isPersonNumber(entry.number) : isOrganizationNumber(entry.number);
    if (!fits) refuse(entry, `party: the control digits of ${person ? 'the national identity number' : entry.number} are wrong`);
    if (seen.has(entry.number)) refuse(entry, 'party: the number is in the file twice');
    seen.add(entry.number);
    const known = existing.get(entry.number);
    if (known && entry.id && known !== entry.id.toLowerCase()) refuse(entry, 'party: the number belongs to another party');
    if (entry.kind === 'subunit' && !entry.parent) refuse(entry, 'party: a sub-unit needs its parent');
    return {
      line: entry.line, id: entry.id ?? known ?? uuidDerived(`party ${entry.number}`), kind: entry.kind, name: entry.name,
      partyId: entry.partyId, userId: entry.userId, unitType: entry.unitType, endedAt: entry.endedAt, parent: entry.parent,
      ...(person ? { personNo: entry.number } : { organizationNo: entry.number }),
    };
  });
  if (!clean()) return;
  await inChunks(rows, (chunk) => importParties(db, chunk));
  const parents = await identifyParties(db, entries.flatMap((entry) => entry.parent ?? []));
  for (const entry of entries) if (entry.parent && !parents.has(entry.parent)) refuse(entry, `party: the parent ${entry.parent} is not known`);
}

/** Every party that the file names, by number or UUID. */
async function partyNames(db: Db, records: Records): Promise<Map<string, string>> {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') {
      if (/^(\d{9}|\d{11})$/.test(value) || isUuid(value)) names.add(value.toLowerCase());
    } else if (Array.isArray(value)) value.forEach(collect);
    else if (value && typeof value === 'object') Object.values(value).forEach(collect);
  };
  const { party: _parties, template: _templates, ...rest } = records;
  Object.values(rest).forEach((list) => list.forEach((entry) => collect({ ...entry, jwks: undefined, metadata: undefined })));
  const numbers = [...names].filter((name) => !isUuid(name));
  const found = new Map<string, string>();
  await inChunks(numbers, async (chunk) => {
    for (const [key, id] of await identifyParties(db, chunk)) found.set(key, id);
  });
  await inChunks([...names].filter(isUuid), async (chunk) => {
    for (const id of await existingPartyIds(db, chunk)) found.set(id, id);
  });
  return found;
}

async function putRoleHolders({ db, refuse, now, party }: Step, entries: Entry[]): Promise<void> {
  const codes = new Set((await listRoles(db)).map((role) => role.code));
  const seen = new Set<string>();
  const rows = entries.flatMap((entry) => {
    if (!codes.has(entry.role)) refuse(entry, `roleHolder: the role ${entry.role} is not known`);
    const row = {
      from: party(entry.from, entry), to: party(entry.to, entry), role: entry.role,
      validFrom: entry.validFrom, validTo: entry.validTo, endedAt: entry.endedAt,
    };
    const key = `${row.from} ${row.to} ${row.role}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [row];
  }).filter((row) => row.from && row.to && codes.has(row.role));
  await inChunks(rows, (chunk) => importRegisterRoles(db, chunk, now));
}

async function putCatalogue(step: Step, records: Records): Promise<void> {
  const { db, party, now } = step;
  await inChunks(records.template, (chunk) => importTemplates(db, chunk.map(({ id, version, isPoa, isMessageSetInRequest, texts, restrictedToServiceOwners }) => ({
    id, version, content: {
      isPoa, isMessageSetInRequest, restrictedToServiceOwners: restrictedToServiceOwners ?? null,
      texts: { overriddenDelegationContext: null, ...texts },
    },
  }))));
  const lists = records.accessList.map((entry) => ({
    id: entry.id, owner: party(entry.owner, entry), name: entry.name,
    members: entry.members.map((member: string) => party(member, entry)),
  }));
  if (step.clean()) await inChunks(lists, (chunk) => importAccessLists(db, chunk));
  const codes = new Set((await listRoles(db)).map((role) => role.code));
  const resources = [];
  for (const entry of records.resource) resources.push(await toResource(step, entry, codes));
  if (step.clean()) await inChunks(resources, (chunk) => importResources(db, chunk, now));
}

async function toResource({ db, refuse, party }: Step, entry: Entry, codes: Set<string>) {
  const fields = Object.fromEntries(Object.entries((entry.consentMetadata ?? {}) as Record<string, any>)
    .map(([key, field]) => [key, { type: 'text', optional: false, ...field }]));
  const linkHosts: string[] = entry.linkHosts ?? [];
  if (entry.resourceType === 'Consent') {
    const template = entry.consentTemplate ? await findTemplate(db, entry.consentTemplate) : undefined;
    if (!template) refuse(entry, `resource ${entry.identifier}: ${entry.consentTemplate ? `the template ${entry.consentTemplate} is not known` : 'consentTemplate is required'}`);
    if (!entry.consentText) refuse(entry, `resource ${entry.identifier}: a consent resource needs consentText in nb and nn`);
    const owners = template?.restrictedToServiceOwners;
    if (owners && !owners.includes(entry.owner)) refuse(entry, `resource ${entry.identifier}: the template ${template.id} is not for this owner`);
  }
  for (const [language, text] of Object.entries((entry.consentText ?? {}) as Record<string, string>)) {
    for (const why of markdownFaults(text, Object.keys(fields), linkHosts)) {
      refuse(entry, `resource ${entry.identifier}: consentText.${language} ${why}`);
    }
  }
  const rules = (entry.rules as { action: string; subjects: string[] }[]).flatMap(({ action, subjects }) =>
    subjects.map((subject) => {
      const rule = toRule(subject);
      if (rule.kind === 'role' && !codes.has(rule.subject)) refuse(entry, `resource ${entry.identifier}: the role ${subject} is not known`);
      return { action, ...rule };
    }));
  const content = {
    title: entry.title, consentText: entry.consentText, consentTemplate: entry.consentTemplate, consentMetadata: fields,
    isOneTimeConsent: entry.isOneTimeConsent ?? false, maxValidityDays: entry.maxValidityDays, howOften: entry.howOften,
    ifNo: entry.ifNo, ifWithdrawn: entry.ifWithdrawn, linkHosts,
    minimumLevel: { person: 0, organization: 0, ...entry.minimumLevel },
  };
  return { id: entry.identifier, owner: party(entry.owner, entry), type: entry.resourceType, hash: sha256(canonicalJson(content)), content, rules };
}

/** privatperson, keyrole, organization, accesslist:<id>, or a role's code (contract/settled.md, who may approve). */
function toRule(subject: string): { kind: string; subject: string } {
  if (subject === 'privatperson') return { kind: 'self', subject: '' };
  if (subject === 'keyrole') return { kind: 'key_role', subject: '' };
  if (subject === 'organization') return { kind: 'organization', subject: '' };
  if (subject.startsWith('accesslist:')) return { kind: 'access_list', subject: subject.slice('accesslist:'.length) };
  return { kind: 'role', subject };
}

async function putOAuth({ db, seal, party, refuse, clean }: Step, records: Records): Promise<void> {
  const scopes = records.scope.map((entry) => ({
    name: entry.name, owner: party(entry.owner, entry), lifetime: entry.tokenLifetimeSeconds,
    holders: [
      ...(entry.holders ?? []).map((holder: string) => ({ party: party(holder, entry), consumer: null })),
      ...(entry.delegations ?? []).map((row: { supplier: string; consumer: string }) =>
        ({ party: party(row.supplier, entry), consumer: party(row.consumer, entry) })),
    ],
  }));
  const servers = records.resourceServer.map((entry) => ({
    identifier: entry.identifier, owner: party(entry.owner, entry), scopes: entry.scopes, alg: entry.signingAlg ?? 'RS256',
  }));
  const origins = records.consentOrigin.map((entry) => ({
    party: party(entry.organization, entry), origins: entry.origins.map((origin: string) => originOf(new URL(origin))),
  }));
  const clients = records.client.map((entry) => toClient(entry, seal, entry['x-org'] ? party(entry['x-org'], entry) : null, refuse));
  const twice = (entries: Entry[], key: string) => entries.forEach((entry, index) => {
    if (entries.findIndex((other) => other[key] === entry[key]) !== index) refuse(entry, `${key} ${entry[key]} is in the file twice`);
  });
  twice(records.client, 'client_id');
  twice(records.scope, 'name');
  twice(records.resourceServer, 'identifier');
  if (!clean()) return;
  await inChunks(scopes, (chunk) => importScopes(db, chunk));
  await inChunks(servers, (chunk) => importResourceServers(db, chunk));
  await inChunks(origins, (chunk) => importOrigins(db, chunk));
  await inChunks(clients, (chunk) => importClients(db, chunk));
}

/** The metadata as given, the secret as a keyed digest: what is in the database lets nobody in. */
function toClient(entry: Entry, seal: Seal, owner: string | null, refuse: Refuse) {
  const { line: _line, client_secret: secret, ...metadata } = entry;
  const keys = (metadata.jwks?.keys ?? []) as Record<string, unknown>[];
  if (keys.some((key) => key.d !== undefined || key.k !== undefined)) refuse(entry, `client ${entry.client_id}: jwks holds a private key`);
  return {
    client_id: entry.client_id, owner,
    metadata: secret ? { ...metadata, client_secret: seal.digest('client_secret', secret) } : metadata,
  };
}

const seeded: Statement = { name: 'seeded_file', text: 'select from seeded_file where seeded_file.path = $1' };
const markSeeded: Statement = { name: 'mark_seeded', text: 'insert into seeded_file (path, loaded_at) values ($1, $2) on conflict do nothing' };

/** Loads the files and folders of SEED, each file once in a database's life. */
export async function seed(db: Db, env: Env): Promise<void> {
  const root = new URL('..', import.meta.url).pathname;
  for (const path of env.seed.map((entry) => join(root, entry))) {
    const files = statSync(path).isDirectory()
      ? readdirSync(path).filter((name) => /\.(json|jsonl)$/.test(name)).sort().map((name) => join(path, name)) : [path];
    for (const file of files) {
      const name = relative(root, file);
      if ((await query(db, seeded, [name])).length) continue;
      await importFile(db, file, env);
      await query(db, markSeeded, [name, clock.now()]);
    }
  }
}

async function main(files: string[]): Promise<void> {
  const env = readEnv();
  if (!files.length) throw new Error('usage: npm run import -- FILE…   (JSON, or JSON Lines for bulk: server/import.schema.json)');
  const database = await openDatabase(env);
  try {
    await migrate(database.db);
    for (const file of files) {
      const started = performance.now();
      const count = await importFile(database.db, file, env);
      console.log(`${file}: ${count} records in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
  } finally {
    await database.close();
  }
}

// The launcher puts the entry where Node.js itself would.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
