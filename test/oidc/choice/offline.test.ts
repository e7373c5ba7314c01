// A client that goes on after the login (`offline_access`, OpenID Connect Core §11): the person is
// asked once, may take it back, and without a yes the client ends with the login.
import { endLogins } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import { Browser, loggedIn, press } from '../../support/pages/browser.ts';
import { choose, introspect, refresh, toChoice } from '../../support/pages/choosing.ts';
import {
  newWebClient,
  post,
  clientAuth,
  REDIRECT,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  answered,
  detail,
  flow,
  newCodeParties,
  push,
  redeemCode,
} from '../../support/oauth/code_flow.ts';
import {
  atClient,
  authorization,
  authorize,
  loggedInAt,
  redeem,
} from '../../support/oauth/relying_party.ts';
import { newFirm } from '../../support/rights/rights.ts';
import { call, newPerson, personToken, world, type TestParty } from '../../support/world.ts';

const PARTIES = 'urn:tillit:parties';
const PERMISSIONS = '/access/v1/offline-permissions';

describe('a client that asks to go on after the login', () => {
  let client: TestClient;
  before(async () => {
    client = await newWebClient({
      authorization_details_types: [PARTIES],
      client_name: 'Sparappen',
    });
  });

  const wanting = (extra: Record<string, string> = {}) => ({
    scope: `openid offline_access ${client.scope}`,
    ...extra,
  });
  const isAsked = ({ page }: Browser) => /^\/interaction\/[\w-]+\/offline$/.test(page.url.pathname);
  const words = ({ scope }: { scope: string }) => scope.split(' ');

  /** Logs in and answers the question; the token endpoint's answer. */
  async function said(
    answer: 'yes' | 'no',
    person: TestParty,
    browser = new Browser(),
    extra: Record<string, string> = {},
  ) {
    const start = await authorize(browser, client, person, wanting(extra));
    assert.ok(isAsked(browser), `${browser.page.url} ${browser.page.html.slice(0, 300)}`);
    await browser.submit({ answer }, atClient);
    const { body, status, text } = await redeem(client, { ...start, url: browser.page.url });
    assert.equal(status, 200, `${browser.page.url} ${text}`);
    return body;
  }
  const list = async (person: TestParty) => call('GET', PERMISSIONS, await personToken(person));
  const logOut = async (browser: Browser) => {
    await browser.open(`${world.url}/sessions`);
    await press(browser, /^\/sessions$/);
  };
  const rowsOf = async ({ id }: TestParty) =>
    (
      await world.database.db.raw(
        'select client_id, shown, ended_at from offline_permission where person = ? order by id',
        [id],
      )
    ).rows;
  const eventsOf = async ({ id }: TestParty): Promise<string[]> =>
    (
      await world.database.db.raw(
        `select type from event where from_party = ? and type like 'offline%' order by id`,
        [id],
      )
    ).rows.map(({ type }: { type: string }) => type);

  it('is let once, with the words that were shown, and goes on after the logout', async () => {
    const [person, browser] = [await newPerson(), new Browser()];
    const first = await said('yes', person, browser);
    assert.ok(words(first).includes('offline_access'), first.scope);
    const again = await loggedInAt(client, browser, person, wanting());
    assert.ok(words(again).includes('offline_access'));
    await logOut(browser);
    for (const { refresh_token } of [first, again]) {
      const { status, body, text } = await refresh(client, refresh_token, {
        scope: `openid offline_access ${client.scope}`,
      });
      assert.equal(status, 200, text);
      assert.ok(words(body).includes('offline_access'));
    }
    const [row] = await rowsOf(person);
    assert.match(row.shown.text[0], /Skal Sparappen kunne fortsette når du er logget ut\?/);
    assert.equal(row.shown.language, 'nb');
    assert.deepEqual(await eventsOf(person), ['offline_allowed']);
  });

  it('that is refused is logged in as usual, and ends with the login', async () => {
    const [person, browser] = [await newPerson(), new Browser()];
    const tokens = await said('no', person, browser);
    assert.ok(!words(tokens).includes('offline_access'), tokens.scope);
    assert.equal((await refresh(client, tokens.refresh_token)).status, 200);
    await logOut(browser);
    const { status, body } = await refresh(client, tokens.refresh_token);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    assert.deepEqual([await rowsOf(person), await eventsOf(person)], [[], []]);
    const next = new Browser();
    await authorize(next, client, person, wanting());
    assert.ok(isAsked(next));
  });

  it('that did not ask ends with a login that has run out, and is no more among programs', async () => {
    const person = await newPerson();
    const tokens = await loggedInAt(client, new Browser(), person);
    const ran = await refresh(client, tokens.refresh_token);
    assert.equal(ran.status, 200, ran.text);
    const apps = async () => (await call('GET', '/access/v1/apps', await personToken(person))).body;
    assert.equal((await apps()).data[0].lasting, 'session');
    await world.database.db.raw(
      "update login_session set expires_at = expires_at - interval '1 day' where party = ?",
      [person.id],
    );
    assert.deepEqual((await apps()).data, []);
    const { status, body } = await refresh(client, ran.body.refresh_token);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });

  it('is consent_required without a page, and a code once it was let', async () => {
    const [person, browser] = [await newPerson(), new Browser()];
    await loggedInAt(client, browser, person);
    const { url } = await authorize(browser, client, person, wanting({ prompt: 'none' }));
    assert.equal(url.searchParams.get('error'), 'consent_required', url.href);
    await said('yes', person, browser);
    const quiet = await loggedInAt(client, browser, person, wanting({ prompt: 'none' }));
    assert.ok(words(quiet).includes('offline_access'));
  });

  it('is not let by a yes of another tab where the answer here was no', async () => {
    const [person, first, second] = [await newPerson(), new Browser(), new Browser()];
    const start = await authorize(first, client, person, wanting());
    await said('yes', person, second);
    await first.submit({ answer: 'no' }, atClient);
    const { body } = await redeem(client, { ...start, url: first.page.url });
    assert.ok(!words(body).includes('offline_access'), body.scope);
    // It was not asked to take back what was said elsewhere.
    assert.equal((await list(person)).body.data.length, 1);
  });

  it('is asked about anew with prompt=consent; a no then takes the yes back everywhere', async () => {
    const [person, browser] = [await newPerson(), new Browser()];
    const phone = await said('yes', person);
    const kept = await said('yes', person, browser, { prompt: 'consent' });
    assert.ok(words(kept).includes('offline_access'));
    assert.equal((await rowsOf(person)).length, 1);
    const without = await said('no', person, browser, { prompt: 'consent' });
    assert.ok(!words(without).includes('offline_access'));
    for (const { refresh_token } of [phone, kept])
      assert.equal((await refresh(client, refresh_token)).body.error, 'invalid_grant');
    assert.equal((await refresh(client, without.refresh_token)).status, 200);
    assert.deepEqual(await eventsOf(person), ['offline_allowed', 'offline_ended']);
    assert.ok((await rowsOf(person))[0].ended_at);
  });

  it('is taken back among programs: nothing is refreshed, what was fetched is inactive, it asks again', async () => {
    const person = await newPerson();
    const tokens = await said('yes', person);
    assert.equal((await introspect(client, tokens.access_token)).active, true);
    const browser = await loggedIn(person, '/apps');
    assert.match(browser.page.html, /Kan fortsette når du er logget ut/);
    const [form] = browser.page.html.match(
      /<form[^>]*>(?:(?!<\/form>)[\s\S])*name="offline"[\s\S]*?<\/form>/,
    )!;
    browser.page.html = form;
    assert.match((await press(browser, /^\/apps$/)).html, /kan ikke lenger fortsette/);
    assert.equal((await refresh(client, tokens.refresh_token)).body.error, 'invalid_grant');
    assert.deepEqual(await introspect(client, tokens.access_token), { active: false });
    assert.deepEqual((await list(person)).body.data, []);
    const next = new Browser();
    await authorize(next, client, person, wanting());
    assert.ok(isAsked(next));
  });

  it('whose yes has ended refreshes nothing, whatever is left of it', async () => {
    const person = await newPerson();
    const tokens = await said('yes', person);
    await world.database.db.raw('update offline_permission set ended_at = now() where person = ?', [
      person.id,
    ]);
    assert.equal((await refresh(client, tokens.refresh_token)).body.error, 'invalid_grant');
  });

  it('whose yes has ended is not brought back by a later one', async () => {
    const person = await newPerson();
    const old = await said('yes', person);
    await world.database.db.raw(`update offline_permission set ended_at = now() where person = ?`, [
      person.id,
    ]);
    await new Promise((done) => setTimeout(done, 1_100));
    const next = await said('yes', person);
    assert.equal((await refresh(client, old.refresh_token)).body.error, 'invalid_grant');
    assert.equal((await refresh(client, next.refresh_token)).status, 200);
  });

  it('stands among permissions when its last token has gone, for its person alone', async () => {
    const person = await newPerson();
    const tokens = await said('yes', person);
    await post('/revoke', { ...(await clientAuth(client)), token: tokens.refresh_token });
    const [one] = (await list(person)).body.data;
    assert.deepEqual([one.client.name, one.client.owner], ['Sparappen', client.owner.name]);
    const other = await personToken(await newPerson());
    assert.equal((await call('DELETE', `${PERMISSIONS}/${one.id}`, other)).status, 404);
    assert.equal((await list(person)).body.data.length, 1);
    const own = await personToken(person);
    assert.equal((await call('DELETE', `${PERMISSIONS}/${one.id}`, own)).status, 204);
    assert.equal((await call('DELETE', `${PERMISSIONS}/${one.id}`, own)).status, 404);
    assert.equal((await call('GET', PERMISSIONS)).status, 401);
  });

  it('is asked the same by a pushed request', async () => {
    const [person, browser] = [await newPerson(), new Browser()];
    const { query } = authorization(client, wanting());
    query.delete('client_id');
    const pushed = await post('/par', {
      ...(await clientAuth(client)),
      ...Object.fromEntries(query),
    });
    assert.equal(pushed.status, 201, pushed.text);
    const uri = new URLSearchParams({
      client_id: client.id,
      request_uri: pushed.body.request_uri,
    });
    await browser.open(`${world.url}/authorize?${uri}`, atClient);
    await browser.logIn(person, atClient);
    assert.ok(isAsked(browser), `${browser.page.url}`);
  });

  it('without the refresh grant is not asked about: the word is left out', async () => {
    const plain = await newWebClient({ grant_types: ['authorization_code'] });
    const tokens = await loggedInAt(plain, new Browser(), await newPerson(), {
      scope: `openid offline_access ${plain.scope}`,
    });
    assert.ok(!words(tokens).includes('offline_access'));
    assert.equal(tokens.refresh_token, undefined);
  });

  it('is asked about again where the words have changed since they were read', async () => {
    const [person, browser] = [await newPerson(), new Browser()];
    await authorize(browser, client, person, wanting());
    browser.page.html = browser.page.html.replace(
      /name="shown" value="[^"]*"/,
      'name="shown" value="old"',
    );
    await browser.submit({ answer: 'yes' }, atClient);
    assert.ok(isAsked(browser));
    assert.deepEqual(await rowsOf(person), []);
  });

  it('of another person’s login is not answered', async () => {
    const [person, browser] = [await newPerson(), new Browser()];
    await authorize(browser, client, person, wanting());
    const { pathname } = browser.page.url;
    const other = await loggedIn(await newPerson(), '/overview');
    const open = async (session: Browser) => {
      const kept = `${await browser.cookies('oidc')}; ${await session.cookies('session')}`;
      // Of interactions the newest.
      const newest = new Map(kept.split('; ').map((one) => [one.split('=')[0], one]));
      const cookie = [...newest.values()].join('; ');
      return (await fetch(`${world.url}${pathname}`, { headers: { cookie }, redirect: 'manual' }))
        .status;
    };
    assert.deepEqual([await open(browser), await open(other)], [200, 400]);
    assert.deepEqual(await rowsOf(person), []);
  });

  describe('and for whom to act', () => {
    const asking = async (person: TestParty, extra: Record<string, string> = {}) => {
      const { verifier, query } = authorization(client, {
        ...wanting(extra),
        authorization_details: JSON.stringify([{ type: PARTIES }]),
      });
      const browser = new Browser();
      await browser.open(`${world.url}/authorize?${query}`, atClient);
      await browser.logIn(person, atClient);
      assert.match(browser.page.url.pathname, /\/represent$/);
      return { browser, verifier };
    };
    const going = async (
      { browser, verifier }: Awaited<ReturnType<typeof asking>>,
      fields: Record<string, string>,
    ) => {
      await browser.submit({ answer: 'yes', ...fields }, atClient);
      const { body, text } = await redeem(client, {
        url: browser.page.url,
        verifier,
        wasAsked: true,
      });
      assert.ok(body.scope, `${browser.page.url} ${text}`);
      return body;
    };

    it('is let by a box on the same page that nobody has ticked before', async () => {
      const { firm, boss } = await newFirm();
      const first = await asking(boss);
      assert.match(first.browser.page.html, /La Sparappen fortsette når jeg er logget ut/);
      assert.doesNotMatch(first.browser.page.html, /id="offline"[^>]*checked/);
      const without = await going(first, { party: firm.id });
      assert.ok(!words(without).includes('offline_access'));
      assert.deepEqual(await rowsOf(boss), []);
      const ticked = await going(await asking(boss), { party: firm.id, offline: 'yes' });
      assert.ok(words(ticked).includes('offline_access'));
      assert.match((await rowsOf(boss))[0].shown.text[0], /^La Sparappen/);
      const third = await asking(boss);
      assert.doesNotMatch(third.browser.page.html, /id="offline"/);
      assert.ok(words(await going(third, { party: firm.id })).includes('offline_access'));
      const anew = await asking(boss, { prompt: 'consent' });
      assert.match(anew.browser.page.html, /Du har sagt ja til dette før. Det gjelder til/);
      const taken = await going(anew, { party: firm.id });
      assert.ok(!words(taken).includes('offline_access'));
      // A box that nobody ticks takes nothing back.
      assert.equal((await refresh(client, ticked.refresh_token)).status, 200);
    });

    it('keeps the tick while the person searches, or chose nobody', async () => {
      const { boss } = await newFirm();
      const { browser } = await asking(boss);
      await browser.submit({ answer: 'yes', party: '', offline: 'yes' }, atClient);
      assert.equal(browser.page.status, 400);
      assert.match(browser.page.html, /id="offline"[^>]*checked/);
      assert.deepEqual(await rowsOf(boss), []);
    });

    it('has no page of its own beside the choice', async () => {
      const { boss } = await newFirm();
      const { browser } = await asking(boss);
      await browser.open(browser.page.url.pathname.replace('/represent', '/offline'));
      assert.equal(browser.page.status, 400);
    });

    it('has no box where the client does not ask', async () => {
      const { boss } = await newFirm();
      const { browser } = await toChoice(client, boss, [{ type: PARTIES }]);
      assert.doesNotMatch(browser.page.html, /offline/);
      const { body } = await choose(client, boss, [{ type: PARTIES }], boss.id);
      assert.ok(!words(body).includes('offline_access'));
    });
  });

  it('of a consent is not asked about: it refreshes until the consent ends, and says the word', async () => {
    const { person, client: bank } = await newCodeParties();
    const request = flow(bank, [detail()], { scope: `openid offline_access ${bank.scope}` });
    const url = await answered(bank, person, request);
    assert.ok(url.href.startsWith(REDIRECT));
    const { body, text } = await redeemCode(bank, url.searchParams.get('code')!, request.verifier);
    assert.ok(words(body).includes('offline_access'), text);
    await endLogins(person);
    const again = await refresh(bank, body.refresh_token);
    assert.ok(words(again.body).includes('offline_access'), again.text);
    assert.deepEqual((await list(person)).body.data, []);
    assert.equal((await push(bank, request)).status, 201);
  });
});
