// The story in a real browser, in three languages, at phone and desk width, with axe on every page;
// and what only a browser shows: CSP, redirects after forms, equal buttons, overflow.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { check, logIn, openPage, WIDTHS, type Language } from '../support/pages/looks.ts';
import { newWebClient, push } from '../support/oauth/clients.ts';
import { authorization } from '../support/oauth/relying_party.ts';
import { can, newFirm, newResource } from '../support/rights/rights.ts';
import { ask, importThis, newOrganization, newPerson, newRole, world } from '../support/world.ts';

const WORDS = {
  nb: {
    yes: 'Du har gitt samtykke',
    no: 'Du har svart nei',
    withdrawn: 'Samtykket er trukket',
    signOut: 'Du er logget ut',
  },
  nn: {
    yes: 'Du har gitt samtykke',
    no: 'Du har svart nei',
    withdrawn: 'Samtykket er trekt',
    signOut: 'Du er logga ut',
  },
  en: {
    yes: 'You have given consent',
    no: 'You answered no',
    withdrawn: 'The consent has been withdrawn',
    signOut: 'You are logged out',
  },
} as const;

// Without a browser test/run.ts says loudly that these were skipped.
if (hasChromium)
  describe('in a real browser', () => {
    let browser: Browser;
    before(async () => {
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
    });

    const open = (language: Language) => openPage(browser, language);

    for (const language of ['nb', 'nn', 'en'] as const) {
      it(`walks the whole story in ${language} at ${WIDTHS[language]} px`, async () => {
        const { context, page, faults } = await open(language);
        const words = WORDS[language];
        await page.goto(world.bankUrl);
        const number = await page.locator('#person option').first().getAttribute('value');
        await page.click('form[action="/ask"] button');
        await logIn(page, number!);
        await check(page, `request-${language}`);
        const boxes = await page.locator('.answers button').evaluateAll((buttons) =>
          buttons.map((button) => {
            const { width, height } = button.getBoundingClientRect();
            const { backgroundColor, color, fontSize, fontWeight, borderColor } =
              getComputedStyle(button);
            return { width, height, backgroundColor, color, fontSize, fontWeight, borderColor };
          }),
        );
        assert.deepEqual(boxes[0], boxes[1], 'yes and no look the same');
        await page.click('button[value=yes]');
        await page.waitForURL(/\/consent\/receipt/);
        assert.equal(await page.textContent('h1'), words.yes);
        await check(page, `receipt-${language}`);
        await page.click('a[href^="/consent/continue"]');
        await page.waitForURL((url) => url.href.startsWith(world.bankUrl));
        assert.match((await page.textContent('main'))!, /612000/);
        await page.goto(`${world.url}/consents`);
        await check(page, `consents-${language}`);
        for (const show of ['waiting', 'ended', 'events']) {
          await page.goto(`${world.url}/consents?show=${show}`);
          await check(page, `consents-${show}-${language}`);
        }
        await page.goto(`${world.url}/parties`);
        await check(page, `parties-${language}`);
        await page.goto(`${world.url}/consents`);
        await page.click('.cards li:first-child a');
        await check(page, `detail-${language}`);
        await page.click('a[href$="/withdraw"]');
        await check(page, `withdraw-${language}`);
        await page.click('form button');
        assert.match((await page.textContent('[role=status]'))!, new RegExp(words.withdrawn));
        await check(page, `withdrawn-${language}`);
        await page.goto(`${world.url}/nothing-here`);
        await check(page, `error-${language}`);
        assert.deepEqual(faults, []);
        await context.close();
      });

      it(`chooses whom to act for in ${language}, among few and many`, async () => {
        const { context, page, faults } = await open(language);
        const client = createServer((_request, answer) => answer.end('back'));
        await new Promise<void>((done) => {
          client.listen(0, '127.0.0.1', done);
        });
        const redirect = `http://127.0.0.1:${(client.address() as AddressInfo).port}/callback`;
        const web = await newWebClient({ redirect_uris: [redirect] });
        const { firm, boss } = await newFirm();
        const resource = await newResource([can('read', 'dagl')]);
        const detail = {
          type: 'ansattporten:altinn:resource',
          resource: `urn:altinn:resource:${resource}`,
        };
        const toChoice = async (changes: object = {}) => {
          const { pushed } = await push(web, [{ ...detail, ...changes }], {
            redirect_uri: redirect,
          });
          await page.goto(
            `${world.url}/authorize?${new URLSearchParams({ client_id: web.id, request_uri: pushed.body.request_uri })}`,
          );
        };
        const asksOffline = async (details?: object[]) => {
          const { query } = authorization(web, {
            redirect_uri: redirect,
            scope: 'openid offline_access',
            ...(details ? { authorization_details: JSON.stringify(details) } : {}),
          });
          await page.goto(`${world.url}/authorize?${query}`);
        };
        await toChoice();
        await logIn(page, boss.number);
        await check(page, `represent-${language}`);
        await asksOffline([detail]);
        await page.check('#offline');
        await check(page, `represent-offline-${language}`);
        await asksOffline();
        await check(page, `offline-${language}`);
        await toChoice();
        await page.click('button[value=yes]');
        await page.waitForSelector('[role=alert]');
        await check(page, `represent-unchosen-${language}`);
        await page.check(`input[value="${firm.id}"]`);
        await page.click('button[value=yes]');
        await page.waitForURL((url) => url.href.startsWith(redirect));
        assert.ok(new URL(page.url()).searchParams.get('code'));
        for (let count = 0; count < 11; count += 1)
          await newRole(
            'dagl',
            await newOrganization(`Langnavnet Bedriftsutvikling ${count} AS`, { mayAsk: false }),
            boss,
          );
        await toChoice({ allow_multiple_organizations: true, representation_is_required: true });
        await check(page, `represent-many-${language}`);
        await page.fill('#q', 'utvikling 7');
        await page.click('[role=search] button');
        assert.equal(await page.locator('.choices li').count(), 1);
        const shown = (await page.textContent('.choices li .muted'))!;
        await page.fill('#q', /\d[\d\s]{8,}/.exec(shown)![0]);
        await page.click('[role=search] button');
        assert.deepEqual(
          [await page.locator('.choices li').count(), await page.textContent('.choices li .muted')],
          [1, shown],
        );
        await page.fill('#q', 'no such');
        await page.click('[role=search] button');
        await check(page, `represent-none-${language}`);
        await page.click('button[value=no]');
        await page.waitForURL((url) => url.searchParams.get('error') === 'access_denied');
        assert.deepEqual(faults, []);
        await context.close();
        client.close();
      });

      it(`says no in ${language}, and a company's employee is told who can`, async () => {
        const { context, page, faults } = await open(language);
        const [person, employee, company, to] = [
          await newPerson(),
          await newPerson(),
          await newOrganization('Langnavnet Bedriftsutvikling og Virksomhetsstyring AS'),
          await newOrganization(),
        ];
        await importThis({
          roleHolders: [{ role: 'medl', from: company.number, to: employee.number }],
        });
        await page.goto(
          `${world.url}/consent/request?id=${await ask(person, to, { requestMessage: { nb: 'Bare på bokmål' } })}`,
        );
        await logIn(page, person.number);
        await page.click('button[value=no]');
        await page.waitForURL(/\/consent\/receipt/);
        assert.equal(await page.textContent('h1'), words(language).no);
        await check(page, `no-${language}`);
        await context.clearCookies();
        const id = await ask(company, to, {
          consentRights: [
            {
              action: ['consent'],
              resource: [{ type: 'urn:altinn:resource', value: 'regnskap' }],
              metadata: { aar: '2025' },
            },
          ],
        });
        await page.goto(`${world.url}/consent/request?id=${id}`);
        await logIn(page, employee.number);
        await check(page, `refused-${language}`);
        await page.click('.buttons a[href="/logout"]');
        assert.deepEqual(faults, []);
        await context.close();
      });
    }

    it('works with the keyboard alone, focus visible', async () => {
      const { context, page } = await open('nb');
      const person = await newPerson();
      await page.goto(
        `${world.url}/consent/request?id=${await ask(person, await newOrganization())}`,
      );
      await logIn(page, person.number);
      let focused = '';
      for (let presses = 0; presses < 30 && focused !== 'yes'; presses += 1) {
        await page.keyboard.press('Tab');
        focused = await page.evaluate(
          () => (document.activeElement as HTMLButtonElement).value ?? '',
        );
      }
      assert.equal(focused, 'yes');
      const outline = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement!);
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      });
      assert.ok(outline);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/consent\/receipt/);
      assert.equal(await page.textContent('h1'), 'Du har svart nei');
      await context.close();
    });

    it('goes through OAuth alone, from the bank and back, without the browser being blocked', async () => {
      const { context, page, faults } = await open('nb');
      await page.goto(world.bankUrl);
      const number = await page.locator('#person option').first().getAttribute('value');
      await page.click('form[action="/connect"] button');
      await logIn(page, number!);
      await page.click('button[value=yes]');
      await page.waitForURL(/\/consent\/receipt/);
      await page.click('a[href^="/interaction/"]');
      await page.waitForURL((url) => url.pathname === '/callback');
      assert.equal(await page.textContent('h1'), 'Koblet til');
      assert.deepEqual(faults, []);
      await context.close();
    });

    const words = (language: keyof typeof WORDS) => WORDS[language];
  });
