// The steps that every request passes before and after its row, and faults as pages. It knows no
// row.
import Koa from 'koa';
import type { Context, Middleware, Next } from 'koa';
import type Router from '@koa/router';
import { loggedIn, type Whoever } from './caller/pages.ts';
import { AUTHORIZATION_PARAMETERS } from './oidc/provider/operations.ts';
import { aliasDiscovery } from './oidc/provider/routes.ts';
import { compressAllowed } from './platform/http/compress.ts';
import { dispatch } from './platform/http/dispatch.ts';
import type { Env } from './platform/env/env.ts';
import { wordsOf, type Fault } from './platform/errors.ts';
import { allow, catchFaults, trace } from './platform/http/http.ts';
import {
  hasText,
  isLanguage,
  languageOf,
  rememberLanguage,
  t,
  type Language,
} from './platform/locale.ts';
import type { Access } from './platform/http/access.ts';
import { traceReference } from './platform/reference.ts';
import type { Render } from './platform/http/render.ts';
import { refuseTarget } from './platform/http/target.ts';

export const isHttps = (env: Env) => env.issuer.startsWith('https:');

interface Frame {
  env: Env;
  access: Access;
  render: Render;
  headers: Record<string, string>;
  whoever: Whoever;
  serveAssets: Middleware;
}

/** The steps that every request passes, then the rows, then oidc-provider. */
export function mount(
  { env, access, render, headers, whoever, serveAssets }: Frame,
  routers: Router[],
  last: Middleware,
): Koa {
  const koa = new Koa({ proxy: true });
  koa.on('error', (error) => {
    // A client that leaves in the middle of a file is no fault of ours.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') access.log.error({ err: error }, 'unhandled');
  });
  koa.use(trace(access));
  koa.use((ctx, next) => {
    ctx.set(headers);
    // TLS ends before us; the issuer (oidc/grant/front.ts), not the socket, says whether the
    // browser has it.
    if (isHttps(env)) ctx.cookies.secure = true;
    return next();
  });
  koa.use(keepLanguage);
  koa.use(catchFaults((ctx, known) => renderFault(ctx, known, render, whoever)));
  koa.use(refuseTarget);
  koa.use(compressAllowed());
  koa.use(serveAssets);
  koa.use(aliasDiscovery);
  koa.use(dispatch(routers));
  koa.use(routers.at(-1)!.allowedMethods());
  koa.use(last);
  return koa;
}

/** Where a page leads on to another. */
const LED = [302, 303, 307];

/** A language that a link asks for is that of pages from then on, also where it leads on. */
async function keepLanguage(ctx: Context, next: Next): Promise<void> {
  await next();
  // Most calls have no query, and are not parsed anew for this.
  if (ctx.headerSent || !ctx.querystring) return;
  const asked = ctx.URL.searchParams.get('lang');
  if (!isLanguage(asked)) return;
  const isLed = ctx.method === 'GET' && LED.includes(ctx.status);
  if (isLed || ctx.response.is('html')) rememberLanguage(ctx, asked);
}

/** The family of texts for a fault that has none of its own. */
const BY_STATUS: Record<number, string> = { 403: 'TIL-00008', 404: 'TIL-00009' };

/** A fault as a page: what is wrong in a sentence, and a way out; the way around stays. */
async function renderFault(
  ctx: Context,
  known: Fault,
  render: Render,
  whoever: Whoever,
): Promise<void> {
  // Where no row asked who it is. What is broken may be the database that would answer.
  if (known.status < 500) await whoever(ctx).catch(() => undefined);
  const language = languageOf(ctx);
  const key = hasText(`error.${known.code}.title`)
    ? known.code
    : known.status >= 500
      ? 'TIL-00012'
      : (BY_STATUS[known.status] ?? 'TIL-00014');
  render(ctx, {
    view: 'error',
    title: t(language, `error.${key}.title`),
    who: loggedIn(ctx),
    data: {
      body: wordsOf(known, language) ?? t(language, `error.${key}.body`),
      code: known.code,
      trace: traceReference(ctx.state.trace as string),
      way: wayOn(known, language),
    },
  });
}

/** The way on of a refusal: to ask a party for what is lacking, or to what one sees to. */
function wayOn({ members }: Fault, language: Language) {
  const ways = members as Partial<Record<'ask' | 'see', { party: string; href: string }>>;
  const [kind] = (['ask', 'see'] as const).filter((one) => ways[one]);
  if (!kind) return undefined;
  const { party, href } = ways[kind]!;
  return { href, text: t(language, `error.no_access.${kind}`, { party }) };
}

/**
 * An answer that goes back by POST (OAuth 2.0 Form Post Response Mode): with a button, since our
 * pages have no script.
 */
export function renderFormPost(
  ctx: Context,
  action: string,
  inputs: Record<string, string>,
  render: Render,
): void {
  const { origin, protocol } = new URL(action);
  ctx.state.page = true;
  allow(ctx, 'form-action', [origin === 'null' ? protocol : origin]);
  render(ctx, {
    view: 'oidc/form_post',
    title: t(languageOf(ctx), 'logout.post_title'),
    data: { action, inputs: Object.entries(inputs).map(([name, value]) => ({ name, value })) },
  });
}

/** The authorization server's own errors: the client cannot be reached, so the person gets them. */
export function renderProviderError(
  ctx: Context,
  out: { error: string; error_description?: string },
  render: Render,
): void {
  const language = languageOf(ctx);
  const key = hasText(`error.oauth.${out.error}.title`) ? out.error : 'other';
  ctx.state.page = true;
  render(ctx, {
    view: 'error',
    title: t(language, `error.oauth.${key}.title`),
    parameters: AUTHORIZATION_PARAMETERS,
    data: {
      body: t(language, `error.oauth.${key}.body`),
      code: out.error,
    },
  });
}
