// The jwt-bearer grant in Maskinporten's shape (RFC 7523 §2.1): the signed assertion is the
// client's authentication, used once; the token is stored nowhere and says what the consent says.
import type { Detail } from './hook_model.ts';
import type { DecisionPoint } from '../decision/point.ts';
import { verify as verifySignature } from 'node:crypto';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { clock, epochSeconds } from '../platform/clock.ts';
import { problem } from '../consent/problems.ts';
import { denied, notRedeemed, OAuthFault, refuse } from './problems.ts';
import { isUuid, secretId, sha256 } from '../platform/ids.ts';
import { iso6523, parsePartyUrn, type Party, type PartyName } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { findScopeDelegations } from '../supplier/scope_store.ts';
import { JWT_BEARER, prefixClaim, unmetDemand, type Client, type Clients } from './clients.ts';
import { CONSENT_TYPE, resolve } from './consent_details.ts';
import type { Redeem } from '../consent/redeem.ts';
import type { Keyring } from './keys.ts';
import { isRefused, resolveSystemUser, SYSTEM_USER_TYPE } from './system_user.ts';
import type { ReplayMarks } from './replay.ts';
import { textOf } from '../platform/as_text.ts';

export interface BearerGrantSettings {
  point: DecisionPoint;
  redeem: Redeem;
  clients: Clients;
  keyring: Keyring;
  marks: ReplayMarks;
  issuer: string;
  lifetimeSeconds: number;
}

export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope: string;
}

const SKEW_SECONDS = 10;
const LONGEST_SECONDS = 120;
const DIGESTS: Record<string, string> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' };
type SystemUserDetail = Detail & { systemuser_id: string[] };
const DETAIL_MEMBERS = new Set(['type', 'id', 'from']);

/** Exchanges the assertion of a token request's form for a token. */
export async function bearerGrant(
  settings: BearerGrantSettings,
  form: Map<string, string>,
): Promise<TokenResponse> {
  const extra = [...form.keys()].find((name) => name !== 'grant_type' && name !== 'assertion');
  if (extra)
    throw new OAuthFault(
      'invalid_request',
      `the parameter ${extra.slice(0, 50)} does not belong to this grant`,
    );
  const assertion = form.get('assertion');
  if (!assertion) throw new OAuthFault('invalid_request', 'assertion is required');
  const { client, claims } = await verify(settings, assertion);
  const scopes = scopesOf(claims);
  const organization = await consumerOf(settings, client, claims, scopes);
  const audience = audienceOf(claims);
  const reference = await detailOf(settings, claims, client);
  // As oidc-provider marks a client assertion: it is used once, as the one or the other.
  const mark = sha256(`${client.clientId}${claims.jti}`);
  // The mark outlives the assertion by the skew, within which its times would still be accepted.
  if (!(await settings.marks.use(mark, new Date((claims.exp! + SKEW_SECONDS) * 1000)))) {
    throw refuse('MP-012', 'the assertion has been used before');
  }
  const drawn = { client, organization, scopes, audience };
  if (reference && 'systemuser_id' in reference) {
    return issue(settings, { ...drawn, carried: { detail: reference, endsAt: undefined } });
  }
  const { consumer } = organization;
  const carried = reference && (await redeem(settings, reference, client, consumer, scopes));
  return issue(settings, { ...drawn, carried });
}

/** A token to be drawn; `carried` is the consent or the system user that it is about. */
interface Drawn {
  client: Client;
  organization: Awaited<ReturnType<typeof consumerOf>>;
  scopes: string[];
  audience: string | string[] | undefined;
  carried: { detail: unknown; endsAt: Date | undefined } | undefined;
}

async function verify(
  settings: BearerGrantSettings,
  assertion: string,
): Promise<{ client: Client; claims: JWTPayload }> {
  let header: JWTHeaderParameters;
  let claimed: JWTPayload;
  try {
    const [head = '', body = ''] = assertion.split('.');
    header = readPart(head) as JWTHeaderParameters;
    claimed = readPart(body) as JWTPayload;
  } catch {
    throw refuse('MP-100', 'the assertion is not a JWT');
  }
  if (header.typ !== undefined && !/^jwt$/i.test(textOf(header.typ) ?? ''))
    throw refuse('MP-100', 'typ must be JWT, or absent');
  if (header.x5c !== undefined)
    throw refuse('MP-100', 'x5c is not accepted, register the key by kid');
  const digest = DIGESTS[header.alg ?? ''];
  if (!digest) throw refuse('MP-100', 'alg must be RS256, RS384 or RS512');
  const client =
    typeof claimed.iss === 'string' ? await settings.clients.find(claimed.iss) : undefined;
  const key = header.kid === undefined ? undefined : client?.keys.get(header.kid);
  // An unknown client, an unknown key and a bad signature get the same answer.
  const failed = () => denied('client authentication failed');
  if (!client || !key || !client.grants.includes(JWT_BEARER)) throw failed();
  const demand = unmetDemand(client);
  if (demand)
    throw new OAuthFault(
      'unauthorized_client',
      `the client requires ${demand}, which is not offered here`,
    );
  // node:crypto, not jose: the same check at a third of the time of a trip through WebCrypto.
  const [, , signature = ''] = assertion.split('.');
  const signed = Buffer.from(assertion.slice(0, assertion.lastIndexOf('.')));
  if (header.crit !== undefined) throw failed();
  if (!verifySignature(digest, signed, key, Buffer.from(signature, 'base64url'))) throw failed();
  checkTimes(claimed);
  const { issuer } = settings;
  const audience = [claimed.aud].flat();
  if (audience.length !== 1 || ![issuer, `${issuer}/`, `${issuer}/token`].includes(audience[0]!)) {
    throw refuse('MP-110', 'aud must be the issuer');
  }
  if (typeof claimed.jti !== 'string' || !claimed.jti || claimed.jti.length > 200) {
    throw refuse('MP-100', 'jti is required');
  }
  return { client, claims: claimed };
}

/** One part of a JWS, as an object; what it says counts only once the signature does. */
function readPart(part: string): object {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new TypeError('not an object');
  return value;
}

/**
 * The organisation that the token speaks for: the owner, or the consumer that gave the owner its
 * scope (`consumer_org`).
 */
async function consumerOf(
  settings: BearerGrantSettings,
  client: Client,
  claims: JWTPayload,
  scopes: string[],
) {
  if (!client.owner || !client.ownerNo)
    throw refuse('MP-100', 'the client has no owner organization', 'unauthorized_client');
  const consumerNo =
    claims.consumer_org === undefined ? client.ownerNo : (textOf(claims.consumer_org) ?? '');
  for (const name of scopes) {
    const scope = client.scopes.has(name) ? await settings.clients.scope(name) : undefined;
    if (!scope) throw refuse('MP-201', `the client may not have the scope ${name.slice(0, 100)}`);
    const holds = (organizationNo: string) =>
      scope.ownerNo === organizationNo || scope.holders.includes(organizationNo);
    if (!holds(consumerNo)) throw refuse('MP-250', `the consumer does not have the scope ${name}`);
    // Asked anew each time: what a consumer has ended is refused in the next token.
    const delegated =
      consumerNo === client.ownerNo ||
      (await findScopeDelegations(settings.point.db, client.ownerNo, consumerNo, name, clock.now()))
        .length > 0;
    if (!delegated) throw refuse('MP-251', `the scope ${name} is not delegated to the supplier`);
  }
  if (consumerNo === client.ownerNo) {
    return { consumer: { party: client.owner, organizationNo: consumerNo }, supplierNo: undefined };
  }
  const consumer = (await findParty(settings.point.db, {
    by: 'organization',
    value: consumerNo,
  })) as Party;
  if (consumer.endedAt)
    throw refuse('MP-250', 'the consumer has been deleted from the register', 'invalid_grant');
  return {
    consumer: { party: consumer.id, organizationNo: consumerNo },
    supplierNo: client.ownerNo,
  };
}

async function redeem(
  settings: BearerGrantSettings,
  reference: { id: string; from: PartyName },
  client: Client,
  organization: { party: string; organizationNo: string },
  scopes: string[],
) {
  try {
    return await resolve(settings.redeem, reference, {
      client,
      organization,
      scope: scopes.join(' '),
    });
  } catch (error) {
    throw notRedeemed(error);
  }
}

async function issue(settings: BearerGrantSettings, drawn: Drawn): Promise<TokenResponse> {
  const { client, scopes, audience, carried } = drawn;
  const { consumer, supplierNo } = drawn.organization;
  const iat = epochSeconds();
  const known = await Promise.all(scopes.map((name) => settings.clients.scope(name)));
  const lifetimes = known.map((one) => one?.tokenLifetimeSeconds ?? settings.lifetimeSeconds);
  // No token outlives its consent.
  const exp = Math.min(
    iat + Math.min(...lifetimes),
    carried?.endsAt ? epochSeconds(carried.endsAt) : Infinity,
  );
  if (exp <= iat) throw notRedeemed(problem('AM-00013'));
  const scope = scopes.join(' ');
  const accessToken = await settings.keyring.signJwt('RS256', {
    ...(carried ? { authorization_details: [carried.detail] } : {}),
    scope,
    iss: settings.issuer,
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    ...(audience === undefined ? {} : { aud: audience }),
    exp,
    iat,
    client_id: client.clientId,
    jti: secretId(),
    consumer: iso6523(consumer.organizationNo),
    ...(supplierNo ? {} : prefixClaim(client)),
    ...(supplierNo ? { supplier: iso6523(supplierNo), delegation_source: settings.issuer } : {}),
  });
  return { access_token: accessToken, token_type: 'Bearer', expires_in: exp - iat, scope };
}

/** Short, fresh, and not past: Maskinporten's limits. */
function checkTimes({ iat, exp, nbf }: JWTPayload): void {
  const now = epochSeconds();
  if (typeof iat !== 'number' || typeof exp !== 'number')
    throw refuse('MP-130', 'iat and exp are required');
  if (exp - iat > LONGEST_SECONDS) throw refuse('MP-130', 'exp is more than 120 seconds after iat');
  if (iat > now + SKEW_SECONDS || (typeof nbf === 'number' && nbf > now + SKEW_SECONDS)) {
    throw refuse('MP-130', 'the assertion is not valid yet');
  }
  if (exp <= now) throw refuse('MP-130', 'the assertion has expired');
}

function scopesOf(claims: JWTPayload): string[] {
  const scopes =
    typeof claims.scope === 'string' ? [...new Set(claims.scope.split(' ').filter(Boolean))] : [];
  if (!scopes.length) throw refuse('MP-200', 'scope is required');
  return scopes;
}

function audienceOf({ resource }: JWTPayload): string | string[] | undefined {
  if (resource === undefined) return undefined;
  const list = [resource].flat();
  const fits =
    list.length >= 1 &&
    list.length <= 10 &&
    list.every(
      (entry) =>
        typeof entry === 'string' &&
        /^[\x21-\x7e]{1,500}$/.test(entry) &&
        URL.canParse(entry) &&
        !entry.includes('#'),
    );
  if (!fits)
    throw new OAuthFault('invalid_target', 'resource must be absolute URIs without fragment');
  return resource as string | string[];
}

/**
 * The consent that is asked for; MP-301 unknown type, MP-302 unknown member, MP-303 invalid value.
 */
async function detailOf(
  { point }: BearerGrantSettings,
  claims: JWTPayload,
  client: Client,
): Promise<{ id: string; from: PartyName } | SystemUserDetail | undefined> {
  const { authorization_details: details } = claims;
  if (details === undefined) return undefined;
  if (!Array.isArray(details) || details.length !== 1)
    throw refuse('MP-303', 'one object is required');
  const detail = details[0] as Record<string, unknown> | null;
  const type = detail?.type;
  if (!detail || (type !== CONSENT_TYPE && type !== SYSTEM_USER_TYPE))
    throw refuse('MP-301', 'unknown authorization_details type');
  if (!client.detailTypes.includes(type as string))
    throw refuse('MP-301', 'the type is not allowed for this client');
  if (type === SYSTEM_USER_TYPE) {
    const resolved = await resolveSystemUser(point, client.ownerNo!, detail as Detail);
    if (isRefused(resolved)) throw refuse(resolved.code, resolved.refused);
    return resolved as SystemUserDetail;
  }
  const unknown = Object.keys(detail).find((member) => !DETAIL_MEMBERS.has(member));
  if (unknown) throw refuse('MP-302', `unknown member ${unknown.slice(0, 50)}`);
  const from = parsePartyUrn(detail.from);
  if (!isUuid(detail.id)) throw refuse('MP-303', 'id must be a UUID');
  if (!from) throw refuse('MP-303', 'from must be a party URN');
  return { id: detail.id, from };
}
