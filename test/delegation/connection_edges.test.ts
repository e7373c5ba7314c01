// Connections with what a caller leaves out or wants along.
import assert from 'node:assert/strict';
import { can, newFirm, newMandate, newResource } from '../support/rights/rights.ts';
import { call, newPerson, personToken } from '../support/world.ts';

const BASE = '/accessmanagement/api/v1/enduser/connections';

describe('a connection', () => {
  it('has packages, resources and instances along only when they are asked for', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    await newMandate(firm, clerk, { package: 'merverdiavgift' });
    await newMandate(firm, clerk, { resource, actions: ['read'] });
    await newMandate(firm, clerk, { resource, actions: ['read'], instance: 'sak-1' });
    const read = async (more: string) =>
      (
        await call(
          'GET',
          `${BASE}?party=${firm.id}&from=${firm.id}&to=${clerk.id}${more}`,
          await personToken(boss),
        )
      ).body.data[0];
    const bare = await read('');
    assert.deepEqual([bare.packages, bare.resources, bare.instances], [[], [], []]);
    const whole = await read(
      '&includeAccessPackages=true&includeResources=true&includeInstances=true',
    );
    assert.deepEqual(
      [whole.packages.length, whole.resources, whole.instances],
      [1, [{ refId: resource }], [{ resourceId: resource, instanceId: 'sak-1' }]],
    );
  });

  it('is seen from the other side by the one who received it', async () => {
    const [{ firm }, clerk] = [await newFirm(), await newPerson()];
    await newMandate(firm, clerk, { package: 'merverdiavgift' });
    const token = await personToken(clerk);
    const sides = `party=${clerk.id}&to=${clerk.id}`;
    const list = await call('GET', `${BASE}?${sides}&includeClientDelegations=false`, token);
    assert.deepEqual(
      list.body.data.map((one: { party: { id: string } }) => one.party.id),
      [firm.id],
    );
    const users = await call('GET', `${BASE}/users?${sides}`, token);
    assert.deepEqual(
      users.body.data.map((one: { id: string }) => one.id),
      [firm.id],
    );
  });

  it('has roles that are ended in their register alone, known or not', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const end = async (role: string) =>
      (
        await call(
          'DELETE',
          `${BASE}/roles?party=${firm.id}&from=${firm.id}&to=${clerk.id}${role}`,
          await personToken(boss),
        )
      ).body.code;
    assert.deepEqual(
      [await end('&roleCode=dagl'), await end('&roleCode=konge'), await end('')],
      ['AM-00040', 'AM-00039', 'AM-00039'],
    );
  });
});
