// A token of a consent that is narrowed, as the organisation hears of it that drew it (OpenID
// Continuous Access Evaluation Profile 1.0 §3.2): by the token's id, what it would say now.
import assert from 'node:assert/strict';
import { introspect } from '../support/pages/choosing.ts';
import { answerYes, asked, named, narrow, titled } from '../support/parts.ts';
import { answered, detail, flow, newCodeParties, redeemCode } from '../support/oauth/code_flow.ts';
import {
  clientAuth,
  consentDetail,
  exchange,
  newClient,
  payloadOf,
  post,
  type TestClient,
} from '../support/oauth/clients.ts';
import { newScopesGiven } from '../support/rights/schemas.ts';
import {
  closingReceivers,
  keep,
  newStream,
  poll,
  sendSignals,
  STREAMS,
  type Told,
} from '../support/signals.ts';
import {
  actOn,
  ask,
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  organizationToken,
  REQUESTS,
  requestBody,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const CHANGE = 'https://schemas.openid.net/secevent/caep/event-type/token-claims-change';
const receiver = closingReceivers();
const ofTokens = (told: Told[]) => told.filter(({ kind }) => kind === 'token-claims-change');

describe('a token whose consent is narrowed', () => {
  let source: TestParty;
  let to: TestParty;
  let person: TestParty;
  let needed: string;
  let spare: string;
  let client: TestClient;
  beforeEach(async () => {
    [source, to] = [await newOrganization(), await newOrganization()];
    person = await newPerson('Smal Person');
    const owner = { owner: source.number };
    [needed, spare] = [await titled('Det nødvendige', owner), await titled('Resten', owner)];
    client = await newClient(to);
  });

  const wanted = (changes: object = {}) => ({
    ...{ consentRights: [asked(needed), asked(spare, true)], validTo: inDays(60) },
    ...changes,
  });
  async function given(id = ask(person, to, wanted())): Promise<string> {
    const yes = await answerYes(await id, person, { optionalRights: [1] });
    assert.equal(yes.status, 200, yes.text);
    return id;
  }
  /** A token of it, by its value and its id. */
  async function draw(id: string, by = client, more: object = {}) {
    const { status, body, text } = await exchange(by, { ...consentDetail(id, person), ...more });
    assert.equal(status, 200, text);
    const token: string = body.access_token;
    return { token, jti: payloadOf(token).jti as string };
  }
  async function narrowed(id: string, body: object = { without: [1] }) {
    assert.equal((await narrow(id, body, person)).status, 200);
    await sendSignals();
  }
  /** The ids of tokens that a stream hears of. */
  const heard = async (owner: TestParty, stream: string) =>
    ofTokens(await poll(owner, stream, { maxEvents: 1_000 })).map(
      ({ claims }) => claims.sub_id.jti as string,
    );

  it('is told to whom drew it, by its id, with the rights and the end of now', async () => {
    const [stream, sources] = [await newStream(to), await newStream(source)];
    const id = await given();
    const [one, two] = [await draw(id), await draw(id)];
    await narrowed(id, { without: [1], validTo: inDays(20) });
    const all = await poll(to, stream);
    const told = ofTokens(all);
    const changed = all.find(({ kind }) => kind === 'consent-changed')!;
    assert.deepEqual(
      new Set(told.map(({ claims }) => claims.sub_id)),
      new Set([one, two].map(({ jti }) => ({ format: 'jwt_id', iss: world.url, jti }))),
    );
    assert.equal(new Set([changed, ...told].map(({ jti }) => jti)).size, 3);
    for (const { claims, said } of told) {
      assert.deepEqual(Object.keys(claims.events), [CHANGE]);
      assert.equal(claims.sub, undefined);
      assert.deepEqual([said.pos, said.event_timestamp], [changed.said.pos, claims.toe]);
      const [now, ...more] = said.claims.authorization_details;
      const [{ type, validTo, consentRights }] = (await introspect(client, one.token))
        .authorization_details;
      const rights = consentRights.map(({ metadata: _said, ...right }: any) => right);
      assert.deepEqual(now, { type, id, validTo, consentRights: rights });
      assert.deepEqual([named(now.consentRights), more], [[needed], []]);
      for (const known of [person.id, person.number, to.number, one.token])
        assert.ok(!JSON.stringify(said).includes(known));
    }
    assert.deepEqual(await heard(source, sources), [], 'a source drew none');
  });

  it('is told again when more is taken out, and not when it is withdrawn', async () => {
    const stream = await newStream(to);
    const id = await given();
    const { jti } = await draw(id);
    await narrowed(id, { validTo: inDays(20) });
    await narrowed(id);
    assert.deepEqual(await heard(to, stream), [jti, jti]);
    await withdraw(id, person);
    await sendSignals();
    const kinds = (await poll(to, stream)).map(({ kind }) => kind);
    assert.ok(kinds.includes('consent-withdrawn'));
    assert.equal(kinds.filter((kind) => kind === 'token-claims-change').length, 2);
  });

  /** A consent that is given in the code flow, with what the client gets for the code. */
  async function loggedIn() {
    const { person: by, to: bank, client: web } = await newCodeParties();
    const stream = await newStream(bank);
    const request = flow(web, [
      detail({ consentRights: [asked(needed), asked(spare, true)], validTo: inDays(60) }),
    ]);
    const { searchParams } = await answered(web, by, request);
    const code = searchParams.get('code')!;
    const { body: first, text } = await redeemCode(web, code, request.verifier);
    assert.ok(first.refresh_token, text);
    const [consent] = payloadOf(first.access_token).authorization_details;
    /** Another token: of a refresh, for a part where one is named. */
    const refresh = async (part: object = {}): Promise<string> => {
      const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token, ...part };
      const { status, body, text } = await post('/token', { ...(await clientAuth(web)), ...form });
      assert.equal(status, 200, text);
      return body.access_token;
    };
    return { by, bank, stream, consent, token: first.access_token as string, refresh };
  }

  it('is told of those of a login, by code and by a refresh, and of client_credentials', async () => {
    const { by, bank, stream, consent, token, refresh } = await loggedIn();
    const form = {
      grant_type: 'client_credentials',
      authorization_details: JSON.stringify(consentDetail(consent.id, by).authorization_details),
    };
    const machine = await clientAuth(await newClient(bank));
    const { body } = await post('/token', { ...machine, ...form });
    const tokens: string[] = [token, await refresh(), body.access_token];
    assert.equal((await narrow(consent.id, { validTo: inDays(9) }, by)).status, 200);
    await sendSignals();
    assert.deepEqual(
      (await heard(bank, stream)).toSorted(),
      tokens.map((one) => payloadOf(one).jti as string).toSorted(),
    );
  });

  it('is not told of one that says a part of the consent alone', async () => {
    const { by, bank, stream, consent, token, refresh } = await loggedIn();
    const { type, id, consentRights } = consent;
    const part = { type, id, consentRights: [consentRights[0]] };
    await refresh({ authorization_details: JSON.stringify([part]) });
    assert.equal((await narrow(id, { validTo: inDays(9) }, by)).status, 200);
    await sendSignals();
    assert.deepEqual(await heard(bank, stream), [payloadOf(token).jti]);
  });

  it('is not told where it was revoked, or is over', async () => {
    const stream = await newStream(to);
    const id = await given();
    const [one, two] = [await draw(id), await draw(id)];
    await post('/revoke', { ...(await clientAuth(client)), token: one.token });
    await narrowed(id, { validTo: inDays(20) });
    assert.deepEqual(await heard(to, stream), [two.jti]);
    const later = await newStream(to);
    await at(130_000, async () => {
      await narrowed(id);
      assert.deepEqual(await heard(to, later), []);
    });
  });

  it('is not told where its consent does not hold, nor of one that was drawn since', async () => {
    const stream = await newStream(to);
    const [held, gone] = [await given(), await given()];
    for (const id of [held, gone]) await draw(id);
    assert.equal((await actOn(held, person, 'suspend')).status, 200);
    await narrowed(held);
    await narrow(gone, { without: [1] }, person);
    await withdraw(gone, person);
    await sendSignals();
    assert.deepEqual(await heard(to, stream), []);
    const later = await given();
    const { jti } = await draw(later);
    await narrow(later, { validTo: inDays(20) }, person);
    await draw(later);
    await sendSignals();
    assert.deepEqual(await heard(to, stream), [jti]);
  });

  it('lives as long as its scope says, and is told until then', async () => {
    await importThis({
      scopes: [{ name: client.scope, owner: to.number, tokenLifetimeSeconds: 3_600 }],
    });
    const [stream, id] = [await newStream(to), await given()];
    const long = await newClient(to, { scope: client.scope });
    const { jti } = await draw(id, long);
    await at(3_500_000, () => narrowed(id));
    assert.deepEqual(await at(3_500_000, () => heard(to, stream)), [jti]);
  });

  it('is told to the one of a requester and its hub that drew it', async () => {
    const hub = await newOrganization('Knutepunkt');
    const streams = [await newStream(to), await newStream(hub)] as const;
    const token = await organizationToken(hub, 'altinn:consentrequests.org');
    const made = await call('POST', REQUESTS, token, { ...requestBody(person, to), ...wanted() });
    assert.equal(made.status, 201, made.text);
    const id = await given(Promise.resolve(made.body.id as string));
    const [own, handled] = [await draw(id), await draw(id, await newClient(hub))];
    await narrowed(id);
    assert.deepEqual(await heard(to, streams[0]), [own.jti]);
    assert.deepEqual(await heard(hub, streams[1]), [handled.jti]);
  });

  it('is told on a stream that a supplier keeps where its own client drew it', async () => {
    const { supplier, consumer } = await newScopesGiven('Signaler', 'ssf.manage');
    const keeper = await newClient(supplier, { scope: 'ssf.manage' });
    const ofConsumer = { consumer_org: consumer.number, scope: 'ssf.manage' };
    const { body } = await exchange(keeper, ofConsumer);
    const made = await call('POST', STREAMS, body.access_token, {});
    assert.equal(made.status, 201, made.text);
    const own = await newStream(consumer);
    const id = await given(ask(person, consumer, wanted()));
    const [theirs, ours] = [
      await draw(id, keeper, ofConsumer),
      await draw(id, await newClient(consumer)),
    ];
    await narrowed(id);
    assert.deepEqual(new Set(await heard(consumer, own)), new Set([theirs.jti, ours.jti]));
    const drawn = await call('POST', `/ssf/poll/${made.body.stream_id}`, body.access_token, {
      returnImmediately: true,
    });
    const sets: string[] = Object.values(drawn.body.sets);
    const ids = sets
      .map((set) => payloadOf(set).sub_id)
      .filter(({ format }) => format === 'jwt_id');
    assert.deepEqual(ids, [{ format: 'jwt_id', iss: world.url, jti: theirs.jti }]);
  });

  it('is dropped on a stream that asked for other events, or removed the consent', async () => {
    const events_requested = [`${world.url}/secevent/consent-changed`];
    const chosen = await newStream(to, undefined, { events_requested });
    const id = await given();
    const removed = await newStream(to);
    const subject = { format: 'opaque', id };
    await keep(to, 'POST', '/ssf/subjects/remove', { stream_id: removed, subject });
    await draw(id);
    await narrowed(id);
    const kept = `select stream_id as stream, why from signal_delivery where kind = 'token-claims-change'`;
    const { rows } = await world.database.db.raw(`${kept} and stream_id in (?, ?)`, [
      chosen,
      removed,
    ]);
    assert.deepEqual(
      new Map(rows.map(({ stream, why }: Record<string, string>) => [stream, why])),
      new Map([
        [chosen, 'not_asked_for'],
        [removed, 'subject_removed'],
      ]),
    );
  });

  it('is named to a webhook by its id', async () => {
    const got = await receiver();
    const hook = { url: got.url, events: ['token.claims-change'] };
    assert.equal((await keep(to, 'POST', '/access/v1/webhooks', hook)).status, 201);
    const id = await given();
    const { jti } = await draw(id);
    await narrowed(id);
    const [{ type, data }] = got.got.map(({ body }) => JSON.parse(body));
    assert.deepEqual([type, data.id, data.jti], ['token.claims-change', jti, undefined]);
    assert.deepEqual(named(data.claims.authorization_details[0].consentRights), [needed]);
  });

  it('is told of the newest hundred', async () => {
    const [stream, id] = [await newStream(to), await given()];
    const drawn: string[] = [];
    for (let count = 0; count < 102; count += 1) drawn.push((await draw(id)).jti);
    await narrowed(id);
    const kept = 'select said from signal_delivery where stream_id = ? and kind = ?';
    const { rows } = await world.database.db.raw(kept, [stream, 'token-claims-change']);
    const told: string[] = rows.map(({ said }: { said: { jti: string } }) => said.jti);
    assert.deepEqual(told.toSorted(), drawn.slice(2).toSorted());
  });
});
