// What a mandate says of itself, and that decisions say the same at that moment.
import assert from 'node:assert/strict';
import { newPair } from '../support/rights/rights.ts';
import { asOf, readBy, statusOf } from '../../server/mandate/model.ts';
import {
  can,
  change,
  decide,
  give,
  given,
  MANDATES,
  newFirm,
  newResource,
} from '../support/rights/rights.ts';
import {
  at,
  call,
  importThis,
  inDays,
  newPerson,
  newRole,
  personToken,
  putParty,
  world,
  type TestParty,
} from '../support/world.ts';

describe('a mandate as it was', () => {
  const at = new Date('2026-06-01T12:00:00Z');
  const [before, after] = [new Date(at.getTime() - 1), new Date(at.getTime() + 1)];
  const row = {
    ...{ validTo: after, actions: ['read', 'sign'], mayPassOn: true, subunits: false },
    ...({ endedAt: null, suspendedAt: null, lastUsedAt: null } as Record<
      'endedAt' | 'suspendedAt' | 'lastUsedAt',
      Date | null
    >),
  };

  it('has no act of later, and every one until then', () => {
    for (const name of ['endedAt', 'suspendedAt', 'lastUsedAt'] as const)
      for (const [done, kept] of [
        [before, before],
        [at, at],
        [after, null],
        [null, null],
      ])
        assert.equal(asOf({ ...row, [name]: done }, at)[name], kept, `${name} ${String(done)}`);
  });

  it('has the terms that were changed since', () => {
    const { validTo, actions, mayPassOn } = row;
    const told = (detail: unknown) => {
      const one = asOf(row, at, detail);
      return [one.validTo, one.actions, one.mayPassOn];
    };
    for (const nothing of [undefined, null, 'x', {}])
      assert.deepEqual(told(nothing), [validTo, actions, mayPassOn]);
    assert.deepEqual(told(['read']), [validTo, ['read'], mayPassOn]);
    assert.deepEqual(told({ mayPassOn: false }), [validTo, actions, false]);
    assert.deepEqual(told({ validTo: null }), [null, actions, mayPassOn]);
    assert.deepEqual(told({ validTo: before.toISOString() }), [before, actions, mayPassOn]);
  });
});

describe('why a mandate is of no use', () => {
  it('is read by its giver and the guardians, where it is about the giver', () => {
    const row = { from: 'giver', fromKind: 'person', guardians: ['guardian'], lacks: null };
    const read = (lacks: string | null, reader: string, more: object = {}) =>
      readBy({ ...row, lacks, ...more } as never as Parameters<typeof readBy>[0], reader).lacks;
    for (const lack of ['giver_incapable', 'giver_ended', 'upstream_suspended', 'upstream_ended']) {
      assert.equal(read(lack, 'stranger'), 'not_in_force', lack);
      for (const reader of ['giver', 'guardian']) assert.equal(read(lack, reader), lack, reader);
      assert.equal(read(lack, 'stranger', { fromKind: 'organization' }), lack);
      assert.equal(read(lack, 'stranger', { guardians: null }), 'not_in_force');
    }
    for (const other of [null, 'qualification']) assert.equal(read(other, 'stranger'), other);
  });
});

describe('the status of a mandate', () => {
  it('is ended from the instant that it ends at, not before', () => {
    const now = new Date('2026-06-01T12:00:00Z');
    const endedAt = (millis: number) => new Date(now.getTime() + millis);
    const plain = {
      validFrom: new Date(0),
      validTo: null,
      suspendedAt: null,
      acceptBy: null,
      lacks: null,
    };
    const told = [1, 0, -1].map((millis) => statusOf({ ...plain, endedAt: endedAt(millis) }, now));
    assert.deepEqual(told, ['active', 'ended', 'ended']);
  });

  const read = async (boss: { id: string }, id: string) =>
    (await call('GET', `${MANDATES}/${id}`, await personToken(boss))).body.status;
  const why = async (who: { id: string }, id: string) => {
    const { body } = await call('GET', `${MANDATES}/${id}`, await personToken(who));
    return [body.status, body.inactiveBecause];
  };
  const gone = (one: TestParty) => putParty(one, { endedAt: inDays(-1) });
  const act = async (boss: { id: string }, id: string, name: string) =>
    call('POST', `${MANDATES}/${id}/${name}`, await personToken(boss));

  it('is upcoming, active, suspended, expired and ended, and only active permits', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const terms = { resource, actions: ['read'], validFrom: inDays(1), validTo: inDays(3) };
    const id = await given(boss, firm, clerk, terms);
    const both = async () => [await read(boss, id), await decide(clerk, 'read', resource, firm)];
    assert.deepEqual(await both(), ['upcoming', 'NotApplicable']);
    await at(2 * 86_400_000, async () => {
      assert.deepEqual(await both(), ['active', 'Permit']);
      assert.equal((await act(boss, id, 'suspend')).status, 200);
      assert.deepEqual(await both(), ['suspended', 'NotApplicable']);
      assert.equal((await act(boss, id, 'resume')).status, 200);
      assert.deepEqual(await both(), ['active', 'Permit']);
    });
    await at(4 * 86_400_000, async () => {
      assert.deepEqual(await both(), ['expired', 'NotApplicable']);
    });
    await call('DELETE', `${MANDATES}/${id}`, await personToken(boss));
    assert.deepEqual(await both(), ['ended', 'NotApplicable']);
    assert.equal((await change(boss, id, { validTo: inDays(9) })).body.code, 'TIL-00021');
  });

  it('is inactive while a link of its chain does not hold', async () => {
    const [{ firm, boss }, between, last] = [await newFirm(), await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const terms = { resource, actions: ['read'] };
    const first = await given(boss, firm, between, { ...terms, mayPassOn: true });
    const second = await given(between, firm, last, terms);
    assert.deepEqual(
      [await read(boss, second), await decide(last, 'read', resource, firm)],
      ['active', 'Permit'],
    );
    await world.database.db.raw('update mandate set suspended_at = now() where id = ?', [first]);
    assert.deepEqual(await why(boss, second), ['inactive', 'upstream_suspended']);
    assert.equal(await decide(last, 'read', resource, firm), 'NotApplicable');
    await world.database.db.raw(
      'update mandate set suspended_at = null, valid_to = now() where id = ?',
      [first],
    );
    assert.deepEqual(await why(boss, second), ['inactive', 'upstream_ended']);
    assert.equal(await decide(last, 'read', resource, firm), 'NotApplicable');
  });

  it('is inactive, and says so, without its qualification or its receiver', async () => {
    const [client, lawyer] = await newPair();
    const qualified = (endedAt?: string) =>
      importThis({
        qualifications: [
          { party: lawyer.number, kind: 'advokat', ...(endedAt ? { endedAt } : {}) },
        ],
      });
    await qualified();
    const what = { package: 'innbygger-advokat' };
    const answer = await give(client, client, lawyer, what, { 'urn:altinn:authlevel': 4 });
    assert.equal(answer.status, 201, answer.text);
    const { id } = answer.body;
    assert.deepEqual(await why(client, id), ['active', undefined]);
    await qualified(inDays(-1));
    assert.deepEqual(await why(client, id), ['inactive', 'receiver_unqualified']);
    await gone(lawyer);
    assert.deepEqual(await why(client, id), ['inactive', 'receiver_ended']);
  });

  it('is inactive when its giver is dead, but for what holds after a death', async () => {
    const [dead, friend, heir] = [await newPerson(), await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const id = await given(dead, dead, friend, { resource, actions: ['read'] });
    await newRole('formuesfullmakt', dead, heir);
    await gone(dead);
    assert.deepEqual(await why(friend, id), ['inactive', 'not_in_force']);
    const own = await call('GET', `${MANDATES}?to=${heir.id}`, await personToken(heir));
    assert.deepEqual(
      own.body.data.map((one: { role: string; status: string }) => [one.role, one.status]),
      [['formuesfullmakt', 'active']],
    );
  });
});
