// Sweeps remove all that has run out, however much it is, and no more; two nodes remove no row
// twice.
import assert from 'node:assert/strict';
import { sweepState } from '../../server/oidc/provider/store.ts';
import { actAlone } from '../../server/platform/act.ts';
import { LOT } from '../../server/platform/db/sweep_store.ts';
import { query } from '../../server/platform/db/db.ts';
import { world } from '../support/world.ts';

const marks = async (name: string): Promise<number> =>
  (
    await world.database.db.raw('select count(*)::int as count from replay_mark where id like ?', [
      `${name}-%`,
    ])
  ).rows[0].count;
const make = (name: string, count: number, expires: string) =>
  world.database.db.raw(
    'insert into replay_mark (id, expires_at) select ? || n, ?::timestamptz from generate_series(1, ?) n',
    [`${name}-`, expires, count],
  );
const sweep = (goesOn = () => true) => sweepState(actAlone(world.database.background), goesOn);

describe('a sweep', () => {
  it('removes all that has run out, in as many lots as it takes, and nothing else', async () => {
    await make('old', 2 * LOT + 7, '2026-01-01T00:00:00Z');
    await make('new', 5, '2099-01-01T00:00:00Z');
    await sweep();
    assert.deepEqual([await marks('old'), await marks('new')], [0, 5]);
  });

  it('leaves the rest to the next time when its node stops', async () => {
    await make('stop', LOT + 7, '2026-01-01T00:00:00Z');
    let looks = 0;
    await sweep(() => (looks += 1) <= 2);
    const left = await marks('stop');
    assert.ok(left > 0 && left < LOT + 7, `${left} left`);
    await sweep();
    assert.equal(await marks('stop'), 0);
  });

  it('of two nodes at once removes each row once', async () => {
    await make('two', 2 * LOT, '2026-01-01T00:00:00Z');
    const { db } = world.database;
    await query(db, { name: 'count_gone', text: 'create table gone_mark (id text)' });
    await db.raw(`create function note_gone() returns trigger language plpgsql as
      $$ begin insert into gone_mark values (old.id); return old; end $$`);
    await db.raw(
      'create trigger note_gone before delete on replay_mark for each row execute function note_gone()',
    );
    try {
      await Promise.all([sweep(), sweep(), sweep()]);
      const { rows } = await db.raw(
        `select count(*)::int as count, count(distinct id)::int as each from gone_mark where id like 'two-%'`,
      );
      assert.deepEqual(rows[0], { count: 2 * LOT, each: 2 * LOT });
    } finally {
      await db.raw('drop trigger note_gone on replay_mark');
      await db.raw('drop function note_gone()');
      await db.raw('drop table gone_mark');
    }
  });
});
