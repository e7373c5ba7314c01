// How much one caller may: work at once, so that none starves the others; and tries and rows of
// strangers, counted in the database for all nodes together. It knows no operation.
import {
  RateLimiterPostgres,
  RateLimiterRes,
  type IRateLimiterPostgresOptions,
} from 'rate-limiter-flexible';
import { clock } from './clock.ts';
import type { Db } from './db.ts';
import { fault, unavailable, type Fault } from './errors.ts';
import { sha256 } from './ids.ts';
import { asText } from './as_text.ts';

/** What is counted in the database: how often, in how many seconds. */
const COUNTED = {
  /** Unknown numbers that an organisation asked about. */
  unknown: { points: 200, duration: 86_400 },
  /** Unknown persons that an organisation asked for decisions about. */
  asked: { points: 10_000, duration: 86_400 },
  /** Client authentications that failed, by address and client. */
  client: { points: 30, duration: 60 },
  /** The same by address alone: many clients may have one. */
  clients: { points: 300, duration: 60 },
  /** Logins of nobody who is known, by address. */
  login: { points: 1_000, duration: 3_600 },
  /** Authorizations and logins that strangers began, by address. */
  stranger: { points: 3_000, duration: 60 },
} as const;

export type Counted = keyof typeof COUNTED;

/** As much of a kind of work at once as one caller may have on a node. */
const MOST_AT_ONCE = 512;

/** Who is counted; undefined is nobody that could be told apart. */
type Key = string | undefined;

/** A counter that a piece of work looks at and adds to. */
export interface Guard {
  /** 429 when it is full. */
  mustBeOpen: () => void;
  /** Also 429, when this is over the limit. */
  count: () => Promise<void>;
}

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
  // Who is over the limit is known here at once, and costs no statement.
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

    /** As `count`, for what has failed already: only the next one is refused. */
    async note(kind: Counted, key: Key): Promise<void> {
      await this.count(kind, key).catch((error: Fault) => {
        if (error.code !== 'TIL-00035') throw error;
      });
    },

    /** One counter with one key, for those who know neither. */
    guarding(kind: Counted, key: string): Guard {
      return { mustBeOpen: () => mustBeOpen(kind, key), count: () => this.count(kind, key) };
    },

    /**
     * Begins a piece of work of the caller's, of some weight, and tells how to end it; 429 when it
     * has too many.
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

const tooMany = (millis: number) =>
  fault('TIL-00035', { headers: { 'retry-after': asText(Math.max(1, Math.ceil(millis / 1000))) } });
