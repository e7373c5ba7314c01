// References that a person reads out and looks for: ten characters of Crockford's base 32.
import { createHash } from 'node:crypto';

/** As it is shown: in two groups. */
export const showReference = (all: string): string => `${all.slice(0, 5)}-${all.slice(5)}`;

/** As it may be typed: what looks alike is one; undefined for what is no reference. */
export function readReference(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s–-]/g, '');
  const read = letters.replaceAll('O', '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{10}$/.test(read) ? read : undefined;
}

/** Letters and digits that nobody takes for each other: no 0, 1, I or O. */
export const CLEAR = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** So many of them, as somebody typed them; undefined for what cannot be that. */
export function readClear(typed: string, length: number): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s–-]/g, '');
  const isWhole = letters.length === length && [...letters].every((one) => CLEAR.includes(one));
  return isWhole ? letters : undefined;
}

/** The same of a trace, for a person who asks for help: ten characters made from its id. */
export function traceReference(trace: string): string {
  const digest = createHash('sha256').update(trace).digest();
  const letters = Array.from({ length: 10 }, (_, at) => CLEAR[digest[at]! % CLEAR.length]).join('');
  return showReference(letters);
}
