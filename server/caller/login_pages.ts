// Login as pages: the way back from the eID, and its notice that a session has ended there.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { fault } from '../platform/errors.ts';
import { queryParameter } from '../platform/http/body.ts';
import type { Render } from '../platform/http/render.ts';
import { languageOf, t } from '../platform/locale.ts';
import { openRouter } from './declared_pages.ts';
import type { Login } from './login.ts';

interface LoginPages {
  login: Login;
  render: Render;
}

export const loginPages = (pages: LoginPages): Router =>
  openRouter(
    () => pages,
    [
      { id: 'login_callback', path: '/login/callback', answer: comeBack },
      { id: 'login_ended', path: '/login/ended', answer: endedAtEid },
    ],
  );

async function comeBack(ctx: Context, { login, render }: LoginPages): Promise<void> {
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
}

/** Where a client waits for an answer, the way out leads to it; else one may try again. */
const leaveOf = ({ outcome, returnTo }: { outcome: string; returnTo: string | undefined }) =>
  returnTo !== undefined && /^\/interaction\/[\w-]+$/.test(returnTo)
    ? `${returnTo}/leave?because=${outcome}`
    : undefined;

/** The eID calls it in a frame of its own page, without our cookies. */
async function endedAtEid(ctx: Context, { login }: LoginPages): Promise<void> {
  if (!(await login.ended(queryParameter(ctx, 'iss'), queryParameter(ctx, 'sid'))))
    throw fault('TIL-00014', { because: 'not of our eID' });
  ctx.set('content-security-policy', "default-src 'none'");
  ctx.type = 'text/plain';
  ctx.body = 'OK';
}
