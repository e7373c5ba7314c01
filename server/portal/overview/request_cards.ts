// Requests for a right as cards of the overview: what waits, and how the latest that were answered
// went.
import type { Context } from 'koa';
import type { RequestRow } from '../../access_request/model.ts';
import { listAnswered, listWaitingRequests, type WaitingRow } from '../../access_request/store.ts';
import { sessionOf } from '../../caller/pages.ts';
import { doubtOf } from '../../consent/page.ts';
import { displayName } from '../../consent/text.ts';
import { formatDateTime, pick, t } from '../../platform/locale.ts';
import { mandateName } from '../mandate/text.ts';
import type { PortalPages } from '../page.ts';
import { tellingOf } from '../mandate/telling.ts';
import { isOpen, rightOf } from './request_text.ts';

/** Design rule R33: a word and a colour, never colour alone. */
export const STATE_COLOR = {
  draft: 'info',
  pending: 'info',
  approved: 'success',
  partly: 'success',
  rejected: 'neutral',
  withdrawn: 'neutral',
} as const;

/** Where whoever is asked answers. */
export const asAsked = ({ id, from }: Pick<RequestRow, 'id' | 'from'>) =>
  `/requests/${id}?party=${from}`;

const PAGE_SIZE = 20;

/** The button that says no to it at once, beside the way to read it. */
export const rejectionButton = (request: Pick<RequestRow, 'id' | 'from'>, csrf: string) => ({
  action: `/requests/${request.id}/reject?party=${request.from}`,
  csrf,
});

const sideOf = ({ offered }: RequestRow, isAsked: boolean) =>
  offered ? 'asked.offered' : isAsked ? 'asked.they_ask' : 'asked.has_asked';

/** A party's requests to answer and its own, and the latest that were answered. */
export async function requestsOf(
  ctx: Context,
  pages: PortalPages,
  wanted: { parties: string[]; received: boolean; offset: number },
) {
  const { csrf } = sessionOf(ctx);
  const { parties, offset } = wanted;
  const waiting = await listWaitingRequests(pages.act.db, wanted, { limit: PAGE_SIZE, offset });
  const answered = offset === 0 ? await listAnswered(pages.act.db, wanted, PAGE_SIZE) : [];
  const telling = await tellingOf(ctx, pages, []);
  const { language } = telling;
  const cardOf = (request: WaitingRow) => {
    const isAsked = parties.includes(request.from);
    const { fromKind, fromName, toKind, toName } = request;
    const asked = { kind: fromKind, name: fromName };
    const asker = { kind: toKind, name: toName };
    const [own, other] = isAsked ? [asked, asker] : [asker, asked];
    return {
      href: isAsked ? asAsked(request) : `/requests/${request.id}`,
      name: displayName(other),
      unit: parties.length > 1 ? displayName(own) : undefined,
      side: t(language, sideOf(request, isAsked)),
      what: pick(request.title, language)?.text ?? mandateName(rightOf(request), telling),
      status: t(language, `asked.state.${request.state}`),
      color: STATE_COLOR[request.state],
      until: formatDateTime(
        language,
        isOpen(request.state) ? request.createdAt : request.changedAt,
      ),
      see: t(language, isAsked && isOpen(request.state) ? 'portal.answer' : 'mandate.see'),
      sub: true,
      no: isAsked && request.state === 'pending' ? rejectionButton(request, csrf) : undefined,
      doubt:
        isAsked && request.state === 'pending'
          ? doubtOf({ ...other, id: request.to }, language, request.from)
          : undefined,
    };
  };
  return { waiting: waiting.map(cardOf), answered: answered.map(cardOf) };
}
