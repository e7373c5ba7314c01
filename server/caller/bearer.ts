// Bearer tokens on API calls: our own and those of configured outside issuers. It checks signature,
// issuer, times, audience and what the issuer may speak for, and makes a Caller of the claims. It
// fetches outside JWKS.
import type { Act } from '../platform/act.ts';
import type { Context } from 'koa';
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { TrustedIssuer } from '../platform/env/lists.ts';
import { fault, Fault, unavailable } from '../platform/errors.ts';
import { parseIso6523 } from '../party/model.ts';
import { findPartyByClaims } from '../party/store.ts';
import { foreignClient, invalidToken, isTypeOfAccess, levelOf, type Caller } from './model.ts';
import { createVerifier } from './verifier.ts';
import { textOf } from '../platform/as_text.ts';

export interface BearerSettings {
  newAct: () => Act;
  issuer: string;
  trustedIssuers: TrustedIssuer[];
  /** The claims of an access token that we signed and that has not run out. */
  ownClaims: (token: string) => Promise<JWTPayload | undefined>;
  /**
   * Facts that only the issuer of our tokens knows: whether a token was revoked, whose a grant is,
   * and which parties the person chose for it.
   */
  ownToken: (claims: JWTPayload) => Promise<{
    active: boolean;
    person?: string | undefined;
    parties?: string[] | undefined;
  }>;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'];

export type Bearer = ReturnType<typeof createBearer>;

export function createBearer(settings: BearerSettings) {
  const outside = new Map(
    settings.trustedIssuers.map((trusted) => [
      trusted.issuer,
      {
        ...trusted,
        keys: outsideKeys(trusted.jwksUri),
      },
    ]),
  );
  const verify = createVerifier();

  async function verifyOwn(token: string): Promise<Caller> {
    const payload = await settings.ownClaims(token);
    if (!payload) throw invalidToken('not an access token of ours that holds');
    const audience = [payload.aud ?? settings.issuer].flat();
    if (!audience.includes(settings.issuer)) throw invalidToken('for another audience');
    const own = await settings.ownToken(payload);
    if (!own.active) throw invalidToken('revoked');
    if (own.person) {
      return {
        kind: 'person',
        party: own.person,
        level: levelOf(payload.acr) ?? 0,
        scopes: scopesOf(payload),
        parties: own.parties,
      };
    }
    return organizationOrSystem(payload, scopesOf(payload), settings.issuer);
  }

  async function verifyOutside(token: string, issuer: string): Promise<Caller> {
    const trusted = outside.get(issuer);
    if (!trusted) throw invalidToken('unknown issuer');
    // RFC 8725 §3.11: a token of another use has the same issuer and keys.
    if (!isTypeOfAccess(decodeProtectedHeader(token).typ)) throw invalidToken('of another use');
    const { payload } = await verify(token, trusted.keys, { issuer, algorithms: ALGORITHMS });
    const accepted = [settings.issuer, ...trusted.audiences];
    if (
      payload.aud !== undefined &&
      ![payload.aud].flat().some((audience) => accepted.includes(audience))
    )
      throw invalidToken('for another audience');
    const scopes = new Set(
      [...scopesOf(payload)].filter((scope) => speaksFor(trusted.scopes, scope)),
    );
    if (trusted.claims.includes('person') && hasPerson(payload)) {
      const party = await findPartyByClaims(settings.newAct(), {
        uuid: text(payload['urn:altinn:party:uuid']),
        userId: whole(payload['urn:altinn:userid']),
        partyId: whole(payload['urn:altinn:partyid']),
        personNo: text(payload.pid),
      });
      if (party?.kind !== 'person' || party.endedAt) throw invalidToken('no such person');
      const level =
        levelOf(payload['urn:altinn:authlevel']) ?? levelOf(payload.acr) ?? trusted.defaultLevel;
      return { kind: 'person', party: party.id, level, scopes };
    }
    return trusted.claims.includes('organization')
      ? organizationOrSystem(payload, scopes, settings.issuer)
      : systemOf(payload, scopes);
  }

  /** The caller of this request; 401 when there is no valid token. */
  async function authenticate(ctx: Context): Promise<Caller> {
    const [, token] = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(ctx.get('authorization')) ?? [];
    if (!token) throw invalidToken();
    if (ctx.URL.searchParams.has('access_token')) throw fault('TIL-00014');
    try {
      const { iss: issuer = '', client_id: client } = decodeJwt(token);
      const isOwn = issuer === settings.issuer;
      const caller = await (isOwn ? verifyOwn(token) : verifyOutside(token, issuer));
      ctx.state.caller = caller.kind;
      ctx.state.client = textOf(client)?.slice(0, 200);
      return caller;
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw invalidToken((error as Error).message);
    }
  }

  return { authenticate };
}

/**
 * The keys of an outside issuer. When they cannot be fetched, that is no fault of the token: 503.
 */
function outsideKeys(jwksUri: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: 3_000 });
  return (header, token) =>
    remote(header, token).catch((error) => {
      const isToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      throw isToken ? error : unavailable(error);
    });
}

const systemOf = (
  { iss = '', client_id: client = '' }: JWTPayload,
  scopes: Set<string>,
): Caller => ({
  kind: 'system',
  client: foreignClient(iss, (textOf(client) ?? '').slice(0, 200)),
  scopes,
});

function organizationOrSystem(payload: JWTPayload, scopes: Set<string>, own: string): Caller {
  const organizationNo = parseIso6523(payload.consumer);
  if (!organizationNo) return systemOf(payload, scopes);
  const scopePrefixes = [payload.consumer_prefix ?? []]
    .flat()
    .filter((prefix) => typeof prefix === 'string');
  return {
    kind: 'organization',
    organizationNo,
    supplierNo: parseIso6523(payload.supplier),
    client: clientIn(payload, own),
    scopePrefixes,
    scopes,
  };
}

/** Our client by its id, another issuer's with that before it; undefined where none is said. */
function clientIn({ iss = '', client_id: id }: JWTPayload, own: string): string | undefined {
  const client = textOf(id)?.slice(0, 200);
  return client === undefined || iss === own ? client : foreignClient(iss, client);
}

const scopesOf = (payload: JWTPayload) =>
  new Set(typeof payload.scope === 'string' ? payload.scope.split(' ').filter(Boolean) : []);
const speaksFor = (allowed: string[], scope: string) =>
  allowed.some((entry) =>
    entry.endsWith('*') ? scope.startsWith(entry.slice(0, -1)) : entry === scope,
  );
const hasPerson = (payload: JWTPayload) =>
  ['urn:altinn:party:uuid', 'urn:altinn:userid', 'pid'].some(
    (claim) => payload[claim] !== undefined,
  ) && payload.consumer === undefined;
const text = (claim: unknown) => (typeof claim === 'string' && claim ? claim : undefined);
const whole = (claim: unknown) =>
  Number.isSafeInteger(Number(claim)) && claim !== undefined && claim !== ''
    ? Number(claim)
    : undefined;
