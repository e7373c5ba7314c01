// The policy as one table: facts and questions, and the answer with its reason. And its laws, for all facts.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, type Facts, type Reason, type RoleFact, type Rule } from '../../server/decision/model.ts';

const now = new Date('2026-11-25T12:00:00Z');
const before = new Date('2026-01-01T00:00:00Z');
const later = new Date('2027-01-01T00:00:00Z');
const role = (code: string, changes: Partial<RoleFact> = {}): RoleFact => ({ code, keyRole: code === 'dagl', validFrom: before, validTo: null, endedAt: null, ...changes });
const self: Rule = { kind: 'self', subject: '' };
const named = (subject: string): Rule => ({ kind: 'role', subject });
const key: Rule = { kind: 'key_role', subject: '' };

interface Row { rules: Rule[]; subject?: string; from?: string; fromKind?: string; roles?: RoleFact[]; lists?: string[]; level?: number; minimum?: number; ended?: 'subject' | 'from' }

const facts = (row: Row): Facts => ({
  subject: { id: row.subject ?? 'x', kind: row.subject === 'org' ? 'organization' : 'person', ended: row.ended === 'subject' },
  from: { id: row.from ?? 'x', kind: row.fromKind ?? 'person', ended: row.ended === 'from' },
  roles: row.roles ?? [], lists: row.lists ?? [],
  resources: [{ id: 'r', rules: row.rules, minimumLevel: { person: row.minimum ?? 0, organization: row.minimum ?? 0 } }],
});
const ask = (row: Row) => decide({ subject: row.subject ?? 'x', from: row.from ?? 'x', action: 'consent', resources: ['r'], level: row.level ?? 4 }, facts(row), now);

const company = { from: 'f', fromKind: 'organization' };
const TABLE: [string, Row, boolean, Reason][] = [
  ['oneself',                                  { rules: [self] },                                                                 true,  'self'],
  ['somebody else',                            { rules: [self], from: 'f' },                                                      false, 'not_named'],
  ['an organisation for itself',               { rules: [self], subject: 'org', from: 'org' },                                    false, 'not_named'],
  ['a role that is named',                     { ...company, rules: [named('dagl')], roles: [role('dagl')] },                     true,  'role'],
  ['a role that is not named',                 { ...company, rules: [named('dagl')], roles: [role('medl')] },                     false, 'not_named'],
  ['a key role where one is asked for',        { ...company, rules: [key], roles: [role('dagl')] },                               true,  'role'],
  ['another role where a key role is asked',   { ...company, rules: [key], roles: [role('medl')] },                               false, 'not_named'],
  ['a role that begins later',                 { ...company, rules: [key], roles: [role('dagl', { validFrom: later })] },         false, 'not_named'],
  ['a role until this instant',                { ...company, rules: [key], roles: [role('dagl', { validTo: now })] },             false, 'not_named'],
  ['a role until later',                       { ...company, rules: [key], roles: [role('dagl', { validTo: later })] },           true,  'role'],
  ['a role that ended',                        { ...company, rules: [key], roles: [role('dagl', { endedAt: before })] },          false, 'not_named'],
  ['an access list',                           { rules: [{ kind: 'access_list', subject: 'l' }], lists: ['l'] },                  true,  'access_list'],
  ['another access list',                      { rules: [{ kind: 'access_list', subject: 'l' }], lists: ['m'] },                  false, 'not_named'],
  ['any organisation',                         { rules: [{ kind: 'organization', subject: '' }], subject: 'org', from: 'org' },   true,  'organization'],
  ['a person where organisations may',         { rules: [{ kind: 'organization', subject: '' }] },                                false, 'not_named'],
  ['no rule',                                  { rules: [] },                                                                     false, 'no_rule'],
  ['too low a level',                          { rules: [self], level: 3, minimum: 4 },                                           false, 'level'],
  ['the level that is needed',                 { rules: [self], level: 4, minimum: 4 },                                           true,  'self'],
  ['too low a level of one not named',         { rules: [self], from: 'f', level: 0, minimum: 4 },                                false, 'not_named'],
  ['a subject that has ended',                 { rules: [self], ended: 'subject' },                                               false, 'ended'],
  ['a giver that has ended',                   { ...company, rules: [key], roles: [role('dagl')], ended: 'from' },                false, 'ended'],
];

describe('the decision', () => {
  for (const [name, row, permit, reason] of TABLE) {
    it(`${permit ? 'permits' : 'denies'} ${name}: ${reason}`, () => {
      const { permit: given, reason: why } = ask(row);
      assert.deepEqual([given, why], [permit, reason]);
    });
  }

  it('denies unknown parties, unknown resources and none', () => {
    const known = facts({ rules: [self] });
    const question = { subject: 'x', from: 'x', action: 'consent', level: 4 };
    assert.equal(decide({ ...question, resources: ['r'] }, { ...known, subject: null }, now).reason, 'unknown_subject');
    assert.equal(decide({ ...question, resources: ['r'] }, { ...known, from: null }, now).reason, 'unknown_from');
    assert.equal(decide({ ...question, resources: ['r', 'q'] }, known, now).reason, 'unknown_resource');
    assert.equal(decide({ ...question, resources: [] }, known, now).reason, 'no_resource');
  });

  const rule = fc.constantFrom<Rule>(self, key, named('dagl'), named('medl'), { kind: 'access_list', subject: 'l' }, { kind: 'organization', subject: '' });
  const anyRow = fc.record({
    rules: fc.array(rule, { maxLength: 4 }), subject: fc.constantFrom('x', 'org'), from: fc.constantFrom('x', 'f', 'org'), fromKind: fc.constantFrom('person', 'organization'),
    roles: fc.array(fc.constantFrom(role('dagl'), role('medl'), role('dagl', { endedAt: before })), { maxLength: 3 }), lists: fc.subarray(['l', 'm']),
    level: fc.integer({ min: 0, max: 4 }), minimum: fc.integer({ min: 0, max: 4 }),
  });

  it('is monotone: another rule, role, list or level never takes away', () => {
    fc.assert(fc.property(anyRow, rule, (row, extra) => {
      if (!ask(row).permit) return;
      for (const more of [{ rules: [...row.rules, extra] }, { roles: [...row.roles, role('kont')] }, { lists: [...row.lists, 'n'] }, { level: 4 }]) assert.ok(ask({ ...row, ...more }).permit);
    }));
  });

  it('permits several resources only where it permits each', () => {
    fc.assert(fc.property(anyRow, anyRow, (row, second) => {
      const base = facts(row);
      const two = { ...base, resources: [base.resources[0]!, { ...facts({ ...second, rules: second.rules }).resources[0]!, id: 'q' }] };
      const question = { subject: row.subject, from: row.from, action: 'consent', level: row.level };
      const each = ['r', 'q'].every((id) => decide({ ...question, resources: [id] }, two, now).permit);
      assert.equal(decide({ ...question, resources: ['r', 'q'] }, two, now).permit, each);
    }));
  });
});
