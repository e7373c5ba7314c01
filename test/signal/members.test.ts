// What a signal says of whom, by which door it goes out, and which subjects a client may name.
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import { createApp } from '../../server/app.ts';
import { OWN_ALONE, SIGNAL_KINDS } from '../../server/signal/model.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { refused } from '../support/rights/enduser.ts';
import {
  can,
  given,
  MANDATES,
  newConsentResource,
  newResource,
  newTeam,
  rightTo,
} from '../support/rights/rights.ts';
import { endParty } from '../support/rows.ts';
import { workOf } from '../support/run/jobs.ts';
import {
  closingReceivers,
  keep,
  kinds,
  newStream,
  poll,
  sendSignals,
  statesOf,
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
  personToken,
  world,
} from '../support/world.ts';

const receiver = closingReceivers();
const byUuid = ({ id }: { id: string }) => `urn:altinn:party:uuid:${id}`;
const byNumber = ({ number }: { number: string }) =>
  `urn:altinn:organization:identifier-no:${number}`;

/** The members of what a stream is to hear, as they are kept. */
async function keptOf(stream: string): Promise<string> {
  const { rows } = await world.database.db.raw(
    'select said from signal_delivery where stream_id = ?',
    [stream],
  );
  return JSON.stringify(rows);
}

describe('a signal', () => {
  it('has a schema at its address, and only one of our own', async () => {
    const kinds = SIGNAL_KINDS.filter((kind) => !OWN_ALONE.includes(kind));
    for (const kind of kinds) {
      const answer = await fetch(`${world.url}/secevent/${kind}`);
      const schema = (await answer.json()) as Record<string, string>;
      assert.equal(answer.headers.get('content-type'), 'application/schema+json');
      assert.deepEqual([schema.$id, schema.title], [answer.url, kind]);
      assert.ok(new Ajv2020.default({ strict: true }).compile(schema), kind);
    }
    for (const kind of [...OWN_ALONE, 'verification', 'toString', 'consent-used2'])
      assert.equal((await fetch(`${world.url}/secevent/${kind}`)).status, 404, kind);
  });

  it('of a power of attorney names its giver, an organisation by number, and nobody who received it', async () => {
    const [owner, { firm, boss, clerk }] = [await newOrganization(), await newTeam()];
    const resource = await newResource([can('read', 'dagl')], { owner: owner.number });
    const stream = await newStream(owner);
    const id = await given(boss, firm, clerk, { resource, actions: ['read'] });
    await sendSignals();
    const [told] = (await poll(owner, stream)).filter(({ kind }) => kind === 'mandate-given');
    const { pos, ...members } = told!.said;
    const { body } = await call('GET', `${MANDATES}/${id}`, await personToken(boss));
    assert.deepEqual([body.pos, told!.subject], [pos, id], 'a read says up to where it goes');
    assert.deepEqual(members, {
      ...{ status: 'active', validTo: null },
      ...{ giver: byNumber(firm), service: [resource] },
    });
    assert.ok(
      !(await keptOf(stream)).includes(firm.number),
      'numbers are looked up when it is sent',
    );
  });

  it('of a consent names its giver by no national number, and the requester by its own', async () => {
    const [source, bank, person] = [
      ...[await newOrganization(), await newOrganization(), await newPerson()],
    ] as const;
    const stream = await newStream(source);
    const resource = await newConsentResource(['privatperson'], { owner: source.number });
    await approve(await ask(person, bank, rightTo(resource)), person);
    await sendSignals();
    const [told] = (await poll(source, stream)).filter(({ kind }) => kind === 'consent-given');
    assert.deepEqual([told!.said.giver, told!.said.requester], [byUuid(person), byNumber(bank)]);
    const kept = await keptOf(stream);
    for (const { number } of [bank, person]) assert.ok(!kept.includes(number));
  });

  it('of a policy says no more than which service', async () => {
    const owner = await newOrganization();
    const stream = await newStream(owner);
    const resource = await newResource([can('read', 'dagl')], { owner: owner.number });
    await sendSignals();
    const [told] = await poll(owner, stream);
    assert.equal(told!.kind, 'policy-published');
    assert.equal(told!.subject, `urn:altinn:resource:${resource}`);
    assert.deepEqual(Object.keys(told!.said), ['pos']);
  });

  it('of what fell as its giver died says that its basis ended, and not why', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const stream = await newStream(bank);
    await approve(await ask(person, bank, { validTo: inDays(9) }), person);
    await endParty(person);
    await world.work.run('consent.fall');
    await sendSignals();
    const told = await poll(bank, stream);
    const [fallen] = told.filter(({ kind }) => kind === 'consent-fallen');
    assert.equal(fallen?.said.reason, 'basis_ended');
    assert.doesNotMatch(JSON.stringify(told), /death|died|deceased/);
  });
});

describe('what waits for a receiver', () => {
  it('is sent as soon as something new gets through, to any stream of that address', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const streams = [await newStream(bank, got), await newStream(bank, got)];
    got.answer = () => ({ status: 503 });
    for (const days of [5, 6, 7]) await ask(person, bank, { validTo: inDays(days) });
    for (const seconds of [0, 2, 5, 10, 20, 40, 80]) await at(seconds * 1_000, sendSignals);
    got.answer = () => ({ status: 202 });
    await at(90_000, async () => {
      await keep(bank, 'POST', '/ssf/verify', { stream_id: streams[0] });
      await sendSignals();
      await sendSignals();
    });
    for (const stream of streams)
      assert.deepEqual([...new Set(await statesOf(stream))], ['delivered'], stream);
  });

  it('is said to be more by no poll of a stream that is paused', async () => {
    const [bank, person] = [await newOrganization(), await newPerson()];
    const stream = await newStream(bank);
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    const asked = { returnImmediately: true };
    await keep(bank, 'POST', '/ssf/status', { stream_id: stream, status: 'paused' });
    const { body } = await keep(bank, 'POST', `/ssf/poll/${stream}`, asked);
    assert.deepEqual(body, { sets: {} });
    await keep(bank, 'POST', '/ssf/status', { stream_id: stream, status: 'enabled' });
    assert.deepEqual(kinds(await poll(bank, stream)), ['consent-asked']);
  });

  it('is not sent by a node whose door for it is shut', async () => {
    const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
    const stream = await newStream(bank, got);
    const app = await createApp({
      env: { ...world.env, signals: { ssf: false, webhooks: true } },
      database: world.database,
      ...{ log: createLogger('silent'), metrics: createMetrics() },
    });
    const shut = workOf(app);
    await ask(person, bank, { validTo: inDays(9) });
    await shut.run('signal.spread');
    await shut.run('signal.send');
    assert.deepEqual(await statesOf(stream).then((all) => all.at(-1)), 'waiting');
    assert.deepEqual(await toldTo(got), []);
    await sendSignals();
    assert.deepEqual(kinds(await toldTo(got)), ['consent-asked']);
    await app.settle();
  });
});

describe('a subject that a client names', () => {
  const WHOLE = [
    { format: 'opaque', id: 'nobody' },
    { format: 'email', email: 'kari@example.org' },
    { format: 'iss_sub', iss: 'https://issuer.example', sub: 'kari' },
    { format: 'aliases', identifiers: [{ format: 'uri', uri: 'urn:example:1' }] },
    { format: 'of-another-register', name: 'kari' },
  ];
  const BROKEN = [
    {},
    { format: 'opaque' },
    { format: 'opaque', id: 1 },
    { format: 'email', uri: 'mailto:kari@example.org' },
    { format: 'iss_sub', iss: 'https://issuer.example' },
    { format: 'phone_number', phone_number: '' },
    { format: 'aliases', identifiers: [] },
    { format: 'aliases', identifiers: [{ format: 'aliases', identifiers: [] }] },
    { format: 'of-another-register' },
  ];

  it('is answered alike where it is well formed, whatever there is, and refused where it is not', async () => {
    const bank = await newOrganization();
    const id = await newStream(bank);
    for (const how of ['add', 'remove'] as const) {
      const path = `/ssf/subjects/${how}`;
      const name = (subject: object) => keep(bank, 'POST', path, { stream_id: id, subject });
      for (const subject of WHOLE) {
        const { status, text } = await name(subject);
        assert.equal(status, how === 'add' ? 200 : 204, text);
      }
      for (const subject of BROKEN) refused(await name(subject), 'TIL-00067');
    }
  });
});
