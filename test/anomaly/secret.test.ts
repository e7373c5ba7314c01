// A SECRET that is replaced while people are at work: two nodes, of two neighbouring steps, and a
// browser whose requests go to one and the other in turn. No login, form or token is refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Browser } from '../../clients/browser.ts';
import { createEid } from '../../clients/eid/app.ts';
import { ownDatabase, startServer, type ServerProcess } from '../support/run/process.ts';
import { dayIn } from '../support/pages/giving.ts';
import { call, freePort } from '../support/world.ts';

const [OLD, NEW] = [
  'an-old-secret-of-this-database-0123456789',
  'a-new-secret-of-it-9876543210-abcd',
];
/** The steps of docs/operator.md, after the one in which nothing is replaced. */
const STEPS = {
  before: { SECRET: OLD },
  accept: { SECRET: OLD, SECRET_ACCEPTED: NEW },
  use: { SECRET: NEW, SECRET_ACCEPTED: OLD },
  drop: { SECRET: NEW },
};
type Step = keyof typeof STEPS;
const people: { kind: string; number: string; name: string }[] = JSON.parse(
  readFileSync(new URL('../../clients/world/1-people.json', import.meta.url), 'utf8'),
).parties;
const numberOf = (name: string) => people.find((one) => one.name === name)!.number;

// One process alone opens the embedded database.
if (process.env.TEST_DATABASE_URL)
  describe('a secret that is replaced', () => {
    let url: string;
    let front: Server;
    let eid: Server;
    let settings: Record<string, string>;
    const nodes: ServerProcess[] = [];
    let turns = 0;

    before(async () => {
      // Each request goes to the next node.
      front = createServer((asked, answer) => {
        turns += 1;
        const { hostname, port } = new URL(nodes[turns % nodes.length]!.url);
        const { method, headers, url: path } = asked;
        asked.pipe(
          send({ hostname, port, method, headers, path }, (got) => {
            answer.writeHead(got.statusCode!, got.headers);
            got.pipe(answer);
          }),
        );
      });
      await new Promise<void>((ready) => front.listen(0, '127.0.0.1', ready));
      url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
      const eidPort = await freePort();
      const eidIssuer = `http://127.0.0.1:${eidPort}`;
      eid = createEid({
        issuer: eidIssuer,
        people: people.filter(({ kind }) => kind === 'person'),
        client: {
          id: 'tillit',
          secret: 'development-only-eid-secret',
          redirectUri: `${url}/login/callback`,
          postLogoutRedirectUri: `${url}/logged-out`,
        },
      });
      await new Promise<void>((ready) => eid.listen(eidPort, '127.0.0.1', ready));
      settings = { ...(await ownDatabase()), ISSUER: url, EID_ISSUER: eidIssuer };
      await start('before');
    });
    after(async () => {
      await stop();
      front.closeAllConnections();
      front.close();
      eid.close();
    });

    const stop = () => Promise.all(nodes.splice(0).map((node) => node.stop('SIGTERM')));
    async function start(...steps: Step[]): Promise<void> {
      await stop();
      for (const step of steps) {
        const node = await startServer({ ...settings, ...STEPS[step] });
        assert.match(node.output(), /"ready"/);
        nodes.push(node);
      }
    }
    async function logIn(path: string): Promise<Browser> {
      const browser = new Browser(url);
      await browser.open(path);
      await browser.submit({ number: numberOf('Kari Testdal') });
      return browser;
    }

    /** A login and forms of each kind, each begun at one node and ended at the other. */
    async function walk(): Promise<void> {
      for (const shift of [0, 1]) {
        turns = shift;
        const browser = await logIn('/give/terms?package=innbygger-pensjon');
        assert.equal(browser.page.status, 200, browser.page.html.slice(0, 500));
        const check = await browser.submit({
          number: numberOf('Daniel Eksempelsen'),
          lastName: 'Eksempelsen',
          long: 'date',
          date: dayIn(700),
        });
        assert.equal(check.url.pathname, '/give/check', check.html);
        const done = await browser.submit({}, undefined, { to: /check/ });
        assert.match(done.url.pathname, /^\/overview\/[0-9a-f-]{36}$/, done.html);
        await browser.open(`${done.url.pathname}/end`);
        const ended = await browser.submit({}, undefined, { to: /\/end/ });
        assert.match(ended.html, /Avsluttet/i);
        const query = new URLSearchParams({
          client_id: 'terminal',
          response_type: 'code',
          scope: 'openid',
          redirect_uri: 'http://127.0.0.1:3005/callback',
          state: 's',
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
        });
        const back = await browser.open(`/authorize?${query}`, ({ port }) => port === '3005');
        assert.ok(back.url.searchParams.get('code'), `${back.url} ${back.html}`);
        const keys = await Promise.all(nodes.map((node) => node.call('GET', '/jwks')));
        assert.equal(new Set(keys.map(({ text }) => text)).size, 1, 'all have the same keys');
      }
    }

    for (const [one, other] of [
      ['before', 'accept'],
      ['accept', 'use'],
      ['use', 'drop'],
    ] as const)
      it(`is refused nowhere while some nodes ${one} and some ${other}`, async () => {
        await start(one, other);
        await walk();
        if (other !== 'use') return;
        // Within a step one restarts whenever it likes.
        await nodes[0]!.stop('SIGTERM');
        nodes[0] = await startServer({ ...settings, ...STEPS[one] });
        await walk();
        await start('use', 'use');
      });

    it('keeps its signing keys to the end, and opens with no other', async () => {
      await start('drop');
      const { status } = await call('GET', `${url}/jwks`);
      assert.equal(status, 200);
      const wrong = await startServer({ ...settings, ...STEPS.before });
      assert.equal(await wrong.exit, 1);
      assert.match(wrong.output(), /sealed with another SECRET. Name that one in SECRET_ACCEPTED/);
    });

    it('begins a login anew whose attempt it cannot open', async () => {
      await start('drop');
      const browser = new Browser(url);
      const at = await browser.open('/consents');
      assert.match(at.html, /form/);
      const database = settings.DATABASE_URL!;
      await withSealed(database, 'login_attempt');
      const back = await browser.submit({ number: numberOf('Kari Testdal') });
      assert.ok(back.status < 500, `${back.status} ${back.html}`);
      assert.match(back.html, /href="[^"]*login|Logg inn/i);
    });
  });

/** Makes what is kept sealed in a table such as no secret opens. */
async function withSealed(url: string, table: string): Promise<void> {
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(`update ${table} set sealed = 'AAAA' || sealed`);
  assert.ok(rowCount);
  await client.end();
}
