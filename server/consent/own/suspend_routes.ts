// Operations of our own beside the contract's: suspending and resuming a consent, and a data
// source's word that it has fetched.
import { organization, person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { instant, shape, text, Type, uuid } from '../../platform/http/shapes.ts';
import { noteFetch, setSuspended } from './suspend.ts';
import { portalDto } from '../dto_model.ts';
import { validationProblem } from '../problems.ts';
import { letAskAgain } from '../ask/refusal.ts';
import { viewUri, type ConsentApi } from '../ask/routes.ts';
import { PortalDetails } from '../shapes.ts';
import { seenBy } from '../basis/standing.ts';
import { veiledFor } from '../basis/veil_model.ts';

const CONSENTS = '/access/v1/consents';
/** A data source's clock may be ahead by so much. */
const AHEAD_MILLIS = 60_000;

export function suspendOperations({ issuer }: ConsentApi): Operation[] {
  const acts = [
    ['suspend', 'suspended', '"This was not me", "not now": suspend a consent at once'],
    ['resume', 'resumed', 'Resume a consent'],
  ] as const;
  return [
    ...acts.map(([name, how, summary]) =>
      operation(
        {
          id: `consent_${name}`,
          method: 'POST',
          paths: [`${CONSENTS}/:id/${name}`],
          summary,
          who: person('altinn:portal/enduser'),
          dialect: 'own',
          limit: 'write',
          path: { id: uuid() },
          answers: { 200: { description: 'As it is now', schema: PortalDetails } },
          errors: ['AM-00000', 'AM-00001', 'AM-00011', 'AM-00014'],
        },
        async ({ act, caller, path }) => {
          const consent = await setSuspended(act, path.id, caller, how);
          const seen = (await seenBy(act, consent, caller))?.consent ?? consent;
          const shown = veiledFor(seen, caller.party, act.now);
          return reply(portalDto(shown, viewUri(issuer, consent.id), act.now));
        },
      ),
    ),
    operation(
      {
        id: 'consent_ask_again',
        method: 'POST',
        paths: [`${CONSENTS}/:id/ask-again`],
        summary: 'After a no: let the same client ask the same again',
        who: person('altinn:portal/enduser'),
        dialect: 'own',
        limit: 'write',
        path: { id: uuid() },
        answers: { 200: { description: 'As it is now', schema: PortalDetails } },
        errors: ['AM-00000', 'AM-00001', 'AM-00002', 'TIL-00007'],
      },
      async ({ act, caller, path }) => {
        const consent = await letAskAgain(act, path.id, caller);
        const seen = veiledFor(consent, caller.party, act.now);
        return reply(portalDto(seen, viewUri(issuer, consent.id), act.now));
      },
    ),
    operation(
      {
        id: 'use_note',
        method: 'POST',
        paths: ['/access/v1/uses'],
        summary: 'A data source says that it gave out what a consent is about; the person sees it',
        who: organization('altinn:authorization/authorize', 'altinn:authorization/authorize.admin'),
        dialect: 'own',
        limit: 'write',
        body: shape({
          consent: uuid(),
          resource: Type.Optional(text(200)),
          at: Type.Optional(instant()),
          reference: Type.Optional(text(200)),
        }),
        answers: { 204: { description: 'Noted' } },
        errors: ['AM-00001', 'AM-00014', 'TIL.VLD-00001'],
      },
      async ({ act, caller, body }) => {
        const { now } = act;
        const at = body.at === undefined ? now : new Date(body.at);
        if (at.getTime() > now.getTime() + AHEAD_MILLIS)
          throw validationProblem([{ code: 'TIL.VLD-00001', path: '/at' }]);
        await noteFetch(act, caller.organizationNo, { ...body, at });
        return nothing;
      },
    ),
  ];
}
