// The way in to a power of attorney, and back to it after a login.
import assert from 'node:assert/strict';
import { Browser, loggedIn, press } from '../../support/pages/browser.ts';
import { can, given, newResource, newTeam } from '../../support/rights/rights.ts';
import { newOrganization, newPerson, newRole, putParty, world } from '../../support/world.ts';
import { PACKAGE, terms } from '../../support/pages/giving.ts';

describe('the way in', () => {
  it('says what this is, and logs in', async () => {
    const browser = new Browser();
    const front = await browser.open('/');
    assert.deepEqual([front.status, front.url.pathname], [200, '/']);
    assert.match(front.html, /href="\/start"/);
    const person = await newPerson();
    const start = await loggedIn(person, '/start');
    assert.match(start.page.html, new RegExp(`Hei, ${person.name}`));
  });

  it('tells what is new, until it is read', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(helper, '/start');
    assert.match(browser.page.html, /Én ny beskjed/);
    assert.match((await browser.open('/inbox')).html, />Ny</);
    assert.match((await browser.open('/start')).html, /ingen nye beskjeder/);
    assert.doesNotMatch((await browser.open('/inbox')).html, />Ny</);
    await given(giver, giver, helper, { package: 'innbygger-samliv' });
    // What a browser fetches beforehand nobody has seen.
    const ahead = {
      headers: { 'sec-purpose': 'prefetch', cookie: await browser.cookies('session') },
    };
    assert.equal((await fetch(`${world.url}/inbox`, ahead)).status, 200);
    const cookie = await browser.cookies('session');
    for (const other of [
      { method: 'HEAD', headers: { cookie } },
      { headers: { cookie, 'sec-fetch-site': 'cross-site' } },
    ] as RequestInit[])
      assert.equal((await fetch(`${world.url}/inbox`, other)).status, 200);
    assert.match((await browser.open('/start')).html, /Én ny beskjed/);
  });

  it('marks a company’s as read when one says so: what was shown, and not what came since', async () => {
    const { firm, boss, clerk } = await newTeam();
    const colleague = await newPerson();
    await newRole('dagl', firm, colleague);
    await given(colleague, firm, clerk, { package: 'merverdiavgift' });
    const browser = await loggedIn(boss, `/inbox?party=${firm.id}`);
    await browser.open(`/inbox?party=${firm.id}`);
    assert.match(browser.page.html, />Ny</);
    await given(colleague, firm, clerk, { package: 'toll' });
    await press(browser, /inbox/);
    assert.equal(browser.page.html.match(/>Ny</g)!.length, 1);
    await press(browser, /inbox/);
    assert.doesNotMatch(browser.page.html, />Ny</);
  });

  it('tells a child’s other parent whose it is, and never that one has got it', async () => {
    const [child, mother, father] = [await newPerson(), await newPerson(), await newPerson()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    const resource = await newResource([can('read', 'privatperson')], {
      decidesFrom: 8,
      parentUntil: 18,
    });
    await given(child, child, await newPerson(), { resource, actions: ['read'] });
    const browser = await loggedIn(father, '/inbox');
    const { page } = browser;
    assert.match(page.html, /for en du har ansvar for/);
    assert.doesNotMatch(page.html, /Du har fått en fullmakt/);
  });

  it('says that something was done only while it is so', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(giver, '/start');
    for (const forged of ['ended', 'suspended'])
      assert.doesNotMatch(
        (await browser.open(`/overview/${id}?${forged}`)).html,
        /ds-alert" data-color="success"/,
      );
  });

  it('answers a pause that is refused on the page itself, and never with a way to end', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(helper, `/overview/${id}/end`);
    browser.page.html = browser.page.html.replaceAll(`/${id}/end`, `/${id}/suspend`);
    const page = await press(browser, /suspend/);
    assert.equal(page.status, 403);
    assert.doesNotMatch(page.html, /Vil du (avslutte|si fra deg)/);
    assert.doesNotMatch((await browser.open(`/overview/${id}`)).html, /Satt på pause/);
  });

  it('shows the number of an organisation before it is given anything', async () => {
    const [giver, firm] = [await newPerson(), await newOrganization()];
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    const check = await press(browser, /terms/, terms(firm));
    assert.match(check.html, /organisasjonsnummer \d{3}/);
  });

  it('asks nobody for a login who has the level already', async () => {
    const browser = await loggedIn(await newPerson(), '/start');
    await browser.open('/step-up?level=3&to=/inbox');
    assert.equal(browser.page.url.pathname, '/inbox');
  });

  it('steps up within this site alone', async () => {
    const browser = new Browser();
    for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example', 'x', ''])
      assert.equal(
        (await browser.open(`/step-up?level=4&to=${encodeURIComponent(to)}`)).status,
        404,
      );
    assert.equal((await browser.open('/step-up?level=9&to=/start')).status, 404);
    const eid = await browser.open('/step-up?level=4&to=/start');
    assert.ok(eid.url.href.startsWith(world.env.eid.issuer));
  });
});

describe('a form whose session is gone', () => {
  it('is answered in words with the way back, and nothing is done', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(giver, `/overview/${id}/end`);
    await browser.forget('');
    const page = await press(browser, /end/);
    assert.equal(page.status, 401);
    assert.match(page.html, /Du er logget ut/);
    assert.match(page.html, new RegExp(`href="/overview/${id}/end`));
    const overview = await (await loggedIn(giver, '/overview')).page;
    assert.match(overview.html, new RegExp(id));
  });
});
