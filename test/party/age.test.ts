// When somebody reaches an age: at midnight in Oslo, in summer and in winter.
import assert from 'node:assert/strict';
import { isUnder, reaches } from '../../server/party/age_model.ts';

describe('an age', () => {
  it('is reached at midnight in Oslo', () => {
    const rows = [
      ['2008-01-15', 18, '2026-01-14T23:00:00.000Z'],
      ['2008-07-15', 18, '2026-07-14T22:00:00.000Z'],
      ['2008-02-29', 18, '2026-02-27T23:00:00.000Z'],
      ['2008-02-29', 16, '2024-02-28T23:00:00.000Z'],
      // The last of March and of October 2026 have a change of the clock in them.
      ['2008-03-29', 18, '2026-03-28T23:00:00.000Z'],
      ['2008-03-30', 18, '2026-03-29T22:00:00.000Z'],
      ['2008-10-25', 18, '2026-10-24T22:00:00.000Z'],
      ['2008-10-26', 18, '2026-10-25T23:00:00.000Z'],
    ] as const;
    for (const [bornOn, age, instant] of rows)
      assert.equal(reaches(bornOn, age).toISOString(), instant, bornOn);
  });

  it('is not reached before that instant; without a birth date parents say so', () => {
    const midnight = new Date('2026-01-14T23:00:00Z');
    const known = { bornOn: '2008-01-15', parents: [] };
    assert.deepEqual(
      [isUnder(18, known, new Date(midnight.getTime() - 1)), isUnder(18, known, midnight)],
      [true, false],
    );
    assert.deepEqual(
      [
        isUnder(18, { bornOn: null, parents: ['p'] }, midnight),
        isUnder(18, { bornOn: null, parents: [] }, midnight),
      ],
      [true, false],
    );
  });
});
