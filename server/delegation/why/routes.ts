// Why not, as JSON: for the two parties of it, and those who administer for them.
import { person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { reasonTexts } from '../../decision/rules/text.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { findParty } from '../../party/store.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { fault } from '../../platform/errors.ts';
import type { Translated } from '../../platform/locale.ts';
import { Type } from '../../platform/http/shapes.ts';
import { instanceName, packageUrn } from '../../resource/policy/model.ts';
import { findResources } from '../../resource/store.ts';
import { ENDUSER, mustBeOneself } from '../enduser.ts';
import { partyOf } from '../naming.ts';
import { queryText } from '../shapes.ts';
import { nearTexts, nextTexts } from '../text.ts';
import { explain, type Explained } from './why.ts';
import type { Near } from './model.ts';
import { Why } from './shapes.ts';

export function whyOperations(): Operation[] {
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
      async ({ act, caller, query }) => {
        const { from: giver, subject: named, action, instance } = query;
        const from = await partyOf(act, caller, giver, '$QUERY/from');
        const subject = named
          ? await partyOf(act, caller, named, '$QUERY/subject')
          : await findParty(act, { by: 'uuid', value: mustBeOneself(caller) });
        if (!from || !subject) throw fault('TIL-00008', { because: 'unknown party' });
        const resource = query.resource.toLowerCase();
        const asked = { resource, action, instance: instance ? instanceName(instance) : null };
        const explained = await explain(act, caller, { from, subject, ...asked });
        const title = explained.near.length
          ? (await findResources(act.db, [resource])).get(resource)?.content.title
          : undefined;
        return reply(whyDto(explained, { id: resource, title }));
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
    if (why === 'sent') return {};
    if (why === 'suspended') return { resume: `/access/v1/mandates/${id}/resume` };
    const isChange = why === 'other_action' && resource !== null;
    return isChange ? { change: `/access/v1/mandates/${id}` } : { give: '/access/v1/mandates' };
  }
  if (why === 'sent') return { accept: `/access/v1/mandates/${id}/accept` };
  // Another package would not do: the action itself is asked for.
  const [kind, wanted] =
    code === null || why === 'other_action' ? ['resource', asked] : ['package', packageUrn(code)];
  const query = new URLSearchParams({ party: to, to: from, [kind]: wanted });
  return { ask: `/accessmanagement/api/v1/enduser/request/${kind}?${query}` };
}
