// Consents that come in the place of others: asked for, and what became of both.
import { asked } from './parts.ts';
import {
  call,
  organizationToken,
  READ,
  requestBody,
  REQUESTS,
  WRITE,
  type TestParty,
} from './world.ts';

/** Asks to replace or renew, for these services; what else it asks stands in `changes`. */
export const askInPlace = async (
  { from, to }: { from: TestParty; to: TestParty },
  what: { replaces: string } | { renews: string },
  resources: string[],
  changes: object = {},
) =>
  call('POST', REQUESTS, await organizationToken(to, WRITE), {
    ...requestBody(from, to, { consentRights: resources.map((one) => asked(one)), ...changes }),
    ...what,
  });

/** The request as its asker reads it. */
export const seenByAsker = async (id: string, to: TestParty) =>
  (await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ))).body;
