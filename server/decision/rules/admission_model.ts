// Admits subjects to a resource before any rule is asked: users whom no register knows, and
// organisations on its access lists. Pure.
import { isOrganization } from '../../party/model.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';
import type { PartyFacts, ResourceFacts } from './facts_model.ts';

/** Attributes that name one user and no other. */
const NAMING: SubjectMatch['kind'][] = ['username', 'party', 'access_list'];

/**
 * A user whom no register knows is let in, and acted for, where the resource says so; elsewhere
 * only by a rule that names this very user, or a list with the user on it.
 */
export function admits(
  {
    resource,
    subject,
    from,
  }: { resource: ResourceFacts; subject: PartyFacts; from: PartyFacts | null },
  matched: SubjectMatch[],
): boolean {
  if (resource.selfIdentified) return true;
  if (from?.kind === 'self_identified' && from.id !== subject.id) return false;
  return subject.kind !== 'self_identified' || matched.some(({ kind }) => NAMING.includes(kind));
}

/**
 * Only organisations are members, so a person as represented party is never listed.
 */
export function isListed(
  resource: ResourceFacts,
  from: PartyFacts | null,
  action: string,
): boolean {
  if (!from || !isOrganization(from)) return false;
  return resource.lists.some(
    ({ list, actions }) =>
      from.lists.includes(list) && (actions === null || actions.includes(action)),
  );
}
