// Finds parts of a policy that can never be of use, by name, before it is published: what a kind of
// resource needs, subjects that no party can be, and the word that was meant. Pure.
import { isUuid } from '../../platform/ids.ts';
import type { Catalogue } from '../catalogue/model.ts';
import type { ResourceContent } from '../model.ts';
import { covers, type Policy, type Rule, type RulePlace, type SubjectMatch } from './model.ts';

const KINDS = ['person', 'organization', 'subunit', 'system_user', 'self_identified'];

/** Words that are written for others. */
const MEANT: Record<string, string> = {
  person: 'privatperson',
  self: 'privatperson',
  citizen: 'privatperson',
  innbygger: 'privatperson',
  all: 'anyone',
  any: 'anyone',
  alle: 'anyone',
  everyone: 'anyone',
  everybody: 'anyone',
  org: 'organization',
  organisation: 'organization',
  company: 'organization',
  virksomhet: 'organization',
  key_role: 'keyrole',
  'key-role': 'keyrole',
  parent: 'foreldreansvar',
  forelder: 'foreldreansvar',
};

/** A fault for a subject that is no role, with the word that is right where there is one. */
export function unknownRole(word: string, catalogue: Catalogue): string {
  const lower = word.toLowerCase();
  const named = [...catalogue.roles.values()].find(({ name }) =>
    Object.values(name).some((text) => text.toLowerCase() === lower),
  );
  const meant = (Object.hasOwn(MEANT, lower) ? MEANT[lower] : undefined) ?? named?.code;
  return `the role ${word} is not known${meant ? `; say ${meant}` : ''}`;
}

/** Everything of a policy that can never work for a resource of this type. */
export function senseless(policy: Policy, type: string, catalogue: Catalogue): string[] {
  const faults = type === 'Consent' && policy.rules.length ? lacksOfConsent(policy) : [];
  const must = policy.rules.find(({ when }) => when.some(({ mustBePresent }) => mustBePresent));
  if (policy.combining === 'first-applicable' && must)
    faults.push(`rule ${must.id}: mustBePresent with first-applicable is not supported`);
  for (const rule of policy.rules)
    for (const why of rule.together || rule.asCompanySigns
      ? togetherFaults(rule, policy, type)
      : [])
      faults.push(`rule ${rule.id}: ${why}`);
  for (const { id, subjects } of policy.rules)
    for (const all of subjects) {
      const why = all.map(impossible).find(Boolean) ?? contradiction(all, catalogue);
      if (why) faults.push(`rule ${id}: ${why}`);
    }
  return [...new Set(faults)];
}

/** Subjects that the catalogue lets this owner not name, each by its name. */
export function foreignNames(
  { rules }: Policy,
  ownerNo: string,
  catalogue: Catalogue,
  together: RulePlace[] = [],
): string[] {
  const named = [
    ...rules.flatMap(({ id, subjects }) =>
      subjects.flat().map((one): [string, SubjectMatch] => [`rule ${id}`, one]),
    ),
    ...together.flatMap(({ subjects }) =>
      subjects.map((one): [string, SubjectMatch] => ['together', one]),
    ),
  ];
  const faults = named
    .filter(([, one]) => !catalogue.mayName(one, ownerNo))
    .map(
      ([where, { kind, value }]) =>
        `${where}: the ${kind} ${value} is not for this owner to name; the operator says who may`,
    );
  return [...new Set(faults)];
}

/** Nobody could ask, or nobody answer. */
const lacksOfConsent = ({ rules }: Policy): string[] =>
  ['consent', 'requestconsent']
    .filter((action) => !rules.some((rule) => rule.effect === 'permit' && covers(rule, action)))
    .map(
      (action) =>
        `a consent resource needs a rule for the action ${action}: who may ${action === 'consent' ? 'give' : 'ask for'} consent`,
    );

/**
 * A text that says «du» to a person whom another may answer for: a rule for consent lets in both
 * the person and somebody else, and the owner has no words for the other.
 */
export function lacksWordsFor(
  { rules }: Policy,
  { consentText, consentTextAbout }: Pick<ResourceContent, 'consentText' | 'consentTextAbout'>,
  catalogue: Catalogue,
): string[] {
  if (!consentText || consentTextAbout) return [];
  const answerers = rules
    .filter((rule) => rule.effect === 'permit' && covers(rule, 'consent'))
    .flatMap(({ subjects }) => subjects.flat());
  const isOthers = ({ kind, value }: SubjectMatch) =>
    (kind === 'role' && catalogue.roles.get(value)?.givenBy === 'person') ||
    (kind === 'package' && catalogue.packages.get(value)?.forKind === 'person');
  return answerers.some(({ kind }) => kind === 'self') && answerers.some(isOthers)
    ? [
        'consentTextAbout is missing: a person may answer, and another for them, to whom «du» is said of the person',
      ]
    : [];
}

/** Combinations in which a rule that lets somebody in does so whatever stands beside it. */
const PERMITTING = ['deny-overrides', 'permit-overrides', 'deny-unless-permit'];
/** Subjects whose holders a register lists, so that all of them can be asked. */
const OFFICES: SubjectMatch['kind'][] = ['role', 'key_role'];

/** Why these are no places by which several give a power of attorney. */
export function placesFaults(places: RulePlace[], catalogue: Catalogue): string[] {
  const subjects = places.flatMap((place) => place.subjects);
  const wrong = subjects.find(({ kind }) => !isOffice(kind));
  const persons = subjects.find(({ value }) => catalogue.roles.get(value)?.givenBy === 'person');
  return [
    ...(wrong ? [`names roles and key roles, not ${wrong.kind}`] : []),
    ...(persons ? [`names offices of organizations, and ${persons.value} is of persons`] : []),
    ...(peopleOf(places) > 1 ? [] : ['is of two persons or more']),
  ];
}

const isOffice = (kind: SubjectMatch['kind']) => OFFICES.includes(kind);
/** So many persons fill the places at least; of all who hold an office there may be several. */
const peopleOf = (places: RulePlace[]): number =>
  places.reduce((sum, { count }) => sum + (count === 'all' ? 2 : count), 0);

/** Why a rule can't be met by several. */
function togetherFaults(
  { effect, actions, together = [], asCompanySigns }: Rule,
  { combining }: Policy,
  type: string,
): string[] {
  const named = together.flatMap((place) => place.subjects.map((one) => ({ ...one, of: place })));
  const wrong = named.find(({ kind }) => !isOffice(kind) && kind !== 'package');
  const unlisted = named.find(({ kind, of }) => of.count === 'all' && !isOffice(kind));
  return [
    ...(type === 'Consent' && effect === 'permit' && actions.join() === 'consent'
      ? []
      : ['together is for a rule that permits the action consent alone, of a consent resource']),
    ...(PERMITTING.includes(combining) ? [] : [`together with ${combining} is not supported`]),
    ...(wrong ? [`together names roles, key roles and packages, not ${wrong.kind}`] : []),
    ...(unlisted ? ['all is of roles and key roles'] : []),
    ...(asCompanySigns || peopleOf(together) > 1 ? [] : ['together is of two persons or more']),
    ...(together.length
      ? []
      : ['asCompanySigns needs together, for a giver without signing rules']),
  ];
}

function impossible({ kind, value }: SubjectMatch): string | undefined {
  if (kind === 'party_type' && !KINDS.includes(value))
    return `no party is of the type ${value}; there are ${KINDS.join(', ')}`;
  if (kind === 'organization' && value !== '' && !/^\d{9}$/.test(value))
    return `${value} is no organization number`;
  if (kind === 'party' && !isUuid(value)) return `${value} is no party's UUID`;
  return undefined;
}

/** No one party is both: a subject of a person, and one of an organisation. */
function contradiction(all: SubjectMatch[], catalogue: Catalogue): string | undefined {
  const sides = new Map<string, string>();
  for (const { kind, value } of all) {
    const side =
      kind === 'self'
        ? 'person'
        : kind === 'key_role'
          ? 'organization'
          : kind === 'role'
            ? catalogue.roles.get(value)?.givenBy
            : kind === 'package'
              ? catalogue.packages.get(value)?.forKind
              : undefined;
    if (side) sides.set(side, kind === 'self' ? 'privatperson' : value || 'keyrole');
  }
  return sides.size > 1
    ? `nobody is ${[...sides.values()].join(' and ')} for one party: the one is of persons, the other of organizations`
    : undefined;
}
