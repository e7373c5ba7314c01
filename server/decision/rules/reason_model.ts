// A decision's outcome: permit or not, why, and what would have been enough.
import type { Outcome, SubjectMatch } from '../../resource/policy/model.ts';
import type { MandateFacts } from './facts_model.ts';

export type Reason =
  | 'self'
  | 'role'
  | 'package'
  | 'right'
  | 'organization'
  | 'access_list'
  | 'named'
  | 'attribute'
  | 'anyone'
  | 'permitted'
  | 'unknown_subject'
  | 'unknown_from'
  | 'several_instances'
  | 'instance_of_another'
  | 'ended'
  | 'suspended'
  | 'no_resource'
  | 'unknown_resource'
  | 'no_rule'
  | 'not_named'
  | 'no_from'
  | 'unknown_action'
  | 'level'
  | 'denied_by_rule'
  | 'not_on_list'
  | 'missing_attribute'
  | 'register'
  | 'register_away';

export interface Decision {
  permit: boolean;
  outcome: Outcome;
  reason: Reason;
  /** The mandates that carried it. */
  mandates: string[];
  /** The role, package or organisation that carried it, the nearest first. */
  role?: string | undefined;
  package?: string | undefined;
  via?: string | undefined;
  held?: MandateFacts['held'] | undefined;
  /** Whether it permits no more than a part in what several do together (part_model.ts). */
  isPart?: true | undefined;
  /** The subjects that the rules name, when the asker is not among them. */
  wanted: SubjectMatch[];
  /** The level that the policy asks for; what lacks when the reason is `level`. */
  level: number;
}

export const ends = (
  outcome: Outcome,
  reason: Reason,
  wanted: SubjectMatch[] = [],
  level = 0,
): Decision => ({ permit: false, outcome, reason, mandates: [], wanted, level });

/** The reason of a permit, by the kind of subject that the rule names. */
export const REASONS: Record<SubjectMatch['kind'], Reason> = {
  self: 'self',
  role: 'role',
  key_role: 'role',
  package: 'package',
  organization: 'organization',
  party: 'named',
  username: 'named',
  access_list: 'access_list',
  party_type: 'named',
  attribute: 'attribute',
  register: 'register',
  passed_on: 'named',
  any: 'anyone',
};
