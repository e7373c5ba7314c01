// Facts about who decides for a person: the birth date, and who holds parental responsibility.
import type { Act } from '../platform/act.ts';
import type { Minority } from '../party/age_model.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { GUARDIANSHIP, RESPONSIBILITY } from '../resource/catalogue/model.ts';
import { cannotGive } from './capacity_store.ts';
import { inForce } from './force_store.ts';

/** As JSON (Minority); null for whoever is no person. */
export const minority = (
  party: string,
  now: string,
) => `case when ${party}.kind = 'person' then json_build_object('bornOn', to_char(${party}.born_on, 'YYYY-MM-DD'),
  'parents', (select coalesce(json_agg(office.to_party), '[]') from mandate office where office.from_party = ${party}.id and office.basis = 'register'
    and office.role = '${RESPONSIBILITY}' and ${inForce('office', now)})) end`;

/** Persons who hold a guardian's task for the party; `more` narrows the task. */
export const guardians = (now: string, more = '') =>
  `(select coalesce(json_agg(distinct task.to_party), '[]') from mandate task join role on role.code = task.role and role.source = '${GUARDIANSHIP}'
        where task.from_party = party.id and task.basis = 'register' and ${inForce('task', now)}${more})`;

const find: Statement = {
  name: 'minorities',
  text: `select party.id, ${minority('party', '$2')} as minority,
      ${guardians('$2')} as guardians,
      (select coalesce(json_agg(case when ${cannotGive('party.id', { resource: 'asked.resource', package: 'asked.package' }, '$2')}
          then ${guardians('$2', ' and is_given_of_matter(task.role, asked.resource, asked.package)')} end order by asked.place), '[]')
        from unnest($3::text[], $4::text[]) with ordinality as asked(resource, package, place)) as incapable
    from party where party.id = any($1)`,
};

/**
 * A person who answered for another person, and still answers for that one, gets notices of what
 * comes of it; nobody does where the person's address is protected
 * (consent/basis/veil_model.ts). An expression on a request, by its alias.
 */
export const answererStill = (
  request: string,
  now: string,
) => `(select holds.to_party from mandate holds join party ward on ward.id = holds.from_party
  where holds.from_party = ${request}.from_party and holds.to_party = ${request}.answered_by and holds.to_party <> holds.from_party
    and holds.basis = 'register' and holds.ended_at is null and holds.valid_from <= ${now} and (holds.valid_to is null or holds.valid_to > ${now})
    and ward.kind = 'person' and not ward.protected_address limit 1)`;

export interface LegalCapacity {
  minority: Minority | null;
  /** Persons who have a guardian's task for the person. */
  guardians: string[];
  /**
   * For each thing asked about: null, or who decides in the person's stead, since a court has taken
   * the capacity to give it.
   */
  incapable: (string[] | null)[];
}

/** The thing to give: one of the two. */
export interface Matter {
  resource: string | null;
  package: string | null;
}

/** By party, of each of the things in their order. */
export async function findMinorities(
  act: Act,
  parties: string[],
  what: readonly Matter[],
): Promise<Map<string, LegalCapacity>> {
  const rows = await query<LegalCapacity & { id: string }>(act.db, find, [
    parties,
    act.now,
    what.map((one) => one.resource),
    what.map((one) => one.package),
  ]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The parents of a child; none of anybody else. */
export const findParents = async (act: Act, child: string): Promise<string[]> =>
  (await findMinorities(act, [child], [])).get(child)?.minority?.parents ?? [];
