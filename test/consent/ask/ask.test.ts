// Asking for consent (contract: consent §1.1, §1.7): what is stored, what is refused, and with
// which code.
import assert from 'node:assert/strict';
import { codes, right, sendAs } from '../../support/asking.ts';
import { randomUUID } from 'node:crypto';
import {
  at,
  call,
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  organizationToken,
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
        const { pos, ...read } = (await call('GET', `${REQUESTS}/${sent.id}`, token)).body;
        assert.ok(pos > 0);
        assert.deepEqual(read, first.body);
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
});
