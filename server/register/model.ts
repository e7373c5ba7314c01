// The facts that authoritative registers send, whichever they are: about parties, roles,
// qualifications and employments, in the order of the register. Pure: shapes, checks and mapping
// tables.
import { isOrganizationNumber, isPersonNumber } from '../party/model.ts';
import type { NamedSigner } from '../party/signing_model.ts';

/** Kinds of guardianship; a confirmed fremtidsfullmakt is the same task under its own name. */
export const GUARDIANSHIP_TYPES = ['ordinary', 'temporary', 'minor', 'fremtidsfullmakt'] as const;
export type GuardianshipType = (typeof GUARDIANSHIP_TYPES)[number];

export interface PartyFact {
  kind: 'party';
  party: {
    kind: 'person' | 'organization' | 'subunit';
    number: string;
    name: string;
    unitType?: string | null;
    parent?: string | null;
    endedAt?: string | null;
    bornOn?: string | null;
    protectedAddress?: boolean;
    /** The estate in bankruptcy: since what day; null for none, absent where nothing is said. */
    estate?: { on: string | null; court: string | null } | null;
  };
}
export interface RoleHolder {
  role: string;
  to: string;
  name?: string;
  validFrom?: string | null;
  validTo?: string | null;
  /** The register's other words about it, for reading; they open nothing. */
  told?: { scope?: string; type?: GuardianshipType };
}
/**
 * Every role of this source that is held for a party: those that are not named are lost; with
 * `only`, of those that such hold.
 */
export interface RolesFact {
  kind: 'roles';
  from: string;
  holders: RoleHolder[];
  only?: 'organization';
}
/** One role, begun or ended, of a source that sends them one at a time. */
interface RoleFact {
  kind: 'role';
  op: 'upsert' | 'end';
  from: string;
  holder: RoleHolder;
}
/** An `end` without a time ends when it arrives. */
interface QualificationFact {
  kind: 'qualification';
  op: 'upsert' | 'end';
  party: string;
  qualification: string;
  validFrom?: string | null;
  endedAt: string | null;
}
interface EmploymentFact {
  kind: 'employment';
  op: 'upsert' | 'end';
  employer: string;
  employee: string;
  endedOn: string | null;
}
/**
 * A court's decision about a person's capacity to decide in a matter: a guardian's task, or every
 * matter.
 */
export interface CapacityFact {
  kind: 'capacity';
  op: 'upsert' | 'end';
  person: string;
  role: string | null;
  validFrom?: string | null;
  validTo?: string | null;
}
/**
 * The signing rules of a company; null where the register has none that can be read. No alternative
 * at all is what is not known now: nobody signs.
 */
export interface SigningFact {
  kind: 'signing';
  party: string;
  alternatives: NamedSigner[][] | null;
}
export type Fact =
  | SigningFact
  | CapacityFact
  | PartyFact
  | RolesFact
  | RoleFact
  | QualificationFact
  | EmploymentFact;

/** Where in a feed something was sent, and what of it can be read though the rest cannot. */
export interface FeedPlace {
  /** The party that the line is about; null when none can be read from it. */
  number: string | null;
  /** The subject, by which it differs from all else of the source: the last line about it holds. */
  relation: string;
  /** Further subjects about which it is the last word. */
  settles?: string[];
  /** The text from which it is read when it is tried again. */
  line: unknown;
  /** Ends what it names; absent where that cannot be read. */
  ending?: Fact;
  isEnd?: boolean;
  /** Whether it says all of a party's roles: unread, none of them holds. */
  isWhole?: boolean;
}

/** A line as it was read: its fact, or why there is none. */
export interface ReadLine {
  cursor: string;
  place: FeedPlace;
  fact?: Fact;
  why?: string;
  /** Whether the register may send it a moment later, as it stands. */
  again?: boolean;
}

/** A source's feed: its facts, each with the cursor that stands after it. */
export interface Batch {
  facts: ReadLine[];
  cursor: string;
  more: boolean;
  /** Lines without a number of their own, which no party can be read from. */
  unnumbered?: number;
  fault?: string;
}

/** How far differences are corrected: not at all, only what the register no longer says, or all. */
const REPAIRS = ['none', 'end', 'all'] as const;
export type Repair = (typeof REPAIRS)[number];

/** Qualifications that a source sends. */
export const QUALIFICATIONS: Record<string, string[]> = {
  advokatregisteret: ['advokat'],
  finanstilsynet: ['regnskapsforer', 'revisor'],
};

/** A register, behind one small interface. */
export interface RegisterSource extends Register {
  repair: Repair;
  /** The share of the facts held of it that one reconciliation may end. */
  atMost: number;
  /** Look-ups a second at the most, while it is compared. */
  perSecond: number;
}
export interface Register {
  code: string;
  /** Where the feed ends now: a fresh installation begins there, with what the import brought. */
  latest(): Promise<string>;
  /**
   * Facts after the cursor; `fault` says what the feed stopped at, after the facts that are given.
   * A document that was not answered in the place of `fault` the last time is left behind.
   */
  feed(cursor: string, fault?: string | null): Promise<Batch>;
  /** Reads again what was set aside: facts, or why there is none still. */
  again(line: unknown): Promise<Fact[] | string>;
  /** Everything the register says about a party now; throws when it is not everything. */
  lookup(number: string, kind: string): Promise<Fact[]>;
  /** Numbers of everybody of whom it holds anything; undefined, or absent, where it cannot say. */
  told?(): Promise<string[] | undefined>;
  health(): Promise<boolean>;
}

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Whether it is a date, or a date with a time, that there is. */
export function isTime(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  const [, year, month, day] = TIME.exec(text) ?? [];
  if (!year) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return (
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    !Number.isNaN(Date.parse(text))
  );
}

const LONGEST_NAME = 500;
export const isName = (name: unknown): boolean =>
  typeof name === 'string' &&
  name.length <= LONGEST_NAME &&
  !name.includes('\0') &&
  name.isWellFormed();

/**
 * Whether a holder of a role is somebody who could have it. One who is not opens nothing, and keeps
 * nobody else's role from ending.
 */
export const isHolder = (from: string, { to, validFrom, validTo }: RoleHolder) =>
  to !== from &&
  (isPersonNumber(to) || isOrganizationNumber(to)) &&
  [validFrom, validTo].every((one) => !one || isTime(one)) &&
  !(validFrom && validTo && Date.parse(validTo) < Date.parse(validFrom));

/** Why a fact cannot be, or undefined. */
export function factFault(fact: Fact): string | undefined {
  const person = (number: string) =>
    isPersonNumber(number) ? undefined : 'the national identity number has wrong control digits';
  const any = (number: string) =>
    isPersonNumber(number) || isOrganizationNumber(number)
      ? undefined
      : 'a number has wrong control digits';
  const time = (...times: (string | null | undefined)[]) =>
    times.every((one) => !one || isTime(one)) ? undefined : 'a time is not one';
  const order = (from?: string | null, to?: string | null) =>
    time(from, to) ??
    (from && to && Date.parse(to) < Date.parse(from) ? 'it ends before it begins' : undefined);
  switch (fact.kind) {
    case 'party': {
      const { party } = fact;
      if (!party.name || !isName(party.name)) return 'the party has no name that can be kept';
      if (party.kind === 'subunit' && !party.parent) return 'the sub-unit has no main unit';
      return (
        time(party.bornOn, party.endedAt) ??
        (party.kind === 'person' ? person(party.number) : any(party.number))
      );
    }
    case 'roles':
      return any(fact.from);
    case 'signing':
      return any(fact.party);
    case 'role':
      return any(fact.from) ?? holderFault(fact.from, fact.holder);
    case 'capacity':
      return person(fact.person) ?? order(fact.validFrom, fact.validTo);
    case 'qualification':
      return any(fact.party) ?? order(fact.validFrom, fact.endedAt);
    case 'employment':
      return any(fact.employer) ?? person(fact.employee) ?? time(fact.endedOn);
  }
  function holderFault(from: string, holder: RoleHolder): string | undefined {
    if (holder.to === from) return 'somebody has a role for itself';
    return any(holder.to) ?? order(holder.validFrom, holder.validTo);
  }
}

/** Names of jobs: the one that reads a feed, and the one that compares. */
export const pollJob = (code: string): string => `register.poll.${code}`;
export const compareJob = (code: string): string => `register.compare.${code}`;
