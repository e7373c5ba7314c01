// The access_request column, as it is wired: requests for a right; those that can no longer be met
// fall.
import type { NewAct } from '../decision/act.ts';
import type { OwnerApi } from '../delegation/owner/serviceowner.ts';
import type { Column } from '../platform/column.ts';
import { tending } from '../platform/job.ts';
import { tagged } from '../platform/http/doors.ts';
import { draftOperations } from './draft_routes.ts';
import { fallRequests } from './fall.ts';
import { offerOperations } from './offer_routes.ts';
import { remindAwaited } from './remind.ts';
import { requestOperations } from './routes.ts';

export const accessRequestColumn = (needs: OwnerApi & { jobAct: NewAct }): Column => ({
  operations: tagged('Requests for a right', [
    ...requestOperations(needs),
    ...draftOperations(needs),
    ...offerOperations(needs),
  ]),
  jobs: [
    tending('access_request.fall', () => fallRequests(needs.jobAct())),
    tending('access_request.remind', () => remindAwaited(needs.jobAct())),
  ],
});
