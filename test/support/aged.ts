// Things that are old: a consent or mandate is made to have ended long ago, in a transaction of
// which nothing is left.
import assert from 'node:assert/strict';
import type { Knex } from 'knex';
import { macOf } from '../../server/event/store.ts';
import { placeEvents } from '../../server/notice_due/feed.ts';
import { actAlone } from '../../server/platform/act.ts';
import { world } from './world.ts';

export const goesOn = () => true;

/** Does it in a transaction of which nothing is left. */
export async function undone(work: (trx: Knex.Transaction) => Promise<void>): Promise<void> {
  const over = new Error('the test is over');
  await assert.rejects(
    world.database.background.transaction(async (trx) => {
      await work(trx);
      throw over;
    }),
    (error) => error === over || assert.fail(error as Error),
  );
}

/**
 * Has what happened to a consent or mandate, and its end, have been so many days ago too, with its
 * places in the log; and whoever has a receipt been notified long ago.
 */
export async function age(
  trx: Knex.Transaction,
  id: string,
  days: number,
  isTold = true,
): Promise<void> {
  const before = `interval '${days} days'`;
  const { rows } = await trx.raw(
    `select to_jsonb(one) || jsonb_build_object('id', new_event_id(one.at - ${before}), 'at', one.at - ${before}) as row
      from event one where ? in (one.consent_id, one.mandate_id) order by one.id`,
    [id],
  );
  const copies = rows.map(({ row }: { row: { id: string; type: string; at: string } }) => {
    const event = { id: row.id, kind: row.type, at: new Date(row.at) };
    return { ...row, at: event.at, mac: macOf(trx, event) };
  });
  await trx.raw('insert into event select * from jsonb_populate_recordset(null::event, ?::jsonb)', [
    JSON.stringify(copies),
  ]);
  await placeEvents(actAlone(trx));
  await trx.raw(
    `insert into log_checkpoint select log, max(position) + 1, now(), '' from log_leaf group by log on conflict do nothing`,
  );
  for (const table of isTold ? ['consent_request', 'mandate'] : [])
    await trx.raw(`update ${table} set erasing_told_at = now() - interval '31 days' where id = ?`, [
      id,
    ]);
  await trx.raw(
    `update consent_request set valid_to = valid_to - ${before}, withdrawn_at = withdrawn_at - ${before} where id = ?`,
    [id],
  );
  await trx.raw(
    `update mandate set valid_to = valid_to - ${before}, ended_at = ended_at - ${before} where id = ?`,
    [id],
  );
}
