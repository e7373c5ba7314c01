// Acts of the demo's people against a server process of a test's own: the bank asks Kari for a
// consent.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  incomeRight,
  inDays,
  numberOf,
  organizationToken,
  outsideToken,
  READ,
  REQUESTS,
  WRITE,
  type TestParty,
} from '../world.ts';
import type { ServerProcess } from './process.ts';

/** A party of the demo's, by name, as tokens and bodies name it; its id is not known. */
export const demoParty = (name: string): TestParty => {
  const number = numberOf(name);
  return {
    id: '',
    name,
    number,
    urn: `urn:altinn:${number.length === 11 ? 'person' : 'organization'}:identifier-no:${number}`,
  };
};
export const kari = demoParty('Kari Testdal');
export const bank = demoParty('Eksempelbanken AS');
export const kariToken = () =>
  outsideToken({ scope: 'altinn:portal/enduser', pid: kari.number, 'urn:altinn:authlevel': 4 });
export const bankToken = () => organizationToken(bank, `${WRITE} ${READ}`);
export const requestOfKari = () => ({
  id: randomUUID(),
  from: kari.urn,
  to: bank.urn,
  validTo: inDays(30),
  consentRights: [incomeRight()],
  redirectUrl: 'http://127.0.0.1:3002/back',
});
export const askKari = async (server: ServerProcess) => {
  const answer = await server.call('POST', REQUESTS, await bankToken(), requestOfKari());
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id as string;
};
