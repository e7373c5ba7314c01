// Answering as JSON what vendors ask about their systems: what waits for an organisation, a yes,
// and a no.
import { person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import type { Deciding } from '../../decision/act.ts';
import { mayAdminister, mustAdminister, type Actor } from '../../delegation/authority.ts';
import { ENDUSER } from '../../delegation/enduser.ts';
import { problem } from '../../delegation/problems.ts';
import { GIVING } from '../../delegation/shapes.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { rows, uuid } from '../../platform/http/shapes.ts';
import { acceptSystem, mustBeToAnswer, rejectSystem, type SystemGrant } from './answer.ts';
import { systemRequestDto } from './request_routes.ts';
import { findSystemRequest, listWaitingFor } from './request_store.ts';
import type { SystemRequest } from './model.ts';
import { SystemRequestOut } from './shapes.ts';

const PATH = '/access/v1/system-users/requests';
const MOST_WAITING = 100;

/** A request to a customer for whom the caller administers; another's is not there. */
async function mustFindOwn(act: Deciding, caller: Actor, id: string): Promise<SystemRequest> {
  const request = await findSystemRequest(act, id);
  const isOwn = request && (await mayAdminister(act, caller, request.customer, 'access'));
  return mustBeToAnswer(act, caller, isOwn ? request : undefined);
}

/** AM-00028, with each thing that could not be given and the code of why. */
function notWhole(failed: NotDone<SystemGrant>[]): never {
  const members = { failed: failed.map(({ item, why }) => ({ ...item, code: why.code })) };
  throw problem('AM-00028', { members });
}

export function systemAnswerOperations({ issuer }: { issuer: string }): Operation[] {
  const own = { who: person(ENDUSER), dialect: 'own' as const };
  const one = { ...own, path: { id: uuid() } };
  const answering = {
    ...one,
    ...{ method: 'POST' as const, limit: 'write' as const },
    answers: { 204: { description: 'It is answered' } },
  };
  return [
    operation(
      {
        ...own,
        id: 'system_requests_waiting',
        method: 'GET',
        paths: [PATH],
        limit: 'read',
        summary: 'What vendors ask an organisation about their systems, newest first',
        query: { party: uuid() },
        answers: { 200: { description: 'Those that wait', schema: rows(SystemRequestOut) } },
        errors: ['TIL-00008'],
      },
      async ({ act, caller, query: { party } }) => {
        await mustAdminister(act, caller, party, 'access');
        const waiting = await listWaitingFor(act, party, MOST_WAITING);
        const data = waiting.map((row) => systemRequestDto(row, issuer, act.now));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...one,
        id: 'system_request_seen',
        method: 'GET',
        paths: [`${PATH}/:id`],
        limit: 'read',
        summary: 'One request, for who may answer it',
        answers: { 200: { description: 'The request', schema: SystemRequestOut } },
        errors: ['TIL-00007', 'TIL-00008', 'AM-00031'],
      },
      async ({ act, caller, path: { id } }) => {
        const request = await mustFindOwn(act, caller, id);
        return reply(systemRequestDto(request, issuer, act.now));
      },
    ),
    operation(
      {
        ...answering,
        id: 'system_accept',
        paths: [`${PATH}/:id/accept`],
        summary: 'Let the system do all that is asked for, or nothing of it',
        errors: [...GIVING, 'TIL-00025', 'TIL-00059', 'AM-00031', 'AM.VLD-00036'],
      },
      async ({ act, caller, path: { id } }) => {
        await mustFindOwn(act, caller, id);
        const { failed } = await acceptSystem(act, caller, id);
        return failed.length ? notWhole(failed) : nothing;
      },
    ),
    operation(
      {
        ...answering,
        id: 'system_reject',
        paths: [`${PATH}/:id/reject`],
        summary: 'Say no',
        errors: ['TIL-00007', 'TIL-00008', 'AM-00031', 'AM.VLD-00036'],
      },
      async ({ act, caller, path: { id } }) => {
        await mustFindOwn(act, caller, id);
        await rejectSystem(act, caller, id);
        return nothing;
      },
    ),
  ];
}
