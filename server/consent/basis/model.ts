// The basis of an answer (settled when it was given), and the reasons for which a consent falls
// when the basis is gone. Pure; it knows no SQL.
import type { Decided } from '../../decision/rules/question_model.ts';
import { isUnder, type Minority } from '../../party/age_model.ts';
import { ownRefusal, parentRefusal, type AgeRefusal } from '../../resource/policy/age_model.ts';
import { officeOf, RESPONSIBILITY } from '../../resource/catalogue/model.ts';
import { parentUntil, type ResourceContent } from '../../resource/model.ts';

/**
 * Why a consent ended without its giver having withdrawn it: `receiver` gave it up, and `replaced`
 * is one in whose place another began.
 */
export const FALLEN = [
  'giver_dead',
  'giver_dissolved',
  'receiver_dissolved',
  'resource_ended',
  'responsibility_ended',
  'task_ended',
  'of_age',
  'receiver',
  'replaced',
  'rule_unmet',
  'pair_ended',
] as const;
export type FallReason = (typeof FALLEN)[number];
/** Reasons of guardianship, parents or death, which are no requester's to know. */
const HIDDEN: string[] = ['giver_dead', 'responsibility_ended', 'task_ended', 'of_age'];
/** A reason as a requester reads it; of a person, several are parents or who acts for one. */
export const askersReason = (
  reason: FallReason,
  giver: { isPerson: boolean },
): FallReason | 'basis_ended' =>
  HIDDEN.includes(reason) || (giver.isPerson && reason === 'rule_unmet') ? 'basis_ended' : reason;

/** Reasons beside a refusal to redeem: it ended, or its uses of this period are used up. */
export const CONSENT_REASONS = [
  'basis_ended',
  'giver_dissolved',
  'receiver_dissolved',
  'resource_ended',
  'receiver',
  'replaced',
  'rule_unmet',
  'pair_ended',
  'period_used',
] as const;
export type ConsentReason = (typeof CONSENT_REASONS)[number];

/** From the strongest to what falls the soonest. */
const ORDER = ['self', 'role', 'mandate', 'task', 'responsibility'] as const;
type RestsOn = (typeof ORDER)[number];

/** The basis of an answer: for several rights, the basis that ends soonest. */
export interface Basis {
  on: RestsOn;
  /** Offices, of which each must still be held by somebody. */
  roles: string[];
  /** The mandates that carried it, which must still hold when the answer is written. */
  mandates: string[];
  level: number;
  /** The age at which a parent's answer falls. */
  parentUntil: number | null;
}

/** The basis of an answer, by the decisions that permitted it. */
export function basisOf(
  answers: Decided[],
  level: number,
  contents: ResourceContent[],
  giver: Minority | null,
  now: Date,
): Basis {
  const age = Math.min(...contents.map(parentUntil));
  // A child's parents can let another do only what they could do themselves.
  const isChild = giver !== null && isUnder(age, giver, now);
  const each = answers
    .map(restsOf)
    .map((one) =>
      one.on === 'mandate' && isChild
        ? { ...one, on: 'responsibility' as const, role: RESPONSIBILITY }
        : one,
    );
  const on = ORDER[Math.max(...each.map((one) => ORDER.indexOf(one.on)))]!;
  const unique = (all: string[]) => [...new Set(all)];
  const roles = unique(each.flatMap(({ role }) => role ?? []));
  return {
    on,
    roles,
    mandates: unique(each.flatMap(({ mandates }) => mandates)),
    level,
    parentUntil: roles.includes(RESPONSIBILITY) ? age : null,
  };
}

/** The basis of several answers as one: what ends soonest, and all offices. */
export function weakest(all: [Basis, ...Basis[]] | Basis[]): Basis {
  const [first, ...more] = all as [Basis, ...Basis[]];
  return more.reduce(
    (one, other) => ({
      on: ORDER[Math.max(ORDER.indexOf(one.on), ORDER.indexOf(other.on))]!,
      roles: [...new Set([...one.roles, ...other.roles])],
      mandates: [...new Set([...one.mandates, ...other.mandates])],
      level: Math.min(one.level, other.level),
      parentUntil: one.parentUntil ?? other.parentUntil,
    }),
    first,
  );
}

function restsOf({ decision, facts, catalogue }: Decided) {
  const { mandates } = decision;
  if (facts.subject?.id === facts.from?.id) return { on: 'self' as const, role: null, mandates };
  // Among several that open the same, the one that lasts longest.
  const ways = facts.mandates
    .filter(({ id }) => mandates.includes(id))
    .map(({ basis, role }): { on: RestsOn; role: string | null } => ({
      on: basis === 'register' ? (officeOf(catalogue.roles.get(role!)) ?? 'role') : 'mandate',
      role,
    }))
    .sort((a, b) => ORDER.indexOf(a.on) - ORDER.indexOf(b.on));
  const { on, role } = ways[0] ?? { on: 'mandate' as const, role: null };
  return { on, role: on === 'task' || on === 'responsibility' ? role : null, mandates };
}

/** Why somebody may not answer whom the rules let; `age` is the one that it is about. */
export interface Barred {
  why:
    | (AgeRefusal['why'] | 'named' | 'own_favour' | 'chosen' | 'no_capacity')
    | ('replacing' | 'not_here' | 'several');
  age: number;
}

/** A guardian may by task, whatever the age. */
export function ageRefusal(
  { on }: Basis,
  giver: Minority | null,
  contents: ResourceContent[],
  now: Date,
): AgeRefusal | undefined {
  if (!giver) return undefined;
  if (on === 'self') return ownRefusal(giver, contents, now);
  return on === 'responsibility' ? parentRefusal(giver, contents, now) : undefined;
}
