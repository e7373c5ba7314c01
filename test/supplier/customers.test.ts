// Suppliers and those who work for them: customers, agents and client administration, and the
// decision that follows.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { importThis, newOrganization, newPerson, type TestParty } from '../support/world.ts';
import { can, decide, end, given, newFirm, newResource } from '../support/rights/rights.ts';
import { send, refused } from '../support/rights/enduser.ts';
import { LON, newSupplier } from '../support/rights/suppliers.ts';

describe('a supplier', () => {
  it("passes a customer's packages on to an employee, sees both sides, and takes them back", async () => {
    const { client, supplier, boss, employee } = await newSupplier();
    const where = { party: supplier.id, client: client.id, agent: employee.id };
    const passed = await send(boss, 'POST', '/clientdelegations/agents/accesspackages', where, {
      values: LON,
    });
    assert.deepEqual(
      [passed.status, passed.body[0].changed, passed.body[0].viaId],
      [200, true, supplier.id],
      passed.text,
    );
    assert.equal(
      (await send(boss, 'POST', '/clientdelegations/agents/accesspackages', where, { values: LON }))
        .body[0].changed,
      false,
    );
    assert.deepEqual(
      (await send(boss, 'POST', '/clientdelegations/agents/accesspackages', where, { values: [] }))
        .body,
      [],
    );
    assert.equal(await decide(employee, 'write', 'a-melding', client), 'Permit');
    const clients = (await send(boss, 'GET', '/clientdelegations/clients', { party: supplier.id }))
      .body.data;
    assert.deepEqual(
      [
        clients[0].client.id,
        clients[0].access[0].role.code,
        clients[0].access[0].origin,
        clients[0].access[0].packages.length,
      ],
      [client.id, 'regnskapsforer', 'register', 3],
    );
    assert.equal(
      (await send(boss, 'GET', '/clientdelegations/agents', { party: supplier.id })).body.data[0]
        .agent.id,
      employee.id,
    );
    assert.equal(
      (
        await send(boss, 'GET', '/clientdelegations/agents/accesspackages', {
          party: supplier.id,
          agent: employee.id,
        })
      ).body.data[0].client.id,
      client.id,
    );
    assert.equal(
      (
        await send(boss, 'GET', '/clientdelegations/clients/accesspackages', {
          party: supplier.id,
          client: client.id,
        })
      ).body.data[0].agent.id,
      employee.id,
    );
    assert.equal(
      (await send(employee, 'GET', '/clientdelegations/my/clients')).body.data[0].id,
      client.id,
    );
    assert.equal(
      (await send(employee, 'GET', '/clientdelegations/my/clientproviders')).body.data[0].id,
      supplier.id,
    );
    assert.equal(
      (await send(employee, 'GET', '/clientdelegations/my/clients/accesspackages')).body.data[0]
        .access.length,
      1,
    );
    assert.equal(
      (
        await send(boss, 'DELETE', '/clientdelegations/agents/accesspackages', where, {
          values: LON,
        })
      ).status,
      204,
    );
    assert.equal(await decide(employee, 'write', 'a-melding', client), 'NotApplicable');
  });

  it('passes on what a customer gave it, and loses it with the customer', async () => {
    const { supplier, boss, employee } = await newSupplier();
    const { firm: customer, boss: owner } = await newFirm();
    const gift = await given(owner, customer, supplier, { package: 'merverdiavgift' });
    await send(
      boss,
      'POST',
      '/clientdelegations/agents/accesspackages',
      { party: supplier.id, client: customer.id, agent: employee.id },
      { values: [{ role: 'rettighetshaver', packages: ['merverdiavgift'] }] },
    );
    assert.equal(await decide(employee, 'read', 'mva-melding', customer), 'Permit');
    await end(owner, gift);
    assert.equal(await decide(employee, 'read', 'mva-melding', customer), 'NotApplicable');
    const resource = await newResource([can('read', 'dagl')]);
    await given(owner, customer, supplier, { resource, actions: ['read'] });
    assert.equal(
      (
        await send(boss, 'POST', '/clientdelegations/agents/resources', {
          party: supplier.id,
          client: customer.id,
          agent: employee.id,
          resource,
        })
      ).body[0].changed,
      true,
    );
    assert.equal(await decide(employee, 'read', resource, customer), 'Permit');
    assert.equal(
      (
        await send(boss, 'GET', '/clientdelegations/agents/resources', {
          party: supplier.id,
          agent: employee.id,
        })
      ).body.data[0].access[0].resource.refId,
      resource,
    );
    await send(boss, 'DELETE', '/clientdelegations/agents/resources', {
      party: supplier.id,
      client: customer.id,
      agent: employee.id,
      resource,
    });
    assert.equal(await decide(employee, 'read', resource, customer), 'NotApplicable');
  });

  it('adds a person as agent by number and last name, not by an id that anybody may know', async () => {
    const { firm, boss } = await newFirm();
    const person = await newPerson('Agenten Hansen');
    const add = async (query: object, body?: object) =>
      send(boss, 'POST', '/clientdelegations/agents', { party: firm.id, ...query }, body);
    const byId = await add({ agent: person.id });
    assert.equal(byId.body.validationErrors?.[0].code, 'AM.VLD-00006', byId.text);
    const wrong = await add({}, { personIdentifier: person.number, lastName: 'Olsen' });
    assert.equal(wrong.body.validationErrors?.[0].code, 'AM.VLD-00006', wrong.text);
    const byName = await add({}, { personIdentifier: person.number, lastName: 'hansen' });
    assert.equal(byName.status, 201, byName.text);
    assert.equal((await add({ agent: person.id })).status, 200);
  });

  it('lets an agent system act, its own only', async () => {
    const { client, supplier, boss } = await newSupplier();
    const [agent, standard, foreign] = [randomUUID(), randomUUID(), randomUUID()];
    const system = (id: string, systemKind: string, owner: TestParty) => ({
      kind: 'system_user',
      id,
      name: 'System',
      owner: owner.number,
      systemId: `v_${id}`,
      systemKind,
    });
    await importThis({
      parties: [
        system(agent, 'agent', supplier),
        system(standard, 'standard', supplier),
        system(foreign, 'agent', client),
      ],
    });
    assert.equal(
      (await send(boss, 'POST', '/clientdelegations/agents', { party: supplier.id, agent })).status,
      201,
    );
    for (const id of [standard, foreign, client.id])
      refused(
        await send(boss, 'POST', '/clientdelegations/agents', { party: supplier.id, agent: id }),
        'AM.VLD-00008',
      );
    await send(
      boss,
      'POST',
      '/clientdelegations/agents/accesspackages',
      { party: supplier.id, client: client.id, agent },
      { values: LON },
    );
    assert.equal(await decide({ id: agent }, 'write', 'a-melding', client), 'Permit');
  });

  it("is refused with the contract's codes", async () => {
    const { client, supplier, boss, employee } = await newSupplier();
    const [stranger, other] = [await newPerson(), await newOrganization()];
    const pass = (values: unknown, changes: object = {}) =>
      send(
        boss,
        'POST',
        '/clientdelegations/agents/accesspackages',
        { party: supplier.id, client: client.id, agent: employee.id, ...changes },
        { values },
      );
    const one = (role: string, code: string) => [{ role, packages: [code] }];
    refused(await pass(one('konge', 'regnskapsforer-lonn')), 'AM.VLD-00029');
    refused(await pass(one('regn', 'ingen')), 'AM.VLD-00030');
    refused(await pass(one('regn', 'tilgangsstyrer')), 'AM.VLD-00033');
    refused(await pass(one('regn', 'merverdiavgift')), 'AM.VLD-00026');
    refused(
      await pass(one('regn', 'regnskapsforer-lonn'), { client: randomUUID() }),
      'AM.VLD-00006',
    );
    refused(await pass(one('regn', 'regnskapsforer-lonn'), { agent: stranger.id }), 'AM.VLD-00032');
    refused(await pass(one('regn', 'regnskapsforer-lonn'), { agent: other.id }), 'AM.VLD-00008');
    refused(await pass('all'), 'TIL.VLD-00001');
    refused(
      await send(stranger, 'GET', '/clientdelegations/clients', { party: supplier.id }),
      'TIL-00008',
    );
    refused(await send(boss, 'GET', '/clientdelegations/clients'), 'TIL-00008');
    refused(await pass([...LON, ...one('regn', 'ingen')]), 'AM.VLD-00030');
    assert.equal(
      await decide(employee, 'write', 'a-melding', client),
      'NotApplicable',
      'nothing half-passed',
    );
  });

  it('drops an agent with everything, when that is said; the agent may leave by itself', async () => {
    const { client, supplier, boss, employee } = await newSupplier();
    await send(
      boss,
      'POST',
      '/clientdelegations/agents/accesspackages',
      { party: supplier.id, client: client.id, agent: employee.id },
      { values: LON },
    );
    refused(
      await send(boss, 'DELETE', '/clientdelegations/agents', {
        party: supplier.id,
        agent: employee.id,
      }),
      'AM.VLD-00031',
    );
    assert.equal(
      (await send(employee, 'DELETE', '/clientdelegations/my/clients', { client: client.id }))
        .status,
      204,
    );
    assert.equal(await decide(employee, 'write', 'a-melding', client), 'NotApplicable');
    await send(
      boss,
      'POST',
      '/clientdelegations/agents/accesspackages',
      { party: supplier.id, client: client.id, agent: employee.id },
      { values: LON },
    );
    assert.equal(
      (
        await send(boss, 'DELETE', '/clientdelegations/agents', {
          party: supplier.id,
          agent: employee.id,
          cascade: true,
        })
      ).status,
      204,
    );
    assert.equal(await decide(employee, 'write', 'a-melding', client), 'NotApplicable');
    refused(
      await send(boss, 'DELETE', '/clientdelegations/agents', {
        party: supplier.id,
        agent: employee.id,
      }),
      'AM.VLD-00032',
    );
  });
});
