// API scopes that a company lets suppliers use, and that it may use of others: seen on one page,
// and ended there.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { displayName } from '../../consent/text.ts';
import { mustAdminister } from '../../delegation/authority.ts';
import { findParty } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter, severalIn } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
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
import { toStronger } from '../customers/supplier.ts';
import { having, offsetOf, turns, type PortalPages } from '../page.ts';
import { onBehalfBy, whoOf, type Acting } from '../party.ts';
import { scopesPath, systemsPath } from './path.ts';

const PAGE_SIZE = 20;
const SEVERAL = ['mandate'];

export const scopePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'scopes_page', path: '/scopes', show: (ctx, own) => showScopes(ctx, own) },
    { id: 'scopes_end', path: '/scopes', several: SEVERAL, post: postEnd, refused: toStronger },
  ]);

/** The company whose API scopes the person administers; TIL-00008 else. */
async function actingIn(ctx: Context, { act }: PortalPages): Promise<Acting> {
  const named = queryParameter(ctx, 'party');
  const party = isUuid(named) ? await findParty(act, { by: 'uuid', value: named! }) : undefined;
  if (party?.kind !== 'organization') throw fault('TIL-00008');
  await mustAdminister(act, sessionOf(ctx), party.id, 'scopes');
  const acting = await onBehalfBy(ctx, act, party, 'scopes');
  ctx.state.who = whoOf(ctx, acting);
  return acting;
}

async function showScopes(
  ctx: Context,
  pages: PortalPages,
  again?: { ticked: string[]; wrong: string },
): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingIn(ctx, pages);
  const { party, session } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const page = { limit: PAGE_SIZE, offset };
  const [given, had] = [
    await listScopesHeld(pages.act, party.id, 'given', page),
    await listScopesHeld(pages.act, party.id, 'had', page),
  ];
  const kept = again ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const ticked = again?.ticked ?? (kept ? idsIn(kept) : []);
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
      ...turns({ offset, size: PAGE_SIZE, of: most }, (at) => having(action, `offset=${at}`)),
      back: systemsPath(party.id),
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

const idsIn = (form: Map<string, string>): string[] => severalIn(form, 'mandate').filter(isUuid);

async function postEnd({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingIn(ctx, pages);
  const ticked = idsIn(form);
  if (!ticked.length) {
    ctx.status = 400;
    const wrong = t(languageOf(ctx), 'systems.scopes.choose');
    return void (await showScopes(ctx, pages, { ticked, wrong }));
  }
  await endScopesChosen(pages.act, session, party.id, ticked);
  return having(scopesPath(party.id), 'ended');
}
