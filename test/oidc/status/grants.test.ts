// The place in a status list of what a login gave: one for all tokens of its grant, whose bit is
// held to introspection after each act that ends or stops one.
import assert from 'node:assert/strict';
import {
  clientAuth,
  CONSENT,
  consentDetail,
  exchange,
  newClient,
  newWebClient,
  payloadOf,
  post,
  WEB,
  type TestClient,
} from '../../support/oauth/clients.ts';
import { answered, detail, flow, redeemCode } from '../../support/oauth/code_flow.ts';
import { loggedInAt } from '../../support/oauth/relying_party.ts';
import {
  bitAfter,
  INVALID,
  placeIn,
  SUSPENDED,
  VALID,
  type Status,
} from '../../support/oauth/status.ts';
import { Browser } from '../../support/pages/browser.ts';
import { choose, introspect, refresh } from '../../support/pages/choosing.ts';
import { newFirm } from '../../support/rights/rights.ts';
import { until } from '../../support/until.ts';
import {
  actOn,
  approve,
  ask,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  personToken,
  putParty,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

const PARTIES = 'urn:tillit:parties';
const APPS = '/access/v1/apps';

/** A look at the bit of a token, which is active exactly when it is valid. */
const lookAt = (asking: TestClient, token: string) => async () => {
  const bit = await bitAfter(placeIn(token));
  assert.equal((await introspect(asking, token)).active, bit === VALID);
  return bit;
};

/** What a client of the code flow gets by a consent that somebody gives there. */
async function given(owner?: TestParty) {
  const [person, to] = [await newPerson(), owner ?? (await newOrganization())];
  const client = await newClient(to, WEB);
  const request = flow(client, [detail()]);
  const { searchParams } = await answered(client, person, request);
  const code = searchParams.get('code')!;
  const { status, text, body } = await redeemCode(client, code, request.verifier);
  assert.equal(status, 200, text);
  const { id } = payloadOf(body.access_token).authorization_details[0];
  const look = lookAt(client, body.access_token);
  return { person, to, client, code, verifier: request.verifier, body, id, look };
}

/** A client as the import has it. */
async function registered(client: TestClient): Promise<object> {
  const { rows } = await world.database.db.raw(
    'select metadata from oauth_client where client_id = ?',
    [client.id],
  );
  return { ...rows[0].metadata, client_id: client.id, 'x-org': client.owner.number };
}

describe('the status of what a login gave', () => {
  it('has one place for all tokens of its grant, which no other grant or consent has', async () => {
    const { person, to, client, body, id } = await given();
    const place = placeIn(body.access_token);
    const again = await refresh(client, body.refresh_token);
    assert.deepEqual(placeIn(again.body.access_token), place);
    const machine = await newClient(to);
    const drawn = await exchange(machine, consentDetail(id, person));
    const other = await given(to);
    const places = [place, placeIn(drawn.body.access_token), placeIn(other.body.access_token)];
    assert.equal(new Set(places.map(({ idx }: Status) => idx)).size, 3);
  });

  it('says that the consent is suspended, goes on, and is withdrawn', async () => {
    const { person, id, look } = await given();
    assert.equal(await look(), VALID);
    assert.equal((await actOn(id, person, 'suspend')).status, 200);
    assert.equal(await look(), SUSPENDED);
    assert.equal((await actOn(id, person, 'resume')).status, 200);
    assert.equal(await look(), VALID);
    await withdraw(id, person);
    assert.equal(await look(), INVALID);
  });

  it('says that its program was stopped, and of no other that it was', async () => {
    const { person, client, look } = await given();
    const other = await newClient(client.owner, WEB);
    const { access_token: kept } = await loggedInAt(other, new Browser(), person);
    const token = await personToken(person);
    const { data } = (await call('GET', APPS, token)).body;
    const { id } = data.find((one: { client: { id: string } }) => one.client.id === client.id);
    assert.equal((await call('DELETE', `${APPS}/${id}`, token)).status, 204);
    assert.equal(await look(), INVALID);
    assert.equal(await lookAt(other, kept)(), VALID);
  });

  it('says that its code was used twice', async () => {
    const { client, code, verifier, look } = await given();
    assert.equal(await look(), VALID);
    assert.equal((await redeemCode(client, code, verifier)).body.error, 'invalid_grant');
    assert.equal(await look(), INVALID);
  });

  it('says that its client may ask for consents no more, and may again', async () => {
    const { client, body, look } = await given();
    const types = async (...allowed: string[]) => {
      await importThis({
        clients: [{ ...(await registered(client)), authorization_details_types: allowed }],
      });
      // A node remembers a client for a second.
      await until('the client as it is now', async () => {
        const { active } = await introspect(client, body.access_token);
        return active === allowed.length > 0;
      });
    };
    await types();
    assert.equal(await look(), INVALID);
    await types(CONSENT);
    assert.equal(await look(), VALID);
  });

  it('says that the organization of its client is no more', async () => {
    const client = await newClient(await newOrganization(), WEB);
    const { access_token: token } = await loggedInAt(client, new Browser(), await newPerson());
    assert.equal(await bitAfter(placeIn(token)), VALID);
    await putParty(client.owner, { endedAt: inDays(1) });
    assert.equal(await bitAfter(placeIn(token)), VALID);
    await putParty(client.owner, { endedAt: new Date().toISOString() });
    assert.equal(await bitAfter(placeIn(token)), INVALID);
  });

  it('says that its person is dead', async () => {
    const [client, person] = [await newClient(await newOrganization(), WEB), await newPerson()];
    const { access_token: token } = await loggedInAt(client, new Browser(), person);
    const look = lookAt(client, token);
    assert.equal(await look(), VALID);
    await putParty(person, { endedAt: new Date().toISOString() });
    assert.equal(await look(), INVALID);
  });

  it('says that its login has ended', async () => {
    const [client, person] = [await newClient(await newOrganization(), WEB), await newPerson()];
    const browser = new Browser();
    const { access_token: token } = await loggedInAt(client, browser, person);
    const look = lookAt(client, token);
    assert.equal(await look(), VALID);
    await browser.open(`${world.url}/logout`);
    await browser.submit({});
    assert.equal(await look(), INVALID);
  });

  it('is known to introspection alone where others are acted for', async () => {
    const { firm, boss } = await newFirm();
    const client = await newWebClient({ authorization_details_types: [PARTIES] });
    const statusOf = async (party: string) =>
      payloadOf((await choose(client, boss, [{ type: PARTIES }], party)).body.access_token).status;
    assert.equal(await statusOf(firm.id), undefined);
  });
});

describe('the status of what a machine draws', () => {
  it('is that of the consent, by whichever grant it is drawn', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const id = await ask(person, to);
    await approve(id, person);
    const client = await newClient(to);
    const claims = consentDetail(id, person);
    const { status, text, body } = await post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'client_credentials',
      scope: client.scope,
      authorization_details: JSON.stringify(claims.authorization_details),
    });
    assert.equal(status, 200, text);
    const drawn = await exchange(client, claims);
    assert.deepEqual(placeIn(body.access_token), placeIn(drawn.body.access_token));
  });
});
