// XACML requests that cannot be answered as they are: Indeterminate, or refused before deciding.
import assert from 'node:assert/strict';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
} from '../../support/world.ts';
import {
  AUTHORIZE,
  can,
  newResource,
  pdpToken,
  subjectOf,
  xacml,
} from '../../support/rights/rights.ts';
import { ask, attribute, action, mva, person, DANIEL, firm } from '../../support/rights/xacml.ts';

describe('the XACML decision point', () => {
  it('gives one Indeterminate for a multi request that names what is not there', async () => {
    const { body } = await ask({
      Request: {
        AccessSubject: [{ Id: 's1', ...person(DANIEL)[0] }],
        Action: [{ Id: 'a1', ...action('read')[0] }],
        Resource: [{ Id: 'r1', ...mva(firm())[0] }],
        MultiRequests: {
          RequestReference: [
            { ReferenceId: ['s1', 'a1', 'r1'] },
            { ReferenceId: ['s1', 'a1', 'r9'] },
          ],
        },
      },
    });
    assert.deepEqual(
      body.response.map((result: { decision: boolean }) => result.decision),
      ['Indeterminate'],
    );
  });

  const subject = person(DANIEL);
  const both = (...extra: object[]) => [{ Attribute: [...subject[0]!.Attribute, ...extra] }];
  const INTEGER = 'http://www.w3.org/2001/XMLSchema#integer';
  const UNBUILDABLE: [string, () => object, RegExp][] = [
    ['no request', () => ({}), /syntax-error/],
    [
      'no subject',
      () => ({ Request: { Action: action('read'), Resource: mva(firm()) } }),
      /processing-error/,
    ],
    [
      'no resource',
      () => ({ Request: { AccessSubject: subject, Action: action('read') } }),
      /processing-error/,
    ],
    [
      'no action',
      () => ({ Request: { AccessSubject: subject, Resource: mva(firm()) } }),
      /processing-error/,
    ],
    [
      'an id of a category that is no text',
      () => ({
        Request: {
          AccessSubject: [{ ...subject[0], Id: { no: 'text' } }],
          Action: action('read'),
          Resource: mva(firm()),
        },
      }),
      /syntax-error|processing-error/,
    ],
    [
      'an action that is a number',
      () => ({
        Request: {
          AccessSubject: subject,
          Action: [{ Attribute: [{ ...action('read')[0]!.Attribute[0], DataType: INTEGER }] }],
          Resource: mva(firm()),
        },
      }),
      /syntax-error|processing-error/,
    ],
    [
      'an unknown person',
      () => ({
        Request: {
          AccessSubject: person('01010112345'),
          Action: action('read'),
          Resource: mva(firm()),
        },
      }),
      /processing-error/,
    ],
    [
      'an unknown organisation',
      () => ({
        Request: { AccessSubject: subject, Action: action('read'), Resource: mva('399999999') },
      }),
      /processing-error/,
    ],
    [
      'an unknown resource',
      () => ({
        Request: {
          AccessSubject: subject,
          Action: action('read'),
          Resource: [{ Attribute: [attribute('urn:altinn:resource', 'no-such')] }],
        },
      }),
      /processing-error/,
    ],
    [
      'a malformed number',
      () => ({
        Request: { AccessSubject: person('12345'), Action: action('read'), Resource: mva(firm()) },
      }),
      /processing-error/,
    ],
    [
      'a person and an organisation',
      () => ({
        Request: {
          AccessSubject: both(attribute('urn:altinn:organization:identifier-no', firm())),
          Action: action('read'),
          Resource: mva(firm()),
        },
      }),
      /processing-error/,
    ],
    [
      'a person and a user id',
      () => ({
        Request: {
          AccessSubject: both(attribute('urn:altinn:userid', 5)),
          Action: action('read'),
          Resource: mva(firm()),
        },
      }),
      /processing-error/,
    ],
    [
      'a system user beside a person',
      () => ({
        Request: {
          AccessSubject: both(
            attribute('urn:altinn:systemuser:uuid', '5a7e0000-0000-4000-8000-000000000001'),
          ),
          Action: action('read'),
          Resource: mva(firm()),
        },
      }),
      /processing-error/,
    ],
    [
      'an attribute without id',
      () => ({
        Request: {
          AccessSubject: [{ Attribute: [{ Value: 'x' }] }],
          Action: action('read'),
          Resource: mva(firm()),
        },
      }),
      /syntax-error/,
    ],
    [
      'a value that is an object',
      () => ({
        Request: {
          AccessSubject: [{ Attribute: [attribute('urn:altinn:userid', {})] }],
          Action: action('read'),
          Resource: mva(firm()),
        },
      }),
      /syntax-error/,
    ],
  ];
  for (const [what, body, status] of UNBUILDABLE) {
    it(`is Indeterminate for ${what}`, async () => {
      const answer = await ask(body());
      assert.equal(answer.status, 200);
      const [result] = answer.body.response;
      assert.deepEqual(
        [answer.body.response.length, result.decision, result.obligations],
        [1, 'Indeterminate', null],
      );
      assert.match(result.status.statusCode.value, status);
    });
  }

  it('is decided where the action has a number beside its name', async () => {
    const [named] = action('read');
    const counted = [attribute('urn:count', 7, { DataType: INTEGER }), ...named!.Attribute];
    const { body } = await ask({
      Request: {
        AccessSubject: subject,
        Action: [{ Attribute: counted }],
        Resource: mva(firm()),
      },
    });
    assert.equal(body.response[0].decision, 'Permit', JSON.stringify(body));
  });

  it('does not believe a caller that claims roles, packages or lists', async () => {
    const [stranger, company] = [await newPerson(), await newOrganization()];
    const resource = await newResource([
      can('read', 'dagl', 'package:merverdiavgift', 'accesslist:211100028:banker'),
    ]);
    const body = xacml(stranger, 'read', resource, company);
    body.Request.AccessSubject[0]!.Attribute.push(
      attribute('urn:altinn:rolecode', 'dagl') as never,
      attribute('urn:altinn:accesspackage', 'merverdiavgift') as never,
      attribute('urn:altinn:access-list', 'banker') as never,
    );
    assert.equal((await ask(body)).body.response[0].decision, 'NotApplicable');
  });

  it("tells in the reader's language why not", async () => {
    const [stranger, company] = [await newPerson(), await newOrganization()];
    const answer = await call(
      'POST',
      AUTHORIZE,
      await pdpToken(),
      xacml(stranger, 'read', 'mva-melding', company),
      { 'accept-language': 'en' },
    );
    assert.match(answer.body.response[0].status.statusMessage, /^No\. Only .*key role/);
  });

  it('takes a policy attribute that names app, task and instance', async () => {
    const company = await newOrganization();
    const boss = await newPerson();
    await newRole('dagl', company, boss);
    await importThis({
      resources: [
        {
          identifier: `app_ttd_${company.number}`,
          owner: '211104015',
          resourceType: 'AltinnApp',
          title: { nb: 'App', nn: 'App' },
          rules: [
            {
              action: 'read',
              subjects: ['urn:altinn:rolecode:DAGL'],
              when: [{ category: 'resource', name: 'urn:altinn:task', values: ['task1'] }],
            },
          ],
        },
      ],
    });
    const decide = async (task: string) =>
      (
        await ask({
          Request: {
            AccessSubject: [{ Attribute: subjectOf(boss) }],
            Action: action('read'),
            Resource: [
              {
                Attribute: [
                  attribute('urn:altinn:org', 'ttd'),
                  attribute('urn:altinn:app', company.number),
                  attribute('urn:altinn:task', task),
                  attribute('urn:altinn:party:uuid', company.id),
                ],
              },
            ],
          },
        })
      ).body.response[0].decision;
    assert.equal(await decide('task1'), 'Permit');
    assert.equal(await decide('task2'), 'NotApplicable');
  });

  it('refuses broken JSON, too much, no token and the wrong scope before deciding anything', async () => {
    assert.equal((await ask('{"Request":')).body.code, 'TIL-00001');
    const reference = { ReferenceId: ['s'] };
    const many = {
      Request: {
        AccessSubject: [{ Id: 's', ...subject[0] }],
        MultiRequests: { RequestReference: Array.from({ length: 10_001 }, () => reference) },
      },
    };
    assert.deepEqual(
      [(await ask(many)).status, (await ask(many)).body.code],
      [400, 'AUTHZ.VLD-00010'],
    );
    assert.equal((await call('POST', AUTHORIZE, undefined, {})).status, 401);
    assert.equal(
      (
        await ask(
          {},
          await organizationToken(await newOrganization(), 'altinn:authorization/other'),
        )
      ).status,
      403,
    );
    const foreign = await ask(
      xacml(await newPerson(), 'read', 'mva-melding'),
      await organizationToken(await newOrganization(), 'altinn:authorization/authorize'),
    );
    assert.deepEqual([foreign.status, foreign.body.code], [403, 'AUTHZ.VLD-00001']);
  });
});
