// The inbox says of whom and of what each line is, to the two whom it is between and nobody else.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn } from '../support/browser.ts';
import { consentDetail, exchange, newClient } from '../support/clients.ts';
import {
  can,
  given,
  newConsentResource,
  newFirm,
  newResource,
  newTeam,
  rightTo,
} from '../support/rights.ts';
import {
  approve,
  approvedConsent,
  ask,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  type TestParty,
  world,
} from '../support/world.ts';

const PACKAGE = { package: 'innbygger-pensjon' };
const shown = async (who: TestParty, party?: TestParty) => {
  const { html } = (await loggedIn(who, `/inbox${party ? `?party=${party.id}` : ''}`)).page;
  return /<main[\s\S]*<\/main>/
    .exec(html)![0]
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .replaceAll(/ +/g, ' ');
};

describe('a line of the inbox', () => {
  it('names the other side, and what was given', async () => {
    const [giver, helper] = [await newPerson('Gyda Giver'), await newPerson('Hans Hjelper')];
    await given(giver, giver, helper, PACKAGE);
    const title = `Prøve ${randomUUID()}`;
    const resource = await newResource([can('read', 'privatperson')], {
      title: { nb: title, nn: title },
    });
    await given(giver, giver, helper, { resource, actions: ['read'] });
    for (const [who, other] of [
      [giver, helper],
      [helper, giver],
    ] as const) {
      const text = await shown(who);
      assert.match(text, new RegExp(`${other.name} ?: Pensjon`));
      assert.match(text, new RegExp(`${other.name} ?: ${title}`));
    }
  });

  it('names who asks for a right, and for which', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'merverdiavgift' });
    const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
    const { status, text } = await call('POST', path, await personToken(clerk));
    assert.equal(status, 201, text);
    assert.match(await shown(boss, firm), new RegExp(`${clerk.name} ?: Merverdiavgift`));
  });

  it('is told of on the start page of who sees to the firm, and of nobody else', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const main = /<main[\s\S]*<\/main>/;
    assert.match((await loggedIn(boss, '/start')).page.html, /Ingenting venter på deg/);
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'merverdiavgift' });
    const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
    assert.equal((await call('POST', path, await personToken(clerk))).status, 201);
    const [told] = main.exec((await loggedIn(boss, '/start')).page.html)!;
    assert.match(told!, new RegExp(`Én ny beskjed til ${firm.name}`));
    assert.match(told!, new RegExp(`href="/inbox\\?party(=|&#x3D;)${firm.id}"`));
    assert.doesNotMatch(told!, /Ingenting venter på deg/);
    // One who stands for the firm, and sees to none of its powers of attorney.
    const [code, other] = [`k-${randomUUID().slice(0, 8)}`, await newPerson()];
    const T = { nb: 'x', nn: 'x' };
    await importThis({
      sources: [{ code, name: T, legalBasis: T, purpose: T }],
      roles: [{ code, source: code, name: T, keyRole: true }],
    });
    await newRole(code, firm, other);
    // Nor is what one may see crowded out by that.
    const own = await newFirm();
    for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) {
      const [each, head] = [await newOrganization(`AAA ${name} AS`), await newPerson()];
      await newRole('dagl', each, head);
      await newRole(code, each, own.boss);
      await given(head, each, clerk, { package: 'merverdiavgift' });
    }
    await given(own.boss, own.firm, clerk, { package: 'merverdiavgift' });
    const theirs = main.exec((await loggedIn(own.boss, '/start')).page.html)![0];
    assert.match(theirs, new RegExp(`beskjed til ${own.firm.name}`));
    assert.doesNotMatch(theirs, /AAA/);
    const { page } = await loggedIn(other, '/start');
    assert.match(page.html, /href="\/parties"/);
    assert.ok(!main.exec(page.html)![0].includes(firm.name));
  });

  it('names the receiver of a consent to who gave it', async () => {
    const { id, from, to } = await approvedConsent();
    assert.equal((await exchange(await newClient(to), consentDetail(id, from))).status, 200);
    assert.match(await shown(from), new RegExp(`${to.name} ?: \\S`));
  });

  it('names no consent to one who sees to the firm and may not read it, nor to a child', async () => {
    const { firm, boss } = await newFirm();
    const [admin, bank] = [await newPerson(), await newOrganization('Banken som spør AS')];
    await given(boss, firm, admin, { package: 'tilgangsstyrer' });
    const child = await newPerson();
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 11}-01-02` });
    const mother = await newPerson();
    await newRole('foreldreansvar', child, mother);
    for (const [from, by, role, reader, party] of [
      [firm, boss, 'dagl', admin, firm],
      [child, mother, 'foreldreansvar', child, undefined],
    ] as const) {
      const resource = await newConsentResource([role]);
      const id = await ask(from, bank, rightTo(resource));
      assert.equal((await approve(id, by)).status, 200);
      const used = await exchange(await newClient(bank), consentDetail(id, from));
      assert.equal(used.status, 200, used.text);
      const text = await shown(reader, party);
      assert.match(text, /Et samtykke er brukt for første gang/);
      assert.ok(!text.includes(bank.name), text);
    }
    assert.match(await shown(boss, firm), /Banken som spør AS/);
  });

  it('tells a child’s other parent neither to whom nor what', async () => {
    const [child, mother, father] = [await newPerson(), await newPerson(), await newPerson()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    const title = `Prøve ${randomUUID()}`;
    const resource = await newResource([can('read', 'privatperson')], {
      title: { nb: title, nn: title },
      decidesFrom: 8,
      parentUntil: 18,
    });
    const helper = await newPerson('Hans Hjelper');
    await given(child, child, helper, { resource, actions: ['read'] });
    const text = await shown(father);
    assert.match(text, /for en du har ansvar for/);
    assert.ok(!text.includes(helper.name) && !text.includes(title));
  });

  it('names nobody of a role that its source keeps secret', async () => {
    const code = `s-${randomUUID().slice(0, 8)}`;
    const T = { nb: 'x', nn: 'x' };
    const [holder, ward] = [await newPerson('Hilde Holder'), await newPerson('Vilde Vernet')];
    await importThis({
      sources: [{ code, name: T, legalBasis: T, purpose: T, visibility: 'secret' }],
      roles: [{ code, source: code, name: T }],
    });
    // Told because it ends before long.
    await newRole(code, ward, holder, { validFrom: inDays(-60), validTo: inDays(20) });
    const { firm, boss } = await newFirm();
    await newRole(code, ward, firm, { validFrom: inDays(-60), validTo: inDays(20) });
    await world.app.tend();
    const text = await shown(holder);
    assert.match(text, /En rolle slutter/);
    assert.ok(!text.includes(ward.name), text);
    // Several act for a firm: neither that there is one, nor how many.
    assert.doesNotMatch(await shown(boss, firm), /En rolle slutter/);
    assert.match((await loggedIn(boss, '/start')).page.html, /Ingenting venter på deg/);
  });
});
