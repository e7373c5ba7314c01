// Somebody who can use a service, in words: what, by what, since when. It decides nothing.
import type { CanDo } from '../decision/search/search.ts';
import { displayName } from '../consent/text.ts';
import type { MandateRow } from '../mandate/delegation_store.ts';
import { dayOf } from '../party/day_model.ts';
import { formatDate, hasText, t } from '../platform/locale.ts';
import {
  actionNames,
  asHeading,
  mandateName,
  usedText,
  type MandateWords,
} from './mandate/text.ts';

/** The party that it is for, who reads, and the mandates by which anybody can. */
export interface Whose {
  party: string;
  viewer: string;
  /** Whether who reads sees what each person has of the party. */
  seesPeople: boolean;
  rows: MandateRow[];
  telling: MandateWords;
}

const actionsOf = ({ does }: CanDo) => does.map(({ action }) => action);

/** The mandates by which one can, each once. */
const byMandates = ({ does }: CanDo, { rows }: Whose): MandateRow[] => {
  const ids = new Set(does.flatMap(({ decided }) => decided.decision.mandates));
  return rows.filter(({ id }) => ids.has(id));
};

/** Why one can who can by no mandate. */
function reasonText({ does }: CanDo, { telling: { language } }: Whose): string {
  const key = `who_can.reason.${does[0]!.decided.decision.reason}`;
  return t(language, hasText(key) ? key : 'who_can.reason.permitted');
}

const throughName = (one: CanDo, row: MandateRow): string | undefined =>
  row.to === one.id ? undefined : displayName({ kind: row.toKind, name: row.toName });

/** A line of the page. */
export function whoCanLine(one: CanDo, whose: Whose) {
  const { language } = whose.telling;
  const rows = byMandates(one, whose);
  const bornIn = rows.find(({ to }) => to === one.id)?.toBornIn;
  const name = displayName(one);
  return {
    name: bornIn ? t(language, 'consent.born', { name, year: `${bornIn}` }) : name,
    href: hrefOf(one, rows, whose),
    can: asHeading(language, actionNames(language, actionsOf(one))),
    why: rows.length ? rows.map((row) => becauseText(one, row, whose)) : [reasonText(one, whose)],
  };
}

/** Where what one has of the party stands: with the one through whom, where it has none itself. */
function hrefOf({ id }: CanDo, rows: MandateRow[], whose: Whose): string | undefined {
  const holders = rows.map(({ to }) => to);
  const holder = holders.includes(id) ? id : holders[0];
  const isOwn = id === whose.party || id === whose.viewer;
  if (!holder || isOwn || !whose.seesPeople) return undefined;
  return `/overview/people/${holder}?party=${whose.party}`;
}

function becauseText(one: CanDo, row: MandateRow, { telling, party }: Whose): string {
  const { language } = telling;
  const through = throughName(one, row);
  return [
    asHeading(language, mandateName(row, telling)),
    ...(through ? [t(language, 'who_can.through', { name: through })] : []),
    ...(row.groupName ? [t(language, 'person.by_group', { name: row.groupName })] : []),
    ...(row.from === party
      ? []
      : [
          t(language, 'who_can.of_main', {
            name: displayName({ kind: row.fromKind, name: row.fromName }),
          }),
        ]),
    t(language, 'person.since', { date: formatDate(language, row.validFrom) }),
    ...(row.basis === 'register' ? [] : [usedText(row.lastUsedAt, telling)]),
  ].join(' · ');
}

export const WHO_CAN_COLUMNS = [
  'name',
  'can',
  'why',
  'through',
  'since',
  'last_used',
  'group',
] as const;

/** Rows of a file: one for each mandate by which somebody can. */
export function whoCanCells(
  one: CanDo,
  whose: Whose,
): Record<(typeof WHO_CAN_COLUMNS)[number], string>[] {
  const { language } = whose.telling;
  const own = { name: displayName(one), can: actionNames(language, actionsOf(one)) };
  const rows = byMandates(one, whose);
  if (!rows.length)
    return [
      { ...own, why: reasonText(one, whose), through: '', since: '', last_used: '', group: '' },
    ];
  return rows.map((row) => ({
    ...own,
    why: mandateName(row, whose.telling),
    through: throughName(one, row) ?? '',
    since: dayOf(row.validFrom),
    last_used: row.lastUsedAt ? dayOf(row.lastUsedAt) : '',
    group: row.groupName ?? '',
  }));
}
