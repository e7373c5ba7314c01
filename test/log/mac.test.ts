// What gets a place in the log: events that a node made, as their MAC says, and no others.
import { hasMac, macOf } from '../../server/event/store.ts';
import assert from 'node:assert/strict';
import { loggedEvent } from '../../server/event/feed_store.ts';
import { OF_EVENT, type LoggedEvent } from '../../server/event/payload_model.ts';
import { openDatabase, type Db } from '../../server/platform/db/db.ts';
import { clock } from '../../server/platform/clock.ts';
import { approve, ask, call, newOrganization, newPerson, world } from '../support/world.ts';

/** Events as the log takes them, of a consent. */
async function eventsOf(consent: string): Promise<LoggedEvent[]> {
  const { rows } = await world.database.db.raw(
    `select ${loggedEvent} as event from (select event.*, content.content from event
      left join event_content content on content.event_id = event.id where consent_id = ?) as happened order by happened.id`,
    [consent],
  );
  return rows.map(({ event }: { event: LoggedEvent }) => event);
}

async function isRefused(id: string): Promise<boolean> {
  await world.work.run('feed.place');
  const { status } = await call('GET', `${world.url}/log/proof/inclusion?event=${id}`);
  const { rows } = await world.database.db.raw('select from log_refused where event_id = ?', [id]);
  const { rows: placed } = await world.database.db.raw('select from log_leaf where event_id = ?', [
    id,
  ]);
  assert.equal(rows.length + placed.length, 1, id);
  if (rows.length) assert.equal(status, 404);
  return rows.length === 1;
}

/** A row as somebody with the database's password writes it; answers with its id. */
async function written(changed: string, id: string): Promise<string> {
  const { rows } = await world.database.db.raw(
    `insert into event select (jsonb_populate_record(one, jsonb_build_object('id', new_event_id(now()), 'seed', null) || ${changed})).*
      from event one where id = ? returning id`,
    [id],
  );
  forged.push(rows[0].id);
  return rows[0].id;
}
const forged: string[] = [];

describe('an event that no node made', () => {
  let given: LoggedEvent;
  before(async () => {
    const giver = await newPerson();
    const consent = await ask(giver, await newOrganization());
    await approve(consent, giver);
    given = (await eventsOf(consent)).find(({ kind }) => kind === 'approved')!;
  });

  after(() =>
    world.database.db.transaction(async (trx) => {
      await trx.raw('set local session_replication_role = replica');
      await trx.raw('delete from event where id = any(?)', [forged]);
      await trx.raw('delete from log_refused where event_id = any(?)', [forged]);
    }),
  );

  const seed = `jsonb_build_object('seed', '\\x00112233445566778899aabbccddeeff')`;
  const forgeries: Record<string, string> = {
    'has no MAC': `jsonb_build_object('mac', null) || ${seed}`,
    'has the MAC of another': seed,
    'has a MAC that covers nothing': `jsonb_build_object('mac', '\\x0000' || repeat('00', 16)) || ${seed}`,
    'has a MAC that is cut short': `jsonb_build_object('mac', '\\x00') || ${seed}`,
  };
  for (const [how, changed] of Object.entries(forgeries))
    it(`gets no place where it ${how}`, async () => {
      assert.equal(await isRefused(await written(changed, given.id)), true);
    });

  it('is counted where operators look, and named once in the log', async () => {
    const id = await written(`jsonb_build_object('mac', null) || ${seed}`, given.id);
    assert.equal(await isRefused(id), true);
    assert.match(await world.metrics.registry.metrics(), /^tillit_log_refused_events [1-9]/m);
    await world.work.run('log.refused');
    const { rows } = await world.database.db.raw('select from log_refused where not is_named');
    assert.equal(rows.length, 0);
  });

  it('holds up nothing that happens beside it', async () => {
    const id = await written(`jsonb_build_object('mac', null) || ${seed}`, given.id);
    const consent = await ask(await newPerson(), await newOrganization());
    const [asked] = await eventsOf(consent);
    assert.deepEqual([await isRefused(id), await isRefused(asked!.id)], [true, false]);
  });

  describe('has not the MAC of what was changed:', () => {
    const other = '01890000-0000-7000-8000-000000000000';
    const changes: Partial<LoggedEvent>[] = [
      { id: other },
      { kind: 'withdrawn' },
      { at: '2026-01-01T00:00:00.000000Z' },
      { consent: other },
      { by: other },
      { role: 'daglig-leder' },
    ];
    for (const change of changes)
      it(Object.keys(change).join(), () => {
        const { db } = world.database;
        assert.equal(hasMac(db, given), true);
        assert.equal(hasMac(db, { ...given, ...change }), false);
      });

    it('what it covers', () => {
      const { db } = world.database;
      const less = `0000${given.mac!.slice(4)}`;
      assert.equal(hasMac(db, { ...given, mac: less }), false);
      // The same party, moved from where the act knew it to where it did not.
      const { id, at, from } = given;
      const mac = macOf(db, { id, kind: given.kind, at, from }).slice(2);
      const covers = (member: string) => (1 << OF_EVENT.indexOf(member as 'from')).toString(16);
      const moved = mac.replace(/^..../, covers('to').padStart(4, '0'));
      assert.equal(mac.slice(0, 4), covers('from').padStart(4, '0'));
      assert.equal(hasMac(db, { ...given, from, to: other, mac }), true);
      assert.equal(hasMac(db, { ...given, from: other, to: from, mac: moved }), false);
    });
  });

  it('is known by the secret, or by one that is accepted, and by no other', async () => {
    const { databaseUrl } = world.env;
    const opened = (secret: string, acceptedSecrets: string[] = []) =>
      openDatabase({ databaseUrl, databasePool: 1, dataDir: 'memory:', secret, acceptedSecrets });
    const [before, after] = [
      'one-secret-of-thirty-two-characters',
      'another-of-thirty-two-characters-',
    ];
    const databases = [await opened(before), await opened(after, [before]), await opened(after)];
    const [first, accepting, other] = databases.map(({ db }) => db as Db);
    const event = { id: given.id, kind: 'approved', at: clock.now(), consent: given.consent };
    const at = `${event.at.toISOString().slice(0, -1)}000Z`;
    const stored = { ...given, at, mac: macOf(first!, event).slice(2) };
    assert.deepEqual(
      [first!, accepting!, other!].map((db) => hasMac(db, stored)),
      [true, true, false],
    );
    for (const one of databases) await one.close();
  });
});
