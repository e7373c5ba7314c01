// The start page's words for a child, a ward and whoever acts for customers, each sentence from the
// register or the decision that it speaks of.
import assert from 'node:assert/strict';
import { loggedIn, mainText } from '../support/pages/browser.ts';
import { newConsentResource, newFirm, rightTo } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  world,
  type TestParty,
} from '../support/world.ts';

const start = async (who: TestParty) => mainText((await loggedIn(who, '/start')).page.html);
const YEAR = new Date().getUTCFullYear();

describe('the start page', () => {
  it('says to a child who has responsibility, what it cannot, and what changes at eighteen', async () => {
    const [child, mother, father] = [
      await newPerson(),
      await newPerson('Mona Mor'),
      await newPerson('Finn Far'),
    ];
    const soon = new Date(Date.now() + 60 * 86_400_000).toISOString().slice(5, 10);
    const year = new Date(Date.now() + 60 * 86_400_000).getUTCFullYear();
    await putParty(child, { bornOn: `${year - 18}-${soon}` });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    const to = await newOrganization();
    const resource = await newConsentResource(['foreldreansvar'], { parentUntil: 18 });
    for (let count = 0; count < 2; count += 1)
      assert.equal((await approve(await ask(child, to, rightTo(resource)), mother)).status, 200);
    const shown = await start(child);
    assert.match(shown, /Finn Far og Mona Mor har foreldreansvar for deg\./);
    assert.match(shown, /Du kan ikke gi fullmakt selv før du er 18 år\./);
    assert.doesNotMatch(shown, /Gi fullmakt/, 'no way to what it cannot do');
    assert.match(shown, /Du fyller 18 år .+ Da slutter foreldreansvaret/);
    assert.doesNotMatch(await start(mother), /foreldreansvar for deg|Du fyller/);
  });

  it('says nothing of a birthday that is more than a year off, and names no protected parent', async () => {
    const [child, mother] = [await newPerson(), await newPerson('Hemmelig Mor')];
    await putParty(child, { bornOn: `${YEAR - 12}-01-02` });
    await putParty(mother, { protectedAddress: true });
    await newRole('foreldreansvar', child, mother);
    const shown = await start(child);
    assert.match(shown, /Noen har foreldreansvar for deg\./);
    assert.doesNotMatch(shown, /Hemmelig|Du fyller/);
  });

  it('says to a ward who the guardian is, and what a court has decided alone', async () => {
    const [ward, guardian] = [await newPerson(), await newPerson('Gerd Guttormsen')];
    await putParty(ward, { bornOn: `${YEAR - 60}-01-02` });
    await newRole('verge:skatteetaten-skatt', ward, guardian);
    const before = await start(ward);
    assert.match(before, /Gerd Guttormsen er verge for deg\./);
    assert.doesNotMatch(before, /domstol/);
    assert.match(before, /Gi fullmakt/);
    await world.app.registers.poll();
    world.registers.feeds.vergemal!.append({
      op: 'upsert',
      from: ward.number,
      code: 'rettslig-handleevne',
    });
    await world.app.registers.poll();
    assert.match(await start(ward), /En domstol har bestemt at du ikke kan gi fullmakt alene\./);
    assert.doesNotMatch(await start(guardian), /verge for deg|domstol/);
  });

  it('says how many customers one acts for, and how many a company has', async () => {
    const { firm, boss } = await newFirm();
    const [accountant, customers] = [await newPerson(), [await newFirm(), await newFirm()]];
    for (const { firm: customer } of customers) await newRole('regn', customer, firm);
    assert.match(await start(boss), new RegExp(`${firm.name} har 2 kunder\\.`, 'i'));
    assert.doesNotMatch(await start(accountant), /kunde/);
    assert.doesNotMatch(await start(customers[0]!.boss), /kunde/);
  });
});
