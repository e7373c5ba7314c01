// A table of the feeds that somebody holds, as the making of an index does: what is placed in the
// feeds waits, and no request waits with it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { filledDatabase, startServer } from '../support/run/process.ts';
import {
  API,
  incomeRight,
  inDays,
  numberOf,
  organizationToken,
  outsideToken,
  READ,
  REQUESTS,
  WRITE,
} from '../support/world.ts';

const HELD_MILLIS = 8_000;

// The embedded database has one connection, which nobody else can hold.
if (process.env.TEST_DATABASE_URL)
  describe('a feed’s table that is held', function suite() {
    this.timeout(120_000);

    it('holds up its jobs alone: requests, answers and withdrawals go on, and the feed catches up', async () => {
      const settings = await filledDatabase();
      const server = await startServer(settings);
      const [kari, bank] = ['Kari Testdal', 'Eksempelbanken AS'].map(numberOf);
      const banks = await organizationToken(
        { id: '', name: 'Eksempelbanken AS', number: bank!, urn: '' },
        `${WRITE} ${READ}`,
      );
      const karis = await outsideToken({
        scope: 'altinn:portal/enduser',
        pid: kari!,
        'urn:altinn:authlevel': 4,
      });
      const holder = new pg.Client({ connectionString: settings.DATABASE_URL });
      await holder.connect();
      await holder.query('begin; lock table event_feed in share mode');
      const until = Date.now() + HELD_MILLIS;
      const ids: string[] = [];
      let longest = 0;
      const answered = async (...asked: Parameters<typeof server.call>) => {
        const begun = performance.now();
        const answer = await server.call(...asked);
        longest = Math.max(longest, performance.now() - begun);
        assert.ok(answer.status < 300, `${asked[1]}: ${answer.text}`);
        return answer.body;
      };
      while (Date.now() < until) {
        const { id } = await answered('POST', REQUESTS, banks, {
          id: randomUUID(),
          from: `urn:altinn:person:identifier-no:${kari}`,
          to: `urn:altinn:organization:identifier-no:${bank}`,
          validTo: inDays(30),
          consentRights: [incomeRight()],
          redirectUrl: 'http://127.0.0.1:3002/back',
        });
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
