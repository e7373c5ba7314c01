// An empty list says no more than the reader can know: that nothing is given of oneself, that
// nothing of a company's is the reader's to read; and where there is something else to see.
import assert from 'node:assert/strict';
import { loggedIn } from '../../support/pages/browser.ts';
import { given, newConsentResource, newFirm, rightTo } from '../../support/rights/rights.ts';
import { approve, ask, newOrganization, newPerson, newRole } from '../../support/world.ts';

describe('an empty list of consents', () => {
  it('is empty for the person, and names nothing else where there is nothing', async () => {
    const { page } = await loggedIn(await newPerson(), '/consents');
    assert.match(page.html, /Ingen samtykker er gitt nå/);
    assert.doesNotMatch(page.html, /Se også/);
  });

  it('leads to powers of attorney and registers, where there are such', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    await given(boss, firm, clerk, { package: 'toll' });
    const browser = await loggedIn(boss, `/consents?party=${firm.id}`);
    assert.match(browser.page.html, /Ingen samtykker som du kan lese, gjelder nå/);
    const [, href, n] =
      /href="([^"]+)">Se også fullmakter \((\d+)\) og det registrene sier \(\d+\)/.exec(
        browser.page.html,
      )!;
    assert.equal(n, '1');
    assert.equal((await browser.open(href!.replaceAll('&#x3D;', '='))).status, 200);
  });

  it('says nothing of what the reader may not read, as of what there is not', async () => {
    const [{ firm, boss }, chair] = [await newFirm(), await newPerson()];
    await newRole('lede', firm, chair);
    const page = async () =>
      (await loggedIn(boss, `/consents?party=${firm.id}`)).page.html.replaceAll(/csrf[^>]*/g, '');
    const before = await page();
    const resource = await newConsentResource(['lede']);
    const id = await ask(firm, await newOrganization(), rightTo(resource));
    assert.equal((await approve(id, chair)).status, 200);
    assert.doesNotMatch(before, /Ingen samtykker er gitt nå/);
    assert.equal(await page(), before);
  });
});
