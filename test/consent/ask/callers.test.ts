// Who may ask for consent, for whom, and read it back.
import assert from 'node:assert/strict';
import { sendAs } from '../../support/asking.ts';
import { randomUUID } from 'node:crypto';
import {
  API,
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  numberOf,
  organizationToken,
  outsideToken,
  READ,
  requestBody,
  REQUESTS,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

describe('those who ask for consent', () => {
  let from: TestParty;
  let to: TestParty;
  before(async () => {
    from = await newPerson();
    to = await newOrganization();
  });

  const send = async (changes: object = {}, scope = WRITE) => sendAs(to, from, changes, scope);

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
          body.consentRequestEvents.map((event: { eventType: string }) => event.eventType),
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
      all.body.map((row: { scope: string; supplier_org: string; consumer_org: string }) => [
        row.scope,
        row.supplier_org,
        row.consumer_org,
      ]),
      [['testskatt:inntekt', numberOf('Datahjelp AS'), numberOf('Prøvebanken ASA')]],
    );
  });
});
