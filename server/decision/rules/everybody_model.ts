// Rights that a policy opens to everybody, or to every party of a kind. Searches name the kind and
// list no party by it. Pure.
import type { Policy, SubjectMatch } from '../../resource/policy/model.ts';
import { decide } from './model.ts';
import type { PartyFacts } from './facts_model.ts';
import type { Decided } from './question_model.ts';
import { STRANGER } from './rule_model.ts';

/** Kinds of subject whose members nobody lists. */
export const isEverybody = ({ kind, value }: SubjectMatch) =>
  kind === 'any' || kind === 'party_type' || (kind === 'organization' && value === '');

/** A policy without what it opens to everybody; what it denies stays. */
export const withoutEverybody = (policy: Policy): Policy => ({
  ...policy,
  rules: policy.rules.flatMap((rule) => {
    if (rule.effect === 'deny') return [rule];
    const subjects = rule.subjects.filter((all) => !all.every(isEverybody));
    return subjects.length ? [{ ...rule, subjects }] : [];
  }),
});

/** The same question, answered by what its subject is and holds itself. */
export function permitsItself({ question, facts, resource, policy, catalogue }: Decided): boolean {
  if (!policy) return false;
  const named = { ...question, named: question.from !== null };
  const own = decide(named, facts, resource, withoutEverybody(policy), catalogue);
  return own.permit && own.reason !== 'anyone';
}

const KINDS = ['person', 'organization', 'subunit', 'system_user', 'self_identified'];
const UNKNOWN = 'self_identified';
const ORGANIZATIONS = ['organization', 'subunit'];

const anybodyOf = (kind: string): PartyFacts => ({ ...STRANGER, kind });

/**
 * The kinds of party, among `kinds` (null for all), to which the policy is open for one who is that
 * and holds nothing more: `anyone`, `organization`, `partytype:<kind>`.
 */
export function openTo(
  { question, decision, facts, resource, policy, catalogue }: Decided,
  kinds: string[] | null,
): string[] {
  if (decision.reason === 'several_instances' || decision.reason === 'instance_of_another')
    return [];
  const { from } = facts;
  const named = { ...question, named: question.from !== null };
  const open = KINDS.filter((kind) => {
    const alone = { subject: anybodyOf(kind), from, mandates: [] };
    return decide(named, alone, resource, policy, catalogue).permit;
  });
  // Users whom no register knows are let in where the resource says so, not by a word for all.
  if (KINDS.every((kind) => open.includes(kind) || kind === UNKNOWN)) return ['anyone'];
  const asked = open.filter((kind) => kinds === null || kinds.includes(kind));
  const isOrganizations = ORGANIZATIONS.every((kind) => asked.includes(kind));
  return [
    ...(isOrganizations ? ['organization'] : []),
    ...asked
      .filter((kind) => !(isOrganizations && ORGANIZATIONS.includes(kind)))
      .map((kind) => `partytype:${kind}`),
  ];
}
