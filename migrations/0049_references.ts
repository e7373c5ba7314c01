// Powers of attorney, and requests for one, have a reference that a person can read out and look
// for, as consents have: ten characters, one of a kind (0039). Those of a register have none.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table mandate add column reference text;
  update mandate set reference = new_reference() where basis in ('delegation', 'customer');
  create unique index mandate_reference on mandate (reference) where reference is not null;
  alter table access_request add column reference text not null default new_reference();
  alter table access_request add constraint access_request_reference unique (reference);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  alter table access_request drop column reference;
  alter table mandate drop column reference;
`);
