// The delegation check: what an actor may give for a party, before anything is given. The acts ask
// the same functions, so a check and an act never differ.
import type { Deciding } from '../../decision/act.ts';
import { actsFor } from '../../caller/model.ts';
import { decideAll } from '../../decision/commands.ts';
import { byId } from '../../decision/search/search.ts';
import type { Decided } from '../../decision/rules/question_model.ts';
import { MAIN_ADMINISTRATOR } from '../../resource/catalogue/model.ts';
import { findResources } from '../../resource/store.ts';
import { actionsOf } from '../../resource/policy/model.ts';
import {
  checkRight,
  packageFault,
  waysToGive,
  withheldFor,
  withhold,
  type PackageCheck,
  type RightCheck,
} from '../model.ts';
import { findWithheld } from './age.ts';
import type { Withheld } from './age_model.ts';
import { findShared } from './together.ts';
import { administration, factsOf, type Actor } from '../authority.ts';

export const SCHEMA = 'MaskinportenSchema';

/**
 * Whether the actor is the party itself or holds anything for it; a stranger hears nothing of it,
 * not even that it exists.
 */
export async function hasStanding(act: Deciding, actor: Actor, from: string): Promise<boolean> {
  if (!actsFor(actor, from)) return false;
  if (actor.party === from) return true;
  const { facts } = await factsOf(act, actor.party, from);
  return facts.mandates.length > 0;
}

/**
 * For each package, or for every one that such a party could give: whether the actor may, and why.
 */
export async function checkPackages(
  act: Deciding,
  actor: Actor,
  from: string,
  codes: string[] | null,
): Promise<PackageCheck[]> {
  // At the same moment, so that one statement gathers for both.
  const [decided, administering] = await Promise.all([
    factsOf(act, actor.party, from),
    administration(act, actor, from, 'access'),
  ]);
  const { facts, catalogue } = decided;
  const { administers, rests } = administering;
  const kind = facts.from?.kind ?? '';
  const wanted =
    codes ??
    [...catalogue.packages.values()]
      .filter((entry) => packageFault(catalogue, entry, kind) !== 'AM-00037')
      .map((entry) => entry.code);
  const checks = wanted.map((code) => ({
    code,
    ways: packageFault(catalogue, catalogue.packages.get(code), kind)
      ? []
      : waysToGive(code, facts, catalogue, administers),
  }));
  const able = checks.filter(({ ways }) => ways.length > 0);
  const things = able.map(({ code }) => ({
    ages: catalogue.packages.get(code)!,
    what: { package: code, resource: null },
  }));
  const about = { by: actor.party, giver: from, things: kind === 'person' ? things : [] };
  const withheld = await findWithheld(act, facts, about);
  const shared = await findShared(
    act,
    decided,
    able.map(({ code }) => catalogue.packages.get(code)!),
  );
  return checks.map((check) => {
    const at = able.indexOf(check);
    const why = withheld[at] ?? shared[at];
    const result = check.ways.length > 0 && !why;
    const isPassedOn = check.ways.every(({ through }) => through !== null);
    return {
      ...check,
      rests,
      result,
      withheld: withheldFor(why, isPassedOn),
    };
  });
}

/** Whether the actor is a main administrator of the party, or has a role that could make one. */
export async function isMainAdministrator(
  act: Deciding,
  actor: Actor,
  party: string,
): Promise<boolean> {
  const [check] = await checkPackages(act, actor, party, [MAIN_ADMINISTRATOR]);
  return check!.result;
}

export interface ResourceCheck {
  rights: RightCheck[];
  /** Mandates that administering rests on, where one administers. */
  rests: string[];
  known: Decided;
}

interface About {
  from: string;
  instance: string | null;
}

/**
 * For each action of a resource, or of one instance of it: whether the actor may give it, and why
 * not.
 */
export const checkResource = async (
  act: Deciding,
  actor: Actor,
  { resource, ...about }: About & { resource: string },
): Promise<ResourceCheck | undefined> =>
  (await checkResources(act, actor, { ...about, resources: [resource] })).get(resource);

/** The same of many at once, by id; without those that are not known. */
export async function checkResources(
  act: Deciding,
  actor: Actor,
  { from, instance, resources }: About & { resources: string[] },
): Promise<Map<string, ResourceCheck>> {
  const where = (resource: string, subject: string, action = '') => ({
    ...{ subject: byId(subject), from: byId(from), resource, instance, action },
  });
  const what = instance === null ? 'access' : 'instances';
  const [asks, { administers, rests }] = await Promise.all([
    decideAll(
      act,
      resources.map((resource) => where(resource, actor.party)),
    ),
    administration(act, actor, from, what),
  ]);
  const known = asks.filter(({ resource, policy }) => resource && policy);
  if (!known.length) return new Map();
  const asked = known.flatMap((one) =>
    actionsOf(one.policy!).map((action) => ({ id: one.question.resource, action, one })),
  );
  // Each action, of the actor and of the party itself.
  const answers = asked.length
    ? await decideAll(
        act,
        [actor.party, from].flatMap((subject) =>
          asked.map(({ id, action }) => where(id, subject, action)),
        ),
      )
    : [];
  const checked = asked.map(({ action, one }, index) =>
    checkRight(
      action,
      answers[index]!,
      answers[asked.length + index]!,
      administers,
      one.resource!.type === SCHEMA,
    ),
  );
  const rightsOf = new Map(
    known.map((one) => [one, checked.filter((_, index) => asked[index]!.one === one)]),
  );
  const able = known.filter((one) => rightsOf.get(one)!.some(({ result }) => result));
  const withheld = await whyWithheld(act, { by: actor.party, giver: from }, able);
  return new Map(
    known.map((one) => {
      const rights = rightsOf.get(one)!.map((right) => withhold(right, withheld.get(one)));
      return [one.question.resource, { known: one, rests, rights }];
    }),
  );
}

/** For each resource whose rights one could give, why they are withheld from that one. */
async function whyWithheld(
  act: Deciding,
  { by, giver }: { by: string; giver: string },
  able: Decided[],
): Promise<Map<Decided, Withheld | undefined>> {
  const [first] = able;
  if (!first) return new Map();
  const shared = await findShared(
    act,
    first,
    able.map(({ resource }) => resource!),
  );
  if (first.facts.from?.kind !== 'person') return new Map(able.map((one, at) => [one, shared[at]]));
  const ids = able.map(({ question }) => question.resource);
  const contents = await findResources(act.db, ids);
  const things = ids.map((id) => ({
    ages: contents.get(id)!.content,
    what: { package: null, resource: id },
  }));
  const withheld = await findWithheld(act, first.facts, { by, giver, things });
  return new Map(able.map((one, at) => [one, withheld[at]]));
}
