// Our own feed format, for registers that have no public one: lines in order without gaps, mapped
// by a table of the source (model.ts, feed.schema.json). It talks to whoever speaks the format.
import { createGet, RegisterUnavailable, type RegisterAuth } from './fetch.ts';
import type { Batch, FeedLine, Mapping, Register } from './model.ts';
import { asText } from '../platform/as_text.ts';

const LIMIT = 500;

export function feedSource(
  code: string,
  url: string,
  auth: RegisterAuth | undefined,
  mapping: Mapping,
): Register {
  const get = createGet(url, auth);
  return {
    code,
    latest: async () => asText((await get('/latest')).body?.seq ?? 0),
    async feed(cursor) {
      const { body } = await get(`/feed?after=${cursor}&limit=${LIMIT}`);
      const lines = (body?.lines ?? []) as FeedLine[];
      return read(lines, Number(cursor), mapping, lines.length === LIMIT);
    },
    async lookup(number) {
      const { body } = await get(`/lookup?party=${number}`);
      if (!Array.isArray(body?.lines)) throw new RegisterUnavailable(`no lines from ${code}`);
      return (body.lines as FeedLine[]).map((line) => {
        const fact = mapping(line);
        if (typeof fact === 'string') throw new TypeError(fact);
        return fact;
      });
    },
    async told() {
      const numbers = new Set<string>();
      for (let after = 0; ; ) {
        const { body } = await get(`/feed?after=${after}&limit=${LIMIT}`);
        if (!Array.isArray(body?.lines)) throw new RegisterUnavailable(`no lines from ${code}`);
        const lines = body.lines as FeedLine[];
        for (const { from } of lines) numbers.add(from);
        if (lines.length < LIMIT) return [...numbers];
        const last = lines.at(-1)!.seq;
        if (!(last > after)) throw new RegisterUnavailable(`the feed of ${code} does not go on`);
        after = last;
      }
    },
    health: async () =>
      await get('/health').then(
        ({ body }) => body?.healthy === true,
        () => false,
      ),
  };
}

/**
 * Lines in order; what was read already is passed over, a gap or a line that cannot be is where the
 * feed stops.
 */
function read(lines: FeedLine[], after: number, mapping: Mapping, more: boolean): Batch {
  const facts: Batch['facts'] = [];
  let last = after;
  const stop = (fault: string): Batch => ({ facts, cursor: asText(last), more: false, fault });
  for (const line of lines) {
    if (!Number.isInteger(line?.seq)) return stop('a line has no sequence number');
    if (line.seq <= last) continue;
    if (line.seq !== last + 1)
      return stop(`line ${line.seq} comes after ${last}: ${line.seq - last - 1} are missing`);
    if (line.op !== 'upsert' && line.op !== 'end')
      return stop(`line ${line.seq}: the operation ${asText(line.op)} is not known`);
    const fact = mapping(line);
    if (typeof fact === 'string') return stop(`line ${line.seq}: ${fact}`);
    last = line.seq;
    facts.push({ fact, cursor: asText(last) });
  }
  return { facts, cursor: asText(last), more };
}
