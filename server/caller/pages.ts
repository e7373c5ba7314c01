// The guard that brings a person without a session to the eID and back, and who is logged in.
import type { Context, Next } from 'koa';
import type { Fault } from '../platform/errors.ts';
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
 * An act, or a page that is opened, takes a stronger login (`TIL-00007`): said on a page, with the
 * way to it and on to `to`, an address of ours, and the way out. Nothing was done.
 */
export function tellStepUp(
  ctx: Context,
  render: Render,
  to: string,
  why: Fault,
  leave = '/start',
  body?: string,
): void {
  const language = languageOf(ctx);
  const level = textOf(why.members.requiredLevel) ?? '4';
  // It waits for an answer where nobody else waits with it.
  const isOwn = leave === '/start';
  ctx.status = 403;
  render(ctx, {
    view: 'caller/again',
    title: t(language, 'login.stronger.title'),
    who: loggedIn(ctx),
    data: {
      body:
        body ?? t(language, `login.${ctx.method === 'GET' ? 'read' : 'stronger'}.body`, { level }),
      href: `/step-up?${new URLSearchParams({ to, level })}`,
      leave,
      leaveLabel: t(language, ctx.method === 'GET' && isOwn ? 'login.later' : 'login.leave'),
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
