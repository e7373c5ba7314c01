// SQL of what one has from another already, of one kind: a gift is not given twice, nor again by
// the page that gave what has ended since.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { stands } from './force_store.ts';

/** Mandates between two parties, of one kind. */
export interface OneKind {
  from: string;
  to: string;
  package: string | null;
  resource: string | null;
  instance: string | null;
}
interface OfKind {
  from: string;
  to: string;
  package: string;
  resource: string;
  instance: string;
}
const isBetween = ({ from, to, package: code, resource, instance }: OfKind) =>
  `mandate.from_party = ${from} and mandate.to_party = ${to} and mandate.basis <> 'consent' and mandate.instance is not distinct from ${instance}
    and (mandate.package = ${code} or mandate.resource_id = ${resource})`;
const asked = (instance: string): OfKind => ({
  ...{ from: '$1', to: '$2', package: '$3', resource: '$4', instance },
});
const standing =
  'mandate.id, mandate.given_at as "givenAt", mandate.valid_to as "validTo", mandate.may_pass_on as "mayPassOn", mandate.subunits, mandate.actions';

const given: Statement = {
  name: 'given_already',
  text: `select ${standing} from mandate where ${isBetween(asked('$6'))} and ${stands('mandate', '$5')} and ($7 or mandate.group_id is null)
    order by mandate.given_at desc nulls last limit 1`,
};

export interface Already {
  id: string;
  givenAt: Date | null;
  validTo: Date | null;
  mayPassOn: boolean;
  subunits: boolean;
  actions: string[] | null;
}

/**
 * The mandate of this kind that the one has from the other already: given to it alone, or, where
 * wanted, by a group as well.
 */
export const givenAlready = (
  act: Act,
  { from, to, package: code, resource, instance }: OneKind,
  byGroup: 'alone' | 'by group too' = 'alone',
): Promise<Already | undefined> =>
  queryOne(act.db, given, [
    ...[from, to, code, resource, act.now, instance],
    byGroup === 'by group too',
  ]);

const givenEach: Statement = {
  name: 'given_among',
  text: `select asked.n, found.* from jsonb_to_recordset($1::jsonb) as asked(n int, "from" uuid, "to" uuid, package text, resource text, instance text)
    left join lateral (select ${standing} from mandate where ${isBetween({ from: 'asked."from"', to: 'asked."to"', package: 'asked.package', resource: 'asked.resource', instance: 'asked.instance' })}
      and ${stands('mandate', '$2')} and mandate.group_id is null order by mandate.given_at desc nulls last limit 1) as found on true order by asked.n`,
};

/** The same of many, in their order; undefined where there is none. */
export async function givenAmong(act: Act, all: OneKind[]): Promise<(Already | undefined)[]> {
  const asked = all.map(({ from, to, package: code, resource, instance }, n) => ({
    ...{ n, from, to, package: code, resource, instance },
  }));
  const rows = await query<Already & { id: string | null }>(act.db, givenEach, [
    JSON.stringify(asked),
    act.now,
  ]);
  return rows.map((row) => (row.id === null ? undefined : row));
}

const taken: Statement = {
  name: 'taken_since',
  text: `select exists (select from mandate where ${isBetween(asked('$7'))} and mandate.group_id is null and (mandate.ended_at >= $6 or (not (mandate.actions @> $5::text[]) and exists (
      select from event where event.mandate_id = mandate.id and event.type = 'changed' and event.at >= $6)))) as taken`,
};

/** Whether something of this kind between the two has ended, or been narrowed, since. */
export const takenSince = async (
  db: Db,
  what: OneKind & { actions: string[] },
  since: Date,
): Promise<boolean> =>
  (await queryOne<{ taken: boolean }>(db, taken, [
    ...[what.from, what.to, what.package, what.resource, what.actions],
    ...[since, what.instance],
  ]))!.taken;
