// Starts the world once for all files, and ends it. Every answer that a test gets is held to the
// description on its way; the codes that answers had are kept for a whole run. At its end, what was
// logged and sent is searched for what may be in neither.
import assert from 'node:assert/strict';
import { breach, keepCodes, readContract, readPage } from './contract.ts';
import { keepEvent, searchForLeaks } from './leaks.ts';
import { startWorld, world } from '../world.ts';

const unheld = globalThis.fetch;

export const mochaHooks = {
  async beforeAll() {
    await startWorld();
    await readContract(world.url);
    globalThis.fetch = held;
  },
  async afterAll() {
    const { rows } = await world.database.db.raw(
      "select distinct name from party where kind = 'person' and name like '% %'",
    );
    await world.stop();
    if (process.env.KEPT_CODES) keepCodes(process.env.KEPT_CODES);
    searchForLeaks(
      world.logs,
      rows.map(({ name }: { name: string }) => name),
    );
  },
};

const held: typeof fetch = async (input, init) => {
  const answer = await unheld(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.origin !== world.url) return answer;
  const type = answer.headers.get('content-type') ?? '';
  const body = type.includes('json') ? await bodyOf(answer.clone()) : undefined;
  for (const set of Object.values<string>(body?.sets ?? {})) keepEvent(set);
  if (type.includes('html')) readPage(await answer.clone().text());
  const why = breach(init?.method ?? 'GET', url.pathname, answer.status, type, body);
  if (why) assert.fail(why);
  return answer;
};

const bodyOf = (answer: Response): Promise<any> => answer.json().catch(() => undefined);
