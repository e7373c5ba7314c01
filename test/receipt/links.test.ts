// Where a receipt is found from: the lists, the inbox and the thing's own page; not where there is
// none to be had.
import assert from 'node:assert/strict';
import { given, newPair } from '../support/rights/rights.ts';
import { randomUUID } from 'node:crypto';
import { loggedIn, unescapeHtml } from '../support/pages/browser.ts';
import {
  approve,
  approvedConsent,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  reject,
  ask,
  withdraw,
  type TestParty,
} from '../support/world.ts';

const PACKAGE = { package: 'innbygger-pensjon' };

/** The receipts that a page which says `about` leads to, in its order. */
async function linksOn(who: TestParty, path: string, about = ''): Promise<string[]> {
  const html = unescapeHtml((await loggedIn(who, path)).page.html);
  assert.ok(html.includes(about), `${path} says nothing of ${about}`);
  return [...html.matchAll(/href="([^"]*\/receipt[^"]*)"/g)].map(([, href]) => href!);
}
async function imported(state: string) {
  const [from, to, id] = [await newPerson(), await newOrganization(), randomUUID()];
  const rights = [{ resource: 'inntekt', metadata: { inntektsaar: '2025' } }];
  const one = { id, state, from: from.number, to: to.number, validTo: inDays(30), rights };
  await importThis({ consentRequests: [one] });
  return { id, from, to };
}

describe('the way to a receipt', () => {
  it('leads from the list, the inbox and the page of a consent', async () => {
    const { id, from } = await approvedConsent();
    const receipt = `/consents/${id}/receipt`;
    for (const path of ['/consents', '/inbox', `/consents/${id}`]) {
      const found = await linksOn(from, path);
      assert.ok(found.length > 0 && found.every((href) => href === receipt), path);
    }
    assert.equal((await loggedIn(from, receipt)).page.status, 200);
  });

  it('leads from what ended: a no, and what was withdrawn', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const [refused, ended] = [await ask(from, to), await ask(from, to)];
    await reject(refused, from);
    await approve(ended, from);
    await withdraw(ended, from);
    const found = await linksOn(from, '/consents?show=ended');
    assert.deepEqual(
      found.toSorted(),
      [refused, ended].map((id) => `/consents/${id}/receipt`).toSorted(),
    );
  });

  it('leads from the overview and the inbox to the receipt of a power of attorney, on either side', async () => {
    const [giver, helper] = await newPair();
    const id = await given(giver, giver, helper, PACKAGE);
    for (const [who, shelf] of [
      [giver, 'given'],
      [helper, 'received'],
    ] as const) {
      const receipt = `/overview/${id}/receipt?party=${who.id}`;
      assert.deepEqual(await linksOn(who, `/overview?show=${shelf}`), [receipt]);
      assert.deepEqual(await linksOn(who, '/inbox'), [receipt]);
      assert.equal((await loggedIn(who, receipt)).page.status, 200);
    }
  });

  it('does not lead from what waits for an answer', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    await ask(from, to, { portalViewMode: 'show' });
    for (const path of ['/consents?show=waiting', '/inbox'])
      assert.deepEqual(await linksOn(from, path, to.name), []);
  });

  it('does not lead from a role that a register states', async () => {
    const [leader, firm] = [await newPerson(), await newOrganization()];
    await newRole('dagl', firm, leader);
    const path = `/overview?party=${firm.id}&show=statutory`;
    assert.deepEqual(await linksOn(leader, path, leader.name), []);
  });

  for (const [state, shelf] of [
    ['approved', 'active'],
    ['rejected', 'ended'],
    ['withdrawn', 'ended'],
  ] as const)
    it(`does not lead from a consent that was imported ${state}`, async () => {
      const { id, from, to } = await imported(state);
      for (const path of [`/consents?show=${shelf}`, `/consents/${id}`])
        assert.deepEqual(await linksOn(from, path, to.name), []);
    });

  it('leads to the receipt of the end of one that was imported and ended here', async () => {
    const { id, from } = await imported('approved');
    await withdraw(id, from);
    const receipt = `/consents/${id}/receipt`;
    assert.deepEqual(await linksOn(from, '/consents?show=ended'), [receipt]);
    assert.match((await loggedIn(from, receipt)).page.html, /Samtykket tok slutt/);
  });

  it('does not lead from a power of attorney that was imported', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    await importThis({ mandates: [{ from: giver.number, to: helper.number, ...PACKAGE }] });
    assert.deepEqual(await linksOn(giver, '/overview?show=given', helper.name), []);
  });
});
