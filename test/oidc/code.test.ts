// Consent through OAuth alone: PAR, PKCE, the approval page as the interaction, the code's token
// and its refreshes (contract: settled, Consent through OAuth alone; RFC 6749, 7636, 9126, 9207,
// 9396, 9700).
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Browser } from '../support/browser.ts';
import {
  clientAuth,
  CONSENT,
  newClient,
  payloadOf,
  post,
  type TestClient,
} from '../support/clients.ts';
import {
  approve,
  ask,
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  reject,
  world,
  type TestParty,
} from '../support/world.ts';

const REDIRECT = 'http://127.0.0.1:9/callback';
const atClient = (url: URL) => url.href.startsWith(REDIRECT);

describe('the authorization code flow', () => {
  let person: TestParty;
  let to: TestParty;
  let client: TestClient;
  before(async () => {
    [person, to] = [await newPerson('Kode Person'), await newOrganization('Kodebanken AS')];
    client = await newClient(to, {
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [REDIRECT],
      application_type: 'native',
    });
  });

  const detail = (changes: object = {}) => ({
    type: CONSENT,
    validTo: inDays(30),
    consentRights: [incomeRight()],
    requestMessage: { nb: 'Til lån' },
    ...changes,
  });

  interface Flow {
    verifier: string;
    parameters: Record<string, string>;
  }
  const flow = (
    details: unknown[] | null = [detail()],
    changes: Record<string, string> = {},
  ): Flow => {
    const verifier = randomBytes(32).toString('base64url');
    return {
      verifier,
      parameters: {
        response_type: 'code',
        redirect_uri: REDIRECT,
        scope: `openid ${client.scope}`,
        state: 's',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(details ? { authorization_details: JSON.stringify(details) } : {}),
        ...changes,
      },
    };
  };
  const push = async ({ parameters }: Flow) =>
    post('/par', { ...(await clientAuth(client)), ...parameters });
  const start = async (browser: Browser, request: Flow, until = atClient) => {
    const pushed = await push(request);
    assert.equal(pushed.status, 201, pushed.text);
    return browser.open(
      `${world.url}/authorize?${new URLSearchParams({ client_id: client.id, request_uri: pushed.body.request_uri })}`,
      until,
    );
  };
  const redeem = async (code: string, verifier: string, extra: Record<string, string> = {}) =>
    post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT,
      ...extra,
    });

  /** Walks to the end; answers with the address at the client. */
  async function answered(request: Flow, answer: 'yes' | 'no' = 'yes', who = person): Promise<URL> {
    const browser = new Browser();
    await start(browser, request);
    await browser.logIn(who);
    assert.match(
      browser.page.url.pathname,
      /^\/consent\/request$/,
      browser.page.html.slice(0, 500),
    );
    await browser.submit({ answer });
    assert.equal(browser.page.url.pathname, '/consent/receipt');
    const [, back] = /href="(\/interaction\/[\w-]+)"/.exec(browser.page.html)!;
    await browser.open(back!, atClient);
    return browser.page.url;
  }
  async function tokens(request = flow()) {
    const back = await answered(request);
    const answer = await redeem(back.searchParams.get('code')!, request.verifier);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  }

  it('gives a code, with state and iss, after login and approval', async () => {
    const back = await answered(flow());
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
    await tokens(flow([detail({ id })]));
    const {
      rows: [row],
    } = await world.database.db.raw('select * from consent_request where id = ?', [id]);
    assert.deepEqual([row.state, row.client_id], ['approved', client.id]);
    const { rows } = await world.database.db.raw('select from mandate where consent_id = ?', [id]);
    assert.equal(rows.length, 1);
  });

  it('answers an existing request that is named by id', async () => {
    const id = await ask(person, to);
    const body = await tokens(flow([{ type: CONSENT, id } as never]));
    assert.equal(payloadOf(body.access_token).authorization_details[0].id, id);
  });

  it('tells access_denied when the person says no', async () => {
    const back = await answered(flow(), 'no', await newPerson());
    assert.deepEqual(
      [back.searchParams.get('error'), back.searchParams.get('iss')],
      ['access_denied', world.url],
    );
    assert.equal(back.searchParams.get('code'), null);
  });

  it('does not give the code to somebody who may not answer', async () => {
    const id = await ask(person, to);
    const browser = new Browser();
    await start(browser, flow([{ type: CONSENT, id } as never]));
    await browser.logIn(await newPerson('Fremmed'));
    assert.equal(browser.page.status, 403);
    await approve(id, person);
    await start(browser, flow([{ type: CONSENT, id } as never]));
    assert.equal(browser.page.url.searchParams.get('error'), 'access_denied');
  });

  it('leads one who may not answer back to the client, who hears access_denied', async () => {
    const id = await ask(person, to);
    const browser = new Browser();
    await start(browser, flow([{ type: CONSENT, id } as never]));
    await browser.logIn(await newPerson('Fremmed'));
    const [, back] = /href="(\/interaction\/[^"]+)"/.exec(browser.page.html)!;
    await browser.open(back!.replaceAll('&#x3D;', '='), atClient);
    assert.equal(browser.page.url.searchParams.get('error'), 'access_denied');
    const {
      rows: [row],
    } = await world.database.db.raw('select state from consent_request where id = ?', [id]);
    assert.equal(row.state, 'requested');
  });

  it('asks for the level that acr_values names, also of somebody who is logged in', async () => {
    const browser = new Browser();
    await start(browser, flow(null));
    await browser.logIn(person, atClient);
    const request = flow(null, { acr_values: 'idporten-loa-high' });
    await start(browser, request);
    assert.ok(browser.page.url.href.startsWith(world.env.eid.issuer));
    await browser.logIn(person, atClient);
    const { body } = await redeem(browser.page.url.searchParams.get('code')!, request.verifier);
    assert.equal(payloadOf(body.access_token).acr, 'idporten-loa-high');
  });

  it('needs no page for scopes alone', async () => {
    const request = flow(null);
    const browser = new Browser();
    await start(browser, request);
    await browser.logIn(person, atClient);
    const answer = await redeem(browser.page.url.searchParams.get('code')!, request.verifier);
    assert.equal(answer.body.scope, `openid ${client.scope}`);
    assert.equal(payloadOf(answer.body.access_token).authorization_details, undefined);
  });

  it('uses our session: a second client asks no login, and logging out ends it', async () => {
    const browser = new Browser();
    await start(browser, flow(null));
    await browser.logIn(person, atClient);
    await start(browser, flow(null));
    assert.ok(browser.page.url.searchParams.get('code'));
    await browser.open(`${world.url}/logout`);
    await browser.submit({}, (url) => url.href.startsWith(world.env.eid.issuer));
    await start(
      browser,
      flow(null),
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
    await start(browser, flow([{ type: CONSENT, id } as never]));
    await browser.logIn(person, atClient);
    assert.equal(browser.page.url.searchParams.get('error'), 'access_denied');
  });
});
