// How much one caller may: work at once, so that none starves the others; and tries and rows of
// strangers, counted in the database for all nodes together. It knows no operation.
import {
  RateLimiterPostgres,
  RateLimiterRes,
  type IRateLimiterPostgresOptions,
} from 'rate-limiter-flexible';
import { clock } from '../clock.ts';
import type { Db } from '../db/db.ts';
import { fault, unavailable, type Fault } from '../errors.ts';
import { sha256 } from '../ids.ts';
import { asText } from '../as_text.ts';

/** Limits counted in the database: how often, in how many seconds. */
const COUNTED = {
  /** Client authentications that failed, by address and client. */
  client: { points: 30, duration: 60 },
  /** The same by address alone: many clients may have one. */
  clients: { points: 300, duration: 60 },
  /** Logins of nobody who is known, by address. */
  login: { points: 1_000, duration: 3_600 },
  /** Authorizations and logins that strangers began, by address. */
  stranger: { points: 3_000, duration: 60 },
  /** Codes that were entered and do not hold, by person (delegation/code/code.ts). */
  code: { points: 5, duration: 3_600 },
  /** Numbers that one of the support staff looks up (support/support.ts). */
  support: { points: 60, duration: 3_600 },
} as const;

export type Counted = keyof typeof COUNTED;

/** Tallies in the same table, whose owner decides how much is too much (caller/numbers.ts). */
const TALLIED = ['unknown', 'asked'] as const;
type Tallied = (typeof TALLIED)[number];
const TALLIED_SECONDS = 86_400;

/** As much of a kind of work at once as one caller may have on a node. */
const MOST_AT_ONCE = 512;

/** The key that is counted; undefined for a caller that cannot be distinguished. */
type Key = string | undefined;

export type Limits = ReturnType<typeof createLimits>;

export function createLimits(db: Db) {
  const options: Omit<IRateLimiterPostgresOptions, 'points' | 'duration'> = {
    storeClient: db,
    storeType: 'knex',
    tableName: 'rate_limit',
    tableCreated: true,
    clearExpiredByTimeout: false,
  };
  const counters = Object.fromEntries(
    Object.entries(COUNTED).map(([name, rule]) => [
      name,
      new RateLimiterPostgres({ ...options, ...rule, keyPrefix: name }),
    ]),
  ) as Record<Counted, RateLimiterPostgres>;
  const tallies = Object.fromEntries(
    TALLIED.map((name) => {
      const rule = { points: Number.MAX_SAFE_INTEGER, duration: TALLIED_SECONDS };
      return [name, new RateLimiterPostgres({ ...options, ...rule, keyPrefix: name })];
    }),
  ) as Record<Tallied, RateLimiterPostgres>;
  // Keys over their limit are known here at once, and cost no statement.
  const closed = new Map<string, number>();
  const atWork = new Map<string, number>();
  const nameOf = (kind: Counted, key: string) => `${kind}:${sha256(key)}`;

  function mustBeOpen(kind: Counted, who: Key | (() => Key)): void {
    if (!closed.size) return;
    const key = typeof who === 'function' ? who() : who;
    if (key === undefined) return;
    const until = closed.get(nameOf(kind, key)) ?? 0;
    const left = until - clock.now().getTime();
    if (left > 0) throw tooMany(left);
    if (until) closed.delete(nameOf(kind, key));
  }

  return {
    /**
     * 429 when the key is known to be over its limit; asks nobody, and for the key only while
     * somebody is over theirs.
     */
    mustBeOpen,

    /** Counts one, or so many; 429 when that is over the limit. Nobody is not counted. */
    async count(kind: Counted, key: Key, points = 1): Promise<void> {
      if (key === undefined) return;
      mustBeOpen(kind, key);
      try {
        await counters[kind].consume(sha256(key), points);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw unavailable(error);
        if (closed.size > 100_000) closed.clear();
        closed.set(nameOf(kind, key), clock.now().getTime() + error.msBeforeNext);
        throw tooMany(error.msBeforeNext);
      }
    },

    /** Takes back one that was counted before it was known to be right. */
    async giveBack(kind: Counted, key: string): Promise<void> {
      await counters[kind].reward(sha256(key));
    },

    /** As `count`, for what has failed already: only the next one is refused. */
    async note(kind: Counted, key: Key): Promise<void> {
      await this.count(kind, key).catch((error: Fault) => {
        if (error.code !== 'TIL-00035') throw error;
      });
    },

    /** Adds to a tally of a day; how much there is, since the first and until it is forgotten. */
    async tally(kind: Tallied, key: string, points: number) {
      const tally = tallies[kind];
      const told = await (points
        ? tally.penalty(sha256(key), points)
        : tally.get(sha256(key))
      ).catch((error: unknown) => {
        throw unavailable(error);
      });
      const until = clock.now().getTime() + (told?.msBeforeNext ?? 0);
      return {
        points: told?.consumedPoints ?? 0,
        since: new Date(until - TALLIED_SECONDS * 1_000),
        until: new Date(until),
      };
    },

    /**
     * Begins a piece of work of the caller's, of some weight, and returns how to end it; 429 when
     * it has too many.
     */
    begin(kind: string, caller: string, most = MOST_AT_ONCE, weight = 1): () => void {
      const key = `${kind} ${caller}`;
      const running = (atWork.get(key) ?? 0) + weight;
      if (running > most) throw tooMany(1_000);
      atWork.set(key, running);
      return () => {
        const left = atWork.get(key)! - weight;
        if (left) atWork.set(key, left);
        else atWork.delete(key);
      };
    },
  };
}

/** 429 with so long to wait, in milliseconds. */
export const tooMany = (millis: number) =>
  fault('TIL-00035', { headers: { 'retry-after': asText(Math.max(1, Math.ceil(millis / 1000))) } });
