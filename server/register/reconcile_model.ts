// The facts that we hold of a source against those that it tells: what it no longer says, and what
// we do not have. Pure.
import type { Catalogue } from '../resource/catalogue_model.ts';
import type { Fact } from './model.ts';

/** A role that a source has told of and not ended. */
export interface HeldRole {
  id: string;
  role: string;
  to: string;
  toKind: string;
  validTo: Date | null;
}

/** A party as we have it. */
export interface PartyToCheck {
  id: string;
  kind: string;
  number: string;
  name: string;
  unitType: string | null;
  endedAt: Date | null;
}

/** Facts of one source about one party that hold now. */
export interface Held {
  roles: HeldRole[];
  qualifications: string[];
  /** Employees, by UUID. */
  employments: string[];
  /** Matters in which capacity is taken; null for every matter. */
  capacity: (string | null)[];
}

export interface Told {
  facts: Fact[];
  /** UUIDs of the parties that the facts name, by number. */
  ids: Map<string, string>;
}

interface Question {
  source: string;
  party: PartyToCheck;
  held: Held;
  told: Told;
  now: Date;
}

interface Difference {
  party: string;
  what: string;
  ours: unknown;
  theirs: unknown;
}

/** What differs, with how many facts are held, and how many of them are no longer told. */
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
    if (unitType && party.unitType && unitType !== party.unitType)
      differs('form', party.unitType, unitType);
  }
  const lists: [what: string, ours: unknown[], theirs: unknown[] | undefined][] = [
    ['roles', rolesHeld(question), rolesTold(question, catalogue)],
    ['qualifications', held.qualifications, toldOf(question, 'qualification')],
    ['employments', held.employments, toldOf(question, 'employment')],
    ['capacity', held.capacity, toldOf(question, 'capacity')],
  ];
  for (const [what, ours, theirs] of lists) {
    count += ours.length;
    // A register that did not answer about this is not one that says nothing.
    if (!theirs) continue;
    const [lost, missing] = [
      ours.filter((one) => !theirs.includes(one)),
      theirs.filter((one) => !ours.includes(one)),
    ];
    extra += lost.length;
    if (lost.length || missing.length) differs(what, lost, missing);
  }
  return { drift, count, extra };
}

/** Sources that tell all roles of a party in one fact; without it they did not answer. */
const WHOLE = ['enhetsregisteret', 'folkeregisteret'];

const isOver = (time: string | null | undefined, now: Date) =>
  typeof time === 'string' && new Date(time) <= now;

const partialOf = ({ told }: Question) =>
  told.facts.some((fact) => fact.kind === 'roles' && fact.only !== undefined);

function rolesHeld(question: Question): string[] {
  const isPartial = partialOf(question);
  return question.held.roles
    .filter(
      ({ validTo, toKind }) =>
        (validTo === null || validTo > question.now) && !(isPartial && toKind === 'person'),
    )
    .map(({ role, to }) => `${role} ${to}`);
}

function rolesTold({ source, told, now }: Question, catalogue: Catalogue): string[] | undefined {
  const all = told.facts.filter((fact) => fact.kind === 'roles');
  if (WHOLE.includes(source) && !all.length) return undefined;
  const single = told.facts.flatMap((fact) =>
    fact.kind === 'role' && fact.op === 'upsert' ? [fact.holder] : [],
  );
  return [...all.flatMap(({ holders }) => holders), ...single]
    .filter(
      ({ role, validTo }) => catalogue.roles.get(role)?.source === source && !isOver(validTo, now),
    )
    .map(({ role, to }) => `${role} ${told.ids.get(to) ?? '?'}`)
    .filter((key, index, every) => every.indexOf(key) === index);
}

/** Of a source that tells line by line what holds, no line is no fact. */
function toldOf(
  { source, told, now }: Question,
  kind: 'qualification' | 'employment' | 'capacity',
): (string | null)[] | undefined {
  if (WHOLE.includes(source)) return undefined;
  return told.facts.filter((fact) => fact.kind === kind).flatMap((fact) => keyOf(fact, told, now));
}

/** What a fact that holds is told apart by; nothing of one that is over. */
function keyOf(fact: Fact, { ids }: Told, now: Date): (string | null)[] {
  if (fact.kind === 'qualification') return isOver(fact.endedAt, now) ? [] : [fact.qualification];
  if (fact.kind === 'employment')
    return isOver(fact.endedOn, now) ? [] : [ids.get(fact.employee) ?? '?'];
  if (fact.kind === 'capacity')
    return fact.op === 'upsert' && !isOver(fact.validTo, now) ? [fact.role] : [];
  return [];
}

/** What a fact alone is told apart by in a difference; undefined of one that tells many things. */
export function keysOf(fact: Fact, { ids }: Told): (string | null)[] | undefined {
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
