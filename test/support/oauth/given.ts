// Consents that somebody gave, and what is drawn on them.
import assert from 'node:assert/strict';
import { clientAuth, consentDetail, exchange, newClient, post } from './clients.ts';
import {
  call,
  importThis,
  inDays,
  organizationToken,
  READ,
  REQUESTS,
  type TestParty,
} from '../world.ts';

export const HOUR = 3_600_000;
/** So many years ago, and so many days from then. */
export const born = (years: number, days = 0) => {
  const day = new Date(Date.now() + days * 24 * HOUR);
  day.setUTCFullYear(day.getUTCFullYear() - years);
  return day.toISOString().slice(0, 10);
};
export const endRole = (role: string, from: TestParty, to: TestParty) =>
  importThis({
    roleHolders: [{ role, from: from.number, to: to.number, endedAt: inDays(-0.001) }],
  });
export interface Given {
  from: TestParty;
  to: TestParty;
  by: TestParty;
  id: string;
}
export const detailsOf = async ({ id, to }: Given) =>
  (await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ))).body;
/** A token of a consent, drawn now, and how its introspection is asked. */
export async function drawn({ id, from, to }: Given) {
  const client = await newClient(to);
  const { status, body } = await exchange(client, consentDetail(id, from));
  assert.equal(status, 200, JSON.stringify(body));
  const isActive = async () =>
    (await post('/introspect', { ...(await clientAuth(client)), token: body.access_token })).body
      .active as boolean;
  return { client, isActive };
}
