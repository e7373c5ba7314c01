// The end of a login, as everybody concerned hears of it: the person, the clients behind and before
// their backs, the eID (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0).
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { decodeProtectedHeader } from 'jose';
import { Browser, heading, loggedIn, mainText } from '../../support/pages/browser.ts';
import { newWebClient, payloadOf, post, type TestClient } from '../../support/oauth/clients.ts';
import { atClient, loggedInAt } from '../../support/oauth/relying_party.ts';
import { at, call, newPerson, world, type TestParty } from '../../support/world.ts';

const HOME = 'http://127.0.0.1:9/home';
const FRAME = 'http://127.0.0.1:9/frame';
const atHome = (url: URL) => url.href.startsWith(HOME);
const atEid = (url: URL) => url.href.startsWith(world.env.eid.issuer);
const sessionsOf = async (person: TestParty) =>
  (
    await world.database.db.raw('select id, eid_sid from login_session where party = ?', [
      person.id,
    ])
  ).rows;

describe('logging out', () => {
  let client: TestClient;
  let person: TestParty;
  before(async () => {
    client = await newWebClient({ post_logout_redirect_uris: [HOME] });
  });
  beforeEach(async () => {
    person = await newPerson('Utlogget Person');
  });

  const asked = (parameters: Record<string, string>) =>
    `${world.url}/logout?${new URLSearchParams(parameters)}`;

  it('takes a button: GET asks, POST ends, and a form of elsewhere ends nothing', async () => {
    const browser = await loggedIn(person, '/consents');
    await browser.open(`${world.url}/logout`);
    assert.match(heading(browser.page), /Logge ut/);
    assert.equal((await sessionsOf(person)).length, 1);
    await browser.submit({ csrf: 'x' });
    assert.equal(browser.page.status, 403);
    await browser.open(`${world.url}/logout`);
    await browser.submit({}, undefined, { headers: { origin: 'https://evil.example' } });
    assert.equal(browser.page.status, 403);
    assert.equal((await sessionsOf(person)).length, 1);
    await browser.open(`${world.url}/logout`);
    await browser.submit({}, atEid);
    assert.equal((await sessionsOf(person)).length, 0);
  });

  it('leads back to the client that asked, with its state, and puts no id_token into an address', async () => {
    for (const how of ['GET', 'POST']) {
      const browser = new Browser();
      const { id_token: hint } = await loggedInAt(client, browser, person);
      const parameters = { id_token_hint: hint, post_logout_redirect_uri: HOME, state: 'há' };
      if (how === 'GET') await browser.open(asked(parameters));
      else {
        const answer = await post('/logout', parameters);
        assert.equal(answer.status, 303);
        const location = answer.headers.get('location')!;
        assert.ok(!location.includes(hint));
        await browser.open(world.url + location);
      }
      assert.match(browser.page.html, /Skjemaportalen ber om at du logges ut/);
      assert.ok(!browser.page.url.href.includes(hint));
      const csp = browser.page.headers.get('content-security-policy')!;
      assert.match(
        csp,
        new RegExp(`form-action 'self' ${world.env.eid.issuer} http://127.0.0.1:9$`),
      );
      await browser.submit({}, atEid);
      assert.ok(!browser.page.url.href.includes('id_token'), browser.page.url.href);
      await browser.open(browser.page.url.href);
      await browser.submit({ logout: 'yes' }, atHome);
      assert.equal(browser.page.url.searchParams.get('state'), 'há');
      assert.equal((await sessionsOf(person)).length, 0);
    }
    assert.ok(!world.logs.some((line) => line.includes('id_token_hint=')));
  });

  it('takes a hint that has run out, and goes straight back when nobody is logged in', async () => {
    const { id_token: hint } = await loggedInAt(client, new Browser(), person);
    await at(3_600_000, async () => {
      const browser = new Browser();
      await browser.open(asked({ id_token_hint: hint, post_logout_redirect_uri: HOME }), atHome);
      assert.ok(atHome(browser.page.url));
    });
  });

  for (const [what, parameters] of [
    ['a hint that is not ours', { id_token_hint: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['a client that is unknown', { client_id: 'nobody' }],
    ['an address that is not registered', { post_logout_redirect_uri: 'https://evil.example/' }],
    ['an address that only begins as one', { post_logout_redirect_uri: `${HOME}x` }],
    ['a client that the hint is not for', { client_id: 'eksempelbanken' }],
  ] as const) {
    it(`refuses ${what}, and ends nothing`, async () => {
      const browser = new Browser();
      const { id_token: hint } = await loggedInAt(client, browser, person);
      await browser.open(asked({ id_token_hint: hint, ...parameters }));
      assert.equal(browser.page.status, 400, what);
      assert.equal((await sessionsOf(person)).length, 1);
    });
  }

  it('ignores an address that comes without a client', async () => {
    const browser = await loggedIn(person, '/consents');
    await browser.open(asked({ post_logout_redirect_uri: 'https://evil.example/' }));
    assert.equal(browser.page.status, 200);
    assert.ok(!browser.page.html.includes('evil.example'));
  });

  it('ends by the call of the eID, by issuer and session', async () => {
    await loggedIn(person, '/consents');
    const [{ eid_sid: sid }] = await sessionsOf(person);
    const ended = (iss: string, id: string) =>
      call('GET', `/login/ended?${new URLSearchParams({ iss, sid: id })}`);
    assert.equal((await ended('https://other.example', sid)).status, 400);
    assert.equal((await ended(world.env.eid.issuer, 'another')).status, 200);
    assert.equal((await sessionsOf(person)).length, 1);
    assert.equal((await ended(world.env.eid.issuer, sid)).status, 200);
    assert.equal((await sessionsOf(person)).length, 0);
  });

  it('frames the registered addresses of this session on the page that says so, and no others', async () => {
    const framed = await newWebClient({
      client_name: 'Rammen',
      frontchannel_logout_uri: `${FRAME}?a=1`,
      post_logout_redirect_uris: [HOME],
    });
    const other = await newWebClient({ frontchannel_logout_uri: 'http://127.0.0.1:9/other' });
    await loggedInAt(other, new Browser(), await newPerson());
    const browser = new Browser();
    const { id, id_token: hint } = await loggedInAt(framed, browser, person);
    await browser.open(asked({ id_token_hint: hint, post_logout_redirect_uri: HOME }));
    await browser.submit({});
    await browser.submit({ logout: 'yes' });
    const { html, headers, url } = browser.page;
    assert.equal(url.pathname, '/logged-out');
    const frames = html.match(/<iframe[^>]*src="[^"]*"/g)!;
    assert.equal(frames.length, 1);
    const query = new URLSearchParams({ a: '1', iss: world.url, sid: id.sid });
    assert.ok(
      frames[0]!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=').includes(`${FRAME}?${query}`),
      frames[0],
    );
    assert.match(headers.get('content-security-policy')!, new RegExp(`frame-src ${FRAME}$`));
    assert.match(html, /Gå til Rammen/);
    await browser.open(url.href);
    assert.ok(!browser.page.html.includes('<iframe'), 'told once');
  });

  describe('tells clients behind their backs', () => {
    let server: Server;
    let address: string;
    let told: string[];
    let status: number;
    let hearing: TestClient;
    before(async () => {
      server = createServer((request, response) => {
        let text = '';
        request.on('data', (chunk) => {
          text += chunk;
        });
        request.on('end', () => {
          told.push(new URLSearchParams(text).get('logout_token')!);
          response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end();
        });
      });
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      address = `http://127.0.0.1:${(server.address() as { port: number }).port}/logout`;
      hearing = await newWebClient({ backchannel_logout_uri: address });
    });
    beforeEach(async () => {
      [told, status] = [[], 200];
      await world.database.db.raw('delete from logout_notice');
    });
    after(() => server.close());
    const out = async (browser: Browser) => {
      await browser.open(`${world.url}/logout`);
      await browser.submit({}, atEid);
    };

    it('with a logout token that is signed, of the session, and holds no nonce', async () => {
      const browser = new Browser();
      const { id } = await loggedInAt(hearing, browser, person);
      await out(browser);
      await world.work.run('logout.notify');
      assert.equal(told.length, 1);
      const claims = payloadOf(told[0]!);
      assert.equal(decodeProtectedHeader(told[0]!).typ, 'logout+jwt');
      assert.deepEqual(
        [claims.iss, claims.aud, claims.sub, claims.sid, claims.nonce, claims.exp - claims.iat],
        [world.url, hearing.id, id.sub, id.sid, undefined, 120],
      );
      assert.deepEqual(claims.events, { 'http://schemas.openid.net/event/backchannel-logout': {} });
      assert.ok(claims.jti);
      await world.work.run('logout.notify');
      assert.equal(told.length, 1);
    });

    it('again and again for a day, and follows no redirect', async () => {
      const browser = new Browser();
      await loggedInAt(hearing, browser, person);
      status = 302;
      await out(browser);
      await world.work.run('logout.notify');
      assert.equal(told.length, 1);
      await at(20_000, () => world.work.run('logout.notify'));
      assert.equal(told.length, 2);
      status = 200;
      await at(3_600_000, () => world.work.run('logout.notify'));
      await at(7_200_000, () => world.work.run('logout.notify'));
      assert.equal(told.length, 3);
      await loggedInAt(hearing, browser, person);
      status = 500;
      await out(browser);
      await at(25 * 3_600_000, () => world.work.run('logout.notify'));
      const { rows } = await world.database.db.raw('select from logout_notice');
      assert.deepEqual([told.length, rows.length], [4, 0]);
    });

    it('also of a login that was renewed, under the same session id', async () => {
      const browser = new Browser();
      const first = await loggedInAt(hearing, browser, person);
      const renewed = await loggedInAt(client, browser, person, { prompt: 'login' });
      assert.ok(renewed.wasAsked);
      await world.work.run('logout.notify');
      assert.equal(told.length, 0);
      await out(browser);
      await world.work.run('logout.notify');
      assert.deepEqual(
        told.map((token) => payloadOf(token).sid),
        [first.id.sid],
      );
    });

    it('without waiting for one that takes the call and never answers', async () => {
      const deaf = createServer();
      await new Promise<void>((ready) => deaf.listen(0, '127.0.0.1', ready));
      const { port } = deaf.address() as { port: number };
      const silent = await newWebClient({
        backchannel_logout_uri: `http://127.0.0.1:${port}/logout`,
      });
      for (const { id } of [silent, hearing])
        await world.database.db.raw(
          `insert into logout_notice (id, client_id, party, sid, due_at, expires_at)
          select gen_random_uuid(), ?, ?, gen_random_uuid()::text, now() - interval '1 s', now() + interval '1 day'
          from generate_series(1, 100)`,
          [id, person.id],
        );
      let calls = 0;
      let before: number[] = [];
      // When the first call to the silent one has run out, everybody else has heard.
      deaf.on('request', (request) => {
        calls += 1;
        request.socket.once('close', () => {
          if (!before.length) before = [told.length, calls];
        });
      });
      const sending = world.work.run('logout.notify');
      while (!before.length) await new Promise((later) => setTimeout(later, 50));
      assert.deepEqual(before, [100, 4]);
      await world.database.db.raw('delete from logout_notice');
      deaf.closeAllConnections();
      deaf.close();
      await sending;
    });

    it("not of somebody else's, and of one's own when another person logs in", async () => {
      const browser = new Browser();
      const { id } = await loggedInAt(hearing, browser, person);
      await browser.forget('eid');
      await loggedInAt(client, browser, await newPerson(), { prompt: 'login' });
      await world.work.run('logout.notify');
      assert.deepEqual(
        told.map((token) => payloadOf(token).sub),
        [id.sub],
      );
    });
  });
});

describe('the page of logins', () => {
  const FIREFOX = 'Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0';

  it('names each by browser and device, when it was used last, and its level', async () => {
    const person = await newPerson();
    const phone = new Browser();
    phone.agent = FIREFOX;
    await phone.open('/sessions');
    await phone.logIn(person);
    assert.match(mainText(phone.page.html), /Firefox på Android/);
    assert.match(mainText(phone.page.html), /Logget inn .* Sist brukt .* Sikkerhetsnivå 3\./);
    const other = await loggedIn(person, '/sessions');
    assert.match(mainText(other.page.html), /En nettleser vi ikke kjenner/);
    await at(10 * 60_000, async () => {
      await phone.open('/sessions');
      const [first, second] = mainText(phone.page.html).match(/Sist brukt .*? kl\. [\d:]+/g)!;
      assert.notEqual(first, second);
    });
  });

  it('takes no more of a browser’s words than names', async () => {
    const person = await newPerson();
    const odd = new Browser();
    odd.agent = `<b>Firefox</b> ${'Firefox/1 '.repeat(1_000)}`;
    await odd.open('/sessions');
    await odd.logIn(person);
    assert.equal(odd.page.status, 200);
    const { rows } = await world.database.db.raw(
      'select browser, device from login_session where party = ?',
      [person.id],
    );
    assert.deepEqual(rows, [{ browser: 'Firefox', device: null }]);
  });

  it('shows where one is logged in and since when, and ends one or all of them, never another person’s', async () => {
    const [person, other] = [await newPerson('Mange Steder'), await newPerson()];
    const client = await newWebClient({ client_name: 'Fiskeriportalen' });
    const there = new Browser();
    await loggedInAt(client, there, person);
    const here = await loggedIn(person, '/sessions');
    assert.match(here.page.html, /Fiskeriportalen/);
    assert.match(here.page.html, /Denne innloggingen/);
    const [, away] = /name="session" value="([^"]*)"[\s\S]*name="session" value="([^"]*)"/
      .exec(here.page.html)!
      .slice(1);
    const stranger = await loggedIn(other, '/sessions');
    await stranger.submit({ session: away! });
    assert.equal((await sessionsOf(person)).length, 2);
    await here.submit({ session: away! });
    assert.match(here.page.html, /Innloggingen er avsluttet/);
    assert.equal((await sessionsOf(person)).length, 1);
    await there.open(`${world.url}/consents`, atEid);
    assert.ok(atEid(there.page.url));
    await here.submit({ session: '', csrf: 'x' });
    assert.equal(here.page.status, 403);
    await loggedInAt(client, new Browser(), person);
    await here.open('/sessions');
    const csrf = /name="csrf" value="([^"]*)"/.exec(here.page.html)![1]!;
    const forms = here.page.html.match(/<form method="post" action="\/sessions">/g)!;
    assert.equal(forms.length, 3);
    here.page.html = `<form method="post" action="/sessions"><input type="hidden" name="csrf" value="${csrf}"></form>`;
    await here.submit({}, atClient);
    assert.equal((await sessionsOf(person)).length, 0);
    assert.equal(here.page.url.pathname, '/logged-out');
    assert.equal((await sessionsOf(other)).length, 1);
  });
});
