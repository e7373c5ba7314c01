// The delegation column, as it is wired: mandates given, ended, explained and logged, and packages
// that service owners give.
import type { NewAct } from '../decision/act.ts';
import type { Column } from '../platform/column.ts';
import { tending } from '../platform/job.ts';
import { tagged } from '../platform/http/doors.ts';
import { endUnanswered } from './give/unanswered.ts';
import { registrarOperations } from './give/registrar_routes.ts';
import { type LogApi, logOperations } from './log/routes.ts';
import { mandateOperations } from './mandate_routes.ts';
import type { OwnerApi } from './owner/serviceowner.ts';
import { whyOperations } from './why/routes.ts';

export const delegationColumn = (needs: OwnerApi & LogApi & { jobAct: NewAct }): Column => ({
  operations: [
    ...tagged('Mandates', [...mandateOperations(), ...whyOperations(), ...logOperations(needs)]),
    ...tagged('Packages given by service owners', registrarOperations(needs)),
  ],
  jobs: [tending('mandate.fall', () => endUnanswered(needs.jobAct()))],
});
