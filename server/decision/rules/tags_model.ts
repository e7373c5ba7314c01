// Lists what a subject is and holds as the tags that policies name: itself, its kind and lists,
// roles and the packages they carry, each with the mandates it comes from. Pure.
import { isOrganization } from '../../party/model.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';
import type { Facts, Grain, MandateFacts, PartyFacts } from './facts_model.ts';

export type Carriers = Map<string, (MandateFacts | null)[]>;

/** Everything the subject is or holds, each with the mandates it comes from. */
export function tagsOf(
  catalogue: Catalogue,
  { subject, from, live }: Pick<Facts, 'from' | 'live'> & { subject: PartyFacts },
  mandates: MandateFacts[],
): Carriers {
  const tags: Carriers = new Map();
  const add = (kind: SubjectMatch['kind'], value: string, mandate: MandateFacts | null = null) => {
    const key = `${kind} ${value}`;
    const carriers = tags.get(key);
    if (carriers) carriers.push(mandate);
    else tags.set(key, [mandate]);
  };
  add('any', '');
  add('party', subject.id);
  add('party_type', subject.kind);
  if (subject.username !== null) add('username', subject.username);
  if (isOrganization(subject)) {
    add('organization', '');
    add('organization', subject.no ?? '');
  }
  for (const list of subject.lists) add('access_list', list);
  for (const matter of live?.yes ?? []) add('register', matter);
  if (
    from?.id === subject.id &&
    (subject.kind === 'person' || subject.kind === 'self_identified')
  ) {
    const role = subject.kind === 'person' ? 'privatperson' : 'selvregistrert';
    if (subject.kind === 'person') add('self', '');
    else add('role', role);
    for (const code of catalogue.accessOf(role, null)) add('package', code);
  }
  for (const mandate of mandates)
    for (const { kind, value } of held(catalogue, mandate, mandate.unitType))
      add(kind, value, mandate);
  return tags;
}

/** The tags that a role or a package gives; a right on a resource gives none. */
export function held(catalogue: Catalogue, grain: Grain, unitType: string | null): SubjectMatch[] {
  const packages = packagesCarried(grain, unitType, catalogue).map(
    (value): SubjectMatch => ({ kind: 'package', value }),
  );
  if (grain.package !== null || grain.role === null) return packages;
  const role = catalogue.roles.get(grain.role);
  return [
    { kind: 'role', value: grain.role },
    ...(role?.keyRole ? [{ kind: 'key_role' as const, value: '' }] : []),
    ...packages,
  ];
}

/** The package that was given, or those that a role has in a giver of that form. */
export function packagesCarried(
  { role, package: code }: Pick<Grain, 'role' | 'package'>,
  unitType: string | null,
  catalogue: Catalogue,
): readonly string[] {
  if (code !== null) return [code];
  return role === null ? [] : catalogue.accessOf(role, unitType);
}

/**
 * Everything the subject could be named by in a policy, whatever the resource; and the resources it
 * has single rights to.
 */
export function tagsHeld(
  { subject, from, mandates }: Facts,
  catalogue: Catalogue,
): { tags: SubjectMatch[]; resources: string[] } {
  if (!subject) return { tags: [], resources: [] };
  const tags = [...tagsOf(catalogue, { subject, from }, mandates).keys()].map((key) => {
    const [kind = '', ...value] = key.split(' ');
    return { kind: kind as SubjectMatch['kind'], value: value.join(' ') };
  });
  return { tags, resources: mandates.flatMap((mandate) => mandate.resource ?? []) };
}
