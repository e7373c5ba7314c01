// Laws of the pure decision, for all facts: monotone, free of order, and nothing without a carrier.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Rule } from '../../../server/resource/policy/model.ts';
import { rule, grain, mandate, right, ask, self, dagl } from '../../support/rights/facts.ts';

describe('the decision', () => {
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
