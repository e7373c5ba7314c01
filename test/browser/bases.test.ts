// Pages of consents that rest on something, in a real browser: fallen, frozen, and not to be
// answered by one who is too young.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { check, logIn, openPage } from '../support/pages/looks.ts';
import { newConsentResource, rightTo } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  world,
} from '../support/world.ts';

if (hasChromium)
  describe('what consents rest on, in a real browser', () => {
    let browser: Browser;
    let resource: string;
    before(async () => {
      browser = await launch();
      resource = await newConsentResource(['privatperson', 'foreldreansvar']);
    });
    after(async () => {
      await browser?.close();
    });

    for (const language of ['nb', 'nn', 'en'] as const) {
      it(`is told where it is gone, on hold, or not one's own yet, in ${language}`, async () => {
        const [person, gone, bank] = [
          await newPerson('Fatima Prøvesen'),
          await newOrganization('Nedlagt Sparebank AS'),
          await newOrganization('Prøvesparebanken AS'),
        ];
        const fallen = await ask(person, gone, rightTo(resource));
        const frozen = await ask(person, bank, rightTo(resource));
        for (const id of [fallen, frozen]) assert.equal((await approve(id, person)).status, 200);
        const waiting = await ask(person, gone, rightTo(resource));
        await putParty(gone, { endedAt: inDays(-1) });
        await call('POST', `/access/v1/consents/${frozen}/suspend`, await personToken(person));
        const { context, page, faults } = await openPage(browser, language);
        await page.goto(`${world.url}/consents/${fallen}`);
        await logIn(page, person.number);
        await check(page, `consent-fallen-${language}`);
        assert.doesNotMatch((await page.textContent('main'))!, /Trukket|Trekt|Withdrawn/);
        await page.goto(`${world.url}/consents/${frozen}`);
        await check(page, `consent-suspended-${language}`);
        await page.goto(`${world.url}/consent/request?id=${waiting}`);
        await check(page, `request-gone-${language}`);
        assert.deepEqual(faults, []);
        await context.close();

        const [child, parent] = [await newPerson('Emil Prøvesen'), await newPerson()];
        await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 12}-03-01` });
        await newRole('foreldreansvar', child, parent);
        const young = await openPage(browser, language);
        await young.page.goto(
          `${world.url}/consent/request?id=${await ask(child, bank, rightTo(resource))}`,
        );
        await logIn(young.page, child.number);
        await check(young.page, `request-too-young-${language}`);
        await young.context.close();
      });
    }
  });
