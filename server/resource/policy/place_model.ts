// Places that several fill together, as text: an obligation of XACML has them so. Pure.
import { isDeepStrictEqual } from 'node:util';
import { parseSubject, type Rule, type RulePlace, type SubjectMatch } from './model.ts';

/** The obligation of XACML by which a rule is met by several together. */
export const TOGETHER = 'urn:tillit:obligation:together';
/** The same obligation's first value where those who sign for a company fill the places. */
const AS_COMPANY_SIGNS = 'as the company signs, or else';
const MOST_PLACES = 4;
/** Persons of one place at most. */
const MOST_OF_PLACE = 10;
const PLACE = /^(all|\d{1,2}) of (\S{1,300}(?: \S{1,300}){0,49})$/;

/** A place as text, `2 of role:medl keyrole`; as an obligation of XACML has it. */
const placeText = ({ subjects, count }: RulePlace): string =>
  `${count} of ${subjects.map(({ kind, value }) => (kind === 'key_role' ? 'keyrole' : `${kind}:${value}`)).join(' ')}`;

/** The part of a rule that says who meets it together. */
export type Joint = Required<Pick<Rule, 'together'>> & Pick<Rule, 'asCompanySigns'>;

/** The values of the obligation. */
export const jointTexts = ({ together, asCompanySigns }: Joint): string[] => [
  ...(asCompanySigns ? [AS_COMPANY_SIGNS] : []),
  ...together.map(placeText),
];

/** The same, read; undefined for what is none. */
export function parseJoint(texts: string[]): Joint | undefined {
  const asCompanySigns = texts[0] === AS_COMPANY_SIGNS;
  const together = parsePlaces(asCompanySigns ? texts.slice(1) : texts);
  return together && { together, ...(asCompanySigns ? { asCompanySigns } : {}) };
}

/** The places as they were written; undefined for what is none. */
function parsePlaces(texts: string[]): RulePlace[] | undefined {
  const places = texts.flatMap((text): RulePlace[] => {
    const [, count, names] = PLACE.exec(text) ?? [];
    if (!names || (count !== 'all' && !(Number(count) >= 1 && Number(count) <= MOST_OF_PLACE)))
      return [];
    return [
      {
        subjects: names.split(' ').map(parseSubject),
        count: count === 'all' ? 'all' : Number(count),
      },
    ];
  });
  return texts.length && texts.length <= MOST_PLACES && places.length === texts.length
    ? places
    : undefined;
}

/** The subjects of a rule with places: the rule lets in each person who may fill one. */
export const subjectsOf = (places: RulePlace[]): SubjectMatch[][] =>
  places.flatMap(({ subjects }) => subjects.map((one) => [one]));

/** Whether subjects are those of the places, with key roles by their names, as XACML has them. */
export function isAsPlaces(
  subjects: SubjectMatch[][],
  places: RulePlace[],
  keyRoles: string[],
): boolean {
  const spelt = (all: SubjectMatch[][]) =>
    new Set(
      all.flatMap((each) =>
        each.length === 1 && each[0]!.kind === 'key_role'
          ? keyRoles.map((code) => `role ${code}`)
          : each.map(({ kind, value }) => `${kind} ${value}`).join('\n'),
      ),
    );
  return isDeepStrictEqual(spelt(subjects), spelt(subjectsOf(places)));
}
