// Requests of vendors to customers about their systems, as JSON. The customer answers on a page,
// whose address the vendor gets.
import { organization } from '../../caller/doors.ts';
import type { OrganizationCaller } from '../../caller/model.ts';
import type { Deciding } from '../../decision/act.ts';
import { operation } from '../../decision/doors.ts';
import { nextLink } from '../../delegation/enduser.ts';
import { invalid, problem } from '../../delegation/problems.ts';
import { queryLimit, queryUuid } from '../../delegation/shapes.ts';
import { findParty } from '../../party/store.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { rows, Type, uuid } from '../../platform/http/shapes.ts';
import { packageUrn } from '../../resource/policy/model.ts';
import { LAST_ID } from '../../platform/ids.ts';
import { askCustomer, withdrawAsked } from './ask.ts';
import { answerPath, runsOutAt, requestStanding, type SystemRequest } from './model.ts';
import { mustBeOwn, mustFindSystem, rightsIn } from './register.ts';
import { SYSTEMS, vendorOf } from './register_routes.ts';
import { findSystemRequest, listSystemRequests } from './request_store.ts';
import { SystemRequestBody, SystemRequestOut, systemPath } from './shapes.ts';

const SCOPE = 'altinn:authentication/systemuser.request';
const STANDARD = 100;

/** A request as its two sides read it. */
export const systemRequestDto = (
  { customerNo, externalRef, ...request }: SystemRequest,
  issuer: string,
  now: Date,
) => ({
  ...{ id: request.id, system: request.system.id, customer: customerNo },
  externalRef: externalRef || null,
  systemUser: request.systemUser,
  isChange: request.isChange,
  ...{ packages: request.packages.map(packageUrn), resources: request.resources },
  ...{ endPackages: request.endPackages.map(packageUrn), endResources: request.endResources },
  redirectUrl: request.redirectUrl,
  state: requestStanding(request, now),
  createdAt: request.createdAt,
  changedAt: request.changedAt,
  runsOutAt: runsOutAt(request),
  confirmUrl: `${issuer}${answerPath(request.id)}`,
});

export function systemRequestOperations({ issuer }: { issuer: string }): Operation[] {
  const own = { dialect: 'own' as const, path: systemPath };
  const one = { ...own, path: { ...systemPath, request: uuid() } };
  const reading = {
    ...{ method: 'GET' as const, limit: 'read' as const },
    who: organization(`${SCOPE}.read`, `${SCOPE}.write`),
  };
  const writing = { who: organization(`${SCOPE}.write`), limit: 'write' as const };

  /** One of the vendor's own system; another's is not there. */
  async function mustFind(
    act: Deciding,
    caller: OrganizationCaller,
    { id, request }: { id: string; request: string },
  ) {
    const vendor = await vendorOf(act, caller);
    mustBeOwn(vendor, id);
    const found = await findSystemRequest(act, request);
    if (!found || found.system.id !== id) throw problem('AM-00031');
    return { vendor, found };
  }

  return [
    operation(
      {
        ...own,
        ...writing,
        id: 'system_ask',
        method: 'POST',
        paths: [`${SYSTEMS}/:id/requests`],
        summary: 'Ask a customer to let the system act for it, or to change what it may do',
        body: SystemRequestBody,
        answers: {
          201: { description: 'The request, which the customer answers', schema: SystemRequestOut },
          200: { description: 'It waits for an answer already', schema: SystemRequestOut },
        },
        errors: [
          ...['TIL-00008', 'TIL-00025', 'TIL-00035', 'TIL-00049', 'TIL-00059', 'TIL-00060'],
          ...['AM.VLD-00006', 'AM.VLD-00008', 'AM.VLD-00038', 'AM.VLD-00048', 'AM.VLD-00049'],
        ],
      },
      async ({ act, caller, path: { id }, body }) => {
        const vendor = await vendorOf(act, caller);
        mustBeOwn(vendor, id);
        const system = await mustFindSystem(act, id);
        const customer = await findParty(act, { by: 'organization', value: body.customer });
        if (!customer || customer.endedAt) throw invalid(['AM.VLD-00006', '/customer']);
        if (customer.kind !== 'organization') throw invalid(['AM.VLD-00008', '/customer']);
        const ends = rightsIn({ packages: body.endPackages, resources: body.endResources });
        const wanted = {
          ...{ customer: customer.id, externalRef: body.externalRef ?? '' },
          ...{ systemUser: body.systemUser ?? null, ...rightsIn(body) },
          ...{ endPackages: ends.packages, endResources: ends.resources },
          redirectUrl: body.redirectUrl ?? null,
        };
        const { request, isNew } = await askCustomer(act, vendor, system, wanted);
        const location = `${SYSTEMS}/${encodeURIComponent(id)}/requests/${request.id}`;
        return reply(systemRequestDto(request, issuer, act.now), isNew ? 201 : 200, { location });
      },
    ),
    operation(
      {
        ...own,
        ...reading,
        id: 'system_requests',
        paths: [`${SYSTEMS}/:id/requests`],
        summary: 'What a vendor has asked customers about a system, newest first',
        query: {
          customer: Type.Optional(Type.String({ pattern: '^\\d{9}$', maxLength: 9 })),
          before: Type.Optional(queryUuid()),
          limit: queryLimit(1_000, STANDARD),
        },
        answers: { 200: { description: 'A page', schema: rows(SystemRequestOut) } },
        errors: ['TIL-00008'],
      },
      async ({ act, ctx, caller, path: { id }, query }) => {
        mustBeOwn(await vendorOf(act, caller), id);
        const { before = LAST_ID, limit = STANDARD, customer: customerNo = null } = query;
        const found = await listSystemRequests(act, id, { before, customerNo, limit });
        const next = found.length === limit ? nextLink(ctx, 'before', found.at(-1)!.id) : null;
        return reply({
          data: found.map((row) => systemRequestDto(row, issuer, act.now)),
          links: { next },
        });
      },
    ),
    operation(
      {
        ...one,
        ...reading,
        id: 'system_request',
        paths: [`${SYSTEMS}/:id/requests/:request`],
        summary: 'One request, with how it was answered',
        answers: { 200: { description: 'The request', schema: SystemRequestOut } },
        errors: ['TIL-00008', 'AM-00031'],
      },
      async ({ act, caller, path }) =>
        reply(systemRequestDto((await mustFind(act, caller, path)).found, issuer, act.now)),
    ),
    operation(
      {
        ...one,
        ...writing,
        id: 'system_request_withdraw',
        method: 'DELETE',
        paths: [`${SYSTEMS}/:id/requests/:request`],
        summary: 'Take back a request that the customer has not answered',
        answers: { 204: { description: 'It is gone' } },
        errors: ['TIL-00008', 'AM-00031', 'AM.VLD-00036'],
      },
      async ({ act, caller, path }) => {
        const { vendor, found } = await mustFind(act, caller, path);
        await withdrawAsked(act, vendor, found);
        return nothing;
      },
    ),
  ];
}
