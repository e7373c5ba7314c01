// A column of the house, as it is wired: operations for machines, pages for people, and jobs that
// go on by themselves. Each column opens its own (column.ts in its folder); app.ts lists them.
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type Router from '@koa/router';
import type { Act } from './act.ts';
import { isFinished, whyUnfit } from './db/migrate.ts';
import { sweepLimits } from './http/limits_store.ts';
import type { Operation } from './http/doors.ts';
import type { Health } from './http/health.ts';
import { tending, type Job } from './job.ts';
import type { Logger } from './log.ts';
import type { Measure } from './metrics.ts';
import { leaveNode, NOTE_MILLIS, noteNode, sweepNodes, type NodeRow } from './node_store.ts';
import type { Seal } from './secret/seal.ts';
import { usesOf } from './secret/seal_store.ts';

export interface Column {
  operations?: Operation[];
  pages?: Router[];
  jobs?: Job[];
  /** Gauges, read at each scrape. */
  measures?: Measure[];
  /**
   * Writes what was to be written later. Called when the last request has been answered, before the
   * database is closed.
   */
  settle?: () => Promise<void>;
}

interface Needs extends Pick<Health, 'operations' | 'clockAhead' | 'setUnfit'> {
  db: Knex;
  log: Logger;
  seal: Seal;
  jobAct: () => Act;
  version: string;
}

/** The node as others see it, by an id of its own each time that it starts. */
function nodeOf(seal: Seal, version: string): NodeRow {
  const [sealsWith, ...accepts] = usesOf(seal);
  return { id: randomUUID(), version, sealsWith: sealsWith!, accepts };
}

/** Health, the end of limits that have run out, and how the node itself stands. */
export const platformColumn = ({
  operations,
  clockAhead,
  setUnfit,
  db,
  seal,
  jobAct,
  version,
}: Needs): Column => {
  const node = nodeOf(seal, version);
  return {
    operations,
    jobs: [
      tending('limit.sweep', (goesOn) => sweepLimits(jobAct(), goesOn)),
      tending('node.sweep', (goesOn) => sweepNodes(jobAct(), goesOn)),
      {
        name: 'node.note',
        everyMillis: NOTE_MILLIS,
        isOfEachNode: true,
        async run() {
          const own = jobAct().db;
          await noteNode(own, node);
          // A node that started beside the end of an upgrade finds out here.
          setUnfit(await whyUnfit(own));
        },
      },
    ],
    measures: [
      {
        name: 'tillit_info',
        help: 'The version that runs',
        label: 'version',
        read: () => [{ of: version, value: 1 }],
      },
      {
        name: 'tillit_schema_finished',
        help: 'Whether no node of a version before may serve on the schema',
        read: async () => [{ value: Number(await isFinished(db)) }],
      },
      {
        name: 'tillit_database_connections',
        help: 'Connections of the pool for requests that are in use, and acts that wait for one',
        label: 'state',
        read: () => [
          { of: 'in use', value: db.client.pool.numUsed() },
          { of: 'waited for', value: db.client.pool.numPendingAcquires() },
        ],
      },
      {
        name: 'tillit_clock_ahead_seconds',
        help: "Seconds that the node's clock is ahead of the database's; it is not ready beyond two",
        read: async () => [{ value: await clockAhead() }],
      },
    ],
    // A node that cannot say that it leaves counts as gone in a minute.
    async settle() {
      await leaveNode(db, node.id).catch(() => undefined);
    },
  };
};
