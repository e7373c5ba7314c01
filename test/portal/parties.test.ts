// Whom a person may see to, and what the person has chosen of the portal.
import assert from 'node:assert/strict';
import { Browser, loggedIn, press, unescapeHtml } from '../support/pages/browser.ts';
import { given, newFirm } from '../support/rights/rights.ts';
import {
  importThis,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  world,
} from '../support/world.ts';

const MANAGER = 'tilgangsstyrer';

describe('the parties one may see to', () => {
  it('are oneself, children, companies with sub-units, each with why and number', async () => {
    const [parent, child] = [await newPerson(), await newPerson()];
    await putParty(child, { bornOn: '2017-05-12' });
    const firm = await newOrganization();
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
    await newRole('foreldreansvar', child, parent);
    await newRole('dagl', firm, parent);
    const { html } = (await loggedIn(parent, '/parties')).page;
    for (const one of [parent, child, firm, unit]) assert.ok(html.includes(one.name), one.name);
    assert.match(html, /Født 12\.\smai\s2017/);
    assert.ok(!html.includes(child.number) && !html.includes(parent.number));
    assert.ok(html.includes(`/overview?party=${firm.id}`));
    // A parent answers for the child, and gives no power of attorney for it by that alone.
    assert.ok(html.includes(`/consents?party=${child.id}`));
    assert.ok(!html.includes(`/overview?party=${child.id}`));
  });

  it('are also those who have let one administer, and not those who let one do other things', async () => {
    const [{ firm, boss }, other, helper] = [await newFirm(), await newFirm(), await newPerson()];
    await given(boss, firm, helper, { package: MANAGER });
    await given(other.boss, other.firm, helper, { package: 'merverdiavgift' });
    const { html } = (await loggedIn(helper, '/parties')).page;
    assert.ok(html.includes(`/overview?party=${firm.id}`), html);
    assert.match(html, /Du har fullmakt til å styre tilganger/);
    assert.ok(!html.includes(other.firm.id) && !html.includes(`/consents?party=${firm.id}`));
  });

  it('lead one who sees to customers or to API access alone to those, and back', async () => {
    const helper = await newPerson();
    for (const [code, path, why] of [
      ['klientadministrator', '/customers', 'styre hvem som arbeider for kundene'],
      ['maskinporten-administrator', '/scopes', 'styre tilganger til API-er'],
    ] as const) {
      const { firm, boss } = await newFirm();
      await given(boss, firm, helper, { package: code });
      const browser = await loggedIn(helper, '/parties');
      const { html } = browser.page;
      assert.match(html, new RegExp(`Du har fullmakt til å ${why}`));
      assert.ok(!html.includes(`/overview?party=${firm.id}`));
      const way = `${path}?party=${firm.id}`;
      assert.ok(unescapeHtml(html).includes(`href="${way}"`), html);
      const page = await browser.open(way);
      assert.equal(page.status, 200, page.html);
      assert.ok(page.html.includes('href="/parties"'), 'the way back');
      // A sub-unit has no such page.
      const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
      await given(boss, unit, helper, { package: code });
      assert.ok(!(await browser.open('/parties')).html.includes(unit.id));
      // Whoever leads the firm comes from its own pages.
      const led = await (await loggedIn(boss, '/parties')).open(way);
      assert.match(
        led.html,
        new RegExp(`href="/(overview|systems)\\?party(?:=|&#x3D;)${firm.id}"`),
      );
    }
  });

  it('are searched and paged when there are many, favourites and the latest on top', async () => {
    const boss = await newPerson();
    const firms = await Promise.all(
      Array.from({ length: 12 }, (_, index) => newOrganization(`Rad ${index} AS`)),
    );
    await importThis({
      roleHolders: firms.map(({ number }) => ({ role: 'dagl', from: number, to: boss.number })),
    });
    const browser = await loggedIn(boss, '/parties');
    const names = () => browser.page.html.match(/<li class="ds-card">/g)!.length - 1;
    assert.equal(names(), 10);
    await browser.open('/parties?offset=10');
    assert.equal(names(), 2);
    await browser.open(`/parties?q=${firms[7]!.number}`);
    assert.equal(names(), 1);
    await press(browser, /parties/);
    assert.match(browser.page.html, /Favoritter[\s\S]*Rad 7 AS/);
    await browser.open(`/overview?party=${firms[11]!.id}`);
    await browser.open('/parties');
    assert.match(browser.page.html, /Favoritter[\s\S]*Rad 7 AS[\s\S]*Sist brukt[\s\S]*Rad 11 AS/);
    for (const odd of ['offset=-1', 'offset=x', 'q=%25', `q=${'a'.repeat(500)}`])
      assert.equal((await browser.open(`/parties?${odd}`)).status, 200, odd);
  });

  it('take no favourite that is not among them', async () => {
    const [person, stranger, child] = [
      await newPerson(),
      await newOrganization(),
      await newPerson(),
    ];
    await newRole('foreldreansvar', child, person);
    const browser = await loggedIn(person, '/parties');
    const { page } = browser;
    assert.equal((await press(browser, /parties/, { party: stranger.id })).status, 403);
    browser.page = page;
    assert.equal((await press(browser, /parties/, { party: 'x' })).status, 400);
  });
});

describe('what one has chosen', () => {
  it('is the language, from the next page and the next login', async () => {
    const person = await newPerson();
    const browser = await loggedIn(person, '/profile');
    assert.match(
      (await press(browser, /profile/, { language: 'nn' })).html,
      /Innstillingane er lagra/,
    );
    assert.match((await loggedIn(person, '/start')).page.html, /<html lang="nn"/);
    await browser.open('/profile');
    assert.match((await press(browser, /profile/, { language: '' })).html, /<html lang="nb"/);
    assert.match((await loggedIn(person, '/start')).page.html, /<html lang="nb"/);
    // The front page leads whoever is logged in on, in the language that was clicked there.
    assert.match((await browser.open('/?lang=en')).html, /<html lang="en"/);
    assert.equal(browser.page.url.pathname, '/start');
    await browser.open('/profile');
    assert.equal((await press(browser, /profile/, { language: 'de' })).status, 400);
  });

  it('is nobody else’s: a form of another session is refused', async () => {
    const person = await newPerson();
    const [one, other] = [await loggedIn(person, '/profile'), new Browser()];
    await other.open('/profile');
    await other.logIn(person);
    other.page.html = one.page.html;
    assert.equal((await press(other, /profile/, { language: 'en' })).status, 403);
  });

  it('that are favourites or the latest stand on the profile, and are let go there', async () => {
    const [{ firm, boss }, { firm: second }] = [await newFirm(), await newFirm()];
    await newRole('dagl', second, boss);
    const browser = await loggedIn(boss, '/parties');
    const form = new RegExp(`<form[^>]*>(?:(?!</form>)[\\s\\S])*${firm.id}[\\s\\S]*?</form>`);
    browser.page.html = form.exec(browser.page.html)![0];
    await press(browser, /parties/);
    assert.match(browser.page.html, new RegExp(`${firm.name}</strong>\\s*<span[^>]*>Favoritt`));
    await browser.open(`/overview?party=${second.id}`);
    await browser.open('/profile');
    assert.match(browser.page.html, /Favoritter[\s\S]*Sist brukt/);
    const after = await press(browser, /parties/);
    assert.equal(after.url.pathname, '/profile');
    assert.doesNotMatch(after.html, /Favoritter/);
  });

  it('are reached by another name of this machine, where the login would be lost', async () => {
    const other = world.url.replace('127.0.0.1', 'localhost');
    const answer = await fetch(`${other}/start`, { redirect: 'manual' });
    assert.equal(answer.headers.get('location'), `${world.url}/start`);
    const spoofed = await fetch(`${world.url}/start`, {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'evil.example' },
    });
    assert.ok(spoofed.headers.get('location')!.startsWith(world.env.eid.issuer));
  });
});
