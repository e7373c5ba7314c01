// Acts of the demo's people against a server process of a test's own: the bank asks Kari for a
// consent, and Daniel lets her read a service of the tax authority's for his company.
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
const demoParty = (name: string): TestParty => {
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

const firm = demoParty('Testdal Rørlegger AS');
const daniel = demoParty('Daniel Eksempelsen');
export const danielToken = () =>
  outsideToken({ scope: 'altinn:portal/enduser', pid: daniel.number, 'urn:altinn:authlevel': 4 });
/** The owner of services. */
export const tax = demoParty('Testskatteetaten');
/** The owner, who asks about them too. */
export const ownerToken = () =>
  outsideToken({
    scope: 'altinn:authorization/authorize.admin altinn:resourceregistry/resource.write',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${numberOf('Testskatteetaten')}` },
  });
const inEach = (text: string) => ({ nb: text, nn: text, en: text });
/** A service that whoever leads a company may read, and lets others read. */
export const serviceNamed = (identifier: string) => ({
  identifier,
  resourceType: 'GenericAccessResource',
  title: inEach('Tjeneste'),
  rightDescription: inEach('Les.'),
  rules: [{ actions: ['read'], subjects: ['dagl'] }],
});
export const REGISTRY = '/resourceregistry/api/v1/resource';
export const MANDATES = '/access/v1/mandates';
export const EVALUATION = '/access/v1/evaluation';
/** A power of attorney for Kari, to read it for the company. */
export const giftToKari = (resource: string) => ({
  from: firm.number,
  to: kari.number,
  lastName: 'Testdal',
  resource,
  actions: ['read'],
});
/** Whether she may. */
export const mayKariRead = (resource: string) => ({
  subject: { type: 'person', id: kari.number },
  action: { name: 'read' },
  resource: { type: 'resource', id: resource, properties: { party: firm.number } },
});
