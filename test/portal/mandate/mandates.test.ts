// A power of attorney on its page: looked at, used, paused, changed, ended and renounced by those
// who may.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn, press } from '../../support/pages/browser.ts';
import { can, decide, given, newResource } from '../../support/rights/rights.ts';
import { newOrganization, newPerson, newRole, world } from '../../support/world.ts';
import { PACKAGE } from '../../support/pages/giving.ts';

describe('a power of attorney on its page', () => {
  it('says why it ended, where it ended with what it was based on', async () => {
    const [giver, helper, third] = [
      await newPerson(),
      await newPerson('Hans Hjelper'),
      await newPerson(),
    ];
    const id = await given(giver, giver, helper, { package: PACKAGE, mayPassOn: true });
    const below = await given(helper, giver, third, { package: PACKAGE });
    const browser = await loggedIn(helper, `/overview/${id}/end`);
    await press(browser, /end/);
    const { html } = (await loggedIn(third, `/overview/${below}`)).page;
    assert.match(html, /Denne ble avsluttet fordi fullmakten den bygget på, ble avsluttet/);
    assert.match(html, /ble avsluttet av Hans Hjelper/);
    assert.doesNotMatch((await browser.open(`/overview/${id}`)).html, /fordi fullmakten/);
  });

  it('is one’s own first, also where one sees to whoever gave it, and the giver’s where that is named', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, {
      package: 'innbygger-tilgangsstyring-privatperson',
    });
    const browser = await loggedIn(helper, `/overview/${id}`);
    assert.match(browser.page.html, /Du gjør dette for deg selv[\s\S]*Si fra deg fullmakten/);
    assert.doesNotMatch(browser.page.html, /Sett på pause/);
    const theirs = await browser.open(`/overview/${id}?party=${giver.id}`);
    assert.match(theirs.html, /på vegne av[\s\S]*Avslutt fullmakten/);
    for (const odd of [randomUUID(), 'x'])
      assert.equal((await browser.open(`/overview/${id}?party=${odd}`)).status, 404);
  });

  it('tells every use, a page at a time', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    for (let n = 0; n < 23; n += 1) await decide(helper, 'read', resource, giver);
    await world.app.settle();
    const browser = await loggedIn(giver, `/overview/${id}`);
    const uses = () => browser.page.html.match(/Brukt: /g)?.length ?? 0;
    assert.equal(uses(), 20);
    const [, next] = /href="([^"]*)" rel="next"/.exec(browser.page.html)!;
    await browser.open(next!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    assert.equal(uses(), 3);
    assert.match(browser.page.html, /rel="prev"/);
  });

  it('is paused, let go on, changed and ended by the giver, and says so', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(giver, `/overview/${id}`);
    const status = () => decide(helper, 'read', resource, giver);
    assert.equal(await status(), 'Permit');
    assert.match((await press(browser, /suspend/)).html, /satt på pause/);
    assert.equal(await status(), 'NotApplicable');
    assert.match((await press(browser, /resume/)).html, /gjelder igjen/);
    const told = (await loggedIn(helper, '/inbox')).page.html;
    assert.match(told, /gjelder igjen etter en pause[\s\S]*satt på pause/);
    assert.equal(await status(), 'Permit');
    await world.app.settle();
    assert.match((await browser.open(`/overview/${id}`)).html, /Hva er den brukt til/);
    await browser.open(`/overview/${id}/change`);
    assert.match(
      (await press(browser, /change/, { date: '1.1.2020' })).html,
      /Datoen må være i dag eller senere/,
    );
    assert.match((await press(browser, /change/, { date: 'snart' })).html, /dag\.måned\.år/);
    assert.match((await press(browser, /change/, { date: '1.1.2200' })).html, /før år 2200/);
    await browser.open(`/overview/${id}/change`);
    const same = await press(browser, /change/);
    assert.match(same.html, /Ingenting er endret/);
    assert.doesNotMatch(same.html, /Endret av/);
    await browser.open(`/overview/${id}/change`);
    const changed = await press(browser, /change/, { date: '31.12.2030' });
    assert.match(changed.html, /til og med 31\.\s*desember\s*2030/);
    assert.match(
      changed.html,
      /Endret av [^<]*31\.\s*desember\s*2030 \(før: til den blir avsluttet\)/,
    );
    // By its reference it can be asked about, and is found.
    const [, reference] = /Referanse<\/dt>\s*<dd[^>]*>([0-9A-Z]{5}-[0-9A-Z]{5})/.exec(
      changed.html,
    )!;
    for (const path of ['overview', 'consents']) {
      const typed = encodeURIComponent(reference!.toLowerCase().replace('-', ' '));
      const found = await browser.open(`/${path}?q=${typed}`);
      assert.equal(found.url.pathname, `/overview/${id}`, path);
    }
    const other = await loggedIn(await newPerson(), `/overview?q=${reference}`);
    assert.equal(other.page.url.pathname, '/overview');
    await browser.open(`/overview/${id}/end`);
    assert.match((await press(browser, /end/)).html, /Fullmakten er avsluttet/);
    for (const step of ['end', 'change'])
      assert.equal(
        (await browser.open(`/overview/${id}/${step}`)).url.pathname,
        `/overview/${id}`,
        'what has ended is neither ended nor changed',
      );
    assert.equal(await status(), 'NotApplicable');
    assert.match((await browser.open('/overview?show=ended')).html, new RegExp(id));
  });

  it('is given more and less to do without ending, and no more than may be given', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([
      ...['read', 'write', 'sign'].map((action) => can(action, 'privatperson')),
      can('delete', 'dagl'),
    ]);
    const id = await given(giver, giver, helper, { resource, actions: ['read', 'write'] });
    const may = (action: string) => decide(helper, action, resource, giver);
    const browser = await loggedIn(giver, `/overview/${id}/change`);
    assert.match(browser.page.html, />Signere</);
    assert.doesNotMatch(browser.page.html, />Slette</);
    const done = await press(browser, /change/, { action: 'read sign' });
    assert.match(done.html, /Endringene er lagret/);
    assert.deepEqual(await Promise.all(['read', 'write', 'sign'].map(may)), [
      'Permit',
      'NotApplicable',
      'Permit',
    ]);
    await browser.open(`/overview/${id}/change`);
    assert.match((await press(browser, /change/)).html, /Velg minst én handling/);
    await browser.open(`/overview/${id}/change`);
    assert.match(
      (await press(browser, /change/, { action: 'read delete' })).html,
      /finnes ikke|har ikke retten/,
    );
    assert.equal(await may('delete'), 'NotApplicable');
    await browser.open(`/overview/${id}/change`);
    await press(browser, /change/, { action: 'read sign', passOn: 'yes' });
    assert.match(browser.page.html, /Kan gis videre<\/dt>\s*<dd>Ja/);
  });

  it('undoes nothing that somebody changed since the form was shown', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson'), can('sign', 'privatperson')]);
    const id = await given(giver, giver, helper, { resource, actions: ['read', 'sign'] });
    const [one, other] = [
      await loggedIn(giver, `/overview/${id}/change`),
      await loggedIn(giver, `/overview/${id}/change`),
    ];
    await press(one, /change/, { action: 'read' });
    await press(other, /change/, { action: 'read sign', date: '31.12.2030' });
    assert.match(other.page.html, /til og med 31\.\s*desember\s*2030/);
    assert.equal(await decide(helper, 'sign', resource, giver), 'NotApplicable');
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
  });

  it('is renounced by the receiver, who may not pause or change it', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(helper, `/overview/${id}`);
    assert.ok(!browser.page.html.includes('/suspend') && !browser.page.html.includes('/change'));
    assert.match((await browser.open('/overview?show=received')).html, new RegExp(id));
    await browser.open(`/overview/${id}/end`);
    assert.match(browser.page.html, /si fra deg/i);
    await press(browser, /end/);
    assert.match((await browser.open('/overview?show=ended')).html, new RegExp(id));
  });

  it('is not there for anybody else, and no form of another session is taken', async () => {
    const [giver, helper, stranger] = [await newPerson(), await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(stranger, `/overview/${id}`);
    assert.equal(browser.page.status, 404);
    for (const path of ['end', 'change'])
      assert.equal((await browser.open(`/overview/${id}/${path}`)).status, 404);
    assert.equal((await browser.open('/overview/x')).status, 404);
    const own = await loggedIn(giver, `/overview/${id}`);
    const page = await press(own, /suspend/, { csrf: 'wrong' });
    assert.match(page.html, /TIL-00013/);
  });

  it('of a register is read only, with its register', async () => {
    const [firm, boss] = [await newOrganization(), await newPerson()];
    await newRole('dagl', firm, boss);
    const browser = await loggedIn(boss, `/overview?party=${firm.id}&show=statutory`);
    const [, id] = /href="\/overview\/([0-9a-f-]{36})\?/.exec(browser.page.html)!;
    const page = await browser.open(`/overview/${id}`);
    assert.match(page.html, /Enhetsregisteret/);
    assert.ok(!page.html.includes('/suspend') && !page.html.includes(`/overview/${id}/end`));
  });
});
