// SQL of the beginning of a mandate: the mandate, the relation it makes, its event and its notices,
// in one statement. Guards are in it; who may is not known here.
import { orRevive } from '../relation_store.ts';
import type { Act } from '../../platform/act.ts';
import { intoMandate, endingAt } from '../../mandate/store.ts';
import { isSilenced } from '../../notice/silence_store.ts';
import { intoNotice } from '../../notice/store.ts';
import { intoEvent, newEvent } from '../../event/store.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { isTrustee } from '../../mandate/estate_store.ts';
import { stillRests } from '../../mandate/force_store.ts';

export interface NewDelegation {
  id: string;
  from: string;
  to: string;
  basis: 'delegation' | 'customer';
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  instance: string | null;
  validFrom: Date;
  validTo: Date | null;
  mayPassOn: boolean;
  /** Whether what a main unit gives is its sub-units' too. */
  subunits: boolean;
  /** Until when it waits for the receiver to accept it; null where it holds at once. */
  acceptBy: Date | null;
  givenBy: string | null;
  givenRole: string | null;
  evidence: unknown;
  needs: string | null;
  through: string | null;
  /** The code that its receiver showed, by which it was given. */
  byCode: string | null;
  /** The giver's group by which its receiver has it. */
  group: string | null;
}

// The mandates below a child are locked while it begins: whoever ends any of them then finds the
// child.
const lockChain: Statement = {
  name: 'lock_chain',
  text: `select from mandate link where link.id = any((select parent.id || parent.chain from mandate parent where parent.id = $1)::uuid[])
    order by link.id for share`,
};
// For a bankrupt company only its trustee gives, and whom the trustee lets, resting on what still
// holds; a company that goes bankrupt at this moment, or whoever passes on, is judged by what then
// holds. A mandate that ran out by itself still holds its place; it is ended first, so that a new
// one can begin. One that waits for its receiver makes no relation yet.
const begin: Statement = {
  name: 'begin_delegation',
  text: `with giver as materialized (
      select party.id, party.estate_at from party where party.id in (select unnest(array[near.id, near.parent]) from party near
        where near.id in ($2, (select got.to_party from mandate got where got.id = $17))) for key share),
    cleared as (
      ${endingAt('mandate.valid_to')} where mandate.from_party = $2 and mandate.to_party = $3 and mandate.ended_at is null
        and mandate.valid_to <= $13 and mandate.package is not distinct from $5 and mandate.resource_id is not distinct from $6
        and mandate.instance is not distinct from $8 and mandate.through is not distinct from $17 and mandate.group_id is not distinct from $27 and mandate.basis in ('delegation', 'customer')
      returning mandate.id),
    begun as (
      ${intoMandate('id', 'from_party', 'to_party', 'to_kind', 'basis', 'package', 'resource_id', 'actions', 'instance', 'valid_from', 'valid_to', 'may_pass_on', 'given_by', 'given_role', 'given_at', 'evidence', 'needs', 'through', 'chain', 'subunits', 'estate_at', 'reference', 'by_code', 'group_id', 'accept_by')}
      select $1, $2, receiver.id, receiver.kind, $4, $5, $6, $7, $8, $9, $10, $11, $12::uuid, $14, $13, $15, $16, parent.id,
        case when parent.id is null then '{}'::uuid[] else parent.id || parent.chain end, $24 and coalesce(parent.subunits, true),
        case when parent.id is not null then parent.estate_at when $18::jsonb = '[]'::jsonb and not ${isTrustee('$12::uuid', '$2')} then estate_of($2) end, new_reference(), $26, $27::uuid, $28::timestamptz
      from party receiver left join mandate parent on parent.id = $17
      where receiver.id = $3 and ($17::uuid is null or (parent.ended_at is null and (parent.may_pass_on or $4 = 'customer')))
        and not exists (select from giver join party seen on seen.id = giver.id where seen.estate_at is distinct from giver.estate_at)
        and (select count(*) from cleared) >= 0 and ${stillRests('$18::jsonb', '$12::uuid', '$13::timestamptz')}
      on conflict do nothing returning mandate.*),
    related as (
      insert into relation (id, from_party, to_party, kind, by_party, at)
      select $19, begun.from_party, begun.to_party, 'rightholder', coalesce(begun.given_by, begun.from_party), $13 from begun where begun.basis = 'delegation' and begun.accept_by is null
      ${orRevive}),
    noted as (
      ${intoEvent('id', 'mac', 'type', 'at', 'mandate_id', 'from_party', 'to_party', 'by_party', 'by_role', 'detail')}
      select $20, $25::bytea, $29, $13, begun.id, begun.from_party, begun.to_party, begun.given_by, begun.given_role, $21::jsonb from begun),
    told as (
      ${intoNotice('id', 'party', 'type', 'mandate_id', 'at', 'by_party')}
      select told.id, told.party, 'mandate_' || $29, begun.id, $13, begun.given_by from begun cross join lateral unnest($22::uuid[], $23::uuid[]) as told(party, id)
      where not ${isSilenced('told.party', 'begun.from_party')})
    select begun.id from begun`,
};

const hold: Statement = {
  name: 'grounds_hold',
  text: `select ${stillRests('$1::jsonb', '$2::uuid', '$3::timestamptz')} as holds`,
};

/** Whether all that an act by somebody rests on still holds. */
export const groundsHold = async (act: Act, rests: string[], by: string) =>
  (await queryOne<{ holds: boolean }>(act.db, hold, [JSON.stringify(rests), by, act.now]))!.holds;

export interface Begun {
  /** The detail of its event. */
  detail: unknown;
  /** The receivers of its notice. */
  parties: string[];
  /** The mandates that must still hold for whoever gives. */
  rests: string[];
}

/**
 * Begins a mandate, with its relation, event and notices; false when one for the same is there
 * already, what it rests on is gone, or its parent has just ended or may not be passed on.
 */
export async function beginDelegation(
  act: Act,
  one: NewDelegation,
  { detail, parties, rests }: Begun,
): Promise<boolean> {
  if (one.through) await query(act.db, lockChain, [one.through]);
  const once = [...new Set(parties)];
  const type = one.acceptBy ? 'sent' : 'given';
  const event = newEvent(act, {
    ...{ kind: type, mandate: one.id, from: one.from, to: one.to },
    ...{ by: one.givenBy, role: one.givenRole, detail },
  });
  const row = await queryOne(act.db, begin, [
    ...[one.id, one.from, one.to, one.basis, one.package, one.resource, one.actions, one.instance],
    ...[one.validFrom, one.validTo, one.mayPassOn, one.givenBy, act.now, one.givenRole],
    one.evidence === null ? null : JSON.stringify(one.evidence),
    ...[one.needs, one.through, JSON.stringify(rests), uuidv7(act.now), event.id],
    ...[JSON.stringify(detail), once, once.map(() => uuidv7(act.now)), one.subunits, event.mac],
    ...[one.byCode, one.group, one.acceptBy, type],
  ]);
  return row !== undefined;
}
