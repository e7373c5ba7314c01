// Approving, rejecting, withdrawing and looking up (contract: consent §1.4–1.5, §2): who may, what
// is stored, and that answers are harmless when repeated and safe against each other.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  API,
  approve,
  approvedConsent,
  ask,
  at,
  call,
  importThis,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  personToken,
  READ,
  reject,
  REQUESTS,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

const right = (resource: string, metadata: object = {}) => ({
  consentRights: [
    { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: resource }], metadata },
  ],
});
const events = async (id: string, to: TestParty) =>
  (
    await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ))
  ).body.consentRequestEvents.map((event: { eventType: string }) => event.eventType);

describe('answering', () => {
  let from: TestParty;
  let to: TestParty;
  before(async () => {
    from = await newPerson();
    to = await newOrganization();
  });

  it('approves once, however often it is called', async () => {
    const id = await ask(from, to);
    for (let time = 0; time < 3; time += 1) {
      const answer = await approve(id, from);
      assert.deepEqual([answer.status, answer.body.status], [200, 'Accepted']);
      assert.ok(answer.body.consented);
    }
    assert.deepEqual(await events(id, to), ['Created', 'Accepted']);
  });

  it('stores the text that was shown: language, hash and who showed it', async () => {
    const id = await ask(from, to);
    await approve(id, from);
    const {
      rows: [shown],
    } = await world.database.db.raw('select * from consent_shown where consent_id = ?', [id]);
    assert.deepEqual([shown.language, shown.shown_by], ['nb', 'portal']);
    assert.match(shown.text.title, /hente opplysninger om deg/);
    assert.ok(shown.hash.length > 40);
  });

  it("answers in the portal's shape: parties by UUID, requestmessage, template", async () => {
    const id = await ask(from, to);
    const { body } = await call('GET', `${API}/bff/consentrequests/${id}`, await personToken(from));
    assert.equal(body.from, `urn:altinn:party:uuid:${from.id}`);
    assert.equal(body.requestmessage.nb, 'Til lånesøknad');
    assert.deepEqual(
      [body.templateId, body.templateVersion, body.status],
      ['default', 1, 'Created'],
    );
  });

  it('rejects once, and then refuses approval with AM-00002', async () => {
    const id = await ask(from, to);
    assert.equal((await reject(id, from)).status, 200);
    assert.equal((await reject(id, from)).status, 200);
    const refused = await approve(id, from);
    assert.deepEqual([refused.status, refused.body.code], [400, 'AM-00002']);
    assert.deepEqual(await events(id, to), ['Created', 'Rejected']);
  });

  it('refuses rejection after approval with AM-00015', async () => {
    const id = await ask(from, to);
    await approve(id, from);
    const refused = await reject(id, from);
    assert.deepEqual([refused.status, refused.body.code], [400, 'AM-00015']);
  });

  it('refuses approval after validTo, but still takes a no', async () => {
    const id = await ask(from, to, { validTo: inDays(1) });
    await at(86_400_000 + 1000, async () => {
      const refused = await approve(id, from);
      assert.deepEqual(
        [refused.status, refused.body.validationErrors[0].code],
        [400, 'AM.VLD-00022'],
      );
      assert.equal((await reject(id, from)).status, 200);
    });
  });

  it('refuses another person with 403 AM-00000, an unknown id with 404, an organisation with 401', async () => {
    const id = await ask(from, to);
    const other = await approve(id, await newPerson());
    assert.deepEqual([other.status, other.body.code], [403, 'AM-00000']);
    assert.equal((await approve(randomUUID(), from)).body.code, 'AM-00001');
    const organization = await call(
      'POST',
      `${API}/consent/request/${id}/approve`,
      await organizationToken(to, 'altinn:portal/enduser'),
      { language: 'nb' },
    );
    assert.equal(organization.status, 401);
  });

  it('refuses approval without a language, or with one it does not have', async () => {
    const id = await ask(from, to);
    const path = `${API}/bff/consentrequests/${id}/accept`;
    assert.equal(
      (await call('POST', path, await personToken(from), {})).body.validationErrors[0].code,
      'STD.VLD-00000',
    );
    assert.equal(
      (await call('POST', path, await personToken(from), { language: 'de' })).body
        .validationErrors[0].code,
      'TIL.VLD-00001',
    );
  });

  it('asks for a higher level where the resource needs it (RFC 9470)', async () => {
    const id = await ask(from, to, right('ytelser', { fra: '2026-01' }));
    const refused = await approve(id, from, { 'urn:altinn:authlevel': 3 });
    assert.deepEqual([refused.status, refused.body.code], [401, 'TIL-00007']);
    assert.match(
      refused.headers.get('www-authenticate')!,
      /insufficient_user_authentication.*acr_values="idporten-loa-high"/,
    );
    assert.equal((await approve(id, from, { 'urn:altinn:authlevel': 4 })).status, 200);
  });

  it('counts a token without a level as the configured default, 0', async () => {
    const id = await ask(from, to);
    assert.equal((await approve(id, from, { 'urn:altinn:authlevel': undefined })).status, 401);
  });

  it('refuses claims that name two different people', async () => {
    const id = await ask(from, to);
    assert.equal((await approve(id, from, { pid: (await newPerson()).number })).status, 401);
  });

  describe('for somebody else', () => {
    it('lets a parent answer for a child until it is 18', async () => {
      const [child, parent] = [await newPerson(), await newPerson()];
      await newRole('foreldreansvar', child, parent, { validTo: inDays(10) });
      const id = await ask(child, to);
      await at(11 * 86_400_000, async () => assert.equal((await approve(id, parent)).status, 403));
      assert.equal((await approve(id, parent)).status, 200);
    });

    it('lets a guardian answer for a ward, until the register ends it', async () => {
      const [ward, guardian] = [await newPerson(), await newPerson()];
      await newRole('verge:skatteetaten-skatt', ward, guardian);
      const id = await ask(ward, to);
      await importThis({
        roleHolders: [
          {
            role: 'verge:skatteetaten-skatt',
            from: ward.number,
            to: guardian.number,
            endedAt: inDays(-1),
          },
        ],
      });
      assert.equal((await approve(id, guardian)).status, 403);
      await importThis({
        roleHolders: [{ role: 'verge:skatteetaten-skatt', from: ward.number, to: guardian.number }],
      });
      assert.equal((await approve(id, guardian)).status, 200);
    });

    it('lets a managing director answer for the company and its sub-unit, and nobody else', async () => {
      const [company, director, employee] = [
        await newOrganization(),
        await newPerson(),
        await newPerson(),
      ];
      const unit = await newOrganization('Avdeling', { parent: company.number });
      await newRole('dagl', company, director);
      await newRole('medl', company, employee);
      for (const giver of [company, unit]) {
        const id = await ask(giver, to, right('regnskap', { aar: '2025' }));
        assert.equal((await approve(id, employee)).status, 403);
        assert.equal((await approve(id, director)).status, 200);
      }
    });

    it("does not let a sub-unit's role reach the main unit", async () => {
      const [company, director] = [await newOrganization(), await newPerson()];
      const unit = await newOrganization('Avdeling', { parent: company.number });
      await newRole('dagl', unit, director);
      const id = await ask(company, to, right('regnskap', { aar: '2025' }));
      assert.equal((await approve(id, director)).status, 403);
    });

    it('lets only the named person answer, though others could', async () => {
      const [company, director, chair] = [
        await newOrganization(),
        await newPerson(),
        await newPerson(),
      ];
      await newRole('dagl', company, director);
      await newRole('lede', company, chair);
      const id = await ask(company, to, {
        ...right('regnskap', { aar: '2025' }),
        requiredDelegator: chair.urn,
      });
      assert.equal((await approve(id, director)).status, 403);
      assert.equal((await reject(id, director)).status, 403);
      assert.equal((await approve(id, chair)).status, 200);
      assert.equal((await withdraw(id, director)).status, 200);
    });
  });

  describe('at the same moment', () => {
    it('makes one approval of six', async () => {
      const id = await ask(from, to);
      const answers = await Promise.all(Array.from({ length: 6 }, () => approve(id, from)));
      assert.deepEqual(
        answers.map((answer) => answer.status),
        [200, 200, 200, 200, 200, 200],
      );
      assert.deepEqual(await events(id, to), ['Created', 'Accepted']);
      const { rows } = await world.database.db.raw('select from mandate where consent_id = ?', [
        id,
      ]);
      assert.equal(rows.length, 1);
    });

    it('lets one of approve and reject win, and tells the other', async () => {
      for (let round = 0; round < 5; round += 1) {
        const id = await ask(from, to);
        const [yes, no] = await Promise.all([approve(id, from), reject(id, from)]);
        const won = yes.status === 200 ? 'Accepted' : 'Rejected';
        assert.deepEqual([yes.status, no.status].sort(), [200, 400]);
        assert.ok(['AM-00002', 'AM-00015'].includes((yes.status === 200 ? no : yes).body.code));
        assert.deepEqual(await events(id, to), ['Created', won]);
      }
    });

    it('makes one withdrawal of six', async () => {
      const consent = await approvedConsent();
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => withdraw(consent.id, consent.from)),
      );
      assert.ok(answers.every((answer) => answer.status === 200));
      assert.deepEqual(await events(consent.id, consent.to), ['Created', 'Accepted', 'Revoked']);
    });
  });
});

describe('withdrawing', () => {
  it('ends the consent at once: the next look-up is refused', async () => {
    const { id, from, to } = await approvedConsent();
    assert.equal((await lookUp(id, from, to)).status, 200);
    const answer = await withdraw(id, from);
    assert.deepEqual([answer.status, answer.body.status], [200, 'Revoked']);
    assert.equal((await lookUp(id, from, to)).body.code, 'AM-00011');
  });

  it('refuses with AM-00010 what was never approved, and 403 for another person', async () => {
    const from = await newPerson();
    const id = await ask(from, await newOrganization());
    const refused = await withdraw(id, from);
    assert.deepEqual([refused.status, refused.body.code], [400, 'AM-00010']);
    assert.equal((await withdraw(id, await newPerson())).status, 403);
    assert.equal((await withdraw(randomUUID(), from)).status, 404);
  });

  it('is for whoever may approve today: one who did, and left, keeps the receipt alone', async () => {
    const [company, director, to] = [
      await newOrganization(),
      await newPerson(),
      await newOrganization(),
    ];
    await newRole('dagl', company, director);
    const id = await ask(company, to, right('regnskap', { aar: '2025' }));
    await approve(id, director);
    await newRole('dagl', company, director, { endedAt: inDays(-1) });
    const next = await newPerson();
    await newRole('dagl', company, next);
    assert.equal((await withdraw(id, director)).status, 403);
    assert.equal((await withdraw(id, next)).status, 200);
    const read = await call('GET', `${API}/consent/${id}`, await personToken(director));
    assert.deepEqual([read.status, read.body.status], [200, 'Accepted']);
  });
});

describe('the look-up of an outside token issuer', () => {
  it('answers with the consent, and leaves no trace', async () => {
    const { id, from, to } = await approvedConsent();
    const answer = await lookUp(id, from, to);
    assert.deepEqual(
      [answer.status, answer.body.id, answer.body.from, answer.body.to],
      [200, id, from.urn, to.urn],
    );
    assert.deepEqual(answer.body.consentRights[0].metadata, { inntektsaar: '2025' });
    const {
      rows: [{ uses }],
    } = await world.database.db.raw('select uses from mandate where consent_id = ?', [id]);
    assert.equal(uses, 0);
  });

  it('has the place of what happened last, as the asker’s own reading has', async () => {
    const { id, from, to } = await approvedConsent();
    const path = `${API}/enterprise/consentrequests/${id}`;
    const own = await call('GET', path, await organizationToken(to, READ));
    assert.ok(own.body.pos > 0);
    assert.equal((await lookUp(id, from, to)).body.pos, own.body.pos);
  });

  it("refuses: unknown and another's AM-00001, wrong giver AM-00012, waiting AM-00014, expired AM-00013", async () => {
    const { id, from, to } = await approvedConsent();
    const other = await newPerson();
    assert.deepEqual(
      [
        (await lookUp(randomUUID(), from, to)).status,
        (await lookUp(randomUUID(), from, to)).body.code,
      ],
      [404, 'AM-00001'],
    );
    assert.equal((await lookUp(id, from, await newOrganization())).body.code, 'AM-00001');
    assert.equal((await lookUp(id, other, to)).body.code, 'AM-00012');
    assert.equal((await lookUp(await ask(from, to), from, to)).body.code, 'AM-00014');
    await at(40 * 86_400_000, async () =>
      assert.equal((await lookUp(id, from, to)).body.code, 'AM-00013'),
    );
  });

  it('tells several problems at once as STD-00001 with 400', async () => {
    const { id, to } = await approvedConsent();
    await at(40 * 86_400_000, async () => {
      const answer = await lookUp(id, await newPerson(), to);
      assert.deepEqual(
        [
          answer.status,
          answer.body.code,
          answer.body.problems.map((problem: { code: string }) => problem.code),
        ],
        [400, 'STD-00001', ['AM-00012', 'AM-00013']],
      );
    });
  });

  it('refuses unknown parties without failing, and missing members', async () => {
    const { id } = await approvedConsent();
    const token = await outsideToken({ scope: 'altinn:maskinporten/consent.read' });
    const path = `${API}/maskinporten/consent/lookup/`;
    const body = {
      id,
      from: 'urn:altinn:person:identifier-no:14838412999',
      to: 'urn:altinn:organization:identifier-no:399999999',
    };
    assert.equal((await call('POST', path, token, body)).status, 404);
    assert.equal((await call('POST', path, token, {})).body.validationErrors.length, 3);
    assert.equal((await call('POST', path, token, null)).body.code, 'STD-00000');
  });
});

describe("a person's lists", () => {
  it("hold one's own and those one answers for, and are refused to others", async () => {
    const { from } = await approvedConsent();
    const stranger = await newPerson();
    for (const path of ['active', 'log', 'count']) {
      const own = await call('GET', `${API}/consent/${path}/${from.id}`, await personToken(from));
      assert.equal(own.status, 200, path);
      assert.ok(own.body !== undefined && own.body !== null);
      assert.equal(
        (await call('GET', `${API}/consent/${path}/${from.id}`, await personToken(stranger)))
          .status,
        403,
      );
    }
    const parent = await newPerson();
    await newRole('foreldreansvar', from, parent);
    const read = async () =>
      (await call('GET', `${API}/consent/log/${from.id}`, await personToken(parent))).body.length;
    assert.equal(await read(), 0, 'the answer of a child by its own right');
    const answered = await ask(from, await newOrganization());
    assert.equal((await approve(answered, parent)).status, 200);
    assert.equal(await read(), 1);
  });

  it('count what waits in the portal', async () => {
    const from = await newPerson();
    await ask(from, await newOrganization(), { portalViewMode: 'Show' });
    await ask(from, await newOrganization());
    const { body } = await call(
      'GET',
      `${API}/bff/consentrequests/count/${from.id}?status=Created`,
      await personToken(from),
    );
    assert.equal(body, 1);
  });
});
