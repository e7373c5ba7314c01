// One server a run, reached as the outside reaches it: over HTTP, with tokens of a trusted outside
// issuer, with logins at the stand-in eID, and with parties of a test's own that come in through
// the import.
import { migrate } from '../../server/platform/db/migrate.ts';
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { workOf, type Work } from './run/jobs.ts';
import { createApp, type App } from '../../server/app.ts';
import { importFile } from '../../server/import/commands.ts';
import { createClientCheck, type ClientCheck } from '../../server/oidc/client/check.ts';
import { clock } from '../../server/platform/clock.ts';
import { openDatabase, openUnlimited, type Database } from '../../server/platform/db/db.ts';
import { readEnv, type Env } from '../../server/platform/env/env.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createMetrics, watchStatements, type Metrics } from '../../server/platform/metrics.ts';
import { createEid } from '../../clients/eid/app.ts';
import { createTaxApi } from '../../clients/tax-api/app.ts';
import { createRegisters, type Registers } from '../../clients/registers/app.ts';
import { Bank } from '../../clients/bank/app.ts';
import { organizationNumber, personNumber } from './numbers.ts';
import { freePort } from './run/ports.ts';

export { freePort };

export const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

export interface World {
  env: Env;
  database: Database;
  /** The connection on which tests import. */
  importing: Database['db'];
  clientFault: ClientCheck;
  app: App;
  work: Work;
  url: string;
  bankUrl: string;
  taxUrl: string;
  bank: Bank;
  logs: string[];
  metrics: Metrics;
  /** The stand-ins for the registers. */
  registers: Registers;
  stop(): Promise<void>;
}

const realNow = clock.now;
/** The outside issuer's keys. It signs by the first, which takes a tenth of the other's time. */
const outsideKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const outsideRsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** The organisation whose searches a law exempts from being shown. */
export const exemptNumber = organizationNumber();
/** The numbers of three on the support staff, of whom a test makes persons. */
export const staffNumbers = [personNumber(), personNumber(), personNumber()] as const;
export let outsideIssuer = '';
export let world: World;

const listen = (server: Server, port = 0): Promise<number> =>
  new Promise((ready, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
  });
const close = (server: Server) =>
  new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });

export async function startWorld(): Promise<World> {
  const keys = [outsideKey, outsideRsaKey].map(({ publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid: kidOf(publicKey),
    alg: algorithmOf(publicKey),
    use: 'sig',
  }));
  const outside = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  outsideIssuer = `http://127.0.0.1:${await listen(outside)}/`;
  const [port, eidPort, bankPort, taxPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const registers = createRegisters({ parties: [], roleHolders: [] });
  const registerServer = createServer(registers.app.callback());
  const registerUrl = `http://127.0.0.1:${await listen(registerServer)}`;
  const url = `http://127.0.0.1:${port}`;
  const databaseUrl = process.env.TEST_DATABASE_URL;
  const env = readEnv({
    NODE_ENV: 'test',
    PORT: String(port),
    ISSUER: url,
    EID_ISSUER: `http://127.0.0.1:${eidPort}`,
    LOG_LEVEL: 'debug',
    SSF: 'true',
    WEBHOOKS: 'true',
    STATUS_LIST: 'true',
    // Tests of what is sent have a node of their own (outbox.ts).
    NOTIFY: 'true',
    CONTACT_REGISTER: JSON.stringify({ url: `${registerUrl}/kontakt` }),
    SMS_URL: `${registerUrl}/sms`,
    DATA_DIR: 'memory:',
    LOG_CHECKPOINTS: mkdtempSync(join(tmpdir(), 'tillit-checkpoints-')),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    EVENT_PAGE_SIZE: '3',
    EVENT_MINIMUM_AGE: '0',
    SECURITY_CONTACT: 'mailto:security@tillit.example',
    SUPPORT_STAFF: staffNumbers.join(),
    EXEMPT_SEARCHES: `${exemptNumber}=straffeprosessloven § 216`,
    REGISTERS: JSON.stringify([
      {
        source: 'enhetsregisteret',
        url: `${registerUrl}/enhetsregisteret/api`,
        signingUrl: `${registerUrl}/fullmakt`,
        auth: { token: 't' },
        comparePerSecond: 5_000,
      },
      {
        source: 'folkeregisteret',
        url: `${registerUrl}/folkeregisteret/api`,
        auth: { token: 't' },
        comparePerSecond: 5_000,
      },
      ...['vergemal', 'advokatregisteret', 'aa-registeret'].map((source) => ({
        source,
        url: `${registerUrl}/${source}`,
        comparePerSecond: 5_000,
      })),
      { source: 'helse', url: `${registerUrl}/helse`, live: true },
    ]),
    TRUSTED_ISSUERS: JSON.stringify([
      {
        issuer: outsideIssuer,
        jwksUri: `${outsideIssuer}jwks`,
        scopes: ['altinn:*', 'ssf.*'],
        claims: ['organization', 'person'],
      },
    ]),
  });
  const metrics = createMetrics();
  const database = await openDatabase(env, watchStatements(metrics));
  // A copy of a database in which such a world was started before has all but this one's ports.
  const isCopy = process.env.TEST_DATABASE_IS_COPY === '1';
  if (!isCopy) await migrate(database.db);
  const oauth = read('clients/world/3-oauth.json');
  const bankUrl = `http://127.0.0.1:${bankPort}`;
  const [consents, ...files] = [
    'clients/world/4-consents',
    'deploy/base/1-catalogue',
    'clients/world/1-people',
    'deploy/base/2-templates',
    'deploy/base/3-administration',
    'clients/world/2-catalogue',
    'clients/world/5-rights',
  ].map((name) => new URL(`../../${name}.json`, import.meta.url).pathname);
  if (!isCopy) for (const file of files) await importFile(database.db, file, env);
  // The demo's clients with this run's ports.
  const importing = openUnlimited(database.db);
  const clientFault = createClientCheck(env.issuer);
  await importDocument(
    { env, importing, clientFault },
    JSON.parse(JSON.stringify(oauth).replaceAll('http://127.0.0.1:3002', bankUrl)),
  );
  if (!isCopy) await importFile(database.db, consents!, env);
  const logs: string[] = [];
  const app = await createApp({
    env,
    database,
    log: createLogger('debug', (line) => logs.push(line)),
    metrics,
  });
  const server = createServer(app.handler);
  await listen(server, port);
  const people = read('clients/world/1-people.json').parties.filter(
    (party: { kind: string }) => party.kind === 'person',
  );
  const eid = createEid({
    issuer: env.eid.issuer,
    people,
    client: {
      id: 'tillit',
      secret: env.eid.clientSecret!,
      redirectUri: `${url}/login/callback`,
      postLogoutRedirectUri: `${url}/logged-out`,
    },
  });
  await listen(eid, eidPort);
  const taxUrl = `http://127.0.0.1:${taxPort}`;
  const tax = createServer(
    createTaxApi({
      issuer: url,
      clientId: 'testskatt-api',
      key: read('clients/tax-api/key.json'),
      resource: 'inntekt',
      scope: 'testskatt:inntekt',
    }).callback(),
  );
  await listen(tax, taxPort);
  const bank = new Bank({
    issuer: url,
    url: bankUrl,
    taxApi: taxUrl,
    machineClientId: 'eksempelbanken',
    webClientId: 'eksempelbanken-nett',
    organizationNo: numberOf('Eksempelbanken AS'),
    key: read('clients/bank/key.json'),
    resource: 'inntekt',
    scope: 'testskatt:inntekt',
  });
  const bankServer = createServer(bank.app(people).callback());
  await listen(bankServer, bankPort);
  world = {
    env,
    database,
    importing,
    clientFault,
    app,
    work: workOf(app),
    url,
    bankUrl,
    taxUrl,
    bank,
    logs,
    metrics,
    registers,
    stop: async () => {
      for (const running of [server, eid, tax, bankServer, outside, registerServer])
        await close(running);
      await app.settle();
      if (importing !== database.db) await importing.destroy();
      await database.close();
    },
  };
  return world;
}

/** The number of a party of the demo world. */
export function numberOf(name: string): string {
  return read('clients/world/1-people.json').parties.find(
    (party: { name: string }) => party.name === name,
  ).number;
}

const folder = mkdtempSync(join(tmpdir(), 'tillit-test-'));

type Importing = Pick<World, 'env' | 'importing' | 'clientFault'>;

async function importDocument(
  { env, importing, clientFault }: Importing,
  document: object,
): Promise<void> {
  const file = join(folder, `${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify({ tillit: 1, ...document }));
  await importFile(importing, file, env, { clientFault });
}

/** Imports a document as an operator would, on one connection for them all. */
export const importThis = (document: object) => importDocument(world, document);

export interface TestParty {
  id: string;
  number: string;
  name: string;
  urn: string;
}

/** A person or an organisation that nobody has imported yet. */
export const unborn = (
  kind: 'person' | 'organization',
  name: string,
  number = kind === 'person' ? personNumber() : organizationNumber(),
): TestParty => ({
  id: randomUUID(),
  number,
  name,
  urn: `urn:altinn:${kind}:identifier-no:${number}`,
});

/** A party as an import has it. */
export const asImported = ({ id, number, name }: TestParty) => ({
  kind: number.length === 11 ? 'person' : 'organization',
  id,
  number,
  name,
});

export async function newPerson(name = 'Prøve Person', number?: string): Promise<TestParty> {
  const person = unborn('person', name, number);
  await importThis({ parties: [asImported(person)] });
  return person;
}

export const lastName = ({ name }: { name: string }) => name.split(' ').at(-1)!;

/** Takes a party in anew, as a register has it now. */
export const putParty = (party: TestParty, changes: object = {}) =>
  importThis({ parties: [{ ...asImported(party), ...changes }] });

/** An organisation, by default one that may ask for consent to the demo's tax data. */
export async function newOrganization(
  name = 'Prøveforetaket AS',
  options: { mayAsk?: boolean; parent?: string; unitType?: string } = {},
): Promise<TestParty> {
  const party = unborn('organization', name);
  await importThis({
    parties: [
      {
        ...asImported(party),
        ...(options.parent ? { kind: 'subunit' } : {}),
        ...(options.parent ? { parent: options.parent } : {}),
        ...(options.unitType ? { unitType: options.unitType } : {}),
      },
    ],
  });
  if (options.mayAsk ?? true) await addToList(party.id);
  return party;
}

async function addToList(party: string): Promise<void> {
  await world.database.db.raw('insert into access_list_member (list_id, party) values (?, ?)', [
    '211100028:banker',
    party,
  ]);
}

export const newRole = (role: string, from: TestParty, to: TestParty, times: object = {}) =>
  importThis({ roleHolders: [{ role, from: from.number, to: to.number, ...times }] });

const iso6523 = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` });

const algorithmOf = (key: KeyObject) => (key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256');
const kidOf = (key: KeyObject) => `outside-${key.asymmetricKeyType}`;

export async function outsideToken(
  claims: Record<string, unknown>,
  key: KeyObject = outsideKey.privateKey,
  header: object = {},
): Promise<string> {
  return (
    new SignJWT({ iss: outsideIssuer, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: algorithmOf(key), kid: kidOf(key), ...header })
      .setIssuedAt(clock.now())
      // Long enough for the longest test on a slow machine.
      .setExpirationTime(new Date(clock.now().getTime() + 600_000))
      .sign(key)
  );
}

/** A Maskinporten-shaped token of an organisation. */
export const organizationToken = (
  organization: TestParty,
  scope: string,
  supplier?: TestParty,
  client: string = randomUUID(),
) =>
  outsideToken({
    scope,
    consumer: iso6523(organization.number),
    client_id: client,
    ...(supplier ? { supplier: iso6523(supplier.number) } : {}),
  });

/** An ID-porten-shaped token of a person. */
export const personToken = (person: { id: string }, claims: object = {}) =>
  outsideToken({
    scope: 'altinn:portal/enduser',
    'urn:altinn:party:uuid': person.id,
    'urn:altinn:authlevel': 4,
    ...claims,
  });

export interface Answer {
  status: number;
  body: any;
  headers: Headers;
  text: string;
}

export async function call(
  method: string,
  path: string,
  token?: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(path.startsWith('http') ? path : world.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: answer.status, body: parsed, headers: answer.headers, text };
}

export const API = '/accessmanagement/api/v1';
export const REQUESTS = `${API}/enterprise/consentrequests`;
export const WRITE = 'altinn:consentrequests.write';
export const READ = 'altinn:consentrequests.read';

export const inDays = (days: number) =>
  new Date(clock.now().getTime() + days * 86_400_000).toISOString();

/** A right to the demo's income data. */
export const incomeRight = (year = '2025') => ({
  action: ['consent'],
  resource: [{ type: 'urn:altinn:resource', value: 'inntekt' }],
  metadata: { inntektsaar: year },
});

export const requestBody = (from: TestParty, to: TestParty, changes: object = {}) => ({
  id: randomUUID(),
  from: from.urn,
  to: to.urn,
  requiredDelegator: null,
  validTo: inDays(30),
  consentRights: [incomeRight()],
  requestMessage: { nb: 'Til lånesøknad', nn: 'Til lånesøknad', en: 'For a loan' },
  redirectUrl: 'https://bank.example/back?x=1',
  portalViewMode: null,
  ...changes,
});

/** Asks; answers with the id. */
export async function ask(from: TestParty, to: TestParty, changes: object = {}): Promise<string> {
  const answer = await call(
    'POST',
    REQUESTS,
    await organizationToken(to, WRITE),
    requestBody(from, to, changes),
  );
  if (answer.status !== 201) throw new Error(`asking failed: ${answer.status} ${answer.text}`);
  return answer.body.id;
}

export const approve = async (id: string, person: { id: string }, claims?: object) =>
  call('POST', `${API}/consent/request/${id}/approve`, await personToken(person, claims), {
    language: 'nb',
  });
export const reject = async (id: string, person: { id: string }) =>
  call('POST', `${API}/consent/request/${id}/reject`, await personToken(person));
export const withdraw = async (id: string, person: { id: string }) =>
  call('POST', `${API}/consent/${id}/revoke`, await personToken(person));
/** What a consent's giver does with it, by our own API. */
export const actOn = async (id: string, person: { id: string }, how: 'suspend' | 'resume') =>
  call('POST', `/access/v1/consents/${id}/${how}`, await personToken(person));
export const lookUp = async (id: string, from: TestParty, to: TestParty, scope?: string) =>
  call(
    'POST',
    `${API}/maskinporten/consent/lookup`,
    await outsideToken({ scope: 'altinn:maskinporten/consent.read' }),
    { id, from: from.urn, to: to.urn, ...(scope === undefined ? {} : { scope }) },
  );

/** Moves our clock for the length of the work. */
export async function at<Result>(
  offsetMillis: number,
  work: () => Promise<Result>,
): Promise<Result> {
  clock.now = () => new Date(realNow().getTime() + offsetMillis);
  try {
    return await work();
  } finally {
    clock.now = realNow;
  }
}

/** A giver, an asker, and an approved consent between them. */
export async function approvedConsent(changes: object = {}) {
  const [from, to] = [await newPerson(), await newOrganization()];
  const id = await ask(from, to, changes);
  const answer = await approve(id, from);
  if (answer.status !== 200) throw new Error(`approving failed: ${answer.text}`);
  return { id, from, to };
}
