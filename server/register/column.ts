// The register column, as it is wired: what registers have said of somebody. Feeds are followed all
// day, and at night everything is compared with them; each source by itself, so that one that is
// slow keeps no other's from being heard.
import type { Column } from '../platform/column.ts';
import { nightly, type GoesOn } from '../platform/job.ts';
import { tagged } from '../platform/http/doors.ts';
import { compareJob, pollJob } from './model.ts';
import { registerOperations, type RegisterApi } from './routes.ts';

interface Needs extends RegisterApi {
  registerPollSeconds: number;
}

/** How often it is seen whether one is due: a register that is away is not asked more often. */
const COMPARE_MILLIS = 600_000;

export const registerColumn = ({ registers, live, registerPollSeconds }: Needs): Column => {
  const everyMillis = registerPollSeconds * 1000;
  const codes = registers.sources.map(({ code }) => code);
  return {
    operations: tagged('Registers', registerOperations({ registers, live })),
    measures: registers.measures,
    jobs: [
      ...codes.map((code) => ({
        name: pollJob(code),
        everyMillis,
        run: (goesOn: GoesOn) => registers.pollOne(code, goesOn),
      })),
      ...codes.map((code) => ({
        name: compareJob(code),
        everyMillis: COMPARE_MILLIS,
        run: (goesOn: GoesOn) => registers.compareWhenDue(code, goesOn),
      })),
      { name: 'register.watch', everyMillis, run: registers.watch },
      nightly('register.sweep', registers.sweep),
    ],
  };
};
