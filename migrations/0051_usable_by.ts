// Owners that may name a source, a role or a package in their rules: by number, or `all`. By
// default a role follows its source, and the rest its kind (resource/catalogue/model.ts).
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table source add column usable_by text[];
  alter table role add column usable_by text[];
  alter table access_package add column usable_by text[];
`);

export const down = (knex: Knex) =>
  knex.raw(`
  alter table source drop column usable_by;
  alter table role drop column usable_by;
  alter table access_package drop column usable_by;
`);
