// oidc-provider, configured: what we offer and nothing else, in its own terms. Built anew when the
// signing keys change (0.6 ms), so that rotation needs no restart. Our decisions are in the files
// it calls; here they are only wired.
import { hookOf, type HookContext, type HookToken } from './hook_model.ts';
import { addScopes, features } from './features.ts';
import type { ProviderSettings } from './settings.ts';
import { extraClaims, representedIn, secondsOf, tellOneself } from '../grant/token_claims.ts';
import { timingSafeEqual } from 'node:crypto';
import Provider, {
  errors,
  interactionPolicy,
  type Configuration,
  type TokenEndpointGrantContext,
} from 'oidc-provider';
import type { Context } from 'koa';
import { epochSeconds } from '../../platform/clock.ts';
import { isBefore, type Restoration } from '../../platform/restoration_store.ts';
import type { Party } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import { SKEW_SECONDS } from '../grant/assertion.ts';
import { refreshing, endOfRefresh } from '../grant/refresh.ts';
import { adapterFactory } from './adapter.ts';
import { isOf } from '../logout/browser_session.ts';
import { isScriptOf } from '../client/clients.ts';
import { CLIENT_RULES } from './client_rules.ts';
import { personClaims, subjectOf } from './person_claims.ts';
import { levelWanted } from './level.ts';
import { offlineAsked } from '../choice/offline_model.ts';
import { isOfflineLet, mustAskOffline } from '../choice/offline.ts';
import { textOf } from '../../platform/as_text.ts';

const CODE_SECONDS = 60;
/** Clients' libraries make assertions that live up to an hour (RFC 7523 §3 leaves it open). */
const ASSERTION_SECONDS = 3_600;

const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  jwks: '/jwks',
  introspection: '/introspect',
  revocation: '/revoke',
  pushed_authorization_request: '/par',
  userinfo: '/userinfo',
};

/** Until a grant has a refresh token: longer than a code and an access token live. */
const GRANT_SECONDS = 3_600;

const lifetimes = ({ newAct, env }: ProviderSettings): Configuration['ttl'] => ({
  AccessToken: (ctx, token) => secondsOf(hookOf(ctx), token as unknown as HookToken),
  ClientCredentials: (ctx, token) => secondsOf(hookOf(ctx), token as unknown as HookToken),
  AuthorizationCode: CODE_SECONDS,
  IdToken: 120,
  Interaction: 3_600,
  Session: 8 * 3_600,
  RefreshToken: (ctx) => {
    const { now } = newAct();
    const days = env.refreshDays;
    const end = endOfRefresh(hookOf(ctx).oidc.entities.AccessToken, { now, since: now, days });
    return Math.max(1, epochSeconds(end) - epochSeconds(now));
  },
  Grant: GRANT_SECONDS,
});

export function buildProvider(settings: ProviderSettings): Provider {
  const { env, seal, keyring } = settings;
  const cookie = {
    signed: true,
    httpOnly: true,
    sameSite: 'lax' as const,
    secure: env.issuer.startsWith('https:'),
  };
  const configuration: Configuration = {
    ...CLIENT_RULES,
    adapter: adapterFactory({ ...settings, db: settings.newAct().db }),
    jwks: { keys: keyring.privateJwks() as never[] },
    clientBasedCORS: (_ctx, origin, { clientAuthMethod, redirectUris = [] }) =>
      isScriptOf(origin, clientAuthMethod, redirectUris),
    pairwiseIdentifier: async (_ctx, accountId, client) => {
      const known = await settings.clients.find(client.clientId);
      return subjectOf(seal, accountId, known!);
    },
    clockTolerance: SKEW_SECONDS,
    pkce: { required: () => true },
    // Ours does (oidc/grant/refresh.ts).
    rotateRefreshToken: false,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    routes: ROUTES,
    cookies: {
      keys: seal.digests('cookie', 'keys'),
      long: cookie,
      short: cookie,
      names: cookieNames(cookie.secure),
    },
    ttl: lifetimes(settings),
    interactions: {
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
      policy: policy(settings),
    },
    findAccount: async (ctx, id) => {
      const person = await findParty(settings.newAct(), { by: 'uuid', value: id });
      return person && !person.endedAt
        ? { accountId: id, claims: async () => claimsOf(hookOf(ctx), person, settings) }
        : undefined;
    },
    loadExistingGrant: (ctx) => grantOf(hookOf(ctx), settings),
    extraTokenClaims: (ctx, token) =>
      extraClaims(hookOf(ctx), token as unknown as HookToken, settings),
    formats: {
      customizers: {
        jwt: (_ctx, token, jwt) => tellOneself(token as unknown as HookToken, jwt as never),
      },
    },
    renderError: async (ctx, out) =>
      settings.renderError(ctx as unknown as Context, out as { error: string }),
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims, header) =>
      checkAssertion(claims, header, settings.restored),
    features: features(settings),
  };
  return adapted(providerOf(settings, configuration), seal);
}

/** The provider with refreshing as ours: it registers its grants while it is constructed. */
function providerOf(settings: ProviderSettings, configuration: Configuration): Provider {
  class Refreshing extends Provider {
    override registerGrantType<Params extends object>(
      name: string,
      handler: (ctx: TokenEndpointGrantContext<Params>) => unknown,
      ...rest: (string | readonly string[] | ReadonlySet<string>)[]
    ): void {
      const ours = name === 'refresh_token' ? refreshing(settings, handler) : handler;
      super.registerGrantType(name, ours as never, ...rest);
    }
  }
  return new Refreshing(settings.env.issuer, configuration);
}

/** Bound to this host, or to https where a path is (RFC 6265bis §4.1.3). */
const cookieNames = (secure: boolean) => {
  const [host, only] = secure ? ['__Host-', '__Secure-'] : ['', ''];
  return {
    session: `${host}oidc`,
    interaction: `${only}oidc_interaction`,
    resume: `${only}oidc_resume`,
  };
};

/** Behaviour that has no setting. */
function adapted(provider: Provider, seal: Seal): Provider {
  // It reads its address off the forwarded headers, which oidc/grant/front.ts has set to what the
  // issuer says.
  provider.proxy = true;
  const { prototype } = provider.Client;
  // Secrets are kept as keyed digests (import/oauth.ts), of which a client may have two; what comes
  // in is digested and compared with each.
  prototype.compareClientSecret = function compare(this: { clientSecret: string }, actual: string) {
    const shown = seal.digest('client_secret', actual);
    return this.clientSecret.split(' ').filter((known) => sameDigest(shown, known)).length > 0;
  } as never;
  // A grant is read with its place in the status lists, which the store gives it.
  const { Grant } = provider as unknown as { Grant: { IN_PAYLOAD: string[] } };
  Object.defineProperty(Grant, 'IN_PAYLOAD', { value: [...Grant.IN_PAYLOAD, 'statusPlace'] });
  // A client's assertion names us as issuer, token or PAR endpoint, wherever it is sent.
  const { OIDCContext } = provider as unknown as {
    OIDCContext: {
      prototype: { issuer: string; clientJwtAuthExpectedAudience(): Set<string> };
    };
  };
  OIDCContext.prototype.clientJwtAuthExpectedAudience = function names() {
    const { issuer } = this;
    const { token, pushed_authorization_request: par } = ROUTES;
    return new Set([issuer, issuer + token, issuer + par]);
  };
  // Each id_token names the session, so that its client can be notified when it ends.
  prototype.includeSid = () => true;
  prototype.responseModeAllowed = ((mode: string, type: string) =>
    type !== 'code' || mode === undefined || RESPONSE_MODES.includes(mode)) as never;
  return provider;
}

/** How an answer goes back. A fragment is nothing for a code, and JWTs are not offered. */
export const RESPONSE_MODES = ['query', 'form_post'];

/** The id_token's claims about the person in this answer. */
async function claimsOf(hook: HookContext, person: Party, { newAct, clients }: ProviderSettings) {
  const { AuthorizationCode, RefreshToken } = hook.oidc.entities;
  const source = AuthorizationCode ?? RefreshToken;
  const client = (await clients.find(hook.oidc.client.clientId))!;
  const told = await personClaims(newAct(), {
    person,
    client,
    sid: source?.sid,
    scopes: new Set((source?.scope ?? '').split(' ')),
    asked: new Set(Object.keys(source?.claims?.id_token ?? {})),
  });
  return { sub: person.id, ...told, ...representedIn(hook) };
}

/**
 * Ours is the one session: the provider's counts only while it says who, which level and when as
 * ours does.
 */
function policy({ newAct, sessions }: ProviderSettings) {
  const prompts = interactionPolicy.base();
  const { Check } = interactionPolicy;
  const login = prompts.get('login')!;
  // Seconds are too coarse for it: a login of this very second was not made for the question.
  login.checks.add(
    new Check('max_age_zero', 'End-User authentication could not be obtained', (ctx) => {
      const { params, result } = hookOf(ctx).oidc;
      return Number(params.max_age ?? Number.NaN) === 0 && !result?.login;
    }),
  );
  login.checks.add(
    new Check('our_session', 'End-User authentication is required', async (ctx) => {
      const { oidc } = hookOf(ctx);
      const session = await sessions.find(ctx as unknown as Context);
      if (!session || !isOf(oidc.session, session)) return true;
      return session.level < (await levelWanted(oidc.params, newAct()));
    }),
  );
  const consent = prompts.get('consent')!;
  // Scopes that the owner holds need no page: the grant is made in grantOf. Only
  // authorization_details and offline_access ask the person.
  for (const reason of [
    'native_client_prompt',
    'op_scopes_missing',
    'op_claims_missing',
    'rs_scopes_missing',
  ]) {
    consent.checks.remove(reason);
  }
  consent.checks.add(
    new Check('offline', 'End-User consent is required', 'consent_required', async (ctx) => {
      const { params, result, session } = hookOf(ctx).oidc;
      if (result?.consent) return false;
      return (await mustAskOffline(newAct(), { ...params }, session.accountId!)) !== undefined;
    }),
  );
  return prompts;
}

/**
 * The grant of the interaction just answered, or one with the scopes that the client's owner holds.
 * Each login has a grant of its own: what ends one ends no other.
 */
async function grantOf({ oidc }: HookContext, { newAct, env, clients }: ProviderSettings) {
  const answered = oidc.result?.consent?.grantId;
  if (answered) return oidc.provider.Grant.find(answered);
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  });
  const params = { ...oidc.params };
  const said = oidc.result?.consent?.offline ?? !offlineAsked(params).anew;
  const isOffline = said && (await isOfflineLet(newAct(), params, oidc.session.accountId!));
  await addScopes(grant, oidc, { clients, issuer: env.issuer, isOffline });
  await grant.save();
  return grant;
}

/** A client assertion lives an hour at most, and is for us alone (RFC 7523 §3). */
function checkAssertion(
  claims: { exp?: number; iat?: number; aud?: unknown },
  header: { typ?: unknown } = {},
  restored: Restoration | undefined,
): void {
  const now = epochSeconds();
  const longest = Math.min(claims.iat ?? now, now) + ASSERTION_SECONDS;
  if (typeof claims.exp !== 'number' || claims.exp > longest + SKEW_SECONDS)
    throw new errors.InvalidClientAuth('client assertions may live at most an hour');
  if (claims.iat !== undefined && claims.iat > now + SKEW_SECONDS)
    throw new errors.InvalidClientAuth('the client assertion is of a time to come');
  if (claims.iat !== undefined && isBefore(claims.iat, restored))
    throw new errors.InvalidClientAuth('the client assertion is older than the last restore');
  if ([claims.aud].flat().length !== 1)
    throw new errors.InvalidClientAuth('the aud of the client assertion names others too');
  // RFC 7523 has no type, and its update `client-authentication+jwt` (RFC 8725 §3.11).
  if (
    header.typ !== undefined &&
    !/^(client-authentication\+)?jwt$/i.test(textOf(header.typ) ?? '')
  )
    throw new errors.InvalidClientAuth('the typ of the client assertion is not one of those');
}

function sameDigest(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
