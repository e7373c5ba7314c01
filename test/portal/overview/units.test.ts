// The overview of an organisation with its sub-units, and what waits there: each where one sees it,
// and no more of it than one may see.
import assert from 'node:assert/strict';
import { loggedIn } from '../../support/pages/browser.ts';
import { given, newConsentResource, newFirm, rightTo } from '../../support/rights/rights.ts';
import { ask, newOrganization, newPerson } from '../../support/world.ts';

const VAT = { package: 'merverdiavgift' };
const cards = (html: string) =>
  [...html.matchAll(/href="\/overview\/([0-9a-f-]{36})\?/g)].map(([, id]) => id).sort();

describe('the overview of an organisation with sub-units', () => {
  it('has what each unit has given, says of which, and shows one alone', async () => {
    const { firm, boss } = await newFirm();
    const [north, south] = [
      await newOrganization('Avdeling Nord', { parent: firm.number }),
      await newOrganization('Avdeling Sør', { parent: firm.number }),
    ];
    const [one, two, three] = [await newPerson(), await newPerson(), await newPerson()];
    const ids = [
      await given(boss, firm, one, VAT),
      await given(boss, north, two, VAT),
      await given(boss, south, three, VAT),
    ];
    const path = `/overview?party=${firm.id}`;
    const browser = await loggedIn(boss, path);
    assert.deepEqual(cards(browser.page.html), [...ids].sort());
    assert.match(browser.page.html, /For Avdeling Nord/);
    assert.match(browser.page.html, /Gitt \(3\)/);
    const alone = await browser.open(`${path}&unit=${north.id}`);
    assert.deepEqual(cards(alone.html), [ids[1]]);
    assert.match(alone.html, /Gitt \(1\)/);
    const main = await browser.open(`${path}&unit=${firm.id}`);
    assert.deepEqual(cards(main.html), [ids[0]]);
    const file = await browser.open(`/overview.csv?party=${firm.id}`);
    assert.equal(file.html.trim().split('\r\n').length, 4);
    const theirs = await browser.open(`/overview?party=${north.id}`);
    assert.deepEqual(cards(theirs.html), [ids[1]]);
  });

  it('has no unit of another’s, whoever asks for it by its address', async () => {
    const [{ firm, boss }, { firm: other, boss: owner }] = [await newFirm(), await newFirm()];
    const unit = await newOrganization('Avdeling Vest', { parent: other.number });
    const id = await given(owner, unit, await newPerson(), VAT);
    const browser = await loggedIn(boss, `/overview?party=${firm.id}&unit=${unit.id}`);
    assert.ok(!browser.page.html.includes(id));
    assert.ok(!browser.page.html.includes('Avdeling Vest'));
  });

  it('of a unit’s own administrator has that unit alone', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdeling Øst', { parent: firm.number });
    const admin = await newPerson();
    await given(boss, unit, admin, { package: 'tilgangsstyrer' });
    const mine = await given(boss, unit, await newPerson(), VAT);
    await given(boss, firm, await newPerson(), VAT);
    const browser = await loggedIn(admin, `/overview?party=${unit.id}`);
    assert.ok(cards(browser.page.html).includes(mine));
    assert.equal(cards(browser.page.html).length, 2);
    assert.equal((await browser.open(`/overview?party=${firm.id}`)).status, 403);
  });
});

describe('what waits in the overview', () => {
  it('of an administrator of the main unit alone has no sub-unit', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdeling Vest', { parent: firm.number });
    const admin = await newPerson();
    await given(boss, firm, admin, { package: 'tilgangsstyrer', subunits: false });
    const theirs = await given(boss, unit, await newPerson(), VAT);
    const browser = await loggedIn(admin, `/overview?party=${firm.id}`);
    assert.equal(browser.page.status, 200);
    assert.ok(!cards(browser.page.html).includes(theirs));
    assert.ok(!browser.page.html.includes('Avdeling Vest'));
    const whole = await loggedIn(boss, `/overview?party=${firm.id}`);
    assert.ok(cards(whole.page.html).includes(theirs));
  });

  it('has requests for consent as cards, to answer there', async () => {
    const [person, asker] = [await newPerson(), await newOrganization('Banken AS')];
    const id = await ask(person, asker, { portalViewMode: 'show' });
    const browser = await loggedIn(person, '/overview?show=waiting');
    assert.match(browser.page.html, /Forespørsler om samtykke/);
    assert.match(browser.page.html, /Banken AS/);
    assert.ok(browser.page.html.includes(`/consent/request?id=${id}`));
    assert.doesNotMatch(browser.page.html, /Venter \(0\)/);
  });

  it('has what its sub-units are asked for, and says which of them', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
    const asker = await newOrganization('Banken AS');
    const right = rightTo(await newConsentResource(['dagl']));
    const id = await ask(unit, asker, { ...right, portalViewMode: 'show' });
    await ask(unit, await newOrganization('Lenken AS'), { ...right, portalViewMode: 'hide' });
    const { page } = await loggedIn(boss, `/overview?party=${firm.id}&show=waiting`);
    assert.ok(page.html.includes(`/consent/request?id=${id}`));
    assert.match(page.html, /For Avdeling Nord/);
    assert.doesNotMatch(page.html, /Lenken AS/);
    const alone = await loggedIn(boss, `/overview?party=${firm.id}&unit=${firm.id}&show=waiting`);
    assert.doesNotMatch(alone.page.html, /Banken AS/);
  });

  it('has none that the administrator may not read', async () => {
    const { firm, boss } = await newFirm();
    const [admin, asker] = [await newPerson(), await newOrganization('Leverandøren AS')];
    await given(boss, firm, admin, { package: 'tilgangsstyrer' });
    const resource = await newConsentResource(['dagl']);
    await ask(firm, asker, { ...rightTo(resource), portalViewMode: 'show' });
    const path = `/overview?party=${firm.id}&show=waiting`;
    assert.match((await loggedIn(boss, path)).page.html, /Leverandøren AS/);
    assert.doesNotMatch((await loggedIn(admin, path)).page.html, /Leverandøren AS/);
  });
});
