// The server's own work, a lot at a time: stores consents that fell, notifies of coming ends,
// renews its keys and sweeps expired rows.
import type { Act } from './platform/act.ts';
import { fallRequests } from './access_request/fall.ts';
import { sweepSessions } from './caller/store.ts';
import { storeWhatFell } from './consent/basis/fall.ts';
import { sweepDecisions } from './decision/log/store.ts';
import { sweepSearches } from './decision/search/log_store.ts';
import { tellWhatEnds } from './notice_due/due.ts';
import type { Keyring } from './oidc/keys/keys.ts';
import { sweepState } from './oidc/provider/store.ts';
import { sweepTries } from './oidc/client/tries.ts';
import type { Env } from './platform/env/env.ts';
import { uuidv7Floor } from './platform/ids.ts';
import { sweepLimits } from './platform/http/limits_store.ts';

const DAY_MILLIS = 86_400_000;

export async function tend(act: Act, keyring: Keyring, { decisionLogDays }: Env): Promise<void> {
  const { now } = act;
  await storeWhatFell(act);
  await fallRequests(act);
  await tellWhatEnds(act);
  await keyring.refresh();
  await sweepSessions(act);
  await sweepState(act);
  await sweepLimits(act);
  await sweepTries(act);
  const oldest = uuidv7Floor(new Date(now.getTime() - decisionLogDays * DAY_MILLIS));
  await sweepDecisions(act.db, oldest);
  await sweepSearches(act.db, oldest);
}
