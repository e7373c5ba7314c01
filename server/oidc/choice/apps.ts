// Programs that act with a person's login: what they were let, and the person who narrows or stops
// it. From then on nothing of that grant is refreshed or found active; a token that was fetched
// already runs out by itself within minutes. A program that the person goes to again, while logged
// in, may begin anew.
import { CONSENT_TYPE } from '../provider/hook_model.ts';
import type { Act } from '../../platform/act.ts';
import { transaction, type Db } from '../../platform/db/db.ts';
import { fault } from '../../platform/errors.ts';
import { listApps, narrowApp, stopApp, type AppRow } from './app_store.ts';

export const appsOf = (act: Act, person: string): Promise<AppRow[]> =>
  listApps(act, person, CONSENT_TYPE);

/** TIL-00009 when it is not one of the person's. */
export async function stop(db: Db, person: string, id: string): Promise<void> {
  if (!(await stopApp(db, person, id))) throw fault('TIL-00009');
}

/** No longer for this party; stopped when it was the last. TIL-00009 when it is not one of them. */
export const narrow = (db: Db, person: string, id: string, party: string): Promise<void> =>
  transaction(db, async (trx) => {
    const left = await narrowApp(trx, { person, id, party });
    if (left === undefined) throw fault('TIL-00009');
    if (left === 0) await stop(trx, person, id);
  });
