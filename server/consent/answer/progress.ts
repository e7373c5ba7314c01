// How far those have come who have said yes, by the offices of the giver as they are held now.
import type { Deciding } from '../../decision/act.ts';
import { findHolders } from '../../mandate/office_store.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';
import type { OwnPart, Permitted } from '../basis/standing.ts';
import { progressOf, type Offices, type Progress, type Taker } from '../basis/together_model.ts';
import type { Consent } from '../model.ts';

/** A person with the answer that permits, of those who say yes now. */
export interface SaidYes {
  party: string;
  answer: Permitted;
}

const taker = ({ party, answer }: SaidYes, rights: number): Taker => ({
  party,
  parts: answer.part?.parts ?? Array.from({ length: rights }, () => undefined),
});

export async function progressIn(
  act: Deciding,
  given: Consent,
  said: SaidYes[],
): Promise<Progress> {
  const part = said.find(({ answer }) => answer.part)?.answer.part;
  // Somebody who is enough alone.
  const rights = part?.parts.length ?? 1;
  return progressOf(
    said.map((one) => taker(one, rights)),
    part ? await officesOf(act, given.from.id, part) : NO_OFFICES,
  );
}

const NO_OFFICES: Offices = { holders: () => [], roles: () => [] };

async function officesOf(act: Deciding, party: string, part: OwnPart): Promise<Offices> {
  const { catalogue, unitType, parts } = part;
  const roles = (subjects: SubjectMatch[]): string[] =>
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
  const ofAll = parts.flatMap((one) => one?.flat() ?? []).filter(({ count }) => count === 'all');
  const wanted = [...new Set(ofAll.flatMap(({ subjects }) => roles(subjects)))];
  const held = wanted.length ? await findHolders(act, party, wanted) : [];
  const holders = (subjects: SubjectMatch[]) => {
    const which = roles(subjects);
    return [...new Set(held.flatMap((row) => (which.includes(row.role) ? [row.holder] : [])))];
  };
  return { holders, roles };
}
