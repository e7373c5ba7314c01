// What a mandate says of itself, and that decisions say the same at that moment.
import assert from 'node:assert/strict';
import { can, change, decide, given, MANDATES, newFirm, newResource } from '../support/rights.ts';
import { at, call, inDays, newPerson, personToken } from '../support/world.ts';

describe('the status of a mandate', () => {
  const read = async (boss: { id: string }, id: string) =>
    (await call('GET', `${MANDATES}/${id}`, await personToken(boss))).body.status;
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
    await act(boss, first, 'suspend');
    const status = await read(boss, second);
    assert.ok(['suspended', 'inactive'].includes(status), status);
    assert.equal(await decide(last, 'read', resource, firm), 'NotApplicable');
  });
});
