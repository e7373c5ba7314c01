// The word `offline_access` of a request (OpenID Connect Core §11): whether a client asks for it,
// and what a grant without it ends with. It knows no table and no page.
import { decodeJwt } from 'jose';
import { textOf } from '../../platform/as_text.ts';
import { CONSENT_TYPE, type Detail, type HookContext } from '../provider/hook_model.ts';

export const OFFLINE = 'offline_access';

export const scopeWords = (scope: unknown): string[] =>
  (textOf(scope) ?? '').split(' ').filter(Boolean);

/**
 * Puts the word back that the provider takes out wherever `prompt` lacks `consent`: here the
 * person is asked once for each client, not by each request.
 */
export function restoreOffline({ oidc, query }: HookContext): void {
  const { params, body, client, entities } = oidc;
  if (!client.grantTypeAllowed?.('refresh_token')) return;
  const pushed = entities.PushedAuthorizationRequest?.request;
  const sent: unknown = pushed === undefined ? (body ?? query).scope : decodeJwt(pushed).scope;
  const words = scopeWords(params.scope);
  if (scopeWords(sent).includes(OFFLINE) && !words.includes(OFFLINE))
    params.scope = [...words, OFFLINE].join(' ');
}

/** The words that the person answered, with their language and digest. */
export interface OfflineShown {
  language: string;
  text: string[];
  version: string;
}

/** A refresh token lasts with a consent, with the person's yes to its client, or with the login. */
export type Lasting = 'consent' | 'offline' | 'session';

export function lastingOf(scope: unknown, details: Detail[] | undefined): Lasting {
  if (details?.some(({ type }) => type === CONSENT_TYPE)) return 'consent';
  return scopeWords(scope).includes(OFFLINE) ? 'offline' : 'session';
}

/**
 * Whether a request asks to go on without the person, beyond a consent, whose own page says how
 * long it lasts; and whether it asks anew where the person has said yes before.
 */
export function offlineAsked(params: Record<string, unknown>): { asked: boolean; anew: boolean } {
  const details = JSON.parse(textOf(params.authorization_details) ?? '[]') as Detail[];
  return {
    asked: lastingOf(params.scope, details) === 'offline',
    anew: scopeWords(params.prompt).includes('consent'),
  };
}
