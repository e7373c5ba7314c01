// How many worlds a law is tried in, each from a seed of its own: thirty in all, fewer of laws that
// take long, or as many as `npm run bench laws` asks for. A world that breaks a law is named by its
// seed.
import { randomly, shareOf } from '../support/random.ts';

const worlds = (count: number) => Number(process.env.WORLDS_OF_LAWS ?? shareOf(count));
const COUNT = worlds(30);
export const FEWER = worlds(20);
const SEED = Number(process.env.SEED_OF_LAWS ?? Math.floor(Math.random() * 1e9));

export type Chance = ReturnType<typeof randomly>;

/** Tries a law in each world; throws with the seed of the first that breaks it. */
export async function inWorlds(
  law: (chance: Chance, index: number) => Promise<void>,
  count = COUNT,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
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
