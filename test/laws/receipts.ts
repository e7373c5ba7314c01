// The law of receipts, of a consent with any history: each is right, no changed one is, and each
// reader opens only what is theirs.
import assert from 'node:assert/strict';
import { checkReceipt } from '../../clients/verify/receipt.ts';
import { trustedKeys } from '../support/receipts.ts';
import {
  call,
  organizationToken,
  personToken,
  READ,
  REQUESTS,
  type TestParty,
} from '../support/world.ts';
import type { Chance } from './worlds.ts';

/** Members that show who answered, or a person's number. */
const CLOSED_TO_ASKER = [
  ...['by', 'byParty', 'role', 'authority', 'page', 'detail', 'replaces'],
  ...['fromPersonNo', 'toPersonNo', 'byPersonNo'],
];

interface Subject {
  id: string;
  state: 'requested' | 'approved' | 'rejected' | 'withdrawn';
  from: TestParty;
  to: TestParty;
}

/** Fetches every receipt of a consent, as its giver and as the one who asked. */
export async function receiptsHold(
  chance: Chance,
  url: string,
  { id, state, from, to }: Subject,
): Promise<void> {
  const readers = [
    [`/access/v1/consents/${id}/receipt`, await personToken(from), true],
    [`${REQUESTS}/${id}/receipt`, await organizationToken(to, READ), false],
  ] as const;
  const trusted = await trustedKeys();
  for (const [path, token, isWhole] of readers) {
    const kinds: string[] = [];
    for (let event: string | undefined = ''; event !== undefined; ) {
      const query: string = event && `?event=${event}`;
      const { status, text, body } = await call('GET', `${url}${path}${query}`, token);
      if (state === 'requested') return assert.equal(status, 404, text);
      const { verdict, notes, said } = checkReceipt(text, trusted);
      assert.equal(verdict, 'right', notes.join());
      const open = CLOSED_TO_ASKER.filter((name) => name in said);
      assert.equal(open.length > 0, isWhole, open.join());
      assert.equal(said.consent, id);
      const at = Math.floor(chance.next() * (body.receipt.length - 1));
      const other = body.receipt[at] === 'A' ? 'B' : 'A';
      const changed = body.receipt.slice(0, at) + other + body.receipt.slice(at + 1);
      assert.notEqual(checkReceipt(changed, trusted).verdict, 'right', `${at} of ${text}`);
      kinds.push(said.kind as string);
      event = body.later[0]?.event;
    }
    assert.equal(kinds[0], state === 'rejected' ? 'rejected' : 'approved');
    assert.equal(kinds.at(-1) === 'withdrawn', state === 'withdrawn', kinds.join());
  }
}
