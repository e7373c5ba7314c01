// The examples of the description, made on a server of a test's own: with the tokens and assertions
// that they need, and what earlier ones left for later ones.
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { EXAMPLES, filled, type Example } from '../../server/description/example_model.ts';
import { filledDatabase, startServer, type ServerProcess } from './run/process.ts';
import { call, organizationToken, personToken, read, type Answer } from './world.ts';

export type Described = Record<string, any>;

const KEYS: Record<string, string> = {
  eksempelbanken: 'clients/bank/key.json',
  'eksempelbanken-nett': 'clients/bank/key.json',
  'testskatt-api': 'clients/tax-api/key.json',
};

/** A request before it is sent. */
export interface Made {
  method: string;
  url: string;
  token: string | undefined;
  body: string | undefined;
  headers: Record<string, string>;
}

export interface Exampled {
  server: ServerProcess;
  operations: Map<string, Described>;
  /** An example with what earlier ones left; assertions are made anew. */
  fill: (told: Example) => Promise<Example>;
  make: (example: Example) => Promise<Made>;
  /** Keeps of an answer what later examples need. */
  keep: (told: Example, answer: Answer) => void;
}

/** A server with the demo world, in a database of its own. */
export async function startExampled(
  settings: Record<string, string> = {},
  port?: number,
): Promise<Exampled> {
  const contact = { SECURITY_CONTACT: 'mailto:security@tillit.example' };
  const doors = { SSF: 'true', WEBHOOKS: 'true', STATUS_LIST: 'true' };
  const all = { ...(await filledDatabase()), ...contact, ...doors, ...settings };
  const server = await startServer(all, port);
  const { body: description } = await server.call('GET', '/openapi.json');
  const operations = new Map(
    Object.entries<Record<string, Described>>(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]): [string, Described] => [
        one.operationId,
        { ...one, path, method: method.toUpperCase() },
      ]),
    ),
  );
  const parties = new Map<string, any>(
    read('clients/world/1-people.json').parties.map((party: { name: string }) => [
      party.name,
      party,
    ]),
  );
  const kept = new Map<string, string>();
  const consent = { type: 'urn:altinn:consent', id: '', from: '' };

  /** A token of the party for the operation, from the outside issuer. */
  async function tokenOf(
    as: string | undefined,
    operation: Described,
  ): Promise<string | undefined> {
    const scopes = operation.security.flatMap(({ token = [] }) => token);
    const party = as === undefined ? undefined : parties.get(as);
    if (!scopes.length || !party) return undefined;
    const scope = scopes.join(' ');
    return party.kind === 'person'
      ? personToken(party, { scope })
      : organizationToken({ urn: '', ...party }, scope, undefined, party.number);
  }

  /** The assertion of one of the demo's clients: as a grant, or to authenticate (RFC 7523). */
  async function assertionOf(client: string, detail?: object): Promise<string> {
    const key = read(KEYS[client]!);
    return new SignJWT({
      ...(detail
        ? { authorization_details: [detail], scope: 'testskatt:inntekt' }
        : { sub: client }),
    })
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .setIssuer(client)
      .setAudience(server.url)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('60s')
      .sign(await importJWK(key, key.alg));
  }

  return {
    server,
    operations,
    async fill(told) {
      if (JSON.stringify(told).includes('"{assertion}"')) {
        const isGrant = told.id === 'token';
        kept.set('assertion', await assertionOf(told.as!, isGrant ? consent : undefined));
      }
      const example = filled(told, (name) => kept.get(name) ?? `no ${name}`);
      if (told.id === 'consent_ask') Object.assign(consent, pick(example.body as any));
      return example;
    },
    async make({ id, as, path = {}, query = {}, body }): Promise<Made> {
      const operation = operations.get(id)!;
      const { method } = operation;
      const where = operation.path.replace(
        /\{(\w+)\}/g,
        (_whole: string, name: string) => path[name],
      );
      const asked = new URLSearchParams(query);
      const url = `${server.url}${where}${asked.size ? `?${asked}` : ''}`;
      const isForm = operation['x-who'] === 'client' || (operation['x-who'] === 'session' && body);
      return isForm
        ? {
            ...{ method, url, token: undefined },
            body: String(new URLSearchParams(body as Record<string, string>)),
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          }
        : {
            ...{ method, url, token: await tokenOf(as, operation) },
            body: body === undefined ? undefined : JSON.stringify(body),
            headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          };
    },
    keep(told, answer) {
      for (const [name, pointer] of Object.entries(told.keep ?? {}))
        kept.set(name, pointed(answer.body, pointer));
    },
  };
}

export const send = ({ method, url, token, body, headers }: Made): Promise<Answer> =>
  call(method, url, token, body, headers);

export { EXAMPLES };

const pick = ({ id, from }: { id: string; from: string }) => ({ id, from });

const pointed = (value: any, pointer: string): string =>
  String(
    pointer
      .slice(1)
      .split('/')
      .reduce((inside, name) => inside?.[name], value),
  );
