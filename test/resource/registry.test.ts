// The resource registry: a stranger registers a resource and its rule, gives a right and sees the
// decision flip; XACML comes in and goes out, or is refused by name; access lists; feeds of
// changes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { organizationNumber } from '../support/numbers.ts';
import {
  call,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  type TestParty,
} from '../support/world.ts';
import { decide, end, evaluate, given, newFirm, question } from '../support/rights.ts';
import { COMBINING } from '../../server/resource/policy/model.ts';

const REGISTRY = '/resourceregistry/api/v1';
const WRITE = 'altinn:resourceregistry/resource.write';
const T = (nb: string) => ({ nb, nn: nb, en: nb });
const body = (owner: TestParty, identifier: string, changes: object = {}) => ({
  identifier,
  title: T('Prøvetjeneste'),
  description: T('x'),
  rightDescription: T('Lese og skrive.'),
  resourceType: 'GenericAccessResource',
  hasCompetentAuthority: { organization: owner.number, orgcode: 'x', name: T('Eier') },
  ...changes,
});
const rules = (...list: object[]) => ({ rules: list });
const newId = () => `t-${randomUUID()}`;
const register = async (
  owner: TestParty,
  identifier: string,
  changes: object = {},
  scope = WRITE,
) =>
  call(
    'POST',
    `${REGISTRY}/resource`,
    await organizationToken(owner, scope),
    body(owner, identifier, changes),
  );
const publish = async (
  owner: TestParty,
  identifier: string,
  policy: unknown,
  headers: Record<string, string> = {},
) =>
  call(
    'POST',
    `${REGISTRY}/resource/${identifier}/policy`,
    await organizationToken(owner, WRITE),
    policy,
    headers,
  );
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

describe('the resource registry', () => {
  it('tells the whole story: a resource, a rule, a right, permit, why, the end, and deny again', async () => {
    const [owner, { firm, boss }, clerk] = [
      await newOrganization(),
      await newFirm(),
      await newPerson(),
    ];
    const id = newId();
    const created = await register(owner, id);
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(
      [created.body.identifier, created.body.hasCompetentAuthority.organization],
      [id, owner.number],
    );
    const own = await organizationToken(owner, 'altinn:authorization/authorize');
    const ask = async () => (await evaluate(question(clerk, 'read', id, firm), own)).body;
    assert.deepEqual([(await ask()).decision, (await ask()).context.reason], [false, 'no_rule']);
    assert.equal(
      (await publish(owner, id, rules({ action: 'read', subjects: ['dagl'] }))).status,
      201,
    );
    assert.equal((await ask()).context.reason, 'not_named');
    const mandate = await given(boss, firm, clerk, { resource: id, actions: ['read'] });
    const permitted = await ask();
    assert.deepEqual(
      [permitted.decision, permitted.context.reason, permitted.context.mandates],
      [true, 'right', [mandate]],
    );
    await end(boss, mandate);
    assert.equal((await ask()).decision, false);
  });

  it("refuses what is not complete, another's resource, a name that is taken, and a scope that is not the caller's", async () => {
    const [owner, other] = [await newOrganization(), await newOrganization()];
    const id = newId();
    const faults = async (changes: object, pattern: RegExp) => {
      const answer = await register(owner, id, changes);
      assert.deepEqual([answer.status, answer.body.code], [400, 'TIL-00030'], answer.text);
      assert.match(answer.body.faults.join('; '), pattern);
    };
    await faults({ rightDescription: undefined }, /rightDescription is required/);
    const untitled = (await register(owner, id, { title: undefined })).body;
    assert.deepEqual(untitled.validationErrors[0].paths, ['/title']);
    await faults({ identifier: 'Ny.Tjeneste' }, /identifier/);
    const misspelt = (await register(owner, id, rules({ action: 'read', subject: 'dagl' }))).body;
    assert.deepEqual(
      [misspelt.validationErrors[0].code, misspelt.validationErrors[0].paths],
      ['TIL.VLD-00007', ['/rules/0/subject']],
    );
    await faults(rules({ action: 'read', subjects: ['konge'] }), /role konge is not known/);
    await faults(
      rules({ action: 'read', subjects: ['package:ingen'] }),
      /access package ingen is not known/,
    );
    await faults(rules({ subjects: ['dagl'] }), /names no action/);
    await faults(rules({ action: 'read' }), /names no subject/);
    await faults(
      rules({
        action: 'read',
        subjects: ['dagl'],
        when: [{ category: 'resource', name: 'a', values: ['(?=a)'], match: 'regexp' }],
      }),
      /not a regular expression of RE2's syntax/,
    );
    assert.equal((await register(owner, id)).status, 201);
    assert.equal((await register(owner, id)).body.code, 'TIL-00032');
    assert.equal(
      (
        await call(
          'PUT',
          `${REGISTRY}/resource/${id}`,
          await organizationToken(other, WRITE),
          body(owner, id),
        )
      ).status,
      403,
    );
    assert.equal(
      (await call('DELETE', `${REGISTRY}/resource/${id}`, await organizationToken(other, WRITE)))
        .status,
      403,
    );
    assert.equal(
      (await publish(other, id, rules({ action: 'read', subjects: ['dagl'] }))).status,
      403,
    );
    assert.equal(
      (await register(other, newId(), { hasCompetentAuthority: { organization: owner.number } }))
        .status,
      403,
    );
    assert.equal(
      (await register(owner, newId(), {}, 'altinn:resourceregistry/resource.read')).status,
      403,
    );
    assert.equal((await call('GET', `${REGISTRY}/resource/${newId()}`)).body.code, 'RR-00002');
    const schema = {
      resourceType: 'MaskinportenSchema',
      resourceReferences: [
        {
          referenceSource: 'ExternalPlatform',
          referenceType: 'MaskinportenScope',
          reference: 'other:scope',
        },
      ],
    };
    assert.deepEqual((await register(owner, newId(), schema)).body.forbiddenScopes, [
      'other:scope',
    ]);
    const prefixed = await outsideToken({
      scope: WRITE,
      consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${owner.number}` },
      consumer_prefix: ['other'],
    });
    assert.equal(
      (await call('POST', `${REGISTRY}/resource`, prefixed, body(owner, newId(), schema))).status,
      201,
    );
  });

  it('keeps the policy when a resource changes, replaces it when told to, and closes what is ended', async () => {
    const [owner, { firm, boss }] = [await newOrganization(), await newFirm()];
    const id = newId();
    await register(owner, id, rules({ action: 'read', subjects: ['dagl'] }));
    const token = await organizationToken(owner, WRITE);
    const put = async (changes: object) =>
      call('PUT', `${REGISTRY}/resource/${id}`, token, body(owner, id, changes));
    assert.equal((await put({ title: T('Nytt navn') })).body.title.nb, 'Nytt navn');
    assert.equal(await decide(boss, 'read', id, firm), 'Permit');
    await put(rules({ action: 'read', subjects: ['lede'] }));
    assert.equal(await decide(boss, 'read', id, firm), 'NotApplicable');
    await put(rules({ action: 'read', subjects: ['dagl'] }));
    assert.equal((await call('DELETE', `${REGISTRY}/resource/${id}`, token)).status, 204);
    assert.equal(await decide(boss, 'read', id, firm), 'Indeterminate');
  });

  it('tells a policy as subjects, rules and rights, and what a subject opens', async () => {
    const owner = await newOrganization();
    const id = newId();
    await register(
      owner,
      id,
      rules({ actions: ['read', 'write'], subjects: ['dagl', 'package:merverdiavgift'] }),
    );
    const get = async (path: string) =>
      (
        await call(
          'GET',
          `${path.startsWith('/') ? path : `${REGISTRY}/resource/${id}/policy/${path}`}`,
        )
      ).body;
    assert.deepEqual(
      (await get('subjects')).data.map((one: any) => one.urn),
      ['urn:altinn:rolecode:dagl', 'urn:altinn:accesspackage:merverdiavgift'],
    );
    assert.equal((await get('rules')).length, 4);
    const rights = await get('rights');
    assert.deepEqual(
      rights.map((right: any) => right.action.value),
      ['read', 'write'],
    );
    assert.match(rights[0].rightKey, /^01[0-9a-f]{64}$/);
    assert.equal(
      (await get(`/resourceregistry/api/v2/resource/${id}/policy/rights`))[0].key,
      rights[0].rightKey,
    );
    const opened = await call('POST', `${REGISTRY}/resource/bysubjects`, undefined, [
      'urn:altinn:rolecode:DAGL',
      'urn:altinn:accesspackage:none',
    ]);
    assert.ok(opened.body.data[0].resources.some((one: any) => one.value === id));
    assert.deepEqual(opened.body.data[1].resources, []);
    const often = await call('POST', `${REGISTRY}/resource/bysubjects`, undefined, [
      ...Array.from({ length: 998 }, () => 'urn:altinn:rolecode:dagl'),
      'urn:altinn:rolecode:DAGL',
      'urn:altinn:accesspackage:none',
    ]);
    assert.deepEqual(
      often.body.data.map(({ subject }: { subject: string }) => subject),
      ['urn:altinn:rolecode:dagl', 'urn:altinn:accesspackage:none'],
      'each once',
    );
    assert.equal(
      (await call('POST', `${REGISTRY}/resource/bysubjects`, undefined, { a: 1 })).status,
      400,
    );
  });

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
    assert.equal(
      await decisions(anyOf(act('read')) + anyOf(act('write')) + anyOf(mine)),
      'NotApplicable',
    );
    assert.equal(await decisions(''), 'Permit');
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
      /ObligationExpressions is not supported/,
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

  it('feeds what changed, each resource once, without loss over pages', async () => {
    const owner = await newOrganization();
    const since = new Date().toISOString();
    const ids = [newId(), newId(), newId()];
    for (const id of ids) await register(owner, id, rules({ action: 'read', subjects: ['dagl'] }));
    await publish(owner, ids[0]!, rules({ action: 'read', subjects: ['lede'] }));
    const seen: string[] = [];
    let next: string | null = `${REGISTRY}/resource/changes?limit=2`;
    while (next) {
      const page = await call('GET', next);
      seen.push(...page.body.data.map((one: any) => one.resourceId));
      next = page.body.links.next;
    }
    assert.deepEqual(
      seen.filter((id) => ids.includes(id)),
      [ids[1], ids[2], ids[0]],
    );
    const updated: string[] = [];
    next = `${REGISTRY}/resource/updated?limit=1&since=${encodeURIComponent(since)}`;
    while (next) {
      const page = await call('GET', next);
      updated.push(...page.body.data.map((one: any) => `${one.subjectUrn} ${one.resourceUrn}`));
      next = page.body.links.next;
    }
    for (const id of ids) assert.equal(updated.filter((line) => line.endsWith(id)).length, 1);
    assert.equal(
      (await call('GET', `${REGISTRY}/resource/updated?limit=0`)).body.validationErrors[0].code,
      'RR.VLD-00008',
    );
    assert.equal(
      (await call('GET', `${REGISTRY}/resource/changes?token=x`)).body.validationErrors[0].code,
      'RR.VLD-00009',
    );
  });

  it("keeps access lists: members, resources, versions, and their owner's alone", async () => {
    const [owner, other, member, { firm, boss }] = [
      await newOrganization(),
      await newOrganization(),
      await newOrganization(),
      await newFirm(),
    ];
    const id = newId();
    await register(owner, id, {
      accessListMode: 'Enabled',
      ...rules({ actions: ['read', 'write'], subjects: ['dagl'] }),
    });
    const list = `${REGISTRY}/access-lists/${owner.number}/prove-${owner.number}`;
    const token = await organizationToken(owner, 'altinn:resourceregistry/accesslist.write');
    const send = (
      method: string,
      path: string,
      content?: unknown,
      headers?: Record<string, string>,
    ) => call(method, list + path, token, content, headers);
    assert.equal(await decide(boss, 'read', id, firm), 'Deny');
    assert.equal((await send('GET', '')).body.code, 'TIL-00033');
    const made = await send('PUT', '', { name: 'Prøveliste' });
    assert.equal(made.status, 201, made.text);
    const connect = async (content?: object) =>
      (await send('PUT', `/resource-connections/${id}`, content)).status;
    assert.deepEqual([await connect({ actionFilters: null }), await connect()], [400, 415]);
    assert.equal(await connect({ actionFilters: ['read'] }), 200);
    assert.equal(
      (
        await send('POST', '/members', {
          data: [`urn:altinn:organization:identifier-no:${firm.number}`, member.urn],
        })
      ).body.data.length,
      2,
    );
    assert.deepEqual(
      [await decide(boss, 'read', id, firm), await decide(boss, 'write', id, firm)],
      ['Permit', 'Deny'],
    );
    assert.equal(
      (await send('PUT', '', { name: 'Nytt' }, { 'if-match': made.headers.get('etag')! })).body
        .code,
      'TIL-00034',
    );
    assert.equal(
      (
        await send(
          'PUT',
          '',
          { name: 'Nytt' },
          { 'if-match': (await send('GET', '')).headers.get('etag')! },
        )
      ).status,
      200,
    );
    const memberships = await call(
      'GET',
      `${REGISTRY}/access-lists/memberships?party=${firm.urn}&resource=urn:altinn:resource:${id}`,
      token,
    );
    assert.deepEqual(memberships.body.data[0].actionFilters, ['read']);
    assert.equal(
      (await call('GET', `${REGISTRY}/access-lists/get-by-member?party=${firm.urn}`, token)).body
        .data.length,
      1,
    );
    await send('DELETE', '/members', { data: [firm.urn] });
    assert.equal(await decide(boss, 'read', id, firm), 'Deny');
    assert.equal(
      (await send('POST', '/members', { data: [(await newPerson()).urn] })).body.validationErrors[0]
        .code,
      'RR.VLD-00004',
    );
    assert.equal(
      (await send('POST', '/members', { data: [] })).body.validationErrors[0].code,
      'RR.VLD-00003',
    );
    assert.equal(
      (await send('POST', '/members', { data: Array.from({ length: 101 }, () => member.urn) })).body
        .validationErrors[0].code,
      'RR.VLD-00000',
    );
    assert.equal((await send('PUT', '/resource-connections/inntekt', {})).body.code, 'RR-00004');
    assert.equal(
      (
        await call(
          'PUT',
          list,
          await organizationToken(other, 'altinn:resourceregistry/accesslist.write'),
          { name: 'Mitt' },
        )
      ).status,
      403,
    );
    assert.equal(
      (
        await call(
          'PUT',
          list
            .replace(owner.number, other.number)
            .replace(`prove-${other.number}`, `prove-${owner.number}`),
          await organizationToken(other, 'altinn:resourceregistry/accesslist.write'),
          { name: 'Mitt' },
        )
      ).status,
      201,
      "another owner's list of the same name is another list",
    );
    assert.equal((await send('GET', '')).body.name, 'Nytt');
    const nobody = await call(
      'PUT',
      `${REGISTRY}/access-lists/${organizationNumber()}/x1`,
      await organizationToken(owner, 'altinn:resourceregistry/resource.admin'),
      { name: 'Ingens' },
    );
    assert.equal(nobody.body.validationErrors[0].code, 'RR.VLD-00004', "nobody's list");
    assert.equal((await send('DELETE', '')).status, 204);
    assert.equal((await send('GET', '')).status, 404);
  });
});
