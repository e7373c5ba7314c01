// The provider in use: built with what the server knows, and built anew whenever the signing keys
// change; and what we add to its answers. It holds no rule.
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import { Fault } from '../../platform/errors.ts';
import { CONSENT_TYPE, hookOf, type HookContext } from './hook_model.ts';
import { answerTo, retryHeader, type ConsentRefusal } from './problems.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { JWT_BEARER } from '../client/clients.ts';
import { STATUS_LISTS } from '../status/list_model.ts';
import { REPRESENTATION_TYPES } from '../choice/representation_details.ts';
import { lastingOf, OFFLINE, scopeWords } from '../choice/offline_model.ts';
import { structuredTokens, type TokenStatus } from '../grant/introspection.ts';
import { buildProvider, RESPONSE_MODES } from './provider.ts';
import type { ReadRequest } from '../grant/front.ts';
import type { Tries } from '../client/tries.ts';
import type { ProviderSettings } from './settings.ts';
import { noteClient } from '../../caller/store.ts';
import { sha256 } from '../../platform/ids.ts';
import type { Env } from '../../platform/env/env.ts';
import { LANGUAGES } from '../../platform/locale.ts';
import { asText } from '../../platform/as_text.ts';

/** Answers with the provider of this moment. */
export function keepProvider(
  settings: ProviderSettings,
  metrics: Metrics,
  tokens: TokenStatus,
): () => Provider {
  const { newAct, keyring, clients, env, log } = settings;
  let provider: Provider;
  const build = () => {
    const next = buildProvider(settings);
    watchProvider(next, { log, metrics, tries: settings.tries });
    // Koa reads them anew, in the square of their number.
    Object.defineProperty(next.request, 'query', {
      get(this: { req: ReadRequest }) {
        return this.req.query;
      },
    });
    next.use(async (ctx, then) => {
      if (env.issuer.startsWith('https:')) ctx.cookies.secure = true;
      await then();
      const { tried } = ctx.req as ReadRequest;
      if (tried) tried.shown = hookOf(ctx).oidc?.client?.clientId;
    });
    next.use(afterProvider(settings, metrics));
    next.use(structuredTokens({ newAct, keyring, clients, issuer: env.issuer }, tokens));
    provider = next;
  };
  build();
  keyring.watch(build);
  return () => provider;
}

/** Adds to discovery what we answer ourselves, and to tokens what they grant. */
function afterProvider(settings: ProviderSettings, metrics: Metrics) {
  const { env } = settings;
  return async (ctx: Context, next: Next) => {
    await next();
    const body = ctx.body as Record<string, unknown> | undefined;
    const { route, params } = hookOf(ctx).oidc ?? {};
    if (route === 'discovery' && body) {
      Object.assign(body, discovered(env, body));
      ctx.set('cache-control', 'public, max-age=300');
      ctx.set('etag', `"${sha256(JSON.stringify(body))}"`);
      if (ctx.fresh) ctx.status = 304;
    }
    if (route === 'authorization' || route === 'resume') {
      await noteCode(ctx, settings);
      showPost(ctx, settings);
    }
    // RFC 7009 §2.2 leaves the body open; a client that parses it gets something to parse.
    if (route === 'revocation' && ctx.status === 200) ctx.body = {};
    if (route === 'token') {
      if (body) tellScope(body, hookOf(ctx));
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

/** Words of the grant that the access token does not have: it may be for another's API. */
function tellScope(body: Record<string, unknown>, { oidc }: HookContext): void {
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  const told = [
    ...(body.id_token ? ['openid'] : []),
    ...(body.refresh_token && scopeWords(source?.scope).includes(OFFLINE) ? [OFFLINE] : []),
  ];
  if (told.length) body.scope = [...new Set([...told, ...scopeWords(body.scope)])].join(' ');
}

/** Members of discovery beside oidc-provider's own (RFC 8414; OpenID Connect's logouts). */
function discovered(env: Env, body: Record<string, unknown>): Record<string, unknown> {
  return {
    response_modes_supported: RESPONSE_MODES,
    grant_types_supported: [...(body.grant_types_supported as string[]), JWT_BEARER],
    // PAR takes these; a system user is for the jwt-bearer grant alone (/docs).
    authorization_details_types_supported: [CONSENT_TYPE, ...REPRESENTATION_TYPES],
    prompt_values_supported: ['none', 'login', 'consent'],
    ...Object.fromEntries(
      ['introspection', 'revocation'].flatMap((name) => [
        [`${name}_endpoint_auth_methods_supported`, body.token_endpoint_auth_methods_supported],
        [
          `${name}_endpoint_auth_signing_alg_values_supported`,
          body.token_endpoint_auth_signing_alg_values_supported,
        ],
      ]),
    ),
    ui_locales_supported: LANGUAGES,
    end_session_endpoint: `${env.issuer}/logout`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    ...(env.statusList ? { status_list_aggregation_endpoint: `${env.issuer}${STATUS_LISTS}` } : {}),
    service_documentation: `${env.issuer}/docs`,
    ...(env.policyUri ? { op_policy_uri: env.policyUri } : {}),
    ...(env.termsUri ? { op_tos_uri: env.termsUri } : {}),
  };
}

/**
 * An answer by form_post is shown on a page of ours: the provider's submits itself by a script,
 * which our pages do not have.
 */
function showPost(ctx: Context, { renderPost }: ProviderSettings): void {
  const { params } = hookOf(ctx).oidc;
  const answered = ctx.state.answered as Record<string, unknown> | undefined;
  if (params?.response_mode !== 'form_post' || !answered || !ctx.response.is('html')) return;
  const inputs = Object.entries(answered).filter(([, value]) => typeof value === 'string');
  renderPost(ctx, params.redirect_uri!, Object.fromEntries(inputs) as Record<string, string>);
}

/** A client that has got a code knows of the session, and is notified when it ends. */
async function noteCode(ctx: Context, { newAct, sessions }: ProviderSettings): Promise<void> {
  const { oidc } = hookOf(ctx);
  if (!oidc.entities.AuthorizationCode) return;
  const { clientId } = oidc.client;
  const session = await sessions.find(ctx);
  const sid = oidc.session.sidFor(clientId);
  const { grantId, scope, rar } = oidc.entities.AuthorizationCode;
  // A grant outlives the session when the person was asked for that (OpenID Connect Back-Channel
  // Logout 1.0 §2.7), or when it is for a consent, which has an end of its own.
  const grants = grantId && lastingOf(scope, rar) === 'session' ? [grantId] : [];
  if (session && sid) await noteClient(newAct(), session.id, { clientId, sid, grants });
}

/** Refusals of oidc-provider's that RFC 6749 §5.2 has another error for, by its words. */
const BETTER: Record<string, { status: number; body: object } | undefined> = {
  'requested grant type is not allowed for this client': {
    status: 400,
    body: {
      error: 'unauthorized_client',
      error_description: 'the grant type is not registered for the client',
    },
  },
  'no client authentication mechanism provided': {
    status: 401,
    body: { error: 'invalid_client', error_description: 'client authentication is required' },
  },
};

type Refusal = Error & { error?: string; error_detail?: string; consent?: ConsentRefusal };

/**
 * The check of `invalid_grant` that failed: for the log, and for a client that has proved who it
 * is.
 */
function tellGrant(ctx: Context, { error_detail: check }: Refusal, log: Logger): void {
  const { client, params } = hookOf(ctx).oidc;
  log.info({ check, client: client.clientId }, 'a grant was refused');
  // Another's is as one that is not there.
  const kind = params.grant_type === 'refresh_token' ? 'refresh token' : 'authorization code';
  const told = check === 'client mismatch' ? `${kind} not found` : check;
  if (told && client.clientAuthMethod !== 'none')
    Object.assign(ctx.body as object, { error_description: told });
}

interface Watching {
  log: Logger;
  metrics: Metrics;
  tries: Tries;
}

/**
 * Adds the consent API's code to refusals, and keeps an outage of ours under the provider a 503
 * with Retry-After.
 */
function watchProvider(provider: Provider, watching: Watching): void {
  const { log } = watching;
  for (const route of ['grant', 'introspection', 'revocation', 'pushed_authorization_request']) {
    provider.on(`${route}.error` as 'grant.error', (ctx, error) => {
      const asked = ctx as unknown as Context;
      const better = BETTER[error.error_description ?? ''];
      if (better) Object.assign(asked, { status: better.status, body: { ...better.body } });
      if (better?.status === 401) asked.set('www-authenticate', `Basic realm="${provider.issuer}"`);
      if (error.error === 'invalid_client') tellRefusal(asked, error, watching);
    });
  }
  provider.on('grant.error', (ctx: Context, error: Refusal) => {
    Object.assign(ctx.body as object, error.consent);
    if (error.consent) ctx.set(retryHeader(error.consent));
    if (error.error === 'invalid_grant' && !error.consent) tellGrant(ctx, error, log);
  });
  provider.on('authorization.success', (ctx, answered) => {
    ctx.state.answered = answered;
  });
  provider.on('authorization.error', (ctx, { error, error_description, ...how }) => {
    const { params, client } = hookOf(ctx).oidc;
    // Only what the provider itself sends to the client, whose address it has looked at.
    const { allow_redirect: isSent } = how as { allow_redirect?: boolean };
    const { state, redirect_uri: address } = params ?? {};
    ctx.state.answered =
      isSent && client && address
        ? { error, error_description, state, iss: provider.issuer }
        : undefined;
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

/**
 * The rule that a refused client broke: whole for the log and the count, for the client as far as
 * it helps nobody else.
 */
function tellRefusal(
  ctx: Context,
  error: Error & { error_detail?: string; cause?: unknown },
  { log, metrics, tries }: Watching,
): void {
  const words = `${error.error_detail ?? ''} ${(error.cause as Error | undefined)?.message ?? ''}`;
  const [rule, told] = RULES.find(([, , pattern]) => pattern.test(words)) ?? ['other'];
  const client = asText(
    hookOf(ctx).oidc.params?.client_id ?? hookOf(ctx).oidc.client?.clientId ?? '',
  );
  log.info({ rule, client: client.slice(0, 100) }, 'client authentication refused');
  metrics.clientRefusals.inc({ rule });
  // Counted after the answer: it is the next one that is refused.
  const { tried } = ctx.req as ReadRequest;
  if (tried)
    tried.noted = tries
      .failed(tried)
      .catch((err) => log.error({ err }, 'a refusal was not counted'));
  // A page where a browser asked.
  if (told && typeof ctx.body === 'object') Object.assign(ctx.body!, { error_description: told });
}

/** Rules of client authentication, the error of each, and how oidc-provider words it. */
const RULES: [rule: string, told: string | undefined, pattern: RegExp][] = [
  ['expired', 'the client assertion has expired', /expired/],
  ['too_long', 'a client assertion may live at most an hour', /at most an hour/],
  ['audience', 'the aud of the client assertion must be the issuer alone', /aud/],
  ['early', 'the client assertion is of a time to come', /a time to come|nbf|not active/],
  ['used', 'a client assertion is used once', /only be used once/],
  ['type', 'the typ of the client assertion must be JWT, or absent', /typ of the client/],
  ['method', undefined, /does not match the registered client authentication method/],
  ['secret', undefined, /secret/],
  ['unknown_client', undefined, /client not found/],
  ['claims', undefined, /must be (?:specified|provided)|must be the client_id/],
  ['algorithm', undefined, /alg mismatch/],
  ['signature', undefined, /signature|key/i],
];
