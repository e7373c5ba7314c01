// Delegations of API scopes as token issuers read them, and owners about their own scopes.
import { token } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { mustHave } from '../delegation/enduser.ts';
import { queryText } from '../delegation/shapes.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { fault } from '../platform/errors.ts';
import { instantOut, nullable, shape, Type, coded } from '../platform/http/shapes.ts';
import { findScopeDelegations } from './scope_store.ts';

const OWN = 'altinn:maskinporten/delegations';
const BASE = '/accessmanagement/api/v1';

const orgNo = () =>
  Type.Optional(coded({ type: 'AM.VLD-00009' }, Type.String({ pattern: '^\\d{9}$' })));

export function scopeFeedOperations(): Operation[] {
  return [
    operation(
      {
        id: 'scope_delegations',
        method: 'GET',
        paths: [`${BASE}/maskinporten/delegations`],
        who: token(OWN, `${OWN}.admin`),
        dialect: 'altinn',
        limit: 'read',
        summary: 'Delegations of API scopes, for a token issuer',
        query: { supplierOrg: orgNo(), consumerOrg: orgNo(), scope: Type.Optional(queryText(300)) },
        answers: {
          200: {
            description: 'Those that are in force',
            schema: Type.Array(
              shape({
                consumer_org: Type.String(),
                supplier_org: Type.String(),
                delegation_scheme_Id: nullable(Type.String()),
                scopes: Type.Array(Type.String()),
                scope: Type.String(),
                created: nullable(instantOut()),
                resourceid: nullable(Type.String()),
              }),
            ),
          },
        },
        errors: ['TIL-00008', 'TIL-00014', 'AM.VLD-00009'],
      },
      async ({ act, caller, query }) => {
        const { supplierOrg = null, consumerOrg = null, scope = null } = query;
        if (!caller.scopes.has(`${OWN}.admin`)) {
          const prefixes = caller.kind === 'organization' ? caller.scopePrefixes : [];
          const prefix = mustHave(scope ?? undefined, 'scope').split(':')[0]!;
          if (!prefixes.includes(prefix)) {
            throw fault('TIL-00008', { members: { requiredPrefix: prefix }, because: 'prefix' });
          }
        }
        const found = await findScopeDelegations(act, supplierOrg, consumerOrg, scope);
        return reply(
          found.map((row) => ({
            consumer_org: row.consumerNo,
            supplier_org: row.supplierNo,
            delegation_scheme_Id: row.scheme,
            scopes: [row.scope],
            scope: row.scope,
            created: row.since,
            resourceid: row.resource,
          })),
        );
      },
    ),
  ];
}
