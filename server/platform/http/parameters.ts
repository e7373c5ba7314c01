// Parameters of an address or a form, counted before anything reads them and read once. It knows
// no names.
import { fault } from '../errors.ts';

/** A browser's address; the longest of ours has fewer than twenty. */
export const MOST_IN_ADDRESS = 100;
/** A form: the largest of ours is a page of boxes. */
const MOST_IN_FORM = 1_000;

const AMPERSAND = '&'.charCodeAt(0);

/** Whether a query (application/x-www-form-urlencoded, without `?`) has more parameters than so. */
export function hasMoreThan(most: number, text: string | Uint8Array): boolean {
  let count = 1;
  for (let at = 0; at < text.length; at += 1) {
    const sign = typeof text === 'string' ? text.charCodeAt(at) : text[at];
    if (sign === AMPERSAND && (count += 1) > most) return true;
  }
  return false;
}

/** The parameters of a form's body; TIL-00045 for more than a thousand. */
export function formParameters(bytes: Buffer): URLSearchParams {
  if (hasMoreThan(MOST_IN_FORM, bytes)) throw fault('TIL-00045');
  return new URLSearchParams(bytes.toString('utf8'));
}

/** Each name with all its values, in one go; asking for each anew takes the square of them. */
export function valuesOf(parameters: URLSearchParams): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of parameters) {
    const given = values.get(name);
    if (given) given.push(value);
    else values.set(name, [value]);
  }
  return values;
}

/** As koa's `ctx.query` has them: one value as it is, several as a list. */
export const queryOf = (parameters: URLSearchParams): Record<string, string | string[]> =>
  Object.fromEntries(
    [...valuesOf(parameters)].map(([name, values]) => [
      name,
      values.length === 1 ? values[0]! : values,
    ]),
  );
