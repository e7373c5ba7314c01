// Logging out as pages: the question, for a person who wants to and for a client that asks; what
// follows. Addresses of these pages never hold an id_token.
import { type Act, visit, type Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { openRouter } from '../../caller/declared_pages.ts';
import type { Login } from '../../caller/login.ts';
import type { Sessions } from '../../caller/session.ts';
import { parseForm, queryParameter, readForm } from '../../platform/http/body.ts';
import { fault } from '../../platform/errors.ts';
import { allow, seeOther } from '../../platform/http/http.ts';
import { secretId, sha256 } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import type { Render } from '../../platform/http/render.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import { clientName, type Clients } from '../client/clients.ts';
import type { LogoutRequest, Logouts } from './logout.ts';
import { deleteState, findState, putState } from '../provider/store.ts';

export interface LogoutPages {
  act: Act;
  seal: Seal;
  sessions: Sessions;
  login: Login;
  clients: Clients;
  logouts: Logouts;
  render: Render;
}

const ASKED = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'logout_hint'];
const MODEL = 'LoggedOut';
const KEPT_MILLIS = 10 * 60_000;

export const logoutPages = (wired: Wired<LogoutPages>): Router =>
  openRouter(
    () => visit(wired),
    [
      { id: 'logout', path: '/logout', answer: show },
      { id: 'logout_answer', path: '/logout', method: 'POST', answer: take },
      { id: 'logged_out', path: '/logged-out', answer: tell },
    ],
  );

/** The question to the person; of a client's question first whether it may be asked. */
function show(ctx: Context, pages: LogoutPages): Promise<void> {
  const { searchParams } = ctx.URL;
  return ASKED.some((name) => searchParams.has(name))
    ? takeQuestion(ctx, pages, parseForm(searchParams))
    : ask(ctx, pages);
}

/** The person's answer, or a client's question by POST. */
async function take(ctx: Context, pages: LogoutPages): Promise<void> {
  const form = await readForm(ctx);
  return form.has('csrf') ? end(ctx, pages, form) : takeQuestion(ctx, pages, form);
}

/** A client's question, checked and sealed, so that the browser goes on with an address of ours. */
async function takeQuestion(
  ctx: Context,
  { logouts, seal }: LogoutPages,
  form: Map<string, string>,
): Promise<void> {
  const asked = await logouts.asked(form);
  const request = seal.seal('logout', JSON.stringify(asked));
  const lang = form.get('ui_locales')?.split(' ')[0];
  const query = new URLSearchParams({ request, ...(lang ? { lang } : {}) });
  seeOther(ctx, `/logout?${query}`);
}

function requestOf({ seal }: LogoutPages, sealed: string | undefined): LogoutRequest {
  if (!sealed) return { client: undefined, back: undefined };
  const opened = seal.opened('logout', sealed);
  if (opened === undefined)
    throw fault('TIL-00014', { because: 'the question was not sealed here' });
  return JSON.parse(opened) as LogoutRequest;
}

async function ask(ctx: Context, pages: LogoutPages): Promise<void> {
  const language = languageOf(ctx);
  const sealed = queryParameter(ctx, 'request');
  const { client, back } = requestOf(pages, sealed);
  const session = await pages.sessions.find(ctx);
  if (!session) return back ? seeOther(ctx, back) : showEnd(ctx, pages, undefined);
  const name = client && (await clientName(pages.clients, client));
  // The form's own POST ends at the eID, or at the client, which the policy must name.
  const on = [await pages.login.logoutUrl(''), ...(back ? [back] : [])];
  allow(ctx, 'form-action', [...new Set(on.map((address) => new URL(address).origin))]);
  pages.render(ctx, {
    view: 'oidc/logout',
    title: t(language, 'logout.title'),
    who: { user: session.name, canSwitch: false },
    data: {
      lead: name ? t(language, 'logout.asked', { client: name }) : t(language, 'logout.lead'),
      csrf: session.csrf,
      request: sealed,
      stay: back ?? '/consents',
    },
  });
}

/** Ends the session here, then the eID's, and comes back to the clients that are left to notify. */
async function end(ctx: Context, pages: LogoutPages, form: Map<string, string>): Promise<void> {
  const { sessions, logouts, login, act } = pages;
  const session = await sessions.find(ctx);
  const { client, back } = requestOf(pages, form.get('request') || undefined);
  // Nothing to keep until the browser is back: strangers leave no rows.
  if (!session && !form.get('request')) return seeOther(ctx, await login.logoutUrl(secretId()));
  // A session that is gone already needs no proof that its form is genuine.
  if (session) sessions.checkForm(ctx, form, session.party);
  const ended = await sessions.end(ctx);
  const frames = ended ? await logouts.frames(ended) : [];
  const id = secretId();
  await putState(act.db, {
    model: MODEL,
    idHash: sha256(id),
    payload: { client, back, frames },
    grantId: null,
    uid: null,
    expiresAt: new Date(act.now.getTime() + KEPT_MILLIS),
  });
  seeOther(ctx, await login.logoutUrl(id));
}

interface Left extends LogoutRequest {
  frames: string[];
}

/** Once: the frames of the clients, and the way on. */
async function tell(ctx: Context, pages: LogoutPages): Promise<void> {
  const id = queryParameter(ctx, 'state');
  const row = id && (await findState(pages.act, MODEL, sha256(id)));
  if (!id || !row) return showEnd(ctx, pages, undefined);
  await deleteState(pages.act.db, MODEL, sha256(id));
  const left = row.payload as unknown as Left;
  if (left.back && !left.frames.length) return seeOther(ctx, left.back);
  return showEnd(ctx, pages, left);
}

async function showEnd(ctx: Context, pages: LogoutPages, left: Left | undefined): Promise<void> {
  const language = languageOf(ctx);
  const { client, back, frames = [] } = left ?? {};
  if (frames.length) {
    // An address of a policy has no query.
    allow(
      ctx,
      'frame-src',
      frames.map((frame) => frame.split('?')[0]!),
    );
  }
  const name = client && (await clientName(pages.clients, client));
  pages.render(ctx, {
    view: 'oidc/logged_out',
    title: t(language, 'caller.logged_out.title'),
    data: {
      body: t(language, 'caller.logged_out.body'),
      frames,
      back,
      on: name && t(language, 'logout.on', { client: name }),
    },
  });
}
