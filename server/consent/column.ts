// The consent column, as it is wired: requests for consent, their answers, and what became of them;
// it stores consents that fell.
import type { NewAct } from '../decision/act.ts';
import type { Wired } from '../platform/act.ts';
import type { Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import { consentPages } from './answer/pages.ts';
import { consentOperations, type ConsentApi } from './ask/routes.ts';
import { storeWhatFell } from './basis/fall.ts';
import { askerOperations } from './own/asker_routes.ts';
import { ownConsentPages } from './own/pages.ts';
import { portalOperations } from './own/portal_routes.ts';
import { askAgainPages } from './own/again_pages.ts';
import { deletionPages } from './own/deletion_pages.ts';
import { narrowPages } from './own/narrow_pages.ts';
import { suspendPages } from './own/suspend_pages.ts';
import { suspendOperations } from './own/suspend_routes.ts';
import type { ConsentPages } from './page.ts';

/** How soon what a register said, or the clock, is stored as the end of consents. */
const FALL_MILLIS = 2_000;

export const consentColumn = (
  needs: ConsentApi & Wired<ConsentPages> & { jobAct: NewAct },
): Column => ({
  operations: [
    ...tagged('Consent', [...consentOperations(needs), ...askerOperations(needs)]),
    ...tagged('Consent, for the portal', portalOperations(needs)),
    ...tagged('Consent', suspendOperations(needs)),
  ],
  pages: [
    consentPages,
    ownConsentPages,
    askAgainPages,
    narrowPages,
    suspendPages,
    deletionPages,
  ].map((make) => make(needs)),
  jobs: [
    { name: 'consent.fall', everyMillis: FALL_MILLIS, run: () => storeWhatFell(needs.jobAct()) },
  ],
});
