// The facts that a decision rests on: parties, mandates in force, the resource, and the question.
// Shapes only.
import type { SigningRules } from '../../party/signing_model.ts';
import type { Attributes, RulePlace } from '../../resource/policy/model.ts';

/** A party as decisions need it. */
export interface PartyFacts {
  id: string;
  kind: string;
  ended: boolean;
  /** Whether it is a system that its organisation lets do nothing now. */
  suspended?: boolean;
  name: string;
  no: string | null;
  username: string | null;
  unitType: string | null;
  parent: string | null;
  /** The signing rules of the company register, of a giver; null where it has none. */
  signing?: SigningRules | null;
  /** Access lists it is on. */
  lists: string[];
  /** Shown in place of a person whom a number names in vain (unknown_model.ts). */
  standIn?: 'unknown' | 'ended';
}

/** The id of a party that there is, or was. */
export const knownId = (party: PartyFacts | null): string | null =>
  party && party.standIn !== 'unknown' ? party.id : null;

/**
 * The extent of a mandate: a role, a package, or actions on a resource, perhaps on one instance
 * only.
 */
export interface Grain {
  role: string | null;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  instance: string | null;
}

/** A mandate in force that leads from the represented party to the subject. */
export interface MandateFacts extends Grain {
  id: string;
  basis: 'register' | 'delegation' | 'customer';
  /**
   * Held in the party itself, in its main unit, or in a sole proprietorship that the person owns.
   */
  held: 'direct' | 'parent' | 'owner';
  /** Organisation form of the party it is held in. */
  unitType: string | null;
  /**
   * The organisation that received it, when the subject has it through a key role there or is its
   * agent.
   */
  via: string | null;
  viaRole: string | null;
  /** The mandates through which it was passed on, all in force. */
  chain: Grain[];
  mayPassOn: boolean;
  /** The group of the giver's by which the receiver has it. */
  group?: string | null;
  /** When it runs out by itself, as an instant; null for never. */
  validTo: string | null;
  /**
   * Matters of whose services it carries none, null among them for every one: a court has taken the
   * capacity of somebody who gave it in own name.
   */
  withheld?: (string | null)[] | null;
  /** Stopped by the giver's bankruptcy: it carries only what is not the estate's matter. */
  estate?: boolean;
}

export interface ResourceFacts {
  id: string;
  type: string;
  owner: string;
  ownerNo: string | null;
  policyVersion: number | null;
  delegable: boolean;
  /** The places that several fill to give it; null where one is enough. */
  together?: RulePlace[] | null;
  ended: boolean;
  accessListMode: boolean;
  /** Whether it is for users whom no register knows. */
  selfIdentified: boolean;
  attributes: Record<string, string[]>;
  /** Names of attributes that no question may say otherwise. */
  authoritative: string[];
  /** Access lists that open it, with the actions they are for. */
  lists: { list: string; actions: string[] | null }[];
}

/** Everything the answer rests on, gathered by one statement. */
export interface Facts {
  subject: PartyFacts | null;
  /** The represented party; null when the question names none. */
  from: PartyFacts | null;
  /** Where the question is a person's about themselves: what age and capacity rest on. */
  own?: { bornOn: string | null; isTouched: boolean } | null;
  mandates: MandateFacts[];
  /**
   * Questions that live registers answered with yes (`register/matter`), and whether one did not
   * answer.
   */
  live?: { yes: string[]; away: boolean };
}

export interface Question {
  action: string;
  instance?: string | null;
  attributes?: Attributes;
  /** Whether nobody is named as the subject, so that what is asked of it may decide. */
  isUnnamed?: boolean;
  /** The owner's own attributes of the instance. */
  stored?: Record<string, string[]>;
  /**
   * Whether a part in what several do together is an answer; to everybody else it lets nobody in.
   */
  asPart?: boolean;
  /** Security level of the subject, 0 to 4; left out, it is answered as an obligation. */
  level?: number | undefined;
  /** Whether a represented party was named, though it may not exist. */
  named: boolean;
}
