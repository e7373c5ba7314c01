// The end of a session, as systems of the organisations hear of it whose clients knew of it (OpenID
// Continuous Access Evaluation Profile 1.0 §3.1).
import assert from 'node:assert/strict';
import { Browser, press } from '../support/pages/browser.ts';
import { exchange, newClient, newWebClient, type TestClient } from '../support/oauth/clients.ts';
import { newScopesGiven } from '../support/rights/schemas.ts';
import { loggedInAt } from '../support/oauth/relying_party.ts';
import {
  closingReceivers,
  keep,
  newStream,
  poll,
  sendSignals,
  statesOf,
  STREAMS,
  toldTo,
} from '../support/signals.ts';
import { at, call, newOrganization, newPerson, world, type TestParty } from '../support/world.ts';

const REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
const receiver = closingReceivers();
const atEid = (url: URL) => url.href.startsWith(world.env.eid.issuer);

async function logOut(browser: Browser): Promise<void> {
  await browser.open(`${world.url}/logout`);
  await browser.submit({}, atEid);
}

/** Somebody who has logged in at an organisation's client, whose streams hear what happens. */
async function loggedInWith(client: TestClient, person: TestParty) {
  const browser = new Browser();
  return { browser, ...(await loggedInAt(client, browser, person)) };
}

describe('a session that ends', () => {
  let person: TestParty;
  let bank: TestClient;
  let other: TestClient;
  beforeEach(async () => {
    [bank, other] = [await newWebClient(), await newWebClient()];
    person = await newPerson('Utlogget Person');
  });

  it('is told to those whose clients knew of it, each by its own name of the person', async () => {
    const streams = [await newStream(bank.owner), await newStream(other.owner)] as const;
    const stranger = await newOrganization();
    const unheard = await newStream(stranger);
    const { browser, id } = await loggedInWith(bank, person);
    const { id: beside } = await loggedInAt(other, browser, person);
    await logOut(browser);
    const [one] = await poll(bank.owner, streams[0]);
    const [two] = await poll(other.owner, streams[1]);
    const names = [one, two].map((told) => told!.claims.sub_id);
    assert.deepEqual(
      names,
      [id, beside].map(({ sub }) => ({ format: 'iss_sub', iss: world.url, sub })),
    );
    assert.notEqual(id.sub, beside.sub);
    const { pos, event_timestamp: when, ...said } = one!.said;
    assert.deepEqual(Object.keys(one!.claims.events), [REVOKED]);
    assert.deepEqual(said, { status: 'ended', sid: [id.sid] });
    assert.equal(one!.claims.toe, when);
    // Nothing that both hear says that it was one person.
    assert.notEqual(one!.claims.txn, two!.claims.txn);
    assert.ok(!JSON.stringify(two!.claims).includes(one!.jti.split('.')[0]!));
    assert.ok(Number.isSafeInteger(pos));
    assert.equal(one!.claims.sub, undefined);
    assert.deepEqual(await poll(stranger, unheard), []);
    for (const told of [one, two])
      for (const known of [person.id, person.number, person.name!])
        assert.ok(!JSON.stringify(told!.claims).includes(known));
  });

  it('is told once an organisation, and for each of several sessions', async () => {
    const second = await newWebClient({}, bank.owner);
    const stream = await newStream(bank.owner);
    const { browser } = await loggedInWith(bank, person);
    await loggedInAt(second, browser, person);
    await logOut(browser);
    const [first, ...rest] = await poll(bank.owner, stream);
    assert.deepEqual(rest, []);
    await keep(bank.owner, 'POST', `/ssf/poll/${stream}`, {
      ...{ returnImmediately: true, ack: [first!.jti] },
    });
    const { browser: later } = await loggedInWith(bank, person);
    await logOut(later);
    const [next] = await poll(bank.owner, stream);
    assert.notEqual(next!.jti, first!.jti);
  });

  it('that its person ends from another browser is told too', async () => {
    const stream = await newStream(bank.owner);
    await loggedInWith(bank, person);
    const browser = new Browser();
    await browser.open('/sessions');
    await browser.logIn(person);
    assert.deepEqual(await poll(bank.owner, stream), []);
    // The last form ends all.
    browser.page.html = browser.page.html.replace(/[\s\S]*(?=<form)/, '');
    await press(browser, /sessions/);
    const told = await poll(bank.owner, stream);
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['session-revoked'],
    );
  });

  it('is sent by push at once, to nobody who asked for other events or has the stream disabled', async () => {
    const got = await receiver();
    const [pushed, chosen, stopped] = [
      await newStream(bank.owner, got),
      await newStream(bank.owner, undefined, {
        events_requested: [`${world.url}/secevent/consent-given`],
      }),
      await newStream(bank.owner),
    ] as const;
    await keep(bank.owner, 'POST', '/ssf/status', { stream_id: stopped, status: 'disabled' });
    const { browser } = await loggedInWith(bank, person);
    await logOut(browser);
    await sendSignals();
    assert.equal((await statesOf(pushed)).at(-1), 'delivered');
    assert.deepEqual(
      [await statesOf(chosen), (await statesOf(stopped)).at(-1)],
      [['dropped'], 'dropped'],
    );
    const { body } = await keep(bank.owner, 'GET', `${STREAMS}?stream_id=${pushed}`);
    assert.ok(body.events_delivered.includes(REVOKED));
  });

  it('keeps its instant when it is sent again', async () => {
    const got = await receiver();
    const stream = await newStream(bank.owner, got);
    got.answer = () => ({ status: 400, body: { err: 'invalid_request' } });
    const { browser } = await loggedInWith(bank, person);
    await logOut(browser);
    const ended = Math.floor(Date.now() / 1_000);
    await sendSignals();
    got.answer = () => ({ status: 202 });
    await at(3 * 86_400_000, async () => {
      await keep(bank.owner, 'POST', `/access/v1/signals/${stream}/dead/again`, {});
      await sendSignals();
    });
    const [again] = await toldTo(got);
    assert.ok(Math.abs(again!.claims.toe - ended) < 60, `${again!.claims.toe} ${ended}`);
  });

  it('is told to a webhook, by the name that its client knows', async () => {
    const owner = await newOrganization();
    const client = await newWebClient({}, owner);
    const got = await receiver();
    const made = { url: got.url, events: ['session.revoked'] };
    assert.equal((await keep(owner, 'POST', '/access/v1/webhooks', made)).status, 201);
    const { browser, id } = await loggedInWith(client, person);
    await logOut(browser);
    await sendSignals();
    const [told] = got.got.map(({ body }) => JSON.parse(body));
    const { pos, event_timestamp: when, ...data } = told.data;
    assert.ok(pos && when);
    assert.deepEqual(
      [told.type, data],
      ['session.revoked', { id: id.sub, status: 'ended', sid: [id.sid] }],
    );
  });

  it('is not told to a supplier that keeps a stream for the organisation', async () => {
    const { supplier, consumer } = await newScopesGiven('Signaler', 'ssf.manage');
    const keeper = await newClient(supplier, { scope: 'ssf.manage' });
    const drawn = await exchange(keeper, { consumer_org: consumer.number, scope: 'ssf.manage' });
    const made = await call('POST', STREAMS, drawn.body.access_token, {});
    assert.equal(made.status, 201, made.text);
    const own = await newStream(consumer);
    const { browser } = await loggedInWith(await newWebClient({}, consumer), person);
    await logOut(browser);
    assert.deepEqual(await statesOf(made.body.stream_id), []);
    assert.deepEqual(await statesOf(own), ['waiting']);
  });

  it('leaves nothing waiting of a stream that its client ended in that moment', async () => {
    const stream = await newStream(bank.owner);
    const { browser } = await loggedInWith(bank, person);
    await logOut(browser);
    await keep(bank.owner, 'DELETE', `${STREAMS}?stream_id=${stream}`);
    await world.database.db.raw(
      `update signal_delivery set state = 'waiting', why = null, settled_at = null where stream_id = ?`,
      [stream],
    );
    await world.work.run('signal.give_up');
    assert.deepEqual(await statesOf(stream), ['dropped']);
  });
});
