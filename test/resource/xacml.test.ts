// Policies in XACML: taken in, given back, and refused where they are not what they seem.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { call, organizationToken, newOrganization, newPerson, newRole } from '../support/world.ts';
import { decide, newFirm } from '../support/rights/rights.ts';
import { COMBINING } from '../../server/resource/policy/model.ts';
import { REGISTRY, WRITE, rules, newId, register, publish } from '../support/rights/registry.ts';
const xml = { 'content-type': 'application/xml' };

const ROLE = 'urn:altinn:rolecode';
const SUBJECT = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
const EQUAL = 'urn:oasis:names:tc:xacml:1.0:function:string-equal';
const match = (
  attribute: string,
  value: string,
  category = SUBJECT,
  how = EQUAL,
  extra = 'MustBePresent="false"',
) =>
  `<x:Match MatchId="${how}"><x:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${value}</x:AttributeValue>` +
  `<x:AttributeDesignator AttributeId="${attribute}" Category="${category}" DataType="http://www.w3.org/2001/XMLSchema#string" ${extra}/></x:Match>`;
const RESOURCE = 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource';
const ACTION = 'urn:oasis:names:tc:xacml:3.0:attribute-category:action';
const ACTION_ID = 'urn:oasis:names:tc:xacml:1.0:action:action-id';
const anyOf = (...alternatives: string[]) =>
  `<x:AnyOf>${alternatives.map((one) => `<x:AllOf>${one}</x:AllOf>`).join('')}</x:AnyOf>`;
const rule = (id: string, effect: string, ...target: string[]) =>
  `<x:Rule RuleId="${id}" Effect="${effect}"><x:Target>${target.join('')}</x:Target></x:Rule>`;
const DENY_OVERRIDES = 'urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides';
const policy = (content: string, algorithm = DENY_OVERRIDES) =>
  `<?xml version="1.0"?><x:Policy xmlns:x="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" RuleCombiningAlgId="${algorithm}">${content}</x:Policy>`;
const act = (name: string) => match(ACTION_ID, name, ACTION);

describe('a policy in XACML', () => {
  it('takes XACML in: targets, obligations, and every combining algorithm', async () => {
    const [owner, { firm, boss }, auditor] = [
      await newOrganization(),
      await newFirm(),
      await newOrganization(),
    ];
    await newRole('revi', firm, auditor);
    const id = newId();
    await register(owner, id);
    const obligations =
      '<x:ObligationExpressions><x:ObligationExpression ObligationId="o" FulfillOn="Permit"><x:AttributeAssignmentExpression AttributeId="a" Category="urn:altinn:minimum-authenticationlevel">' +
      '<x:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#integer">3</x:AttributeValue></x:AttributeAssignmentExpression></x:ObligationExpression></x:ObligationExpressions>';
    const permit = rule(
      '1',
      'Permit',
      anyOf(match(ROLE, 'DAGL'), match(ROLE, 'revi')),
      anyOf(match('urn:altinn:resource', id, RESOURCE)),
      anyOf(act('read'), act('write')),
    );
    const deny = rule(
      '2',
      'Deny',
      anyOf(match('urn:altinn:external-role:ccr', 'revisor')),
      anyOf(act('write')),
    );
    const taken = await publish(
      owner,
      id,
      policy(`<x:Description>d</x:Description><x:Target/>${permit}${deny}${obligations}`),
      xml,
    );
    assert.equal(taken.status, 201, taken.text);
    assert.deepEqual(taken.body.actions, ['read', 'write']);
    const both = async () => [
      await decide(boss, 'write', id, firm),
      await decide(auditor, 'read', id, firm),
      await decide(auditor, 'write', id, firm),
    ];
    assert.deepEqual(await both(), ['Permit', 'Permit', 'Deny']);
    const expected: Record<string, string[]> = {
      'permit-overrides': ['Permit', 'Permit', 'Permit'],
      'deny-unless-permit': ['Permit', 'Permit', 'Permit'],
      'permit-unless-deny': ['Permit', 'Permit', 'Deny'],
      'first-applicable': ['Permit', 'Permit', 'Permit'],
      'ordered-deny-overrides': ['Permit', 'Permit', 'Deny'],
    };
    for (const [algorithm, answers] of Object.entries(expected)) {
      const kind =
        algorithm === 'first-applicable'
          ? 'urn:oasis:names:tc:xacml:1.0'
          : 'urn:oasis:names:tc:xacml:3.0';
      await publish(
        owner,
        id,
        policy(
          `${permit}${deny}`,
          `${kind}:${algorithm === 'ordered-deny-overrides' ? 'policy' : 'rule'}-combining-algorithm:${algorithm}`,
        ),
        xml,
      );
      assert.deepEqual(await both(), answers, algorithm);
    }
  });

  it('takes AND and OR of XACML for what they are', async () => {
    const [owner, { firm, boss }] = [await newOrganization(), await newFirm()];
    const id = newId();
    await register(owner, id);
    const decisions = async (target: string) => {
      const answer = await publish(
        owner,
        id,
        policy(rule('1', 'Permit', target, anyOf(act('read')))),
        xml,
      );
      assert.equal(answer.status, 201, answer.text);
      return decide(boss, 'read', id, firm);
    };
    const [mine, not] = [match(ROLE, 'dagl'), match(ROLE, 'lede')];
    assert.equal(await decisions(anyOf(mine, not)), 'Permit');
    assert.equal(await decisions(anyOf(mine + not)), 'NotApplicable');
    assert.equal(await decisions(anyOf(mine) + anyOf(not)), 'NotApplicable');
    assert.equal(await decisions(anyOf(mine) + anyOf(not, mine)), 'Permit');
    assert.equal(await decisions(anyOf(mine + match('task', '1', RESOURCE), not)), 'NotApplicable');
    assert.equal(await decisions(''), 'Permit');
    // No request has both actions: nothing is left that could let somebody in.
    const never = anyOf(act('read')) + anyOf(act('write')) + anyOf(mine);
    const content = policy(rule('1', 'Permit', never));
    const refused = await publish(owner, id, content, xml);
    assert.match(refused.body.faults.join(), /no rule and lets nobody in/);
    const path = `${REGISTRY}/resource/${id}/policy?closed=true`;
    const token = await organizationToken(owner, WRITE);
    assert.equal((await call('POST', path, token, content, xml)).status, 201);
    assert.equal(await decide(boss, 'read', id, firm), 'NotApplicable');
  });

  const OUTSIDE: [string, string | ((id: string) => string), RegExp][] = [
    ['no XML', 'hello', /not XML|root/],
    ['broken XML', '<x:Policy', /not XML/],
    [
      'a document type',
      `<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]>${policy('')}`,
      /document type/,
    ],
    [
      'another namespace',
      '<Policy xmlns="urn:oasis:names:tc:xacml:2.0:policy:schema:os"/>',
      /XACML 3\.0/,
    ],
    ['a policy set', policy('').replaceAll('x:Policy', 'x:PolicySet'), /root must be a Policy/],
    ['an unknown algorithm', policy('', 'urn:example:maybe'), /combining algorithm/],
    [
      'a condition',
      policy(rule('1', 'Permit').replace('</x:Rule>', '<x:Condition/></x:Rule>')),
      /Condition is not supported/,
    ],
    [
      'variables',
      policy('<x:VariableDefinition VariableId="v"/>'),
      /VariableDefinition is not supported/,
    ],
    [
      'an attribute selector',
      policy(
        rule(
          '1',
          'Permit',
          anyOf(
            '<x:Match MatchId="f"><x:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">a</x:AttributeValue><x:AttributeSelector/></x:Match>',
          ),
        ),
      ),
      /AttributeSelector is not supported/,
    ],
    [
      'an unknown function',
      policy(
        rule(
          '1',
          'Permit',
          anyOf(
            match(ROLE, 'dagl', SUBJECT, 'urn:oasis:names:tc:xacml:1.0:function:string-less-than'),
          ),
        ),
      ),
      /function .*less-than is not supported/,
    ],
    [
      'an unknown category',
      policy(rule('1', 'Permit', anyOf(match(ROLE, 'dagl', 'urn:example:category')))),
      /category/,
    ],
    [
      'a pattern for a subject',
      policy(
        rule(
          '1',
          'Permit',
          anyOf(
            match(ROLE, '.*', SUBJECT, 'urn:oasis:names:tc:xacml:1.0:function:string-regexp-match'),
          ),
        ),
      ),
      /pattern/,
    ],
    [
      'an issuer',
      policy(
        rule(
          '1',
          'Permit',
          anyOf(match(ROLE, 'dagl', SUBJECT, EQUAL, 'MustBePresent="false" Issuer="me"')),
        ),
      ),
      /Issuer/,
    ],
    [
      'an unknown obligation',
      policy(
        '<x:ObligationExpressions><x:ObligationExpression ObligationId="o" FulfillOn="Permit"><x:AttributeAssignmentExpression AttributeId="a" Category="urn:example"><x:AttributeValue DataType="i">3</x:AttributeValue></x:AttributeAssignmentExpression></x:ObligationExpression></x:ObligationExpressions>',
      ),
      /security level/,
    ],
    [
      'an obligation on Deny',
      policy(
        '<x:ObligationExpressions><x:ObligationExpression ObligationId="o" FulfillOn="Deny"/></x:ObligationExpressions>',
      ),
      /on Permit only/,
    ],
    [
      'an obligation of a rule',
      policy(rule('1', 'Permit').replace('</x:Rule>', '<x:ObligationExpressions/></x:Rule>')),
      /only the obligation urn:tillit:obligation:together is supported in a rule/,
    ],
    [
      'another resource',
      policy(rule('1', 'Permit', anyOf(match('urn:altinn:resource', 'another', RESOURCE)))),
      /about the resource another/,
    ],
    [
      'an unknown role',
      policy(rule('1', 'Permit', anyOf(match(ROLE, 'konge')), anyOf(act('read')))),
      /role .*konge is not known/,
    ],
    [
      'a person by number',
      policy(rule('1', 'Permit', anyOf(match('urn:altinn:person:identifier-no', '14838412026')))),
      /name the party's UUID/,
    ],
    ['an effect that is none', policy(rule('1', 'Perhaps')), /Effect/],
    ['an empty AnyOf', policy(rule('1', 'Permit', '<x:AnyOf/>')), /empty/],
    [
      'a Deny rule that needs what may be missing',
      policy(rule('1', 'Deny', anyOf(match(ROLE, 'dagl', SUBJECT, EQUAL, 'MustBePresent="true"')))),
      /MustBePresent/,
    ],
    [
      'too many combinations',
      policy(
        rule('1', 'Permit', ...Array.from({ length: 14 }, () => anyOf(act('read'), act('write')))),
      ),
      /50,000 combinations/,
    ],
  ];
  for (const [name, text, why] of OUTSIDE) {
    it(`refuses XACML with ${name}, and keeps the policy that is there`, async () => {
      const [owner, { firm, boss }] = [await newOrganization(), await newFirm()];
      const id = newId();
      await register(owner, id, rules({ action: 'read', subjects: ['dagl'] }));
      const answer = await publish(owner, id, typeof text === 'string' ? text : text(id), xml);
      assert.deepEqual([answer.status, answer.body.code], [400, 'TIL-00031'], answer.text);
      assert.match(answer.body.faults.join('; '), why);
      assert.equal(await decide(boss, 'read', id, firm), 'Permit');
    });
  }

  it('gives XACML back that means the same', async () => {
    const owner = await newOrganization();
    const { firm, boss } = await newFirm();
    const [human, unknown] = [await newPerson(), await newPerson()];
    const subject = fc.constantFrom(
      'privatperson',
      'keyrole',
      'dagl',
      'revi',
      'package:merverdiavgift',
      'partytype:person',
    );
    const written = fc.record({
      effect: fc.constantFrom('permit', 'deny'),
      actions: fc.subarray(['read', 'write'], { minLength: 1 }),
      subjects: fc.uniqueArray(subject, { minLength: 1, maxLength: 3 }),
      when: fc.constantFrom([], [{ category: 'resource', name: 'task', values: ['1', '2'] }]),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(written, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...COMBINING),
        async (list, combining) => {
          const id = newId();
          await register(owner, id, { rules: list, combining });
          const questions: [{ id: string }, string, { id: string }][] = [
            [boss, 'read', firm],
            [boss, 'write', firm],
            [human, 'read', human],
            [unknown, 'write', firm],
          ];
          const answers = () =>
            Promise.all(
              questions.flatMap(([who, action, from]) => [
                decide(who, action, id, from),
                decide(who, action, id, from, [{ AttributeId: 'task', Value: '2' }]),
              ]),
            );
          const before = await answers();
          const printed = await call(
            'GET',
            `${REGISTRY}/resource/${id}/policy`,
            undefined,
            undefined,
            { accept: 'application/xml' },
          );
          assert.match(printed.headers.get('content-type')!, /xml/);
          const again = await publish(owner, id, printed.text, xml);
          assert.equal(again.status, 201, again.text + printed.text);
          assert.deepEqual(await answers(), before, printed.text);
        },
      ),
      { numRuns: 12 },
    );
  });
});
