// What authoritative registers tell, whichever they are: facts about parties, roles, qualifications
// and employments, in the order of the register. Pure: shapes, checks and mapping tables.
import { isOrganizationNumber, isPersonNumber } from '../party/model.ts';
import { asText } from '../platform/as_text.ts';

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
  };
}
export interface Holder {
  role: string;
  to: string;
  name?: string;
  validFrom?: string | null;
  validTo?: string | null;
  /** What the register says of it beside, told in words; it opens nothing. */
  told?: { scope?: string; type?: GuardianshipType };
}
/**
 * Every role of this source that is held for a party: those that are not named are lost; with
 * `only`, of those that such hold.
 */
export interface RolesFact {
  kind: 'roles';
  from: string;
  holders: Holder[];
  only?: 'organization';
}
/** One role, begun or ended, of a source that tells them one at a time. */
export interface RoleFact {
  kind: 'role';
  op: 'upsert' | 'end';
  from: string;
  holder: Holder;
}
export interface QualificationFact {
  kind: 'qualification';
  party: string;
  qualification: string;
  validFrom?: string | null;
  endedAt: string | null;
}
export interface EmploymentFact {
  kind: 'employment';
  employer: string;
  employee: string;
  endedOn: string | null;
}
/**
 * What a court has decided of a person's capacity to decide in a matter: a guardian's task, or
 * every matter.
 */
export interface CapacityFact {
  kind: 'capacity';
  op: 'upsert' | 'end';
  person: string;
  role: string | null;
  validFrom?: string | null;
  validTo?: string | null;
}
export type Fact =
  | CapacityFact
  | PartyFact
  | RolesFact
  | RoleFact
  | QualificationFact
  | EmploymentFact;

/** Facts of a source's feed, each with the cursor that stands after it. */
export interface Batch {
  facts: { fact: Fact; cursor: string }[];
  cursor: string;
  more: boolean;
  fault?: string;
}

/** What is put right of what differs: nothing, what the register no longer says, or all. */
export const REPAIRS = ['none', 'end', 'all'] as const;
export type Repair = (typeof REPAIRS)[number];

/** Qualifications that a source tells of. */
export const QUALIFICATIONS: Record<string, string[]> = {
  advokatregisteret: ['advokat'],
  finanstilsynet: ['regnskapsforer', 'revisor'],
};

/** A register, behind one small interface. */
export interface Source extends Register {
  repair: Repair;
  /** The share of the facts held of it that one reconciliation may end. */
  atMost: number;
}
export interface Register {
  code: string;
  /** Where the feed ends now: a fresh installation begins there, with what the import brought. */
  latest(): Promise<string>;
  /**
   * Facts after the cursor; `fault` says what the feed stopped at, after the facts that are given.
   */
  feed(cursor: string): Promise<Batch>;
  /** Everything the register says about a party now; throws when it is not everything. */
  lookup(number: string, kind: string): Promise<Fact[]>;
  /**
   * Numbers of everybody of whom it has told anything; absent where that is everybody there is.
   */
  told?(): Promise<string[]>;
  health(): Promise<boolean>;
}

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Whether it is a date, or a date with a time, that there is. */
export function isTime(text: string): boolean {
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
const isName = (name: unknown) =>
  typeof name === 'string' &&
  name.length <= LONGEST_NAME &&
  !name.includes('\0') &&
  name.isWellFormed();

/**
 * Whether a holder of a role is somebody who could have it. One who is not opens nothing, and keeps
 * nobody else's role from ending.
 */
export const isHolder = (from: string, { to }: Holder) =>
  to !== from && (isPersonNumber(to) || isOrganizationNumber(to));

/** Why a fact cannot be, or undefined. A feed stops at the first. */
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
      return (
        any(fact.from) ??
        fact.holders.map((holder) => order(holder.validFrom, holder.validTo)).find(Boolean)
      );
    case 'role':
      return any(fact.from) ?? holderFault(fact.from, fact.holder);
    case 'capacity':
      return person(fact.person) ?? order(fact.validFrom, fact.validTo);
    case 'qualification':
      return any(fact.party) ?? order(fact.validFrom, fact.endedAt);
    case 'employment':
      return any(fact.employer) ?? person(fact.employee) ?? time(fact.endedOn);
  }
  function holderFault(from: string, holder: Holder): string | undefined {
    if (holder.to === from) return 'somebody has a role for itself';
    return any(holder.to) ?? order(holder.validFrom, holder.validTo);
  }
}

// ---- our own feed format, for registers without a public one (server/register/feed.schema.json)

/**
 * One line of our feed format. `code` is the source's own word; a mapping table says what it is
 * with us.
 */
export interface FeedLine {
  seq: number;
  op: 'upsert' | 'end';
  from: string;
  to?: string;
  code: string;
  validFrom?: string | null;
  validTo?: string | null;
  /** Of a guardian: how far it reaches, and what kind it is. */
  omfang?: string;
  type?: GuardianshipType;
  /** Of `rettslig-handleevne`: the task, as body/task, that it is about; absent for all. */
  matter?: string;
}

export type Mapping = (line: FeedLine) => Fact | string;

const TASK = /^[a-z]+\/[a-z-]+$/;
const roleOf = (task: string) => `verge:${task.replace('/', '-')}`;
const CAPACITY = 'rettslig-handleevne';

function capacityOf({ op, from, matter, validFrom, validTo }: FeedLine): Fact | string {
  if (matter !== undefined && !TASK.test(asText(matter)))
    return `the matter ${asText(matter).slice(0, 50)} is not a task of a receiving body`;
  const role = matter === undefined ? null : roleOf(matter);
  const times = { validFrom: validFrom ?? null, validTo: validTo ?? null };
  return { kind: 'capacity', op, person: from, role, ...times };
}

/**
 * Guardianship: a task at a receiving body, as `body/task`, is the role of the same name (as in
 * Altinn 3). A ward keeps the capacity to decide but where a line `rettslig-handleevne` takes it.
 */
export const GUARDIANSHIP: Mapping = (line) => {
  if (line.code === CAPACITY) return capacityOf(line);
  if (!TASK.test(line.code) || !line.to)
    return `the task ${line.code} is not one of a receiving body`;
  if (line.omfang !== undefined && !isName(line.omfang)) return 'the omfang cannot be kept';
  if (line.type !== undefined && !GUARDIANSHIP_TYPES.includes(line.type))
    return `the type ${asText(line.type).slice(0, 50)} is not known`;
  return {
    kind: 'role',
    op: line.op,
    from: line.from,
    holder: {
      role: roleOf(line.code),
      to: line.to,
      validFrom: line.validFrom ?? null,
      validTo: line.validTo ?? null,
      told: {
        ...(line.omfang ? { scope: line.omfang } : {}),
        ...(line.type ? { type: line.type } : {}),
      },
    },
  };
};

/** Lawyers: who is on the register, and until when. */
export const LAWYERS: Mapping = (line) =>
  line.code === 'advokat'
    ? {
        kind: 'qualification',
        party: line.from,
        qualification: 'advokat',
        validFrom: line.validFrom ?? null,
        endedAt: line.op === 'end' ? (line.validTo ?? new Date(0).toISOString()) : null,
      }
    : `the status ${line.code} is not known`;

/** Employments, for those who have left and still hold rights. */
export const EMPLOYMENTS: Mapping = (line) =>
  line.code === 'arbeidsforhold' && line.to
    ? {
        kind: 'employment',
        employer: line.from,
        employee: line.to,
        endedOn: line.op === 'end' ? (line.validTo ?? '').slice(0, 10) || null : null,
      }
    : `the relation ${line.code} is not known`;

/** Accountants and auditors that are authorised: persons, and the firms. */
export const LICENCES: Mapping = (line) =>
  QUALIFICATIONS.finanstilsynet!.includes(line.code)
    ? {
        kind: 'qualification',
        party: line.from,
        qualification: line.code,
        validFrom: line.validFrom ?? null,
        endedAt: line.op === 'end' ? (line.validTo ?? new Date(0).toISOString()) : null,
      }
    : `the licence ${line.code.slice(0, 50)} is not known`;

export const MAPPINGS: Record<string, Mapping> = {
  vergemal: GUARDIANSHIP,
  advokatregisteret: LAWYERS,
  finanstilsynet: LICENCES,
  'aa-registeret': EMPLOYMENTS,
};
