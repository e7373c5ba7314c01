// Entries of a log as lines: when, in words, and where more of it stands. It decides nothing.
import type { Deciding } from '../../decision/act.ts';
import type { LogRow } from '../../decision/log/store.ts';
import type { SearchRow } from '../../decision/search/log_store.ts';
import { displayName } from '../../consent/text.ts';
import { findParties, findParty } from '../../party/store.ts';
import { findBases, type Base } from '../../mandate/base_store.ts';
import { isUuid } from '../../platform/ids.ts';
import { formatDateTime, formatList, pick, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { findResources, type ResourceRow } from '../../resource/store.ts';
import { actionName, asHeading, mandateName, type MandateWords } from '../mandate/text.ts';
import { mandatePath } from '../page.ts';
import { LOG_REASONS } from './open.ts';
import type { LoggedAct, LoggedLook } from './reading.ts';
import type { ActRow } from './store.ts';
import type { LogView } from './view.ts';

export interface LogLine {
  id: string;
  at: string;
  /** The same as an instant. */
  when: Date;
  text: string;
  href?: string | undefined;
  /** The one who did it, whose acts alone can be read. */
  doer?: { id: string; name: string } | undefined;
  /** The service, whose entries alone can be read. */
  service?: { id: string; name: string } | undefined;
  /** The services that it is about, by id. */
  resources?: string[];
  /** The machine or the person that asked. */
  asker?: string | undefined;
}

/** Acts that nobody's hand does are a register's; others the operator's, by files. */
const OF_REGISTERS: string[] = [
  ...['sent', 'given', 'changed', 'ended', 'suspended', 'resumed', 'role_gained', 'role_lost'],
];

/** Acts as lines. */
export async function actLines(
  act: Deciding,
  acts: LoggedAct[],
  view: LogView,
): Promise<LogLine[]> {
  const { language } = view;
  const catalogue = await currentCatalogue(act);
  const words = { language, catalogue, resources: new Map<string, never>(), now: act.now };
  return acts.map((one) =>
    'row' in one ? actLine(one.row, words, view) : { id: one.id, ...one.consent },
  );
}

function actLine(row: ActRow, words: MandateWords, { acting }: LogView): LogLine {
  const { language } = words;
  const title = pick(row.title, language)?.text;
  const isKnown = row.package !== null || row.role !== null || row.resource !== null;
  const subject = { package: row.package, role: row.role, resource: row.resource };
  const from = displayName({ name: row.fromName, kind: row.fromKind });
  const by =
    row.byName === null ? undefined : displayName({ name: row.byName, kind: row.byKind ?? '' });
  const staff = row.support === null ? undefined : staffText(row.support, language);
  return {
    id: row.id,
    at: formatDateTime(language, row.at),
    when: row.at,
    text: asHeading(
      language,
      t(language, `log.act.${row.type}`, {
        by:
          by ??
          staff ??
          t(language, OF_REGISTERS.includes(row.type) ? 'mandate.a_register' : 'log.operator'),
        from,
        to: displayName({ name: row.toName, kind: row.toKind }),
        own: row.by === row.from ? 'yes' : 'no',
        known: isKnown ? 'yes' : 'no',
        what: title ?? (isKnown ? mandateName(subject, words) : ''),
        system: pick(row.system, language)?.text ?? '',
        of: row.from === row.to ? 'all' : 'one',
        why: whyOf(row, language),
        recognised: row.recognised ? t(language, `support.recognised.${row.recognised}`) : '',
        grouped: row.group === null ? 'no' : 'yes',
        group: row.group ?? '',
        n: row.n ?? 0,
      }),
    ),
    href: hrefOf(row, acting.party.id),
    resources: row.resource ? [row.resource] : [],
    doer: row.by && by ? { id: row.by, name: by } : undefined,
    service: row.resource && title ? { id: row.resource, name: title } : undefined,
  };
}

/** Support staff as the doer, with the case where the event has it. */
const staffText = (support: string, language: Language): string =>
  support === 'true'
    ? t(language, 'log.support_alone')
    : t(language, 'log.support', { case: support });

/** The reason that the doer chose, in words. */
function whyOf({ type, reason }: ActRow, language: Language): string {
  if (type === 'support_looked' || type === 'support_asked')
    return t(language, `support.reason.${reason}`);
  const isKnown = LOG_REASONS.some((one) => one === reason);
  return isKnown ? t(language, `log.reason.because.${reason}`) : '';
}

/** Where more of it stands: only what the party is a side of. */
const hrefOf = ({ mandateId, requestId, from, to }: ActRow, party: string): string | undefined => {
  const isSide = from === party || to === party;
  if (mandateId) return isSide ? mandatePath(mandateId, party) : undefined;
  return requestId && isSide ? `/requests/${requestId}?party=${party}` : undefined;
};

/** Names of those who asked: organisations ask by machines. */
async function askersOf(
  act: Deciding,
  callers: string[],
  language: Language,
): Promise<(caller: string) => string> {
  const all = [...new Set(callers)];
  const numbers = all.filter((one) => /^\d{9}$/.test(one));
  const ids = all.filter(isUuid);
  // Asked at the same moment, they are found by one statement.
  const organizations = await Promise.all(
    numbers.map((value) => findParty(act, { by: 'organization', value })),
  );
  const people = ids.length ? await findParties(act, ids) : [];
  const names = new Map([
    ...numbers.map((no, at): [string, string] => [
      no,
      t(language, 'log.machine', { name: organizations[at]?.name ?? no }),
    ]),
    ...people.map((one): [string, string] => [
      one.id,
      t(language, 'log.person', { name: displayName(one) }),
    ]),
  ]);
  return (caller) => names.get(caller) ?? t(language, 'log.some_machine');
}

const titleOf = (
  resources: Map<string, ResourceRow>,
  id: string | null,
  language: Language,
): string | undefined =>
  id === null ? undefined : (pick(resources.get(id)?.content.title, language)?.text ?? id);

/**
 * The groups by which something was used; undefined where it rests on something else as well, or
 * on a group of another party than the one whose log it is.
 */
function groupText(
  mandates: string[],
  bases: Map<string, Base>,
  { acting, language }: LogView,
): string | undefined {
  const names = mandates.flatMap((id) => {
    const { from, to, group } = bases.get(id) ?? {};
    return group && [from, to].includes(acting.party.id) ? [group] : [];
  });
  if (!names.length || names.length < mandates.length) return undefined;
  return formatList(language, [...new Set(names)]);
}

/** Those through whom it was used: who had it, or gave it on; undefined where there is none. */
function throughText(
  { mandates, subject }: LogRow,
  bases: Map<string, Base>,
  language: Language,
): string | undefined {
  const names = mandates.flatMap((id) => {
    const base = bases.get(id);
    if (!base) return [];
    if (base.to === subject) return base.via ? [displayName(base.via)] : [];
    // An office that only a secret register knows of is not said.
    const leads = subject !== null && base.ledBy.includes(subject);
    return leads ? [displayName({ name: base.toName, kind: base.toKind })] : [];
  });
  return names.length ? formatList(language, [...new Set(names)]) : undefined;
}

/** Uses as lines. */
export async function useLines(act: Deciding, rows: LogRow[], view: LogView): Promise<LogLine[]> {
  const { language, acting } = view;
  const { party } = acting;
  const ids = [...new Set(rows.flatMap((row) => row.resource_id ?? []))];
  const others = rows.flatMap(({ from_party: from }) => (from && from !== party.id ? [from] : []));
  const resources = ids.length ? await findResources(act.db, ids) : new Map();
  const bases = await findBases(
    act,
    rows.flatMap(({ mandates }) => mandates),
  );
  const givers = others.length ? await findParties(act, [...new Set(others)]) : [];
  const askerOf = await askersOf(
    act,
    rows.map(({ caller }) => caller),
    language,
  );
  return rows.map((row) => {
    const what = titleOf(resources, row.resource_id, language);
    const giver = givers.find(({ id }) => id === row.from_party);
    const who = row.subjectName ?? t(language, 'log.unknown');
    const group = groupText(row.mandates, bases, view);
    const through = throughText(row, bases, language);
    return {
      id: row.id,
      at: formatDateTime(language, row.at),
      when: row.at,
      text: t(language, `log.use.${row.outcome === 'permit' ? 'yes' : 'no'}`, {
        who,
        what: what ?? t(language, 'log.no_service'),
        action: actionName(language, row.action),
        other: giver ? 'yes' : 'no',
        from: giver ? displayName(giver) : '',
        grouped: group === undefined ? 'no' : 'yes',
        group: group ?? '',
        passed: through === undefined ? 'no' : 'yes',
        through: through ?? '',
      }),
      resources: row.resource_id ? [row.resource_id] : [],
      doer: row.subject && row.subjectName ? { id: row.subject, name: row.subjectName } : undefined,
      service: row.resource_id && what ? { id: row.resource_id, name: what } : undefined,
      asker: askerOf(row.caller),
    };
  });
}

/** Searches and other looks as lines, in their order. */
export async function lookLines(
  act: Deciding,
  looks: LoggedLook[],
  view: LogView,
): Promise<LogLine[]> {
  const searches = looks.flatMap((one) => ('search' in one ? [one.search] : []));
  const others = looks.flatMap((one) => ('row' in one ? [one] : []));
  const lines = [
    ...(await searchLines(act, searches, view)),
    ...(await actLines(act, others, view)),
  ];
  const byId = new Map(lines.map((line) => [line.id, line]));
  return looks.map(({ id }) => byId.get(id)!);
}

async function searchLines(
  act: Deciding,
  rows: SearchRow[],
  { language, acting }: LogView,
): Promise<LogLine[]> {
  const ids = [...new Set(rows.flatMap((row) => row.resourceId ?? []))];
  const resources = ids.length ? await findResources(act.db, ids) : new Map();
  const askerOf = await askersOf(
    act,
    rows.map(({ caller }) => caller),
    language,
  );
  const name = displayName(acting.party);
  return rows.map((row) => {
    const what = titleOf(resources, row.resourceId, language);
    return {
      id: row.id,
      at: formatDateTime(language, row.at),
      when: row.at,
      text: t(language, `log.search.${row.about}`, {
        name,
        known: what === undefined ? 'no' : 'yes',
        what: what ?? '',
      }),
      resources: row.resourceId ? [row.resourceId] : [],
      asker: askerOf(row.caller),
    };
  });
}
