// A child and its parents.
import { born } from './oauth/given.ts';
import { newPerson, newRole, putParty, type TestParty } from './world.ts';

export interface Family {
  child: TestParty;
  mother: TestParty;
  father: TestParty;
}

/** A child of so many years, with a mother and a father. */
export async function newFamily(years: number): Promise<Family> {
  const [child, mother, father] = [
    await newPerson('Lise Barn'),
    await newPerson('Mona Mor'),
    await newPerson('Frank Far'),
  ];
  await putParty(child, { bornOn: born(years) });
  for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
  return { child, mother, father };
}
