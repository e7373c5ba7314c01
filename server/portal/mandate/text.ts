// A mandate in words: what it lets somebody do, on what it rests, how it stands. It decides
// nothing.
import { formatUntil } from '../../consent/until_model.ts';
import type { MandateEvent } from '../../event/model.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { statusOf, type Lack, type MandateStatus } from '../../mandate/model.ts';
import { displayName } from '../../consent/text.ts';
import { formatDate, formatList, hasText, pick, t, type Language } from '../../platform/locale.ts';
import { showReference } from '../../platform/reference.ts';
import { dayOf } from '../day_model.ts';
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

const giverName = ({ fromKind, fromName }: MandateRow) =>
  displayName({ kind: fromKind, name: fromName });
const receiverName = ({ toKind, toName }: MandateRow) =>
  displayName({ kind: toKind, name: toName });

export const otherSide = (mandate: MandateRow, party: string) =>
  mandate.from === party ? receiverName(mandate) : giverName(mandate);
/** The same side's name. */
export const ownSide = (mandate: MandateRow, party: string) =>
  mandate.from === party ? giverName(mandate) : receiverName(mandate);

const until = (language: Language, validTo: Date | null, basis?: MandateRow['basis']) =>
  validTo
    ? formatUntil(language, validTo)
    : t(language, basis === 'register' ? 'mandate.until_register' : 'mandate.until_ended');

/** For a reader who is not shown why: whom to ask. */
const lackText = (mandate: MandateRow, lack: Lack, language: Language): string =>
  lack === 'not_in_force'
    ? t(language, 'mandate.not_now', { from: giverName(mandate) })
    : asHeading(language, t(language, `decision.lack.${lack}`));

/** How it stands, in a word and a colour, and until when. */
export function standingOf(mandate: MandateRow, { language, now }: MandateWords) {
  const status = statusOf(mandate, now);
  return {
    status: t(language, `mandate.status.${status}`),
    color: COLOR[status],
    lack:
      mandate.lacks && (status === 'inactive' || mandate.lacks === 'estate')
        ? lackText(mandate, mandate.lacks, language)
        : '',
    until: mandate.endedAt
      ? t(language, 'mandate.ended_on', { date: formatDate(language, mandate.endedAt) })
      : t(language, 'portal.until', {
          until: until(language, mandate.validTo, mandate.basis),
        }),
  };
}

/** Whether nothing can be done about it any more. */
export const isOver = (mandate: MandateRow, now: Date): boolean =>
  ['ended', 'expired'].includes(statusOf(mandate, now));

/** A file's columns: names, and days as numbers that a spreadsheet can sort. */
export const MANDATE_COLUMNS = [
  ...(['from', 'to', 'what', 'actions', 'instance', 'status', 'since'] as const),
  ...(['last_day', 'pass_on', 'last_used', 'source', 'reference', 'id', 'subunits'] as const),
] as const;

export function mandateCells(
  mandate: MandateRow,
  telling: MandateWords,
): Record<(typeof MANDATE_COLUMNS)[number], string> {
  const { language } = telling;
  const { validTo, endedAt, lastUsedAt } = mandate;
  const last = endedAt ?? (validTo && new Date(validTo.getTime() - 1));
  return {
    from: giverName(mandate),
    to: receiverName(mandate),
    what: mandateName(mandate, telling),
    actions: mandate.actions ? actionNames(language, mandate.actions) : '',
    instance: mandate.instance ?? '',
    status: t(language, `mandate.status.${statusOf(mandate, telling.now)}`),
    since: dayOf(mandate.validFrom),
    last_day: last ? dayOf(last) : '',
    pass_on: t(language, mandate.mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on'),
    last_used: lastUsedAt ? dayOf(lastUsedAt) : '',
    source: sourceOf(mandate, telling) ?? '',
    reference: mandate.reference ? showReference(mandate.reference) : '',
    id: mandate.id,
    subunits: mandate.subunits ? '' : t(language, 'mandate.main_only'),
  };
}

/** The register that says it. */
function sourceOf({ role }: MandateRow, { language, catalogue }: MandateWords): string | undefined {
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
  { reference, endedAt, mayPassOn, subunits, lastUsedAt }: MandateRow,
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
    lastUsedAt
      ? formatDate(language, lastUsedAt)
      : t(language, endedAt ? 'consent.never_used' : 'mandate.never_used'),
  ],
  ['reference', reference ? showReference(reference) : undefined],
];

/** The person who gave it, where that is neither the giver nor the supplier that passed it on. */
function doerOf(mandate: MandateRow, { language, catalogue }: MandateWords): string | undefined {
  const { givenBy, givenByName: name, givenRole, from, via } = mandate;
  if (!name || givenBy === from || givenBy === via) return undefined;
  const role = pick(catalogue.roles.get(givenRole ?? '')?.name, language)?.text ?? givenRole;
  return role ? t(language, 'consent.by_role', { name, role }) : name;
}

/** The facts of one mandate beyond what it is, as a list of names and values. */
export function factLines(mandate: MandateRow, telling: MandateWords): Line[] {
  const { language } = telling;
  const { actions, instance, viaName } = mandate;
  const lines: [string, string | undefined | null][] = [
    ['from', giverName(mandate)],
    ['to', receiverName(mandate)],
    [aboutKey(mandate), aboutOf(mandate, telling)],
    ['actions', actions && actionNames(language, actions)],
    ['instance', instance],
    ['source', sourceOf(mandate, telling)],
    ['through', viaName],
    ['given_by', doerOf(mandate, telling)],
    [
      mandate.basis === 'register' ? 'known_since' : 'since',
      formatDate(language, mandate.validFrom),
    ],
    [
      mandate.endedAt ? 'ended' : 'until',
      mandate.endedAt
        ? formatDate(language, mandate.endedAt)
        : until(language, mandate.validTo, mandate.basis),
    ],
    ...(mandate.basis === 'register' ? [] : ownLines(mandate, language)),
  ];
  return lines.flatMap(([key, text]) =>
    text ? [{ key, label: t(language, `mandate.fact.${key}`), text }] : [],
  );
}

/** The difference that an event records: the terms after it, and before. */
type Changed = Partial<Record<'validTo', string | null>> & {
  actions?: string[] | null;
  mayPassOn?: boolean;
  subunits?: boolean;
};

/** The detail of an end that followed another's: the mandate that it had rested on. */
interface Ended {
  because?: string | null;
}

/** An event in words; for a change also what differs from before. */
export function happenedIn(
  { type, byName, detail }: { type: MandateEvent; byName: string | null; detail: object | null },
  language: Language,
): string {
  const { because } = (detail ?? {}) as Ended;
  const text = t(language, `mandate.event.${type}${because ? '_through' : ''}`, {
    by: byName ?? t(language, 'mandate.a_register'),
  });
  return [text, ...changesIn({ type, detail }, language)].join(' ');
}

/** The terms that a change changed, each with what it was before. */
export function changesIn(
  { type, detail }: { type: MandateEvent; detail: object | null },
  language: Language,
): string[] {
  const { before, ...after } = (detail ?? {}) as Changed & { before?: Changed };
  if (type !== 'changed' || !before) return [];
  const words: [string, (from: Changed) => string][] = [
    ['until', ({ validTo }) => until(language, validTo ? new Date(validTo) : null)],
    ['actions', ({ actions }) => actionNames(language, actions ?? [])],
    [
      'pass_on',
      ({ mayPassOn }) => t(language, mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on'),
    ],
    [
      'subunits',
      ({ subunits }) =>
        t(language, subunits === false ? 'mandate.main_only' : 'mandate.with_units'),
    ],
  ];
  return words.flatMap(([key, say]) =>
    say(after) === say(before)
      ? []
      : t(language, 'mandate.was', {
          label: t(language, `mandate.fact.${key}`),
          now: say(after),
          was: say(before),
        }),
  );
}
