// Searches what a run logged, and each security event that a receiver of its took, for what may
// stand in neither: national numbers, names of persons, and tokens.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { isPersonNumber } from '../../../server/party/model.ts';

const kept: string[] = [];
const SIGNED = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/;
/** No part of an id, in which eleven digits may follow each other by chance. */
const ELEVEN = /(?<![\p{L}\d.])\d{11}(?![\p{L}\d])/gu;
/** An escape of an address, whose last character may be a letter. */
const ESCAPE = /%[\dA-F]{2}/gi;
const CAPITALS = /\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*)+/gu;

/** Keeps an event that a receiver took: a signed one by its claims, a webhook's as it is. */
export function keepEvent(body: string, events = kept): void {
  events.push(SIGNED.test(body) ? JSON.stringify(decodeJwt(body)) : body);
}

/** The first thing in a text that may not be there; undefined where there is none. */
export const leakIn = (text: string, names: string[]): string | undefined =>
  text.replaceAll(ESCAPE, ' ').match(ELEVEN)?.find(isPersonNumber) ??
  text.match(SIGNED)?.[0] ??
  text.match(CAPITALS)?.flatMap((words) => names.filter((name) => words.includes(name)))[0];

/** Fails with the first line of a log, or event, in which something leaks. */
export function searchForLeaks(logs: string[], names: string[], events = kept): void {
  for (const text of [...logs, ...events]) {
    const leak = leakIn(text, names);
    if (leak !== undefined) assert.fail(`${leak} is in ${text.slice(0, 1_000)}`);
  }
}
