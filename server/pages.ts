// Rows for people, each given what it needs. It holds no rule.
import type { Wired } from './platform/act.ts';
import type { NewAct } from './decision/act.ts';
import type Router from '@koa/router';
import { createSignedIn, createWhoever, loginPages, SESSION_GUARD } from './caller/pages.ts';
import { suspendPages } from './consent/own/suspend_pages.ts';
import { ownConsentPages } from './consent/own/pages.ts';
import { consentPages } from './consent/answer/pages.ts';
import type { ConsentPages } from './consent/page.ts';
import { appPages } from './oidc/choice/app_pages.ts';
import { interactionRoutes } from './oidc/provider/interactions.ts';
import { logoutPages } from './oidc/logout/pages.ts';
import { sessionPages } from './oidc/logout/session_pages.ts';
import { offlinePages } from './oidc/choice/offline_pages.ts';
import { representPages } from './oidc/choice/represent_pages.ts';
import type { LiveRegister } from './register/sources.ts';
import type { Env } from './platform/env/env.ts';
import type { Metrics } from './platform/metrics.ts';
import type { Render } from './platform/http/render.ts';
import { helpPages } from './portal/help_pages.ts';
import { createVisits } from './portal/visits.ts';
import { allPortalPages } from './portal/pages.ts';
import type { Parts } from './parts.ts';

export interface PageSettings extends Parts {
  env: Env;
  metrics: Metrics;
  newAct: NewAct;
  render: Render;
  live: LiveRegister[];
}

/** Rows for people. */
export function pageRoutes(settings: PageSettings): Router[] {
  const { env, metrics, newAct, render, live, sessions, login, logouts, clients, seal, forms } =
    settings;
  const { provider, keyring, limits, numbers } = settings;
  const { issuer } = env;
  const signedIn = createSignedIn(sessions, login, render, forms);
  const pages: Wired<ConsentPages> = {
    newAct,
    sessions,
    login,
    render,
    metrics,
    issuer,
    signedIn,
    quietDays: env.quietDays,
    signAnswer: (claims) => keyring.signJwt('ES256', claims, { typ: 'consent-response+jwt' }),
  };
  const { quietDays, refreshDays } = env;
  const shared = { newAct, provider, sessions, login, clients, seal, numbers, issuer };
  const interactions = { ...shared, quietDays, refreshDays };
  return [
    loginPages(login, render),
    helpPages(render, env, createWhoever(sessions)),
    logoutPages({ newAct, seal, sessions, login, clients, logouts, render }),
    sessionPages({ newAct, sessions, clients, render, signedIn }),
    appPages({ newAct, sessions, render, signedIn }),
    interactionRoutes(interactions),
    offlinePages({ ...interactions, render, signedIn }),
    representPages({ ...interactions, render, signedIn, forms }),
    consentPages(pages),
    ownConsentPages(pages),
    suspendPages(pages),
    ...allPortalPages({ ...pages, seal, limits, forms, live, visits: createVisits() }),
  ];
}

/** The rows of a router, as they are written down in test/routes.txt. */
export const pagesOf = ({ stack }: Router): string[] =>
  stack.flatMap((row) => {
    const guard = row.stack.some(({ name }) => name === SESSION_GUARD) ? 'session' : 'public';
    const methods = row.methods.filter((method) => method !== 'HEAD');
    return methods.map((method) => `${method} ${row.path} ${guard} page`);
  });
