// The subjects that a policy's rules would let in: those that a refusal may name, and whether
// anybody could be one. Pure.
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { covers, type Policy, type SubjectMatch } from '../../resource/policy/model.ts';

export function wantedOf(policy: Policy, action: string): SubjectMatch[] {
  const seen = new Map<string, SubjectMatch>();
  for (const rule of policy.rules) {
    if (rule.effect !== 'permit' || !covers(rule, action)) continue;
    for (const one of rule.subjects.flat()) seen.set(`${one.kind} ${one.value}`, one);
  }
  return [...seen.values()];
}

/**
 * Whether a rule's subject can exist for this kind of party: nobody is managing director of a
 * person.
 */
export function fits(fromKind: string, match: SubjectMatch, catalogue: Catalogue): boolean {
  const kind = fromKind === 'person' ? 'person' : 'organization';
  if (match.kind === 'role') return catalogue.roles.get(match.value)?.givenBy === kind;
  if (match.kind === 'package') return catalogue.packages.get(match.value)?.forKind === kind;
  return match.kind === (fromKind === 'person' ? 'self' : 'key_role');
}

/** Whether anybody could ever be permitted: a rule that fits the kind of party it is about. */
export const answerable = (
  fromKind: string,
  policy: Policy,
  action: string,
  catalogue: Catalogue,
) => wantedOf(policy, action).some((one) => fits(fromKind, one, catalogue));
