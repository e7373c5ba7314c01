// oidc-provider's own session of a browser, which never says more than ours: it is made from ours
// at each login, counts only while it says the same, and ends with it. It knows no page.
import type { Kept } from '../provider/hook_model.ts';
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { acrOf } from '../../caller/model.ts';
import type { Session } from '../../caller/session.ts';

type Login = Pick<Session, 'party' | 'level' | 'authenticatedAt'>;
/** Our session in the provider's words. */
export const loginOf = ({ party, level, authenticatedAt }: Login) => ({
  accountId: party,
  acr: acrOf(level),
  ts: Math.floor(authenticatedAt.getTime() / 1000),
});

/** Whether the provider's session is of this very login: who, how well authenticated, and when. */
export function isOf(kept: Kept, session: Login): boolean {
  const { accountId, acr, ts } = loginOf(session);
  return kept.accountId === accountId && kept.acr === acr && kept.loginTs === ts;
}

/**
 * Ends the provider's session of this browser, unless it is of the person who logs in now: what
 * that person was asked meanwhile in another window goes on, and `isOf` has the provider ask for
 * the new login.
 */
export async function endProviderSession(
  provider: Provider,
  ctx: Context,
  next: string | undefined,
): Promise<void> {
  const session = await provider.Session.get(ctx as never);
  if (session.accountId && session.accountId !== next) await session.destroy();
}
