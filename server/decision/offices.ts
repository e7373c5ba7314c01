// The offices of a party as the registers have them now, for places that several fill together.
import type { Act } from '../platform/act.ts';
import { findHolders } from '../mandate/office_store.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import type { RulePlace, SubjectMatch } from '../resource/policy/model.ts';
import { rolesOf, type Offices } from './rules/together_model.ts';

export const NO_OFFICES: Offices = { holders: () => [], roles: () => [] };

/** The offices that these places are of. */
export async function officesOf(
  act: Act,
  party: string,
  {
    places,
    catalogue,
    unitType,
  }: { places: RulePlace[]; catalogue: Catalogue; unitType: string | null },
): Promise<Offices> {
  const roles = (subjects: SubjectMatch[]) => rolesOf(subjects, catalogue, unitType);
  const ofAll = places.filter(({ count }) => count === 'all');
  const wanted = [...new Set(ofAll.flatMap(({ subjects }) => roles(subjects)))];
  const held = wanted.length ? await findHolders(act, party, wanted) : [];
  const holders = (subjects: SubjectMatch[]) => {
    const which = roles(subjects);
    return [...new Set(held.flatMap((row) => (which.includes(row.role) ? [row.holder] : [])))];
  };
  return { holders, roles };
}
