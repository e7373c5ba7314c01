// API scopes that a company lets suppliers use, and that it may use of others: seen on one page,
// and ended there.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { queryParameter, uuidsIn } from '../../platform/http/body.ts';
import {
  formatDate,
  formatList,
  formatOrganizationNumber,
  languageOf,
  pick,
  t,
  type Language,
} from '../../platform/locale.ts';
import { listScopesHeld, type ScopesHeld } from '../../supplier/scope_store.ts';
import { endScopesChosen } from '../../supplier/scopes.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingAs, backFor, whoOf } from '../party.ts';
import { scopesPath, signalsPath, systemsPath } from './path.ts';

const PAGE_SIZE = 20;
const SEVERAL = ['mandate'];

export const scopePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'scopes_page', path: '/scopes', show: (ctx, own) => showScopes(ctx, own) },
    { id: 'scopes_end', path: '/scopes', several: SEVERAL, post: postEnd, refused: toStronger },
  ]);

async function showScopes(
  ctx: Context,
  pages: PortalPages,
  again?: { ticked: string[]; wrong: string },
): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingAs(ctx, pages, 'scopes');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const page = { limit: PAGE_SIZE, offset };
  const [given, had] = [
    await listScopesHeld(pages.act, party.id, 'given', page),
    await listScopesHeld(pages.act, party.id, 'had', page),
  ];
  const kept = again ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const ticked = again?.ticked ?? (kept ? uuidsIn(kept, 'mandate') : []);
  const action = scopesPath(party.id);
  const most = Math.max(given[0]?.of ?? 0, had[0]?.of ?? 0);
  const words = { name: displayName(party) };
  pages.render(ctx, {
    view: 'portal/systems/scopes',
    title: t(language, 'systems.scopes.title', words),
    who: whoOf(ctx, acting),
    errors: again ? [{ field: 'scopes', text: again.wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      told: ctx.URL.searchParams.has('ended') && t(language, 'systems.scopes.ended'),
      action,
      lists: [
        { legend: t(language, 'systems.scopes.given', words), some: given },
        { legend: t(language, 'systems.scopes.had', words), some: had },
      ].flatMap(({ legend, some }) =>
        some.length ? [{ legend, lines: some.map((one) => lineOf(one, ticked, language)) }] : [],
      ),
      signals: pages.signals.ssf || pages.signals.webhooks ? signalsPath(party.id) : undefined,
      ...turns({ offset, size: PAGE_SIZE, of: most }, (at) => having(action, `offset=${at}`)),
      back: await backFor(pages.act, acting, systemsPath(party.id)),
    },
  });
}

const lineOf = (one: ScopesHeld, ticked: string[], language: Language) => ({
  id: one.id,
  label: t(language, 'systems.scopes.line', {
    other: one.other,
    number: one.otherNo ? formatOrganizationNumber(one.otherNo) : '',
    what: pick(one.title, language)?.text ?? one.resource,
  }),
  about: t(language, 'systems.scopes.about', {
    scopes: formatList(language, one.scopes),
    known: one.scopes.length ? 'yes' : 'no',
    date: formatDate(language, one.since),
  }),
  checked: ticked.includes(one.id),
});

async function postEnd({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingAs(ctx, pages, 'scopes');
  const ticked = uuidsIn(form, 'mandate');
  if (!ticked.length) {
    ctx.status = 400;
    const wrong = t(languageOf(ctx), 'systems.scopes.choose');
    return void (await showScopes(ctx, pages, { ticked, wrong }));
  }
  await endScopesChosen(pages.act, session, party.id, ticked);
  return having(scopesPath(party.id), 'ended');
}
