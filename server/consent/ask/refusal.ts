// After a no: for how long the same client may not ask the same again, and the person who lets it.
import type { Deciding } from '../../decision/act.ts';
import type { Consent } from '../model.ts';
import { problem } from '../problems.ts';
import {
  findRefusal,
  findReplaceRefusal,
  openRefusal,
  type AskersQuestion,
  type Refusal,
} from './refusal_store.ts';
import { mustBeRead, seenBy, type Answerer } from '../basis/standing.ts';
import { findConsent } from '../find.ts';

const DAY_MILLIS = 86_400_000;
/** Days after a no in which nobody asks to replace or renew the same. */
const REPLACE_QUIET_DAYS = 30;

/** Days after a no, by the way a request comes in; 0 is none. */
export interface QuietDays {
  /** Born in an authorization (RFC 9396), where a browser is sent to the person. */
  oauth: number;
  /** Through the enterprise door, where no page comes up by itself. */
  enterprise: number;
}

/** TIL-00044 while a no to the same asker for the same purpose stands, with it and its end. */
export async function mustMayAsk(
  act: Deciding,
  wanted: AskersQuestion,
  days: number,
): Promise<void> {
  if (days) mustBeOver(await findRefusal(act.db, wanted, daysBefore(act.now, days)), days);
}

/** TIL-00044 while a no to replacing or renewing a consent stands, by whatever door. */
export const mustMayReplace = async (act: Deciding, id: string): Promise<void> =>
  mustBeOver(
    await findReplaceRefusal(act.db, id, daysBefore(act.now, REPLACE_QUIET_DAYS)),
    REPLACE_QUIET_DAYS,
  );

function mustBeOver(refusal: Refusal | undefined, days: number): void {
  if (!refusal) return;
  throw problem('TIL-00044', {
    members: { requestId: refusal.id, until: quietUntil(refusal.at, days).toISOString() },
  });
}

export const daysBefore = (at: Date, days: number): Date =>
  new Date(at.getTime() - days * DAY_MILLIS);

const quietUntil = (rejectedAt: Date, days: number): Date =>
  new Date(rejectedAt.getTime() + days * DAY_MILLIS);

/** Until when this one keeps the same from being asked; null when it keeps nothing. */
export function quietOf(consent: Consent, days: QuietDays, now: Date): Date | null {
  const { state, rejectedAt, mayAskAgain, clientId, veiled, replaces } = consent;
  if (state !== 'rejected' || !rejectedAt || mayAskAgain || veiled) return null;
  const own = clientId === null ? days.enterprise : days.oauth;
  const until = quietUntil(rejectedAt, replaces ? Math.max(own, REPLACE_QUIET_DAYS) : own);
  return until > now ? until : null;
}

/**
 * Lets the same be asked again: by whoever may see the whole of it. AM-00000, AM-00001; AM-00002 of
 * one that was not answered with a no; 401 where it is read at a stronger login.
 */
export async function letAskAgain(act: Deciding, id: string, reader: Answerer): Promise<Consent> {
  const consent = await findConsent(act, id);
  if (!consent) throw problem('AM-00001');
  const seen = await seenBy(act, consent, reader);
  // A caller who sees nothing of it gets the answer for one that does not exist.
  if (!seen) throw problem('AM-00001');
  mustBeRead(seen.consent);
  if (!seen.isWhole) throw problem('AM-00000');
  if (consent.state !== 'rejected') throw problem('AM-00002');
  await openRefusal(act.db, id);
  return (await findConsent(act, id))!;
}
