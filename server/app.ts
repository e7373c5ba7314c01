// The one place where things are wired: from settings and a database to a Koa application, its
// parts made in the order in which they know each other. It holds no rule.
import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import type { Context, Middleware } from 'koa';
import type Router from '@koa/router';
import type { JWTPayload } from 'jose';
import { createBearer } from './caller/bearer.ts';
import { createLogin } from './caller/login.ts';
import { createSignedIn, loginPages } from './caller/pages.ts';
import { createSessions } from './caller/session.ts';
import { sweepSessions } from './caller/store.ts';
import { ownConsentPages } from './consent/own_pages.ts';
import { consentPages, type ConsentPages } from './consent/pages.ts';
import { createRedeem } from './consent/redeem.ts';
import { authorizedRoutes } from './decision/authorized_routes.ts';
import { authzenRoutes } from './decision/authzen_routes.ts';
import { createAnswer } from './decision/commands.ts';
import { createDecisionLog } from './decision/log.ts';
import { useLive } from './decision/live.ts';
import { sweepDecisions } from './decision/log_store.ts';
import { xacmlRoutes, type DecisionApi } from './decision/xacml_routes.ts';
import { clientRoutes } from './delegation/client_routes.ts';
import { connectionRoutes } from './delegation/connections_routes.ts';
import { mandateRoutes } from './delegation/mandate_routes.ts';
import { requestRoutes } from './delegation/request_routes.ts';
import { rightsRoutes } from './delegation/rights_routes.ts';
import { scopeRoutes } from './delegation/scope_routes.ts';
import { serviceownerRoutes } from './delegation/serviceowner_routes.ts';
import { systemUserRoutes } from './delegation/system_user_routes.ts';
import { portalRoutes } from './consent/portal_routes.ts';
import { consentRoutes, type ConsentApi } from './consent/routes.ts';
import type { BearerGrantSettings } from './oidc/bearer_grant.ts';
import { endProviderSession } from './oidc/browser_session.ts';
import { createClients } from './oidc/clients.ts';
import { tokenFront } from './oidc/front.ts';
import { interactionRoutes } from './oidc/interactions.ts';
import { createTokenStatus } from './oidc/introspection.ts';
import { keepProvider } from './oidc/kept_provider.ts';
import { openKeyring } from './oidc/keys.ts';
import { representPages } from './oidc/represent_pages.ts';
import { createReplayMarks } from './oidc/replay.ts';
import { oidcRoutes, toProvider, type OidcRoutes } from './oidc/routes.ts';
import { sweepState } from './oidc/store.ts';
import { createRegisters, type Registers } from './register/commands.ts';
import { registerRoutes } from './register/routes.ts';
import { openLive, openSources } from './register/sources.ts';
import { buildAssets } from './platform/assets.ts';
import { clock } from './platform/clock.ts';
import type { Database } from './platform/db.ts';
import type { Env } from './platform/env.ts';
import type { Fault } from './platform/errors.ts';
import { catchFaults, securityHeaders, trace } from './platform/http.ts';
import { uuidv7Floor } from './platform/ids.ts';
import { hasText, languageOf, t } from './platform/locale.ts';
import type { Logger } from './platform/log.ts';
import type { Metrics } from './platform/metrics.ts';
import { createRender, type Render } from './platform/render.ts';
import { createSeal } from './platform/seal.ts';
import { portalPages } from './portal/pages.ts';
import { accessListRoutes } from './resource/access_list_routes.ts';
import { metadataRoutes } from './resource/metadata_routes.ts';
import { unmatchable } from './resource/registry.ts';
import { registryRoutes } from './resource/registry_routes.ts';
import { healthRoutes } from './health.ts';

export interface AppSettings {
  env: Env;
  database: Database;
  log: Logger;
  metrics: Metrics;
}

export interface App {
  /** For `http.createServer`. */
  handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Rotates keys when due and removes what has expired. Called every half minute by main.ts. */
  tend(): Promise<void>;
  /** From now on not ready: a load balancer stops sending. */
  drain(): void;
  /** The registers that are followed: polled every few seconds, reconciled at night (main.ts). */
  registers: Registers;
  /**
   * Writes what was to be written later. Called when the last request has been answered, before the
   * database is closed.
   */
  settle(): Promise<void>;
}

export async function createApp({ env, database, log, metrics }: AppSettings): Promise<App> {
  const { db } = database;
  const seal = createSeal(env.secret);
  const keyring = await openKeyring({
    db,
    seal,
    rotationDays: env.keyRotationDays,
    publishAheadSeconds: env.keyPublishAheadSeconds,
  });
  const clients = createClients(db);
  const marks = createReplayMarks(db);
  const redeem = createRedeem(db);
  const sessions = createSessions({
    db,
    seal,
    secure: isHttps(env),
    idleMinutes: env.sessionIdleMinutes,
    origin: new URL(env.issuer).origin,
    onEnd: (ctx, next) => endProviderSession(provider(), ctx, next),
  });
  const login = createLogin({ db, env, seal, sessions });
  const assets = buildAssets();
  const render = createRender(assets.stylesheet);
  const tokens = createTokenStatus({ db, keyring, clients, issuer: env.issuer });
  const bearer = createBearer({
    db,
    issuer: env.issuer,
    trustedIssuers: env.trustedIssuers,
    ownKey: keyring.publicKey,
    ownToken: async (claims: JWTPayload) => ({
      active: await tokens.isActive(claims),
      person:
        typeof claims.grant_id === 'string'
          ? (await tokens.grant(claims.grant_id))?.accountId
          : undefined,
    }),
  });

  const grant: BearerGrantSettings = {
    db,
    redeem,
    clients,
    keyring,
    marks,
    issuer: env.issuer,
    lifetimeSeconds: env.tokenLifetimeSeconds,
  };
  const routes: OidcRoutes = { provider: () => provider(), keyring, issuer: env.issuer };
  const provider = keepProvider(
    {
      db,
      redeem,
      env,
      seal,
      sessions,
      keyring,
      clients,
      marks,
      renderError: (ctx, out) => renderProviderError(ctx, out, render),
    },
    metrics,
    tokens,
    log,
  );

  for (const one of await unmatchable(db))
    log.warn(
      one,
      'a rule has a pattern that cannot be matched: it is indeterminate until its policy is published anew',
    );
  const health = healthRoutes(db);
  const api: ConsentApi = {
    db,
    bearer,
    metrics,
    issuer: env.issuer,
    eventPageSize: env.eventPageSize,
    eventMinimumAgeSeconds: env.eventMinimumAgeSeconds,
  };
  const pages: ConsentPages = {
    db,
    sessions,
    login,
    render,
    metrics,
    issuer: env.issuer,
    signedIn: createSignedIn(sessions, login),
    signAnswer: (claims) => keyring.signJwt('ES256', claims, { typ: 'consent-response+jwt' }),
  };
  const decisions: DecisionApi = {
    db,
    bearer,
    log: createDecisionLog(db, log),
    answer: createAnswer(db),
    issuer: env.issuer,
  };
  const live = openLive(env.registers);
  useLive(db, async (register, from, to, matter) =>
    live.find(({ code }) => code === register)?.decide(from, to, matter),
  );
  const registers = createRegisters(db, openSources(env.registers), log);
  const headers = securityHeaders(isHttps(env));
  const interactions = { db, provider, sessions, login, clients, issuer: env.issuer };
  return {
    handler: tokenFront(
      { grant, metrics, log, headers },
      mount(
        { env, log, metrics, render, headers, serveAssets: assets.serve },
        [
          health.router,
          oidcRoutes(routes),
          consentRoutes(api),
          portalRoutes(api),
          xacmlRoutes(decisions),
          authzenRoutes(decisions),
          authorizedRoutes(decisions),
          connectionRoutes(decisions),
          rightsRoutes(decisions),
          mandateRoutes(decisions),
          requestRoutes(decisions),
          clientRoutes(decisions),
          scopeRoutes(decisions),
          serviceownerRoutes(decisions),
          registryRoutes(decisions),
          registerRoutes({ db, bearer, registers, live }),
          systemUserRoutes(decisions),
          accessListRoutes(decisions),
          metadataRoutes(decisions),
          loginPages(login, render),
          interactionRoutes(interactions),
          representPages({ ...interactions, render }),
          consentPages(pages),
          ownConsentPages(pages),
          portalPages(pages),
        ],
        toProvider(routes),
      ).callback(),
    ),
    async tend() {
      await keyring.refresh();
      await sweepSessions(db, clock.now());
      await sweepState(db, clock.now());
      await sweepDecisions(
        db,
        uuidv7Floor(new Date(clock.now().getTime() - env.decisionLogDays * 86_400_000)),
      );
    },
    drain: health.drain,
    settle: decisions.log.flush,
    registers,
  };
}

const isHttps = (env: Env) => env.issuer.startsWith('https:');

interface Frame {
  env: Env;
  log: Logger;
  metrics: Metrics;
  render: Render;
  headers: Record<string, string>;
  serveAssets: Middleware;
}

/** What every request passes, then the rows, then oidc-provider. */
function mount(
  { env, log, metrics, render, headers, serveAssets }: Frame,
  routers: Router[],
  last: Middleware,
): Koa {
  const koa = new Koa({ proxy: true });
  koa.on('error', (error) => log.error({ err: error }, 'unhandled'));
  koa.use(trace(log, metrics));
  koa.use((ctx, next) => {
    ctx.set(headers);
    // TLS ends before us; the issuer (front.ts), not the socket, says whether the browser has it.
    if (isHttps(env)) ctx.cookies.secure = true;
    return next();
  });
  koa.use(catchFaults((ctx, known) => renderFault(ctx, known, render)));
  koa.use(serveAssets);
  for (const router of routers) koa.use(router.routes());
  koa.use(routers.at(-1)!.allowedMethods());
  koa.use(last);
  return koa;
}

/** A fault as a page: what is wrong in a sentence, and a way out. */
function renderFault(ctx: Context, known: Fault, render: Render): void {
  const language = languageOf(ctx);
  const key = hasText(`error.${known.code}.title`)
    ? known.code
    : known.status >= 500
      ? 'TIL-00012'
      : 'TIL-00014';
  render(ctx, {
    view: 'error',
    title: t(language, `error.${key}.title`),
    data: { body: t(language, `error.${key}.body`), code: known.code, trace: ctx.state.trace },
  });
}

/** The authorization server's own errors: the client cannot be told, so the person is. */
function renderProviderError(
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
    data: {
      body: t(language, `error.oauth.${key}.body`),
      code: [out.error, out.error_description].filter(Boolean).join(': '),
    },
  });
}
