// SQL of registers: where each feed has come to, the roles a source has sent, employments, and what
// reconciliation found.
import type { Act } from '../platform/act.ts';
import { GUARDIANSHIP } from '../resource/catalogue/model.ts';
import { QUALIFICATIONS } from './model.ts';
import type { HeldFacts, HeldRole, HeldFact, PartyToCheck } from './reconcile/model.ts';
import { stands, worksFor } from '../mandate/force_store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

const lock: Statement = {
  name: 'lock_register_cursor',
  text: 'select cursor, fault from register_cursor where register_cursor.source = $1 for update',
};
const read: Statement = {
  name: 'register_cursor',
  text: 'select cursor, fault from register_cursor where register_cursor.source = $1',
};
const begin: Statement = {
  name: 'begin_register_cursor',
  text: 'insert into register_cursor (source, cursor, moved_at) values ($1, $2, $3) on conflict (source) do nothing',
};
const move: Statement = {
  name: 'move_register_cursor',
  text: `update register_cursor set cursor = $2, moved_at = $3, fault = $4::text, fault_at = case when $4::text is null then null
    when register_cursor.fault = $4::text then register_cursor.fault_at else $3 end where register_cursor.source = $1`,
};

const reach: Statement = {
  name: 'register_read_through',
  text: "update register_cursor set read_at = $2 where register_cursor.source = $1 and (register_cursor.read_at is null or register_cursor.read_at < $2::timestamptz - interval '30 seconds')",
};

/** A feed was read to its end; written now and then. */
export const noteRead = (act: Act, source: string) => query(act.db, reach, [source, act.now]);

export const lockCursor = (db: Db, source: string) =>
  queryOne<{ cursor: string; fault: string | null }>(db, lock, [source]);
export const readCursor = (db: Db, source: string) =>
  queryOne<{ cursor: string; fault: string | null }>(db, read, [source]);
export const beginCursor = (act: Act, source: string, cursor: string) =>
  query(act.db, begin, [source, cursor, act.now]);
export const moveCursor = (act: Act, source: string, cursor: string, fault: string | null) =>
  query(act.db, move, [source, cursor, act.now, fault]);

const held: Statement = {
  name: 'roles_of_source',
  text: `select mandate.id, mandate.role, mandate.to_party as "to", mandate.to_kind as "toKind", mandate.valid_to as "validTo"
    from mandate join role on role.code = mandate.role
    where mandate.from_party = $1 and mandate.basis = 'register' and role.source = $2 and (mandate.ended_at is null or mandate.ended_at > $3)`,
};

const heldBeside: Statement = {
  name: 'facts_of_source',
  text: `select
      (select coalesce(jsonb_agg(jsonb_build_object('key', held.kind, 'until', held.ended_at)), '[]') from qualification held
        where held.party = $1 and held.kind = any($3) and (held.ended_at is null or held.ended_at > $4)) as qualifications,
      (select coalesce(jsonb_agg(jsonb_build_object('key', working.employee, 'until', working.ended_on)), '[]') from employment working
        where $2 = 'aa-registeret' and working.employer = $1
          and (working.ended_on is null or working.ended_on > ($4::timestamptz at time zone 'Europe/Oslo')::date)) as employments,
      (select coalesce(jsonb_agg(jsonb_build_object('key', taken.role, 'until', taken.ended_at)), '[]') from incapacity taken
        where $2 = '${GUARDIANSHIP}' and taken.person = $1 and (taken.ended_at is null or taken.ended_at > $4)) as capacity`,
};
type Beside = Record<
  'qualifications' | 'employments' | 'capacity',
  { key: string; until: string | null }[]
>;

/** Every fact of a source about a party that holds now. */
export async function findHeldFacts(act: Act, party: string, source: string): Promise<HeldFacts> {
  const kinds = QUALIFICATIONS[source] ?? [];
  const roles = await findSourceRoles(act, party, source);
  const beside = await queryOne<Beside>(act.db, heldBeside, [party, source, kinds, act.now]);
  const { qualifications, employments, capacity } = beside!;
  const held = (rows: Beside['capacity']): HeldFact[] =>
    rows.map(({ key, until }) => ({ key, until: until === null ? null : new Date(until) }));
  return {
    roles,
    qualifications: held(qualifications),
    employments: held(employments),
    capacity: held(capacity),
  };
}

/** Roles that a source has begun for a party and not ended. */
export const findSourceRoles = (act: Act, from: string, source: string) =>
  query<HeldRole>(act.db, held, [from, source, act.now]);

const putEmployment: Statement = {
  name: 'put_employment',
  text: `insert into employment (employer, employee, ended_on) values ($1, $2, $3)
    on conflict (employer, employee) do update set ended_on = excluded.ended_on`,
};
export const saveEmployment = (
  db: Db,
  employer: string,
  employee: string,
  endedOn: string | null,
) => query(db, putEmployment, [employer, employee, endedOn]);

/** Where work for a unit may be registered: there, at its main unit or at its own sub-units. */
const workplaces = (unit: string) =>
  `(select ${unit} as id union all select own.parent from party own where own.id = ${unit} and own.parent is not null
    union all select below.id from party below where below.parent = ${unit})`;

const leavers: Statement = {
  name: 'leavers',
  text: `select mandate.id, unit.id as unit, party.id as employee, party.name, to_char(gone."endedOn", 'YYYY-MM-DD') as "endedOn", mandate.package,
      mandate.resource_id as resource, mandate.actions, giver.id as "for", giver.name as "forName", giver.kind as "forKind", (count(*) over ())::int as of
    from unnest($1::uuid[]) as unit(id)
    cross join lateral (select working.employee, max(working.ended_on) as "endedOn" from employment working
      where working.employer in ${workplaces('unit.id')} and ($6::uuid is null or working.employee = $6)
      group by working.employee having bool_and(not ${worksFor('working', '$2')})) gone
    join mandate on mandate.to_party = gone.employee and mandate.basis in ('delegation', 'customer')
      and (mandate.from_party = unit.id or exists (select from mandate passed where passed.id = mandate.through and passed.to_party = unit.id))
    join party on party.id = gone.employee join party giver on giver.id = mandate.from_party
    where ${stands('mandate', '$2')} and ($5::uuid[] is null or mandate.id = any($5))
    order by gone."endedOn" desc, party.name, party.id, mandate.id limit $3 offset $4`,
};

export interface Leaver {
  id: string;
  /** The unit that has them, of those asked about. */
  unit: string;
  employee: string;
  name: string;
  endedOn: string;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  /** Whose rights they are: the employer's, or a customer's. */
  for: string;
  forName: string;
  forKind: string;
  /** How many there are in all. */
  of: number;
}

/** Narrows who is read; all are, unless some are named. */
interface LeaversWanted {
  limit?: number;
  offset?: number;
  /** Mandates. */
  ids?: string[];
  employee?: string;
}

/**
 * Persons who have left units, where they worked for the unit itself, its main unit or a sub-unit
 * of it and work for none of these now, and still hold rights from it, or for its customers; those
 * who left last first.
 */
export const findLeavers = (
  act: Act,
  units: string[],
  { limit, offset, ids, employee }: LeaversWanted,
): Promise<Leaver[]> =>
  query<Leaver>(act.db, leavers, [
    ...[units, act.now, limit ?? null, offset ?? 0, ids ?? null, employee ?? null],
  ]);

const around: Statement = {
  name: 'units_around',
  text: `select unit.id from unnest(array${workplaces('$1::uuid')}) as unit(id)`,
};

/** The units of whose people an employer's may be: itself, its main unit and its sub-units. */
export const findAround = async (act: Act, employer: string): Promise<string[]> =>
  (await query<{ id: string }>(act.db, around, [employer])).map(({ id }) => id);

const state: Statement = {
  name: 'register_state',
  text: `select cursor.source, cursor.cursor, cursor.moved_at as "movedAt", cursor.fault, cursor.fault_at as "faultAt", cursor.read_at as "readAt", cursor.unnamed,
      (select count(*)::int from register_aside aside where aside.source = cursor.source) as aside,
      (select min(aside.at) from register_aside aside where aside.source = cursor.source) as "asideSince",
      (select jsonb_build_object('at', comparison.ended_at, 'checked', comparison.checked, 'found', comparison.found,
        'ended', comparison.ended, 'begun', comparison.begun, 'heldBack', comparison.held_back) from register_comparison comparison
        where comparison.source = cursor.source and comparison.ended_at is not null order by comparison.id desc limit 1) as reconciled
    from register_cursor cursor order by cursor.source`,
};

export interface RegisterState {
  source: string;
  cursor: string;
  movedAt: Date;
  fault: string | null;
  faultAt: Date | null;
  /** When its feed was last read to its end. */
  readAt: Date | null;
  /** Lines from which no party could be read, since ever. */
  unnamed: number;
  /** Lines that are set aside, and since when the oldest is. */
  aside: number;
  asideSince: Date | null;
  reconciled: unknown;
}

export const readState = (db: Db) => query<RegisterState>(db, state);

const checked = `select party.id, party.kind, coalesce(party.organization_no, party.person_no) as number, party.name, party.unit_type as "unitType",
  party.ended_at as "endedAt", party.estate_at as "estateAt", party.signing from party`;
const concerned: Statement = {
  name: 'parties_of_source',
  text: `${checked} join (
      select held.from_party as id from mandate held join role on role.code = held.role and role.source = $1
        where held.basis = 'register' and (held.ended_at is null or held.ended_at > $4)
      union select held.party from qualification held where held.kind = any($2) and (held.ended_at is null or held.ended_at > $4)
      union select working.employer from employment working where $1 = 'aa-registeret' and working.ended_on is null
      union select taken.person from incapacity taken where $1 = '${GUARDIANSHIP}' and (taken.ended_at is null or taken.ended_at > $4)
      union select named.id from party named where named.person_no = any($3) union select named.id from party named where named.organization_no = any($3)
    ) as concerned on concerned.id = party.id where party.person_no is not null or party.organization_no is not null order by party.id`,
};

/** Parties of which we hold anything of a source, and those with these numbers. */
export const partiesHeld = (act: Act, source: string, numbers: string[]) =>
  query<PartyToCheck>(act.db, concerned, [source, QUALIFICATIONS[source] ?? [], numbers, act.now]);

const page: Statement = {
  name: 'parties_to_reconcile',
  text: `${checked} where party.kind = any($1) and party.id > $2 order by party.id limit $3`,
};

const many: Statement = {
  name: 'count_to_reconcile',
  text: 'select count(*)::int as count from party where party.kind = any($1)',
};
export const countToCheck = async (db: Db, kinds: string[]): Promise<number> =>
  (await queryOne<{ count: number }>(db, many, [kinds]))!.count;

const named: Statement = {
  name: 'parties_to_repair',
  text: `${checked} where party.id = any($1) order by party.id`,
};
export const partiesOfIds = (db: Db, ids: string[]) => query<PartyToCheck>(db, named, [ids]);

export const partiesToCheck = (db: Db, kinds: string[], after: string, limit: number) =>
  query<PartyToCheck>(db, page, [kinds, after, limit]);
