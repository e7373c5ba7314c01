// Everything that is in force for a party on one page that is printed: what it gave, what it has,
// what registers say, and its consents, with when it was so and from where.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { formatUntil } from '../../consent/until_model.ts';
import { displayName, inWords, titlesOf } from '../../consent/text.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { listShelf } from '../../mandate/overview_store.ts';
import { formatDateTime, t } from '../../platform/locale.ts';
import { firstOf } from '../../platform/paging.ts';
import { readableOf } from '../consents/list.ts';
import {
  asHeading,
  mandateName,
  otherSide,
  validityText,
  type MandateWords,
} from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import type { PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { ownOf, viewOf, type View } from './overview.ts';

/** So many of each kind are on paper; the files have the rest. */
const MOST = 200;
const LOTS = { first: MOST + 1, more: MOST, most: 5 };

export const paperPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [{ id: 'overview_paper', path: '/overview/paper', show: showPaper }]);

/** Nothing is looked for on paper, whatever the address says. */
const ALL = { search: '', only: null };
const EVERYTHING = { text: '', codes: [], only: null };

/** A kind of thing that is in force, with a line for each. */
interface PaperPart {
  heading: string;
  lines: string[];
  isMore: boolean;
}

async function showPaper(ctx: Context, pages: PortalPages): Promise<void> {
  const view = await viewOf(ctx, pages);
  const { acting, act, sought } = view;
  const { language } = sought;
  const back = `/overview?party=${acting.party.id}`;
  // Nothing is in force for a party that was: its pages say what was.
  if (acting.closed) return ctx.redirect(back);
  const name = displayName(acting.party);
  const parts = [...(await mandateParts(ctx, pages, view)), ...(await consentParts(view))];
  pages.render(ctx, {
    view: 'portal/overview/paper',
    isPaper: true,
    title: t(language, 'mandate.paper.title', { name }),
    who: whoOf(ctx, acting),
    data: {
      lead: t(language, 'mandate.paper.lead', { at: formatDateTime(language, act.now) }),
      parts: parts.map(({ lines, isMore, ...part }) => ({
        ...part,
        lines,
        more: isMore ? t(language, 'mandate.paper.more', { n: MOST }) : undefined,
      })),
      none: t(language, 'mandate.paper.none'),
      address: `${pages.issuer}/overview/paper?party=${acting.party.id}`,
      back,
    },
  });
}

/** Powers of attorney and roles; what a person received is nobody else's to see. */
async function mandateParts(ctx: Context, pages: PortalPages, view: View): Promise<PaperPart[]> {
  const { act, acting, viewed, sought } = view;
  const shelves = (['given', 'received', 'statutory'] as const).filter(
    (shelf) => shelf !== 'received' || acting.received,
  );
  const found: MandateRow[][] = [];
  for (const shelf of shelves)
    found.push(
      await listShelf(act, viewed, { ...sought, ...EVERYTHING, shelf }, { limit: MOST + 1 }),
    );
  const telling = { ...(await tellingOf(ctx, pages, found.flat())), now: act.now };
  return shelves.map((shelf, n) => ({
    heading: t(telling.language, `mandate.paper.${shelf}`),
    lines: found[n]!.slice(0, MOST).map((one) => mandateLine(one, view, telling)),
    isMore: found[n]!.length > MOST,
  }));
}

function mandateLine(mandate: MandateRow, { viewed }: View, telling: MandateWords): string {
  const { language } = telling;
  const own = ownOf(mandate, viewed);
  return asHeading(
    language,
    t(language, 'mandate.paper.line', {
      what: mandateName(mandate, telling),
      side: mandate.from === own ? 'to' : 'from',
      other: otherSide(mandate, own),
      until: validityText(language, mandate.validTo, mandate.basis),
      paused: mandate.suspendedAt ? 'yes' : 'no',
    }),
  );
}

/** Consents, for those who may read them. */
async function consentParts({ act, acting, sought }: View): Promise<PaperPart[]> {
  const { party, isSelf, basis, session } = acting;
  if (!isSelf && !basis?.consents) return [];
  const { language } = sought;
  const reader = { party: session.party, level: session.level };
  const list = { act, party, isSelf, reader, language, tab: 'active' as const, filter: ALL };
  const { shown, isMore } = await firstOf(readableOf(list, undefined, LOTS), MOST);
  const lines = shown.map((consent) => {
    const words = inWords(consent, language);
    return asHeading(
      language,
      t(language, 'mandate.paper.line', {
        what: titlesOf(words, language),
        side: 'to',
        other: displayName(consent.to),
        until: formatUntil(language, consent.validTo),
        paused: consent.isPaused ? 'yes' : 'no',
      }),
    );
  });
  return [{ heading: t(language, 'mandate.paper.consents'), lines, isMore }];
}
