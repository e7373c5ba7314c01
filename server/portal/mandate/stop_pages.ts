// "This was not me", of everything: a page that says what is suspended of what one party has given
// another, and suspends it. Each thing is resumed on its own page.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { asks } from '../../access_request/store.ts';
import { findLive, suspendAll } from '../../connection/suspend.ts';
import { stopPath, tokenMinutes } from '../../consent/page.ts';
import { displayName } from '../../consent/text.ts';
import { findParty } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid, NO_ID } from '../../platform/ids.ts';
import { formatList, languageOf, t } from '../../platform/locale.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';

export const stopPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'stop_page', path: '/overview/stop', show: showStop },
    { id: 'stop', path: '/overview/stop', post: postStop },
  ]);

/** For whom, and whose access is stopped. */
async function sidesOf(ctx: Context, pages: PortalPages) {
  const { searchParams } = ctx.URL;
  const acting = await actingFor(ctx, pages, searchParams.get('party'));
  const wanted = searchParams.get('receiver') ?? '';
  return { acting, to: isUuid(wanted) ? wanted : NO_ID };
}

const overviewOf = ({ party }: Acting) => `/overview?party=${party.id}`;

/** Says that everything given to the other is suspended, as long as it is so. */
export async function toldStopped(
  ctx: Context,
  { act }: PortalPages,
  { party, session }: Acting,
): Promise<string | undefined> {
  const to = ctx.URL.searchParams.get('stopped') ?? '';
  if (!isUuid(to)) return undefined;
  const live = await findLive(act, session, { from: party.id, to });
  if (!live.suspended || live.mandates.length || live.consents.length) return undefined;
  const receiver = await findParty(act, { by: 'uuid', value: to });
  return receiver && t(languageOf(ctx), 'stop.told', { to: displayName(receiver) });
}

async function showStop(ctx: Context, pages: PortalPages): Promise<void> {
  const { acting, to } = await sidesOf(ctx, pages);
  const between = { from: acting.party.id, to };
  const live = await findLive(pages.act, acting.session, between);
  const n = { mandates: live.mandates.length, consents: live.consents.length };
  const isNothing = n.mandates + n.consents === 0;
  // Nothing is shown of one who has nothing from here and asks for nothing, nor whether there is
  // such a one; nor to others who asks for a consent.
  const asked = { ...between, consents: acting.isSelf };
  if (isNothing && !(await asks(pages.act, asked))) return ctx.redirect(overviewOf(acting));
  const receiver = await findParty(pages.act, { by: 'uuid', value: to });
  if (!receiver) throw fault('TIL-00009');
  const language = languageOf(ctx);
  const name = displayName(receiver);
  if (isNothing)
    return pages.render(ctx, {
      view: 'error',
      title: t(language, 'stop.nothing_title', { to: name }),
      who: whoOf(ctx, acting),
      data: {
        body: t(language, 'stop.nothing', { to: name }),
        continueUrl: `${overviewOf(acting)}&show=waiting`,
      },
    });
  const kinds = (['mandates', 'consents'] as const).filter((kind) => n[kind] > 0);
  pages.render(ctx, {
    view: 'portal/mandate/stop',
    title: t(language, 'stop.title', { to: name }),
    who: whoOf(ctx, acting),
    data: {
      csrf: acting.session.csrf,
      action: stopPath(acting.party.id, to),
      body: t(language, 'stop.body', {
        to: name,
        minutes: await tokenMinutes(pages),
        what: formatList(
          language,
          kinds.map((kind) => t(language, `stop.${kind}`, { n: n[kind] })),
        ),
      }),
      back: overviewOf(acting),
    },
  });
}

async function postStop({ ctx, pages, session }: Posted<PortalPages>) {
  const { acting, to } = await sidesOf(ctx, pages);
  await suspendAll(pages.act, session, { from: acting.party.id, to });
  return `${overviewOf(acting)}&stopped=${to}`;
}
