// The laws of test/laws in a thousand worlds each, or as many as WORLDS_OF_LAWS says. Every run of
// the tests tries thirty or fewer.
import { globSync } from 'node:fs';
import { root } from '../support/run/source.ts';
import { runTests } from './suite.ts';

runTests(globSync('test/laws/*.test.ts', { cwd: root }), { WORLDS_OF_LAWS: '1000' });
