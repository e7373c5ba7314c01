// One session: what a token says of who, which level and when is what our login said, whatever
// oidc-provider remembers of an earlier one; logging out, and another person's login, end both.
import { endLogins } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Browser } from '../../support/pages/browser.ts';
import {
  clientAuth,
  newWebClient,
  payloadOf,
  post,
  REDIRECT,
  type TestClient,
} from '../../support/oauth/clients.ts';
import { newPerson, world, type TestParty } from '../../support/world.ts';

const HIGH = 'idporten-loa-high';
const atClient = (url: URL) => url.href.startsWith(REDIRECT);

describe('one session', () => {
  let client: TestClient;
  let person: TestParty;
  before(async () => {
    [client, person] = [await newWebClient(), await newPerson('Øyvind Økt')];
  });

  /**
   * Authorizes scopes alone, as whoever is or logs in; answers with what the id_token and the
   * access token say.
   */
  async function claimsOf(
    browser: Browser,
    who: TestParty,
    parameters: Record<string, string> = {},
  ) {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: client.id,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: `openid ${client.scope}`,
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      ...parameters,
    });
    await browser.open(`${world.url}/authorize?${query}`, atClient);
    if (!atClient(browser.page.url)) await browser.logIn(who, atClient);
    const code = browser.page.url.searchParams.get('code');
    assert.ok(code, `${browser.page.url} ${browser.page.html.slice(0, 300)}`);
    const answer = await post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT,
    });
    assert.equal(answer.status, 200, answer.text);
    return { id: payloadOf(answer.body.id_token), access: payloadOf(answer.body.access_token) };
  }

  const LOW = 'idporten-loa-substantial';
  const sessionRows = async () =>
    (
      await world.database.db.raw(
        "select id_hash from oidc_state where model = 'Session' and payload ->> 'accountId' = ?",
        [person.id],
      )
    ).rows;

  async function logOut(browser: Browser): Promise<void> {
    await browser.open(`${world.url}/logout`);
    await browser.submit({});
    await browser.forget('eid');
  }

  it('says the level of the login that is, not of one before a logout', async () => {
    const browser = new Browser();
    assert.equal((await claimsOf(browser, person, { acr_values: HIGH })).access.acr, HIGH);
    await logOut(browser);
    assert.equal((await claimsOf(browser, person)).access.acr, LOW);
  });

  it("ends the authorization server's session with ours", async () => {
    const browser = new Browser();
    await claimsOf(browser, person);
    const before = (await sessionRows()).length;
    await logOut(browser);
    assert.equal((await sessionRows()).length, before - 1);
  });

  it('says the level of the login that is, when ours ran out without a logout', async () => {
    const browser = new Browser();
    await claimsOf(browser, person, { acr_values: HIGH });
    await endLogins(person);
    await browser.forget('eid');
    assert.equal((await claimsOf(browser, person)).access.acr, LOW);
  });

  it('does not believe a session of the authorization server that says another level or time than ours', async () => {
    const browser = new Browser();
    const { id } = await claimsOf(browser, person, { max_age: '3600' });
    const changed = await world.database.db.raw(
      `update oidc_state set payload = payload || jsonb_build_object('acr', ?::text, 'loginTs', ?::int)
      where model = 'Session' and payload ->> 'accountId' = ? returning id_hash`,
      [HIGH, id.auth_time - 60, person.id],
    );
    assert.ok(changed.rows.length);
    const after = await claimsOf(browser, person, { max_age: '3600' });
    assert.deepEqual([after.access.acr, after.id.auth_time >= id.auth_time], [LOW, true]);
  });

  it('gives the code to the next person who logs in, after a logout and without one', async () => {
    const browser = new Browser();
    const first = await claimsOf(browser, person);
    await logOut(browser);
    const second = await claimsOf(browser, await newPerson('Neste Person'));
    for (const cookie of ['eid', 'session']) browser.forget(cookie);
    const third = await claimsOf(browser, await newPerson('Tredje Person'));
    assert.equal(new Set([first.id.sub, second.id.sub, third.id.sub]).size, 3);
  });
});
