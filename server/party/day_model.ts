// Days as a person writes them, in Oslo. Pure.
import { reaches } from './age_model.ts';

/** As people write it, as a phone's number pad gives it, and as ISO 8601 has it. */
const WRITTEN = [
  /^(?<day>\d{1,2})[./ -](?<month>\d{1,2})[./ -](?<year>\d{4})$/,
  /^(?<day>\d{2})(?<month>\d{2})(?<year>\d{4})$/,
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/,
];
function partsOf(written: string) {
  const text = written.trim();
  const found = WRITTEN.map((form) => form.exec(text)?.groups).find(Boolean);
  return found && { day: Number(found.day), month: Number(found.month), year: Number(found.year) };
}
const EARLIEST = 1000;
const FARTHEST = 2200;
const DAY_MILLIS = 86_400_000;

/** The end of a day: midnight in Oslo, when the next begins. */
const endOf = (day: Date): Date =>
  reaches(new Date(day.getTime() + DAY_MILLIS).toISOString().slice(0, 10), 0);

/** The end of the day that is written `31.12.2027`; undefined when there is no such day. */
export function lastDay(written: string): Date | undefined {
  const parts = partsOf(written);
  if (!parts) return undefined;
  const { day, month, year } = parts;
  const date = new Date(Date.UTC(year, month - 1, day));
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  // Two digits of a year are of no century.
  return isThere && year >= EARLIEST && year < FARTHEST ? endOf(date) : undefined;
}

/** The beginning of the day that is written; undefined when there is no such day. */
export function firstInstant(written: string): Date | undefined {
  const last = lastDay(written);
  const isoDay = last && dayOf(new Date(last.getTime() - 1));
  return isoDay ? reaches(isoDay, 0) : undefined;
}

/** The fault of a typed date, as a last day to come. */
export function dayFault(written: string, now: Date): DayFault | undefined {
  const parts = partsOf(written);
  if (!parts) return 'date';
  const last = lastDay(written);
  if (!last) return parts.year < FARTHEST ? 'date_none' : 'date_far';
  return last <= now ? 'date_past' : undefined;
}
export type DayFault = 'date' | 'date_none' | 'date_far' | 'date_past';

const oslo = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short' });

/** The day in Oslo, as `2027-12-31`. */
export const dayOf = (at: Date): string => oslo.format(at);

/** The end of the day so many months from now; of a month's last days, its last. */
export function monthsFrom(now: Date, months: number): Date {
  const [year = 0, month = 1, day = 1] = dayOf(now).split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return endOf(new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))));
}

/** Days of Oslo's calendar from one instant to a later one. */
export const daysBetween = (from: Date, to: Date): number =>
  (Date.parse(dayOf(to)) - Date.parse(dayOf(from))) / DAY_MILLIS;
