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
import { loggedIn } from '../support/pages/browser.ts';
import { employ } from '../support/rows.ts';
import { can, decide, give, given, newResource } from '../support/rights/rights.ts';

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
  it('is said on the page where one asks, as long as one is a lawyer', async () => {
    const asker = await lawyer();
    const browser = await loggedIn(asker, '/ask');
    assert.match(
      browser.page.html,
      /Et register sier at du er advokat\. Derfor kan du også spørre/,
    );
    assert.doesNotMatch(browser.page.html, /Andre må selv gi deg fullmakten/);
    assert.match((await browser.open('/ask?lang=en')).html, /your qualification: lawyer\./);
    await lose(asker);
    const { html } = await browser.open('/ask?lang=nb');
    assert.match(html, /Andre må selv gi deg fullmakten/);
    assert.doesNotMatch(html, /Et register sier/);
  });

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

describe('a request that waits on what a register says', () => {
  const told = async (party: TestParty) => {
    const path = `/access/v1/notices?party=${party.id}`;
    const { body } = await call('GET', path, await personToken(party));
    return body.data.map(({ type }: { type: string }) => type);
  };

  it('shows it as it is now, and falls with it for both, who are told', async () => {
    const [asker, client] = [await lawyer(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const { body } = await asks(asker, client, resource);
    const page = `/requests/${body.id}`;
    const browser = await loggedIn(client, page);
    assert.match(browser.page.html, /Et register sier at .* er advokat/);
    await lose(asker);
    assert.doesNotMatch((await browser.open(page)).html, /Et register sier at .* er advokat/);
    const path = `${REQUEST}/received?party=${client.id}`;
    const seen = async () => (await call('GET', path, await personToken(client))).body.data;
    assert.equal((await seen())[0].verified, undefined);
    await world.work.tend();
    assert.match((await browser.open(page)).html, /Trukket/);
    assert.deepEqual(
      [await told(client), await told(asker)],
      [['right_fallen', 'right_asked'], ['right_fallen']],
    );
    assert.match((await browser.open('/inbox')).html, /forespørsel om fullmakt har falt bort/);
    assert.equal((await approve(client, client, body.id)).status, 400);
    assert.equal(await decide(asker, 'read', resource, client), 'NotApplicable');
  });

  it('falls in the moment that the register says otherwise, and stands while it does not', async () => {
    const [firm, boss, worker] = [await newOrganization(), await newPerson(), await newPerson()];
    await newRole('dagl', firm, boss);
    const [one, two] = [await newResource([can('read', 'dagl')]), await lawyer()];
    const tell = async (source: string, line: object) => {
      world.registers.feeds[source]!.append({ op: 'upsert', ...line } as never);
      await world.app.registers.poll();
    };
    await world.app.registers.poll();
    const work = { from: firm.number, to: worker.number, code: 'arbeidsforhold' };
    await tell('aa-registeret', work);
    const { body } = await asks(worker, firm, one);
    const client = await newPerson();
    const kept = await asks(two, client, await newResource([can('read', 'privatperson')]));
    assert.equal(kept.status, 201);
    await tell('aa-registeret', { ...work, op: 'end' });
    const stateOf = async (id: string) =>
      (await world.database.db.raw('select state from access_request where id = ?', [id])).rows[0]
        .state;
    assert.deepEqual(
      [await stateOf(body.id), await stateOf(kept.body.id)],
      ['withdrawn', 'pending'],
    );
  });
});

describe('a package for the licensed', () => {
  it('is passed on by a supplier that is, or to one of its own who is, and to nobody else', async () => {
    const [client, supplier, boss, clerk] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
      await newPerson(),
    ];
    await newRole('dagl', supplier, boss);
    await newRole('regn', client, supplier);
    const code = 'regnskapsforer-med-signeringsrettighet';
    const resource = await newResource([can('read', `package:${code}`)]);
    const base = '/accessmanagement/api/v1/enduser/clientdelegations/agents';
    const pair = `party=${supplier.id}`;
    const added = await call('POST', `${base}?${pair}`, await personToken(boss), {
      ...{ personIdentifier: clerk.number, lastName: clerk.name.split(' ').at(-1) },
    });
    assert.ok(added.status < 300, added.text);
    const pass = async () =>
      call(
        'POST',
        `${base}/accesspackages?${pair}&client=${client.id}&agent=${clerk.id}`,
        await personToken(boss),
        { values: [{ role: 'regnskapsforer', packages: [`urn:altinn:accesspackage:${code}`] }] },
      );
    assert.equal((await pass()).body.code, 'TIL-00024');
    const licence = { party: supplier.number, kind: 'regnskapsforer' };
    await importThis({ qualifications: [licence] });
    const passed = await pass();
    assert.equal(passed.status, 200, passed.text);
    assert.equal(await decide(clerk, 'read', resource, client), 'Permit');
    await importThis({ qualifications: [{ ...licence, endedAt: '2026-01-01T00:00:00Z' }] });
    assert.equal(await decide(clerk, 'read', resource, client), 'NotApplicable');
    await importThis({ qualifications: [{ ...licence, party: clerk.number }] });
    assert.equal(await decide(clerk, 'read', resource, client), 'Permit');
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
      body.data.map((one: { person: { id: string }; for: { id: string } }) => [
        one.person.id,
        one.for.id,
      ]),
      [[worker.id, customer.id]],
    );
    const ended = await call('DELETE', body.data[0].links.end, await personToken(boss));
    assert.equal(ended.status, 204);
    const after = await call('GET', `/access/v1/leavers?party=${firm.id}`, await personToken(boss));
    assert.deepEqual(after.body.data, []);
  });
});
