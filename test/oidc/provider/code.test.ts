// Consent through OAuth alone: PAR, PKCE, the approval page as the interaction, the code's token
// and its refreshes (contract: settled, Consent through OAuth alone; RFC 6749, 7636, 9126, 9207,
// 9396, 9700).
import { stateOf } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Browser } from '../../support/pages/browser.ts';
import {
  clientAuth,
  CONSENT,
  newClient,
  payloadOf,
  post,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  approve,
  ask,
  incomeRight,
  newPerson,
  reject,
  world,
  type TestParty,
} from '../../support/world.ts';
import {
  answered,
  detail,
  flow,
  newCodeParties,
  redeemCode,
  start,
} from '../../support/oauth/code_flow.ts';
import { atClient } from '../../support/oauth/relying_party.ts';

describe('the authorization code flow', () => {
  let person: TestParty;
  let to: TestParty;
  let client: TestClient;
  before(async () => {
    ({ person, to, client } = await newCodeParties());
  });

  async function tokens(request = flow(client)) {
    const back = await answered(client, person, request);
    const answer = await redeemCode(client, back.searchParams.get('code')!, request.verifier);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  }

  it('gives a code, with state and iss, after login and approval', async () => {
    const back = await answered(client, person, flow(client));
    assert.ok(back.searchParams.get('code'));
    assert.deepEqual(
      [back.searchParams.get('state'), back.searchParams.get('iss')],
      ['s', world.url],
    );
  });

  it('gives an RFC 9068 token that carries the approved rights', async () => {
    const body = await tokens();
    const claims = payloadOf(body.access_token);
    assert.equal(
      JSON.parse(Buffer.from(body.access_token.split('.')[0], 'base64url').toString()).typ,
      'at+jwt',
    );
    for (const name of ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'scope', 'grant_id'])
      assert.ok(claims[name], name);
    assert.equal(claims.aud, world.url);
    assert.ok(!JSON.stringify(claims.sub).includes(person.number) && claims.sub !== person.id);
    assert.equal(claims.consumer.ID, `0192:${to.number}`);
    const [consent] = claims.authorization_details;
    assert.deepEqual(
      [consent.from, consent.to.ID, consent.consentRights],
      [person.urn, `0192:${to.number}`, [incomeRight()]],
    );
    assert.deepEqual(body.authorization_details, claims.authorization_details);
  });

  it('makes the same kind of row as the enterprise API', async () => {
    const id = randomUUID();
    await tokens(flow(client, [detail({ id })]));
    const {
      rows: [row],
    } = await world.database.db.raw('select * from consent_request where id = ?', [id]);
    assert.deepEqual([row.state, row.client_id], ['approved', client.id]);
    const { rows } = await world.database.db.raw('select from mandate where consent_id = ?', [id]);
    assert.equal(rows.length, 1);
  });

  it('answers an existing request that is named by id', async () => {
    const id = await ask(person, to);
    const body = await tokens(flow(client, [{ type: CONSENT, id } as never]));
    assert.equal(payloadOf(body.access_token).authorization_details[0].id, id);
  });

  it('tells access_denied when the person says no', async () => {
    const back = await answered(client, await newPerson(), flow(client), 'no');
    assert.deepEqual(
      [back.searchParams.get('error'), back.searchParams.get('iss')],
      ['access_denied', world.url],
    );
    assert.equal(back.searchParams.get('code'), null);
  });

  it('does not give the code to somebody who may not answer', async () => {
    const id = await ask(person, to);
    const browser = new Browser();
    await start(client, browser, flow(client, [{ type: CONSENT, id } as never]));
    await browser.logIn(await newPerson('Fremmed'));
    assert.equal(browser.page.status, 403);
    await approve(id, person);
    await start(client, browser, flow(client, [{ type: CONSENT, id } as never]));
    assert.equal(browser.page.url.searchParams.get('error'), 'access_denied');
  });

  it('leads one who may not answer back to the client, who hears access_denied', async () => {
    const id = await ask(person, to);
    const browser = new Browser();
    await start(client, browser, flow(client, [{ type: CONSENT, id } as never]));
    await browser.logIn(await newPerson('Fremmed'));
    const [, back] = /href="(\/interaction\/[^"]+)"/.exec(browser.page.html)!;
    await browser.open(back!.replaceAll('&#x3D;', '='), atClient);
    assert.equal(browser.page.url.searchParams.get('error'), 'access_denied');
    assert.equal(await stateOf(id), 'requested');
  });

  it('asks for the level that acr_values names, also of somebody who is logged in', async () => {
    const browser = new Browser();
    await start(client, browser, flow(client, null));
    await browser.logIn(person, atClient);
    const request = flow(client, null, { acr_values: 'idporten-loa-high' });
    await start(client, browser, request);
    assert.ok(browser.page.url.href.startsWith(world.env.eid.issuer));
    await browser.logIn(person, atClient);
    const { body } = await redeemCode(
      client,
      browser.page.url.searchParams.get('code')!,
      request.verifier,
    );
    assert.equal(payloadOf(body.access_token).acr, 'idporten-loa-high');
  });

  it('needs no page for scopes alone', async () => {
    const request = flow(client, null);
    const browser = new Browser();
    await start(client, browser, request);
    await browser.logIn(person, atClient);
    const answer = await redeemCode(
      client,
      browser.page.url.searchParams.get('code')!,
      request.verifier,
    );
    assert.equal(answer.body.scope, `openid ${client.scope}`);
    assert.equal(payloadOf(answer.body.access_token).authorization_details, undefined);
  });

  it('uses our session: a second client asks no login, and logging out ends it', async () => {
    const browser = new Browser();
    await start(client, browser, flow(client, null));
    await browser.logIn(person, atClient);
    await start(client, browser, flow(client, null));
    assert.ok(browser.page.url.searchParams.get('code'));
    await browser.open(`${world.url}/logout`);
    await browser.submit({}, (url) => url.href.startsWith(world.env.eid.issuer));
    await start(
      client,
      browser,
      flow(client, null),
      (url) => atClient(url) || url.href.startsWith(world.env.eid.issuer),
    );
    assert.ok(browser.page.url.href.startsWith(world.env.eid.issuer), browser.page.url.href);
  });

  it('redeems by client_credentials with authorization_details', async () => {
    const machine = await newClient(to);
    const id = await ask(person, to);
    const draw = async () =>
      post('/token', {
        ...(await clientAuth(machine)),
        grant_type: 'client_credentials',
        scope: machine.scope,
        authorization_details: JSON.stringify([{ type: CONSENT, id, from: person.urn }]),
      });
    const waiting = await draw();
    assert.equal(waiting.body.consent_error, 'AM-00014', waiting.text);
    await approve(id, person);
    const answer = await draw();
    assert.equal(answer.status, 200, answer.text);
    assert.equal(payloadOf(answer.body.access_token).authorization_details[0].id, id);
  });

  it('shows the receipt, and leads on, when an answered request comes again', async () => {
    const id = await ask(person, to);
    await reject(id, person);
    const browser = new Browser();
    await start(client, browser, flow(client, [{ type: CONSENT, id } as never]));
    await browser.logIn(person, atClient);
    assert.equal(browser.page.url.searchParams.get('error'), 'access_denied');
  });
});
