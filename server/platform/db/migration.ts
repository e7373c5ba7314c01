// The parts of migrations that are the same for all: there is no way back, and an index is built
// beside those who write its table.
import type { Knex } from 'knex';
import { isServer, ROLE_LIMITS } from './db.ts';

/**
 * Refuses, since it would lose rows. Nobody needs it: nodes of the version before serve on the
 * schema of this one.
 */
export const noWayBack = (): Promise<void> =>
  Promise.reject(new Error('A schema has no way back: start nodes of the version before on it.'));

interface Alone {
  config: { transaction: false };
  index: string;
  up: (knex: Knex) => Promise<void>;
}

/**
 * The one index of a migration that has a file of its own:
 *
 *     export const { config, index, up } = concurrently(…);
 *
 * It builds `create index INDEX DEFINITION`, or a `unique index`, for as long as it takes. An index
 * that an earlier try left half built is none, and is built anew. Where one connection is all there
 * is, nobody waits.
 */
export function concurrently(index: string, definition: string, kind = 'index'): Alone {
  return {
    config: { transaction: false },
    index,
    async up(knex) {
      const isBeside = isServer(knex);
      const how = isBeside ? 'concurrently' : '';
      for (const limit of Object.keys(ROLE_LIMITS)) await knex.raw(`set ${limit} = 0`);
      try {
        await knex.raw(`drop index ${how} if exists ??`, [index]);
        await knex.raw(`create ${kind} ${how} ?? ${definition}`, [index]);
      } finally {
        for (const limit of Object.keys(ROLE_LIMITS)) await knex.raw(`reset ${limit}`);
      }
    },
  };
}
