// Subjects and places as they are written, read against the catalogue. It decides nothing.
import { isGenericGuardian, NAME_THE_TASK, type Catalogue } from '../catalogue/model.ts';
import {
  parseSubject,
  sourceOf,
  writtenFault,
  writtenSubject,
  type RulePlace,
  type SubjectMatch,
} from '../policy/model.ts';
import { placesFaults, unknownRole } from '../policy/sense_model.ts';

/** A subject as text (policy/model.ts parseSubject), or as a policy is answered. */
export type WrittenSubject = string | SubjectMatch;

export interface WrittenPlace {
  subjects: WrittenSubject[];
  count: number | 'all';
}

/** The catalogue against which subjects are read, and where their faults go. */
export interface SubjectReading {
  catalogue: Catalogue;
  ownerNo: string;
  faults: string[];
}

/** A subject as it is written, read; `where` is for a fault. */
export function readSubject(
  one: WrittenSubject,
  where: string,
  reading: SubjectReading,
): SubjectMatch {
  if (typeof one === 'string') return knownSubject(parseSubject(one), reading);
  const why = writtenFault(one);
  if (why) reading.faults.push(`${where}: ${why}`);
  return knownSubject(writtenSubject(one), reading);
}

export const readWrittenPlaces = (
  places: WrittenPlace[],
  where: string,
  reading: SubjectReading,
): RulePlace[] =>
  places.map(({ subjects, count }) => ({
    subjects: subjects.map((one) => readSubject(one, where, reading)),
    count,
  }));

/** The places that several fill to give a power of attorney: offices of the giver alone. */
export function givenTogether(
  places: WrittenPlace[] | undefined,
  reading: SubjectReading,
): RulePlace[] | undefined {
  if (!places) return undefined;
  const read = readWrittenPlaces(places, 'together', reading);
  reading.faults.push(...placesFaults(read, reading.catalogue).map((why) => `together ${why}`));
  return read;
}

/** A subject with its role or package found in the catalogue, a list with its owner. */
export function knownSubject(
  match: SubjectMatch,
  { catalogue, ownerNo, faults }: SubjectReading,
): SubjectMatch {
  if (match.kind === 'access_list') {
    const value = match.value.includes(':') ? match.value : `${ownerNo}:${match.value}`;
    if (!/^\d{9}:[\w-]+$/.test(value))
      faults.push(`the access list ${match.value} is not <id> or <organization number>:<id>`);
    return { kind: 'access_list', value };
  }
  if (match.kind === 'role') {
    const code = catalogue.roleCode(match.value);
    if (isGenericGuardian(match.value)) faults.push(NAME_THE_TASK);
    else if (!code) faults.push(unknownRole(match.value, catalogue));
    return code === 'privatperson'
      ? { kind: 'self', value: '' }
      : { kind: 'role', value: code ?? match.value };
  }
  if (match.kind === 'register' && !catalogue.sources.has(sourceOf(match.value)))
    faults.push(`the source ${sourceOf(match.value)} is not known`);
  if (match.kind === 'package') {
    const known = catalogue.packages.get(match.value);
    if (!known) faults.push(`the access package ${match.value} is not known`);
    else if (!known.inPolicies)
      faults.push(`the access package ${match.value} is not for policies`);
  }
  return match;
}
