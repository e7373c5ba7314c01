// Refreshing (RFC 6749 §6, RFC 9700 §4.14): whatever can refuse is asked first and leaves nothing;
// then the use of the token and of the consent are one transaction. A client that proves who it is
// keeps its token; one that cannot gets the next one each time. It makes no token: oidc-provider
// does.
import { errors } from 'oidc-provider';
import type { Context } from 'koa';
import { type Act, again, inTransaction } from '../../platform/act.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { secretId, sha256 } from '../../platform/ids.ts';
import type { RefreshDays } from '../../platform/env/env.ts';
import { hookOf, type HookToken, type RefreshSource } from '../provider/hook_model.ts';
import type { ProviderSettings } from '../provider/settings.ts';
import { lastingOf } from '../choice/offline_model.ts';
import { deleteStateOfGrants } from '../provider/store.ts';
import { findSuccessor, keepToken, rotateToken, type UsedToken } from './refresh_store.ts';

type Handler = (ctx: never) => unknown;
const DAY_MILLIS = 86_400_000;

/**
 * When a refresh token ends that is used now, at the latest: with its consent, else some days after
 * its last use and some more after its first.
 */
export function endOfRefresh(
  token: Pick<HookToken, 'endsAt'> | undefined,
  { now, since, days }: { now: Date; since: Date; days: RefreshDays },
): Date {
  if (token?.endsAt) return token.endsAt;
  const idle = now.getTime() + days.idle * DAY_MILLIS;
  return new Date(Math.min(idle, since.getTime() + days.most * DAY_MILLIS));
}

/** The provider's grant, whose token is used when the answer is ready, or not at all. */
export const refreshing =
  (settings: ProviderSettings, handler: Handler) =>
  async (ctx: Context): Promise<void> => {
    // Before the provider looks the token up: what it finds good is so at this instant.
    const act = settings.newAct();
    await handler(ctx as never);
    const { oidc, state } = hookOf(ctx);
    const { AccessToken: made, RefreshToken: token } = oidc.entities;
    const grantId = token!.grantId!;
    const end = endOfRefresh(made, {
      now: act.now,
      since: new Date(token!.iiat * 1000),
      days: settings.env.refreshDays,
    });
    const lasting = lastingOf(token!.scope, token!.rar);
    const used = { grantId, idHash: sha256(token!.jti), end, lasting };
    let isUsedUp = false;
    const refresh = async (inner: Act) => {
      await state.draw?.(inner);
      const next =
        oidc.client.clientAuthMethod === 'none'
          ? await rotated(inner, settings, token!, used)
          : (await keepToken(inner, used)) && token!.jti;
      isUsedUp = !next;
      // Rolls back, so that the use is not counted either.
      if (isUsedUp)
        throw new errors.InvalidGrant('refresh token already used, or its login has ended');
      return next;
    };
    try {
      Object.assign(ctx.body as object, { refresh_token: await inTransaction(act, refresh) });
    } catch (error) {
      // Somebody has used it since it was found; one of the two is a thief (RFC 9700 §4.14.2).
      if (isUsedUp) await deleteStateOfGrants(act.db, [grantId]);
      throw error;
    }
  };

/**
 * The value after this one: a new one, or the one that another request of this moment got.
 * Undefined when the token was used up before, or is gone.
 */
async function rotated(
  act: Act,
  { seal }: ProviderSettings,
  token: RefreshSource,
  used: UsedToken,
): Promise<string | undefined> {
  const value = secretId();
  // The seconds for a lost answer begin now, however long the consent was waited for.
  const isFirst = await rotateToken(again(act), {
    ...used,
    successorHash: sha256(value),
    sealed: seal.seal('refresh_token', value),
    changes: {
      iat: epochSeconds(act.now),
      exp: epochSeconds(used.end),
      rotations: (token.rotations ?? 0) + 1,
    },
  });
  if (isFirst) return value;
  const successor = await findSuccessor(act, used);
  return successor && seal.open('refresh_token', successor);
}
