// Chains of mandates: how far they reach, and what ends or suspends in the middle of them.
import assert from 'node:assert/strict';
import { at, call, inDays, newPerson, personToken, world } from '../support/world.ts';
import {
  can,
  change,
  decide,
  end,
  give,
  given,
  MANDATES,
  newFirm,
  newMandate,
  newResource,
  receiver,
} from '../support/rights/rights.ts';

const TAX = { package: 'merverdiavgift' };
let resource: string;
const permits = async (subject: { id: string }, from: { id: string }, action = 'read') =>
  (await decide(subject, action, resource, from)) === 'Permit';

describe('a chain', () => {
  before(async () => {
    resource = await newResource([
      can('read', 'dagl', 'package:merverdiavgift'),
      can('write', 'package:merverdiavgift'),
    ]);
  });

  async function chain(length: number, what: object = TAX) {
    const { firm, boss } = await newFirm();
    const people = await Promise.all(Array.from({ length }, () => newPerson()));
    const ids = [await given(boss, firm, people[0]!, { ...what, mayPassOn: true })];
    for (let link = 1; link < length; link += 1)
      ids.push(await given(people[link - 1]!, firm, people[link]!, { ...what, mayPassOn: true }));
    return { firm, boss, people, ids };
  }

  it('reaches six links, and no seventh', async () => {
    const { firm, people } = await chain(6);
    for (const person of people) assert.equal(await permits(person, firm), true);
    const seventh = await give(people[5]!, firm, await newPerson(), TAX);
    assert.deepEqual([seventh.status, seventh.body.code], [400, 'TIL-00023']);
  });

  it('dies from the middle, at once, and leaves what is before', async () => {
    const { firm, boss, people, ids } = await chain(5);
    assert.equal((await end(boss, ids[2]!)).status, 204);
    assert.deepEqual(await Promise.all(people.map((person) => permits(person, firm))), [
      true,
      true,
      false,
      false,
      false,
    ]);
    const { rows } = await world.database.db.raw(
      "select mandate_id, type from event where from_party = ? and type = 'ended'",
      [firm.id],
    );
    assert.equal(rows.length, 3);
  });

  it('leaves nothing that begins while what it rests on ends', async () => {
    const { firm, boss, people, ids } = await chain(2);
    const last = people[1]!;
    const tokens = { boss: await personToken(boss), last: await personToken(last) };
    const receivers = await Promise.all(Array.from({ length: 12 }, () => newPerson()));
    const acts = receivers.map((one) =>
      call('POST', MANDATES, tokens.last, { from: firm.id, ...receiver(one), ...TAX }),
    );
    await Promise.all([
      ...acts.slice(0, 6),
      call('DELETE', `${MANDATES}/${ids[0]}`, tokens.boss),
      ...acts.slice(6),
    ]);
    const { rows } = await world.database.db.raw(
      'select id from mandate where from_party = ? and chain && ?::uuid[] and ended_at is null',
      [firm.id, ids],
    );
    assert.deepEqual(rows, []);
  });

  it('freezes and thaws from the middle', async () => {
    const { firm, boss, people, ids } = await chain(3);
    await call('POST', `${MANDATES}/${ids[1]}/suspend`, await personToken(boss));
    assert.deepEqual(await Promise.all(people.map((person) => permits(person, firm))), [
      true,
      false,
      false,
    ]);
    await call('POST', `${MANDATES}/${ids[1]}/resume`, await personToken(boss));
    assert.deepEqual(await Promise.all(people.map((person) => permits(person, firm))), [
      true,
      true,
      true,
    ]);
  });

  it('never outlives what it rests on', async () => {
    const [{ firm, boss }, first, second] = [await newFirm(), await newPerson(), await newPerson()];
    const id = await given(boss, firm, first, { ...TAX, mayPassOn: true, validTo: inDays(5) });
    assert.equal(
      (await give(first, firm, second, { ...TAX, validTo: inDays(6) })).body.code,
      'TIL-00022',
    );
    const child = await given(first, firm, second, TAX);
    assert.equal((await change(first, child, { validTo: inDays(8) })).body.code, 'TIL-00022');
    await change(boss, id, { validTo: inDays(2) });
    await at(3 * 86_400_000, async () => assert.equal(await permits(second, firm), false));
  });

  it('never gives more than it rests on', async () => {
    const [{ firm, boss }, first, second] = [await newFirm(), await newPerson(), await newPerson()];
    const own = await newResource([can('read', 'dagl'), can('write', 'dagl')]);
    const id = await given(boss, firm, first, {
      resource: own,
      actions: ['read', 'write'],
      mayPassOn: true,
    });
    assert.equal(
      (await give(first, firm, second, { resource: own, actions: ['read', 'sign'] })).status,
      400,
    );
    await given(first, firm, second, { resource: own, actions: ['read', 'write'] });
    assert.equal(await decide(second, 'write', own, firm), 'Permit');
    await change(boss, id, { actions: ['read'] });
    assert.deepEqual(
      [await decide(second, 'write', own, firm), await decide(second, 'read', own, firm)],
      ['NotApplicable', 'Permit'],
    );
  });

  it('gets no action that whoever passed it on does not have, also from one who has more', async () => {
    const [{ firm, boss }, first, second] = [await newFirm(), await newPerson(), await newPerson()];
    const tax = 'package:merverdiavgift';
    const own = await newResource([can('read', 'dagl', tax), can('write', 'dagl', tax)]);
    const narrow = await newResource([can('read', 'dagl', tax), can('write', 'dagl')]);
    await given(boss, firm, first, { package: 'merverdiavgift', mayPassOn: true });
    for (const [resource, expected] of [
      [own, 200],
      [narrow, 400],
    ] as const) {
      const what = { resource, actions: ['read'] };
      const id = await given(first, firm, second, what);
      const both = { actions: ['read', 'write'] };
      const answer = await change(boss, id, both);
      assert.equal(answer.status, expected, answer.text);
      if (expected === 400) assert.equal(answer.body.code, 'TIL-00022');
      const outcome = await decide(second, 'write', resource, firm);
      assert.equal(outcome, expected === 200 ? 'Permit' : 'NotApplicable');
    }
  });

  it('is not made by one who may not pass on, and ends when that is taken away', async () => {
    const [{ firm, boss }, first, second] = [await newFirm(), await newPerson(), await newPerson()];
    const id = await given(boss, firm, first, TAX);
    assert.equal((await give(first, firm, second, TAX)).body.code, 'AM-00028');
    assert.equal((await change(first, id, { mayPassOn: true })).body.code, 'TIL-00027');
    await change(boss, id, { mayPassOn: true });
    await given(first, firm, second, TAX);
    assert.equal(await permits(second, firm), true);
    await change(boss, id, { mayPassOn: false });
    assert.deepEqual([await permits(first, firm), await permits(second, firm)], [true, false]);
  });

  it('does not meet itself', async () => {
    const { firm, people } = await chain(2);
    assert.equal((await give(people[1]!, firm, people[0]!, TAX)).body.code, 'TIL-00023');
    assert.equal(
      (await give(people[1]!, firm, firm, TAX)).body.validationErrors[0].code,
      'AM.VLD-00045',
    );
  });

  it('may be ended by the one who passed it on, by the receiver and by the giver, and by no cousin', async () => {
    const { firm, boss, people, ids } = await chain(2);
    const cousin = await newPerson();
    await newMandate(firm, cousin, TAX);
    assert.equal((await end(cousin, ids[1]!)).status, 404);
    assert.equal((await end(people[0]!, ids[1]!)).status, 204);
    assert.deepEqual(
      [await permits(people[0]!, firm), await permits(people[1]!, firm)],
      [true, false],
    );
    assert.equal((await end(boss, ids[0]!)).status, 204);
  });
});
