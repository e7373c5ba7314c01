// The bounds of streams: what is given up, swept and cut off, and that each comes to its turn.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  closingReceivers,
  keep,
  kinds,
  newStream,
  poll,
  readEvent,
  sendSignals,
  statesOf,
  STREAMS,
  toldTo,
} from '../support/signals.ts';
import { waitAfter } from '../../server/platform/again_model.ts';
import { sweepUnspread } from '../../server/signal/letter_store.ts';
import { until } from '../support/until.ts';
import { ownActs } from '../support/rights/rights.ts';
import { send } from '../support/rights/enduser.ts';
import { exchange, newClient } from '../support/oauth/clients.ts';
import { newScopesGiven } from '../support/rights/schemas.ts';
import {
  actOn,
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const receiver = closingReceivers();
/** As a server does whose doors are shut. */
const sweepOld = () => sweepUnspread(ownActs()(), 86_400_000, () => true);

describe('a stream that a supplier keeps', () => {
  it('is disabled once its owner lets the supplier use the scope no more', async () => {
    const { supplier, consumer, boss, resource } = await newScopesGiven('Signaler', 'ssf.manage');
    const client = await newClient(supplier, { scope: 'ssf.manage' });
    const drawn = await exchange(client, { consumer_org: consumer.number, scope: 'ssf.manage' });
    assert.equal(drawn.status, 200, drawn.text);
    const got = await receiver();
    const delivery = { method: 'urn:ietf:rfc:8935', endpoint_url: got.url };
    const made = await call('POST', STREAMS, drawn.body.access_token, { delivery });
    assert.equal(made.status, 201, made.text);
    await sendSignals();
    await world.work.run('signal.give_up_undelegated');
    assert.deepEqual(await toldTo(got), []);
    const where = { party: consumer.id, supplier: supplier.id, resource };
    assert.equal(
      (await send(boss, 'DELETE', '/maskinportensuppliers/resources', where)).status,
      204,
    );
    await world.work.run('signal.give_up_undelegated');
    await sendSignals();
    const told = await toldTo(got);
    assert.deepEqual(kinds(told), ['stream-updated']);
    assert.deepEqual(told[0]!.said, { status: 'disabled', reason: 'not_delegated' });
  });
});

describe('a stream that nobody empties', () => {
  it('is given up after thirty days, not read or not verified', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    got.answer = () => ({ status: 500 });
    const ids = [await newStream(bank), await newStream(bank, got)];
    await ask(person, bank, { validTo: inDays(60) });
    await sendSignals();
    for (const [days, status] of [
      [29, 'enabled'],
      [31, 'disabled'],
    ] as const) {
      await at(days * 86_400_000, () => world.work.run('signal.give_up'));
      for (const id of ids)
        assert.equal((await keep(bank, 'GET', `/ssf/status?stream_id=${id}`)).body.status, status);
    }
    const counted = async () => {
      const text = await world.metrics.registry.getSingleMetricAsString(
        'tillit_signal_streams_given_up',
      );
      return Number(/ (\d+)$/m.exec(text)![1]);
    };
    const both = await counted();
    const [first, second] = ids;
    await keep(bank, 'DELETE', `${STREAMS}?stream_id=${first}`);
    assert.equal(both - (await counted()), 1, 'an operator is alarmed until its client ends it');
    const said = { stream_id: second, status: 'disabled', reason: 'held_too_long' };
    await keep(bank, 'POST', '/ssf/status', said);
    assert.equal(both - (await counted()), 2, 'or says how it is to be; no client alarms');
  });

  it('loses dead letters after ninety days, and what nobody gave out after one', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const id = await newStream(bank, got);
    got.answer = () => ({ status: 400, body: { err: 'invalid_request' } });
    const asked = await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    await at(89 * 86_400_000, () => world.work.run('signal.sweep'));
    assert.deepEqual(await statesOf(id), ['dead']);
    await at(91 * 86_400_000, () => world.work.run('signal.sweep'));
    assert.deepEqual(await statesOf(id), []);
    const { rows } = await world.database.db.raw('select id from event where consent_id = ?', [
      asked,
    ]);
    await world.database.db('signal_pending').insert({ event_id: rows[0].id, after: null });
    const left = async () =>
      (await world.database.db('signal_pending').where({ event_id: rows[0].id })).length;
    await sweepOld();
    assert.equal(await left(), 1);
    await at(25 * 3_600_000, sweepOld);
    assert.equal(await left(), 0);
  });

  it('lets two polls wait, and answers a third at once', async () => {
    const bank = await newOrganization();
    const id = await newStream(bank);
    const begun = performance.now();
    const waits = [1, 2].map(() => poll(bank, id, { returnImmediately: false }));
    await new Promise((done) => setTimeout(done, 300));
    assert.deepEqual(await poll(bank, id, { returnImmediately: false }), []);
    assert.ok(performance.now() - begun < 10_000);
    await keep(bank, 'POST', '/ssf/verify', { stream_id: id });
    assert.ok((await Promise.all(waits)).flat().length >= 1);
  });
});

describe('a stream among many', () => {
  it('comes to its turn, however many others have much to be sent', async () => {
    const [person, slow, good] = [await newPerson(), await receiver(), await receiver()];
    const never = new Promise<never>(() => {});
    const banks: TestParty[] = [];
    for (let n = 0; n < 12; n += 1) {
      const bank = await newOrganization();
      await newStream(bank, slow);
      for (const days of [3, 4, 5, 6, 7, 8, 9, 10])
        await ask(person, bank, { validTo: inDays(days) });
      banks.push(bank);
    }
    const last = await newOrganization();
    await newStream(last, good);
    await ask(person, last, { validTo: inDays(9) });
    slow.answer = () =>
      Promise.race([
        never,
        new Promise<{ status: 500 }>((done) => setTimeout(() => done({ status: 500 }), 1_500)),
      ]);
    await world.work.run('signal.spread');
    void world.work.run('signal.send');
    for (let n = 0; n < 100 && !(await toldTo(good)).length; n += 1)
      await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual(kinds(await toldTo(good)), ['consent-asked']);
  });

  it('waits for a minute at most within the first hour', () => {
    for (const spread of [0, 0.5, 1])
      for (const tries of [1, 6, 7, 30])
        assert.ok(waitAfter(tries, 3_599_000, spread) <= 60_000, `${tries} tries, ${spread}`);
    assert.ok(waitAfter(70, 20 * 3_600_000, 0) > 60_000);
  });

  it('has one call under way once its receiver did not answer', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    let [now, most, isUp] = [0, 0, true];
    const server = createServer((request, response) => {
      if (isUp) return response.writeHead(202).end();
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        request.socket.destroy();
      }, 100);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const delivery = { method: 'urn:ietf:rfc:8935', endpoint_url: `http://127.0.0.1:${port}/` };
    assert.equal((await keep(bank, 'POST', STREAMS, { delivery })).status, 201);
    await sendSignals();
    isUp = false;
    for (let days = 1; days <= 8; days += 1) await ask(person, bank, { validTo: inDays(days) });
    await sendSignals();
    assert.ok(most > 1, 'several, as long as it answered');
    most = 0;
    await at(3_000, sendSignals);
    assert.equal(most, 1);
    server.close();
  });

  it('is sent an end while all that it may have under way hangs, and polls it first', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const poller = await newStream(bank);
    await newStream(bank, got);
    const ended = await ask(person, bank, { validTo: inDays(40) });
    await sendSignals();
    await poll(bank, poller);
    let open = () => {};
    const opened = new Promise<void>((done) => {
      open = done;
    });
    got.answer = async ({ body }) => {
      if ((await readEvent(body)).kind === 'consent-asked') await opened;
      return { status: 202 };
    };
    for (let days = 1; days <= 9; days += 1) await ask(person, bank, { validTo: inDays(days) });
    await world.work.run('signal.spread');
    const sending = world.work.run('signal.send');
    await until('eight hang', async () => (await statesOf(poller)).length > 9);
    await reject(ended, person);
    await world.work.run('signal.spread');
    await until('the end is there', async () =>
      kinds(await toldTo(got)).includes('consent-refused'),
    );
    assert.deepEqual(kinds(await poll(bank, poller, { maxEvents: 1 })), ['consent-refused']);
    open();
    await sending;
  });

  it('has taken what it answers with 2xx, also where it took what came after it before', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const consent = await ask(person, bank);
    await approve(consent, person);
    const stream = await newStream(bank, got);
    let open = () => {};
    const opened = new Promise<void>((done) => {
      open = done;
    });
    let isAsked = false;
    got.answer = async ({ body }) => {
      if ((await readEvent(body)).kind !== 'consent-suspended') return { status: 202 };
      isAsked = true;
      await opened;
      return { status: 202 };
    };
    await actOn(consent, person, 'suspend');
    await world.work.run('signal.spread');
    const sending = world.work.run('signal.send');
    await until('it is on its way', () => isAsked);
    await withdraw(consent, person);
    await world.work.run('signal.spread');
    await until('the end is taken', async () => (await statesOf(stream)).includes('superseded'));
    open();
    await sending;
    assert.deepEqual(await statesOf(stream), ['delivered', 'delivered', 'delivered']);
  });

  it('has eight events under way at most', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    await newStream(bank, got);
    for (let days = 2; days < 22; days += 1) await ask(person, bank, { validTo: inDays(days) });
    let most = 0;
    let now = 0;
    got.answer = async () => {
      most = Math.max(most, (now += 1));
      await new Promise((done) => setTimeout(done, 100 + 300 * Math.random()));
      now -= 1;
      return { status: 202 };
    };
    await sendSignals();
    assert.equal((await toldTo(got)).length, 20);
    assert.ok(most > 4 && most <= 8, `${most} at once`);
  });
});
