// The register column, as it is wired: what registers have said of somebody. Feeds are followed all
// day, and at night everything is compared with them.
import { nightly, type Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import { registerOperations, type RegisterApi } from './routes.ts';

interface Needs extends RegisterApi {
  registerPollSeconds: number;
}

/** The job that reads every feed. */
export const POLL = 'register.poll';

export const registerColumn = ({ registers, live, registerPollSeconds }: Needs): Column => ({
  operations: tagged('Registers', registerOperations({ registers, live })),
  jobs: [
    { name: POLL, everyMillis: registerPollSeconds * 1000, run: registers.poll },
    nightly('register.reconcile', registers.reconcileWhenDue),
  ],
});
