// A party's consents as a list: whose, which of them, and what is looked for; of the page and of
// the file alike. What may be seen is asked of decision/, what there is of consent/.
import { type Deciding, decidingThen } from '../../decision/act.ts';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import type { Session } from '../../caller/session.ts';
import { listConsents, type ListKind, type ListWanted } from '../../consent/own/list_store.ts';
import { withWords } from '../../consent/find.ts';
import { readableThen } from '../../consent/own/closed.ts';
import { wasGiven, type Consent } from '../../consent/model.ts';
import {
  effectiveStatus,
  isStanding,
  type EffectiveStatus,
  isOpenStatus,
} from '../../consent/status_model.ts';
import { STATUS_COLOR } from '../../consent/own/pages.ts';
import { hiddenText } from '../../consent/own/reading.ts';
import { doubtOf, refusalButton, stoppedGiver } from '../../consent/page.ts';
import type { ConsentReader } from '../../consent/basis/standing.ts';
import { readable, wholeAmong } from '../../consent/basis/among.ts';
import { displayName, purposeOf, statusWord, titlesOf } from '../../consent/text.ts';
import { usesText } from '../../consent/own/timeline.ts';
import { formatUntil } from '../../consent/until_model.ts';
import * as decision from '../../decision/commands.ts';
import { findClosed, momentBefore, type Closed } from '../../mandate/estate_store.ts';
import { findParty } from '../../party/store.ts';
import { showReference } from '../../platform/reference.ts';
import { fault } from '../../platform/errors.ts';
import { seenInLots, type Lots } from '../../platform/paging.ts';
import { isUuid } from '../../platform/ids.ts';
import {
  formatDate,
  languageOf,
  t,
  type Language,
  type Translated,
} from '../../platform/locale.ts';
import { dayOf } from '../../party/day_model.ts';
import { filterIn, isFiltering, type Filter } from '../filter.ts';
import { notByRole } from '../no_access.ts';
import type { PortalPages } from '../page.ts';
import { soughtText, wordsIn } from '../give/search_model.ts';

const TABS = ['active', 'waiting', 'ended', 'events'] as const;
export type Tab = (typeof TABS)[number];
const SOON_DAYS = 30;

export interface ConsentView {
  party: { id: string; kind: string; name: string };
  isSelf: boolean;
  /** By which the person sees another's. */
  role?: Translated;
  /** Where the person had a key role when the party went bankrupt: what was is read, no more. */
  closed?: Closed;
  reader: ConsentReader;
  tab: Tab;
  filter: Filter;
  language: Language;
  /** By which the list is read: of the moment before, where what was is read. */
  act: Deciding;
}

/** Whose consents: the person's, or those of a party that the address names; else TIL-00008. */
export async function consentViewOf(
  ctx: Context,
  { act, visits }: PortalPages,
): Promise<ConsentView> {
  const session = sessionOf(ctx);
  const { party: person, level, name } = session;
  const reader = { party: person, level };
  const { searchParams } = ctx.URL;
  const wanted = searchParams.get('party') ?? person;
  if (!isUuid(wanted)) throw fault('TIL-00008');
  const basis = await decision.mayOverview(act, person, wanted);
  const tab = TABS.find((one) => one === searchParams.get('show')) ?? 'active';
  const view = { reader, tab, filter: filterIn(ctx), language: languageOf(ctx) };
  // Filters by end and use would reveal what happened since.
  if (!basis) {
    const then = await viewThen(act, session, wanted);
    return { ...view, filter: { ...view.filter, only: null }, ...then };
  }
  if (basis.self)
    return { ...view, party: { id: person, kind: 'person', name }, isSelf: true, act };
  await visits.note(act, person, wanted);
  return { ...view, party: basis, isSelf: false, role: basis.roleName, act };
}

/**
 * For somebody who had a key role before the party's bankruptcy: the list as it was then; else
 * TIL-00008.
 */
async function viewThen(act: Deciding, session: Session, wanted: string) {
  const party = await findParty(act, { by: 'uuid', value: wanted });
  const closed = party && (await findClosed(act, { party: wanted, person: session.party }));
  if (!closed) throw fault('TIL-00008', party && (await notByRole(act, session, party)));
  return { party, isSelf: false, closed, act: decidingThen(act, momentBefore(closed)) };
}

/** Where what waits is not shown: nobody who reads what was answers it. */
export const tabsOf = ({ closed }: ConsentView) =>
  TABS.filter((one) => one !== 'waiting' || !closed);

/** Some of the list that are looked for, whoever may read them. */
const listOf = async (
  { act, party, reader, tab, filter, language, closed }: ConsentView,
  page: Pick<ListWanted, 'limit' | 'after'>,
): Promise<Consent[]> =>
  withWords(
    act,
    await listConsents(act, {
      party: party.id,
      // Later changes are put back after reading.
      kind: tab === 'events' || closed ? 'all' : (tab satisfies ListKind),
      viewModes: tab === 'waiting' ? ['show'] : ['hide', 'show'],
      viewer: reader.party,
      ...(isFiltering(filter)
        ? {
            sought: {
              text: soughtText(filter.search, wordsIn(filter.search, language)),
              only: filter.only,
              language,
            },
          }
        : {}),
      ...page,
    }),
  );

/** The consents of the list that the person may read, in order, after one of them. */
export function readableOf(
  view: ConsentView,
  after: string | undefined,
  lots: Lots,
): AsyncGenerator<Consent> {
  const { act, reader, filter, closed } = view;
  // A reader with a receipt only does not see whether something was used.
  const read = closed ? shownThen(view) : filter.only === 'unused' ? wholeAmong : readable;
  const see = async (found: Consent[]) => {
    const shown = await read(act, found, reader);
    // A request that waits for a stronger login is not found by what it does not show.
    return filter.search ? shown.filter(({ requiredLevel }) => requiredLevel === undefined) : shown;
  };
  return seenInLots(
    (limit, last: Consent | undefined) => listOf(view, { limit, after: last?.id ?? after }),
    see,
    lots,
  );
}

/** The consents that stood on this shelf then. */
const shownThen =
  ({ act, tab }: ConsentView): typeof readable =>
  async (...asked) =>
    (await readableThen(...asked)).flatMap((consent) => {
      const status = effectiveStatus(consent, act.now);
      const isHere = !isOpenStatus(status) && (tab === 'active') === isStanding(status);
      return isHere ? [{ ...consent, isReadOnly: true }] : [];
    });

const unreadText = ({ requiredLevel }: Consent, language: Language) =>
  t(language, requiredLevel === undefined ? 'consent.veiled.why' : 'consent.read_stronger');

/** The link to a consent, by what its page lets the reader do. */
function seeKey({ isReadOnly, hiddenBy, isPaused }: Consent, status: EffectiveStatus): string {
  if (isOpenStatus(status)) return 'answer';
  if (!isStanding(status)) return 'see_ended';
  if (hiddenBy) return 'see_why';
  if (isReadOnly) return 'see_only';
  return isPaused ? 'see_paused' : 'see';
}

/** One of them; a person who may answer may say no at once. */
export function consentCard(
  consent: Consent,
  language: Language,
  now: Date,
  { party: reader, csrf }: Pick<Session, 'party' | 'csrf'>,
) {
  const status = effectiveStatus(consent, now);
  const days = Math.ceil((consent.validTo.getTime() - now.getTime()) / 86_400_000);
  const soon = status === 'Accepted' && days < SOON_DAYS;
  const ended = consent.withdrawnAt ?? consent.rejectedAt;
  const poa = consent.template.isPoa ? '_poa' : '';
  const name = displayName(consent.to);
  return {
    id: consent.id,
    name,
    what: consent.veiled === 'whole' ? undefined : titlesOf(consent, language),
    purpose:
      consent.veiled === 'whole'
        ? (hiddenText(consent, language) ?? unreadText(consent, language))
        : purposeOf(consent, language).text,
    status: soon ? t(language, 'portal.soon') : statusWord(consent, status, language),
    color: soon ? 'warning' : STATUS_COLOR[status],
    until: ended
      ? formatDate(language, ended)
      : t(language, 'portal.until', { until: formatUntil(language, consent.validTo) }),
    daysLeft: status === 'Accepted' ? t(language, 'portal.days_left', { n: days }) : undefined,
    used: consent.approvedAt && !consent.veiled ? usesText(consent, language, now) : undefined,
    waiting: isOpenStatus(status),
    see: t(language, `portal.${seeKey(consent, status)}`),
    withdraw:
      !consent.isReadOnly && (status === 'Accepted' || status === 'Suspended')
        ? t(language, `consent.detail.withdraw${poa}`)
        : undefined,
    ...(isOpenStatus(status) && !consent.veiled
      ? {
          no: refusalButton(consent, csrf),
          doubt: doubtOf(consent.to, language, stoppedGiver(consent, reader)),
        }
      : {}),
    hidden: t(language, `portal.${wasGiven(consent) ? `hidden${poa}` : 'hidden_asked'}`, { name }),
  };
}

/** A file's columns; a veiled consent fills no more of them than the page shows. */
export const CONSENT_COLUMNS = [
  ...(['to', 'what', 'purpose', 'status', 'since', 'last_day', 'last_used', 'reference'] as const),
] as const;

export function consentCells(
  consent: Consent,
  language: Language,
  now: Date,
): Record<(typeof CONSENT_COLUMNS)[number], string> {
  const { approvedAt, rejectedAt, withdrawnAt, validTo, lastUsedAt, veiled } = consent;
  const isWhole = veiled === 'whole';
  const ended = withdrawnAt ?? rejectedAt ?? new Date(validTo.getTime() - 1);
  return {
    to: displayName(consent.to),
    what: isWhole ? '' : titlesOf(consent, language),
    purpose: isWhole ? '' : purposeOf(consent, language).text,
    status: statusWord(consent, effectiveStatus(consent, now), language),
    since: approvedAt ? dayOf(approvedAt) : '',
    last_day: dayOf(ended),
    last_used: lastUsedAt ? dayOf(lastUsedAt) : '',
    reference: showReference(consent.reference),
  };
}
