// A table of the feeds that somebody holds, as the making of an index does: what is placed in the
// feeds waits, and no request waits with it.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { askKari, kariToken } from '../support/run/demo_acts.ts';
import { filledDatabase, startServer } from '../support/run/process.ts';
import { API } from '../support/world.ts';

const HELD_MILLIS = 8_000;

// The embedded database has one connection, which nobody else can hold.
if (process.env.TEST_DATABASE_URL)
  describe('a feed’s table that is held', () => {
    it('holds up its jobs alone: requests, answers and withdrawals go on, and the feed catches up', async () => {
      const settings = await filledDatabase();
      const server = await startServer(settings);
      const karis = await kariToken();
      const holder = new pg.Client({ connectionString: settings.DATABASE_URL });
      await holder.connect();
      await holder.query('begin; lock table event_feed in share mode');
      const until = Date.now() + HELD_MILLIS;
      const ids: string[] = [];
      let longest = 0;
      const timed = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
        const begun = performance.now();
        const answer = await work();
        longest = Math.max(longest, performance.now() - begun);
        return answer;
      };
      const answered = async (...asked: Parameters<typeof server.call>) => {
        const { status, text } = await timed(() => server.call(...asked));
        assert.ok(status < 300, `${asked[1]}: ${text}`);
      };
      while (Date.now() < until) {
        const id = await timed(() => askKari(server));
        const path = `${API}/consent`;
        await answered('POST', `${path}/request/${id}/approve`, karis, { language: 'nb' });
        if (ids.length % 2) await answered('POST', `${path}/${id}/revoke`, karis);
        ids.push(id);
        await pause(50);
      }
      await holder.query('commit');
      await holder.end();
      assert.ok(ids.length > 3 && longest < HELD_MILLIS / 2, `${ids.length}, ${longest} ms`);
      await pause(3_000);
      const { rows } = await query(
        settings.DATABASE_URL!,
        'select count(*)::int as left from event_pending',
      );
      assert.equal(rows[0].left, 0, 'all has its place');
      await server.stop('SIGTERM');
    });
  });

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
