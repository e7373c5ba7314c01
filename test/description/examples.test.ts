// The calls that the description shows, made in their order on a fresh demo world: each is answered
// as its operation promises, and no operation is without one.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { EXAMPLES, filled, type Example } from '../../server/description/example_model.ts';
import { ownDatabase, startServer, type ServerProcess } from '../support/process.ts';
import { call, organizationToken, personToken, read, type Answer } from '../support/world.ts';

type Described = Record<string, any>;
const KEYS: Record<string, string> = {
  eksempelbanken: 'clients/bank/key.json',
  'eksempelbanken-nett': 'clients/bank/key.json',
  'testskatt-api': 'clients/tax-api/key.json',
};

describe('the examples of the description', function suite() {
  this.timeout(120_000);
  let server: ServerProcess;
  let operations: Map<string, Described>;
  const parties = new Map<string, any>(
    read('clients/world/1-people.json').parties.map((party: any) => [party.name, party]),
  );

  before(async () => {
    const contact = { SECURITY_CONTACT: 'mailto:security@tillit.example' };
    server = await startServer({ ...(await ownDatabase()), ...contact });
    const { body } = await server.call('GET', '/openapi.json');
    operations = new Map(
      Object.entries<Record<string, Described>>(body.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, one]): [string, Described] => [
          one.operationId,
          { ...one, path, method: method.toUpperCase() },
        ]),
      ),
    );
  });
  after(() => server.stop('SIGTERM'));

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
      : organizationToken({ urn: '', ...party }, scope);
  }

  /** The assertion of one of the demo's clients: as a grant, or to authenticate (RFC 7523). */
  async function assertionOf(client: string, consent?: object): Promise<string> {
    const key = read(KEYS[client]!);
    return new SignJWT({
      ...(consent
        ? { authorization_details: [consent], scope: 'testskatt:inntekt' }
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

  async function made(example: Example, operation: Described): Promise<Answer> {
    const { path = {}, query = {}, body } = example;
    const where = operation.path.replace(
      /\{(\w+)\}/g,
      (_whole: string, name: string) => path[name],
    );
    const asked = new URLSearchParams(query);
    const url = `${server.url}${where}${asked.size ? `?${asked}` : ''}`;
    if (operation['x-who'] === 'client' || (operation['x-who'] === 'session' && body)) {
      const form = new URLSearchParams(body as Record<string, string>);
      return call(operation.method, url, undefined, String(form), {
        'content-type': 'application/x-www-form-urlencoded',
      });
    }
    return call(operation.method, url, await tokenOf(example.as, operation), body);
  }

  it('are one for each operation at least', () => {
    const shown = new Set(EXAMPLES.map(({ id }) => id));
    const first = [...operations.keys()].filter((id) => !/_\d$/.test(id));
    assert.deepEqual(
      first.filter((id) => !shown.has(id)),
      [],
    );
  });

  it('are answered one after the other as their operations promise', async () => {
    const kept = new Map<string, string>();
    const unlike: string[] = [];
    const consent = { type: 'urn:altinn:consent', id: '', from: '' };
    for (const told of EXAMPLES) {
      const operation = operations.get(told.id)!;
      if (JSON.stringify(told).includes('"{assertion}"')) {
        const isGrant = told.id === 'token';
        kept.set('assertion', await assertionOf(told.as!, isGrant ? consent : undefined));
      }
      const example = filled(told, (name) => kept.get(name) ?? `no ${name}`);
      if (told.id === 'consent_ask') Object.assign(consent, pick(example.body as any));
      const answer = await made(example, operation);
      const promised = Object.entries<Described>(operation.responses)
        .filter(([, response]) => !response['x-codes'])
        .map(([status]) => Number(status));
      const isLike = told.status
        ? answer.status === told.status
        : answer.status < 400 && promised.includes(answer.status);
      if (!isLike) {
        unlike.push(`${told.id} as ${told.as}: ${answer.status} ${answer.text.slice(0, 300)}`);
      }
      for (const [name, pointer] of Object.entries(told.keep ?? {})) {
        kept.set(name, pointed(answer.body, pointer));
      }
    }
    assert.deepEqual(unlike, []);
  });
});

const pick = ({ id, from }: { id: string; from: string }) => ({ id, from });

const pointed = (value: any, pointer: string): string =>
  String(
    pointer
      .slice(1)
      .split('/')
      .reduce((inside, name) => inside?.[name], value),
  );
