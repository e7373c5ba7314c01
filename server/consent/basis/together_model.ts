// Several who answer together: whether those who have said yes meet a rule between them, how many
// are missing, and what their answers rest on from then on. Each person fills one place. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Filling, RuleParts, PlacePart } from '../../decision/rules/part_model.ts';
import { RESPONSIBILITY } from '../../resource/catalogue/model.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';

/** A person who has said yes, with the part in each right; undefined where one is enough. */
export interface Taker {
  party: string;
  parts: (RuleParts | undefined)[];
}

/** The offices of the giver that it is about. */
export interface Offices {
  /** Everybody who holds one of these now. */
  holders: (subjects: SubjectMatch[]) => string[];
  /** The roles by which somebody is one of these. */
  roles: (subjects: SubjectMatch[]) => string[];
}

/** The basis of several answers, as it is stored; the keys are read in SQL (unmet_store.ts). */
export interface RestsTogether {
  /** So many must still hold one of these roles: the condition of each set of places. */
  needs: { roles: string[]; count: number }[];
  /** Persons who must keep a role themselves, as a parent does. */
  holders: { role: string; party: string }[];
  /** Powers of attorney by which somebody answered. */
  mandates: string[];
  /** Those persons, who fill no place by an office as well. */
  attorneys: string[];
}

export interface Progress {
  isComplete: boolean;
  /** How many have said yes, of how many; null where all are asked who hold an office. */
  have: number;
  need: number | null;
  rests: RestsTogether;
}

/** A place with those who fill it, each by what. */
type Filled = PlacePart & { fillers: { party: string; by: Filling }[] };

interface Outcome {
  places: Filled[];
  isComplete: boolean;
  have: number;
  need: number | null;
}

const fillingOf = (by: Filling[]): Filling => by.find(({ office }) => office !== null) ?? by[0]!;

interface Fills {
  party: string;
  /** By what the person may fill each place. */
  by: Filling[][];
}

/**
 * Gives each slot a person of its own, as far as there are any (Kuhn's algorithm); a slot is one
 * person of a place, named by the place.
 */
function matching(slots: number[], people: Fills[]): Map<number, Fills> {
  const inSlot = new Map<number, Fills>();
  const place = (one: Fills, tried: Set<number>): boolean =>
    slots.some((at, slot) => {
      if (tried.has(slot) || !one.by[at]!.length) return false;
      tried.add(slot);
      const before = inSlot.get(slot);
      if (before && !place(before, tried)) return false;
      inSlot.set(slot, one);
      return true;
    });
  for (const one of people) place(one, new Set());
  return inSlot;
}

/** One rule, by those who have said yes. */
function meet(places: PlacePart[], people: Fills[], offices: Offices): Outcome {
  const filled = places.map((place): Filled => ({ ...place, fillers: [] }));
  const asked = new Set<string>();
  let isComplete = true;
  // Everybody who holds an office is asked for that one.
  filled.forEach((place, at) => {
    if (place.count !== 'all') return;
    const holders = offices.holders(place.subjects);
    for (const { party, by } of people) {
      const mine = by[at]!.filter(({ holder }) => holders.includes(holder));
      if (!mine.length) continue;
      place.fillers.push({ party, by: fillingOf(mine) });
      asked.add(party);
    }
    const said = place.fillers.map(({ by }) => by.holder);
    isComplete &&= holders.length > 0 && holders.every((one) => said.includes(one));
  });
  const ofAll = filled.flatMap(({ count }, at) => (count === 'all' ? [at] : []));
  const slots = filled.flatMap(({ count }, at) =>
    count === 'all' ? [] : Array.from({ length: count }, () => at),
  );
  const first = matching(
    ofAll,
    people.filter(({ party }) => asked.has(party)),
  );
  const inSlot = matching(
    slots,
    people.filter(({ party }) => !asked.has(party)),
  );
  for (const [slot, { party, by }] of inSlot) {
    const at = slots[slot]!;
    filled[at]!.fillers.push({ party, by: fillingOf(by[at]!) });
  }
  return {
    places: filled,
    isComplete: isComplete && first.size === ofAll.length && inSlot.size === slots.length,
    have: asked.size + inSlot.size,
    need: ofAll.length ? null : slots.length,
  };
}

/** No rule that several could meet: the policy has changed meanwhile. */
const NONE: Outcome = { places: [], isComplete: false, have: 0, need: null };

const placesOf = (part: RuleParts) =>
  part.map((places) => places.map(({ by: _by, ...place }) => place));

/** The best of the rules of one right; undefined where somebody was enough alone. */
function bestOf(right: number, takers: Taker[], offices: Offices): Outcome | undefined {
  const all = takers.map(({ party, parts }) => ({ party, part: parts[right] }));
  if (all.some(({ part }) => part === undefined)) return undefined;
  // A rule may change between two questions: whoever answered to another one fills none of its
  // places, and is asked again.
  const asked = placesOf(all.at(-1)!.part!);
  const each = all.filter(({ part }) => isDeepStrictEqual(placesOf(part!), asked));
  const missing = ({ isComplete, have, need }: Outcome) =>
    isComplete ? 0 : need === null ? Infinity : need - have;
  return (
    each[0]!
      .part!.map((places, rule) =>
        meet(
          places,
          each.map(({ party, part }) => ({
            party,
            by: places.map((_, at) => part![rule]?.[at]?.by ?? []),
          })),
          offices,
        ),
      )
      .sort((one, other) => missing(one) - missing(other))[0] ?? NONE
  );
}

/** Whether the person fills the only place of a rule, in each right. */
export const isEnoughAlone = (parts: Taker['parts']): boolean =>
  parts.every(
    (rules) =>
      rules === undefined ||
      rules.some(
        ([place, ...others]) => place?.count === 1 && place.by.length > 0 && !others.length,
      ),
  );

/** How far those who have said yes have come, over all rights. */
export function progressOf(takers: Taker[], offices: Offices): Progress {
  const outcomes = takers[0]!.parts.flatMap((_, right) => bestOf(right, takers, offices) ?? []);
  const open = outcomes.filter(({ isComplete }) => !isComplete);
  const furthest = [...(open.length ? open : outcomes)].sort(
    (one, other) => (other.need ?? Infinity) - (one.need ?? Infinity),
  )[0];
  return {
    isComplete: !open.length,
    have: furthest?.have ?? 1,
    need: furthest ? furthest.need : 1,
    rests: restOf(outcomes, offices),
  };
}

const distinctBy = <Value>(all: Value[], key: (value: Value) => string): Value[] => [
  ...new Map(all.map((one) => [key(one), one])).values(),
];

function restOf(outcomes: Outcome[], offices: Offices): RestsTogether {
  const fillers = outcomes.flatMap(({ places }) => places.flatMap((place) => place.fillers));
  return {
    needs: distinctBy(
      outcomes.flatMap(({ places }) => needsOf(places, offices)),
      (need) => JSON.stringify(need),
    ),
    holders: distinctBy(
      fillers.flatMap(({ by }) =>
        isOwnOffice(by) ? [{ role: by.office!, party: by.holder }] : [],
      ),
      ({ role, party }) => `${role} ${party}`,
    ),
    mandates: [...new Set(fillers.flatMap(({ by }) => (by.office ? [] : (by.mandate ?? []))))],
    attorneys: [...new Set(fillers.flatMap(({ party, by }) => (by.office ? [] : [party])))],
  };
}

/** A parent's responsibility is the parent's own: no other takes it over. */
const isOwnOffice = ({ office }: Filling) => office === RESPONSIBILITY;
const isOffice = (by: Filling) => by.office !== null && !isOwnOffice(by);

/**
 * The places can be filled by those who hold the roles then if each set of them has as many holders
 * as it asks for (Hall's theorem): as many as filled it, and of all who held an office one.
 */
function needsOf(places: Filled[], offices: Offices): RestsTogether['needs'] {
  const ofOffices = places.flatMap(({ subjects, count, fillers }) => {
    const holders = fillers.flatMap(({ by }) => (isOffice(by) ? [by.holder] : []));
    if (!holders.length) return [];
    return [{ subjects, holders, count: count === 'all' ? 1 : holders.length }];
  });
  return Array.from({ length: 2 ** ofOffices.length - 1 }, (_, at) => {
    const some = ofOffices.filter((_one, index) => ((at + 1) >> index) % 2 === 1);
    const sum = some.reduce((all, { count }) => all + count, 0);
    return {
      roles: [...new Set(some.flatMap(({ subjects }) => offices.roles(subjects)))].sort(),
      // A firm that holds two of the offices is one holder.
      count: Math.min(sum, new Set(some.flatMap(({ holders }) => holders)).size),
    };
  });
}
