// SQL of the bits of status lists: noted after each act that may change one, and when what a
// consent rests on does, and read by each node from where it was. It knows no list.
import { inTransaction, type Act } from '../../platform/act.ts';
import { consentInForce } from '../../consent/redeem/store.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import type { StatusBit } from './list_model.ts';

// One notes at a time, so that places among changes rise as they are committed.
const hold: Statement = {
  name: 'hold_status_bits',
  text: 'select pg_advisory_xact_lock(727286)',
};
// Valid is what introspection calls active. The other of two that hold together changes with it.
const note: Statement = {
  name: 'note_status_bits',
  text: `with taken as (delete from status_pending where status_pending.id in (select waiting.id from status_pending waiting where waiting.due_at <= $1 order by waiting.due_at limit $2)
      returning status_pending.consent_id),
    standing as (select one.status_place as place, case
        when exists (select from (${consentInForce('one.id', '$1')}) as held) then 0
        when one.state = 'approved' and one.fallen_reason is null and exists (select from mandate given where given.consent_id = one.id and given.basis = 'consent' and given.ended_at is null) then 2
        else 1 end as bit
      from (select taken.consent_id as id from taken union select asked.pair from taken join consent_request asked on asked.id = taken.consent_id and asked.pair is not null) as changed
      join consent_request one on one.id = changed.id where one.status_place is not null),
    noted as (insert into status_bit (place, bit, changed) select standing.place, standing.bit, nextval('status_changed') from standing
      on conflict (place) do update set bit = excluded.bit, changed = excluded.changed where status_bit.bit <> excluded.bit)
    select count(*)::int as count from taken`,
};
/** Notes the bits of consents that something was done with; answers how much was done. */
export const noteBits = (act: Act, most: number): Promise<number> =>
  inTransaction(act, async ({ db, now }) => {
    await query(db, hold, []);
    return (await queryOne<{ count: number }>(db, note, [now, most]))!.count;
  });

const changes: Statement = {
  name: 'status_changes',
  text: `select status_bit.place::text, status_bit.bit, status_bit.changed::text from status_bit where status_bit.changed > $1 order by status_bit.changed limit $2`,
};
export interface StatusChange {
  place: string;
  bit: StatusBit;
  changed: string;
}
/** Bits that were noted after a place among changes, in their order. */
export const listBitChanges = (act: Act, after: string, most: number): Promise<StatusChange[]> =>
  query(act.db, changes, [after, most]);

const given: Statement = {
  name: 'status_places_given',
  text: 'select case when status_sequence.is_called then status_sequence.last_value else 0 end::float8 as given from status_sequence',
};
/** How many places were given. */
export const countGiven = async (act: Act): Promise<number> =>
  (await queryOne<{ given: number }>(act.db, given, []))!.given;

const skip: Statement = {
  name: 'begin_status_list',
  text: `select setval('status_sequence', ((status_sequence.last_value >> 20) + 1 + $1::bigint) << 20) from status_sequence`,
};
/**
 * Gives the next places in a new list: tokens that were drawn before the database was set back bear
 * places of the last one, and of those that earlier restorations (`epoch`) began.
 */
export const beginList = (act: Act, epoch: number) => query(act.db, skip, [epoch]);
