// A consent that fits, walked in a real browser: part of it chosen, used less often, narrowed,
// replaced and renewed.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { newClient, type TestClient } from '../support/oauth/clients.ts';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { walkAs, type Walk } from '../support/pages/walk.ts';
import { asked, titled } from '../support/parts.ts';
import { askInPlace, seenByAsker } from '../support/replaced.ts';
import { draw, given } from '../support/uses.ts';
import { ask, inDays, newOrganization, newPerson, type TestParty } from '../support/world.ts';

const TO_WAITING = 'main a[href*="/consents?show=waiting"]';
const TO_REQUEST = 'main a[href*="/consent/request"]';
const YES = 'main button[name="answer"][value="yes"]';
const NO = 'main button[name="answer"][value="no"]';

if (hasChromium)
  describe('whoever changes a consent', function suite() {
    if (process.env.SCREENSHOTS) this.timeout(600_000);
    let browser: Browser;
    let bank: TestParty;
    let client: TestClient;
    let [one, other, counted]: string[] = [];
    before(async () => {
      browser = await launch();
      bank = await newOrganization('Prøvesparebanken AS');
      client = await newClient(bank);
      [one, other] = [await titled('Inntekt i 2025'), await titled('Gjeld i 2025')];
      counted = await titled('Saldo', { uses: { total: 12, per: { number: 2, period: 'day' } } });
    });
    after(async () => {
      await browser?.close();
    });

    const LISTED = { portalViewMode: 'Show' };
    const walks = (name: string, walk: (one: Walk, from: TestParty) => Promise<void>) =>
      it(`walks as ${name}`, async () => {
        const from = await newPerson('Vilde Velger');
        await walkAs(browser, name, (each) => walk(each, from));
      });
    const toRequest = async (walk: Walk, from: TestParty) => {
      await walk.enter(from);
      await walk.press(TO_WAITING);
      await walk.press(TO_REQUEST);
    };
    const toConsent = async (walk: Walk, from: TestParty, id: string) => {
      await walk.enter(from);
      await walk.press('main a[href="/consents"]');
      await walk.press(`main a[href="/consents/${id}"]`);
    };
    const inPlace = async (
      from: TestParty,
      what: { replaces: string } | { renews: string },
      resources: string[],
      changes: object = {},
    ) => {
      const pair = { from, to: bank };
      const { status, body, text } = await askInPlace(pair, what, resources, {
        ...LISTED,
        ...changes,
      });
      assert.equal(status, 201, text);
      return body.id as string;
    };
    const statusOf = async (id: string) => (await seenByAsker(id, bank)).effectiveStatus;

    walks('one who chooses', async (walk, from) => {
      const consentRights = [asked(one!), asked(other!, true)];
      const id = await ask(from, bank, { consentRights, ...LISTED });
      await toRequest(walk, from);
      await walk.press('main input[name="optional"]');
      await walk.press(YES);
      assert.match(await walk.text(), /Du har gitt samtykke/);
      assert.equal((await seenByAsker(id, bank)).approvedRights.length, 2);
    });

    walks('one who lets it be fewer times', async (walk, from) => {
      const id = await ask(from, bank, { consentRights: [asked(counted!)], ...LISTED });
      await toRequest(walk, from);
      await walk.page.fill('#uses_total', '13');
      await walk.press(YES);
      assert.match(await walk.text(), /Skriv et tall fra 1 til 12/);
      await walk.page.fill('#uses_total', '3');
      await walk.press(YES);
      assert.match(await walk.text(), /inntil 3 ganger i alt/);
      await draw(client, id, from);
      await walk.press('main a[href^="/consents/"]');
      assert.match(await walk.text(), /Hva som er igjen De kan få tilgang 2 ganger i alt/);
    });

    walks('one who narrows', async (walk, from) => {
      const consentRights = [asked(one!), asked(other!, true)];
      const id = await given({ from, to: bank }, one!, {
        request: { consentRights },
        yes: { optionalRights: [1] },
      });
      await toConsent(walk, from, id);
      await walk.press('main a[href$="/narrow"]');
      await walk.press('main input[name="without"]');
      await walk.press('main form button[type="submit"]');
      assert.match(await walk.text(), /Ikke tatt med Gjeld i 2025/);
      assert.equal((await seenByAsker(id, bank)).approvedRights.length, 1);
    });

    walks('one who replaces', async (walk, from) => {
      const old = await given({ from, to: bank }, one!);
      const id = await inPlace(from, { replaces: old }, [one!, other!]);
      await toRequest(walk, from);
      assert.match(await walk.text(), /Nytt Gjeld i 2025 Som før Inntekt i 2025/);
      await walk.press(YES);
      assert.match(await walk.text(), /I stedet for Samtykket fra/);
      assert.deepEqual([await statusOf(old), await statusOf(id)], ['Revoked', 'Accepted']);
    });

    walks('one who keeps what was given', async (walk, from) => {
      const old = await given({ from, to: bank }, one!);
      await inPlace(from, { replaces: old }, [other!]);
      await toRequest(walk, from);
      await walk.press(NO);
      assert.match(await walk.text(), /Samtykket fra .* gjelder som før/);
      assert.equal(await statusOf(old), 'Accepted');
    });

    walks('one who renews', async (walk, from) => {
      const old = await given({ from, to: bank }, counted!, { request: { validTo: inDays(20) } });
      await draw(client, old, from);
      const id = await inPlace(from, { renews: old }, [counted!], { validTo: inDays(90) });
      await toRequest(walk, from);
      assert.match(await walk.text(), /Dette forlenger samtykket fra .* Det er brukt én gang/);
      await walk.press(YES);
      assert.deepEqual([await statusOf(old), await statusOf(id)], ['Revoked', 'Accepted']);
    });
  });
