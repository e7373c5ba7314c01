// The delegation check: what an actor may give for a party, before anything is given. The acts ask
// the same functions, so a check and an act never differ.
import { actsFor } from '../../caller/model.ts';
import type { DecisionPoint } from '../../decision/point.ts';
import { decideAll } from '../../decision/commands.ts';
import { byId } from '../../decision/search/search.ts';
import type { Decided } from '../../decision/rules/question_model.ts';
import { findResources } from '../../resource/store.ts';
import { actionsOf } from '../../resource/policy/model.ts';
import {
  checkRight,
  packageFault,
  waysToGive,
  withhold,
  type PackageCheck,
  type RightCheck,
} from '../model.ts';
import { withheldOf } from './age.ts';
import { ADMINISTRATION, administration, type Actor } from '../authority.ts';

export const SCHEMA = 'MaskinportenSchema';

/** The facts about a pair, asked through a resource that every database has. */
async function factsOf(
  point: DecisionPoint,
  actor: Actor,
  from: string,
  now: Date,
): Promise<Decided> {
  const [found] = await decideAll(
    point,
    [
      {
        subject: byId(actor.party),
        from: byId(from),
        action: 'write',
        resource: ADMINISTRATION.access,
      },
    ],
    now,
  );
  return found!;
}

/**
 * Whether the actor is the party itself or holds anything for it; a stranger hears nothing of it,
 * not even that it exists.
 */
export async function hasStanding(
  point: DecisionPoint,
  actor: Actor,
  from: string,
  now: Date,
): Promise<boolean> {
  if (!actsFor(actor, from)) return false;
  if (actor.party === from) return true;
  const { facts } = await factsOf(point, actor, from, now);
  return facts.mandates.length > 0;
}

/**
 * For each package, or for every one that such a party could give: whether the actor may, and why.
 */
export async function checkPackages(
  point: DecisionPoint,
  actor: Actor,
  from: string,
  codes: string[] | null,
  now: Date,
): Promise<PackageCheck[]> {
  // At the same moment, so that one statement gathers for both.
  const [{ facts, catalogue }, administering] = await Promise.all([
    factsOf(point, actor, from, now),
    administration(point, actor, from, 'access', now),
  ]);
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
  const withheld = await withheldOf(point.db, about, now);
  return checks.map((check) => {
    const why = withheld[able.indexOf(check)];
    return { ...check, rests, result: check.ways.length > 0 && !why, withheld: why };
  });
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
  point: DecisionPoint,
  actor: Actor,
  { resource, ...about }: About & { resource: string },
  now: Date,
): Promise<ResourceCheck | undefined> =>
  (await checkResources(point, actor, { ...about, resources: [resource] }, now)).get(resource);

/** The same of many at once, by id; without those that are not known. */
export async function checkResources(
  point: DecisionPoint,
  actor: Actor,
  { from, instance, resources }: About & { resources: string[] },
  now: Date,
): Promise<Map<string, ResourceCheck>> {
  const where = (resource: string, subject: string, action = '') => ({
    ...{ subject: byId(subject), from: byId(from), resource, instance, action },
  });
  const what = instance === null ? 'access' : 'instances';
  const [asks, { administers, rests }] = await Promise.all([
    decideAll(
      point,
      resources.map((resource) => where(resource, actor.party)),
      now,
    ),
    administration(point, actor, from, what, now),
  ]);
  const known = asks.filter(({ resource, policy }) => resource && policy);
  if (!known.length) return new Map();
  const asked = known.flatMap((one) =>
    actionsOf(one.policy!).map((action) => ({ id: one.question.resource, action, one })),
  );
  // Each action, of the actor and of the party itself.
  const answers = asked.length
    ? await decideAll(
        point,
        [actor.party, from].flatMap((subject) =>
          asked.map(({ id, action }) => where(id, subject, action)),
        ),
        now,
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
  const able = known
    .filter((one) => one.facts.from?.kind === 'person')
    .filter((one) => rightsOf.get(one)!.some(({ result }) => result))
    .map(({ question }) => question.resource);
  const contents = able.length ? await findResources(point.db, able) : new Map<string, never>();
  const things = able.map((id) => ({
    ages: contents.get(id)!.content,
    what: { package: null, resource: id },
  }));
  const withheld = await withheldOf(point.db, { by: actor.party, giver: from, things }, now);
  return new Map(
    known.map((one) => {
      const id = one.question.resource;
      const why = withheld[able.indexOf(id)];
      return [
        id,
        { known: one, rests, rights: rightsOf.get(one)!.map((right) => withhold(right, why)) },
      ];
    }),
  );
}
