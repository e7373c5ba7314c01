// Each kind of person, from login to what they came for, in a real browser.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { walkAs, type Walk } from '../support/pages/walk.ts';
import { given, newConsentResource, newFirm, rightTo } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  world,
  type TestParty,
} from '../support/world.ts';

const YEAR = new Date().getUTCFullYear();
const WITHDRAW = 'main a[href$="/withdraw"]';
const YES = 'main button[name="answer"][value="yes"]';
const TO_WAITING = 'main a[href*="/consents?show=waiting"]';
/** On a phone the menu is folded. */
const MENU = '.wrap > details.fold > summary';
const TO_INBOX = 'nav a[href^="/inbox"]';
const TO_REQUEST = 'main a[href*="/consent/request"]';

if (hasChromium)
  describe('whoever comes', function suite() {
    if (process.env.SCREENSHOTS) this.timeout(600_000);
    let browser: Browser;
    let bank: TestParty;
    let resource: string;
    before(async () => {
      browser = await launch();
      bank = await newOrganization('Prøvesparebanken AS');
      resource = await newConsentResource(
        ['privatperson', 'foreldreansvar', 'dagl', 'bobe', 'verge:skatteetaten-skatt'],
        { decidesFrom: 15, parentUntil: 18, consentTextAbout: { nb: 'Om', nn: 'Om', en: 'About' } },
      );
    });
    after(async () => {
      await browser?.close();
    });

    const asked = (from: TestParty, changes: object = {}) =>
      ask(from, bank, { ...rightTo(resource), portalViewMode: 'Show', ...changes });
    const answered = async (from: TestParty, by: TestParty): Promise<string> => {
      const id = await asked(from, { portalViewMode: 'Hide' });
      assert.equal((await approve(id, by)).status, 200);
      return id;
    };
    const familyOf = async (years: number) => {
      const [child, mother] = [await newPerson('Emil Prøvesen'), await newPerson('Mona Prøvesen')];
      await putParty(child, { bornOn: `${YEAR - years}-01-02` });
      await newRole('foreldreansvar', child, mother);
      return { child, mother };
    };
    const wardOf = async (court: boolean) => {
      const [ward, guardian] = [
        await newPerson('Vilde Verdal'),
        await newPerson('Gerd Guttormsen'),
      ];
      await putParty(ward, { bornOn: `${YEAR - 60}-01-02` });
      await newRole('verge:skatteetaten-skatt', ward, guardian);
      const take = async () => {
        if (!court) return;
        const line = { op: 'upsert', from: ward.number, code: 'rettslig-handleevne' } as const;
        world.registers.feeds.vergemal!.append(line);
        await world.app.registers.poll();
      };
      return { ward, guardian, take };
    };

    const walks = (name: string, what: string, walk: (one: Walk) => Promise<void>) =>
      it(`finds as ${name} ${what}`, () => walkAs(browser, name, walk));

    walks('a child of 12', 'what a parent gave, and who can withdraw it', async (one) => {
      const { child, mother } = await familyOf(12);
      const id = await answered(child, mother);
      await one.enter(child);
      assert.match(await one.text(), /Mona Prøvesen har foreldreansvar for deg/);
      await one.press('main a[href="/consents"]');
      await one.press(`main a[href="/consents/${id}"]`);
      assert.match(
        await one.text(),
        /Du kan ikke trekke dette selv før du er 15\. Mona Prøvesen kan/,
      );
      assert.equal(await one.has(WITHDRAW), 0);
      assert.doesNotMatch(await one.text(), /Hvis du ombestemmer deg|Var det ikke deg/);
      assert.match(await one.text(), /De som kan svare for deg, kan la det gjelde igjen/);
      await one.press('main form[action$="/suspend"] button');
      assert.equal(await one.has('main form[action$="/resume"]'), 0, 'as the page said');
    });

    walks('a child of 17', 'the request, and answers it itself', async (one) => {
      const { child } = await familyOf(17);
      await asked(child);
      await one.enter(child);
      await one.press(TO_WAITING);
      await one.press(TO_REQUEST);
      assert.match(await one.text(), /Foreldrene dine får ikke vite hva du svarer/);
      await one.press(YES);
      assert.match(await one.text(), /Du har gitt samtykke/);
    });

    walks('a ward with capacity', 'what the guardian gave, and withdraws it', async (one) => {
      const { ward, guardian } = await wardOf(false);
      const id = await answered(ward, guardian);
      await one.enter(ward);
      await one.press('main a[href="/consents"]');
      await one.press(`main a[href="/consents/${id}"]`);
      await one.press(WITHDRAW);
      await one.press('main form[action$="/withdraw"] button');
      assert.match(await one.text(), /Samtykket er trukket/);
    });

    walks('one who withdraws', 'a consent in the list, and ends it there', async (one) => {
      const kari = await newPerson('Kari Prøvesen');
      const id = await answered(kari, kari);
      await one.enter(kari, '/consents');
      await one.press(`main a[href="/consents/${id}/withdraw"]`);
      await one.press('main form[action$="/withdraw"] button');
      assert.match(await one.text(), /Samtykket er trukket/);
    });

    walks('a ward without capacity', 'what the guardian gave, and who decides', async (one) => {
      const { ward, guardian, take } = await wardOf(true);
      await world.app.registers.poll();
      const id = await answered(ward, guardian);
      await take();
      await one.enter(ward);
      assert.match(await one.text(), /En domstol har bestemt at du ikke kan gi fullmakt alene/);
      await one.press('main a[href="/consents"]');
      await one.press(`main a[href="/consents/${id}"]`);
      assert.equal(await one.has(WITHDRAW), 0);
      assert.match(await one.text(), /Gerd Guttormsen kan trekke det/);
    });

    walks('a guardian', 'the request to the ward, and answers it', async (one) => {
      const { ward, guardian } = await wardOf(false);
      await asked(ward);
      await one.enter(guardian);
      await one.press(TO_WAITING);
      await one.press(TO_REQUEST);
      assert.match(await one.text(), /Du svarer for Vilde Verdal, fordi du er verge/);
      await one.press(YES);
      assert.match(await one.text(), /Du har gitt samtykke for Vilde Verdal/);
    });

    walks('a parent who left', 'the receipt of the own answer, and no more', async (one) => {
      const { child, mother } = await familyOf(9);
      const father = await newPerson('Finn Prøvesen');
      await newRole('foreldreansvar', child, father);
      const id = await answered(child, mother);
      await newRole('foreldreansvar', child, mother, { endedAt: new Date().toISOString() });
      await one.enter(mother);
      assert.doesNotMatch(await one.text(), /svare for/);
      await one.press(MENU);
      await one.press(TO_INBOX);
      await one.press(`main a[href="/consents/${id}"]`);
      assert.match(await one.text(), /Du har gitt samtykke for Emil Prøvesen/);
      assert.equal(await one.has(`main a[href="/consents/${id}"]`), 0, 'no way back to here');
      assert.doesNotMatch(await one.text(), /Finn Prøvesen/);
    });

    const estate = async () => {
      const { firm, boss } = await newFirm();
      const [trustee, clerk] = [await newPerson('Tora Bostad'), await newPerson('Klara Kontorist')];
      const id = await given(boss, firm, clerk, { package: 'merverdiavgift' });
      const consent = await answered(firm, boss);
      const { number, name } = firm;
      const parties = [{ kind: 'organization', number, name, estate: { on: '2026-02-01' } }];
      await importThis({ parties });
      await newRole('bobe', firm, trustee);
      return { firm, boss, trustee, id, consent };
    };

    walks('a director of an estate', 'what was given until then, and who decides', async (one) => {
      const { boss, consent } = await estate();
      await one.enter(boss);
      await one.press(MENU);
      await one.press(TO_INBOX);
      await one.press(`main a[href="/consents/${consent}"]`);
      assert.match(await one.text(), /er konkurs.*Tora Bostad, bestemmer/);
      assert.equal(await one.has('main form'), 0);
      assert.equal(await one.has(WITHDRAW), 0);
    });

    walks('a trustee', 'a power of attorney from before, and lets it apply again', async (one) => {
      const { trustee, firm, id } = await estate();
      await one.enter(trustee);
      await one.press('main a[href="/parties"]');
      await one.press(`main a[href="/overview?party=${firm.id}"]`);
      await one.press(`main a[href^="/overview/${id}"]`);
      await one.press('main form[action*="/resume"] button');
      assert.match(await one.text(), /gjelder igjen/);
    });

    walks('an accountant', 'the customer, and what the role lets the firm do', async (one) => {
      const [accountant, { firm: customer }] = [await newPerson('Arne Regnland'), await newFirm()];
      const office = await newOrganization('Regnland AS');
      await newRole('dagl', office, accountant);
      await newRole('regn', customer, office);
      await one.enter(accountant);
      await one.press('main a[href^="/customers"]');
      await one.press('main a[href^="/customers/one"]');
      await one.press('main a[href*="q=Foretaket"]');
      await one.press('main .ds-card a[href^="/overview/"]');
      assert.match(await one.text(), /Regnskapsfører|regnskapsfører/);
    });

    walks(
      'a protected mother',
      'the request to her protected child, which names her',
      async (one) => {
        const { child, mother } = await familyOf(8);
        for (const who of [child, mother]) {
          const bornOn = who === child ? { bornOn: `${YEAR - 8}-01-02` } : {};
          await putParty(who, { ...bornOn, protectedAddress: true });
        }
        await asked(child, { requiredDelegator: mother.urn });
        await one.enter(mother);
        await one.press(TO_WAITING);
        await one.press(TO_REQUEST);
        await one.press(YES);
        assert.match(await one.text(), /Du har gitt samtykke for Emil Prøvesen/);
      },
    );

    walks('a clerk without rights', 'whom to ask, and asks', async (one) => {
      const [{ firm, boss }, clerk] = [await newFirm(), await newPerson('Klara Kontorist')];
      await given(boss, firm, clerk, { package: 'toll' });
      await one.enter(clerk, `/overview?party=${firm.id}`);
      assert.match(await one.text(), /spør noen som kan gi den: daglig leder/);
      await one.press('main a[href^="/ask/terms"]');
      await one.tick('#long-half');
      for (const form of ['/ask/terms', '/ask/check'])
        await one.press(`main form[action^="${form}"] button.ds-button:not([data-variant])`);
      assert.match(await one.text(), /Forespørselen er sendt/);
    });
  });
