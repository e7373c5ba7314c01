// A request that is passed on, walked in a real browser: by a clerk to those who can answer, and by
// a child who chooses a parent, or says no.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { newFamily } from '../support/family.ts';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { walkAs, type Walk } from '../support/pages/walk.ts';
import { seenByAsker } from '../support/replaced.ts';
import {
  can,
  newConsentResource,
  newMandate,
  newResource,
  rightTo,
} from '../support/rights/rights.ts';
import { CHAIR_AND_MEMBER, newBoard, newTogether } from '../support/together.ts';
import { ask, newOrganization, newPerson, type TestParty } from '../support/world.ts';

const MANAGER = 'innbygger-tilgangsstyring-privatperson';
const PASS_ON = 'main form[action*="pass-on"] button';
const NO = 'main button[name="answer"][value="no"]';

if (hasChromium)
  describe('a request that is passed on, in a browser', function suite() {
    if (process.env.SCREENSHOTS) this.timeout(600_000);
    let browser: Browser;
    let bank: TestParty;
    let ofChildren: string;
    before(async () => {
      browser = await launch();
      bank = await newOrganization('Prøvesparebanken AS');
      ofChildren = await newConsentResource(['privatperson', 'foreldreansvar'], {
        decidesFrom: 16,
        parentUntil: 18,
      });
    });
    after(async () => {
      await browser?.close();
    });

    const walks = (name: string, walk: (one: Walk) => Promise<void>) =>
      it(`walks as ${name}`, () => walkAs(browser, name, walk));
    const enter = (walk: Walk, person: TestParty, id: string) =>
      walk.enter(person, `/consent/request?id=${id}`);

    walks('a clerk who passes a request on', async (walk) => {
      const board = await newBoard();
      const service = await newTogether(CHAIR_AND_MEMBER);
      const id = await ask(board.firm, bank, rightTo(service));
      await enter(walk, await newPerson('Konto Rist'), id);
      await walk.press(PASS_ON);
      assert.match(await walk.text(), /Sendt videre/);
    });

    const family = async () => {
      const all = await newFamily(12);
      return { ...all, id: await ask(all.child, bank, rightTo(ofChildren)) };
    };

    walks('a child who chooses a parent', async (walk) => {
      const { child, mother, id } = await family();
      await enter(walk, child, id);
      await walk.press(PASS_ON);
      assert.match(await walk.text(), /Velg hvem du vil sende det til/);
      await walk.page.check(`#parent-${mother.id}`);
      await walk.press(PASS_ON);
      assert.match(await walk.text(), /Sendt videre/);
    });

    walks('two parents who give together', async (walk) => {
      const { child, mother, father } = await family();
      const aunt = await newPerson('Tante Sofie');
      for (const parent of [mother, father]) await newMandate(child, parent, { package: MANAGER });
      const record = await newResource([can('read', 'privatperson', 'foreldreansvar')], {
        ...{ decidesFrom: 16, parentUntil: 18, parents: 'all' },
        title: { nb: 'Prøvejournalen', nn: 'Prøvejournalen', en: 'The trial record' },
      });
      await walk.enter(mother, `/give/terms?party=${child.id}&resource=${record}`);
      await walk.page.fill('#number', aunt.number);
      await walk.page.fill('#lastName', 'Sofie');
      await walk.page.check('main input[name="action"]');
      await walk.page.check('#long-half');
      await walk.press('main form[action*="/give/terms"] button[type="submit"]');
      assert.match(await walk.text(), /gjelder først når alle som har foreldreansvar/);
      await walk.press('main form[action*="/give/check"] button');
      assert.match(await walk.text(), /Du har sagt ja/);
      const at = new URL(walk.page.url()).pathname;
      await walk.page.context().clearCookies();
      await walk.enter(father, `${at}?party=${child.id}`);
      assert.match(await walk.text(), /Mona Mor har sagt ja/);
      await walk.press('main #answer button');
      assert.match(await walk.text(), /Alle har sagt ja/);
    });

    walks('a child who says no', async (walk) => {
      const { child, id } = await family();
      await enter(walk, child, id);
      await walk.press(NO);
      assert.match(await walk.text(), /Du har svart nei/);
      assert.equal((await seenByAsker(id, bank)).status, 'Rejected');
    });
  });
