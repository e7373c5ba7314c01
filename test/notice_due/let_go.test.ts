// What is let go, and what is not: months of the logs, places in the feeds, and events of what has
// ended, each only where a period says so. What a test lets go comes back when it is over.
import assert from 'node:assert/strict';
import type { Knex } from 'knex';
import { letMonthsGo, makeMonths } from '../../server/decision/log/months_store.ts';
import { makeEventPartitions } from '../../server/event/partition_store.ts';
import { letGo } from '../../server/notice_due/let_go.ts';
import type { Keeping } from '../../server/platform/env/env.ts';
import { actAlone } from '../../server/platform/act.ts';
import { placeEvents } from '../../server/notice_due/feed.ts';
import { uuidv7 } from '../../server/platform/ids.ts';
import { age, goesOn, undone } from '../support/aged.ts';
import { loggedIn, mainText } from '../support/pages/browser.ts';
import { secondNode } from '../support/run/node.ts';
import { can, end, given, newFirm, newResource, OWNER } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  call,
  inDays,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  READ,
  type TestParty,
  withdraw,
  world,
} from '../support/world.ts';

const KEEP: Keeping = { consentEvents: 0, mandateEvents: 0, feed: 0, archive: undefined };
const actAt = (trx: Knex.Transaction, days: number) => actAlone(trx, new Date(inDays(days)));

const TWICE = ['requested', 'approved', 'requested', 'approved'];
const eventsOf = async (trx: Knex.Transaction, id: string): Promise<string[]> =>
  (
    await trx.raw(
      "select type from event where ? in (consent_id, mandate_id) and type <> 'expired' order by id",
      [id],
    )
  ).rows.map(({ type }: { type: string }) => type);
const partsOf = async (trx: Knex.Transaction, table: string): Promise<string[]> =>
  (
    await trx.raw(
      'select relname from pg_inherits join pg_class on oid = inhrelid where inhparent = ?::regclass',
      [table],
    )
  ).rows.map(({ relname }: { relname: string }) => relname.slice(table.length + 1));

describe('events of what has ended', () => {
  it('stay for ever, unless a period is set', () =>
    undone(async (trx) => {
      const { rows } = await trx.raw('select count(*)::int as n from event');
      await letGo(actAt(trx, 36_000), KEEP, goesOn);
      assert.deepEqual((await trx.raw('select count(*)::int as n from event')).rows, rows);
    }));

  it('go when the period after the end is over, but for id, kind and time', async () => {
    const [asker, giver] = [await newOrganization(), await newPerson()];
    const consentUntil = async (days: number) => {
      const id = await ask(giver, asker, { validTo: inDays(days) });
      await approve(id, giver);
      return id;
    };
    const [holds, young, drawn] = [
      await consentUntil(900),
      await consentUntil(500),
      await consentUntil(900),
    ];
    await withdraw(drawn, giver);
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const terms = { resource, actions: ['read'] };
    const ended = await given(boss, firm, clerk, { ...terms, validTo: inDays(900) });
    await end(boss, ended);
    const endless = await given(boss, firm, await newPerson(), terms);
    await undone(async (trx) => {
      for (const id of [holds, young, drawn, ended, endless]) await age(trx, id, 800);
      const { rows: before } = await trx.raw(
        'select id, type, at from event where consent_id = ? order by id limit 3',
        [drawn],
      );
      // Whatever is asked for, less than a year after the end nothing goes.
      const { rows: all } = await trx.raw("select id, '' as leaf from event");
      const far = new Date('2100-01-01');
      await trx.raw('select let_events_go(?, null, null, 0, 0)', [JSON.stringify(all)]);
      await trx.raw('select let_events_go(?, ?, null, 0, 0)', [JSON.stringify(all), far]);
      for (const id of [holds, young]) assert.deepEqual(await eventsOf(trx, id), TWICE);
      assert.deepEqual(await eventsOf(trx, drawn), ['requested', 'approved', 'withdrawn']);
      const { rows: left } = await trx.raw(
        'select id, type, at from event_let_go where id = any(?) order by id',
        [before.map(({ id }: { id: string }) => id)],
      );
      assert.deepEqual(left, before);
      // The period of one kind is not the other's.
      assert.deepEqual(await eventsOf(trx, ended), ['given', 'ended', 'given', 'ended']);
      await letGo(actAt(trx, 0), { ...KEEP, mandateEvents: 900 }, goesOn);
      assert.deepEqual(await eventsOf(trx, ended), ['given', 'ended', 'given', 'ended']);
      await letGo(actAt(trx, 0), { ...KEEP, mandateEvents: 400 }, goesOn);
      assert.deepEqual(await eventsOf(trx, ended), ['given', 'ended']);
      assert.deepEqual(await eventsOf(trx, endless), ['given', 'given']);
    });
  });

  it('go with their places in the feeds, but the newest place', async () => {
    const [asker, giver] = [await newOrganization(), await newPerson()];
    const id = await ask(giver, asker);
    await approve(id, giver);
    await withdraw(id, giver);
    await undone(async (trx) => {
      await age(trx, id, 800);
      await placeEvents(actAt(trx, 0));
      const placed = async () =>
        (
          await trx.raw(
            'select count(*)::int as n from event_feed join event_let_go on event_let_go.id = event_id where consent_id = ?',
            [id],
          )
        ).rows[0].n;
      const all = async () =>
        (await trx.raw('select count(*)::int as n from event_feed where consent_id = ?', [id]))
          .rows[0].n;
      const before = await all();
      await letGo(actAt(trx, 0), { ...KEEP, consentEvents: 400 }, goesOn);
      assert.ok((await all()) <= before - 2, `${before} places, then ${await all()}`);
      assert.ok((await placed()) <= 1);
    });
  });

  it('leave pages and answers that can be read', async () => {
    const [asker, giver] = [await newOrganization(), await newPerson()];
    const id = await ask(giver, asker);
    await approve(id, giver);
    await withdraw(id, giver);
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const mandate = await given(boss, firm, clerk, { resource, actions: ['read'] });
    await end(boss, mandate);
    await world.database.db.transaction(async (trx) => {
      await trx.raw(`select set_config('tillit.lets_go', 'on', true)`);
      await trx.raw('delete from event where consent_id = ? or mandate_id = ?', [id, mandate]);
    });
    const mine = await personToken(giver);
    const consent = await call('GET', `/accessmanagement/api/v1/consent/${id}`, mine);
    assert.deepEqual([consent.status, consent.body.consentRequestEvents], [200, []]);
    const asked = await call(
      'GET',
      `/accessmanagement/api/v1/enterprise/consentrequests/${id}`,
      await organizationToken(asker, READ),
    );
    assert.deepEqual([asked.status, asked.body.status], [200, 'Revoked']);
    const browser = await loggedIn(giver, `/consents/${id}`);
    assert.match(mainText(browser.page.html), /Trukket/);
    assert.doesNotMatch(mainText(browser.page.html), /Hva har skjedd/);
    for (const path of [`/consent/receipt?id=${id}`, '/consents?show=events', '/consents.csv'])
      assert.equal((await browser.open(path)).status, 200, path);
    const { html } = (await loggedIn(boss, `/overview/${mandate}?party=${firm.id}`)).page;
    assert.match(mainText(html), /Avsluttet/);
    const owner = await call(
      'GET',
      '/access/v1/owner/events?limit=1000',
      await organizationToken({ number: OWNER } as TestParty, 'altinn:authorization/authorize'),
    );
    assert.equal(owner.status, 200);
    const log = await call(
      'GET',
      `/access/v1/log/events?party=${firm.id}`,
      await personToken(boss),
    );
    assert.equal(log.status, 200);
    assert.ok(!log.body.data.some((one: { mandate: string }) => one.mandate === mandate));
    for (const path of ['/access/v1/log/decisions', '/access/v1/notices'])
      assert.equal((await call('GET', `${path}?party=${giver.id}`, mine)).status, 200, path);
  });

  it('are removed and changed in no other way', async () => {
    const giver = await newPerson();
    const id = await ask(giver, await newOrganization());
    for (const table of ['event', `event_${new Date().getUTCFullYear()}`, 'event_rest']) {
      await assert.rejects(
        world.database.db.raw(`delete from ${table} where consent_id = ?`, [id]),
        /never changed or removed/,
        table,
      );
      await assert.rejects(
        world.database.db.transaction(async (trx) => {
          await trx.raw(`select set_config('tillit.lets_go', 'on', true)`);
          await trx.raw(`update ${table} set at = now() where consent_id = ?`, [id]);
        }),
        /never changed or removed/,
        table,
      );
    }
    await assert.rejects(world.database.db.raw('delete from event_let_go'), /never changed/);
  });
});

describe('the period of what is kept', () => {
  it('stands where the person reads what it is about', async () => {
    const node = await secondNode({
      env: {
        ...world.env,
        decisionLogDays: 200,
        keeping: { consentEvents: 500, mandateEvents: 600, feed: 0, archive: undefined },
      },
    });
    try {
      const said = mainText(await (await fetch(`${node.url}/privacy`)).text());
      assert.match(said, /slettet når det er 200 dager gammelt, eller senest en måned etter\. Hva/);
      assert.match(said, /med et samtykke, blir slettet 500 dager etter at det er slutt/);
      assert.match(said, /med en fullmakt, blir slettet 600 dager etter at den er slutt/);
    } finally {
      node.stop();
    }
    const unset = await (await fetch(`${world.url}/privacy`)).text();
    assert.doesNotMatch(mainText(unset), /Hva som skjedde/);
  });
});

describe('places in the feeds', () => {
  it('go after their days, but the newest, after which the next one comes', async () => {
    const [asker, giver] = [await newOrganization(), await newPerson()];
    const id = await ask(giver, asker);
    await approve(id, giver);
    await world.work.run('feed.place');
    await undone(async (trx) => {
      const places = async (table: string): Promise<number[]> =>
        (await trx.raw(`select position from ${table} order by position`)).rows.map(
          ({ position }: { position: number }) => position,
        );
      for (const table of ['event_feed', 'owner_feed']) {
        const before = await places(table);
        assert.ok(before.length > 1, table);
        await letGo(actAt(trx, 399), { ...KEEP, feed: 400 }, goesOn);
        assert.deepEqual((await places(table)).slice(-2), before.slice(-2));
      }
      const last = (await places('event_feed')).at(-1);
      // Other tests have lines of times to come.
      await letGo(actAt(trx, 36_000), { ...KEEP, feed: 400 }, goesOn);
      assert.deepEqual(await places('event_feed'), [last]);
      assert.equal((await places('owner_feed')).length, 1);
    });
  });

  it('go by whole partitions where all in one are old', () =>
    undone(async (trx) => {
      const place = (position: number, at: string) =>
        trx.raw(
          `insert into event_feed (position, event_id, changed_at, type, consent_id, to_party) values (?, ?, ?, 'used', ?, ?)`,
          [position, uuidv7(new Date(at)), at, uuidv7(new Date()), uuidv7(new Date())],
        );
      await place(19_999_999, inDays(1));
      assert.equal(await makeEventPartitions(actAt(trx, 1)), 0);
      await place(20_000_000, inDays(2));
      await place(20_000_001, inDays(1_000));
      assert.deepEqual((await partsOf(trx, 'event_feed')).sort(), ['0', '1', '2', 'rest']);
      await letGo(actAt(trx, 500), { ...KEEP, feed: 400 }, goesOn);
      assert.deepEqual((await partsOf(trx, 'event_feed')).sort(), ['2', 'rest']);
      const { rows } = await trx.raw('select position from event_feed');
      assert.deepEqual(rows, [{ position: 20_000_001 }]);
    }));
});

describe('partitions', () => {
  it('are made ahead: events by year, logs by month', () =>
    undone(async (trx) => {
      // A year that no test reaches by moving the clock, not one in which a child comes of age.
      const now = new Date('2091-11-15T12:00:00Z');
      // Where somebody holds a table for a second, it is made the next time, as by the job.
      const madeAtLast = async (make: () => Promise<number>) => {
        for (let turn = 0; turn < 60; turn += 1) if ((await make()) === 0) return;
        const { rows } = await trx.raw(
          "select id, type, at from event_rest where id >= least_id('2091-01-01') and id < least_id('2093-01-01') limit 3",
        );
        assert.fail(`a partition is missing, and of its time are ${JSON.stringify(rows)}`);
      };
      await madeAtLast(() => makeEventPartitions(actAlone(trx, now)));
      await madeAtLast(() => makeMonths(actAlone(trx, now)));
      const made = [
        ...(await partsOf(trx, 'event')),
        ...(await partsOf(trx, 'decision_log')),
        ...(await partsOf(trx, 'search_log')),
      ];
      for (const part of ['2091', '2092', '2091_11', '2091_12', '2092_01', '2092_02'])
        assert.ok(made.includes(part), `${part} of ${made}`);
      for (const part of ['2090', '2093', '2091_10', '2092_03']) assert.ok(!made.includes(part));
      const id = uuidv7(new Date('2091-12-31T23:59:59.999Z'));
      await trx.raw(
        `insert into decision_log (id, at, caller, action, outcome, reason, level, mandates) values (?, now(), 'c', 'read', 'deny', 'none', 0, '{}')`,
        [id],
      );
      const { rows } = await trx.raw('select id from decision_log_2091_12');
      assert.deepEqual(rows, [{ id }]);
    }));

  it('are missed aloud where rows of theirs are in the rest', () =>
    undone(async (trx) => {
      await trx.raw(
        `insert into search_log (id, at, caller, kind, parties) values (?, now(), 'c', 'action', '{}')`,
        [uuidv7(new Date('2031-12-05T00:00:00Z'))],
      );
      const act = actAlone(trx, new Date('2031-11-15T12:00:00Z'));
      assert.equal(await makeMonths(act), 1);
      assert.ok(!(await partsOf(trx, 'search_log')).includes('2031_12'));
      // What is there is as good, and goes by rows.
      await letMonthsGo({ ...act, now: new Date('2032-12-04T00:00:00Z') }, 365, goesOn);
      const left = async () =>
        (await trx.raw('select count(*)::int as n from search_log_rest')).rows[0].n;
      assert.equal(await left(), 1);
      await letMonthsGo({ ...act, now: new Date('2032-12-05T00:00:00Z') }, 365, goesOn);
      assert.equal(await left(), 0);
    }));

  it('of the logs go when all in them is older than the days, and no sooner', () =>
    undone(async (trx) => {
      const month = new Date().toISOString().slice(0, 7).replace('-', '_');
      const [year, number] = month.split('_').map(Number) as [number, number];
      const over = Date.UTC(year, number, 1) + 365 * 86_400_000;
      for (const [now, is] of [
        [over - 1, true],
        [over, false],
      ] as const) {
        await letMonthsGo(actAlone(trx, new Date(now)), 365, goesOn);
        for (const log of ['decision_log', 'search_log'])
          assert.equal((await partsOf(trx, log)).includes(month), is, log);
      }
    }));
});
