// Introspection (RFC 7662) and revocation (RFC 7009) of our JWT access tokens, which are stored
// nowhere. oidc-provider authenticates the client and then says it cannot do structured tokens: at
// that point, and only there, we answer.
import type { Deciding, NewAct } from '../../decision/act.ts';
import type { Context, Next } from 'koa';
import { decodeProtectedHeader, type JWTPayload } from 'jose';
import { CONSENT_TYPE, type Detail, hookOf } from '../provider/hook_model.ts';
import { answerTo } from '../provider/problems.ts';
import { canonicalJson, isUuid, sha256 } from '../../platform/ids.ts';
import { isAccessToken } from '../../caller/model.ts';
import { createVerifier } from '../../caller/verifier.ts';
import { instantText } from '../../consent/model.ts';
import { lastsUntil } from '../../consent/redeemed_model.ts';
import { heldNow } from '../../consent/redeem/redeem.ts';
import { findInForce, type InForce } from '../../consent/redeem/store.ts';
import { findParty } from '../../party/store.ts';
import type { Client, Clients } from '../client/clients.ts';
import type { Keyring } from '../keys/keys.ts';
import { stillHolds } from '../choice/representation.ts';
import { findState, findTokenInForce, insertRevoked, isRevoked } from '../provider/store.ts';
import { textOf } from '../../platform/as_text.ts';

export interface IntrospectionSettings {
  newAct: NewAct;
  keyring: Keyring;
  clients: Clients;
  issuer: string;
}

/** oidc-provider's record of a grant. */
interface KeptGrant {
  accountId?: string;
  rar?: Detail[];
  openid?: { claims?: string[] };
}

export type TokenStatus = ReturnType<typeof createTokenStatus>;

/** Whether a token of ours holds now. */
export function createTokenStatus({ newAct, keyring, clients, issuer }: IntrospectionSettings) {
  const verifyJwt = createVerifier();
  return {
    /** The claims of a token that we signed and that has not run out; undefined for every other. */
    async verify(token: string): Promise<JWTPayload | undefined> {
      try {
        const key = keyring.publicKey(decodeProtectedHeader(token).kid);
        if (!key) return undefined;
        const { payload, protectedHeader } = await verifyJwt(token, key, {
          issuer,
          algorithms: ['RS256', 'ES256'],
        });
        return isAccessToken(protectedHeader.typ, payload) ? payload : undefined;
      } catch {
        return undefined;
      }
    },
    /**
     * The claims of a token as they hold now: with the rights and the end of a consent that was
     * narrowed since. Undefined where it is revoked, its client, its person or its grant is gone,
     * or what it says is no longer allowed or in force.
     */
    async holding(claims: JWTPayload): Promise<JWTPayload | undefined> {
      const act = newAct();
      const narrowed = new Set<string>();
      if (!(await this.isActive(act, claims, narrowed))) return undefined;
      return narrowed.size ? asNarrowed(act, claims, narrowed) : claims;
    },
    /** Whether it holds; notes those of its consents that were narrowed. */
    async isActive(act: Deciding, claims: JWTPayload, narrowed: Set<string>): Promise<boolean> {
      if (!claims.jti) return false;
      const isHeld = (consent: InForce | undefined) => {
        if (consent?.isNarrowed) narrowed.add(consent.id);
        return consent !== undefined;
      };
      const client = await clients.find(textOf(claims.client_id) ?? '');
      if (!client) return false;
      const details = (claims.authorization_details ?? []) as (Detail & { id: string })[];
      const [only] = details;
      // The most common token: of one consent, drawn by a client for itself.
      if (details.length === 1 && only!.type === CONSENT_TYPE && claims.grant_id === undefined)
        return (
          client.detailTypes.includes(CONSENT_TYPE) &&
          isUuid(only!.id) &&
          isHeld(await findTokenInForce(act, { consent: only!.id, jti: claims.jti }))
        );
      if (await isRevoked(act, claims.jti)) return false;
      const grant =
        typeof claims.grant_id === 'string' ? await this.grant(claims.grant_id) : undefined;
      if (typeof claims.grant_id === 'string' && !grant) return false;
      if (
        grant?.accountId &&
        (await findParty(act, { by: 'uuid', value: grant.accountId }))?.endedAt !== null
      )
        return false;
      const kept = grant?.accountId
        ? { person: grant.accountId, details: grant.rar ?? [] }
        : undefined;
      for (const detail of details) {
        if (!client.detailTypes.includes(detail.type)) return false;
        const holds =
          detail.type === CONSENT_TYPE
            ? findInForce(act, detail.id).then(isHeld)
            : stillHolds(act, detail, kept, client);
        if (!(await holds)) return false;
      }
      return true;
    },
    /** The stored Grant, while it lives. */
    async grant(grantId: string): Promise<KeptGrant | undefined> {
      return (await findState(newAct(), 'Grant', sha256(grantId)))?.payload;
    },
  };
}

/**
 * The claims of a token with what is left of the consents that were narrowed: a token may have been
 * drawn with part of one (RFC 9396 §6). Undefined where nothing is left.
 */
async function asNarrowed(
  act: Deciding,
  claims: JWTPayload,
  narrowed: Set<string>,
): Promise<JWTPayload | undefined> {
  let exp = claims.exp!;
  const details: (Detail & { id: string })[] = [];
  for (const detail of claims.authorization_details as (typeof details)[0][]) {
    if (!narrowed.has(detail.id)) {
      details.push(detail);
      continue;
    }
    const held = await heldNow(act, detail.id);
    const isHeld = new Set(held.rights.map((right) => canonicalJson(right)));
    const consentRights = (detail.consentRights as object[]).filter((right) =>
      isHeld.has(canonicalJson(right)),
    );
    if (!consentRights.length) return undefined;
    exp = Math.min(exp, Math.floor(+lastsUntil(held) / 1000));
    details.push({ ...detail, validTo: instantText(held.validTo), consentRights });
  }
  return { ...claims, authorization_details: details, exp };
}

export function structuredTokens(settings: IntrospectionSettings, status: TokenStatus) {
  return async (ctx: Context, next: Next): Promise<void> => {
    await next();
    const { oidc } = hookOf(ctx);
    const { error } = (ctx.body ?? {}) as { error?: string };
    if (error !== 'unsupported_token_type' || !oidc.client || !oidc.params?.token) return;
    try {
      await answerStructured(settings, status, ctx, {
        route: oidc.route,
        token: oidc.params.token,
        client: oidc.client,
      });
    } catch (error) {
      // Outside the provider's own catch: an outage is answered as one, and nothing is said of the
      // token.
      const { status: code, body, headers } = answerTo(error);
      ctx.status = code;
      ctx.set(headers);
      ctx.body = body;
    }
  };
}

interface Asked {
  route: string | undefined;
  token: string;
  client: { clientId: string; clientAuthMethod?: string };
}

async function answerStructured(
  settings: IntrospectionSettings,
  status: TokenStatus,
  ctx: Context,
  oidc: Asked,
): Promise<void> {
  const client = await settings.clients.find(oidc.client.clientId);
  if (!client) return;
  const claims = await status.verify(oidc.token);
  ctx.remove('www-authenticate');
  if (oidc.route === 'introspection') {
    ctx.status = 200;
    const shown =
      claims && oidc.client.clientAuthMethod !== 'none'
        ? await shownTo(settings.clients, client, claims)
        : undefined;
    const held = shown && (await status.holding(claims!));
    ctx.body = held ? { active: true, ...shown(held) } : { active: false };
  } else if (oidc.route === 'revocation') {
    if (claims?.jti && claims.client_id === client.clientId) {
      await insertRevoked(settings.newAct().db, claims.jti, new Date(claims.exp! * 1000));
    }
    // RFC 7009 §2.2: 200 also for a token that is invalid or somebody else's.
    ctx.status = 200;
    ctx.body = {};
  }
}

/**
 * The claims that a client sees of a token, as they hold: all of them for whom it is meant, its
 * life and scope where it was issued to the client, undefined for others (RFC 7662 §2.2).
 */
async function shownTo(
  clients: Clients,
  client: Client,
  claims: JWTPayload,
): Promise<((held: JWTPayload) => object) | undefined> {
  if (await isEntitled(clients, client, claims))
    return (held) => ({ token_type: 'Bearer', ...held });
  if (claims.client_id !== client.clientId) return undefined;
  return ({ exp, scope, client_id: clientId }) => ({ exp, scope, client_id: clientId });
}

/** Clients named in `aud`, or whose owner organisation owns one of the token's scopes. */
async function isEntitled(clients: Clients, client: Client, claims: JWTPayload): Promise<boolean> {
  for (const audience of [claims.aud ?? []].flat()) {
    if (audience === client.clientId) return true;
    const server = await clients.resourceServer(audience);
    if (server && client.ownerNo !== null && server.ownerNo === client.ownerNo) return true;
  }
  for (const name of (textOf(claims.scope) ?? '').split(' ').filter(Boolean)) {
    const scope = await clients.scope(name);
    if (scope && client.ownerNo !== null && scope.ownerNo === client.ownerNo) return true;
  }
  return false;
}
