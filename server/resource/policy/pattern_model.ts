// Patterns that a policy's conditions match values with: RE2's syntax, matched in time that grows
// with the text alone, whatever the pattern. What needs more (references back, looking around) is
// not one of ours. It remembers what it has compiled.
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

const LONGEST_PATTERN = 200;
/** Instructions that a pattern may become: `(a{30}){30}` is short to write. */
const LARGEST_PROGRAM = 500;
const LONGEST_TEXT = 500;

const compiled = new LRUCache<string, { pattern: RE2JS } | { fault: string }>({ max: 2_000 });

function compile(text: string): { pattern: RE2JS } | { fault: string } {
  const known = compiled.get(text);
  if (known) return known;
  const made = compileAnew(text);
  compiled.set(text, made);
  return made;
}

function compileAnew(text: string): { pattern: RE2JS } | { fault: string } {
  if (text.length > LONGEST_PATTERN)
    return { fault: `is longer than ${LONGEST_PATTERN} characters` };
  try {
    const pattern = RE2JS.compile(text);
    return pattern.programSize() > LARGEST_PROGRAM ? { fault: 'repeats too much' } : { pattern };
  } catch (error) {
    return {
      fault: `is not a regular expression of RE2's syntax (${(error as Error).message.replace('error parsing regexp: ', '').slice(0, 100)})`,
    };
  }
}

/** Why a pattern is not taken in; undefined for one that is. */
export function patternFault(text: string): string | undefined {
  const made = compile(text);
  return 'fault' in made ? made.fault : undefined;
}

/** The steps that one decision may still spend on patterns. */
export interface Effort {
  steps: number;
}

/** Enough for hundreds of ordinary matches, and some ten milliseconds of the worst. */
export const createEffort = (): Effort => ({ steps: 500_000 });

/**
 * Whether the pattern is found in the text; undefined when that cannot be decided: not a pattern of
 * ours, or too much to try.
 */
export function isFound(text: string, given: string, effort: Effort): boolean | undefined {
  const made = compile(text);
  if ('fault' in made || given.length > LONGEST_TEXT) return undefined;
  effort.steps -= made.pattern.programSize() * (given.length + 1);
  return effort.steps < 0 ? undefined : made.pattern.test(given);
}
