// Who can act for whom, as the registers and what was given say it; and for a company its main
// administrators, and what nobody has been let into.
import assert from 'node:assert/strict';
import { loggedIn } from '../../support/pages/browser.ts';
import { can, given, newFirm, newMandate, newResource } from '../../support/rights/rights.ts';
import { newOrganization, newPerson, newRole } from '../../support/world.ts';

const section = (html: string, heading: RegExp) =>
  html.split(/<h2/).find((part) => heading.test(part)) ?? '';

describe('who can act for whom', () => {
  it('lists both sides with all that each has, one line a person', async () => {
    const [{ firm, boss }, helper] = [await newFirm(), await newPerson('Hjelpsom Hansen')];
    await given(boss, firm, helper, { package: 'merverdiavgift' });
    await given(boss, firm, helper, { package: 'toll' });
    await newMandate(firm, await newPerson('Gammel Gunnarsen'), {
      package: 'toll',
      validFrom: '2025-01-01T00:00:00Z',
      validTo: '2026-01-01T00:00:00Z',
    });
    const { html } = (await loggedIn(boss, `/overview/people?party=${firm.id}`)).page;
    const can = section(html, /Disse har rolle eller fullmakt for/);
    assert.equal(can.match(/Hjelpsom Hansen/g)?.length, 1);
    assert.match(can, /Merverdiavgift og Toll|Toll og Merverdiavgift/);
    assert.match(can, /[Dd]aglig leder/);
    assert.ok(!html.includes('Gammel Gunnarsen'));
    const own = (await loggedIn(helper, '/overview/people')).page.html;
    assert.match(section(own, /har rolle eller fullmakt for disse/), new RegExp(firm.name));
    assert.match(
      own,
      /<figure class="web" aria-hidden="true">[\s\S]*har rolle eller fullmakt for disse/,
    );
  });

  it('says who is main administrator, and what nobody has been let into, until somebody is', async () => {
    const [{ firm, boss }, helper] = [await newFirm(), await newPerson()];
    const browser = await loggedIn(boss, `/overview/people?party=${firm.id}`);
    assert.match(browser.page.html, /Ingen har fått fullmakt som hovedadministrator/);
    const missing = section(browser.page.html, /ingen tilgang til ennå/);
    const [, code] = /package(?:=|&#x3D;)([\w-]+)/.exec(missing) ?? [];
    assert.ok(code, browser.page.html);
    assert.equal((await browser.open(`/give/terms?party=${firm.id}&package=${code}`)).status, 200);
    await given(boss, firm, helper, { package: code! });
    await given(boss, firm, helper, { package: 'hovedadministrator' });
    const { html } = await browser.open(`/overview/people?party=${firm.id}`);
    assert.ok(!section(html, /ingen tilgang til ennå/).includes(code!));
    assert.doesNotMatch(html, /Ingen har fått fullmakt som hovedadministrator/);
    assert.match(html, />Hovedadministrator</);
  });

  it('is for those who administer there, and keeps what is secret for its two', async () => {
    const [{ firm, boss }, clerk, ward, guardian] = [
      await newFirm(),
      await newPerson(),
      await newPerson('Verget Vestby'),
      await newPerson(),
    ];
    await newRole('medl', firm, clerk);
    assert.equal((await loggedIn(clerk, `/overview/people?party=${firm.id}`)).page.status, 403);
    await newRole('verge:skatteetaten-skatt', ward, guardian);
    const own = (await loggedIn(guardian, '/overview/people')).page.html;
    assert.match(own, /Verget Vestby/);
    await newMandate(guardian, boss, { package: 'innbygger-tilgangsstyring-privatperson' });
    const seen = await loggedIn(boss, `/overview/people?party=${guardian.id}`);
    assert.equal(seen.page.status, 200);
    assert.ok(!seen.page.html.includes('Verget Vestby'));
    for (const odd of ['offset=-1', 'offset=x', 'party=x'])
      assert.ok([200, 403].includes((await seen.open(`/overview/people?${odd}`)).status), odd);
  });

  it('has for a sub-unit those who act by its main unit, but for one case', async () => {
    const { firm, boss } = await newFirm();
    const [unit, helper, casual] = [
      await newOrganization('Avdeling Nord', { parent: firm.number }),
      await newPerson('Hilde Hjelper'),
      await newPerson('Casper Sak'),
    ];
    await given(boss, firm, helper, { package: 'merverdiavgift' });
    const resource = await newResource([can('read', 'dagl')]);
    await given(boss, firm, casual, { resource, actions: ['read'], instance: 'x/1' });
    const { html } = (await loggedIn(boss, `/overview/people?party=${unit.id}`)).page;
    assert.match(html, new RegExp(`${boss.name}[\\s\\S]*Daglig leder`, 'i'));
    assert.match(html, /Hilde Hjelper[\s\S]*Merverdiavgift/);
    assert.doesNotMatch(html, /Casper/);
    assert.match(
      (await loggedIn(boss, `/overview?party=${unit.id}`)).page.html,
      /Det som gjelder for hovedenheten, gjelder også her/,
    );
  });
});
