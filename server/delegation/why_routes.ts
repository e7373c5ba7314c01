// Why not, and what has fallen, as JSON: for the two parties of it, and those who administer for
// them.
import { operation, person } from '../caller/doors.ts';
import { reasonTexts } from '../decision/text.ts';
import { listFallen, type FallenRow } from '../event/fallen_store.ts';
import type { MandateRow } from '../mandate/delegation_store.ts';
import { findInactive } from '../mandate/near_store.ts';
import { findParty } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { reply, type Operation } from '../platform/doors.ts';
import { fault } from '../platform/errors.ts';
import { NO_ID } from '../platform/ids.ts';
import type { Translated } from '../platform/locale.ts';
import { Type } from '../platform/shapes.ts';
import { instanceName, packageUrn } from '../resource/policy_model.ts';
import { findResources } from '../resource/store.ts';
import { ENDUSER, mustBeOneself, nextLink, type DelegationApi } from './enduser.ts';
import { partyOf } from './naming.ts';
import { readerOf } from './reader.ts';
import { queryLimit, queryText, queryUuid } from './shapes.ts';
import { nearTexts, nextTexts } from './text.ts';
import { explain, type Explained } from './why.ts';
import type { Near } from './why_model.ts';
import { Fallen, Why } from './why_shapes.ts';

const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const STANDARD = 100;

export function whyOperations({ point }: DelegationApi): Operation[] {
  const own = {
    who: person(ENDUSER),
    dialect: 'own' as const,
    method: 'GET' as const,
    errors: ['TIL-00008', 'TIL.VLD-00006'],
  };

  return [
    operation(
      {
        ...own,
        id: 'why',
        paths: ['/access/v1/why'],
        limit: 'decision',
        summary: 'Why somebody may, or may not, and what comes near to letting them',
        query: {
          from: queryText(200),
          subject: Type.Optional(queryText(200)),
          resource: queryText(200),
          action: queryText(200),
          instance: Type.Optional(queryText(400)),
        },
        answers: { 200: { description: 'The decision, for its two parties', schema: Why } },
      },
      async ({ caller, query }) => {
        const { from: giver, subject: named, action, instance } = query;
        const from = await partyOf(point.db, caller, giver, '$QUERY/from');
        const subject = named
          ? await partyOf(point.db, caller, named, '$QUERY/subject')
          : await findParty(point.db, { by: 'uuid', value: mustBeOneself(caller) });
        if (!from || !subject) throw fault('TIL-00008', { because: 'unknown party' });
        const resource = query.resource.toLowerCase();
        const asked = { resource, action, instance: instance ? instanceName(instance) : null };
        const explained = await explain(point, caller, { from, subject, ...asked }, clock.now());
        const title = explained.near.length
          ? (await findResources(point.db, [resource])).get(resource)?.content.title
          : undefined;
        return reply(whyDto(explained, { id: resource, title }));
      },
    ),
    operation(
      {
        ...own,
        id: 'fallen',
        paths: ['/access/v1/fallen'],
        limit: 'read',
        summary: 'What fell by itself of what a party gave and received, and what does not hold',
        query: {
          party: Type.Optional(queryText(200)),
          before: Type.Optional(queryUuid()),
          limit: queryLimit(1_000, STANDARD),
        },
        answers: { 200: { description: 'Newest first, each with why', schema: Fallen } },
      },
      async ({ ctx, caller, query }) => {
        const { actor, ...reader } = await readerOf(point, caller, query.party);
        const { limit = STANDARD, before = HIGHEST } = query;
        const found = await listFallen(point.db, { ...reader, before, limit });
        const now = clock.now();
        const inactive = query.before ? [] : await findInactive(point.db, reader, now);
        const next = found.length === limit ? nextLink(ctx, 'before', found.at(-1)!.id) : null;
        return reply({
          data: found.map((row) => fallenDto(row, actor)),
          inactive: inactive.map((mandate) => ({
            mandate: mandate.id,
            ...pairOf(mandate),
            reason: mandate.lacks!,
          })),
          links: { next },
        });
      },
    ),
  ];
}

const pairOf = ({ from, fromName, to, toName }: MandateRow) => ({
  from: { id: from, name: fromName },
  to: { id: to, name: toName },
});

function whyDto(
  { decided, near, side }: Explained,
  { id, title }: { id: string; title: Translated | undefined },
) {
  const { decision, facts, catalogue } = decided;
  const telling = { catalogue, title, side };
  return {
    decision: decision.permit,
    reason: decision.reason,
    reason_user: reasonTexts(decision, facts, catalogue),
    level: decision.level,
    mandates: decision.mandates,
    near: near.map((one) => ({
      mandate: one.mandate.id,
      ...pairOf(one.mandate),
      why: one.why,
      at: one.at,
      ...(one.lacks ? { inactiveBecause: one.lacks } : {}),
      reason_user: nearTexts(one, telling),
      next_user: nextTexts(one, telling),
      links: linksOf(one, side, id),
    })),
  };
}

/** Where the next step is taken. */
function linksOf({ mandate, why }: Near, side: Explained['side'], asked: string) {
  const { id, from, to, basis, package: code, resource } = mandate;
  if (basis === 'register') return {};
  if (side === 'giver') {
    if (why === 'suspended') return { resume: `/access/v1/mandates/${id}/resume` };
    const isChange = why === 'other_action' && resource !== null;
    return isChange ? { change: `/access/v1/mandates/${id}` } : { give: '/access/v1/mandates' };
  }
  // Another package would not do: the action itself is asked for.
  const [kind, wanted] =
    code === null || why === 'other_action' ? ['resource', asked] : ['package', packageUrn(code)];
  const query = new URLSearchParams({ party: to, to: from, [kind]: wanted });
  return { ask: `/accessmanagement/api/v1/enduser/request/${kind}?${query}` };
}

/** The receiver of what a person with a protected address gave is told to that person alone. */
const fallenDto = ({ fromProtected, ...row }: FallenRow, reader: string) => ({
  id: row.id,
  at: row.at,
  consent: row.consentId,
  mandate: row.mandateId,
  from: { id: row.from, name: row.fromName },
  to:
    fromProtected && ![row.from, row.to].includes(reader)
      ? { id: NO_ID, name: null }
      : { id: row.to, name: row.toName },
  reason: row.reason,
});
