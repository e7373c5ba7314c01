// A firm and those who work there, added as connections are.
import assert from 'node:assert/strict';
import { lastName, newPerson, type TestParty } from '../world.ts';
import { newFirm } from './rights.ts';
import { send } from './enduser.ts';
export const named = (person: TestParty) => ({
  personIdentifier: person.number,
  lastName: lastName(person),
});
/** A firm with its boss and a clerk who is a rightholder without rights. */
export async function team() {
  const [{ firm, boss }, clerk] = [await newFirm(), await newPerson('Klara Kontordal')];
  const added = await send(
    boss,
    'POST',
    '/connections',
    { party: firm.id, from: firm.id },
    named(clerk),
  );
  assert.equal(added.status, 200, added.text);
  return { firm, boss, clerk };
}
