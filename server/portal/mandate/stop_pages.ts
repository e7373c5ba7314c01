// "This was not me": a page of all that one party has given another and is asked for by it, with
// the way out of each: a no, a pause of everything, other logins, and whom to call. What is paused
// is shown, and resumed on its own page.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { listRequests } from '../../access_request/store.ts';
import { findLive, suspendAll } from '../../connection/suspend.ts';
import { withWords } from '../../consent/find.ts';
import { isGiversOwn } from '../../consent/basis/own_model.ts';
import { readable } from '../../consent/basis/among.ts';
import { shownToGiver } from '../../consent/basis/suspendable.ts';
import type { Consent } from '../../consent/model.ts';
import { listWaiting } from '../../consent/own/list_store.ts';
import { endedMinutes, refusalButton, stopPath, tokenMinutes } from '../../consent/page.ts';
import { displayName, titlesOf } from '../../consent/text.ts';
import { listMandates, type MandateRow } from '../../mandate/delegation_store.ts';
import { findParty } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid, NO_ID } from '../../platform/ids.ts';
import { formatList, languageOf, t, type Language } from '../../platform/locale.ts';
import { asAsked, rejectionButton } from '../overview/request_cards.ts';
import { rightOf } from '../overview/request_text.ts';
import { mandatePath, type PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';
import { mandateName } from './text.ts';
import { tellingOf } from './telling.ts';

/** The most of each kind that the page names; the overview has the rest. */
const MOST = 50;

export const stopPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'stop_page', path: '/overview/stop', show: showStop },
    { id: 'stop', path: '/overview/stop', post: postStop },
  ]);

/** For whom, and whose access is stopped. */
async function sidesOf(ctx: Context, pages: PortalPages) {
  const { searchParams } = ctx.URL;
  const acting = await actingFor(ctx, pages, searchParams.get('party'));
  const wanted = searchParams.get('receiver') ?? '';
  return { acting, to: isUuid(wanted) ? wanted : NO_ID };
}

const overviewOf = ({ party }: Acting) => `/overview?party=${party.id}`;

interface Line {
  text: string;
  href: string;
}

async function showStop(ctx: Context, pages: PortalPages): Promise<void> {
  const { acting, to } = await sidesOf(ctx, pages);
  const between = { from: acting.party.id, to };
  const { mandates, consents, suspended } = await shownOf(pages, acting, between);
  const count = mandates.length + consents.length;
  const paused = suspended.mandates.length + suspended.consents.length;
  const requests = await requestsFrom(ctx, pages, acting, to);
  // Nothing is shown of one who has nothing from here and asks for nothing, nor whether there is
  // such a one; nor to others who asks for a consent.
  if (count + paused + requests.length === 0) return ctx.redirect(overviewOf(acting));
  const rows = await listMandates(pages.act, { ...between, limit: 2 * MOST });
  const [row] = rows;
  const receiver = row
    ? { kind: row.toKind, name: row.toName }
    : await findParty(pages.act, { by: 'uuid', value: to });
  if (!receiver) throw fault('TIL-00009');
  const language = languageOf(ctx);
  const name = displayName(receiver);
  const linesOf = await mandateLines(ctx, pages, rows);
  pages.render(ctx, {
    view: 'portal/mandate/stop',
    title: t(language, count ? 'stop.title' : paused ? 'stop.paused_title' : 'stop.nothing_title', {
      to: name,
    }),
    who: whoOf(ctx, acting),
    data: {
      csrf: acting.session.csrf,
      action: stopPath(acting.party.id, to),
      told:
        !count && paused && ctx.URL.searchParams.has('stopped')
          ? t(language, acting.isSelf ? 'stop.told' : 'stop.told_other', { to: name })
          : undefined,
      body: count
        ? t(language, 'stop.body', {
            to: name,
            minutes: mandates.length
              ? await tokenMinutes(pages)
              : await endedMinutes(pages, consents),
            what: formatList(language, [
              ...(mandates.length ? [t(language, 'stop.mandates', { n: mandates.length })] : []),
              ...(consents.length ? [t(language, 'stop.consents', { n: consents.length })] : []),
            ]),
          })
        : paused
          ? undefined
          : t(language, 'stop.nothing', { to: name }),
      live: [...linesOf(mandates), ...consentLines(consents, language)],
      paused: [...linesOf(suspended.mandates), ...consentLines(suspended.consents, language)],
      // A child or a ward pauses what another answered, and does not let it go on.
      own:
        !acting.isSelf ||
        [...consents, ...suspended.consents].every((one) => isGiversOwn(one, pages.act.now))
          ? 'yes'
          : 'no',
      requests,
      requestsHeading: t(language, 'stop.requests', { to: name }),
      back: overviewOf(acting),
    },
  });
}

/** The part that is shown to the person: not what a law hides from a giver. */
async function shownOf(
  { act }: PortalPages,
  { session, isSelf }: Acting,
  between: { from: string; to: string },
) {
  const { mandates, consents, suspended } = await findLive(act, session, between);
  const shown = (some: Consent[]) => (isSelf ? shownToGiver(some, act.now) : some);
  return {
    mandates,
    consents: shown(consents.map(({ consent }) => consent)),
    suspended: { ...suspended, consents: shown(suspended.consents) },
  };
}

/** The mandates between the two by name, each with the way to its page. */
async function mandateLines(
  ctx: Context,
  pages: PortalPages,
  rows: MandateRow[],
): Promise<(ids: string[]) => Line[]> {
  const telling = await tellingOf(ctx, pages, rows);
  return (ids) =>
    rows
      .filter(({ id }) => ids.includes(id))
      .slice(0, MOST)
      .map((row) => ({ text: mandateName(row, telling), href: mandatePath(row.id, row.from) }));
}

const consentLines = (consents: Consent[], language: Language): Line[] =>
  consents.slice(0, MOST).map((consent) => ({
    text: t(language, 'stop.consent', { what: titlesOf(consent, language) }),
    href: `/consents/${consent.id}`,
  }));

/** The requests of the other that wait, each with a no; of consents, to the giver alone. */
async function requestsFrom(
  ctx: Context,
  pages: PortalPages,
  { party, session, isSelf }: Acting,
  to: string,
) {
  const { act } = pages;
  const asked = { from: party.id, to, states: ['pending' as const], type: null, heardOnly: false };
  const rights = await listRequests(act.db, asked);
  const waiting = isSelf ? await listWaiting(act, [party.id], MOST, to) : [];
  const worded = await withWords(act, waiting);
  const consents = (await readable(act, worded, session)).filter(({ veiled }) => !veiled);
  const telling = await tellingOf(ctx, pages, rights);
  return [
    ...rights.map((one) => ({
      text: mandateName(rightOf(one), telling),
      href: asAsked(one),
      no: rejectionButton(one, session.csrf),
    })),
    ...consents.map((one) => ({
      text: t(telling.language, 'stop.consent', { what: titlesOf(one, telling.language) }),
      href: `/consent/request?id=${one.id}`,
      no: refusalButton(one, session.csrf),
    })),
  ];
}

async function postStop({ ctx, pages, session }: Posted<PortalPages>) {
  const { acting, to } = await sidesOf(ctx, pages);
  await suspendAll(pages.act, session, { from: acting.party.id, to });
  return `${stopPath(acting.party.id, to)}&stopped`;
}
