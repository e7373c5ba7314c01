// How long something lasts, in words. Pure apart from our locale texts.
import { formatDate, formatDateTime, t, type Language } from '../platform/locale.ts';

const OSLO_MIDNIGHT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

/**
 * "up to and including 20 September 2027" when the last day is whole, else "until" with the time.
 * The end is stored as an exclusive instant.
 */
export function formatUntil(language: Language, validTo: Date): string {
  const end = formatEnd(language, validTo);
  return endsWithDay(validTo)
    ? t(language, 'consent.until_and_including', { date: end })
    : t(language, 'consent.until_time', { time: end });
}

/**
 * The last day, or the instant, without a word before it: `{Expiration}` of a template.
 */
export function formatEnd(language: Language, validTo: Date): string {
  return endsWithDay(validTo)
    ? formatDate(language, new Date(validTo.getTime() - 1))
    : formatDateTime(language, validTo);
}

const endsWithDay = (validTo: Date) => OSLO_MIDNIGHT.format(validTo) === '00:00';

/** "12 months" where it is so to the day, else days. */
export function formatDuration(language: Language, from: Date, to: Date): string {
  const days = Math.max(1, Math.round((to.getTime() - from.getTime()) / 86_400_000));
  const n = Math.round(days / 30.44);
  const whole = new Date(from);
  whole.setUTCMonth(whole.getUTCMonth() + n);
  // A last day is whole, and a first one seldom.
  const isWhole = Math.abs(whole.getTime() - to.getTime()) <= 1.5 * 86_400_000;
  return days > 60 && isWhole
    ? t(language, 'consent.months', { n })
    : t(language, 'consent.days', { n: days });
}
