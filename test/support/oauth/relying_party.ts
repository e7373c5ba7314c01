// A relying party of a test's own: sends a browser to log in, and takes the answer.
import { createHash, randomBytes } from 'node:crypto';
import { clientAuth, payloadOf, post, REDIRECT, type TestClient } from './clients.ts';
import type { Browser } from '../pages/browser.ts';
import { world, type Answer, type TestParty } from '../world.ts';

export const atClient = (url: URL) => url.href.startsWith(REDIRECT);
const atEid = (url: URL) => url.href.startsWith(world.env.eid.issuer);

export interface Authorized {
  /** Where the browser ended: at the client, or on a page. */
  url: URL;
  verifier: string;
  /** Whether the eID asked the person. */
  wasAsked: boolean;
}

/** An authorization request, with PKCE. */
export function authorization(client: TestClient, parameters: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: `openid ${client.scope}`,
    state: 'as it was',
    nonce: 'n-1',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    ...parameters,
  });
  return { verifier, query };
}

/** Sends the browser to log in; whoever is asked at the eID is `who`. */
export async function authorize(
  browser: Browser,
  client: TestClient,
  who: TestParty,
  parameters: Record<string, string> = {},
): Promise<Authorized> {
  const { verifier, query } = authorization(client, parameters);
  await browser.open(`${world.url}/authorize?${query}`, atClient);
  const wasAsked = atEid(browser.page.url);
  if (wasAsked) await browser.logIn(who, atClient);
  return { url: browser.page.url, verifier, wasAsked };
}

export const redeem = async (
  client: TestClient,
  { url, verifier }: Authorized,
  authentication?: Record<string, string>,
): Promise<Answer> =>
  post('/token', {
    ...(authentication ?? (await clientAuth(client))),
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    code_verifier: verifier,
    redirect_uri: REDIRECT,
  });

/** The whole login; answers with what the tokens are and say. */
export async function loggedInAt(
  client: TestClient,
  browser: Browser,
  who: TestParty,
  parameters: Record<string, string> = {},
  authentication?: Record<string, string>,
) {
  const authorized = await authorize(browser, client, who, parameters);
  const answer = await redeem(client, authorized, authentication);
  if (answer.status !== 200) throw new Error(`${authorized.url} ${answer.text}`);
  return {
    ...answer.body,
    wasAsked: authorized.wasAsked,
    id: payloadOf(answer.body.id_token),
    access: payloadOf(answer.body.access_token),
  };
}
