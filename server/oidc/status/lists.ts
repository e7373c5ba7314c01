// Status lists as a node gives them: kept in memory, brought up to date by what changed, compressed
// and signed anew when somebody asks for one that is not fresh.
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { Act } from '../../platform/act.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { listBitChanges, countGiven, noteBits } from './store.ts';
import { listClaims, listsFor, newList, statusPlaceIn, setBit } from './list_model.ts';

export interface StatusListSettings {
  newAct: () => Act;
  issuer: string;
  keyring: { signJwt: (alg: 'RS256', claims: object, header: object) => Promise<string> };
}

/** A signed list, and when it was signed, in seconds since 1970. */
export interface SignedList {
  token: string;
  iat: number;
}

export type StatusLists = ReturnType<typeof createStatusLists>;

/** A signed list is given out again for so long. */
const FRESH_SECONDS = 5;
const CHANGES = 50_000;
const NOTED = 5_000;
const compressed = promisify(deflate);

/** Notes the bits that acts have changed, until none is left. */
export async function noteStatus(newAct: () => Act): Promise<void> {
  while ((await noteBits(newAct(), NOTED)) === NOTED);
}

export function createStatusLists({ newAct, issuer, keyring }: StatusListSettings) {
  const lists = new Map<number, Uint8Array>();
  /** Lists that are, or are being, signed, and since when, in seconds since 1970. */
  const signed = new Map<number, { at: number; made: Promise<SignedList> }>();
  let seen = '0';
  let looking: Promise<void> | undefined;
  function bytesOf(list: number): Uint8Array {
    const bytes = lists.get(list) ?? newList();
    lists.set(list, bytes);
    return bytes;
  }

  /** Notes what is not noted yet: no list says that it is of now while acts wait, or else fails. */
  async function look(): Promise<void> {
    await noteStatus(newAct);
    for (;;) {
      const changes = await listBitChanges(newAct(), seen, CHANGES);
      for (const { place, bit } of changes) {
        const { list, index } = statusPlaceIn(place);
        setBit(bytesOf(list), index, bit);
      }
      seen = changes.at(-1)?.changed ?? seen;
      if (changes.length < CHANGES) return;
    }
  }
  /** One look serves all who ask at the same moment. */
  const lookOnce = (): Promise<void> =>
    (looking ??= look().finally(() => {
      looking = undefined;
    }));

  async function sign(list: number): Promise<SignedList> {
    const iat = epochSeconds();
    await lookOnce();
    const lst = (await compressed(bytesOf(list), { level: 9 })).toString('base64url');
    const claims = listClaims(issuer, list, lst, iat);
    return { token: await keyring.signJwt('RS256', claims, { typ: 'statuslist+jwt' }), iat };
  }

  return {
    /** The numbers of all lists. */
    async numbers(): Promise<number[]> {
      return Array.from({ length: listsFor(await countGiven(newAct())) }, (_, at) => at + 1);
    },
    /** A list as it is now, or was a few seconds ago; undefined for one that there is not. */
    async signed(list: number): Promise<SignedList | undefined> {
      if (!lists.has(list) && list > listsFor(await countGiven(newAct()))) return undefined;
      const at = epochSeconds();
      const kept = signed.get(list);
      // One that is being made serves all who ask meanwhile.
      if (kept && at >= kept.at && at < kept.at + FRESH_SECONDS) return kept.made;
      const made = sign(list);
      signed.set(list, { at, made });
      made.catch(() => signed.delete(list));
      return made;
    },
  };
}
