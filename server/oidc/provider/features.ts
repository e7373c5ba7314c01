// oidc-provider's features as we offer them, and the hooks in which our decisions are asked. It
// decides nothing.
import { isDeepStrictEqual } from 'node:util';
import { errors, type Configuration } from 'oidc-provider';
import type { Client, Clients } from '../client/clients.ts';
import { checkRequested } from '../grant/consent_details.ts';
import {
  CONSENT_TYPE,
  detailsIn,
  hookOf,
  type Detail,
  type HookContext,
  type HookParameters,
  type HookToken,
} from './hook_model.ts';
import { CLAIMS, OIDC_SCOPES } from './person_claims.ts';
import { OFFLINE, restoreOffline, scopeWords } from '../choice/offline_model.ts';
import type { ProviderSettings } from './settings.ts';
import { checkRepresentation, REPRESENTATION_TYPES } from '../choice/representation_details.ts';
import { resolveDetails } from '../grant/token_claims.ts';

type OwnedToken = { clientId: string; clientAuthMethod?: string };

export function features(settings: ProviderSettings): Configuration['features'] {
  const { newAct, env, clients } = settings;
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    // Ours answers (userinfo.ts); enabled, so that it can be asked for by claims.
    userinfo: { enabled: true },
    claimsParameter: { enabled: true },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      // Refresh tokens are nobody's to introspect but their own client's; access tokens are JWTs
      // (oidc/grant/introspection.ts).
      allowedPolicy: async (_ctx: unknown, client: OwnedToken, token: OwnedToken) =>
        client.clientAuthMethod !== 'none' && token.clientId === client.clientId,
    },
    revocation: {
      enabled: true,
      allowedPolicy: async (_ctx: unknown, client: OwnedToken, token: OwnedToken) =>
        token.clientId === client.clientId,
    },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => env.issuer,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx: unknown, identifier: string) =>
        resourceServer(hookOf(ctx), identifier, settings),
    },
    richAuthorizationRequests: {
      enabled: true,
      types: {
        [CONSENT_TYPE]: {
          validate: async (ctx: unknown) => {
            const hook = hookOf(ctx);
            // oidc-provider takes an absent list for "all allowed"; ours is always present.
            const client = (await clients.find(hook.oidc.client.clientId))!;
            if (!isOfGrant(hook)) await checkRequested(newAct(), detailsIn(hook), client, env);
          },
        },
        ...Object.fromEntries(
          REPRESENTATION_TYPES.map((type) => [
            type,
            {
              validate: async (ctx: unknown, detail: Detail) => {
                const hook = hookOf(ctx);
                // It asks about each object of an array; ours are checked together, at the first.
                const details = detailsIn(hook);
                if (isOfGrant(hook) || !isDeepStrictEqual(detail, details[0])) return;
                const client = (await clients.find(hook.oidc.client.clientId))!;
                const act = newAct();
                await checkRequested(act, details, client, env);
                await checkRepresentation(act, details);
              },
            },
          ]),
        ),
      },
      authorizationDetailsForGrantSource: async (ctx: unknown) =>
        hookOf(ctx).oidc.grant?.rar ?? hookOf(ctx).oidc.entities.Grant?.rar,
      authorizationDetailsForAccessToken: async (ctx: unknown, token: unknown, source: unknown) =>
        resolveDetails(hookOf(ctx), token as HookToken, source as HookToken | undefined, settings),
      authorizationDetailsForIntrospection: async (_ctx: unknown, token: unknown) =>
        (token as HookToken).rar,
    },
  } as unknown as Configuration['features'];
}

/** Whether part of a grant is asked for (oidc/grant/narrow_model.ts). */
const isOfGrant = ({ oidc }: HookContext): boolean =>
  oidc.route === 'token' && oidc.params.grant_type !== 'client_credentials';

/** A grant of oidc-provider's, as far as scopes are put into it. */
interface ScopedGrant {
  addOIDCScope(scope: string): void;
  addOIDCClaims(claims: string[]): void;
  addResourceScope(resource: string, scope: string): void;
}

/**
 * Adds the requested scopes, as far as the client may have them, to a grant: `isOffline` says
 * whether it may go on without the person, or is for a consent.
 */
export async function addScopes(
  grant: ScopedGrant,
  oidc: { params: HookParameters; client: { clientId: string } },
  { clients, issuer, isOffline }: { clients: Clients; issuer: string; isOffline: boolean },
) {
  const requested = scopeWords(oidc.params.scope);
  const client = await clients.find(oidc.client.clientId);
  const told = requested.filter(
    (scope) =>
      scope === 'openid' ||
      (scope === OFFLINE && isOffline) ||
      (scope === 'profile' && client?.scopes.has(scope)),
  );
  grant.addOIDCScope(told.join(' '));
  grant.addOIDCClaims(claimsNamed(oidc.params.claims));
  const allowed = client ? await clients.allowedScopes(client) : [];
  const granted = requested.filter((scope) => allowed.includes(scope));
  for (const resource of [oidc.params.resource ?? issuer].flat()) {
    // A token for us opens userinfo too.
    const scopes = resource === issuer ? [...told, ...granted] : granted;
    if (scopes.length) grant.addResourceScope(resource, scopes.join(' '));
  }
}

/** The claims that a request names (OpenID Connect Core §5.5), of those there are. */
function claimsNamed(claims: string | undefined): string[] {
  const { id_token: inToken = {}, userinfo = {} } = JSON.parse(claims ?? '{}') as {
    id_token?: object;
    userinfo?: object;
  };
  const all = Object.values(CLAIMS).flat();
  return [...new Set([...Object.keys(inToken), ...Object.keys(userinfo)])].filter((claim) =>
    all.includes(claim),
  );
}

/** Each is looked up. */
const MOST_SCOPES = 100;

const ASKING_ROUTES = ['authorization', 'pushed_authorization_request'];

const isMachine = ({ oidc }: HookContext): boolean =>
  oidc.route === 'token' && oidc.params.grant_type === 'client_credentials';

/**
 * Refuses a machine that asks for a word that it may not have, or not of this resource server (RFC
 * 6749 §5.2).
 */
function mustBeAmong({ oidc }: HookContext, offered: string[]): void {
  const other = scopeWords(oidc.params.scope).find((scope) => !offered.includes(scope));
  if (other !== undefined)
    throw new errors.InvalidScope('the client may not have the scope', other.slice(0, 100));
}

/**
 * A scope that is somebody's, but not this client's, is refused before anybody logs in; a word that
 * is nobody's is left out (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1), and logged.
 */
async function checkScopes(
  { oidc }: HookContext,
  allowed: string[],
  { clients, log }: Pick<ProviderSettings, 'clients' | 'log'>,
) {
  if (!ASKING_ROUTES.includes(oidc.route ?? '')) return;
  const words = new Set(scopeWords(oidc.params.scope));
  if (words.size > MOST_SCOPES)
    throw new errors.InvalidScope(`more than ${MOST_SCOPES} scopes`, 'scope');
  for (const scope of words) {
    if (allowed.includes(scope) || OIDC_SCOPES.includes(scope)) continue;
    if (await clients.scope(scope))
      throw new errors.InvalidScope('the client may not have the scope', scope);
    log.info({ scope: scope.slice(0, 100), client: oidc.client.clientId }, 'a scope is left out');
  }
}

/**
 * A registered resource server with the scopes of it that this client may have; others are
 * invalid_target.
 */
async function resourceServer(
  hook: HookContext,
  identifier: string,
  { env, clients, log }: ProviderSettings,
) {
  const client = (await clients.find(hook.oidc.client.clientId)) as Client;
  if (ASKING_ROUTES.includes(hook.oidc.route ?? '')) restoreOffline(hook);
  const allowed = await clients.allowedScopes(client, scopeWords(hook.oidc.params.scope));
  await checkScopes(hook, allowed, { clients, log });
  const isOurs = identifier === env.issuer;
  const server = isOurs ? undefined : await clients.resourceServer(identifier);
  if (!isOurs && !server) throw new errors.InvalidTarget();
  const offered = server ? server.scopes.filter((scope) => allowed.includes(scope)) : allowed;
  if (isMachine(hook)) mustBeAmong(hook, offered);
  return {
    scope: [...(isOurs ? OIDC_SCOPES : []), ...offered].join(' '),
    audience: identifier,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: server?.signingAlg ?? ('RS256' as const) } },
  };
}
