// The outside world from files: `npm run import -- FILE…`. Reads, checks what a schema cannot, and
// calls each noun's store in one transaction a file: all of it or nothing, and the same again when
// repeated.
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originOf } from '../consent/redirect.ts';
import { inChunks, putConsents, type Refuse, type Step } from './consents.ts';
import { ImportFault, readImport, type Entry, type Records } from './read.ts';
import { putCatalogue, putMandates, putQualifications, putResources } from './rights.ts';
import { importRegisterRoles } from '../mandate/store.ts';
import { closedGrants } from '../oidc/clients.ts';
import { importClients } from '../oidc/store.ts';
import { isOrganizationNumber, isPersonNumber } from '../party/model.ts';
import { identifyParties, importParties, existingPartyIds, listRoles } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import {
  migrate,
  openDatabase,
  query,
  transaction,
  type Db,
  type Statement,
} from '../platform/db.ts';
import { readEnv, type Env } from '../platform/env.ts';
import { isUuid } from '../platform/ids.ts';
import { createSeal, type Seal } from '../platform/seal.ts';
import { createKnowledge } from '../resource/catalogue.ts';
import { importOrigins, importResourceServers, importScopes } from '../resource/import_store.ts';

const IMPORT_LOCK = 727_275;

/**
 * Loads one file. Answers with how many records it held; throws ImportFault and changes nothing
 * when any is wrong.
 */
export async function importFile(
  db: Db,
  file: string,
  env: Env,
  edit?: (text: string) => string,
): Promise<number> {
  const records = readImport(file, edit);
  const faults: { line: number; why: string }[] = [];
  const refuse: Refuse = (entry, why) => void faults.push({ line: entry.line, why });
  const stop = () => {
    if (faults.length) throw new ImportFault(file, faults);
  };
  const now = clock.now();
  await transaction(db, async (trx) => {
    await trx.raw('set local statement_timeout = 0');
    // One at a time, on every node: a party that two files bring is one party.
    await trx.raw('select pg_advisory_xact_lock(?)', [IMPORT_LOCK]);
    await putCatalogue(trx, records, refuse, () => faults.length === 0);
    stop();
    await putParties(trx, records.party, refuse, () => faults.length === 0);
    stop();
    const known = await partyNames(trx, records);
    const step: Step = {
      db: trx,
      known: { db: trx, knowledge: createKnowledge() },
      refuse,
      now,
      clean: () => faults.length === 0,
      seal: createSeal(env.secret),
      party: (name, entry) => {
        const id = name && known.get(name.toLowerCase());
        if (!id) refuse(entry, `the party ${name ?? ''} is not known`);
        return id || '';
      },
    };
    await putRoleHolders(step, records.roleHolder);
    await putQualifications(step, records.qualification);
    stop();
    await putResources(step, records);
    stop();
    await putMandates(step, records);
    stop();
    await putOAuth(step, records);
    stop();
    await putConsents(step, records.consentRequest);
    stop();
  });
  return Object.values(records).reduce((sum, list) => sum + list.length, 0);
}

async function putParties(
  db: Db,
  entries: Entry[],
  refuse: Refuse,
  clean: () => boolean,
): Promise<void> {
  const keyOf = (entry: Entry): string => entry.number ?? entry.username ?? entry.id ?? '';
  const existing = await identifyParties(db, entries.map(keyOf));
  const seen = new Set<string>();
  const rows = entries.map((entry) => {
    const why = partyFault(entry);
    if (why) refuse(entry, `party: ${why}`);
    const key = keyOf(entry);
    if (seen.has(key)) refuse(entry, 'party: the number is in the file twice');
    seen.add(key);
    const known = existing.get(key);
    if (known && entry.id && known !== entry.id.toLowerCase())
      refuse(entry, 'party: the number belongs to another party');
    const { number: _number, owner: _owner, ...fields } = entry;
    return {
      ...fields,
      line: entry.line,
      id: entry.id ?? known ?? randomUUID(),
      kind: entry.kind,
      name: entry.name,
      ...(entry.kind === 'person' ? { personNo: entry.number } : { organizationNo: entry.number }),
    };
  });
  if (!clean()) return;
  // An owner must be there before what it owns.
  const owners = await identifyParties(
    db,
    entries.flatMap((entry) => entry.owner ?? []),
  );
  const own = new Map(
    rows.flatMap((row) =>
      'organizationNo' in row && row.organizationNo
        ? [[row.organizationNo as string, row.id] as const]
        : [],
    ),
  );
  const owned = rows.map((row, index) => {
    const number = entries[index]!.owner as string | undefined;
    const owner = number && (own.get(number) ?? owners.get(number));
    if (number && !owner) refuse(entries[index]!, `party: the owner ${number} is not known`);
    return owner ? { ...row, owner } : row;
  });
  if (!clean()) return;
  await inChunks(
    owned.filter((row) => row.kind !== 'system_user'),
    (chunk) => importParties(db, chunk),
  );
  await inChunks(
    owned.filter((row) => row.kind === 'system_user'),
    (chunk) => importParties(db, chunk),
  );
  const parents = await identifyParties(
    db,
    entries.flatMap((entry) => entry.parent ?? []),
  );
  for (const entry of entries)
    if (entry.parent && !parents.has(entry.parent))
      refuse(entry, `party: the parent ${entry.parent} is not known`);
}

/** Each kind has its own name: a number with control digits, a user name, or a system. */
function partyFault(entry: Entry): string | undefined {
  const { kind, number } = entry;
  const numbered = ['person', 'organization', 'subunit'].includes(kind);
  if (numbered && number === undefined) return 'number is required';
  if (!numbered && number !== undefined) return `a ${kind} has no number`;
  if (kind === 'person' && !isPersonNumber(number))
    return 'the control digits of the national identity number are wrong';
  if (numbered && kind !== 'person' && !isOrganizationNumber(number))
    return `the control digits of ${number} are wrong`;
  if (kind === 'subunit' && !entry.parent) return 'a sub-unit needs its parent';
  if ((kind === 'self_identified') !== (entry.username !== undefined))
    return 'username is for a self-identified user, which needs one';
  const system = [entry.owner, entry.systemId, entry.systemKind];
  if (
    kind === 'system_user'
      ? system.includes(undefined) || !entry.id
      : system.some((value) => value !== undefined)
  ) {
    return 'id, owner, systemId and systemKind are for a system user, which needs all of them';
  }
  return undefined;
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
  const {
    party: _parties,
    template: _templates,
    source: _sources,
    role: _roles,
    area: _areas,
    package: _packages,
    ...rest
  } = records;
  Object.values(rest).forEach((list) =>
    list.forEach((entry) => collect({ ...entry, jwks: undefined, metadata: undefined })),
  );
  // Self-identified users have a name only; it may stand wherever a person may.
  for (const entry of [
    ...records.accessList,
    ...records.mandate,
    ...records.qualification,
    ...records.roleHolder,
  ]) {
    for (const name of [entry.from, entry.to, entry.party, ...(entry.members ?? [])])
      if (name) names.add(name.toLowerCase());
  }
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
  const rows = entries
    .flatMap((entry) => {
      if (!codes.has(entry.role)) refuse(entry, `roleHolder: the role ${entry.role} is not known`);
      const row = {
        from: party(entry.from, entry),
        to: party(entry.to, entry),
        role: entry.role,
        validFrom: entry.validFrom,
        validTo: entry.validTo,
        endedAt: entry.endedAt,
      };
      const key = `${row.from} ${row.to} ${row.role}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [row];
    })
    .filter((row) => row.from && row.to && codes.has(row.role));
  await inChunks(rows, (chunk) => importRegisterRoles(db, chunk, now));
}

async function putOAuth({ db, seal, party, refuse, clean }: Step, records: Records): Promise<void> {
  const scopes = records.scope.map((entry) => ({
    name: entry.name,
    owner: party(entry.owner, entry),
    lifetime: entry.tokenLifetimeSeconds,
    holders: [
      ...(entry.holders ?? []).map((holder: string) => ({
        party: party(holder, entry),
        consumer: null,
      })),
      ...(entry.delegations ?? []).map((row: { supplier: string; consumer: string }) => ({
        party: party(row.supplier, entry),
        consumer: party(row.consumer, entry),
      })),
    ],
  }));
  const servers = records.resourceServer.map((entry) => ({
    identifier: entry.identifier,
    owner: party(entry.owner, entry),
    scopes: entry.scopes,
    alg: entry.signingAlg ?? 'RS256',
  }));
  const origins = records.consentOrigin.map((entry) => ({
    party: party(entry.organization, entry),
    origins: entry.origins.map((origin: string) => originOf(new URL(origin))),
  }));
  const clients = records.client.map((entry) =>
    toClient(entry, seal, entry['x-org'] ? party(entry['x-org'], entry) : null, refuse),
  );
  const twice = (entries: Entry[], key: string) =>
    entries.forEach((entry, index) => {
      if (entries.findIndex((other) => other[key] === entry[key]) !== index)
        refuse(entry, `${key} ${entry[key]} is in the file twice`);
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
  if (keys.some((key) => key.d !== undefined || key.k !== undefined))
    refuse(entry, `client ${entry.client_id}: jwks holds a private key`);
  const closed = closedGrants(metadata);
  if (closed.length)
    refuse(
      entry,
      `client ${entry.client_id}: token_endpoint_auth_method none does not go with ${closed.join(', ')}, which only an authenticated client may use`,
    );
  return {
    client_id: entry.client_id,
    owner,
    metadata: secret
      ? { ...metadata, client_secret: seal.digest('client_secret', secret) }
      : metadata,
  };
}

const seeded: Statement = {
  name: 'seeded_file',
  text: 'select from seeded_file where seeded_file.path = $1',
};
const markSeeded: Statement = {
  name: 'mark_seeded',
  text: 'insert into seeded_file (path, loaded_at) values ($1, $2) on conflict do nothing',
};

/** The demo's bank is beside its eID, on whichever port that is. */
function atPort(env: Env): (text: string) => string {
  const { protocol, hostname, port } = new URL(env.eid.issuer);
  return (text) =>
    text.replaceAll('http://127.0.0.1:3002', `${protocol}//${hostname}:${Number(port) + 1}`);
}

/** Loads the files and folders of SEED, each file once in a database's life. */
export async function seed(db: Db, env: Env): Promise<void> {
  const root = new URL('../..', import.meta.url).pathname;
  for (const path of env.seed.map((entry) => join(root, entry))) {
    const files = statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => /\.(json|jsonl)$/.test(name))
          .sort()
          .map((name) => join(path, name))
      : [path];
    for (const file of files) {
      const name = relative(root, file);
      if ((await query(db, seeded, [name])).length) continue;
      await importFile(db, file, env, env.demo ? atPort(env) : undefined);
      await query(db, markSeeded, [name, clock.now()]);
    }
  }
}

async function main(files: string[]): Promise<void> {
  const env = readEnv();
  if (!files.length)
    throw new Error(
      'usage: npm run import -- FILE…   (JSON, or JSON Lines for bulk: server/import/import.schema.json)',
    );
  const database = await openDatabase(env);
  try {
    await migrate(database.db);
    for (const file of files) {
      const started = performance.now();
      const count = await importFile(database.db, file, env);
      console.log(
        `${file}: ${count} records in ${((performance.now() - started) / 1000).toFixed(1)} s`,
      );
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
