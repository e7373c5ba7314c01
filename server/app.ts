// The one place where things are wired: from settings and a database to a Koa application, its
// parts made in the order in which they know each other. It holds no rule.
import about from '../package.json' with { type: 'json' };
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Router from '@koa/router';
import type { JWTPayload } from 'jose';
import { createBearer } from './caller/bearer.ts';
import { createLogin } from './caller/login.ts';
import { createKeptForms } from './caller/kept_form.ts';
import { createSignedIn, createWhoever, loginPages, SESSION_GUARD } from './caller/pages.ts';
import { createSessions } from './caller/session.ts';
import { freezePages } from './consent/freeze_pages.ts';
import { ownConsentPages } from './consent/own_pages.ts';
import { consentPages } from './consent/pages.ts';
import type { ConsentPages } from './consent/page.ts';
import { createRedeem } from './consent/redeem.ts';
import { createBegin, createGuard } from './caller/doors.ts';
import { createDecisionLog } from './decision/log.ts';
import { placeEvents } from './event/feed_store.ts';
import { docsPages } from './description/pages.ts';
import { descriptionOperation, securityOperation } from './description/routes.ts';
import { CODES, invalid, machineOperations } from './operations.ts';
import type { BearerGrantSettings } from './oidc/bearer_grant.ts';
import { endProviderSession } from './oidc/browser_session.ts';
import { createClients } from './oidc/clients.ts';
import { tokenFront } from './oidc/front.ts';
import { appPages } from './oidc/app_pages.ts';
import { interactionRoutes } from './oidc/interactions.ts';
import { chosenIn } from './oidc/chosen_parties.ts';
import { createTokenStatus, type TokenStatus } from './oidc/introspection.ts';
import { keepProvider } from './oidc/kept_provider.ts';
import { createKeySets } from './oidc/key_sets.ts';
import { openKeyring } from './oidc/keys.ts';
import { createLogouts } from './oidc/logout.ts';
import { logoutPages } from './oidc/logout_pages.ts';
import { representPages } from './oidc/represent_pages.ts';
import { createReplayMarks } from './oidc/replay.ts';
import { toProvider } from './oidc/routes.ts';
import type { ProviderSettings } from './oidc/provider_settings.ts';
import { createPoint, type DecisionPoint } from './decision/point.ts';
import { createKnowledge } from './resource/catalogue.ts';
import { createRegisters, type Registers } from './register/commands.ts';
import { openLive, openSources, type LiveRegister } from './register/sources.ts';
import { buildAssets } from './platform/assets.ts';
import { createAddressOf } from './platform/address.ts';
import { clock } from './platform/clock.ts';
import { createLimits } from './platform/limits.ts';
import type { Database } from './platform/db.ts';
import type { Together } from './platform/together_store.ts';
import type { Env } from './platform/env.ts';
import { route } from './platform/doors.ts';
import { securityHeaders } from './platform/http.ts';
import type { Logger } from './platform/log.ts';
import type { Metrics } from './platform/metrics.ts';
import { createRender, type Render } from './platform/render.ts';
import { openSeal } from './platform/seal_store.ts';
import { helpPages } from './portal/help_pages.ts';
import { allPortalPages } from './portal/pages.ts';
import { mendIndex } from './resource/publish.ts';
import { unmatchable } from './resource/registry.ts';
import { createHealth } from './platform/health.ts';
import { isHttps, mount, renderFormPost, renderProviderError } from './frame.ts';
import { tend } from './tend.ts';

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
  /** Puts right what of the policies' index differs from them; answers with whose it was. */
  mend(): Promise<string[]>;
  /** Tells clients of sessions that have ended. Called every second by main.ts. */
  tell(): Promise<void>;
  /** Gives what has happened its place in the feed. Called twice a second by main.ts. */
  order(): Promise<void>;
  /** From now on not ready: a load balancer stops sending. */
  drain(): void;
  /** Where pages stand: method, address and guard of each. */
  pages: string[];
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
  const live = openLive(env.registers);
  const point = createPoint({
    db,
    knowledge: createKnowledge(),
    askLive: async (register, from, to, matter) =>
      live.find(({ code }) => code === register)?.decide(from, to, matter),
  });
  for (const one of await unmatchable(db)) {
    log.warn(one, 'a rule is indeterminate, as its pattern cannot be matched: publish it anew');
  }
  const assets = buildAssets();
  const render = createRender(assets.stylesheet);
  const parts = await openParts({ env, log, metrics, point, render });
  const health = createHealth(db, log);
  const decisionLog = createDecisionLog(db, log);
  const registers = createRegisters(point, openSources(env.registers), log);
  const operations = [
    ...health.operations,
    ...machineOperations({ ...parts, env, metrics, point, log: decisionLog, registers, live }),
  ];
  const described = { issuer: env.issuer, version: about.version, codes: CODES };
  operations.push(securityOperation(env.issuer, env.securityContact));
  operations.push(descriptionOperation(operations, described));
  const begin = createBegin(parts.limits);
  const doors = { guard: createGuard(parts.bearer), begin, invalid, metrics };
  const pages = [
    ...pageRoutes({ ...parts, env, metrics, point, render, live }),
    docsPages(operations, described, render),
  ];
  const routers = [...route(operations, doors), ...pages];
  const headers = securityHeaders(isHttps(env));
  const whoever = createWhoever(parts.sessions);
  const frame = { env, log, metrics, render, headers, whoever, serveAssets: assets.serve };
  const last = toProvider(parts.provider, parts);
  return {
    handler: tokenFront(
      { ...parts, metrics, log, headers },
      mount(frame, routers, last).callback(),
    ),
    tend: () => tend(db, parts.keyring, env),
    mend: () => mendIndex(db),
    tell: parts.logouts.send,
    async order() {
      const { count, behind } = await placeEvents(db, clock.now());
      if (count) metrics.feedBehind.set(behind);
    },
    drain: health.drain,
    settle: decisionLog.flush,
    pages: pages.flatMap(pagesOf),
    registers,
  };
}

interface Opening extends Pick<AppSettings, 'env' | 'log' | 'metrics'> {
  point: DecisionPoint;
  render: Render;
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/**
 * What is made once and shared: keys, clients, sessions, the authorization server, bearer tokens.
 */
async function openParts({ env, log, metrics, point, render }: Opening) {
  const { db } = point;
  const { issuer } = env;
  const seal = await openSeal(db, env);
  const { keyRotationDays: rotationDays, keyPublishAheadSeconds: publishAheadSeconds } = env;
  const keyring = await openKeyring({ db, seal, rotationDays, publishAheadSeconds });
  const outbound = { production: env.production };
  const limits = createLimits(db);
  const addressOf = createAddressOf(env.trustedProxies, log);
  const clients = createClients(db, createKeySets(outbound));
  const logouts = createLogouts({ db, seal, clients, keyring, issuer, outbound, log });
  const marks = createReplayMarks(db);
  const redeem = createRedeem(db);
  const sessions = createSessions({
    db,
    seal,
    secure: isHttps(env),
    idleMinutes: env.sessionIdleMinutes,
    origin: new URL(issuer).origin,
    onEnd: (ctx, next) => endProviderSession(provider(), ctx, next),
    onEnded: logouts.note,
  });
  const login = createLogin({ db, env, seal, sessions, limits, addressOf });
  const tokens = createTokenStatus({ point, keyring, clients, issuer });
  const renderError: ProviderSettings['renderError'] = (ctx, out) =>
    renderProviderError(ctx, out, render);
  const renderPost: ProviderSettings['renderPost'] = (ctx, action, inputs) =>
    renderFormPost(ctx, action, inputs, render);
  const provider = keepProvider(
    {
      point,
      redeem,
      env,
      seal,
      sessions,
      keyring,
      clients,
      marks,
      limits,
      renderError,
      renderPost,
    },
    metrics,
    tokens,
    log,
  );
  const bearer = openBearer(point, env, tokens);
  const lifetimeSeconds = env.tokenLifetimeSeconds;
  const grant: BearerGrantSettings = {
    point,
    redeem,
    clients,
    keyring,
    marks,
    issuer,
    lifetimeSeconds,
  };
  const origin = new URL(issuer).origin;
  const forms = createKeptForms({ db, seal, secure: isHttps(env), origin, limits, addressOf });
  const shared = { seal, keyring, clients, sessions, login, logouts, limits, addressOf, forms };
  return { ...shared, provider, tokens, bearer, grant };
}

/** Tokens of callers: our own, and those of issuers that are trusted. */
const openBearer = (together: Together, env: Env, tokens: TokenStatus) =>
  createBearer({
    together,
    issuer: env.issuer,
    trustedIssuers: env.trustedIssuers,
    ownClaims: tokens.verify,
    ownToken: async (claims: JWTPayload) => {
      if (!(await tokens.isActive(claims))) return { active: false };
      const grant =
        typeof claims.grant_id === 'string' ? await tokens.grant(claims.grant_id) : undefined;
      return { active: true, person: grant?.accountId, parties: chosenIn(grant?.rar) };
    },
  });

interface PageSettings extends Parts {
  env: Env;
  metrics: Metrics;
  point: DecisionPoint;
  render: Render;
  live: LiveRegister[];
}

/** Rows for people. */
function pageRoutes(settings: PageSettings): Router[] {
  const { env, metrics, point, render, live, sessions, login, logouts, clients, seal, forms } =
    settings;
  const { provider, keyring, limits } = settings;
  const { issuer } = env;
  const signedIn = createSignedIn(sessions, login, render, forms);
  const pages: ConsentPages = {
    point,
    sessions,
    login,
    render,
    metrics,
    issuer,
    signedIn,
    quietDays: env.quietDays,
    signAnswer: (claims) => keyring.signJwt('ES256', claims, { typ: 'consent-response+jwt' }),
  };
  const { quietDays } = env;
  const shared = { point, provider, sessions, login, clients, seal, limits, issuer };
  const interactions = { ...shared, quietDays };
  return [
    loginPages(login, render),
    helpPages(render, env, createWhoever(sessions)),
    logoutPages({ db: point.db, seal, sessions, login, clients, logouts, render, signedIn }),
    appPages({ point, sessions, render, signedIn }),
    interactionRoutes(interactions),
    representPages({ ...interactions, render, signedIn, forms }),
    consentPages(pages),
    ownConsentPages(pages),
    freezePages(pages),
    ...allPortalPages({ ...pages, seal, limits, forms, live }),
  ];
}

/** The rows of a router, as they are written down in test/routes.txt. */
const pagesOf = ({ stack }: Router): string[] =>
  stack.flatMap((row) => {
    const guard = row.stack.some(({ name }) => name === SESSION_GUARD) ? 'session' : 'public';
    const methods = row.methods.filter((method) => method !== 'HEAD');
    return methods.map((method) => `${method} ${row.path} ${guard} page`);
  });
