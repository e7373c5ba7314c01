// System users: let in by an administrator, acting with what they are given, ended with everything.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { call, importThis, newPerson, personToken } from '../support/world.ts';
import { decide, given, newFirm, newMandate } from '../support/rights/rights.ts';
import { newSystem } from '../support/rights/systems.ts';
import { refused } from '../support/rights/enduser.ts';

describe('a system user', () => {
  it('is let in by an administrator, acts with what it is given, and ends with everything', async () => {
    const [{ firm, boss }, { vendor, id: systemId }, stranger] = [
      await newFirm(),
      await newSystem(),
      await newPerson(),
    ];
    const path = `/access/v1/system-users?party=${firm.id}`;
    const body = { name: 'Lønn', systemId };
    const made = await call('POST', path, await personToken(boss), body);
    assert.deepEqual(
      [made.status, made.body.kind, made.body.owner],
      [201, 'standard', firm.id],
      made.text,
    );
    assert.deepEqual([(await call('POST', path, await personToken(boss), body)).status], [200]);
    await given(boss, firm, made.body, { package: 'merverdiavgift' });
    assert.equal(await decide(made.body, 'read', 'mva-melding', firm), 'Permit');
    assert.equal((await call('GET', path, await personToken(boss))).body.data[0].id, made.body.id);
    refused(
      await call('POST', path, await personToken(boss), { ...body, systemId: '399999999_x' }),
      'TIL-00025',
    );
    refused(
      await call('POST', path, await personToken(boss), {
        ...{ ...body, systemId: `${vendor.number}_annet` },
      }),
      'TIL-00025',
    );
    refused(
      await call('POST', path, await personToken(boss), { ...body, kind: 'agent' }),
      'TIL.VLD-00001',
    );
    refused(
      await call('POST', path, await personToken(boss), { ...body, kind: 'robot' }),
      'TIL.VLD-00001',
    );
    refused(
      await call('POST', path, await personToken(boss), { ...body, name: '' }),
      'STD.VLD-00000',
    );
    refused(await call('POST', path, await personToken(stranger), body), 'TIL-00008');
    refused(
      await call('DELETE', `/access/v1/system-users/${made.body.id}`, await personToken(stranger)),
      'TIL-00009',
    );
    assert.equal(
      (await call('DELETE', `/access/v1/system-users/${made.body.id}`, await personToken(boss)))
        .status,
      204,
    );
    assert.equal(await decide(made.body, 'read', 'mva-melding', firm), 'NotApplicable');
    assert.equal(
      (await call('DELETE', `/access/v1/system-users/${made.body.id}`, await personToken(boss)))
        .status,
      404,
    );
  });

  it('stays where no vendor has registered it, and is marked', async () => {
    const { firm, boss } = await newFirm();
    const system = { id: randomUUID(), name: 'Gammelt', systemId: 'v_gammelt' };
    const more = { kind: 'system_user', owner: firm.number, systemKind: 'standard' };
    await importThis({ parties: [{ ...system, ...more }] });
    const path = `/access/v1/system-users?party=${firm.id}`;
    const [found] = (await call('GET', path, await personToken(boss))).body.data;
    assert.deepEqual([found.id, found.registered], [system.id, false]);
    const body = { name: 'Et til', systemId: system.systemId };
    refused(await call('POST', path, await personToken(boss), body), 'TIL-00025');
  });

  it('is of no person, whoever administers for that one', async () => {
    const [person, manager] = [await newPerson(), await newPerson()];
    await newMandate(person, manager, { package: 'innbygger-tilgangsstyring-privatperson' });
    const path = `/access/v1/system-users?party=${person.id}`;
    const body = { name: 'Lønn', systemId: '211104015_lonn' };
    refused(await call('GET', path, await personToken(manager)), 'AM.VLD-00008');
    refused(await call('POST', path, await personToken(manager), body), 'AM.VLD-00008');
  });
});
