// Bankruptcy: since when the register has marked a company, with day and court; what is stopped by
// it of the company's mandates; and which packages are of matters that are not the estate's.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table party add column estate_at timestamptz, add column estate_on date, add column estate_court text;
  alter table mandate add column estate_at timestamptz;
  alter table access_package add column of_estate boolean not null default true;
  -- Since when nothing but the trustee acts for a party: of a sub-unit, since it has been so for its main unit.
  create function estate_of(party_id uuid) returns timestamptz language sql stable as
    'select coalesce(own.estate_at, main.estate_at) from party own left join party main on main.id = own.parent where own.id = $1';
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop function estate_of(uuid);
  alter table access_package drop column of_estate;
  alter table mandate drop column estate_at;
  alter table party drop column estate_court, drop column estate_on, drop column estate_at;
`);
