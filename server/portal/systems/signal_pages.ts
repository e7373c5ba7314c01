// How a company's systems hear of what happens: each stream and webhook as it stands, and what
// could not be delivered, which is sent again or let go.
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import { ownIdOf } from '../../caller/model.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { formatDate, formatDateTime, languageOf, t, type Language } from '../../platform/locale.ts';
import { methodsOf, settleOwners } from '../../signal/owner.ts';
import { listOwnersStreams, MOST_COUNTED, type OwnersStream } from '../../signal/owner_store.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingAs, whoOf } from '../party.ts';
import { scopesPath, signalsPath } from './path.ts';

const PAGE_SIZE = 20;
/** The acts of the page by their addresses, and the words that say they are done. */
const ACTS = { again: 'again', 'let-go': 'let_go' } as const;

export const signalPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'signals_page', path: '/signals', show: showSignals },
    ...Object.entries(ACTS).flatMap(([step, how]): PageRow<PortalPages>[] => [
      {
        ...{ id: `signals_${how}`, path: `/signals/${step}`, refused: toStronger },
        post: (posted) => postLetters(posted, how),
      },
      // Where a form was, after a login in between.
      {
        ...{ id: `signals_${how}_page`, path: `/signals/${step}` },
        show: (ctx) => ctx.redirect(`/signals${ctx.search}`),
      },
    ]),
  ]);

async function showSignals(ctx: Context, pages: PortalPages): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingAs(ctx, pages, 'scopes');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const methods = methodsOf(pages.signals);
  const found = await listOwnersStreams(pages.act, party.id, {
    ...{ limit: PAGE_SIZE, offset, methods },
  });
  const path = signalsPath(party.id);
  const done = Object.values(ACTS).find((how) => ctx.URL.searchParams.has(how));
  pages.render(ctx, {
    view: 'portal/systems/signals',
    title: t(language, 'systems.signals.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    data: {
      csrf: session.csrf,
      party: party.id,
      told: done && t(language, `systems.signals.done.${done}`),
      streams: found.map((one) => cardOf(one, language)),
      ...turns({ offset, size: PAGE_SIZE, of: found[0]?.of ?? 0 }, (at) =>
        having(path, `offset=${at}`),
      ),
      back: scopesPath(party.id),
    },
  });
}

const COLORS = { enabled: 'success', paused: 'warning', disabled: 'neutral' } as const;

/** A stream as it stands. */
function cardOf(one: OwnersStream, language: Language) {
  const { method, endpoint, status, waiting, dead, supplier } = one;
  const isProved = one.verifiedAt !== null;
  const fact = (key: string, text: string | null) =>
    text ? [{ label: t(language, `systems.signals.fact.${key}`), text }] : [];
  return {
    id: one.id,
    name: t(language, 'systems.signals.name', { method, client: ownIdOf(one.client) }),
    status: t(language, `systems.signals.status.${isProved ? status : 'unproved'}`),
    color: isProved ? COLORS[status] : 'warning',
    facts: [
      // The host says whose receiver it is; the rest of the address may hold a secret.
      ...fact('address', endpoint && new URL(endpoint).host),
      ...fact('supplier', supplier),
      ...fact('reason', one.reason),
      ...fact('since', formatDate(language, one.madeAt)),
      ...fact(
        'waiting',
        t(language, 'systems.signals.n', {
          n: waiting,
          more: waiting === MOST_COUNTED ? 'yes' : 'no',
        }),
      ),
    ],
    dead: dead > 0 ? t(language, 'systems.signals.dead', { n: dead }) : undefined,
    latest: one.latest.map(({ kind, why, at }) =>
      t(language, 'systems.signals.letter', {
        ...{ kind, why: why ?? '', known: why === null ? 'no' : 'yes' },
        at: formatDateTime(language, new Date(at)),
      }),
    ),
    more: dead > one.latest.length ? dead - one.latest.length : undefined,
  };
}

async function postLetters(
  { ctx, pages, session, form }: Posted<PortalPages>,
  how: 'again' | 'let_go',
): Promise<string> {
  const { party } = await actingAs(ctx, pages, 'scopes');
  const stream = form.get('stream');
  if (!isUuid(stream)) throw fault('TIL-00009');
  await settleOwners(pages.act, session, { owner: party.id, stream: stream! }, how);
  return having(signalsPath(party.id), how);
}
