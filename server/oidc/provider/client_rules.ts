// The rules by which oidc-provider judges a client's registration: the part of its configuration
// that is the same for every deployment.
import type { Configuration } from 'oidc-provider';
import { CLAIMS, OIDC_SCOPES } from './person_claims.ts';

export const CLIENT_RULES = {
  clientAuthMethods: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
  clientDefaults: {
    id_token_signed_response_alg: 'RS256',
    token_endpoint_auth_method: 'client_secret_basic',
  },
  subjectTypes: ['pairwise'],
  // Our subjects rest on the owner, not on a sector: no address of a client's is asked for it.
  sectorIdentifierUriValidate: () => false,
  responseTypes: ['code'],
  scopes: OIDC_SCOPES,
  claims: CLAIMS,
  acrValues: ['idporten-loa-substantial', 'idporten-loa-high'],
} satisfies Configuration;
