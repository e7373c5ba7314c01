// Our own feed format, for registers without a public one (feed.schema.json): a table of the source
// maps its lines to facts. Pure.
import { isOrganizationNumber, isPersonNumber } from '../../party/model.ts';
import { asText, textOf } from '../../platform/as_text.ts';
import {
  GUARDIANSHIP_TYPES,
  isName,
  QUALIFICATIONS,
  type Fact,
  type GuardianshipType,
  type FeedPlace,
} from '../model.ts';

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
  /** A guardian's extent and kind. */
  omfang?: string;
  type?: GuardianshipType;
  /** For `rettslig-handleevne`: the task, as body/task, that it is about; absent for all. */
  matter?: string;
}

export type Mapping = (line: FeedLine) => Fact | string;

/** The catalogue says which tasks there are. */
const TASK = /^[\w-]{1,40}\/[\w-]{1,60}$/;
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
const GUARDIANSHIP: Mapping = (line) => {
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
const LAWYERS: Mapping = (line) =>
  line.code === 'advokat'
    ? {
        kind: 'qualification',
        op: line.op,
        party: line.from,
        qualification: 'advokat',
        validFrom: line.validFrom ?? null,
        endedAt: line.validTo ?? null,
      }
    : `the status ${line.code} is not known`;

/** Employments, for those who have left and still hold rights. */
const EMPLOYMENTS: Mapping = (line) =>
  line.code === 'arbeidsforhold' && line.to
    ? {
        kind: 'employment',
        op: line.op,
        employer: line.from,
        employee: line.to,
        endedOn: line.validTo ? asText(line.validTo).slice(0, 10) : null,
      }
    : `the relation ${line.code} is not known`;

/** Accountants and auditors that are authorised: persons, and the firms. */
const LICENCES: Mapping = (line) =>
  QUALIFICATIONS.finanstilsynet!.includes(line.code)
    ? {
        kind: 'qualification',
        op: line.op,
        party: line.from,
        qualification: line.code,
        validFrom: line.validFrom ?? null,
        endedAt: line.validTo ?? null,
      }
    : `the licence ${line.code.slice(0, 50)} is not known`;

export const MAPPINGS: Record<string, Mapping> = {
  vergemal: GUARDIANSHIP,
  advokatregisteret: LAWYERS,
  finanstilsynet: LICENCES,
  'aa-registeret': EMPLOYMENTS,
};

const LONGEST = 200;
const word = (value: unknown) => (textOf(value) ?? JSON.stringify(value) ?? '').slice(0, LONGEST);
const isNumber = (value: unknown): value is string =>
  typeof value === 'string' && (isPersonNumber(value) || isOrganizationNumber(value));

/** A line's party, subject and end; read though the rest cannot be. */
export function placeOf(line: FeedLine, mapping: Mapping): FeedPlace {
  const { seq, op, from, to, code, matter } = line;
  const bare: FeedLine = { seq, op: 'end', from, code: word(code) };
  if (isNumber(to)) bare.to = to;
  if (matter !== undefined) bare.matter = matter;
  const ending = isNumber(from) ? mapping(bare) : '';
  return {
    number: isNumber(from) ? from : null,
    relation: JSON.stringify(
      typeof ending === 'string'
        ? [from, to, code, matter].map((one) => word(one ?? ''))
        : keyOf(ending),
    ),
    line,
    ...(typeof ending === 'string' ? {} : { ending }),
    isEnd: op === 'end',
  };
}

/** The subject of a fact, whatever else its line says. */
function keyOf(fact: Fact): unknown[] {
  switch (fact.kind) {
    case 'role':
      return [fact.kind, fact.from, fact.holder.to, fact.holder.role];
    case 'qualification':
      return [fact.kind, fact.party, fact.qualification];
    case 'employment':
      return [fact.kind, fact.employer, fact.employee];
    case 'capacity':
      return [fact.kind, fact.person, fact.role];
    default:
      return [fact.kind];
  }
}

/** The fact of a line, or why it is none. */
export function readLine(line: FeedLine, mapping: Mapping): Fact | string {
  if (line.op !== 'upsert' && line.op !== 'end')
    return `the operation ${word(line.op).slice(0, 50)} is not known`;
  if (![line.from, line.to ?? ''].every((one) => typeof one === 'string'))
    return 'a party is no number';
  return mapping({ ...line, code: word(line.code) });
}
