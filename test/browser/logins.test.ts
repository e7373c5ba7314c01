// The pages of logins in a real browser: one's sessions, the question before a logout, its end, the
// way back by POST, and the refusals that stay here.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { newWebClient } from '../support/oauth/clients.ts';
import { check, logIn, openPage } from '../support/pages/looks.ts';
import { authorization } from '../support/oauth/relying_party.ts';
import { newPerson, world } from '../support/world.ts';

if (hasChromium)
  describe('logins in a real browser', () => {
    let browser: Browser;
    before(async () => {
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
    });

    for (const language of ['nb', 'nn', 'en'] as const) {
      it(`show who is logged in where, and end it, in ${language}`, async () => {
        const { context, page, faults } = await openPage(browser, language);
        const person = await newPerson();
        const client = await newWebClient();
        const { query } = authorization(client, { response_mode: 'form_post' });
        await page.goto(`${world.url}/authorize?${query}`);
        await logIn(page, person.number);
        await check(page, `form-post-${language}`);
        assert.equal(await page.inputValue('input[name=state]'), 'as it was');
        await page.goto(`${world.url}/sessions`);
        await check(page, `sessions-${language}`);
        await page.goto(`${world.url}/logout`);
        await check(page, `logout-${language}`);
        await page.click('main form button');
        // The eID asks for itself.
        await page.click('button[value=yes]');
        await page.waitForURL(/\/logged-out/);
        await check(page, `logged-out-${language}`);
        assert.deepEqual(faults, []);
        await context.close();
      });

      it(`tell in ${language} why there is no way on`, async () => {
        const { context, page, faults } = await openPage(browser, language);
        const stranger = { redirect_uri: 'https://evil.example/steal' };
        for (const [name, address] of [
          ['unregistered', `/authorize?${authorization(await newWebClient(), stranger).query}`],
          ['unknown-client', '/authorize?client_id=nobody'],
          ['lost-login', '/login/callback?state=nothing'],
          ['unsealed', '/authorize?posted=nothing'],
        ] as const) {
          await page.goto(world.url + address);
          await check(page, `${name}-${language}`);
        }
        assert.deepEqual(faults, []);
        await context.close();
      });
    }
  });
