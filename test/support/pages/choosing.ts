// Choosing whom to act for, as a person does it in a browser, and what the client then gets.
import assert from 'node:assert/strict';
import { Browser } from './browser.ts';
import { clientAuth, post, push, REDIRECT, type TestClient } from '../oauth/clients.ts';
import { world } from '../world.ts';

export const atClient = (url: URL) => url.href.startsWith(REDIRECT);

/** Logs in and stands at the choice. */
export async function toChoice(client: TestClient, person: { number: string }, details: object[]) {
  const { pushed, verifier } = await push(client, details);
  assert.equal(pushed.status, 201, pushed.text);
  const browser = new Browser();
  await browser.open(
    `${world.url}/authorize?${new URLSearchParams({ client_id: client.id, request_uri: pushed.body.request_uri })}`,
    atClient,
  );
  await browser.logIn(person, atClient);
  return { browser, verifier };
}

/** The answer of the token endpoint after the choice: ids apart by spaces, or `self`. */
export async function choose(
  client: TestClient,
  person: { number: string },
  details: object[],
  party: string,
) {
  const { browser, verifier } = await toChoice(client, person, details);
  await browser.submit({ party, answer: 'yes' }, atClient);
  const code = browser.page.url.searchParams.get('code');
  assert.ok(code, browser.page.html.slice(0, 400));
  return post('/token', {
    ...(await clientAuth(client)),
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT,
  });
}

export const refresh = async (
  client: TestClient,
  token: string,
  extra: Record<string, string> = {},
) =>
  post('/token', {
    ...(await clientAuth(client)),
    grant_type: 'refresh_token',
    refresh_token: token,
    ...extra,
  });
export const introspect = async (client: TestClient, token: string) =>
  (await post('/introspect', { ...(await clientAuth(client)), token })).body;
