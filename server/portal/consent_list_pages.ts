// A party's consents: what waits, what is given, what has ended and what happened, as lists. It
// decides nothing; what may be seen is asked of decision/, what there is of consent/.
import { formatUntil } from '../consent/until_model.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { STATUS_COLOR, history } from '../consent/own_pages.ts';
import { effectiveStatus, readReference, type Consent } from '../consent/model.ts';
import { roleNames, waysTo, type ConsentPages } from '../consent/page.ts';
import { countAndRead } from '../consent/standing.ts';
import { listConsents, type ListKind } from '../consent/list_store.ts';
import { findByReference } from '../consent/store.ts';
import { displayName, named as told, purposeOf, whatOf, statusWord } from '../consent/text.ts';
import { timeline, usesText } from '../consent/timeline.ts';
import * as decision from '../decision/commands.ts';
import { findParty } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named, page } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { formatDate, languageOf, t, type Language } from '../platform/locale.ts';

import { offsetOf } from './page.ts';
import { note } from './party.ts';

const TABS = ['active', 'waiting', 'ended', 'events'] as const;
type Tab = (typeof TABS)[number];
const PAGE_SIZE = 20;
const SOON_DAYS = 30;

export function consentListPages(pages: ConsentPages): Router {
  const router = new Router();
  const row = (route: string) => [named(route), page, pages.signedIn()] as const;
  router.get('/consents', ...row('consents'), (ctx) => showConsents(ctx, pages));
  return router;
}

/** Whose consents: the person's, or those of a party that the address names; else TIL-00008. */
async function overviewed(ctx: Context, { point }: ConsentPages, now: Date) {
  const { party: person } = sessionOf(ctx);
  const wanted = ctx.URL.searchParams.get('party') ?? person;
  const party = isUuid(wanted)
    ? await findParty(point.db, { by: 'uuid', value: wanted })
    : undefined;
  const basis = party && (await decision.mayOverview(point, person, party.id, now));
  if (!party || !basis) throw fault('TIL-00008');
  if (!basis.self) await note(point, person, party.id, now);
  return { party, basis };
}

async function showConsents(ctx: Context, pages: ConsentPages): Promise<void> {
  const { party: person, name } = sessionOf(ctx);
  const language = languageOf(ctx);
  const now = clock.now();
  const { party, basis } = await overviewed(ctx, pages, now);
  const sought = await soughtIn(ctx, pages, party.id);
  if (sought?.id) return ctx.redirect(`/consents/${sought.id}`);
  const tab = TABS.find((candidate) => candidate === ctx.URL.searchParams.get('show')) ?? 'active';
  const offset = offsetOf(ctx);
  const kind: ListKind = tab === 'events' ? 'all' : tab;
  const found = await listConsents(
    pages.point.db,
    {
      party: party.id,
      kind,
      viewModes: tab === 'waiting' ? ['show'] : ['hide', 'show'],
      viewer: person,
      limit: PAGE_SIZE + 1,
      offset,
    },
    now,
  );
  const wanted = { party: party.id, person, shown: found.slice(0, PAGE_SIZE) };
  const { counts, mine } = await countAndRead(pages.point, wanted, now);
  const consents = mine.map((consent) => told(consent, language));
  const role = basis.self ? undefined : (await roleNames(pages, language)).get(basis.role);
  const link = (changes: Record<string, string>) =>
    `/consents?${new URLSearchParams({ party: party.id, show: tab, ...changes })}`;
  const shown = displayName(party);
  pages.render(ctx, {
    view: 'portal/consents',
    title: t(language, 'portal.title', { name: shown }),
    wide: true,
    who: {
      label: basis.self
        ? t(language, 'common.acting_self')
        : t(language, 'common.acting_for', { name: shown }),
      user: name,
      canSwitch: true,
      ...waysTo(party, person),
      ...(role ? { why: t(language, 'common.acting_why', { why: role }) } : {}),
    },
    data: {
      lead: t(language, 'portal.lead', counts),
      party: party.id,
      typed: sought?.typed,
      notFound: sought && t(language, 'portal.reference_unknown', { reference: sought.typed }),
      none: t(language, `portal.empty.${tab}`),
      tabs: TABS.map((id) => ({
        id,
        label: t(language, `portal.tab.${id}`),
        current: id === tab,
        href: link({ show: id }),
        n: tabCount(id, counts),
        counted: tabCount(id, counts) !== undefined,
      })),
      cards:
        tab === 'events'
          ? undefined
          : consents.map((consent) => consentCard(consent, language, now)),
      events: tab === 'events' ? eventsOf(consents, language, now) : undefined,
      timeline: tab === 'active' ? picture(consents, language, now) : undefined,
      next: found.length > PAGE_SIZE ? link({ offset: String(offset + PAGE_SIZE) }) : undefined,
      previous: offset > 0 ? link({ offset: String(Math.max(0, offset - PAGE_SIZE)) }) : undefined,
    },
  });
}

/** The consent of a reference that was typed, where one was. */
async function soughtIn(ctx: Context, { point }: ConsentPages, party: string) {
  const typed = (ctx.URL.searchParams.get('reference') ?? '').trim().slice(0, 50);
  if (!typed) return undefined;
  const reference = readReference(typed);
  return { typed, id: reference && (await findByReference(point.db, party, reference)) };
}

const tabCount = (tab: Tab, counts: { active: number; waiting: number }) =>
  tab === 'active' ? counts.active : tab === 'waiting' ? counts.waiting : undefined;

/** What happened to each, newest first. */
const eventsOf = (consents: Consent[], language: Language, now: Date) =>
  consents
    .flatMap((consent) =>
      history(consent, language, now).map((entry) => ({
        ...entry,
        id: consent.id,
        to: displayName(consent.to),
      })),
    )
    .sort((a, b) => (a.sort < b.sort ? 1 : -1));

/** When each was used, of those that may be told. */
const picture = (consents: Consent[], language: Language, now: Date) =>
  timeline(
    consents.filter(({ veiled }) => !veiled),
    language,
    now,
  );

export function consentCard(consent: Consent, language: Language, now: Date) {
  const status = effectiveStatus(consent, now);
  const days = Math.ceil((consent.validTo.getTime() - now.getTime()) / 86_400_000);
  const soon = status === 'Accepted' && days < SOON_DAYS;
  const ended = consent.withdrawnAt ?? consent.rejectedAt;
  return {
    id: consent.id,
    name: displayName(consent.to),
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
    used: consent.approvedAt && !consent.veiled ? usesText(consent, language) : undefined,
    waiting: status === 'Created',
    poa: consent.template.isPoa,
  };
}
