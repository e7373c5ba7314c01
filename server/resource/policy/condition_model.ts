// Whether the conditions of a rule hold, by what is asked and stored: values compare by their type,
// and what cannot be compared is not known. Pure.
import { createEffort, isFound, type Effort } from './pattern_model.ts';
import type { Attributes, Condition, SubjectMatch, GivenValue } from './model.ts';
import { canonical, type ValueType } from './value_model.ts';

/** Own members only: a name such as `constructor` is nobody's attribute. */
const ofName = (
  attributes: Record<string, GivenValue[]> | undefined,
  name: string,
  type: ValueType,
) =>
  attributes && Object.hasOwn(attributes, name)
    ? attributes[name]!.flatMap((told) =>
        typeof told === 'string' ? told : told.type === type ? told.value : [],
      )
    : [];

/**
 * Whether the conditions hold: true, false, or undefined when a required attribute is missing or a
 * pattern cannot decide.
 */
export function conditionsHold(
  conditions: Condition[],
  attributes: Attributes,
  effort: Effort = createEffort(),
): boolean | undefined {
  let unknown = false;
  for (const condition of conditions) {
    const { category, name, type = 'string' } = condition;
    const given = ofName(attributes[category], name, type);
    if (!given.length) {
      if (!condition.mustBePresent) return false;
      unknown = true;
      continue;
    }
    const found = anyFits(condition, given, effort);
    if (found === false) return false;
    if (found === undefined) unknown = true;
  }
  return unknown ? undefined : true;
}

/** Undefined when one that was given cannot be compared, and no other fits. */
function anyFits(
  { match, values, type = 'string' }: Pick<Condition, 'match' | 'values' | 'type'>,
  given: string[],
  effort: Effort,
): boolean | undefined {
  let unknown = false;
  for (const one of given)
    for (const value of values) {
      const found = isSame({ match, type, value }, one, effort);
      if (found) return true;
      if (found === undefined) unknown = true;
    }
  return unknown ? undefined : false;
}

/**
 * Whether the asker gives the attribute that a subject must have: undefined when it must be given
 * and is not, or what is given cannot be compared.
 */
export function isTold(
  { value: wanted, type = 'string', mustBePresent }: SubjectMatch,
  told: Record<string, GivenValue[]>,
): boolean | undefined {
  const name = wanted.slice(0, wanted.indexOf('='));
  const given = ofName(told, name, type);
  if (!given.length) return mustBePresent ? undefined : false;
  const value = wanted.slice(name.length + 1);
  return anyFits({ match: 'equal', values: [value], type }, given, createEffort());
}

function isSame(
  { match, type, value }: { match: Condition['match']; type: ValueType; value: string },
  told: string,
  effort: Effort,
): boolean | undefined {
  const [wanted, given] = [canonical(type, value), canonical(type, told)];
  if (wanted === undefined || given === undefined) return undefined;
  switch (match) {
    case 'equal':
      return wanted === given;
    case 'equal_ignore_case':
      return wanted.toLowerCase() === given.toLowerCase();
    case 'regexp':
      return isFound(value, given, effort);
  }
}
