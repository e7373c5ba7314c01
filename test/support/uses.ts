// Consents whose uses are counted: asked for, given, and drawn.
import assert from 'node:assert/strict';
import { consentDetail, exchange, type TestClient } from './oauth/clients.ts';
import { answerYes, asked } from './parts.ts';
import { ask, at, type TestParty } from './world.ts';

/** A consent to a service, given as it was asked for, or with what the giver adds. */
export async function given(
  { from, to }: { from: TestParty; to: TestParty },
  resource: string,
  { request = {}, yes = {} }: { request?: object; yes?: object } = {},
): Promise<string> {
  const id = await ask(from, to, { consentRights: [asked(resource)], ...request });
  const { status, text } = await answerYes(id, from, yes);
  assert.equal(status, 200, text);
  return id;
}

/** Draws a token, by a clock that is moved by so much. */
export const draw = (client: TestClient, id: string, from: TestParty, offset = 0) =>
  at(offset, () => {
    const iat = Math.floor((Date.now() + offset) / 1000);
    return exchange(client, { ...consentDetail(id, from), iat, exp: iat + 60 });
  });
