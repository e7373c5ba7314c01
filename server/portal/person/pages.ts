// One person or company, with all that it has of a party: what the party gave, what registers say,
// its consents. From here several are changed or ended, all is suspended or resumed, and more is
// given.
import { type PageVisit, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { tellStepUp } from '../../caller/pages.ts';
import { resumeAll } from '../../connection/several.ts';
import { stopPath } from '../../consent/page.ts';
import { administered } from '../../delegation/authority.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { listHeld } from '../../mandate/people_store.ts';
import { type Fault, fault } from '../../platform/errors.ts';
import { formatOrganizationNumber, t, type Language } from '../../platform/locale.ts';
import { asText } from '../../platform/as_text.ts';
import { whyNot } from '../mandate/pages.ts';
import { tellingOf } from '../mandate/telling.ts';
import { offsetOf, turns, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { betweenIn, isNothing, personPath, type Between } from './between.ts';
import { originsOf } from '../systems/text.ts';
import { consentLine, elsewhereLine, endedLine, givenLine, readOnlyLine } from './lines.ts';

const PAGE_SIZE = 50;
/** The most consents that the page lists; their own list has the rest. */
const MOST_CONSENTS = 25;

export const personPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'person', path: '/overview/people/:id', show: showPerson, notShown },
    // Where the form was, after a login in between.
    { id: 'person_resume_page', path: '/overview/people/:id/resume', show: backToPerson },
    {
      id: 'person_resume',
      path: '/overview/people/:id/resume',
      post: postResume,
      refused: (error, posted) =>
        error.code === 'TIL-00009' ? notShown(error, posted) : refused(error, posted),
    },
  ]);

function backToPerson(ctx: Context): void {
  const { id } = ctx.params as { id: string };
  ctx.redirect(personPath(id, ctx.URL.searchParams.get('party') ?? ''));
}

/** Leads to those who have something, from one who has nothing, is not seen, or is not there. */
export function notShown(error: Fault, { ctx }: PageVisit<PortalPages>): void {
  if (error.code !== 'TIL-00009') throw error;
  const party = ctx.URL.searchParams.get('party');
  ctx.redirect(`/overview/people${party ? `?${new URLSearchParams({ party })}` : ''}`);
}

async function showPerson(
  ctx: Context,
  pages: PortalPages,
  failed: NotDone<string>[] = [],
): Promise<void> {
  const between = await betweenIn(ctx, pages);
  const { acting, receiver, held, path, names } = between;
  const { act } = pages;
  const { party, session } = acting;
  const offset = offsetOf(ctx);
  const whose = { party: party.id, viewer: session.party };
  const page = { limit: PAGE_SIZE + 1, offset };
  const found = await listHeld(act, whose, receiver.id, page);
  // A stranger and one who is not there are answered alike, whatever the place in the list.
  if (!found.length && isNothing(held) && !held.readOnly.length)
    throw fault('TIL-00009', { because: 'nothing between' });
  if (!found.length && offset) return ctx.redirect(path());
  const rows = found.slice(0, PAGE_SIZE);
  const telling = await tellingOf(ctx, pages, rows);
  const { language } = telling;
  const isOver = ({ endedAt }: MandateRow) => endedAt !== null && endedAt <= act.now;
  const own = rows.filter((one) => held.mandates.includes(one.id));
  const elsewhere = rows.filter((one) => !own.includes(one) && !isOver(one));
  const main = await mainPath(pages, between, elsewhere);
  const paused = held.suspended.mandates.length + held.suspended.consents.length;
  const live = held.mandates.length + held.consents.length - paused;
  const lines = {
    mandates: own.map((one) => givenLine(one, telling, session.party)),
    consents: held.consents
      .slice(0, MOST_CONSENTS)
      .map((one) => consentLine(one, held.suspended.consents.includes(one.id), telling)),
  };
  const link = (at: number) => path('', [['offset', asText(at)]]);
  const origins = await originsOf(act, [receiver], language);
  pages.render(ctx, {
    view: 'portal/person/person',
    title: t(language, 'person.title', names),
    wide: true,
    who: whoOf(ctx, acting),
    errors: errorsOf(ctx, failed, [...lines.mandates, ...lines.consents], language),
    data: {
      csrf: session.csrf,
      errorHeading: t(language, failed.length ? 'person.not_resumed' : 'person.choose'),
      identity: identityText(receiver, language) ?? origins.get(receiver.id),
      ...lines,
      elsewhere: [
        ...elsewhere.map((one) => elsewhereLine(one, telling, { viewer: session.party, main })),
        ...held.readOnly.slice(0, MOST_CONSENTS).map((one) => readOnlyLine(one, telling)),
      ],
      ended: rows.filter(isOver).map((one) => endedLine(one, telling)),
      nothing:
        own.length + held.consents.length + elsewhere.length + held.readOnly.length
          ? undefined
          : names,
      party: party.id,
      moreConsents:
        held.consents.length > MOST_CONSENTS ? `/consents?party=${party.id}` : undefined,
      change: own.length ? path('/change') : undefined,
      end: path('/end'),
      endAll: isNothing(held) ? undefined : path('/end', [['all', 'yes']]),
      more: `/give?${new URLSearchParams({ party: party.id, to: receiver.id })}`,
      pause: live ? stopPath(party.id, receiver.id) : undefined,
      resume: paused ? path('/resume') : undefined,
      names,
      back: `/overview/people?party=${party.id}`,
      ...turns({ offset, size: PAGE_SIZE, of: offset + found.length }, link),
    },
  });
}

/** Each thing that could not be resumed; or that nothing was chosen, where the address says so. */
function errorsOf(
  ctx: Context,
  failed: NotDone<string>[],
  lines: { id: string; what: string }[],
  language: Language,
) {
  if (!failed.length && ctx.URL.searchParams.has('none'))
    return [{ field: 'held', text: t(language, 'person.none_chosen') }];
  return failed.map(({ item, why }) => ({
    field: 'held',
    text: notDoneText(lines.find(({ id }) => id === item)?.what, why, language),
  }));
}

/** Why one of several could not be done. */
export const notDoneText = (what: string | undefined, why: Fault, language: Language) =>
  t(language, 'person.not_done', {
    what: what ?? t(language, 'person.another'),
    why: whyNot(why, language) ?? t(language, 'person.cannot'),
  });

/** The year of birth, or the number of a company: it keeps namesakes apart. */
const identityText = (
  { bornOn, organizationNo }: { bornOn: string | null; organizationNo: string | null },
  language: Language,
): string | undefined =>
  organizationNo
    ? t(language, 'portal.parties.number', { no: formatOrganizationNumber(organizationNo) })
    : bornOn
      ? t(language, 'person.born', { year: bornOn.slice(0, 4) })
      : undefined;

/** Where the main unit's are ended, for one who may. */
async function mainPath(
  { act }: PortalPages,
  { acting, receiver }: Between,
  elsewhere: MandateRow[],
): Promise<string | undefined> {
  const main = elsewhere.find(
    ({ from, basis }) => from !== acting.party.id && basis !== 'register',
  );
  if (!main) return undefined;
  const open = await administered(act, acting.session, [main.from], 'access');
  return open.length ? personPath(receiver.id, main.from) : undefined;
}

async function postResume({ ctx, pages, session }: Posted<PortalPages>) {
  const { acting, receiver, path } = await betweenIn(ctx, pages);
  const two = { from: acting.party.id, to: receiver.id };
  const failed = await resumeAll(pages.act, session, two);
  if (!failed.length) return path();
  ctx.status = 409;
  return void (await showPerson(ctx, pages, failed));
}

function refused(error: Fault, { ctx, pages }: Posted<PortalPages>): void {
  if (error.code !== 'TIL-00007') throw error;
  const { id } = ctx.params as { id: string };
  const home = personPath(id, ctx.URL.searchParams.get('party') ?? '');
  tellStepUp(ctx, pages.render, home, error, home);
}
