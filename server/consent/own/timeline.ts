// A picture of when a consent holds and when it was used: percent-based SVG, no script, no style,
// the same facts in words beside it. Pure.
import { formatUntil } from '../until_model.ts';
import { formatDate, formatShortMonth, t, type Language } from '../../platform/locale.ts';
import type { Consent } from '../model.ts';
import { effectiveStatus, isStanding } from '../status_model.ts';
import { displayName, titlesOf } from '../text.ts';

interface Lane {
  id: string;
  name: string;
  what: string;
  period: string;
  uses: string;
  svg: string;
}
export interface Timeline {
  heading: string;
  from: string;
  to: string;
  lanes: Lane[];
}

/** More ticks than this would be a grey block; the number in the table says it better. */
const MOST_TICKS = 30;

/** One lane for each consent that was ever in force, on a common axis. */
export function timeline(consents: Consent[], language: Language, now: Date): Timeline | undefined {
  const given = consents.filter((consent) => consent.approvedAt);
  if (!given.length) return undefined;
  const start = Math.min(...given.map((consent) => consent.approvedAt!.getTime()));
  const end = Math.max(
    now.getTime() + 86_400_000,
    ...given.map((consent) => endOf(consent, now).getTime()),
  );
  const axis = (at: Date | string) =>
    Math.max(0, Math.min(100, ((new Date(at).getTime() - start) / (end - start)) * 96 + 2)).toFixed(
      2,
    );
  const isPoa = given.every(({ template }) => template.isPoa);
  return {
    heading: t(language, `consent.timeline.heading${isPoa ? '_poa' : ''}`),
    from: formatShortMonth(language, new Date(start)),
    to: formatShortMonth(language, new Date(end)),
    lanes: given.map((consent) => lane(consent, language, now, axis)),
  };
}

const endOf = (consent: Consent, now: Date) =>
  consent.withdrawnAt ?? (consent.fallen && now < consent.validTo ? now : consent.validTo);

function lane(
  consent: Consent,
  language: Language,
  now: Date,
  axis: (at: Date | string) => string,
): Lane {
  const uses = consent.events.filter((event) => event.type === 'used').slice(-MOST_TICKS);
  const from = axis(consent.approvedAt!);
  const width = (Number(axis(endOf(consent, now))) - Number(from)).toFixed(2);
  const ticks = uses
    .map(
      (use) => `<line class="ln-use" x1="${axis(use.at)}%" x2="${axis(use.at)}%" y1="2" y2="26"/>`,
    )
    .join('');
  return {
    id: consent.id,
    name: displayName(consent.to),
    what: titlesOf(consent, language),
    period: `${t(language, 'consent.from_date', { date: formatDate(language, consent.approvedAt!) })} ${formatUntil(language, endOf(consent, now))}`,
    uses: usesText(consent, language, now),
    svg:
      '<svg class="lane" width="100%" height="28" focusable="false" aria-hidden="true">' +
      '<line class="ln-base" x1="0" x2="100%" y1="14" y2="14"/>' +
      `<rect class="ln-bar" x="${from}%" width="${Math.max(0.4, Number(width))}%" y="8" height="12" rx="4"/>${ticks}` +
      `<line class="ln-now" x1="${axis(now)}%" x2="${axis(now)}%" y1="0" y2="28"/></svg>`,
  };
}

/** "Used 3 times, last 2 November 2026". */
export function usesText(consent: Consent, language: Language, now: Date): string {
  const goesOn = isStanding(effectiveStatus(consent, now));
  if (!goesOn && consent.uses === 0) return t(language, 'consent.never_used');
  return t(language, 'consent.used', {
    n: consent.uses,
    last: consent.lastUsedAt ? formatDate(language, consent.lastUsedAt) : '',
  });
}
