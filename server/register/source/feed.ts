// Our own feed format, for registers that have no public one: lines in order without gaps, mapped
// by a table of the source (feed_model.ts, feed.schema.json). It talks to whoever speaks the
// format.
import { placeOf, readLine, type FeedLine, type Mapping } from './feed_model.ts';
import { createGet, type GetJson } from './fetch.ts';
import { SystemUnavailable, type MachineAuth } from '../../platform/http/machine.ts';
import type { Batch, Register } from '../model.ts';
import { asText } from '../../platform/as_text.ts';

const LIMIT = 500;
const PARTIES = 1_000;

export function feedSource(
  code: string,
  url: string,
  auth: MachineAuth | undefined,
  mapping: Mapping,
): Register {
  const get = createGet(url, auth);
  return {
    code,
    latest: async () => asText((await get('/latest')).body?.seq ?? 0),
    async feed(cursor) {
      const { body } = await get(`/feed?after=${cursor}&limit=${LIMIT}`);
      const lines = (body?.lines ?? []) as (FeedLine | null)[];
      return inOrder(lines, Number(cursor), mapping, lines.length === LIMIT);
    },
    async again(line) {
      const fact = readLine(line as FeedLine, mapping);
      return typeof fact === 'string' ? fact : [fact];
    },
    async lookup(number) {
      const { body } = await get(`/lookup?party=${number}`);
      if (!Array.isArray(body?.lines)) throw new SystemUnavailable(`no lines from ${code}`);
      return (body.lines as FeedLine[]).map((line) => {
        const fact = readLine(line, mapping);
        if (typeof fact === 'string') throw new TypeError(fact);
        return fact;
      });
    },
    told: () => everybody(get, code),
    health: async () =>
      await get('/health').then(
        ({ body }) => body?.healthy === true,
        () => false,
      ),
  };
}

/**
 * The parties of whom the register says anything; undefined for a register that does not list them.
 */
async function everybody(get: GetJson, code: string): Promise<string[] | undefined> {
  const numbers = new Set<string>();
  for (let after = ''; ; ) {
    const { status, body } = await get(`/parties?after=${after}&limit=${PARTIES}`);
    if (status !== 200 || !Array.isArray(body?.parties)) return undefined;
    const parties = body.parties as string[];
    for (const number of parties) numbers.add(asText(number));
    if (parties.length < PARTIES) return [...numbers];
    const last = asText(parties.at(-1) ?? '');
    if (!(last > after)) throw new SystemUnavailable(`the parties of ${code} do not go on`);
    after = last;
  }
}

/**
 * Lines in order; what was read already is passed over. Where numbers are missing the feed stops:
 * what stood there may yet come. A line without a number stands where one is missing, or nowhere.
 */
function inOrder(
  lines: (FeedLine | null)[],
  after: number,
  mapping: Mapping,
  more: boolean,
): Batch {
  const facts: Batch['facts'] = [];
  let [last, unnumbered, waiting] = [after, 0, 0];
  const batch = (rest: Pick<Batch, 'more' | 'fault'>): Batch => ({
    facts,
    cursor: asText(last),
    ...rest,
    ...(unnumbered ? { unnumbered } : {}),
  });
  const stop = (fault: string) => batch({ more: false, fault });
  for (const line of lines) {
    if (!line || !Number.isInteger(line.seq)) {
      waiting += 1;
      continue;
    }
    if (line.seq <= last) continue;
    const missing = line.seq - last - 1;
    if (missing !== 0 && missing !== waiting)
      return stop(`line ${line.seq} comes after ${last}: ${missing} are missing`);
    unnumbered += waiting;
    waiting = 0;
    last = line.seq;
    const fact = readLine(line, mapping);
    facts.push({
      cursor: asText(last),
      place: placeOf(line, mapping),
      ...(typeof fact === 'string' ? { why: fact } : { fact }),
    });
  }
  return waiting ? stop('a line has no sequence number') : batch({ more });
}
