// AuthZEN 1.0: the certification scenario on the demo world, the three semantics, searches with
// pages, and refusals.
import assert from 'node:assert/strict';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  world,
} from '../../support/world.ts';
import {
  can,
  evaluate,
  newMandate,
  newResource,
  pdpToken,
  question,
} from '../../support/rights/rights.ts';

const user = (id: string, role?: string) => ({
  type: 'user',
  id,
  ...(role ? { properties: { role } } : {}),
});
const record = (n: number, status?: string) => ({
  type: 'record',
  id: `record-${n}`,
  ...(status ? { properties: { status } } : {}),
});
const action = (name: string, soft?: boolean) => ({
  name,
  ...(soft === undefined ? {} : { properties: { soft } }),
});
const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call('POST', `/access/v1/${path}`, await pdpToken(), body, headers);

describe('AuthZEN', () => {
  const RULES: [string, object, object, object, boolean][] = [
    ['1', user('alice'), action('read'), record(1), true],
    ['2', user('alice'), action('write'), record(1), true],
    ['3', user('bob'), action('read'), record(1), true],
    ['4', user('bob'), action('write'), record(1), false],
    ['5', user('alice'), action('write'), record(2, 'archived'), false],
    ['6', user('bob', 'admin'), action('write'), record(2, 'archived'), true],
    ['7', user('alice'), action('delete', true), record(1), true],
    ['8', user('alice'), action('delete', false), record(1), false],
  ];
  for (const [n, subject, act, resource, permit] of RULES) {
    it(`${permit ? 'permits' : 'denies'} by rule ${n} of the certification scenario`, async () => {
      const { status, body } = await evaluate({
        subject,
        action: act,
        resource,
        foo: 'bar',
        context: { ip: '192.168.1.1' },
      });
      assert.equal(status, 200);
      assert.equal(body.decision, permit);
      assert.ok(body.context.reason_user.nb.length > 5);
    });
  }

  it('merges what evaluations share, and keeps their order and number', async () => {
    const { body } = await post('evaluations', {
      subject: user('alice'),
      action: action('write'),
      resource: { type: 'record' },
      evaluations: [
        { resource: { id: 'record-1', properties: { status: 'active' } } },
        { resource: record(2, 'archived') },
        { subject: user('bob', 'admin'), resource: record(2, 'archived') },
      ],
    });
    assert.deepEqual(
      body.evaluations.map((one: { decision: boolean }) => one.decision),
      [true, false, true],
    );
  });

  it('stops at the first denial or the first permission when asked to', async () => {
    const evaluations = [
      { action: action('read') },
      { action: action('write') },
      { action: action('read') },
    ];
    const ask = async (semantic: string) =>
      (
        await post('evaluations', {
          subject: user('bob'),
          resource: record(1),
          evaluations,
          options: { evaluations_semantic: semantic },
        })
      ).body.evaluations?.map((one: { decision: boolean }) => one.decision);
    assert.deepEqual(await ask('execute_all'), [true, false, true]);
    assert.deepEqual(await ask('deny_on_first_deny'), [true, false]);
    assert.deepEqual(await ask('permit_on_first_permit'), [true]);
    assert.equal(
      (
        await post('evaluations', {
          subject: user('bob'),
          resource: record(1),
          evaluations,
          options: { evaluations_semantic: 'guess' },
        })
      ).status,
      400,
    );
  });

  it('denies the one evaluation that is broken, and answers the others', async () => {
    const { status, body } = await post('evaluations', {
      subject: user('alice'),
      action: action('read'),
      evaluations: [{ resource: record(1) }, {}, { resource: 'x' }],
    });
    assert.equal(status, 200);
    assert.deepEqual(
      body.evaluations.map((one: { decision: boolean }) => one.decision),
      [true, false, false],
    );
    assert.equal(body.evaluations[1].context.error.code, 'AUTHZ.VLD-00011');
  });

  it('takes an absent or empty list of evaluations for a single one', async () => {
    const single = { subject: user('alice'), action: action('read'), resource: record(1) };
    assert.equal((await post('evaluations', single)).body.decision, true);
    assert.equal((await post('evaluations', { ...single, evaluations: [] })).body.decision, true);
  });

  it('refuses more than 10,000 evaluations', async () => {
    const many = (count: number) =>
      post('evaluations', {
        subject: user('alice'),
        resource: record(1),
        evaluations: Array.from({ length: count }, () => ({ action: action('read') })),
      });
    const refused = await many(10_001);
    assert.deepEqual([refused.status, refused.body.code], [400, 'AUTHZ.VLD-00010']);
    assert.equal((await many(2_000)).body.evaluations.length, 2_000);
  });

  const BAD: [string, unknown][] = [
    ['no subject', { action: action('read'), resource: record(1) }],
    ['no action', { subject: user('alice'), resource: record(1) }],
    ['no resource', { subject: user('alice'), action: action('read') }],
    [
      'a subject without type',
      { subject: { id: 'alice' }, action: action('read'), resource: record(1) },
    ],
    [
      'a subject without id',
      { subject: { type: 'user' }, action: action('read'), resource: record(1) },
    ],
    ['an action without name', { subject: user('alice'), action: {}, resource: record(1) }],
    [
      'a resource without id',
      { subject: user('alice'), action: action('read'), resource: { type: 'record' } },
    ],
    ['a subject that is a text', { subject: 'alice', action: action('read'), resource: record(1) }],
    [
      'a name that is a number',
      { subject: user('alice'), action: { name: 123 }, resource: record(1) },
    ],
    [
      'properties that are a list',
      {
        subject: { ...user('alice'), properties: [] },
        action: action('read'),
        resource: record(1),
      },
    ],
    [
      'a context that is a text',
      { subject: user('alice'), action: action('read'), resource: record(1), context: 'x' },
    ],
    [
      'a party that is no party',
      {
        subject: user('alice'),
        action: action('read'),
        resource: { ...record(1), properties: { party: 7 } },
      },
    ],
    [
      'an acr that is not known',
      {
        subject: { ...user('alice'), properties: { acr: 'gold' } },
        action: action('read'),
        resource: record(1),
      },
    ],
    ['a list', []],
    ['null', null],
    ['no JSON', '{"subject":'],
    ['nothing', ''],
  ];
  for (const [name, body] of BAD) {
    it(`refuses ${name} with 400, and gives the caller's request id back`, async () => {
      const answer = await post('evaluation', body, { 'x-request-id': 'mine-1' });
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.headers.get('x-request-id'), 'mine-1');
      assert.ok(!answer.text.includes('    at '));
    });
  }

  it('refuses another content type with 400 and a caller without credentials with 401', async () => {
    const body = JSON.stringify({
      subject: user('alice'),
      action: action('read'),
      resource: record(1),
    });
    assert.equal((await post('evaluation', body, { 'content-type': 'text/plain' })).status, 400);
    const none = await call('POST', '/access/v1/evaluation', undefined, body);
    assert.equal(none.status, 401);
    assert.match(none.headers.get('www-authenticate')!, /Bearer/);
  });

  it('finds subjects, resources and actions', async () => {
    const subjects = (
      await post('search/subject', {
        subject: { type: 'user' },
        action: action('read'),
        resource: record(1),
      })
    ).body.results;
    assert.deepEqual(subjects.map((one: { id: string }) => one.id).sort(), ['alice', 'bob']);
    const archived = (
      await post('search/subject', {
        subject: { type: 'user' },
        action: action('write'),
        resource: record(2, 'archived'),
      })
    ).body.results;
    assert.deepEqual(
      archived.map((one: { id: string }) => one.id),
      ['bob'],
    );
    const resources = (
      await post('search/resource', {
        subject: user('alice'),
        action: action('read'),
        resource: { type: 'record' },
      })
    ).body.results;
    assert.deepEqual(
      resources.map((one: { id: string }) => one.id),
      ['record-1', 'record-2'],
    );
    const admin = (
      await post('search/resource', {
        subject: user('bob', 'admin'),
        action: action('write'),
        resource: { type: 'record' },
      })
    ).body.results;
    assert.deepEqual(
      admin.map((one: { id: string }) => one.id),
      ['record-2'],
    );
    const actions = (await post('search/action', { subject: user('alice'), resource: record(1) }))
      .body.results;
    assert.deepEqual(
      actions.map((one: { name: string }) => one.name),
      ['read', 'write'],
    );
    const both = (
      await post('search/action', {
        subject: user('bob', 'admin'),
        resource: record(2, 'archived'),
      })
    ).body.results;
    assert.deepEqual(
      both.map((one: { name: string }) => one.name),
      ['read', 'write'],
    );
  });

  it('finds nothing for unknown subjects, types and resources', async () => {
    for (const [path, body] of [
      ['search/action', { subject: user('nonexistent-user'), resource: record(1) }],
      [
        'search/subject',
        { subject: { type: 'spaceship' }, action: action('read'), resource: record(1) },
      ],
      [
        'search/subject',
        {
          subject: { type: 'user' },
          action: action('read'),
          resource: { type: 'wheel', id: 'record-1' },
        },
      ],
      [
        'search/resource',
        { subject: user('alice'), action: action('read'), resource: { type: 'nothing' } },
      ],
    ] as const)
      assert.deepEqual((await post(path, body)).body.results, [], path);
  });

  it('refuses searches that lack a member, and pages with a token of ours only', async () => {
    assert.equal(
      (await post('search/subject', { subject: { type: 'user' }, resource: record(1) })).status,
      400,
    );
    assert.equal(
      (
        await post('search/subject', {
          subject: { type: 'user' },
          action: action('read'),
          resource: { type: 'record' },
        })
      ).status,
      400,
    );
    assert.equal(
      (
        await post('search/resource', {
          subject: { type: 'user' },
          action: action('read'),
          resource: { type: 'record' },
        })
      ).status,
      400,
    );
    assert.equal((await post('search/action', { subject: user('alice') })).status, 400);
    const search = (page: object) =>
      post('search/subject', {
        subject: { type: 'user' },
        action: action('read'),
        resource: record(1),
        page,
      });
    assert.equal((await search({ token: 'x' })).body.code, 'AUTHZ.VLD-00012');
    assert.equal((await search({ limit: 0 })).status, 400);
    const first = (await search({ limit: 1 })).body;
    const second = (await search({ limit: 1, token: first.page.next_token })).body;
    assert.equal(first.results.length + second.results.length, 2);
    assert.notEqual(first.results[0].id, second.results[0].id);
    assert.equal(second.page.next_token, '');
  });

  it('tells where its parts are', async () => {
    const { body } = await call('GET', '/.well-known/authzen-configuration');
    assert.equal(body.policy_decision_point, world.url);
    for (const part of [
      'access_evaluation',
      'access_evaluations',
      'search_subject',
      'search_resource',
      'search_action',
    ])
      assert.ok(body[`${part}_endpoint`].startsWith(world.url));
  });

  it('lets a service owner ask about its own resources only', async () => {
    const [person, stranger] = [await newPerson(), await newOrganization()];
    const resource = await newResource([can('read', 'privatperson')]);
    const own = await pdpToken('altinn:authorization/authorize');
    const other = await organizationToken(stranger, 'altinn:authorization/authorize');
    assert.equal(
      (await evaluate(question(person, 'read', resource, person), own)).body.decision,
      true,
    );
    const refused = await evaluate(question(person, 'read', resource, person), other);
    assert.deepEqual([refused.status, refused.body.code], [403, 'AUTHZ.VLD-00001']);
    const owner = await newOrganization();
    const theirs = await newResource([can('read', 'privatperson')], { owner: owner.number });
    const owners = await organizationToken(owner, 'altinn:authorization/authorize');
    const batch = await call('POST', '/access/v1/evaluations', owners, {
      ...question(person, 'read', resource, person),
      evaluations: [{}, { resource: question(person, 'read', theirs, person).resource }],
    });
    const [foreign, ours] = batch.body.evaluations;
    assert.deepEqual([batch.status, foreign.decision, ours.decision], [200, false, true]);
    assert.deepEqual(
      [foreign.context.error.status, foreign.context.error.code],
      [403, 'AUTHZ.VLD-00001'],
    );
    assert.equal(
      (
        await call('POST', '/access/v1/search/subject', other, {
          subject: { type: 'user' },
          action: { name: 'read' },
          resource: { type: 'resource', id: resource },
        })
      ).status,
      403,
    );
    assert.equal(
      (
        await evaluate(
          question(person, 'read', resource, person),
          await personToken(person, { scope: 'altinn:authorization/authorize' }),
        )
      ).status,
      403,
    );
    const found = await call('POST', '/access/v1/search/resource', other, {
      subject: { type: 'party', id: person.id },
      action: { name: 'read' },
      resource: { type: 'resource', properties: { party: person.id } },
    });
    assert.deepEqual(found.body.results, []);
    assert.equal(
      (
        await evaluate(
          question(person, 'read', resource, person),
          await organizationToken(stranger, 'altinn:something'),
        )
      ).body.code,
      'TIL-00006',
    );
  });

  it('says why, with the mandate that carried it and the level that is needed', async () => {
    const [firm, person] = [await newOrganization(), await newPerson()];
    const resource = await newResource([can('read', 'package:merverdiavgift')], {
      minimumLevel: { person: 4 },
    });
    const before = await evaluate(question(person, 'read', resource, firm));
    assert.deepEqual([before.body.decision, before.body.context.reason], [false, 'not_named']);
    assert.match(before.body.context.reason_user.nb, /Merverdiavgift/);
    await newMandate(firm, person, { package: 'merverdiavgift' });
    const { body } = await evaluate(question(person, 'read', resource, firm));
    assert.deepEqual(
      [body.decision, body.context.reason, body.context.mandates.length],
      [true, 'package', 1],
    );
    assert.deepEqual(body.context.obligations, [
      { minimum_level: 4, acr_values: 'idporten-loa-high' },
    ]);
    const low = await evaluate(
      question(person, 'read', resource, firm, {
        subject: { type: 'person', id: person.id, properties: { acr: 'idporten-loa-substantial' } },
      }),
    );
    assert.deepEqual([low.body.decision, low.body.context.reason], [false, 'level']);
  });
});
