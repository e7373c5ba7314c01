// Reads variables by kind. It knows no variable, and reports a fault under the name of its own.
import { asText } from '../as_text.ts';
import type { Report } from './lists.ts';

export type Variables = Record<string, string | undefined>;
export type SettingsReader = ReturnType<typeof reader>;

/** Reports a value that has not its form, and takes the default instead. */
export function reader(source: Variables, fault: Report) {
  const text = (name: string, fallback = '') => source[name]?.trim() || fallback;
  return {
    text,
    whole(name: string, fallback: number, min: number, max: number) {
      const raw = text(name);
      if (!raw) return fallback;
      const value = Number(raw);
      if (Number.isInteger(value) && value >= min && value <= max) return value;
      fault(name, `must be a whole number from ${min} to ${max}, not ${JSON.stringify(raw)}`);
      return fallback;
    },
    flag(name: string, fallback: boolean) {
      const raw = text(name, asText(fallback));
      if (raw !== 'true' && raw !== 'false')
        fault(name, `must be true or false, not ${JSON.stringify(raw)}`);
      return raw === 'true';
    },
    list: (name: string, fallback = '') =>
      text(name, fallback)
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
  };
}
