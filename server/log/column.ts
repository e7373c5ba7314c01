// The log column, as it is wired: what is signed of all events, on one node at a time. Events get
// their places with those in the feeds (notice_due/feed.ts).
import type { Act } from '../platform/act.ts';
import type { Column } from '../platform/column.ts';
import { tending } from '../platform/job.ts';
import { tagged } from '../platform/http/doors.ts';
import type { Logger } from '../platform/log.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { openFolder } from './folder.ts';
import { checkpointOperations } from './routes.ts';
import { logOperatorActs } from './operator.ts';
import { createSigning } from './sign.ts';
import { refusedEvents, secondsUnsigned, takeUnnamed } from './store.ts';

interface Needs {
  issuer: string;
  databaseUrl: string | undefined;
  logCheckpoints: string | undefined;
  jobAct: () => Act;
  seal: Seal;
  log: Logger;
}

const SIGN_MILLIS = 500;
const NAME_MILLIS = 5_000;

export const logColumn = (needs: Needs): Column => {
  const { issuer, databaseUrl, logCheckpoints, jobAct, seal, log } = needs;
  const folder = logCheckpoints === undefined ? undefined : openFolder(logCheckpoints);
  const signing = createSigning({ jobAct, issuer, seal, folder, log });
  return {
    operations: tagged('Log', checkpointOperations(databaseUrl === undefined)),
    measures: [
      {
        name: 'tillit_log_unsigned_seconds',
        help: 'Seconds since the log was signed, while something in it is not; 0 where all is',
        read: async () => [{ value: await secondsUnsigned(jobAct().db) }],
      },
      {
        name: 'tillit_log_refused_events',
        help: 'Events that no node is known to have made, and that have no place in the log',
        read: async () => [{ value: await refusedEvents(jobAct().db) }],
      },
    ],
    jobs: [
      tending('operator.log', () => logOperatorActs(jobAct(), log)),
      { name: 'log.sign', everyMillis: SIGN_MILLIS, run: signing.sign },
      {
        name: 'log.refused',
        everyMillis: NAME_MILLIS,
        run: async () => {
          const events = await takeUnnamed(jobAct().db);
          if (events.length) log.error({ events }, 'events that no node made are not in the log');
        },
      },
    ],
  };
};
