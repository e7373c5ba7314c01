// Our own API for mandates, with what Altinn's has no place for: time, evidence, whether it may be
// passed on, when it was last used, changing in place, suspending. Given: from; received: to.
import type { Deciding } from '../decision/act.ts';
import { NO_ID } from '../platform/ids.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { isOneself, type ActingParties } from '../caller/model.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { fault } from '../platform/errors.ts';
import { maybe, rows, shape, Type, uuid } from '../platform/http/shapes.ts';
import { listMandates, type MandateRow, findMandate } from '../mandate/delegation_store.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { mayAdminister, mayManageReceived } from './authority.ts';
import { endMandate, isShownTo, mandateShownTo } from './end/end.ts';
import { changeOne, resume, suspend } from './end/change.ts';
import { ENDUSER, nextLink } from './enduser.ts';
import { acceptMandate } from './give/accept.ts';
import { givePackage, giveRights } from './give/give.ts';
import { asActor } from './give/footing.ts';
import { giftMembers, giftNamed } from './give/named.ts';
import { partyOf } from './naming.ts';
import { invalid } from './problems.ts';
import {
  dateOf,
  GIVING,
  actionList,
  evidence,
  Mandate,
  queryFlag,
  queryText,
  unitsToo,
  validTo,
} from './shapes.ts';
import { mandateDto } from './mandate_dto_model.ts';

const PATH = '/access/v1/mandates';
const PAGE = 200;

const ONE = { 200: { description: 'The mandate', schema: Mandate } };

export function mandateOperations(): Operation[] {
  const dto = async (act: Deciding, mandate: MandateRow, { party }: ActingParties) =>
    mandateDto(mandate, await currentCatalogue(act), party, act.now);
  const own = { who: person(ENDUSER), dialect: 'own' as const };
  // A caller who stands on several sides names the party that it acts for.
  const one = { ...own, path: { id: uuid() }, query: { party: Type.Optional(uuid()) } };

  return [
    operation(
      {
        ...own,
        id: 'mandates',
        method: 'GET',
        paths: [PATH],
        limit: 'read',
        summary: 'Mandates that a party has given or received',
        query: {
          from: Type.Optional(queryText(200)),
          to: Type.Optional(queryText(200)),
          ended: queryFlag(false),
          after: Type.Optional(uuid()),
        },
        answers: { 200: { description: 'Up to 200, in the order of id', schema: rows(Mandate) } },
        errors: ['TIL-00008', 'TIL.VLD-00006'],
      },
      async ({ act, ctx, caller, query }) => {
        const { now } = act;
        const { from, to, after } = query;
        if (!from && !to) throw invalid(['STD.VLD-00000', '$QUERY/from']);
        const giver = from ? await partyOf(act, caller, from, '$QUERY/from') : undefined;
        const receiver = to ? await partyOf(act, caller, to, '$QUERY/to') : undefined;
        const isGiver =
          from !== undefined &&
          (isOneself(caller, giver?.id ?? NO_ID) ||
            (await mayAdminister(act, caller, giver?.id ?? NO_ID, 'access')));
        if (!isGiver && !(receiver && (await mayManageReceived(act, caller, receiver)))) {
          throw fault('TIL-00008', { because: 'neither side' });
        }
        const found = await listMandates(act, {
          from: from ? (giver?.id ?? NO_ID) : null,
          to: to ? (receiver?.id ?? NO_ID) : null,
          ended: query.ended === true,
          limit: PAGE,
          ...(after ? { after } : {}),
        });
        const catalogue = await currentCatalogue(act);
        const shown = found.filter((mandate) => isShownTo(catalogue, mandate, caller));
        const next = found.length === PAGE ? nextLink(ctx, 'after', found.at(-1)!.id) : null;
        return reply({
          data: shown.map((mandate) => mandateDto(mandate, catalogue, caller.party, now)),
          links: { next },
        });
      },
    ),
    operation(
      {
        ...own,
        id: 'mandate_give',
        method: 'POST',
        paths: [PATH],
        limit: 'write',
        summary: 'Give an access package, or actions on a resource or one instance of it',
        body: shape({ ...giftMembers(), validFrom: validTo(), evidence: evidence() }),
        answers: {
          201: { description: 'The new mandate', schema: Mandate },
          200: { description: 'It was given already, on these terms', schema: Mandate },
        },
        errors: GIVING,
      },
      async ({ act, caller, body }) => {
        const {
          package: code,
          resource,
          actions,
          instance,
          ...named
        } = await giftNamed(act, caller, body);
        const gift = {
          ...named,
          place: '' as const,
          from: named.giver.id,
          to: named.receiver.id,
          validFrom: dateOf(body.validFrom),
          evidence: body.evidence ?? null,
        };
        const authority = asActor(caller);
        const { id, changed } = code
          ? await givePackage(act, authority, gift, code)
          : await giveRights(
              act,
              authority,
              { ...gift, resource: resource!, actions, instance },
              'add',
            );
        const location = `${PATH}/${id}`;
        const told = { ...(await dto(act, (await findMandate(act, id))!, caller)), changed };
        return reply(told, changed ? 201 : 200, { location });
      },
    ),
    operation(
      {
        ...one,
        id: 'mandate',
        method: 'GET',
        paths: [`${PATH}/:id`],
        limit: 'read',
        summary: 'One mandate, for its giver, its receiver, or the supplier that passed it on',
        answers: ONE,
        errors: ['TIL-00020'],
      },
      async ({ act, caller, path, query }) => {
        const { now } = act;
        const { mandate, catalogue } = await mandateShownTo(act, path.id, caller, query.party);
        return reply(mandateDto(mandate, catalogue, caller.party, now));
      },
    ),
    operation(
      {
        ...one,
        id: 'mandate_change',
        method: 'PATCH',
        paths: [`${PATH}/:id`],
        limit: 'write',
        summary: 'Narrow, extend or both; to widen it the caller must be able to give it anew',
        body: shape({
          validTo: validTo(),
          actions: Type.Optional(actionList()),
          mayPassOn: maybe(Type.Boolean()),
          subunits: unitsToo(),
        }),
        answers: ONE,
        errors: [
          'TIL-00020',
          'TIL-00021',
          'TIL-00022',
          'AM-00028',
          'AM-00040',
          'TIL-00007',
          'TIL-00027',
          'TIL-00037',
          'TIL-00056',
          'TIL-00061',
          'TIL-00068',
          'AM.VLD-00022',
          'AM.VLD-00028',
        ],
      },
      async ({ act, caller, path, query, body }) => {
        const wanted = {
          validTo: body.validTo === undefined ? undefined : dateOf(body.validTo),
          actions: body.actions ? [...new Set(body.actions)] : undefined,
          mayPassOn: body.mayPassOn ?? undefined,
          subunits: body.subunits ?? undefined,
        };
        const mandate = await changeOne(act, caller, path.id, wanted, query.party);
        return reply(await dto(act, mandate, caller));
      },
    ),
    operation(
      {
        ...one,
        id: 'mandate_end',
        method: 'DELETE',
        paths: [`${PATH}/:id`],
        limit: 'write',
        summary: 'End it for the giver, or renounce it for the receiver',
        answers: { 204: { description: 'It has ended, with all that was passed on through it' } },
        errors: ['TIL-00020', 'AM-00040'],
      },
      async ({ act, caller, path, query }) => {
        await endMandate(act, caller, path.id, query.party);
        return nothing;
      },
    ),
    operation(
      {
        ...one,
        id: 'mandate_accept',
        method: 'POST',
        paths: [`${PATH}/:id/accept`],
        limit: 'write',
        summary:
          'Accept what was sent to the receiver, which holds from then on; again does nothing',
        answers: ONE,
        errors: ['TIL-00020', 'TIL-00021', 'TIL-00062'],
      },
      async ({ act, caller, path, query }) =>
        reply(await dto(act, await acceptMandate(act, caller, path.id, query.party), caller)),
    ),
    ...(
      [
        ['suspend', suspend, '"This was not me": suspend it at once, with all that was passed on'],
        ['resume', resume, 'Let it hold again'],
      ] as const
    ).map(([act, run, summary]) =>
      operation(
        {
          ...one,
          id: `mandate_${act}`,
          method: 'POST',
          paths: [`${PATH}/:id/${act}`],
          limit: 'write',
          summary,
          answers: ONE,
          errors: [
            ...['AM-00028', 'AM-00040', 'TIL-00020', 'TIL-00021', 'TIL-00027', 'AM.VLD-00028'],
            ...(act === 'resume' ? ['TIL-00007', 'TIL-00022', 'TIL-00037'] : []),
          ],
        },
        async ({ act, caller, path, query }) =>
          reply(await dto(act, await run(act, caller, path.id, query.party), caller)),
      ),
    ),
  ];
}
