// Chance that can be repeated, for the tests of laws.
/** Repeatable: a seed says every step (mulberry32). */
export function randomly(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)]!;
  return {
    next,
    pick,
    some: <Item>(items: readonly Item[], most: number) => [
      ...new Set(Array.from({ length: Math.floor(next() * (most + 1)) }, () => pick(items))),
    ],
  };
}

const SHARES = Number(process.env.TEST_SHARES ?? 1);

/** Whether this run has the nth of what no database has a part in: two runs share it. */
const isOurs = (at: number): boolean =>
  SHARES === 1 || at % SHARES === (process.env.TEST_DATABASE_URL ? 1 : 0);

/** Those of these that this run tries, of what is refused before any database is asked. */
export const halfOf = <Item>(items: readonly Item[]): Item[] => items.filter((_, at) => isOurs(at));

/**
 * A suite that calls every operation on a server of its own, which one of two runs has: each
 * operation is tried on both databases elsewhere.
 */
export function suiteOnce(name: string, suite: () => void): void {
  if (isOurs(1)) describe(name, suite);
}

/** Declares tests of what no database has a part in, every other of which this run has. */
export function testsByHalves() {
  let at = 0;
  return (name: string, work: () => Promise<void>) => {
    at += 1;
    if (isOurs(at)) it(name, work);
  };
}

/**
 * How many of so many drawn by chance this run tries: where two databases run the same suite, each
 * draws its half.
 */
export const shareOf = (count: number): number => Math.ceil(count / SHARES);

/**
 * Numbers tries drawn by chance: so many, and on until what the test must meet has been met, ten
 * times as many at most. Few draws may happen to meet one outcome alone.
 */
export function* tries(count: number, isEnough = (): boolean => true): Generator<number> {
  for (let index = 0; index < count || (!isEnough() && index < 10 * count); index += 1) yield index;
}
