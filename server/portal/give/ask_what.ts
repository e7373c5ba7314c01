// The right that is asked for: a package, or a service by itself, or, where that is not given
// alone, the smallest package that opens it.
import type { Deciding } from '../../decision/act.ts';
import { SCHEMA } from '../../delegation/give/check.ts';
import { packageFault } from '../../delegation/model.ts';
import { givenAlready } from '../../mandate/given_store.ts';
import { pick, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue, Package } from '../../resource/catalogue/model.ts';
import { answerable } from '../../decision/rules/wanted_model.ts';
import { actionsOf, type Policy } from '../../resource/policy/model.ts';
import { findPoliciesOf, findPolicyOf } from '../../resource/policy/store.ts';
import { listOpening } from '../../resource/registry/store.ts';
import { findResources, type ResourceRow } from '../../resource/store.ts';
import type { Thing } from './wizard.ts';

/** A package as it is asked for. */
export const packageThing = (
  { code, name }: Package,
  about: string | undefined,
  language: Language,
): Thing => ({
  package: code,
  resource: null,
  name: pick(name, language)?.text ?? code,
  about,
  actions: [],
});

interface Sides {
  asker: { id: string; kind: string };
  /** The giver that is asked, where one is known. */
  whom?: { id: string; kind: string } | undefined;
}

/** The services, of these, of which a party of this kind could give anything. */
export async function givableBy<Service extends { id: string }>(
  act: Deciding,
  kind: string,
  services: Service[],
): Promise<Service[]> {
  if (!services.length) return [];
  const policies = await findPoliciesOf(
    act.db,
    services.map(({ id }) => id),
  );
  const catalogue = await currentCatalogue(act);
  return services.filter(({ id }) => {
    const policy = policies.get(id);
    return policy && actionsGivableBy(kind, policy, catalogue).length > 0;
  });
}

const actionsGivableBy = (kind: string, policy: Policy, catalogue: Catalogue): string[] =>
  actionsOf(policy).filter((action) => answerable(kind, policy, action, catalogue));

/** Whether a service is given by itself, and not by a package alone. */
const isGivenAlone = ({ content, type }: Pick<ResourceRow, 'content' | 'type'>): boolean =>
  content.delegable !== false && type !== SCHEMA;

/** A service as it is asked for; undefined for one that nobody sees or can give. */
export async function serviceToAsk(
  act: Deciding,
  resource: string,
  sides: Sides,
  language: Language,
): Promise<Thing | undefined> {
  const id = resource.toLowerCase();
  const known = (await findResources(act.db, [id])).get(id);
  const policy = known && (await findPolicyOf(act.db, id));
  if (!policy || known.content.visible === false) return undefined;
  const name = pick(known.content.title, language)?.text ?? id;
  if (!isGivenAlone(known)) {
    const smallest = await smallestOpening(act, id, sides);
    return smallest && packageThing(smallest, t(language, 'ask.opens', { what: name }), language);
  }
  const actions = sides.whom
    ? actionsGivableBy(sides.whom.kind, policy, await currentCatalogue(act))
    : actionsOf(policy);
  if (!actions.length) return undefined;
  const about = pick(known.content.rightDescription, language)?.text;
  return { package: null, resource: id, name, about, actions };
}

/** The package to ask for, of those that open a service: one that the asker does not have. */
async function smallestOpening(
  act: Deciding,
  resource: string,
  { asker, whom }: Sides,
): Promise<Package | undefined> {
  const kinds = whom ? [whom.kind] : ['person', 'organization'];
  for (const entry of await opening(act, resource, { kinds, to: asker.kind })) {
    const one = { package: entry.code, resource: null, instance: null };
    const sides = whom && { from: whom.id, to: asker.id };
    const has = sides && (await givenAlready(act, { ...sides, ...one }, 'by group too'));
    if (!has) return entry;
  }
  return undefined;
}

/** The packages that open a service, the smallest first, of those that such parties may give. */
async function opening(
  act: Deciding,
  resource: string,
  { kinds, to }: { kinds: string[]; to: string },
): Promise<Package[]> {
  const catalogue = await currentCatalogue(act);
  return (await listOpening(act.db, resource))
    .flatMap((code) => catalogue.packages.get(code) ?? [])
    .filter((entry) => kinds.some((from) => !packageFault(catalogue, entry, from, to)));
}

/**
 * The thing by which a party lets a person use a service: the service, or where that is not given
 * alone, the smallest package that opens it; undefined where none does.
 */
export async function thingToGive(
  act: Deciding,
  service: ResourceRow,
  from: { kind: string },
): Promise<{ resource: string } | { package: string } | undefined> {
  if (isGivenAlone(service)) return { resource: service.id };
  const [smallest] = await opening(act, service.id, { kinds: [from.kind], to: 'person' });
  return smallest && { package: smallest.code };
}
