// A party's rights given, received, by law and ended, and its waiting requests, as pages to look
// through.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { withWords } from '../../consent/find.ts';
import { readable } from '../../consent/basis/among.ts';
import { listWaiting } from '../../consent/own/list_store.ts';
import { displayName, inWords } from '../../consent/text.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { readBy } from '../../mandate/model.ts';
import {
  countSought,
  countShelves,
  listShelf,
  type ShelfCounts,
  type Viewed,
} from '../../mandate/overview_store.ts';
import { languageOf, pick, t, type Language } from '../../platform/locale.ts';
import {
  isOver,
  mandateName,
  otherSide,
  ownSide,
  standingOf,
  type MandateWords,
} from '../mandate/text.ts';
import { asTheyWere } from '../then.ts';
import { tellingOf } from '../mandate/telling.ts';
import { consentCard } from '../consents/list.ts';
import { pathByReference } from '../filter.ts';
import { mandatePath, offsetOf, turns, type PortalPages } from '../page.ts';
import { requestsOf } from './request_cards.ts';

import { askAround } from '../../register/source/outside.ts';
import { frame, linkOf, viewOf, type View, ownOf } from './overview.ts';
import { asText } from '../../platform/as_text.ts';
import { originLines } from '../systems/text.ts';

const PAGE_SIZE = 20;

export const overviewPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [{ id: 'overview', path: '/overview', show: showOverview }]);

/** Requests for a right that nobody has answered, and where those for a consent are. */
async function showWaiting(ctx: Context, pages: PortalPages): Promise<void> {
  const view = await viewOf(ctx, pages);
  if (view.acting.closed) return ctx.redirect(linkOf(view)());
  const { acting, viewed } = view;
  const { received } = acting;
  const offset = offsetOf(ctx);
  const parties = [viewed.party, ...viewed.units!];
  const counts = await countShelves(pages.act, viewed);
  const n = counts.asked + counts.asking;
  const link = (at: number) => linkOf(view, 'waiting')({ offset: asText(at) });
  const { data, ...rest } = frame(ctx, view, counts, 'waiting');
  const requests = await requestsOf(ctx, pages, { parties, received, offset });
  pages.render(ctx, {
    ...rest,
    data: {
      ...data,
      heading: t(languageOf(ctx), 'asked.heading', { n }),
      none: t(languageOf(ctx), 'portal.empty.waiting'),
      cards: requests.waiting,
      answered: requests.answered,
      consents: await waitingConsents(ctx, view, parties),
      ...turns({ offset, size: PAGE_SIZE, of: n }, link),
    },
  });
}

/** The newest requests for a consent that the person may read, and where those of the party are. */
async function waitingConsents(ctx: Context, { act, acting }: View, parties: string[]) {
  const language = languageOf(ctx);
  const found = await withWords(act, await listWaiting(act, parties, PAGE_SIZE));
  const mine = found.length ? await readable(act, found, sessionOf(ctx)) : [];
  const { id } = acting.party;
  return {
    cards: mine.map((consent) => ({
      ...consentCard(inWords(consent, language), language, act.now, sessionOf(ctx)),
      unit: parties.length > 1 ? displayName(consent.from) : undefined,
      sub: true,
    })),
    href: mine.some(({ from }) => from.id === id)
      ? `/consents?party=${id}&show=waiting`
      : undefined,
  };
}

/** Live registers' answers at this moment; about a person only that person asks them. */
async function outsideOf({ act, live }: PortalPages, view: View, language: Language) {
  if (!view.acting.isSelf || !view.number || !live.length) return undefined;
  const { sources } = view.catalogue;
  const asked = await askAround(act, live, view.number);
  return asked.map(({ source, available, mandates }) => ({
    name: pick(sources.get(source)?.name, language)?.text ?? source,
    available,
    mandates: mandates.map(({ direction, name, text, editUrl }) => ({
      side: t(language, direction === 'given' ? 'mandate.may_for' : 'mandate.for_them', {
        self: 'yes',
        over: 'no',
      }),
      name: name ?? t(language, 'mandate.outside.unknown'),
      text,
      href: editUrl,
      host: editUrl && new URL(editUrl).host,
    })),
  }));
}

async function showOverview(ctx: Context, pages: PortalPages): Promise<void> {
  if (ctx.URL.searchParams.get('show') === 'waiting') return showWaiting(ctx, pages);
  const view = await viewOf(ctx, pages);
  const { act, acting, viewed, sought, isFiltered } = view;
  const parties = [viewed.party, ...viewed.units!];
  const whose = { parties, received: acting.received };
  const referenced = await pathByReference(act, view.filter, whose, acting.session);
  if (referenced) return ctx.redirect(referenced);
  const { shelf, language } = sought;
  const offset = offsetOf(ctx);
  const counts: ShelfCounts & { found?: number } = isFiltered
    ? await countSought(act, viewed, sought)
    : await countShelves(act, viewed);
  const n = counts.found ?? counts[shelf];
  const link = linkOf(view);
  // Beyond the last, as when some have ended meanwhile, the list begins anew.
  if (offset > 0 && offset >= n) return ctx.redirect(link());
  const listed = await listShelf(act, viewed, sought, {
    offset,
    limit: PAGE_SIZE,
  });
  const found = acting.closed ? await asTheyWere(act, listed) : listed;
  const telling = { ...(await tellingOf(ctx, pages, found)), now: act.now };
  const receivers = found.map(({ to, toKind }) => ({ id: to, kind: toKind }));
  const origins = await originLines(act, receivers, language);
  const { data, ...rest } = frame(ctx, view, counts, shelf);
  pages.render(ctx, {
    ...rest,
    data: {
      ...data,
      none: t(language, `mandate.empty.${shelf}`),
      found: isFiltered ? t(language, 'mandate.found', { n }) : undefined,
      everything: isFiltered ? `/overview?party=${acting.party.id}&show=${shelf}` : undefined,
      files: n ? { csv: link({}, '/overview.csv'), json: link({}, '/overview.json') } : undefined,
      paper: acting.closed ? undefined : `/overview/paper?party=${acting.party.id}`,
      outside: shelf === 'statutory' ? await outsideOf(pages, view, language) : undefined,
      cards: found.map((mandate) => ({
        ...card(mandate, viewed, telling),
        origin: origins.get(mandate.to),
        receipt: acting.closed ? undefined : receiptsOf(mandate, viewed),
      })),
      ...turns({ offset, size: PAGE_SIZE, of: n }, (at) => link({ offset: asText(at) })),
    },
  });
}

/** A register's statement is a role: the other's here, or one's own there. */
const sideOf = ({ from, role }: MandateRow, own: string) =>
  from === own ? (role !== null ? 'has_role' : 'may_for') : role !== null ? 'own_role' : 'for_them';

/** The way to its receipts; one that was imported was given elsewhere. */
const receiptsOf = (mandate: MandateRow, viewed: Viewed): string | undefined =>
  mandate.basis !== 'register' && mandate.givenBy !== null && mandate.erasedAt === null
    ? mandatePath(mandate.id, ownOf(mandate, viewed), '/receipt')
    : undefined;

function card(mandate: MandateRow, viewed: Viewed, telling: MandateWords) {
  const own = ownOf(mandate, viewed);
  const { language } = telling;
  return {
    href: mandatePath(mandate.id, own),
    see: t(language, 'mandate.see'),
    name: otherSide(mandate, own),
    side: t(language, `mandate.${sideOf(mandate, own)}`, {
      self: own === viewed.viewer ? 'yes' : 'no',
      own: ownSide(mandate, own),
      over: isOver(mandate, telling.now) ? 'yes' : 'no',
    }),
    what: mandateName(mandate, telling),
    reach: mandate.subunits ? undefined : t(language, 'mandate.main_only'),
    unit: viewed.units?.length ? ownSide(mandate, own) : undefined,
    ...standingOf(readBy(mandate, viewed.viewer), telling, {
      mayResume: own === mandate.from && mandate.basis !== 'register',
    }),
  };
}
