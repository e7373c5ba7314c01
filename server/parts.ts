// Parts that are made once and shared, in the order in which they know each other: keys, clients,
// sessions, the authorization server, bearer tokens. It holds no rule.
import type { NewAct } from './decision/act.ts';
import type { JWTPayload } from 'jose';
import { createBearer } from './caller/bearer.ts';
import { createLogin } from './caller/login.ts';
import { createKeptForms } from './caller/kept_form.ts';
import { createNumbers } from './caller/numbers.ts';
import { createSessions } from './caller/session.ts';
import { hasDealtWith, personsNamedSince } from './mandate/dealings_store.ts';
import type { BearerGrantSettings } from './oidc/grant/bearer_grant.ts';
import { endProviderSession } from './oidc/logout/browser_session.ts';
import { createClients } from './oidc/client/clients.ts';
import { partiesOfToken } from './oidc/choice/chosen_parties.ts';
import { createTokenStatus, type TokenStatus } from './oidc/grant/introspection.ts';
import { keepProvider } from './oidc/provider/kept_provider.ts';
import { createKeySets } from './oidc/keys/key_sets.ts';
import { openKeyring } from './oidc/keys/keys.ts';
import { createLogouts } from './oidc/logout/logout.ts';
import { createReplayMarks } from './oidc/grant/replay.ts';
import { createTries } from './oidc/client/tries.ts';
import type { Detail } from './oidc/provider/hook_model.ts';
import type { ProviderSettings } from './oidc/provider/settings.ts';
import { noteSessionsRevoked } from './signal/session_store.ts';
import { createAddressOf } from './platform/http/address.ts';
import type { Db } from './platform/db/db.ts';
import { createLimits } from './platform/http/limits.ts';
import type { Env } from './platform/env/env.ts';
import type { Logger } from './platform/log.ts';
import type { Metrics } from './platform/metrics.ts';
import { awaitRestoration } from './platform/restoration_store.ts';
import type { Render } from './platform/http/render.ts';
import type { Tracing } from './platform/tracing.ts';
import { openSeal } from './platform/secret/seal_store.ts';
import { isHttps, renderFormPost, renderProviderError } from './frame.ts';

interface Opening {
  env: Env;
  log: Logger;
  metrics: Metrics;
  newAct: NewAct;
  /** Connections of jobs. */
  background: Db;
  render: Render;
  tracing: Tracing | undefined;
}

/**
 * Makes the parts that are shared: keys, clients, sessions, the authorization server, bearer
 * tokens.
 */
export async function openParts(opening: Opening) {
  const { env, log, metrics, newAct, background, render, tracing } = opening;
  const { db } = newAct();
  const { issuer } = env;
  const restored = await awaitRestoration(db);
  const seal = await openSeal(db, env);
  const { keyRotationDays: rotationDays, keyPublishAheadSeconds: publishAheadSeconds } = env;
  const keyring = await openKeyring({ db, seal, rotationDays, publishAheadSeconds });
  const outbound = { production: env.production };
  const limits = createLimits(db);
  const addressOf = createAddressOf(env.trustedProxies);
  const numbers = createNumbers({ limits, log, metrics, dealings: dealingsOf(db) });
  const tries = createTries({ db, limits, addressOf });
  const clients = createClients(db, createKeySets(outbound));
  const logouts = createLogouts({
    ...{ db: background, seal, clients, keyring, issuer, outbound, log },
  });
  const marks = createReplayMarks(db);
  const sessions = createSessions({
    db,
    seal,
    secure: isHttps(env),
    idleMinutes: env.sessionIdleMinutes,
    origin: new URL(issuer).origin,
    onEnd: (ctx, next) => endProviderSession(provider(), ctx, next),
    async onEnded(trx, ended) {
      await logouts.note(trx, ended);
      if (env.signals.ssf || env.signals.webhooks) await noteSessionsRevoked(trx, ended);
    },
  });
  const login = createLogin({
    db,
    env,
    seal,
    sessions,
    limits,
    addressOf,
    outgoing: tracing?.headers,
  });
  const tokens = createTokenStatus({ newAct, keyring, clients, issuer });
  const rendering: Pick<ProviderSettings, 'renderError' | 'renderPost'> = {
    renderError(ctx, out) {
      log.info({ code: out.error, why: out.error_description }, 'no way back to the client');
      renderProviderError(ctx, out, render);
    },
    renderPost: (ctx, action, inputs) => renderFormPost(ctx, action, inputs, render),
  };
  const shared = { seal, keyring, clients, sessions, limits, tries };
  const provider = keepProvider(
    { ...shared, ...rendering, newAct, env, marks, log, restored },
    metrics,
    tokens,
  );
  const bearer = openBearer(newAct, env, tokens);
  const lifetimeSeconds = env.tokenLifetimeSeconds;
  const grant: BearerGrantSettings = {
    ...{ newAct, clients, keyring },
    ...{ marks, issuer, lifetimeSeconds, restored, statusList: env.statusList },
  };
  const origin = new URL(issuer).origin;
  const forms = createKeptForms({ db, seal, secure: isHttps(env), origin, limits, addressOf });
  return {
    ...shared,
    outbound,
    restored,
    numbers,
    login,
    logouts,
    addressOf,
    forms,
    provider,
    tokens,
    bearer,
    grant,
  };
}

/** Persons that a caller has dealt with: those it may name by number without a limit. */
const dealingsOf = (db: Db): Parameters<typeof createNumbers>[0]['dealings'] => ({
  hasDealtWith: (...asked) => hasDealtWith(db, ...asked),
  personsNamedSince: (...asked) => personsNamedSince(db, ...asked),
});

/** Tokens of callers: our own, and those of issuers that are trusted. */
const openBearer = (newAct: NewAct, env: Env, tokens: TokenStatus) =>
  createBearer({
    newAct,
    issuer: env.issuer,
    trustedIssuers: env.trustedIssuers,
    ownClaims: tokens.verify,
    ownToken: async (claims: JWTPayload) => {
      if (!(await tokens.holding(claims))) return { active: false };
      const grant =
        typeof claims.grant_id === 'string' ? await tokens.grant(claims.grant_id) : undefined;
      const person = grant?.accountId;
      const told = (claims.authorization_details ?? []) as Detail[];
      return { active: true, person, parties: partiesOfToken(told, grant?.rar, person) };
    },
  });
