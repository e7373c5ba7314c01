// API scopes for the organisations that own them: register, hand out, take back, end.
import type { Knowing } from '../catalogue/catalogue.ts';
import { organization } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { readParty } from '../../party/store.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { maybe, named, nullable, rows, shape, text, Type } from '../../platform/http/shapes.ts';
import { prefixOf } from './model.ts';
import {
  endScope,
  findOwnScope,
  giveScope,
  listOwnScopes,
  ownsPrefix,
  putScope,
  takeScope,
  type OwnScope,
} from './store.ts';
import { invalid, problem } from '../problems.ts';
import { ownerOfApis } from '../registry/owner.ts';
import { LONGEST_TOKEN_SECONDS } from '../../platform/env/env.ts';
import { asText } from '../../platform/as_text.ts';

const PATH = '/access/v1/scopes';
const WRITE = 'altinn:resourceregistry/scope.write';
const READ = 'altinn:resourceregistry/scope.read';
const STANDARD = 100;

const lifetime = () => Type.Integer({ minimum: 10, maximum: LONGEST_TOKEN_SECONDS });
const Scope = named(
  'ApiScope',
  shape({
    name: Type.String(),
    tokenLifetimeSeconds: nullable(Type.Integer()),
    holders: Type.Array(Type.String()),
  }),
);
/** RFC 6749 §3.3, without what would have to be escaped. */
const path = { name: text(200, { pattern: '^[!#-\\[\\]-~]+$' }) };
const holder = { ...path, organization: Type.String({ pattern: '^[0-9]{9}$', maxLength: 9 }) };

export function apiScopeOperations(): Operation[] {
  const own = { dialect: 'own' as const, errors: ['TIL-00008'] };
  const reading = { ...own, who: organization(WRITE, READ), limit: 'read' as const };
  const writing = { ...own, who: organization(WRITE), limit: 'write' as const };
  const answers = { 200: { description: 'With whom it was handed to', schema: Scope } };

  return [
    operation(
      {
        ...reading,
        id: 'api_scopes',
        method: 'GET',
        paths: [PATH],
        summary: 'The API scopes that an organisation owns, by name',
        query: {
          after: Type.Optional(text(200)),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
        },
        answers: { 200: { description: 'A page', schema: rows(Scope) } },
      },
      async ({ act, ctx, caller, query }) => {
        const { after = '', limit = STANDARD } = query;
        const data = await listOwnScopes(act.db, await ownerOfApis(act, caller), after, limit);
        const next = new URLSearchParams({ after: data.at(-1)?.name ?? '', limit: asText(limit) });
        return reply({ data, links: { next: data.length < limit ? null : `${ctx.path}?${next}` } });
      },
    ),
    operation(
      {
        ...writing,
        path,
        answers,
        errors: ['TIL-00008', 'TIL-00041'],
        id: 'api_scope_put',
        method: 'PUT',
        paths: [`${PATH}/:name`],
        summary: 'Register an API scope under a prefix of one’s own, or change it',
        body: shape({ tokenLifetimeSeconds: maybe(lifetime()) }),
      },
      async ({ act, caller, path: { name }, body }) => {
        const owner = await ownerOfApis(act, caller);
        await mustOwnPrefix(act, owner, name);
        if (!(await putScope(act, owner, name, body.tokenLifetimeSeconds ?? null)))
          throw problem('TIL-00041', { because: 'another owner' });
        return reply(await found(act, owner, name));
      },
    ),
    operation(
      {
        ...writing,
        path,
        errors: ['TIL-00008', 'TIL-00041', 'TIL-00042'],
        id: 'api_scope_end',
        method: 'DELETE',
        paths: [`${PATH}/:name`],
        summary: 'End an API scope, with whom it was handed to',
        answers: { 204: { description: 'It has ended: no new token has it' } },
      },
      async ({ act, caller, path: { name } }) => {
        const owner = await ownerOfApis(act, caller);
        await mustOwnPrefix(act, owner, name);
        if (!(await endScope(act, owner, name))) throw problem('TIL-00042');
        return nothing;
      },
    ),
    operation(
      {
        ...writing,
        path: holder,
        answers,
        errors: ['TIL-00008', 'TIL-00041', 'TIL-00042', 'TIL.VLD-00009'],
        id: 'api_scope_give',
        method: 'PUT',
        paths: [`${PATH}/:name/holders/:organization`],
        summary: 'Hand an API scope to an organisation',
      },
      async ({ act, caller, path: { name, organization: number } }) => {
        const owner = await ownerOfApis(act, caller);
        await mustOwnPrefix(act, owner, name);
        await found(act, owner, name);
        const to = await organizationBy(act, number);
        if (!to || to.endedAt) throw invalid('TIL.VLD-00009', '$PATH/organization');
        await giveScope(act, owner, name, to.id);
        return reply(await found(act, owner, name));
      },
    ),
    operation(
      {
        ...writing,
        path: holder,
        answers,
        errors: ['TIL-00008', 'TIL-00041', 'TIL-00042', 'TIL.VLD-00009'],
        id: 'api_scope_take',
        method: 'DELETE',
        paths: [`${PATH}/:name/holders/:organization`],
        summary: 'Take an API scope back from an organisation',
      },
      async ({ act, caller, path: { name, organization: number } }) => {
        const owner = await ownerOfApis(act, caller);
        await mustOwnPrefix(act, owner, name);
        await found(act, owner, name);
        const from = await organizationBy(act, number);
        if (!from || !(await takeScope(act, owner, name, from.id)))
          throw invalid('TIL.VLD-00009', '$PATH/organization');
        return reply(await found(act, owner, name));
      },
    ),
  ];

  function organizationBy(act: Knowing, value: string) {
    return readParty(act, { by: 'organization', value });
  }

  /** TIL-00041, alike for a prefix that is another's, nobody's, or reserved. */
  async function mustOwnPrefix(act: Knowing, owner: string, name: string): Promise<void> {
    const prefix = prefixOf(name);
    if (!prefix || !(await ownsPrefix(act.db, owner, prefix)))
      throw problem('TIL-00041', { because: 'prefix' });
  }

  async function found(act: Knowing, owner: string, name: string): Promise<OwnScope> {
    const scope = await findOwnScope(act.db, owner, name);
    if (!scope) throw problem('TIL-00042');
    return scope;
  }
}
