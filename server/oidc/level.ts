// The security level that an authorization asks for: one answer for whoever looks whether a login
// will do, and whoever sends the person to a better one.
import { levelOf } from '../caller/model.ts';
import { LOGIN_LEVEL } from '../caller/pages.ts';
import type { DecisionPoint } from '../decision/point.ts';
import { levelOfRepresentation } from './representation.ts';
import { textOf } from '../platform/as_text.ts';

export interface IdTokenClaims {
  acr?: { essential?: boolean; value?: string; values?: string[] } | null;
  sub?: { value?: string } | null;
}

interface Parameters {
  claims?: unknown;
  acr_values?: unknown;
  authorization_details?: unknown;
}

/** What the `claims` parameter asks of the id_token (OpenID Connect Core §5.5). */
export const claimsAskedFor = ({ claims }: Parameters): IdTokenClaims =>
  (JSON.parse(textOf(claims) ?? '{}') as { id_token?: IdTokenClaims }).id_token ?? {};

/** What the client asks for, and what the resources take that somebody is to be represented for. */
export async function levelWanted(params: Parameters, point: DecisionPoint): Promise<number> {
  const { acr } = claimsAskedFor(params);
  const essential = acr?.essential ? [acr.values ?? [], acr.value ?? []].flat() : [];
  const [first] = [...essential, ...String(params.acr_values ?? '').split(' ')]
    .map(levelOf)
    .filter((level) => level !== undefined);
  return Math.max(
    LOGIN_LEVEL,
    first ?? 0,
    await levelOfRepresentation(point, params.authorization_details),
  );
}
