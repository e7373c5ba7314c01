// A page begins with what one came for, also in large text on a small screen; and yes and no weigh
// the same, however long the names are.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { scene, shownOf } from '../support/pages/company_scene.ts';
import { openAs } from '../support/pages/looks.ts';
import { ask, newOrganization, newPerson, newRole, putParty } from '../support/world.ts';

const HEIGHT = 640;

describe('pages on a small screen', () => {
  let chromium: Browser;
  before(async function begin() {
    if (!hasChromium) this.skip();
    chromium = await launch();
  });
  after(() => chromium?.close());

  const larger = async (page: Page, percent: number) => {
    await page.addStyleTag({ content: `html { font-size: ${percent}% !important }` });
  };
  const topOf = (page: Page, selector: string) =>
    page.$eval(selector, (element) => element.getBoundingClientRect().top);

  it('have their heading in the first half at 200 % text on 360 × 640', async () => {
    const set = await scene();
    const { boss, firm } = set;
    const { page, context } = await openAs(chromium, boss, '/start', {
      viewport: { width: 360, height: HEIGHT },
      bypassCSP: true,
    });
    const late: string[] = [];
    for (const path of [...shownOf(set), `/overview?party=${firm.id}`, '/overview', '/give']) {
      await page.goto(new URL(path, page.url()).href);
      await larger(page, 200);
      const top = await topOf(page, 'main h1');
      if (top > HEIGHT / 2) late.push(`${path}: ${Math.round(top)}`);
    }
    assert.deepEqual(late, []);
    await context.close();
  });

  it('have the menu in reach: folded on a small one, open on a wide one', async () => {
    const { page, context } = await openAs(chromium, await newPerson(), '/start');
    const inbox = page.locator('.places a[href^="/inbox"]');
    assert.equal(await inbox.isVisible(), false);
    await page.click('.who summary');
    await inbox.click();
    assert.equal(new URL(page.url()).pathname, '/inbox');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.reload();
    assert.equal(await inbox.isVisible(), true);
    assert.equal(await page.locator('.who summary').isVisible(), false);
    await context.close();
  });

  it('have a yes and a no of one height and one edge, at names of 20, 40 and 60 letters', async () => {
    const faults: string[] = [];
    for (const letters of [20, 40, 60]) {
      const name = 'Anne-Karoline Bjørnstad '.repeat(3).slice(0, letters).trim();
      const [child, parent] = [await newPerson(name), await newPerson()];
      await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
      await newRole('foreldreansvar', child, parent);
      const id = await ask(child, await newOrganization('Spør ASA'));
      const { page, context } = await openAs(chromium, parent, `/consent/request?id=${id}`);
      for (const width of [320, 360, 390, 412, 600, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const [yes, no] = await page.$$eval('.answers .ds-button', (buttons) =>
          buttons.map((button) => {
            const { height, width: wide, left, top } = button.getBoundingClientRect();
            const range = document.createRange();
            range.selectNodeContents(button);
            // How far the middle of each line is from the button's.
            const off = [...range.getClientRects()].map((line) =>
              Math.round(line.left + line.width / 2 - left - wide / 2),
            );
            return { height, wide, left, top, off };
          }),
        );
        const isAligned = yes!.left === no!.left || yes!.top === no!.top;
        if (yes!.height !== no!.height || yes!.wide !== no!.wide || !isAligned)
          faults.push(`${letters} letters, ${width} px: ${JSON.stringify([yes, no])}`);
        const apart = [...yes!.off, ...no!.off].filter((one) => Math.abs(one) > 2);
        if (apart.length) faults.push(`${letters} letters, ${width} px: ${apart.join()} off`);
      }
      await context.close();
    }
    assert.deepEqual(faults, []);
  });
});
