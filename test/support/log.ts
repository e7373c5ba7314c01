// A log as a test drives it: something happens, and is signed.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { readCheckpoint } from '../../clients/log/note.ts';
import { filledDatabase, ownDatabase, startServer, type ServerProcess } from './run/process.ts';
import { until } from './until.ts';
import { MANDATES, receiver } from './rights/rights.ts';
import {
  API,
  freePort,
  incomeRight,
  inDays,
  numberOf,
  organizationToken,
  personToken,
  read,
  REQUESTS,
  WRITE,
} from './world.ts';

/** The demo's bank, which asks. */
export const bank = { id: '', name: 'bank', number: numberOf('Eksempelbanken AS'), urn: '' };

/** A consent is asked for, so that there is an event more; answers with its id. */
export async function somethingHappens(server: ServerProcess): Promise<string> {
  const token = await organizationToken(bank, WRITE);
  const { status, text, body } = await server.call('POST', REQUESTS, token, {
    id: randomUUID(),
    from: `urn:altinn:person:identifier-no:${numberOf('Kari Testdal')}`,
    to: `urn:altinn:organization:identifier-no:${bank.number}`,
    validTo: inDays(30),
    consentRights: [incomeRight()],
  });
  assert.equal(status, 201, text);
  return body.id;
}

/** Kari says yes, gives Ola a power of attorney that he accepts, and says no to another request. */
async function kariActs(server: ServerProcess): Promise<void> {
  const [kari, ola] = read('clients/world/1-people.json').parties;
  const token = await personToken(kari);
  const answer = async (id: string, how: string) =>
    server.call('POST', `${API}/consent/request/${id}/${how}`, token, { language: 'nb' });
  const done = [
    await answer(await somethingHappens(server), 'approve'),
    await answer(await somethingHappens(server), 'reject'),
    await server.call('POST', MANDATES, token, {
      from: kari.id,
      ...receiver(ola),
      package: 'innbygger-skatteforhold-privatpersoner',
      validTo: inDays(30),
    }),
  ];
  for (const { status, text } of done) assert.ok(status < 300, text);
  const { id, status: given } = done.at(-1)!.body;
  if (given !== 'sent') return;
  const taken = await server.call('POST', `${MANDATES}/${id}/accept`, await personToken(ola));
  assert.equal(taken.status, 200, taken.text);
}

/** The newest checkpoint; undefined before there is one. */
export async function checkpointOf(server: ServerProcess) {
  const { status, text } = await server.call('GET', '/log/checkpoint');
  return status === 200 ? { note: text, ...readCheckpoint(text)! } : undefined;
}
type Signed = NonNullable<Awaited<ReturnType<typeof checkpointOf>>>;

/** The checkpoint once it is of more leaves. */
export async function grown(server: ServerProcess, beyond = 0): Promise<Signed> {
  let found: Signed | undefined;
  await until('a checkpoint of more leaves', async () => {
    found = await checkpointOf(server);
    return found !== undefined && found.size > beyond;
  });
  return found!;
}

/** A checkpoint that covers the asking for a consent, and so all that was committed before. */
export async function signedWith(server: ServerProcess, consent: string): Promise<Signed> {
  const token = await organizationToken(bank, WRITE);
  const { body } = await server.call('GET', `${REQUESTS}/${consent}`, token);
  const [{ consentEventID: event }] = body.consentRequestEvents;
  await until('a checkpoint with the event', async () => {
    const { status } = await server.call('GET', `/log/proof/inclusion?event=${event}`);
    return status === 200;
  });
  return (await checkpointOf(server))!;
}

export interface SignedDatabase {
  settings: Record<string, string>;
  /** The issuer's, which the log is named after. */
  port: number;
  first: Signed;
  last: Signed;
  /** Keys as /log/keys lists them. */
  keys: string[];
}

/** A database of which something was signed twice, by a server that is stopped. */
export async function signedDatabase(): Promise<SignedDatabase> {
  const [settings, port] = [await filledDatabase(), await freePort()];
  const server = await startServer(settings, port);
  await kariActs(server);
  const first = await signedWith(server, await somethingHappens(server));
  const last = await signedWith(server, await somethingHappens(server));
  const { body } = await server.call('GET', '/log/keys');
  await server.stop('SIGTERM');
  return { settings, port, first, last, keys: body.keys.map(({ key }: { key: string }) => key) };
}

/** Another database that has, and had, the same, with its folder. */
export async function copyOf({ settings }: SignedDatabase): Promise<Record<string, string>> {
  const copy = await ownDatabase(settings);
  cpSync(settings.LOG_CHECKPOINTS!, copy.LOG_CHECKPOINTS!, { recursive: true });
  return copy;
}
