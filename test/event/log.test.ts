// Evidence: every act on a mandate leaves one event, in order, with who did it.
import assert from 'node:assert/strict';
import {
  can,
  change,
  end,
  given,
  MANDATES,
  newFirm,
  newResource,
} from '../support/rights/rights.ts';
import { call, inDays, newPerson, personToken } from '../support/world.ts';

describe('the log of events', () => {
  it('has each act once, oldest last, and refused acts not at all', async () => {
    const [{ firm, boss }, clerk, stranger] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
    ];
    const resource = await newResource([can('read', 'dagl')]);
    const id = await given(boss, firm, clerk, { resource, actions: ['read'], validTo: inDays(30) });
    const act = async (name: string, actor = boss) =>
      call('POST', `${MANDATES}/${id}/${name}`, await personToken(actor));
    await act('suspend');
    await act('suspend');
    await act('resume');
    assert.equal((await act('suspend', stranger)).status, 404);
    await change(boss, id, { validTo: inDays(10) });
    assert.equal((await change(clerk, id, { validTo: inDays(20) })).status, 403);
    await end(boss, id);
    await end(boss, id);
    const log = await call(
      'GET',
      `/access/v1/log/events?party=${firm.id}`,
      await personToken(boss),
    );
    const ours = log.body.data.filter((one: { mandate: string }) => one.mandate === id);
    assert.deepEqual(
      ours.map(({ type }: { type: string }) => type),
      ['ended', 'changed', 'resumed', 'suspended', 'given'],
    );
    // RFC 9562: ids of version 7, which carry their time.
    for (const { id: one, by, from, to } of ours) {
      assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      assert.deepEqual([by.id, from.id, to.id], [boss.id, firm.id, clerk.id]);
    }
    const other = await call(
      'GET',
      `/access/v1/log/events?party=${firm.id}`,
      await personToken(stranger),
    );
    assert.equal(other.status, 403);
  });
});
