// `npm run bench mutations`: twenty thousand requests that are almost right, and two thousand of
// each door of signals and lists of tokens, where the suite makes a thousand and fifty; of a seed
// that is named, and new each time.
import { runTests } from './tools.ts';

const seed = process.env.SEED_OF_MUTATIONS ?? String(Math.floor(Math.random() * 2 ** 31));
await runTests('test/description/mutations.test.ts', {
  MUTATIONS: '20000',
  SEED_OF_MUTATIONS: seed,
});
