// Whether oidc-provider would take a registration, asked by building its client: what it would
// refuse at use is refused when it is brought.
import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import Provider, { errors, type Adapter } from 'oidc-provider';
import { CLIENT_RULES } from '../provider/client_rules.ts';
import { features } from '../provider/features.ts';
import { clientOfRow, providerMetadata } from './clients.ts';

/** Answers with why a registration cannot be used; undefined when it can. */
export type ClientCheck = (
  clientId: string,
  metadata: Record<string, unknown>,
) => string | undefined;

export function createClientCheck(issuer: string): ClientCheck {
  // Most imports bring no client, and a key takes a while to make.
  let check: ClientCheck | undefined;
  return (...asked) => (check ??= build(issuer))(...asked);
}

function build(issuer: string): ClientCheck {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signing = { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };
  // In the place of keys that a client publishes elsewhere.
  const published = [publicKey.export({ format: 'jwk' }) as JWK];
  const provider = new Provider(issuer, {
    ...CLIENT_RULES,
    // It serves nobody, so that none of its hooks is called and nothing is stored.
    features: features({} as never),
    jwks: { keys: [signing as never] },
    cookies: { keys: ['none'] },
    adapter: () => ({}) as Adapter,
  });
  const Client = provider.Client as unknown as new (metadata: object) => unknown;
  return (clientId, metadata) => {
    const row = { clientId, owner: null, ownerNo: null, ownerName: null, prefixes: [], metadata };
    try {
      new Client(providerMetadata(clientOfRow(row, metadata.jwks_uri ? published : undefined)));
      return undefined;
    } catch (error) {
      // A demand that we do not meet is warned of (registration.ts).
      if (error instanceof errors.UnauthorizedClient) return undefined;
      return error instanceof errors.OIDCProviderError
        ? (error.error_description ?? error.message)
        : `cannot be read (${(error as Error).message})`;
    }
  };
}
