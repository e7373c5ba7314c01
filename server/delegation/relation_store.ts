// SQL of relations: the envelope between two parties that holds rights or waits for some, and the
// people a supplier lets work for its customers. Rows end and are not deleted; each change leaves
// its event in the same statement.
import { eventOfEach, idsFor } from '../event/store.ts';
import { look, type Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { lookup } from '../platform/db/together_store.ts';
import { uuidv7 } from '../platform/ids.ts';
import { HOURS_AFTER_CODE } from './model.ts';

export type RelationKind = 'rightholder' | 'agent' | 'supplier';
export interface Relation {
  id: string;
  from: string;
  to: string;
  kind: RelationKind;
}

/**
 * Whether the giver knows the receiver only since it gave by a code a day ago at most, and by no
 * number or name; all are SQL.
 */
export const isKnownByCode = (from: string, to: string, now: string): string =>
  `(exists (select from relation fresh where fresh.from_party = ${from} and fresh.to_party = ${to} and fresh.kind = 'rightholder' and fresh.at > ${now}::timestamptz - interval '${HOURS_AFTER_CODE} hours')
      and exists (select from mandate shown where shown.from_party = ${from} and shown.to_party = ${to} and shown.by_code is not null))`;

/** The end of an insert into relations: one that has ended begins anew. */
export const orRevive = `on conflict (from_party, to_party, kind) do update set id = excluded.id, by_party = excluded.by_party, at = excluded.at, ended_at = null
    where relation.ended_at is not null`;

const add: Statement = {
  name: 'add_relation',
  text: `with made as (
      insert into relation (id, from_party, to_party, kind, by_party, at) values ($1, $2, $3, $4, $5, $6)
      ${orRevive} returning relation.id, relation.from_party, relation.to_party, relation.kind),
    noted as (${eventOfEach(`select 'related', made.from_party, made.to_party, $5::uuid, jsonb_build_object('kind', made.kind) from made`, '$6::timestamptz', '$7')})
    select made.id from made`,
};
/** By giver, receiver and kind, with a blank between them. */
const find = lookup<Relation>('find_relation', (key) => {
  const side = (n: number) => `split_part(${key}, ' ', ${n})`;
  return `select relation.id, relation.from_party as "from", relation.to_party as "to", relation.kind from relation
    where relation.from_party = ${side(1)}::uuid and relation.to_party = ${side(2)}::uuid and relation.kind = ${side(3)} and relation.ended_at is null`;
});

const hold: Statement = {
  name: 'hold_relation',
  text: `select relation.id from relation where relation.from_party = $1 and relation.to_party = $2 and relation.kind = $3 and relation.ended_at is null for share`,
};

/** Whether there is one, which nobody ends until the transaction has ended. */
export const holdRelation = async (
  db: Db,
  { from, to, kind }: Omit<Relation, 'id'>,
): Promise<boolean> => (await queryOne(db, hold, [from, to, kind])) !== undefined;

/** A relation that somebody makes (`by`). */
export type NewRelation = Omit<Relation, 'id'> & { by: string };

/** Whether it was made; false when it was there. */
export async function addRelation(act: Act, one: NewRelation): Promise<boolean> {
  const { from, to, kind, by } = one;
  const ids = idsFor(act, { related: 1 }, { from, to, by });
  const row = await queryOne(act.db, add, [uuidv7(act.now), from, to, kind, by, act.now, ids]);
  return row !== undefined;
}

const byCode: Statement = {
  name: 'known_by_code',
  text: `select ${isKnownByCode('$1::uuid', '$2::uuid', '$3')} as is`,
};
export const wasShownByCode = async (act: Act, from: string, to: string): Promise<boolean> =>
  (await queryOne<{ is: boolean }>(act.db, byCode, [from, to, act.now]))!.is;

export const findRelation = (
  act: Act,
  from: string,
  to: string,
  kind: RelationKind,
): Promise<Relation | undefined> => look(act, find, `${from} ${to} ${kind}`);

const remove: Statement = {
  name: 'remove_relation',
  text: `with gone as (update relation set ended_at = $5 where relation.from_party = $1 and relation.to_party = $2 and relation.kind = $3
      and relation.ended_at is null returning relation.id, relation.from_party, relation.to_party, relation.kind),
    noted as (${eventOfEach(`select 'unrelated', gone.from_party, gone.to_party, $4::uuid, jsonb_build_object('kind', gone.kind) from gone`, '$5::timestamptz', '$6')})
    select gone.id from gone`,
};

/** Ends a relation, by somebody's hand; false when there is none. */
export async function removeRelation(act: Act, one: NewRelation): Promise<boolean> {
  const { from, to, kind, by } = one;
  const ids = idsFor(act, { unrelated: 1 }, { from, to, by });
  return (await queryOne(act.db, remove, [from, to, kind, by, act.now, ids])) !== undefined;
}

const list: Statement = {
  name: 'list_relations',
  text: `select relation.id, relation.from_party as "from", relation.to_party as "to", relation.kind from relation
    where relation.kind = $3 and (($1::uuid is not null and relation.from_party = $1) or ($1::uuid is null and relation.to_party = $2))
      and ($2::uuid is null or relation.to_party = $2) and relation.ended_at is null
    order by relation.at, relation.id limit 10000`,
};

/** Relations of a kind from a party, to a party, or between two. */
export function listRelations(
  db: Db,
  from: string | null,
  to: string | null,
  kind: RelationKind,
): Promise<Relation[]> {
  return query<Relation>(db, list, [from, to, kind]);
}
