// In a question by number, a person who is not known and one who has died are answered as somebody
// who is known and holds nothing: a refusal shows no asker which numbers there are. Pure.
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { Policy } from '../../resource/policy/model.ts';
import { isPublic, type PartyName } from '../../party/model.ts';
import type { Facts, PartyFacts } from './facts_model.ts';
import type { NamedQuestion } from './question_model.ts';
import { ends, type Decision } from './reason_model.ts';
import { aliveOf, STRANGER } from './rule_model.ts';
import { wantedOf } from './wanted_model.ts';

type Named = Pick<NamedQuestion, 'subject' | 'from'>;

const NOBODY: PartyFacts = { ...STRANGER, kind: 'person' };

/** The facts with a stand-in for whoever a number names in vain. */
export function withStandIns({ subject, from }: Named, facts: Facts, catalogue: Catalogue): Facts {
  const hasDied = facts.from?.ended === true && !aliveOf(facts, catalogue).length;
  const shown = {
    subject: inPlaceOf(subject, facts.subject, facts.subject?.ended === true),
    from: inPlaceOf(from, facts.from, hasDied),
  };
  const isSame = shown.subject === facts.subject && shown.from === facts.from;
  return isSame ? facts : { ...facts, ...shown, mandates: [] };
}

function inPlaceOf(
  name: PartyName | null,
  party: PartyFacts | null,
  hasEnded: boolean,
): PartyFacts | null {
  if (!name || isPublic(name)) return party;
  if (!party) return { ...NOBODY, id: `${name.by} ${name.value}`, standIn: 'unknown' };
  return hasEnded ? { ...NOBODY, id: party.id, kind: party.kind, standIn: 'ended' } : party;
}

/** Nothing is permitted to or for a stand-in, whatever is open to everybody. */
export function refusedTo(
  { subject, from }: Facts,
  decision: Decision,
  policy: Policy | undefined,
  action: string,
): Decision {
  if (!decision.permit || !(subject?.standIn || from?.standIn)) return decision;
  const wanted = policy ? wantedOf(policy, action) : [];
  return ends('not_applicable', from ? 'not_named' : 'no_from', wanted, decision.level);
}
