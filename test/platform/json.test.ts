// JSON read by pieces: the same value, and the same faults, as when it is read at once.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Fault } from '../../server/platform/errors.ts';
import { parseJson } from '../../server/platform/http/json.ts';

const parsed = (text: string) => parseJson(Buffer.from(text));
/** The code it is refused with, or undefined. */
const refusal = async (text: string) =>
  parsed(text).then(
    () => undefined,
    (cause: Fault) => cause.code,
  );
const long = 'x'.repeat(20_000);
const storable = fc
  .string({ unit: 'binary' })
  .filter((text) => !text.includes('\0') && text.isWellFormed());
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(long, null, true, 1e300, -0.5, `${long}"\\`, '},],"'),
    storable,
    fc.array(tie('any'), { maxLength: 6 }),
    fc.dictionary(fc.oneof(storable, fc.constant('__proto__'), fc.constant('1')), tie('any'), {
      maxKeys: 6,
    }),
  ),
})).any;
const spaced = (text: string) => text.replaceAll(/([[\]{},:])(?=["[{\d])/g, ' $1\n\t');

describe('JSON of others', () => {
  it('is what JSON.parse makes of it, however long and however nested', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (all, isSpaced) => {
          const plain = JSON.stringify({ all, again: all });
          const text = isSpaced && !plain.includes('\\') ? spaced(plain) : plain;
          assert.deepEqual(await parsed(text), JSON.parse(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is what JSON.parse makes of one long text, wherever it is cut between escapes', async () => {
    const unit = fc.constantFrom(
      ...[
        '\\u0001',
        '\\ud83d\\ude00',
        '\\\\',
        '\\"',
        '\\n',
        'x',
        '\u{1f600}',
        '\\\\u0041',
        'ud83d',
      ],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit, { minLength: 1, maxLength: 12 }),
        fc.nat(40),
        fc.boolean(),
        async (units, shift, isName) => {
          const piece = units.join('');
          const inside = 'y'.repeat(shift) + piece.repeat(Math.ceil(100_000 / piece.length));
          const text = isName ? `{"a":1,"${inside}":"${inside}"}` : `"${inside}"`;
          assert.deepEqual(await parsed(text), JSON.parse(text));
          const half = `${inside.slice(0, shift)}\\ud83d${inside.slice(shift)}`;
          if (!inside.slice(shift).startsWith('\\ude00'))
            assert.equal(await refusal(`["${half}"]`), 'TIL-00014');
          assert.equal(await refusal(`["${inside}\u0001"]`), 'TIL-00001', 'a control character');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is refused where JSON.parse refuses it, wherever it is cut, doubled or swapped', async () => {
    const text = JSON.stringify({ a: [long, { b: long, c: [1, 2, long] }], d: long });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('', ',', ']', '}', '[', '{', '"', ':', ',,', '\\', '\u00a0', '0'),
        async (at, put) => {
          const broken = text.slice(0, at) + put + text.slice(at + 1);
          let expected: unknown;
          try {
            expected = JSON.parse(broken);
          } catch {
            assert.equal(await refusal(broken), 'TIL-00001', broken.slice(at - 10, at + 10));
            return;
          }
          assert.deepEqual(await parsed(broken), expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  for (const [what, text] of [
    ['a comma too many at the end', `["${long}","${long}",]`],
    ['a comma too many in between', `["${long}",,"${long}"]`],
    ['a comma too many in the beginning', `[,"${long}","${long}"]`],
    ['a name without a colon', `{"a" "${long}${long}"}`],
    ['no name', `{"${long}${long}"}`],
    ['a name that is none', `{a:"${long}${long}"}`],
    ['the wrong end', `["${long}","${long}"}`],
    ['two values', `["${long}"],["${long}"]`],
    ['an end too many', `{"a":["${long}"]],"b":["${long}"]}`],
    ['no end', `["${long}","${long}`],
    ['an object of numbers', `{"a":1,2,"b":"${long}${long}"}`],
    ['a no-break space', `["${long}","${long}"]\u00a0`],
    ['nothing at all', ''],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      assert.equal(await refusal(text), 'TIL-00001');
    });
  }

  it("keeps a name that is nobody else's as the object's own", async () => {
    const told = (await parsed(`{"__proto__":{"a":"${long}${long}"},"b":"${long}"}`)) as object;
    assert.deepEqual(Object.keys(told), ['__proto__', 'b']);
    assert.equal(Object.getPrototypeOf(told), Object.prototype);
  });

  it('is refused with more than 20,000 members in one place, before anything is made of it', async () => {
    const many = (count: number) =>
      `{${Array.from({ length: count }, (_, n) => `"k${n}":1`).join()}}`;
    assert.equal(await refusal(many(20_000)), undefined);
    assert.equal(await refusal(many(20_001)), 'TIL-00014');
    assert.equal(await refusal(many(500_000)), 'TIL-00014');
    assert.equal(await refusal(`[${'0,'.repeat(20_000)}0]`), 'TIL-00014');
  });

  it('is refused deeper than 32, and with NUL or half a pair, also far inside', async () => {
    assert.equal(await refusal('['.repeat(32) + ']'.repeat(32)), undefined);
    assert.equal(await refusal('['.repeat(33) + ']'.repeat(33)), 'TIL-00014');
    for (const bad of ['\\u0000', '\\ud800', '\\udc00\\ud800']) {
      assert.equal(await refusal(`{"a":["${long}","${long}","${bad}"]}`), 'TIL-00014');
    }
    assert.equal(
      await refusal(`{"a":["${long}","${long}","\\\\u0000 \\ud83d\\ude00"]}`),
      undefined,
    );
  });

  it('lets others in between while it is read', async () => {
    const text = `[${Array.from({ length: 15_000 }, (_, n) => `{"a${n}":{"b${n}":"${'x'.repeat(400)}"}}`).join()}]`;
    let turns = 0;
    let isRead = false;
    const count = () => {
      turns += 1;
      if (!isRead) setImmediate(count);
    };
    setImmediate(count);
    await parsed(text);
    isRead = true;
    assert.ok(turns > 2, String(turns));
  });
});
