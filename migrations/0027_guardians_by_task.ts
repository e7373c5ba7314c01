// A guardian acts by tasks alone: the role that named none opens nothing more.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  delete from role_package where role = 'verge';
  update mandate set ended_at = now() where role = 'verge' and (ended_at is null or ended_at > now());
`);

export const down = () => Promise.resolve();
