// The feed while two hundred write at once, on two nodes whose clocks differ: who reads by cursor
// and who reads by date each see everything.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { filledDatabase, startServer, type ServerProcess } from '../support/run/process.ts';
import {
  incomeRight,
  inDays,
  numberOf,
  organizationToken,
  READ,
  REQUESTS,
  WRITE,
} from '../support/world.ts';

const WRITERS = 200;
const EACH = 3;
/** Milliseconds from one act of a writer to its next, in the mean; none makes a queue of them. */
const PACE = Number(process.env.FEED_PACE ?? 0);
const bank = { id: '', name: 'bank', number: numberOf('Eksempelbanken AS'), urn: '' };
bank.urn = `urn:altinn:organization:identifier-no:${bank.number}`;
const kari = `urn:altinn:person:identifier-no:${numberOf('Kari Testdal')}`;

interface Row {
  eventId: string;
  consentRequestId: string;
  changedDate: string;
}

/** Reads until `isDone`; each page is handed to `next`, which says how to ask for what follows. */
async function follow(
  node: ServerProcess,
  token: string,
  next: (page: { data: Row[]; cursor: string }) => string,
  isDone: () => boolean,
) {
  let query = '';
  while (!isDone()) {
    const { status, text, body } = await node.call('GET', `${REQUESTS}/events${query}`, token);
    assert.equal(status, 200, text);
    const after = next(body);
    if (after === query) await sleep(20);
    query = after;
  }
}

// One process alone opens the embedded database.
if (process.env.TEST_DATABASE_URL)
  describe('a feed that two hundred write to on two nodes, a second apart', () => {
    const nodes: ServerProcess[] = [];
    const answered = new Map<string, number>();
    const byCursor: Row[] = [];
    const byDate: Row[] = [];
    const lags: number[] = [];

    before(async () => {
      const settings = await filledDatabase();
      const ahead = new URL('../support/run/ahead.ts', import.meta.url).href;
      nodes.push(
        await startServer(settings),
        await startServer({
          ...settings,
          NODE_OPTIONS: `--import ${ahead}`,
          CLOCK_AHEAD: '1000',
        }),
      );
      const token = await organizationToken(bank, `${WRITE} ${READ}`);
      const seen = new Set<string>();
      let deadline = Infinity;
      const isDone = (rows: Row[]) => () =>
        Date.now() > deadline ||
        new Set(rows.map(({ consentRequestId: id }) => id)).size === WRITERS * EACH;
      const readers = [
        follow(
          nodes[0]!,
          token,
          ({ data, cursor }) => {
            byCursor.push(...data);
            for (const { consentRequestId: id } of data) {
              if (seen.has(id)) continue;
              seen.add(id);
              lags.push(Date.now() - (answered.get(id) ?? Date.now()));
            }
            return `?continuationToken=${cursor}`;
          },
          isDone(byCursor),
        ),
        follow(
          nodes[1]!,
          token,
          ({ data }) => {
            byDate.push(...data);
            const last = byDate.at(-1)?.changedDate;
            return last ? `?createdAfter=${encodeURIComponent(last)}` : '';
          },
          isDone(byDate),
        ),
      ];
      await Promise.all(
        Array.from({ length: WRITERS }, async (_, writer) => {
          for (let n = 0; n < EACH; n += 1) {
            if (PACE) await sleep(2 * PACE * Math.random());
            const id = randomUUID();
            const { status, text } = await nodes[(writer + n) % 2]!.call('POST', REQUESTS, token, {
              id,
              from: kari,
              to: bank.urn,
              validTo: inDays(30),
              consentRights: [incomeRight()],
              redirectUrl: 'http://127.0.0.1:3002/back',
            });
            assert.equal(status, 201, text);
            answered.set(id, Date.now());
          }
        }),
      );
      deadline = Date.now() + 30_000;
      await Promise.all(readers);
      lags.sort((a, b) => a - b);
      if (PACE)
        console.log(
          `readable after the answer: median ${lags[lags.length >> 1]} ms, p99 ${lags[Math.floor(lags.length * 0.99)]} ms`,
        );
    });
    after(async () => {
      for (const node of nodes) assert.equal(await node.stop('SIGTERM'), 0);
    });

    it('loses and doubles nothing for a reader by cursor', () => {
      assert.equal(byCursor.length, WRITERS * EACH);
      assert.deepEqual(
        new Set(byCursor.map(({ consentRequestId }) => consentRequestId)),
        new Set(answered.keys()),
      );
    });

    it('loses nothing for a reader by date, and shows again only what is of that very instant', () => {
      assert.deepEqual(
        new Set(byDate.map(({ consentRequestId }) => consentRequestId)),
        new Set(answered.keys()),
      );
      let [last, shown] = ['', new Set<string>()];
      for (const { eventId, changedDate } of byDate) {
        if (shown.has(eventId)) assert.equal(changedDate, last);
        shown.add(eventId);
        last = changedDate;
      }
    });

    it('has dates that never run backwards, in one order for both', () => {
      for (const rows of [byCursor, byDate]) {
        const dates = rows.map(({ changedDate }) => changedDate);
        assert.deepEqual(dates, dates.toSorted());
      }
      const order = (rows: Row[]) => [...new Set(rows.map(({ eventId }) => eventId))];
      assert.deepEqual(order(byDate), order(byCursor));
    });
  });
