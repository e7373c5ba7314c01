// The things that are given together, each only where the person may give it for the party.
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { LOGIN_LEVEL } from '../../caller/pages.ts';
import { checkPackages, checkResources } from '../../delegation/give/check.ts';
import { isToGive } from '../../delegation/give/age_model.ts';
import { fault } from '../../platform/errors.ts';
import { pick, t } from '../../platform/locale.ts';
import { instanceName, isInstanceName, packageCode } from '../../resource/policy/model.ts';
import { findResources } from '../../resource/store.ts';
import { placesText } from '../mandate/places_text.ts';
import { noAccess, whyNotToGive } from '../no_access.ts';
import type { Named } from './gift.ts';
import type { Thing, Visited } from './wizard.ts';

/** A thing that is being given. */
export interface GiftSubject extends Thing {
  /** One case of the service, by its name; null for all. */
  instance: string | null;
  /** Whether it may be given on to others at all. */
  mayPassOn: boolean;
  /** Whether giving it takes a stronger login. */
  risky: boolean;
  /** Whether others must say yes to it too. */
  takesOthers: boolean;
  /** The places that those of a company fill, in words. */
  places: string;
}

/** Everything that is given together; where it is one thing, as that thing. */
export interface Basket extends Omit<GiftSubject, 'places'> {
  things: GiftSubject[];
}

/**
 * Packages by their codes, services by their ids or a case of one by its name; TIL-00008 where this
 * person cannot give one of them, or none is named.
 */
export async function basketOf(visited: Visited, named: Named): Promise<Basket> {
  const { language } = visited;
  const things = [
    ...(await packagesNamed(visited, named.packages)),
    ...(await servicesNamed(visited, named.resources, named.instance)),
  ];
  const [first] = things;
  if (!first) throw fault('TIL-00008', { because: 'not to give' });
  const all = {
    things,
    mayPassOn: things.every(({ mayPassOn }) => mayPassOn),
    mayEndless: things.every(({ mayEndless }) => mayEndless),
    risky: things.some(({ risky }) => risky),
    takesOthers: things.some(({ takesOthers }) => takesOthers),
  };
  if (things.length === 1) return { ...first, ...all };
  return {
    ...all,
    package: null,
    resource: null,
    instance: null,
    name: t(language, 'give.several', { n: things.length }),
    about: undefined,
    actions: things.flatMap(({ resource, actions }) =>
      actions.map((action) => actionOf(resource!, action)),
    ),
  };
}

/** An action of one of several services, as the form of a basket has it. */
export const actionOf = (resource: string, action: string) => `${resource}:${action}`;

async function packagesNamed(
  { pages: { act }, acting, language }: Visited,
  named: string[],
): Promise<GiftSubject[]> {
  if (!named.length) return [];
  const codes = named.map(packageCode);
  const checks = await checkPackages(act, acting.session, acting.party.id, codes);
  const catalogue = await currentCatalogue(act);
  const words = { language, catalogue, resources: new Map<string, never>() };
  return Promise.all(
    codes.map(async (code, at): Promise<GiftSubject> => {
      const [entry, check] = [catalogue.packages.get(code), checks[at]];
      if (!entry || !check || !isToGive(check))
        throw fault('TIL-00008', await whyNotToGive(act, acting, entry, check?.withheld));
      return {
        package: entry.code,
        resource: null,
        instance: null,
        name: pick(entry.name, language)?.text ?? entry.code,
        about: pick(entry.description, language)?.text,
        actions: [],
        mayPassOn: entry.delegable,
        mayEndless: acting.party.kind !== 'person' && entry.endless === true,
        risky: entry.giveLevel > LOGIN_LEVEL,
        takesOthers: !check.result,
        places: placesText({ package: entry.code, resource: null }, words),
      };
    }),
  );
}

async function servicesNamed(
  { pages: { act }, acting, language }: Visited,
  named: string[],
  wanted: string | null,
): Promise<GiftSubject[]> {
  if (!named.length) return [];
  const ids = named.map((id) => id.toLowerCase());
  const resources = await findResources(act.db, ids);
  const instance = wanted === null ? null : instanceName(wanted);
  if (instance !== null && !isInstanceName(instance)) throw fault('TIL-00014');
  const about = { from: acting.party.id, resources: [...resources.keys()], instance };
  const checks = resources.size
    ? await checkResources(act, acting.session, about)
    : new Map<string, never>();
  const words = { language, catalogue: await currentCatalogue(act), resources };
  const gift = async (id: string): Promise<GiftSubject> => {
    const [known, rights] = [resources.get(id), checks.get(id)?.rights ?? []];
    const actions = rights.filter(isToGive).map(({ action }) => action);
    if (!known || !actions.length) {
      const way = await noAccess(act, acting.session, acting.party);
      throw fault('TIL-00008', { because: 'not to give', ...way });
    }
    return {
      package: null,
      resource: known.id,
      instance,
      name: pick(known.content.title, language)?.text ?? known.id,
      about: pick(known.content.rightDescription, language)?.text,
      actions,
      mayPassOn: true,
      risky: false,
      takesOthers: !rights.some(({ result }) => result),
      places: placesText({ package: null, resource: known.id }, words),
    };
  };
  return Promise.all(ids.map(gift));
}
