// What the holdings between parties open, exactly as the decision point says it at level 4: each
// right with those that carry it. What a policy opens to everybody, or to somebody by name, is no
// connection's.
import { decideAll } from '../decision/commands.ts';
import { decide, type MandateFacts } from '../decision/model.ts';
import type { DecisionPoint } from '../decision/point.ts';
import type { Decided } from '../decision/question_model.ts';
import { byId } from '../decision/search.ts';
import { actionsOf, type Policy } from '../resource/policy_model.ts';
import type { Connections, Holding } from './holdings.ts';
import { packagesOf } from './telling.ts';

export const isDirect = (one: Holding, resource: string, instance: string | null): boolean =>
  one.resource === resource &&
  one.instance === instance &&
  one.reasons.length === 1 &&
  one.reasons[0] === 'direct';

interface About {
  id: string;
  instance: string | null;
}

/** An action of a resource, and the holdings that carry it. */
export interface Carried {
  action: string;
  holdings: Holding[];
}

const LEVEL = 4;
/** Questions that are asked at once. */
const AT_ONCE = 1_000;

/** What of a resource, or an instance of it, is open between the parties, and by what. */
export async function carriedBy(
  point: DecisionPoint,
  found: Connections,
  { id, instance }: About,
  policy: Policy,
  now: Date,
): Promise<Carried[]> {
  const pairs = Map.groupBy(
    found.holdings.filter((one) => mayConcern(one, { id, instance }, policy, found)),
    ({ from, to }) => `${from} ${to}`,
  );
  const asked = [...pairs.values()].flatMap((holdings) =>
    actionsOf(policy).map((action) => ({ action, holdings })),
  );
  const carried = new Map<string, Holding[]>();
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const some = asked.slice(at, at + AT_ONCE);
    const questions = some.map(({ action, holdings }) => {
      const { from, to } = holdings[0]!;
      const pair = { subject: byId(to), from: byId(from) };
      return { ...pair, resource: id, instance, action, level: LEVEL };
    });
    const answers = await decideAll(point, questions, now);
    some.forEach(({ action, holdings }, index) => {
      const own = carrying(holdings, answers[index]!);
      carried.set(action, [...(carried.get(action) ?? []), ...own]);
    });
  }
  return [...carried].flatMap(([action, holdings]) =>
    holdings.length ? [{ action, holdings }] : [],
  );
}

/** Of one pair's holdings those that carry what is asked: each by itself, or else all together. */
function carrying(holdings: Holding[], decided: Decided): Holding[] {
  const { question, decision, facts, resource, policy, catalogue } = decided;
  if (!decision.permit || !policy) return [];
  // A right that was given is a fact, whomever else the rule lets in.
  const isGiven = holdings.some((one) => one.resource !== null);
  const own = isGiven ? policy : byHolding(policy);
  const named = { ...question, named: true };
  const permits = (mandates: MandateFacts[]) => {
    const one = decide(named, { ...facts, mandates }, resource, own, catalogue);
    return one.permit && one.mandates.length > 0;
  };
  if (!permits(facts.mandates)) return [];
  const alone = holdings.filter(({ mandate }) =>
    permits(facts.mandates.filter((one) => one.id === mandate)),
  );
  return alone.length ? alone : holdings;
}

const HELD = ['role', 'key_role', 'package'];

/** A policy with what it opens to those who hold something; what it denies stays. */
const byHolding = (policy: Policy): Policy => ({
  ...policy,
  rules: policy.rules.flatMap((rule) => {
    if (rule.effect === 'deny') return [rule];
    const subjects = rule.subjects.filter((all) => all.some(({ kind }) => HELD.includes(kind)));
    return subjects.length ? [{ ...rule, subjects }] : [];
  }),
});

/** Whether a holding could have a part in opening it: a right to it, or what a rule names. */
function mayConcern(
  one: Holding,
  { id, instance }: About,
  policy: Policy,
  found: Connections,
): boolean {
  if (one.resource !== null)
    return one.resource === id && (one.instance === null || one.instance === instance);
  const { role } = one;
  const tags = new Set(packagesOf(one, found).map((code) => `package ${code}`));
  if (role !== null) tags.add(`role ${role}`);
  if (role !== null && found.catalogue.roles.get(role)?.keyRole) tags.add('key_role ');
  return policy.rules.some((rule) =>
    rule.subjects.some((all) => all.some(({ kind, value }) => tags.has(`${kind} ${value}`))),
  );
}
