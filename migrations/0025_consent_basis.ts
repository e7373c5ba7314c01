// Stores the basis of an answer, so that a consent falls with it; why it fell; and which parties
// and resources have changed in a way that consents may fall by, from when. Answers from before get
// the basis of whoever gave them; a parent's until eighteen.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table consent_request
    add column rested_on text check (rested_on in ('self', 'role', 'responsibility', 'task', 'mandate')),
    add column rested_roles text[] not null default '{}',
    add column rested_mandates uuid[] not null default '{}',
    add column answered_level smallint,
    add column parent_until smallint,
    add column fallen_reason text check (fallen_reason in ('giver_dead', 'giver_dissolved', 'receiver_dissolved', 'resource_ended',
      'responsibility_ended', 'task_ended', 'of_age'));
  update consent_request set
    rested_on = case when answered.answered_by = answered.from_party then 'self' when answered.answered_role = 'foreldreansvar' then 'responsibility'
      when role.source = 'vergemal' then 'task' when answered.answered_role is not null then 'role' else 'mandate' end,
    rested_roles = case when answered.answered_role = 'foreldreansvar' or role.source = 'vergemal' then array[answered.answered_role] else '{}' end,
    parent_until = case when answered.answered_role = 'foreldreansvar' then 18 end
    from consent_request answered left join role on role.code = answered.answered_role
    where answered.id = consent_request.id and answered.answered_by is not null;
  create index consent_request_approved_to on consent_request (to_party) where state = 'approved';
  alter table notice add column consent_id uuid references consent_request (id);

  create table basis_change (
    id bigint generated always as identity primary key,
    party uuid,
    resource_id text,
    due_at timestamptz not null
  );
  create index basis_change_due on basis_change (due_at);
  create function basis_of_party() returns trigger language plpgsql as
    'begin insert into basis_change (party, due_at) values (new.id, coalesce(new.ended_at, now())); return null; end';
  create trigger basis_of_party after update on party for each row
    when (new.ended_at is distinct from old.ended_at or new.born_on is distinct from old.born_on) execute function basis_of_party();
  create function basis_of_role() returns trigger language plpgsql as
    'begin insert into basis_change (party, due_at)
      values (new.from_party, case when new.valid_from > now() then now() else coalesce(least(new.ended_at, new.valid_to), now()) end); return null; end';
  create trigger basis_of_new_role after insert on mandate for each row
    when (new.basis = 'register' and least(new.ended_at, new.valid_to) is not null) execute function basis_of_role();
  create trigger basis_of_role after update on mandate for each row
    when (new.basis = 'register' and (new.valid_from > old.valid_from or (least(new.ended_at, new.valid_to) is not null
      and (new.ended_at is distinct from old.ended_at or new.valid_to is distinct from old.valid_to)))) execute function basis_of_role();
  create function basis_of_resource() returns trigger language plpgsql as
    'begin insert into basis_change (resource_id, due_at) values (new.id, new.ended_at); return null; end';
  create trigger basis_of_resource after update on resource for each row
    when (new.ended_at is not null and new.ended_at is distinct from old.ended_at) execute function basis_of_resource();
  insert into basis_change (party, due_at) select id, ended_at from party where ended_at is not null;
  insert into basis_change (party, due_at) select from_party, least(ended_at, valid_to) from mandate
    where basis = 'register' and least(ended_at, valid_to) is not null;
  insert into basis_change (resource_id, due_at) select id, ended_at from resource where ended_at is not null;
  insert into basis_change (party, due_at) select distinct giver.id, ((giver.born_on + interval '18 years')::date::timestamp at time zone 'Europe/Oslo')
    from consent_request request join party giver on giver.id = request.from_party
    where request.parent_until is not null and request.state = 'approved' and giver.born_on is not null;
  create index consent_right_resource on consent_right (resource_id);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop trigger basis_of_party on party;
  drop trigger basis_of_new_role on mandate;
  drop trigger basis_of_role on mandate;
  drop trigger basis_of_resource on resource;
  drop function basis_of_party();
  drop function basis_of_role();
  drop function basis_of_resource();
  drop table basis_change;
  alter table notice drop column consent_id;
  drop index consent_request_approved_to;
  drop index consent_right_resource;
  alter table consent_request drop column rested_on, drop column rested_roles, drop column rested_mandates, drop column answered_level,
    drop column parent_until, drop column fallen_reason;
`);
