// A person's choices: the language, favourite parties; and the parties visited lately.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table profile (
    person uuid primary key references party (id),
    language text check (language in ('nb', 'nn', 'en')),
    favourites uuid[] not null default '{}'
  );
  create table recent_party (
    person uuid not null references party (id),
    party uuid not null references party (id),
    at timestamptz not null,
    primary key (person, party)
  );
`);

export const down = (knex: Knex) => knex.raw('drop table recent_party; drop table profile;');
