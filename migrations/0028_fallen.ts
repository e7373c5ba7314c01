// An index that lists fallen consents and mandates by party, among everything that ever happened to
// it.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create index event_fallen_from on event (from_party, id) where type in ('withdrawn', 'ended') and (detail \\? 'reason' or detail \\? 'because');
  create index event_fallen_to on event (to_party, id) where type in ('withdrawn', 'ended') and (detail \\? 'reason' or detail \\? 'because');
`);

export const down = (knex: Knex) =>
  knex.raw('drop index event_fallen_from; drop index event_fallen_to');
