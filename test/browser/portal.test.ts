// The portal in a real browser, in three languages, with axe on every page: in, what waits, giving
// a power of attorney with and without a mistake, its page, pausing, ending, and the inbox.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { check, logIn, openPage, WIDTHS } from '../support/pages/looks.ts';
import { choose } from '../support/pages/choosing.ts';
import { newWebClient } from '../support/oauth/clients.ts';
import { can, given, newPair, newResource } from '../support/rights/rights.ts';
import {
  call,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

/** A request for two actions of a service, by one who works there. */
async function askedOf(firm: TestParty): Promise<string> {
  const clerk = await newPerson('Ola Ansattsen');
  await newRole('medl', firm, clerk);
  const resource = await newResource([can('read', 'dagl'), can('sign', 'dagl')]);
  const query = new URLSearchParams({ party: clerk.id, to: firm.id, resource });
  const path = `/accessmanagement/api/v1/enduser/request/resource?${query}`;
  return (await call('POST', path, await personToken(clerk))).body.id;
}

// Without a browser test/run.ts says loudly that these were skipped.
if (hasChromium)
  describe('the portal in a real browser', () => {
    let browser: Browser;
    before(async () => {
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
    });

    for (const language of ['nb', 'nn', 'en'] as const)
      it(`lets a person give, pause and end a power of attorney in ${language} at ${WIDTHS[language]} px`, async () => {
        const [[giver, helper], other] = [await newPair(), await newPerson()];
        const firm = await newOrganization();
        await newRole('dagl', firm, giver);
        await given(other, other, giver, { package: 'innbygger-pensjon' });
        const { context, page, faults } = await openPage(browser, language);
        const see = (name: string) => check(page, `${name}-${language}`);
        await page.goto(`${world.url}/`);
        await see('front');
        await page.click('main a[href="/start"]');
        await logIn(page, giver.number);
        await see('start');
        await page.click('main a[href="/give"]');
        await see('give');
        await page.fill('#q', 'pensjon');
        await page.click('#things button[formaction="/give"]');
        await see('give-found');
        await page.goto(`${world.url}/give/terms?package=innbygger-pensjon`);
        await page.click('main form[method=post] button');
        await see('give-mistake');
        assert.equal(await page.locator('.ds-error-summary li').count(), 2);
        assert.match(await page.title(), /^(Feil|Error): /);
        await page.fill('#number', helper.number);
        await page.fill('#lastName', lastName(helper));
        await page.check('#long-year');
        await page.click('main form[method=post] button');
        await see('give-check');
        await page.click('main form[method=post] button');
        await page.waitForURL(/\/overview\/.*given/);
        await see('mandate');
        await page.click('main form[action*="/suspend"] button');
        await see('mandate-paused');
        await page.click('main a[href*="/change"]');
        await page.click('main form[method=post] button');
        await see('mandate-change');
        await page.goBack();
        await page.goBack();
        await page.click('main a[href*="/end"]');
        await see('mandate-end');
        await page.click('main form[method=post] button');
        await see('mandate-ended');
        for (const show of ['given', 'received', 'statutory', 'ended']) {
          await page.goto(`${world.url}/overview?show=${show}`);
          await see(`overview-${show}`);
        }
        await page.goto(`${world.url}/overview?party=${firm.id}&show=statutory`);
        await page.click('.cards a');
        await see('mandate-statutory');
        const asked = await askedOf(firm);
        for (const [path, name] of [
          [`/overview?party=${firm.id}&show=waiting`, 'overview-waiting'],
          [`/requests/${asked}`, 'request'],
          [`/overview/people?party=${firm.id}`, 'people'],
          ['/parties', 'parties'],
          ['/profile', 'profile'],
          ['/apps', 'apps-none'],
        ]) {
          await page.goto(`${world.url}${path}`);
          await see(name!);
        }
        const app = await newWebClient({
          authorization_details_types: ['urn:tillit:parties'],
          client_name: 'Regnskapsappen',
        });
        const details = [{ type: 'urn:tillit:parties' }];
        await choose(app, giver, details, `${firm.id} ${giver.id}`);
        await page.goto(`${world.url}/apps`);
        await see('apps');
        await page.goto(`${world.url}/inbox`);
        await see('inbox');
        await page.goto(`${world.url}/inbox?party=${firm.id}`);
        await see('inbox-firm');
        await context.clearCookies();
        await page.click('form[action^="/inbox"] button');
        await see('logged-out');
        assert.deepEqual(
          faults.filter((fault) => !/401|422/.test(fault)),
          [],
        );
        await context.close();
      });
  });
