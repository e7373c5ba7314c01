// Policies and calls that integrators trip over, each refused with why or taken for what it is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  call,
  newPerson,
  organizationToken,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import {
  can,
  decide,
  evaluate,
  give,
  given,
  MANDATES,
  newFirm,
  newResource,
  question,
} from '../support/rights/rights.ts';
import { T, REGISTRY, WRITE, owner, unique } from '../support/hostile.ts';

describe('a policy in XACML', () => {
  const match = (category: string, attribute: string, value: string, must = 'false') =>
    '<Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal">' +
    `<AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${value}</AttributeValue>` +
    `<AttributeDesignator Category="${category}" AttributeId="${attribute}" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="${must}"/></Match>`;
  const target = (inner: string) => `<Target><AnyOf><AllOf>${inner}</AllOf></AnyOf></Target>`;
  const SUBJECT = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
  const ENVIRONMENT = 'urn:oasis:names:tc:xacml:3.0:attribute-category:environment';
  const boss = target(match(SUBJECT, 'urn:altinn:rolecode', 'dagl'));
  const policy = (inner: string) =>
    `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" ` +
    `RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides">${inner}</Policy>`;
  const rule = (inner: string, effect = 'Permit') =>
    `<Rule RuleId="r${effect}" Effect="${effect}">${inner}</Rule>`;
  const put = async (id: string, xml: string) =>
    call('PUT', `${REGISTRY}/resource/${id}/policy`, await organizationToken(owner, WRITE), xml, {
      'content-type': 'application/xml',
    });

  it('says each thing once: a second target or list of obligations is refused, not passed over', async () => {
    const id = await newResource([can('read', 'dagl')]);
    const narrow = target(match(SUBJECT, 'urn:altinn:organizationnumber', '999999999'));
    const level4 = (value: string) =>
      '<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Permit"><AttributeAssignmentExpression AttributeId="a" ' +
      `Category="urn:altinn:minimum-authenticationlevel"><AttributeValue DataType="i">${value}</AttributeValue></AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>`;
    const bad: [string, string][] = [
      [policy(rule(boss + narrow)), 'Target'],
      [policy(boss + narrow + rule(boss)), 'Target'],
      [policy(rule(boss) + level4('2') + level4('4')), 'ObligationExpressions'],
      [policy(rule(boss) + level4('')), 'security level'],
    ];
    for (const [xml, why] of bad) {
      const { status, body } = await put(id, xml);
      assert.deepEqual(
        [status, body.code, body.faults[0].includes(why)],
        [400, 'TIL-00031', true],
        body.faults[0],
      );
    }
  });

  it('reads MustBePresent as XML Schema has booleans', async () => {
    const { firm, boss: person } = await newFirm();
    const id = await newResource([can('read', 'dagl')]);
    const locked = (must: string) =>
      policy(rule(boss) + rule(target(match(ENVIRONMENT, 'state', 'locked', must)), 'Deny'));
    for (const [must, decision] of [
      ['1', 'Indeterminate'],
      ['true', 'Indeterminate'],
      ['0', 'Permit'],
      ['false', 'Permit'],
    ] as const) {
      assert.equal((await put(id, locked(must))).status, 200);
      assert.equal(await decide(person, 'read', id, firm), decision, must);
    }
    assert.equal((await put(id, locked('yes'))).body.code, 'TIL-00031');
  });
});

describe('what an integrator trips over', () => {
  it('is an instance by three names: all are one', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const {
      rows: [{ party_id: partyId }],
    } = await world.database.db.raw('select party_id from party where id = ?', [firm.id]);
    const name = `${partyId}/${randomUUID()}`;
    await given(boss, firm, clerk, {
      resource,
      actions: ['read'],
      instance: `urn:altinn:instance-id:${name}`,
    });
    const asks = (AttributeId: string, Value: string) =>
      decide(clerk, 'read', resource, firm, [{ AttributeId, Value }]);
    assert.equal(await asks('urn:altinn:instance-id', name), 'Permit');
    assert.equal(
      await asks('urn:altinn:resource:instance-id', `urn:altinn:instance-id:${name}`),
      'Permit',
    );
    const properties = { party: firm.id, instance: `urn:altinn:instance-id:${name}` };
    const { body } = await evaluate({
      ...question(clerk, 'read', resource),
      resource: { type: 'resource', id: `urn:altinn:resource:${resource}`, properties },
    });
    assert.equal(body.decision, true);
    const list = await call(
      'GET',
      '/accessmanagement/api/v1/enduser/authorizedparties?includeInstances=true',
      await personToken(clerk),
    );
    assert.deepEqual(
      list.body.data.find((one: { partyUuid: string }) => one.partyUuid === firm.id)
        .authorizedInstances,
      [
        {
          resourceId: resource,
          instanceId: name.split('/')[1],
          instanceRef: `urn:altinn:instance-id:${name}`,
        },
      ],
    );
    assert.equal(
      (await give(boss, firm, clerk, { resource, actions: ['read'], instance: 'a b' })).body
        .validationErrors[0].code,
      'AM.VLD-00047',
    );
  });

  it('is told why not by what the question lacks', async () => {
    const { firm, boss } = await newFirm();
    const resource = await newResource([can('read', 'dagl', 'package:toll')]);
    const why = async (...about: Parameters<typeof question>) =>
      (await evaluate(question(...about))).body.context;
    assert.equal((await why(boss, 'read', resource)).reason, 'no_from');
    assert.equal((await why(boss, 'fly', resource, firm)).reason, 'unknown_action');
    const stranger = await why(await newPerson(), 'read', resource, firm);
    assert.deepEqual(
      [stranger.reason, stranger.reason_user.nb],
      ['not_named', 'Nei. Bare daglig leder eller den som har fullmakten «Toll» kan gjøre dette.'],
    );
  });

  it('is a member that is not known, told; and what is not said anew stays', async () => {
    const token = await organizationToken(owner, WRITE);
    const entry = {
      identifier: unique('prove'),
      resourceType: 'GenericAccessResource',
      title: T,
      rightDescription: T,
      spatial: [],
      limitedByRRR: false,
      rules: [can('read', 'dagl')],
    };
    const whole = { ...entry, accessListMode: 'Enabled', colour: 1 };
    const registered = await call('POST', `${REGISTRY}/resource`, token, whole);
    assert.deepEqual(
      [registered.status, registered.headers.get('tillit-ignored')],
      [201, 'colour'],
    );
    await call('PUT', `${REGISTRY}/resource/${entry.identifier}/policy`, token, {
      minimumLevel: { person: 3, organization: 2 },
      rules: entry.rules,
    });
    assert.equal(
      (
        await call('PUT', `${REGISTRY}/resource/${entry.identifier}`, token, {
          ...entry,
          rules: undefined,
        })
      ).status,
      200,
    );
    const { body } = await call('GET', `${REGISTRY}/resource/${entry.identifier}`);
    assert.deepEqual([body.accessListMode, body.minimumLevel.person], ['Enabled', 3]);
  });

  it('is a notice whose link is for the one who reads it', async () => {
    const [giver, receiver] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, receiver, { package: 'innbygger-pensjon' });
    const links = async (who: TestParty) =>
      (await call('GET', '/access/v1/notices', await personToken(who))).body.data[0].links;
    assert.deepEqual(
      [await links(giver), await links(receiver)],
      [{ suspend: `${MANDATES}/${id}/suspend` }, { end: `${MANDATES}/${id}` }],
    );
    assert.equal(
      (await call('POST', `${MANDATES}/${id}/suspend`, await personToken(receiver))).body.code,
      'TIL-00027',
    );
    assert.equal(
      (await call('DELETE', (await links(receiver)).end, await personToken(receiver))).status,
      204,
    );
  });
});
