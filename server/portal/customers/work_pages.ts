// Pages of what a supplier has passed on: of one who has it, by customer, and of one customer, by
// who has it; ticked lines of either are ended.
import { uuidsIn } from '../../platform/http/body.ts';
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { identified } from '../../consent/identity_text.ts';
import { formatUntil } from '../../consent/until_model.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { listWork, type Work, type WorkOf } from '../../supplier/agent_store.ts';
import { endWork } from '../../supplier/assign.ts';
import { mandateName, type MandateWords } from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingAs, whoOf, type Acting } from '../party.ts';
import { agentsPath, agentWorking, WORK } from './agent.ts';
import { customerServed } from './customer.ts';
import { customersPath, ONE } from './path.ts';

const SEVERAL = ['mandate'];
/** Customers of an agent, or agents of a customer, on a page. */
const PAGE_SIZE = 20;

/** The one whose page it is. */
interface Worked {
  of: WorkOf;
  title: string;
  /** Sentences above what is passed on, and what can be done about the one. */
  facts?: string[];
  ways?: { href: string; text: string }[];
  none: string;
  path: string;
  back: string;
}

/** A page of one kind. */
interface Side {
  path: string;
  /** Finds the one that the address names; undefined where there is no such one. */
  find: (ctx: Context, pages: PortalPages, acting: Acting) => Promise<Worked | undefined>;
  /** The list in which they are all. */
  all: (supplier: string) => string;
}

const AGENT: Side = { path: WORK, find: agentWorking, all: agentsPath };
const CUSTOMER: Side = { path: ONE, find: customerServed, all: customersPath };

const rowsOf = (id: string, side: Side): PageRow<PortalPages>[] => [
  { id: `${id}_page`, path: side.path, show: (ctx, pages) => showWork(side, ctx, pages) },
  {
    ...{ id, path: side.path, several: SEVERAL, refused: toStronger },
    post: (posted) => postWork(side, posted),
  },
];

export const workPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [...rowsOf('agents_work', AGENT), ...rowsOf('clients_one', CUSTOMER)]);

async function showWork(
  side: Side,
  ctx: Context,
  pages: PortalPages,
  wrong?: string,
): Promise<void> {
  const acting = await actingAs(ctx, pages, 'clients');
  const { party, session } = acting;
  const one = await side.find(ctx, pages, acting);
  if (!one) return ctx.redirect(side.all(party.id));
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const found = await listWork(pages.act, one.of, { limit: PAGE_SIZE, offset });
  const parts = found.flatMap(({ has }) => has.map((held) => ({ role: null, ...held })));
  const telling = await tellingOf(ctx, pages, parts);
  const kept = wrong ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const ticked = kept ? uuidsIn(kept, 'mandate') : [];
  const n = found[0]?.of ?? 0;
  const { title, facts, ways, none, path, back } = one;
  pages.render(ctx, {
    view: 'portal/customers/work',
    title,
    who: whoOf(ctx, acting),
    errors: wrong ? [{ field: 'work', text: wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, path),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      told: ctx.URL.searchParams.has('ended') && t(language, 'customers.people.ended'),
      action: path,
      ...{ facts, ways, none },
      others: found.map((other) => otherLine(other, telling, ticked)),
      ...turns({ offset, size: PAGE_SIZE, of: n }, (at) => having(path, `offset=${at}`)),
      back,
    },
  });
}

const otherLine = (other: Work, telling: MandateWords, ticked: string[]) => ({
  name: identified(other, telling.language),
  has: other.has.map(({ id, package: code, resource, validTo, holds }) => ({
    id,
    what: mandateName({ role: null, package: code, resource }, telling),
    until: validTo ? formatUntil(telling.language, new Date(validTo)) : undefined,
    rests: !holds,
    checked: ticked.includes(id),
  })),
});

async function postWork(side: Side, { ctx, pages, session, form }: Posted<PortalPages>) {
  const acting = await actingAs(ctx, pages, 'clients');
  const one = await side.find(ctx, pages, acting);
  if (!one) return side.all(acting.party.id);
  const ids = uuidsIn(form, 'mandate');
  if (!ids.length) {
    ctx.status = 400;
    return void (await showWork(side, ctx, pages, t(languageOf(ctx), 'customers.work.choose')));
  }
  await endWork(pages.act, session.party, one.of, ids);
  return having(one.path, 'ended');
}
