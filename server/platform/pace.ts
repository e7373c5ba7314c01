// Work that grows with a request, done in steps between which others have their turn. It knows no
// work.
import { Readable } from 'node:stream';

/** How long one request may hold the thread before it lets the others in, in milliseconds. */
const TURN_MILLIS = 10;

/**
 * To be awaited between steps: it resolves at once until a turn is over, and then after everybody
 * else has had one.
 */
export type Pace = () => Promise<void> | undefined;

export function createPace(): Pace {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MILLIS) return undefined;
    return new Promise<void>((done) => setImmediate(done)).then(() => {
      since = performance.now();
    });
  };
}

/**
 * JSON `{"<name>":[…]}` of items, written one by one so that neither making nor sending it holds
 * the thread.
 */
export function listBody(
  name: string,
  items: Iterable<unknown> | AsyncIterable<unknown>,
): Readable {
  return Readable.from(chunksOf(name, items), { objectMode: false });
}

async function* chunksOf(
  name: string,
  items: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<string> {
  const pace = createPace();
  let chunk = `{${JSON.stringify(name)}:[`;
  let first = true;
  for await (const item of items) {
    chunk += (first ? '' : ',') + JSON.stringify(item);
    first = false;
    if (chunk.length > 65_536) {
      yield chunk;
      chunk = '';
      await pace();
    }
  }
  yield `${chunk}]}`;
}
