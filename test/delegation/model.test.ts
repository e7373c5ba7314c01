// What somebody may give on, by the facts alone: each way there is, and each thing that shuts it.
import assert from 'node:assert/strict';
import {
  checkRight,
  latestEnd,
  packageFault,
  untilOf,
  waysToGive,
} from '../../server/delegation/model.ts';
import type { Facts, MandateFacts, PartyFacts } from '../../server/decision/rules/model.ts';
import type { Decided } from '../../server/decision/rules/question_model.ts';
import { Catalogue, MAIN_ADMINISTRATOR } from '../../server/resource/catalogue/model.ts';
import { parseSubject } from '../../server/resource/policy/model.ts';

const name = { nb: 'x', nn: 'x' };
const role = (code: string, source: string | null = null) => ({
  code,
  name,
  keyRole: false,
  givenBy: 'organization' as const,
  urns: [],
  source,
  afterDeath: false,
  reachesOwner: false,
  notKeyIn: [],
});
const entry = (code: string, changes: object = {}) => ({
  code,
  area: 'a',
  forKind: 'organization' as const,
  name,
  description: name,
  assignable: true,
  delegable: true,
  inPolicies: true,
  toKinds: null as string[] | null,
  needs: null,
  giveLevel: 3,
  decidesFrom: null,
  parentUntil: null,
  receiverFrom: null,
  ...changes,
});
const carries = (code: string, what: string, hasAccess: boolean, mayGive: boolean) => ({
  role: code,
  package: what,
  unitType: '',
  hasAccess,
  mayGive,
});
const catalogue = new Catalogue({
  version: 1,
  sources: [],
  areas: [],
  packages: [
    entry('tax'),
    entry('pay'),
    entry('own', { forKind: 'person' }),
    entry('fixed', { assignable: false }),
    entry('narrow', { toKinds: ['person'] }),
    entry('task', { forKind: 'person' }),
    entry(MAIN_ADMINISTRATOR),
  ],
  roles: [
    role('dagl'),
    role('medl'),
    role('hadm'),
    role('privatperson'),
    role('verge:nav-pensjon', 'vergemal'),
  ],
  rolePackages: [
    carries('dagl', 'tax', true, true),
    carries('medl', 'tax', true, false),
    carries('hadm', MAIN_ADMINISTRATOR, true, false),
    carries('privatperson', 'own', true, true),
    carries('verge:nav-pensjon', 'task', true, false),
    carries(MAIN_ADMINISTRATOR, 'pay', false, true),
  ],
});
const party = (id: string, kind = 'person'): PartyFacts => ({
  id,
  kind,
  ended: false,
  name: id,
  no: null,
  username: null,
  unitType: null,
  parent: null,
  lists: [],
});
const mandate = (what: Partial<MandateFacts>): MandateFacts => ({
  role: null,
  package: null,
  resource: null,
  actions: null,
  instance: null,
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
const dagl = mandate({ role: 'dagl', basis: 'register' });
const facts = (...mandates: MandateFacts[]): Facts => ({
  subject: party('x'),
  from: party('f', 'organization'),
  mandates,
});
const ways = (code: string, about: Facts, administers = true) =>
  waysToGive(code, about, catalogue, administers).map(({ description }) => description);

describe('the ways to give a package', () => {
  const rows: [what: string, code: string, Facts, string[]][] = [
    ['nobody', 'tax', { ...facts(dagl), subject: null }, []],
    ['for nobody', 'tax', { ...facts(dagl), from: null }, []],
    ['a role that may give it', 'tax', facts(dagl), ['Direct-RolePackage']],
    ['a role that has it only', 'tax', facts(mandate({ role: 'medl' })), []],
    [
      'a role, of the main unit',
      'tax',
      facts({ ...dagl, held: 'parent' }),
      ['Direct-RolePackage-MainUnit'],
    ],
    ['a role, through a firm', 'tax', facts({ ...dagl, via: 'firm' }), ['KeyRole-RolePackage']],
    ['the package itself', 'tax', facts(mandate({ package: 'tax' })), ['Direct-AssignmentPackage']],
    ['another package', 'tax', facts(mandate({ package: 'pay' })), []],
    ['the package of a customer', 'tax', facts(mandate({ package: 'tax', basis: 'customer' })), []],
    [
      'a main administrator by mandate',
      'pay',
      facts(mandate({ package: MAIN_ADMINISTRATOR })),
      ['Direct-AssignmentPackage-HovedAdmin'],
    ],
    [
      'a main administrator by role',
      'pay',
      facts(mandate({ role: 'hadm' })),
      ['Direct-RolePackage-HovedAdmin'],
    ],
    ['what a main administrator may not', 'tax', facts(mandate({ role: 'hadm' })), []],
    ['one who is no main administrator', 'pay', facts(dagl), []],
    [
      'a person about what is its own',
      'own',
      { subject: party('x'), from: party('x'), mandates: [] },
      ['Direct-RolePackage'],
    ],
    [
      'a person about what is not its own to give',
      'tax',
      { subject: party('x'), from: party('x'), mandates: [] },
      [],
    ],
    [
      'a person about what is another’s own',
      'own',
      { subject: party('x'), from: party('y'), mandates: [] },
      [],
    ],
  ];
  for (const [what, code, about, expected] of rows)
    it(`of ${what} are ${expected.length ? expected.join() : 'none'}`, () => {
      assert.deepEqual(ways(code, about), expected);
    });

  it('without administering are one’s own, given there, and to be passed on', () => {
    const mine = { package: 'tax', mayPassOn: true };
    assert.deepEqual(ways('tax', facts(mandate(mine)), false), ['Direct-AssignmentPackage']);
    for (const less of [
      { ...mine, mayPassOn: false },
      { ...mine, package: 'pay' },
      { ...mine, via: 'firm' },
      { ...mine, held: 'parent' as const },
    ])
      assert.deepEqual(ways('tax', facts(mandate(less)), false), [], JSON.stringify(less));
  });
});

describe('how long something is had', () => {
  const [early, late] = ['2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z'];

  it('is until the last of what one has it by', () => {
    assert.equal(latestEnd([early, late])!.toISOString(), '2028-01-01T00:00:00.000Z');
    assert.equal(latestEnd([early, null]), null);
    assert.equal(latestEnd([]), null);
  });

  it('is together until the first of those', () => {
    const mandates = [
      mandate({ id: 'a', validTo: early }),
      mandate({ id: 'b', validTo: late }),
      mandate({ id: 'c' }),
    ];
    const until = (...each: string[][]) =>
      untilOf(
        each.map((carriers) => ({ mandates: carriers })),
        mandates,
      )
        ?.toISOString()
        .slice(0, 4);
    assert.equal(until(['a'], ['b']), '2027');
    assert.equal(until(['b']), '2028');
    assert.equal(until(['a', 'b']), '2028');
    assert.equal(until(['c']), undefined);
    assert.equal(until(['c'], ['b']), '2028');
  });
});

describe('a package', () => {
  const fault = (code: string, from: string, to?: string) =>
    packageFault(catalogue, catalogue.packages.get(code), from, to);
  const rows: [string, string, string | undefined, string | undefined][] = [
    ['tax', 'organization', undefined, undefined],
    ['tax', 'subunit', 'person', undefined],
    ['none', 'organization', undefined, 'AM-00035'],
    ['tax', 'person', undefined, 'AM-00037'],
    ['tax', 'self_identified', undefined, 'AM-00037'],
    ['own', 'person', undefined, undefined],
    ['own', 'self_identified', undefined, undefined],
    ['own', 'organization', undefined, 'AM-00037'],
    ['fixed', 'organization', undefined, 'AM.VLD-00048'],
    ['task', 'person', undefined, 'AM.VLD-00048'],
    ['narrow', 'organization', undefined, undefined],
    ['narrow', 'organization', 'person', undefined],
    ['narrow', 'organization', 'organization', 'AM.VLD-00028'],
  ];
  for (const [code, from, to, expected] of rows)
    it(`${code} of one who is ${from}, to ${to ?? 'anyone'}: ${expected ?? 'can be given'}`, () => {
      assert.equal(fault(code, from, to), expected);
    });
});

describe('a right', () => {
  const rule = (subjects: (string | string[])[], effect: 'permit' | 'deny' = 'permit') => ({
    id: 'r',
    effect,
    actions: ['read'],
    subjects: subjects.map((one) => [one].flat().map(parseSubject)),
    when: [],
  });
  const decided = (changes: {
    permit?: boolean;
    reason?: string;
    carriers?: string[];
    mandates?: MandateFacts[];
    rules?: ReturnType<typeof rule>[];
    delegable?: boolean;
    package?: string;
  }): Decided => ({
    question: {} as never,
    decision: {
      permit: changes.permit ?? false,
      outcome: changes.permit ? 'permit' : 'not_applicable',
      reason: (changes.reason ?? 'not_named') as never,
      mandates: changes.carriers ?? [],
      wanted: [],
      level: 0,
      ...(changes.package ? { package: changes.package } : {}),
    },
    facts: facts(...(changes.mandates ?? [])),
    resource: { delegable: changes.delegable ?? true } as never,
    policy: {
      combining: 'deny-overrides',
      minimumLevel: { person: 0, organization: 0 },
      rules: changes.rules ?? [rule(['dagl'])],
    },
    catalogue,
  });
  const no = decided({});
  const check = (of: Decided, administers = true, own = no, schema = false) =>
    checkRight('read', of, own, administers, schema);
  const carried = (changes: object = {}, more: object = {}) =>
    decided({
      permit: true,
      reason: 'role',
      carriers: ['m'],
      mandates: [{ ...dagl, ...changes }],
      ...more,
    });

  it('is given by an administrator who has it by something of the party’s', () => {
    const given = check(carried());
    assert.deepEqual(
      [given.result, given.codes, given.mandates, given.through],
      [true, ['RoleAccess'], ['m'], null],
    );
    const by = (reason: string, more: object = {}) => check(carried({}, { reason, ...more })).codes;
    assert.deepEqual(by('package', { package: 'tax' }), ['PackageAccess']);
    assert.deepEqual(by('right'), ['DelegationAccess']);
    assert.equal(check(carried({}, { package: 'tax' })).package, 'tax');
    assert.equal(given.package, null);
  });

  it('is not given by one who has it as everybody has, for a customer, or as a guardian', () => {
    const everybody = decided({ permit: true, reason: 'anyone', mandates: [dagl] });
    assert.equal(check(everybody).result, false);
    assert.deepEqual(check(everybody).codes, ['MissingDelegationAccess']);
    assert.equal(check(carried({ basis: 'customer' })).result, false);
    assert.equal(check(carried({ role: 'verge:nav-pensjon' })).result, false);
    assert.equal(check(decided({ mandates: [dagl] })).result, false);
  });

  it('is given by an administrator where a rule grants it to the party itself', () => {
    const itself = decided({ permit: true, reason: 'organization' });
    assert.equal(check(no, true, itself).result, true);
    assert.equal(check(no, false, itself).result, false);
    assert.equal(check(no, true, decided({ permit: true, carriers: ['z'] })).result, false);
    assert.equal(check(no, true, no).result, false);
  });

  it('is passed on by one who may, of what is one’s own there', () => {
    const may = { mayPassOn: true };
    const passed = check(carried(may), false);
    assert.deepEqual([passed.result, passed.through], [true, 'm']);
    for (const less of [
      { mayPassOn: false },
      { ...may, basis: 'customer' },
      { ...may, via: 'firm' },
      { ...may, held: 'parent' },
      { ...may, id: 'z' },
    ])
      assert.equal(check(carried(less), false).result, false, JSON.stringify(less));
    assert.equal(check({ ...carried(may), decision: no.decision }, false).result, false);
  });

  it('is shut by what the resource is, whoever gives', () => {
    const codes = (of: Decided, schema = false) => check(of, true, no, schema).codes;
    assert.deepEqual(codes(carried({}, { delegable: false })), ['ResourceNotDelegable']);
    assert.deepEqual(codes(carried(), true), ['ResourceIsMaskinPortenSchema']);
    assert.deepEqual(codes(carried({}, { permit: false, reason: 'not_on_list' })), [
      'AccessListValidationFail',
    ]);
    assert.deepEqual(codes({ ...no, resource: undefined }), ['MissingRoleAccess']);
  });

  it('is given by a main administrator who could give each package that a rule asks for', () => {
    const main = [mandate({ package: MAIN_ADMINISTRATOR, id: 'main' })];
    const of = (...subjects: (string | string[])[]) =>
      decided({ mandates: main, rules: [rule(subjects)] });
    const given = check(of('package:pay'));
    assert.deepEqual(
      [given.result, given.codes, given.mandates, given.package],
      [true, ['PackageAccess'], ['main'], 'pay'],
    );
    assert.equal(check(of('package:tax')).result, false);
    const director = decided({ mandates: [dagl], rules: [rule(['package:tax'])] });
    assert.equal(check(director).result, false, 'another who may give the package is not one');
    assert.equal(check(of(['package:pay', 'dagl'])).result, false);
    assert.equal(check(of('dagl')).result, false);
    assert.equal(check(of()).result, false);
    assert.equal(check(of([])).result, false);
    assert.equal(check(of('package:pay'), false).result, false);
    assert.equal(
      check(decided({ mandates: main, rules: [rule(['package:pay'], 'deny')] })).result,
      false,
    );
    assert.equal(
      check(decided({ mandates: main, rules: [{ ...rule(['package:pay']), actions: ['write'] }] }))
        .result,
      false,
    );
  });

  it('says what is missing: a role, a package, or that it may not be given on', () => {
    const missing = (...subjects: string[]) => check(decided({ rules: [rule(subjects)] })).codes;
    assert.deepEqual(missing('dagl'), ['MissingRoleAccess']);
    assert.deepEqual(missing('package:tax'), ['MissingPackageAccess']);
    assert.deepEqual(missing('dagl', 'package:tax'), ['MissingRoleAccess', 'MissingPackageAccess']);
    assert.deepEqual(missing(), ['MissingDelegationAccess']);
    assert.deepEqual(check(carried(), false).codes, ['MissingDelegationAccess']);
    assert.deepEqual(check({ ...no, policy: undefined }).codes, ['MissingDelegationAccess']);
  });
});
