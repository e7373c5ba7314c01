// The protocol's operations (RFC 6749, 9126, 7662, 7009, 8414; OpenID Connect Core), declared for
// description and tests. oidc-provider and oidc/grant/front.ts answer all but the keys.
import { everybody } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { reply, type Answer, type Operation } from '../../platform/http/doors.ts';
import { named, open, shape, Type } from '../../platform/http/shapes.ts';
import type { Keyring } from '../keys/keys.ts';

const client = { kind: 'client' } as const;
const session = { kind: 'session' } as const;
const word = () => Type.Optional(Type.String());

/** How a client says who it is (RFC 7523 §2.2, RFC 6749 §2.3.1). */
const authentication = {
  client_id: word(),
  client_secret: word(),
  client_assertion: word(),
  client_assertion_type: word(),
};

const authorization = {
  client_id: Type.String(),
  response_type: Type.Literal('code'),
  redirect_uri: Type.String(),
  scope: word(),
  state: word(),
  nonce: word(),
  code_challenge: Type.String(),
  code_challenge_method: Type.Literal('S256'),
  authorization_details: word(),
  response_mode: word(),
  claims: word(),
  id_token_hint: word(),
  acr_values: word(),
  prompt: word(),
  max_age: word(),
  ui_locales: word(),
  login_hint: word(),
  resource: word(),
};

/** The parameters that an authorization request may have in its address. */
export const AUTHORIZATION_PARAMETERS = [...Object.keys(authorization), 'request_uri', 'posted'];

const error: Answer = {
  description: 'The OAuth error (RFC 6749 §5.2)',
  schema: Type.Object({
    error: Type.String(),
    error_description: word(),
    error_uri: word(),
    consent_error: word(),
    consent_reason: word(),
    retryAfter: Type.Optional(Type.Integer()),
  }),
};

const tooMany = { ...error, description: 'Too many authentications failed at this address' };

/** An organisation by its number, as ISO 6523 has it. */
const organization = shape({ authority: Type.String(), ID: Type.String() });

/** RFC 9396 §2: `type` says which further members there are. */
const AuthorizationDetail = named(
  'AuthorizationDetail',
  Type.Object(
    {
      type: Type.String(),
      id: word(),
      from: word(),
      to: Type.Optional(organization),
      handledBy: Type.Optional(organization),
      consented: word(),
      validTo: word(),
      usesLeft: Type.Optional(
        Type.Object({
          total: Type.Optional(Type.Integer()),
          period: Type.Optional(Type.Integer()),
        }),
      ),
      consentRights: Type.Optional(Type.Array(Type.Unknown())),
      systemuser_id: Type.Optional(Type.Array(Type.String())),
    },
    { additionalProperties: true },
  ),
);

const tokens = shape({
  access_token: Type.String(),
  token_type: Type.String(),
  expires_in: Type.Integer(),
  scope: word(),
  id_token: word(),
  refresh_token: word(),
  authorization_details: Type.Optional(Type.Array(AuthorizationDetail)),
});

const introspected = Type.Union([shape({ active: Type.Literal(false) }), open('Introspection')]);

const shared = { dialect: 'authzen' as const, limit: 'token' as const, handle: undefined };

export function oidcOperations(keyring: Keyring): Operation[] {
  return [
    operation(
      {
        id: 'jwks',
        method: 'GET',
        paths: ['/jwks'],
        summary: 'Public keys that tokens are signed with (RFC 7517)',
        who: everybody,
        dialect: 'authzen',
        limit: 'read',
        answers: {
          200: {
            description: 'Keys, also those to come',
            schema: shape({ keys: Type.Array(open('Jwk')) }),
          },
        },
      },
      () =>
        reply({ keys: keyring.publicJwks() }, 200, {
          'cache-control': 'public, max-age=3600',
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
        }),
    ),
    {
      ...shared,
      id: 'discovery',
      method: 'GET',
      paths: ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'],
      summary: 'What the authorization server can (RFC 8414)',
      who: everybody,
      limit: 'read',
      answers: { 200: { description: 'Metadata', schema: open('Metadata') } },
    },
    {
      ...shared,
      id: 'authorize_request',
      method: 'GET',
      paths: ['/authorize'],
      summary: 'Send a browser here to ask a person (RFC 6749 §4.1, RFC 9396)',
      who: session,
      limit: 'page',
      query: authorization,
      answers: {
        200: { description: 'A page whose button goes back (form_post), for one who is logged in' },
        303: { description: 'To a page, or back with a code or an error' },
        400: { description: 'A page that says what is wrong, where there is no way back' },
        429: { description: 'A page that says that this address began too many' },
      },
    },
    {
      ...shared,
      id: 'authorize_request_post',
      method: 'POST',
      paths: ['/authorize'],
      summary: 'The same as a form (OpenID Connect Core §3.1.2.1)',
      who: session,
      limit: 'page',
      body: shape(authorization),
      raw: ['application/x-www-form-urlencoded'],
      answers: {
        200: { description: 'A page whose button goes back (form_post), for one who is logged in' },
        303: { description: 'To a page, or back with a code or an error' },
        400: { description: 'A page that says what is wrong, where there is no way back' },
      },
    },
    {
      ...shared,
      id: 'par',
      method: 'POST',
      paths: ['/par'],
      summary: 'Push an authorization request (RFC 9126)',
      who: client,
      body: shape({ ...authorization, ...authentication }),
      raw: ['application/x-www-form-urlencoded'],
      answers: {
        201: {
          description: 'Where it is kept',
          schema: shape({ request_uri: Type.String(), expires_in: Type.Integer() }),
        },
        400: error,
        401: error,
        429: tooMany,
      },
    },
    {
      ...shared,
      id: 'token',
      method: 'POST',
      paths: ['/token'],
      summary: 'Tokens for a code, an assertion or a client (RFC 6749 §3.2, RFC 7523)',
      who: client,
      body: shape({
        grant_type: Type.String(),
        assertion: word(),
        code: word(),
        redirect_uri: word(),
        code_verifier: word(),
        refresh_token: word(),
        scope: word(),
        authorization_details: word(),
        resource: word(),
        ...authentication,
      }),
      raw: ['application/x-www-form-urlencoded'],
      answers: {
        200: { description: 'Tokens', schema: tokens },
        400: error,
        401: error,
        413: { ...error, description: 'The body is too large' },
        429: tooMany,
      },
    },
    {
      ...shared,
      id: 'introspect',
      method: 'POST',
      paths: ['/introspect'],
      summary: 'Whether a token holds, and what it says (RFC 7662)',
      who: client,
      body: shape({ token: Type.String(), token_type_hint: word(), ...authentication }),
      raw: ['application/x-www-form-urlencoded'],
      answers: {
        200: { description: 'Active or not', schema: introspected },
        400: error,
        401: error,
        429: tooMany,
      },
    },
    {
      ...shared,
      id: 'revoke',
      method: 'POST',
      paths: ['/revoke'],
      summary: 'End a token (RFC 7009)',
      who: client,
      body: shape({ token: Type.String(), token_type_hint: word(), ...authentication }),
      raw: ['application/x-www-form-urlencoded'],
      answers: {
        200: { description: 'It holds no longer', schema: shape({}) },
        400: error,
        401: error,
        429: tooMany,
      },
    },
  ];
}
