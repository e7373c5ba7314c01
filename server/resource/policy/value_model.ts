// Values of attributes by their type (XACML 3.0 appendix A.2; XML Schema part 2): two are equal
// when they are the same value, however each is written. Pure.

import { asText } from '../../platform/as_text.ts';
export const VALUE_TYPES = ['string', 'integer', 'boolean', 'date', 'dateTime', 'anyURI'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** Stands for what was given and is no value that anything could be compared with. */
export const INCOMPARABLE = '\u0000';

const ZONE = '(?:Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)';
const DATE = new RegExp(`^(\\d{4}-\\d{2}-\\d{2})(${ZONE})?$`);
const DATE_TIME = new RegExp(
  `^(\\d{4}-\\d{2}-\\d{2})T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?${ZONE}$`,
);
const LONGEST_INTEGER = 100;

const isDay = (day: string) => {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
};

/** The value in the one way to write it; undefined for a text that is no value of the type. */
export function canonical(type: ValueType, text: string): string | undefined {
  if (text === INCOMPARABLE) return undefined;
  if (type === 'string') return text;
  const trimmed = text.trim();
  switch (type) {
    case 'anyURI':
      return trimmed;
    case 'integer':
      return trimmed.length <= LONGEST_INTEGER && /^[+-]?\d+$/.test(trimmed)
        ? asText(BigInt(trimmed.replace(/^\+/, '')))
        : undefined;
    case 'boolean':
      if (trimmed === 'true' || trimmed === '1') return 'true';
      return trimmed === 'false' || trimmed === '0' ? 'false' : undefined;
    case 'date': {
      const [, day, zone = ''] = DATE.exec(trimmed) ?? [];
      return day && isDay(day) ? day + zone.replace(/^[+-]00:00$/, 'Z') : undefined;
    }
    // An instant without its zone is not one.
    case 'dateTime': {
      const [, day] = DATE_TIME.exec(trimmed) ?? [];
      const at = new Date(trimmed);
      return day && isDay(day) && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
    }
  }
}
