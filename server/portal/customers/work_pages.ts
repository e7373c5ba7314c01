// Everything that one who works for a supplier's customers has, by customer, on a page; and the end
// of what is ticked there.
import { uuidsIn } from '../../platform/http/body.ts';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { formatUntil } from '../../consent/until_model.ts';
import { formatOrganizationNumber, languageOf, t } from '../../platform/locale.ts';
import { listWork, type Work } from '../../supplier/agent_store.ts';
import { endWork } from '../../supplier/customers.ts';
import { mandateName, type MandateWords } from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingAs, whoOf } from '../party.ts';
import { agentIn, agentsPath, workPath } from './agent.ts';

const WORK = '/customers/agents/work';
const SEVERAL = ['mandate'];
/** Customers on a page. */
const PAGE_SIZE = 20;

export const workPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'agents_work_page', path: WORK, show: (ctx, own) => showWork(ctx, own) },
    { id: 'agents_work', path: WORK, several: SEVERAL, post: postWork, refused: toStronger },
  ]);

async function showWork(ctx: Context, pages: PortalPages, wrong?: string): Promise<void> {
  const acting = await actingAs(ctx, pages, 'clients');
  const { party, session } = acting;
  const agent = await agentIn(ctx, pages, party.id);
  if (!agent) return ctx.redirect(agentsPath(party.id));
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const whose = { supplier: party.id, agent: agent.id };
  const found = await listWork(pages.act, whose, { limit: PAGE_SIZE, offset });
  const parts = found.flatMap(({ has }) => has.map((one) => ({ role: null, ...one })));
  const telling = await tellingOf(ctx, pages, parts);
  const action = workPath(party.id, agent.id);
  const kept = wrong ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const ticked = kept ? uuidsIn(kept, 'mandate') : [];
  const n = found[0]?.of ?? 0;
  pages.render(ctx, {
    view: 'portal/customers/work',
    title: t(language, 'customers.work.title', { name: displayName(agent) }),
    who: whoOf(ctx, acting),
    errors: wrong ? [{ field: 'work', text: wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      told: ctx.URL.searchParams.has('ended') && t(language, 'customers.people.ended'),
      action,
      none: t(language, 'customers.people.has', { n: 0, holding: 'all' }),
      customers: found.map((one) => customerLine(one, telling, ticked)),
      ...turns({ offset, size: PAGE_SIZE, of: n }, (at) => having(action, `offset=${at}`)),
      back: agentsPath(party.id),
    },
  });
}

const customerLine = (one: Work, telling: MandateWords, ticked: string[]) => ({
  name: one.organizationNo
    ? `${displayName(one)} (${formatOrganizationNumber(one.organizationNo)})`
    : displayName(one),
  has: one.has.map(({ id, package: code, resource, validTo, holds }) => ({
    id,
    what: mandateName({ role: null, package: code, resource }, telling),
    until: validTo ? formatUntil(telling.language, new Date(validTo)) : undefined,
    rests: !holds,
    checked: ticked.includes(id),
  })),
});

async function postWork({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingAs(ctx, pages, 'clients');
  const agent = await agentIn(ctx, pages, party.id);
  if (!agent) return agentsPath(party.id);
  const ids = uuidsIn(form, 'mandate');
  if (!ids.length) {
    ctx.status = 400;
    return void (await showWork(ctx, pages, t(languageOf(ctx), 'customers.work.choose')));
  }
  await endWork(pages.act, session.party, { via: party.id, to: agent.id }, ids);
  return having(workPath(party.id, agent.id), 'ended');
}
