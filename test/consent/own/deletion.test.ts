// "Ask them to delete": of a consent that is over, by those it is about, once; the requester reads
// when, and not by whom.
import assert from 'node:assert/strict';
import { loggedIn, mainText } from '../../support/pages/browser.ts';
import {
  approve,
  ask,
  call,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  READ,
  reject,
  REQUESTS,
  type TestParty,
  withdraw,
  world,
} from '../../support/world.ts';

const askDeletion = async (id: string, who: TestParty) =>
  call('POST', `/access/v1/consents/${id}/ask-deletion`, await personToken(who));

describe('asking a receiver to delete', () => {
  const over = async () => {
    const [giver, asker] = [await newPerson(), await newOrganization()];
    const id = await ask(giver, asker);
    await approve(id, giver);
    await withdraw(id, giver);
    return { giver, asker, id };
  };
  const readBy = async (asker: TestParty, id: string) =>
    (await call('GET', `${REQUESTS}/${id}`, await organizationToken(asker, READ))).body;
  const eventsOf = async (id: string) =>
    (
      await world.database.db.raw(
        "select by_party as by from event where consent_id = ? and type = 'deletion_asked'",
        [id],
      )
    ).rows;

  it('is what the requester reads, with its instant, and once', async () => {
    const { giver, asker, id } = await over();
    assert.equal((await readBy(asker, id)).deletionAsked, undefined);
    const first = await askDeletion(id, giver);
    assert.equal(first.status, 200, first.text);
    const { deletionAsked, consentRequestEvents } = await readBy(asker, id);
    assert.ok(Math.abs(Date.now() - Date.parse(deletionAsked)) < 60_000);
    assert.ok(!JSON.stringify(consentRequestEvents).includes('deletion'));
    const second = await askDeletion(id, giver);
    assert.deepEqual([second.status, second.body.deletionAsked], [200, deletionAsked]);
    assert.deepEqual(await eventsOf(id), [{ by: giver.id }]);
  });

  it('is refused while it holds, where it was never given, and to others', async () => {
    const [giver, asker, other] = [await newPerson(), await newOrganization(), await newPerson()];
    const holds = await ask(giver, asker);
    await approve(holds, giver);
    const refused = await ask(giver, asker);
    await reject(refused, giver);
    const { id } = await over();
    for (const [consent, who, status, code] of [
      [holds, giver, 409, 'TIL-00054'],
      [refused, giver, 400, 'AM-00014'],
      [id, other, 404, 'AM-00001'],
      ['3f0c1b52-0000-4000-8000-00000000dead', giver, 404, 'AM-00001'],
    ] as const) {
      const answer = await askDeletion(consent, who);
      assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text);
      assert.deepEqual(await eventsOf(consent), []);
    }
  });

  it('is a button on the page of one that is over, and then says when', async () => {
    const { giver, id } = await over();
    const browser = await loggedIn(giver, `/consents/${id}`);
    assert.match(mainText(browser.page.html), /Be dem slette det/);
    await browser.submit({ action: `/consents/${id}/deletion` });
    const { page } = browser;
    assert.match(mainText(page.html), /bedt om å slette det de har hentet/);
    assert.doesNotMatch(mainText(page.html), /Be dem slette det/);
    assert.equal((await eventsOf(id)).length, 1);
    const { html } = await browser.open(`/consents/${id}/receipt`);
    assert.match(mainText(html), /Slik er det nå: Trukket\. .*klag til Datatilsynet\. På siden om/);
  });

  it('is no button on the page of one that holds', async () => {
    const giver = await newPerson();
    const id = await ask(giver, await newOrganization());
    await approve(id, giver);
    const { page } = await loggedIn(giver, `/consents/${id}`);
    assert.doesNotMatch(mainText(page.html), /Be dem slette det/);
  });
});
