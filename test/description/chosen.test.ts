// A token whose parties were chosen at login acts for those and no others: every operation that a
// person's token opens is asked about another party, with such a token and then with a free one.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { importJWK, SignJWT } from 'jose';
import { createEid } from '../../clients/eid/app.ts';
import { DEMO_WORLD, readEnv } from '../../server/platform/env/env.ts';
import { Browser } from '../support/pages/browser.ts';
import { ASSERTION_TYPE } from '../support/oauth/clients.ts';
import { EXAMPLES, send, startExampled, type Exampled } from '../support/examples.ts';
import { organizationNumber } from '../support/numbers.ts';
import { freePort, read, type Answer } from '../support/world.ts';

const REDIRECT = 'http://127.0.0.1:3005/callback';
const people: { kind: string; name: string; number: string }[] = read(
  'clients/world/1-people.json',
).parties.filter(({ kind }: { kind: string }) => kind === 'person');
const number = new Map(people.map((person) => [person.name, person.number]));
const isPersons = ({ as = '' }: { as?: string }) => number.has(as);

describe('a token for chosen parties', () => {
  const other = { id: randomUUID(), number: organizationNumber(), name: 'Nabolaget AS' };
  let world: Exampled;
  let eid: Server;
  const tokens = new Map<string, string>();

  before(async () => {
    const [port, eidPort] = [await freePort(), await freePort()];
    const seed = join(mkdtempSync(join(tmpdir(), 'tillit-chosen-')), '9-neighbours.json');
    const bosses = [...new Set(EXAMPLES.filter(isPersons).map(({ as }) => as!))];
    writeFileSync(
      seed,
      JSON.stringify({
        tillit: 1,
        parties: [{ kind: 'organization', ...other }],
        roleHolders: bosses.map((name) => ({
          role: 'dagl',
          from: other.number,
          to: number.get(name),
        })),
      }),
    );
    const EID_ISSUER = `http://127.0.0.1:${eidPort}`;
    const settings = { EID_ISSUER, SEED: `${DEMO_WORLD},${relative('.', seed)}` };
    const { clientSecret } = readEnv({ NODE_ENV: 'test' }).eid;
    eid = createEid({
      issuer: EID_ISSUER,
      people,
      client: {
        id: 'tillit',
        secret: clientSecret!,
        redirectUri: `http://127.0.0.1:${port}/login/callback`,
        postLogoutRedirectUri: `http://127.0.0.1:${port}/logged-out`,
      },
    });
    await new Promise<void>((ready) => {
      eid.listen(eidPort, '127.0.0.1', ready);
    });
    world = await startExampled(settings, port);
    for (const name of bosses) tokens.set(name, await chosen(number.get(name)!));
  });
  after(async () => {
    eid.close();
    eid.closeAllConnections();
    await world.server.stop('SIGTERM');
  });

  /** What the terminal gets when the person ticks the neighbours. */
  async function chosen(person: string): Promise<string> {
    const { url } = world.server;
    const verifier = randomBytes(32).toString('base64url');
    const asked = new URLSearchParams({
      client_id: 'terminal',
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'openid altinn:portal/enduser',
      acr_values: 'idporten-loa-high',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([{ type: 'urn:tillit:parties' }]),
    });
    const browser = new Browser();
    const atClient = (at: URL) => at.href.startsWith(REDIRECT);
    await browser.open(`${url}/authorize?${asked}`);
    await browser.submit({ number: person }, atClient);
    await browser.submit({ party: other.id, answer: 'yes' }, atClient);
    const code = browser.page.url.searchParams.get('code');
    assert.ok(code, browser.page.html);
    const key = read('clients/terminal/key.json');
    const answer = await fetch(`${url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT,
        code_verifier: verifier,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await new SignJWT({ iss: 'terminal', sub: 'terminal' })
          .setProtectedHeader({ alg: key.alg, kid: key.kid })
          .setAudience(url)
          .setJti(randomUUID())
          .setIssuedAt()
          .setExpirationTime('60s')
          .sign(await importJWK(key, key.alg)),
      }),
    });
    const body = (await answer.json()) as { access_token: string };
    assert.equal(answer.status, 200, JSON.stringify(body));
    return body.access_token;
  }

  /** Refused, or told nothing of anybody. */
  function isClosed({ status, body }: Answer): boolean {
    if (status === 401 || status === 403 || status === 404) return true;
    const { code } = (body ?? {}) as { code?: string };
    if (status >= 400) return ['AM-00028', 'AM-00031', 'TIL-00020', 'TIL-00008'].includes(code!);
    const told = JSON.stringify(body?.data ?? body ?? null);
    return told === '[]' || told === '0' || !told.replaceAll(other.id, '').match(/5a7e0000-/);
  }

  it('opens nothing of anybody else, at any operation, whatever its holder may do', async () => {
    const open: string[] = [];
    let proved = 0;
    for (const told of EXAMPLES) {
      const made = await world.make(await world.fill(told));
      if (isPersons(told) && !/^userinfo/.test(told.id)) {
        const answer = await send({ ...made, token: tokens.get(told.as!) });
        if (!isClosed(answer))
          open.push(`${told.id}: ${answer.status} ${answer.text.slice(0, 200)}`);
        proved += 1;
      }
      const free = await send(made);
      assert.ok(
        told.status ? free.status === told.status : free.status < 400,
        `${told.id}: ${free.text}`,
      );
      world.keep(told, free);
    }
    assert.deepEqual(open, []);
    assert.ok(proved > 90, String(proved));
  });
});
