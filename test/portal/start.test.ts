// The first page: what waits for oneself and for those one answers for, what ends soon, and nothing
// of what one may not read.
import assert from 'node:assert/strict';
import { loggedIn, unescapeHtml } from '../support/pages/browser.ts';
import { given, newConsentResource, newFirm, rightTo } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  type TestParty,
} from '../support/world.ts';

const textOf = async (who: TestParty) =>
  /<main[\s\S]*<\/main>/
    .exec((await loggedIn(who, '/start')).page.html)![0]
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .replaceAll(/ +/g, ' ');

describe('the first page', () => {
  it('tells what waits for a child, of what the parent may answer', async () => {
    const [child, mother, to] = [
      await newPerson('Emil Vent'),
      await newPerson(),
      await newOrganization(),
    ];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 14}-01-02` });
    await newRole('foreldreansvar', child, mother);
    const who = ['privatperson', 'foreldreansvar'];
    const parents = await newConsentResource(who, { decidesFrom: 16, parentUntil: 18 });
    const own = await newConsentResource(who, { decidesFrom: 13, parentUntil: 13 });
    await ask(child, to, { ...rightTo(own), portalViewMode: 'show' });
    assert.match(await textOf(mother), /Ingenting venter på deg/);
    await ask(child, to, { ...rightTo(parents), portalViewMode: 'show' });
    await ask(child, to, { ...rightTo(parents), portalViewMode: 'hide' });
    const text = await textOf(mother);
    assert.match(text, /Én forespørsel til Emil Vent venter på svar/);
    assert.doesNotMatch(text, /Ingenting venter på deg/);
    const browser = await loggedIn(mother, '/start');
    const href = `/consents?show=waiting&party=${child.id}`;
    assert.ok(unescapeHtml(browser.page.html).includes(href));
  });

  it('begins with what waits for a company that the reader answers for, before any news', async () => {
    const [{ firm, boss }, clerk, to] = [
      await newFirm(),
      await newPerson(),
      await newOrganization(),
    ];
    await given(boss, firm, clerk, { package: 'toll' });
    const resource = await newConsentResource(['dagl']);
    const another = await newConsentResource(['lede']);
    await ask(firm, to, { ...rightTo(another), portalViewMode: 'show' });
    assert.doesNotMatch(await textOf(boss), /venter på svar/, 'what is for another to answer');
    await ask(firm, to, { ...rightTo(resource), portalViewMode: 'show' });
    const text = await textOf(boss);
    assert.match(text, new RegExp(`^ *Hei, [^.]*? Én forespørsel til ${firm.name} venter på svar`));
    assert.doesNotMatch(text, /Ingenting venter på deg/);
    const [, href] = /<ul class="cards">[\s\S]*?href="([^"]+)"/.exec(
      (await loggedIn(boss, '/start')).page.html,
    )!;
    assert.equal(unescapeHtml(href!), `/consents?show=waiting&party=${firm.id}`);
  });

  it('tells what ends within thirty days: given, received, and consents', async () => {
    const [person, helper, to] = [await newPerson(), await newPerson(), await newOrganization()];
    const soon = { package: 'innbygger-pensjon', validTo: inDays(20) };
    await given(person, person, helper, soon);
    await given(person, person, helper, {
      ...soon,
      package: 'innbygger-samliv',
      validTo: inDays(40),
    });
    for (const validTo of [inDays(20), inDays(40)])
      await approve(await ask(person, to, { validTo }), person);
    const text = await textOf(person);
    assert.match(text, /Én fullmakt du har gitt, går ut innen 30 dager/);
    assert.match(text, /Ett samtykke går ut innen 30 dager/);
    assert.match(await textOf(helper), /Én fullmakt du har fått, går ut innen 30 dager/);
    const browser = await loggedIn(helper, '/overview?show=received&only=soon');
    assert.match(browser.page.html, /Ett treff/);
  });
});
