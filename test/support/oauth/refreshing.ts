// Refresh tokens of consents that a person has just given.
import assert from 'node:assert/strict';
import { Browser } from '../pages/browser.ts';
import { CONSENT, payloadOf, type TestClient } from './clients.ts';
import { atClient, authorization, redeem } from './relying_party.ts';
import { rightTo } from '../rights/rights.ts';
import { inDays, world, type TestParty } from '../world.ts';

/** The consent's id and the refresh token; the client authenticates by `auth`. */
export async function givenTo(
  client: TestClient,
  person: TestParty,
  {
    of,
    days = 30,
    auth,
  }: { of: string[]; days?: number; auth: () => Promise<Record<string, string>> },
): Promise<{ id: string; token: string }> {
  const { verifier, query } = authorization(client, {
    authorization_details: JSON.stringify([
      {
        type: CONSENT,
        validTo: inDays(days),
        consentRights: of.flatMap((one) => rightTo(one).consentRights),
      },
    ]),
  });
  const browser = new Browser();
  await browser.open(`${world.url}/authorize?${query}`, atClient);
  await browser.logIn(person);
  await browser.submit({ answer: 'yes' });
  const [, back] = /href="(\/interaction\/[\w-]+)"/.exec(browser.page.html)!;
  await browser.open(back!, atClient);
  const code = { url: browser.page.url, verifier, wasAsked: true };
  const { body, status, text } = await redeem(client, code, await auth());
  assert.equal(status, 200, text);
  assert.ok(body.refresh_token, text);
  const [{ id }] = payloadOf(body.access_token).authorization_details;
  return { id, token: body.refresh_token };
}

/** How often tokens were fetched by a consent. */
export const usesOf = async (id: string): Promise<number> =>
  (await world.database.db.raw('select uses from mandate where consent_id = ?', [id])).rows[0].uses;
