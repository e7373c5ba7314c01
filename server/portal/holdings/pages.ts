// Everybody who has something of a company and of its sub-units, by unit: a table to look through,
// and the same as a file, which a spreadsheet changes and `/holdings/file` reads back.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { formatUntil } from '../../consent/until_model.ts';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import {
  listHeldPackages,
  listUnitHolders,
  type HeldItem,
  type UnitHolder,
} from '../../mandate/unit_holder_store.ts';
import { dayOf } from '../../party/day_model.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { lotsOf } from '../../platform/paging.ts';
import { sendFile } from '../file.ts';
import { asHeading, mandateName, type MandateWords } from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { offsetOf, turns, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { personPath } from '../person/between.ts';
import { sheetRows } from '../sheet/pages.ts';
import { originLines } from '../systems/text.ts';
import { unitsIn, wantedIn, type Units } from './holdings.ts';
import { HOLDING_COLUMNS, holdingsSheet } from './sheet.ts';

const PAGE_SIZE = 25;
/** Rows of a file that are read at once. */
const LOT = 5_000;

export const holdingPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'holdings', path: '/holdings', show: showHoldings },
    { id: 'holdings_csv', path: '/holdings.csv', show: sendHoldings },
    ...sheetRows(holdingsSheet),
  ]);

async function showHoldings(ctx: Context, pages: PortalPages): Promise<void> {
  const of = await unitsIn(ctx, pages);
  const { acting, units } = of;
  const { party } = acting;
  const wanted = wantedIn(ctx, of);
  const offset = offsetOf(ctx);
  const found = await listUnitHolders(pages.act, wanted, { limit: PAGE_SIZE, offset });
  const telling = await tellingOf(ctx, pages, itemsOf(found));
  const { language } = telling;
  const origins = await originLines(pages.act, found, language);
  const codes = await listHeldPackages(pages.act, wanted);
  const n = found[0]?.of ?? 0;
  const link = (path: string, more: Record<string, string> = {}) =>
    `${path}?${new URLSearchParams({
      party: party.id,
      q: wanted.text,
      unit: wanted.units.length === 1 ? wanted.units[0]! : '',
      package: wanted.package ?? '',
      ...more,
    })}`;
  pages.render(ctx, {
    view: 'portal/holdings',
    title: t(language, 'holdings.title', { name: displayName(party) }),
    wide: true,
    who: whoOf(ctx, acting),
    data: {
      n,
      party: party.id,
      told: ctx.URL.searchParams.has('done') && t(language, 'sheet.done'),
      search: wanted.text,
      units: units.length > 1 ? unitChoices(of, wanted.units, language) : undefined,
      packages: packageChoices(codes, wanted.package, telling),
      rows: found.map((one) => ({ ...lineOf(one, of, telling), origin: origins.get(one.id) })),
      file: link('/holdings.csv'),
      bring: `/holdings/file?party=${party.id}`,
      back: `/overview/people?party=${party.id}`,
      ...turns({ offset, size: PAGE_SIZE, of: n }, (at) => link('/holdings', { offset: `${at}` })),
    },
  });
}

const itemsOf = (found: UnitHolder[]): HeldItem[] => found.flatMap(({ has }) => has);

const unitChoices = ({ units }: Units, chosen: string[], language: Language) => [
  { id: '', label: t(language, 'mandate.unit.all'), selected: chosen.length > 1 },
  ...units.map((one) => ({
    id: one.id,
    label: displayName(one),
    selected: chosen.length === 1 && chosen[0] === one.id,
  })),
];

/** Packages that somebody has, by name. */
const packageChoices = (codes: string[], chosen: string | null, telling: MandateWords) => [
  { id: '', label: t(telling.language, 'holdings.any'), selected: chosen === null },
  ...codes
    .map((code) => ({ id: code, label: packageName(code, telling), selected: code === chosen }))
    .sort((a, b) => a.label.localeCompare(b.label, telling.language)),
];

const packageName = (code: string, telling: MandateWords) =>
  mandateName({ role: null, package: code, resource: null }, telling);

const unitName = (unit: string, { units }: Units): string =>
  displayName(units.find(({ id }) => id === unit)!);

/** A row of the table: the holder, the unit, and what is held. */
function lineOf(one: UnitHolder, of: Units, telling: MandateWords) {
  const { language } = telling;
  return {
    name: identified(one, language),
    href: personPath(one.id, one.unit),
    unit: unitName(one.unit, of),
    has: one.has.map((item) => ({
      what: itemName(item, telling),
      more: [
        ...(item.validTo ? [formatUntil(language, new Date(item.validTo))] : []),
        ...(item.group ? [t(language, 'holdings.by_group', { name: item.group })] : []),
        ...(item.isSuspended ? [t(language, 'mandate.status.suspended')] : []),
      ].join(', '),
    })),
  };
}

function itemName(item: HeldItem, telling: MandateWords): string {
  const name = asHeading(telling.language, mandateName(item, telling));
  return item.instance ? `${name} (${item.instance})` : name;
}

async function sendHoldings(ctx: Context, pages: PortalPages): Promise<void> {
  const of = await unitsIn(ctx, pages);
  const wanted = wantedIn(ctx, of);
  const language = languageOf(ctx);
  async function* rows() {
    for await (const found of lotsOf(LOT, (page) => listUnitHolders(pages.act, wanted, page))) {
      const telling = await tellingOf(ctx, pages, itemsOf(found));
      for (const one of found) for (const item of one.has) yield cellsOf(one, item, of, telling);
    }
  }
  const file = {
    ...{ kind: 'csv' as const, name: t(language, 'holdings.file') },
    ...{ columns: HOLDING_COLUMNS, headings: 'holdings.column' },
  };
  sendFile(ctx, pages, file, rows());
}

/** A row of the file, which marks nothing yet. */
function cellsOf(
  one: UnitHolder,
  item: HeldItem,
  { units }: Units,
  telling: MandateWords,
): Record<(typeof HOLDING_COLUMNS)[number], string> {
  const unit = units.find(({ id }) => id === one.unit)!;
  // The file names the last day, and the instant of an end is the midnight after it.
  const last = item.validTo && new Date(new Date(item.validTo).getTime() - 1);
  return {
    act: '',
    unit: unit.organizationNo ?? '',
    unit_name: displayName(unit),
    package: item.package ?? '',
    what: itemName(item, telling),
    until: last ? dayOf(last) : '',
    id: one.id,
    name: displayName(one),
    number: one.organizationNo ?? '',
    last_name: '',
    by: item.group ?? t(telling.language, `holdings.by.${item.basis}`),
  };
}
