// The pure decision: facts, a policy and a question, and the answer with its reason. And its laws,
// for all facts.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decide,
  type Facts,
  type MandateFacts,
  type PartyFacts,
  type ResourceFacts,
} from '../../server/decision/rules/model.ts';
import { disclosed } from '../../server/decision/rules/disclosure_model.ts';
import type { Reason } from '../../server/decision/rules/reason_model.ts';
import type { Entity } from '../../server/decision/xacml/entity_model.ts';
import { told as result } from '../../server/decision/xacml/result_model.ts';
import { Catalogue } from '../../server/resource/catalogue/model.ts';
import { patternFault } from '../../server/resource/policy/pattern_model.ts';
import { holds } from '../../server/resource/policy/condition_model.ts';
import {
  combine,
  parseSubject,
  type Effect,
  type Outcome,
  type Policy,
  type Rule,
} from '../../server/resource/policy/model.ts';

const name = { nb: 'x', nn: 'x' };
const role = (code: string, changes: object = {}) => ({
  code,
  name,
  keyRole: code === 'dagl',
  givenBy: 'organization' as const,
  urns: [],
  source: null,
  afterDeath: false,
  reachesOwner: false,
  notKeyIn: [],
  ...changes,
});
const entry = (code: string) => ({
  code,
  area: 'a',
  forKind: 'organization' as const,
  name,
  description: name,
  assignable: true,
  delegable: true,
  inPolicies: true,
  toKinds: null,
  needs: null,
  giveLevel: 3,
  decidesFrom: null,
  parentUntil: null,
  receiverFrom: null,
});
const catalogue = new Catalogue({
  version: 1,
  sources: [],
  areas: [],
  packages: ['tax', 'pay', 'branch'].map(entry),
  roles: [
    role('dagl'),
    role('medl'),
    role('regn'),
    role('arving', { givenBy: 'person', afterDeath: true }),
    role('privatperson', { givenBy: 'person' }),
    role('selvregistrert'),
  ],
  rolePackages: [
    { role: 'dagl', package: 'tax', unitType: '', hasAccess: true, mayGive: true },
    { role: 'dagl', package: 'branch', unitType: 'NUF', hasAccess: true, mayGive: true },
    { role: 'medl', package: 'tax', unitType: '', hasAccess: false, mayGive: true },
    { role: 'regn', package: 'pay', unitType: '', hasAccess: true, mayGive: false },
  ],
});

const rule = (...subjects: (string | string[])[]): Rule => ({
  id: 'r',
  effect: 'permit',
  actions: ['read'],
  subjects: subjects.map((one) => [one].flat().map(parseSubject)),
  when: [],
});
const no = (one: Rule): Rule => ({ ...one, effect: 'deny' });
const grain = { role: null, package: null, resource: null, actions: null, instance: null };
const mandate = (what: Partial<MandateFacts>): MandateFacts => ({
  ...grain,
  id: 'm',
  basis: 'delegation',
  held: 'direct',
  unitType: 'AS',
  via: null,
  viaRole: null,
  chain: [],
  mayPassOn: false,
  validTo: null,
  ...what,
});
const right = (actions: string[], instance: string | null = null) =>
  mandate({ resource: 'r', actions, instance });

interface Row {
  rules: Rule[];
  mandates?: MandateFacts[];
  subject?: string;
  kind?: string;
  from?: string | null;
  fromKind?: string;
  lists?: string[];
  fromLists?: string[];
  level?: number;
  minimum?: number;
  ended?: 'subject' | 'from';
  instance?: string;
  gate?: { list: string; actions: string[] | null }[];
  attributes?: object;
}
const party = (id: string, kind: string, lists: string[], ended: boolean): PartyFacts => ({
  id,
  kind,
  ended,
  name: id,
  no: kind === 'organization' ? '310000000' : null,
  username: null,
  unitType: null,
  parent: null,
  lists,
});
const facts = (row: Row): Facts => ({
  subject: party(
    row.subject ?? 'x',
    row.kind ?? 'person',
    row.lists ?? [],
    row.ended === 'subject',
  ),
  from:
    row.from === null
      ? null
      : party(
          row.from ?? 'x',
          row.fromKind ?? (row.from ? 'organization' : 'person'),
          row.fromLists ?? [],
          row.ended === 'from',
        ),
  mandates: row.mandates ?? [],
});
const resource = (row: Row): ResourceFacts => ({
  id: 'r',
  type: 't',
  owner: 'o',
  ownerNo: null,
  policyVersion: 1,
  delegable: true,
  ended: false,
  selfIdentified: false,
  accessListMode: row.gate !== undefined,
  attributes: {},
  authoritative: [],
  lists: row.gate ?? [],
});
const policy = (row: Row): Policy => ({
  combining: 'deny-overrides',
  minimumLevel: { person: row.minimum ?? 0, organization: row.minimum ?? 0 },
  rules: row.rules,
});
const ask = (row: Row) =>
  decide(
    {
      action: 'read',
      instance: row.instance ?? null,
      level: row.level,
      named: row.from !== null,
      attributes: row.attributes ?? {},
    } as never,
    facts(row),
    resource(row),
    policy(row),
    catalogue,
  );

const self = rule('privatperson');
const dagl = mandate({ role: 'dagl', basis: 'register' });
const company = { from: 'f' };
const listed = { gate: [{ list: 'l', actions: null }], fromLists: ['l'] };
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
      holds([{ category: 'resource', name: 'a', values: [value], match }], attributes);
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
      holds([{ category: 'resource', name: 'a', values: [value], match: 'regexp' }], {
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
        holds([{ category: 'subject', name, values: ['x'], match: 'equal' }], { subject: {} }),
        false,
        name,
      );
      assert.equal(
        holds([{ category: name as never, name: 'a', values: ['x'], match: 'equal' }], {}),
        false,
        name,
      );
    }
  });

  const anyRule = fc.constantFrom<Rule>(
    self,
    rule('keyrole'),
    rule('dagl'),
    rule('medl'),
    rule('accesslist:l'),
    rule('organization'),
    rule('package:tax'),
    rule(['dagl', 'accesslist:l']),
  );
  const anyMandate = fc.constantFrom(
    dagl,
    mandate({ role: 'medl' }),
    mandate({ package: 'tax' }),
    right(['read']),
    right(['read'], 'i'),
    mandate({ package: 'tax', chain: [{ ...grain, package: 'pay' }] }),
  );
  const anyRow = fc.record({
    rules: fc.array(anyRule, { maxLength: 4 }),
    mandates: fc.array(anyMandate, { maxLength: 3 }),
    subject: fc.constantFrom('x', 'o'),
    kind: fc.constantFrom('person', 'organization'),
    from: fc.constantFrom('x', 'f'),
    fromKind: fc.constantFrom('person', 'organization'),
    lists: fc.subarray(['l', 'm']),
    level: fc.integer({ min: 0, max: 4 }),
    minimum: fc.integer({ min: 0, max: 4 }),
  });

  it('is monotone: another rule, mandate, list or level never takes away', () => {
    fc.assert(
      fc.property(anyRow, anyRule, anyMandate, (row, extra, more) => {
        if (!ask(row).permit) return;
        for (const wider of [
          { rules: [...row.rules, extra] },
          { mandates: [...row.mandates, more] },
          { lists: [...row.lists, 'n'] },
          { level: 4 },
        ])
          assert.ok(ask({ ...row, ...wider }).permit);
      }),
    );
  });

  it('does not depend on the order of rules and mandates', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        assert.equal(
          ask({ ...row, rules: [...row.rules].reverse(), mandates: [...row.mandates].reverse() })
            .permit,
          ask(row).permit,
        );
      }),
    );
  });

  it('permits nothing unless one of the mandates or the asker itself carries it', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const answer = ask(row);
        if (answer.permit && ['role', 'package', 'right'].includes(answer.reason))
          assert.ok(answer.mandates.length > 0);
        if (!answer.permit) assert.deepEqual(answer.mandates, []);
      }),
    );
  });
});

describe('what carries a decision', () => {
  const pay = { package: 'pay' };
  const permits = (row: Row) => ask(row).permit;

  it('is, of a chain, what each link would be permitted by itself: by a permit, for this action', () => {
    const chained = (link: object) => mandate({ ...pay, chain: [{ ...grain, ...link }] });
    const row = (link: object, ...rules: Rule[]): Row => ({
      ...company,
      rules: [rule('package:pay'), ...rules],
      mandates: [chained(link)],
    });
    assert.ok(permits(row({ role: 'regn' })));
    assert.ok(!permits(row({ role: 'medl' }, no(rule('medl')))));
    assert.ok(!permits(row({ package: 'tax' }, { ...rule('package:tax'), actions: ['write'] })));
  });

  it('is an indeterminate Permit beside a Permit, and no Deny', () => {
    const unknown: Rule = {
      ...rule('dagl'),
      when: [
        { category: 'resource', name: 'a', values: ['x'], match: 'equal', mustBePresent: true },
      ],
    };
    const row = { ...company, mandates: [dagl] };
    assert.ok(permits({ ...row, rules: [unknown, rule('dagl')] }));
    assert.ok(!permits({ ...row, rules: [no(unknown), rule('dagl')] }));
  });

  it('is told by the nearest: one’s own before a firm’s, the party’s before the main unit’s', () => {
    const own = { ...dagl, id: 'own' };
    const far = { ...dagl, id: 'far', via: 'firm', held: 'direct' as const };
    const main = { ...dagl, id: 'main', held: 'parent' as const };
    for (const mandates of [
      [far, main, own],
      [own, far, main],
    ]) {
      const answer = ask({ ...company, rules: [rule('dagl')], mandates });
      assert.deepEqual([answer.via, answer.held], [undefined, 'direct']);
    }
    assert.equal(ask({ ...company, rules: [rule('dagl')], mandates: [far, main] }).held, 'parent');
    const through = ask({ ...company, rules: [rule('dagl')], mandates: [far] });
    assert.deepEqual([through.role, through.via, through.package], ['dagl', 'firm', undefined]);
    const bought = ask({ ...company, rules: [rule('package:tax')], mandates: [dagl] });
    assert.deepEqual([bought.role, 'via' in bought, bought.package], ['dagl', false, 'tax']);
    const listed = ask({ ...company, rules: [rule('accesslist:l')], lists: ['l'] });
    assert.ok(!('role' in listed) && !('package' in listed) && !('held' in listed));
    const rights = (...via: (string | null)[]) =>
      ask({
        ...company,
        rules: [rule('lede')],
        mandates: via.map((one) => ({ ...right(['read']), via: one })),
      });
    assert.equal(rights('firm', null).via, undefined);
    assert.equal(rights('firm').via, 'firm');
    assert.ok(!('via' in rights(null)));
  });

  it('is a single right only under the conditions that the rule has', () => {
    const bound: Rule = {
      ...rule('lede'),
      when: [{ category: 'resource', name: 'a', values: ['x'], match: 'equal' }],
    };
    const row = { ...company, rules: [bound], mandates: [right(['read'])] };
    assert.ok(!permits(row));
    assert.ok(permits({ ...row, attributes: { resource: { a: ['x'] } } }));
  });

  it('is no matter where a rule denies: that is told, not the level or the list', () => {
    const denied = { ...company, rules: [rule('dagl'), no(rule('dagl'))], mandates: [dagl] };
    for (const more of [{ level: 1, minimum: 3 }, { gate: [] }]) {
      const answer = ask({ ...denied, ...more });
      assert.deepEqual([answer.outcome, answer.reason], ['deny', 'denied_by_rule']);
    }
  });

  it('takes the level of persons for whoever logs in, and of organisations for the rest', () => {
    const levelOf = (kind: string) => {
      const row: Row = { rules: [rule('anyone')], kind };
      const levels = { person: 4, organization: 2 };
      const asked = { action: 'read', named: true };
      const about = { ...policy(row), minimumLevel: levels };
      return decide(asked, facts(row), resource(row), about, catalogue).level;
    };
    assert.deepEqual(
      ['person', 'self_identified', 'organization', 'subunit', 'system_user'].map(levelOf),
      [4, 4, 2, 2, 2],
    );
  });

  it('is not known while a register is away that could say yes, unless something else permits', () => {
    const away = (row: Row) => {
      const known = { ...facts(row), live: { yes: [], away: true } };
      return decide({ action: 'read', named: true }, known, resource(row), policy(row), catalogue);
    };
    const none = away({ ...company, rules: [rule('dagl')] });
    assert.deepEqual([none.outcome, none.reason], ['indeterminate', 'register_away']);
    assert.ok(away({ ...company, rules: [rule('dagl')], mandates: [dagl] }).permit);
    const reason = away({ ...company, rules: [no(rule('dagl'))], mandates: [dagl] });
    assert.equal(reason.reason, 'denied_by_rule');
  });

  it('is nothing where a resource has no policy', () => {
    const row: Row = { rules: [self] };
    const answer = decide(
      { action: 'read', named: true },
      facts(row),
      resource(row),
      undefined,
      catalogue,
    );
    assert.deepEqual([answer.outcome, answer.reason], ['indeterminate', 'unknown_resource']);
  });

  it('is secret only when it is a secret source’s, not when another mandate is', () => {
    const secret = new Catalogue({
      version: 1,
      sources: [{ code: 's', name, legalBasis: name, purpose: name, visibility: 'secret' }],
      areas: [],
      packages: [],
      roles: [role('dagl'), role('skjult', { source: 's' })],
      rolePackages: [],
    });
    const row: Row = {
      ...company,
      rules: [rule('dagl')],
      mandates: [{ ...dagl, id: 'open' }, mandate({ role: 'skjult', id: 'hidden' })],
    };
    const found = {
      decision: ask(row),
      facts: facts(row),
      resource: resource(row),
      policy: policy(row),
      catalogue: secret,
    };
    assert.equal(disclosed(found).decision.reason, 'role');
    const hidden = { ...found.decision, mandates: ['hidden'] };
    assert.equal(disclosed({ ...found, decision: hidden }).decision.reason, 'permitted');
  });
});

describe('a result in XACML', () => {
  const found = (row: Row) => ({
    decision: ask(row),
    facts: facts(row),
    resource: resource(row),
    policy: policy(row),
    catalogue,
  });
  const told = (row: Row, echo: Entity[] = [], wantsIds = false): any =>
    result(found(row), echo, 'why', wantsIds);
  const permit: Row = { rules: [self] };
  const refused: Row = { rules: [self], from: 'f', fromKind: 'person' };

  it('has obligations where levels are asked for and it permits, else null', () => {
    const ids = (row: Row) => told(row).obligations?.map((one: any) => one.id.slice(-1));
    assert.deepEqual(ids({ ...permit, minimum: 3, level: 4 }), ['1', '2']);
    assert.equal(told(permit).obligations, null);
    assert.equal(told({ ...refused, minimum: 3 }).obligations, null);
    const ofPerson = found({ ...permit, level: 4 });
    ofPerson.policy.minimumLevel = { person: 3, organization: 0 };
    assert.equal((result(ofPerson, [], null, false) as any).obligations.length, 1);
    ofPerson.policy.minimumLevel = { person: 0, organization: 3 };
    assert.equal((result(ofPerson, [], null, false) as any).obligations.length, 1);
  });

  it('names the policy on request, and none where there is no resource', () => {
    assert.equal(told(permit).policyIdentifierList, null);
    assert.equal(told(permit, [], true).policyIdentifierList.policyIdReference.length, 1);
    const without = { ...found(permit), resource: undefined, policy: undefined };
    const answer: any = result(without, [], null, true);
    assert.deepEqual([answer.policyIdentifierList, answer.obligations], [null, null]);
  });

  it('says why it is not, and which attribute could be missing', () => {
    assert.equal(told(permit).status.statusMessage, null);
    assert.equal(told(refused).status.statusMessage, 'why');
    const code = (row: Row) => told(row).status.statusCode.value.split(':').at(-1);
    const unknown: Rule = {
      ...self,
      when: [
        { category: 'resource', name: 'a', values: ['x'], match: 'equal', mustBePresent: true },
      ],
    };
    assert.deepEqual(
      [code(permit), code({ rules: [unknown] }), code({ rules: [self], from: null })],
      ['ok', 'missing-attribute', 'ok'],
    );
  });

  it('repeats what was to be, one value as itself', () => {
    const attribute = (values: string[], echo: boolean) => ({
      id: 'a',
      values,
      dataType: 't',
      echo,
    });
    const entity = (...attributes: Entity['attributes']): Entity => ({
      category: 'subject',
      id: undefined,
      attributes,
      size: 0,
      named: [],
      told: {},
    });
    assert.equal(told(permit, [entity(attribute(['x'], false))]).category, null);
    const { category } = told(permit, [
      entity(attribute(['x'], true), attribute(['x', 'y'], true), attribute(['z'], false)),
      entity(attribute(['z'], false)),
    ]);
    assert.deepEqual(
      category.map((one: any) => one.attribute.map(({ value }: any) => value)),
      [['x', ['x', 'y']]],
    );
  });
});
