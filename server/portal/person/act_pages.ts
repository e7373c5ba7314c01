// Ending and changing several things that one has of a party: looked over first, each by its name,
// and then done in one act.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { tellStepUp } from '../../caller/pages.ts';
import { changeSeveral, endSeveral } from '../../connection/several.ts';
import { tokenMinutes } from '../../consent/page.ts';
import { titlesOf } from '../../consent/text.ts';
import type { Consent } from '../../consent/model.ts';
import { namesOf } from '../../consent/names.ts';
import { findMandates, listPassedOn, type MandateRow } from '../../mandate/delegation_store.ts';
import { listHeld } from '../../mandate/people_store.ts';
import { dayFault, lastDay } from '../../party/day_model.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { formatList, languageOf, t } from '../../platform/locale.ts';
import { isTooFar } from '../give/terms_model.ts';
import { mandateName, standingOf, type MandateWords } from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { betweenIn, isNothing, type Between } from './between.ts';
import { notDoneText, notShown } from './pages.ts';
import { elsewhereLine, readOnlyLine } from './lines.ts';

/** The most that a look-over names; the rest is counted. */
const MOST_NAMED = 100;
/** The most that are chosen at once, as an address has room for them. */
const MOST_CHOSEN = 80;

export const personActPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'person_end_page', path: '/overview/people/:id/end', show: showEnd, notShown },
    { id: 'person_end', path: '/overview/people/:id/end', post: postEnd, refused: notShown },
    { id: 'person_change_page', path: '/overview/people/:id/change', show: showChange, notShown },
    {
      id: 'person_change',
      path: '/overview/people/:id/change',
      post: postChange,
      refused: notShown,
    },
  ]);

/** The part of what one has that the address names, as far as the person may end it. */
interface Chosen {
  ids: string[];
  isAll: boolean;
  mandates: string[];
  consents: Consent[];
  /** The parameters that name it. */
  named: [string, string][];
}

function chosenIn(ctx: Context, { held }: Between): Chosen {
  const { searchParams } = ctx.URL;
  const isAll = searchParams.get('all') === 'yes';
  const ids = [...new Set(searchParams.getAll('held'))].filter(isUuid).slice(0, MOST_CHOSEN);
  const isChosen = (id: string) => isAll || ids.includes(id);
  return {
    ids,
    isAll,
    mandates: held.mandates.filter(isChosen),
    consents: held.consents.filter(({ id }) => isChosen(id)),
    named: isAll ? [['all', 'yes']] : ids.map((id): [string, string] => ['held', id]),
  };
}

/** The two, where one has something that the person may end; TIL-00009 else. */
async function withSomething(ctx: Context, pages: PortalPages): Promise<Between> {
  const between = await betweenIn(ctx, pages);
  if (isNothing(between.held)) throw fault('TIL-00009', { because: 'nothing between' });
  return between;
}

async function showEnd(ctx: Context, pages: PortalPages): Promise<void> {
  const between = await withSomething(ctx, pages);
  const { acting, receiver, path, names } = between;
  const { act } = pages;
  const { mandates, consents, isAll, named } = chosenIn(ctx, between);
  const n = mandates.length + consents.length;
  if (!n) return ctx.redirect(having(path(), 'none'));
  const { party, session } = acting;
  const whose = { party: party.id, viewer: session.party };
  const first = { limit: MOST_NAMED, offset: 0 };
  const [found, further] = await Promise.all([
    isAll
      ? listHeld(act, whose, receiver.id, first)
      : findMandates(act, mandates.slice(0, MOST_NAMED)),
    mandates.length ? listPassedOn(act, mandates) : [],
  ]);
  const rows = found.filter(({ id }) => mandates.includes(id));
  const stays = found.filter((one) => !rows.includes(one) && !one.endedAt);
  const telling = await tellingOf(ctx, pages, [...rows, ...stays]);
  const { language } = telling;
  const lines = [
    ...rows.map((row) => namedLine(row, telling)),
    ...consents
      .slice(0, MOST_NAMED)
      .map((one) => ({ text: t(language, 'stop.consent', { what: titlesOf(one, language) }) })),
  ];
  pages.render(ctx, {
    view: 'portal/person/end',
    title: t(language, isAll ? 'person.ending.all' : 'person.ending.some', { ...names, n }),
    who: whoOf(ctx, acting),
    data: {
      csrf: session.csrf,
      action: path('/end', named),
      lines,
      rest: n > lines.length ? { n: n - lines.length } : undefined,
      shown: n,
      seeConsents: consents.length > 0,
      body: t(language, 'person.ending.body', { ...names, minutes: await tokenMinutes(pages) }),
      further: further.length ? await furtherText(pages, further, telling.language) : undefined,
      stays: [
        ...stays.map((one) =>
          elsewhereLine(one, telling, { viewer: session.party, main: undefined }),
        ),
        ...(isAll ? between.held.readOnly.map((one) => readOnlyLine(one, telling)) : []),
      ],
      yes: t(language, 'person.ending.yes', { n }),
      back: path(),
    },
  });
}

/** A power of attorney of those looked over: its name, and until when it stands. */
const namedLine = (row: MandateRow, telling: MandateWords) => ({
  text: mandateName(row, telling),
  until: standingOf(row, telling).until,
});

/** The receivers of what was passed on from what ends, who lose it too, by name. */
async function furtherText(
  { act }: PortalPages,
  further: { to: string }[],
  language: ReturnType<typeof languageOf>,
): Promise<string> {
  const ids = [...new Set(further.map(({ to }) => to))];
  const named = await namesOf(act, ids.slice(0, MOST_NAMED));
  const n = further.length;
  return t(language, 'person.ending.further', {
    n,
    known: named.length === ids.length ? 'yes' : 'no',
    names: formatList(language, named),
  });
}

async function postEnd({ ctx, pages, session, form }: Posted<PortalPages>) {
  const between = await withSomething(ctx, pages);
  const { acting, receiver, path } = between;
  const { ids, isAll, mandates, consents: some, named } = chosenIn(ctx, between);
  // More, or less, than was looked over: it is looked over anew.
  const n = mandates.length + some.length;
  if (isAll && n && form.get('shown') !== `${n}`) return path('/end', named);
  const two = { from: acting.party.id, to: receiver.id };
  const { consents } = await endSeveral(pages.act, session, two, isAll ? 'all' : ids);
  if (consents) pages.metrics.consents.inc({ act: 'withdrawn' }, consents);
  return `${path()}#ended`;
}

async function showChange(
  ctx: Context,
  pages: PortalPages,
  wrong: { date: string; errors: { field: string; text: string }[] } = {
    date: '',
    errors: [],
  },
): Promise<void> {
  const between = await withSomething(ctx, pages);
  const { acting, path, names } = between;
  const { rows, action } = await toChange(ctx, pages, between);
  if (!rows.length) return ctx.redirect(having(path(), 'none'));
  const telling = await tellingOf(ctx, pages, rows);
  const { language } = telling;
  const kept = wrong.errors.length ? undefined : await pages.forms.take(ctx, acting.session);
  const ofDate = wrong.errors.find(({ field }) => field === 'date');
  pages.render(ctx, {
    view: 'portal/person/change',
    title: t(language, 'person.change.title', { ...names, n: rows.length }),
    who: whoOf(ctx, acting),
    errors: wrong.errors,
    keeps: { form: 'typed', action },
    data: {
      csrf: acting.session.csrf,
      action,
      form: pages.forms.mark(acting.session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, ofDate ? 'give.error.heading' : 'person.change.not_done', { n: 1 }),
      lines: rows.map((row) => namedLine(row, telling)),
      typed: { date: kept?.get('date') ?? wrong.date },
      dateError: ofDate?.text,
      n: rows.length,
      back: path(),
    },
  });
}

/** The powers of attorney between the two that the address names, ended ones too. */
async function toChange(ctx: Context, { act }: PortalPages, between: Between) {
  const { acting, receiver, path } = between;
  const { ids, named } = chosenIn(ctx, between);
  const found = await findMandates(act, ids);
  const rows = found.filter(
    ({ from, to, basis }) => from === acting.party.id && to === receiver.id && basis !== 'register',
  );
  return { rows, action: path('/change', named) };
}

async function postChange({ ctx, pages, session, form }: Posted<PortalPages>) {
  const between = await withSomething(ctx, pages);
  const { acting, path } = between;
  const { rows, action } = await toChange(ctx, pages, between);
  const language = languageOf(ctx);
  const date = (form.get('date') ?? '').trim().slice(0, 20);
  const again = async (errors: { field: string; text: string }[]) => {
    await showChange(ctx, pages, { date, errors });
    return undefined;
  };
  // Another language, with what was typed.
  if (form.has('switch')) return again([]);
  const isFar = ({ validTo }: MandateRow) => validTo !== null && validTo < lastDay(date)!;
  const { now } = pages.act;
  const wrong =
    dayFault(date, now) ??
    (isTooFar(acting.party.kind, lastDay(date), now) && rows.some(isFar) ? 'date_five' : undefined);
  if (wrong) return again([{ field: 'date', text: t(language, `give.error.${wrong}`) }]);
  let failed: NotDone<string>[];
  try {
    const whose = { ids: rows.map(({ id }) => id), from: acting.party.id };
    failed = await changeSeveral(pages.act, session, whose, { validTo: lastDay(date) });
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TIL-00007') throw error;
    await pages.forms.store(ctx, session, action, new URLSearchParams({ date }));
    return void tellStepUp(ctx, pages.render, action, error, path());
  }
  if (!failed.length) return having(path(), 'changed');
  const telling = await tellingOf(ctx, pages, rows);
  const nameOf = (id: string) => {
    const row = rows.find((one) => one.id === id);
    return row && mandateName(row, telling);
  };
  ctx.status = 409;
  return again(
    failed.map(({ item, why }) => ({
      field: 'lines',
      text: notDoneText(nameOf(item), why, language),
    })),
  );
}
