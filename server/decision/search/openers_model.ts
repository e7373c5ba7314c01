// The mandates by which anybody could be let in under a policy: so that of thousands who hold
// something of a party, a search asks only about those who could be. Pure.
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { Policy, SubjectMatch } from '../../resource/policy/model.ts';

/** Packages, roles and single rights of which a mandate must have one. */
export interface Openers {
  packages: string[];
  roles: string[];
  resource: string;
}

/** Kinds of subject that somebody is by no mandate, or by one of these. */
const BY_MANDATE: SubjectMatch['kind'][] = ['role', 'key_role', 'package'];
const BY_ITSELF: SubjectMatch['kind'][] = [
  ...(['self', 'party', 'username', 'organization', 'access_list', 'party_type', 'any'] as const),
];

/** Undefined where other mandates could let somebody in too, or everybody is let in. */
export function openersOf(
  policy: Policy | undefined,
  resource: string,
  catalogue: Catalogue,
): Openers | undefined {
  if (!policy || policy.combining === 'permit-unless-deny') return undefined;
  // Several who fill places together may hold whatever the places name.
  if (policy.rules.some(({ together, asCompanySigns }) => together || asCompanySigns))
    return undefined;
  const named = policy.rules.flatMap(({ subjects }) => subjects.flat());
  if (named.some(({ kind }) => ![...BY_MANDATE, ...BY_ITSELF].includes(kind))) return undefined;
  const of = (kind: SubjectMatch['kind']) =>
    named.filter((one) => one.kind === kind).map(({ value }) => value);
  const packages = of('package');
  const keyRoles = named.some(({ kind }) => kind === 'key_role')
    ? [...catalogue.roles.values()].filter(({ keyRole }) => keyRole).map(({ code }) => code)
    : [];
  const roles = [...of('role'), ...catalogue.rolesWith(packages), ...keyRoles];
  return { packages, roles: [...new Set(roles)], resource };
}
