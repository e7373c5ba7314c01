// Nobody looks unseen, and what is a secret of two parties is told to nobody else, whichever way it
// is asked for.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { can, decide, newFirm, newResource, OWNER } from '../../support/rights/rights.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  personToken,
  world,
} from '../../support/world.ts';

const SEARCHES = '/access/v1/log/searches';
const anybody = () => outsideToken({ scope: 'altinn:authorization/authorize.admin' });
const ask = async (path: string, body: object) => {
  const answer = await call('POST', `/access/v1/${path}`, await anybody(), body);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};
const seen = async (person: { id: string }, party?: { id: string }) => {
  await world.app.settle();
  const query = party ? `?party=${party.id}` : '';
  return call('GET', `${SEARCHES}${query}`, await personToken(person));
};
const listedOf = async (who: { id: string }, scope: string) =>
  call(
    'POST',
    '/accessmanagement/api/v1/resourceowner/authorizedparties',
    await outsideToken({ scope }),
    { type: 'urn:altinn:party:uuid', value: who.id },
  );
const ANY = 'altinn:accessmanagement/authorizedparties.admin';
const about = (resource: string, party: { id: string }) => ({
  type: 'resource',
  id: resource,
  properties: { party: party.id },
});

describe('a search by others', () => {
  it('is seen by whom it listed and by whoever administers for whom it was about', async () => {
    const { firm, boss } = await newFirm();
    const [clerk, stranger] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const found = await ask('search/subject', {
      subject: { type: 'person' },
      action: { name: 'read' },
      resource: about(resource, firm),
    });
    assert.deepEqual(
      found.results.map((one: { id: string }) => one.id),
      [boss.id],
    );
    const [mine] = (await seen(boss)).body.data;
    assert.deepEqual(
      { ...mine, id: '', at: '' },
      {
        id: '',
        at: '',
        askedBy: 'system',
        kind: 'subject',
        about: 'listed',
        resource,
        action: 'read',
      },
    );
    assert.equal((await seen(boss, firm)).body.data[0].about, 'from');
    assert.deepEqual((await seen(clerk)).body.data, []);
    assert.deepEqual((await seen(stranger)).body.data, []);
    assert.equal((await seen(stranger, firm)).status, 403);
  });

  it('for what or how somebody may is seen by that one, once a question', async () => {
    const { firm, boss } = await newFirm();
    const resource = await newResource([can('read', 'dagl')]);
    const subject = { type: 'person', id: boss.id };
    await ask('search/resource', {
      subject,
      action: { name: 'read' },
      resource: { type: 'resource', properties: { party: firm.id } },
    });
    await ask('search/action', { subject, resource: about(resource, firm) });
    const rows = (await seen(boss)).body.data;
    assert.deepEqual(
      rows.map((row: { kind: string; about: string; resource: string; action: string }) => [
        row.kind,
        row.about,
        row.resource,
        row.action,
      ]),
      [
        ['action', 'subject', resource, null],
        ['resource', 'subject', null, 'read'],
      ],
    );
    const next = await call('GET', `${SEARCHES}?limit=1`, await personToken(boss));
    const older = await call('GET', next.body.links.next, await personToken(boss));
    assert.deepEqual(older.body.data, [rows[1]]);
  });

  it('of authorized parties is seen by the one asked about and by those listed', async () => {
    const { firm, boss } = await newFirm();
    assert.equal((await listedOf(boss, ANY)).status, 200);
    assert.deepEqual(
      (await seen(boss)).body.data.map((row: { kind: string; about: string }) => [
        row.kind,
        row.about,
      ]),
      [['authorized_parties', 'subject']],
    );
    assert.equal((await seen(boss, firm)).body.data[0].about, 'listed');
    const own = '/accessmanagement/api/v1/enduser/authorizedparties';
    assert.equal((await call('GET', own, await personToken(boss))).status, 200);
    assert.equal((await seen(boss)).body.data.length, 1);
  });
});

describe('a secret of two parties', () => {
  const T = { nb: 'x', nn: 'x' };
  const code = `hemmelig-${randomUUID().slice(0, 8)}`;
  let firm: Awaited<ReturnType<typeof newFirm>>['firm'];
  let holder: Awaited<ReturnType<typeof newPerson>>;
  let resource: string;

  before(async () => {
    ({ firm } = await newFirm());
    holder = await newPerson();
    const source = `kilde-${randomUUID().slice(0, 8)}`;
    await importThis({
      sources: [{ code: source, name: T, legalBasis: T, purpose: T, visibility: 'secret' }],
      roles: [{ code, name: T, source }],
    });
    await newRole(code, firm, holder);
    resource = await newResource([can('read', code)]);
  });

  it('is no reason that is told with a decision', async () => {
    assert.equal(await decide(holder, 'read', resource, firm), 'Permit');
    const subject = { type: 'person', id: holder.id };
    const action = { name: 'read' };
    const one = await ask('evaluation', { subject, action, resource: about(resource, firm) });
    assert.equal(one.decision, true);
    assert.equal(one.context.reason, 'permitted');
    assert.deepEqual(one.context.mandates, []);
    assert.ok(!JSON.stringify(one).includes(code));
    await world.app.settle();
    const log = await call('GET', '/access/v1/log/decisions', await personToken(holder));
    assert.equal(log.body.data[0].reason, 'role');
    assert.equal(log.body.data[0].mandates.length, 1);
  });

  it('is not found by a search for resources or actions', async () => {
    const subject = { type: 'person', id: holder.id };
    const resources = await ask('search/resource', {
      subject,
      action: { name: 'read' },
      resource: { type: 'resource', properties: { party: firm.id } },
    });
    assert.ok(!resources.results.some((one: { id: string }) => one.id === resource));
    const actions = await ask('search/action', { subject, resource: about(resource, firm) });
    assert.deepEqual(actions.results, []);
  });

  it('is nothing that an owner can ask for in a policy of its own', async () => {
    const token = await organizationToken(
      { number: OWNER } as never,
      'altinn:resourceregistry/resource.write',
    );
    const rules = [{ action: 'read', subjects: [code] }];
    const own = await newResource([can('read', 'dagl')]);
    const path = `/resourceregistry/api/v1/resource/${own}/policy`;
    const ours = await call('POST', path, token, { rules });
    assert.equal(ours.body.code, 'TIL-00031', ours.text);
    assert.deepEqual(ours.body.faults, [`the role ${code} is not known`]);
  });
});

describe('the national number of somebody', () => {
  const numbersOf = (
    list: { partyUuid: string; personId: string | null }[],
  ): Map<string, string | null> => new Map(list.map((one) => [one.partyUuid, one.personId]));

  it('is told with what one may do for oneself and for givers, not of owners of firms', async () => {
    const [owner, accountant] = [await newPerson(), await newPerson()];
    const firm = await newOrganization();
    const { id, number, name } = firm;
    await importThis({
      parties: [{ kind: 'organization', id, number, name, unitType: 'ENK' }],
    });
    await newRole('innh', firm, owner);
    await newRole('regn', firm, accountant);
    const child = await newPerson();
    await newRole('foreldreansvar', child, accountant);
    const list = await call(
      'GET',
      '/accessmanagement/api/v1/enduser/authorizedparties',
      await personToken(accountant),
    );
    const numbers = numbersOf(list.body.data);
    assert.equal(numbers.get(accountant.id), accountant.number);
    assert.equal(numbers.get(child.id), child.number);
    assert.equal(numbers.get(owner.id), null);
    const told = numbersOf((await listedOf(accountant, ANY)).body);
    assert.equal(told.get(owner.id), owner.number);
  });
});
