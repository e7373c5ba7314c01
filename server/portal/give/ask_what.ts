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
import { findResources } from '../../resource/store.ts';
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
  if (known.content.delegable === false || known.type === SCHEMA) {
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
  const catalogue = await currentCatalogue(act);
  const kinds = whom ? [whom.kind] : ['person', 'organization'];
  for (const code of await listOpening(act.db, resource)) {
    const entry = catalogue.packages.get(code);
    if (!entry || !kinds.some((from) => !packageFault(catalogue, entry, from, asker.kind)))
      continue;
    const one = { package: code, resource: null, instance: null };
    const sides = whom && { from: whom.id, to: asker.id };
    const has = sides && (await givenAlready(act, { ...sides, ...one }, 'by group too'));
    if (!has) return entry;
  }
  return undefined;
}
