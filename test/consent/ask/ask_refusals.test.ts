// What is refused of those who ask for consent, each with its code, and what callers may see.
import assert from 'node:assert/strict';
import { codes, right, sendAs } from '../../support/asking.ts';
import { can, newConsentResource } from '../../support/rights/rights.ts';
import { randomUUID } from 'node:crypto';
import {
  call,
  importThis,
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  numberOf,
  organizationToken,
  READ,
  read,
  requestBody,
  REQUESTS,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

describe('asking for consent', () => {
  let from: TestParty;
  let to: TestParty;
  before(async () => {
    from = await newPerson();
    to = await newOrganization();
  });

  const send = async (changes: object = {}, scope = WRITE) => sendAs(to, from, changes, scope);

  describe('is refused', () => {
    const refusals: [string, () => object, number, string, string?][] = [
      ['without rights', () => ({ consentRights: [] }), 400, 'STD-00000', 'AM.VLD-00023'],
      ['with null for rights', () => ({ consentRights: null }), 400, 'STD-00000', 'AM.VLD-00023'],
      [
        'without an action',
        () => ({ consentRights: right({ action: [] }) }),
        400,
        'STD-00000',
        'STD.VLD-00000',
      ],
      ['without an id', () => ({ id: null }), 400, 'STD-00000', 'STD.VLD-00000'],
      ['with an id that is no UUID', () => ({ id: '42' }), 400, 'STD-00000', 'TIL.VLD-00001'],
      ['with a malformed giver', () => ({ from: 'kari' }), 400, 'STD-00000', 'TIL.VLD-00001'],
      [
        'with a validTo in the past',
        () => ({ validTo: inDays(-1) }),
        400,
        'STD-00000',
        'AM.VLD-00022',
      ],
      [
        'with a validTo later than the resource permits',
        () => ({ validTo: inDays(1200) }),
        400,
        'STD-00000',
        'AM.VLD-00022',
      ],
      [
        'with a validTo without offset',
        () => ({ validTo: '2027-01-01T12:00:00' }),
        400,
        'STD-00000',
        'TIL.VLD-00001',
      ],
      [
        'with a number where a text belongs',
        () => ({ redirectUrl: 7 }),
        400,
        'STD-00000',
        'AM.VLD-00027',
      ],
      [
        'with a relative redirectUrl',
        () => ({ redirectUrl: '/back' }),
        400,
        'STD-00000',
        'AM.VLD-00027',
      ],
      [
        'with http to another host',
        () => ({ redirectUrl: 'http://bank.example/' }),
        400,
        'STD-00000',
        'AM.VLD-00027',
      ],
      [
        'with user info in redirectUrl',
        () => ({ redirectUrl: 'https://bank.example@evil.example/' }),
        400,
        'STD-00000',
        'AM.VLD-00027',
      ],
      ...[
        'javascript:alert(1)',
        'data:text/html,x',
        'vbscript:x',
        'file:///etc/passwd',
        'JavaScript:alert(1)',
        ' javascript:alert(1)',
        'java\nscript:alert(1)',
      ].map((redirectUrl): [string, () => object, number, string, string] => [
        `with redirectUrl ${JSON.stringify(redirectUrl)}`,
        () => ({ redirectUrl }),
        400,
        'STD-00000',
        'AM.VLD-00027',
      ]),
      [
        'with a bidirectional character in the message',
        () => ({ requestMessage: { nb: 'lån\u202egnol' } }),
        400,
        'STD-00000',
        'TIL.VLD-00002',
      ],
      [
        'with a message in an unknown language',
        () => ({ requestMessage: { de: 'Hallo' } }),
        400,
        'STD-00000',
        'TIL.VLD-00001',
      ],
      [
        'with a message of 1,001 characters',
        () => ({ requestMessage: { nb: 'x'.repeat(1001) } }),
        400,
        'STD-00000',
        'TIL.VLD-00003',
      ],
      [
        'with an unknown view mode',
        () => ({ portalViewMode: 'Perhaps' }),
        400,
        'STD-00000',
        'TIL.VLD-00001',
      ],
      [
        'with an unknown person',
        () => ({ from: 'urn:altinn:person:identifier-no:14838412999' }),
        400,
        'AM-00004',
      ],
      [
        'with an unknown organisation',
        () => ({ from: 'urn:altinn:organization:identifier-no:399999999' }),
        400,
        'AM-00003',
      ],
      [
        'with no resource in a right',
        () => ({ consentRights: right({ resource: [] }) }),
        400,
        'AM-00005',
      ],
      [
        'with two resources in a right',
        () => ({
          consentRights: right({
            resource: [
              { type: 'urn:altinn:resource', value: 'inntekt' },
              { type: 'urn:altinn:resource', value: 'inntekt' },
            ],
          }),
        }),
        400,
        'AM-00005',
      ],
      [
        'with an unknown resource',
        () => ({
          consentRights: right({ resource: [{ type: 'urn:altinn:resource', value: 'nope' }] }),
        }),
        400,
        'AM-00005',
      ],
      [
        'with a resource that is not for consent',
        () => ({
          consentRights: right({
            resource: [{ type: 'urn:altinn:resource', value: 'mva-melding' }],
          }),
        }),
        400,
        'AM-00005',
      ],
      [
        'with unknown metadata',
        () => ({ consentRights: right({ metadata: { inntektsaar: '2025', foo: 'x' } }) }),
        400,
        'AM-00006',
      ],
      [
        'with metadata of the wrong type',
        () => ({ consentRights: right({ metadata: { inntektsaar: 'i fjor' } }) }),
        400,
        'AM-00006',
      ],
      [
        'with metadata that no object has of its own',
        () => ({ consentRights: right({ metadata: { inntektsaar: '2025', constructor: 'x' } }) }),
        400,
        'AM-00006',
      ],
      [
        'with empty metadata',
        () => ({ consentRights: right({ metadata: { inntektsaar: '' } }) }),
        400,
        'AM-00007',
      ],
      [
        'with null metadata',
        () => ({ consentRights: right({ metadata: { inntektsaar: null } }) }),
        400,
        'AM-00007',
      ],
      [
        'without required metadata',
        () => ({ consentRights: right({ metadata: null }) }),
        400,
        'AM-00008',
      ],
      [
        'with rights of different templates',
        () => ({
          consentRights: [
            incomeRight(),
            {
              action: ['consent'],
              resource: [{ type: 'urn:altinn:resource', value: 'skattekrav' }],
            },
          ],
        }),
        400,
        'AM-00009',
      ],
      [
        'with metadata keys that differ in case only',
        () => ({
          consentRights: right({ metadata: { inntektsaar: '2025', Inntektsaar: '2024' } }),
        }),
        400,
        'STD-00000',
        'TIL.VLD-00005',
      ],
      [
        'with a message that the template does not allow',
        () => ({
          consentRights: [
            {
              action: ['consent'],
              resource: [{ type: 'urn:altinn:resource', value: 'lanesoknad' }],
            },
          ],
        }),
        400,
        'TIL-00017',
      ],
      [
        'with an action that the resource has no rule for',
        () => ({ consentRights: right({ action: ['publish'] }) }),
        400,
        'STD-00000',
        'TIL.VLD-00011',
      ],
    ];
    for (const [name, changes, status, code, validation] of refusals) {
      it(`${name}: ${validation ?? code}`, async () => {
        const answer = await send(changes());
        assert.deepEqual([answer.status, answer.body?.code], [status, code], answer.text);
        assert.match(answer.headers.get('content-type')!, /^application\/problem\+json/);
        assert.ok(answer.body.detail && answer.body.title && !answer.text.includes('    at '));
        if (validation) assert.ok(codes(answer).includes(validation), answer.text);
      });
    }

    it('with an action that one of two resources has no rule for: names that one', async () => {
      const rules = [can('consent', 'privatperson'), can('requestconsent', 'anyone')];
      const resources = [
        await newConsentResource([], { rules: [...rules, can('lend', 'privatperson')] }),
        await newConsentResource([], { rules }),
      ];
      const consentRights = resources.map((value) => ({
        action: ['lend'],
        resource: [{ type: 'urn:altinn:resource', value }],
      }));
      const answer = await send({ consentRights });
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, /consentRight\/1\/action/);
      assert.doesNotMatch(answer.text, /consentRight\/0\/action/);
    });

    it('with several problems at once: STD-00001 and 400, all of them told', async () => {
      const answer = await send({
        validTo: inDays(-1),
        consentRights: right({ metadata: { foo: 'x' } }),
      });
      assert.deepEqual([answer.status, answer.body.code], [400, 'STD-00001']);
      assert.deepEqual(
        answer.body.problems.map((problem: { code: string }) => problem.code).sort(),
        ['AM-00006', 'AM-00008', 'STD-00000'],
      );
    });

    it('by an organisation that the register does not know: AM-00003, asking or reading the feed', async () => {
      const unknown = {
        id: '',
        name: '',
        number: '399999999',
        urn: 'urn:altinn:organization:identifier-no:399999999',
      };
      const asked = await call(
        'POST',
        REQUESTS,
        await organizationToken(unknown, WRITE),
        requestBody(from, unknown),
      );
      const feed = await call('GET', `${REQUESTS}/events`, await organizationToken(unknown, READ));
      assert.deepEqual([asked.body.code, feed.body.code], ['AM-00003', 'AM-00003']);
    });

    it('when the template is no longer for this service owner: TIL-00018', async () => {
      const [template] = read('deploy/base/2-templates.json').templates;
      const id = `limited-${randomUUID()}`;
      const identifier = `r-${randomUUID()}`;
      await importThis({ templates: [{ ...template, id }] });
      await importThis({
        resources: [
          {
            identifier,
            owner: to.number,
            resourceType: 'Consent',
            consentTemplate: id,
            title: { nb: 'T', nn: 'T' },
            consentText: { nb: 'x', nn: 'x' },
            rules: [
              { action: 'consent', subjects: ['privatperson'] },
              { action: 'requestconsent', subjects: ['organization'] },
            ],
          },
        ],
      });
      await importThis({
        templates: [
          {
            ...template,
            id,
            version: 2,
            restrictedToServiceOwners: [numberOf('Testskatteetaten')],
          },
        ],
      });
      const answer = await send({
        consentRights: [
          { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: identifier }] },
        ],
      });
      assert.deepEqual([answer.status, answer.body.code], [400, 'TIL-00018'], answer.text);
    });

    it('with a person as receiver: TIL.VLD-00001', async () => {
      const person = await newPerson();
      const urn = `urn:altinn:party:uuid:${person.id}`;
      const answer = await send({ to: urn }, `${WRITE} altinn:consentrequests.org`);
      assert.equal(answer.status, 400, answer.text);
      assert.deepEqual(codes(answer), ['TIL.VLD-00001']);
    });

    it('with an organisation as required delegator: TIL.VLD-00001', async () => {
      const answer = await send({ requiredDelegator: (await newOrganization()).urn });
      assert.equal(answer.status, 400, answer.text);
      assert.ok(answer.text.includes('TIL.VLD-00001'), answer.text);
    });

    it('with the receiver as giver: TIL.VLD-00004', async () => {
      const answer = await send({ from: to.urn });
      assert.ok(answer.text.includes('TIL.VLD-00004'), answer.text);
    });

    it('when the required delegator may not answer: TIL-00016, without telling which role is missing', async () => {
      const answer = await send({ requiredDelegator: (await newPerson()).urn });
      assert.deepEqual([answer.status, answer.body.code], [400, 'TIL-00016']);
      assert.ok(!/dagl|privatperson|role/i.test(answer.text));
    });

    it('when an organisation is asked for what only a person can give: TIL-00016', async () => {
      const answer = await send({ from: (await newOrganization()).urn });
      assert.equal(answer.body.code, 'TIL-00016');
    });

    it('when the asker is not on the access list of the resource: 403 TIL-00015', async () => {
      const stranger = await newOrganization('Ukjent AS', { mayAsk: false });
      const answer = await call(
        'POST',
        REQUESTS,
        await organizationToken(stranger, WRITE),
        requestBody(from, stranger),
      );
      assert.deepEqual([answer.status, answer.body.code], [403, 'TIL-00015']);
    });

    it('when the organisation registered other redirect origins: TIL.VLD-00008', async () => {
      const strict = await newOrganization();
      await importThis({
        consentOrigins: [{ organization: strict.number, origins: ['https://bank.example'] }],
      });
      const token = await organizationToken(strict, WRITE);
      const refused = await call(
        'POST',
        REQUESTS,
        token,
        requestBody(from, strict, { redirectUrl: 'https://bank.example.evil.example/' }),
      );
      assert.deepEqual(codes(refused), ['TIL.VLD-00008']);
      assert.equal(
        (
          await call(
            'POST',
            REQUESTS,
            token,
            requestBody(from, strict, { redirectUrl: 'https://bank.example/x' }),
          )
        ).status,
        201,
      );
    });

    for (const [name, body, type, status, code] of [
      ['malformed JSON', '{"id":', 'application/json', 400, 'TIL-00001'],
      ['invalid UTF-8', '{"id":"\ud800"}', 'application/json', 400, 'STD-00000'],
      ['a list', '[]', 'application/json', 400, 'STD-00000'],
      ['a text', '"x"', 'application/json', 400, 'STD-00000'],
      ['nothing', '', 'application/json', 400, 'TIL-00001'],
      ['another content type', '{}', 'text/plain', 415, 'TIL-00003'],
      [
        'a body over 100 kB',
        JSON.stringify({ id: 'x'.repeat(110_000) }),
        'application/json',
        413,
        'TIL-00002',
      ],
    ] as const) {
      it(`as ${name}: ${status} ${code}`, async () => {
        const answer = await call('POST', REQUESTS, await organizationToken(to, WRITE), body, {
          'content-type': type,
        });
        assert.deepEqual([answer.status, answer.body?.code], [status, code], answer.text);
      });
    }
  });
});
