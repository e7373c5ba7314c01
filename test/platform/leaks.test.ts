// The search that ends a run: it finds what may not be in a log or an event, and keeps what came.
import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { keepEvent, leakIn, searchForLeaks } from '../support/run/leaks.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';

const NAMES = ['Kari Nordmann'];
const signed = (claims: object) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32));

describe('the search for leaks', () => {
  it('finds a national number, a person’s name and a token', async () => {
    const [number, token] = [personNumber(), await signed({})];
    assert.equal(leakIn(`{"url":"/a/${number}"}`, NAMES), number);
    assert.equal(leakIn(`{"url":"/a?from=urn%3Aperson%3A${number}"}`, NAMES), number);
    assert.equal(leakIn(`{"reason":"Fru Kari Nordmann is"}`, NAMES), 'Kari Nordmann');
    assert.equal(leakIn(`{"header":"Bearer ${token}"}`, NAMES), token);
  });

  it('finds nothing in ids, times, and what organizations are called', () => {
    const line = `{"time":${Date.now()},"org":"0192:${organizationNumber()}","name":"Norsk Bank"}`;
    assert.equal(leakIn(line, NAMES), undefined);
    const number = personNumber();
    for (const id of [`6254e7e2-530c-47d1-8f97-${number}c`, `6254e7e2-530c-47d1-8f97-c${number}`])
      assert.equal(leakIn(`{"trace":"${id}"}`, NAMES), undefined);
    assert.equal(leakIn(`{"key":"x${number}k"}`, NAMES), undefined);
  });

  it('looks into an event that came signed', async () => {
    const number = personNumber();
    const events: string[] = [];
    keepEvent(await signed({ giver: number }), events);
    assert.throws(() => searchForLeaks([], NAMES, events), new RegExp(number));
  });
});
