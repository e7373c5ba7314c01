// The people and systems who work for a supplier's customers: who they are, and for how many; one
// more by number and name, and the end of one's work with all that it has through the supplier.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import { personByName } from '../../delegation/enduser.ts';
import { findRelation } from '../../delegation/relation_store.ts';
import { findParties } from '../../party/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { asText } from '../../platform/as_text.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { countOfAgents, type AgentCount } from '../../supplier/customer_store.ts';
import { listAgents } from '../../supplier/agent_store.ts';
import { addAgent, endPassedOn, removeAgent } from '../../supplier/customers.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingAs, whoOf } from '../party.ts';
import { originLines } from '../systems/text.ts';
import { wrongName } from '../give/terms_model.ts';
import { agentIn, agentsPath, workPath } from './agent.ts';
import { customersPath } from './path.ts';

const PAGE_SIZE = 50;

export const agentPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'agents_page', path: '/customers/agents', show: (ctx, own) => showAgents(ctx, own) },
    { id: 'agents_add', path: '/customers/agents', post: postAgent, refused: toStronger },
    { id: 'agents_end_page', path: '/customers/agents/end', show: showEnd },
    { id: 'agents_end', path: '/customers/agents/end', post: postEnd, refused: toStronger },
  ]);

/** The fields by which a person is named, and what is wrong with them. */
interface Naming {
  number: string;
  lastName: string;
  wrong?: string;
}

async function showAgents(ctx: Context, pages: PortalPages, again?: Naming): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingAs(ctx, pages, 'clients');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const kept = again ? undefined : await pages.forms.take(ctx, session);
  const typed = again ?? { number: kept?.get('number'), lastName: kept?.get('lastName') };
  const search = (queryParameter(ctx, 'q') ?? '').trim().slice(0, 100);
  const offset = offsetOf(ctx);
  const wanted = { text: search.toLowerCase(), limit: PAGE_SIZE, offset };
  const listed = await listAgents(pages.act, party.id, wanted);
  const of = listed[0]?.of ?? 0;
  const ids = listed.map(({ id }) => id);
  const paused = listed.flatMap(({ id, isSuspended }) => (isSuspended ? id : []));
  const found = ids.length ? await findParties(pages.act, ids) : [];
  const counts = await countOfAgents(pages.act, party.id, ids);
  const origins = await originLines(pages.act, found, language);
  const wrong = again?.wrong;
  pages.render(ctx, {
    view: 'portal/customers/agents',
    title: t(language, 'customers.people.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    errors: wrong ? [{ field: 'number', text: wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, agentsPath(party.id)),
      isKept: kept !== undefined,
      told: ['given', 'ended']
        .filter((one) => ctx.URL.searchParams.has(one))
        .map((one) => t(language, `customers.people.${one}`))[0],
      action: agentsPath(party.id),
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      typed,
      numberError: wrong,
      isNameWrong: wrong !== undefined,
      party: party.id,
      search,
      isSearch: search !== '' || of > PAGE_SIZE,
      found: search ? t(language, 'customers.people.found', { n: of }) : undefined,
      ...turns({ offset, size: PAGE_SIZE, of }, (at) =>
        having(
          agentsPath(party.id),
          asText(new URLSearchParams({ q: search, offset: asText(at) })),
        ),
      ),
      agents: found
        .map((one) => ({
          name: identified(one, language),
          has: hasText(counts.get(one.id), paused.includes(one.id), language),
          work: workPath(party.id, one.id),
          end: endPath(party.id, one.id),
          about: displayName(one),
          origin: origins.get(one.id),
        }))
        .sort((a, b) => a.name.localeCompare(b.name, language)),
      back: customersPath(party.id),
    },
  });
}

/** The customers an agent has something of, counted, and whether it can be used now. */
const hasText = (count: AgentCount | undefined, isPaused: boolean, language: Language): string =>
  t(language, 'customers.people.has', {
    n: count?.n ?? 0,
    holding: isPaused ? 'paused' : (count?.holding ?? 'all'),
  });

const endPath = (supplier: string, agent: string) =>
  `/customers/agents/end?party=${supplier}&to=${agent}`;

async function postAgent({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingAs(ctx, pages, 'clients');
  const language = languageOf(ctx);
  const number = (form.get('number') ?? '').replaceAll(/\s/g, '').slice(0, 20);
  const lastName = (form.get('lastName') ?? '').trim().slice(0, 200);
  const [mistyped] = wrongName({ number, lastName }, language);
  if (mistyped) {
    ctx.status = 400;
    return void (await showAgents(ctx, pages, { number, lastName, wrong: mistyped.text }));
  }
  try {
    const named = { personIdentifier: number, lastName };
    const agent = await personByName(pages.act, session, named, '/to');
    const { now } = pages.act;
    if (agent.endedAt && agent.endedAt <= now) throw fault('TIL-00009', { because: 'ended' });
    await addAgent(pages.act, session, party.id, agent);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'TIL-00007') throw error;
    ctx.status = 400;
    const key = error.code === 'AM-00026' ? 'locked' : 'unknown';
    const wrong = t(language, `give.error.${key}`);
    return void (await showAgents(ctx, pages, { number, lastName, wrong }));
  }
  return having(agentsPath(party.id), 'given');
}

async function showEnd(ctx: Context, pages: PortalPages): Promise<void> {
  const acting = await actingAs(ctx, pages, 'clients');
  const { party, session } = acting;
  const agent = await agentIn(ctx, pages, party.id);
  if (!agent) return ctx.redirect(agentsPath(party.id));
  const language = languageOf(ctx);
  const n = (await countOfAgents(pages.act, party.id, [agent.id])).get(agent.id)?.n ?? 0;
  const words = { name: displayName(agent), n };
  pages.render(ctx, {
    view: 'portal/customers/agent_end',
    title: t(language, 'customers.people.end_title', words),
    who: whoOf(ctx, acting),
    data: {
      action: endPath(party.id, agent.id),
      back: agentsPath(party.id),
      csrf: session.csrf,
      body: t(language, 'customers.people.end_body', words),
      yes: t(language, 'customers.people.end'),
    },
  });
}

async function postEnd({ ctx, pages, session }: Posted<PortalPages>) {
  const { party } = await actingAs(ctx, pages, 'clients');
  const agent = await agentIn(ctx, pages, party.id);
  // Somebody else was first.
  if (!agent) return having(agentsPath(party.id), 'ended');
  const where = { via: party.id, to: agent.id, from: null };
  if (await findRelation(pages.act, party.id, agent.id, 'agent'))
    await removeAgent(pages.act, session, party.id, agent.id, true);
  else await endPassedOn(pages.act, session.party, where, null);
  return having(agentsPath(party.id), 'ended');
}
