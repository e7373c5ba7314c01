// "Ask them to delete": of a consent that is over, by those it is about, once; the requester reads
// when, and not by whom.
import assert from 'node:assert/strict';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { loggedIn, mainText } from '../../support/pages/browser.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  call,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  putParty,
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

  it('says nothing under a veil: not whether a consent was used up, nor that somebody asked', async () => {
    const [child, asker] = [await newPerson(), await newOrganization()];
    const born = new Date();
    born.setUTCFullYear(born.getUTCFullYear() - 10);
    const bornOn = born.toISOString().slice(0, 10);
    await putParty(child, { bornOn });
    const parents = [await newPerson(), await newPerson()];
    for (const parent of parents) await newRole('foreldreansvar', child, parent);
    const resource = await newConsentResource(['foreldreansvar'], { isOneTimeConsent: true });
    const id = await ask(child, asker, rightTo(resource));
    assert.equal((await approve(id, parents[0]!)).status, 200);
    await putParty(child, { bornOn, protectedAddress: true });
    const answers = async () => {
      const all = [];
      for (const parent of parents) {
        const { status, body } = await askDeletion(id, parent);
        all.push([status, body.code]);
      }
      return all;
    };
    const before = await answers();
    assert.ok(
      before.every(([status]) => status === 403),
      JSON.stringify(before),
    );
    const used = await exchange(await newClient(asker), consentDetail(id, child));
    assert.equal(used.status, 200, used.text);
    assert.deepEqual(await answers(), before);
    await world.database.db.raw(
      'update consent_request set deletion_asked_at = now(), erased_at = now() where id = ?',
      [id],
    );
    for (const parent of parents) {
      const seen = await call(
        'GET',
        `/accessmanagement/api/v1/consent/${id}`,
        await personToken(parent),
      );
      assert.equal(seen.status, 200);
      assert.equal(seen.body.deletionAsked, undefined);
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
