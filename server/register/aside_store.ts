// SQL of what registers sent and cannot be read or used yet: the last of each relation, and what of
// it does not hold meanwhile.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

export interface Aside {
  id: string;
  source: string;
  relation: string;
  /** The party that the line is about. */
  number: string;
  line: unknown;
  why: string;
  at: Date;
  /** Version of the catalogue that it was last read with. */
  catalogue: number;
  /** Numbers that have to be known before; none of what may be sent any moment, null else. */
  waits: string[] | null;
}

const put: Statement = {
  name: 'set_aside',
  text: `insert into register_aside (id, source, relation, number, line, why, at, catalogue, waits) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (source, relation) do update set id = excluded.id, number = excluded.number, line = excluded.line, why = excluded.why,
      catalogue = excluded.catalogue, waits = excluded.waits`,
};

/** Keeps a line, in place of an earlier one about the same. */
export const putAside = (db: Db, one: Aside) =>
  query(db, put, [
    ...[one.id, one.source, one.relation, one.number, JSON.stringify(one.line)],
    ...[printable(one.why), one.at, one.catalogue, one.waits],
  ]);

const printable = (text: string) =>
  text
    .toWellFormed()
    .replace(/[\0-\x1f]/g, '?')
    .slice(0, 500);

const known: Statement = {
  name: 'relations_aside',
  text: 'select aside.relation from register_aside aside where aside.source = $1',
};

/** Relations of a source of which the last word is set aside. */
export const listAside = async (db: Db, source: string): Promise<Set<string>> =>
  new Set((await query<{ relation: string }>(db, known, [source])).map(({ relation }) => relation));

const drop: Statement = {
  name: 'drop_aside',
  text: 'delete from register_aside where register_aside.source = $1 and register_aside.relation = any($2)',
};

/** Something later has been read about these. */
export const dropAside = (db: Db, source: string, relations: string[]) =>
  query(db, drop, [source, relations]);

// In the order of the register, so that what waits for one party is read as it was sent.
const due: Statement = {
  name: 'aside_due',
  text: `select aside.id, aside.source, aside.relation, aside.number, aside.line, aside.why, aside.at, aside.catalogue, aside.waits from register_aside aside
    where aside.source = $1 and (aside.catalogue <> $2 or (aside.waits is not null and not exists (select from unnest(aside.waits) as waited(number)
      where not exists (select from party where party.person_no = waited.number or party.organization_no = waited.number))))
    order by aside.id limit 1000`,
};

/** Lines that may be readable now, given the catalogue and the parties known. */
export const findDue = async (db: Db, source: string, catalogue: number): Promise<Aside[]> =>
  (await query<Aside & { line: string }>(db, due, [source, catalogue])).map((row) => ({
    ...row,
    line: JSON.parse(row.line) as unknown,
  }));

const lockOne: Statement = {
  name: 'lock_aside',
  text: 'select from register_aside aside where aside.id = $1 for update',
};

/** Whether it is still the last word; nobody else reads it before the end of the transaction. */
export const lockAside = async (db: Db, id: string): Promise<boolean> =>
  (await queryOne(db, lockOne, [id])) !== undefined;

const stopEmployment: Statement = {
  name: 'stop_employment',
  text: `update employment set ended_on = $3 from party employer, party employee
    where employment.employer = employer.id and employment.employee = employee.id and employer.organization_no = $1 and employee.person_no = $2
      and (employment.ended_on is null or employment.ended_on > $3)`,
};

/** Without telling anybody that somebody has left. */
export const suspendEmployment = (
  act: Act,
  { employer, employee }: { employer: string; employee: string },
) => query(act.db, stopEmployment, [employer, employee, act.now.toISOString().slice(0, 10)]);

const count: Statement = {
  name: 'count_unnamed',
  text: 'update register_cursor set unnamed = register_cursor.unnamed + $2 where register_cursor.source = $1',
};

/** Lines from which no party can be read. */
export const countUnnamed = (db: Db, source: string, lines: number) =>
  query(db, count, [source, lines]);
