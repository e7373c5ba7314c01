// Capacity is asked by the service in the question. A package is of a matter for whoever gives it
// when any service that it opens is; what was given is withheld for the services of the matter. An
// office speaks within its task, and whoever passed a right on in own name is asked too.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create function is_given_of_matter(task text, resource text, package text) returns boolean language sql stable as
    'select is_of_matter($1, $2, $3) or ($3 is not null and exists (select from policy_rule opens join resource service on service.id = opens.resource_id
      where opens.subject_kind = ''package'' and opens.subject = $3 and service.ended_at is null and is_of_matter($1, opens.resource_id, null)))';
  create function cannot_give(person_id uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as
    'begin return exists (select from incapable_tasks($1, $4) taken where taken.role is null or is_given_of_matter(taken.role, $2, $3)); end';
  create function gave_in_office(giver uuid, given_by uuid, matter text, resource text, package text) returns boolean language sql stable as
    'select exists (select from mandate office join role on role.code = office.role
      where office.from_party = $1 and office.to_party = $2 and office.basis = ''register'' and role.given_by = ''person''
        and (role.code = ''foreldreansvar'' or role.code = $3 or ($3 is null and is_given_of_matter(role.code, $4, $5))))';
  create or replace function is_suspended_by_law(giver uuid, given_by uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as
    'begin return exists (select from incapable_tasks($1, $5) taken where (taken.role is null or is_of_matter(taken.role, $3, $4))
      and not gave_in_office($1, $2, taken.role, $3, $4)); end';
  -- The matters, null for every one, in which somebody who gave it, or a link of its chain, in own name decides no more.
  create function withheld_matters(mandate_id uuid, instant timestamptz) returns jsonb language plpgsql stable as
    'begin return (select jsonb_agg(distinct coalesce(to_jsonb(taken.role), ''null''::jsonb))
      from mandate held join mandate one on one.id = held.id or one.id = any(held.chain)
      cross join lateral (select one.from_party as person, true as is_own where one.basis = ''delegation''
        union all select one.given_by, false where exists (select from mandate source where source.id = one.through and source.to_party = one.given_by)) giver
      cross join lateral incapable_tasks(giver.person, $2) taken
      where held.id = $1 and not (giver.is_own and gave_in_office(one.from_party, one.given_by, taken.role, one.resource_id, one.package))); end';
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop function withheld_matters(uuid, timestamptz);
  create or replace function is_suspended_by_law(giver uuid, given_by uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as
    'begin return is_incapable($1, $3, $4, $5) and not exists (select from mandate office
      where office.from_party = $1 and office.to_party = $2 and office.basis = ''register''); end';
  drop function gave_in_office(uuid, uuid, text, text, text);
  drop function cannot_give(uuid, text, text, timestamptz);
  drop function is_given_of_matter(text, text, text);
`);
