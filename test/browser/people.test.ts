// What people come for, from end to end in Chromium: a citizen who stops what was used, a mother
// who answers for her child, one who renounces, one who changes without ending; and pages that hold
// with the longest names, the largest text, on paper and on the first screen of a phone.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { scene, shownOf } from '../support/pages/company_scene.ts';
import { check, openAs } from '../support/pages/looks.ts';
import {
  can,
  decide,
  given,
  newConsentResource,
  newFirm,
  newMandate,
  newPair,
  newResource,
  newTeam,
  rightTo,
} from '../support/rights/rights.ts';
import {
  ask,
  call,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  type TestParty,
  world,
} from '../support/world.ts';

const PENSION = 'innbygger-pensjon';
const VAT = 'merverdiavgift';
const SUBMIT = 'main form[method=post] button[type=submit]';
/** As long as a register lets a name be, in one word. */
const LONGEST = 'Å'.padEnd(60, 'aeiou');

if (hasChromium)
  describe('people in Chromium', () => {
    let browser: Browser;
    before(async () => {
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
    });

    async function at(person: TestParty, path: string, width = 360): Promise<Page> {
      const viewport = { width, height: 640 };
      return (await openAs(browser, person, path, { viewport, bypassCSP: true })).page;
    }
    const press = (page: Page, button: string) =>
      Promise.all([page.waitForNavigation(), page.click(button)]);
    const text = async (page: Page) => (await page.textContent('main'))!;
    const overflow = (page: Page) =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );

    it('let a citizen give, be told of the use, stop it, and have the next use denied', async () => {
      const [giver, helper] = await newPair();
      const resource = await newResource([can('read', `package:${PENSION}`)]);
      const page = await at(giver, `/give/terms?package=${PENSION}`);
      await page.fill('#number', helper.number);
      await page.fill('#lastName', lastName(helper));
      await page.check('#long-year');
      await press(page, SUBMIT);
      await press(page, SUBMIT);
      assert.match(await text(page), /Fullmakten er gitt/);
      assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
      await world.app.settle();
      await page.goto(`${world.url}/start`);
      assert.match(await text(page), /Én ny beskjed/);
      await page.goto(`${world.url}/inbox`);
      assert.match(await text(page), /brukt for første gang/);
      await check(page, 'inbox-used');
      await press(page, 'main a[href*="/overview/stop"]');
      await check(page, 'not-me');
      await press(page, 'main form[action*="/stop"] button');
      assert.match(await text(page), /satt på pause/);
      await check(page, 'not-me-paused');
      assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
      await world.app.settle();
      await press(page, 'main a[href*="/overview/0"]');
      assert.match(await text(page), /Brukt: [\s\S]*Satt på pause av/);
      await page.context().close();
    });

    it('let one see at the next login what was done with theirs, and a child who acts for it', async () => {
      const [giver, helper, parent] = [
        await newPerson('Gyda Giversen'),
        await newPerson('Hanne Hjelper'),
        await newPerson('Paul Parent'),
      ];
      await newMandate(helper, giver, { package: 'innbygger-samliv' });
      await given(giver, giver, helper, { package: PENSION });
      const page = await at(giver, '/start');
      assert.match(await text(page), /Siden sist: Du ga Hanne Hjelper/);
      await check(page, 'start-since');
      await page.context().close();
      const child = await newPerson('Barn Barnesen');
      const soon = new Date(Date.now() + 90 * 86_400_000);
      const bornOn = `${soon.getUTCFullYear() - 18}${soon.toISOString().slice(4, 10)}`;
      await putParty(child, { bornOn });
      await newRole('foreldreansvar', child, parent);
      const theirs = await at(child, '/start');
      assert.match(await text(theirs), /Paul Parent har foreldreansvar for deg[\s\S]*Du fyller 18/);
      await check(theirs, 'start-child');
      await theirs.context().close();
    });

    it('let a mother answer for her child, in words about the child', async () => {
      const [child, mother, bank] = [
        await newPerson('Emil Dahl'),
        await newPerson(),
        await newOrganization('Banken AS'),
      ];
      await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
      await newRole('foreldreansvar', child, mother);
      const who = ['privatperson', 'foreldreansvar'];
      const resource = await newConsentResource(who, { decidesFrom: 13, parentUntil: 18 });
      await ask(child, bank, { ...rightTo(resource), portalViewMode: 'show' });
      const page = await at(mother, '/start');
      await press(page, `main a[href*="${child.id}"]`);
      await check(page, 'waiting-child');
      await press(page, 'main .cards a');
      assert.match((await page.textContent('h1'))!, /om Emil Dahl/);
      await check(page, 'request-child');
      await press(page, 'button[value=yes]');
      assert.match(await text(page), /Du har gitt samtykke[\s\S]*På vegne av\s*Emil Dahl/);
      await check(page, 'receipt-child');
      await page.context().close();
    });

    it('let one who has received a power of attorney renounce it', async () => {
      const [giver, helper] = [await newPerson('Gyda Giversen'), await newPerson()];
      await given(giver, giver, helper, { package: PENSION });
      const page = await at(helper, '/overview?show=received');
      await press(page, 'main .cards a');
      await press(page, 'main a[href*="/end"]');
      assert.match(await text(page), /Vil du si fra deg fullmakten «Pensjon» for Gyda Giversen/);
      await check(page, 'renounce');
      await press(page, SUBMIT);
      assert.match(await text(page), /sa den fra seg/);
      await page.goto(`${world.url}/overview?show=received`);
      assert.match(await text(page), /Ingen fullmakt er mottatt/);
      await page.context().close();
    });

    it('let a giver add, take away and shorten without ending anything', async () => {
      const [giver, helper] = [await newPerson(), await newPerson()];
      const resource = await newResource([
        can('read', 'privatperson'),
        can('sign', 'privatperson'),
      ]);
      const id = await given(giver, giver, helper, { resource, actions: ['read'] });
      const year = new Date().getFullYear() + 2;
      const page = await at(giver, `/overview/${id}/change`);
      await page.check('input[name=action][value=sign]');
      await page.uncheck('input[name=action][value=read]');
      await page.fill('#date', `31.12.${year + 1}`);
      await press(page, SUBMIT);
      assert.match(
        await text(page),
        new RegExp(`Endringene er lagret[\\s\\S]*31\\.\\s*desember\\s*${year + 1}`),
      );
      assert.equal(await decide(helper, 'sign', resource, giver), 'Permit');
      assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
      await press(page, 'main a[href*="/change"]');
      await page.fill('#date', `31.12.${year}`);
      await press(page, SUBMIT);
      assert.match(
        await text(page),
        new RegExp(`${year} \\(før: til og med 31\\.\\s*desember\\s*${year + 1}`),
      );
      await page.context().close();
    });

    it('are told everything there is to look at without a fault, in small and in large', async () => {
      const { firm, boss, clerk } = await newTeam();
      const query = (what: object) =>
        new URLSearchParams({ party: clerk.id, to: firm.id, package: VAT, ...what });
      const path = '/accessmanagement/api/v1/enduser/request/package';
      const token = await personToken(clerk);
      const asked = (await call('POST', `${path}?${query({})}`, token)).body.id;
      const bank = await newOrganization();
      const [no, waiting] = [
        await ask(boss, bank),
        await ask(boss, bank, { portalViewMode: 'show' }),
      ];
      await reject(no, boss);
      const held = await given(boss, firm, clerk, { package: 'toll' });
      const page = await at(boss, '/start', 320);
      for (const [name, address] of Object.entries({
        help: '/help',
        privacy: '/privacy',
        accessibility: '/accessibility',
        ask: '/ask',
        asked: `/requests/${asked}`,
        stop: `/overview/stop?party=${firm.id}&receiver=${clerk.id}`,
        receipt_no: `/consent/receipt?id=${no}`,
        doubt: `/consent/request?id=${waiting}`,
        filtered: `/overview?party=${firm.id}&only=soon`,
        nothing: '/consents?q=ingenting',
        not_here: '/finnes-ikke',
        closed: '/overview?party=5a7e0000-0000-4000-8000-000000000999',
        odd_login: '/login/callback?state=x',
        held: `/overview/${held}`,
      })) {
        await page.goto(`${world.url}${address}`);
        await check(page, `small-${name}`);
      }
      await page.goto(`${world.url}/requests/${asked}`);
      await press(page, 'main button[formaction*="/reject"]');
      await check(page, 'small-answered');
      await page.context().close();
      const own = await at(clerk, `/requests/${asked}`, 320);
      await check(own, 'small-own-answered');
      await own.context().close();
    });

    it('meet pages that hold with the longest names, and with text of twice the size', async () => {
      const set = await scene();
      const { boss } = set;
      for (const one of [boss, set.helper]) await putParty(one, { name: `Åse ${LONGEST}` });
      for (const one of [set.firm, set.customer, set.to]) await putParty(one, { name: LONGEST });
      const paths = [...shownOf(set), '/overview', '/give', '/consents?show=events'];
      const page = await at(boss, '/start', 320);
      const wide: string[] = [];
      for (const path of paths) {
        await page.goto(`${world.url}${path}`);
        if (await overflow(page)) wide.push(path);
      }
      await page.setViewportSize({ width: 360, height: 640 });
      for (const path of paths) {
        await page.goto(`${world.url}${path}`);
        await page.addStyleTag({ content: ':root { font-size: 200% !important }' });
        if (await overflow(page)) wide.push(`large ${path}`);
      }
      assert.deepEqual(wide, []);
      await page.context().close();
    });

    it('see on the first screen of a phone what they came for', async () => {
      const { firm, boss } = await newFirm();
      const helper = await newPerson();
      await given(boss, firm, helper, { package: VAT });
      await given(boss, boss, helper, { package: PENSION });
      const page = await at(boss, '/start');
      for (const [path, first] of [
        ['/start', 'main .cards a'],
        ['/overview', 'main .cards .ds-heading'],
        [`/overview?party=${firm.id}`, 'main .cards .ds-heading'],
        ['/inbox', 'main .cards p'],
        ['/parties', 'main .cards strong'],
        ['/give', '#q'],
        ['/ask', 'main .cards a'],
        ['/ask?others=yes', '#q'],
        ['/consents', '.tabs-nav'],
      ] as const) {
        await page.goto(`${world.url}${path}`);
        const top = await page
          .locator(first)
          .first()
          .evaluate((one) => one.getBoundingClientRect().bottom);
        assert.ok(top <= 640, `${path}: ${top} px`);
      }
      await page.context().close();
    });

    it('print what they read, without the way around and its buttons', async () => {
      const [giver, helper] = await newPair();
      const id = await given(giver, giver, helper, { package: PENSION });
      const page = await at(giver, `/overview/${id}`);
      assert.equal(await page.locator('.only-print:visible').count(), 0);
      await page.emulateMedia({ media: 'print' });
      for (const path of [`/overview/${id}`, '/overview', '/inbox']) {
        await page.goto(`${world.url}${path}`);
        for (const gone of [
          '.places',
          'main button',
          '.tabs-nav',
          'footer',
          '.top',
          'main summary',
        ])
          for (const one of await page.locator(gone).all())
            assert.equal(await one.isVisible(), false, `${path} ${gone}`);
        assert.ok(await page.locator('h1').isVisible());
        const printed = (await page.textContent('.only-print'))!;
        assert.match(printed, /^Skrevet ut \d+\. \S+ \d{4} kl\. \d\d:\d\d, fra /);
        assert.ok(printed.endsWith(`${world.url}${path}`), printed);
      }
      await page.goto(`${world.url}/overview/${id}`);
      const paper = (await page.textContent('main'))!;
      for (const said of ['Referanse', 'Gjelder', 'Hva har skjedd'])
        assert.ok(paper.includes(said), said);
      await page.context().close();
    });
  });
