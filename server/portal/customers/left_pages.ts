// Customers for whom a supplier can do nothing any more, or not now, each with why.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { administered } from '../../delegation/authority.ts';
import { readBy } from '../../mandate/model.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { formatDate, languageOf, t } from '../../platform/locale.ts';
import { LISTED_DAYS, listLeftClients, type LeftClient } from '../../supplier/left_client_store.ts';
import {
  asHeading,
  giverName,
  mandateName,
  standingOf,
  type MandateWords,
} from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, mandatePath, offsetOf, turns, type PortalPages } from '../page.ts';
import { actingAs, whoOf } from '../party.ts';
import { customersPath } from './path.ts';

const LEFT = '/customers/left';
const PAGE_SIZE = 20;

/** Where a supplier sees who is no customer any more. */
export const leftPath = (supplier: string): string => `${LEFT}?party=${supplier}`;

export const leftClientPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [{ id: 'clients_left', path: LEFT, show: showLeft }]);

async function showLeft(ctx: Context, pages: PortalPages): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingAs(ctx, pages, 'clients');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const found = await listLeftClients(pages.act, party.id, { limit: PAGE_SIZE, offset });
  const telling = await tellingOf(ctx, pages, found);
  const n = found[0]?.of ?? 0;
  // One who administers customers alone does not see what the company has.
  const seesMandates = (await administered(pages.act, session, [party.id], 'access')).length > 0;
  pages.render(ctx, {
    view: 'portal/customers/left',
    title: t(language, 'customers.left.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    data: {
      lead: t(language, 'customers.left.lead', { days: LISTED_DAYS }),
      found: t(language, 'customers.left.found', { n }),
      clients: found.map((one) => ({
        name: giverName(one),
        what: asHeading(language, mandateName(one, telling)),
        why: whyOf(readBy(one, session.party), telling),
        href: seesMandates ? mandatePath(one.id, party.id) : undefined,
      })),
      ...turns({ offset, size: PAGE_SIZE, of: n }, (at) =>
        having(leftPath(party.id), `offset=${at}`),
      ),
      back: customersPath(party.id),
    },
  });
}

/** The act by which it ended; what another than the two did is over. */
const endingOf = ({ ending, isByCustomer }: LeftClient): string =>
  ending === null || (ending === 'ended' && !isByCustomer) ? 'over' : ending;

/** How it came about, in a sentence. */
function whyOf(one: LeftClient, telling: MandateWords): string {
  const { language, now } = telling;
  const { endedAt, validTo, isFollowing } = one;
  const why = (key: string, at: Date) =>
    t(language, `customers.left.why.${key}`, { date: formatDate(language, at) });
  if (endedAt && endedAt <= now) return why(isFollowing ? 'following' : endingOf(one), endedAt);
  if (validTo && validTo <= now) return why('expired', new Date(validTo.getTime() - 1));
  const { status, lack } = standingOf(one, telling);
  return lack || status;
}
