// What one holding opens by itself: a right to it, or a package or role that the policy names for
// it. Pure.
import type { Policy } from '../resource/policy_model.ts';
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
  action: string;
}

/** Whether a holding alone gives the action. */
export function opens(
  one: Holding,
  { id, instance, action }: About,
  policy: Policy,
  found: Connections,
): boolean {
  if (one.resource !== null) {
    const isThis = one.instance === null || one.instance === instance;
    return one.resource === id && one.actions!.includes(action) && isThis;
  }
  const { role } = one;
  const tags = new Set(packagesOf(one, found).map((code) => `package ${code}`));
  if (role !== null) tags.add(`role ${role}`);
  if (role !== null && found.catalogue.roles.get(role)?.keyRole) tags.add('key_role ');
  const covers = (actions: string[]) => actions.length === 0 || actions.includes(action);
  return policy.rules.some(
    (rule) =>
      rule.effect === 'permit' &&
      covers(rule.actions) &&
      rule.subjects.some((all) => all.every(({ kind, value }) => tags.has(`${kind} ${value}`))),
  );
}
