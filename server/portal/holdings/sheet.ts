// A file by which packages of a company and its units are given, changed and ended: the meaning of
// each row, and the acts.
import type { Deciding } from '../../decision/act.ts';
import { asActor } from '../../delegation/give/footing.ts';
import { findKnown } from '../../delegation/give/known_store.ts';
import { givePackage } from '../../delegation/give/give.ts';
import { receiverOf } from '../../delegation/naming.ts';
import { problem } from '../../delegation/problems.ts';
import { changeOne } from '../../delegation/end/change.ts';
import { endMandate } from '../../delegation/end/end.ts';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import { givenAlready, givenAmong } from '../../mandate/given_store.ts';
import { dayFault, lastDay } from '../../party/day_model.ts';
import { isOrganizationNumber } from '../../party/model.ts';
import { findParties } from '../../party/store.ts';
import { allOrNone, type NotDone } from '../../platform/all_or_none.ts';
import { Fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { pick, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { validityText } from '../mandate/text.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';
import { asTyped, packageIn, type Marked, type Sheet, type SheetRead } from '../sheet/sheet.ts';
import { wrongName } from '../give/terms_model.ts';
import { holdingsPath, unitsIn, type Units } from './holdings.ts';

export const HOLDING_COLUMNS = [
  ...(['act', 'unit', 'unit_name', 'package', 'what', 'until'] as const),
  ...(['id', 'name', 'number', 'last_name', 'by'] as const),
] as const;

/** A package of a unit to a holder, until a day. */
interface HoldingLine {
  does: 'give' | 'change' | 'end';
  unit: string;
  to: string;
  package: string;
  /** Null until somebody ends it. */
  validTo: string | null;
}

/** A row as far as it can be read by itself. */
interface Named {
  row: Marked;
  unit: string;
  package: string;
  validTo: Date | null;
}

async function readLines(
  pages: PortalPages,
  of: Units,
  rows: Marked[],
  language: Language,
): Promise<SheetRead<HoldingLine>> {
  const { act } = pages;
  const catalogue = await currentCatalogue(act);
  const wrong: SheetRead<HoldingLine>['wrong'] = [];
  const fail = ({ line }: Marked, text: string) => void wrong.push({ line, text });
  const named = rows.flatMap((row): Named[] => {
    const found = namedBy(row, of, catalogue, act.now);
    if (typeof found !== 'string') return [{ row, ...found }];
    fail(row, t(language, `holdings.wrong.${found}`));
    return [];
  });
  const holders = await holdersOf(pages, of.acting, named, language);
  const sure = named.flatMap((one): (Named & { to: string })[] => {
    const to = holders.get(one.row)!;
    if ('id' in to) return [{ ...one, to: to.id }];
    fail(one.row, to.wrong);
    return [];
  });
  const already = await givenAmong(
    act,
    sure.map(({ unit, to, package: code }) => ({
      ...{ from: unit, to, package: code, resource: null, instance: null },
    })),
  );
  const lines = sure.flatMap(({ row, unit, to, package: code, validTo }, at): HoldingLine[] => {
    const there = already[at];
    const line = { unit, to, package: code, validTo: validTo?.toISOString() ?? null };
    if (row.does === 'end' && !there) fail(row, t(language, 'holdings.wrong.not_held'));
    if (row.does === 'end') return there ? [{ ...line, does: 'end' }] : [];
    if (!there) return [{ ...line, does: 'give' }];
    const isSame = there.validTo?.getTime() === validTo?.getTime();
    return isSame ? [] : [{ ...line, does: 'change' }];
  });
  return { lines, wrong };
}

/** The unit, package and end of a row; or which of them is wrong. */
function namedBy(
  { does, cell }: Marked,
  { units }: Units,
  catalogue: Catalogue,
  now: Date,
): Omit<Named, 'row'> | string {
  const number = cell('unit').replaceAll(/\s/g, '');
  const unit = number ? units.find((one) => one.organizationNo === number) : units[0];
  if (!unit) return 'unit';
  const entry = packageIn(cell('package'), catalogue);
  if (!entry) return 'package';
  const until = cell('until');
  const one = { unit: unit.id, package: entry.code };
  if (does === 'end') return { ...one, validTo: null };
  if (!until) return entry.endless ? { ...one, validTo: null } : 'until';
  return dayFault(until, now) ? 'date' : { ...one, validTo: lastDay(until)! };
}

type Holder = { id: string } | { wrong: string };

/**
 * The holder that each row means: by id one who has something of the unit, by number an
 * organisation, by number and last name a person.
 */
async function holdersOf(
  { act }: PortalPages,
  { session }: Acting,
  named: Named[],
  language: Language,
): Promise<Map<Marked, Holder>> {
  const byUnit = Map.groupBy(named, ({ unit }) => unit);
  const known = await Promise.all(
    [...byUnit].map(async ([from, some]): Promise<[string, string[]]> => {
      const ids = [...new Set(some.map(({ row }) => row.cell('id')).filter(isUuid))];
      const found = await findKnown(act, { from, viewer: session.party }, ids);
      return [from, found.map(({ id }) => id)];
    }),
  );
  const knownTo = new Map(known);
  const holders = new Map<Marked, Holder>();
  const sought = new Map<string, Holder>();
  for (const { row, unit } of named) {
    const id = row.cell('id').toLowerCase();
    const number = row.cell('number').replaceAll(/[\s.]/g, '');
    const lastName = row.cell('last_name');
    const key = `${unit} ${number} ${lastName}`;
    if (id)
      holders.set(
        row,
        knownTo.get(unit)!.includes(id) ? { id } : { wrong: t(language, 'holdings.wrong.id') },
      );
    else {
      const found =
        sought.get(key) ??
        (await receiverBy({ act, session, unit }, { number, lastName }, language));
      sought.set(key, found);
      holders.set(row, found);
    }
  }
  return holders;
}

async function receiverBy(
  { act, session, unit }: { act: Deciding; session: Acting['session']; unit: string },
  { number, lastName }: { number: string; lastName: string },
  language: Language,
): Promise<Holder> {
  const typed = asTyped(number);
  const [mistyped] = wrongName({ number: typed, lastName }, language);
  if (mistyped) return { wrong: mistyped.text };
  try {
    const named = { to: typed, lastName: isOrganizationNumber(typed) ? null : lastName };
    const { id, endedAt } = await receiverOf(act, session, unit, named);
    if (endedAt && endedAt <= act.now) return { wrong: t(language, 'give.error.unknown') };
    return id === unit ? { wrong: t(language, 'give.error.same') } : { id };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const key = error.code === 'AM-00026' ? 'locked' : 'unknown';
    return { wrong: t(language, `give.error.${key}`) };
  }
}

/** Each line in words, in their order. */
async function textsOf(
  { act }: PortalPages,
  { units }: Units,
  lines: HoldingLine[],
  language: Language,
): Promise<string[]> {
  const { packages } = await currentCatalogue(act);
  const found = await findParties(act, [...new Set(lines.map(({ to }) => to))]);
  return lines.map(({ does, unit, to, package: code, validTo }) => {
    const holder = found.find(({ id }) => id === to);
    const words = {
      name: holder ? identified(holder, language) : t(language, 'person.another'),
      what: pick(packages.get(code)?.name, language)?.text ?? code,
      unit: displayName(units.find(({ id }) => id === unit)!),
      until: validityText(language, validTo === null ? null : new Date(validTo)),
    };
    return t(language, `holdings.line.${does}`, words);
  });
}

const doLines = (
  { act }: PortalPages,
  { acting: { session } }: Units,
  lines: HoldingLine[],
): Promise<NotDone<HoldingLine>[]> =>
  allOrNone(act, lines, async (inner, line) => doLine(inner, session, line));

/** Does it to what is there by then; where that is gone, there is nothing to end. */
async function doLine(
  act: Deciding,
  session: Acting['session'],
  { does, unit, to, package: code, validTo: last }: HoldingLine,
): Promise<void> {
  const validTo = last === null ? null : new Date(last);
  if (does === 'give') {
    const gift = { place: '' as const, from: unit, to, mayPassOn: false, validTo };
    await givePackage(act, asActor(session), gift, code);
    return;
  }
  const kind = { from: unit, to, package: code, resource: null, instance: null };
  const there = await givenAlready(act, kind);
  if (does === 'end') {
    if (there) await endMandate(act, session, there.id, unit);
    return;
  }
  if (!there) throw problem('TIL-00021', { because: 'ended since it was looked over' });
  await changeOne(act, session, there.id, { validTo }, unit);
}

export const holdingsSheet: Sheet<HoldingLine, Units> = {
  id: 'holdings',
  path: '/holdings/file',
  home: holdingsPath,
  source: (party) => `/holdings.csv?party=${party}`,
  columns: HOLDING_COLUMNS,
  needed: ['act', 'package'],
  whose: unitsIn,
  read: readLines,
  texts: textsOf,
  act: doLines,
};
