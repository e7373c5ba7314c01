// What a power of attorney may be about, as pages: packages by area, and services by a word of
// theirs; each only where the person may give it for the party.
import type { Context } from 'koa';
import { checkPackages, checkResource, checkResources } from '../delegation/check.ts';
import { withheldWords } from '../delegation/age_model.ts';
import type { PackageCheck } from '../delegation/model.ts';
import type { DecisionPoint } from '../decision/point.ts';
import { displayName } from '../consent/text.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { languageOf, pick, t, type Language } from '../platform/locale.ts';
import { currentCatalogue } from '../resource/catalogue.ts';
import type { Catalogue, Package } from '../resource/catalogue_model.ts';
import { packageCode } from '../resource/policy_model.ts';
import { listRegistered } from '../resource/registry_store.ts';
import { findResources } from '../resource/store.ts';
import type { PortalPages } from './page.ts';
import { actingFor, whoOf, type Acting } from './party.ts';

const MOST_FOUND = 20;
/** Searches of one person at once. */
const MOST_SEARCHES = 4;
/** Services with the word that are looked at. */
const MOST_CHECKED = 200;

export const partyNamed = (ctx: Context) => ctx.URL.searchParams.get('party');

/** What may be given: packages by area, and services by a word of theirs. */
export async function showWhat(ctx: Context, pages: PortalPages): Promise<void> {
  const { point } = pages;
  const acting = await actingFor(ctx, point, partyNamed(ctx));
  const language = languageOf(ctx);
  const search = (ctx.URL.searchParams.get('q') ?? '').trim().slice(0, 100);
  const catalogue = await currentCatalogue(point);
  const able = await checkPackages(point, acting.session, acting.party.id, null, clock.now());
  const packages = able
    .filter(({ result }) => result)
    .map(({ code }) => catalogue.packages.get(code)!);
  // Each is asked about as giving it would be: a search is work.
  const end = search
    ? pages.limits.begin('search', acting.session.party, MOST_SEARCHES)
    : undefined;
  const services = search ? await servicesFound(pages, acting, search, language).finally(end) : [];
  const href = (what: Record<string, string>) =>
    `/give/terms?${new URLSearchParams({ party: acting.party.id, ...what })}`;
  const areas = areasOf(packages, catalogue, search, language, href);
  pages.render(ctx, {
    view: 'mandate/what',
    title: t(language, 'give.title'),
    who: whoOf(ctx, acting),
    data: {
      path: '/give',
      searchLabel: t(language, 'give.search'),
      nothing: t(language, search ? 'give.nothing_found' : 'give.nothing'),
      party: acting.party.id,
      lead: acting.isSelf
        ? t(language, 'give.lead')
        : t(language, 'give.lead_other', { name: displayName(acting.party) }),
      withheld: withheldFrom(able, language),
      search,
      areas,
      services: services.map(({ id, title }) => ({ name: title, href: href({ resource: id }) })),
      none: !areas.length && !services.length,
    },
  });
}

/** Why nothing may be given by one who otherwise could: in the words of the first that is. */
function withheldFrom(able: PackageCheck[], language: Language): string | undefined {
  const why = able.find(({ withheld }) => withheld)?.withheld;
  const isAll = why && able.every(({ result }) => !result);
  return isAll ? withheldWords(why.why, why.age)[language] : undefined;
}

/** Packages with the word, by area. */
export function areasOf(
  packages: Package[],
  { areas }: Catalogue,
  search: string,
  language: Language,
  href: (what: { package: string }) => string,
) {
  const has = (texts: object | undefined) =>
    Object.values(texts ?? {}).some((text) =>
      String(text).toLowerCase().includes(search.toLowerCase()),
    );
  const found = packages.filter(({ name, description, area }) =>
    [name, description, areas.get(area)?.name].some(has),
  );
  return [...new Set(found.map(({ area }) => area))].map((area) => ({
    name: pick(areas.get(area)?.name, language)?.text ?? area,
    open: search !== '',
    packages: found
      .filter((one) => one.area === area)
      .map((one) => ({
        name: pick(one.name, language)?.text ?? one.code,
        about: pick(one.description, language)?.text,
        href: href({ package: one.code }),
      })),
  }));
}

/** Services that may be given at all, with a word. */
export const servicesWith = async ({ db }: DecisionPoint, search: string) =>
  (await listRegistered(db, null, search)).filter(
    ({ type, content }) =>
      content.visible !== false &&
      content.delegable !== false &&
      type !== 'Consent' &&
      type !== 'Systemresource',
  );

/** Services whose name has a word, and of which something may be given. */
async function servicesFound(
  { point }: PortalPages,
  { session, party }: Acting,
  search: string,
  language: Language,
): Promise<{ id: string; title: string }[]> {
  const some = (await servicesWith(point, search)).slice(0, MOST_CHECKED);
  const about = { from: party.id, resources: some.map(({ id }) => id), instance: null };
  const checks = await checkResources(point, session, about, clock.now());
  return some
    .filter(({ id }) => checks.get(id)?.rights.some(({ result }) => result))
    .slice(0, MOST_FOUND)
    .map(({ id, content }) => ({ id, title: pick(content.title, language)?.text ?? id }));
}

/** What is being given. */
export interface What {
  package: string | null;
  resource: string | null;
  name: string;
  about: string | undefined;
  /** Actions that may be given; none of a package. */
  actions: string[];
  /** Whether it may be given on to others at all. */
  mayPassOn: boolean;
}

/** A package by its code or a service by its id; TIL-00008 for what this person cannot give. */
export async function whatOf(
  { point }: PortalPages,
  acting: Acting,
  named: Pick<What, 'package' | 'resource'>,
  language: Language,
): Promise<What> {
  const [code, resource] = [named.package, named.resource?.toLowerCase()];
  const now = clock.now();
  if (code) {
    const catalogue = await currentCatalogue(point);
    const entry = catalogue.packages.get(packageCode(code));
    const [check] = entry
      ? await checkPackages(point, acting.session, acting.party.id, [entry.code], now)
      : [];
    if (!entry || !check?.result) throw fault('TIL-00008', { because: 'not to give' });
    const [name, about] = [
      pick(entry.name, language)?.text,
      pick(entry.description, language)?.text,
    ];
    const mayPassOn = entry.delegable;
    return {
      package: entry.code,
      resource: null,
      name: name ?? entry.code,
      about,
      actions: [],
      mayPassOn,
    };
  }
  const known = resource ? (await findResources(point.db, [resource])).get(resource) : undefined;
  const about = { from: acting.party.id, resource: known?.id ?? '', instance: null };
  const check = known && (await checkResource(point, acting.session, about, now));
  const actions = check?.rights.filter(({ result }) => result).map(({ action }) => action) ?? [];
  if (!known || !actions.length) throw fault('TIL-00008', { because: 'not to give' });
  return {
    package: null,
    resource: known.id,
    name: pick(known.content.title, language)?.text ?? known.id,
    about: pick(known.content.rightDescription, language)?.text,
    actions,
    mayPassOn: true,
  };
}
