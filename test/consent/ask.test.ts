// Asking for consent (contract: consent §1.1, §1.7): what is stored, what is refused, and with
// which code.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  API,
  approve,
  ask,
  at,
  call,
  importThis,
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  newRole,
  numberOf,
  organizationToken,
  outsideToken,
  READ,
  read,
  requestBody,
  REQUESTS,
  WRITE,
  type Answer,
  type TestParty,
} from '../support/world.ts';

describe('asking for consent', () => {
  let from: TestParty;
  let to: TestParty;
  before(async () => {
    from = await newPerson();
    to = await newOrganization();
  });

  const send = async (changes: object = {}, scope = WRITE) =>
    call('POST', REQUESTS, await organizationToken(to, scope), requestBody(from, to, changes));
  const codes = ({ body }: Answer) => (body.validationErrors ?? []).map((error: any) => error.code);
  const right = (changes: object) => [{ ...incomeRight(), ...changes }];

  it('answers 201 with Location, viewUri and the request as sent', async () => {
    const sent = requestBody(from, to, { requiredDelegator: from.urn });
    const answer = await call('POST', `${REQUESTS}/`, await organizationToken(to, WRITE), sent);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('location')?.endsWith(`${REQUESTS}/${sent.id}`), true);
    const { body } = answer;
    assert.equal(body.id, sent.id);
    assert.equal(body.from, from.urn);
    assert.equal(body.to, to.urn);
    assert.equal(body.requiredDelegator, from.urn);
    assert.equal(new Date(body.validTo).getTime(), new Date(sent.validTo).getTime());
    assert.deepEqual(body.consentRights, sent.consentRights);
    assert.deepEqual(body.requestMessage, sent.requestMessage);
    assert.equal(body.redirectUrl, sent.redirectUrl);
    assert.equal(body.status, 'Created');
    assert.equal(body.effectiveStatus, 'Created');
    assert.equal(body.consented, null);
    assert.equal(body.portalViewMode, 'Hide');
    assert.ok(body.viewUri.includes(sent.id) && body.viewUri.includes('?'));
    const [event] = body.consentRequestEvents;
    assert.equal(body.consentRequestEvents.length, 1);
    assert.deepEqual(
      [event.performedBy, event.eventType, event.consentRequestID],
      [to.urn, 'Created', sent.id],
    );
    assert.match(event.consentEventID, /^[0-9a-f-]{36}$/);
  });

  it('reads member names without regard to case, and echoes metadata keys as sent', async () => {
    const answer = await call('POST', REQUESTS, await organizationToken(to, WRITE), {
      ID: randomUUID(),
      From: from.urn,
      TO: to.urn,
      ValidTo: inDays(3),
      redirecturl: 'myapp://done',
      ConsentRights: [
        {
          Action: ['consent'],
          Resource: [{ Type: 'urn:altinn:resource', Value: 'inntekt' }],
          metaData: { INNTEKTSAAR: '2024' },
        },
      ],
      portalviewmode: 'SHOW',
      unknownMember: 1,
    });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(answer.body.consentRights[0].metadata, { INNTEKTSAAR: '2024' });
    assert.equal(answer.body.portalViewMode, 'Show');
  });

  it("takes .NET's greatest date, and refuses days that there are not", async () => {
    const right = {
      ...incomeRight(),
      resource: [{ type: 'urn:altinn:resource', value: 'eiendom' }],
      metadata: {},
    };
    const until = async (validTo: string) => send({ validTo, consentRights: [right] });
    const greatest = await until('9999-12-31T23:59:59.9999999+00:00');
    assert.equal(greatest.status, 201, greatest.text);
    assert.match(greatest.body.validTo, /^9999-12-31T23:59:59/);
    for (const day of ['2099-02-30', '2099-02-29', '2099-04-31', '2099-01-00', '2099-13-01'])
      assert.deepEqual(codes(await until(`${day}T12:00:00Z`)), ['TIL.VLD-00001'], day);
    assert.deepEqual(codes(await until('9999-12-31T23:59:59-12:00')), ['TIL.VLD-00001']);
  });

  it('refuses more than 100 metadata keys, and drops none', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, 'x']));
    assert.deepEqual(codes(await send({ consentRights: right({ metadata }) })), ['TIL.VLD-00003']);
  });

  it('takes no message where the template has the purpose', async () => {
    const consentRights = [
      {
        action: ['consent'],
        resource: [{ type: 'urn:altinn:resource', value: 'lanesoknad' }],
      },
    ];
    const body = requestBody(from, to, { consentRights, requestMessage: undefined });
    const answer = await call('POST', REQUESTS, await organizationToken(to, WRITE), body);
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.body.requestMessage, null);
  });

  it('refuses a list where a mode is wanted', async () => {
    assert.deepEqual(codes(await send({ portalViewMode: ['show'] })), ['TIL.VLD-00001']);
  });

  describe('the same id again', () => {
    it('answers 200 with the same DTO, and says it was a replay', async () => {
      const sent = requestBody(from, to, {
        consentRights: [incomeRight('2024'), incomeRight('2025')],
      });
      const token = await organizationToken(to, WRITE);
      const first = await call('POST', REQUESTS, token, sent);
      const reordered = {
        ...sent,
        validTo: new Date(sent.validTo).toISOString().replace('Z', '+00:00'),
        consentRights: [...sent.consentRights].reverse(),
        unused: null,
      };
      const again = await call('POST', REQUESTS, token, reordered);
      assert.equal(again.status, 200);
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      assert.deepEqual(again.body, first.body);
    });

    it('answers 200 also after validTo has passed', async () => {
      const sent = requestBody(from, to, { validTo: inDays(1) });
      await call('POST', REQUESTS, await organizationToken(to, WRITE), sent);
      await at(2 * 86_400_000, async () => {
        const again = await call('POST', REQUESTS, await organizationToken(to, WRITE), sent);
        assert.equal(again.status, 200);
      });
    });

    for (const [what, changes] of Object.entries({
      'another validTo': () => ({ validTo: inDays(31) }),
      'another message': () => ({ requestMessage: { nb: 'Noe annet' } }),
      'another right': () => ({ consentRights: [incomeRight('2020')] }),
      'another redirect': () => ({ redirectUrl: 'https://bank.example/else' }),
    })) {
      it(`refuses ${what} with AM-00016 and changes nothing`, async () => {
        const sent = requestBody(from, to);
        const token = await organizationToken(to, WRITE);
        const first = await call('POST', REQUESTS, token, sent);
        const other = await call('POST', REQUESTS, token, { ...sent, ...changes() });
        assert.deepEqual(
          [other.status, other.body.code, other.body.requestId],
          [400, 'AM-00016', sent.id],
        );
        assert.ok(!other.text.includes('bank.example'));
        assert.deepEqual((await call('GET', `${REQUESTS}/${sent.id}`, token)).body, first.body);
      });
    }

    it('refuses another giver with AM-00016', async () => {
      const sent = requestBody(from, to);
      const token = await organizationToken(to, WRITE);
      await call('POST', REQUESTS, token, sent);
      const other = await call('POST', REQUESTS, token, { ...sent, from: (await newPerson()).urn });
      assert.equal(other.body.code, 'AM-00016');
    });

    it('refuses another organisation with AM-00016 and tells nothing of the request', async () => {
      const sent = requestBody(from, to);
      await call('POST', REQUESTS, await organizationToken(to, WRITE), sent);
      const thief = await newOrganization();
      const other = await call('POST', REQUESTS, await organizationToken(thief, WRITE), {
        ...sent,
        to: thief.urn,
      });
      assert.deepEqual([other.status, other.body.code], [400, 'AM-00016']);
      assert.ok(!other.text.includes(to.number) && !other.text.includes(from.number));
    });

    it('makes one request of six at the same moment', async () => {
      const sent = requestBody(from, to);
      const token = await organizationToken(to, WRITE);
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => call('POST', REQUESTS, token, sent)),
      );
      assert.deepEqual(
        answers.map((answer) => answer.status).sort(),
        [200, 200, 200, 200, 200, 201],
      );
    });
  });

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
        'TIL-00016',
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

    it('with several problems at once: STD-00001 and 400, all of them told', async () => {
      const answer = await send({
        validTo: inDays(-1),
        consentRights: right({ metadata: { foo: 'x' } }),
      });
      assert.deepEqual([answer.status, answer.body.code], [400, 'STD-00001']);
      assert.deepEqual(answer.body.problems.map((problem: any) => problem.code).sort(), [
        'AM-00006',
        'AM-00008',
        'STD-00000',
      ]);
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

  describe('callers', () => {
    it('refuses without a token: 401 with WWW-Authenticate and problem+json', async () => {
      const answer = await call('POST', REQUESTS, undefined, requestBody(from, to));
      assert.deepEqual([answer.status, answer.body.code], [401, 'TIL-00005']);
      assert.match(answer.headers.get('www-authenticate')!, /^Bearer/);
    });

    it('refuses a token without the scope: 403', async () => {
      const answer = await send({}, READ);
      assert.deepEqual([answer.status, answer.body.code], [403, 'TIL-00006']);
      assert.match(answer.headers.get('www-authenticate')!, /insufficient_scope/);
    });

    it('refuses a scope that merely contains the wanted one', async () => {
      assert.equal((await send({}, 'altinn:consentrequests.writers')).status, 403);
    });

    it('refuses a scope that the issuer may not speak for', async () => {
      const claims = {
        scope: 'testskatt:inntekt',
        consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${to.number}` },
      };
      assert.equal((await call('POST', REQUESTS, await outsideToken(claims), {})).status, 403);
    });

    it('refuses a consumer of another authority: 401', async () => {
      const claims = { scope: WRITE, consumer: { authority: 'other', ID: `0192:${to.number}` } };
      assert.equal(
        (await call('POST', REQUESTS, await outsideToken(claims), requestBody(from, to))).status,
        401,
      );
    });

    it('refuses to ask for another organisation with .write only: 403', async () => {
      const other = await newOrganization();
      const answer = await call(
        'POST',
        REQUESTS,
        await organizationToken(to, WRITE),
        requestBody(from, other),
      );
      assert.deepEqual([answer.status, answer.body.code], [403, 'TIL-00008']);
    });

    it('lets .org ask for another, which then can read it, with its events', async () => {
      const hub = await newOrganization('Knutepunkt');
      const token = await organizationToken(hub, 'altinn:consentrequests.org');
      const answer = await call('POST', REQUESTS, token, requestBody(from, to));
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.body.handledBy, hub.urn);
      assert.equal((await call('GET', `${REQUESTS}/${answer.body.id}`, token)).status, 200);
      const feed = await call(
        'GET',
        `${REQUESTS}/events?consentRequestId=${answer.body.id}`,
        token,
      );
      assert.equal(feed.body.data.length, 1);
    });

    it('takes the supplier of the token as the one who handles it', async () => {
      const supplier = await newOrganization('Leverandør AS');
      const answer = await call(
        'POST',
        REQUESTS,
        await organizationToken(to, WRITE, supplier),
        requestBody(from, to),
      );
      assert.equal(answer.body.handledBy, supplier.urn);
    });
  });

  describe('reading back', () => {
    it('refuses another organisation with 403 AM-00000, and an unknown id with 404 AM-00001', async () => {
      const id = await ask(from, to);
      const stranger = await organizationToken(await newOrganization(), READ);
      const refused = await call('GET', `${REQUESTS}/${id}`, stranger);
      assert.deepEqual([refused.status, refused.body.code], [403, 'AM-00000']);
      const unknown = await call('GET', `${REQUESTS}/${randomUUID()}`, stranger);
      assert.deepEqual([unknown.status, unknown.body.code], [404, 'AM-00001']);
      assert.equal((await call('GET', `${REQUESTS}/42`, stranger)).status, 404);
    });

    it('derives Expired from the clock, and keeps the stored status', async () => {
      const id = await ask(from, to, { validTo: inDays(1) });
      await at(2 * 86_400_000, async () => {
        const { body } = await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ));
        assert.deepEqual([body.status, body.effectiveStatus], ['Created', 'Expired']);
        assert.deepEqual(
          body.consentRequestEvents.map((event: any) => event.eventType),
          ['Created', 'Expired'],
        );
      });
    });

    it('never tells which employee answered', async () => {
      const company = await newOrganization('Firma AS');
      const director = await newPerson('Direktør Dulgt');
      await newRole('dagl', company, director);
      const id = await ask(company, to, {
        consentRights: [
          {
            action: ['consent'],
            resource: [{ type: 'urn:altinn:resource', value: 'regnskap' }],
            metadata: { aar: '2025' },
          },
        ],
      });
      assert.equal((await approve(id, director)).status, 200);
      const answer = await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ));
      assert.ok(!answer.text.includes(director.number) && !answer.text.includes(director.id));
      const accepted = answer.body.consentRequestEvents.at(-1);
      assert.deepEqual(
        [accepted.eventType, accepted.performedBy, accepted.performedByRole],
        ['Accepted', company.urn, 'dagl'],
      );
    });
  });

  it('lists delegations of scopes between organisations', async () => {
    const token = await outsideToken({ scope: 'altinn:maskinporten/delegations.admin' });
    const all = await call(
      'GET',
      `${API}/maskinporten/delegations?supplierOrg=${numberOf('Datahjelp AS')}&scope=testskatt:inntekt`,
      token,
    );
    assert.deepEqual(
      all.body.map((row: any) => [row.scope, row.supplier_org, row.consumer_org]),
      [['testskatt:inntekt', numberOf('Datahjelp AS'), numberOf('Prøvebanken ASA')]],
    );
  });
});
