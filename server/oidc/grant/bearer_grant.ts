// The jwt-bearer grant in Maskinporten's shape (RFC 7523 §2.1): the signed assertion is the
// client's authentication, used once; the token is stored nowhere and says what the consent says.
import type { Act } from '../../platform/act.ts';
import type { NewAct, Deciding } from '../../decision/act.ts';
import { CONSENT_TYPE, type Detail } from '../provider/hook_model.ts';
import type { JWTPayload } from 'jose';
import { SKEW_SECONDS, verifyAssertion } from './assertion.ts';
import { epochSeconds } from '../../platform/clock.ts';
import type { Restoration } from '../../platform/restoration_store.ts';
import { problem } from '../../consent/problems.ts';
import { notRedeemed, OAuthFault, refuse } from '../provider/problems.ts';
import { isUuid, secretId, sha256 } from '../../platform/ids.ts';
import { iso6523, parsePartyUrn, type Party, type PartyName } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { findScopeDelegations } from '../../supplier/scope_store.ts';
import { prefixClaim, type Client, type Clients } from '../client/clients.ts';
import { resolve } from './consent_details.ts';
import type { Keyring } from '../keys/keys.ts';
import { isRefused, resolveSystemUser, SYSTEM_USER_TYPE } from './system_user.ts';
import type { ReplayMarks } from './replay.ts';
import { statusClaim } from '../status/list_model.ts';
import { textOf } from '../../platform/as_text.ts';

export interface BearerGrantSettings {
  newAct: NewAct;
  clients: Clients;
  keyring: Keyring;
  marks: ReplayMarks;
  issuer: string;
  lifetimeSeconds: number;
  /** Whether tokens say where their status is. */
  statusList: boolean;
  restored: Restoration | undefined;
}

export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope: string;
}

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
  const { client, claims } = await verifyAssertion(settings, assertion);
  const act = settings.newAct();
  const scopes = scopesOf(claims);
  const organization = await consumerOf(act, settings, client, claims, scopes);
  const audience = audienceOf(claims);
  const reference = await detailOf(act, claims, client);
  // As oidc-provider marks a client assertion: it is used once, as the one or the other.
  const mark = sha256(`${client.clientId}${claims.jti}`);
  // The mark outlives the assertion by the skew, within which its times would still be accepted.
  if (!(await settings.marks.use(mark, new Date((claims.exp! + SKEW_SECONDS) * 1000)))) {
    throw refuse('MP-012', 'the assertion has been used before');
  }
  const token = { jti: secretId(), lifetime: await lifetimeOf(settings, scopes) };
  const drawn = { client, organization, scopes, audience, token };
  if (reference && 'systemuser_id' in reference) {
    return issue(settings, { ...drawn, carried: { detail: reference, endsAt: undefined } });
  }
  const carried = reference && (await redeem(act, reference, drawn));
  return issue(settings, { ...drawn, carried });
}

/** A token to be drawn; `carried` is the consent or the system user that it is about. */
interface Drawn {
  client: Client;
  organization: Awaited<ReturnType<typeof consumerOf>>;
  scopes: string[];
  audience: string | string[] | undefined;
  /** Its id, and for how many seconds it may be believed. */
  token: { jti: string; lifetime: number };
  carried: { detail: unknown; endsAt: Date | undefined; statusPlace?: string } | undefined;
}

/**
 * The organisation that the token speaks for: the owner, or the consumer that gave the owner its
 * scope (`consumer_org`).
 */
async function consumerOf(
  act: Act,
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
      scope.isOpen || scope.ownerNo === organizationNo || scope.holders.includes(organizationNo);
    if (!holds(consumerNo)) throw refuse('MP-250', `the consumer does not have the scope ${name}`);
    // Asked anew each time: what a consumer has ended is refused in the next token.
    const delegated =
      consumerNo === client.ownerNo ||
      (await findScopeDelegations(act, client.ownerNo, consumerNo, name)).length > 0;
    if (!delegated) throw refuse('MP-251', `the scope ${name} is not delegated to the supplier`);
  }
  if (consumerNo === client.ownerNo) {
    return { consumer: { party: client.owner, organizationNo: consumerNo }, supplierNo: undefined };
  }
  const consumer = (await findParty(act, {
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
  act: Act,
  reference: { id: string; from: PartyName },
  { client, organization, scopes, token: { jti, lifetime } }: Omit<Drawn, 'carried'>,
) {
  try {
    return await resolve(act, reference, {
      client,
      organization: organization.consumer,
      scope: scopes.join(' '),
      token: { jti, exp: epochSeconds(act.now) + lifetime },
    });
  } catch (error) {
    throw notRedeemed(error);
  }
}

/** Seconds for which a token with the scopes may be believed: the shortest of theirs. */
async function lifetimeOf(settings: BearerGrantSettings, scopes: string[]): Promise<number> {
  const known = await Promise.all(scopes.map((name) => settings.clients.scope(name)));
  return Math.min(...known.map((one) => one?.tokenLifetimeSeconds ?? settings.lifetimeSeconds));
}

async function issue(settings: BearerGrantSettings, drawn: Drawn): Promise<TokenResponse> {
  const { client, scopes, audience, carried, token } = drawn;
  const { consumer, supplierNo } = drawn.organization;
  const iat = epochSeconds();
  // No token outlives its consent.
  const exp = Math.min(
    iat + token.lifetime,
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
    ...(settings.statusList && carried?.statusPlace !== undefined
      ? { status: statusClaim(settings.issuer, carried.statusPlace) }
      : {}),
    ...(audience === undefined ? {} : { aud: audience }),
    exp,
    iat,
    client_id: client.clientId,
    jti: token.jti,
    consumer: iso6523(consumer.organizationNo),
    ...(supplierNo ? {} : prefixClaim(client)),
    ...(supplierNo ? { supplier: iso6523(supplierNo), delegation_source: settings.issuer } : {}),
  });
  return { access_token: accessToken, token_type: 'Bearer', expires_in: exp - iat, scope };
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
  act: Deciding,
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
    const resolved = await resolveSystemUser(act, client.ownerNo!, detail as Detail);
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
