// A party's consents as a list: whose, which of them, and what is looked for; of the page and of
// the file alike. What may be seen is asked of decision/, what there is of consent/.
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { listConsents, type ListKind, type ListWanted } from '../consent/list_store.ts';
import { effectiveStatus, type Consent } from '../consent/model.ts';
import { STATUS_COLOR } from '../consent/own_pages.ts';
import { doubtOf, noOf, type ConsentPages } from '../consent/page.ts';
import { displayName, purposeOf, statusWord, whatOf } from '../consent/text.ts';
import { usesText } from '../consent/timeline.ts';
import { formatUntil } from '../consent/until_model.ts';
import * as decision from '../decision/commands.ts';
import type { Party } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { showReference } from '../platform/reference.ts';
import { fault } from '../platform/errors.ts';
import { isUuid } from '../platform/ids.ts';
import { formatDate, languageOf, t, type Language } from '../platform/locale.ts';
import { dayOf } from './day_model.ts';
import { filterIn, isFiltering, type Filter } from './filter.ts';
import { note } from './party.ts';

export const TABS = ['active', 'waiting', 'ended', 'events'] as const;
export type Tab = (typeof TABS)[number];
const SOON_DAYS = 30;

type Basis = NonNullable<Awaited<ReturnType<typeof decision.mayOverview>>>;

export interface ConsentView {
  party: Party;
  basis: Basis;
  person: string;
  tab: Tab;
  filter: Filter;
  language: Language;
  now: Date;
}

/** Whose consents: the person's, or those of a party that the address names; else TIL-00008. */
export async function consentViewOf(ctx: Context, { point }: ConsentPages): Promise<ConsentView> {
  const now = clock.now();
  const { party: person } = sessionOf(ctx);
  const { searchParams } = ctx.URL;
  const wanted = searchParams.get('party') ?? person;
  const party = isUuid(wanted)
    ? await findParty(point.db, { by: 'uuid', value: wanted })
    : undefined;
  const basis = party && (await decision.mayOverview(point, person, party.id, now));
  if (!party || !basis) throw fault('TIL-00008');
  if (!basis.self) await note(point, person, party.id, now);
  const tab = TABS.find((one) => one === searchParams.get('show')) ?? 'active';
  return { party, basis, person, tab, filter: filterIn(ctx), language: languageOf(ctx), now };
}

/** Those of the list that are looked for, a page of them. */
export const listOf = (
  { point }: ConsentPages,
  { party, person, tab, filter, language, now }: ConsentView,
  page: Pick<ListWanted, 'limit' | 'offset' | 'after'>,
): Promise<Consent[]> =>
  listConsents(
    point.db,
    {
      party: party.id,
      kind: tab === 'events' ? 'all' : (tab satisfies ListKind),
      viewModes: tab === 'waiting' ? ['show'] : ['hide', 'show'],
      viewer: person,
      ...(isFiltering(filter)
        ? { sought: { text: filter.search.toLowerCase(), only: filter.only, language } }
        : {}),
      ...page,
    },
    now,
  );

/** One of them; a person who may answer may say no at once. */
export function consentCard(consent: Consent, language: Language, now: Date, csrf: string) {
  const status = effectiveStatus(consent, now);
  const days = Math.ceil((consent.validTo.getTime() - now.getTime()) / 86_400_000);
  const soon = status === 'Accepted' && days < SOON_DAYS;
  const ended = consent.withdrawnAt ?? consent.rejectedAt;
  const poa = consent.template.isPoa ? '_poa' : '';
  const name = displayName(consent.to);
  return {
    id: consent.id,
    name,
    what: consent.veiled === 'whole' ? undefined : whatOf(consent, language),
    purpose:
      consent.veiled === 'whole'
        ? t(language, 'consent.veiled.why')
        : purposeOf(consent, language).text,
    status: soon ? t(language, 'portal.soon') : statusWord(consent, status, language),
    color: soon ? 'warning' : STATUS_COLOR[status],
    until: ended
      ? formatDate(language, ended)
      : t(language, 'portal.until', { until: formatUntil(language, consent.validTo) }),
    daysLeft: status === 'Accepted' ? t(language, 'portal.days_left', { n: days }) : undefined,
    used: consent.approvedAt && !consent.veiled ? usesText(consent, language, now) : undefined,
    waiting: status === 'Created',
    ...(status === 'Created'
      ? { no: noOf(consent, csrf), doubt: doubtOf(consent.from.id, consent.to, language) }
      : {}),
    // What was never given is called a request.
    hidden: t(language, `portal.${consent.approvedAt ? `hidden${poa}` : 'hidden_asked'}`, { name }),
  };
}

/** What a file has of each; of what is veiled no more than the page. */
export const COLUMNS = [
  ...(['to', 'what', 'purpose', 'status', 'since', 'last_day', 'last_used', 'reference'] as const),
] as const;

export function cellsOf(
  consent: Consent,
  language: Language,
  now: Date,
): Record<(typeof COLUMNS)[number], string> {
  const { approvedAt, rejectedAt, withdrawnAt, validTo, lastUsedAt, veiled } = consent;
  const isWhole = veiled === 'whole';
  const ended = withdrawnAt ?? rejectedAt ?? new Date(validTo.getTime() - 1);
  return {
    to: displayName(consent.to),
    what: isWhole ? '' : whatOf(consent, language),
    purpose: isWhole ? '' : purposeOf(consent, language).text,
    status: statusWord(consent, effectiveStatus(consent, now), language),
    since: approvedAt ? dayOf(approvedAt) : '',
    last_day: dayOf(ended),
    last_used: lastUsedAt ? dayOf(lastUsedAt) : '',
    reference: showReference(consent.reference),
  };
}
