// API scopes between organisations as JSON: what a consumer lets a supplier use, what a supplier
// got, and what a token issuer looks up.
import type { Deciding } from '../decision/act.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import type { PersonCaller } from '../caller/model.ts';
import { SCHEMA } from '../delegation/give/check.ts';
import { partyDto, rightDto } from '../delegation/dto_model.ts';
import { ENDUSER, mustHave, mustNameOwn } from '../delegation/enduser.ts';
import { invalid } from '../delegation/problems.ts';
import { listRelations } from '../delegation/relation_store.ts';
import { relate } from '../delegation/relation.ts';
import { GIVING, queryFlag, queryText, queryUuid, Right } from '../delegation/shapes.ts';
import { anyPartyName, isPublic } from '../party/model.ts';
import { findParties, findParty } from '../party/store.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { maybe, shape, Type, uuid } from '../platform/http/shapes.ts';
import { endScopes, giveScopes, leave, schemaFor, scopeMandates, USE } from './scopes.ts';
import { PartyRows, ScopesGiven } from './shapes.ts';

const BASE = '/accessmanagement/api/v1';
const SUPPLIERS = `${BASE}/enduser/maskinportensuppliers`;
const CONSUMERS = `${BASE}/enduser/maskinportenconsumers`;

const ERRORS = [
  ...['TIL-00008', 'AM.VLD-00006', 'AM.VLD-00008'],
  ...['AM.VLD-00031', 'AM.VLD-00032', 'AM.VLD-00045'],
];

const optionalUuid = () => Type.Optional(queryUuid());
const party = { party: optionalUuid() };
const resource = { resource: queryText(200) };
/** The supplier by UUID or organisation number, in the query or the body. */
const supplierNamed = {
  supplier: Type.Optional(queryText(200)),
  to: Type.Optional(queryText(200)),
};
const supplierBody = shape({ organizationIdentifier: maybe(Type.String({ maxLength: 200 })) });

export function scopeOperations(): Operation[] {
  const as = (kind: 'suppliers' | 'consumers', write: boolean) => {
    const scope = `altinn:accessmanagement/enduser:maskinporten${kind}`;
    return {
      dialect: 'altinn' as const,
      limit: write ? ('write' as const) : ('read' as const),
      who: person(ENDUSER, `${scope}.write`, ...(write ? [] : [`${scope}.read`])),
      errors: ERRORS,
    };
  };

  const administered = (act: Deciding, caller: PersonCaller, id: string | undefined) =>
    mustNameOwn(act, caller, id, 'scopes');

  async function supplierOf(
    act: Deciding,
    query: { supplier?: string; to?: string },
    body?: { organizationIdentifier?: string | null },
  ): Promise<string> {
    const text = query.supplier ?? query.to ?? body?.organizationIdentifier;
    const name = text ? anyPartyName(text) : undefined;
    // No person is a supplier, and nobody hears whether a person's number is somebody's.
    if (name && !isPublic(name)) throw invalid(['AM.VLD-00008', '/supplier']);
    const found = name && (await findParty(act, name));
    if (!found) throw invalid([text ? 'AM.VLD-00006' : 'STD.VLD-00000', '/supplier']);
    if (found.kind !== 'organization') throw invalid(['AM.VLD-00008', '/supplier']);
    return found.id;
  }

  const relations = (kind: 'suppliers' | 'consumers') =>
    operation(
      {
        ...as(kind, false),
        id: `scope_${kind}`,
        method: 'GET',
        paths: [kind === 'suppliers' ? SUPPLIERS : CONSUMERS],
        summary:
          kind === 'suppliers'
            ? 'Suppliers that may use API scopes of an organisation'
            : 'Consumers that let an organisation use their API scopes',
        query: party,
        answers: { 200: { description: 'Organisations', schema: PartyRows } },
      },
      async ({ act, caller, query }) => {
        const id = await administered(act, caller, query.party);
        const found =
          kind === 'suppliers'
            ? await listRelations(act.db, id, null, 'supplier')
            : await listRelations(act.db, null, id, 'supplier');
        const ids = found.map((one) => (kind === 'suppliers' ? one.to : one.from));
        const parties = await findParties(act, ids);
        return reply({ data: parties.map(partyDto), links: { next: null } });
      },
    );

  const given = (kind: 'suppliers' | 'consumers') =>
    operation(
      {
        ...as(kind, false),
        id: kind === 'suppliers' ? 'scope_resources' : 'scope_got',
        method: 'GET',
        paths: [`${kind === 'suppliers' ? SUPPLIERS : CONSUMERS}/resources`],
        summary: `API scopes that ${kind === 'suppliers' ? 'were given to suppliers' : 'consumers gave'}`,
        query: { ...party, supplier: optionalUuid(), consumer: optionalUuid() },
        answers: { 200: { description: 'Schemas with who may use them', schema: ScopesGiven } },
      },
      async ({ act, caller, query }) => {
        const id = await administered(act, caller, query.party);
        const found =
          kind === 'suppliers'
            ? await scopeMandates(act, id, query.supplier ?? null)
            : await scopeMandates(act, query.consumer ?? null, id);
        const data = found.map((one) => ({
          resource: { refId: one.resource },
          fromId: one.from,
          toId: one.to,
          mandateId: one.id,
          since: one.validFrom,
        }));
        return reply({ data, links: { next: null } });
      },
    );

  return [
    relations('suppliers'),
    relations('consumers'),
    given('suppliers'),
    given('consumers'),
    operation(
      {
        ...as('suppliers', true),
        id: 'scope_supplier_add',
        method: 'POST',
        paths: [SUPPLIERS],
        summary: 'Add a supplier',
        query: { ...party, ...supplierNamed },
        body: supplierBody,
        bodyOptional: true,
        answers: {
          201: {
            description: 'Added',
            schema: shape({ id: uuid(), fromId: uuid(), toId: uuid() }),
          },
          200: {
            description: 'Was one already',
            schema: shape({ id: uuid(), fromId: uuid(), toId: uuid() }),
          },
        },
      },
      async ({ act, caller, query, body }) => {
        const from = await administered(act, caller, query.party);
        const to = await supplierOf(act, query, body);
        if (to === from) throw invalid(['AM.VLD-00045', '/supplier']);
        const wanted = { from, to, kind: 'supplier' as const, by: caller.party };
        const { relation, added } = await relate(act, wanted);
        return reply({ id: relation.id, fromId: from, toId: to }, added ? 201 : 200);
      },
    ),
    operation(
      {
        ...as('suppliers', true),
        id: 'scope_supplier_remove',
        method: 'DELETE',
        paths: [SUPPLIERS],
        summary: 'End a supplier',
        query: { ...party, ...supplierNamed, cascade: queryFlag(false) },
        answers: { 204: { description: 'Ended, with what it may use when cascade says so' } },
      },
      async ({ act, caller, query }) => {
        const consumer = await administered(act, caller, query.party);
        const pair = { consumer, supplier: await supplierOf(act, query) };
        const cascade = query.cascade === true;
        await leave(act, pair, { by: caller.party, type: 'ended', cascade });
        return nothing;
      },
    ),
    operation(
      {
        ...as('consumers', true),
        id: 'scope_consumer_leave',
        method: 'DELETE',
        paths: [CONSUMERS],
        summary: 'Leave a consumer',
        query: {
          ...party,
          consumer: optionalUuid(),
          from: optionalUuid(),
          cascade: queryFlag(false),
        },
        answers: { 204: { description: 'Left, with what was given when cascade says so' } },
      },
      async ({ act, caller, query }) => {
        const supplier = await administered(act, caller, query.party);
        const consumer = query.consumer ?? mustHave(query.from, 'from');
        const cascade = query.cascade === true;
        const ending = { by: caller.party, type: 'renounced' as const, cascade };
        await leave(act, { consumer, supplier }, ending);
        return nothing;
      },
    ),
    operation(
      {
        ...as('suppliers', true),
        id: 'scope_give',
        method: 'POST',
        paths: [`${SUPPLIERS}/resources`],
        summary: "Let a supplier use a schema's API scopes",
        query: { ...party, ...supplierNamed, ...resource },
        body: supplierBody,
        bodyOptional: true,
        answers: {
          201: {
            description: 'It may',
            schema: shape({
              resource: Type.String(),
              fromId: uuid(),
              toId: uuid(),
              changed: Type.Boolean(),
            }),
          },
          200: {
            description: 'It might already',
            schema: shape({
              resource: Type.String(),
              fromId: uuid(),
              toId: uuid(),
              changed: Type.Boolean(),
            }),
          },
        },
        errors: [...GIVING, 'AM.VLD-00032'],
      },
      async ({ act, caller, query, body }) => {
        const from = await administered(act, caller, query.party);
        const schema = await schemaFor(act, caller, from, query.resource.toLowerCase());
        const to = await supplierOf(act, query, body);
        const changed = await giveScopes(act, caller, { from, to }, schema);
        const done = { resource: schema.id, fromId: from, toId: to, changed };
        return reply(done, changed ? 201 : 200);
      },
    ),
    operation(
      {
        ...as('suppliers', true),
        id: 'scope_end',
        method: 'DELETE',
        paths: [`${SUPPLIERS}/resources`],
        summary: 'End what a supplier may use of a schema',
        query: { ...party, ...supplierNamed, ...resource },
        answers: { 204: { description: 'It has ended' } },
      },
      async ({ act, caller, query }) => {
        const from = await administered(act, caller, query.party);
        const to = await supplierOf(act, query);
        const between = { from, to, resource: query.resource.toLowerCase() };
        await endScopes(act, between, { by: caller.party, type: 'ended' });
        return nothing;
      },
    ),
    operation(
      {
        ...as('suppliers', false),
        id: 'scope_check',
        method: 'GET',
        paths: [`${SUPPLIERS}/resources/delegationcheck`],
        summary: 'What of a schema the caller could let a supplier use',
        query: { ...party, ...resource },
        errors: [...ERRORS, 'AM.VLD-00012'],
        answers: {
          200: {
            description: 'Each action, and why or why not',
            schema: shape({
              resource: shape({ id: Type.String(), refId: Type.String(), type: Type.String() }),
              rights: Type.Array(
                shape({
                  right: Right,
                  result: Type.Boolean(),
                  reasonCodes: Type.Array(Type.String()),
                }),
              ),
            }),
          },
        },
      },
      async ({ act, caller, query }) => {
        const from = await administered(act, caller, query.party);
        const schema = await schemaFor(act, caller, from, query.resource.toLowerCase());
        const { id, known, actions, permitted } = schema;
        const { type, delegable } = known.resource!;
        const rights = actions.map((action) => {
          const isOpen = type === SCHEMA && delegable && permitted.includes(USE);
          const result = isOpen && permitted.includes(action);
          const why = delegable ? 'MissingPackageAccess' : 'ResourceNotDelegable';
          const reasonCodes = [result ? 'PackageAccess' : why];
          return { right: rightDto(id, action), result, reasonCodes };
        });
        return reply({ resource: { id, refId: id, type }, rights });
      },
    ),
  ];
}
