// SQL of the bits of status lists, of consents and of grants: noted after each act that may change
// one, and when what they rest on does, and read by each node from where it was. It knows no list.
import { inTransaction, type Act } from '../../platform/act.ts';
import { consentInForce } from '../../consent/redeem/store.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import { CONSENT_TYPE } from '../provider/hook_model.ts';
import type { StatusBit } from './list_model.ts';

/** The client of a grant, as long as it may have what the grant is for. */
const clientHolds = (grant: string, now: string) =>
  `select from oauth_client client left join party owner on owner.id = client.owner where client.client_id = ${grant} ->> 'clientId'
    and (owner.ended_at is null or owner.ended_at > ${now}) and (${grant} #>> '{rar,0,type}' is null or client.metadata -> 'authorization_details_types' @> jsonb_build_array(${grant} #> '{rar,0,type}'))`;

// One notes at a time, so that places among changes rise as they are committed.
const hold: Statement = {
  name: 'hold_status_bits',
  text: 'select pg_advisory_xact_lock(727286)',
};
// The bit of a consent's tokens is as introspection says of each, but for its own id: active is
// valid.
const bitOf = (
  consent: string,
) => `case when exists (select from (${consentInForce(consent, '$1')}) as held) then 0
      when exists (select from consent_request asked join mandate given on given.consent_id = asked.id and given.basis = 'consent' and given.ended_at is null
        where asked.id = ${consent} and asked.state = 'approved' and asked.fallen_reason is null) then 2
      else 1 end`;
// The consent that a grant is for.
const consentOf = (grant: string) =>
  `case when ${grant}.payload #>> '{rar,0,type}' = '${CONSENT_TYPE}' then (${grant}.payload #>> '{rar,0,id}')::uuid end`;
// The other of two that hold together changes with it, and so do the grants of each.
const note: Statement = {
  name: 'note_status_bits',
  text: `with taken as (delete from status_pending where status_pending.id in (select waiting.id from status_pending waiting where waiting.due_at <= $1 order by waiting.due_at limit $2)
      returning status_pending.consent_id, status_pending.place),
    changed as materialized (select taken.consent_id as id from taken where taken.consent_id is not null union select asked.pair from taken join consent_request asked on asked.id = taken.consent_id and asked.pair is not null),
    touched as materialized (select taken.place from taken where taken.place is not null
      union select held.status_place from changed join oidc_state held on held.model = 'Grant' and held.payload #>> '{rar,0,id}' = changed.id::text and held.status_place is not null),
    standing as (
      select one.status_place as place, ${bitOf('one.id')} as bit from changed join consent_request one on one.id = changed.id where one.status_place is not null
      union all
      select touched.place, case when not exists (${clientHolds('held.payload', '$1')}) or exists (select from party person where person.id = (held.payload ->> 'accountId')::uuid and person.ended_at is not null) then 1
          when held.consent is null then 0 else ${bitOf('held.consent')} end
        from touched left join lateral (select state.status_place, state.payload, ${consentOf('state')} as consent from oidc_state state where state.status_place = touched.place and state.expires_at > $1) as held on true),
    noted as (insert into status_bit (place, bit, changed) select standing.place, standing.bit, nextval('status_changed') from standing
      on conflict (place) do update set bit = excluded.bit, changed = excluded.changed where status_bit.bit <> excluded.bit)
    select count(*)::int as count from taken`,
};
/**
 * Notes the bits of consents and grants that something was done with; answers how much was done.
 */
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
