// Requests that are almost right, over every operation with valid tokens: no fault of ours, and
// every refusal in a form that a client can read. MUTATIONS says how many, SEED_OF_MUTATIONS which.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { EXAMPLES, send, startExampled, type Exampled } from '../support/examples.ts';
import { mutated, numbersOf } from '../support/mutation.ts';
import { shareOf } from '../support/random.ts';

// A thousand in all, and fifty of each door by which signals and lists of tokens go out, others on
// each database.
const COUNT = Number(process.env.MUTATIONS ?? shareOf(1_000));
const OF_ONE = process.env.MUTATIONS === undefined ? shareOf(50) : 2_000;
const OF_SIGNALS = EXAMPLES.filter(({ id }) => /^(ssf|signal|webhook|status_list)/.test(id));
const GONE_OVER = [
  ...Array.from({ length: COUNT }, (_, n) => EXAMPLES[n % EXAMPLES.length]!),
  ...OF_SIGNALS.flatMap((one) => Array.from({ length: OF_ONE }, () => one)),
];
const OWN_SEED = process.env.TEST_DATABASE_URL ? 20_261_126 : 20_261_125;
const SEED = Number(process.env.SEED_OF_MUTATIONS ?? OWN_SEED);

describe('requests that are almost right', function suite() {
  this.timeout(1_800_000);
  let world: Exampled;
  before(async () => {
    world = await startExampled();
  });
  after(() => world.server.stop('SIGTERM'));

  it(`are refused in a form that a client can read (${GONE_OVER.length} of seed ${SEED})`, async () => {
    for (const told of EXAMPLES) {
      const example = await world.fill(told);
      world.keep(told, await send(await world.make(example)));
    }
    const next = numbersOf(SEED);
    const wrong: string[] = [];
    for (const [n, told] of GONE_OVER.entries()) {
      if (wrong.length >= 20) break;
      const request = mutated(await world.make(await world.fill(told)), next);
      const what = `${n}: ${request.method} ${request.url.slice(0, 200)} ${request.body?.slice(0, 300)}`;
      try {
        // A poll that was put right waits for something to happen, and is left to it.
        const answer = await Promise.race([send(request), pause(1_000)]);
        if (!answer) continue;
        const { status, body, headers, text } = answer;
        const type = headers.get('content-type') ?? '';
        const isRefusal =
          type.includes('text/html') ||
          (type.includes('problem+json') ? body?.code : (body?.error ?? body?.code)) !== undefined;
        if (status >= 500 || (status >= 400 && !isRefusal))
          wrong.push(`${what}: ${status} ${type} ${text.slice(0, 300)}`);
      } catch (error) {
        wrong.push(`${what}: ${(error as Error).message.slice(0, 300)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});
