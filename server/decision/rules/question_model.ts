// A question before its names are known, and the decision with what it was made of.
import type { PartyName } from '../../party/model.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { Policy } from '../../resource/policy/model.ts';
import type { Facts, Question, ResourceFacts } from './facts_model.ts';
import type { Decision } from './reason_model.ts';

/**
 * As many names, and values of a name, as one entity may have, many questions may share it; and as
 * long a text, in characters.
 */
export const MOST_TOLD = 100;
export const LONGEST = 2_000;

/** Names of what we find out by ourselves, and nobody may claim. */
export const DERIVED =
  /^urn:(altinn:(rolecode|role:|external-role:|accesspackage|partytype|access-list|authlevel|minimum-authenticationlevel|resource:delegation)|tillit:(role|keyrole|package|mandate|register|anyone)|digitaltdodsbo:)/i;

/** A question by names, as it comes from outside. */
export interface NamedQuestion extends Omit<Question, 'named'> {
  subject: PartyName | null;
  /** The represented party; null when the question names nobody. */
  from: PartyName | null;
  resource: string;
  /** Number of the owner among whose resources an instance is looked for; anybody's when null. */
  among?: string | null;
  /** Whether a refusal shows the asker nothing of which numbers there are. */
  hidesUnknown?: boolean;
}

export interface Decided {
  /** With what was left unsaid. */
  question: NamedQuestion;
  decision: Decision;
  facts: Facts;
  resource: ResourceFacts | undefined;
  policy: Policy | undefined;
  catalogue: Catalogue;
}
