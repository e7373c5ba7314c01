// The history of a consent, in words. It decides nothing.
import { formatDateTime, t, type Language } from '../../platform/locale.ts';
import type { Consent, ConsentEvent } from '../model.ts';
import { hasExpired } from '../status_model.ts';
import { displayName } from '../text.ts';

export interface Happened {
  /** Ids are in the order of time. */
  id: string;
  at: string;
  text: string;
}

/** One event in words; an expiry reads differently when there was no answer. */
export function happenedTo(
  consent: Consent,
  {
    id,
    type,
    at,
    reason,
    beyond,
    support,
  }: Pick<ConsentEvent, 'id' | 'type' | 'at' | 'reason' | 'beyond' | 'support'>,
  language: Language,
): Happened {
  const to = displayName(consent.to);
  const from = displayName(consent.from);
  const by = consent.answeredBy ? displayName(consent.answeredBy) : from;
  const poa = consent.template.isPoa ? '_poa' : '';
  const isUnanswered = type === 'expired' && consent.state !== 'approved';
  const done = support ? `${type}_by_support` : type;
  const kind = isUnanswered ? 'unanswered' : beyond ? 'fetched_beyond' : done;
  return {
    id,
    at: formatDateTime(language, new Date(at)),
    text: reason
      ? t(language, `consent.fallen.${reason}`, { to, from })
      : t(language, `consent.event.${kind}${poa}`, { to, from, by }),
  };
}

/** Every event, newest first, with the rejected and the asked ones too. */
export function history(consent: Consent, language: Language, now: Date): Happened[] {
  const { expiryEventId: id, validTo } = consent;
  const expiry = { id, type: 'expired', at: validTo.toISOString(), reason: null } as const;
  return [...consent.events, ...(hasExpired(consent, now) ? [expiry] : [])]
    .map((event) => happenedTo(consent, event, language))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
}
