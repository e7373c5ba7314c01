// Shared Signals: streams that a client keeps, and what it hears by push and by poll.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  keep,
  kinds,
  clientToken,
  closingReceivers,
  newStream,
  poll,
  readEvent,
  sendSignals,
  statesOf,
  STREAMS,
  toldTo,
} from '../support/signals.ts';
import { newConsentResource, rightTo } from '../support/rights/rights.ts';
import { refused } from '../support/rights/enduser.ts';
import {
  actOn,
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const receiver = closingReceivers();

describe('a stream by push', () => {
  it('is sent a verification first, and is held until that is accepted', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const tried: string[] = [];
    got.answer = ({ body: token }) => {
      tried.push(token);
      return { status: 500 };
    };
    const id = await newStream(bank, got);
    await withdraw(await given(person, bank), person);
    await sendSignals();
    const kindsTried = (await Promise.all(tried.map(readEvent))).map(({ kind }) => kind);
    assert.deepEqual([...new Set(kindsTried)], ['verification']);
    const { body } = await keep(bank, 'GET', `/ssf/status?stream_id=${id}`);
    assert.deepEqual([body.status, body.reason], ['enabled', 'not_verified']);
    got.answer = () => ({ status: 202 });
    await at(3_000, sendSignals);
    const [first] = await Promise.all(got.got.map(({ body: token }) => readEvent(token)));
    assert.equal(first!.kind, 'verification');
    assert.deepEqual([first!.said, first!.subject], [{}, id]);
    assert.equal(got.got[0]!.headers.authorization, 'Bearer receiver');
    await at(4_000, sendSignals);
    assert.ok(kinds(await toldTo(got)).includes('consent-withdrawn'));
  });

  it('hears all that happens to its consents, each with what holds after it', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    await newStream(bank, got);
    const id = await given(person, bank);
    await actOn(id, person, 'suspend');
    await actOn(id, person, 'resume');
    await withdraw(id, person);
    await reject(await ask(person, bank, { validTo: inDays(9) }), person);
    await sendSignals();
    const told = (await toldTo(got)).sort((a, b) => a.said.pos - b.said.pos);
    assert.deepEqual(kinds(told), [
      ...['consent-asked', 'consent-given', 'consent-suspended', 'consent-resumed'],
      ...['consent-withdrawn', 'consent-asked', 'consent-refused'],
    ]);
    assert.deepEqual(
      told.slice(0, 5).map(({ said }) => said.status),
      ['Created', 'Accepted', 'Suspended', 'Accepted', 'Revoked'],
    );
    // A requester that named a number learns the party's id with a yes alone.
    for (const { said } of told.slice(5)) assert.equal(said.giver, undefined);
    const [, yes] = told;
    assert.equal(yes!.subject, id);
    assert.equal(yes!.aud, `client-${bank.number}`);
    assert.deepEqual(yes!.said.approvedRights, [0]);
    assert.equal(yes!.said.giver, `urn:altinn:party:uuid:${person.id}`);
    assert.deepEqual([yes!.claims.sub, yes!.claims.exp], [undefined, undefined]);
    assert.equal(new Set(told.map(({ jti }) => jti)).size, told.length);
    for (const { body } of got.got)
      assert.ok(!Buffer.from(body.split('.')[1]!, 'base64url').includes(person.number));
  });

  it('hears nothing of others', async () => {
    const [bank, other, person] = [
      ...[await newOrganization(), await newOrganization(), await newPerson()],
    ] as const;
    const got = await receiver();
    await newStream(other, got);
    await withdraw(await given(person, bank), person);
    await sendSignals();
    assert.deepEqual(await toldTo(got), []);
  });

  it('hears that one of several has said yes, but of no giver with a protected address', async () => {
    const resource = await newConsentResource(['privatperson', 'foreldreansvar'], {
      ...{ decidesFrom: 16, parentUntil: 18, parents: 'all' },
    });
    for (const protectedAddress of [false, true]) {
      const [bank, child] = [await newOrganization(), await newPerson()];
      const [one, other] = [await newPerson(), await newPerson()];
      await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
      for (const parent of [one, other]) await newRole('foreldreansvar', child, parent);
      const stream = await newStream(bank);
      const id = await ask(child, bank, rightTo(resource));
      assert.equal((await approve(id, one)).body.effectiveStatus, 'Awaiting');
      if (protectedAddress) await putParty(child, { protectedAddress });
      await sendSignals();
      const heard = kinds(await poll(bank, stream)).includes('consent-answered');
      assert.equal(heard, !protectedAddress);
    }
  });

  it('lets a source hear of what was given, and not of what was asked or refused', async () => {
    const [source, bank, person] = [
      ...[await newOrganization(), await newOrganization(), await newPerson()],
    ] as const;
    const got = await receiver();
    await newStream(source, got);
    const resource = await newConsentResource(['privatperson'], { owner: source.number });
    const first = await ask(person, bank, rightTo(resource));
    await reject(first, person);
    const second = await ask(person, bank, { ...rightTo(resource), validTo: inDays(8) });
    await approve(second, person);
    await withdraw(second, person);
    // One that nobody answers runs out, which is an event too.
    await ask(person, bank, { ...rightTo(resource), validTo: inDays(3) });
    await at(4 * 86_400_000, () => world.work.run('feed.place'));
    await sendSignals();
    const told = (await toldTo(got))
      .filter(({ kind }) => kind !== 'policy-published')
      .sort((a, b) => a.said.pos - b.said.pos);
    assert.deepEqual(kinds(told), ['consent-given', 'consent-withdrawn']);
    assert.deepEqual(told[0]!.said.service, [resource]);
  });

  it('is sent again what was not taken, under the same id, until it is', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    await newStream(bank, got);
    const seen: string[] = [];
    got.answer = ({ body }) => {
      seen.push(body);
      return { status: seen.length < 3 ? 503 : 202 };
    };
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    await sendSignals();
    assert.equal(seen.length, 1);
    await at(1_500, sendSignals);
    await at(4_500, sendSignals);
    const ids = await Promise.all(seen.map(async (token) => (await readEvent(token)).jti));
    assert.deepEqual([ids.length, new Set(ids).size], [3, 1]);
    await at(20_000, sendSignals);
    assert.equal(seen.length, 3);
  });

  it('drops what waited and was only state, once what came after it is taken', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const stream = await newStream(bank, got);
    const id = await given(person, bank);
    await sendSignals();
    got.got.length = 0;
    got.answer = () => ({ status: 500 });
    await actOn(id, person, 'suspend');
    await sendSignals();
    await actOn(id, person, 'resume');
    await sendSignals();
    got.answer = () => ({ status: 202 });
    await withdraw(id, person);
    await sendSignals();
    await at(60_000, sendSignals);
    assert.deepEqual(kinds(await toldTo(got)).slice(0, 1), ['consent-withdrawn']);
    const { rows } = await world.database.db.raw(
      'select state, count(*)::int as n from signal_delivery where stream_id = ? and subject = ? group by state order by state',
      [stream, id],
    );
    assert.equal(
      rows.find(({ state }: any) => state === 'waiting'),
      undefined,
      JSON.stringify(rows),
    );
    assert.ok(
      rows.some(({ state }: any) => state === 'superseded'),
      JSON.stringify(rows),
    );
  });

  it('lays aside what its receiver calls wrong, to be sent again or let go', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const stream = await newStream(bank, got);
    got.answer = () => ({ status: 400, body: { err: 'invalid_request', description: 'no' } });
    await ask(person, bank, { validTo: inDays(9) });
    await ask(person, bank, { validTo: inDays(8) });
    await sendSignals();
    const path = `/access/v1/signals/${stream}/dead`;
    const dead = (await keep(bank, 'GET', path)).body.data;
    assert.deepEqual(
      dead.map(({ type, reason }: any) => [type, reason]),
      [
        ['consent-asked', 'invalid_request'],
        ['consent-asked', 'invalid_request'],
      ],
    );
    got.answer = () => ({ status: 202 });
    const again = await keep(bank, 'POST', `${path}/again`, { events: [dead[0].event] });
    assert.equal(again.body.count, 1);
    await sendSignals();
    assert.equal((await toldTo(got)).length, 1);
    assert.equal((await keep(bank, 'POST', `${path}/let-go`)).body.count, 1);
    assert.deepEqual((await keep(bank, 'GET', path)).body.data, []);
  });

  for (const status of [401, 403, 404, 410, 302])
    it(`is stopped by ${status}, and goes on when its client changes it`, async () => {
      const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
      const id = await newStream(bank, got);
      got.answer = () => ({ status });
      await ask(person, bank, { validTo: inDays(9) });
      await sendSignals();
      const stopped = (await keep(bank, 'GET', `/ssf/status?stream_id=${id}`)).body;
      assert.deepEqual([stopped.status, stopped.reason], ['paused', `status_${status}`]);
      got.answer = () => ({ status: 202 });
      await at(3_600_000, sendSignals);
      assert.deepEqual(await toldTo(got), []);
      assert.equal((await keep(bank, 'PATCH', STREAMS, { stream_id: id })).status, 200);
      await at(3_600_000, sendSignals);
      assert.deepEqual(kinds(await toldTo(got)), ['consent-asked']);
    });

  it('has taken what it answers with 2xx, however long the answer', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const id = await newStream(bank, got);
    got.answer = () => ({ status: 200, body: { more: 'x'.repeat(200_000) } });
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    assert.deepEqual(await statesOf(id), ['delivered', 'delivered']);
  });

  it('is not sent again what is older than what it took', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const id = await newStream(bank, got);
    got.answer = () => ({ status: 400, body: { err: 'invalid_request' } });
    const consent = await given(person, bank);
    await sendSignals();
    got.answer = () => ({ status: 202 });
    await withdraw(consent, person);
    await sendSignals();
    const again = `/access/v1/signals/${id}/dead/again`;
    assert.equal((await keep(bank, 'POST', again)).body.count, 2);
    await at(120_000, sendSignals);
    assert.deepEqual(kinds(await toldTo(got)), ['consent-withdrawn']);
  });

  it('is sent an end, whatever was taken before: acts of one moment have places in any order', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const id = await newStream(bank, got);
    const consent = await given(person, bank);
    await sendSignals();
    await world.database.db.raw(
      `insert into signal_delivery (stream_id, event_id, subject, pos, kind, is_state, said, state, made_at, next_at, settled_at)
       values (?, gen_random_uuid(), ?, 9000000000000000, 'consent-resumed', true, '{}', 'delivered', now(), now(), now())`,
      [id, consent],
    );
    await withdraw(consent, person);
    await sendSignals();
    assert.ok(kinds(await toldTo(got)).includes('consent-withdrawn'));
  });

  it('is not sent what another node gives out after newer was taken', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const id = await newStream(bank, got);
    const consent = await given(person, bank);
    const { db } = world.database;
    const early = await db.raw('delete from signal_pending returning event_id, after');
    await withdraw(consent, person);
    await sendSignals();
    await db('signal_pending').insert(early.rows);
    await at(60_000, sendSignals);
    assert.deepEqual(kinds(await toldTo(got)), ['consent-withdrawn']);
    const states = await statesOf(id);
    assert.equal(states.filter((one) => one === 'superseded').length, 2, `${states}`);
  });

  it('delays no other by not answering', async () => {
    const [bank, person, good] = [await newOrganization(), await newPerson(), await receiver()];
    const slow = await receiver();
    const never = new Promise<never>(() => {});
    await newStream(bank, good);
    await newStream(bank, slow);
    slow.answer = () => never;
    await ask(person, bank, { validTo: inDays(9) });
    void sendSignals();
    for (let n = 0; n < 40 && !(await toldTo(good)).length; n += 1)
      await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual(kinds(await toldTo(good)), ['consent-asked']);
  });
});

describe('a stream by poll', () => {
  it('gives what waits until it is acknowledged, and then no more', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const id = await newStream(bank);
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    const [first] = await poll(bank, id);
    assert.equal(first!.kind, 'consent-asked');
    const [again] = await poll(bank, id);
    assert.equal(again!.jti, first!.jti);
    assert.deepEqual(await poll(bank, id, { ack: [first!.jti], maxEvents: 0 }), []);
    assert.deepEqual(await poll(bank, id), []);
  });

  it('gives a part, and says that there is more', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const id = await newStream(bank);
    for (const days of [7, 8, 9]) await ask(person, bank, { validTo: inDays(days) });
    await sendSignals();
    const asked = { returnImmediately: true, maxEvents: 2 };
    const { body } = await keep(bank, 'POST', `/ssf/poll/${id}`, asked);
    assert.deepEqual([Object.keys(body.sets).length, body.moreAvailable], [2, true]);
    const [rest] = await poll(bank, id, { maxEvents: 1 });
    assert.ok(!(rest!.jti in body.sets), 'what was not given yet comes first');
  });

  it('lays aside what is refused', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const id = await newStream(bank);
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    const [one] = await poll(bank, id);
    await poll(bank, id, { setErrs: { [one!.jti]: { err: 'invalid_key', description: 'x' } } });
    const { body } = await keep(bank, 'GET', `/access/v1/signals/${id}/dead`);
    assert.deepEqual(
      body.data.map(({ reason }: any) => reason),
      ['invalid_key'],
    );
  });
});

describe('who keeps streams', () => {
  it('sees its own alone, by a token with the scope', async () => {
    const [bank, other] = [await newOrganization(), await newOrganization()];
    const id = await newStream(bank);
    refused(await keep(other, 'GET', `${STREAMS}?stream_id=${id}`), 'TIL-00064');
    refused(await keep(other, 'DELETE', `${STREAMS}?stream_id=${id}`), 'TIL-00064');
    refused(await keep(other, 'POST', `/ssf/poll/${id}`, {}), 'TIL-00064');
    refused(await keep(bank, 'GET', `${STREAMS}?stream_id=${randomUUID()}`), 'TIL-00064');
    // The same client for another organisation, as a supplier's.
    const supplied = await organizationToken(
      ...([other, 'ssf.manage', undefined, `client-${bank.number}`] as const),
    );
    refused(await call('GET', `${STREAMS}?stream_id=${id}`, supplied), 'TIL-00064');
    const reader = await clientToken(bank, 'ssf.read');
    assert.equal((await call('GET', STREAMS, reader)).body.length, 1);
    refused(await call('DELETE', `${STREAMS}?stream_id=${id}`, reader), 'TIL-00006');
    refused(await call('GET', STREAMS), 'TIL-00005');
    assert.deepEqual((await keep(other, 'GET', STREAMS)).body, []);
  });

  it('has five at most', async () => {
    const bank = await newOrganization();
    for (let n = 0; n < 5; n += 1) await newStream(bank);
    refused(await keep(bank, 'POST', STREAMS, {}), 'TIL-00063');
  });

  it('has nothing sent where nothing is ever sent', async () => {
    const bank = await newOrganization();
    for (const endpoint_url of [
      'http://bank.example/',
      'ftp://x',
      'no',
      'https://u:p@bank.example/',
    ]) {
      const delivery = { method: 'urn:ietf:rfc:8935', endpoint_url };
      refused(await keep(bank, 'POST', STREAMS, { delivery }), 'TIL-00065');
    }
    refused(await keep(bank, 'POST', STREAMS, { delivery: { method: 'mail' } }), 'TIL-00067');
  });

  it('reads no authorization header back, and keeps it when it sends back what it read', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const id = await newStream(bank, got);
    const { body } = await keep(bank, 'GET', `${STREAMS}?stream_id=${id}`);
    assert.equal(body.delivery.authorization_header, '********');
    const put = await keep(bank, 'PUT', STREAMS, body);
    assert.equal(put.status, 200, put.text);
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    assert.equal(got.got.at(-1)!.headers.authorization, 'Bearer receiver');
  });

  it('hears only the kinds that it asks for, and not of subjects it removed but for their end', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const uri = (kind: string) => `${world.url}/secevent/${kind}`;
    const some = [uri('consent-given'), uri('consent-suspended'), uri('consent-withdrawn')];
    const id = await newStream(bank, undefined, { events_requested: some });
    const consent = await given(person, bank);
    await sendSignals();
    const subject = { format: 'opaque', id: consent };
    const gone = await keep(bank, 'POST', '/ssf/subjects/remove', { stream_id: id, subject });
    assert.equal(gone.status, 204);
    await actOn(consent, person, 'suspend');
    await withdraw(consent, person);
    await sendSignals();
    assert.deepEqual(kinds(await poll(bank, id)).sort(), ['consent-given', 'consent-withdrawn']);
  });

  it('asks for a verification, once a minute', async () => {
    const bank = await newOrganization();
    const id = await newStream(bank);
    const body = { stream_id: id, state: 'a state of its own' };
    assert.equal((await keep(bank, 'POST', '/ssf/verify', body)).status, 204);
    const [one] = await poll(bank, id);
    assert.deepEqual([one!.kind, one!.said.state], ['verification', 'a state of its own']);
    refused(await keep(bank, 'POST', '/ssf/verify', body), 'TIL-00066');
  });

  it('pauses and disables it: what waits is held, and then dropped', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const id = await newStream(bank);
    const set = async (status: string) =>
      keep(bank, 'POST', '/ssf/status', { stream_id: id, status, reason: 'upkeep' });
    assert.deepEqual((await set('paused')).body.status, 'paused');
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    assert.deepEqual(await poll(bank, id), []);
    await set('enabled');
    assert.deepEqual(kinds(await poll(bank, id)), ['consent-asked']);
    await set('disabled');
    await ask(person, bank, { validTo: inDays(8) });
    await sendSignals();
    await set('enabled');
    assert.deepEqual(await poll(bank, id), []);
  });

  it('is told that it was given up after thirty days of a pause', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const id = await newStream(bank);
    await keep(bank, 'POST', '/ssf/status', { stream_id: id, status: 'paused' });
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    await at(29 * 86_400_000, () => world.work.run('signal.give_up'));
    assert.equal((await keep(bank, 'GET', `/ssf/status?stream_id=${id}`)).body.status, 'paused');
    await at(31 * 86_400_000, () => world.work.run('signal.give_up'));
    const { body } = await keep(bank, 'GET', `/ssf/status?stream_id=${id}`);
    assert.deepEqual([body.status, body.reason], ['disabled', 'held_too_long']);
    assert.deepEqual(kinds(await poll(bank, id)), ['stream-updated']);
  });

  it('is found by the configuration', async () => {
    const { body } = await call('GET', '/.well-known/ssf-configuration');
    assert.equal(body.issuer, world.url);
    assert.equal(body.default_subjects, 'ALL');
    assert.equal(body.configuration_endpoint, `${world.url}/ssf/streams`);
    assert.equal(
      (await call('GET', STREAMS, await clientToken(await newOrganization()))).status,
      200,
    );
  });
});

/** A consent that was given. */
async function given(person: TestParty, bank: TestParty): Promise<string> {
  const id = await ask(person, bank);
  assert.equal((await approve(id, person)).status, 200);
  return id;
}
