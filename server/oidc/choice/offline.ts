// A client that goes on after the login: the person lets it once, and takes it back when they will;
// what rests on a yes ends with it.
import { type Act, inTransaction } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid, sha256 } from '../../platform/ids.ts';
import { LANGUAGES, t, type Language } from '../../platform/locale.ts';
import type { RefreshDays } from '../../platform/env/env.ts';
import { deleteStateOfGrants } from '../provider/store.ts';
import { textOf } from '../../platform/as_text.ts';
import { offlineAsked, type OfflineShown } from './offline_model.ts';
import {
  allowOffline,
  endOffline,
  isOfflineAllowed,
  type OfflineEnded,
  type OfflineOf,
} from './offline_store.ts';

/** The question of a client; the days after which it must ask the person again to log in. */
export interface OfflineQuestion {
  client: string;
  days: RefreshDays;
  /** Whether the person has said yes before. */
  isAgain: boolean;
}

type Asking = 'title' | 'box';

/** The question in words, on a page of its own or as a box; as it is kept with a yes. */
export function offlineShown(
  { client, days: { idle, most }, isAgain }: OfflineQuestion,
  language: Language,
  as: Asking = 'title',
): OfflineShown {
  const keys = [as, 'lead', 'otherwise', ...(isAgain ? [`again_${as}`] : []), 'back'];
  const text = keys.map((key) => t(language, `offline.${key}`, { client, idle, most }));
  return { language, text, version: sha256(JSON.stringify(text)) };
}

/** The words that the person has read, by the form's digest of them; undefined for old ones. */
export function offlineRead(
  question: Omit<OfflineQuestion, 'isAgain'>,
  version: string | undefined,
): (OfflineShown & { isAgain: boolean }) | undefined {
  for (const language of LANGUAGES)
    for (const as of ['title', 'box'] as const)
      for (const isAgain of [false, true]) {
        const shown = offlineShown({ ...question, isAgain }, language, as);
        if (shown.version === version) return { ...shown, isAgain };
      }
  return undefined;
}

/**
 * Whether the person is to be asked if the client may go on without them, for the first time or
 * again; undefined where it is not asked, or let already.
 */
export async function mustAskOffline(
  act: Act,
  params: Record<string, unknown>,
  person: string,
): Promise<{ isAgain: boolean } | undefined> {
  const { asked, anew } = offlineAsked(params);
  if (!asked) return undefined;
  const isAgain = await isOfflineAllowed(act, whoseOf(params, person));
  return !isAgain || anew ? { isAgain } : undefined;
}

/** Whether a request asks for it, and the person's yes to its client stands. */
export const isOfflineLet = async (
  act: Act,
  params: Record<string, unknown>,
  person: string,
): Promise<boolean> =>
  offlineAsked(params).asked && (await isOfflineAllowed(act, whoseOf(params, person)));

const whoseOf = (params: Record<string, unknown>, person: string): OfflineOf => ({
  person,
  clientId: textOf(params.client_id)!,
});

/** Keeps a yes, which stands until it is taken back. */
export const letOffline = (
  act: Act,
  whose: OfflineOf,
  { language, text, version }: OfflineShown,
): Promise<void> => allowOffline(act, whose, { language, text, version });

/** Takes back what was said before, where the person says no to it. */
export const refuseOffline = (act: Act, { person, clientId }: OfflineOf): Promise<unknown> =>
  endAll(act, { person, clientId, id: null });

/** TIL-00009 when it is not one of the person's. */
export async function takeBackOffline(act: Act, person: string, id: string): Promise<void> {
  if (!isUuid(id) || !(await endAll(act, { person, clientId: null, id }))) throw fault('TIL-00009');
}

/** Whether there was a yes; what rested on it has ended. */
const endAll = (act: Act, which: OfflineEnded): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    const grants = await endOffline(inner, which);
    if (grants?.length) await deleteStateOfGrants(inner.db, grants);
    return grants !== undefined;
  });
