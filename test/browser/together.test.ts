// A consent that several give together, walked in a real browser: by a board of which a third
// tries, by both parents, and ended by one no.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { born } from '../support/oauth/given.ts';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { walkAs, type Walk } from '../support/pages/walk.ts';
import { seenByAsker } from '../support/replaced.ts';
import { newConsentResource, rightTo } from '../support/rights/rights.ts';
import {
  askTwo,
  CHAIR_AND_MEMBER,
  newBoard,
  newTogether,
  type Board,
} from '../support/together.ts';
import {
  approve,
  ask,
  newOrganization,
  reject,
  newPerson,
  newRole,
  putParty,
  type TestParty,
} from '../support/world.ts';

const YES = 'main button[name="answer"][value="yes"]';
const NO = 'main button[name="answer"][value="no"]';
const TAKE_BACK = 'main button[name="answer"][value="take_back"]';

if (hasChromium)
  describe('several who answer together', function suite() {
    if (process.env.SCREENSHOTS) this.timeout(600_000);
    let browser: Browser;
    let bank: TestParty;
    let board: Board;
    let service: string;
    before(async () => {
      browser = await launch();
      bank = await newOrganization('Prøvesparebanken AS');
      service = await newTogether(CHAIR_AND_MEMBER);
      board = await newBoard();
    });
    after(async () => {
      await browser?.close();
    });

    const walks = (name: string, walk: (one: Walk) => Promise<void>) =>
      it(`walks as ${name}`, () => walkAs(browser, name, walk));
    const enter = (walk: Walk, person: TestParty, id: string) =>
      walk.enter(person, `/consent/request?id=${id}`);
    const request = () => ask(board.firm, bank, { ...rightTo(service), portalViewMode: 'Show' });
    const statusOf = async (id: string) => (await seenByAsker(id, bank)).effectiveStatus;

    walks('the first of two of a board', async (walk) => {
      const id = await request();
      await enter(walk, board.chair, id);
      assert.match(await walk.text(), /Flere må svare ja før dette gjelder/);
      await walk.press(YES);
      assert.match(await walk.text(), /Du har svart ja\. Flere må svare/);
      assert.equal(await statusOf(id), 'Awaiting');
      await walk.press(`main a[href="/consents/${id}"]`);
      assert.match(await walk.text(), /Venter på flere svar/);
    });

    walks('the last of two of a board', async (walk) => {
      const id = await request();
      await approve(id, board.chair);
      await enter(walk, board.member, id);
      assert.match(await walk.text(), /Kari Leder har svart ja \(1 av 2\)/);
      await walk.press(YES);
      assert.match(await walk.text(), /samtykke/);
      assert.equal(await statusOf(id), 'Accepted');
    });

    walks('a third of a board', async (walk) => {
      const id = await request();
      await approve(id, board.member);
      await enter(walk, board.other, id);
      await walk.press(YES);
      assert.match(await walk.text(), /Mons Medlem har også svart ja/);
      assert.equal(await statusOf(id), 'Awaiting');
      await walk.press(TAKE_BACK);
      assert.equal(await statusOf(id), 'Awaiting');
      assert.match(await walk.text(), /Mons Medlem har svart ja/);
    });

    walks('one of a board who says no', async (walk) => {
      const id = await request();
      await approve(id, board.chair);
      await enter(walk, board.member, id);
      await walk.press(NO);
      assert.equal(await statusOf(id), 'Rejected');
    });

    walks('the last of two who borrow', async (walk) => {
      const income = await newConsentResource(['privatperson']);
      const { one, other, first, second } = await askTwo(bank, rightTo(income));
      await approve(first, one);
      await enter(walk, other, second);
      assert.match(await walk.text(), /Dette gjelder først når Eva Første også har svart ja/);
      await walk.press(YES);
      assert.deepEqual([await statusOf(first), await statusOf(second)], ['Accepted', 'Accepted']);
    });

    walks('the first of two who borrow', async (walk) => {
      const income = await newConsentResource(['privatperson']);
      const { one, other, first, second } = await askTwo(bank, rightTo(income));
      await enter(walk, one, first);
      await walk.press(YES);
      assert.match(await walk.text(), /Dette gjelder først når alle som må, har svart ja/);
      await reject(second, other);
      await walk.press(`main a[href="/consents/${first}"]`);
      assert.match(await walk.text(), /Den andre som skulle gi dette, er ikke lenger med/);
      assert.equal(await statusOf(first), 'Revoked');
    });

    walks('both parents', async (walk) => {
      const both = await newConsentResource(['foreldreansvar'], { parents: 'all' });
      const [child, one, other] = [
        await newPerson('Ole Barn'),
        await newPerson('Mor Forelder'),
        await newPerson('Far Forelder'),
      ];
      await putParty(child, { bornOn: born(8) });
      await newRole('foreldreansvar', child, one);
      await newRole('foreldreansvar', child, other);
      const id = await ask(child, bank, rightTo(both));
      await approve(id, one);
      await enter(walk, other, id);
      assert.match(await walk.text(), /Alle som har foreldreansvar, må svare ja/);
      assert.match(await walk.text(), /Foreldreansvaret har du og Mor Forelder/);
      await walk.press(YES);
      assert.equal(await statusOf(id), 'Accepted');
    });
  });
