// Searches name to which kinds of party something is open, and list those alone who may by what
// they are and hold; and say no more of each than was asked for.
import assert from 'node:assert/strict';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  type TestParty,
} from '../../support/world.ts';
import { can, newMandate, newResource, pdpToken } from '../../support/rights/rights.ts';

const search = async (what: string, body: object) =>
  (await call('POST', `/access/v1/search/${what}`, await pdpToken(), body)).body;

interface Asking {
  type?: string;
  action?: string;
  include?: string[];
  properties?: object;
}

/** Who may do it for a party; `include` is what is asked for of each. */
const whoMay = async (resource: string, from: TestParty, asking: Asking = {}) =>
  search('subject', {
    subject: { type: asking.type ?? 'party' },
    action: { name: asking.action ?? 'read' },
    resource: {
      type: 'resource',
      id: resource,
      properties: { party: from.id, ...asking.properties },
    },
    ...(asking.include ? { page: { properties: { include: asking.include } } } : {}),
  });

async function firmWithBoss() {
  const [firm, boss] = [await newOrganization(), await newPerson()];
  await newRole('dagl', firm, boss);
  return { firm, boss };
}

describe('a search for subjects', () => {
  it('names who it is open to, and lists nobody by that', async () => {
    const { firm, boss } = await firmWithBoss();
    const ids = (found: { results: { id: string }[] }) => found.results.map((one) => one.id);
    for (const [subject, open] of [
      ['anyone', ['anyone']],
      ['organization', ['organization']],
      ['partytype:person', ['partytype:person']],
      ['partytype:subunit', ['partytype:subunit']],
    ] as const) {
      const resource = await newResource([can('read', subject)]);
      const found = await whoMay(resource, firm);
      assert.deepEqual([ids(found), found.context], [[], { open }], subject);
      const both = await newResource([can('read', subject), can('read', 'dagl')]);
      const listed = await whoMay(both, firm);
      assert.deepEqual([ids(listed), listed.context], [[boss.id], { open }], subject);
    }
  });

  it('names the kinds that were asked for, and leaves out those a Deny keeps out', async () => {
    const { firm, boss } = await firmWithBoss();
    const resource = await newResource([can('read', 'organization'), can('read', 'dagl')]);
    const persons = await whoMay(resource, firm, { type: 'person' });
    assert.deepEqual(
      [persons.results.map((one: { id: string }) => one.id), persons.context],
      [[boss.id], undefined],
    );
    const denied = await newResource([
      can('read', 'anyone'),
      { ...can('read', 'organization'), effect: 'deny' },
    ]);
    const { context } = await whoMay(denied, firm);
    assert.deepEqual(context.open, ['partytype:person', 'partytype:system_user']);
  });

  it('names each kind beside organizations, and one organization by what it is', async () => {
    const [{ firm }, other] = [await firmWithBoss(), await newOrganization()];
    const kinds = [can('read', 'organization'), can('read', 'partytype:person')];
    const open = await newResource(kinds);
    const all = await whoMay(open, firm);
    assert.deepEqual(all.context, { open: ['organization', 'partytype:person'] });
    const persons = await whoMay(open, firm, { type: 'person' });
    assert.deepEqual(persons.context, { open: ['partytype:person'] });
    const single = await newResource([can('read', `organization:${other.number}`)]);
    const found = await whoMay(single, firm);
    assert.deepEqual(
      [found.results.map((one: { id: string }) => one.id), found.context],
      [[other.id], undefined],
    );
  });

  it('lists nobody whom a Deny to everybody keeps out, nor by a resource without a policy', async () => {
    const [firm, keeper] = [await newOrganization(), await newOrganization()];
    await newRole('regn', firm, keeper);
    const open = await newResource([can('read', 'regn')]);
    assert.deepEqual(
      (await whoMay(open, firm)).results.map((one: { id: string }) => one.id),
      [keeper.id],
    );
    const denied = await newResource([
      can('read', 'regn'),
      { ...can('read', 'organization'), effect: 'deny' },
    ]);
    assert.deepEqual((await whoMay(denied, firm)).results, []);
    const bare = await newResource([]);
    assert.deepEqual((await whoMay(bare, firm)).results, []);
    assert.deepEqual((await whoMay('no-such-resource', firm)).results, []);
  });

  it('holds what it is open to against conditions, and lists nobody by a right they need not', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const when = [{ category: 'resource', name: 'x', values: ['1'] }];
    const resource = await newResource([{ ...can('read', 'anyone'), when }]);
    assert.equal((await whoMay(resource, giver)).context, undefined);
    const told = await whoMay(resource, giver, { properties: { x: '1' } });
    assert.deepEqual(told.context, { open: ['anyone'] });
    const open = await newResource([can('read', 'anyone')]);
    await newMandate(giver, helper, { resource: open, actions: ['read'] });
    const found = await whoMay(open, giver);
    assert.deepEqual([found.results, found.context], [[], { open: ['anyone'] }]);
  });

  it('is open to nobody where the instance is another’s', async () => {
    const [firm, other] = [await newOrganization(), await newOrganization()];
    const resource = await newResource([can('read', 'anyone')]);
    await importThis({ instances: [{ resource, instance: 'sak-2', party: other.number }] });
    const found = await whoMay(resource, firm, { properties: { instance: 'sak-2' } });
    assert.deepEqual([found.results, found.context], [[], undefined]);
  });

  it('is open to nobody where several have the instance, and the question says not which', async () => {
    const [one, other, helper] = [await newPerson(), await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'anyone')]);
    for (const giver of [one, other])
      await newMandate(giver, helper, { resource, actions: ['read'], instance: 'sak-3' });
    const asked = (party: object) =>
      search('subject', {
        subject: { type: 'party' },
        action: { name: 'read' },
        resource: { type: 'resource', id: resource, properties: { instance: 'sak-3', ...party } },
      });
    assert.equal((await asked({})).context, undefined);
    assert.deepEqual((await asked({ party: one.id })).context, { open: ['anyone'] });
  });

  it('is open to all whom nothing denies, where the policy permits unless it denies', async () => {
    const { firm, boss } = await firmWithBoss();
    const resource = await newResource([{ ...can('read', 'dagl'), effect: 'deny' }], {
      combining: 'permit-unless-deny',
    });
    const found = await whoMay(resource, firm);
    assert.deepEqual([found.results, found.context], [[], { open: ['anyone'] }]);
    const stranger = await newPerson();
    const opens = async (subject: TestParty) =>
      (
        await search('resource', {
          subject: { type: 'party', id: subject.id },
          action: { name: 'read' },
          resource: { type: 'resource', properties: { party: firm.id } },
          page: { limit: 1_000 },
        })
      ).results.some((one: { id: string }) => one.id === resource);
    assert.deepEqual([await opens(stranger), await opens(boss)], [true, false]);
  });
});

describe('a result of a search', () => {
  it('carries type and id, and beside them what was asked for', async () => {
    const { firm, boss } = await firmWithBoss();
    const resource = await newResource([can('read', 'dagl')]);
    const bare = await whoMay(resource, firm, { type: 'person' });
    assert.deepEqual(bare.results, [{ type: 'person', id: boss.id }]);
    const some = await whoMay(resource, firm, { type: 'person', include: ['name', 'reason', 'x'] });
    assert.deepEqual(some.results[0].properties, { name: boss.name, reason: 'role' });
    const subject = { type: 'person', id: boss.id };
    const about = { type: 'resource', id: resource, properties: { party: firm.id } };
    const actions = await search('action', { subject, resource: about });
    assert.deepEqual(actions.results, [{ name: 'read' }]);
    const page = { properties: { include: ['reason'] } };
    const told = await search('action', { subject, resource: about, page });
    assert.deepEqual(told.results, [{ name: 'read', properties: { reason: 'role' } }]);
  });
});
