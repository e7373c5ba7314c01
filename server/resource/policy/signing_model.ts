// A rule "as the company signs": where the company register says who binds a company, those who
// sign for it take the place of the persons that the rule names. Pure.
import type { SigningPlace, SigningRules } from '../../party/signing_model.ts';
import type { Policy, Rule, RulePlace } from './model.ts';
import { subjectsOf } from './place_model.ts';

const isOfSigners = (rule: Rule) => rule.asCompanySigns === true;

/** Nobody holds it: it stands where the register does not say now who signs. */
const NOBODY: SigningRules = [[{ roles: [''], count: 1, holder: null }]];

/** The policy for a giver with these signing rules; as it is written where there are none. */
export function signedPolicy(policy: Policy, signing: SigningRules | null): Policy {
  if (!signing || !policy.rules.some(isOfSigners)) return policy;
  const alternatives = signing.length ? signing : NOBODY;
  const rules = policy.rules.flatMap((rule) =>
    isOfSigners(rule) ? alternatives.map((places, at) => signedRule(rule, places, at)) : rule,
  );
  return { ...policy, rules };
}

function signedRule(rule: Rule, places: SigningPlace[], at: number): Rule {
  const together = places.map(
    ({ roles, count, holder }): RulePlace => ({
      subjects: roles.map((value) => ({ kind: 'role', value })),
      count,
      ...(holder === null ? {} : { holder }),
    }),
  );
  return { ...rule, id: `${rule.id}/${at + 1}`, subjects: subjectsOf(together), together };
}
