// The decision column, as it is wired: questions, searches and authorized parties. It opens the log
// of decisions, which is written a while after the answer, and lets go what is too old in it.
import type { Numbers } from '../caller/numbers.ts';
import type { Column } from '../platform/column.ts';
import { hourly, partitioning } from '../platform/job.ts';
import { tagged, type Operation } from '../platform/http/doors.ts';
import type { Limits } from '../platform/http/limits.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { NewAct } from './act.ts';
import { explainOperations } from './authzen/explain_routes.ts';
import { authzenOperations } from './authzen/routes.ts';
import { createDecisionLog, type DecisionLog } from './log/log.ts';
import { letMonthsGo, makeMonths } from './log/months_store.ts';
import { authorizedOperations } from './search/authorized_routes.ts';
import { xacmlOperations } from './xacml/routes.ts';

interface Needs {
  newAct: NewAct;
  jobAct: NewAct;
  issuer: string;
  limits: Limits;
  numbers: Numbers;
  log: Logger;
  metrics: Metrics;
  decisionLogDays: number;
  /** The organisation numbers of those whose decisions a law exempts from being shown. */
  exemptSearches: string[];
  /** Whether an answer waits until it is written down. */
  isLogDurable: boolean;
}

const LOG_MEASURES = {
  waiting: 'Answers that are not written down yet',
  dropped: 'Answers that were let go while the database was away, since the node began',
};

/** The same operation, whose answer waits until what it decided is written down. */
const keptFirst =
  ({ kept }: DecisionLog) =>
  (operation: Operation): Operation => {
    const { handle } = operation;
    return {
      ...operation,
      handle: async (call) => {
        const answer = await handle!(call);
        await kept();
        return answer;
      },
    };
  };

export function decisionColumn({ newAct, jobAct, decisionLogDays, ...needs }: Needs): Column {
  const log = createDecisionLog(newAct().db, needs);
  const api = { ...needs, log };
  const operations = [
    ...tagged('Decisions', [
      ...authzenOperations(api),
      ...explainOperations(api),
      ...xacmlOperations(api),
    ]),
    ...tagged('Authorized parties', authorizedOperations(api)),
  ];
  return {
    operations: needs.isLogDurable ? operations.map(keptFirst(log)) : operations,
    measures: (['waiting', 'dropped'] as const).map((what) => ({
      name: `tillit_decision_log_${what}`,
      help: LOG_MEASURES[what],
      label: 'log',
      read: () => Object.entries(log.state()).map(([of, state]) => ({ of, value: state[what] })),
    })),
    jobs: [
      partitioning('decision.partitions', () => makeMonths(jobAct())),
      hourly('decision.sweep', (goesOn) => letMonthsGo(jobAct(), decisionLogDays, goesOn)),
    ],
    settle: log.flush,
  };
}
