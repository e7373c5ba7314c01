// A question that is asked again: above the buttons stands how it was answered, for whoever may
// read that answer.
import assert from 'node:assert/strict';
import { born } from '../../support/oauth/given.ts';
import { formatDateTime } from '../../../server/platform/locale.ts';
import { loggedIn, mainText } from '../../support/pages/browser.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  at,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  reject,
  withdraw,
  type TestParty,
} from '../../support/world.ts';

const ASKED = /Det samme er spurt om før\./;

describe('a question that was answered before', () => {
  let to: TestParty;
  let resource: string;
  before(async () => {
    to = await newOrganization('Banken AS');
    resource = await newConsentResource(['privatperson', 'foreldreansvar'], {
      decidesFrom: 15,
      parentUntil: 17,
    });
  });
  const textFor = async (person: TestParty, id: string) =>
    mainText((await loggedIn(person, `/consent/request?id=${id}`)).page.html);

  it('says so with a no, and with a yes that holds', async () => {
    const giver = await newPerson('Kari Giver');
    const first = await ask(giver, to, rightTo(resource));
    assert.doesNotMatch(await textFor(giver, first), ASKED);
    assert.equal((await reject(first, giver)).status, 200);
    const second = await ask(giver, to, rightTo(resource));
    assert.match(await textFor(giver, second), /Kari Giver svarte nei til Banken AS\./);
    assert.equal((await approve(second, giver)).status, 200);
    const third = await ask(giver, to, rightTo(resource));
    const text = await textFor(giver, third);
    assert.match(text, /Kari Giver svarte nei.*|Kari Giver ga samtykke.*/);
    assert.ok(text.indexOf('Giver ga samtykke') < text.indexOf('Giver svarte nei'));
    assert.equal((await withdraw(second, giver)).status, 200);
    assert.doesNotMatch(await textFor(giver, third), /ga samtykke/);
  });

  it('says the last of several that hold, in whatever order they were asked', async () => {
    const giver = await newPerson();
    const DAY = 86_400_000;
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push(await ask(giver, to, rightTo(resource)));
    for (const [days, id] of [ids[2], ids[0], ids[1]].entries())
      await at((days - 3) * DAY, async () => assert.equal((await approve(id!, giver)).status, 200));
    const text = await textFor(giver, await ask(giver, to, rightTo(resource)));
    const [day] = formatDateTime('nb', new Date(Date.now() - DAY)).split(' kl.');
    assert.ok(text.includes(`Det samme er spurt om før. ${day} kl.`), text);
    assert.equal(text.split('Det samme er spurt om før').length, 2);
  });

  it('says nothing of another question, another asker or another giver', async () => {
    const [giver, other] = [await newPerson(), await newPerson()];
    const bank = await newOrganization('Den andre banken AS');
    const apart = await newConsentResource(['privatperson']);
    assert.equal((await reject(await ask(giver, to, rightTo(resource)), giver)).status, 200);
    for (const [who, whom, what] of [
      [giver, to, apart],
      [giver, bank, resource],
      [other, to, resource],
    ] as const)
      assert.doesNotMatch(await textFor(who, await ask(who, whom, rightTo(what))), ASKED);
  });

  it('shows no answer that a child gave by its own right to a parent', async () => {
    const [child, parent] = [await newPerson(), await newPerson()];
    await putParty(child, { bornOn: born(16) });
    await newRole('foreldreansvar', child, parent);
    assert.equal((await reject(await ask(child, to, rightTo(resource)), child)).status, 200);
    const id = await ask(child, to, rightTo(resource));
    assert.doesNotMatch(await textFor(parent, id), ASKED);
    assert.match(await textFor(child, id), ASKED);
  });

  it('shows a parent what the other parent answered', async () => {
    const [child, one, other] = [await newPerson(), await newPerson('Mona Mor'), await newPerson()];
    await putParty(child, { bornOn: born(10) });
    for (const parent of [one, other]) await newRole('foreldreansvar', child, parent);
    assert.equal((await reject(await ask(child, to, rightTo(resource)), one)).status, 200);
    const id = await ask(child, to, rightTo(resource));
    assert.match(await textFor(other, id), /Mona Mor svarte nei til Banken AS\./);
  });
});
