// What the owner of a resource reads without an operator: the decisions about its resources, and
// the feed of what was given, changed, ended or fell.
import { endParty } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import {
  approve,
  ask,
  call,
  inDays,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';
import {
  can,
  change,
  end,
  evaluate,
  given,
  newConsentResource,
  newResource,
  question,
  rightTo,
} from '../../support/rights/rights.ts';

const LOG = '/access/v1/log/decisions';
const FEED = '/access/v1/owner/events';
const AUTHORIZE = 'altinn:authorization/authorize';
const tokenOf = (owner: TestParty, scope = AUTHORIZE) => organizationToken(owner, scope);

describe("an owner's decision log", () => {
  it('has the decisions about its own resources, filtered and by pages', async () => {
    const [owner, other, human] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    const resource = await newResource([can('read', 'privatperson')], { owner: owner.number });
    const theirs = await newResource([can('read', 'privatperson')], { owner: other.number });
    await evaluate(question(human, 'read', resource, human));
    await evaluate(question(human, 'write', resource, human));
    await evaluate(question(human, 'read', theirs, human));
    await world.app.settle();
    const read = async (query = '') => (await call('GET', LOG + query, await tokenOf(owner))).body;
    const all = await read();
    assert.deepEqual(
      all.data.map((row: { resource: string; action: string; outcome: string }) => [
        row.resource,
        row.action,
        row.outcome,
      ]),
      [
        [resource, 'write', 'not_applicable'],
        [resource, 'read', 'permit'],
      ],
    );
    assert.deepEqual(all.data[0].subject, { id: human.id });
    assert.equal((await read('?outcome=permit')).data.length, 1);
    assert.equal((await read('?action=sign')).data.length, 0);
    assert.equal((await read(`?resource=${theirs}`)).data.length, 0);
    assert.equal((await read(`?subject=${human.id}`)).data.length, 2);
    assert.equal((await read('?subject=nobody')).data.length, 0);
    const first = await read('?limit=1');
    const next = await call('GET', first.links.next, await tokenOf(owner));
    assert.deepEqual(
      next.body.data.map((row: { action: string }) => row.action),
      ['read'],
    );
  });

  it('is for organisations with its scope, of nobody else', async () => {
    const [owner, human] = [await newOrganization(), await newPerson()];
    assert.equal(
      (await call('GET', LOG, await tokenOf(owner, 'altinn:portal/enduser'))).status,
      403,
    );
    assert.equal(
      (await call('GET', LOG, await personToken(human, { scope: AUTHORIZE }))).status,
      403,
    );
    const named = await call('GET', `${LOG}?party=${human.id}`, await tokenOf(owner));
    assert.equal(named.body.code, 'TIL-00008');
  });
});

describe("an owner's feed", () => {
  const read = async (owner: TestParty, query = '') =>
    (await call('GET', FEED + query, await tokenOf(owner))).body;
  const types = (body: { data: { type: string }[] }) => body.data.map((row) => row.type);
  /** What is there already: versions of services, and what an import has changed. */
  const cursorOf = async (owner: TestParty): Promise<string> => (await read(owner)).cursor;

  it('tells what was given, changed and ended of its resources, in order, from a cursor on', async () => {
    const [owner, giver, helper] = [await newOrganization(), await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')], { owner: owner.number });
    const since = await cursorOf(owner);
    const nothing = { data: [], cursor: since, links: { next: null } };
    assert.deepEqual(await read(owner, `?cursor=${since}`), nothing);
    const id = await given(giver, giver, helper, { resource, actions: ['read'] });
    await change(giver, id, { validTo: inDays(9) });
    const two = await read(owner, `?cursor=${since}`);
    assert.deepEqual(types(two), ['given', 'changed']);
    const { id: _id, at: _at, validTo, ...row } = two.data[0];
    assert.ok(validTo && row.pos > 0);
    assert.deepEqual(row, {
      type: 'given',
      cause: 'mandate',
      party: null,
      pos: row.pos,
      parties: row.parties,
      reason: null,
      consent: null,
      mandate: id,
      from: giver.id,
      to: helper.id,
      resources: [{ id: resource, actions: ['read'], instance: null }],
    });
    assert.deepEqual([...row.parties].sort(), [giver.id, helper.id].sort());
    await call('POST', `/access/v1/mandates/${id}/suspend`, await personToken(giver));
    await end(giver, id);
    const rest = await read(owner, `?cursor=${two.cursor}`);
    assert.deepEqual(types(rest), ['suspended', 'ended']);
    const page = await read(owner, `?limit=3&cursor=${since}`);
    assert.deepEqual(types(page), ['given', 'changed', 'suspended']);
    const last = await call('GET', page.links.next, await tokenOf(owner));
    assert.deepEqual(types(last.body), ['ended']);
  });

  it('tells what was approved, withdrawn and fell, with its reason, not what was asked or refused', async () => {
    const [owner, asker] = [await newOrganization(), await newOrganization()];
    const resource = await newConsentResource(['privatperson'], { owner: owner.number });
    const approved = async () => {
      const giver = await newPerson();
      const id = await ask(giver, asker, rightTo(resource));
      await approve(id, giver);
      return { giver, id };
    };
    const refused = await newPerson();
    await reject(await ask(refused, asker, rightTo(resource)), refused);
    const [one, two] = [await approved(), await approved()];
    await withdraw(one.id, one.giver);
    await endParty(two.giver);
    let data: { type: string; reason: string; consent: string; cause: string }[] = [];
    // One sweep takes so many, and others' have their turn first.
    for (let time = 0; time < 50 && data.length < 4; time += 1) {
      await world.work.tend();
      ({ data } = await read(owner));
      data = data.filter(({ cause }) => cause === 'consent');
    }
    assert.deepEqual(
      data.map((row: { type: string; reason: string; consent: string }) => [
        row.type,
        row.reason,
        row.consent,
      ]),
      [
        ['given', null, one.id],
        ['given', null, two.id],
        ['ended', null, one.id],
        ['fallen', 'giver_dead', two.id],
      ],
    );
    assert.ok(!JSON.stringify(data).includes(one.giver.number));
  });

  it("names an owner's own resources alone, where a consent is about several owners'", async () => {
    const [owner, other, asker] = [
      await newOrganization(),
      await newOrganization(),
      await newOrganization(),
    ];
    const [mine, theirs] = [
      await newConsentResource(['privatperson'], { owner: owner.number }),
      await newConsentResource(['privatperson'], { owner: other.number }),
    ];
    const giver = await newPerson();
    const consentRights = [mine, theirs].flatMap((resource) => rightTo(resource).consentRights);
    const id = await ask(giver, asker, { consentRights });
    await approve(id, giver);
    for (const [reader, resource] of [
      [owner, mine],
      [other, theirs],
    ] as const) {
      const { data } = await read(reader);
      const [line] = data.filter(({ cause }: { cause: string }) => cause === 'consent');
      assert.deepEqual(line.resources, [{ id: resource, actions: ['consent'], instance: null }]);
    }
    assert.deepEqual(types(await read(await newOrganization())), []);
  });

  it('refuses a cursor that is none, and who has no scope', async () => {
    const owner = await newOrganization();
    for (const query of ['cursor=abc', 'continuationToken=abc', 'cursor=1&continuationToken=2'])
      assert.equal(
        (await call('GET', `${FEED}?${query}`, await tokenOf(owner))).status,
        400,
        query,
      );
    const { cursor } = await read(owner);
    for (const name of ['cursor', 'continuationToken'])
      assert.deepEqual((await read(owner, `?${name}=${cursor}`)).data, [], name);
    assert.equal((await call('GET', FEED, await tokenOf(owner, 'other'))).status, 403);
    assert.equal((await call('GET', FEED, await personToken(await newPerson()))).status, 403);
  });
});
