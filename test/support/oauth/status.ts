// Status lists as a reader of them sees them: fetched, checked, and the bit of one place.
import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { introspect } from '../pages/choosing.ts';
import { ownActs, rightTo } from '../rights/rights.ts';
import { approve, ask, at, world, type TestParty } from '../world.ts';
import { consentDetail, exchange, newClient } from './clients.ts';

/** Where a token says that its status is. */
export interface Status {
  idx: number;
  uri: string;
}
export const [VALID, INVALID, SUSPENDED] = [0, 1, 2];
/** Where the status of a token is. */
export const placeIn = (token: string): Status =>
  decodeJwt<{ status: { status_list: Status } }>(token).status.status_list;
/** Its path here. */
export const pathOf = ({ uri }: Status) => uri.slice(world.url.length);
export const fetched = async (uri: string, headers: Record<string, string> = {}) =>
  fetch(uri, { headers });

/** The content of a list, once its signature and its times have been checked. */
export async function readList(uri: string) {
  const keys = createRemoteJWKSet(new URL(`${world.url}/jwks`));
  const { payload, protectedHeader } = await jwtVerify(await (await fetched(uri)).text(), keys, {
    issuer: world.url,
    algorithms: ['RS256'],
    typ: 'statuslist+jwt',
    currentDate: ownActs()().now,
  });
  const { bits, lst } = payload.status_list as { bits: number; lst: string };
  return { payload, protectedHeader, bits, bytes: inflateSync(Buffer.from(lst, 'base64url')) };
}
const bitIn = (bytes: Uint8Array, idx: number): number => (bytes[idx >> 2]! >> ((idx & 3) * 2)) & 3;
/** The bits of places, as their lists have them now; each list is fetched once. */
export async function bitsOf(places: Status[]): Promise<number[]> {
  const lists = new Map<string, Uint8Array>();
  for (const { uri } of places) if (!lists.has(uri)) lists.set(uri, (await readList(uri)).bytes);
  return places.map(({ idx, uri }) => bitIn(lists.get(uri)!, idx));
}
/** The bit of a place, as its list has it now. */
export const bitOf = async (place: Status): Promise<number> => (await bitsOf([place]))[0]!;
let passed = 0;
/** Looks when no list that was signed before is fresh any more. */
export function later<Result>(look: () => Promise<Result>): Promise<Result> {
  passed += 6_000;
  return at(passed, look);
}
/** The bit once what was done until now is noted. */
export async function bitAfter(place: Status): Promise<number> {
  await world.work.run('status.note');
  return later(() => bitOf(place));
}

/**
 * A token of what somebody gave, or another in their stead, and a look at its bit, which is held to
 * introspection.
 */
export async function givenAndDrawn(resource: string, from: TestParty, to: TestParty, by = from) {
  const id = await ask(from, to, rightTo(resource));
  const answer = await approve(id, by);
  assert.equal(answer.status, 200, answer.text);
  const client = await newClient(to);
  const { status, text, body } = await exchange(client, consentDetail(id, from));
  assert.equal(status, 200, text);
  return async () => {
    const { active } = await introspect(client, body.access_token);
    const bit = await bitAfter(placeIn(body.access_token));
    assert.equal(bit === VALID, active);
    return bit;
  };
}
