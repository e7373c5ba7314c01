// oidc-provider, configured: what we offer and nothing else, in its own terms. Built anew when the
// signing keys change (0.6 ms), so that rotation needs no restart. Our decisions are in the files
// it calls; here they are only wired.
import { timingSafeEqual } from 'node:crypto';
import Provider, { errors, interactionPolicy, type Configuration } from 'oidc-provider';
import type { Context } from 'koa';
import { epochSeconds } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import type { Env } from '../platform/env.ts';
import type { Seal } from '../platform/seal.ts';
import type { Sessions } from '../caller/session.ts';
import type { Redeem } from '../consent/redeem.ts';
import { levelOf } from '../caller/model.ts';
import { problem } from '../consent/problems.ts';
import { iso6523, parsePartyUrn } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { adapterFactory } from './adapter.ts';
import { isOf } from './browser_session.ts';
import type { Client, Clients } from './clients.ts';
import {
  checkRequested,
  CONSENT_TYPE,
  consentError,
  resolve,
  type Detail,
} from './consent_details.ts';
import type { Keyring } from './keys.ts';
import {
  checkRepresentation,
  levelOfRepresentation,
  REPRESENTATION_TYPES,
  resolveKept,
} from './representation.ts';
import type { ReplayMarks } from './replay.ts';

export interface ProviderSettings {
  db: Db;
  redeem: Redeem;
  env: Env;
  seal: Seal;
  sessions: Sessions;
  keyring: Keyring;
  clients: Clients;
  marks: ReplayMarks;
  renderError: (ctx: Context, out: { error: string; error_description?: string }) => void;
}

// What oidc-provider hands to its hooks is only half typed; these are the parts we read.
type Hook = Context & { oidc: any };
type Token = {
  kind: string;
  clientId?: string;
  scope?: string;
  grantId?: string;
  accountId?: string;
  rar?: Detail[];
  exp?: number;
};

type OwnedToken = { clientId: string; clientAuthMethod?: string };

const ACCESS_TOKEN_SECONDS = 300;
const CODE_SECONDS = 60;
const ASSERTION_SECONDS = 120;

export function buildProvider(settings: ProviderSettings): Provider {
  const { env, seal, keyring } = settings;
  const cookie = {
    signed: true,
    httpOnly: true,
    sameSite: 'lax' as const,
    secure: env.issuer.startsWith('https:'),
  };
  const configuration: Configuration = {
    adapter: adapterFactory(settings),
    jwks: { keys: keyring.privateJwks() as never[] },
    clientAuthMethods: ['private_key_jwt', 'client_secret_basic', 'none'],
    clientDefaults: {
      id_token_signed_response_alg: 'RS256',
      token_endpoint_auth_method: 'client_secret_basic',
    },
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_ctx, accountId, client) =>
      pairwise(settings, accountId, client.clientId),
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'authorization_details'] },
    acrValues: ['idporten-loa-substantial', 'idporten-loa-high'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    routes: {
      authorization: '/authorize',
      token: '/token',
      jwks: '/jwks',
      introspection: '/introspect',
      revocation: '/revoke',
      pushed_authorization_request: '/par',
    },
    cookies: {
      keys: [seal.digest('cookie', 'keys')],
      long: cookie,
      short: cookie,
      names: { session: 'oidc', interaction: 'oidc_interaction', resume: 'oidc_resume' },
    },
    ttl: {
      AccessToken: (_ctx, token) => secondsOf(token as unknown as Token),
      ClientCredentials: (_ctx, token) => secondsOf(token as unknown as Token),
      AuthorizationCode: CODE_SECONDS,
      IdToken: 3_600,
      Interaction: 3_600,
      Session: 8 * 3_600,
      RefreshToken: 30 * 86_400,
      Grant: 400 * 86_400,
    },
    interactions: {
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
      policy: policy(settings),
    },
    findAccount: async (ctx, id) => {
      const person = await findParty(settings.db, { by: 'uuid', value: id });
      return person && !person.endedAt
        ? { accountId: id, claims: async () => ({ sub: id, ...representedIn(ctx as Hook) }) }
        : undefined;
    },
    loadExistingGrant: (ctx) => grantOf(ctx as Hook, settings),
    extraTokenClaims: (ctx, token) => extraClaims(ctx as Hook, token as unknown as Token, settings),
    renderError: async (ctx, out) =>
      settings.renderError(ctx as unknown as Context, out as { error: string }),
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) => checkAssertion(claims),
    features: features(settings),
  };
  const provider = new Provider(env.issuer, configuration);
  // It reads its address off the forwarded headers, which front.ts has set to what the issuer says.
  provider.proxy = true;
  // Secrets are kept as keyed digests (import.ts); what comes in is digested and compared.
  provider.Client.prototype.compareClientSecret = function compare(
    this: { clientSecret: string },
    actual: string,
  ) {
    return sameDigest(seal.digest('client_secret', actual), this.clientSecret);
  } as never;
  return provider;
}

function features(settings: ProviderSettings): Configuration['features'] {
  const { db, env, clients } = settings;
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      // Refresh tokens are nobody's to introspect but their own client's; access tokens are JWTs
      // (introspection.ts).
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
        resourceServer(ctx as Hook, identifier, settings),
    },
    richAuthorizationRequests: {
      enabled: true,
      types: {
        [CONSENT_TYPE]: {
          validate: async (ctx: unknown) => {
            const { oidc } = ctx as Hook;
            const client = (await clients.find(oidc.client.clientId)) as Client;
            // oidc-provider takes an absent list for "all allowed"; ours is always present.
            await checkRequested(db, JSON.parse(oidc.params.authorization_details), client);
          },
        },
        ...Object.fromEntries(
          REPRESENTATION_TYPES.map((type) => [
            type,
            {
              validate: (ctx: unknown) =>
                checkOnce(ctx as Hook, async ({ oidc }) => {
                  const details = JSON.parse(oidc.params.authorization_details) as Detail[];
                  await checkRequested(
                    db,
                    details,
                    (await clients.find(oidc.client.clientId)) as Client,
                  );
                  await checkRepresentation(db, details);
                }),
            },
          ]),
        ),
      },
      authorizationDetailsForGrantSource: async (ctx: unknown) =>
        (ctx as Hook).oidc.grant?.rar ?? (ctx as Hook).oidc.entities.Grant?.rar,
      authorizationDetailsForAccessToken: async (ctx: unknown, token: unknown, source: unknown) =>
        resolveDetails(ctx as Hook, token as Token, source as Token | undefined, settings),
      authorizationDetailsForIntrospection: async (_ctx: unknown, token: unknown) =>
        (token as Token).rar,
    },
  } as unknown as Configuration['features'];
}

const checked = new WeakMap<object, Promise<void>>();

/** oidc-provider asks about each object of an array; ours are checked together, once a request. */
function checkOnce(ctx: Hook, check: (ctx: Hook) => Promise<void>): Promise<void> {
  let done = checked.get(ctx.oidc);
  if (!done) checked.set(ctx.oidc, (done = check(ctx)));
  return done;
}

/**
 * Ours is the one session: the provider's counts only while it says who, which level and when as
 * ours does.
 */
function policy({ db, sessions }: ProviderSettings) {
  const prompts = interactionPolicy.base();
  const { Check } = interactionPolicy;
  const login = prompts.get('login')!;
  login.checks.add(
    new Check('our_session', 'End-User authentication is required', async (ctx) => {
      const { oidc } = ctx as unknown as Hook;
      const session = await sessions.find(ctx as unknown as Context);
      if (!session || !isOf(oidc.session, session)) return true;
      const asked =
        String(oidc.params.acr_values ?? '')
          .split(' ')
          .map(levelOf)
          .find((level) => level !== undefined) ?? 0;
      return (
        session.level <
        Math.max(asked, await levelOfRepresentation(db, oidc.params.authorization_details))
      );
    }),
  );
  const consent = prompts.get('consent')!;
  // Scopes that the owner holds need no page: the grant is made in grantOf. Only
  // authorization_details ask the person.
  for (const reason of [
    'native_client_prompt',
    'op_scopes_missing',
    'op_claims_missing',
    'rs_scopes_missing',
  ]) {
    consent.checks.remove(reason);
  }
  return prompts;
}

/**
 * The grant of the interaction just answered, or a fresh one with the scopes that the client's
 * owner holds.
 */
async function grantOf({ oidc }: Hook, { env, clients }: ProviderSettings) {
  const answered = oidc.result?.consent?.grantId;
  if (answered) return oidc.provider.Grant.find(answered);
  // Scopes alone share one grant a session; a consent always has a grant of its own.
  const earlier = oidc.session.grantIdFor(oidc.client.clientId);
  const known = earlier && (await oidc.provider.Grant.find(earlier));
  const grant =
    known && known.accountId === oidc.session.accountId && !known.rar?.length
      ? known
      : new oidc.provider.Grant({
          clientId: oidc.client.clientId,
          accountId: oidc.session.accountId,
        });
  await addScopes(grant, oidc, clients, env.issuer);
  await grant.save();
  return grant;
}

/** Adds the requested scopes, as far as the client may have them, to a grant. */
export async function addScopes(
  grant: any,
  oidc: { params: any; client: { clientId: string } },
  clients: Clients,
  issuer: string,
) {
  const requested = String(oidc.params.scope ?? '')
    .split(' ')
    .filter(Boolean);
  grant.addOIDCScope(
    requested.filter((scope) => scope === 'openid' || scope === 'offline_access').join(' '),
  );
  const client = await clients.find(oidc.client.clientId);
  const allowed = client ? await clients.allowedScopes(client) : [];
  const granted = requested.filter((scope) => allowed.includes(scope)).join(' ');
  if (!granted) return;
  for (const resource of [oidc.params.resource ?? issuer].flat())
    grant.addResourceScope(resource, granted);
}

/**
 * A registered resource server with the scopes of it that this client may have; others are
 * invalid_target.
 */
async function resourceServer(
  { oidc }: Hook,
  identifier: string,
  { env, clients }: ProviderSettings,
) {
  const client = (await clients.find(oidc.client.clientId)) as Client;
  const allowed = await clients.allowedScopes(client);
  if (identifier === env.issuer) {
    return {
      scope: allowed.join(' '),
      audience: env.issuer,
      accessTokenFormat: 'jwt' as const,
      jwt: { sign: { alg: 'RS256' as const } },
    };
  }
  const server = await clients.resourceServer(identifier);
  if (!server) throw new errors.InvalidTarget();
  return {
    scope: server.scopes.filter((scope) => allowed.includes(scope)).join(' '),
    audience: identifier,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: server.signingAlg } },
  };
}

/**
 * Redeems the granted consent for this token: at the code, at each refresh, and for
 * client_credentials.
 */
async function resolveDetails(
  { oidc }: Hook,
  token: Token,
  source: Token | undefined,
  { db, redeem, clients }: ProviderSettings,
) {
  const client = (await clients.find(oidc.client.clientId)) as Client;
  const requested =
    oidc.params.authorization_details === undefined
      ? undefined
      : (JSON.parse(oidc.params.authorization_details) as Detail[]);
  const kept = source?.rar ?? [];
  // The operator may have taken a type from the client since it was granted.
  if (kept.some((one) => !client.detailTypes.includes(one.type)))
    throw new errors.InvalidGrant('the type is no longer allowed for this client');
  if (kept.some((one) => REPRESENTATION_TYPES.includes(one.type))) {
    if (requested)
      throw new errors.InvalidAuthorizationDetails('only what was granted can be asked for here');
    const told = await Promise.all(
      kept.map((one) => resolveKept(db, source!.accountId!, one, client)),
    );
    const resolved = told.filter((one) => one !== undefined);
    const lacks = kept.some(
      (one, index) => one.representation_is_required === true && told[index] === undefined,
    );
    if (!resolved.length || lacks)
      throw new errors.InvalidGrant('what was to be represented no longer is');
    return resolved;
  }
  if (!source && requested?.some((one) => REPRESENTATION_TYPES.includes(one.type))) {
    throw new errors.InvalidAuthorizationDetails('this type is for persons who log in');
  }
  const [detail] = source ? (source.rar ?? []) : (requested ?? []);
  if (source && requested?.some((wanted) => wanted.id !== detail?.id)) {
    throw new errors.InvalidAuthorizationDetails('only what was granted can be asked for here');
  }
  if (!detail) return undefined;
  const from = parsePartyUrn(detail.from);
  if (!from || typeof detail.id !== 'string')
    throw new errors.InvalidAuthorizationDetails('id and from are required');
  if (!client.owner || !client.ownerNo)
    throw new errors.UnauthorizedClient('the client has no owner organization');
  try {
    const resolved = await resolve(
      redeem,
      { id: detail.id, from },
      {
        client,
        organization: { party: client.owner, organizationNo: client.ownerNo },
        scope: token.scope,
      },
    );
    return [resolved.detail];
  } catch (error) {
    throw consentError(error);
  }
}

/**
 * Whom the access token of the same answer is for, as the id_token says it too
 * (contract/registers.md).
 */
function representedIn({ oidc }: Hook): { authorization_details?: Detail[] } {
  const details = ((oidc?.entities?.AccessToken as Token | undefined)?.rar ?? []).filter((detail) =>
    REPRESENTATION_TYPES.includes(detail.type),
  );
  return details.length ? { authorization_details: details } : {};
}

/** Seconds that a token lives: never past its consent. */
function secondsOf(token: Token): number {
  const ends = (token.rar ?? []).map(
    (detail) => Date.parse(String(detail.validTo)) / 1000 - epochSeconds(),
  );
  const seconds = Math.floor(Math.min(ACCESS_TOKEN_SECONDS, ...ends.filter(Number.isFinite)));
  if (seconds < 1) throw consentError(problem('AM-00013'));
  return seconds;
}

async function extraClaims({ oidc }: Hook, token: Token, { clients }: ProviderSettings) {
  const client = await clients.find(oidc.client.clientId);
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  return {
    ...(client?.ownerNo ? { consumer: iso6523(client.ownerNo) } : {}),
    ...(token.grantId ? { grant_id: token.grantId } : {}),
    ...(source?.acr ? { acr: source.acr } : {}),
  };
}

/**
 * A client assertion lives at most two minutes; the provider itself would take one that is valid
 * for a year.
 */
function checkAssertion(claims: { exp?: number; iat?: number }): void {
  const now = epochSeconds();
  if (
    typeof claims.exp !== 'number' ||
    claims.exp > (claims.iat ?? now) + ASSERTION_SECONDS ||
    claims.exp > now + ASSERTION_SECONDS + 10
  ) {
    throw new errors.InvalidClientAuth('client assertions may live at most 120 seconds');
  }
}

/** The same person is somebody else to each owner organisation (OIDC Core §8.1). */
async function pairwise(
  { seal, clients }: ProviderSettings,
  accountId: string,
  clientId: string,
): Promise<string> {
  const client = await clients.find(clientId);
  return seal.digest('pairwise', `${client?.ownerNo ?? clientId} ${accountId}`);
}

function sameDigest(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
