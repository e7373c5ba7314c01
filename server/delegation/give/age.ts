// Age, capacity, and one's own favour, where a person gives or receives: asked after the right to
// give, so that a stranger learns no age.
import type { Deciding } from '../../decision/act.ts';
import type { Act } from '../../platform/act.ts';
import { findRepresented } from '../../decision/store.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { findMinorities, type Matter } from '../../mandate/minority_store.ts';
import { isUnder, type Minority } from '../../party/age_model.ts';
import type { Party } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { isBetween } from '../../resource/policy/age_model.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { findResources } from '../../resource/store.ts';
import { receiverFrom, type Ages } from '../../resource/model.ts';
import {
  isForSeveral,
  withheldFrom,
  withheldWords,
  type Capacity,
  type Withheld,
} from './age_model.ts';
import { factsOf } from '../authority.ts';
import type { Shared } from './together_model.ts';
import type { Facts } from '../../decision/rules/facts_model.ts';
import { Fault } from '../../platform/errors.ts';
import { problem } from '../problems.ts';

export interface Giving {
  giver: Party;
  receiver: Party;
  by: string;
  /** The parties that have said yes to it beside. */
  said?: string[] | undefined;
  /** The age limits of the package or the resource. */
  ages: Ages & Shared;
  what: Matter;
}

/**
 * TIL-00037 when a giver or receiver is too young, a parent's child is too old, one who answers for
 * a child or ward gives to himself or what he leads, or a court has taken the capacity of the giver
 * or of who acts.
 * Answers with who else could have given it.
 */
export async function mustBeOfAge(
  act: Deciding,
  { giver, receiver, by, said = [], ages, what }: Giving,
): Promise<string[]> {
  const { capacity, young, isIncapable } =
    (await knownStanding(act, { giver, receiver, by, ages })) ??
    (await askedStanding(act, { giver, receiver, by, what }));
  const { minority, guardians } = capacity;
  // Capacity is asked of whoever acts for another, a firm too, when that person acts.
  if (by !== giver.id && isIncapable) throw refusedGift('no_capacity');
  const withheld = withheldFrom(by, giver.id, capacity, ages, act.now);
  if (withheld?.why === 'unsaid') throw problem('AM-00028', { because: 'the giver’s capacity' });
  const isForAll = withheld?.why === 'parents_all';
  if (withheld && !isForAll) throw refusedGift(withheld.why, withheld.age);
  if (minority && by !== giver.id && [...minority.parents, ...guardians].includes(by)) {
    const isLed = (await findRepresented(act, by, receiver.id)).length > 0;
    if (receiver.id === by || isLed) throw refusedGift('own_favour');
  }
  const from = receiverFrom(ages);
  if (young && isUnder(from, young, act.now)) throw refusedGift('receiver_under_age', from);
  // Asked last: whoever lacks no more than the others' yes could give it.
  if (isForAll) await mustBeSaidByAll(act, receiver, minority!.parents, [by, ...said], withheld);
  if (!minority || !isBetween(minority, [ages], act.now)) return [];
  return minority.parents.filter((one) => one !== by);
}

/** TIL-00037 where a parent has not said yes, or where one could not, as it is in own favour. */
async function mustBeSaidByAll(
  act: Act,
  receiver: Party,
  parents: string[],
  said: string[],
  { why, age }: Withheld,
): Promise<void> {
  for (const parent of parents)
    if (receiver.id === parent || (await findRepresented(act, parent, receiver.id)).length)
      throw refusedGift('own_favour');
  if (!parents.every((one) => said.includes(one))) throw refusedGift(why, age);
}

interface GivingStanding {
  /** The giver's. */
  capacity: Capacity;
  /** The receiver, where it is a person. */
  young: Minority | null;
  /** Whether a court has taken the capacity of who acts. */
  isIncapable: boolean;
}

async function askedStanding(
  act: Act,
  { giver, receiver, by, what }: Omit<Giving, 'ages'>,
): Promise<GivingStanding> {
  const found = await findMinorities(act, [giver.id, receiver.id, by], [what]);
  const own = found.get(giver.id)!;
  return {
    capacity: { ...own, incapable: own.incapable[0] ?? null },
    young: found.get(receiver.id)!.minority,
    isIncapable: Boolean(found.get(by)?.incapable[0]),
  };
}

/**
 * The same of a person who gives for themselves, where birth dates alone decide, as the facts of
 * the act have them; undefined where parents or a court have to be asked about.
 */
async function knownStanding(
  act: Deciding,
  { giver, receiver, by, ages }: Omit<Giving, 'what'>,
): Promise<GivingStanding | undefined> {
  const own = by === giver.id ? ownCapacity((await factsOf(act, by, by)).facts) : undefined;
  if (!own?.minority || isBetween(own.minority, [ages], act.now)) return undefined;
  if (receiver.kind === 'person' && receiver.bornOn === null) return undefined;
  const young = receiver.kind === 'person' ? { bornOn: receiver.bornOn, parents: [] } : null;
  return { capacity: own, young, isIncapable: false };
}

/** Age and capacity of a person who acts for themselves, where the facts have them. */
const ownCapacity = ({ own }: Pick<Facts, 'own'>): Capacity | undefined =>
  own?.bornOn && !own.isTouched
    ? { minority: { bornOn: own.bornOn, parents: [] }, guardians: [], incapable: null }
    : undefined;

/**
 * For each thing, in their order, whether age or capacity withholds it from one who may give it for
 * the party. Only for those who may: a stranger learns no age.
 */
export async function findWithheld(
  act: Act,
  facts: Pick<Facts, 'own'>,
  { by, giver, things }: { by: string; giver: string; things: { ages: Ages; what: Matter }[] },
): Promise<(Withheld | undefined)[]> {
  if (!things.length) return [];
  const own = by === giver ? ownCapacity(facts) : undefined;
  if (own) return things.map(({ ages }) => withheldFrom(by, giver, own, ages, act.now));
  const what = things.map((one) => one.what);
  const standing = (await findMinorities(act, [giver], what)).get(giver)!;
  return things.map(({ ages }, at) => {
    const capacity = { ...standing, incapable: standing.incapable[at] ?? null };
    return withheldFrom(by, giver, capacity, ages, act.now);
  });
}

/** The same of what is given already, for one who would widen it. */
export async function givingOf(
  act: Deciding,
  mandate: Pick<MandateRow, 'from' | 'to' | 'package' | 'resource'>,
  by: string,
): Promise<Giving> {
  const [giver, receiver] = [
    (await findParty(act, { by: 'uuid', value: mandate.from }))!,
    (await findParty(act, { by: 'uuid', value: mandate.to }))!,
  ];
  const ages =
    mandate.package === null
      ? (await findResources(act.db, [mandate.resource!])).get(mandate.resource!)!.content
      : (await currentCatalogue(act)).packages.get(mandate.package)!;
  const what = { resource: mandate.resource, package: mandate.package };
  return { giver, receiver, by, ages, what };
}

/** Whether a gift lacks no more than the yes of others. */
export const lacksOthers = (error: unknown): boolean =>
  error instanceof Fault && error.code === 'TIL-00037' && isForSeveral(error.members.reason);

/** TIL-00037 with why, for who gives. */
export function refusedGift(why: string, age = 0) {
  const words = withheldWords(why, age);
  return problem('TIL-00037', { because: why, members: { reason: why, reason_user: words } });
}
