// A file by which packages of a company and its units are given, changed and ended: the meaning of
// each row, and the acts. Nothing is changed or ended by it but what a unit gave to one by itself.
import type { Deciding } from '../../decision/act.ts';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import { changeOne } from '../../delegation/end/change.ts';
import { endMandate } from '../../delegation/end/end.ts';
import { asActor } from '../../delegation/give/footing.ts';
import { givePackage } from '../../delegation/give/give.ts';
import { problem } from '../../delegation/problems.ts';
import { findMandate } from '../../mandate/delegation_store.ts';
import { takenSince } from '../../mandate/given_store.ts';
import { findDirect } from '../../mandate/unit_holder_store.ts';
import { dayFault, lastDay } from '../../party/day_model.ts';
import { findParties } from '../../party/store.ts';
import type { Act } from '../../platform/act.ts';
import { allOrNone, type NotDone } from '../../platform/all_or_none.ts';
import { fault } from '../../platform/errors.ts';
import { sha256 } from '../../platform/ids.ts';
import { pick, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { validityText } from '../mandate/text.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';
import { packageIn, repeated, type Marked, type Sheet, type SheetRead } from '../sheet/sheet.ts';
import { holdersOf, type NamedRow } from './holders.ts';
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
  /** A short digest of the mandate that is changed or ended, as it was looked over. */
  there?: string;
}

const isoOf = (validTo: Date | null): string | null => validTo?.toISOString() ?? null;

/** A mandate with its end: short, as an address has one for each line. */
const digestOf = ({ id, validTo }: { id: string; validTo: Date | null }): string =>
  sha256(`${id} ${isoOf(validTo)}`).slice(0, 8);

async function readLines(
  { act }: PortalPages,
  of: Units,
  rows: Marked[],
  language: Language,
): Promise<SheetRead<HoldingLine>> {
  const catalogue = await currentCatalogue(act);
  const wrong: SheetRead<HoldingLine>['wrong'] = [];
  const fail = ({ line }: Marked, text: string): never[] => {
    wrong.push({ line, text });
    return [];
  };
  const named = rows.flatMap((row): NamedRow[] => {
    const found = namedBy(row, of, catalogue, act.now);
    return typeof found === 'string'
      ? fail(row, t(language, `holdings.wrong.${found}`))
      : [{ row, ...found }];
  });
  const holders = await holdersOf({ act, session: of.acting.session, language }, named);
  const sure = named.flatMap((one, place): (NamedRow & { to: string })[] => {
    const holder = holders[place]!;
    return 'id' in holder ? [{ ...one, to: holder.id }] : fail(one.row, holder.wrong);
  });
  wrong.push(...repeated(sure, (one) => `${one.unit} ${one.to} ${one.package}`, language));
  const held = await findDirect(act, sure);
  const lines = sure.flatMap(({ row, unit, to, package: code, validTo }, place): HoldingLine[] => {
    const found = held[place];
    const line = { unit, to, package: code, validTo: isoOf(validTo) };
    const there = found && digestOf(found);
    if (row.does === 'end')
      return there
        ? [{ ...line, does: 'end', there }]
        : fail(row, t(language, 'holdings.wrong.not_held'));
    if (!found || !there) return [{ ...line, does: 'give' }];
    return isoOf(found.validTo) === line.validTo ? [] : [{ ...line, does: 'change', there }];
  });
  return { lines, wrong };
}

/** The unit, package and end of a row; or which of them is wrong. */
function namedBy(
  { does, cell }: Marked,
  { units }: Units,
  catalogue: Catalogue,
  now: Date,
): Omit<NamedRow, 'row'> | string {
  const number = cell('unit').replaceAll(/\s/g, '');
  const unit = number ? units.find((one) => one.organizationNo === number) : units[0];
  if (!unit) return 'unit';
  if (!cell('package')) return 'no_package';
  const entry = packageIn(cell('package'), catalogue);
  if (!entry) return 'package';
  const until = cell('until');
  const one = { unit: unit.id, package: entry.code };
  if (does === 'end') return { ...one, validTo: null };
  if (!until) return entry.endless ? { ...one, validTo: null } : 'until';
  return dayFault(until, now) ? 'date' : { ...one, validTo: lastDay(until)! };
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
  const another = t(language, 'person.another');
  return lines.map(({ does, unit, to, package: code, validTo }) => {
    const holder = found.find(({ id }) => id === to);
    // A unit may be closed, or no longer the person's, since it was looked over.
    const giver = units.find(({ id }) => id === unit);
    return t(language, `holdings.line.${does}`, {
      name: holder ? identified(holder, language) : another,
      what: pick(packages.get(code)?.name, language)?.text ?? code,
      unit: giver ? displayName(giver) : another,
      until: validityText(language, validTo === null ? null : new Date(validTo)),
    });
  });
}

const doLines = (
  { act }: PortalPages,
  { acting: { session } }: Units,
  lines: HoldingLine[],
  lookedAt: Date,
): Promise<NotDone<HoldingLine>[]> =>
  allOrNone(act, lines, (inner, line) => doLine(inner, session, line, lookedAt));

/** Does it to what is there as it was looked over; refused where that has changed since. */
async function doLine(
  act: Deciding,
  session: Acting['session'],
  { does, unit, to, package: code, validTo: last, there }: HoldingLine,
  lookedAt: Date,
): Promise<void> {
  const validTo = last === null ? null : new Date(last);
  if (does === 'give') {
    const what = { from: unit, to, package: code, resource: null, instance: null, actions: [] };
    const inside = async ({ db }: Act) => {
      if (await takenSince(db, what, lookedAt)) throw changedSince();
    };
    const gift = { place: '' as const, from: unit, to, mayPassOn: false, validTo };
    const { id, changed } = await givePackage(act, asActor(session), gift, code, inside);
    // Somebody has given it meanwhile, until another day.
    if (!changed && isoOf((await findMandate(act, id))!.validTo) !== last)
      throw problem('TIL-00026');
    return;
  }
  const [found] = await findDirect(act, [{ unit, to, package: code }]);
  if (does === 'end' && !found) return;
  if (!found || digestOf(found) !== there) throw changedSince();
  if (does === 'end') await endMandate(act, session, found.id, unit);
  else await changeOne(act, session, found.id, { validTo }, unit);
}

const changedSince = () => fault('TIL-00013', { because: 'changed since it was looked over' });

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
