// How many worlds a law is tried in, each from a seed of its own: thirty in all, fewer of laws that
// take long, or as many as `npm run bench laws` asks for. A world that breaks a law is named by its
// seed.
import { randomly, shareOf, tries } from '../support/random.ts';

const worlds = (count: number) => Number(process.env.WORLDS_OF_LAWS ?? shareOf(count));
const COUNT = worlds(30);
export const FEWER = worlds(20);
export const FEW = worlds(8);
const SEED = Number(process.env.SEED_OF_LAWS ?? Math.floor(Math.random() * 1e9));

export type Chance = ReturnType<typeof randomly>;

type Law = (chance: Chance, index: number) => Promise<void>;

/** Tries a law in each world; throws with the seed of the first that breaks it. */
export function inWorlds(law: Law, count = COUNT): Promise<void> {
  return inEach(tries(count), law);
}

/** The same, and in more of them until what the law must meet has been met. */
export function inWorldsUntil(isMet: () => boolean, law: Law): Promise<void> {
  return inEach(tries(COUNT, isMet), law);
}

async function inEach(indices: Iterable<number>, law: Law): Promise<void> {
  for (const index of indices) {
    const seed = SEED + index;
    try {
      await law(randomly(seed), index);
    } catch (error) {
      const told = `SEED_OF_LAWS=${seed} WORLDS_OF_LAWS=1: ${(error as Error).message}`;
      throw new Error(told, { cause: error });
    }
  }
}

/** So long that a run of as many worlds does not end for its time. */
export const LONGEST = COUNT * 30_000;
