// Policies by themselves: what their conditions say, what is indexed of them, what a pattern may
// be, and what of XACML's targets is taken in, joined, or refused by name.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isFound, patternFault, createEffort } from '../../server/resource/policy/pattern_model.ts';
import { conditionsHold } from '../../server/resource/policy/condition_model.ts';
import {
  ACTION_ID,
  actionsOf,
  indexOf,
  isInstanceName,
  type Condition,
  type Policy,
  type Rule,
} from '../../server/resource/policy/model.ts';
import { readXacml, XacmlFault } from '../../server/resource/policy/xacml_model.ts';

const FUNCTION = 'urn:oasis:names:tc:xacml:1.0:function:';
const CATEGORY = 'urn:oasis:names:tc:xacml:3.0:attribute-category:';
const SUBJECT = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
const ROLE = 'urn:altinn:rolecode';
const RESOURCE = 'urn:altinn:resource';

interface Asked {
  category?: string;
  attribute?: string;
  value?: string;
  how?: string;
  must?: boolean;
  /** Instead of value and designator. */
  inside?: string;
}
const value = (text: string) =>
  `<AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${text}</AttributeValue>`;
const designator = (category: string, attribute: string, must = false) =>
  `<AttributeDesignator Category="${category}" AttributeId="${attribute}" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="${must}"/>`;
const match = ({
  category = SUBJECT,
  attribute = ROLE,
  value: text = 'dagl',
  how = 'string-equal',
  must = false,
  inside,
}: Asked = {}) =>
  `<Match MatchId="${how.startsWith('urn:') || how === 'toString' ? how : FUNCTION + how}">${inside ?? value(text) + designator(category, attribute, must)}</Match>`;
const role = (code = 'dagl') => match({ value: code });
const action = (name: string, changes: Asked = {}) =>
  match({ category: `${CATEGORY}action`, attribute: ACTION_ID, value: name, ...changes });
const about = (name: string) =>
  match({ category: `${CATEGORY}resource`, attribute: RESOURCE, value: name });
/** A rule of these AnyOf, each of AllOf, each of matches. */
const rule = (anyOfs: string[][], effect = 'Permit') =>
  `<Rule RuleId="r" Effect="${effect}"><Target>${anyOfs
    .map((anyOf) => `<AnyOf>${anyOf.map((all) => `<AllOf>${all}</AllOf>`).join('')}</AnyOf>`)
    .join('')}</Target></Rule>`;
const policy = (rules: string, algorithm = 'deny-overrides', more = '') =>
  `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:${algorithm}"><Target/>${rules}${more}</Policy>`;
const read = (xml: string) => readXacml(xml, 'skatt', () => undefined);
const rulesOf = async (anyOfs: string[][], effect?: string, algorithm?: string) =>
  (await read(policy(rule(anyOfs, effect), algorithm))).rules;
const refused = (anyOfs: string[][], why: RegExp, effect?: string, algorithm?: string) =>
  assert.rejects(rulesOf(anyOfs, effect, algorithm), (error: Error) => {
    assert.ok(error instanceof XacmlFault, String(error));
    assert.match(error.message, why);
    return true;
  });

describe('a condition', () => {
  const when = (changes: Partial<Condition>): Condition[] => [
    { category: 'subject', name: 'n', values: ['A'], match: 'equal', ...changes },
  ];

  it('on what nobody told does not hold, and one that must be told cannot be decided', () => {
    assert.equal(conditionsHold(when({}), {}), false);
    assert.equal(conditionsHold(when({ mustBePresent: true }), {}), undefined);
    assert.equal(conditionsHold(when({ name: 'constructor' }), { subject: {} }), false);
  });

  it('without case is equal but for case, and no more', () => {
    const told = (given: string) =>
      conditionsHold(when({ match: 'equal_ignore_case' }), { subject: { n: [given] } });
    assert.deepEqual([told('a'), told('A'), told('b')], [true, true, false]);
  });
});

describe('what is known of a policy', () => {
  const rules: Rule[] = [
    {
      id: 'p',
      effect: 'permit',
      actions: ['read'],
      subjects: [[{ kind: 'role', value: 'dagl' }]],
      when: [],
    },
    {
      id: 'd',
      effect: 'deny',
      actions: ['write'],
      subjects: [[{ kind: 'role', value: 'regn' }]],
      when: [],
    },
  ];
  const known: Policy = {
    combining: 'deny-overrides',
    minimumLevel: { person: 0, organization: 0 },
    rules,
  };

  it('is what it permits: a Deny offers nothing', () => {
    assert.deepEqual(actionsOf(known), ['read']);
    assert.deepEqual(indexOf(known), [{ action: 'read', kind: 'role', subject: 'dagl' }]);
  });

  it('of a permit for every action is whatever a rule names, and without subjects everybody', () => {
    const open: Policy = {
      ...known,
      rules: [{ id: 'all', effect: 'permit', actions: [], subjects: [], when: [] }, rules[1]!],
    };
    assert.deepEqual(actionsOf(open), ['write']);
    assert.deepEqual(indexOf(open), [{ action: '*', kind: 'any', subject: '' }]);
  });
});

describe('the name of an instance', () => {
  it('has at most 300 visible characters', () => {
    assert.deepEqual(
      [isInstanceName('a'.repeat(300)), isInstanceName('a'.repeat(301)), isInstanceName('a b')],
      [true, false, false],
    );
  });
});

describe('a pattern', () => {
  // What has been compiled is remembered: each run has patterns of its own.
  const anew = () => randomUUID().slice(0, 8);

  it('is at most 200 characters, small when it is spelt out, and of RE2', () => {
    const own = anew();
    assert.equal(patternFault(`^${own}[0-9]+$`), undefined);
    assert.match(patternFault(own + 'a'.repeat(200)) ?? '', /longer than 200/);
    assert.match(patternFault(`${own}(a{30}){30}`) ?? '', /repeats too much/);
    assert.match(patternFault(`${own}(?=a)`) ?? '', /RE2/);
  });

  it('is found or not; what is no pattern, or too much to try, cannot be told', () => {
    const own = anew();
    const find = (text: string, given: string, effort = createEffort()) =>
      isFound(text, given, effort);
    assert.deepEqual([find(`^${own}`, `${own}x`), find(`^${own}x`, own)], [true, false]);
    assert.equal(find(`${own}(`, own), undefined);
    assert.equal(find(`${own}b`, 'a'.repeat(501)), undefined);
    assert.equal(find(`${own}c`, own, { steps: 3 }), undefined);
  });
});

describe('XACML', () => {
  it('that fails in reading for another reason is no fault of the policy', async () => {
    const stopped = () => Promise.reject(new Error('stopped'));
    await assert.rejects(readXacml(policy(rule([[role()]])), 'skatt', stopped), (error) => {
      assert.ok(!(error instanceof XacmlFault));
      return true;
    });
    await assert.rejects(read('<Policy'), XacmlFault);
  });

  it('has one value and one designator in a match', async () => {
    const [one, two] = [value('dagl'), designator(SUBJECT, ROLE)];
    for (const inside of [one, two, one + one + two, one + two + two, two + two])
      await refused([[match({ inside })]], /one AttributeValue and one AttributeDesignator/);
  });

  it('is refused for functions and categories that only look like ones', async () => {
    await refused([[match({ how: 'toString' })]], /the function toString is not supported/);
    await refused([[match({ category: 'constructor' })]], /the category constructor/);
    const level = (category: string) =>
      `<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Permit"><AttributeAssignmentExpression AttributeId="a" Category="${category}">${value('3')}</AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>`;
    await assert.rejects(
      read(policy(rule([[role()]]), 'deny-overrides', level('constructor'))),
      /security level/,
    );
    const taken = await read(
      policy(rule([[role()]]), 'deny-overrides', level('urn:altinn:minimum-authenticationlevel')),
    );
    assert.equal(taken.minimumLevel.person, 3);
  });

  it('keeps the id of a rule that is one with us, and numbers those that are several', async () => {
    assert.deepEqual(
      (await rulesOf([[role()], [action('read'), action('write')]])).map(({ id }) => id),
      ['r'],
    );
    const several = await rulesOf([
      [role('dagl') + action('read'), role('regn') + action('write')],
    ]);
    assert.deepEqual(
      several.map(({ id }) => id),
      ['r#1', 'r#2'],
    );
  });

  it('that lets every action in one of its alternatives lets every action', async () => {
    const [joined] = await rulesOf([[role() + action('read'), role()]]);
    assert.deepEqual(joined!.actions, []);
  });

  it('takes the action from actions alone, and the resource from resources alone', async () => {
    const elsewhere = (category: string, attribute: string) =>
      match({ category, attribute, value: 'x' });
    for (const [category, attribute] of [
      [`${CATEGORY}environment`, ACTION_ID],
      [`${CATEGORY}action`, 'urn:other:action'],
      [`${CATEGORY}environment`, RESOURCE],
    ] as const) {
      const [one] = await rulesOf([[role() + elsewhere(category, attribute)]]);
      assert.deepEqual(
        one!.when.map(({ name, values }) => [name, values]),
        [[attribute, ['x']]],
      );
      assert.deepEqual(one!.actions, []);
    }
  });

  it('may name its resource twice, and is nothing where it names two', async () => {
    assert.equal((await rulesOf([[role() + about('skatt') + about('skatt')]])).length, 1);
    assert.deepEqual(await rulesOf([[role() + about('skatt') + about('annet')]]), []);
    await refused([[role() + about('annet')]], /it is about the resource annet/);
  });

  it('may hold signs of patterns where nothing is a pattern', async () => {
    const odd = match({ category: `${CATEGORY}resource`, attribute: 'urn:x', value: '(' });
    assert.equal((await rulesOf([[role() + odd]]))[0]!.when.length, 1);
    const pattern = match({
      category: `${CATEGORY}resource`,
      attribute: 'urn:x',
      value: '(',
      how: 'string-regexp-match',
    });
    await refused([[role() + pattern]], /the pattern of urn:x/);
  });

  const must = match({ must: true });
  const told = match({ attribute: 'urn:other:claim', value: 'x', how: 'string-equal-ignore-case' });
  const loose = action('read', { how: 'string-equal-ignore-case' });
  const resource = match({
    category: `${CATEGORY}resource`,
    attribute: 'urn:x',
    how: 'string-equal-ignore-case',
  });
  const loosely = match({ how: 'string-equal-ignore-case' });
  const rows: [string, string, RegExp][] = [
    ['a subject that must be present', must, /MustBePresent of urn:altinn:rolecode/],
    ['a claim without case', told, /without case/],
    ['an action without case', loose + role(), /without case/],
  ];
  for (const [what, all, why] of rows)
    it(`takes ${what} in where it permits, and refuses it where a refusal could be lost`, async () => {
      assert.equal((await rulesOf([[all]])).length, 1);
      await refused([[all]], why, 'Deny');
      await refused([[all]], why, 'Permit', 'first-applicable');
    });

  it('takes in a Deny without case of what is compared without case anyway', async () => {
    for (const all of [loosely, role() + resource])
      assert.equal((await rulesOf([[all]], 'Deny')).length, 1);
  });

  it('with first-applicable has no condition that must be told', async () => {
    const condition = match({ category: `${CATEGORY}resource`, attribute: 'urn:x', must: true });
    assert.equal((await rulesOf([[role() + condition]])).length, 1);
    await refused([[role() + condition]], /first-applicable/, 'Permit', 'first-applicable');
  });
});
