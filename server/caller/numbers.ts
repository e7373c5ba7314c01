// Numbers by which programs name people, so that nobody learns by trying which there are. Each way
// from a number to a party is here, with whose guard it is; a miss is a number that could be
// somebody's and is nobody's. Where unknown differs from known, misses shut a caller out of
// numbers; where both are answered alike, misses are reported to the operator. It knows no door.
import type { Act } from '../platform/act.ts';
import { LRUCache } from 'lru-cache';
import { isPersonNumber, isPublic, type Party, type PartyName } from '../party/model.ts';
import { findByAnyName } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { sha256 } from '../platform/ids.ts';
import { tooMany, type Limits } from '../platform/http/limits.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { callerKey, type Caller } from './model.ts';

const DAY = 86_400_000;
/** Misses in a day where unknown differs from known: so many, or a share of the known persons. */
const MOST_UNKNOWN = { count: 200, share: 0.02 };
/** Misses in a day where both are answered alike: then the operator is warned, and all goes on. */
const MOST_ASKED = 10_000;
/** For how long a count is taken as it was. */
const REMEMBERED_MILLIS = 60_000;

/** A caller's dealings are looked up where they are kept. */
export interface Dealings {
  /** Whether it had a request, a consent or a mandate with the party before then. */
  hasDealtWith: (organizationNo: string, party: string, at: Date) => Promise<boolean>;
  /** Different persons that it has named since then, of those that we know. */
  personsNamedSince: (organizationNo: string, since: Date) => Promise<number>;
}

/** A guard decides how much its caller learns of numbers. */
export interface NumberGuard {
  /**
   * Where unknown differs from known: counts a miss. TIL-00035 with Retry-After over the limit, for
   * every number but of those that the caller had dealings with before its first miss.
   */
  tell(name: PartyName, party: Pick<Party, 'id'> | undefined): Promise<void>;
  /** Where known and unknown are answered alike: misses are counted, and all goes on. */
  note(missed: PartyName[]): Promise<void>;
}

export interface Numbers {
  /**
   * A caller's guard. Who holds one of the scopes in `trusted` answers for numbers by itself, as
   * the operator's own decision points do: its misses are not counted.
   */
  of(caller: Caller, trusted?: readonly string[]): NumberGuard;
  /** The guard of an organisation whose client asks. */
  ofOrganization(organizationNo: string): NumberGuard;
}

interface Closed {
  firstMiss: Date;
  until: number;
  /** When the limit was last compared, as it grows with the persons that are known. */
  compared: number;
}

export function createNumbers({
  limits,
  dealings,
  log,
  metrics,
}: {
  limits: Limits;
  dealings: Dealings;
  log: Logger;
  metrics: Metrics;
}): Numbers {
  // The same wrong number once more is nothing learnt.
  const missed = new LRUCache<string, true>({ max: 100_000, ttl: DAY });
  const closed = new LRUCache<string, Closed>({ max: 10_000 });
  const isNew = (key: string, { by, value }: PartyName) => {
    const one = sha256(`${key} ${by} ${value}`);
    const isFirst = !missed.has(one);
    missed.set(one, true);
    return isFirst;
  };

  /** Says half and whole of a limit to the operator, once each. */
  function warn(kind: string, key: string, before: number, after: number, most: number): void {
    for (const part of [Math.ceil(most / 2), most])
      if (before < part && part <= after)
        log.warn({ kind, caller: key, misses: after, most }, 'a caller names unknown numbers');
  }

  async function note(key: string, names: PartyName[]): Promise<void> {
    const fresh = names.filter((name) => isMiss(name) && isNew(key, name)).length;
    if (!fresh) return;
    metrics.unknownNumbers.inc({ kind: 'asked' }, fresh);
    const { points } = await limits.tally('asked', key, fresh);
    warn('asked', key, points - fresh, points, MOST_ASKED);
  }

  /** Counts so many, and compares: since when and for how long the caller is shut out, if it is. */
  async function compare(
    key: string,
    organizationNo: string | undefined,
    misses: number,
  ): Promise<Closed | undefined> {
    const now = clock.now().getTime();
    const { points, since, until } = await limits.tally('unknown', key, misses);
    const known =
      organizationNo !== undefined && points > MOST_UNKNOWN.count
        ? await dealings.personsNamedSince(organizationNo, new Date(now - DAY))
        : 0;
    const most = Math.max(MOST_UNKNOWN.count, Math.floor(known * MOST_UNKNOWN.share));
    warn('unknown', key, points - misses, points, most);
    if (points <= most) closed.delete(key);
    else closed.set(key, { firstMiss: since, until: until.getTime(), compared: now });
    return closed.get(key);
  }

  /** Whether the caller is shut out, as it was compared within the last minute. */
  function shutOut(key: string, organizationNo: string | undefined) {
    const one = closed.get(key);
    const isOld = one && clock.now().getTime() - one.compared > REMEMBERED_MILLIS;
    return isOld ? compare(key, organizationNo, 0) : one;
  }

  function guard(key: string, organizationNo: string | undefined, isTrusted: boolean): NumberGuard {
    return {
      note: async (names) => (isTrusted ? undefined : note(key, names)),
      async tell(name, party) {
        if (isTrusted || isPublic(name)) return;
        const isFresh = !party && isMiss(name) && isNew(key, name);
        if (isFresh) metrics.unknownNumbers.inc({ kind: 'unknown' });
        const shut = isFresh
          ? await compare(key, organizationNo, 1)
          : await shutOut(key, organizationNo);
        if (!shut) return;
        const isKnown =
          party !== undefined &&
          organizationNo !== undefined &&
          (await dealings.hasDealtWith(organizationNo, party.id, shut.firstMiss));
        if (!isKnown) throw tooMany(shut.until - clock.now().getTime());
      },
    };
  }

  return {
    of: (caller, trusted = []) =>
      guard(
        callerKey(caller),
        caller.kind === 'organization' ? caller.organizationNo : undefined,
        trusted.some((scope) => caller.scopes.has(scope)),
      ),
    ofOrganization: (organizationNo) => guard(organizationNo, organizationNo, false),
  };
}

/** Whether it could be somebody's. */
const isMiss = (name: PartyName) =>
  !isPublic(name) && (name.by !== 'person' || isPersonNumber(name.value));

/** The party that a program names, in the eyes of its guard. */
export async function partyNamed(
  act: Act,
  guard: NumberGuard,
  name: PartyName,
): Promise<Party | undefined> {
  const party = await findByAnyName(act, name);
  await guard.tell(name, party);
  return party;
}
