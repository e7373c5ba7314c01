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

/**
 * For each action of a resource, or of one instance of it: whether the actor may give it, and why
 * not.
 */
export async function checkResource(
  point: DecisionPoint,
  actor: Actor,
  { from, resource, instance }: { from: string; resource: string; instance: string | null },
  now: Date,
): Promise<ResourceCheck | undefined> {
  const where = { subject: byId(actor.party), from: byId(from), resource, instance };
  const [known] = await decideAll(point, [{ ...where, action: '' }], now);
  if (!known!.resource || !known!.policy) return undefined;
  const administers = await mayAdminister(
    point,
    actor,
    from,
    instance === null ? 'access' : 'instances',
    now,
  );
  const actions = actionsOf(known!.policy);
  const party = { ...where, subject: byId(from) };
  const answers = actions.length
    ? await decideAll(
        point,
        [where, party].flatMap((asked) => actions.map((action) => ({ ...asked, action }))),
        now,
      )
    : [];
  const schema = known!.resource.type === SCHEMA;
  return {
    known: known!,
    rights: actions.map((action, index) =>
      checkRight(action, answers[index]!, answers[actions.length + index]!, administers, schema),
    ),
  };
}
