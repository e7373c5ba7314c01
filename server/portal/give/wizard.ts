// The first two pages of giving and of asking: find what, then say with whom and how long. Which of
// the two it is says who acts, what there is to find, and where a filled form leads.
import type { Context } from 'koa';
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import { sessionOf } from '../../caller/pages.ts';
import { identified } from '../../consent/identity_text.ts';
import type { PartyRow } from '../../party/store.ts';
import type { Fault } from '../../platform/errors.ts';
import { languageOf, pick, t, type Language } from '../../platform/locale.ts';
import type { Catalogue, Package } from '../../resource/catalogue/model.ts';
import type { FoundRow, RegistryRow } from '../../resource/registry/store.ts';
import { findResources } from '../../resource/store.ts';
import type { PortalPages } from '../page.ts';
import { whoOf, type Acting } from '../party.ts';
import { namedIn, type Named } from './gift.ts';
import { areasOf, titleOf } from './search.ts';
import {
  SEVERAL_FIELDS,
  termsShown,
  typedIn,
  wrongIn,
  wrongName,
  type FieldFault,
  type Typed,
} from './terms_model.ts';

/** A power of attorney's subject: a package, or a service. */
export interface Thing {
  package: string | null;
  resource: string | null;
  name: string;
  about: string | undefined;
  /** Actions of a service that may be chosen; none of a package. */
  actions: string[];
  /** Whether it may be given until somebody ends it. */
  mayEndless?: boolean;
}

/** A page of the wizard, and whoever acts there. */
export interface Visited {
  ctx: Context;
  pages: PortalPages;
  acting: Acting;
  language: Language;
}

/** The same with the other side, where the address names it. */
export interface VisitedOf extends Visited {
  whom?: PartyRow | undefined;
}

/** The page about one thing. */
export interface Step<What extends Thing> extends VisitedOf {
  what: What;
}

/** A form without a fault. */
export interface Filled {
  typed: Typed;
  /** Null until somebody ends it. */
  until: Date | null;
  start?: Date | undefined;
}

/** Everything there is, or what a word finds of it; and the words of the page. */
interface Offer {
  packages: Package[];
  catalogue: Catalogue;
  /** Services with the word, which find packages that open them. */
  found: FoundRow[];
  services: RegistryRow[];
  /** The words after the name of an area, by the kind of party that it is for. */
  kindOf?: (forKind: string) => string;
  title: string;
  texts: object;
}

interface FirstPage {
  view: string;
  title: string;
  data: Record<string, unknown>;
}

interface FormShown {
  title: string;
  address: string;
  back: string;
  texts: object;
}

export interface Way<What extends Thing> {
  id: 'give' | 'ask';
  /** Another address, for one that a service made. */
  elsewhere?: (ctx: Context) => string | undefined;
  /** The page on which the other side is chosen, where the address does not say it. */
  first?: (visited: Visited) => Promise<FirstPage | undefined>;
  /** The other side as the address names it; throws the fault of one that may not be. */
  whom?: (visited: Visited) => Promise<PartyRow | undefined>;
  /** The acting person where things are found. */
  actingIn: (ctx: Context, pages: PortalPages) => Promise<Acting>;
  offer: (visited: Visited, search: string) => Promise<Offer>;
  /** The acting person on the page of one thing. */
  actingOn: (ctx: Context, pages: PortalPages) => Promise<Acting>;
  /** The thing that the address names; throws the fault for one that there is not. */
  thing: (visited: VisitedOf) => Promise<What>;
  /** The form as it was filled in before, when the address says so. */
  typedBefore?: (ctx: Context, pages: PortalPages) => Typed;
  form: (step: Step<What>, typed: Typed) => FormShown | Promise<FormShown>;
  /** Whether several things are chosen before the form. */
  takesSeveral?: boolean;
  /** The form with somebody new among its receivers, or the fault of a field. */
  added?: (step: Step<What>, typed: Typed) => Promise<Typed | FieldFault>;
  /** Faults of fields that it alone has. */
  wrong?: (step: Step<What>, typed: Typed, until: Date | null | undefined) => FieldFault[];
  /** Does what the form is for. Answers with the address that leads on, or the field's fault. */
  done: (step: Step<What>, filled: Filled) => Promise<string | FieldFault>;
  refused?: (fault: Fault, posted: Posted<PortalPages>) => void;
}

export const partyInAddress = (ctx: Context) => ctx.URL.searchParams.get('party');

/** The wizard's pages, for the way that is gone. */
export const wizardRows = <What extends Thing>(way: Way<What>): PageRow<PortalPages>[] => [
  { id: way.id, path: `/${way.id}`, show: (ctx, pages) => showOffer(ctx, pages, way) },
  {
    id: `${way.id}_terms_page`,
    path: `/${way.id}/terms`,
    show: (ctx, pages) => showTyped(ctx, pages, way),
  },
  {
    id: `${way.id}_terms`,
    path: `/${way.id}/terms`,
    several: SEVERAL_FIELDS,
    post: (posted) => postTerms(posted, way),
    ...(way.refused ? { refused: way.refused } : {}),
  },
];

async function showOffer<What extends Thing>(
  ctx: Context,
  pages: PortalPages,
  way: Way<What>,
): Promise<void> {
  const elsewhere = way.elsewhere?.(ctx);
  if (elsewhere) return ctx.redirect(elsewhere);
  const acting = await way.actingIn(ctx, pages);
  const language = languageOf(ctx);
  const search = (ctx.URL.searchParams.get('q') ?? '').trim().slice(0, 100);
  const visited = { ctx, pages, acting, language };
  const first = await way.first?.(visited);
  if (first) return pages.render(ctx, { ...first, who: whoOf(ctx, acting) });
  const from = way.whom ? ctx.URL.searchParams.get('from') : null;
  const { title, texts, services, kindOf, ...offered } = await way.offer(visited, search);
  const href = (what: Record<string, string>) =>
    `/${way.id}/terms?${new URLSearchParams({ party: acting.party.id, ...(from ? { from } : {}), ...what })}`;
  const ticked = namedIn(ctx);
  const areas = areasOf({ ...offered, search, language, ticked: ticked.packages }, href);
  const shown = [
    ...areas.flatMap(({ packages }) => packages.map(({ code }) => code)),
    ...services.map(({ id }) => id),
  ];
  pages.render(ctx, {
    view: 'portal/give/what',
    title,
    who: whoOf(ctx, acting),
    data: {
      path: `/${way.id}`,
      party: acting.party.id,
      to: ctx.URL.searchParams.get('to'),
      from,
      search,
      takesSeveral: way.takesSeveral,
      chosen: way.takesSeveral ? await chosenBefore(visited, ticked, offered.catalogue, shown) : [],
      errors: ctx.URL.searchParams.has('none')
        ? [{ field: 'things', text: t(language, 'give.error.none') }]
        : [],
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      ...texts,
      areas: areas.map(({ forKind, ...area }) => ({
        ...area,
        kind: forKind && kindOf?.(forKind),
      })),
      services: services.map((one) => ({
        id: one.id,
        name: titleOf(one, language),
        href: href({ resource: one.id }),
        checked: ticked.resources.includes(one.id),
      })),
      none: !areas.length && !services.length,
    },
  });
}

/** Things that were chosen and are not among those that are found now, to stay chosen. */
async function chosenBefore(
  { pages: { act }, language }: Visited,
  { packages, resources }: Named,
  catalogue: Catalogue,
  shown: string[],
) {
  const isHidden = (one: string) => !shown.includes(one);
  const ids = resources.filter(isHidden);
  const services = ids.length ? await findResources(act.db, ids) : new Map<string, never>();
  return [
    ...packages.filter(isHidden).flatMap((code) => {
      const entry = catalogue.packages.get(code);
      const name = pick(entry?.name, language)?.text;
      return name ? [{ field: 'package', value: code, name }] : [];
    }),
    ...[...services.values()].map((one) => ({
      field: 'resource',
      value: one.id,
      name: pick(one.content.title, language)?.text ?? one.id,
    })),
  ];
}

async function stepOf<What extends Thing>(
  ctx: Context,
  pages: PortalPages,
  way: Way<What>,
): Promise<Step<What>> {
  const acting = await way.actingOn(ctx, pages);
  const visited = { ctx, pages, acting, language: languageOf(ctx) };
  const whom = await way.whom?.(visited);
  return { ...visited, whom, what: await way.thing({ ...visited, whom }) };
}

/** The form as it was kept over a login, as it was filled in before, or none yet. */
async function showTyped<What extends Thing>(
  ctx: Context,
  pages: PortalPages,
  way: Way<What>,
): Promise<void> {
  const { searchParams } = ctx.URL;
  // A form in which nothing was chosen: the page of it says so.
  if (searchParams.has('q') && !searchParams.has('package') && !searchParams.has('resource')) {
    searchParams.set('none', '');
    return ctx.redirect(`/${way.id}?${searchParams}`);
  }
  const kept = await pages.forms.take(ctx, sessionOf(ctx), SEVERAL_FIELDS);
  const typed = kept ? typedIn(kept) : (way.typedBefore?.(ctx, pages) ?? {});
  await showTerms(await stepOf(ctx, pages, way), way, { typed, isKept: kept !== undefined });
}

async function showTerms<What extends Thing>(
  step: Step<What>,
  way: Way<What>,
  { typed, errors = [], isKept }: { typed: Typed; errors?: FieldFault[]; isKept?: boolean },
): Promise<void> {
  const { ctx, pages, acting, language, what, whom } = step;
  const { title, address, back, texts } = await way.form(step, typed);
  pages.render(ctx, {
    view: 'portal/give/terms',
    title,
    who: whoOf(ctx, acting),
    errors,
    keeps: { form: 'typed', action: address },
    data: {
      csrf: acting.session.csrf,
      action: address,
      form: pages.forms.mark(acting.session, address),
      isKept,
      about: what.about,
      party: acting.party.id,
      whomName: whom && identified(whom, language),
      ...termsShown(typed, errors, what, language),
      back,
      ...texts,
    },
  });
}

async function postTerms<What extends Thing>(
  { ctx, pages, form }: Posted<PortalPages>,
  way: Way<What>,
): Promise<string | undefined> {
  const step = await stepOf(ctx, pages, way);
  const { what, language } = step;
  const typed = typedIn(form);
  // Another language, with what was typed.
  if (form.has('switch')) return void (await showTerms(step, way, { typed }));
  if (form.has('add') && way.added) {
    const wrong = wrongName(typed, language);
    const added = wrong.length ? wrong[0]! : await way.added(step, typed);
    const shown =
      'field' in added ? { typed, errors: wrong.length ? wrong : [added] } : { typed: added };
    return void (await showTerms(step, way, shown));
  }
  const actions = what.resource ? what.actions : null;
  const { mayEndless } = what;
  const asked = { actions, mayEndless, isNamed: step.whom !== undefined };
  const { errors, until, start } = wrongIn(typed, asked, language, pages.act.now);
  errors.push(...(way.wrong?.(step, typed, until) ?? []));
  if (errors.length) return void (await showTerms(step, way, { typed, errors }));
  const done = await way.done(step, { typed, until: until ?? null, start });
  if (typeof done === 'string') return done;
  await showTerms(step, way, { typed, errors: [done] });
}
