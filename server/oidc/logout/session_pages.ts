// A person's sessions as a page: since when, with which clients, and the buttons that end them.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import { sessionOf, type SignedIn } from '../../caller/pages.ts';
import type { Sessions } from '../../caller/session.ts';
import { listSessions } from '../../caller/store.ts';
import type { Act, Wired } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { formatDateTime, languageOf, t, type Language } from '../../platform/locale.ts';
import type { Render } from '../../platform/http/render.ts';
import { clientName, type Clients } from '../client/clients.ts';

export interface SessionPages {
  act: Act;
  sessions: Sessions;
  clients: Clients;
  render: Render;
  signedIn: SignedIn;
}

export const sessionPages = (pages: Wired<SessionPages>): Router =>
  pageRouter(pages, [
    { id: 'sessions', path: '/sessions', show },
    { id: 'sessions_end', path: '/sessions', post: endOwn },
  ]);

async function show(ctx: Context, { act, sessions, clients, render }: SessionPages): Promise<void> {
  const language = languageOf(ctx);
  const { party, id, name, csrf } = sessionOf(ctx);
  const found = await listSessions(act, party);
  const named = await Promise.all(
    found.map(async (session) => ({
      id: session.id,
      since: t(language, 'logout.begun', { at: formatDateTime(language, session.loggedInAt) }),
      heading: t(language, 'logout.device', {
        browser: session.browser ?? '',
        device: session.device ?? '',
        known: session.browser ? (session.device ? 'both' : 'browser') : 'none',
      }),
      level: t(language, 'logout.level', { level: session.level }),
      used: t(language, 'logout.used', {
        at: formatDateTime(language, sessions.lastUsed(session)),
      }),
      isThis: session.id === id,
      clients: await Promise.all(
        session.clients.map(async ({ clientId, since }) => ({
          name: await clientName(clients, clientId),
          since: t(language, 'logout.since', { at: formatDateTime(language, new Date(since)) }),
        })),
      ),
    })),
  );
  render(ctx, {
    view: 'oidc/sessions',
    title: t(language, 'logout.sessions'),
    who: { user: name, canSwitch: true },
    data: { csrf, sessions: named, several: named.length > 1, ended: endedText(ctx, language) },
  });
}

const endedText = (ctx: Context, language: Language) =>
  ctx.URL.searchParams.has('ended') ? t(language, 'logout.ended') : undefined;

async function endOwn({ session, form, pages }: Posted<SessionPages>): Promise<string> {
  const one = form.get('session');
  if (one !== undefined && !isUuid(one)) throw fault('TIL-00014');
  await pages.sessions.endOf(session.party, one);
  return one === undefined || one === session.id ? '/logged-out' : '/sessions?ended=1';
}
