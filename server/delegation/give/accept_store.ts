// SQL of what waits for its receiver: whether two have to do with each other already, that the
// receiver accepts, and that nobody did in time.
import type { Act } from '../../platform/act.ts';
import { intoEvent, newEvent } from '../../event/store.ts';
import { standsAccepted } from '../../mandate/force_store.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { accepting } from '../../mandate/store.ts';
import { intoNotice } from '../../notice/store.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { orRevive } from '../relation_store.ts';

const tied: Statement = {
  name: 'tied_to',
  text: `select other.id from unnest($2::uuid[]) as other(id) where exists (select from mandate tie
    where ((tie.from_party = $1 and tie.to_party = other.id) or (tie.from_party = other.id and tie.to_party = $1))
      and tie.basis not in ('consent', 'customer') and ${standsAccepted('tie', '$3')})`,
};

/**
 * The others with whom a party has to do already: one of the two has something of the other by
 * a register, or that was given and waits for nobody.
 */
export async function tiedTo(act: Act, party: string, others: string[]): Promise<Set<string>> {
  const rows = await query<{ id: string }>(act.db, tied, [party, others, act.now]);
  return new Set(rows.map(({ id }) => id));
}

const accept: Statement = {
  name: 'accept_mandate',
  text: `with begun as (
      ${accepting('$2')} where mandate.id = $1 and mandate.ended_at is null and mandate.accept_by > $2 and (mandate.valid_to is null or mandate.valid_to > $2) returning mandate.*),
    related as (
      insert into relation (id, from_party, to_party, kind, by_party, at)
      select $3, begun.from_party, begun.to_party, 'rightholder', coalesce(begun.given_by, begun.from_party), $2 from begun where begun.basis = 'delegation'
      ${orRevive}),
    noted as (
      ${intoEvent('id', 'mac', 'type', 'at', 'mandate_id', 'from_party', 'to_party', 'by_party', 'by_role', 'detail')}
      select $4, $5::bytea, 'given', $2, begun.id, begun.from_party, begun.to_party, begun.given_by, begun.given_role, $7::jsonb from begun),
    told as (
      ${intoNotice('id', 'party', 'type', 'mandate_id', 'at', 'by_party')}
      select $8, begun.from_party, 'mandate_accepted', begun.id, $2, $6::uuid from begun)
    select begun.id from begun`,
};

/**
 * Lets a mandate that waits for its receiver hold from now on, as who gave it gave it, with its
 * relation, its event and the giver's notice; false when it waits no longer.
 */
export async function beginAccepted(
  act: Act,
  mandate: MandateRow,
  { by, terms }: { by: string; terms: object },
): Promise<boolean> {
  const { id, from, to, givenBy, givenRole: role } = mandate;
  const detail = { ...terms, acceptedBy: by };
  const event = newEvent(act, { kind: 'given', mandate: id, from, to, by: givenBy, role, detail });
  const [relation, notice] = [uuidv7(act.now), uuidv7(act.now)];
  const values = [id, act.now, relation, event.id, event.mac, by, JSON.stringify(detail), notice];
  return (await queryOne(act.db, accept, values)) !== undefined;
}

const fallen =
  'select mandate.id from mandate where mandate.accept_by <= $1 and mandate.ended_at is null';
const unanswered: Statement = {
  name: 'unanswered_mandates',
  text: `${fallen} order by mandate.id limit 500 for update`,
};
const unansweredBetween: Statement = {
  name: 'unanswered_mandates_between',
  text: `${fallen} and mandate.from_party = $2 and mandate.to_party = $3 order by mandate.id for update`,
};

/** Mandates that no receiver accepted in time, held. Call it in a transaction. */
export const holdUnanswered = (act: Act): Promise<{ id: string }[]> =>
  query(act.db, unanswered, [act.now]);
/** The same, of what one party sent another. */
export const holdUnansweredBetween = (
  act: Act,
  from: string,
  to: string,
): Promise<{ id: string }[]> => query(act.db, unansweredBetween, [act.now, from, to]);
