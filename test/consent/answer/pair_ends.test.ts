// How two who give together end, and where neither may see the other: by a death, a service, a use,
// a choice made again, a pause, and in lists, notices, receipts and an owner's feed.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText } from '../../support/pages/browser.ts';
import { answerYes, asked, named, titled } from '../../support/parts.ts';
import { seenByAsker } from '../../support/replaced.ts';
import { endResource, rightTo } from '../../support/rights/rights.ts';
import { endParty } from '../../support/rows.ts';
import { askTwo } from '../../support/together.ts';
import { draw } from '../../support/uses.ts';
import { newClient } from '../../support/oauth/clients.ts';
import {
  API,
  approve,
  ask,
  call,
  lookUp,
  newOrganization,
  organizationToken,
  personToken,
  putParty,
  reject,
  world,
  type TestParty,
} from '../../support/world.ts';

describe('two who give together, at the end', () => {
  let to: TestParty;
  let service: string;
  before(async () => {
    to = await newOrganization('Banken AS');
    service = await titled('Inntekt');
  });
  const pair = (changes: object = {}, ofFirst: object = rightTo(service)) =>
    askTwo(to, { ...ofFirst, ...changes }, { ...rightTo(service), ...changes });
  const settle = async () => {
    for (let turn = 0; turn < 3; turn += 1) await world.work.tend();
  };
  const stored = async (id: string) => (await seenByAsker(id, to)).status;
  const notices = async (by: TestParty, id: string) => {
    const { body } = await call('GET', '/access/v1/notices', await personToken(by));
    return body.data
      .filter(({ consent }: any) => consent === id)
      .map(({ type }: any) => type) as string[];
  };
  const ownPath = (id: string) => `${API}/consent/request/${id}`;

  it('have ended both in store when one dies before both have said yes', async () => {
    const { one, other, first, second } = await pair({ portalViewMode: 'Show' });
    await approve(second, other);
    await endParty(one);
    await settle();
    assert.equal(await stored(second), 'Revoked');
    assert.ok((await notices(other, second)).includes('consent_request_ended'));
    assert.equal((await seenByAsker(first, to)).effectiveStatus, 'Awaiting');
  });

  it('have ended both in store when a service of one ends', async () => {
    const own = await titled('Bare den ene');
    const { other, second } = await pair({}, rightTo(own));
    await approve(second, other);
    await endResource(own);
    await settle();
    assert.equal(await stored(second), 'Revoked');
  });

  it('go on while one is used up, and end when that one falls', async () => {
    const once = await titled('En gang', { uses: { total: 1 } });
    const { one, other, first, second } = await pair({}, rightTo(once));
    for (const [id, by] of [
      [first, one],
      [second, other],
    ] as const)
      await approve(id, by);
    await draw(await newClient(to), first, one);
    assert.equal((await lookUp(second, other, to)).status, 200);
    await endParty(one);
    await settle();
    assert.equal(await stored(second), 'Revoked');
  });

  it('show the requester no difference when one is protected after the yes', async () => {
    const { one, first, second } = await pair();
    await approve(first, one);
    await putParty(one, { protectedAddress: true });
    for (const id of [first, second])
      assert.equal((await seenByAsker(id, to)).effectiveStatus, 'Created');
  });

  it('have no receipt of what was never given', async () => {
    const { one, other, first, second } = await pair();
    await approve(first, one);
    await reject(second, other);
    await settle();
    for (const path of ['request', 'receipt']) {
      const { page } = await loggedIn(one, `/consent/${path}?id=${first}`);
      assert.equal(heading(page), 'Denne forespørselen kan ikke besvares');
      assert.match(mainText(page.html), /Den andre som skulle gi dette, er ikke lenger med/);
    }
  });

  it('are counted by themselves among others of the same', async () => {
    const { one, other, first, second } = await pair();
    await approve(first, one);
    await approve(second, other);
    const plain = await ask(one, to, rightTo(service));
    await approve(plain, one);
    await call('POST', `${API}/consent/${second}/revoke`, await personToken(other));
    const list = await call('GET', `${API}/consent/active/${one.id}`, await personToken(one));
    assert.deepEqual(
      list.body.map(({ id }: { id: string }) => id),
      [plain],
    );
  });

  it('take no other yes while one waits', async () => {
    const rights = { consentRights: [asked(service), asked(await titled('Gjeld'), true)] };
    const { one, other, first, second } = await pair({}, rights);
    await answerYes(first, one, { optionalRights: [1] });
    const less = await answerYes(first, one, { optionalRights: [] });
    assert.deepEqual([less.status, less.body.code], [400, 'AM-00002']);
    assert.equal((await answerYes(first, one, { optionalRights: [1] })).status, 200);
    await approve(second, other);
    assert.equal(named((await seenByAsker(first, to)).approvedRights).length, 2);
  });

  it('is no news to the giver of a link that was never opened', async () => {
    const { one, other, first, second } = await pair();
    await reject(second, other);
    await settle();
    assert.equal(await stored(first), 'Revoked');
    assert.deepEqual(await notices(one, first), []);
  });

  it('is no line in the owner’s feed where nothing was given', async () => {
    const owner = await newOrganization('Eier av Inntekt');
    const own = await titled('Eierens', { owner: owner.number });
    const { other, first, second } = await pair({}, rightTo(own));
    await reject(second, other);
    await settle();
    const feed = await call(
      'GET',
      '/access/v1/owner/events?limit=1000',
      await organizationToken(owner, 'altinn:authorization/authorize'),
    );
    assert.ok(!feed.text.includes(first));
  });

  it('pause without showing it to the other', async () => {
    const { one, other, first, second } = await pair();
    await approve(first, one);
    await approve(second, other);
    await call('POST', `/access/v1/consents/${first}/suspend`, await personToken(one));
    const seen = await call('GET', ownPath(second), await personToken(other));
    assert.equal(seen.body.effectiveStatus, 'Accepted');
    const { page } = await loggedIn(other, `/consents/${second}`);
    assert.doesNotMatch(mainText(page.html), /Satt på pause/);
    assert.equal((await seenByAsker(second, to)).effectiveStatus, 'Suspended');
  });
});
