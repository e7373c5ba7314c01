// Asking for a right, and passing on for customers, registering for those who are not digital, API
// scopes between organisations: each with its states, its codes, and the decision that follows.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import {
  can,
  decide,
  end,
  given,
  newFirm,
  newMandate,
  newResource,
  newTeam,
  OWNER,
} from '../support/rights.ts';
import { exchange, newClient } from '../support/clients.ts';
import { rightKey } from '../../server/resource/policy/model.ts';

const ENDUSER = '/accessmanagement/api/v1/enduser';
const OWNERS = '/accessmanagement/api/v1/serviceowner';
const q = (parameters: object) =>
  `?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined) as [string, string][])}`;
const send = async (
  actor: { id: string },
  method: string,
  path: string,
  parameters: object = {},
  body?: unknown,
  claims?: object,
) => call(method, `${ENDUSER}${path}${q(parameters)}`, await personToken(actor, claims), body);
const codeOf = (answer: { body: any }) =>
  answer.body?.validationErrors?.[0].code ?? answer.body?.code;
const refused = (answer: { body: any; text: string }, code: string) =>
  assert.equal(codeOf(answer), code, answer.text);

const askPackage = (clerk: TestParty, firm: TestParty, code = 'merverdiavgift', body?: object) =>
  send(clerk, 'POST', '/request/package', { party: clerk.id, to: firm.id, package: code }, body);

describe('a request for a right', () => {
  it('is asked, seen, approved, and holds in the next decision', async () => {
    const { firm, boss, clerk } = await newTeam();
    const asked = await askPackage(clerk, firm, 'urn:altinn:accesspackage:merverdiavgift', {
      validTo: inDays(5),
    });
    assert.deepEqual(
      [asked.status, asked.body.status, asked.body.from.id, asked.body.to.id],
      [201, 'Pending', clerk.id, firm.id],
      asked.text,
    );
    assert.equal((await askPackage(clerk, firm)).body.id, asked.body.id);
    assert.equal(
      (await send(boss, 'GET', '/request/received/count', { party: firm.id, status: 'pending' }))
        .body,
      1,
    );
    assert.equal(
      (await send(clerk, 'GET', '/request/sent', { party: clerk.id })).body.data[0].id,
      asked.body.id,
    );
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const approved = await send(boss, 'PUT', '/request/received/approve', {
      party: firm.id,
      id: asked.body.id,
    });
    assert.equal(approved.body.status, 'Approved', approved.text);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    refused(
      await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: asked.body.id }),
      'AM.VLD-00036',
    );
    const { rows } = await world.database.db.raw(
      'select type from event where request_id = ? order by id',
      [asked.body.id],
    );
    assert.deepEqual(
      rows.map((row: any) => row.type),
      ['right_asked', 'right_approved'],
    );
    assert.equal(
      (await call('GET', '/access/v1/notices', await personToken(clerk))).body.data.some(
        (one: any) => one.request === asked.body.id && one.type === 'right_answered',
      ),
      true,
    );
  });

  it('waits on when it cannot be given as asked, since it is given already on other terms', async () => {
    const { firm, boss, clerk } = await newTeam();
    await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const asked = await askPackage(clerk, firm, 'urn:altinn:accesspackage:merverdiavgift', {
      validTo: inDays(5),
    });
    refused(
      await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: asked.body.id }),
      'TIL-00026',
    );
    assert.equal(
      (await send(clerk, 'GET', '/request', { party: clerk.id, id: asked.body.id })).body.status,
      'Pending',
    );
  });

  it('for a resource is approved in part, by right key', async () => {
    const { firm, boss, clerk } = await newTeam();
    const resource = await newResource([
      can('read', 'dagl'),
      can('write', 'dagl'),
      can('sign', 'lede'),
    ]);
    const key = (action: string) => rightKey(resource, action);
    const asked = await send(
      clerk,
      'POST',
      '/request/resource',
      { party: clerk.id, to: firm.id, resource },
      { rightKeys: [key('read'), key('write')] },
    );
    // A choice that got lost is not the choice of everything.
    const lost = await send(
      boss,
      'PUT',
      '/request/received/approve',
      { party: firm.id, id: asked.body.id },
      { rightKeys: null },
    );
    assert.equal(lost.status, 400, lost.text);
    const approved = await send(
      boss,
      'PUT',
      '/request/received/approve',
      { party: firm.id, id: asked.body.id },
      [key('read')],
    );
    assert.deepEqual(
      [approved.body.status, approved.body.partly],
      ['Approved', true],
      approved.text,
    );
    assert.deepEqual(
      [await decide(clerk, 'read', resource, firm), await decide(clerk, 'write', resource, firm)],
      ['Permit', 'NotApplicable'],
    );
    const whole = await send(clerk, 'POST', '/request/resource', {
      party: clerk.id,
      to: firm.id,
      resource,
    });
    assert.equal(
      (await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: whole.body.id }))
        .body.partly,
      true,
      'every right that the approver can give',
    );
    assert.equal(await decide(clerk, 'sign', resource, firm), 'NotApplicable');
    const locked = await newResource([can('sign', 'lede')]);
    const hopeless = await send(clerk, 'POST', '/request/resource', {
      party: clerk.id,
      to: firm.id,
      resource: locked,
    });
    const none = await send(boss, 'PUT', '/request/received/approve', {
      party: firm.id,
      id: hopeless.body.id,
    });
    assert.deepEqual([none.status, codeOf(none)], [403, 'AM-00028']);
    assert.equal(
      (await send(clerk, 'GET', '/request', { party: clerk.id, id: hopeless.body.id })).body.status,
      'Pending',
    );
  });

  it('moves only as its states allow, and only by its side', async () => {
    const { firm, boss, clerk } = await newTeam();
    const fresh = async (code: string) => (await askPackage(clerk, firm, code)).body.id as string;
    const steps = {
      approve: (id: string) =>
        send(boss, 'PUT', '/request/received/approve', { party: firm.id, id }),
      reject: (id: string) => send(boss, 'PUT', '/request/received/reject', { party: firm.id, id }),
      withdraw: (id: string) =>
        send(clerk, 'PUT', '/request/sent/withdraw', { party: clerk.id, id }),
      confirm: (id: string) =>
        send(clerk, 'PUT', '/request/draft/confirm', { party: clerk.id, id }),
    };
    const ends = { approve: 'Approved', reject: 'Rejected', withdraw: 'Withdrawn' } as const;
    for (const [index, last] of (['approve', 'reject', 'withdraw'] as const).entries()) {
      const id = await fresh(['a-ordning', 'pensjon', 'permisjon'][index]!);
      refused(await steps.confirm(id), 'AM.VLD-00036');
      assert.equal((await steps[last](id)).body.status, ends[last]);
      for (const step of Object.values(steps)) refused(await step(id), 'AM.VLD-00036');
    }
    const id = await fresh('toll');
    refused(
      await send(clerk, 'PUT', '/request/received/approve', { party: clerk.id, id }),
      'AM.VLD-00044',
    );
    refused(
      await send(boss, 'PUT', '/request/sent/withdraw', { party: firm.id, id }),
      'AM.VLD-00044',
    );
    refused(await send(await newPerson(), 'GET', '/request', { id }), 'AM-00031');
    refused(await send(clerk, 'GET', '/request', { id: randomUUID() }), 'AM-00031');
  });

  it('is approved once, however many approve', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { id } = (await askPackage(clerk, firm)).body;
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        send(boss, 'PUT', '/request/received/approve', { party: firm.id, id }),
      ),
    );
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    const { rows } = await world.database.db.raw(
      'select count(*)::int as n from mandate where from_party = ? and package is not null',
      [firm.id],
    );
    assert.equal(rows[0].n, 1);
  });

  it("of one's own is not approved by oneself, unless main administrator", async () => {
    const { firm, boss, clerk } = await newTeam();
    await given(boss, firm, clerk, { package: 'tilgangsstyrer' });
    await given(boss, firm, clerk, { package: 'a-ordning' });
    const { id } = (await askPackage(clerk, firm)).body;
    refused(
      await send(clerk, 'PUT', '/request/received/approve', { party: firm.id, id }),
      'AM-00028',
    );
    await given(boss, firm, clerk, { package: 'hovedadministrator' });
    assert.equal(
      (await send(clerk, 'PUT', '/request/received/approve', { party: firm.id, id })).body.status,
      'Approved',
    );
    const own = (await askPackage(boss, firm, 'regnskap-okonomi-rapport')).body.id;
    assert.equal(
      (await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: own })).body
        .status,
      'Approved',
    );
  });

  it('is refused when it could never be given', async () => {
    const [{ firm, boss, clerk }, stranger] = [await newTeam(), await newPerson()];
    const org = await newOrganization();
    await newMandate(firm, org, { package: 'a-ordning' });
    const rows: [Promise<{ body: any; text: string }>, string][] = [
      [askPackage(stranger, firm), 'AM.VLD-00041'],
      [
        send(clerk, 'POST', '/request/package', {
          party: clerk.id,
          to: clerk.id,
          package: 'merverdiavgift',
        }),
        'AM.VLD-00045',
      ],
      [send(clerk, 'POST', '/request/package', { party: clerk.id, to: firm.id }), 'AM.VLD-00038'],
      [
        send(clerk, 'POST', '/request/package', {
          party: clerk.id,
          to: firm.id,
          package: 'merverdiavgift',
          resource: 'a-melding',
        }),
        'AM.VLD-00046',
      ],
      [askPackage(clerk, firm, 'regnskapsforer-lonn'), 'AM.VLD-00048'],
      [askPackage(clerk, firm, 'innbygger-pensjon'), 'AM.VLD-00028'],
      [askPackage(clerk, firm, 'ingen'), 'AM-00035'],
      [
        askPackage(clerk, firm, 'merverdiavgift', { validTo: '2020-01-01T00:00:00Z' }),
        'AM.VLD-00022',
      ],
      [
        send(clerk, 'POST', '/request/resource', {
          party: clerk.id,
          to: firm.id,
          resource: 'no-such',
        }),
        'AM.VLD-00012',
      ],
      [
        send(clerk, 'POST', '/request/resource', {
          party: clerk.id,
          to: firm.id,
          resource: 'inntekt-api',
        }),
        'AM.VLD-00049',
      ],
      [
        send(
          clerk,
          'POST',
          '/request/resource',
          { party: clerk.id, to: firm.id, resource: 'a-melding' },
          { rightKeys: ['01'] },
        ),
        'AM-00036',
      ],
      [
        send(clerk, 'POST', '/request/package', {
          party: boss.id,
          to: firm.id,
          package: 'merverdiavgift',
        }),
        'TIL-00008',
      ],
      [send(clerk, 'GET', '/request/received', { party: firm.id }), 'TIL-00008'],
      [send(boss, 'GET', '/request/received', { party: firm.id, status: 'maybe' }), 'AM.VLD-00009'],
    ];
    for (const [answer, code] of rows) refused(await answer, code);
  });

  it('drafted by a service owner is confirmed by the one it is for, and withdrawn by its author', async () => {
    const { firm, boss, clerk } = await newTeam();
    const [owner, other] = [await newOrganization(), await newOrganization()];
    const identifier = `t-${randomUUID()}`;
    await importThis({
      resources: [
        {
          identifier,
          owner: owner.number,
          resourceType: 'GenericAccessResource',
          title: { nb: 'x', nn: 'x' },
          rules: [{ action: 'read', subjects: ['dagl'] }],
        },
      ],
    });
    const token = await organizationToken(owner, 'altinn:serviceowner/delegationrequests.write');
    const draft = (as = token, resource = identifier) =>
      call('POST', `${OWNERS}/delegationrequests/resource`, as, {
        from: clerk.urn,
        to: firm.urn,
        resource,
        redirectUrl: 'https://tjeneste.example/',
      });
    refused(
      await draft(await organizationToken(other, 'altinn:serviceowner/delegationrequests.write')),
      'AM.VLD-00012',
    );
    const made = await draft();
    assert.deepEqual(
      [made.status, made.body.status, made.body.redirectUrl],
      [202, 'Draft', 'https://tjeneste.example/'],
      made.text,
    );
    assert.equal(
      (await send(boss, 'GET', '/request/received', { party: firm.id })).body.data.length,
      0,
    );
    assert.equal(
      (await send(clerk, 'GET', '/request/draft', { id: made.body.id })).body.status,
      'Draft',
    );
    assert.equal(
      (await send(clerk, 'PUT', '/request/draft/confirm', { party: clerk.id, id: made.body.id }))
        .body.status,
      'Pending',
    );
    const status = async (as: string) =>
      call('GET', `${OWNERS}/delegationrequests/${made.body.id}/status`, as);
    assert.equal((await status(token)).body.status, 'Pending');
    refused(
      await status(await organizationToken(other, 'altinn:serviceowner/delegationrequests.read')),
      'AM-00031',
    );
    assert.equal(
      (await call('PUT', `${OWNERS}/delegationrequests/${made.body.id}/withdraw`, token)).body
        .status,
      'Withdrawn',
    );
  });
});

describe('a supplier', () => {
  async function accountants() {
    const [client, { firm: supplier, boss }, employee] = [
      await newOrganization(),
      await newFirm(),
      await newPerson('Ingrid Ansattdal'),
    ];
    await newRole('regn', client, supplier);
    const added = await send(
      boss,
      'POST',
      '/clientdelegations/agents',
      { party: supplier.id },
      { personIdentifier: employee.number, lastName: 'Ansattdal' },
    );
    assert.equal(added.status, 201, added.text);
    return { client, supplier, boss, employee };
  }
  const LON = [
    { role: 'regnskapsforer', packages: ['urn:altinn:accesspackage:regnskapsforer-lonn'] },
  ];

  it("passes a customer's packages on to an employee, sees both sides, and takes them back", async () => {
    const { client, supplier, boss, employee } = await accountants();
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
    const { supplier, boss, employee } = await accountants();
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
    const { client, supplier, boss } = await accountants();
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
    const { client, supplier, boss, employee } = await accountants();
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
    const { client, supplier, boss, employee } = await accountants();
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

describe('a service owner', () => {
  it('registers for a person who is not digital what it is a registrar of, tells both, and ends only its own', async () => {
    const [giver, helper, owner] = [await newPerson(), await newPerson(), await newOrganization()];
    await importThis({ registrars: [{ owner: owner.number, packages: ['innbygger-pensjon'] }] });
    const token = await organizationToken(
      owner,
      'altinn:serviceowner/delegations:accesspackage.write',
    );
    const path = `${OWNERS}/connections/accesspackages`;
    const body = (packageUrn: string, changes: object = {}) => ({
      from: giver.urn,
      to: helper.urn,
      packageUrn,
      ...changes,
    });
    const resource = await newResource([can('read', 'package:innbygger-pensjon')]);
    refused(
      await call('POST', path, token, body('urn:altinn:accesspackage:innbygger-utdanning')),
      'AM-00034',
    );
    refused(await call('POST', path, token, body('urn:altinn:accesspackage:ingen')), 'AM-00035');
    refused(
      await call('POST', path, token, body('innbygger-pensjon', { from: owner.urn })),
      'AM-00037',
    );
    refused(
      await call(
        'POST',
        path,
        token,
        body('innbygger-pensjon', { to: 'urn:altinn:person:identifier-no:01010112345' }),
      ),
      'AM.VLD-00006',
    );
    refused(
      await call('POST', path, token, body('innbygger-pensjon', { evidence: 'paper' })),
      'TIL.VLD-00001',
    );
    const made = await call(
      'POST',
      path,
      token,
      body('urn:altinn:accesspackage:innbygger-pensjon', { evidence: { reference: 'Sak 26/123' } }),
    );
    assert.deepEqual([made.status, made.body.changed], [200, true], made.text);
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
    for (const party of [giver, helper]) {
      const told = (await call('GET', '/access/v1/notices', await personToken(party))).body.data;
      assert.ok(told.some(({ type }: { type: string }) => type === 'mandate_given'));
    }
    const { rows } = await world.database.db.raw(
      'select evidence, given_by from mandate where from_party = ?',
      [giver.id],
    );
    assert.deepEqual(rows, [
      { evidence: { registrar: owner.number, reference: 'Sak 26/123' }, given_by: owner.id },
    ]);
    assert.equal(
      (await call('POST', `${path}/revoke`, token, body('innbygger-pensjon'))).status,
      204,
    );
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    await given(giver, giver, helper, { package: 'innbygger-pensjon' });
    refused(await call('POST', `${path}/revoke`, token, body('innbygger-pensjon')), 'AM-00038');
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
  });
});

describe('an API scope between organisations', () => {
  async function schema() {
    const supplier = await newOrganization();
    const { firm: consumer, boss } = await newFirm();
    const scope = `skd${consumer.number}:les`;
    const resource = `skjema-${randomUUID()}`;
    await importThis({
      scopes: [{ name: scope, owner: OWNER, holders: [consumer.number] }],
      resources: [
        {
          identifier: resource,
          owner: OWNER,
          resourceType: 'MaskinportenSchema',
          title: { nb: 'x', nn: 'x' },
          rules: [can('scopeaccess', 'package:maskinporten-scopes', 'dagl')],
          resourceReferences: [
            {
              referenceSource: 'ExternalPlatform',
              referenceType: 'MaskinportenScope',
              reference: scope,
            },
            { referenceType: 'DelegationSchemeId', reference: 'scheme-1' },
          ],
        },
      ],
    });
    return { supplier, consumer, boss, scope, resource };
  }
  const lookUp = async (
    parameters: object,
    claims: object = { scope: 'altinn:maskinporten/delegations.admin' },
  ) =>
    call(
      'GET',
      `/accessmanagement/api/v1/maskinporten/delegations${q(parameters)}`,
      await outsideToken(claims as never),
    );

  it('is given, looked up, used in a token, and refused in the next token once ended', async () => {
    const { supplier, consumer, boss, scope, resource } = await schema();
    const client = await newClient(supplier, { scope });
    const draw = () => exchange(client, { consumer_org: consumer.number, scope });
    assert.match((await draw()).body.error_description, /MP-251/);
    const where = { party: consumer.id, supplier: supplier.id };
    refused(
      await send(boss, 'POST', '/maskinportensuppliers/resources', { ...where, resource }),
      'AM.VLD-00032',
    );
    assert.equal((await send(boss, 'POST', '/maskinportensuppliers', where)).status, 201);
    const gave = await send(boss, 'POST', '/maskinportensuppliers/resources', {
      ...where,
      resource,
    });
    assert.deepEqual([gave.status, gave.body.changed], [201, true], gave.text);
    const { body } = await lookUp({
      supplierOrg: supplier.number,
      consumerOrg: consumer.number,
      scope,
    });
    assert.deepEqual(
      [
        body[0].consumer_org,
        body[0].supplier_org,
        body[0].scopes,
        body[0].delegation_scheme_Id,
        body[0].resourceid,
      ],
      [consumer.number, supplier.number, [scope], 'scheme-1', resource],
    );
    const token = await draw();
    assert.equal(token.status, 200, token.text);
    assert.equal(
      (await send(boss, 'GET', '/maskinportensuppliers', { party: consumer.id })).body.data[0].id,
      supplier.id,
    );
    assert.equal(
      (await send(boss, 'GET', '/maskinportensuppliers/resources', where)).body.data[0].resource
        .refId,
      resource,
    );
    refused(await send(boss, 'DELETE', '/maskinportensuppliers', where), 'AM.VLD-00031');
    assert.equal(
      (await send(boss, 'DELETE', '/maskinportensuppliers/resources', { ...where, resource }))
        .status,
      204,
    );
    assert.match((await draw()).body.error_description, /MP-251/);
    assert.deepEqual((await lookUp({ supplierOrg: supplier.number })).body, []);
  });

  it('is seen and left by the supplier, and checked before it is given', async () => {
    const { consumer, boss, resource } = await schema();
    const { firm: supplier, boss: supplierBoss } = await newFirm();
    await send(
      boss,
      'POST',
      '/maskinportensuppliers',
      { party: consumer.id },
      { organizationIdentifier: supplier.number },
    );
    const check = (id: string) =>
      send(boss, 'GET', '/maskinportensuppliers/resources/delegationcheck', {
        party: consumer.id,
        resource: id,
      });
    assert.deepEqual(
      [
        (await check(resource)).body.rights[0].result,
        (await check('a-melding')).body.rights[0].result,
      ],
      [true, false],
    );
    refused(
      await send(boss, 'POST', '/maskinportensuppliers/resources', {
        party: consumer.id,
        supplier: supplier.id,
        resource: 'a-melding',
      }),
      'AM-00027',
    );
    await send(boss, 'POST', '/maskinportensuppliers/resources', {
      party: consumer.id,
      supplier: supplier.id,
      resource,
    });
    assert.equal(
      (await send(supplierBoss, 'GET', '/maskinportenconsumers', { party: supplier.id })).body
        .data[0].id,
      consumer.id,
    );
    assert.equal(
      (await send(supplierBoss, 'GET', '/maskinportenconsumers/resources', { party: supplier.id }))
        .body.data.length,
      1,
    );
    assert.equal(
      (
        await send(supplierBoss, 'DELETE', '/maskinportenconsumers', {
          party: supplier.id,
          consumer: consumer.id,
          cascade: true,
        })
      ).status,
      204,
    );
    assert.equal(
      (await send(boss, 'GET', '/maskinportensuppliers', { party: consumer.id })).body.data.length,
      0,
    );
    refused(
      await send(boss, 'POST', '/maskinportensuppliers', {
        party: consumer.id,
        supplier: (await newPerson()).id,
      }),
      'AM.VLD-00008',
    );
    refused(
      await send(boss, 'POST', '/maskinportensuppliers', {
        party: consumer.id,
        supplier: consumer.id,
      }),
      'AM.VLD-00045',
    );
    refused(
      await send(await newPerson(), 'GET', '/maskinportensuppliers', { party: consumer.id }),
      'TIL-00008',
    );
  });

  it('is looked up by an owner for its own prefix only', async () => {
    const { scope } = await schema();
    const owner = {
      scope: 'altinn:maskinporten/delegations',
      consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${OWNER}` },
    };
    refused(await lookUp({}, owner), 'STD.VLD-00000');
    refused(await lookUp({ scope }, owner), 'TIL-00008');
    assert.equal(
      (await lookUp({ scope }, { ...owner, consumer_prefix: [scope.split(':')[0]] })).status,
      200,
    );
    assert.equal((await lookUp({})).status, 200);
    refused(await lookUp({ supplierOrg: 'x' }), 'AM.VLD-00009');
  });
});

describe('a system user', () => {
  it('is let in by an administrator, acts with what it is given, and ends with everything', async () => {
    const [{ firm, boss }, vendor, stranger] = [
      await newFirm(),
      await newOrganization(),
      await newPerson(),
    ];
    const path = `/access/v1/system-users?party=${firm.id}`;
    const body = { name: 'Lønn', systemId: `${vendor.number}_lonn` };
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
});
