// Requests made to stop the server for everybody: each is refused by what it would come to, or
// answered in bounded steps, nodes and statements. How long the thread is held meanwhile is
// measured in test/bench/stall.ts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createApp } from '../../server/app.ts';
import { createReading, questionOf } from '../../server/decision/authzen/model.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import {
  AUTHORIZE,
  can,
  decide,
  newFirm,
  newResource,
  OWNER,
  pdpToken,
  question,
} from '../support/rights/rights.ts';
import { statementsOf } from '../support/run/statements.ts';
import {
  call,
  organizationToken,
  READ,
  REQUESTS,
  world,
  WRITE,
  type TestParty,
} from '../support/world.ts';

const REGISTRY = '/resourceregistry/api/v1';
const owner = { number: OWNER } as TestParty;
const ownerToken = () => organizationToken(owner, 'altinn:resourceregistry/resource.write');
const publish = async (id: string, policy: object | string, type = 'application/json') =>
  call('PUT', `${REGISTRY}/resource/${id}/policy`, await ownerToken(), policy, {
    'content-type': type,
  });

describe('a policy made to stop the server', () => {
  const SEVEN = Array.from({ length: 7 }, () => 'keyrole');

  it('is told as XML by what it says, not by every way to say it', async () => {
    const id = await newResource([can('read', 'dagl')]);
    assert.equal((await publish(id, { rules: [can('read', SEVEN)] })).status, 200);
    const told = async () =>
      (
        await call('GET', `${REGISTRY}/resource/${id}/policy`, undefined, undefined, {
          accept: 'application/xml',
        })
      ).text;
    const once = await told();
    const {
      rows: [{ count }],
    } = await world.database.db.raw('select count(*)::int as count from role where key_role');
    assert.equal(once.match(/<xacml:AllOf>/g)!.length, count + 2);
    // As it stands where it was stored before.
    const seven = JSON.stringify([SEVEN.map(() => ({ kind: 'key_role', value: '' }))]);
    await world.database.db.raw(
      `update policy_version set content = jsonb_set(content, '{rules,0,subjects}', ?::jsonb) where resource_id = ?`,
      [seven, id],
    );
    assert.equal(await told(), once);
  });

  it('is refused when its targets spell out to too much together, though each does not', async () => {
    const id = await newResource([can('read', 'dagl')]);
    const match = (value: number) =>
      '<x:Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal"><x:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">' +
      `${value}</x:AttributeValue><x:AttributeDesignator AttributeId="a" Category="urn:oasis:names:tc:xacml:3.0:attribute-category:resource" DataType="http://www.w3.org/2001/XMLSchema#string"/></x:Match>`;
    const anyOf = (count: number) =>
      `<x:AnyOf>${Array.from({ length: count }, (_, index) => `<x:AllOf>${match(index)}</x:AllOf>`).join('')}</x:AnyOf>`;
    const policy = (target: string, rules: number) =>
      '<x:Policy xmlns:x="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" ' +
      `RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><x:Target>${target}</x:Target>` +
      `${Array.from({ length: rules }, (_, index) => `<x:Rule RuleId="${index}" Effect="Permit"/>`).join('')}</x:Policy>`;
    const answer = await publish(id, policy(anyOf(70) + anyOf(70), 100), 'application/xml');
    assert.match(
      answer.body.faults[0],
      /up to rule 3 the targets have more than 50,000 combinations/,
    );
    assert.equal(
      (await publish(id, policy(anyOf(20) + anyOf(20), 10), 'application/xml')).status,
      200,
    );
    const deep = await publish(
      id,
      `<x:Policy xmlns:x="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17">${'<x:Target>'.repeat(10_000)}`,
      'application/xml',
    );
    assert.match(deep.body.faults[0], /deeper than 20/);
  });

  it('is refused when its rules come to more than 20,000 names and values', async () => {
    const id = await newResource([can('read', 'dagl')]);
    const rule = {
      actions: Array.from({ length: 50 }, (_, index) => `a${index}`),
      subjects: Array.from({ length: 200 }, (_, index) => `organization:${200_000_000 + index}`),
    };
    assert.equal((await publish(id, { rules: [rule, rule] })).status, 200, '20,000');
    const answer = await publish(id, { rules: [rule, rule, can('read', 'dagl')] });
    assert.deepEqual([answer.status, answer.body.code], [400, 'TIL-00031']);
    assert.match(answer.body.faults[0], /comes to 20001 names and values/);
    const registered = await call('POST', `${REGISTRY}/resource`, await ownerToken(), {
      identifier: `stall-${randomUUID()}`,
      resourceType: 'GenericAccessResource',
      title: { nb: 'x', nn: 'x' },
      rightDescription: { nb: 'x' },
      rules: [rule, rule, rule],
    });
    assert.match(registered.body.faults[0], /comes to 30000 names/);
  });

  it('matches by pattern in time that grows with the text alone, and says what it cannot match', async () => {
    const { firm, boss } = await newFirm();
    const when = (pattern: string) => ({
      rules: [
        {
          ...can('read', 'dagl'),
          when: [{ category: 'resource', name: 'task', values: [pattern], match: 'regexp' }],
        },
      ],
    });
    const id = await newResource([can('read', 'dagl')]);
    const asked = (task: string) =>
      decide(boss, 'read', id, firm, [{ AttributeId: 'task', Value: task }]);
    assert.equal((await publish(id, when('^(a|a)*$'))).status, 200);
    assert.deepEqual(
      [await asked('a'.repeat(499)), await asked(`${'a'.repeat(499)}b`)],
      ['Permit', 'NotApplicable'],
    );
    for (const pattern of ['(a)\\1', '^(?!x)', '(a{30}){30}'])
      assert.match(
        (await publish(id, when(pattern))).body.faults[0],
        /the pattern (is not a regular expression|repeats too much)/,
      );
    // As it stands where it was stored before.
    await world.database.db.raw(
      `update policy_version set content = jsonb_set(content, '{rules,0,when,0,values}', ?::jsonb) where resource_id = ? and version = (select policy_version from resource where id = ?)`,
      ['["^(?!x)"]', id, id],
    );
    const lines: string[] = [];
    const log = createLogger('warn', (line) => lines.push(line));
    const app = await createApp({
      env: world.env,
      database: world.database,
      log,
      metrics: createMetrics(),
    });
    await app.settle();
    assert.ok(
      lines.some((line) => line.includes(id) && line.includes('^(?!x)')),
      lines.join('\n'),
    );
  });
});

describe('a call made to stop the server', () => {
  it('of ten thousand questions reads what they share once', () => {
    const reading = createReading();
    const shared = {
      type: 'party',
      id: 'x',
      properties: Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [
          `p${index}`,
          Array.from({ length: 100 }, String),
        ]),
      ),
    };
    const asked = Array.from({ length: 3 }, () =>
      questionOf(
        { subject: shared, action: { name: 'read' }, resource: { type: 'resource', id: 'r' } },
        reading,
      ),
    );
    const told = asked.map((one) => ('path' in one ? undefined : one.attributes!.subject));
    assert.ok(told[0] && told[0] === told[1] && told[1] === told[2]);
  });

  it('of ten thousand questions is answered whole, by one statement', async () => {
    const { firm, boss } = await newFirm();
    const resource = await newResource([can('read', 'dagl')]);
    const token = await pdpToken();
    let answer: Awaited<ReturnType<typeof call>>;
    const sent = await statementsOf(async () => {
      const properties = Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [
          `p${index}`,
          Array.from({ length: 100 }, String),
        ]),
      );
      const { subject, ...rest } = question(boss, 'read', resource, firm);
      answer = await call('POST', '/access/v1/evaluations', token, {
        ...rest,
        subject: { ...subject, properties },
        evaluations: Array.from({ length: 10_000 }, () => ({})),
      });
    });
    assert.equal(
      answer!.body.evaluations.filter((one: { decision: boolean }) => one.decision).length,
      10_000,
    );
    assert.equal(sent.filter((name) => name === 'decision_facts').length, 1);
  });

  it('is refused when its questions go through too much of a policy together', async () => {
    const { firm, boss } = await newFirm();
    const rule = {
      actions: Array.from({ length: 50 }, (_, index) => `a${index}`),
      subjects: Array.from({ length: 100 }, (_, index) => `organization:${200_000_000 + index}`),
    };
    const resource = await newResource([rule, can('read', 'dagl')]);
    const ask = async (count: number) =>
      call('POST', '/access/v1/evaluations', await pdpToken(), {
        ...question(boss, 'read', resource, firm),
        evaluations: Array.from({ length: count }, () => ({})),
      });
    assert.equal((await ask(3_999)).status, 200);
    assert.deepEqual([(await ask(4_000)).body.code], ['AUTHZ.VLD-00013']);
  });

  it('that repeats more than 32 MiB in XACML is one Indeterminate', async () => {
    const attribute = {
      AttributeId: 'x',
      Value: Array.from({ length: 100 }, () => 'y'.repeat(2_000)),
      IncludeInResult: true,
    };
    const reference = { ReferenceId: ['a'] };
    const answer = await call('POST', AUTHORIZE, await pdpToken(), {
      Request: {
        AccessSubject: [{ Id: 'a', Attribute: [attribute] }],
        MultiRequests: { RequestReference: Array.from({ length: 10_000 }, () => reference) },
      },
    });
    assert.equal(answer.body.response.length, 1);
    assert.match(answer.body.response[0].status.statusMessage, /32 MiB/);
  });

  it('about a thousand subjects asks the database once', async () => {
    const names = Array.from(
      { length: 1_000 },
      (_, index) => `organization:${200_000_000 + index}`,
    );
    const sent = await statementsOf(async () =>
      assert.equal(
        (
          await call('POST', `${REGISTRY}/resource/bysubjects`, undefined, [
            'urn:altinn:rolecode:dagl',
            ...names.slice(1),
          ])
        ).body.data.length,
        1_000,
      ),
    );
    assert.deepEqual(sent.filter((name) => name === 'resources_by_subject').length, 1);
  });

  it('is refused when it is nested deeper than anything of ours', async () => {
    const token = await organizationToken(owner, `${READ} ${WRITE}`);
    for (const text of [
      '['.repeat(20_000) + ']'.repeat(20_000),
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      '['.repeat(20_000),
    ]) {
      assert.equal((await call('POST', REQUESTS, token, text)).body.code, 'TIL-00014');
    }
    assert.equal(
      (
        await call(
          'POST',
          REQUESTS,
          token,
          JSON.stringify({ requestMessage: { nb: '[{"'.repeat(100) } }),
        )
      ).body.code,
      'STD-00000',
      'brackets in a text are text',
    );
  });
});
