// A party's log: what was done, how its powers of attorney were used, and who searched; as a page
// and as a file. A company's is read by person, and taken out, with a reason that is kept.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { isMainAdministrator } from '../../delegation/give/check.ts';
import { displayName } from '../../consent/text.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { LAST_ID } from '../../platform/ids.ts';
import { t } from '../../platform/locale.ts';
import { firstOf } from '../../platform/paging.ts';
import { KINDS, sendFile } from '../file.ts';
import type { PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { actLines, lookLines, useLines, type LogLine } from './lines.ts';
import { allActs, allLooks, loggedUses, seesConsents } from './reading.ts';
import { mustBeOpened } from './open.ts';
import { reasonPath, reasonRows } from './reason_pages.ts';
import { findActedFor } from './store.ts';
import { ACT_KINDS, logViewOf, logPartIn, PARTS, type LogView } from './view.ts';

const PAGE_SIZE = 20;
/** One beyond a page first, then more at a time. */
const READING = { first: PAGE_SIZE + 1, more: 200, most: 50 };
/** Read at once into a file. */
const LOT = 1_000;

export const logPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'log_page', path: '/log', show: showLog },
    ...KINDS.map((kind) => ({
      id: `log_${kind}`,
      path: `/log.${kind}`,
      show: (ctx: Context, own: PortalPages) => sendLog(ctx, own, kind),
    })),
    ...reasonRows,
  ]);

/** The address of the log as it is read, with some of it changed. */
const linkOf =
  (view: LogView) =>
  (changes: Record<string, string>, path = '/log'): string => {
    const { acting, part, kind, since, until, resource, by, opened } = view;
    const now = { party: acting.party.id, show: part, kind, since, until, resource, by };
    const all = Object.entries({ ...now, opened, ...changes });
    return `${path}?${new URLSearchParams(all.filter((one): one is [string, string] => Boolean(one[1])))}`;
  };

async function linesOf(pages: PortalPages, view: LogView) {
  const { act } = pages;
  if (view.part === 'uses') {
    const { shown, isMore } = await firstOf(loggedUses(pages, view, READING.first), PAGE_SIZE);
    return { lines: await useLines(act, shown, view), isMore };
  }
  if (view.part === 'seen') {
    const { shown, isMore } = await firstOf(allLooks(pages, view, READING.first), PAGE_SIZE);
    return { lines: await lookLines(act, shown, view), isMore };
  }
  const { shown, isMore } = await firstOf(allActs(pages, view, READING), PAGE_SIZE);
  return { lines: await actLines(act, shown, view), isMore };
}

async function showLog(ctx: Context, pages: PortalPages): Promise<void> {
  const [by, opened] = [queryParameter(ctx, 'by'), queryParameter(ctx, 'opened')];
  const party = queryParameter(ctx, 'party');
  if (by && party && party !== sessionOf(ctx).party && opened === undefined)
    return ctx.redirect(reasonPath(party, by, logPartIn(ctx)));
  const view = await logViewOf(ctx, pages);
  const { acting, part, language, wrong } = view;
  const link = linkOf(view);
  const { lines, isMore } = wrong ? { lines: [], isMore: false } : await linesOf(pages, view);
  const { isSelf } = acting;
  const isCompanys = isOpenedFirst(acting);
  const isMain =
    isCompanys && (await isMainAdministrator(pages.act, acting.session, acting.party.id));
  const words = { name: displayName(acting.party), self: isSelf ? 'yes' : 'no' };
  const isNarrowed = view.by ?? view.resource ?? view.kind ?? (view.since || view.until || null);
  pages.render(ctx, {
    view: 'portal/log/log',
    title: t(language, 'log.title', words),
    wide: true,
    who: whoOf(ctx, acting),
    errors: wrong ? [{ field: wrong, text: t(language, 'log.wrong') }] : [],
    data: {
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      lead: t(language, `log.lead.${part}`, words),
      notice: isSelf ? t(language, 'log.work') : undefined,
      exempt:
        part !== 'acts' && pages.exemptSearches.length ? t(language, 'log.exempt') : undefined,
      tabs: PARTS.map((id) => ({
        label: t(language, `log.part.${id}`),
        current: id === part,
        href: link({
          show: id,
          kind: '',
          ...(id === 'seen' ? { by: '', resource: '', opened: '' } : {}),
        }),
      })),
      form: formOf(view),
      only: await onlyText(pages, view, lines),
      everything: isNarrowed === null ? undefined : link(NOTHING),
      lines: lines.map((line) => ({ ...line, ...waysOf(line, view, { link, isMain }) })),
      none: t(language, isNarrowed === null ? 'log.none' : 'log.none_found'),
      kept: keptOf(pages, view),
      next: isMore ? link({ before: lines.at(-1)!.id }) : undefined,
      previous: view.before !== LAST_ID && queryParameter(ctx, 'before') ? link({}) : undefined,
      ...(lines.length && (!isCompanys || isMain) ? filesOf(view, link) : {}),
      back: isSelf ? '/profile' : `/overview?party=${acting.party.id}`,
    },
  });
}

const NOTHING = { kind: '', since: '', until: '', resource: '', by: '', opened: '' };

/** The form by which it is narrowed. */
const formOf = ({ acting, part, kind, since, until, language, wrong, ...view }: LogView) => ({
  hidden: Object.entries({
    ...{ party: acting.party.id, show: part, resource: view.resource },
    ...(view.by ? { by: view.by, opened: view.opened } : {}),
  })
    .filter(([, value]) => value)
    .map(([name, value]) => ({ name, value })),
  kinds:
    part === 'acts'
      ? ['', ...ACT_KINDS].map((id) => ({
          id,
          label: t(language, `log.kind.${id || 'all'}`),
          selected: id === (kind ?? ''),
        }))
      : undefined,
  ...{ since, until },
  wrong: wrong ? { [wrong]: t(language, 'log.wrong') } : undefined,
  isOpen: Boolean(kind ?? (since || until)),
});

/** The one service, or the one person, that is read. */
async function onlyText(
  { act, exemptSearches }: PortalPages,
  { language, resource, by, acting }: LogView,
  lines: LogLine[],
): Promise<string | undefined> {
  const doer = by ? await findActedFor(act, acting.party.id, by, exemptSearches) : undefined;
  const name = doer ? displayName(doer) : '';
  if (by) return t(language, 'log.only_by', { known: doer ? 'yes' : 'no', name });
  const service = lines.find((one) => one.service?.id === resource)?.service?.name;
  return resource ? t(language, 'log.only_service', { what: service ?? resource }) : undefined;
}

/** The ways from a line to what is alike. */
function waysOf(
  { service, doer }: LogLine,
  { language, resource, by, acting, part }: LogView,
  { link, isMain }: { link: ReturnType<typeof linkOf>; isMain: boolean },
) {
  const { party, session, isSelf } = acting;
  const isOther = doer && doer.id !== party.id && doer.id !== session.party;
  const isOne = isOther && by === null && part !== 'seen' && (isMain || isSelf);
  return {
    ways: [
      ...(service && resource === null
        ? [
            {
              href: link({ resource: service.id }),
              text: t(language, 'log.just_service', { what: service.name }),
            },
          ]
        : []),
      ...(isOne
        ? [
            {
              href: isSelf ? link({ by: doer.id }) : reasonPath(party.id, doer.id, part),
              text: t(language, 'log.just_person', { name: doer.name }),
            },
          ]
        : []),
    ],
  };
}

/** How long entries stay. */
const keptOf = ({ decisionLogDays, keeping }: PortalPages, view: LogView): string =>
  view.part === 'acts'
    ? [
        t(view.language, 'log.kept_mandates', { days: keeping.mandateEvents }),
        ...(seesConsents(view)
          ? [t(view.language, 'log.kept_consents', { days: keeping.consentEvents })]
          : []),
      ].join(' ')
    : t(view.language, 'log.kept', { days: decisionLogDays });

/** Files of a person's; of a company's, those that were opened with a reason. */
function filesOf(view: LogView, link: ReturnType<typeof linkOf>) {
  const { acting, opened, by, part } = view;
  const { party } = acting;
  if (isOpenedFirst(acting) && (!opened || by !== null))
    return { takeOut: reasonPath(party.id, null, part) };
  return { files: { csv: link({}, '/log.csv'), json: link({}, '/log.json') } };
}

/** Whether a log is taken out with a reason alone: one of a company's. */
const isOpenedFirst = ({ isSelf, party }: LogView['acting']): boolean =>
  !isSelf && party.kind !== 'person';

const COLUMNS = ['at', 'what', 'asker', 'services', 'when'] as const;

async function sendLog(ctx: Context, pages: PortalPages, kind: (typeof KINDS)[number]) {
  const view = await logViewOf(ctx, pages);
  if (isOpenedFirst(view.acting)) await mustBeOpened(ctx, pages, view.acting, null);
  const name = t(view.language, `log.file.${view.part}`);
  const file = { kind, name, columns: COLUMNS, headings: 'log.column' };
  sendFile(ctx, pages, file, cellsOf(pages, view));
}

/** All of it, a lot at a time, so that a file of any length holds nobody up. */
async function* cellsOf(pages: PortalPages, view: LogView) {
  const { act } = pages;
  const lots = { first: LOT, more: LOT, most: Number.POSITIVE_INFINITY };
  if (view.part === 'uses')
    for await (const lot of inLots(loggedUses(pages, view, LOT)))
      yield* (await useLines(act, lot, view)).map(cells);
  else if (view.part === 'seen')
    for await (const lot of inLots(allLooks(pages, view, LOT)))
      yield* (await lookLines(act, lot, view)).map(cells);
  else
    for await (const lot of inLots(allActs(pages, view, lots)))
      yield* (await actLines(act, lot, view)).map(cells);
}

/** For people, and for what reads the file: services by id, and the instant (RFC 3339). */
const cells = ({ at, text, asker, resources = [], when }: LogLine) => ({
  ...{ at, what: text, asker: asker ?? '' },
  ...{ services: resources.join(' '), when: when.toISOString() },
});

/** Lots of a size, of all that comes. */
async function* inLots<One>(all: AsyncIterable<One>): AsyncGenerator<One[]> {
  let lot: One[] = [];
  for await (const one of all) {
    lot.push(one);
    if (lot.length < LOT) continue;
    yield lot;
    lot = [];
  }
  if (lot.length) yield lot;
}
