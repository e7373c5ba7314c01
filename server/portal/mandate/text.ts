// A mandate in words: what it lets somebody do, on what it rests, how it stands. It decides
// nothing.
import { formatUntil } from '../../consent/until_model.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { statusOf, type Lack, type MandateStatus } from '../../mandate/model.ts';
import { displayName } from '../../consent/text.ts';
import {
  formatDate,
  formatList,
  hasText,
  pick,
  t,
  type Language,
  type Translated,
} from '../../platform/locale.ts';
import { daysBetween } from '../../party/day_model.ts';
import { showReference } from '../../platform/reference.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { ResourceRow } from '../../resource/store.ts';

/** The facts that words are made of. */
export interface MandateWords {
  language: Language;
  catalogue: Catalogue;
  resources: Map<string, ResourceRow>;
  now: Date;
}

/** Design rule R33: a word and a colour, never colour alone. */
const COLOR: Record<MandateStatus, string> = {
  active: 'success',
  sent: 'info',
  upcoming: 'info',
  suspended: 'warning',
  expired: 'neutral',
  ended: 'neutral',
  inactive: 'warning',
};

/** The thing that somebody may do or asks for: one of the three. */
export type MandateSubject = Pick<MandateRow, 'role' | 'package' | 'resource'>;

/** Its name: a package, a role, or a service with what may be done there. */
export function mandateName(
  mandate: MandateSubject,
  { language, catalogue, resources }: MandateWords,
): string {
  const { role, package: code, resource } = mandate;
  const [texts, fallback] =
    code !== null
      ? [catalogue.packages.get(code)?.name, code]
      : role !== null
        ? [catalogue.roles.get(role)?.name, role]
        : [resources.get(resource!)?.content.title, resource!];
  return pick(texts, language)?.text ?? fallback;
}

/** A sentence or two about what it lets somebody do. */
export function aboutOf(mandate: MandateSubject, telling: MandateWords): string | undefined {
  const { language, catalogue, resources } = telling;
  const { package: code, resource } = mandate;
  const texts =
    code !== null
      ? catalogue.packages.get(code)?.description
      : resources.get(resource ?? '')?.content.rightDescription;
  return pick(texts, language)?.text;
}

/** The most packages of a role that a page names one by one. */
const MOST_NAMED = 8;

/**
 * The packages that a role carries for a giver of this organisation form, by name; how many, and
 * their areas, where they are many.
 */
function carriedBy(
  role: string,
  unitType: string | null,
  { language, catalogue }: MandateWords,
): string | undefined {
  const carried = catalogue
    .accessOf(role, unitType)
    .flatMap((code) => catalogue.packages.get(code) ?? []);
  if (!carried.length) return undefined;
  const inWords = (names: Translated[]) =>
    names
      .map((name) => pick(name, language)?.text ?? '')
      .sort(new Intl.Collator(language).compare)
      .join('; ');
  if (carried.length <= MOST_NAMED) return inWords(carried.map(({ name }) => name));
  const areas = new Set(carried.flatMap(({ area }) => catalogue.areas.get(area)?.name ?? []));
  return t(language, 'mandate.carries', { n: carried.length, areas: inWords([...areas]) });
}

/** A service's description says more than what somebody may do with it. */
export const aboutKey = ({ resource }: Pick<MandateSubject, 'resource'>) =>
  resource === null ? 'about' : 'about_service';

/** An action by our own word for it, where we have one. */
export const actionName = (language: Language, action: string): string =>
  hasText(`mandate.action.${action}`) ? t(language, `mandate.action.${action}`) : action;

/** The same where it stands alone. */
const actionLabel = (language: Language, action: string): string =>
  asHeading(language, actionName(language, action));

/** A name at the head of something: roles and actions are written small within a sentence. */
export const asHeading = (language: Language, name: string): string =>
  name.slice(0, 1).toLocaleUpperCase(language) + name.slice(1);

/** Actions as boxes to tick. */
export const actionBoxes = (language: Language, actions: string[], ticked: string[]) =>
  actions.map((name, index) => ({
    id: `action-${index}`,
    name,
    label: actionLabel(language, name),
    checked: ticked.includes(name),
  }));

export const actionNames = (language: Language, actions: string[]): string =>
  formatList(
    language,
    actions.map((action) => actionName(language, action)),
  );

export const giverName = ({ fromKind, fromName }: MandateRow) =>
  displayName({ kind: fromKind, name: fromName });
export const receiverName = ({ toKind, toName }: MandateRow) =>
  displayName({ kind: toKind, name: toName });

export const otherSide = (mandate: MandateRow, party: string) =>
  mandate.from === party ? receiverName(mandate) : giverName(mandate);
/** The same side's name. */
export const ownSide = (mandate: MandateRow, party: string) =>
  mandate.from === party ? giverName(mandate) : receiverName(mandate);

/** How long it holds, in words. */
export const validityText = (
  language: Language,
  validTo: Date | null,
  basis?: MandateRow['basis'],
) =>
  validTo
    ? formatUntil(language, validTo)
    : t(language, basis === 'register' ? 'mandate.until_register' : 'mandate.until_ended');

/** For a reader who is not shown why: whom to ask. */
const lackText = (mandate: MandateRow, lack: Lack, language: Language): string =>
  lack === 'not_in_force'
    ? t(language, 'mandate.not_now', { from: giverName(mandate) })
    : lack === 'estate' && mandate.basis === 'register'
      ? t(language, 'mandate.role_of_estate')
      : asHeading(language, t(language, `decision.lack.${lack}`));

/**
 * How it stands, in a word and a colour, and until when; `mayResume` is whether the reader is the
 * one who decides whether what a bankruptcy stopped is to be in force again.
 */
export function standingOf(
  mandate: MandateRow,
  { language, now }: MandateWords,
  { mayResume = false }: { mayResume?: boolean } = {},
) {
  const status = statusOf(mandate, now);
  const isTheirs = mayResume && mandate.lacks === 'estate' && status === 'suspended';
  return {
    status: t(language, `mandate.status.${status}`),
    color: COLOR[status],
    lack: isTheirs
      ? t(language, 'mandate.stopped_by_estate')
      : mandate.lacks && (status === 'inactive' || mandate.lacks === 'estate')
        ? lackText(mandate, mandate.lacks, language)
        : '',
    until:
      status === 'sent'
        ? t(language, 'mandate.accept_by', { date: formatDate(language, mandate.acceptBy!) })
        : mandate.endedAt
          ? t(language, 'mandate.ended_on', { date: formatDate(language, mandate.endedAt) })
          : t(language, 'portal.until', {
              until: validityText(language, mandate.validTo, mandate.basis),
            }),
  };
}

/** When something was used last, in days of Oslo's calendar. */
export const usedText = (
  lastUsedAt: Date | null,
  { language, now }: Pick<MandateWords, 'language' | 'now'>,
): string =>
  lastUsedAt
    ? t(language, 'person.used', { n: daysBetween(lastUsedAt, now) })
    : t(language, 'mandate.never_used');

/** Whether nothing can be done about it any more. */
export const isOver = (mandate: MandateRow, now: Date): boolean =>
  ['ended', 'expired'].includes(statusOf(mandate, now));

/** The register that says it. */
export function registerName(
  { role }: MandateRow,
  { language, catalogue }: MandateWords,
): string | undefined {
  const source = role === null ? undefined : catalogue.roles.get(role)?.source;
  return source ? pick(catalogue.sources.get(source)?.name, language)?.text : undefined;
}

export interface Line {
  key: string;
  label: string;
  text: string;
}

/** Lines for what somebody gave, and not for what a register says. */
const ownLines = (
  { reference, acceptBy, endedAt, mayPassOn, subunits, lastUsedAt }: MandateRow,
  language: Language,
): [string, string | undefined][] => [
  [
    'pass_on',
    endedAt
      ? undefined
      : t(language, mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on'),
  ],
  ['subunits', subunits ? undefined : t(language, 'mandate.main_only')],
  [
    'last_used',
    acceptBy
      ? undefined
      : lastUsedAt
        ? formatDate(language, lastUsedAt)
        : t(language, endedAt ? 'consent.never_used' : 'mandate.never_used'),
  ],
  ['reference', reference ? showReference(reference) : undefined],
];

/** The person who gave it, where that is neither the giver nor the supplier that passed it on. */
export function doerText(
  mandate: MandateRow,
  { language, catalogue }: MandateWords,
): string | undefined {
  const { givenBy, givenByName: name, givenRole, from, via } = mandate;
  if (!name || givenBy === from || givenBy === via) return undefined;
  const role = pick(catalogue.roles.get(givenRole ?? '')?.name, language)?.text ?? givenRole;
  return role ? t(language, 'consent.by_role', { name, role }) : name;
}

/** A name with the year of birth, where that is known: namesakes are kept apart by it. */
const withYear = (name: string, bornIn: number | null, language: Language): string =>
  bornIn === null ? name : t(language, 'consent.born', { name, year: `${bornIn}` });

/**
 * The facts of one mandate beyond what it is, as a list of names and values; `unitType` is its
 * giver's organisation form.
 */
export function factLines(
  mandate: MandateRow,
  telling: MandateWords,
  unitType: string | null = null,
): Line[] {
  const { language } = telling;
  const { role, actions, instance, viaName, groupName } = mandate;
  const lines: [string, string | undefined | null][] = [
    ['from', withYear(giverName(mandate), mandate.fromBornIn, language)],
    ['to', withYear(receiverName(mandate), mandate.toBornIn, language)],
    [
      aboutKey(mandate),
      role === null ? aboutOf(mandate, telling) : carriedBy(role, unitType, telling),
    ],
    ['actions', actions && actionNames(language, actions)],
    ['instance', instance],
    ['source', registerName(mandate, telling)],
    ['by_group', groupName],
    ['through', viaName],
    ['given_by', doerText(mandate, telling)],
    [
      mandate.acceptBy ? 'sent' : mandate.basis === 'register' ? 'known_since' : 'since',
      formatDate(language, mandate.acceptBy ? mandate.givenAt! : mandate.validFrom),
    ],
    [
      mandate.endedAt ? 'ended' : 'until',
      mandate.endedAt
        ? formatDate(language, mandate.endedAt)
        : validityText(language, mandate.validTo, mandate.basis),
    ],
    ...(mandate.basis === 'register' ? [] : ownLines(mandate, language)),
  ];
  return lines.flatMap(([key, text]) =>
    text ? [{ key, label: t(language, `mandate.fact.${key}`), text }] : [],
  );
}
