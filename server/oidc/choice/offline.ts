// A client that goes on after the login: the person lets it once, and takes it back when they will;
// what rests on a yes ends with it.
import { type Act, inTransaction } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { sha256 } from '../../platform/ids.ts';
import { LANGUAGES, t, type Language } from '../../platform/locale.ts';
import type { RefreshDays } from '../../platform/env/env.ts';
import { deleteStateOfGrants } from '../provider/store.ts';
import { textOf } from '../../platform/as_text.ts';
import { offlineAsked, type OfflineShown } from './offline_model.ts';
import {
  allowOffline,
  endOffline,
  isOfflineAllowed,
  listOffline,
  type OfflineOf,
  type OfflineRow,
} from './offline_store.ts';

/** The question of a client; the days after which it must ask the person again to log in. */
export interface OfflineQuestion {
  client: string;
  days: RefreshDays;
}

/** The question in words, on a page of its own or as a box; as it is kept with a yes. */
export function offlineShown(
  { client, days: { idle, most } }: OfflineQuestion,
  language: Language,
  as: 'title' | 'box' = 'title',
): OfflineShown {
  const keys = [as, 'lead', 'otherwise', 'back'];
  const text = keys.map((key) => t(language, `offline.${key}`, { client, idle, most }));
  return { language, text, version: sha256(JSON.stringify(text)) };
}

/** The words that the person has read, by the form's digest of them; undefined for old ones. */
export const offlineRead = (
  question: OfflineQuestion,
  version: string | undefined,
): OfflineShown | undefined =>
  LANGUAGES.flatMap((language) => [
    offlineShown(question, language),
    offlineShown(question, language, 'box'),
  ]).find((one) => one.version === version);

/** Whether the person is to be asked if the client may go on without them. */
export async function mustAskOffline(
  act: Act,
  params: Record<string, unknown>,
  person: string,
): Promise<boolean> {
  const { asked, anew } = offlineAsked(params);
  const clientId = textOf(params.client_id)!;
  return asked && (anew || !(await isOfflineAllowed(act, { person, clientId })));
}

/** A yes stands until it is taken back; a no takes back what was before. */
export const answerOffline = (
  act: Act,
  whose: OfflineOf,
  isYes: boolean,
  shown: OfflineShown,
): Promise<unknown> =>
  isYes ? allowOffline(act, whose, shown) : inTransaction(act, (inner) => endAll(inner, whose));

/** Whether there was a yes; what rested on it has ended. */
async function endAll(act: Act, whose: OfflineOf): Promise<boolean> {
  const grants = await endOffline(act, whose);
  if (grants?.length) await deleteStateOfGrants(act.db, grants);
  return grants !== undefined;
}

export const offlineOf = (act: Act, person: string): Promise<OfflineRow[]> =>
  listOffline(act, person);

/** TIL-00009 when it is not one of the person's. */
export const takeBackOffline = (act: Act, person: string, id: string): Promise<void> =>
  inTransaction(act, async (inner) => {
    const found = (await listOffline(inner, person)).find((one) => one.id === id);
    if (!found || !(await endAll(inner, { person, clientId: found.clientId })))
      throw fault('TIL-00009');
  });
