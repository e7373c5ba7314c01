// SQL of who can act for a party, and for whom it can act: one line a person or company, with all
// that each has. It decides nothing.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { columnsAt, joined, type MandateRow } from './delegation_store.ts';
import { inForce, stands, worksFor } from './force_store.ts';
import type { Viewed } from './overview_store.ts';

export interface Person {
  id: string;
  name: string;
  kind: string;
  /** Codes of roles that a register says. */
  roles: string[];
  packages: string[];
  resources: string[];
  /** Whether any of it is of the party itself, and not all of its main unit. */
  isOwn: boolean;
  /** How many there are in all, on every page. */
  of: number;
}

/** Whether it is of no register that is secret. */
export const IS_OPEN = `not exists (select from role join source on source.code = role.source
  where role.code = mandate.role and source.visibility = 'secret')`;
/** Secret mandates go to their two parties only, of whom the viewer may be one. */
export const isOpenTo = (viewer: string) =>
  `(${viewer} in (mandate.from_party, mandate.to_party) or ${IS_OPEN})`;
const seen = isOpenTo('$4');
/** The codes in a column of grouped rows, each once. */
export const eachOnce = (column: string) =>
  `array(select distinct one from unnest(array_agg(${column})) one where one is not null order by one)`;

/** Given by `$1`; a main unit's mandate counts for its sub-units too, unless it is of one case. */
export const GIVEN_BY = `(mandate.from_party = $1
  or (mandate.instance is null and mandate.subunits and mandate.from_party = (select party.parent from party where party.id = $1)))`;

/** The parties on one side of the mandates in force whose other side is the party. */
const across = (own: 'from_party' | 'to_party', other: string, isSeen: string): string =>
  `select other.id, other.name, other.kind, ${eachOnce('mandate.role')} as roles, ${eachOnce('mandate.package')} as packages, ${eachOnce('mandate.resource_id')} as resources, bool_or(mandate.${own} = $1) as "isOwn", (count(*) over ())::int as of
    from mandate join party other on other.id = mandate.${other}
    where ${own === 'from_party' ? GIVEN_BY : 'mandate.to_party = $1'} and mandate.basis <> 'consent' and ${inForce('mandate', '$3')} and ${isSeen} and ${seen}
    group by other.id order by other.name, other.id limit $5 offset $6`;

const both: Statement = {
  name: 'people_of_party',
  text: `(select 'holders' as side, holder.* from (${across('from_party', 'to_party', 'true')}) holder)
    union all (select 'givers', giver.* from (${across('to_party', 'from_party', '$2')}) giver)`,
};

/**
 * The parties that hold something for the party now, and those for which it holds something where
 * that may be seen; by name.
 */
export async function listPeople(
  act: Act,
  { party, received, viewer }: Viewed,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ holders: Person[]; givers: Person[] }> {
  const rows = await query<Person & { side: 'holders' | 'givers' }>(act.db, both, [
    ...[party, received, act.now, viewer],
    ...[limit, offset],
  ]);
  const of = (side: string) => rows.filter((row) => row.side === side);
  return { holders: of('holders'), givers: of('givers') };
}

const known: Statement = {
  name: 'known_to_party',
  text: `select other.id, (count(*) over ())::int as of from party other where other.ended_at is null and other.id <> $1
      and (other.id in (select mandate.from_party from mandate where mandate.to_party = $1 and mandate.basis <> 'consent' and ${inForce('mandate', '$2')} and ${isOpenTo('$3')})
        or (other.kind <> 'person' and other.id in (select working.employer from employment working where working.employee = $1 and ${worksFor('working', '$2')})))
    order by other.name, other.id limit $4 offset $5`,
};

/**
 * Lists the parties of which a party holds something, as far as the viewer may see it, and its
 * employers; by name.
 */
export const listKnownTo = (
  act: Act,
  { party, viewer }: Pick<Viewed, 'party' | 'viewer'>,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ id: string; of: number }[]> =>
  query(act.db, known, [party, act.now, viewer, limit, offset]);

const held: Statement = {
  name: 'held_by_one',
  text: `select ${columnsAt('$3::timestamptz')} ${joined}
    where mandate.to_party = $2 and mandate.basis <> 'consent' and ${GIVEN_BY} and ${seen}
      and (${stands('mandate', '$3')} or (mandate.ended_at > $3::timestamptz - interval '1 day' and mandate.from_party = $1 and mandate.basis <> 'register'))
    order by mandate.ended_at is not null, mandate.basis = 'register', mandate.from_party <> $1, mandate.id desc limit $5 offset $6`,
};

/**
 * Everything but consents that one has for a party, of its main unit too, and after that what the
 * party ended within a day; first what the party gave itself, newest first.
 */
export const listHeld = (
  act: Act,
  { party, viewer }: Pick<Viewed, 'party' | 'viewer'>,
  to: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<MandateRow[]> =>
  query<MandateRow>(act.db, held, [party, to, act.now, viewer, limit, offset]);

const given: Statement = {
  name: 'packages_given',
  text: `select distinct mandate.package as code from mandate where mandate.from_party = $1 and mandate.basis <> 'consent' and mandate.package = any($2) and ${inForce('mandate', '$3')}`,
};

/** Those of these packages that the party has given to somebody. */
export const listGiven = async (act: Act, party: string, codes: string[]): Promise<string[]> =>
  (await query<{ code: string }>(act.db, given, [party, codes, act.now])).map(({ code }) => code);

const rolesHeld: Statement = {
  name: 'list_roles_held',
  text: `select distinct mandate.role from mandate where mandate.from_party = any($1) and mandate.basis = 'register' and ${inForce('mandate', '$2')}`,
};

/** The roles that somebody holds in one of the parties, as the registers have it. */
export const findRolesHeld = async (act: Act, parties: string[]): Promise<string[]> =>
  (await query<{ role: string }>(act.db, rolesHeld, [parties, act.now])).map(({ role }) => role);
