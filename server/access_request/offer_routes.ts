// Offering as JSON what several must give: it waits for the yes of the others.
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { hasStanding } from '../delegation/give/check.ts';
import { ENDUSER, type DelegationApi } from '../delegation/enduser.ts';
import { instanceNamed, partyOf, receiverOf } from '../delegation/naming.ts';
import { invalid, problem } from '../delegation/problems.ts';
import {
  actionList,
  dateOf,
  GIVING,
  instanceId,
  partyNameText,
  resourceId,
  unitsToo,
  validTo,
} from '../delegation/shapes.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { maybe, shape, Type } from '../platform/http/shapes.ts';
import { packageCode } from '../resource/policy/model.ts';
import { offerRight } from './offer.ts';
import { AccessRequest } from './shapes.ts';
import { requestDto } from './standing.ts';

export const offerOperations = ({ issuer }: DelegationApi): Operation[] => [
  operation(
    {
      id: 'right_offer',
      method: 'POST',
      paths: ['/access/v1/offers'],
      limit: 'write',
      who: person(ENDUSER),
      dialect: 'own',
      summary: 'Offer what several must give together: it waits for the yes of the others',
      body: shape({
        from: partyNameText(),
        to: partyNameText(),
        lastName: maybe(Type.String({ maxLength: 200 })),
        package: maybe(resourceId()),
        resource: maybe(resourceId()),
        actions: Type.Optional(actionList()),
        instance: maybe(instanceId()),
        validTo: validTo(),
        mayPassOn: maybe(Type.Boolean()),
        subunits: unitsToo(),
      }),
      answers: {
        201: {
          description: 'The offer, new or as it waits; approved where nobody else is awaited',
          schema: AccessRequest,
        },
      },
      errors: [...GIVING, 'TIL-00049', 'AM.VLD-00036'],
    },
    async ({ act, caller, body }) => {
      const giver = await partyOf(act, caller, body.from, '/from');
      if (!giver || !(await hasStanding(act, caller, giver.id)))
        throw problem('AM-00028', { because: 'no standing' });
      const receiver = await receiverOf(act, caller, giver.id, body);
      const { package: code, resource } = body;
      if (!code && !resource) throw invalid(['AM.VLD-00038', '/package']);
      if (code && resource) throw invalid(['AM.VLD-00046', '/package']);
      const request = await offerRight(act, caller, {
        from: giver.id,
        to: receiver.id,
        package: code ? packageCode(code) : null,
        resource: resource ? resource.toLowerCase() : null,
        actions: resource ? [...new Set(body.actions ?? [])] : null,
        instance: resource ? instanceNamed(body.instance) : null,
        validTo: dateOf(body.validTo) ?? null,
        mayPassOn: body.mayPassOn ?? false,
        // Only a main unit has others to leave out.
        subunits: giver.kind === 'organization' ? (body.subunits ?? true) : true,
      });
      return reply(await requestDto(act, issuer, request, 'from'), 201);
    },
  ),
];
