// Powers of attorney as pages: what a party has given, received and has by law, each with what can
// be done about it. Every act is one that the API has.
import { type PageRow, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { decisionsByMandate } from '../../decision/log/store.ts';
import { resume, suspend } from '../../delegation/end/change.ts';
import { acceptMandate } from '../../delegation/give/accept.ts';
import { endMandate, type MandateSide } from '../../delegation/end/end.ts';
import { closedText } from '../../consent/own/closed.ts';
import { keptText, tokenMinutes } from '../../consent/page.ts';
import { readable } from '../../consent/basis/among.ts';
import { findConsents } from '../../consent/find.ts';
import { displayName } from '../../consent/text.ts';
import { readEventsOf } from '../../event/store.ts';
import { momentBefore } from '../../mandate/estate_store.ts';
import { statusOf, readBy } from '../../mandate/model.ts';
import { findParties } from '../../party/store.ts';
import { Fault, wordsOf } from '../../platform/errors.ts';
import { isUuid, LAST_ID, uuidv7Floor } from '../../platform/ids.ts';
import { formatDateTime, hasText, languageOf, t, type Language } from '../../platform/locale.ts';
import { actsOf, hasReceipts, sentText, pageTitleOf, toldText } from './acts.ts';
import { happenedIn } from './history_text.ts';
import {
  aboutOf,
  actionName,
  asHeading,
  isOver,
  mandateName,
  otherSide,
  standingOf,
} from './text.ts';
import {
  mandateFacts,
  giverOf,
  mandateIdIn,
  lookAt,
  readIt,
  sideNamed,
  type Looked,
} from './looked.ts';
import { whoOf, type Acting } from '../party.ts';
import { having, mandatePath, type PortalPages } from '../page.ts';
import { whoCanPath } from '../who_can_pages.ts';
import { tellingOf } from './telling.ts';
import { silenceOfGiver } from './silence.ts';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';

const MOST_USES = 20;
/** Said to one whom it is about, in one of our languages. */
const TO_ONE = /(?<!\p{L})(du|deg|din|ditt|dine|you|your)(?!\p{L})/iu;

const back = (ctx: Context): void => ctx.redirect(mandatePath(mandateIdIn(ctx), sideNamed(ctx)));

const ROWS: PageRow<PortalPages>[] = [
  { id: 'mandate', path: '/overview/:id', show: showEither },
  { id: 'mandate_end_page', path: '/overview/:id/end', show: showEnd },
  ending('end'),
  ending('suspend'),
  ending('resume'),
  ending('accept'),
  // Where a form was, after a login in between.
  { id: 'mandate_suspend_page', path: '/overview/:id/suspend', show: back },
  { id: 'mandate_resume_page', path: '/overview/:id/resume', show: back },
  { id: 'mandate_accept_page', path: '/overview/:id/accept', show: back },
];

export const mandatePages = (pages: Wired<PortalPages>): Router => pageRouter(pages, ROWS);

/** A mandate; or the way to a consent, which the overview has too, on pages of its own. */
async function showEither(ctx: Context, pages: PortalPages): Promise<void> {
  try {
    await showMandate(ctx, pages);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TIL-00020') throw error;
    const { act } = pages;
    const found = await findConsents(act, [mandateIdIn(ctx)]);
    const mine = await readable(act, found, sessionOf(ctx));
    if (!mine.length) throw error;
    ctx.redirect(`/consents/${mine[0]!.id}`);
  }
}

/** A page of its uses, newest first. */
async function readUses(
  ctx: Context,
  { act, exemptSearches: exempt }: PortalPages,
  { mandate, side, acting, path }: Looked,
) {
  const before = ctx.URL.searchParams.get('before') ?? '';
  const isLater = isUuid(before);
  const end = acting.closed ? uuidv7Floor(acting.closed.at) : LAST_ID;
  const found = await decisionsByMandate(act.db, mandate, {
    viewer: acting.session.party,
    subject: side === 'giver' ? null : acting.party.id,
    before: isLater && before < end ? before : end,
    limit: MOST_USES + 1,
    exempt,
  });
  const uses = found.slice(0, MOST_USES);
  const last = uses.at(-1)?.id;
  return {
    uses,
    older: found.length > MOST_USES ? `${having(path(), `before=${last}`)}#uses` : undefined,
    newest: isLater ? `${path()}#uses` : undefined,
  };
}

async function showMandate(ctx: Context, pages: PortalPages, why?: string): Promise<void> {
  const looked = await readIt(ctx, pages);
  const { mandate, acting } = looked;
  const until = acting.closed && momentBefore(acting.closed);
  const { uses, ...around } = await readUses(ctx, pages, looked);
  const telling = {
    ...(await tellingOf(ctx, pages, [mandate, ...uses])),
    ...(until ? { now: until } : {}),
  };
  const { language, now } = telling;
  const status = statusOf(mandate, now);
  const events = await readEventsOf(pages.act.db, mandate.id);
  const happened = until ? events.filter(({ at }) => at <= until) : events;
  const about = aboutOf(mandate, telling);
  const may = actsOf(looked, telling);
  const isOpen = looked.side === 'giver' && mandate.resource !== null && !acting.closed;
  const [giver] = mandate.role === null ? [] : await findParties(pages.act, [mandate.from]);
  pages.render(ctx, {
    view: 'portal/mandate/mandate',
    title: pageTitleOf(looked, telling),
    who: whoOf(ctx, acting),
    data: {
      heading: asHeading(language, mandateName(mandate, telling)),
      why,
      closed: acting.closed && closedText(acting.closed, acting.party, language),
      told: toldText(ctx.URL, looked, telling),
      sent: status === 'sent' ? sentText(looked, telling) : undefined,
      csrf: acting.session.csrf,
      facts: await mandateFacts(pages, looked, telling, giver?.unitType),
      // Words about what one gives are written to the giver.
      aboutGiver:
        acting.party.id !== mandate.from && about && TO_ONE.test(about)
          ? t(language, 'mandate.about_giver', { name: displayName(giverOf(mandate)) })
          : undefined,
      ...standingOf(readBy(mandate, acting.session.party), telling, {
        mayResume: may.resume !== undefined,
      }),
      fallen: happened.some(
        ({ type, detail }) => type === 'ended' && detail && 'because' in detail,
      ),
      statutory: mandate.basis === 'register',
      may,
      whoCan: isOpen ? whoCanPath(mandate.from, mandate.resource!) : undefined,
      receipt: hasReceipts(looked) && happened.length ? looked.path('/receipt') : undefined,
      own: mandate.givenBy === acting.session.party ? 'yes' : 'no',
      silence: await silenceOfGiver(pages, looked, language),
      back: `/overview?party=${acting.party.id}`,
      history: happened.map((event) => ({
        at: formatDateTime(language, event.at),
        text: happenedIn(event, language),
      })),
      ...around,
      kept: keptText(language, 'mandate', pages.keeping.mandateEvents, mandate),
      usesKept: t(language, 'mandate.uses_kept', { days: pages.decisionLogDays }),
      isLate: !pages.isLogDurable,
      uses: uses.map((use) => ({
        at: formatDateTime(language, use.at),
        text: t(language, use.outcome === 'permit' ? 'mandate.used' : 'mandate.refused', {
          what: use.resource
            ? mandateName({ role: null, package: null, resource: use.resource }, telling)
            : '',
          action: actionName(language, use.action),
        }),
      })),
    },
  });
}

const bodyOf = (side: MandateSide, { isSelf }: Acting) =>
  side !== 'receiver' ? 'body' : isSelf ? 'body_renounce' : 'body_renounce_other';

async function showEnd(ctx: Context, pages: PortalPages, why?: string): Promise<void> {
  const { mandate, side, acting, path } = await lookAt(ctx, pages);
  // Back from what has ended leads to it.
  if (!why && isOver(mandate, pages.act.now)) return ctx.redirect(path());
  const telling = await tellingOf(ctx, pages, [mandate]);
  const { language } = telling;
  const to = otherSide(mandate, side === 'receiver' ? mandate.to : mandate.from);
  pages.render(ctx, {
    view: 'portal/mandate/end',
    title: t(language, `mandate.ending.${side === 'receiver' ? 'renounce' : 'end'}`, {
      what: mandateName(mandate, telling),
      to,
    }),
    who: whoOf(ctx, acting),
    errors: why ? [{ field: '', text: why }] : [],
    data: {
      action: path('/end'),
      back: path(),
      csrf: acting.session.csrf,
      body: t(language, `mandate.ending.${bodyOf(side, acting)}`, {
        to,
        name: displayName(acting.party),
        minutes: await tokenMinutes(pages),
      }),
      yes: t(language, side === 'receiver' ? 'mandate.renounce' : 'mandate.end'),
    },
  });
}

/** Why it could not be done, in words; undefined where there are none. */
export function whyNot(error: Fault, language: Language): string | undefined {
  const key = `mandate.fault.${error.code}`;
  return wordsOf(error, language) ?? (hasText(key) ? t(language, key) : undefined);
}

/** The form of an act on a mandate, which says on its page why it could not be done. */
function ending(what: 'end' | 'suspend' | 'resume' | 'accept'): PageRow<PortalPages> {
  const [done, told] = {
    end: [endMandate, 'ended'] as const,
    suspend: [suspend, 'suspended'] as const,
    resume: [resume, 'resumed'] as const,
    accept: [acceptMandate, 'accepted'] as const,
  }[what];
  const homeOf = (ctx: Context) => mandatePath(mandateIdIn(ctx), sideNamed(ctx));
  return {
    id: `mandate_${what}`,
    path: `/overview/:id/${what}`,
    async post({ ctx, pages, session }) {
      await done(pages.act, session, mandateIdIn(ctx), sideNamed(ctx));
      return having(homeOf(ctx), told);
    },
    refused(error, { ctx, pages }) {
      const home = homeOf(ctx);
      if (error.code === 'TIL-00007') return tellStepUp(ctx, pages.render, home, error, home);
      const why = whyNot(error, languageOf(ctx));
      if (!why) throw error;
      ctx.status = error.status;
      return (what === 'end' ? showEnd : showMandate)(ctx, pages, why);
    },
  };
}
