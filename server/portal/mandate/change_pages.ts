// Changing a power of attorney as a page, without ending it: until when, what may be done, whether
// it may be passed on. What is left as it was stays; whoever widens is one who could give it anew.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { tellStepUp } from '../../caller/pages.ts';
import { changeOne, mayLeaveOut, type Change } from '../../delegation/end/change.ts';
import { checkResource } from '../../delegation/give/check.ts';
import { parseForm, severalIn } from '../../platform/http/body.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { Fault } from '../../platform/errors.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { dayFault, dayOf, lastDay, type DayFault } from '../../party/day_model.ts';
import { isTooFar } from '../give/terms_model.ts';
import { mandateIdIn, lookAt, sideNamed, type Looked } from './looked.ts';
import { whyNot } from './pages.ts';
import { actionBoxes, factLines, isOver, mandateName } from './text.ts';
import { having, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { tellingOf } from './telling.ts';
import { asText } from '../../platform/as_text.ts';

export const changePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'mandate_change_page', path: '/overview/:id/change', show: showChange },
    { id: 'mandate_change', path: '/overview/:id/change', several: ['action'], post: postChange },
  ]);

/** The form as it was typed. */
interface Typed {
  date: string;
  actions: string[];
  passOn: boolean;
  /** Only for the main unit, without its sub-units. */
  mainOnly: boolean;
}

const typedIn = (form: Map<string, string>): Typed => ({
  date: (form.get('date') ?? '').trim().slice(0, 20),
  actions: severalIn(form, 'action'),
  passOn: form.get('passOn') === 'yes',
  mainOnly: form.get('mainOnly') === 'yes',
});

/** The form as it stands before anybody has typed. */
const typedOf = ({ mandate }: Looked): Typed => ({
  date: mandate.validTo ? lastDayOf(mandate.validTo) : '',
  actions: mandate.actions ?? [],
  passOn: mandate.mayPassOn,
  mainOnly: !mandate.subunits,
});
const lastDayOf = (validTo: Date) =>
  dayOf(new Date(validTo.getTime() - 1))
    .split('-')
    .reverse()
    .join('.');

/** The mandate's actions now, and those that the person could add. */
async function actionsFor({ act }: PortalPages, { mandate, side, acting }: Looked) {
  const { resource, instance, from, actions } = mandate;
  if (resource === null || actions === null) return [];
  const about = { from, resource, instance };
  const check = side === 'giver' ? await checkResource(act, acting.session, about) : undefined;
  const more = check?.rights.filter(({ result }) => result).map(({ action }) => action) ?? [];
  return [...new Set([...actions, ...more])].sort();
}

async function showChange(
  ctx: Context,
  pages: PortalPages,
  wrong?: { field: string; text: string },
  again?: { typed: Typed; was: Typed },
): Promise<void> {
  const looked = await lookAt(ctx, pages);
  const { mandate, acting, path } = looked;
  if (!wrong && isOver(mandate, pages.act.now)) return ctx.redirect(path());
  const kept = again ? undefined : await pages.forms.take(ctx, acting.session, ['action']);
  const telling = await tellingOf(ctx, pages, [mandate]);
  const { language } = telling;
  const typed = again?.typed ?? (kept ? typedIn(kept) : typedOf(looked));
  const actions = await actionsFor(pages, looked);
  pages.render(ctx, {
    view: 'portal/mandate/change',
    title: t(language, 'mandate.change_title', { what: mandateName(mandate, telling) }),
    who: whoOf(ctx, acting),
    errors: wrong ? [wrong] : [],
    keeps: { form: 'typed', action: path('/change') },
    data: {
      action: path('/change'),
      back: path(),
      facts: factLines(mandate, telling).filter(({ key }) => ['from', 'to', 'until'].includes(key)),
      csrf: acting.session.csrf,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      dateError: wrong?.field === 'date' ? wrong.text : undefined,
      actionsError: wrong?.field === 'action-0' ? wrong.text : undefined,
      isKept: kept !== undefined,
      form: pages.forms.mark(acting.session, path('/change')),
      typed,
      was: asText(fieldsOf(again?.was ?? typedOf(looked))),
      dateHint: t(language, mandate.validTo ? 'give.date_hint' : 'mandate.endless_hint'),
      mayHaveUnits: mayLeaveOut(mandate) && mandate.instance === null,
      actions: actionBoxes(language, actions, typed.actions),
    },
  });
}

/**
 * The difference from the form as it was shown, so that an old page undoes no change made since; a
 * word where something typed is wrong.
 */
function changed(
  typed: Typed,
  was: Typed,
  { actions: held, fromKind, validTo: before }: MandateRow,
  now: Date,
): Change | DayFault | 'actions' | 'date_five' {
  const validTo = typed.date === was.date ? undefined : lastDay(typed.date);
  const fault = typed.date === was.date ? undefined : dayFault(typed.date, now);
  if (fault) return fault;
  // One that was given without an end, by another way, may be given any.
  const isLater = validTo !== undefined && before !== null && validTo > before;
  if (isLater && isTooFar(fromKind, validTo, now)) return 'date_five';
  const [added, removed] = [
    without(typed.actions, was.actions),
    without(was.actions, typed.actions),
  ];
  const actions = [...new Set([...without(held ?? [], removed), ...added])];
  if (held !== null && !actions.length) return 'actions';
  return {
    ...(validTo ? { validTo } : {}),
    ...(added.length || removed.length ? { actions } : {}),
    ...(typed.passOn === was.passOn ? {} : { mayPassOn: typed.passOn }),
    ...(typed.mainOnly === was.mainOnly ? {} : { subunits: !typed.mainOnly }),
  };
}

const without = (all: string[], some: string[]) => all.filter((one) => !some.includes(one));

async function postChange({ ctx, pages, session, form }: Posted<PortalPages>) {
  const id = mandateIdIn(ctx);
  const language = languageOf(ctx);
  const typed = typedIn(form);
  const was = typedIn(parseForm(new URLSearchParams(form.get('was') ?? ''), ['action']));
  // Another language, with what was typed.
  if (form.has('switch')) return void (await showChange(ctx, pages, undefined, { typed, was }));
  const { mandate, path } = await lookAt(ctx, pages);
  const change = changed(typed, was, mandate, pages.act.now);
  if (typeof change === 'string') {
    const field = change === 'actions' ? 'action-0' : 'date';
    return void (await showChange(
      ctx,
      pages,
      { field, text: t(language, `give.error.${change}`) },
      { typed, was },
    ));
  }
  const isOther = Object.keys(change).length > 0;
  try {
    if (isOther) await changeOne(pages.act, session, id, change, sideNamed(ctx));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'TIL-00007') {
      const here = path('/change');
      await pages.forms.store(ctx, session, here, fieldsOf(typed));
      return void tellStepUp(ctx, pages.render, here, error, path());
    }
    const text = whyNot(error, language);
    if (!text) throw error;
    return void (await showChange(ctx, pages, { field: 'date', text }, { typed, was }));
  }
  return having(path(), isOther ? 'changed' : 'unchanged');
}

function fieldsOf({ date, actions, passOn, mainOnly }: Typed): URLSearchParams {
  const fields = new URLSearchParams({ date });
  for (const action of actions) fields.append('action', action);
  if (passOn) fields.set('passOn', 'yes');
  if (mainOnly) fields.set('mainOnly', 'yes');
  return fields;
}
