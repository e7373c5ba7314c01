// What carries a decision, and how it is said in XACML.
import assert from 'node:assert/strict';
import { decide } from '../../../server/decision/rules/model.ts';
import { disclosed } from '../../../server/decision/rules/disclosure_model.ts';
import type { Entity } from '../../../server/decision/xacml/entity_model.ts';
import { told as result } from '../../../server/decision/xacml/result_model.ts';
import { Catalogue } from '../../../server/resource/catalogue/model.ts';
import type { Rule } from '../../../server/resource/policy/model.ts';
import {
  name,
  role,
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
} from '../../support/rights/facts.ts';

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
  const told = (row: Row, echo: Entity[] = [], wantsIds = false) =>
    result(found(row), echo, 'why', wantsIds);
  const permit: Row = { rules: [self] };
  const refused: Row = { rules: [self], from: 'f', fromKind: 'person' };

  it('has obligations where levels are asked for and it permits, else null', () => {
    const ids = (row: Row) => told(row).obligations?.map((one) => one.id.slice(-1));
    assert.deepEqual(ids({ ...permit, minimum: 3, level: 4 }), ['1', '2']);
    assert.equal(told(permit).obligations, null);
    assert.equal(told({ ...refused, minimum: 3 }).obligations, null);
    const ofPerson = found({ ...permit, level: 4 });
    ofPerson.policy.minimumLevel = { person: 3, organization: 0 };
    assert.equal(result(ofPerson, [], null, false).obligations?.length, 1);
    ofPerson.policy.minimumLevel = { person: 0, organization: 3 };
    assert.equal(result(ofPerson, [], null, false).obligations?.length, 1);
  });

  it('names the policy on request, and none where there is no resource', () => {
    assert.equal(told(permit).policyIdentifierList, null);
    assert.equal(told(permit, [], true).policyIdentifierList?.policyIdReference.length, 1);
    const without = { ...found(permit), resource: undefined, policy: undefined };
    const answer = result(without, [], null, true);
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
      category?.map((one) => one.attribute.map(({ value }) => value)),
      [['x', ['x', 'y']]],
    );
  });
});
