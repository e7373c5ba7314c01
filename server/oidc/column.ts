// The oidc column, as it is wired: tokens and the person's programs, pages to choose on and to log
// out by. It rotates keys, ends what has run out, and notifies clients of sessions that ended.
import { countNotices } from './logout/store.ts';
import type { NewAct } from '../decision/act.ts';
import type { SignedIn } from '../caller/pages.ts';
import type { KeptForms } from '../caller/kept_form.ts';
import type { Wired } from '../platform/act.ts';
import type { Column } from '../platform/column.ts';
import { tending } from '../platform/job.ts';
import { tagged } from '../platform/http/doors.ts';
import type { Render } from '../platform/http/render.ts';
import { appPages } from './choice/app_pages.ts';
import { appOperations } from './choice/app_routes.ts';
import { offlinePages } from './choice/offline_pages.ts';
import { representPages } from './choice/represent_pages.ts';
import { sweepTries } from './client/tries.ts';
import type { TokenStatus } from './grant/introspection.ts';
import type { Keyring } from './keys/keys.ts';
import type { Logouts } from './logout/logout.ts';
import { logoutPages } from './logout/pages.ts';
import { sessionPages } from './logout/session_pages.ts';
import type { InteractionSettings } from './provider/interaction.ts';
import { createStatusLists, noteStatus } from './status/lists.ts';
import { statusOperations } from './status/routes.ts';
import { interactionRoutes } from './provider/interactions.ts';
import { oidcOperations } from './provider/operations.ts';
import { sweepState } from './provider/store.ts';
import { userinfoOperations } from './provider/userinfo.ts';

interface Needs extends Wired<InteractionSettings> {
  keyring: Keyring;
  jobAct: NewAct;
  issuer: string;
  statusList: boolean;
  tokens: TokenStatus;
  logouts: Logouts;
  forms: KeptForms;
  render: Render;
  signedIn: SignedIn;
}

const NOTIFY_MILLIS = 1_000;

/** How soon an act is in a status list. */
const STATUS_MILLIS = 1_000;

/** How soon a node signs with keys that another has made. */
const FOLLOW_MILLIS = 5_000;

export const oidcColumn = (needs: Needs): Column => ({
  operations: [
    ...tagged('Tokens', [...oidcOperations(needs.keyring), ...userinfoOperations(needs)]),
    ...tagged('Programs', appOperations()),
    ...(needs.statusList
      ? tagged('Tokens', statusOperations(createStatusLists(needs), needs.issuer))
      : []),
  ],
  pages: [
    logoutPages(needs),
    sessionPages(needs),
    appPages(needs),
    interactionRoutes(needs),
    offlinePages(needs),
    representPages(needs),
  ],
  measures: [
    {
      name: 'tillit_logouts_waiting',
      help: 'Logouts that clients have not taken yet',
      read: async () => [{ value: await countNotices(needs.jobAct().db) }],
    },
    {
      name: 'tillit_signing_key_age_seconds',
      help: 'Seconds since the signing key in use was begun with',
      read: () => [
        { value: (+needs.jobAct().now - +needs.keyring.current('RS256').activeFrom) / 1000 },
      ],
    },
  ],
  jobs: [
    tending('key.rotate', () => needs.keyring.refresh()),
    {
      name: 'key.follow',
      everyMillis: FOLLOW_MILLIS,
      isOfEachNode: true,
      run: needs.keyring.follow,
    },
    tending('oidc_state.sweep', (goesOn) => sweepState(needs.jobAct(), goesOn)),
    tending('client_seen.sweep', (goesOn) => sweepTries(needs.jobAct(), goesOn)),
    // Also while the lists are shut: tokens of later days find the bits that there are then.
    {
      name: 'status.note',
      everyMillis: STATUS_MILLIS,
      run: () => noteStatus(needs.jobAct),
    },
    { name: 'logout.notify', everyMillis: NOTIFY_MILLIS, run: needs.logouts.send },
  ],
});
