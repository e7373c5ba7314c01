// Questions that hostile callers ask, each answered without a leak or a stop.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { decideAll } from '../../server/decision/commands.ts';
import { createDecisionLog } from '../../server/decision/log/log.ts';
import { createLogger } from '../../server/platform/log.ts';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import {
  AUTHORIZE,
  can,
  evaluate,
  given,
  instance,
  newFirm,
  newResource,
  ownActs,
  pdpToken,
  question,
  xacml,
} from '../support/rights/rights.ts';
import { owner } from '../support/hostile.ts';
import { secondNode } from '../support/run/node.ts';

describe('a question', () => {
  const log = async (who: TestParty, resource: string) =>
    (
      await call(
        'GET',
        `/access/v1/log/decisions?party=${who.id}&resource=${resource}`,
        await personToken(who),
      )
    ).body.data as { action: string }[];

  it('that no database keeps is refused, and what cannot be written down keeps no other out of the log', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    for (const name of ['read\u0000', 'read\ud800']) {
      const { status, body } = await evaluate(question(person, name, resource, person));
      assert.deepEqual([status, body.code], [400, 'TIL-00014']);
    }
    assert.equal(
      (await evaluate(question(person, 'read', resource, person, { context: { 'a\u0000': 'x' } })))
        .status,
      400,
    );
    const long = `${'a'.repeat(199)}\u{1F600}`;
    for (const name of [long, 'read'])
      assert.equal((await evaluate(question(person, name, resource, person))).status, 200);
    await new Promise((done) => {
      setTimeout(done, 300);
    });
    assert.deepEqual((await log(person, resource)).map((row) => row.action.slice(0, 4)).sort(), [
      'aaaa',
      'read',
    ]);
  });

  it('that got past every check and still cannot be stored keeps no other out of the log', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    const asked = {
      subject: { by: 'uuid' as const, value: person.id },
      from: { by: 'uuid' as const, value: person.id },
      action: 'read',
      resource,
    };
    const [answered] = await decideAll(ownActs()(), [asked]);
    const lines: string[] = [];
    const own = createDecisionLog(world.database.db, {
      log: createLogger('error', (line) => lines.push(line)),
      metrics: world.metrics,
      exemptSearches: [],
    });
    for (const caller of ['a', 'b\u0000', 'c']) own.note(caller, asked, answered!);
    await own.flush();
    assert.equal((await log(person, resource)).length, 2);
    assert.equal(lines.filter((line) => line.includes('could not be written down')).length, 1);
  });

  it('is in the log when it is answered, where it must be, and is refused where it cannot be', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    const node = await secondNode({ env: { ...world.env, isLogDurable: true } });
    const asked = async () =>
      call(
        'POST',
        `${node.url}/access/v1/evaluation`,
        await pdpToken(),
        question(person, 'read', resource, person),
      );
    const { db } = world.database;
    const written = async () =>
      (
        await db.raw('select count(*)::int as n from decision_log where resource_id = ?', [
          resource,
        ])
      ).rows[0].n as number;
    try {
      for (const times of [1, 2, 3]) {
        assert.equal((await asked()).body.decision, true);
        assert.equal(await written(), times);
      }
      await db.raw('alter table decision_log rename to decision_log_away');
      try {
        const refused = await asked();
        assert.deepEqual([refused.status, refused.body.code], [503, 'TIL-00011']);
      } finally {
        await db.raw('alter table decision_log_away rename to decision_log');
      }
      assert.equal((await asked()).body.decision, true);
      assert.equal(await written(), 5, 'the one that was refused was decided too');
    } finally {
      node.stop();
    }
  });

  // The embedded database has one connection: nobody else holds a row there.
  if (process.env.TEST_DATABASE_URL)
    it('waits for nobody who holds what it rests on, where it must be in the log', async () => {
      const { firm, boss } = await newFirm();
      const clerk = await newPerson();
      const resource = await newResource([can('read', 'package:toll')]);
      const mandate = await given(boss, firm, clerk, { package: 'toll' });
      const node = await secondNode({ env: { ...world.env, isLogDurable: true } });
      const { db } = world.database;
      const lastUsed = async () =>
        (await db.raw('select last_used_at from mandate where id = ?', [mandate])).rows[0]
          .last_used_at;
      const asked = async () =>
        call(
          'POST',
          `${node.url}/access/v1/evaluation`,
          await pdpToken(),
          question(clerk, 'read', resource, firm),
        );
      try {
        await db.transaction(async (trx) => {
          await trx.raw('select from mandate where id = ? for update', [mandate]);
          assert.equal((await asked()).body.decision, true);
          assert.equal(await lastUsed(), null);
        });
        assert.equal((await asked()).body.decision, true);
        assert.ok(await lastUsed(), 'noted at its next use');
      } finally {
        node.stop();
      }
    });

  it('is answered for a bounded number of attributes and values, and repeats a bounded lot', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    const many = Array.from({ length: 101 }, (_, index) => index);
    const whole = question(person, 'read', resource, person);
    const told = [
      { subject: { ...whole.subject, properties: { a: many } } },
      { context: Object.fromEntries(many.map((name) => [name, name])) },
      { context: { a: 'x'.repeat(2_001) } },
    ];
    for (const extra of told)
      assert.equal((await evaluate({ ...whole, ...extra })).body.code, 'AUTHZ.VLD-00011');
    const shared = await call('POST', '/access/v1/evaluations', await pdpToken(), {
      ...whole,
      context: { a: many },
      evaluations: [{}, {}],
    });
    assert.equal(shared.status, 400);
    const request = xacml(person, 'read', resource, person);
    const attributes = many.map((value) => ({
      AttributeId: 'x',
      Value: String(value),
      IncludeInResult: true,
    }));
    const wide = await call('POST', AUTHORIZE, await pdpToken(), {
      Request: { ...request.Request, Environment: [{ Attribute: attributes }] },
    });
    assert.equal(wide.body.response[0].status.statusCode.value.split(':').at(-1), 'syntax-error');
    const categories = Object.entries({ AccessSubject: 's', Action: 'a', Resource: 'r' }).map(
      ([name, Id]) => [name, [{ ...(request.Request as any)[name][0], Id }]],
    );
    const heavy = {
      Environment: [
        {
          Id: 'e',
          Attribute: Array.from({ length: 100 }, () => ({
            AttributeId: 'x',
            Value: 'x'.repeat(2_000),
            IncludeInResult: true,
          })),
        },
      ],
    };
    const echo = await call('POST', AUTHORIZE, await pdpToken(), {
      Request: {
        ...Object.fromEntries(categories),
        ...heavy,
        MultiRequests: {
          RequestReference: Array.from({ length: 1_000 }, () => ({
            ReferenceId: ['s', 'a', 'r', 'e'],
          })),
        },
      },
    });
    assert.deepEqual(
      [echo.body.response.length, echo.body.response[0].decision],
      [1, 'Indeterminate'],
      'a million values are not repeated',
    );
    const crowd = await call('POST', AUTHORIZE, await pdpToken(), {
      Request: {
        ...Object.fromEntries(categories),
        MultiRequests: {
          RequestReference: [{ ReferenceId: Array.from({ length: 21 }, () => 's') }],
        },
      },
    });
    assert.equal(crowd.body.response[0].decision, 'Indeterminate');
  });

  it('about several resources, actions or instances in one request is answered for none', async () => {
    const { firm, boss } = await newFirm();
    const [one, two] = [
      await newResource([can('read', 'dagl')]),
      await newResource([can('read', 'dagl')]),
    ];
    const asks = async (changes: { resource?: object[]; action?: object[] }) => {
      const { Request } = xacml(boss, 'read', one, firm, changes.resource ?? []);
      const body = {
        Request: {
          ...Request,
          Action: [{ Attribute: [...Request.Action[0]!.Attribute, ...(changes.action ?? [])] }],
        },
      };
      return (await call('POST', AUTHORIZE, await pdpToken(), body)).body.response[0].decision;
    };
    assert.equal(await asks({}), 'Permit');
    assert.equal(
      await asks({ resource: [{ AttributeId: 'urn:altinn:resource', Value: two }] }),
      'Indeterminate',
    );
    assert.equal(await asks({ resource: [instance('a'), instance('b')] }), 'Indeterminate');
    assert.equal(
      await asks({
        action: [
          {
            AttributeId: 'urn:oasis:names:tc:xacml:1.0:action:action-id',
            Value: ['read', 'delete'],
          },
        ],
      }),
      'Indeterminate',
    );
    const stranger = await newOrganization();
    const { partyId } = (
      await call(
        'POST',
        '/accessmanagement/api/v1/resourceowner/authorizedparties',
        await organizationToken(owner, 'altinn:accessmanagement/authorizedparties.admin'),
        { type: 'urn:altinn:party:uuid', value: stranger.id },
      )
    ).body[0] ?? { partyId: 1 };
    assert.equal(
      await asks({
        resource: [{ AttributeId: 'urn:altinn:instance-id', Value: `${partyId}/${randomUUID()}` }],
      }),
      'Indeterminate',
      'an instance of another party',
    );
  });

  it('by a name that objects have by nature is no party', async () => {
    const token = await organizationToken(owner, 'altinn:accessmanagement/authorizedparties.admin');
    for (const type of ['constructor', '__proto__', 'toString']) {
      assert.equal(
        (
          await call('POST', '/accessmanagement/api/v1/resourceowner/authorizedparties', token, {
            type,
            value: 'x',
          })
        ).status,
        400,
        type,
      );
    }
  });
});
