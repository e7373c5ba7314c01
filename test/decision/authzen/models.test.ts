// The two languages' models by themselves: what a request becomes, piece by piece, and what an
// answer repeats.
import assert from 'node:assert/strict';
import {
  entityId,
  lackOf,
  questionOf,
  createReading,
} from '../../../server/decision/authzen/model.ts';
import {
  readRequest,
  type AskedDecision,
  type Unbuildable,
} from '../../../server/decision/xacml/model.ts';
import type { NamedQuestion } from '../../../server/decision/rules/question_model.ts';
import { createPace } from '../../../server/platform/pace.ts';

const ACTION_ID = 'urn:oasis:names:tc:xacml:1.0:action:action-id';
const attribute = (AttributeId: string, Value: unknown, more: object = {}) => ({
  AttributeId,
  Value,
  ...more,
});
const PERSON = attribute('urn:altinn:ssn', '14838412026');
const READ = attribute(ACTION_ID, 'read');
const RESOURCE = attribute('urn:altinn:resource', 'r');
const of = (attributes: unknown) => [{ Attribute: attributes }];
const request = (changes: object = {}) => ({
  Request: {
    AccessSubject: of([PERSON]),
    Action: of([READ]),
    Resource: of([RESOURCE]),
    ...changes,
  },
});
const asked = async (body: unknown) => (await readRequest(body, createPace())).asked;
const first = async (body: unknown) => (await asked(body))[0] as AskedDecision & Unbuildable;
const whyNot = (one?: AskedDecision | Unbuildable) => (one as Unbuildable).why;

describe('a request in XACML', () => {
  it('is a question by subject, action and resource', async () => {
    const { question, subjects, givers, echo } = await first(request());
    assert.deepEqual(
      [question.subject, question.from, question.action, question.resource, question.instance],
      [{ by: 'person', value: '14838412026' }, null, 'read', 'r', null],
    );
    assert.deepEqual([subjects.length, givers.length, echo.length], [1, 0, 3]);
  });

  const unbuildable: [what: string, body: unknown, why: RegExp][] = [
    ['that is none', {}, /Request is missing/],
    ['with a list for a request', { Request: [] }, /Request is missing/],
    ['with a list for an entity', request({ Resource: [[RESOURCE]] }), /its shape/],
    [
      'with a category that there is not',
      request({ Category: [{ CategoryId: 'urn:x', Attribute: [] }] }),
      /its shape/,
    ],
    ['with a category without a name', request({ Category: [{ Attribute: [] }] }), /its shape/],
    ['with a text for an attribute', request({ Environment: of(['x']) }), /its shape/],
    ['with an attribute without a name', request({ Environment: of([{ Value: 'x' }]) }), /shape/],
    [
      'with an attribute whose name is empty',
      request({ Environment: of([attribute('', 'x')]) }),
      /its shape/,
    ],
    [
      'with an attribute whose name is a number',
      request({ Environment: of([{ AttributeId: 5, Value: 'x' }]) }),
      /its shape/,
    ],
    [
      'with an object for a value',
      request({ Environment: of([attribute('x', { a: 1 })]) }),
      /its shape/,
    ],
    [
      'with too many values',
      request({ Environment: of([attribute('x', Array(101).fill('a'))]) }),
      /its shape/,
    ],
    [
      'with too long a value',
      request({ Environment: of([attribute('x', 'a'.repeat(2_001))]) }),
      /its shape/,
    ],
    [
      "with a party's number that is none",
      request({ AccessSubject: of([attribute('urn:altinn:ssn', '1')]) }),
      /number or id/,
    ],
    [
      'with two values of a resource',
      request({ Resource: of([RESOURCE, attribute('urn:altinn:resource', 's')]) }),
      /several values of urn:altinn:resource/,
    ],
    ['without a resource', request({ Resource: of([]) }), /names no resource/],
    [
      'with an organisation and no app',
      request({ Resource: of([attribute('urn:altinn:org', 'ttd')]) }),
      /names no resource/,
    ],
    [
      'with an app and no organisation',
      request({ Resource: of([attribute('urn:altinn:app', 'skjema')]) }),
      /names no resource/,
    ],
    ['without an action', request({ Action: of([]) }), /names no action/],
    [
      'of a system user and a person',
      request({
        AccessSubject: of([
          attribute('urn:altinn:systemuser:uuid', '5a7e0000-0000-4000-8000-000000000101'),
          PERSON,
        ]),
      }),
      /system user must be the only subject/,
    ],
    [
      'of a person and a user id',
      request({ AccessSubject: of([PERSON, attribute('urn:altinn:userid', '20000101')]) }),
      /a user id and a person/,
    ],
    [
      'of a person and an organisation',
      request({
        AccessSubject: of([PERSON, attribute('urn:altinn:organizationnumber', '310100013')]),
      }),
      /an organization and a person/,
    ],
  ];
  for (const [what, body, why] of unbuildable)
    it(`${what} cannot be built, and says why`, async () => {
      assert.match((await first(body)).why, why);
    });

  const built: [
    what: string,
    body: unknown,
    (question: NamedQuestion) => unknown,
    expected: unknown,
  ][] = [
    [
      'of a system user alone',
      request({
        AccessSubject: of([
          attribute('urn:altinn:systemuser:uuid', '5a7e0000-0000-4000-8000-000000000101'),
          attribute('urn:x:other', 'told'),
        ]),
      }),
      (question) => question.subject?.by,
      'uuid',
    ],
    [
      'of an organisation, and a person told with no value',
      request({
        AccessSubject: of([
          attribute('urn:altinn:organizationnumber', '310100013'),
          attribute('urn:altinn:ssn', []),
        ]),
      }),
      (question) => question.subject?.by,
      'organization',
    ],
    [
      'of an organisation and its user id',
      request({
        AccessSubject: of([
          attribute('urn:altinn:userid', '20000101'),
          attribute('urn:altinn:organizationnumber', '310100013'),
        ]),
      }),
      (question) => question.subject?.by,
      'userId',
    ],
    [
      'of an app, by organisation and app',
      request({
        Resource: of([attribute('urn:altinn:org', 'ttd'), attribute('urn:altinn:app', 'skjema')]),
      }),
      (question) => question.resource,
      'app_ttd_skjema',
    ],
    [
      'that tells attributes, and not what we find out by ourselves',
      request({
        AccessSubject: of([
          PERSON,
          attribute('urn:x:age', 7),
          attribute('urn:altinn:rolecode', 'dagl'),
        ]),
      }),
      (question) => question.attributes?.subject,
      { 'urn:x:age': ['7'] },
    ],
    [
      'in two entities of one category, which tell together',
      request({
        Environment: [
          { Attribute: [attribute('urn:x:a', 'one')] },
          { Attribute: [attribute('urn:x:a', 'two'), attribute('urn:x:b', true)] },
        ],
      }),
      (question) => question.attributes?.environment,
      { 'urn:x:a': ['one', 'two'], 'urn:x:b': ['true'] },
    ],
    [
      'with as many values and as long a value as may be',
      request({
        Environment: of([attribute('urn:x:a', Array(100).fill('a'.repeat(2_000)))]),
      }),
      (question) => question.attributes?.environment?.['urn:x:a']?.length,
      100,
    ],
  ];
  for (const [what, body, part, expected] of built)
    it(`${what} is built`, async () => {
      const { question, why } = await first(body);
      assert.ok(question, why);
      assert.deepEqual(part(question), expected);
    });

  describe('for many', () => {
    const many = (references: unknown[], changes: object = {}) => ({
      Request: {
        AccessSubject: [{ Id: 's', Attribute: [PERSON] }],
        Action: [
          { Id: 'a', Attribute: [READ] },
          { Id: null, Attribute: [] },
        ],
        Resource: [{ Id: 7, Attribute: [RESOURCE] }, { Attribute: [] }],
        MultiRequests: {
          RequestReference: references.map((ReferenceId) => ({ ReferenceId })),
        },
        ...changes,
      },
    });
    const whole = ['s', 'a', '7'];

    it('is a question for each reference, ids as texts', async () => {
      const found = await asked(many([whole, whole]));
      assert.deepEqual(
        found.map((one) => (one as AskedDecision).question.resource),
        ['r', 'r'],
      );
    });

    const broken: [what: string, reference: unknown][] = [
      ['names nothing', []],
      ['names what is not there', [...whole, 'x']],
      ['names an entity without an id', [...whole, 'undefined']],
      ['names an entity whose id is null', [...whole, 'null']],
    ];
    for (const [what, reference] of broken)
      it(`is one that cannot be built when a reference ${what}`, async () => {
        const found = await asked(many([whole, reference]));
        assert.equal(found.length, 1);
        assert.match(whyNot(found[0]), /a reference names an id that is not there/);
      });

    it('is not one where a reference names too many, or all repeat too much', async () => {
      const crowd = await asked(many([Array(21).fill('s')]));
      assert.match(whyNot(crowd[0]), /more than 20 ids/);
      const value = Array(100).fill('x'.repeat(2_000));
      const heavy = {
        Environment: [{ Id: 'e', Attribute: [attribute('urn:x:a', value)] }],
      };
      const large = await asked(many(Array(170).fill([...whole, 'e']), heavy));
      assert.match(whyNot(large[0]), /larger than 32 MiB/);
      const fits = await asked(many(Array(150).fill([...whole, 'e']), heavy));
      assert.equal(fits.length, 150);
    });
  });

  it('keeps types for what is repeated: the one told, else a text', async () => {
    const { echo } = await first(
      request({
        Environment: of([
          attribute('urn:x:a', 'x', { DataType: 'urn:type', IncludeInResult: true }),
          attribute('urn:x:b', 'x', { DataType: 5 }),
        ]),
      }),
    );
    const { attributes } = echo.at(-1)!;
    assert.deepEqual(
      attributes.map((one) => [one.dataType, one.echo]),
      [
        ['urn:type', true],
        ['http://www.w3.org/2001/XMLSchema#string', false],
      ],
    );
  });
});

describe('a request in AuthZEN', () => {
  const whole = () => ({
    subject: { type: 'user', id: 'x' },
    action: { name: 'read' },
    resource: { type: 'resource', id: 'r' },
  });
  const lacks: [string, object][] = [
    ['/subject', { subject: undefined }],
    ['/subject/type', { subject: { id: 'x' } }],
    ['/subject/id', { subject: { type: 'user' } }],
    ['/action', { action: undefined }],
    ['/action/name', { action: {} }],
    ['/resource', { resource: undefined }],
    ['/resource/type', { resource: { id: 'r' } }],
    ['/resource/id', { resource: { type: 'resource' } }],
  ];
  for (const [path, changes] of lacks)
    it(`lacks ${path} when it is not said`, () => {
      assert.equal(lackOf({ ...whole(), ...changes } as never), path);
    });

  it('lacks nothing when it is whole, and names whom it is about', () => {
    assert.equal(lackOf(whole()), undefined);
    const properties = { from: '310100013', n: { a: 1 }, list: ['a', null, 7] };
    const asked = questionOf(
      { ...whole(), resource: { ...whole().resource, properties } },
      createReading(),
    );
    assert.ok(!('path' in asked));
    assert.deepEqual(asked.from, { by: 'organization', value: '310100013' });
    const nothing = '\u0000';
    assert.deepEqual(asked.attributes!.resource, { n: [nothing], list: ['a', nothing, '7'] });
  });

  it('is answered with the name that one can ask with again', () => {
    assert.equal(entityId({ id: 'i', username: null }), 'i');
    assert.equal(entityId({ id: 'i', username: 'kari' }), 'kari');
  });
});
