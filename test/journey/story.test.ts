// The story, with the real clients: a bank asks, a citizen approves, the token carries it, the API
// checks it, the citizen withdraws; the same through OAuth alone; a managing director for the
// company.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Browser, heading, loggedIn } from '../support/pages/browser.ts';
import { payloadOf } from '../support/oauth/clients.ts';
import {
  call,
  inDays,
  numberOf,
  organizationToken,
  READ,
  REQUESTS,
  requestBody,
  WRITE,
  world,
  type TestParty,
} from '../support/world.ts';

const demo = (name: string): TestParty => {
  const number = numberOf(name);
  const kind = number.length === 11 ? 'person' : 'organization';
  return { id: '', number, name, urn: `urn:altinn:${kind}:identifier-no:${number}` };
};

describe('the story', () => {
  const kari = demo('Kari Testdal');
  const bank = demo('Eksempelbanken AS');
  const atBank = (url: URL) => url.href.startsWith(world.bankUrl);
  let id: string;
  let browser: Browser;
  let token: string;

  it('1. the bank gets a machine token, asks, and sends the browser to viewUri', async () => {
    id = randomUUID();
    const asked = await world.bank.ask(kari.number, '2025', id);
    assert.equal(asked.status, 'Created', JSON.stringify(asked));
    browser = new Browser();
    await browser.open(`${asked.viewUri}&DONTCHOOSEREPORTEE=true`);
    assert.ok(browser.page.url.href.startsWith(world.env.eid.issuer));
  });

  it('2. the citizen logs in, sees who asks for what, from whom, why, how long and what no means; says yes; gets a receipt', async () => {
    await browser.logIn(kari);
    const { html } = browser.page;
    for (const text of [
      'Kan Eksempelbanken AS hente',
      bank.number.replace(/(\d{3})(?=\d)/g, '$1\u00a0'),
      'Testskatteetaten',
      'Inntekt',
      '2025',
      'For å vurdere søknaden om boliglån',
      'Hvor lenge',
      'Hvis du svarer nei',
      'Hvis du ombestemmer deg',
      'Innlogget som Kari Testdal',
    ]) {
      assert.ok(html.includes(text), text);
    }
    await browser.submit({ answer: 'yes' });
    assert.equal(heading(browser.page), 'Du har gitt samtykke');
    for (const text of [
      'Referanse',
      'Gitt av',
      'Formål',
      'Gå tilbake til Eksempelbanken AS',
      '127.0.0.1',
    ])
      assert.ok(browser.page.html.includes(text), text);
  });

  it('2b. and is led back to the bank, with an answer that the bank can trust', async () => {
    await browser.open(
      /href="(\/consent\/continue[^"]*)"/.exec(browser.page.html)![1]!.replaceAll('&#x3D;', '='),
      atBank,
    );
    const { searchParams } = browser.page.url;
    assert.deepEqual([searchParams.get('consentId'), searchParams.get('Status')], [id, 'OK']);
    const { payload } = await jwtVerify(
      searchParams.get('consent_response')!,
      createRemoteJWKSet(new URL(`${world.url}/jwks`)),
      {
        issuer: world.url,
        audience: bank.urn,
        typ: 'consent-response+jwt',
      },
    );
    assert.deepEqual([payload.consent_id, payload.status], [id, 'Accepted']);
  });

  it('3. the bank exchanges the consent for a token that says what was approved', async () => {
    const answer = await world.bank.token('testskatt:inntekt', { id, from: kari.urn });
    token = answer.access_token!;
    assert.equal(
      payloadOf(token).authorization_details[0].consentRights[0].metadata.inntektsaar,
      '2025',
    );
  });

  it('4. the tax authority checks it offline and answers, for this person and this year only; or asks introspection', async () => {
    assert.equal((await world.bank.income(token, kari.number, '2025')).body.income, 612_000);
    assert.equal(
      (await world.bank.income(token, kari.number, '2024')).body.reason,
      'wrong_metadata',
    );
    assert.equal(
      (await world.bank.income(token, demo('Ola Testdal').number, '2025')).body.reason,
      'wrong_from',
    );
    const live = await call('GET', `${world.taxUrl}/income/${kari.number}/2025?check=live`, token);
    assert.equal(live.status, 200, live.text);
  });

  it('5. the citizen opens the overview, withdraws in two clicks, and the next exchange is refused', async () => {
    await browser.open(`${world.url}/consents`);
    assert.ok(browser.page.html.includes(`/consents/${id}`));
    await browser.open(`/consents/${id}`);
    await browser.open(`/consents/${id}/withdraw`);
    await browser.submit({});
    assert.match(browser.page.html, /Samtykket er trukket/);
    const refused = await world.bank.token('testskatt:inntekt', { id, from: kari.urn });
    assert.deepEqual([refused.error, refused.consent_error], ['invalid_grant', 'AM-00011']);
    assert.equal(
      (await call('GET', `${world.taxUrl}/income/${kari.number}/2025?check=live`, token)).body
        .error,
      'consent_withdrawn',
    );
    const feed = await call(
      'GET',
      `${REQUESTS}/events?consentRequestId=${id}&eventType=revoked`,
      await organizationToken(bank, READ),
    );
    assert.deepEqual(
      feed.body.data.map((row: { eventType: string }) => row.eventType),
      ['Revoked'],
    );
  });

  it('6. the same through OAuth alone: PAR, approval as the interaction, code, refresh; all die with the consent', async () => {
    const start = await world.bank.authorize(kari.number, '2025');
    await browser.open(start.href);
    assert.match(heading(browser.page), /^Kan Eksempelbanken AS hente/);
    await browser.submit({ answer: 'yes' });
    await browser.open(/href="(\/interaction\/[\w-]+)"/.exec(browser.page.html)![1]!, atBank);
    const tokens = await world.bank.callback(browser.page.url);
    const [consent] = tokens.authorization_details as unknown as [{ id: string; from: string }];
    assert.equal(consent.from, kari.urn);
    const refreshed = await world.bank.refresh(tokens.refresh_token!);
    assert.equal(payloadOf(refreshed.access_token).authorization_details[0].id, consent.id);
    await browser.open(`${world.url}/consents/${consent.id}/withdraw`);
    await browser.submit({});
    await assert.rejects(
      world.bank.refresh(refreshed.refresh_token!),
      /invalid_grant|unexpected|error/i,
    );
  });

  it('7. a managing director approves for the company; an employee without the right is told who can', async () => {
    const company = demo('Testdal Rørlegger AS');
    const body = requestBody(company, bank, {
      consentRights: [
        {
          action: ['consent'],
          resource: [{ type: 'urn:altinn:resource', value: 'regnskap' }],
          metadata: { aar: '2025' },
        },
      ],
      redirectUrl: `${world.bankUrl}/back?consentId=x`,
      validTo: inDays(20),
    });
    const asked = await call('POST', REQUESTS, await organizationToken(bank, WRITE), body);
    assert.equal(asked.status, 201, asked.text);
    const employee = await loggedIn(demo('Mikkel Verksund'), asked.body.viewUri);
    assert.equal(employee.page.status, 403);
    for (const role of ['daglig leder', 'styrets leder'])
      assert.ok(employee.page.html.includes(role), role);
    assert.ok(!employee.page.html.includes('Daniel'));
    const director = await loggedIn(demo('Daniel Eksempelsen'), asked.body.viewUri);
    assert.match(director.page.html, /Du svarer som daglig leder i Testdal Rørlegger AS/);
    await director.submit({ answer: 'yes' });
    assert.match(director.page.html, /Daniel Eksempelsen, daglig leder/);
    const { body: after } = await call(
      'GET',
      `${REQUESTS}/${body.id}`,
      await organizationToken(bank, READ),
    );
    assert.equal(after.status, 'Accepted');
    await director.open(`${world.url}/parties`);
    assert.match(director.page.html, /Testdal Rørlegger AS avd\. Vest/);
  });
});
