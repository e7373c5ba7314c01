// OAuth clients of a test's own: registered through the import, with keys that only the test has.
import {
  createHash,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { importThis, newOrganization, world, type Answer, type TestParty } from '../world.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const CONSENT = 'urn:altinn:consent';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });

export interface TestClient {
  id: string;
  owner: TestParty;
  key: KeyObject;
  scope: string;
}

/**
 * A client with a scope that its owner owns: fresh, since registrations are remembered for a
 * second.
 */
export async function newClient(
  owner: TestParty,
  metadata: Record<string, unknown> = {},
): Promise<TestClient> {
  const id = `test-${randomUUID()}`;
  const scope = `test:${id}`;
  await importThis({
    scopes: [{ name: scope, owner: owner.number }],
    clients: [
      {
        client_id: id,
        'x-org': owner.number,
        grant_types: [JWT_BEARER, 'client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        scope,
        authorization_details_types: [CONSENT],
        jwks: {
          keys: [
            { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' },
          ],
        },
        ...metadata,
      },
    ],
  });
  return {
    id,
    owner,
    scope: (metadata.scope as string | undefined) ?? scope,
    key: pair.privateKey,
  };
}

export async function newOwnedClient(metadata: Record<string, unknown> = {}): Promise<TestClient> {
  return newClient(await newOrganization(), metadata);
}

/** An assertion of the jwt-bearer grant; members that are undefined are left out. */
export function assertion(
  client: TestClient,
  claims: JWTPayload & Record<string, unknown> = {},
  header: object = {},
  key = client.key,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const all = {
    aud: `${world.url}/`,
    iss: client.id,
    scope: client.scope,
    iat: now,
    exp: now + 100,
    jti: randomUUID(),
    ...claims,
  };
  const present = Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(present).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key);
}

export async function post(
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(world.url + path, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
    redirect: 'manual',
  });
  const text = await answer.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: answer.status, body, text, headers: answer.headers };
}

export const exchange = async (
  client: TestClient,
  claims: Record<string, unknown> = {},
  header: object = {},
) => post('/token', { grant_type: JWT_BEARER, assertion: await assertion(client, claims, header) });

export const consentDetail = (id: string, from: TestParty) => ({
  authorization_details: [{ type: CONSENT, id, from: from.urn }],
});

/** private_key_jwt parameters for the endpoints of oidc-provider. */
export async function clientAuth(
  client: TestClient,
  claims: JWTPayload = {},
  header: object = {},
): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000);
  return {
    client_id: client.id,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await new SignJWT({
      iss: client.id,
      sub: client.id,
      aud: world.url,
      iat: now,
      exp: now + 60,
      jti: randomUUID(),
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
      .sign(client.key),
  };
}

export const payloadOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8'));

/** Where nobody listens: a test reads the address. */
export const REDIRECT = 'http://127.0.0.1:9/callback';

/** A client of the code flow that lets people choose whom to represent. */
/** Metadata of a client of the code flow that refreshes; and of one that anybody may be. */
export const WEB = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: [REDIRECT],
  application_type: 'native',
};
export const PUBLIC = { ...WEB, token_endpoint_auth_method: 'none', jwks: undefined };

export const newWebClient = async (metadata: object = {}, owner?: TestParty) =>
  newClient(owner ?? (await newOrganization()), {
    ...WEB,
    client_name: 'Skjemaportalen',
    authorization_details_types: ['ansattporten:altinn:resource', 'idporten:fullmakt'],
    ...metadata,
  });

/** Pushes an authorization request; answers with the verifier too. */
export async function push(client: TestClient, details: object[], changes: object = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const pushed = await post('/par', {
    ...(await clientAuth(client)),
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: `openid ${client.scope}`,
    state: 's',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    authorization_details: JSON.stringify(details),
    ...changes,
  });
  return { pushed, verifier };
}
