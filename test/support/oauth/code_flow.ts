// The authorization code flow by PAR, PKCE and the approval page, step by step.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Browser } from '../pages/browser.ts';
import { clientAuth, CONSENT, newClient, post, REDIRECT, WEB, type TestClient } from './clients.ts';
import { atClient } from './relying_party.ts';
import {
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  world,
  type TestParty,
} from '../world.ts';

/** A person, an organisation, and its client of the code flow. */
export async function newCodeParties() {
  const [person, to] = [await newPerson('Kode Person'), await newOrganization('Kodebanken AS')];
  const client = await newClient(to, WEB);
  return { person, to, client };
}

/** A consent to ask for. */
export const detail = (changes: object = {}) => ({
  type: CONSENT,
  validTo: inDays(30),
  consentRights: [incomeRight()],
  requestMessage: { nb: 'Til lån' },
  ...changes,
});

/** An authorization request, and the verifier of its challenge. */
export interface Flow {
  verifier: string;
  parameters: Record<string, string>;
}
export const flow = (
  client: TestClient,
  details: unknown[] | null = [detail()],
  changes: Record<string, string> = {},
): Flow => {
  const verifier = randomBytes(32).toString('base64url');
  return {
    verifier,
    parameters: {
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: `openid ${client.scope}`,
      state: 's',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(details ? { authorization_details: JSON.stringify(details) } : {}),
      ...changes,
    },
  };
};
/** Pushes it (RFC 9126). */
export const push = async (client: TestClient, { parameters }: Flow) =>
  post('/par', { ...(await clientAuth(client)), ...parameters });
/** Sends a browser with it. */
export const start = async (
  client: TestClient,
  browser: Browser,
  request: Flow,
  until = atClient,
) => {
  const pushed = await push(client, request);
  assert.equal(pushed.status, 201, pushed.text);
  return browser.open(
    `${world.url}/authorize?${new URLSearchParams({ client_id: client.id, request_uri: pushed.body.request_uri })}`,
    until,
  );
};
/** Exchanges a code for tokens. */
export const redeemCode = async (
  client: TestClient,
  code: string,
  verifier: string,
  extra: Record<string, string> = {},
) =>
  post('/token', {
    ...(await clientAuth(client)),
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT,
    ...extra,
  });

/** Walks to the end; answers with the address at the client. */
export async function answered(
  client: TestClient,
  who: TestParty,
  request: Flow,
  answer: 'yes' | 'no' = 'yes',
): Promise<URL> {
  const browser = new Browser();
  await start(client, browser, request);
  await browser.logIn(who);
  assert.match(browser.page.url.pathname, /^\/consent\/request$/, browser.page.html.slice(0, 500));
  await browser.submit({ answer });
  assert.equal(browser.page.url.pathname, '/consent/receipt');
  const [, back] = /href="(\/interaction\/[\w-]+)"/.exec(browser.page.html)!;
  await browser.open(back!, atClient);
  return browser.page.url;
}
