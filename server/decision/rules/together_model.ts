// Several who answer together: whether those who have said yes meet a rule between them, how many
// are missing, and what their answers rest on from then on. Each person fills one place. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Filling, RuleParts, PlacePart } from './part_model.ts';
import { RESPONSIBILITY, type Catalogue } from '../../resource/catalogue/model.ts';
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

/**
 * The basis of several answers, as it is stored; SQL reads its keys (consent/basis/unmet_store.ts).
 */
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

/** A seat in a place: of a person, or of the firm through which persons have it. */
interface Seat {
  at: number;
  by: Filling;
  who: Fills;
}

/**
 * Seats as many people as there are places for, each in one (augmenting paths). A place has so many
 * seats, and each holder of its office one: two persons of a firm do not make two members.
 */
function matching(counts: number[], people: Fills[]): Seat[] {
  const seats = new Map<string, Seat>();
  const seated = (at: number) => [...seats].filter(([, seat]) => seat.at === at);
  const place = (one: Fills, tried: Set<string>): boolean =>
    one.by.some((ways, at) =>
      ways.some((by) => {
        const key = `${at} ${by.holder}`;
        if (tried.has(key) || !counts[at]) return false;
        tried.add(key);
        const before = seats.get(key);
        const taken = seated(at);
        // One of these must make way: whoever sits there, or anybody where the place is full.
        const sitting = taken.length < counts[at] ? [] : taken;
        const movers: [string, Seat][] = before ? [[key, before]] : sitting;
        for (const [seat] of movers) tried.add(seat);
        const moved = movers.find(([, { who }]) => place(who, tried));
        if (movers.length && !moved) return false;
        if (moved) seats.delete(moved[0]);
        seats.set(key, { at, by, who: one });
        return true;
      }),
    );
  for (const one of people) place(one, new Set());
  return [...seats.values()];
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
  const ofAll = filled.map(({ count }) => (count === 'all' ? 1 : 0));
  const slots = filled.map(({ count }) => (count === 'all' ? 0 : count));
  const sum = (counts: number[]) => counts.reduce((all, count) => all + count, 0);
  const first = matching(
    ofAll,
    people.filter(({ party }) => asked.has(party)),
  );
  const seats = matching(
    slots,
    people.filter(({ party }) => !asked.has(party)),
  );
  for (const { at, by, who } of seats) {
    // An office of the same holder goes before what was given.
    const own = who.by[at]!.filter(({ holder }) => holder === by.holder);
    filled[at]!.fillers.push({ party: who.party, by: fillingOf(own) });
  }
  return {
    places: filled,
    isComplete: isComplete && first.length === sum(ofAll) && seats.length === sum(slots),
    have: asked.size + seats.length,
    need: sum(ofAll) ? null : sum(slots),
  };
}

/** No rule that several could meet: the policy has changed meanwhile. */
const NONE: Outcome = { places: [], isComplete: false, have: 0, need: null };

const placesOf = (part: RuleParts) =>
  part.map((places) => places.map(({ by: _by, ...place }) => place));

/** Roles by which somebody is one of these subjects, of a party of this form. */
export const rolesOf = (
  subjects: SubjectMatch[],
  catalogue: Catalogue,
  unitType: string | null,
): string[] =>
  [...catalogue.roles.values()]
    .filter(({ code, keyRole }) =>
      subjects.some(
        ({ kind, value }) =>
          (kind === 'role' && value === code) ||
          (kind === 'key_role' && keyRole) ||
          (kind === 'package' && catalogue.accessOf(code, unitType).includes(value)),
      ),
    )
    .map(({ code }) => code);

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
