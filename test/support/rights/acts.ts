// Acts of one who leads a company, each prepared to the last step: for tests of what holds for
// every act.
import assert from 'node:assert/strict';
import {
  change,
  end,
  give,
  given,
  MANDATES,
  newConsentResource,
  newResource,
  can,
  rightTo,
  type newFirm,
} from './rights.ts';
import { newAskedSystem, newSystem } from './systems.ts';
import {
  API,
  approve,
  ask,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  withdraw,
  type Answer,
  type TestParty,
} from '../world.ts';

type Led = Awaited<ReturnType<typeof newFirm>>;
/** Prepares an act, and answers with it. */
type Prepared = (led: Led) => Promise<() => Promise<Answer>>;

const VAT = { package: 'merverdiavgift' };
const post = async (boss: TestParty, path: string, body?: object, method = 'POST') =>
  call(method, path, await personToken(boss), body);
const consentOf = async ({ firm }: Led) =>
  ask(firm, await newOrganization(), rightTo(await newConsentResource(['dagl'])));
const requestOf = async ({ firm }: Led) => {
  const clerk = await newPerson();
  await newRole('medl', firm, clerk);
  const resource = await newResource([can('read', 'dagl'), can('write', 'dagl')]);
  const query = new URLSearchParams({ party: clerk.id, to: firm.id, resource });
  const { status, body } = await post(clerk, `${API}/enduser/request/resource?${query}`);
  assert.ok(status < 300, JSON.stringify(body));
  return body.id as string;
};

export const ACTS: Record<string, Prepared> = {
  'giving a package': async ({ firm, boss }) => {
    const helper = await newPerson();
    return () => give(boss, firm, helper, VAT);
  },
  'changing a mandate': async ({ firm, boss }) => {
    const id = await given(boss, firm, await newPerson(), { ...VAT, validTo: inDays(5) });
    return () => change(boss, id, { validTo: inDays(50) });
  },
  'ending a mandate': async ({ firm, boss }) => {
    const id = await given(boss, firm, await newPerson(), VAT);
    return () => end(boss, id);
  },
  'suspending a mandate': async ({ firm, boss }) => {
    const id = await given(boss, firm, await newPerson(), VAT);
    return () => post(boss, `${MANDATES}/${id}/suspend`);
  },
  'resuming a mandate': async ({ firm, boss }) => {
    const id = await given(boss, firm, await newPerson(), VAT);
    await post(boss, `${MANDATES}/${id}/suspend`);
    return () => post(boss, `${MANDATES}/${id}/resume`);
  },
  'suspending all of one': async ({ firm, boss }) => {
    const helper = await newPerson();
    await given(boss, firm, helper, VAT);
    return () => post(boss, '/access/v1/suspensions', { from: firm.id, to: helper.id });
  },
  'approving a consent': async (led) => {
    const id = await consentOf(led);
    return () => approve(id, led.boss);
  },
  'rejecting a consent': async (led) => {
    const id = await consentOf(led);
    return () => post(led.boss, `${API}/consent/request/${id}/reject`);
  },
  'withdrawing a consent': async (led) => {
    const id = await consentOf(led);
    await approve(id, led.boss);
    return () => withdraw(id, led.boss);
  },
  'suspending a consent': async (led) => {
    const id = await consentOf(led);
    await approve(id, led.boss);
    return () => post(led.boss, `/access/v1/consents/${id}/suspend`);
  },
  'approving a request for a right': async (led) => {
    const query = new URLSearchParams({ party: led.firm.id, id: await requestOf(led) });
    return () =>
      post(led.boss, `${API}/enduser/request/received/approve?${query}`, undefined, 'PUT');
  },
  'rejecting a request for a right': async (led) => {
    const query = new URLSearchParams({ party: led.firm.id, id: await requestOf(led) });
    return () =>
      post(led.boss, `${API}/enduser/request/received/reject?${query}`, undefined, 'PUT');
  },
  'making a system user': async ({ firm, boss }) => {
    const body = { name: 'Lønn', systemId: (await newSystem()).id };
    return () => post(boss, `/access/v1/system-users?party=${firm.id}`, body);
  },
  'letting in a system that a vendor asked for': async (led) => {
    const { boss, request } = await newAskedSystem({}, {}, led);
    return () => post(boss, `/access/v1/system-users/requests/${request.id}/accept`);
  },
  'saying no to a system': async (led) => {
    const { boss, request } = await newAskedSystem({}, {}, led);
    return () => post(boss, `/access/v1/system-users/requests/${request.id}/reject`);
  },
  'adding a right holder': async ({ firm, boss }) => {
    const helper = await newOrganization();
    const query = new URLSearchParams({ party: firm.id, from: firm.id, to: helper.id });
    return () => post(boss, `${API}/enduser/connections?${query}`);
  },
  'ending a right holder': async ({ firm, boss }) => {
    const helper = await newPerson();
    await given(boss, firm, helper, VAT);
    const query = new URLSearchParams({ party: firm.id, from: firm.id, to: helper.id });
    query.set('cascade', 'true');
    return () => post(boss, `${API}/enduser/connections?${query}`, undefined, 'DELETE');
  },
  'ending a system user': async ({ firm, boss }) => {
    const body = { name: 'Lønn', systemId: (await newSystem()).id };
    const path = '/access/v1/system-users';
    const { body: system } = await post(boss, `${path}?party=${firm.id}`, body);
    return () => post(boss, `${path}/${system.id}`, undefined, 'DELETE');
  },
  'adding an agent': async ({ firm, boss }) => {
    const body = { personIdentifier: (await newPerson()).number, lastName: 'Person' };
    return () => post(boss, `${API}/enduser/clientdelegations/agents?party=${firm.id}`, body);
  },
  'ending a supplier of API scopes': async ({ firm, boss }) => {
    const query = new URLSearchParams({ party: firm.id, supplier: (await newOrganization()).id });
    const path = `${API}/enduser/maskinportensuppliers?${query}`;
    await post(boss, path);
    return () => post(boss, path, undefined, 'DELETE');
  },
  'letting a supplier use API scopes': async ({ firm, boss }) => {
    const query = new URLSearchParams({ party: firm.id, supplier: (await newOrganization()).id });
    return () => post(boss, `${API}/enduser/maskinportensuppliers?${query}`);
  },
};
