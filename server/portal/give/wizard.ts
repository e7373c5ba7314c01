// The first two pages of giving and of asking: find what, then say with whom and how long. Which of
// the two it is says who acts, what there is to find, and where a filled form leads.
import type { Context } from 'koa';
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import { sessionOf } from '../../caller/pages.ts';
import type { Fault } from '../../platform/errors.ts';
import { languageOf, type Language } from '../../platform/locale.ts';
import type { Catalogue, Package } from '../../resource/catalogue/model.ts';
import type { FoundRow, RegistryRow } from '../../resource/registry/store.ts';
import type { PortalPages } from '../page.ts';
import { whoOf, type Acting } from '../party.ts';
import { areasOf, titleOf } from './search.ts';
import { termsShown, typedIn, wrongIn, type FieldFault, type Typed } from './terms_model.ts';

/** A power of attorney's subject: a package, or a service. */
export interface Thing {
  package: string | null;
  resource: string | null;
  name: string;
  about: string | undefined;
  /** Actions of a service that may be chosen; none of a package. */
  actions: string[];
}

/** A page of the wizard, and whoever acts there. */
export interface Visited {
  ctx: Context;
  pages: PortalPages;
  acting: Acting;
  language: Language;
}

/** The page about one thing. */
export interface Step<What extends Thing> extends Visited {
  what: What;
}

/** A form without a fault. */
export interface Filled {
  typed: Typed;
  until: Date;
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

export interface Way<What extends Thing> {
  id: 'give' | 'ask';
  /** The acting person where things are found. */
  actingIn: (ctx: Context, pages: PortalPages) => Promise<Acting>;
  offer: (visited: Visited, search: string) => Promise<Offer>;
  /** The acting person on the page of one thing. */
  actingOn: (ctx: Context, pages: PortalPages) => Promise<Acting>;
  /** The thing that the address names; throws the fault for one that there is not. */
  thing: (visited: Visited) => Promise<What>;
  /** The form as it was filled in before, when the address says so. */
  typedBefore?: (ctx: Context, pages: PortalPages) => Typed;
  form: (step: Step<What>) => { title: string; address: string; back: string; texts: object };
  /** Faults of fields that it alone has. */
  wrong?: (step: Step<What>, typed: Typed) => FieldFault[];
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
    several: ['action'],
    post: (posted) => postTerms(posted, way),
    ...(way.refused ? { refused: way.refused } : {}),
  },
];

async function showOffer<What extends Thing>(
  ctx: Context,
  pages: PortalPages,
  way: Way<What>,
): Promise<void> {
  const acting = await way.actingIn(ctx, pages);
  const language = languageOf(ctx);
  const search = (ctx.URL.searchParams.get('q') ?? '').trim().slice(0, 100);
  const { title, texts, services, kindOf, ...offered } = await way.offer(
    { ctx, pages, acting, language },
    search,
  );
  const href = (what: Record<string, string>) =>
    `/${way.id}/terms?${new URLSearchParams({ party: acting.party.id, ...what })}`;
  const areas = areasOf({ ...offered, search, language }, href);
  pages.render(ctx, {
    view: 'portal/give/what',
    title,
    who: whoOf(ctx, acting),
    data: {
      path: `/${way.id}`,
      party: acting.party.id,
      search,
      ...texts,
      areas: areas.map(({ forKind, ...area }) => ({
        ...area,
        kind: forKind && kindOf?.(forKind),
      })),
      services: services.map((one) => ({
        name: titleOf(one, language),
        href: href({ resource: one.id }),
      })),
      none: !areas.length && !services.length,
    },
  });
}

async function stepOf<What extends Thing>(
  ctx: Context,
  pages: PortalPages,
  way: Way<What>,
): Promise<Step<What>> {
  const acting = await way.actingOn(ctx, pages);
  const visited = { ctx, pages, acting, language: languageOf(ctx) };
  return { ...visited, what: await way.thing(visited) };
}

/** The form as it was kept over a login, as it was filled in before, or none yet. */
async function showTyped<What extends Thing>(
  ctx: Context,
  pages: PortalPages,
  way: Way<What>,
): Promise<void> {
  const kept = await pages.forms.take(ctx, sessionOf(ctx), ['action']);
  const typed = kept ? typedIn(kept) : (way.typedBefore?.(ctx, pages) ?? {});
  showTerms(await stepOf(ctx, pages, way), way, { typed, isKept: kept !== undefined });
}

function showTerms<What extends Thing>(
  step: Step<What>,
  way: Way<What>,
  { typed, errors = [], isKept }: { typed: Typed; errors?: FieldFault[]; isKept?: boolean },
): void {
  const { ctx, pages, acting, language, what } = step;
  const { title, address, back, texts } = way.form(step);
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
      ...termsShown(typed, errors, what.actions, language),
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
  if (form.has('switch')) return void showTerms(step, way, { typed });
  const actions = what.resource ? what.actions : null;
  const { errors, until } = wrongIn(typed, { actions }, language, pages.act.now);
  errors.push(...(way.wrong?.(step, typed) ?? []));
  if (errors.length) return void showTerms(step, way, { typed, errors });
  const done = await way.done(step, { typed, until: until! });
  if (typeof done === 'string') return done;
  showTerms(step, way, { typed, errors: [done] });
}
