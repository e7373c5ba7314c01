// Notices of a party as JSON, with what can be done about each.
import { LAST_ID } from '../platform/ids.ts';
import type { Deciding } from '../decision/act.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { isOfGiven, maySuspend } from '../event/model.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { fault } from '../platform/errors.ts';
import { uuid } from '../platform/http/shapes.ts';
import type { Actor } from '../delegation/authority.ts';
import { ENDUSER } from '../delegation/enduser.ts';
import { paged } from '../delegation/log/routes.ts';
import { readerOf } from '../delegation/log/reader.ts';
import { Notices, queryFlag } from '../delegation/shapes.ts';
import { suspendable } from '../consent/basis/suspendable.ts';
import { findConsents } from '../consent/find.ts';
import { markNoticeRead } from '../notice/store.ts';
import { listNotices, type NoticeRow } from './list_store.ts';

const STANDARD = 100;

/** Suspending is for the giver; the receiver may end what was given. */
function linksOf(notice: NoticeRow, party: string, consents: ReadonlySet<string>) {
  const { type, from, mandateId, consentId } = notice;
  const path = consentId ? `/access/v1/consents/${consentId}` : `/access/v1/mandates/${mandateId}`;
  if (maySuspend(notice, party, consents)) return { links: { suspend: `${path}/suspend` } };
  return from && isOfGiven(type) ? { links: { end: path } } : {};
}

/** Notices are about both sides. */
async function noticesOf(act: Deciding, actor: Actor, text: string | undefined): Promise<string> {
  const { party, received } = await readerOf(act, actor, text);
  if (!received) throw fault('TIL-00008', { because: 'not the receiver' });
  return party;
}

export function noticeOperations(): Operation[] {
  const own = { who: person(ENDUSER), dialect: 'own' as const, limit: 'read' as const };
  return [
    operation(
      {
        ...own,
        id: 'notices',
        method: 'GET',
        paths: ['/access/v1/notices'],
        summary: 'What a party should be told, newest first',
        query: { ...paged, unread: queryFlag(false) },
        answers: { 200: { description: 'With what can be done about each', schema: Notices } },
        errors: ['TIL-00008', 'TIL.VLD-00006'],
      },
      async ({ act, caller, query }) => {
        const party = await noticesOf(act, caller, query.party);
        const { limit = STANDARD, before = LAST_ID } = query;
        const found = await listNotices(act.db, party, before, query.unread === true, limit);
        const ids = [...new Set(found.flatMap(({ consentId }) => consentId ?? []))];
        const consents = ids.length
          ? await suspendable(act, await findConsents(act, ids), caller)
          : new Set<string>();
        return reply({
          data: found.map((row) => ({
            id: row.id,
            type: row.type,
            at: row.at,
            readAt: row.readAt,
            mandate: row.mandateId,
            request: row.requestId,
            ...(row.consentId ? { consent: row.consentId } : {}),
            ...linksOf(row, party, consents),
          })),
          links: { next: null },
        });
      },
    ),
    operation(
      {
        ...own,
        limit: 'write',
        id: 'notice_read',
        method: 'POST',
        paths: ['/access/v1/notices/:id/read'],
        summary: 'A notice has been read',
        path: { id: uuid() },
        query: { party: paged.party },
        answers: { 204: { description: 'Noted' } },
        errors: ['TIL-00008', 'TIL-00009'],
      },
      async ({ act, caller, path, query }) => {
        const party = await noticesOf(act, caller, query.party);
        if (!(await markNoticeRead(act, path.id, party))) throw fault('TIL-00009');
        return nothing;
      },
    ),
  ];
}
