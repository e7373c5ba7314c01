// The rights that holdings between parties open, exactly as the decision point says it at level 4:
// each right with the holdings that carry it. Rights open to everybody, or to somebody by name, are
// no connection's.
import type { Deciding } from '../decision/act.ts';
import { decideAll } from '../decision/commands.ts';
import { decide } from '../decision/rules/model.ts';
import type { Decided } from '../decision/rules/question_model.ts';
import { problem } from '../decision/problems.ts';
import { byId } from '../decision/search/search.ts';
import { createPace } from '../platform/pace.ts';
import { actionsOf, type Policy, type SubjectMatch } from '../resource/policy/model.ts';
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
export interface CarriedAction {
  action: string;
  holdings: Holding[];
}

const LEVEL = 4;
/** Questions that are asked at once, and in one call at most. */
const AT_ONCE = 1_000;
const MOST = 20_000;

/**
 * The open rights of a resource, or an instance of it, between the parties, with their carriers. A
 * live register is asked only where it may deny: whatever else it says is nobody's holding.
 * AUTHZ.VLD-00013 when that is too much at once.
 */
export async function carriedBy(
  act: Deciding,
  found: Connections,
  { id, instance }: About,
  policy: Policy,
): Promise<CarriedAction[]> {
  const pairs = Map.groupBy(
    found.holdings.filter((one) => mayConcern(one, { id, instance }, policy, found)),
    ({ from, to }) => `${from} ${to}`,
  );
  const asked = [...pairs.values()].flatMap((holdings) =>
    actionsOf(policy).map((action) => ({ action, holdings })),
  );
  if (asked.length > MOST) throw problem('AUTHZ.VLD-00013', { because: `${asked.length} asked` });
  const carried = new Map<string, Holding[]>(actionsOf(policy).map((action) => [action, []]));
  const asking = deniesLive(policy) ? act : { ...act, askLive: undefined };
  const pace = createPace();
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const some = asked.slice(at, at + AT_ONCE);
    const questions = some.map(({ action, holdings }) => {
      const { from, to } = holdings[0]!;
      const pair = { subject: byId(to), from: byId(from) };
      return { ...pair, resource: id, instance, action, level: LEVEL };
    });
    const answers = await decideAll(asking, questions);
    for (const [index, { action, holdings }] of some.entries()) {
      carried.get(action)!.push(...carrying(holdings, answers[index]!));
      await pace();
    }
  }
  return [...carried].flatMap(([action, holdings]) =>
    holdings.length ? [{ action, holdings }] : [],
  );
}

/**
 * The holdings of one pair that carry a permit: each that does by itself, or else those that do
 * together. A holding that is not listed, or not for this reader, has no part in it.
 */
function carrying(holdings: Holding[], decided: Decided): Holding[] {
  const { question, decision, facts, resource, policy, catalogue } = decided;
  if (!decision.permit || !policy) return [];
  const own = byHolding(policy);
  const named = { ...question, named: true };
  const carriers = (some: Holding[]) => {
    const mandates = facts.mandates.filter(({ id }) => some.some((one) => one.mandate === id));
    return decide(named, { ...facts, mandates }, resource, own, catalogue).mandates;
  };
  const alone = holdings.filter((one) => carriers([one]).length > 0);
  if (alone.length) return alone;
  const together = carriers(holdings);
  return holdings.filter(({ mandate }) => together.includes(mandate));
}

const deniesLive = ({ rules }: Policy) =>
  rules.some(
    ({ effect, subjects }) =>
      effect === 'deny' && subjects.flat().some(({ kind }) => kind === 'register'),
  );

const HELD = ['role', 'key_role', 'package'];
/** No party has an empty id. */
const NOBODY: SubjectMatch[] = [{ kind: 'party', value: '' }];

/**
 * The rights that a policy permits to those who hold something, and which of them may be given: a
 * denied right has been decided, and a subject that is let in otherwise holds nothing by it.
 */
const byHolding = (policy: Policy): Policy => ({
  ...policy,
  combining: 'permit-overrides',
  rules: policy.rules
    .filter((rule) => rule.effect === 'permit')
    .map((rule) => {
      const subjects = rule.subjects.filter((all) => all.some(({ kind }) => HELD.includes(kind)));
      return { ...rule, subjects: subjects.length ? subjects : [NOBODY] };
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
