// A token's claims, made at the moment the token is: the consent that it redeems, whom its holder
// represents, how long it lives. Nothing of it is kept.
import { isDeepStrictEqual } from 'node:util';
import { errors } from 'oidc-provider';
import type { Deciding } from '../../decision/act.ts';
import type { Act } from '../../platform/act.ts';
import { problem } from '../../consent/problems.ts';
import { iso6523, parsePartyUrn } from '../../party/model.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { prefixClaim, type Client } from '../client/clients.ts';
import { foreseen, resolve } from './consent_details.ts';
import { beyondGrant, narrowed } from './narrow_model.ts';
import {
  CONSENT_TYPE,
  type Detail,
  type HookContext,
  type HookToken,
} from '../provider/hook_model.ts';
import { forProvider, notRedeemed } from '../provider/problems.ts';
import type { ProviderSettings } from '../provider/settings.ts';
import { isSelfOnly } from '../choice/chosen_parties.ts';
import {
  PARTIES_TYPE,
  PERSON_TYPE,
  REPRESENTATION_TYPES,
} from '../choice/representation_details.ts';
import { statusClaim } from '../status/list_model.ts';
import { resolveKept } from '../choice/representation.ts';

/** Seconds that a token of a login lives at most. */
export const ACCESS_TOKEN_SECONDS = 300;

/**
 * Redeems the granted consent for this token: at the code and for client_credentials; for a refresh
 * it says what the token will hold.
 */
export async function resolveDetails(
  { oidc, state }: HookContext,
  token: HookToken,
  source: HookToken | undefined,
  { newAct, clients }: ProviderSettings,
) {
  const act = newAct();
  const client = (await clients.find(oidc.client.clientId)) as Client;
  const requested =
    oidc.params.authorization_details === undefined
      ? undefined
      : (JSON.parse(oidc.params.authorization_details) as Detail[]);
  // The grant's scopes, which the person may have narrowed since the refresh token was made.
  const granted = oidc.entities?.Grant as { rar?: Detail[] } | undefined;
  const kept = (source && granted?.rar) ?? source?.rar ?? [];
  // The operator may have taken a type from the client since it was granted.
  if (kept.some((one) => !client.detailTypes.includes(one.type)))
    throw new errors.InvalidGrant('the type is no longer allowed for this client');
  if (kept.some((one) => REPRESENTATION_TYPES.includes(one.type)))
    return represented(act, token, { person: source!.accountId!, kept, client, requested });
  if (!source && requested?.some((one) => REPRESENTATION_TYPES.includes(one.type))) {
    throw new errors.InvalidAuthorizationDetails('this type is for persons who log in');
  }
  const [detail] = source ? (source.rar ?? []) : (requested ?? []);
  if (!detail) {
    if (requested) throw beyondGrant();
    return undefined;
  }
  const from = parsePartyUrn(detail.from);
  if (!from || typeof detail.id !== 'string')
    throw new errors.InvalidAuthorizationDetails('id and from are required');
  if (!client.owner || !client.ownerNo)
    throw new errors.UnauthorizedClient('the client has no owner organization');
  const part = source ? requested : undefined;
  token.jti ??= token.generateTokenId();
  const drawing = {
    client,
    organization: { party: client.owner, organizationNo: client.ownerNo },
    scope: token.scope,
    ...(part
      ? {}
      : { token: { jti: token.jti, exp: epochSeconds(act.now) + ACCESS_TOKEN_SECONDS } }),
  };
  const reference = { id: detail.id, from };
  const draw = (how: typeof resolve, within: Act) =>
    how(within, reference, drawing).catch((error) => {
      throw forProvider(notRedeemed(error));
    });
  // A refresh is counted when nothing can refuse it any more (oidc/grant/refresh.ts).
  const isRefresh = oidc.params.grant_type === 'refresh_token';
  // Without an id another consent is asked for, which nobody gives here.
  if (part?.some((one) => one.id !== detail.id)) throw beyondGrant();
  if (part && !isRefresh) narrowed([(await draw(foreseen, act)).detail], part);
  const resolved = await draw(isRefresh ? foreseen : resolve, act);
  if (isRefresh) state.draw = (within) => draw(resolve, within);
  Object.assign(token, { endsAt: resolved.endsAt, statusPlace: resolved.statusPlace });
  return part ? narrowed([resolved.detail], part) : [resolved.detail];
}

/** Parties that a login's token is for, as what each was granted by holds now. */
async function represented(
  act: Deciding,
  token: HookToken,
  { person, kept, client, requested }: Granted,
): Promise<Detail[] | undefined> {
  if (isSelfOnly(kept, person) && !kept.some((one) => one.type === PARTIES_TYPE)) {
    if (requested) throw beyondGrant();
    token.isOfOneself = kept.some((one) => one.type === PERSON_TYPE);
    return undefined;
  }
  const told = await Promise.all(kept.map((one) => resolveKept(act, person, one, client)));
  const resolved = told.filter((one) => one !== undefined);
  const lacks = kept.some(
    (one, index) => one.representation_is_required === true && told[index] === undefined,
  );
  if (!resolved.length || lacks)
    throw new errors.InvalidGrant('what was to be represented no longer is');
  if (!requested) return resolved;
  const part = narrowed(resolved, requested);
  // Our own operations know parts of the parties that a person chose, and of no other type.
  const isWhole = isDeepStrictEqual(part, resolved);
  if (!isWhole && part.some(({ type }) => type !== PARTIES_TYPE)) throw beyondGrant();
  return part;
}

interface Granted {
  person: string;
  kept: Detail[];
  client: Client;
  /** Parts that the client asks for; all where it asks for none. */
  requested: Detail[] | undefined;
}

/** The parties that the access token of the same answer is for; the id_token says it too. */
export function representedIn({ oidc }: HookContext): { authorization_details?: Detail[] } {
  const token = oidc?.entities?.AccessToken as HookToken | undefined;
  const details = (token?.rar ?? []).filter((detail) => REPRESENTATION_TYPES.includes(detail.type));
  return details.length || token?.isOfOneself ? { authorization_details: details } : {};
}

/**
 * Somebody who might have acted for another and went on as oneself gets an empty list, which
 * oidc-provider leaves out.
 */
export function tellOneself(token: HookToken, jwt: { payload: Record<string, unknown> }): void {
  if (token.isOfOneself) jwt.payload.authorization_details = token.rar = [];
}

/** Seconds that a token lives: never past its consent, nor past its grant. */
export function secondsOf({ oidc }: HookContext, { endsAt }: HookToken): number {
  const now = epochSeconds();
  const left = endsAt ? epochSeconds(endsAt) - now : Infinity;
  if (left < 1) throw forProvider(notRedeemed(problem('AM-00013')));
  const granted = Math.max(1, (oidc.entities?.Grant?.exp ?? Infinity) - now);
  return Math.min(ACCESS_TOKEN_SECONDS, left, granted);
}

/**
 * The place of a token in the status lists: its grant's, else its consent's. None where it says
 * what is computed from roles, chains and units at each moment: that is known to introspection.
 */
function placeOf({ oidc }: HookContext, { rar = [], statusPlace }: HookToken): string | undefined {
  if (rar.some(({ type }) => type !== CONSENT_TYPE)) return undefined;
  const grant = oidc.entities?.Grant;
  return grant ? grant.statusPlace : statusPlace;
}

export async function extraClaims(
  hook: HookContext,
  token: HookToken,
  { clients, env }: ProviderSettings,
) {
  const { oidc } = hook;
  const place = env.statusList ? placeOf(hook, token) : undefined;
  const client = await clients.find(oidc.client.clientId);
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  return {
    ...(client?.ownerNo ? { consumer: iso6523(client.ownerNo), ...prefixClaim(client) } : {}),
    ...(token.grantId ? { grant_id: token.grantId } : {}),
    ...(source?.acr ? { acr: source.acr } : {}),
    ...(source?.authTime ? { auth_time: source.authTime } : {}),
    ...(source?.sid ? { sid: source.sid } : {}),
    ...(place === undefined ? {} : { status: statusClaim(env.issuer, place) }),
  };
}
