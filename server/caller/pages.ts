// Login as pages, and the guard that brings a person without a session to the eID and
// back.
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import { queryParameter } from '../platform/http/body.ts';
import { type Fault, fault } from '../platform/errors.ts';
import { asRoute, page } from '../platform/http/http.ts';
import { languageOf, t } from '../platform/locale.ts';
import type { Render, Who } from '../platform/http/render.ts';
import { allowCompression } from '../platform/http/compress.ts';
import type { KeptForms } from './kept_form.ts';
import type { Login } from './login.ts';
import type { Session, Sessions } from './session.ts';
import { textOf } from '../platform/as_text.ts';

/** The lowest level that the eID gives; pages that need a higher one ask for it. */
export const LOGIN_LEVEL = 3;

/** The guard's name, where routes are listed. */
export const SESSION_GUARD = 'requireSession';
export type SignedIn = ReturnType<typeof createSignedIn>;

/**
 * A form whose session is gone is answered by a page and a link: a redirect to the eID is blocked
 * without a word. Nothing was done; what was typed may have been kept.
 */
async function tellLoggedOut(ctx: Context, render: Render, forms: KeptForms): Promise<void> {
  const language = languageOf(ctx);
  const kept = await forms.keep(ctx);
  ctx.status = 401;
  render(ctx, {
    view: 'caller/again',
    title: t(language, 'login.gone.title'),
    data: {
      body: t(language, kept ? 'login.gone.kept' : 'login.gone.body'),
      href: kept ?? ctx.url,
    },
  });
}

/**
 * An act takes a stronger login (`TIL-00007`): said on a page, with the way to it and on to `to`,
 * an address of ours, and the way out. Nothing was done.
 */
export function tellStepUp(
  ctx: Context,
  render: Render,
  to: string,
  why: Fault,
  leave = '/start',
): void {
  const language = languageOf(ctx);
  const level = textOf(why.members.requiredLevel) ?? '4';
  ctx.status = 403;
  render(ctx, {
    view: 'caller/again',
    title: t(language, 'login.stronger.title'),
    who: loggedIn(ctx),
    data: {
      body: t(language, 'login.stronger.body', { level }),
      href: `/step-up?${new URLSearchParams({ to, level })}`,
      leave,
    },
  });
}

/**
 * A row's guard: a session (in `ctx.state.session`), or a login that returns here. Each form's
 * address has a page to GET.
 */
export function createSignedIn(sessions: Sessions, login: Login, render: Render, forms: KeptForms) {
  /** With the level that the page will want, so that nobody has to log in twice. */
  return (levelOf: (ctx: Context) => Promise<number> = async () => LOGIN_LEVEL) =>
    async function requireSession(ctx: Context, next: Next) {
      const session = await sessions.find(ctx);
      if (!session && ctx.method === 'POST') return tellLoggedOut(ctx, render, forms);
      if (!session)
        return login.begin(ctx, ctx.url, { level: Math.max(LOGIN_LEVEL, await levelOf(ctx)) });
      ctx.state.session = session satisfies Session;
      allowCompression(ctx);
      return next();
    };
}

/** Where a client waits for an answer, the way out leads to it; else one may try again. */
const leaveOf = ({ outcome, returnTo }: { outcome: string; returnTo: string | undefined }) =>
  returnTo !== undefined && /^\/interaction\/[\w-]+$/.test(returnTo)
    ? `${returnTo}/leave?because=${outcome}`
    : undefined;

/** The person who is logged in, and for whom, as far as it is known before the page is. */
export function loggedIn(ctx: Context): Who | undefined {
  const { session, who } = ctx.state as { session?: Session; who?: Who };
  return who ?? (session && { user: session.name, canSwitch: true });
}

/** A row's guard, or part of one: who is logged in is known, and nobody has to be. */
export const createWhoever = (sessions: Sessions) =>
  async function noteSession(ctx: Context, next?: Next) {
    ctx.state.session ??= await sessions.find(ctx, false);
    return next?.();
  };
export type Whoever = ReturnType<typeof createWhoever>;

/** The session that `SignedIn` found. */
export const sessionOf = (ctx: Context) => ctx.state.session as Session;

export function loginPages(login: Login, render: Render): Router {
  const router = new Router();
  const row = (route: string) => [asRoute(route), page] as const;

  router.get('/login/callback', ...row('login_callback'), async (ctx) => {
    const result = await login.finish(ctx);
    if (result.outcome === 'done') {
      ctx.status = 303;
      ctx.redirect(result.returnTo);
      return;
    }
    const lang = languageOf(ctx);
    ctx.status = result.outcome === 'lost' ? 400 : 403;
    render(ctx, {
      view: 'caller/login',
      title: t(lang, `caller.${result.outcome}.title`),
      data: {
        body: t(lang, `caller.${result.outcome}.body`),
        again: result.returnTo ?? '/start',
        leave: leaveOf(result),
      },
    });
  });

  // The eID calls it in a frame of its own page, without our cookies.
  router.get('/login/ended', ...row('login_ended'), async (ctx) => {
    if (!(await login.ended(queryParameter(ctx, 'iss'), queryParameter(ctx, 'sid'))))
      throw fault('TIL-00014', { because: 'not of our eID' });
    ctx.set('content-security-policy', "default-src 'none'");
    ctx.type = 'text/plain';
    ctx.body = 'OK';
  });

  return router;
}
