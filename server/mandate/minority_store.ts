// Of a person, what bears on who decides: the birth date, and who holds parental responsibility.
import type { Minority } from '../party/age_model.ts';
import { query, type Db, type Statement } from '../platform/db.ts';
import { GUARDIANSHIP, RESPONSIBILITY } from '../resource/catalogue_model.ts';
import { isIncapable } from './capacity_store.ts';
import { inForce } from './force_store.ts';

/** As JSON (Minority); null for whoever is no person. */
export const minority = (
  party: string,
  now: string,
) => `case when ${party}.kind = 'person' then jsonb_build_object('bornOn', to_char(${party}.born_on, 'YYYY-MM-DD'),
  'parents', (select coalesce(jsonb_agg(office.to_party), '[]') from mandate office where office.from_party = ${party}.id and office.basis = 'register'
    and office.role = '${RESPONSIBILITY}' and ${inForce('office', now)})) end`;

const find: Statement = {
  name: 'minorities',
  text: `select party.id, ${minority('party', '$2')} as minority,
      (select coalesce(jsonb_agg(distinct task.to_party), '[]') from mandate task join role on role.code = task.role and role.source = '${GUARDIANSHIP}'
        where task.from_party = party.id and task.basis = 'register' and ${inForce('task', '$2')}) as guardians,
      ${isIncapable('party.id', { resource: '$3::text', package: '$4::text' }, '$2')} as incapable
    from party where party.id = any($1)`,
};

export interface Standing {
  minority: Minority | null;
  /** Who have a guardian's task for the person. */
  guardians: string[];
  /** Whether a court has taken the capacity to decide about what is asked about. */
  incapable: boolean;
}

/** What is to be given: one of the two. */
export interface What {
  resource: string | null;
  package: string | null;
}

/** By party. */
export async function findMinorities(
  db: Db,
  parties: string[],
  what: What,
  now: Date,
): Promise<Map<string, Standing>> {
  const rows = await query<Standing & { id: string }>(db, find, [
    parties,
    now,
    what.resource,
    what.package,
  ]);
  return new Map(rows.map((row) => [row.id, row]));
}
