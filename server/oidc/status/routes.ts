// Status lists as HTTP: each as a signed token, and the addresses of all (Token Status List, IETF
// draft-ietf-oauth-status-list-21 §8, §9).
import { everybody, operation } from '../../caller/doors.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { named, shape, text, Type } from '../../platform/http/shapes.ts';
import { listUri, STATUS_LISTS, TTL_SECONDS } from './list_model.ts';
import type { StatusLists } from './lists.ts';
import { problem } from './problems.ts';

const TYPE = 'application/statuslist+jwt';
/** Scripts of other origins read it, as they read the keys. */
const SHARED = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};
const StatusListUris = named('StatusListUris', shape({ status_lists: Type.Array(Type.String()) }));

export function statusOperations(lists: StatusLists, issuer: string): Operation[] {
  const reading = {
    method: 'GET' as const,
    who: everybody,
    dialect: 'own' as const,
    limit: 'read' as const,
  };
  return [
    operation(
      {
        ...reading,
        id: 'status_lists',
        paths: [STATUS_LISTS],
        summary: 'The addresses of all status lists',
        answers: { 200: { description: 'One at least', schema: StatusListUris } },
      },
      async () => {
        const uris = (await lists.numbers()).map((list) => listUri(issuer, list));
        const headers = { ...SHARED, 'cache-control': `max-age=${TTL_SECONDS}` };
        return reply({ status_lists: uris }, 200, headers);
      },
    ),
    operation(
      {
        ...reading,
        id: 'status_list',
        paths: [`${STATUS_LISTS}/:list`],
        summary: 'Which tokens hold no longer, or are suspended, as a signed list',
        path: { list: text(9, { pattern: '^[1-9][0-9]*$', examples: ['1'] }) },
        query: { time: Type.Optional(text(30)) },
        answers: { 200: { description: 'A status list token', type: TYPE } },
        errors: ['TIL-00069', 'TIL-00070'],
      },
      async ({ path: { list }, query: { time } }) => {
        if (time !== undefined) throw problem('TIL-00070');
        const found = await lists.signed(Number(list));
        if (!found) throw problem('TIL-00069');
        const left = Math.max(0, found.iat + TTL_SECONDS - epochSeconds());
        return {
          body: found.token,
          type: TYPE,
          headers: { ...SHARED, 'cache-control': `public, max-age=${left}` },
        };
      },
    ),
  ];
}
