// Ages from which a person may give and receive an access package; 18 by default.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`alter table access_package
    add column decides_from smallint, add column parent_until smallint, add column receiver_from smallint,
    add constraint access_package_ages check (coalesce(parent_until, decides_from, 18) >= coalesce(decides_from, 18))`);

export const down = (knex: Knex) =>
  knex.raw(
    'alter table access_package drop column decides_from, drop column parent_until, drop column receiver_from',
  );
