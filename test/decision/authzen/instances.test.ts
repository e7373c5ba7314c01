// Questions that name an instance alone, as owners of apps ask them: answered from what the owner
// has registered and from the rights that were given; and subjects of whom only attributes are
// told.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  type TestParty,
} from '../../support/world.ts';
import {
  AUTHORIZE,
  can,
  decide,
  evaluate,
  given,
  instance,
  newMandate,
  newResource,
  OWNER,
  pdpToken,
  subjectOf,
} from '../../support/rights/rights.ts';

const WRITE = 'altinn:resourceregistry/resource.write';
const owner = () =>
  outsideToken({
    scope: WRITE,
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${OWNER}` },
  });
const at = (resource: string, name = '') =>
  `/access/v1/resources/${resource}/instances${name && `/${encodeURIComponent(name)}`}`;
const register = async (resource: string, name: string, party: TestParty, attributes?: object) =>
  call('PUT', at(resource, name), await owner(), { party: party.number, attributes });

/** What XACML's JSON profile answers to a subject about an instance, and nothing else. */
async function about(
  subject: object[],
  name: string,
  action = 'read',
  resource: object[] = [],
): Promise<string> {
  const { body } = await call('POST', AUTHORIZE, await pdpToken(), {
    Request: {
      AccessSubject: [{ Attribute: subject }],
      Action: [
        {
          Attribute: [
            { AttributeId: 'urn:oasis:names:tc:xacml:1.0:action:action-id', Value: action },
          ],
        },
      ],
      Resource: [
        {
          Attribute: [{ AttributeId: 'urn:altinn:resource:instance-id', Value: name }, ...resource],
        },
      ],
    },
  });
  return body.response[0].decision;
}

async function firmWithBoss() {
  const [firm, boss] = [await newOrganization(), await newPerson()];
  await newRole('dagl', firm, boss);
  return { firm, boss };
}

describe('an instance that is named alone', () => {
  it('is of the resource and the party that its owner has registered', async () => {
    const { firm, boss } = await firmWithBoss();
    const resource = await newResource([can('read', 'dagl')]);
    const name = randomUUID();
    assert.equal(await about(subjectOf(boss), name), 'Indeterminate');
    const put = await register(resource, name, firm);
    assert.deepEqual([put.status, put.body.party], [200, `urn:altinn:party:uuid:${firm.id}`]);
    assert.equal(await about(subjectOf(boss), name), 'Permit');
    assert.equal(await about(subjectOf(boss), `urn:altinn:resource:instance-id:${name}`), 'Permit');
    assert.equal(await about(subjectOf(await newPerson()), name), 'NotApplicable');
    const { body } = await evaluate({
      subject: { type: 'user', id: boss.id },
      action: { name: 'read' },
      resource: { type: 'instance', id: name },
    });
    assert.equal(body.decision, true);
    assert.equal((await call('DELETE', at(resource, name), await owner())).status, 204);
    assert.equal(await about(subjectOf(boss), name), 'Indeterminate');
  });

  it('is found by the rights that were given to it, where nobody has registered it', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const name = randomUUID();
    await newMandate(giver, helper, { resource, actions: ['read'], instance: name });
    assert.equal(await about(subjectOf(helper), name), 'Permit');
    assert.equal(await about(subjectOf(helper), name, 'write'), 'NotApplicable');
    assert.equal(await about(subjectOf(helper), randomUUID()), 'Indeterminate');
  });

  it('is indeterminate when there are several, unless the question says which', async () => {
    const [one, two] = [await firmWithBoss(), await firmWithBoss()];
    const resources = [
      await newResource([can('read', 'dagl')]),
      await newResource([can('read', 'dagl')]),
    ];
    const name = `sak-${randomUUID()}`;
    await register(resources[0]!, name, one.firm);
    await register(resources[1]!, name, two.firm);
    assert.equal(await about(subjectOf(one.boss), name), 'Indeterminate');
    const of = (AttributeId: string, Value: string) => [{ AttributeId, Value }];
    assert.equal(
      await about(subjectOf(one.boss), name, 'read', of('urn:altinn:resource', resources[0]!)),
      'Permit',
    );
    assert.equal(
      await about(subjectOf(two.boss), name, 'read', of('urn:altinn:party:uuid', two.firm.id)),
      'Permit',
    );
  });

  it('cannot be claimed for another than it belongs to, nor by a right that another gave', async () => {
    const { firm, boss } = await firmWithBoss();
    const other = await firmWithBoss();
    const resource = await newResource([can('read', 'dagl')]);
    const name = randomUUID();
    await register(resource, name, firm);
    assert.equal(
      await decide(other.boss, 'read', resource, other.firm, [instance(name)]),
      'Indeterminate',
    );
    assert.equal(await decide(boss, 'read', resource, firm, [instance(name)]), 'Permit');
    const helper = await newPerson();
    await newMandate(other.firm, helper, { resource, actions: ['read'], instance: name });
    assert.equal(await about(subjectOf(helper), name), 'NotApplicable');
    assert.equal(await about(subjectOf(boss), name), 'Permit');
  });

  it('is found among many of the same name, whoever registered the others', async () => {
    const [victim, thief] = [await firmWithBoss(), await firmWithBoss()];
    const name = `sak-${randomUUID()}`;
    const other = await newOrganization();
    for (let count = 0; count < 25; count += 1) {
      const resource = await newResource([can('read', 'dagl')], { owner: other.number });
      await importThis({ instances: [{ resource, instance: name, party: other.number }] });
    }
    const resource = await newResource([can('read', 'dagl')]);
    await register(resource, name, victim.firm);
    const asked = async (boss: TestParty, firm: TestParty) =>
      decide(boss, 'read', resource, firm, [instance(name)]);
    assert.equal(await asked(thief.boss, thief.firm), 'Indeterminate');
    assert.equal(await asked(victim.boss, victim.firm), 'Permit');
  });

  it("is never whose a giver says, and never found among another owner's", async () => {
    const { firm, boss } = await firmWithBoss();
    const helper = await newPerson();
    const resource = await newResource([can('read', 'dagl')]);
    const name = `sak-${randomUUID()}`;
    await given(boss, firm, helper, { resource, actions: ['read'], instance: name });
    const of = [{ AttributeId: 'urn:altinn:resource', Value: resource }];
    for (const who of [boss, helper])
      assert.equal(await about(subjectOf(who), name, 'read', of), 'NotApplicable');
    const other = await newOrganization();
    const theirs = await newResource([can('read', 'anyone')], { owner: other.number });
    await importThis({ instances: [{ resource: theirs, instance: name, party: other.number }] });
    const ask = async (owner: { number: string }) =>
      (
        await call(
          'POST',
          '/access/v1/evaluation',
          await organizationToken(owner as TestParty, 'altinn:authorization/authorize'),
          {
            subject: { type: 'user', id: boss.id },
            action: { name: 'read' },
            resource: { type: 'instance', id: name },
          },
        )
      ).body;
    assert.equal((await ask({ number: OWNER })).context.reason, 'unknown_resource');
    const own = await ask(other);
    assert.deepEqual([own.decision, own.context.resource], [true, theirs]);
    assert.equal((await ask(await newOrganization())).context.reason, 'unknown_resource');
  });

  it('brings what its owner says of it to the conditions, which an authoritative one holds', async () => {
    const { firm, boss } = await firmWithBoss();
    const task = 'urn:altinn:task';
    const rule = {
      ...can('read', 'dagl'),
      when: [{ category: 'resource', name: task, values: ['Task_1'] }],
    };
    const [open, sure] = [
      await newResource([rule]),
      await newResource([rule], { authoritative: [task] }),
    ];
    const says = (Value: string) => ({ AttributeId: task, Value });
    for (const [resource, overruled] of [
      [open, 'Permit'],
      [sure, 'NotApplicable'],
    ] as const) {
      const [first, second] = [randomUUID(), randomUUID()];
      await register(resource, first, firm, { [task]: 'Task_1' });
      await register(resource, second, firm, { [task]: 'Task_2' });
      assert.equal(await about(subjectOf(boss), first), 'Permit');
      assert.equal(await about(subjectOf(boss), second), 'NotApplicable');
      assert.equal(await about(subjectOf(boss), second, 'read', [says('Task_1')]), overruled);
    }
  });

  it('comes by the import too, which refuses by name what is not known', async () => {
    const { firm, boss } = await firmWithBoss();
    const resource = await newResource([can('read', 'dagl')]);
    const name = `51000017/${randomUUID()}`;
    await importThis({ instances: [{ resource, instance: name, party: firm.number }] });
    assert.equal(await about(subjectOf(boss), name), 'Permit');
    await assert.rejects(
      importThis({ instances: [{ resource: 'nope', instance: name, party: firm.number }] }),
      /the resource nope is not known/,
    );
    await assert.rejects(
      importThis({ instances: [{ resource, instance: 'a b', party: firm.number }] }),
      /visible ASCII/,
    );
  });
});

describe("the owner's register of instances", () => {
  it('is for the owner alone, and for resources and parties that there are', async () => {
    const { firm } = await firmWithBoss();
    const resource = await newResource([can('read', 'dagl')]);
    const stranger = await organizationToken(await newOrganization(), WRITE);
    const body = { party: firm.number };
    for (const [method, path] of [
      ['PUT', at(resource, 'a')],
      ['GET', at(resource, 'a')],
      ['DELETE', at(resource, 'a')],
      ['GET', at(resource)],
    ] as const) {
      const sent = method === 'PUT' ? body : undefined;
      assert.equal((await call(method, path, stranger, sent)).body.code, 'TIL-00008');
      assert.equal((await call(method, path, undefined, sent)).status, 401);
    }
    const mine = await owner();
    assert.equal((await call('PUT', at('nope', 'a'), mine, body)).body.code, 'RR-00002');
    assert.equal((await call('GET', at(resource, 'a'), mine)).body.code, 'TIL-00040');
    assert.equal((await call('DELETE', at(resource, 'a'), mine)).body.code, 'TIL-00040');
    const wrong = async (name: string, sent: object) =>
      (await call('PUT', at(resource, name), mine, sent)).body.validationErrors?.[0]?.code;
    assert.equal(await wrong('a', { party: '310000000' }), 'TIL.VLD-00009');
    assert.equal(await wrong('a b', body), 'TIL.VLD-00010');
  });

  it('lists by name and party, a page at a time', async () => {
    const [one, two] = [await newOrganization(), await newOrganization()];
    const resource = await newResource([can('read', 'dagl')]);
    for (const [name, party] of [
      ['c', one],
      ['a', one],
      ['b', two],
    ] as const)
      await register(resource, name, party, { n: 1 });
    const mine = await owner();
    const first = await call('GET', `${at(resource)}?limit=2`, mine);
    assert.deepEqual(
      first.body.data.map((row: { instance: string }) => row.instance),
      ['a', 'b'],
    );
    assert.deepEqual(first.body.data[0].attributes, { n: '1' });
    const second = await call('GET', first.body.links.next, mine);
    assert.deepEqual(
      second.body.data.map((row: { instance: string }) => row.instance),
      ['c'],
    );
    assert.equal(second.body.links.next, null);
    const ofOne = await call('GET', `${at(resource)}?party=${one.number}`, mine);
    assert.deepEqual(
      ofOne.body.data.map((row: { instance: string }) => row.instance),
      ['a', 'c'],
    );
  });
});

describe('a subject of whom only attributes are told', () => {
  const org = { AttributeId: 'urn:altinn:org', Value: 'ttd' };
  const asks = async (resource: string, subject: object[], from: TestParty, action = 'read') =>
    about(subject, randomUUID(), action, [
      { AttributeId: 'urn:altinn:resource', Value: resource },
      { AttributeId: 'urn:altinn:party:uuid', Value: from.id },
    ]);

  it('is let in by the rule that names them, and by no other', async () => {
    const firm = await newOrganization();
    const resource = await newResource([
      can('read', ['anyone', 'attribute:urn:altinn:org=ttd']),
      can('write', 'anyone'),
    ]);
    assert.equal(await asks(resource, [org], firm), 'Permit');
    assert.equal(await asks(resource, [{ ...org, Value: 'skd' }], firm), 'Indeterminate');
    assert.equal(await asks(resource, [org], firm, 'write'), 'Indeterminate');
    assert.equal(await asks(resource, [], firm), 'Indeterminate');
    const { body } = await evaluate({
      subject: { type: 'urn:altinn:org', id: 'ttd', properties: { 'urn:altinn:org': 'ttd' } },
      action: { name: 'read' },
      resource: { type: 'resource', id: resource, properties: { party: firm.id } },
    });
    assert.equal(body.decision, true);
  });

  it('is kept out by a Deny that matches, and gets nothing where nothing denies', async () => {
    const firm = await newOrganization();
    const rule = can('read', 'attribute:urn:altinn:org=ttd');
    const denied = await newResource([rule, { ...can('read', 'anyone'), effect: 'deny' }]);
    assert.equal(await asks(denied, [org], firm), 'Deny');
    const open = await newResource([{ ...can('read', 'dagl'), effect: 'deny' }], {
      combining: 'permit-unless-deny',
    });
    assert.equal(await asks(open, [org], firm), 'Indeterminate');
  });

  it('is nobody who is named, however the name is written: no Deny is slipped past', async () => {
    const { firm, boss } = await firmWithBoss();
    const resource = await newResource([
      can('read', 'attribute:urn:altinn:org=ttd'),
      { ...can('read', 'dagl'), effect: 'deny' },
    ]);
    const told = { 'urn:altinn:org': 'ttd' };
    for (const id of [boss.id, ` ${boss.id}`, `x ${boss.id}`, '01817099999', 'nobody']) {
      const { body } = await evaluate({
        subject: { type: 'user', id, properties: told },
        action: { name: 'read' },
        resource: { type: 'resource', id: resource, properties: { party: firm.id } },
      });
      assert.equal(body.decision, false, id);
    }
  });

  it('cannot claim a role, a package or a level', async () => {
    const { firm } = await firmWithBoss();
    const resource = await newResource([can('read', 'dagl')], {
      minimumLevel: { person: 4, organization: 4 },
    });
    for (const AttributeId of ['urn:altinn:rolecode', 'urn:altinn:authlevel', 'urn:altinn:org'])
      assert.equal(await asks(resource, [{ AttributeId, Value: 'dagl' }], firm), 'Indeterminate');
  });
});
