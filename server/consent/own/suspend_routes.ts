// Operations of our own beside the contract's: suspending, resuming and narrowing a consent, and a
// data source's word that it has fetched.
import { organization, person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { instant, list, shape, text, Type, uuid } from '../../platform/http/shapes.ts';
import { askDeletion } from './deletion.ts';
import { noteFetch } from './fetch.ts';
import { setSuspended } from './suspend.ts';
import { portalDto } from '../dto_model.ts';
import { narrowConsent } from '../answer/narrow.ts';
import { RIGHTS_LIMIT } from '../model.ts';
import { problem, validationProblem } from '../problems.ts';
import { findConsent } from '../find.ts';
import { letAskAgain } from '../ask/refusal.ts';
import { viewUri, type ConsentApi } from '../ask/routes.ts';
import { PortalDetails } from '../shapes.ts';
import { seenBy } from '../basis/standing.ts';
import { veiledFor } from '../basis/veil_model.ts';

const CONSENTS = '/access/v1/consents';
/** A data source's clock may be ahead by so much. */
const AHEAD_MILLIS = 60_000;

export function suspendOperations({ issuer, metrics, tokenSeconds }: ConsentApi): Operation[] {
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
        id: 'consent_narrow',
        method: 'PATCH',
        paths: [`${CONSENTS}/:id`],
        summary: 'Take optional rights out of a consent, or bring its end nearer; for good',
        who: person('altinn:portal/enduser'),
        dialect: 'own',
        limit: 'write',
        path: { id: uuid() },
        body: shape({
          without: Type.Optional(list(Type.Integer({ minimum: 0 }), RIGHTS_LIMIT)),
          validTo: Type.Optional(instant()),
        }),
        answers: { 200: { description: 'As it is now', schema: PortalDetails } },
        errors: [
          ...['AM-00000', 'AM-00001', 'AM-00010'],
          ...['AM.VLD-00022', 'STD.VLD-00000', 'TIL.VLD-00013', 'TIL.VLD-00014'],
        ],
      },
      async ({ act, caller, path, body: { without, validTo } }) => {
        if (without === undefined && validTo === undefined)
          throw validationProblem([{ code: 'STD.VLD-00000', path: '/without' }]);
        const consent = await findConsent(act, path.id);
        // A consent of which the caller sees nothing gets the answer for one that is not there.
        if (!consent || !(await seenBy(act, consent, caller))) throw problem('AM-00001');
        await narrowConsent(act, consent, caller, {
          without,
          validTo: validTo === undefined ? undefined : new Date(validTo),
        });
        metrics.consents.inc({ act: 'narrowed' });
        const now = (await findConsent(act, path.id))!;
        const shown = veiledFor(now, caller.party, act.now);
        return reply(portalDto(shown, viewUri(issuer, now.id), act.now));
      },
    ),
    operation(
      {
        id: 'consent_ask_deletion',
        method: 'POST',
        paths: [`${CONSENTS}/:id/ask-deletion`],
        summary: 'Once it is over: ask the receiver to delete what it has drawn',
        who: person('altinn:portal/enduser'),
        dialect: 'own',
        limit: 'write',
        path: { id: uuid() },
        answers: { 200: { description: 'As it is now', schema: PortalDetails } },
        errors: ['AM-00000', 'AM-00001', 'AM-00014', 'TIL-00054'],
      },
      async ({ act, caller, path }) => {
        const consent = await askDeletion(act, path.id, caller);
        return reply(portalDto(consent, viewUri(issuer, consent.id), act.now));
      },
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
        await noteFetch(act, caller.organizationNo, { ...body, at }, tokenSeconds);
        return nothing;
      },
    ),
  ];
}
