// `npm run bench alike`: how long the doors take that answer alike whether somebody exists or not,
// for nobody first and for somebody after it.
import { runTests } from './tools.ts';

await runTests('test/delegation/alike.test.ts', { ALIKE_ROUNDS: '300' });
