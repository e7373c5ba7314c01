// The facts that we hold of a source against those that it sends: what it no longer says, what we
// do not have, and what ends at another time. Pure.
import { isDeepStrictEqual } from 'node:util';
import { signingRules, type SigningRules } from '../../party/signing_model.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { Fact } from '../model.ts';

/** A role that a source has begun and not ended. */
export interface HeldRole {
  id: string;
  role: string;
  to: string;
  toKind: string;
  validTo: Date | null;
}

/** Everything that a register says of a party, or why it was not read. */
export type Said = { facts: Fact[] } | { unread: string };

/** The difference of a party whose document could not be read: there is nothing to put right. */
export const UNREAD = 'document';

/** A difference, by the party's UUID. */
export interface Drift {
  party: string;
  what: string;
  ours: unknown;
  theirs: unknown;
  /** The correction that was made. */
  done?: 'ended' | 'begun' | null;
}

/** A party as we have it. */
export interface PartyToCheck {
  id: string;
  kind: string;
  number: string;
  name: string;
  unitType: string | null;
  endedAt: Date | null;
  /** Since when it is bankrupt. */
  estateAt?: Date | null;
  signing?: SigningRules | null;
}

/** One thing that holds, by what distinguishes it, and when it ends; null for no end. */
export interface HeldFact {
  key: string | null;
  until: Date | null;
}

/** Facts of one source about one party that hold now. */
export interface HeldFacts {
  roles: HeldRole[];
  qualifications: HeldFact[];
  /** Employees, by UUID, with their last day. */
  employments: HeldFact[];
  /** Matters in which capacity is taken; null for every matter. */
  capacity: HeldFact[];
}

/** An end that is another with the register than with us. */
export interface OtherEnd extends HeldFact {
  fact: 'roles' | 'qualifications' | 'employments' | 'capacity';
}

export interface SourceFacts {
  facts: Fact[];
  /** UUIDs of the parties that the facts name, by number. */
  ids: Map<string, string>;
}

interface Question {
  source: string;
  party: PartyToCheck;
  held: HeldFacts;
  told: SourceFacts;
  now: Date;
}

interface Difference {
  party: string;
  what: string;
  ours: unknown;
  theirs: unknown;
}

/**
 * The differences, with how many facts are held, and how many of them the register no longer says.
 */
export function comparison(question: Question, catalogue: Catalogue) {
  const { party, held, told } = question;
  const drift: Difference[] = [];
  let [count, extra] = [0, 0];
  const differs = (what: string, ours: unknown, theirs: unknown) =>
    drift.push({ party: party.id, what, ours, theirs });
  for (const fact of told.facts) {
    if (fact.kind !== 'party') continue;
    const { name, endedAt, unitType } = fact.party;
    count += 1;
    if (name !== '?' && name !== party.name) differs('name', party.name, name);
    if (!!endedAt !== (party.endedAt !== null)) {
      differs('ended', party.endedAt, endedAt ?? null);
      if (endedAt) extra += 1;
    }
    const { estate } = fact.party;
    if (estate !== undefined && (estate !== null) !== ((party.estateAt ?? null) !== null)) {
      differs('estate', party.estateAt ?? null, estate);
      if (estate) extra += 1;
    }
    if (unitType && party.unitType && unitType !== party.unitType)
      differs('form', party.unitType, unitType);
  }
  for (const fact of told.facts) {
    if (fact.kind !== 'signing') continue;
    const ours = party.signing ?? null;
    const theirs = signingRules(
      fact.alternatives,
      (number) => told.ids.get(number),
      (role) => catalogue.roles.has(role),
    );
    if (ours) count += 1;
    if (isDeepStrictEqual(ours, theirs)) continue;
    differs('signing', ours, theirs);
    if (ours) extra += 1;
  }
  const lists: [what: OtherEnd['fact'], ours: HeldFact[], theirs: HeldFact[] | undefined][] = [
    ['roles', rolesHeld(question), rolesTold(question, catalogue)],
    ['qualifications', held.qualifications, toldOf(question, 'qualification')],
    ['employments', held.employments, toldOf(question, 'employment')],
    ['capacity', held.capacity, toldOf(question, 'capacity')],
  ];
  const ends: { ours: OtherEnd[]; theirs: OtherEnd[] } = { ours: [], theirs: [] };
  for (const [fact, ours, lines] of lists) {
    const theirs = lines && merged(lines);
    count += ours.length;
    // A register that did not answer about this is not one that says nothing.
    if (!theirs) continue;
    const [lost, missing] = [without(ours, theirs), without(theirs, ours)];
    extra += lost.length;
    if (lost.length || missing.length) differs(fact, lost, missing);
    for (const one of ours) {
      const told = theirs.find(({ key }) => key === one.key);
      if (!told || told.until?.getTime() === one.until?.getTime()) continue;
      ends.ours.push({ fact, ...one });
      ends.theirs.push({ fact, ...told });
      if (isSooner(told, one)) extra += 1;
    }
  }
  if (ends.ours.length) differs('ends', ends.ours, ends.theirs);
  return { drift, count, extra };
}

/** Lines about the same are one: it holds until the last of them ends. */
function merged(lines: HeldFact[]): HeldFact[] {
  const all = new Map<string | null, HeldFact>();
  for (const line of lines) {
    const known = all.get(line.key);
    if (!known || isSooner(known, line)) all.set(line.key, line);
  }
  return [...all.values()];
}

/** The order in which facts are begun: the last to end has the last word. */
export const byEnd = (one: Fact, other: Fact): number => {
  const [a, b] = [endOf(one), endOf(other)];
  return a === b ? 0 : a - b;
};

function endOf(fact: Fact): number {
  const end =
    fact.kind === 'role'
      ? fact.holder.validTo
      : fact.kind === 'capacity'
        ? fact.validTo
        : fact.kind === 'qualification'
          ? fact.endedAt
          : fact.kind === 'employment'
            ? fact.endedOn
            : null;
  return end ? Date.parse(end) : Infinity;
}

const without = (these: HeldFact[], those: HeldFact[]) =>
  these.map(({ key }) => key).filter((key) => !those.some((other) => other.key === key));

/** Whether what the register says ends before what we hold. */
export const isSooner = (theirs: HeldFact, ours: HeldFact): boolean =>
  theirs.until !== null && (ours.until === null || theirs.until < ours.until);

/** Sources that say all roles of a party in one fact; without it they did not answer. */
const WHOLE = ['enhetsregisteret', 'folkeregisteret'];

const isOver = (time: string | null | undefined, now: Date) =>
  typeof time === 'string' && new Date(time) <= now;

const partialOf = ({ told }: Question) =>
  told.facts.some((fact) => fact.kind === 'roles' && fact.only !== undefined);

const until = (time: string | null | undefined) => (time ? new Date(time) : null);

function rolesHeld(question: Question): HeldFact[] {
  const isPartial = partialOf(question);
  return question.held.roles
    .filter(
      ({ validTo, toKind }) =>
        (validTo === null || validTo > question.now) && !(isPartial && toKind === 'person'),
    )
    .map(({ role, to, validTo }) => ({ key: `${role} ${to}`, until: validTo }));
}

function rolesTold({ source, told, now }: Question, catalogue: Catalogue): HeldFact[] | undefined {
  const all = told.facts.filter((fact) => fact.kind === 'roles');
  if (WHOLE.includes(source) && !all.length) return undefined;
  const single = told.facts.flatMap((fact) =>
    fact.kind === 'role' && fact.op === 'upsert' ? [fact.holder] : [],
  );
  return [...all.flatMap(({ holders }) => holders), ...single]
    .filter(
      ({ role, validTo }) => catalogue.roles.get(role)?.source === source && !isOver(validTo, now),
    )
    .map(({ role, to, validTo }) => ({
      key: `${role} ${told.ids.get(to) ?? '?'}`,
      until: until(validTo),
    }));
}

/** For a source that says line by line what holds, no line means no fact. */
function toldOf(
  { source, told, now }: Question,
  kind: 'qualification' | 'employment' | 'capacity',
): HeldFact[] | undefined {
  if (WHOLE.includes(source)) return undefined;
  return told.facts
    .filter((fact) => fact.kind === kind)
    .flatMap((fact) => holdingOf(fact, told, now));
}

const OVER = new Date(0).toISOString();

/** The state that a fact says holds; nothing for one that is over. */
function holdingOf(fact: Fact, { ids }: SourceFacts, now: Date): HeldFact[] {
  const holding = (key: string | null, end: string | null | undefined) =>
    isOver(end, now) ? [] : [{ key, until: until(end) }];
  // An end that says no time is over.
  const over = 'op' in fact && fact.op === 'end' ? OVER : null;
  if (fact.kind === 'qualification') return holding(fact.qualification, fact.endedAt ?? over);
  if (fact.kind === 'employment')
    return holding(ids.get(fact.employee) ?? '?', fact.endedOn ?? over);
  if (fact.kind === 'capacity' && fact.op === 'upsert') return holding(fact.role, fact.validTo);
  return [];
}

/**
 * The value by which a fact alone is distinguished in a difference; undefined for one that says
 * many things.
 */
export function keysOf(fact: Fact, { ids }: SourceFacts): (string | null)[] | undefined {
  switch (fact.kind) {
    case 'role':
      return [`${fact.holder.role} ${ids.get(fact.holder.to) ?? '?'}`];
    case 'qualification':
      return [fact.qualification];
    case 'employment':
      return [ids.get(fact.employee) ?? '?'];
    case 'capacity':
      return [fact.role];
    default:
      return undefined;
  }
}
