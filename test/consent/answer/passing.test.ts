// A request that is passed on: to the inbox of those who can answer, of whom the sender learns
// nothing; and by a child to a parent, or answered by the child with no.
import assert from 'node:assert/strict';
import { born } from '../../support/oauth/given.ts';
import { newFamily } from '../../support/family.ts';
import { heading, loggedIn, mainText, press, type Browser } from '../../support/pages/browser.ts';
import { seenByAsker } from '../../support/replaced.ts';
import { whileRequestHeld } from '../../support/held.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import { CHAIR_AND_MEMBER, newBoard, newTogether, type Board } from '../../support/together.ts';
import {
  approve,
  ask,
  call,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  world,
  type TestParty,
} from '../../support/world.ts';

/** The request's notices that a person has got. */
async function gotBy(person: TestParty, id: string): Promise<string[]> {
  const { body } = await call('GET', '/access/v1/notices', await personToken(person));
  return body.data.flatMap((one: { type: string; consent?: string; consentId?: string }) =>
    one.type === 'consent_passed_on' && JSON.stringify(one).includes(id) ? [one.type] : [],
  );
}

describe('a request that is passed on', () => {
  let to: TestParty;
  let service: string;
  before(async () => {
    to = await newOrganization('Banken AS');
    service = await newTogether(CHAIR_AND_MEMBER);
  });
  const request = ({ firm }: Board, changes: object = {}) =>
    ask(firm, to, { ...rightTo(service), ...changes });
  const openedBy = (person: TestParty, id: string) => loggedIn(person, `/consent/request?id=${id}`);
  const passOn = (browser: Browser) => press(browser, /pass-on/);
  const got = async (id: string, ...people: TestParty[]) =>
    Promise.all(people.map(async (one) => (await gotBy(one, id)).length));

  it('reaches those who can answer, whom the sender does not learn', async () => {
    const board = await newBoard();
    const id = await request(board);
    const clerk = await newPerson('Konto Rist');
    const browser = await openedBy(clerk, id);
    assert.match(mainText(browser.page.html), /svarer disse for Styret AS, alene eller sammen:/);
    const page = await passOn(browser);
    assert.match(mainText(page.html), /Sendt videre/);
    for (const name of ['Leder', 'Medlem', 'Annet'])
      assert.ok(!page.html.includes(name), `${name} is named`);
    const { chair, member, other } = board;
    assert.deepEqual(await got(id, chair, member, other, clerk), [1, 1, 1, 0]);
    const inbox = await loggedIn(member, '/inbox');
    assert.match(mainText(inbox.page.html), /sendt videre til deg/);
    assert.equal((await approve(id, member)).status, 200);
  });

  it('is sent to nobody twice, whoever sends it and however often at once', async () => {
    const board = await newBoard();
    const id = await request(board);
    const clerks = [await newPerson(), await newPerson(), await newPerson()];
    const browsers = await Promise.all(clerks.map((clerk) => openedBy(clerk, id)));
    await Promise.all(browsers.map(passOn));
    await passOn(await openedBy(clerks[0]!, id));
    assert.deepEqual(await got(id, board.chair, board.member), [1, 1]);
    const { rows } = await world.database.db.raw(
      "select 1 from event where consent_id = ? and type = 'passed_on'",
      [id],
    );
    assert.equal(rows.length, 1);
  });

  // The embedded database has one connection: nobody waits for a row there.
  if (process.env.TEST_DATABASE_URL)
    it('is sent once by two who both wait for the request', async () => {
      const board = await newBoard();
      const id = await request(board);
      const browsers = [
        await openedBy(await newPerson(), id),
        await openedBy(await newPerson(), id),
      ];
      await whileRequestHeld(id, browsers.length, () => Promise.all(browsers.map(passOn)));
      assert.deepEqual(await got(id, board.chair, board.member), [1, 1]);
    });

  it('is sent by one who has said yes to the others', async () => {
    const board = await newBoard();
    const id = await request(board);
    const browser = await openedBy(board.chair, id);
    await browser.submit({ answer: 'yes' }, undefined, { to: /consent\/request/ });
    const waiting = await browser.open(`/consent/request?id=${id}`);
    assert.match(heading(waiting), /Flere må svare/);
    await passOn(browser);
    assert.deepEqual(await got(id, board.chair, board.member, board.other), [0, 1, 1]);
    const second = await request(board);
    await approve(second, board.chair);
    await passOn(await openedBy(await newPerson(), second));
    assert.deepEqual(await got(second, board.chair, board.member), [0, 1]);
  });

  it('says the same of one that was answered, and reaches nobody', async () => {
    const board = await newBoard();
    const id = await request(board);
    assert.equal((await reject(id, board.chair)).status, 200);
    const page = await passOn(await openedBy(await newPerson(), id));
    assert.match(mainText(page.html), /Sendt videre/);
    assert.deepEqual(await got(id, board.chair, board.member), [0, 0]);
  });

  it('is no event of the asker', async () => {
    const board = await newBoard();
    const id = await request(board);
    await passOn(await openedBy(await newPerson(), id));
    const seen = await seenByAsker(id, to);
    assert.deepEqual(
      seen.consentRequestEvents.map((one: { eventType: string }) => one.eventType),
      ['Created'],
    );
  });

  it('reaches none but the one that it names', async () => {
    const firm = await newOrganization('Firmaet AS', { mayAsk: false });
    const [boss, other] = [await newPerson(), await newPerson()];
    for (const one of [boss, other]) await newRole('dagl', firm, one);
    const single = await newConsentResource(['dagl']);
    const id = await ask(firm, to, { ...rightTo(single), requiredDelegator: boss.urn });
    const page = await openedBy(await newPerson(), id);
    if (page.page.html.includes('pass-on')) await passOn(page);
    assert.deepEqual(await got(id, boss, other), [0, 0]);
  });

  it('is not of a person’s request, for anybody who has the link', async () => {
    const [giver, stranger] = [await newPerson(), await newPerson()];
    const single = await newConsentResource(['privatperson']);
    const id = await ask(giver, to, rightTo(single));
    const browser = await openedBy(stranger, id);
    assert.ok(!browser.page.html.includes('pass-on'));
    // Nor by the form of another request.
    const board = await newBoard();
    const other = await request(board);
    const { html, ...page } = await browser.open(`/consent/request?id=${other}`);
    browser.page = { ...page, html: html.replaceAll(other, id) };
    await passOn(browser);
    assert.deepEqual(await got(id, giver), [0]);
  });

  it('is refused without the token of a form', async () => {
    const board = await newBoard();
    const id = await request(board);
    const browser = await openedBy(await newPerson(), id);
    assert.equal((await press(browser, /pass-on/, { csrf: 'wrong' })).status, 403);
    assert.deepEqual(await got(id, board.chair), [0]);
  });

  describe('by a child', () => {
    let ofChildren: string;
    before(async () => {
      const ages = { decidesFrom: 16, parentUntil: 18 };
      ofChildren = await newConsentResource(['privatperson', 'foreldreansvar'], ages);
    });
    const family = async () => {
      const all = await newFamily(12);
      return { ...all, id: await ask(all.child, to, rightTo(ofChildren)) };
    };

    it('reads what a parent would, with none chosen, and goes to the one that it chooses', async () => {
      const { child, mother, father, id } = await family();
      const browser = await openedBy(child, id);
      const text = mainText(browser.page.html);
      assert.match(text, /Mona Mor får lese hva Banken AS ber om\./);
      assert.match(text, /Frank Far får lese hva/);
      const early = await openedBy(child, `${id}&sent`);
      assert.doesNotMatch(mainText(early.page.html), /Sendt videre/);
      assert.ok(!/<input[^>]*type="radio"[^>]*checked/.test(browser.page.html));
      const unchosen = await passOn(browser);
      assert.match(mainText(unchosen.html), /Velg hvem/);
      assert.deepEqual(await got(id, mother, father), [0, 0]);
      const sent = await press(browser, /pass-on/, { parent: mother.id });
      assert.match(mainText(sent.html), /Sendt videre/);
      assert.deepEqual(await got(id, mother, father), [1, 0]);
      assert.equal((await approve(id, mother)).status, 200);
    });

    it('goes to nobody who is no parent, or a parent who cannot answer', async () => {
      const { child, mother, id } = await family();
      const stranger = await newPerson('Fremmed Person');
      const browser = await openedBy(child, id);
      const refused = await press(browser, /pass-on/, { parent: stranger.id });
      assert.match(mainText(refused.html), /Velg hvem/);
      assert.deepEqual(await got(id, stranger), [0]);
      // A parent may not answer in favour of a company that the parent leads.
      await newRole('dagl', to, mother);
      const later = await browser.open(`/consent/request?id=${id}`);
      assert.ok(!later.html.includes(mother.id));
      await browser.open(`/consent/request?id=${id}`);
      await press(browser, /pass-on/, { parent: mother.id });
      assert.deepEqual(await got(id, mother), [0]);
    });

    it('may be answered with no, by the page and by JSON, and not with yes', async () => {
      const { child, father, id } = await family();
      assert.equal((await approve(id, child)).status, 403);
      const browser = await openedBy(child, id);
      await browser.submit({ answer: 'no' }, undefined, { to: /consent\/request/ });
      assert.equal((await seenByAsker(id, to)).status, 'Rejected');
      assert.equal((await approve(id, father)).body.code, 'AM-00002');
      // The parents, who could have answered, hear of it and read it.
      const page = await loggedIn(father, `/consents/${id}`);
      assert.equal(page.page.status, 200);
      const second = await ask(child, to, rightTo(ofChildren));
      assert.equal((await reject(second, child)).status, 200);
    });

    it('is neither read nor refused by a child whose address is protected', async () => {
      const { child, id } = await family();
      await putParty(child, { bornOn: born(12), protectedAddress: true });
      const browser = await openedBy(child, id);
      assert.ok(!browser.page.html.includes('pass-on'));
      assert.ok(!browser.page.html.includes('type="radio"'));
      assert.equal((await reject(id, child)).status, 403);
    });

    it('is no other child’s to read or to refuse', async () => {
      const { id, mother } = await family();
      const other = await newPerson();
      await putParty(other, { bornOn: born(12) });
      await newRole('foreldreansvar', other, mother);
      const browser = await openedBy(other, id);
      assert.ok(!browser.page.html.includes('pass-on'));
      assert.ok(!browser.page.html.includes('Mona'));
      assert.equal((await reject(id, other)).status, 403);
    });

    it('is read at a login as strong as its answer, where the service is sensitive', async () => {
      const sensitive = await newConsentResource(['privatperson', 'foreldreansvar'], {
        decidesFrom: 16,
        parentUntil: 18,
        sensitive: 'health',
        minimumLevel: { person: 4, organization: 0 },
      });
      const { child, mother } = await family();
      const id = await ask(child, to, rightTo(sensitive));
      const browser = await loggedIn(child, '/consents');
      const weak = await browser.open(`/consent/request?id=${id}`);
      assert.equal(weak.status, 403);
      assert.ok(!weak.html.includes(to.name) && !weak.html.includes('pass-on'));
      const strong = await openedBy(child, id);
      assert.ok(strong.page.html.includes(mother.id) && strong.page.html.includes(to.name));
    });
  });
});
