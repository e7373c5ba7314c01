// Who hears of what, and that it still may when it is sent: uses and fetches, powers of attorney, a
// service that another owns by then, and an address that another takes.
import assert from 'node:assert/strict';
import { consentDetail, exchange, newClient } from '../support/oauth/clients.ts';
import { asked, titled } from '../support/parts.ts';
import {
  accept,
  can,
  change,
  end,
  given,
  MANDATES,
  newResource,
  sent,
} from '../support/rights/rights.ts';
import {
  closingReceivers,
  keep,
  kinds,
  newStream,
  poll,
  sendSignals,
  statesOf,
  STREAMS,
  toldTo,
} from '../support/signals.ts';
import {
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const receiver = closingReceivers();
const told = async (owner: TestParty, stream: string) =>
  (await poll(owner, stream, { maxEvents: 1_000 })).sort((a, b) => a.said.pos - b.said.pos);
/** Why each was dropped that a stream was to hear, by its kind. */
async function whyDropped(stream: string): Promise<Record<string, string>> {
  const { rows } = await world.database.db.raw(
    `select kind, why from signal_delivery where stream_id = ? and state = 'dropped'`,
    [stream],
  );
  return Object.fromEntries(rows.map(({ kind, why }: Record<string, string>) => [kind, why]));
}

describe('what a consent is used for', () => {
  let one: TestParty;
  let other: TestParty;
  let bank: TestParty;
  let person: TestParty;
  let id: string;
  let streams: string[];
  beforeEach(async () => {
    [one, other] = [await newOrganization(), await newOrganization()];
    bank = await newOrganization();
    person = await newPerson();
    const services = [
      await titled('Det ene', { owner: one.number }),
      await titled('Det andre', { owner: other.number }),
    ];
    streams = [await newStream(bank), await newStream(one), await newStream(other)];
    id = await ask(person, bank, { consentRights: services.map((service) => asked(service)) });
    await approve(id, person);
  });
  const heard = async () => {
    await sendSignals();
    const all = [bank, one, other].map((owner, at) => told(owner, streams[at]!));
    return (await Promise.all(all)).map((events) =>
      events.filter(({ kind }) => kind === 'consent-used'),
    );
  };
  const report = async (source: TestParty) => {
    const token = await organizationToken(source, 'altinn:authorization/authorize');
    assert.equal((await call('POST', '/access/v1/uses', token, { consent: id })).status, 204);
  };

  it('is told to its requester where a token was drawn', async () => {
    const { status } = await exchange(await newClient(bank), consentDetail(id, person));
    assert.equal(status, 200);
    const [requesters, ...sources] = await heard();
    assert.deepEqual(sources, [[], []]);
    assert.deepEqual(
      requesters!.map(({ subject, said }) => [subject, said.status]),
      [[id, 'Accepted']],
    );
  });

  it('is told to the source that says it has fetched, and to no other', async () => {
    await report(one);
    assert.deepEqual(
      (await heard()).map(({ length }) => length),
      [0, 1, 0],
    );
    await report(other);
    assert.deepEqual(
      (await heard()).map(({ length }) => length),
      [0, 1, 1],
    );
  });
});

describe('a power of attorney', () => {
  let owner: TestParty;
  let stranger: TestParty;
  let giver: TestParty;
  let helper: TestParty;
  let resource: string;
  let streams: string[];
  beforeEach(async () => {
    [owner, stranger] = [await newOrganization(), await newOrganization()];
    [giver, helper] = [await newPerson(), await newPerson()];
    const rules = [can('read', 'privatperson'), can('write', 'privatperson')];
    resource = await newResource(rules, { owner: owner.number });
    streams = [await newStream(owner), await newStream(stranger)];
  });
  const right = () => ({ resource, actions: ['read', 'write'] });
  const heard = async () => {
    await sendSignals();
    assert.deepEqual(await told(stranger, streams[1]!), []);
    return (await told(owner, streams[0]!)).filter(({ kind }) => kind.startsWith('mandate'));
  };

  it('is told to the owner of the service as it is given, changed, stopped and ended', async () => {
    const id = await given(giver, giver, helper, right());
    const validTo = inDays(20);
    assert.equal((await change(giver, id, { validTo })).status, 200);
    for (const how of ['suspend', 'resume'])
      await call('POST', `${MANDATES}/${id}/${how}`, await personToken(giver));
    await end(giver, id);
    const all = await heard();
    assert.deepEqual(kinds(all), [
      ...['mandate-given', 'mandate-changed', 'mandate-suspended'],
      ...['mandate-resumed', 'mandate-ended'],
    ]);
    assert.deepEqual(
      all.map(({ said }) => said.status),
      ['active', 'active', 'suspended', 'active', 'ended'],
    );
    assert.equal(+new Date(all[1]!.said.validTo), +new Date(validTo));
    for (const { subject, said } of all)
      assert.deepEqual([subject, said.service], [id, [resource]]);
  });

  it('that waits for a yes is told once it has one', async () => {
    const id = await sent(giver, helper, right());
    assert.deepEqual(await heard(), []);
    assert.equal((await accept(helper, id)).status, 200);
    const [begun, ...more] = await heard();
    assert.deepEqual([begun!.kind, begun!.subject, more.length], ['mandate-given', id, 0]);
  });

  it('is not told, when it comes to it, to who does not own the service any more', async () => {
    const got = await receiver();
    const pushed = await newStream(owner, got);
    await given(giver, giver, helper, right());
    got.answer = () => ({ status: 503 });
    await sendSignals();
    got.answer = () => ({ status: 202 });
    await world.database.db('resource').where({ id: resource }).update({ owner: stranger.id });
    await at(2_000, sendSignals);
    const events = await told(owner, streams[0]!);
    assert.deepEqual([events, await toldTo(got)], [[], []]);
    for (const stream of [pushed, streams[0]!])
      assert.equal((await whyDropped(stream))['mandate-given'], 'no_audience');
  });
});

describe('a policy', () => {
  it('is told to the owner of its service, each time that it changes, and to nobody else', async () => {
    const [owner, stranger] = [await newOrganization(), await newOrganization()];
    const resource = await newResource([can('read', 'dagl')], { owner: owner.number });
    await sendSignals();
    const streams = [await newStream(owner), await newStream(stranger)];
    const identifier = { identifier: resource, owner: owner.number };
    await newResource([can('read', 'dagl'), can('write', 'dagl')], identifier);
    await sendSignals();
    const [changed, ...more] = await told(owner, streams[0]!);
    const { kind, claims } = changed!;
    const subject = { format: 'uri', uri: `urn:altinn:resource:${resource}` };
    assert.deepEqual([kind, claims.sub_id, more], ['policy-published', subject, []]);
    assert.deepEqual(await told(stranger, streams[1]!), []);
  });
});

describe('a stream whose address is changed', () => {
  it('is sent a verification there, and holds everything until that is accepted', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const [before, after] = [await receiver(), await receiver()];
    const id = await newStream(bank, before);
    after.answer = () => ({ status: 400, body: { err: 'authentication_failed' } });
    const delivery = { method: 'urn:ietf:rfc:8935', endpoint_url: after.url };
    const moved = await keep(bank, 'PATCH', STREAMS, { stream_id: id, delivery });
    assert.equal(moved.status, 200, moved.text);
    await ask(person, bank);
    await sendSignals();
    const { body } = await keep(bank, 'GET', `/ssf/status?stream_id=${id}`);
    assert.ok(body.reason, JSON.stringify(body));
    assert.deepEqual([await toldTo(before), await toldTo(after)], [[], []]);
    after.answer = () => ({ status: 202 });
    await at(61_000, async () => {
      await keep(bank, 'POST', '/ssf/verify', { stream_id: id });
      await sendSignals();
      await sendSignals();
    });
    assert.deepEqual(
      [kinds(await toldTo(before)), kinds(await toldTo(after))],
      [[], ['consent-asked']],
    );
  });
});

describe('a stream that holds much', () => {
  it('is given up once that is a hundred thousand', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const id = await newStream(bank);
    await keep(bank, 'POST', '/ssf/status', { stream_id: id, status: 'paused' });
    const fill = (count: number) =>
      world.database.db.raw(
        `insert into signal_delivery (stream_id, event_id, pos, kind, is_state, said, made_at, next_at)
        select ?, gen_random_uuid(), nextval('event_pos'), 'consent-used', false, '{}', now(), now() from generate_series(1, ?::int)`,
        [id, count],
      );
    const statusNow = async () => {
      await world.work.run('signal.give_up');
      return (await keep(bank, 'GET', `/ssf/status?stream_id=${id}`)).body;
    };
    await fill(99_999);
    assert.equal((await statusNow()).status, 'paused');
    await withdraw(await approved(person, bank), person);
    await world.work.run('signal.spread');
    const { status, reason } = await statusNow();
    assert.deepEqual([status, reason], ['disabled', 'held_too_long']);
    const kept = new Set(await statesOf(id));
    assert.deepEqual(kept, new Set(['dropped', 'waiting']), 'what says so waits');
    await sendSignals();
    assert.deepEqual(kinds(await poll(bank, id)), ['stream-updated']);
  });
  const approved = async (person: TestParty, bank: TestParty) => {
    const id = await ask(person, bank);
    await approve(id, person);
    return id;
  };
});
