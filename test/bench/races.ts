// The races of test/consent/answer/races.test.ts a thousand times each, or as many as
// ROUNDS_OF_RACES says. Every run of the tests tries twenty-five.
import { runTests } from './suite.ts';

runTests(['test/consent/answer/races.test.ts'], { ROUNDS_OF_RACES: '1000' });
