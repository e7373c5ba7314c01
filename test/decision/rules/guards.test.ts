// One case for each guard that stands alone: what an item of a batch may be, what a chain carries,
// and what a rule, a list and a right are about. Each would go unseen if its guard were gone.
import assert from 'node:assert/strict';
import {
  ask,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  call,
  requestBody,
  REQUESTS,
  WRITE,
  type TestParty,
} from '../../support/world.ts';
import {
  can,
  decide,
  evaluate,
  given,
  newFirm,
  newMandate,
  newResource,
  pdpToken,
  question,
} from '../../support/rights/rights.ts';

const LONG = 'x'.repeat(2_000 + 1);
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, 1]));

describe('an evaluation among many', () => {
  let subject: object;
  let resource: object;
  const action = { name: 'read' };
  before(async () => {
    const person = await newPerson();
    subject = { type: 'party', id: person.id };
    resource = { type: 'resource', id: await newResource([can('read', 'anyone')]) };
  });
  const asked = async (item: unknown, shared: object = {}) => {
    const whole = { subject, action, resource };
    const answer = await call('POST', '/access/v1/evaluations', await pdpToken(), {
      ...shared,
      evaluations: [item, whole],
    });
    assert.equal(answer.status, 200, answer.text);
    const [own, other] = answer.body.evaluations;
    assert.equal(other.decision, true, answer.text);
    return own;
  };

  const broken: [string, () => unknown, string][] = [
    ['is null', () => null, '/'],
    ['is a text', () => 'x', '/'],
    ['is a list', () => [], '/'],
    ['has a text for a subject', () => ({ subject: 'x', action, resource }), '/subject'],
    ['has a list for an action', () => ({ subject, action: [], resource }), '/action'],
    ['has null for a resource', () => ({ subject, action, resource: null }), '/resource'],
    ['lacks the type', () => ({ subject: { id: 'a' }, action, resource }), '/subject/type'],
    [
      'has a number for an id',
      () => ({ subject: { type: 'party', id: 1 }, action, resource }),
      '/subject/id',
    ],
    ['has an empty action', () => ({ subject, action: { name: '' }, resource }), '/action/name'],
    ['has too long a name', () => ({ subject, action: { name: LONG }, resource }), '/action/name'],
    [
      'has a text for properties',
      () => ({ subject: { ...subject, properties: 'x' }, action, resource }),
      '/subject/properties',
    ],
    [
      'has a list for properties',
      () => ({ subject: { ...subject, properties: [] }, action, resource }),
      '/subject/properties',
    ],
    [
      'has too many properties',
      () => ({ subject, action: { name: 'read', properties: many(101) }, resource }),
      '/action/properties',
    ],
    [
      'has too many values',
      () => ({
        subject: { ...subject, properties: { a: Array(101).fill('a') } },
        action,
        resource,
      }),
      '/subject/properties/a',
    ],
    [
      'has too long a value',
      () => ({ subject: { ...subject, properties: { a: LONG } }, action, resource }),
      '/subject/properties/a',
    ],
    [
      'has too long a value in a list',
      () => ({ subject: { ...subject, properties: { a: ['a', LONG] } }, action, resource }),
      '/subject/properties/a/1',
    ],
    ['has a text for a context', () => ({ subject, action, resource, context: 'x' }), '/context'],
    ['has too much context', () => ({ subject, action, resource, context: many(101) }), '/context'],
    [
      'has a number for an instance',
      () => ({ subject, action, resource: { ...resource, properties: { instance: 5 } } }),
      '/resource/properties/instance',
    ],
    [
      'has a number for a party',
      () => ({ subject, action, resource: { ...resource, properties: { party: 5 } } }),
      '/resource/properties/party',
    ],
    [
      'names a party by what is no name',
      () => ({ subject, action, resource: { ...resource, properties: { from: 'a b' } } }),
      '/resource/properties/from',
    ],
  ];
  for (const [what, item, path] of broken) {
    it(`that ${what} fails by itself, and says where`, async () => {
      const own = await asked(item());
      assert.equal(own.decision, false);
      assert.equal(own.context.error.code, 'AUTHZ.VLD-00011');
      assert.ok(JSON.stringify(own.context.error).includes(`"${path}"`), JSON.stringify(own));
    });
  }

  it('takes what it leaves out from what all share, and nothing for what it says itself', async () => {
    assert.equal((await asked({}, { subject, action, resource })).decision, true);
    const { type } = resource as { type: string };
    assert.equal(
      (await asked({ resource: { type } }, { subject, action, resource })).decision,
      true,
    );
    const other = await newResource([can('write', 'anyone')]);
    const own = await asked({ resource: { type, id: other } }, { subject, action, resource });
    assert.equal(own.decision, false);
  });

  it('has its own context whole, not one merged from what all share', async () => {
    const bound = await newResource([
      {
        ...can('read', 'anyone'),
        when: [{ category: 'environment', name: 'zone', values: ['in'] }],
      },
    ]);
    const item = { subject, action, resource: { type: 'resource', id: bound }, context: { a: 1 } };
    assert.equal((await asked(item, { context: { zone: 'in' } })).decision, false);
    assert.equal((await asked({ ...item, context: { zone: 'in' } })).decision, true);
  });

  it('compares numbers, truth and lists told, and leaves objects unread', async () => {
    const bound = await newResource([
      {
        ...can('read', 'anyone'),
        when: [{ category: 'subject', name: 'n', values: ['7', 'true'] }],
      },
    ]);
    const told = async (n: unknown) =>
      (
        await asked({
          subject: { ...subject, properties: { n } },
          action,
          resource: { type: 'resource', id: bound },
        })
      ).decision;
    assert.deepEqual(
      await Promise.all([told(7), told(true), told([1, 7]), told({ 7: 7 }), told([]), told(8)]),
      [true, true, true, false, false, false],
    );
  });

  it('does not take its level or party for attributes of the subject or the resource', async () => {
    const bound = await newResource([
      { ...can('read', 'anyone'), when: [{ category: 'subject', name: 'acr', values: ['4'] }] },
      {
        ...can('write', 'anyone'),
        when: [{ category: 'resource', name: 'party', values: ['310100013'] }],
      },
    ]);
    const at = { type: 'resource', id: bound };
    const acr = await asked({
      subject: { ...subject, properties: { acr: '4' } },
      action,
      resource: at,
    });
    const party = await asked({
      subject,
      action: { name: 'write' },
      resource: { ...at, properties: { party: '310100013' } },
    });
    assert.deepEqual([acr.decision, party.decision], [false, false]);
  });
});

describe('a chain', () => {
  let firm: TestParty;
  let boss: TestParty;
  let supplier: TestParty;
  let agent: TestParty;
  before(async () => {
    ({ firm, boss } = await newFirm());
    supplier = await newOrganization('Leverandøren', { mayAsk: false });
    agent = await newPerson('Ansatt Person');
    await newRole('regn', firm, supplier);
    await importThis({
      mandates: [
        {
          from: firm.number,
          to: agent.number,
          package: 'regnskapsforer-lonn',
          through: { to: supplier.number, role: 'regn' },
        },
      ],
    });
  });

  it('carries an action only when each link is permitted that very action', async () => {
    const resource = await newResource([
      can('read', 'regn', 'package:regnskapsforer-lonn'),
      can('write', 'package:regnskapsforer-lonn'),
    ]);
    assert.equal(await decide(agent, 'read', resource, firm), 'Permit');
    assert.equal(
      await decide(agent, 'write', resource, firm),
      'Permit',
      'the role has the package',
    );
    const other = await newResource([
      can('read', 'regn', 'package:merverdiavgift'),
      can('write', 'package:merverdiavgift'),
    ]);
    const clerk = await newPerson();
    const id = await given(boss, firm, supplier, { package: 'merverdiavgift', mayPassOn: true });
    assert.ok(id);
    await importThis({
      mandates: [
        {
          from: firm.number,
          to: clerk.number,
          package: 'merverdiavgift',
          through: { to: supplier.number, package: 'merverdiavgift' },
        },
      ],
    });
    assert.equal(await decide(clerk, 'write', other, firm), 'Permit');
  });

  it('does not slip past a Deny that names what was passed on', async () => {
    const resource = await newResource([
      { effect: 'deny', action: 'read', subjects: ['package:regnskapsforer-lonn'] },
      can('read', 'partytype:person'),
    ]);
    assert.equal(await decide(await newPerson(), 'read', resource, firm), 'Permit');
    assert.equal(await decide(agent, 'read', resource, firm), 'Deny');
  });

  it('is told as had where it denies, and as not held where no link carries it', async () => {
    const both = ['package:regnskapsforer-lonn', 'keyrole'];
    const resource = await newResource([
      { effect: 'deny', action: 'read', subjects: ['package:regnskapsforer-lonn'] },
      can('read', both),
    ]);
    const asked = question(agent, 'read', resource, firm);
    const { body } = await call('POST', '/access/v1/explanation', await pdpToken(), asked);
    const [denies, permits] = body.rules;
    assert.deepEqual([denies.subjects[0][0].holds, denies.mandates.length], [true, 1]);
    assert.deepEqual([permits.subjects[0][0].holds, permits.mandates], [false, []]);
  });
});

describe('a rule', () => {
  it('is not met by another value of the attribute it names', async () => {
    const resource = await newResource([can('read', 'attribute:role=admin')]);
    const person = await newPerson();
    const told = async (role: string) =>
      (
        await evaluate({
          ...question(person, 'read', resource),
          subject: { type: 'party', id: person.id, properties: { role } },
        })
      ).body.decision;
    assert.deepEqual([await told('admin'), await told('user')], [true, false]);
  });

  it('is not met by what an asker says of roles and packages', async () => {
    const person = await newPerson();
    for (const name of [
      ...['urn:altinn:rolecode', 'urn:altinn:authlevel', 'urn:altinn:resource:delegation'],
      ...['package', 'keyrole', 'register', 'anyone'].map((kind) => `urn:tillit:${kind}`),
    ]) {
      const when = [{ category: 'subject', name, values: ['dagl'] }];
      const resource = await newResource([{ ...can('read', 'anyone'), when }]);
      const asked = question(person, 'read', resource);
      const subject = { type: 'party', id: person.id, properties: { [name]: 'dagl' } };
      assert.equal((await evaluate({ ...asked, subject })).body.decision, false, name);
    }
  });

  it('that asks for an attribute is not met by an empty list of it', async () => {
    const when = [{ category: 'resource', name: 'x', values: ['1'], mustBePresent: true }];
    const resource = await newResource([{ ...can('read', 'anyone'), when }]);
    const asked = question(await newPerson(), 'read', resource);
    const told = { ...asked.resource, properties: { ...asked.resource.properties, x: [] } };
    const { body } = await evaluate({ ...asked, resource: told });
    assert.equal(body.context.reason, 'missing_attribute');
  });

  it('that denies opens no right that was given singly', async () => {
    const { firm } = await newFirm();
    const holder = await newPerson();
    const resource = await newResource([
      { effect: 'deny', action: 'read', subjects: ['lede'] },
      can('write', 'dagl'),
    ]);
    await newMandate(firm, holder, { resource, actions: ['read'] });
    assert.notEqual(await decide(holder, 'read', resource, firm), 'Permit');
  });

  it('for another kind of party makes a request that nobody can answer', async () => {
    const resource = await newResource(
      [can('consent', 'package:merverdiavgift'), can('requestconsent', 'organization')],
      { resourceType: 'Consent', consentTemplate: 'default', consentText: { nb: 'x', nn: 'x' } },
    );
    const [person, asker] = [await newPerson(), await newOrganization()];
    const right = {
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: resource }],
    };
    const answer = await call('POST', REQUESTS, await organizationToken(asker, WRITE), {
      ...requestBody(person, asker),
      consentRights: [right],
    });
    assert.equal(answer.body.code, 'TIL-00016', answer.text);
    const { firm } = await newFirm();
    assert.ok(await ask(firm, asker, { consentRights: [right] }));
  });
});

describe('an access list', () => {
  const listed = async (...members: string[]) => {
    const owner = await newOrganization();
    const resource = await newResource([can('read', 'anyone')], {
      owner: owner.number,
      accessListMode: 'Enabled',
    });
    await importThis({
      accessLists: [
        { id: 'l', owner: owner.number, name: 'L', members, resources: [{ resource }] },
      ],
    });
    return resource;
  };

  it('opens for a sub-unit that is on it, and for nobody where no party is named', async () => {
    const main = await newOrganization('Hovedenheten', { mayAsk: false });
    const unit = await newOrganization('Enheten', { mayAsk: false, parent: main.number });
    const resource = await listed(unit.number);
    const person = await newPerson();
    assert.equal(await decide(person, 'read', resource, unit), 'Permit');
    assert.equal(await decide(person, 'read', resource, main), 'Deny');
    assert.equal(await decide(person, 'read', resource), 'Deny');
  });
});

describe('a right that an organisation was given', () => {
  it('is told as had through it, and as had directly by itself', async () => {
    const { firm } = await newFirm();
    const holder = await newFirm();
    const resource = await newResource([can('read', 'dagl')]);
    await newMandate(firm, holder.firm, { resource, actions: ['read'] });
    const why = async (subject: TestParty) =>
      (await evaluate(question(subject, 'read', resource, firm))).body.context.reason_user
        .nb as string;
    assert.match(await why(holder.boss), /gjennom en virksomhet/);
    assert.doesNotMatch(await why(holder.firm), /gjennom en virksomhet/);
  });
});
