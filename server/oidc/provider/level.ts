// The security level that an authorization asks for: one answer for whoever looks whether a login
// will do, and whoever sends the person to a better one.
import type { Deciding } from '../../decision/act.ts';
import { levelOf } from '../../caller/model.ts';
import { LOGIN_LEVEL } from '../../caller/pages.ts';
import { levelOfRepresentation } from '../choice/representation.ts';
import { textOf } from '../../platform/as_text.ts';

export interface IdTokenClaims {
  acr?: { essential?: boolean; value?: string; values?: string[] } | null;
  sub?: { value?: string } | null;
}

interface Parameters {
  claims?: unknown;
  acr_values?: unknown;
  authorization_details?: unknown;
}

/** The demands of the `claims` parameter on the id_token (OpenID Connect Core §5.5). */
export const claimsAskedFor = ({ claims }: Parameters): IdTokenClaims =>
  (JSON.parse(textOf(claims) ?? '{}') as { id_token?: IdTokenClaims }).id_token ?? {};

/**
 * The level that the client asks for, or that the resources take for which somebody is to be
 * represented.
 */
export async function levelWanted(params: Parameters, act: Deciding): Promise<number> {
  const { acr } = claimsAskedFor(params);
  const essential = acr?.essential ? [acr.values ?? [], acr.value ?? []].flat() : [];
  const [first] = [...essential, ...String(params.acr_values ?? '').split(' ')]
    .map(levelOf)
    .filter((level) => level !== undefined);
  return Math.max(
    LOGIN_LEVEL,
    first ?? 0,
    await levelOfRepresentation(act, params.authorization_details),
  );
}
