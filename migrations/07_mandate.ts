// The one rights store: from lets to do something, on a basis, between two instants. Consents and
// register roles are rows of the same kind.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- A company's group of people and systems: what is given to the group is given to each of its
  -- members, as a mandate that names the group.
  create table party_group (
    id uuid primary key,
    party uuid not null references party (id),
    name text not null,
    responsible uuid not null references party (id),
    made_by uuid not null references party (id),
    made_at timestamptz not null,
    ended_at timestamptz
  );
  create unique index party_group_name on party_group (party, lower(name)) where ended_at is null;
  create table group_right (
    id uuid primary key,
    group_id uuid not null references party_group (id),
    package text references access_package (code),
    resource_id text references resource (id),
    actions text[],
    added_by uuid not null references party (id),
    added_at timestamptz not null,
    ended_at timestamptz,
    constraint group_right_check check ((package is not null) <> (resource_id is not null) and (resource_id is not null) = (actions is not null))
  );
  create index group_right_group on group_right (group_id);
  create unique index group_right_once on group_right (group_id, package, resource_id) nulls not distinct where ended_at is null;
  create table group_member (
    id uuid primary key,
    group_id uuid not null references party_group (id),
    member uuid not null references party (id),
    added_by uuid not null references party (id),
    added_at timestamptz not null,
    ended_at timestamptz
  );
  create index group_member_group on group_member (group_id);
  create unique index group_member_once on group_member (group_id, member) where ended_at is null;

  -- A chain names its ancestors, which never change. Each page keeps room for the next version of
  -- a row: marking one as used touches no index.
  create table mandate (
    id uuid primary key,
    from_party uuid not null references party (id),
    to_party uuid not null references party (id),
    basis text not null check (basis in ('register', 'delegation', 'customer', 'consent')),
    role text references role (code),
    consent_id uuid,
    valid_from timestamptz not null,
    valid_to timestamptz,
    ended_at timestamptz,
    uses bigint not null default 0,
    use_limit int,
    -- The rhythm of uses: so many in each period of Oslo's calendar, and those since the latest began.
    use_period text check (use_period in ('day', 'week', 'month')),
    period_limit int,
    period_from timestamptz,
    period_uses int not null default 0,
    last_used_at timestamptz,
    to_kind text not null,
    package text references access_package (code),
    resource_id text references resource (id),
    actions text[],
    instance text,
    through uuid references mandate (id),
    chain uuid[] not null default '{}',
    may_pass_on boolean not null default false,
    suspended_at timestamptz,
    suspended_by uuid references party (id),
    given_by uuid references party (id),
    given_role text,
    given_at timestamptz,
    needs text,
    evidence jsonb,
    ends_told timestamptz,
    still_asked_at timestamptz,
    erasing_told_at timestamptz,
    erased_at timestamptz,
    erased_after int,
    reference text,
    subunits boolean not null default true,
    estate_at timestamptz,
    -- The code by which it was given; its row goes with the receiver's session.
    by_code uuid,
    -- Until when it waits for the receiver to accept it; null once that has, or where nobody needs to.
    accept_by timestamptz,
    -- The group of the giver's by which the receiver has it.
    group_id uuid references party_group (id),
    -- Services that it does not open for what lies outside it, as streams were told; null for none.
    withheld text[],
    constraint mandate_accept_check check (accept_by is null or basis in ('delegation', 'customer')),
    constraint mandate_group_check check (group_id is null or basis = 'delegation'),
    constraint mandate_chain_check check (((through is not null) = (cardinality(chain) > 0)) and (cardinality(chain) <= 5)),
    constraint mandate_period_check check ((use_period is null) = (period_limit is null)),
    constraint mandate_check check ((basis = 'register') = (role is not null)),
    constraint mandate_check1 check ((basis = 'consent') = (consent_id is not null)),
    constraint mandate_customer_check check (basis <> 'customer' or through is not null),
    constraint mandate_grain_check check (((basis in ('delegation', 'customer')) = ((package is not null) <> (resource_id is not null))) and (package is null or resource_id is null)),
    constraint mandate_right_check check (((resource_id is not null) = (actions is not null)) and (instance is null or resource_id is not null))
  ) with (fillfactor=80);
  create index mandate_accept on mandate (accept_by) where accept_by is not null and ended_at is null;
  create index mandate_by_code on mandate (by_code) where by_code is not null;
  create unique index mandate_consent on mandate (consent_id) where basis = 'consent';
  create index mandate_ends on mandate (valid_to) where basis in ('delegation', 'register') and ended_at is null;
  create index mandate_from_organization on mandate (from_party) where basis <> 'consent' and to_kind in ('organization', 'subunit');
  create index mandate_group on mandate (group_id, to_party) where group_id is not null and ended_at is null;
  create index mandate_instance on mandate (instance) where instance is not null;
  create unique index mandate_package on mandate (from_party, to_party, package, through, group_id) nulls not distinct where package is not null and ended_at is null;
  create index mandate_of_package on mandate (package, from_party) where basis = 'delegation' and package is not null and ended_at is null;
  create index mandate_pair on mandate (from_party, to_party) where basis <> 'consent';
  create unique index mandate_reference on mandate (reference) where reference is not null;
  create unique index mandate_register on mandate (from_party, to_party, role) where basis = 'register';
  create index mandate_resource on mandate (resource_id) where basis = 'delegation' and resource_id is not null;
  create unique index mandate_right on mandate (from_party, to_party, resource_id, instance, through, group_id) nulls not distinct where resource_id is not null and ended_at is null;
  create index mandate_still on mandate (coalesce(still_asked_at, given_at)) where basis = 'delegation' and ended_at is null;
  create index mandate_through on mandate (through) where through is not null;
  create index mandate_to on mandate (to_party) where basis <> 'consent';

  -- Professional qualifications, of persons and firms.
  create table qualification (
    party uuid not null references party (id),
    kind text not null,
    valid_from timestamptz not null,
    ended_at timestamptz,
    primary key (party, kind)
  );

  -- Persons whose capacity to decide a court has taken, in which matter; null for all.
  create table incapacity (
    person uuid not null references party (id),
    role text references role (code),
    valid_from timestamptz not null,
    ended_at timestamptz,
    constraint incapacity_person_role_key unique nulls not distinct (person, role)
  );

  create function incapable_tasks(person_id uuid, instant timestamptz) returns setof incapacity language sql stable as $$
    select * from incapacity taken where taken.person = $1 and taken.valid_from <= $2 and (taken.ended_at is null or taken.ended_at > $2)
  $$;
  create function is_of_matter(task text, resource text, package text) returns boolean language plpgsql stable as $$
    begin return (select case when $3 is not null then exists (select from role_package carried where carried.role = $1 and carried.package = $3 and carried.has_access)
      else exists (select from policy_rule rule where rule.resource_id = $2 and (rule.subject_kind = 'role' and rule.subject = $1
        or rule.subject_kind = 'package' and exists (select from role_package carried
          where carried.role = $1 and carried.package = rule.subject and carried.has_access))) end); end
  $$;
  create function is_incapable(person_id uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as $$
    begin return exists (select from incapable_tasks($1, $4) taken where taken.role is null or is_of_matter(taken.role, $2, $3)); end
  $$;
  create function is_suspended_by_law(giver uuid, given_by uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as $$
    begin return exists (select from incapable_tasks($1, $5) taken where (taken.role is null or is_of_matter(taken.role, $3, $4))
      and not gave_in_office($1, $2, taken.role, $3, $4)); end
  $$;
  -- A reference that a person can read out: ten characters without those that look alike
  -- (Crockford's base 32).
  create function new_reference() returns text language plpgsql as $$
    begin return (select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + floor(random() * 32)::int, 1), '') from generate_series(1, 10)); end
  $$;
  create function is_given_of_matter(task text, resource text, package text) returns boolean language plpgsql stable as $$
    begin return (select is_of_matter($1, $2, $3) or ($3 is not null and exists (select from policy_rule opens join resource service on service.id = opens.resource_id
      where opens.subject_kind = 'package' and opens.subject = $3 and service.ended_at is null and is_of_matter($1, opens.resource_id, null)))); end
  $$;
  -- Capacity is asked by the service: a package is of a matter when a service that it opens is.
  create function cannot_give(person_id uuid, resource text, package text, instant timestamptz) returns boolean language plpgsql stable as $$
    begin return exists (select from incapable_tasks($1, $4) taken where taken.role is null or is_given_of_matter(taken.role, $2, $3)); end
  $$;
  -- An office speaks within its task.
  create function gave_in_office(giver uuid, given_by uuid, matter text, resource text, package text) returns boolean language plpgsql stable as $$
    begin return (select exists (select from mandate office join role on role.code = office.role
      where office.from_party = $1 and office.to_party = $2 and office.basis = 'register' and role.given_by = 'person'
        and (role.code = 'foreldreansvar' or role.code = $3 or ($3 is null and is_given_of_matter(role.code, $4, $5))))); end
  $$;
  create function withheld_matters(mandate_id uuid, instant timestamptz) returns jsonb language plpgsql stable as $$
    begin return (select jsonb_agg(distinct coalesce(to_jsonb(taken.role), 'null'::jsonb))
      from mandate held join mandate one on one.id = held.id or one.id = any(held.chain)
      cross join lateral (select one.from_party as person, true as is_own where one.basis = 'delegation'
        union all select one.given_by, false where exists (select from mandate source where source.id = one.through and source.to_party = one.given_by)) giver
      cross join lateral incapable_tasks(giver.person, $2) taken
      where held.id = $1 and not (giver.is_own and gave_in_office(one.from_party, one.given_by, taken.role, one.resource_id, one.package))); end
  $$;
  -- Since when a company, or the one that a unit belongs to, is bankrupt.
  create function estate_of(party_id uuid) returns timestamptz language plpgsql stable as $$
    begin return (select coalesce(own.estate_at, main.estate_at) from party own left join party main on main.id = own.parent where own.id = $1); end
  $$;

  alter table notice add foreign key (mandate_id) references mandate (id);
`);
