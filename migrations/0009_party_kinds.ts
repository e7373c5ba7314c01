// More kinds of party: system users, which belong to an organisation, and self-identified users,
// who have a name and no number. Persons get what registers tell of them: birth, protected address,
// and professional qualifications.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table party drop constraint party_kind_check, drop constraint party_check, drop constraint party_check1;
  alter table party
    add column username text unique,
    add column owner uuid references party (id),
    add column system_id text,
    add column system_kind text check (system_kind in ('standard', 'agent')),
    add column born_on date,
    add column protected_address boolean not null default false,
    add constraint party_kind_check check (kind in ('person', 'organization', 'subunit', 'system_user', 'self_identified')),
    add constraint party_person_no_check check ((kind = 'person') = (person_no is not null)),
    add constraint party_organization_no_check check ((kind in ('organization', 'subunit')) = (organization_no is not null)),
    add constraint party_username_check check ((kind = 'self_identified') = (username is not null)),
    add constraint party_system_check check ((kind = 'system_user') = (owner is not null)
      and (kind = 'system_user') = (system_id is not null) and (kind = 'system_user') = (system_kind is not null));
  create index party_owner on party (owner) where owner is not null;
  create table qualification (
    party uuid not null references party (id),
    kind text not null,
    valid_from timestamptz not null,
    ended_at timestamptz,
    primary key (party, kind)
  );
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table qualification;
  delete from party where kind in ('system_user', 'self_identified');
  alter table party drop constraint party_kind_check, drop constraint party_person_no_check,
    drop constraint party_organization_no_check, drop constraint party_username_check, drop constraint party_system_check,
    drop column username, drop column owner, drop column system_id, drop column system_kind, drop column born_on,
    drop column protected_address;
  alter table party add constraint party_kind_check check (kind in ('person', 'organization', 'subunit')),
    add constraint party_check check ((kind = 'person') = (person_no is not null)),
    add constraint party_check1 check ((kind = 'person') = (organization_no is null));
`);
