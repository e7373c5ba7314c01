// Whether a court has taken a person's capacity to decide in a matter, as every statement asks it:
// by functions of the database (migrations/07_mandate.ts), and the decisions themselves.
import type { Act } from '../platform/act.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';

// Calling a function costs more than looking whether anything was ever taken, and hardly ever is.
/** Whether a court has ever taken capacity from the person. */
export const isTouched = (person: string) =>
  `exists (select from incapacity touched where touched.person = ${person})`;

/**
 * Whether the person cannot give the resource, or else the package, which is of a matter when any
 * service that it opens is; each may be null.
 */
export const cannotGive = (
  person: string,
  what: { resource: string; package: string },
  now: string,
) => `(${isTouched(person)} and cannot_give(${person}, ${what.resource}, ${what.package}, ${now}))`;

/** Whether the person cannot decide about one of what a consent, named `request`, is about. */
export const isIncapableOf = (person: string, now: string) =>
  `(${isTouched(person)} and is_incapable_of(request.id, ${person}, ${now}))`;

/**
 * Whether the whole of what a person gave, or somebody in the person's stead, is suspended, while
 * the capacity for it is taken; but not what an office of the person's gave within its task.
 */
export const isSuspendedOf = (mandate: string, now: string) =>
  `(${mandate}.basis = 'delegation' and ${isTouched(`${mandate}.from_party`)}
    and is_suspended_by_law(${mandate}.from_party, ${mandate}.given_by, ${mandate}.resource_id, ${mandate}.package, ${now}))`;

/**
 * The matters of which a mandate that holds carries no service, as JSON, null among them for every
 * one: those in which somebody of its chain who gave in own name decides no more.
 */
export const withheldOf = (mandate: string, now: string) =>
  `case when ${mandate}.basis in ('delegation', 'customer') and (exists (select from incapacity touched where touched.person in (${mandate}.from_party, ${mandate}.given_by))
    or ${mandate}.through is not null and exists (select from mandate link join incapacity touched on touched.person in (link.from_party, link.given_by) where link.id = any(${mandate}.chain)))
    then withheld_matters(${mandate}.id, ${now}) end`;

const take: Statement = {
  name: 'take_capacity',
  text: `insert into incapacity (person, role, valid_from, ended_at) select r.person, r.role, coalesce(r."validFrom", $2), r."endedAt"
    from jsonb_to_recordset($1::jsonb) as r(person uuid, role text, "validFrom" timestamptz, "endedAt" timestamptz)
    on conflict (person, role) do update set ended_at = excluded.ended_at,
      valid_from = case when incapacity.ended_at is null or incapacity.ended_at > $2 then least(incapacity.valid_from, excluded.valid_from)
        else excluded.valid_from end`,
};

export interface Incapacity {
  person: string;
  /** The guardian's task that it is about; null for every matter. */
  role: string | null;
  validFrom?: string | undefined;
  endedAt?: string | undefined;
}

/**
 * Courts' decisions about persons' capacity, as they stand now. A decision about a later time gives
 * nothing back.
 */
export const putIncapacities = (act: Act, rows: Incapacity[]) =>
  query(act.db, take, [JSON.stringify(rows), act.now]);

const giveBack: Statement = {
  name: 'give_capacity_back',
  text: 'update incapacity set ended_at = $3 where incapacity.person = $1 and incapacity.role is not distinct from $2 and (incapacity.ended_at is null or incapacity.ended_at > $3)',
};

export const endIncapacity = (db: Db, person: string, role: string | null, at: Date) =>
  query(db, giveBack, [person, role, at]);
