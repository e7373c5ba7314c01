// The yardstick: oidc-provider as it comes, in memory, RS256, private_key_jwt. Prints its port.
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const jwk = JSON.parse(process.argv[2]!);
const signing = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  format: 'jwk',
});
const server = createServer().listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'bench',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
      },
    ],
    jwks: { keys: [{ ...signing, alg: 'RS256', use: 'sig', kid: 's' } as never] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: async () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => 'urn:api',
        getResourceServerInfo: async (ctx) => ({
          scope: 'api',
          audience: 'urn:api',
          accessTokenFormat: ctx.headers['x-opaque'] ? ('opaque' as const) : ('jwt' as const),
          jwt: { sign: { alg: 'RS256' as const } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  console.log(port);
});
