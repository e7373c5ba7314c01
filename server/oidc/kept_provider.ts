// The provider in use: built with what the server knows, and built anew whenever the signing keys
// change; and what we add to its answers. It holds no rule.
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import { Fault } from '../platform/errors.ts';
import { hookOf } from './hook_model.ts';
import { answerTo } from './problems.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { JWT_BEARER } from './clients.ts';
import { CONSENT_TYPE } from './consent_details.ts';
import { REPRESENTATION_TYPES } from './representation_details.ts';
import { SYSTEM_USER_TYPE } from './system_user.ts';
import { structuredTokens, type TokenStatus } from './introspection.ts';
import { buildProvider } from './provider.ts';
import type { ProviderSettings } from './provider_settings.ts';

/** Answers with the provider of this moment. */
export function keepProvider(
  settings: ProviderSettings,
  metrics: Metrics,
  tokens: TokenStatus,
  log: Logger,
): () => Provider {
  const { point, keyring, clients, env } = settings;
  let provider: Provider;
  const build = () => {
    const next = buildProvider(settings);
    watchProvider(next, log);
    next.use((ctx, then) => {
      if (env.issuer.startsWith('https:')) ctx.cookies.secure = true;
      return then();
    });
    next.use(afterProvider(metrics));
    next.use(structuredTokens({ point, keyring, clients, issuer: env.issuer }, tokens));
    provider = next;
  };
  build();
  keyring.watch(build);
  return () => provider;
}

/**
 * The one way an answer goes back. form_post needs a script that our CSP forbids; a fragment is
 * nothing for a code.
 */
export const RESPONSE_MODE = 'query';

function refuseResponseMode(ctx: Context, route: string | undefined): void {
  const { params } = hookOf(ctx).oidc;
  const mode = params?.response_mode;
  if (
    route !== 'pushed_authorization_request' ||
    !mode ||
    mode === RESPONSE_MODE ||
    ctx.status >= 400
  )
    return;
  ctx.status = 400;
  ctx.body = { error: 'invalid_request', error_description: 'unsupported response_mode' };
}

/** Adds to discovery what we answer ourselves, and the consent API's code to refusals. */
function afterProvider(metrics: Metrics) {
  return async (ctx: Context, next: Next) => {
    await next();
    const body = ctx.body as Record<string, unknown> | undefined;
    const { route, params } = hookOf(ctx).oidc ?? {};
    refuseResponseMode(ctx, route);
    if (route === 'discovery' && body) {
      body.response_modes_supported = [RESPONSE_MODE];
      body.grant_types_supported = [...(body.grant_types_supported as string[]), JWT_BEARER];
      body.authorization_details_types_supported = [
        CONSENT_TYPE,
        SYSTEM_USER_TYPE,
        ...REPRESENTATION_TYPES,
      ];
    }
    if (route === 'token') {
      const outcome = typeof body?.error === 'string' ? body.error : 'issued';
      const { grant_type: grant } = params ?? {};
      const known = ['authorization_code', 'refresh_token', 'client_credentials'].includes(
        grant ?? '',
      )
        ? grant!
        : 'other';
      metrics.tokens.inc({ grant: known, outcome });
    }
  };
}

/**
 * Adds the consent API's code to refusals, and keeps an outage of ours under the provider a 503
 * with Retry-After.
 */
function watchProvider(provider: Provider, log: Logger): void {
  provider.on('grant.error', (ctx: Context, error: Error & { consent_error?: string }) => {
    if (error.consent_error)
      (ctx.body as Record<string, unknown>).consent_error = error.consent_error;
  });
  provider.on('server_error', (ctx: Context, error: Error) => {
    log.error({ err: error }, 'the authorization server failed');
    if (!(error instanceof Fault) || ctx.status < 500) return;
    const { status, headers, body } = answerTo(error);
    ctx.status = status;
    ctx.set(headers);
    ctx.body = body;
  });
}
