// Claims about the person of a login's token (OpenID Connect Core §5.3): to the holder of a live
// token of ours that is for us and has the scope `openid`.
import type { Deciding } from '../../decision/act.ts';
import type { Context } from 'koa';
import { everybody, person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { invalidToken } from '../../caller/model.ts';
import { findParty } from '../../party/store.ts';
import { forScripts, reply, type Operation, type Reply } from '../../platform/http/doors.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import { shape, Type } from '../../platform/http/shapes.ts';
import { authMethodOf, isScriptOf, type Clients } from '../client/clients.ts';
import type { TokenStatus } from '../grant/introspection.ts';
import { personClaims, subjectOf } from './person_claims.ts';
import { textOf } from '../../platform/as_text.ts';

export interface UserinfoApi {
  seal: Seal;
  clients: Clients;
  tokens: TokenStatus;
}

const Told = shape({
  sub: Type.String(),
  name: Type.Optional(Type.String()),
  locale: Type.Optional(Type.String()),
  pid: Type.Optional(Type.String()),
});

export function userinfoOperations(api: UserinfoApi): Operation[] {
  const asked = (['GET', 'POST'] as const).map((method) =>
    operation(
      {
        id: method === 'GET' ? 'userinfo' : 'userinfo_post',
        method,
        paths: ['/userinfo'],
        summary: 'Who logged in, as far as the client may know (OpenID Connect Core §5.3)',
        who: person('openid'),
        dialect: 'authzen',
        limit: 'read',
        isForScripts: true,
        answers: { 200: { description: 'Claims of the person', schema: Told } },
      },
      ({ act, ctx }) => tell(ctx, act, api),
    ),
  );
  return [
    ...asked,
    operation(
      {
        id: 'userinfo_preflight',
        method: 'OPTIONS',
        paths: ['/userinfo'],
        summary: 'That a script may ask; whose may read the answer is told with it (Fetch, CORS)',
        who: everybody,
        dialect: 'authzen',
        limit: 'read',
        answers: { 204: { description: 'Methods and headers that may be sent' } },
      },
      ({ ctx }) => ({
        status: 204,
        headers: {
          ...forScripts(ctx),
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'authorization, dpop',
          'access-control-max-age': '3600',
        },
      }),
    ),
  ];
}

async function tell(
  ctx: Context,
  act: Deciding,
  { seal, clients, tokens }: UserinfoApi,
): Promise<Reply> {
  // The guard has found it valid; only a token of ours is of a login.
  const [, token = ''] = /^Bearer (\S+)$/i.exec(ctx.get('authorization')) ?? [];
  const claims = await tokens.verify(token);
  const client = claims && (await clients.find(textOf(claims.client_id) ?? ''));
  const grant = claims && (await tokens.grant(textOf(claims.grant_id) ?? ''));
  if (!claims || !client || !grant?.accountId) throw invalidToken('no token of a login');
  const known = await findParty(act, { by: 'uuid', value: grant.accountId });
  if (!known || known.endedAt) throw invalidToken('no such person');
  const { jti: _jti, ...told } = await personClaims(act, {
    person: known,
    client,
    sid: typeof claims.sid === 'string' ? claims.sid : undefined,
    scopes: new Set((textOf(claims.scope) ?? '').split(' ')),
    asked: new Set(grant.openid?.claims ?? []),
  });
  const { metadata } = client;
  const method = authMethodOf(metadata);
  const uris = (metadata.redirect_uris ?? []) as string[];
  return reply(
    { sub: subjectOf(seal, known.id, client), ...told },
    200,
    isScriptOf(ctx.get('origin'), method, uris) ? forScripts(ctx) : {},
  );
}
