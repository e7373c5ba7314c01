// Drafts of requests as JSON: a service owner writes one about its own resource, or a package, for
// the person to confirm.
import type { Deciding } from '../decision/act.ts';
import { organization } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import type { OrganizationCaller } from '../caller/model.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { namedParty, ownerOf, type OwnerApi } from '../delegation/owner/serviceowner.ts';
import { dateOf, ASKING, partyNameText, resourceId, validTo } from '../delegation/shapes.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { maybe, shape, Type, uuid } from '../platform/http/shapes.ts';
import { packageCode } from '../resource/policy/model.ts';
import { findResources } from '../resource/store.ts';
import { askForRight, mustFindRequest, withdrawRequest } from './commands.ts';
import { AccessRequest } from './shapes.ts';
import { requestDto } from './standing.ts';
import type { RequestRow } from './model.ts';

const BASE = '/accessmanagement/api/v1/serviceowner/delegationrequests';
const SCOPE = 'altinn:serviceowner/delegationrequests';

export function draftOperations({ issuer, numbers }: OwnerApi): Operation[] {
  const writing = {
    who: organization(`${SCOPE}.write`),
    dialect: 'altinn' as const,
    limit: 'write' as const,
  };
  const one = {
    path: { id: uuid() },
    answers: { 200: { description: 'The draft as it stands', schema: AccessRequest } },
    errors: ['AM-00031'],
  };
  const told = async (act: Deciding, request: RequestRow, status = 200) =>
    reply(await requestDto(act, issuer, request, 'to'), status);

  /** A request that this owner wrote; any other is not there. */
  async function written(act: Deciding, caller: OrganizationCaller, id: string) {
    const owner = await ownerOf(act, caller);
    const request = await mustFindRequest(act, id);
    if (request.by !== owner.id) throw problem('AM-00031');
    return { request, owner: owner.id };
  }

  const drafting = (what: 'package' | 'resource') =>
    operation(
      {
        ...writing,
        id: `draft_${what}`,
        method: 'POST',
        paths: [`${BASE}/${what}`],
        summary: 'Draft a request that the receiver must confirm',
        body: shape({
          from: partyNameText(),
          to: partyNameText(),
          resource: maybe(resourceId()),
          package: maybe(resourceId()),
          packageUrn: maybe(resourceId()),
          validTo: validTo(),
          redirectUrl: maybe(Type.String({ maxLength: 2_000, pattern: '^https://' })),
        }),
        answers: { 202: { description: 'The draft', schema: AccessRequest } },
        errors: [...ASKING, 'TIL-00035'],
      },
      async ({ act, caller, body }) => {
        const owner = await ownerOf(act, caller);
        const resource = body.resource?.toLowerCase() ?? null;
        const code = body.package ?? body.packageUrn;
        if (resource !== null) {
          const known = (await findResources(act.db, [resource])).get(resource);
          if (known?.owner.id !== owner.id) throw invalid(['AM.VLD-00012', '/resource']);
        }
        const redirectUrl = body.redirectUrl ?? null;
        if (redirectUrl !== null && !URL.canParse(redirectUrl)) {
          throw invalid(['TIL.VLD-00001', '/redirectUrl']);
        }
        // The party it names is looked up once all else is in order.
        const guard = numbers.of(caller);
        const asker = await namedParty(act, guard, body.from, '/from');
        const giver = await namedParty(act, guard, body.to, '/to');
        const wanted = {
          from: giver,
          to: asker,
          by: owner.id,
          package: code ? packageCode(code) : null,
          resource,
          actions: null,
          validTo: dateOf(body.validTo),
          redirectUrl,
        };
        return told(act, await askForRight(act, wanted, 'draft'), 202);
      },
    );

  return [
    drafting('resource'),
    drafting('package'),
    operation(
      {
        ...one,
        id: 'draft_status',
        method: 'GET',
        paths: [`${BASE}/:id/status`],
        who: organization(`${SCOPE}.read`, `${SCOPE}.write`),
        dialect: 'altinn',
        limit: 'read',
        summary: 'What has become of a draft',
      },
      async ({ act, caller, path }) => told(act, (await written(act, caller, path.id)).request),
    ),
    operation(
      {
        ...writing,
        ...one,
        id: 'draft_withdraw',
        method: 'PUT',
        paths: [`${BASE}/:id/withdraw`],
        summary: 'Withdraw a draft',
      },
      async ({ act, caller, path }) => {
        const { request, owner } = await written(act, caller, path.id);
        return told(act, await withdrawRequest(act, request, owner));
      },
    ),
  ];
}
