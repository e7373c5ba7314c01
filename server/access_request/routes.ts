// Requests for a right as JSON: asked by the one who wants it and answered by the giver's
// administrator. On the wire `from` asks and `to` owns; here it is turned around, once.
import type { Deciding } from '../decision/act.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import type { Actor } from '../delegation/authority.ts';
import { ENDUSER, mustHave, personByName, type DelegationApi } from '../delegation/enduser.ts';
import { invalid, problem } from '../delegation/problems.ts';
import {
  dateOf,
  ASKING,
  GIVING,
  personNamed,
  queryText,
  queryUuid,
  validTo,
} from '../delegation/shapes.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { coded, list, maybe, rows, shape, Type, type Static } from '../platform/http/shapes.ts';
import { packageCode } from '../resource/policy/model.ts';
import { approveRight, rejectRight, takeRightYesBack } from './approve.ts';
import { askForRight, confirm, mustFindRequest, withdrawRequest } from './commands.ts';
import { actionsFor, mustStand, requestDto, standsIn } from './standing.ts';
import { type RequestSide, STATES, type RequestRow } from './model.ts';
import { AccessRequest, rightKeys, STATUS, TYPE } from './shapes.ts';
import { listRequests } from './store.ts';

const BASE = '/accessmanagement/api/v1/enduser/request';
const SCOPE = 'altinn:accessmanagement/enduser:requests';

const one = { id: Type.Optional(queryUuid()), party: Type.Optional(queryUuid()) };
const ANSWER = { 200: { description: 'The request', schema: AccessRequest } };

export function requestOperations({ issuer }: DelegationApi): Operation[] {
  const shared = { dialect: 'altinn' as const, errors: ['TIL-00008', 'AM-00031'] };
  const reading = {
    ...shared,
    method: 'GET' as const,
    limit: 'read' as const,
    who: person(ENDUSER, `${SCOPE}.read`, `${SCOPE}.write`),
  };
  const writing = {
    ...shared,
    limit: 'write' as const,
    who: person(ENDUSER, `${SCOPE}.write`),
  };
  const changing = [...shared.errors, 'AM.VLD-00036', 'AM.VLD-00044'];
  const told = async (act: Deciding, request: RequestRow, side: RequestSide, status = 200) =>
    reply(await requestDto(act, issuer, request, side), status);

  /** The request, for one who stands on that side of it; to others it is not there. */
  async function mine(
    act: Deciding,
    caller: Actor,
    { id, party: named }: { id?: string; party?: string },
    side: RequestSide | 'either',
  ): Promise<RequestRow> {
    const request = await mustFindRequest(act, mustHave(id, 'id'));
    const party = named ?? (caller.party === request.to ? request.to : request.from);
    if (![request.from, request.to].includes(party)) throw problem('AM-00031');
    if (side !== 'either' && request[side] !== party) {
      throw invalid(['AM.VLD-00044', '$QUERY/party']);
    }
    const standing = party === request.to ? 'to' : 'from';
    // An offer is the giver's side's to know, until it is given.
    if (request.offered && standing === 'to') throw problem('AM-00031');
    if (!(await standsIn(act, caller, request, standing))) throw problem('AM-00031');
    return request;
  }

  /** A giver whom the asker knows by number and last name. */
  async function giverBy(
    act: Deciding,
    caller: Actor,
    named: Static<typeof personNamed> | null | undefined,
  ): Promise<string> {
    if (!named) throw invalid(['STD.VLD-00000', '$QUERY/to']);
    return (await personByName(act, caller, named, '/to')).id;
  }

  const asking = (what: 'package' | 'resource') =>
    operation(
      {
        ...writing,
        id: `request_${what}`,
        method: 'POST',
        paths: [`${BASE}/${what}`],
        summary: `Ask for ${what === 'package' ? 'an access package' : 'rights to a resource'}`,
        query: {
          party: queryUuid(),
          from: Type.Optional(queryUuid()),
          to: Type.Optional(queryUuid()),
          package: Type.Optional(queryText(200)),
          resource: Type.Optional(queryText(200)),
        },
        body: shape({
          rightKeys: Type.Optional(rightKeys()),
          validTo: validTo(),
          to: maybe(personNamed),
        }),
        bodyOptional: true,
        answers: { 201: { description: 'The request, new or as it waits', schema: AccessRequest } },
        errors: [...shared.errors, ...ASKING],
      },
      async ({ act, caller, query, body }) => {
        const { party, from = party, package: code } = query;
        const to = query.to ?? (await giverBy(act, caller, body.to));
        if (from !== party) throw invalid(['AM.VLD-00009', '$QUERY/party']);
        await mustStand(act, caller, party, 'to');
        const resource = query.resource?.toLowerCase() ?? null;
        const wanted = {
          from: to,
          to: party,
          by: caller.party,
          package: code ? packageCode(code) : null,
          resource,
          actions:
            resource && body.rightKeys ? await actionsFor(act.db, resource, body.rightKeys) : null,
          validTo: dateOf(body.validTo),
          redirectUrl: null,
        };
        return told(act, await askForRight(act, wanted, 'pending'), 'to', 201);
      },
    );

  const listing = (side: 'sent' | 'received', countOnly: boolean) =>
    operation(
      {
        ...reading,
        id: `requests_${side}${countOnly ? '_count' : ''}`,
        paths: [`${BASE}/${side}${countOnly ? '/count' : ''}`],
        summary: `${countOnly ? 'How many' : 'The'} requests that a party has ${side}`,
        query: {
          party: queryUuid(),
          from: one.party,
          to: one.party,
          status: Type.Optional(
            coded({ type: 'AM.VLD-00009' }, list(coded({ type: 'AM.VLD-00009' }, STATUS()), 10)),
          ),
          type: Type.Optional(coded({ type: 'AM.VLD-00009' }, TYPE())),
        },
        answers: {
          200: countOnly
            ? { description: 'The number', schema: Type.Integer() }
            : { description: 'Newest first', schema: rows(AccessRequest) },
        },
      },
      async ({ act, caller, query }) => {
        const { party } = query;
        await mustStand(act, caller, party, side === 'sent' ? 'to' : 'from');
        const wanted = (query.status ?? []).map((status) => status.toLowerCase());
        // A draft is nobody's business but the asker's and its author's.
        const states = STATES.filter(
          (state) =>
            (!wanted.length || wanted.includes(state)) && (side === 'sent' || state !== 'draft'),
        );
        const type = (query.type?.toLowerCase() ?? null) as 'package' | 'resource' | null;
        const other = (side === 'sent' ? query.to : query.from) ?? null;
        const pair =
          side === 'sent'
            ? { from: other, to: party, heardOnly: false }
            : { from: party, to: other, heardOnly: true };
        const found = await listRequests(act.db, { ...pair, states, type });
        if (countOnly) return reply(found.length);
        const data = await Promise.all(
          found.map((row) => requestDto(act, issuer, row, side === 'sent' ? 'to' : 'from')),
        );
        return reply({ data, links: { next: null } });
      },
    );

  return [
    asking('package'),
    asking('resource'),
    listing('sent', false),
    listing('sent', true),
    listing('received', false),
    listing('received', true),
    operation(
      {
        ...reading,
        id: 'request',
        paths: [BASE],
        summary: 'One request, for either side',
        query: one,
        answers: ANSWER,
      },
      async ({ act, caller, query }) => {
        const request = await mine(act, caller, query, 'either');
        const party = query.party ?? caller.party;
        return told(act, request, party === request.to ? 'to' : 'from');
      },
    ),
    operation(
      {
        ...writing,
        id: 'request_withdraw',
        method: 'PUT',
        paths: [`${BASE}/sent/withdraw`],
        summary: 'Withdraw a request that waits',
        query: one,
        answers: ANSWER,
        errors: changing,
      },
      async ({ act, caller, query }) => {
        const request = await mine(act, caller, query, 'to');
        return told(act, await withdrawRequest(act, request, caller.party), 'to');
      },
    ),
    operation(
      {
        ...writing,
        id: 'request_approve',
        method: 'PUT',
        paths: [`${BASE}/received/approve`],
        summary: 'Give what was asked for, or the part of it that is named',
        query: one,
        body: Type.Union([shape({ rightKeys: Type.Optional(rightKeys()) }), rightKeys()]),
        bodyOptional: true,
        answers: ANSWER,
        errors: [...changing, ...GIVING],
      },
      async ({ act, caller, query, body }) => {
        const request = await mine(act, caller, query, 'from');
        const keys = Array.isArray(body) ? body : body.rightKeys;
        const { resource } = request;
        const only = keys && resource !== null ? await actionsFor(act.db, resource, keys) : null;
        return told(act, await approveRight(act, request, caller, only), 'from');
      },
    ),
    operation(
      {
        ...writing,
        id: 'request_reject',
        method: 'PUT',
        paths: [`${BASE}/received/reject`],
        summary: 'Say no to a request',
        query: one,
        answers: ANSWER,
        errors: [...changing, 'AM-00028'],
      },
      async ({ act, caller, query }) =>
        told(act, await rejectRight(act, await mine(act, caller, query, 'from'), caller), 'from'),
    ),
    operation(
      {
        ...writing,
        id: 'request_take_back',
        method: 'PUT',
        paths: [`${BASE}/received/takeback`],
        summary: "Take one's own yes back, while others are awaited",
        query: one,
        answers: ANSWER,
        errors: changing,
      },
      async ({ act, caller, query }) =>
        told(
          act,
          await takeRightYesBack(act, await mine(act, caller, query, 'from'), caller),
          'from',
        ),
    ),
    operation(
      {
        ...reading,
        id: 'request_draft',
        paths: [`${BASE}/draft`],
        summary: 'A draft that a service owner wrote, for the one who is to confirm it',
        query: one,
        answers: ANSWER,
      },
      async ({ act, caller, query }) => {
        const request = await mine(act, caller, query, 'to');
        if (request.state !== 'draft') throw problem('AM-00031');
        return told(act, request, 'to');
      },
    ),
    operation(
      {
        ...writing,
        id: 'request_confirm',
        method: 'PUT',
        paths: [`${BASE}/draft/confirm`],
        summary: 'Confirm a draft: from now on it waits for an answer',
        query: one,
        answers: ANSWER,
        errors: changing,
      },
      async ({ act, caller, query }) =>
        told(act, await confirm(act, await mine(act, caller, query, 'to'), caller.party), 'to'),
    ),
  ];
}
