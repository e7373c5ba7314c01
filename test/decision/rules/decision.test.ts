// The pure decision: facts, a policy and a question, and the answer with its reason. And its laws,
// for all facts.
import assert from 'node:assert/strict';
import { decide } from '../../../server/decision/rules/model.ts';
import type { Reason } from '../../../server/decision/rules/reason_model.ts';
import { patternFault } from '../../../server/resource/policy/pattern_model.ts';
import { conditionsHold } from '../../../server/resource/policy/condition_model.ts';
import {
  combine,
  type Effect,
  type Outcome,
  type Rule,
} from '../../../server/resource/policy/model.ts';
import {
  catalogue,
  rule,
  no,
  grain,
  mandate,
  right,
  type Row,
  facts,
  resource,
  policy,
  ask,
  self,
  dagl,
  company,
  listed,
} from '../../support/rights/facts.ts';

const TABLE: [string, Row, Outcome, Reason][] = [
  ['oneself', { rules: [self] }, 'permit', 'self'],
  [
    'somebody else',
    { rules: [self], from: 'f', fromKind: 'person' },
    'not_applicable',
    'not_named',
  ],
  [
    'an organisation for itself',
    { rules: [self], subject: 'o', kind: 'organization', from: 'o' },
    'not_applicable',
    'not_named',
  ],
  [
    'a role that is named',
    { ...company, rules: [rule('dagl')], mandates: [dagl] },
    'permit',
    'role',
  ],
  [
    'a role that is not named',
    { ...company, rules: [rule('medl')], mandates: [dagl] },
    'not_applicable',
    'not_named',
  ],
  [
    'a key role where one is asked for',
    { ...company, rules: [rule('keyrole')], mandates: [dagl] },
    'permit',
    'role',
  ],
  [
    'another role where a key role is asked',
    { ...company, rules: [rule('keyrole')], mandates: [mandate({ role: 'medl' })] },
    'not_applicable',
    'not_named',
  ],
  [
    'a package that the role carries',
    { ...company, rules: [rule('package:tax')], mandates: [dagl] },
    'permit',
    'package',
  ],
  [
    'a package that the role may only give',
    { ...company, rules: [rule('package:tax')], mandates: [mandate({ role: 'medl' })] },
    'not_applicable',
    'not_named',
  ],
  [
    'a package of another organisation form',
    { ...company, rules: [rule('package:branch')], mandates: [dagl] },
    'not_applicable',
    'not_named',
  ],
  [
    'a package of this organisation form',
    { ...company, rules: [rule('package:branch')], mandates: [{ ...dagl, unitType: 'NUF' }] },
    'permit',
    'package',
  ],
  [
    'a package that was given',
    { ...company, rules: [rule('package:tax')], mandates: [mandate({ package: 'tax' })] },
    'permit',
    'package',
  ],
  [
    'a right that was given',
    { ...company, rules: [rule('dagl')], mandates: [right(['read'])] },
    'permit',
    'right',
  ],
  [
    'a right to another action',
    { ...company, rules: [rule('dagl')], mandates: [right(['write'])] },
    'not_applicable',
    'not_named',
  ],
  [
    'a right to an action the policy gave up',
    { ...company, rules: [{ ...rule('dagl'), actions: ['write'] }], mandates: [right(['read'])] },
    'not_applicable',
    'unknown_action',
  ],
  [
    'the instance that was given',
    { ...company, rules: [rule('dagl')], instance: 'i', mandates: [right(['read'], 'i')] },
    'permit',
    'right',
  ],
  [
    'another instance',
    { ...company, rules: [rule('dagl')], instance: 'j', mandates: [right(['read'], 'i')] },
    'not_applicable',
    'not_named',
  ],
  [
    'the whole where an instance was given',
    { ...company, rules: [rule('dagl')], mandates: [right(['read'], 'i')] },
    'not_applicable',
    'not_named',
  ],
  [
    'an instance where the whole was given',
    { ...company, rules: [rule('dagl')], instance: 'i', mandates: [right(['read'])] },
    'permit',
    'right',
  ],
  [
    'an instance of the main unit',
    {
      ...company,
      rules: [rule('dagl')],
      instance: 'i',
      mandates: [{ ...right(['read'], 'i'), held: 'parent' }],
    },
    'not_applicable',
    'not_named',
  ],
  [
    'what a chain carries throughout',
    {
      ...company,
      rules: [rule('package:tax')],
      mandates: [mandate({ package: 'tax', chain: [{ ...grain, role: 'dagl' }] })],
    },
    'permit',
    'package',
  ],
  [
    'what a link of the chain does not carry',
    {
      ...company,
      rules: [rule('package:tax')],
      mandates: [mandate({ package: 'tax', chain: [{ ...grain, package: 'pay' }] })],
    },
    'not_applicable',
    'not_named',
  ],
  [
    'a right wider than its link',
    {
      ...company,
      rules: [rule('dagl')],
      mandates: [{ ...right(['read']), chain: [{ ...grain, resource: 'r', actions: ['write'] }] }],
    },
    'not_applicable',
    'not_named',
  ],
  [
    'a right to the whole through an instance',
    {
      ...company,
      rules: [rule('dagl')],
      mandates: [
        {
          ...right(['read']),
          chain: [{ ...grain, resource: 'r', actions: ['read'], instance: 'i' }],
        },
      ],
    },
    'not_applicable',
    'not_named',
  ],
  [
    'two things where both are asked',
    { ...company, rules: [rule(['dagl', 'accesslist:l'])], mandates: [dagl], lists: ['l'] },
    'permit',
    'role',
  ],
  [
    'one of two things where both are asked',
    { ...company, rules: [rule(['dagl', 'accesslist:l'])], mandates: [dagl] },
    'not_applicable',
    'not_named',
  ],
  [
    'an access list of the asker',
    { ...company, rules: [rule('accesslist:l')], lists: ['l'] },
    'permit',
    'access_list',
  ],
  [
    'another access list',
    { ...company, rules: [rule('accesslist:l')], lists: ['m'] },
    'not_applicable',
    'not_named',
  ],
  [
    'any organisation',
    { rules: [rule('organization')], subject: 'o', kind: 'organization', from: 'o' },
    'permit',
    'organization',
  ],
  [
    'a person where organisations may',
    { rules: [rule('organization')] },
    'not_applicable',
    'not_named',
  ],
  [
    'an organisation by number',
    { rules: [rule('organization:310000000')], subject: 'o', kind: 'organization', from: null },
    'permit',
    'organization',
  ],
  ['anybody', { ...company, rules: [rule('anyone')] }, 'permit', 'anyone'],
  [
    'what the service tells of the asker',
    { ...company, rules: [rule('attribute:unit=3')], attributes: { subject: { unit: ['3'] } } },
    'permit',
    'attribute',
  ],
  ['oneself when nobody is named', { rules: [self], from: null }, 'not_applicable', 'no_from'],
  [
    'what a rule denies',
    { ...company, rules: [rule('dagl'), no(rule('dagl'))], mandates: [dagl] },
    'deny',
    'denied_by_rule',
  ],
  [
    'a right that a rule denies',
    { ...company, rules: [rule('medl'), no(rule('anyone'))], mandates: [right(['read'])] },
    'deny',
    'denied_by_rule',
  ],
  ['no rule', { rules: [] }, 'not_applicable', 'no_rule'],
  ['too low a level', { rules: [self], level: 3, minimum: 4 }, 'deny', 'level'],
  ['the level that is needed', { rules: [self], level: 4, minimum: 4 }, 'permit', 'self'],
  [
    'too low a level of one not named',
    { rules: [self], from: 'f', level: 0, minimum: 4 },
    'not_applicable',
    'not_named',
  ],
  ['a subject that has ended', { rules: [self], ended: 'subject' }, 'not_applicable', 'ended'],
  [
    'a giver that has ended',
    { ...company, rules: [rule('dagl')], mandates: [dagl], ended: 'from' },
    'not_applicable',
    'ended',
  ],
  [
    'an heir of one who has died',
    {
      ...company,
      fromKind: 'person',
      rules: [rule('arving')],
      mandates: [mandate({ role: 'arving' })],
      ended: 'from',
    },
    'permit',
    'role',
  ],
  [
    'what an heir had besides',
    {
      ...company,
      fromKind: 'person',
      rules: [rule('package:tax')],
      mandates: [mandate({ role: 'arving' }), mandate({ package: 'tax' })],
      ended: 'from',
    },
    'not_applicable',
    'not_named',
  ],
  [
    'a listed organisation',
    { ...company, ...listed, rules: [rule('dagl')], mandates: [dagl] },
    'permit',
    'role',
  ],
  [
    'a listed organisation, single right',
    { ...company, ...listed, rules: [rule('medl')], mandates: [right(['read'])] },
    'permit',
    'right',
  ],
  [
    'an organisation that is not listed',
    { ...company, ...listed, fromLists: [], rules: [rule('dagl')], mandates: [dagl] },
    'deny',
    'not_on_list',
  ],
  [
    'an action that the list does not open',
    {
      ...company,
      gate: [{ list: 'l', actions: ['write'] }],
      fromLists: ['l'],
      rules: [rule('dagl')],
      mandates: [dagl],
    },
    'deny',
    'not_on_list',
  ],
  [
    'an action that the list opens',
    {
      ...company,
      gate: [{ list: 'l', actions: ['read'] }],
      fromLists: ['l'],
      rules: [rule('dagl')],
      mandates: [dagl],
    },
    'permit',
    'role',
  ],
  ['a person where a list governs', { ...listed, rules: [self] }, 'deny', 'not_on_list'],
];

describe('the decision', () => {
  for (const [what, row, outcome, reason] of TABLE) {
    it(`${outcome === 'permit' ? 'permits' : 'denies'} ${what}: ${reason}`, () => {
      const answer = ask(row);
      assert.deepEqual(
        [answer.outcome, answer.reason, answer.permit],
        [outcome, reason, outcome === 'permit'],
      );
    });
  }

  it('denies unknown parties and unknown resources, and cannot say more', () => {
    const known = facts({ rules: [self] });
    const question = { action: 'read', named: true };
    const row = { rules: [self] };
    assert.equal(
      decide(question, { ...known, subject: null }, resource(row), policy(row), catalogue).reason,
      'unknown_subject',
    );
    assert.equal(
      decide(question, { ...known, from: null }, resource(row), policy(row), catalogue).reason,
      'unknown_from',
    );
    assert.equal(
      decide(question, known, undefined, undefined, catalogue).reason,
      'unknown_resource',
    );
    assert.equal(
      decide(question, known, { ...resource(row), ended: true }, policy(row), catalogue).outcome,
      'indeterminate',
    );
  });

  it('is indeterminate, not permitted, when a required attribute is missing', () => {
    const needs: Rule = {
      ...rule('dagl'),
      when: [
        { category: 'resource', name: 'task', values: ['1'], match: 'equal', mustBePresent: true },
      ],
    };
    const row = { ...company, rules: [needs], mandates: [dagl] };
    assert.deepEqual(
      [ask(row).outcome, ask(row).reason, ask(row).permit],
      ['indeterminate', 'missing_attribute', false],
    );
    assert.equal(ask({ ...row, attributes: { resource: { task: ['1'] } } }).permit, true);
    assert.equal(
      ask({ ...row, attributes: { resource: { task: ['2'] } } }).outcome,
      'not_applicable',
    );
  });

  it('combines as XACML 3.0 appendix C says, and more strictly where a Deny cannot be told', () => {
    const rows: [string, Effect[], Outcome][] = [
      ['deny-overrides', ['permit', 'deny'], 'deny'],
      ['deny-overrides', ['permit', 'indeterminate_deny'], 'indeterminate'],
      ['deny-overrides', ['permit', 'indeterminate_permit'], 'permit'],
      ['deny-overrides', ['indeterminate_permit'], 'indeterminate'],
      ['deny-overrides', ['not_applicable'], 'not_applicable'],
      ['permit-overrides', ['deny', 'permit'], 'permit'],
      ['permit-overrides', ['deny', 'indeterminate_permit'], 'indeterminate'],
      ['permit-overrides', ['deny', 'indeterminate_deny'], 'deny'],
      ['permit-overrides', ['indeterminate_deny'], 'indeterminate'],
      ['permit-overrides', [], 'not_applicable'],
      ['deny-unless-permit', ['deny', 'permit'], 'permit'],
      ['deny-unless-permit', ['indeterminate_permit'], 'deny'],
      ['deny-unless-permit', [], 'deny'],
      ['permit-unless-deny', ['deny', 'permit'], 'deny'],
      ['permit-unless-deny', ['indeterminate_deny'], 'deny'],
      ['permit-unless-deny', [], 'permit'],
      ['first-applicable', ['not_applicable', 'deny', 'permit'], 'deny'],
      ['first-applicable', ['indeterminate_permit', 'permit'], 'indeterminate'],
      ['first-applicable', ['not_applicable'], 'not_applicable'],
    ];
    for (const [how, effects, outcome] of rows)
      assert.equal(combine(how as never, effects), outcome, `${how} ${effects}`);
  });

  it('matches attributes exactly, without case, or by a pattern that cannot run away', () => {
    const attributes = { resource: { a: ['Ab'] } };
    const test = (match: 'equal' | 'equal_ignore_case' | 'regexp', value: string) =>
      conditionsHold([{ category: 'resource', name: 'a', values: [value], match }], attributes);
    assert.deepEqual(
      [
        test('equal', 'ab'),
        test('equal_ignore_case', 'ab'),
        test('regexp', '^A.$'),
        test('regexp', '^B'),
      ],
      [false, true, true, false],
    );
    for (const bad of [
      '(',
      '(?=x)',
      '(?<!x)y',
      '(a)\\1',
      'x'.repeat(201),
      '(a{30}){30}',
      '((a{30}){30}){30}',
    ])
      assert.ok(patternFault(bad), bad);
    for (const good of ['^A.$', '^skd-[a-z]+$', 'a|b', '^(a|a)*$', '(a+)+$', '(a*)*'])
      assert.equal(patternFault(good), undefined, good);
  });

  it('cannot tell a pattern that is not ours, a text that is too long, or more than one decision may try', () => {
    const many = Array.from({ length: 100 }, (_, index) => `${'a'.repeat(490)}${index}`);
    const told = (value: string, given: string[]) =>
      conditionsHold([{ category: 'resource', name: 'a', values: [value], match: 'regexp' }], {
        resource: { a: given },
      });
    assert.deepEqual(
      [told('(?=x)', ['x']), told('x', ['x'.repeat(501)]), told('^(a?){40}b', many)],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(
      [told('x', ['x'.repeat(501), 'x']), told('^(a?){40}b', many.slice(0, 2))],
      [true, false],
    );
  });

  it('knows no attribute, function or category by a name that every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      assert.equal(
        conditionsHold([{ category: 'subject', name, values: ['x'], match: 'equal' }], {
          subject: {},
        }),
        false,
        name,
      );
      assert.equal(
        conditionsHold([{ category: name as never, name: 'a', values: ['x'], match: 'equal' }], {}),
        false,
        name,
      );
    }
  });
});
