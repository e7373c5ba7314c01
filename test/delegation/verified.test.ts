// Asking for a right as what a register says one is: a lawyer asks a person, an employee the
// employer; it is read when they ask, shown to the giver, and its loss takes the right along.
import assert from 'node:assert/strict';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import { can, decide, give, given, newResource } from '../support/rights.ts';

const REQUEST = '/accessmanagement/api/v1/enduser/request';

const lawyer = async () => {
  const person = await newPerson();
  await importThis({ qualifications: [{ party: person.number, kind: 'advokat' }] });
  return person;
};
const lose = (person: TestParty) =>
  importThis({
    qualifications: [{ party: person.number, kind: 'advokat', endedAt: new Date().toISOString() }],
  });
const employ = (firm: TestParty, worker: TestParty, endedOn: string | null = null) =>
  world.database.db.raw(
    'insert into employment (employer, employee, ended_on) values (?, ?, ?) on conflict (employer, employee) do update set ended_on = excluded.ended_on',
    [firm.id, worker.id, endedOn as never],
  );
const asks = async (asker: TestParty, giver: { id: string }, resource: string) =>
  call(
    'POST',
    `${REQUEST}/resource?party=${asker.id}&to=${giver.id}&resource=${resource}`,
    await personToken(asker),
    {},
  );
const approve = async (giver: TestParty, party: TestParty, id: string) =>
  call('PUT', `${REQUEST}/received/approve?party=${party.id}&id=${id}`, await personToken(giver));

describe('asking for a right as a lawyer', () => {
  it('is for lawyers, shown as verified, and falls with the licence', async () => {
    const [asker, client] = [await lawyer(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const stranger = await asks(await newPerson(), client, resource);
    assert.equal(stranger.body.validationErrors[0].code, 'AM.VLD-00041', stranger.text);
    const asked = await asks(asker, client, resource);
    assert.deepEqual([asked.status, asked.body.verified], [201, 'advokat'], asked.text);
    const seen = await call(
      'GET',
      `${REQUEST}/received?party=${client.id}`,
      await personToken(client),
    );
    assert.equal(seen.body.data[0].verified, 'advokat');
    assert.equal((await approve(client, client, asked.body.id)).status, 200);
    assert.equal(await decide(asker, 'read', resource, client), 'Permit');
    await lose(asker);
    assert.equal(await decide(asker, 'read', resource, client), 'NotApplicable');
  });

  it('is answered by what holds when it is approved', async () => {
    const [asker, client] = [await lawyer(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const { body } = await asks(asker, client, resource);
    await lose(asker);
    assert.equal((await approve(client, client, body.id)).body.code, 'TIL-00024');
    assert.equal(await decide(asker, 'read', resource, client), 'NotApplicable');
  });

  it('is of persons: a company is no client of a lawyer who is a stranger', async () => {
    const [asker, firm] = [await lawyer(), await newOrganization()];
    const resource = await newResource([can('read', 'dagl')]);
    const refused = await asks(asker, firm, resource);
    assert.equal(refused.body.validationErrors[0].code, 'AM.VLD-00041');
  });

  it('names a client by number and last name, and hears alike of a wrong name and nobody', async () => {
    const [asker, client] = [await lawyer(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const path = `${REQUEST}/resource?party=${asker.id}&resource=${resource}`;
    const by = async (to: object | undefined) =>
      call('POST', path, await personToken(asker), to ? { to } : {});
    const lastName = client.name.split(' ').at(-1)!;
    const wrong = await by({ personIdentifier: client.number, lastName: 'Feil' });
    const nobody = await by({ personIdentifier: '01817012345', lastName });
    assert.deepEqual(
      [wrong.status, wrong.body.validationErrors],
      [nobody.status, nobody.body.validationErrors],
    );
    const asked = await by({ personIdentifier: client.number, lastName });
    assert.deepEqual([asked.status, asked.body.to.id], [201, client.id], asked.text);
    assert.equal((await by(undefined)).body.validationErrors[0].code, 'STD.VLD-00000');
  });
});

describe('asking for a right as an employee', () => {
  it('is for those who work there, shown as verified, and falls with the employment', async () => {
    const [firm, boss, worker] = [await newOrganization(), await newPerson(), await newPerson()];
    await newRole('dagl', firm, boss);
    const resource = await newResource([can('read', 'dagl')]);
    const before = await asks(worker, firm, resource);
    assert.equal(before.body.validationErrors[0].code, 'AM.VLD-00041');
    await employ(firm, worker, '2020-01-01');
    assert.equal((await asks(worker, firm, resource)).status, 400);
    await employ(firm, worker);
    const asked = await asks(worker, firm, resource);
    assert.deepEqual([asked.status, asked.body.verified], [201, 'ansatt'], asked.text);
    assert.equal((await approve(boss, firm, asked.body.id)).status, 200);
    assert.equal(await decide(worker, 'read', resource, firm), 'Permit');
    await employ(firm, worker, '2026-01-01');
    assert.equal(await decide(worker, 'read', resource, firm), 'NotApplicable');
  });
});

describe('what is given to one who is verified', () => {
  it('is not added to what was given without it, nor the other way', async () => {
    const [firm, boss, worker] = [await newOrganization(), await newPerson(), await newPerson()];
    await newRole('dagl', firm, boss);
    const resource = await newResource([can('read', 'dagl'), can('sign', 'dagl')]);
    await given(boss, firm, worker, { resource, actions: ['read'] });
    await employ(firm, worker);
    const asked = await asks(worker, firm, resource);
    const refused = await approve(boss, firm, asked.body.id);
    assert.equal(refused.body.code, 'TIL-00026', refused.text);
    assert.equal(await decide(worker, 'sign', resource, firm), 'NotApplicable');
    const second = await newResource([can('read', 'dagl')]);
    const other = await asks(worker, firm, second);
    await approve(boss, firm, other.body.id);
    const plain = await give(boss, firm, worker, { resource: second, actions: ['read'] });
    assert.equal(plain.body.code, 'TIL-00026');
  });
});

describe('those who have left', () => {
  it("are told of with what they hold for their employer's customers", async () => {
    const [customer, firm, boss, worker] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
      await newPerson(),
    ];
    await newRole('dagl', firm, boss);
    await newRole('regn', customer, firm);
    await importThis({
      mandates: [
        {
          from: customer.number,
          to: worker.number,
          package: 'regnskapsforer-lonn',
          through: { to: firm.number, role: 'regn' },
        },
      ],
    });
    await employ(firm, worker, '2026-01-01');
    const { body } = await call(
      'GET',
      `/access/v1/leavers?party=${firm.id}`,
      await personToken(boss),
    );
    assert.deepEqual(
      body.data.map((one: any) => [one.person.id, one.for.id]),
      [[worker.id, customer.id]],
    );
    const ended = await call('DELETE', body.data[0].links.end, await personToken(boss));
    assert.equal(ended.status, 204);
    const after = await call('GET', `/access/v1/leavers?party=${firm.id}`, await personToken(boss));
    assert.deepEqual(after.body.data, []);
  });
});
