// A notice as its reader sees it: in words, with where to look, and what to do. It changes nothing.
import { isOfReceipt, maySuspend } from '../../event/model.ts';
import type { NoticeRow } from '../../notice_due/list_store.ts';
import type { NoticeType } from '../../notice/model.ts';
import { formatDateTime, pick, t } from '../../platform/locale.ts';
import type { Consent } from '../../consent/model.ts';
import {
  doubtOf,
  receiptsPath,
  refusalButton,
  stoppedGiver,
  stopPath,
} from '../../consent/page.ts';
import type { ConsentReader } from '../../consent/basis/standing.ts';
import { readable } from '../../consent/basis/among.ts';
import { suspendable } from '../../consent/basis/suspendable.ts';
import { findConsents } from '../../consent/find.ts';
import { displayName, inWords, titlesOf } from '../../consent/text.ts';
import { isCompany } from '../../delegation/give/together_model.ts';
import { changesIn } from '../mandate/history_text.ts';
import { mandateName, type MandateWords, type MandateSubject } from '../mandate/text.ts';
import { leaversPath } from '../leavers/path.ts';
import { mandatePath, type PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';
import { rejectionButton } from '../overview/request_cards.ts';

/** The consents that these are about, as the person may read them (consent/basis/veil_model.ts). */
export async function readConsents(
  { act }: PortalPages,
  notices: NoticeRow[],
  reader: ConsentReader,
): Promise<Omit<Found, 'telling'>> {
  const ids = [...new Set(notices.flatMap(({ consentId }) => consentId ?? []))];
  if (!ids.length) return { consents: new Map(), suspendable: new Set() };
  const found = await findConsents(act, ids);
  const mine = await readable(act, found, reader);
  return {
    consents: new Map(mine.map((consent) => [consent.id, consent])),
    suspendable: await suspendable(act, found, reader),
  };
}

/** The other party, and what may be done; a role says it already. */
function sidesOf(
  { package: code, resource, consentId, other, toOther }: NoticeRow,
  { telling, consents }: Found,
  reader: string,
): { who?: string; what?: string; whose?: string } {
  const { language } = telling;
  const known = consents.get(consentId ?? '');
  if (known?.veiled === 'whole') return {};
  const consent = known && inWords(known, language);
  if (consent)
    return {
      who: t(language, 'inbox.to', { name: displayName(consent.to) }),
      what: titlesOf(consent, language),
      // The person for whom the reader answers.
      ...(consent.from.id === reader
        ? {}
        : { whose: t(language, 'mandate.unit.of', { name: displayName(consent.from) }) }),
    };
  const what: MandateSubject = { role: null, package: code, resource };
  return {
    ...(other
      ? { who: t(language, toOther ? 'inbox.to' : 'inbox.from', { name: displayName(other) }) }
      : {}),
    ...((code ?? resource) ? { what: mandateName(what, telling) } : {}),
  };
}

interface Found {
  telling: MandateWords;
  consents: Map<string, Consent>;
  /** Those among them that the person could suspend. */
  suspendable: Set<string>;
}

/** The answer, by how the request stands. */
const ANSWERS: Record<string, string> = {
  ...{ approved: '_yes', partly: '_part', rejected: '_no' },
  withdrawn: '_gone',
};
/** Notices that are put in other words to each side. */
const TO_SIDES: NoticeType[] = ['mandate_given', 'mandate_sent'];
/** Notices that say how it was answered. */
const ANSWERED = ['right_answered', 'right_offer_answered'];

const endOf = ({ kind, still }: NonNullable<NoticeRow['ended']>) =>
  still ? (kind === 'person' ? '_person' : '_other') : '_not';

export function noticeOf(notice: NoticeRow, acting: Acting, found: Found) {
  const { party: whose, isSelf } = acting;
  const party = whose.id;
  const { language, catalogue } = found.telling;
  const role =
    pick(catalogue.roles.get(notice.role ?? '')?.name, language)?.text ??
    t(language, 'inbox.a_role');
  const { type, at, readAt } = notice;
  const { giver, receiver, ended } = notice;
  // Others who answer for the giver, as a child's other parent, are notified too.
  const toWhom = isSelf ? '_to_you' : '_to_them';
  const sideOf = giver === party ? '_by_you' : receiver === party ? toWhom : '_for_other';
  const answer = ANSWERED.includes(type) ? ANSWERS[notice.state ?? ''] : undefined;
  const isGrown = notice.comesOfAge && ['role_ends', 'role_lost'].includes(type);
  const grown = isGrown ? (giver === party ? '_grown' : '_grown_of') : undefined;
  const side = grown ?? answer ?? (TO_SIDES.includes(type) ? sideOf : ended ? endOf(ended) : '');
  const sides = sidesOf(notice, found, party);
  const asker = askerIn(notice, found);
  return {
    at: formatDateTime(language, at),
    text: t(language, `inbox.notice.${type}${side}${asker ? '_named' : ''}`, {
      name: asker ?? displayName((isGrown ? notice.other : ended) ?? whose),
      role,
    }),
    // Nobody's own act is news to them.
    isNew: readAt === null && notice.by !== acting.session.party,
    done: doneIn(notice, found, acting.session.party),
    ...(asker || isGrown ? { what: sides.what, whose: sides.whose } : sides),
    asker,
    ...askedOf(notice, acting, found),
    // One's own are read as they are seen.
    href: isSelf ? hrefOf(notice, whose) : hrefOf(notice, whose) && openPath(notice.id, party),
    receipt: receiptIn(notice, party, found),
    ...notMeOf(notice, acting, found),
  };
}

/** The way to it, on which it is marked as read. */
const openPath = (notice: string, party: string) => `/inbox/${notice}?party=${party}`;

/** Where one sees more of it, and for a company all that those hold who have left. */
export function hrefOf(
  { type, mandateId, requestId, consentId, giver, receiver }: NoticeRow,
  { id: party, kind }: Acting['party'],
): string | undefined {
  if (type === 'leaver' && isCompany({ kind })) return leaversPath(party);
  if (mandateId)
    return mandatePath(mandateId, [giver, receiver].includes(party) ? party : undefined);
  if (requestId) return `/requests/${requestId}?party=${party}`;
  return consentId === null ? undefined : `/consents/${consentId}`;
}

/** The way to the receipts of what it is about, where the party or the person may have one. */
function receiptIn(
  { type, mandateId, consentId, giver, receiver }: NoticeRow,
  party: string,
  { consents }: Found,
): string | undefined {
  if (!isOfReceipt(type)) return undefined;
  if (mandateId)
    return [giver, receiver].includes(party)
      ? mandatePath(mandateId, party, '/receipt')
      : undefined;
  const consent = consents.get(consentId ?? '');
  return consent && receiptsPath(consent);
}

/** The doer, where the sentence does not name them, and the terms that changed. */
function doneIn(
  { by, doer, event, consentId, other, type }: NoticeRow,
  { telling: { language }, consents }: Found,
  reader: string,
): string | undefined {
  const consent = consents.get(consentId ?? '');
  const isSaid = !by || by === other?.id || by === consent?.to.id || type === 'consent_asked';
  // The doer is hidden with a consent that the reader may not read (consent/basis/veil_model.ts).
  const isHidden = consentId !== null && (!consent || consent.veiled === 'whole');
  const who =
    isSaid || isHidden || !doer
      ? undefined
      : t(language, 'inbox.done_by', {
          self: by === reader ? 'yes' : 'no',
          name: displayName(doer),
        });
  const { support } = (event?.detail ?? {}) as { support?: true };
  const staff = support && t(language, 'inbox.done_by_support');
  const lines = [who, staff, ...(event ? changesIn(event, language) : [])].filter(Boolean);
  return lines.length ? lines.join(' ') : undefined;
}

/** The asker or answerer, where the sentence has the name. */
function askerIn({ type, other, consentId }: NoticeRow, { consents }: Found): string | undefined {
  const consent = type === 'consent_asked' ? consents.get(consentId ?? '') : undefined;
  if (consent && consent.veiled !== 'whole') return displayName(consent.to);
  return other &&
    ['right_asked', 'right_asked_again', 'right_answered', 'right_withdrawn'].includes(type)
    ? displayName(other)
    : undefined;
}

/** Notices to who may answer alone. */
const BY_THE_ASKER: NoticeType[] = ['right_asked', 'right_asked_again'];

/** Notices to one of several who may answer a request, which another may have answered since. */
const TO_ONE_OF_SEVERAL: NoticeType[] = ['right_awaits', 'right_reminder', 'right_passed_on'];

/** For a request: the buttons for no and for doubt while it waits; then how it was answered. */
function askedOf(notice: NoticeRow, { party, session }: Acting, found: Found) {
  const { type, state, requestId, other } = notice;
  const { language } = found.telling;
  const consent = found.consents.get(notice.consentId ?? '');
  if (
    (type === 'consent_asked' || type === 'consent_passed_on') &&
    consent?.state === 'requested' &&
    !consent.veiled &&
    consent.validTo > found.telling.now
  )
    return {
      no: refusalButton(consent, session.csrf),
      doubt: doubtOf(consent.to, language, stoppedGiver(consent, session.party)),
    };
  if (type === 'mandate_sent' && notice.isSent && notice.receiver === party.id)
    return { no: { action: mandatePath(notice.mandateId!, party.id, '/end'), csrf: session.csrf } };
  if (TO_ONE_OF_SEVERAL.includes(type) && state && state !== 'pending')
    return { answered: t(language, `asked.state.${state}`) };
  if (!BY_THE_ASKER.includes(type) || notice.toOther || !state) return {};
  if (state !== 'pending') return { answered: t(language, `asked.state.${state}`) };
  return {
    no: rejectionButton({ id: requestId!, from: party.id }, session.csrf),
    doubt: other ? doubtOf(other, language, party.id) : undefined,
  };
}

/**
 * «This was not me», or the pause itself where somebody else did it: to the giver a page of all
 * that the receiver has; to another who may suspend it, the button that does. A consent is
 * suspended by those alone who may read it.
 */
function notMeOf(notice: NoticeRow, { party: { id: party }, session }: Acting, found: Found) {
  const { mandateId, consentId, giver, receiver } = notice;
  if (!maySuspend(notice, party, found.suspendable)) return {};
  const consent = found.consents.get(consentId ?? '');
  if (!mandateId && !consent) return {};
  const [from, to] = mandateId ? [giver, receiver] : [consent!.from.id, consent!.to.id];
  if (from === party && to) {
    // Done in one's own name: by oneself, or by whom one let.
    const users = notice.type.endsWith('_used') ? [to] : [];
    const doers = [session.party, ...(party === session.party ? [...users, null] : [])];
    const isOwn = doers.includes(notice.by);
    const name = consent ? consent.to : notice.other;
    const { language } = found.telling;
    const text =
      isOwn || !name
        ? t(language, 'inbox.doubt')
        : t(language, 'stop.link', { to: displayName(name) });
    return { notMe: { href: stopPath(party, to), text } };
  }
  const { csrf } = session;
  const path = mandateId ? mandatePath(mandateId, party, '/suspend') : undefined;
  return { suspend: { action: path ?? `/consents/${consentId}/suspend`, csrf } };
}
