// Why, to the owner of a resource: each rule, what of it held and what did not, by which mandates
// and by which version of the policy; and nothing of what is a secret of two parties.
import assert from 'node:assert/strict';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
} from '../../support/world.ts';
import { can, newMandate, newResource, pdpToken, question } from '../../support/rights/rights.ts';

const EXPLANATION = '/access/v1/explanation';
const explain = async (body: object, token?: string) =>
  call('POST', EXPLANATION, token ?? (await pdpToken()), body);

describe('why a decision fell as it did', () => {
  it('is told rule by rule, with what carried it and the version of the policy', async () => {
    const [firm, boss] = [await newOrganization(), await newPerson()];
    await newRole('dagl', firm, boss);
    const resource = await newResource([
      { ...can('read', 'lede'), id: 'chair' },
      {
        ...can('read', ['dagl', 'keyrole']),
        id: 'boss',
        when: [{ category: 'resource', name: 'urn:altinn:task', values: ['Task_1'] }],
      },
      { ...can('sign', 'dagl'), id: 'sign' },
    ]);
    const asked = question(boss, 'read', resource, firm);
    const refused = await explain(asked);
    assert.equal(refused.status, 200, refused.text);
    assert.deepEqual(
      [refused.body.decision, refused.body.outcome, refused.body.reason],
      [false, 'not_applicable', 'not_named'],
    );
    assert.ok(refused.body.policy.version > 0);
    const [chair, own, sign] = refused.body.rules;
    assert.deepEqual([chair.id, chair.covers, chair.says], ['chair', true, 'not_applicable']);
    assert.deepEqual(chair.subjects, [
      [{ type: 'urn:altinn:rolecode', value: 'lede', holds: false }],
    ]);
    assert.deepEqual(
      own.subjects[0].map(({ holds }: { holds: boolean | null }) => holds),
      [true, true],
    );
    assert.deepEqual(
      [own.conditions[0].given, own.conditions[0].holds, own.says],
      [[], false, 'not_applicable'],
    );
    assert.deepEqual([sign.covers, sign.says, sign.mandates], [false, null, []]);
    const told = { ...asked.resource.properties, 'urn:altinn:task': 'Task_1' };
    const { body } = await explain({ ...asked, resource: { ...asked.resource, properties: told } });
    assert.deepEqual([body.decision, body.rules[1].says], [true, 'permit']);
    assert.deepEqual(body.rules[1].conditions[0], {
      category: 'resource',
      name: 'urn:altinn:task',
      values: ['Task_1'],
      given: ['Task_1'],
      holds: true,
    });
    assert.deepEqual(body.rules[1].mandates, body.mandates);
    assert.equal(body.mandates.length, 1);
    const numbered = { ...asked.resource.properties, 'urn:altinn:task': 7 };
    const typed = await explain({
      ...asked,
      resource: { ...asked.resource, properties: numbered },
    });
    assert.deepEqual(typed.body.rules[1].conditions[0].given, ['7'], typed.text);
  });

  it('names rights that were given singly, where no rule lets the subject in', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    await newMandate(giver, helper, { resource, actions: ['read'] });
    const { body } = await explain(question(helper, 'read', resource, giver));
    assert.deepEqual([body.reason, body.rules[0].says], ['right', 'not_applicable']);
    assert.equal(body.mandates.length, 1);
  });

  it('says what is indeterminate, and why there is nothing to tell', async () => {
    const person = await newPerson();
    const must = { category: 'resource', name: 'x', values: ['1'], mustBePresent: true };
    const resource = await newResource([{ ...can('read', 'privatperson'), when: [must] }]);
    const { body } = await explain(question(person, 'read', resource, person));
    assert.deepEqual(
      [body.outcome, body.rules[0].says, body.rules[0].conditions[0].holds],
      ['indeterminate', 'indeterminate_permit', null],
    );
    const unknown = await explain(question(person, 'read', 'no-such-resource', person));
    assert.deepEqual(
      [unknown.body.reason, unknown.body.rules, unknown.body.policy, unknown.body.resource],
      ['unknown_resource', [], null, null],
    );
  });

  it('is of what an evaluation answers: a wrong type, a told subject, an instance of another', async () => {
    const [firm, boss] = [await newOrganization(), await newPerson()];
    await newRole('dagl', firm, boss);
    const resource = await newResource([can('read', 'dagl'), can('sign', 'attribute:org=ttd')]);
    const asked = question(boss, 'read', resource, firm);
    const typed = await explain({ ...asked, subject: { type: 'organization', id: boss.id } });
    assert.deepEqual(
      [typed.body.decision, typed.body.reason, typed.body.rules],
      [false, 'unknown_subject', []],
    );
    const told = await explain({
      ...asked,
      subject: { type: 'service', id: 'ttd', properties: { org: 'ttd' } },
      action: { name: 'sign' },
    });
    assert.deepEqual([told.body.decision, told.body.rules[1].says], [true, 'permit']);
    const other = await newOrganization();
    await importThis({ instances: [{ resource, instance: 'sak-1', party: other.number }] });
    const properties = { ...asked.resource.properties, instance: 'sak-1' };
    const wrong = await explain({ ...asked, resource: { ...asked.resource, properties } });
    assert.deepEqual([wrong.body.reason, wrong.body.rules], ['instance_of_another', []]);
  });

  it('is for the owner of the resource, and a question that lacks nothing', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    const asked = question(person, 'read', resource, person);
    const other = await organizationToken(
      await newOrganization(),
      'altinn:authorization/authorize',
    );
    assert.equal((await explain(asked, other)).body.code, 'AUTHZ.VLD-00001');
    const without = await organizationToken(await newOrganization(), 'altinn:authorization/other');
    assert.equal((await explain(asked, without)).status, 403);
    assert.equal((await call('POST', EXPLANATION, undefined, asked)).status, 401);
    assert.equal((await explain({ ...asked, action: {} })).body.code, 'AUTHZ.VLD-00011');
  });

  it('does not tell of a role that is a secret of two parties, though it carried', async () => {
    const T = { nb: 'Prøve', nn: 'Prøve', en: 'Trial' };
    const source = `hemmelig-${Date.now()}`;
    const role = `${source}-rolle`;
    await importThis({
      sources: [{ code: source, name: T, legalBasis: T, purpose: T, visibility: 'secret' }],
      roles: [{ code: role, name: T, givenBy: 'person', source }],
    });
    const [ward, holder] = [await newPerson(), await newPerson()];
    await newRole(role, ward, holder);
    const resource = await newResource([can('read', role)]);
    const { body } = await explain(question(holder, 'read', resource, ward));
    assert.deepEqual([body.decision, body.reason, body.mandates], [true, 'permitted', []]);
    assert.deepEqual(
      [body.rules[0].says, body.rules[0].subjects[0][0].holds, body.rules[0].mandates],
      ['not_applicable', false, []],
    );
  });
});
