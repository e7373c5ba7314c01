// Persons whose capacity to decide a court has taken, in which matter (a guardian's task; null for
// all). Changes of the offices and powers of attorney that an answer rests on are queued.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table incapacity (
    person uuid not null references party (id),
    role text references role (code),
    valid_from timestamptz not null,
    ended_at timestamptz,
    unique nulls not distinct (person, role)
  );
  -- Functions, since hardly anybody is in that table: a statement pays for the answer only where it comes to it. A matter
  -- is about the packages that the task carries, and the resources whose rules name the task or one of these.
  create function incapable_tasks(person_id uuid, instant timestamptz) returns setof incapacity language sql stable as
    'select * from incapacity taken where taken.person = $1 and taken.valid_from <= $2 and (taken.ended_at is null or taken.ended_at > $2)';
  create function is_of_matter(task text, resource text, package text) returns boolean language sql stable as
    'select case when $3 is not null then exists (select from role_package carried where carried.role = $1 and carried.package = $3 and carried.has_access)
      else exists (select from policy_rule rule where rule.resource_id = $2 and (rule.subject_kind = ''role'' and rule.subject = $1
        or rule.subject_kind = ''package'' and exists (select from role_package carried
          where carried.role = $1 and carried.package = rule.subject and carried.has_access))) end';
  create function is_incapable(person_id uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as
    'begin return exists (select from incapable_tasks($1, $4) taken where taken.role is null or is_of_matter(taken.role, $2, $3)); end';
  create function is_incapable_of(consent uuid, person_id uuid, instant timestamptz) returns boolean language plpgsql stable as
    'begin return exists (select from incapable_tasks($2, $3) taken where taken.role is null or exists (
      select from consent_right wanted where wanted.consent_id = $1 and is_of_matter(taken.role, wanted.resource_id, null))); end';
  create function is_suspended_by_law(giver uuid, given_by uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as
    'begin return is_incapable($1, $3, $4, $5) and not exists (select from mandate office
      where office.from_party = $1 and office.to_party = $2 and office.basis = ''register''); end';

  alter table basis_change add column role text, add column mandate uuid;
  create index basis_change_mandate on basis_change (mandate, due_at) where mandate is not null;
  create or replace function basis_of_role() returns trigger language plpgsql as
    'begin insert into basis_change (party, role, due_at)
      values (new.from_party, new.role, case when new.valid_from > now() then now() else coalesce(least(new.ended_at, new.valid_to), now()) end);
      return null; end';
  create function basis_of_holder() returns trigger language plpgsql as
    'begin insert into basis_change (party, role, due_at) select new.from_party, new.role, greatest(new.valid_from, now())
      where exists (select from consent_request answered where answered.from_party = new.from_party and answered.state = ''approved''
        and new.role = any(answered.rested_roles)); return null; end';
  create trigger basis_of_holder after insert on mandate for each row when (new.basis = 'register') execute function basis_of_holder();
  create trigger basis_of_holder_again after update on mandate for each row
    when (new.basis = 'register' and old.ended_at is not null and new.ended_at is null) execute function basis_of_holder();
  create function basis_of_mandate() returns trigger language plpgsql as
    'begin insert into basis_change (mandate, due_at) select new.id, coalesce(least(new.ended_at, new.valid_to), now())
      where exists (select from party giver join consent_request answered on answered.from_party = giver.id
        where (giver.id = new.from_party or giver.parent = new.from_party) and answered.state = ''approved'' and new.id = any(answered.rested_mandates));
      return null; end';
  create trigger basis_of_mandate after update on mandate for each row
    when (new.basis in ('delegation', 'customer') and (new.ended_at is distinct from old.ended_at or new.valid_to is distinct from old.valid_to))
    execute function basis_of_mandate();
  create function basis_of_answer() returns trigger language plpgsql as
    'begin insert into basis_change (mandate, due_at) select given.id, given.valid_to from mandate given
      where given.id = any(new.rested_mandates) and given.basis in (''delegation'', ''customer'') and given.valid_to is not null
        and not exists (select from basis_change due where due.mandate = given.id and due.due_at = given.valid_to); return null; end';
  create trigger basis_of_answer after update on consent_request for each row
    when (new.state = 'approved' and old.state <> 'approved' and new.rested_mandates <> '{}') execute function basis_of_answer();
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop trigger basis_of_answer on consent_request;
  drop trigger basis_of_mandate on mandate;
  drop trigger basis_of_holder on mandate;
  drop trigger basis_of_holder_again on mandate;
  drop function basis_of_answer();
  drop function basis_of_mandate();
  drop function basis_of_holder();
  create or replace function basis_of_role() returns trigger language plpgsql as
    'begin insert into basis_change (party, due_at)
      values (new.from_party, case when new.valid_from > now() then now() else coalesce(least(new.ended_at, new.valid_to), now()) end); return null; end';
  alter table basis_change drop column role, drop column mandate;
  drop function is_suspended_by_law(uuid, uuid, text, text, timestamptz);
  drop function is_incapable_of(uuid, uuid, timestamptz);
  drop function is_incapable(uuid, text, text, timestamptz);
  drop function is_of_matter(text, text, text);
  drop function incapable_tasks(uuid, timestamptz);
  drop table incapacity;
`);
