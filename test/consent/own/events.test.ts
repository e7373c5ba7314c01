// The event feed (contract: consent §3): nothing lost, nothing doubled, resumable from its end.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  organizationToken,
  READ,
  reject,
  REQUESTS,
  withdraw,
  world,
  type Answer,
  type TestParty,
} from '../../support/world.ts';

describe('the event feed', () => {
  let to: TestParty;
  let from: TestParty;
  const ids: string[] = [];
  before(async () => {
    [from, to] = [await newPerson(), await newOrganization()];
    for (let n = 0; n < 4; n += 1)
      ids.push(await ask(from, to, { validTo: inDays(n === 3 ? 1 : 30) }));
    await approve(ids[0]!, from);
    await reject(ids[1]!, from);
    await approve(ids[2]!, from);
    await withdraw(ids[2]!, from);
  });

  const feed = async (query: string, reader = to) =>
    call('GET', `${REQUESTS}/events${query}`, await organizationToken(reader, READ));
  async function all(query: string): Promise<any[]> {
    const rows: any[] = [];
    const seen = new Set<string>();
    let next: string | null = `${REQUESTS}/events${query}`;
    while (next) {
      assert.ok(!seen.has(next), 'a page that was there before');
      seen.add(next);
      const page = await call('GET', next, await organizationToken(to, READ));
      assert.equal(page.status, 200, page.text);
      rows.push(...page.body.data);
      next = page.body.links.next;
    }
    return rows;
  }

  it('gives every event once over pages of three, oldest first', async () => {
    const rows = await all('');
    assert.equal(rows.length, 8);
    assert.equal(new Set(rows.map((row) => row.eventId)).size, 8);
    const times = rows.map((row) => Date.parse(row.changedDate));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  });

  it('keeps the filters in next, which is absolute', async () => {
    const { body } = await feed('?eventType=created&eventType=ACCEPTED');
    assert.ok(body.links.next.startsWith('http://127.0.0.1'));
    assert.ok(
      body.links.next.includes('eventType=created') &&
        body.links.next.includes('eventType=ACCEPTED'),
    );
    assert.deepEqual(
      new Set((await all('?eventType=created&eventType=ACCEPTED')).map((row) => row.eventType)),
      new Set(['Created', 'Accepted']),
    );
  });

  it('can be resumed from its end', async () => {
    const id = await ask(from, to);
    let cursor = '';
    for (let next: string | null = `${REQUESTS}/events`; next; ) {
      const page: Answer = await call('GET', next, await organizationToken(to, READ));
      ({
        cursor,
        links: { next },
      } = page.body);
    }
    assert.deepEqual((await feed(`?continuationToken=${cursor}`)).body.data, []);
    await approve(id, from);
    for (const place of [
      `continuationToken=${cursor}`,
      `cursor=${cursor}`,
      `cursor=${cursor}&continuationToken=${cursor}`,
    ]) {
      const { body } = await feed(`?${place}`);
      assert.deepEqual(
        body.data.map((row: { consentRequestId: string; eventType: string }) => [
          row.consentRequestId,
          row.eventType,
        ]),
        [[id, 'Accepted']],
        place,
      );
    }
    const first = (await feed('')).body.cursor;
    const two = await feed(`?cursor=${first}&continuationToken=${cursor}`);
    assert.deepEqual(
      [two.status, two.body.validationErrors[0].paths],
      [400, ['$QUERY/cursor']],
      two.text,
    );
  });

  it('derives Expired, in its place in time, and only for what was still open', async () => {
    await at(2 * 86_400_000, async () => {
      assert.deepEqual(
        (await all('?eventType=expired')).map((row) => row.consentRequestId),
        [ids[3]],
      );
    });
    await at(60 * 86_400_000, async () => {
      const expired = (await all('?eventType=expired')).map((row) => row.consentRequestId);
      assert.ok(expired.includes(ids[0]) && !expired.includes(ids[1]) && !expired.includes(ids[2]));
    });
  });

  it('filters by consent and by time, after inclusive and before exclusive', async () => {
    assert.equal((await feed(`?consentRequestId=${ids[2]}`)).body.data.length, 3);
    const [row] = (await feed(`?consentRequestId=${ids[0]}`)).body.data;
    const time = encodeURIComponent(row.changedDate);
    assert.equal(
      (await feed(`?consentRequestId=${ids[0]}&createdAfter=${time}&eventType=created`)).body.data
        .length,
      1,
    );
    assert.equal(
      (await feed(`?consentRequestId=${ids[0]}&createdBefore=${time}`)).body.data.length,
      0,
    );
  });

  it('shows an organisation its own only', async () => {
    assert.deepEqual((await feed('', await newOrganization())).body.data, []);
  });

  it('ignores pageSize', async () => {
    assert.equal((await feed('?pageSize=1')).body.data.length, 3);
  });

  for (const [query, code] of [
    ['?eventType=foo', 'AM.VLD-00052'],
    ['?createdAfter=2026-02-01T00:00:00Z&createdBefore=2026-02-01T00:00:00Z', 'AM.VLD-00051'],
    ['?continuationToken=abc', 'AM.VLD-00053'],
    ['?continuationToken=', 'AM.VLD-00053'],
    ['?cursor=abc', 'AM.VLD-00053'],
    ['?cursor=', 'AM.VLD-00053'],
    ['?createdAfter=yesterday', 'TIL.VLD-00001'],
    ['?consentRequestId=7', 'TIL.VLD-00001'],
  ] as const) {
    it(`refuses ${query} with ${code}`, async () => {
      const answer = await feed(query);
      assert.deepEqual([answer.status, answer.body.validationErrors?.[0].code], [400, code]);
    });
  }

  it('refuses a parameter that is given twice', async () => {
    const { body } = await feed('?continuationToken=a&continuationToken=b');
    assert.deepEqual(
      body.validationErrors.map(({ code, paths }: { code: string; paths: string[] }) => [
        code,
        ...paths,
      ]),
      [['TIL.VLD-00005', '$QUERY/continuationToken']],
    );
  });

  it('gives a way on that can be followed, whatever the case of the names in the question', async () => {
    const rows = await all('?CREATEDAFTER=2020-01-01T00:00:00Z&PageSize=1');
    assert.deepEqual(rows, await all(''));
    assert.ok(rows.length > 3, 'more than a page');
  });

  it("goes on where a cursor of earlier days, an event's id, stood", async () => {
    const rows = await all('');
    const old = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
    const { body } = await feed(`?continuationToken=${old(rows[1].eventId)}`);
    assert.equal(body.data[0].eventId, rows[2].eventId);
  });

  it('loses and doubles nothing however acts commit, for readers by cursor and by createdAfter', async () => {
    const reader = await newOrganization();
    const giver = await newPerson();
    const { db } = world.database;
    const seen = { cursor: [] as string[], date: [] as string[] };
    let [cursor, date] = ['', '2020-01-01T00:00:00Z'];
    let isDone = false;
    const readBy = async (how: 'cursor' | 'date') => {
      for (;;) {
        const wasDone = isDone;
        const query: string =
          how === 'cursor'
            ? cursor && `?continuationToken=${cursor}`
            : `?createdAfter=${encodeURIComponent(date)}`;
        const { status, body, text } = await feed(query, reader);
        assert.equal(status, 200, text);
        for (const row of body.data) {
          if (how === 'date') assert.ok(row.changedDate >= date, 'dates run backwards');
          seen[how].push(row.eventId);
        }
        const isMore: boolean = body.data.length > (how === 'date' && seen.date.length > 3 ? 1 : 0);
        cursor = how === 'cursor' ? body.cursor : cursor;
        date = how === 'date' ? (body.data.at(-1)?.changedDate ?? date) : date;
        if (wasDone && !isMore) return;
      }
    };
    // On the embedded database one act is at work at a time; on PostgreSQL transactions hang.
    const write = async (n: number) => {
      const act = async (trx: { raw: (sql: string, values?: unknown[]) => Promise<unknown> }) => {
        await trx.raw(
          `insert into event (id, type, at, consent_id, from_party, to_party)
          select new_event_id(now()), 'used', now() + (random() - 0.5) * interval '2 seconds', ?, ?, ? from generate_series(1, 3)`,
          [ids[0], giver.id, reader.id],
        );
        if (process.env.TEST_DATABASE_URL) await trx.raw('select pg_sleep(random() * 0.3)');
        if (n % 5 === 0) throw new Error('rolled back');
      };
      await db.transaction(act as never).catch(() => undefined);
    };
    const readers = [readBy('cursor'), readBy('date')];
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 8 }, (_, n) => write(round * 8 + n)));
    isDone = true;
    await Promise.all(readers);
    const written = 64 * 3;
    assert.equal(seen.cursor.length, written, 'by cursor each once');
    assert.equal(new Set(seen.cursor).size, written);
    assert.equal(new Set(seen.date).size, written, 'by date each at least once');
  });

  it('answers 400 or a page to any continuation token, never 500', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 40 }), async (token) => {
        const answer = await feed(`?continuationToken=${encodeURIComponent(token)}`);
        assert.ok(answer.status === 200 || answer.status === 400);
      }),
      { numRuns: 40 },
    );
  });
});
