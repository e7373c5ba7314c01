// The delegation check: what an actor may give for a party, before anything is given. The acts ask
// the same functions, so a check and an act never differ.
import { actsFor } from '../caller/model.ts';
import type { DecisionPoint } from '../decision/point.ts';
import { decideAll } from '../decision/commands.ts';
import { byId } from '../decision/search.ts';
import type { Decided } from '../decision/question_model.ts';
import { actionsOf } from '../resource/policy_model.ts';
import {
  checkRight,
  packageFault,
  waysToGive,
  type PackageCheck,
  type RightCheck,
} from './model.ts';
import { ADMINISTRATION, mayAdminister, type Actor } from './authority.ts';

export const SCHEMA = 'MaskinportenSchema';

/** What the facts are about a pair, asked through a resource that everybody has heard of. */
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
  const { facts, catalogue } = await factsOf(point, actor, from, now);
  const kind = facts.from?.kind ?? '';
  const administers = await mayAdminister(point, actor, from, 'access', now);
  const wanted =
    codes ??
    [...catalogue.packages.values()]
      .filter((entry) => packageFault(catalogue, entry, kind) !== 'AM-00037')
      .map((entry) => entry.code);
  return wanted.map((code) => {
    const ways = packageFault(catalogue, catalogue.packages.get(code), kind)
      ? []
      : waysToGive(code, facts, catalogue, administers);
    return { code, ways, result: ways.length > 0 };
  });
}

export interface ResourceCheck {
  rights: RightCheck[];
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
  const known = (
    await decideAll(
      point,
      resources.map((resource) => where(resource, actor.party)),
      now,
    )
  ).filter(({ resource, policy }) => resource && policy);
  if (!known.length) return new Map();
  const what = instance === null ? 'access' : 'instances';
  const administers = await mayAdminister(point, actor, from, what, now);
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
  const rights = asked.map(({ action, one }, index) =>
    checkRight(
      action,
      answers[index]!,
      answers[asked.length + index]!,
      administers,
      one.resource!.type === SCHEMA,
    ),
  );
  return new Map(
    known.map((one) => [
      one.question.resource,
      { known: one, rights: rights.filter((_, index) => asked[index]!.one === one) },
    ]),
  );
}
