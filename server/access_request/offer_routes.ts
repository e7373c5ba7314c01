// Offering as JSON what several must give: it waits for the yes of the others.
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { ENDUSER, type DelegationApi } from '../delegation/enduser.ts';
import { giftMembers, giftNamed } from '../delegation/give/named.ts';
import { GIVING } from '../delegation/shapes.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { shape } from '../platform/http/shapes.ts';
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
      body: shape(giftMembers()),
      answers: {
        201: {
          description: 'The offer, new or as it waits; approved where nobody else is awaited',
          schema: AccessRequest,
        },
      },
      errors: [...GIVING, 'TIL-00049', 'AM.VLD-00036'],
    },
    async ({ act, caller, body }) => {
      const { giver, receiver, actions, ...named } = await giftNamed(act, caller, body);
      const request = await offerRight(act, caller, {
        ...named,
        from: giver.id,
        to: receiver.id,
        actions: named.resource === null ? null : actions,
        validTo: named.validTo ?? null,
        mayPassOn: named.mayPassOn ?? false,
        subunits: named.subunits ?? true,
      });
      return reply(await requestDto(act, issuer, request, 'from'), 201);
    },
  ),
];
