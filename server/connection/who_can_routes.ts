// How many can use a service for a party, and what the caller can, as JSON: for a service that
// shows it to its user.
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { ENDUSER } from '../delegation/enduser.ts';
import { partyOf } from '../delegation/naming.ts';
import { queryText } from '../delegation/shapes.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { nullable, shape, Type } from '../platform/http/shapes.ts';
import { NO_ID } from '../platform/ids.ts';
import { countWhoCan, ownWhoCan, seesWhoCan } from './who_can.ts';

const WhoCanAnswer = shape({
  own: Type.Array(Type.String()),
  count: nullable(Type.Integer({ minimum: 0 })),
  isMore: Type.Boolean(),
  isOpen: Type.Boolean(),
});

export const whoCanOperations = (): Operation[] => [
  operation(
    {
      id: 'who_can',
      method: 'GET',
      paths: ['/access/v1/who-can'],
      who: person(ENDUSER),
      dialect: 'own',
      limit: 'decision',
      summary: 'How many can use a service for a party, and what the caller can',
      query: { party: queryText(200), resource: queryText(200) },
      answers: {
        200: {
          description:
            'The actions that the caller can do, and how many parties can do something: null for a caller who may not see that',
          schema: WhoCanAnswer,
        },
      },
      errors: ['TIL.VLD-00006'],
    },
    async ({ act, caller, query }) => {
      const party = (await partyOf(act, caller, query.party, '$QUERY/party'))?.id ?? NO_ID;
      const about = { party, resource: query.resource.toLowerCase() };
      const own = await ownWhoCan(act, caller, about);
      const counted = (await seesWhoCan(act, caller, party))
        ? await countWhoCan(act, caller, about)
        : { count: null, isMore: false, isOpen: false };
      return reply({ own: own?.does.map(({ action }) => action) ?? [], ...counted });
    },
  ),
];
