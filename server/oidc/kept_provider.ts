// The provider in use: built with what the server knows, and built anew whenever the signing keys change. It holds no rule.
import type Provider from 'oidc-provider';
import type { Logger } from '../platform/log.ts';
import { structuredTokens, type TokenStatus } from './introspection.ts';
import { buildProvider, type ProviderSettings } from './provider.ts';
import { afterProvider, watchProvider, type OidcRoutes } from './routes.ts';

/** Answers with the provider of this moment. */
export function keepProvider(settings: ProviderSettings, routes: OidcRoutes, tokens: TokenStatus, log: Logger): () => Provider {
  const { db, keyring, clients, env } = settings;
  let provider: Provider;
  const build = () => {
    const next = buildProvider(settings);
    watchProvider(next, log);
    next.use((ctx, then) => {
      if (env.issuer.startsWith('https:')) ctx.cookies.secure = true;
      return then();
    });
    next.use(afterProvider(routes));
    next.use(structuredTokens({ db, keyring, clients, issuer: env.issuer }, tokens));
    provider = next;
  };
  build();
  keyring.watch(build);
  return () => provider;
}
