// What comes near to opening what was asked, by the mandates alone.
import assert from 'node:assert/strict';
import { nearest, type AskedWhy } from '../../server/delegation/why/model.ts';
import type { MandateRow } from '../../server/mandate/delegation_store.ts';
import { Catalogue } from '../../server/resource/catalogue/model.ts';
import { parseSubject, type Policy } from '../../server/resource/policy/model.ts';

const now = new Date('2026-06-01T12:00:00Z');
const before = new Date('2026-05-01T12:00:00Z');
const after = new Date('2026-07-01T12:00:00Z');
const name = { nb: 'x', nn: 'x' };
const catalogue = new Catalogue({
  version: 1,
  sources: [],
  areas: [],
  packages: [],
  roles: [
    {
      code: 'dagl',
      name,
      keyRole: true,
      givenBy: 'organization',
      urns: [],
      source: null,
      afterDeath: false,
      reachesOwner: false,
      notKeyIn: [],
    },
  ],
  rolePackages: [],
});
const rule = (actions: string[], subject: string, effect: 'permit' | 'deny' = 'permit') => ({
  id: 'r',
  effect,
  actions,
  subjects: [[parseSubject(subject)]],
  when: [],
});
const policy = (...rules: ReturnType<typeof rule>[]): Policy => ({
  combining: 'deny-overrides',
  minimumLevel: { person: 0, organization: 0 },
  rules,
});
const RULES = policy(rule(['read'], 'package:tax'), rule(['write'], 'dagl'));

let count = 0;
const mandate = (what: Partial<MandateRow>): MandateRow =>
  ({
    id: `m${(count += 1)}`,
    from: 'f',
    to: 't',
    role: null,
    package: null,
    resource: null,
    actions: null,
    instance: null,
    validFrom: before,
    validTo: null,
    endedAt: null,
    suspendedAt: null,
    lacks: null,
    ...what,
  }) as MandateRow;
const ASKED: AskedWhy = { resource: 'r', action: 'read', instance: null };
const near = (mandates: MandateRow[], asked: Partial<AskedWhy> = {}, rules = RULES) =>
  nearest(mandates, { ...ASKED, ...asked }, { policy: rules, catalogue }, now);
const whyOf = (what: Partial<MandateRow>, asked: Partial<AskedWhy> = {}, rules = RULES) =>
  near([mandate(what)], asked, rules).map(({ why, at, lacks }) => [why, at, lacks]);

describe('what comes near', () => {
  const rows: [
    string,
    Partial<MandateRow>,
    Partial<AskedWhy>,
    [string, Date | null, string | null][],
  ][] = [
    ['what holds', { package: 'tax' }, {}, []],
    [
      'what is suspended',
      { package: 'tax', suspendedAt: before },
      {},
      [['suspended', before, null]],
    ],
    ['what ended', { package: 'tax', endedAt: before }, {}, [['ended', before, null]]],
    ['what ran out', { package: 'tax', validTo: before }, {}, [['expired', before, null]]],
    ['what begins', { package: 'tax', validFrom: after }, {}, [['upcoming', after, null]]],
    [
      'what rests on nothing',
      { package: 'tax', lacks: 'upstream_ended' },
      {},
      [['inactive', null, 'upstream_ended']],
    ],
    [
      'what is suspended and rests on nothing',
      { package: 'tax', suspendedAt: before, lacks: 'upstream_ended' },
      {},
      [['suspended', before, null]],
    ],
    ['a package that no rule names', { package: 'pay', endedAt: before }, {}, []],
    [
      'a package for another action',
      { package: 'tax' },
      { action: 'write' },
      [['other_action', null, null]],
    ],
    [
      'what ended, for another action',
      { package: 'tax', endedAt: before },
      { action: 'write' },
      [],
    ],
    [
      'a role that ended',
      { role: 'dagl', endedAt: before },
      { action: 'write' },
      [['ended', before, null]],
    ],
    ['a right', { resource: 'r', actions: ['read'] }, {}, []],
    ['a right to another resource', { resource: 'q', actions: ['read'], endedAt: before }, {}, []],
    [
      'a right that ended',
      { resource: 'r', actions: ['read'], endedAt: before },
      {},
      [['ended', before, null]],
    ],
    [
      'a right to another action',
      { resource: 'r', actions: ['write'] },
      {},
      [['other_action', null, null]],
    ],
    [
      'a right to an instance',
      { resource: 'r', actions: ['read'], instance: 'i' },
      {},
      [['other_instance', null, null]],
    ],
    [
      'a right to this instance that ended',
      { resource: 'r', actions: ['read'], instance: 'i', endedAt: before },
      { instance: 'i' },
      [['ended', before, null]],
    ],
    [
      'a right to every instance that ended',
      { resource: 'r', actions: ['read'], endedAt: before },
      { instance: 'i' },
      [['ended', before, null]],
    ],
  ];
  for (const [what, given, asked, expected] of rows)
    it(`of ${what} is ${expected.map(([why]) => why).join() || 'nothing'}`, () => {
      assert.deepEqual(whyOf(given, asked), expected);
    });

  it('is nothing that only a Deny names', () => {
    const denied = policy(rule(['read'], 'package:tax', 'deny'), rule(['read'], 'dagl'));
    assert.deepEqual(whyOf({ package: 'tax', endedAt: before }, {}, denied), []);
  });

  it('is each thing once, what stands first, and five at most', () => {
    const stands = mandate({ package: 'tax', suspendedAt: before });
    const ended = mandate({ package: 'tax', endedAt: before });
    assert.deepEqual(
      near([stands, ended]).map(({ mandate: one }) => one.id),
      [stands.id],
    );
    const crowd = Array.from({ length: 9 }, (_, index) =>
      mandate({
        package: 'tax',
        to: `t${index}`,
        ...(index === 8 ? { suspendedAt: before } : { endedAt: before }),
      }),
    );
    const found = near(crowd);
    assert.deepEqual([found.length, found[0]!.why], [5, 'suspended']);
  });
});
