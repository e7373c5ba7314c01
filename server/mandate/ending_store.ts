// SQL of mandates that end before long, and of which nobody has been notified.
import type { Act } from '../platform/act.ts';
import { inForce, standsAccepted } from './force_store.ts';
import { query, type Statement } from '../platform/db/db.ts';

/** Ends of one kind that are taken at once. */
export const MOST_ENDS = 500;
/** A notice says it when so much is left, of what lasts longer than that in all. */
const AHEAD = "interval '30 days'";
export const isNear = (end: string, begun: string) =>
  `${end} > $1::timestamptz and ${end} <= $1::timestamptz + ${AHEAD} and ${begun} < ${end} - ${AHEAD}`;

// Locked where nobody else holds them, so that of several nodes one notifies.
const mandates: Statement = {
  name: 'mandates_that_end',
  text: `update mandate set ends_told = mandate.valid_to where mandate.id in (select due.id from mandate due
      where due.basis in ('delegation', 'register') and due.ended_at is null and ${isNear('due.valid_to', 'due.valid_from')}
        and due.ends_told is distinct from due.valid_to order by due.valid_to limit ${MOST_ENDS} for update skip locked)
    returning mandate.id, mandate.from_party as "from", mandate.to_party as "to", mandate.role is not null as "isRole"`,
};
/**
 * Powers of attorney, and roles of registers, that end within thirty days; each once, until their
 * end is changed.
 */
export const takeEndingMandates = (act: Act) =>
  query<{ id: string; from: string; to: string; isRole: boolean }>(act.db, mandates, [act.now]);

const still: Statement = {
  name: 'mandates_of_a_year',
  text: `update mandate set still_asked_at = $1 from party giver where giver.id = mandate.from_party and mandate.id in (select due.id from mandate due
      where due.basis = 'delegation' and due.ended_at is null and coalesce(due.still_asked_at, due.given_at) <= $1::timestamptz - interval '1 year'
      order by coalesce(due.still_asked_at, due.given_at) limit ${MOST_ENDS} for update skip locked)
    returning mandate.id, mandate.from_party as "from", giver.kind = 'person' and mandate.given_by = giver.id and ${inForce('mandate', '$1')} and mandate.valid_from <= $1::timestamptz - interval '1 year' as "isAsked"`,
};
/**
 * Powers of attorney that were given a year ago, or for another year; each once a year. A person
 * who gave one itself, that has held for so long, is asked whether it is still wanted.
 */
export const takeYearly = (act: Act) =>
  query<{ id: string; from: string; isAsked: boolean }>(act.db, still, [act.now]);

const givers: Statement = {
  name: 'givers_of_package',
  text: `select distinct on (given.from_party) given.from_party as "from", given.id from mandate given
    where given.package = $1 and given.basis = 'delegation' and given.ended_at is null and ${standsAccepted('given', '$2')} and given.from_party > $3
    order by given.from_party, given.id limit ${MOST_ENDS}`,
};

/** Parties after one by id that have given a package, each with a mandate by which it did. */
export const listGivers = (act: Act, code: string, after: string) =>
  query<{ from: string; id: string }>(act.db, givers, [code, act.now, after]);

const erased: Statement = {
  name: 'mandates_to_erase',
  text: `update mandate set erasing_told_at = $1 where mandate.id in (select due.id from mandate due
      where (due.erased_at is null or exists (select from event left_over where left_over.mandate_id = due.id)) and coalesce(due.erasing_told_at < $1::timestamptz - interval '60 days', true) and due.basis in ('delegation', 'customer') and least(due.valid_to, due.ended_at) <= $2 order by due.id limit $3 for update skip locked)
    returning mandate.id, mandate.from_party as "from", mandate.to_party as "to"`,
};

/**
 * Mandates that had ended by an instant, and whose events will be erased;
 * again where nothing was for sixty days.
 */
export const takeMandatesToErase = ({ db, now }: Act, ended: Date, most: number) =>
  query<{ id: string; from: string; to: string }>(db, erased, [now, ended, most]);
