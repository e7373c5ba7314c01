// `npm run bench mutations`: twenty thousand requests that are almost right, where the suite makes
// two thousand; of a seed that is told, and new each time.
import { runTests } from './tools.ts';

const seed = process.env.SEED_OF_MUTATIONS ?? String(Math.floor(Math.random() * 2 ** 31));
await runTests('test/description/mutations.test.ts', {
  MUTATIONS: '20000',
  SEED_OF_MUTATIONS: seed,
});
