// Tries to show which client one is: failures are counted by address, and over a limit an address
// is refused for those clients alone that have not shown who they are from it in the last day. So
// nobody shuts a client out by naming it. It knows no key and no secret.
import type { GoesOn } from '../../platform/job.ts';
import { actAlone, type Act } from '../../platform/act.ts';
import { LRUCache } from 'lru-cache';
import type { IncomingMessage } from 'node:http';
import type { AddressOf } from '../../platform/http/address.ts';
import { clock } from '../../platform/clock.ts';
import type { Db } from '../../platform/db/db.ts';
import { sha256 } from '../../platform/ids.ts';
import type { Limits } from '../../platform/http/limits.ts';
import { JWT_BEARER } from './clients.ts';
import { clientsSeen, seeClient, sweepClientsSeen } from './tries_store.ts';

const HOUR = 3_600_000;
/** A day, and the hour in which nothing is written anew. */
const SEEN_MILLIS = 25 * HOUR;
/** How many secrets an address may try at once for clients that were not right from it lately. */
const MOST_SECRETS_AT_ONCE = 128;

export interface Try {
  address: string | undefined;
  /** The client that it says to be; nothing of it is believed. */
  client: string;
  proof: 'assertion' | 'secret' | undefined;
  /** When a failure has been counted. */
  noted?: Promise<void>;
  /** The client that it turned out to be: whoever checked the proof sets it. */
  shown?: string;
}

export type Tries = ReturnType<typeof createTries>;

interface Settings {
  db: Db;
  limits: Limits;
  addressOf: AddressOf;
}

export function createTries({ db, limits, addressOf }: Settings) {
  const nameOf = ({ address, client }: Try) => `${address ?? '-'} ${client}`;
  // Keys are not guessed with secrets: who tries these shuts nobody out who signs.
  const countedAs = (one: Try) => `${one.proof ?? '-'} ${nameOf(one)}`;
  const right = new LRUCache<string, true>({ max: 100_000, ttl: HOUR });
  // Asked for addresses over the limit alone.
  const seen = new LRUCache<string, Promise<Set<string>>>({ max: 1_000, ttl: 30_000 });

  async function hasBeenRight(one: Try): Promise<boolean> {
    if (right.has(nameOf(one))) return true;
    const address = sha256(one.address ?? '');
    const since = new Date(clock.now().getTime() - SEEN_MILLIS);
    const clients = seen.get(address) ?? clientsSeen(db, address, since);
    seen.set(address, clients);
    clients.catch(() => seen.delete(address));
    return (await clients).has(one.client);
  }

  return {
    of: (request: IncomingMessage, parameters: URLSearchParams): Try => ({
      address: addressOf(request),
      ...claimedBy(request, parameters),
    }),

    /**
     * Lets one try, and returns how to end it, where there is anything to end: of one who signs,
     * and was right from there within the hour, there is not. TIL-00035 for an address with too
     * many failures, but for a client that was right from it in the last day.
     */
    async begin(one: Try): Promise<(() => void) | undefined> {
      try {
        limits.mustBeOpen('client', countedAs(one));
        limits.mustBeOpen('clients', one.address);
      } catch (refusal) {
        if (!one.proof || !(await hasBeenRight(one))) throw refusal;
      }
      const isRight = right.has(nameOf(one));
      if (one.proof !== 'secret') return isRight ? undefined : () => undefined;
      return isRight
        ? limits.begin('secret', nameOf(one))
        : limits.begin('secret', one.address ?? '-', MOST_SECRETS_AT_ONCE);
    },

    /** Counted after the answer: only the next one is refused. */
    async failed(one: Try): Promise<void> {
      await limits.note('client', countedAs(one));
      await limits.note('clients', one.address);
    },

    /** Kept once an hour, for the client that has shown who it is and no other. */
    async succeeded(one: Try): Promise<void> {
      if (!one.proof || !one.address || one.shown !== one.client) return;
      if (right.has(nameOf(one))) return;
      right.set(nameOf(one), true);
      await seeClient(actAlone(db), sha256(one.address), one.client);
    },
  };
}

/** Forgets who was right before the last day. */
export const sweepTries = ({ db, now }: Act, goesOn: GoesOn) =>
  sweepClientsSeen(db, new Date(now.getTime() - SEEN_MILLIS), goesOn);

function claimedBy(
  { headers }: IncomingMessage,
  parameters: URLSearchParams,
): Pick<Try, 'client' | 'proof'> {
  const [, basic] = /^Basic +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const isGrant = parameters.get('grant_type') === JWT_BEARER;
  const assertion = parameters.get(isGrant ? 'assertion' : 'client_assertion') ?? '';
  const client = basic
    ? formDecoded(Buffer.from(basic, 'base64').toString('utf8').split(':')[0]!)
    : (parameters.get('client_id') ?? issuerOf(assertion));
  const isSecret = basic !== undefined || parameters.has('client_secret');
  const proof = isSecret ? 'secret' : assertion ? 'assertion' : undefined;
  return { client: client.slice(0, 200), proof };
}

/** RFC 6749 §2.3.1: a name in Basic is form-encoded. */
const formDecoded = (text: string) =>
  new URLSearchParams(`name=${text.replaceAll('&', '%26')}`).get('name') ?? '';

function issuerOf(assertion: string): string {
  try {
    const { iss } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());
    return typeof iss === 'string' ? iss : '';
  } catch {
    return '';
  }
}
