// Whether a court has taken a person's capacity to decide in a matter, said once, as SQL for every
// statement that asks. A matter is a guardian's task: it is about the packages that the task
// carries, and the resources whose rules name the task or one of these. Null is every matter.
import { query, type Db, type Statement } from '../platform/db.ts';

const carries = (role: string, code: string) =>
  `exists (select from role_package carried where carried.role = ${role} and carried.package = ${code} and carried.has_access)`;

const taken = (person: string, now: string, matter: string) =>
  `exists (select from incapacity taken where taken.person = ${person} and taken.valid_from <= ${now}
    and (taken.ended_at is null or taken.ended_at > ${now}) and (taken.role is null or ${matter}))`;

const isOfPackage = (code: string) => carries('taken.role', code);
const isOfResource = (resource: string) =>
  `exists (select from policy_rule rule where rule.resource_id = ${resource} and (rule.subject_kind = 'role' and rule.subject = taken.role
    or rule.subject_kind = 'package' and ${carries('taken.role', 'rule.subject')}))`;

/** Whether the person cannot decide about the resource, or else the package; each may be null. */
export const isIncapable = (
  person: string,
  what: { resource: string; package: string },
  now: string,
) =>
  taken(
    person,
    now,
    `case when ${what.package} is not null then ${isOfPackage(what.package)} else ${isOfResource(what.resource)} end`,
  );

/** Whether the person cannot decide about one of what a consent, named `request`, is about. */
export const isIncapableOf = (person: string, now: string) =>
  taken(
    person,
    now,
    `exists (select from consent_right wanted where wanted.consent_id = request.id and ${isOfResource('wanted.resource_id')})`,
  );

/**
 * Whether what a person gave, or somebody in the person's stead, is suspended, while the capacity
 * for it is taken; but not what one gave who has an office for the person.
 */
export const isSuspendedOf = (mandate: string, now: string) =>
  `(${mandate}.basis = 'delegation'
    and ${isIncapable(`${mandate}.from_party`, { resource: `${mandate}.resource_id`, package: `${mandate}.package` }, now)}
    and not exists (select from mandate office where office.from_party = ${mandate}.from_party and office.to_party = ${mandate}.given_by
      and office.basis = 'register'))`;

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
 * What a court has decided of persons, as it stands now. What is taken already is not given back
 * by a decision about later.
 */
export const putIncapacities = (db: Db, rows: Incapacity[], now: Date) =>
  query(db, take, [JSON.stringify(rows), now]);

const giveBack: Statement = {
  name: 'give_capacity_back',
  text: 'update incapacity set ended_at = $3 where incapacity.person = $1 and incapacity.role is not distinct from $2 and (incapacity.ended_at is null or incapacity.ended_at > $3)',
};

export const endIncapacity = (db: Db, person: string, role: string | null, at: Date) =>
  query(db, giveBack, [person, role, at]);
