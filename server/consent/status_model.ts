// The status of a consent now: the stored state, or what time, use or its basis has made of it.
// Pure.
import type { Consent } from './model.ts';
import { isUsedUp } from './uses_model.ts';

/** The status now: the stored state, or what time or use has made of it. */
export type EffectiveStatus =
  | 'Created'
  | 'Awaiting'
  | 'Accepted'
  | 'Rejected'
  | 'Revoked'
  | 'Deleted'
  | 'Expired'
  | 'UsedUp'
  | 'Suspended';

/** Whether it waits for an answer, or for the answers of others. */
export const isOpenStatus = (status: EffectiveStatus): boolean =>
  status === 'Created' || status === 'Awaiting';

/** Whether it was given and is not over, though it may be suspended. */
export const isStanding = (status: EffectiveStatus): boolean =>
  status === 'Accepted' || status === 'Suspended';

export function effectiveStatus(
  consent: Pick<
    Consent,
    'state' | 'validTo' | 'oneTime' | 'useLimit' | 'uses' | 'fallen' | 'suspended' | 'awaiting'
  >,
  now: Date,
): EffectiveStatus {
  if (consent.state === 'rejected') return 'Rejected';
  if (consent.state === 'withdrawn') return 'Revoked';
  if (consent.state === 'deleted') return 'Deleted';
  if (consent.validTo <= now) return 'Expired';
  if (consent.state === 'requested') {
    if (consent.fallen === 'pair_ended') return 'Revoked';
    return consent.awaiting ? 'Awaiting' : 'Created';
  }
  if (isUsedUp(consent)) return 'UsedUp';
  if (consent.fallen) return 'Revoked';
  return consent.suspended ? 'Suspended' : 'Accepted';
}

/** Expired, derived: `validTo` has passed and neither a no nor a withdrawal came before it. */
export function hasExpired(
  consent: Pick<Consent, 'validTo' | 'rejectedAt' | 'withdrawnAt'>,
  now: Date,
): boolean {
  const ended = consent.rejectedAt ?? consent.withdrawnAt;
  return consent.validTo <= now && (ended === null || ended >= consent.validTo);
}
