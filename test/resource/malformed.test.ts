// XACML that is not what it seems, and values that are not of their type: refused by name.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { metadataFault, formatMetadata } from '../../server/resource/model.ts';
import {
  ask,
  call,
  importThis,
  newOrganization,
  newPerson,
  organizationToken,
  requestBody,
  REQUESTS,
  WRITE,
  type TestParty,
} from '../support/world.ts';

const NAMESPACE = 'urn:oasis:names:tc:xacml:3.0:core:schema:wd-17';
const SUBJECT = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
const RESOURCE = 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource';
const ACTION = 'urn:oasis:names:tc:xacml:3.0:attribute-category:action';
const EQUAL = 'urn:oasis:names:tc:xacml:1.0:function:string-equal';
const CASELESS = 'urn:oasis:names:tc:xacml:1.0:function:string-equal-ignore-case';
const REGEXP = 'urn:oasis:names:tc:xacml:1.0:function:string-regexp-match';
const value = (text: string) =>
  `<x:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${text}</x:AttributeValue>`;
const typed = (type: string, text: string) =>
  `<x:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#${type}">${text}</x:AttributeValue>`;
const designator = (attribute: string, category: string, more = '') =>
  `<x:AttributeDesignator AttributeId="${attribute}" Category="${category}" DataType="http://www.w3.org/2001/XMLSchema#string" ${more}/>`;
const match = (attribute: string, text: string, category = SUBJECT, how = EQUAL, more = '') =>
  `<x:Match MatchId="${how}">${value(text)}${designator(attribute, category, more)}</x:Match>`;
const anyOf = (...all: string[]) =>
  `<x:AnyOf>${all.map((one) => `<x:AllOf>${one}</x:AllOf>`).join('')}</x:AnyOf>`;
const rule = (target: string, effect = 'Permit', id = 'RuleId="1"') =>
  `<x:Rule ${id} Effect="${effect}"><x:Target>${target}</x:Target></x:Rule>`;
const policy = (content: string, algorithm = 'deny-overrides') =>
  `<x:Policy xmlns:x="${NAMESPACE}" PolicyId="p" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:${algorithm === 'first-applicable' ? '1.0' : '3.0'}:rule-combining-algorithm:${algorithm}">${content}</x:Policy>`;
const ROLE = 'urn:altinn:rolecode';
const dagl = match(ROLE, 'dagl');
const obligation = (inside: string) =>
  `<x:ObligationExpressions><x:ObligationExpression ObligationId="o" FulfillOn="Permit"><x:AttributeAssignmentExpression AttributeId="a" Category="urn:altinn:minimum-authenticationlevel">${inside}</x:AttributeAssignmentExpression></x:ObligationExpression></x:ObligationExpressions>`;

const together = (target: string, ...places: string[]) =>
  rule(target).replace(
    '</x:Rule>',
    `<x:ObligationExpressions><x:ObligationExpression ObligationId="urn:tillit:obligation:together" FulfillOn="Permit">${places
      .map(
        (place) =>
          `<x:AttributeAssignmentExpression AttributeId="a">${value(place)}</x:AttributeAssignmentExpression>`,
      )
      .join('')}</x:ObligationExpression></x:ObligationExpressions></x:Rule>`,
  );

describe('XACML', () => {
  let owner: TestParty;
  let id: string;
  /** Every refusal that was told. */
  const heard: string[] = [];
  before(async () => {
    owner = await newOrganization();
    id = `t-${randomUUID()}`;
    const T = { nb: 'x', nn: 'x' };
    const answer = await call(
      'POST',
      '/resourceregistry/api/v1/resource',
      await organizationToken(owner, 'altinn:resourceregistry/resource.write'),
      {
        identifier: id,
        resourceType: 'GenericAccessResource',
        title: T,
        rightDescription: T,
      },
    );
    assert.equal(answer.status, 201, answer.text);
  });
  const publish = async (body: string) =>
    call(
      'PUT',
      `/resourceregistry/api/v1/resource/${id}/policy`,
      await organizationToken(owner, 'altinn:resourceregistry/resource.write'),
      body,
      { 'content-type': 'application/xml' },
    );

  for (const [what, body, why] of [
    ['text between its elements', policy(`hello${rule('')}`), /holds text/],
    [
      'a child of another namespace',
      policy('<Rule xmlns="urn:x" RuleId="1" Effect="Permit"/>'),
      /not of XACML 3\.0/,
    ],
    ['more than one target', policy(`<x:Target/><x:Target/>${rule('')}`), /more than one Target/],
    [
      'no algorithm',
      `<x:Policy xmlns:x="${NAMESPACE}" PolicyId="p"/>`,
      /combining algorithm {2}is/,
    ],
    ['a rule without an id', policy(rule('', 'Permit', '')), /no RuleId/],
    ['an empty AllOf', policy(rule('<x:AnyOf><x:AllOf/></x:AnyOf>')), /AllOf is empty/],
    [
      'a match of nothing',
      policy(rule(anyOf(`<x:Match MatchId="${EQUAL}"/>`))),
      /needs one AttributeValue/,
    ],
    [
      'a match without a function',
      policy(rule(anyOf(`<x:Match>${value('a')}${designator(ROLE, SUBJECT)}</x:Match>`))),
      /Match has no MatchId/,
    ],
    [
      'a match with two values',
      policy(rule(anyOf(`<x:Match MatchId="${EQUAL}">${value('a')}${value('b')}</x:Match>`))),
      /needs one AttributeValue/,
    ],
    ['an empty value', policy(rule(anyOf(match(ROLE, '')))), /matched with nothing/],
    ['elements in a value', policy(rule(anyOf(match(ROLE, '<x:a/>')))), /holds elements/],
    [
      'a truth that is none',
      policy(rule(anyOf(match(ROLE, 'dagl', SUBJECT, EQUAL, 'MustBePresent="yes"')))),
      /yes is not true or false/,
    ],
    ['an obligation of nothing', policy(rule('') + obligation('')), /security level/],
    ['a level of 5', policy(rule('') + obligation(value('5'))), /security level/],
    [
      'two levels in one',
      policy(rule('') + obligation(value('3') + value('4'))),
      /more than one AttributeValue/,
    ],
    [
      'a pattern for an action',
      policy(
        rule(anyOf(match('urn:oasis:names:tc:xacml:1.0:action:action-id', 'r.*', ACTION, REGEXP))),
      ),
      /action cannot be matched by a pattern/,
    ],
    [
      'a pattern that is none',
      policy(rule(anyOf(match('task', '(', RESOURCE, REGEXP)))),
      /the pattern of task/,
    ],
    [
      'an action without case in a Deny rule',
      policy(
        rule(
          anyOf(match('urn:oasis:names:tc:xacml:1.0:action:action-id', 'read', ACTION, CASELESS)),
          'Deny',
        ),
      ),
      /without case is not supported in a Deny rule/,
    ],
    [
      'an attribute without case in a Deny rule',
      policy(rule(anyOf(match('urn:example:badge', 'blue', SUBJECT, CASELESS)), 'Deny')),
      /without case is not supported/,
    ],
    [
      'what must be present with first-applicable',
      policy(
        rule(anyOf(match('task', '1', RESOURCE, EQUAL, 'MustBePresent="true"'))),
        'first-applicable',
      ),
      /MustBePresent/,
    ],
    [
      'another app',
      policy(
        rule(
          anyOf(match('urn:altinn:org', 'skd', RESOURCE) + match('urn:altinn:app', 'a', RESOURCE)),
        ),
      ),
      /about the resource app_skd_a/,
    ],
    [
      'more than 500,000 characters',
      policy(`<x:Description>${'x'.repeat(500_000)}</x:Description>`),
      /larger than 500,000|too large/,
    ],
    ['no policy', `<x:Rule xmlns:x="${NAMESPACE}"/>`, /must be a Policy/],
    ['an effect that is none', policy(rule('', 'Maybe')), /Permit or Deny/],
    [
      'more than can be spelt out',
      policy(
        rule(
          Array.from({ length: 4 }, () =>
            anyOf(...Array.from({ length: 12 }, (_, n) => match(`a${n}`, 'x', RESOURCE))),
          ).join(''),
        ),
      ),
      /50,000 combinations/,
    ],
    ['an empty AnyOf', policy(rule('<x:AnyOf/>')), /AnyOf is empty/],
    [
      'an issuer',
      policy(rule(anyOf(match(ROLE, 'dagl', SUBJECT, EQUAL, 'Issuer="me"')))),
      /Issuer/,
    ],
    [
      'a value of another type than its attribute',
      policy(
        rule(
          anyOf(
            `<x:Match MatchId="${EQUAL}">${typed('integer', '1')}${designator('n', RESOURCE)}</x:Match>`,
          ),
        ),
      ),
      /is compared with an attribute of/,
    ],
    [
      'a type of somebody else',
      policy(
        rule(
          anyOf(
            match('n', '1', RESOURCE).replaceAll(
              'http://www.w3.org/2001/XMLSchema#string',
              'urn:x',
            ),
          ),
        ),
      ),
      /the type urn:x is not supported/,
    ],
    [
      'an obligation on Deny',
      policy(rule('') + obligation(value('3')).replace('"Permit"', '"Deny"')),
      /on Permit only/,
    ],
    ['a category of its own', policy(rule(anyOf(match('a', 'b', 'urn:x')))), /the category urn:x/],
    [
      'a function of its own',
      policy(rule(anyOf(match('a', 'b', RESOURCE, 'urn:x')))),
      /the function urn:x/,
    ],
    [
      'a function for another type',
      policy(rule(anyOf(match('a', '1', RESOURCE, EQUAL.replace('string', 'integer'))))),
      /compares integer, not string/,
    ],
    [
      'a subject that must be present in a Deny rule',
      policy(rule(anyOf(match(ROLE, 'dagl', SUBJECT, EQUAL, 'MustBePresent="true"')), 'Deny')),
      /MustBePresent of .* Deny rule/,
    ],
    [
      'a number that is none',
      policy(
        rule(
          anyOf(
            match('n', 'x', RESOURCE, EQUAL.replace('string', 'integer')).replaceAll(
              '#string',
              '#integer',
            ),
          ),
        ),
      ),
      /n: x is no integer/,
    ],
    [
      'a person by number',
      policy(rule(anyOf(match('urn:altinn:person:identifier-no', '1')))),
      /name the party's UUID/,
    ],
    [
      'an obligation of a rule that is another',
      policy(rule(anyOf(dagl)).replace('</x:Rule>', `${obligation(value('3'))}</x:Rule>`)),
      /only the obligation urn:tillit:obligation:together/,
    ],
    ...['11 of role:lede', '2 of ', 'two of role:lede', '2 of role:lede  role:medl'].map(
      (place): [string, string, RegExp] => [
        `the place «${place}»`,
        policy(together(anyOf(dagl), place)),
        /only the obligation urn:tillit:obligation:together/,
      ],
    ),
    [
      'places of a rule that is several',
      policy(
        together(
          anyOf(dagl + match('a', '1', ACTION), match(ROLE, 'regn') + match('a', '2', ACTION)),
          '1 of role:lede',
          '1 of role:medl',
        ),
      ),
      /together is of one target/,
    ],
    [
      'places that are not those of the target',
      policy(
        together(
          anyOf(dagl + match('urn:altinn:access-list', '211100028:banker')),
          '2 of role:medl',
        ),
      ),
      /the target's subjects are those of its places/,
    ],
    ['a document type', `<!DOCTYPE x>${policy(rule(''))}`, /document type/],
    ['an instruction', `<?php x?>${policy(rule(''))}`, /processing instruction/],
    ['no XML', '<a', /not XML/],
    ['what is too deep', '<a>'.repeat(30) + '</a>'.repeat(30), /deeper than 20/],
    ['nothing', '<!-- x -->', /not XML/],
    [
      'a key role by name',
      policy(rule(anyOf(match('urn:tillit:keyrole', 'true', SUBJECT, REGEXP)))),
      /pattern/,
    ],
  ] as const) {
    it(`with ${what} is refused`, async () => {
      const answer = await publish(body);
      assert.ok([400, 413].includes(answer.status), answer.text);
      if (answer.status !== 400) return;
      const faults: string[] = answer.body.faults ?? [answer.text];
      assert.match(faults.join('; '), why);
      heard.push(...faults);
    });
  }

  it('is refused in no words that have no row here', () => {
    const words = ['xacml_model', 'xacml_target_model', 'xml_model'].flatMap((name) => {
      const text = readFileSync(
        new URL(`../../server/resource/policy/${name}.ts`, import.meta.url),
        'utf8',
      );
      return [...text.matchAll(/(?:refuse|Fault)\(\s*(?:'([^'$]+)'|`([^`]+)`)/g)].map(
        ([, plain, template]) => plain ?? template!,
      );
    });
    assert.ok(words.length > 25);
    const silent = words.filter((one) => {
      const parts = one
        .split(/\$\{[^}]*\}/)
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      const spoken = new RegExp(parts.join('.*'));
      return !heard.some((fault) => spoken.test(fault));
    });
    assert.deepEqual(silent, []);
  });

  it('that can never hold has no rule: two resources at once', async () => {
    const never =
      match('urn:altinn:resource', id, RESOURCE) + match('urn:altinn:resource', 'x', RESOURCE);
    assert.equal((await publish(policy(rule(anyOf(never, dagl))))).status, 200);
    const told = await call('GET', `/resourceregistry/api/v1/resource/${id}/policy/rules`);
    assert.ok(!JSON.stringify(told.body).includes('"x"'));
  });

  it('that names key roles by our own name is read as them', async () => {
    assert.equal(
      (await publish(policy(rule(anyOf(match('urn:tillit:keyrole', 'true')))))).status,
      200,
    );
  });
});

describe('a metadata value', () => {
  const T = (nb: string) => ({ nb, nn: nb, en: nb });
  for (const [type, good, bad] of [
    ['year', ['1999', '2150'], ['99', '1850', '20x5', '2025-01']],
    ['month', ['2025-09'], ['2025-13', '2025-00', '1850-01', '2025-09-01', 'september']],
    ['date', ['2024-02-29'], ['2025-02-29', '2025-09', '3000-01-01', 'x']],
    ['int', ['0', '-12', '123456789012345'], ['1.5', '1e3', '1234567890123456', '']],
    ['enum', ['a'], ['b', 'toString']],
    ['text', ['hva som helst'], ['x'.repeat(201), 'a\tb', 'a\u200bb', '\ud800']],
  ] as const) {
    it(`of type ${type} is taken or refused, with why`, () => {
      const field = { type, values: { a: T('A-en') } } as never;
      for (const one of good) assert.equal(metadataFault(field, one), undefined, one);
      for (const one of bad) assert.ok(metadataFault(field, one), one);
    });
  }

  it('is told in a reader’s words, and as it is where it has not its form', () => {
    const field = (type: string, values?: object) => ({ type, values }) as never;
    assert.equal(formatMetadata(field('month'), '2025-09', 'nb'), 'september 2025');
    assert.match(formatMetadata(field('date'), '2025-09-30', 'en'), /30.September.2025/);
    assert.equal(formatMetadata(field('enum', { a: T('Alle') }), 'a', 'en'), 'Alle');
    assert.equal(formatMetadata(field('enum', { a: { nb: 'Alle' } }), 'a', 'en'), 'Alle');
    assert.equal(formatMetadata(field('enum', { a: {} }), 'a', 'en'), 'a');
    assert.equal(formatMetadata(field('int'), '12', 'en'), '12');
    assert.equal(formatMetadata(field('month'), 'x', 'en'), 'x');
  });

  it('is asked for by its type, and told on the page', async () => {
    const [owner, person, asker] = [
      await newOrganization(),
      await newPerson(),
      await newOrganization(),
    ];
    const identifier = `m-${randomUUID()}`;
    await importThis({
      resources: [
        {
          identifier,
          owner: owner.number,
          resourceType: 'Consent',
          consentTemplate: 'default',
          title: T('Typer'),
          consentText: T('{dag} {antall} {valg}'),
          consentMetadata: {
            dag: { type: 'date' },
            antall: { type: 'int' },
            valg: { type: 'enum', values: { a: T('Alle') } },
          },
          rules: [
            { action: 'consent', subjects: ['privatperson'] },
            { action: 'requestconsent', subjects: ['organization'] },
          ],
        },
      ],
    });
    const right = (metadata: object) => ({
      consentRights: [
        {
          action: ['consent'],
          resource: [{ type: 'urn:altinn:resource', value: identifier }],
          metadata,
        },
      ],
    });
    assert.ok(await ask(person, asker, right({ dag: '2025-09-30', antall: '7', valg: 'a' })));
    const refused = await call('POST', REQUESTS, await organizationToken(asker, WRITE), {
      ...requestBody(person, asker),
      ...right({ dag: '2025-02-30', antall: '7', valg: 'a' }),
    });
    assert.equal(refused.body.code, 'AM-00006');
    assert.match(refused.text, /is not a date/);
  });
});
