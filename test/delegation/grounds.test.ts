// What an act rests on holds for whoever leads the main unit of the sub-unit that was given it, as
// the decision says: the statement that writes asks for no less, and no more.
import assert from 'node:assert/strict';
import {
  decide,
  give,
  given,
  newConsentResource,
  newFirm,
  rightTo,
} from '../support/rights/rights.ts';
import { approve, ask, newOrganization, newPerson } from '../support/world.ts';

describe('an act that rests on what a sub-unit was given', () => {
  it('is done by whoever leads its main unit', async () => {
    const [{ firm, boss }, { firm: office, boss: leader }] = [await newFirm(), await newFirm()];
    const unit = await newOrganization('Kontoret Nord', { parent: office.number });
    await given(boss, firm, unit, { package: 'tilgangsstyrer' });
    await given(boss, firm, unit, { package: 'merverdiavgift' });
    const resource = await newConsentResource(['package:tilgangsstyrer']);
    const to = await newOrganization();
    const id = await ask(firm, to, rightTo(resource));
    assert.equal((await approve(id, leader)).status, 200);
    const helper = await newPerson();
    const answer = await give(leader, firm, helper, { package: 'merverdiavgift' });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'Permit');
  });
});
