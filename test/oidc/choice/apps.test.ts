// Programs that act with a person's login: listed with what each was let, narrowed, and stopped, by
// that person alone; and that nothing goes on by itself afterwards.
import assert from 'node:assert/strict';
import { loggedIn, press } from '../../support/pages/browser.ts';
import { choose, introspect, refresh } from '../../support/pages/choosing.ts';
import { newWebClient, type TestClient } from '../../support/oauth/clients.ts';
import { newFirm } from '../../support/rights/rights.ts';
import { call, newPerson, newRole, personToken, type TestParty } from '../../support/world.ts';

const PARTIES = 'urn:tillit:parties';
const APPS = '/access/v1/apps';

describe('the programs that act with a login', () => {
  let client: TestClient;
  before(async () => {
    client = await newWebClient({
      authorization_details_types: [PARTIES],
      client_name: 'Regnskapsappen',
    });
  });

  async function chosen() {
    const [{ firm, boss }, second] = [await newFirm(), await newFirm()];
    await newRole('dagl', second.firm, boss);
    const ids = `${firm.id} ${second.firm.id}`;
    const { body } = await choose(client, boss, [{ type: PARTIES }], ids);
    return { boss, firm, other: second.firm, tokens: body };
  }
  const list = async (person: TestParty) => call('GET', APPS, await personToken(person));
  const toldIn = (body: { authorization_details: [{ parties: { party: string }[] }] }) =>
    body.authorization_details[0].parties;

  it('are listed with whom they act for, since when and until when', async () => {
    const { boss, firm, other } = await chosen();
    const { body } = await list(boss);
    const [app] = body.data;
    assert.equal(body.data.length, 1);
    assert.deepEqual(
      [
        app.client.name,
        app.identity,
        app.refreshes,
        app.parties.map((one: { id: string }) => one.id).sort(),
      ],
      ['Regnskapsappen', true, true, [firm.id, other.id].sort()],
    );
    assert.ok(Date.parse(app.until) > Date.now() && Date.parse(app.lastUsed) <= Date.now());
    const { page } = await loggedIn(boss, '/apps');
    for (const word of ['Regnskapsappen', client.owner.name, firm.name, other.name, 'Hvem du er'])
      assert.ok(page.html.includes(word), word);
    assert.ok(!page.html.includes(boss.number));
    assert.deepEqual((await list(await newPerson())).body.data, []);
  });

  it('are stopped by their person: nothing is refreshed, and what was fetched is inactive', async () => {
    const { boss, tokens } = await chosen();
    assert.equal((await introspect(client, tokens.access_token)).active, true);
    const browser = await loggedIn(boss, '/apps');
    // The last form of the card stops it.
    browser.page.html = browser.page.html.replaceAll(
      /<form[^>]*>(?:(?!<\/form>)[\s\S])*name="party"[\s\S]*?<\/form>/g,
      '',
    );
    const after = await press(browser, /^\/apps$/);
    assert.match(after.html, /Programmet er stanset/);
    assert.match(after.html, /Ingen programmer bruker/);
    assert.equal((await refresh(client, tokens.refresh_token)).body.error, 'invalid_grant');
    assert.deepEqual(await introspect(client, tokens.access_token), { active: false });
  });

  it('are narrowed to fewer parties, and stopped with the last', async () => {
    const { boss, firm, other, tokens } = await chosen();
    const [{ id }] = (await list(boss)).body.data;
    const token = await personToken(boss);
    assert.equal((await call('DELETE', `${APPS}/${id}/parties/${firm.id}`, token)).status, 204);
    assert.deepEqual(await introspect(client, tokens.access_token), { active: false });
    const again = await refresh(client, tokens.refresh_token);
    assert.deepEqual(
      toldIn(again.body).map(({ party }) => party),
      [`urn:altinn:party:uuid:${other.id}`],
    );
    assert.equal((await call('DELETE', `${APPS}/${id}/parties/${firm.id}`, token)).status, 404);
    assert.equal((await call('DELETE', `${APPS}/${id}/parties/${other.id}`, token)).status, 204);
    assert.deepEqual((await list(boss)).body.data, []);
    assert.equal((await refresh(client, again.body.refresh_token)).body.error, 'invalid_grant');
  });

  it('are nobody else’s to narrow or stop', async () => {
    const { boss, firm, tokens } = await chosen();
    const [{ id }] = (await list(boss)).body.data;
    const token = await personToken(await newPerson());
    assert.equal((await call('DELETE', `${APPS}/${id}`, token)).status, 404);
    assert.equal((await call('DELETE', `${APPS}/${id}/parties/${firm.id}`, token)).status, 404);
    assert.equal((await call('DELETE', `${APPS}/nothing`, await personToken(boss))).status, 404);
    assert.equal((await introspect(client, tokens.access_token)).active, true);
  });

  it('do not see or stop each other with a login for chosen parties alone', async () => {
    const portal = await newWebClient({
      'x-org': '211104015',
      scope: 'openid altinn:portal/enduser',
      authorization_details_types: [PARTIES],
    });
    const { firm, boss } = await newFirm();
    const { body } = await choose(portal, boss, [{ type: PARTIES }], firm.id);
    assert.equal((await call('GET', APPS, body.access_token)).status, 403);
    const own = await choose(portal, boss, [{ type: PARTIES }], `${firm.id} ${boss.id}`);
    assert.equal((await call('GET', APPS, own.body.access_token)).body.data.length, 2);
  });
});
