// OAuth clients: RFC 7591 metadata plus the organisation that owns them, remembered for a second.
// What a client needs and we do not offer makes it unusable, never less protected. It knows no
// grant's steps.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { errors } from 'oidc-provider';
import type { JWK } from 'jose';
import { actAlone } from '../../platform/act.ts';
import { textOf } from '../../platform/as_text.ts';
import type { Db } from '../../platform/db/db.ts';
import { sha256 } from '../../platform/ids.ts';
import {
  findHeldScopes,
  findResourceServer,
  findScopes,
  type ResourceServerRow,
  type ScopeRow,
} from '../../resource/store.ts';
import type { KeySets } from '../keys/key_sets.ts';
import { SYSTEM_USER_TYPE } from '../grant/system_user.ts';
import { findClientRow, type ClientRow } from '../provider/store.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const OFFERED_GRANTS = ['authorization_code', 'refresh_token', 'client_credentials'];
/**
 * Grants in which something else than the client's authentication proves who asks: a person's code,
 * a device, an assertion.
 */
const OPEN_GRANTS = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  JWT_BEARER,
];
export const OFFERED_AUTH = [
  'private_key_jwt',
  'client_secret_basic',
  'client_secret_post',
  'none',
];
/** Protections that a client's metadata can demand and that we do not offer yet. */
export const DEMANDS = [
  'require_signed_request_object',
  'dpop_bound_access_tokens',
  'tls_client_certificate_bound_access_tokens',
  'id_token_encrypted_response_alg',
  'authorization_encrypted_response_alg',
  'introspection_encrypted_response_alg',
];
/** Members that oidc-provider is to see; everything else is kept in the database only. */
export const SEEN = [
  'client_name',
  'redirect_uris',
  'application_type',
  'client_secret',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'id_token_signed_response_alg',
  'scope',
  'require_pushed_authorization_requests',
  'authorization_details_types',
  'default_max_age',
];

/** A second secret, with an end of its own. */
export const OTHER_SECRET = 'x-other-secret';

export interface Client extends ClientRow {
  /** Digests of the secrets that have not ended. */
  secrets: string[];
  jwks: JWK[];
  /** RSA keys by `kid`, with which assertions are verified. */
  keys: Map<string, KeyObject>;
  grants: string[];
  scopes: Set<string>;
  /** Types of authorization_details it may ask for; none unless listed (RFC 9396 §10). */
  detailTypes: string[];
}

/** The unmet demand of a client, or undefined. */
export function unmetDemand(client: Client): string | undefined {
  return DEMANDS.find(
    (demand) => ![undefined, null, false].includes(client.metadata[demand] as null),
  );
}

export const authMethodOf = (metadata: Record<string, unknown>) =>
  (metadata.token_endpoint_auth_method as string | undefined) ?? 'client_secret_basic';

/**
 * Grants that a client without authentication has registered and may not have: only confidential
 * clients may (RFC 6749 §4.4).
 */
export function closedGrants(metadata: Record<string, unknown>): string[] {
  const grants = (metadata.grant_types ?? []) as string[];
  return authMethodOf(metadata) === 'none'
    ? grants.filter((grant) => !OPEN_GRANTS.includes(grant))
    : [];
}

export type Clients = ReturnType<typeof createClients>;

/**
 * One second: short enough that a changed registration bites at once, long enough to spare the
 * database.
 */
const REMEMBERED_MILLIS = 1_000;

export function createClients(db: Db, keySets: KeySets) {
  const remember = <Value extends object>(load: (key: string) => Promise<Value | undefined>) => {
    const cache = new LRUCache<string, Value>({
      max: 1_000,
      ttl: REMEMBERED_MILLIS,
      fetchMethod: (key) => load(key),
    });
    // An identifier of the wrong shape is not looked up: PostgreSQL would not take it either.
    return {
      fetch: async (key: string, { forceRefresh = false } = {}) =>
        /^[\x20-\x7e]{1,500}$/.test(key) ? cache.fetch(key, { forceRefresh }) : undefined,
    };
  };
  const clients = remember(async (id) => {
    const act = actAlone(db);
    const row = await findClientRow(act, id);
    const address = row?.metadata.jwks_uri;
    const published = typeof address === 'string' ? await keySets.of(address) : undefined;
    return row && withView(clientOfRow(row, published, act.now));
  });
  const scopes = remember<ScopeRow>(async (name) => (await findScopes(db, [name]))[0]);
  const servers = remember<ResourceServerRow>((identifier) => findResourceServer(db, identifier));
  const held = remember<Set<string>>(async (party) => new Set(await findHeldScopes(db, party)));

  return {
    find: async (clientId: string): Promise<Client | undefined> =>
      (await clients.fetch(clientId))?.client,
    /** The provider's view of a client; throws for what is not offered. */
    view: async (clientId: string): Promise<Record<string, unknown> | undefined> =>
      (await clients.fetch(clientId))?.view(),
    scope: (name: string): Promise<ScopeRow | undefined> => scopes.fetch(name),
    resourceServer: (identifier: string): Promise<ResourceServerRow | undefined> =>
      servers.fetch(identifier),
    /**
     * Scopes that the client may have: its own list, cut to what its owner owns or was given. Where
     * one of those asked for is of the list alone, the owner's are looked up anew.
     */
    async allowedScopes(client: Client, asked: string[] = []): Promise<string[]> {
      if (!client.owner) return [];
      const known = await held.fetch(client.owner);
      const isOfList = asked.some((scope) => client.scopes.has(scope) && !known?.has(scope));
      const owned = isOfList ? await held.fetch(client.owner, { forceRefresh: true }) : known;
      return [...client.scopes].filter((scope) => owned?.has(scope));
    },
  };
}

/** A client with the provider's view of it, made when it is first asked for. */
function withView(client: Client) {
  let view: Record<string, unknown> | undefined;
  return { client, view: () => (view ??= digested(providerMetadata(client))) };
}

/** The provider finds its own object of a client by the text of its view, at every call. */
function digested(view: Record<string, unknown>): Record<string, unknown> {
  const digest = sha256(JSON.stringify(view));
  return Object.defineProperty(view, 'toJSON', { value: () => digest });
}

function rsaKeys(jwks: JWK[]): Map<string, KeyObject> {
  const rsa = jwks.filter((jwk) => jwk.kty === 'RSA' && jwk.kid !== undefined);
  return new Map(
    rsa.map((jwk) => [jwk.kid!, createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })]),
  );
}

/** A client may publish something that is no key: then nobody signs with it. */
function isKey(jwk: JWK | null): jwk is JWK {
  try {
    createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return jwk?.kid === undefined || typeof jwk.kid === 'string';
  } catch {
    return false;
  }
}

/** Seconds since 1970, not milliseconds. */
export const isSeconds = (said: unknown): said is number =>
  Number.isInteger(said) && (said as number) > 0 && (said as number) < 100_000_000_000;

/** Whether a time of seconds since 1970 has come; 0, none, and what is no time never does. */
const hasCome = (seconds: unknown, now: Date) =>
  isSeconds(seconds) && seconds * 1_000 <= now.getTime();

/** A key says by `nbf` and `exp` when it is one (OpenID Federation 1.0 §8.7.2 has the same). */
const isInUse = ({ nbf, exp }: JWK & { nbf?: unknown; exp?: unknown }, now: Date) =>
  (exp === undefined || (isSeconds(exp) && !hasCome(exp, now))) &&
  (nbf === undefined || hasCome(nbf, now));

interface Secret {
  client_secret?: string;
  /** Seconds since 1970, 0 for no end (RFC 7591 §3.2.1). */
  client_secret_expires_at?: number;
}

/** A client's secrets: its own, and another while one takes the other's place. */
export const secretsOf = (metadata: Record<string, unknown>): Secret[] =>
  [metadata as Secret, metadata[OTHER_SECRET] as Secret | undefined].filter(
    (one) => one?.client_secret !== undefined,
  ) as Secret[];

/**
 * A client by its row; `published` are the keys at its `jwks_uri`. Without `now` nothing has ended.
 */
export function clientOfRow(row: ClientRow, published: JWK[] | undefined, now?: Date): Client {
  const { jwks, grant_types: grants, scope, authorization_details_types: types } = row.metadata;
  const registered = (published ?? (jwks as { keys?: JWK[] } | undefined)?.keys ?? []).filter(
    (key) => isKey(key) && (!now || isInUse(key, now)),
  );
  return {
    ...row,
    secrets: secretsOf(row.metadata).flatMap(({ client_secret: digest, ...ends }) =>
      now && hasCome(ends.client_secret_expires_at, now) ? [] : digest!,
    ),
    jwks: registered,
    keys: rsaKeys(registered),
    grants: (grants as string[] | undefined) ?? ['authorization_code'],
    scopes: new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []),
    detailTypes: (types as string[] | undefined) ?? [],
  };
}

/**
 * The provider's view: grants we do not offer left out, OIDC scopes only (API scopes are resource
 * scopes).
 */
export function providerMetadata(client: Client): Record<string, unknown> {
  const demand = unmetDemand(client);
  if (demand)
    throw new errors.UnauthorizedClient(`the client requires ${demand}, which is not offered here`);
  const { metadata } = client;
  const method = authMethodOf(metadata);
  if (!OFFERED_AUTH.includes(method)) {
    throw new errors.UnauthorizedClient(`the client requires ${method}, which is not offered here`);
  }
  if (method === 'private_key_jwt' && !client.jwks.length)
    throw new errors.InvalidClient('the client has no key that it could sign with');
  const view: Record<string, unknown> = {};
  for (const name of SEEN) if (metadata[name] !== undefined) view[name] = metadata[name];
  // Where all have ended nothing is right.
  if (metadata.client_secret !== undefined) view.client_secret = client.secrets.join(' ') || '-';
  const closed = closedGrants(metadata);
  const grants = client.grants.filter(
    (grant) => OFFERED_GRANTS.includes(grant) && !closed.includes(grant),
  );
  const code = grants.includes('authorization_code');
  // A client of the jwt-bearer grant alone shows its keys there; here it can do nothing, and needs
  // no secret for it.
  if (!grants.length)
    view.token_endpoint_auth_method = client.jwks.length ? 'private_key_jwt' : method;
  return {
    ...view,
    ...(client.jwks.length ? { jwks: { keys: client.jwks } } : {}),
    client_id: client.clientId,
    grant_types: grants,
    response_types: code ? ['code'] : [],
    redirect_uris: code ? metadata.redirect_uris : [],
    // A type of the jwt-bearer grant alone is none of the provider's.
    authorization_details_types: client.detailTypes.filter((type) => type !== SYSTEM_USER_TYPE),
    // An unregistered scope is left out of the grant, or refused by name (provider/features.ts).
    scope: undefined,
    subject_type: 'pairwise',
    // Subjects rest on the owner, whatever hosts a client has: this is never asked for.
    sector_identifier_uri: 'https://sector.invalid',
  };
}

/** The prefixes of scopes that a client's owner has, as Maskinporten lists them. */
export const prefixClaim = ({ prefixes }: Pick<Client, 'prefixes'>) =>
  prefixes.length ? { consumer_prefix: prefixes } : {};

/** Scripts of a public client at its registered addresses may read answers; nobody else's. */
export const isScriptOf = (
  origin: string,
  authMethod: string | undefined,
  redirectUris: readonly string[],
): boolean =>
  authMethod === 'none' &&
  redirectUris.some((uri) => URL.canParse(uri) && new URL(uri).origin === origin);

/** The name of a client, for people. */
export async function clientName(clients: Clients, id: string): Promise<string> {
  const client = await clients.find(id);
  return textOf(client?.metadata.client_name) ?? id;
}
