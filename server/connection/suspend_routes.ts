// Suspending all that one party has given another, as JSON.
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { ENDUSER } from '../delegation/enduser.ts';
import { partyOf } from '../delegation/naming.ts';
import { partyNameText } from '../delegation/shapes.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { NO_ID } from '../platform/ids.ts';
import { shape, Type } from '../platform/http/shapes.ts';
import { suspendAll } from './suspend.ts';

const count = () => Type.Integer({ minimum: 0 });

export function stopOperations(): Operation[] {
  return [
    operation(
      {
        id: 'suspend_all',
        method: 'POST',
        paths: ['/access/v1/suspensions'],
        summary: '"This was not me": suspend all that one party has given another, at once',
        who: person(ENDUSER),
        dialect: 'own',
        limit: 'write',
        body: shape({ from: partyNameText(), to: partyNameText() }),
        answers: {
          200: {
            description: 'How many were not suspended before',
            schema: shape({ mandates: count(), consents: count() }),
          },
        },
        errors: ['TIL-00008'],
      },
      async ({ act, caller, body }) => {
        const from = await partyOf(act, caller, body.from, '/from');
        const to = await partyOf(act, caller, body.to, '/to');
        const named = { from: from?.id ?? NO_ID, to: to?.id ?? NO_ID };
        return reply(await suspendAll(act, caller, named));
      },
    ),
  ];
}
