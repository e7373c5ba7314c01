// System users: let in by an administrator, acting with what they are given, suspended, and ended
// with everything.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { call, importThis, newPerson, personToken, world } from '../support/world.ts';
import { can, decide, given, newFirm, newMandate, newResource } from '../support/rights/rights.ts';
import { newSystem, newSystemUser } from '../support/rights/systems.ts';
import { send, refused } from '../support/rights/enduser.ts';
import { LON, newSupplier } from '../support/rights/suppliers.ts';

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

  it('is suspended by its organisation with what customers gave through it, and resumed', async () => {
    const { client: customer, supplier, boss } = await newSupplier();
    const { id: agent } = await newSystemUser(boss, supplier, { kind: 'agent' });
    const list = `/access/v1/system-users?party=${supplier.id}`;
    await send(boss, 'POST', '/clientdelegations/agents', { party: supplier.id, agent });
    const where = { party: supplier.id, client: customer.id, agent };
    const pass = await send(boss, 'POST', '/clientdelegations/agents/accesspackages', where, {
      values: LON,
    });
    assert.equal(pass.status, 200, pass.text);
    const may = () => decide({ id: agent }, 'write', 'a-melding', customer);
    assert.equal(await may(), 'Permit');
    const step = async (word: string, who: { id: string } = boss) =>
      call('POST', `/access/v1/system-users/${agent}/${word}`, await personToken(who));
    const stranger = await newPerson();
    refused(await step('suspend', stranger), 'TIL-00009');
    const stopped = await step('suspend');
    assert.deepEqual([stopped.status, stopped.body.suspended], [200, true], stopped.text);
    assert.deepEqual((await step('suspend')).body, stopped.body);
    assert.equal(await may(), 'NotApplicable');
    const [held] = (await call('GET', list, await personToken(boss))).body.data;
    assert.equal(held.suspended, true);
    const stands = async () => {
      const { rows } = await world.database.db.raw(
        `select event.type, event.detail ->> 'receiver' as receiver from event
          where event.to_party = ? and event.type in ('suspended', 'resumed', 'system_suspended', 'system_resumed') order by event.id`,
        [agent],
      );
      return (rows as { type: string; receiver: string | null }[]).map(
        ({ type, receiver }) => `${type} ${receiver}`,
      );
    };
    assert.deepEqual(await stands(), ['system_suspended null', 'suspended true']);
    refused(await step('resume', stranger), 'TIL-00009');
    assert.equal((await step('resume')).body.suspended, false);
    assert.equal(await may(), 'Permit');
    assert.deepEqual((await stands()).slice(2), ['system_resumed null', 'resumed true']);
  });

  it('is signalled as suspended, resumed and ended for each that lets it act, however many', async () => {
    const { firm, boss } = await newFirm();
    const user = await newSystemUser(boss, firm);
    const given = 1_001;
    await world.database.db.raw(
      `insert into mandate (id, from_party, to_party, to_kind, basis, resource_id, actions, instance, valid_from, given_by, given_at)
        select gen_random_uuid(), ?, ?, 'system_user', 'delegation', 'mva-melding', '{read}', 'sak-' || n, now() - interval '1 day', ?, now() - interval '1 day'
        from generate_series(1, ?::int) as n`,
      [firm.id, user.id, boss.id, given],
    );
    const path = `/access/v1/system-users/${user.id}`;
    const token = await personToken(boss);
    for (const word of ['suspend', 'resume'])
      assert.equal((await call('POST', `${path}/${word}`, token)).status, 200);
    assert.equal((await call('DELETE', path, token)).status, 204);
    const { rows } = await world.database.db.raw(
      `select event.type, count(distinct event.mandate_id)::int as n from event
        where event.to_party = ? and event.mandate_id is not null group by event.type order by event.type`,
      [user.id],
    );
    assert.deepEqual(
      rows,
      ['ended', 'resumed', 'suspended'].map((type) => ({ type, n: given })),
    );
  });

  it('is let do nothing while it is suspended, by its own name and by its kind either', async () => {
    const { firm, boss } = await newFirm();
    const user = await newSystemUser(boss, firm);
    const resource = await newResource([
      can('read', `urn:altinn:systemuser:uuid:${user.id}`),
      can('write', 'partytype:system_user'),
    ]);
    const each = () =>
      Promise.all(['read', 'write'].map((action) => decide(user, action, resource, firm)));
    assert.deepEqual(await each(), ['Permit', 'Permit']);
    await call('POST', `/access/v1/system-users/${user.id}/suspend`, await personToken(boss));
    assert.deepEqual(await each(), ['NotApplicable', 'NotApplicable']);
  });

  it('has no more after its resumption than its givers let it have', async () => {
    const { firm, boss } = await newFirm();
    const user = await newSystemUser(boss, firm);
    const mandate = await given(boss, firm, user, { package: 'merverdiavgift' });
    const path = `/access/v1/mandates/${mandate}`;
    const read = async () => (await call('GET', path, await personToken(boss))).body;
    const step = async (at: string) => call('POST', at, await personToken(boss));
    await step(`/access/v1/system-users/${user.id}/suspend`);
    const { status, inactiveBecause } = await read();
    assert.deepEqual([status, inactiveBecause], ['inactive', 'receiver_suspended']);
    await step(`${path}/suspend`);
    await step(`/access/v1/system-users/${user.id}/resume`);
    assert.equal((await read()).status, 'suspended');
    assert.equal(await decide(user, 'read', 'mva-melding', firm), 'NotApplicable');
    await step(`${path}/resume`);
    assert.equal(await decide(user, 'read', 'mva-melding', firm), 'Permit');
    await call('DELETE', `/access/v1/system-users/${user.id}`, await personToken(boss));
    refused(await step(`/access/v1/system-users/${user.id}/suspend`), 'TIL-00009');
  });
});
