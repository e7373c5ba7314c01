// The pages of support staff: they look at what a party has, with a case number and a reason that
// stand in its log.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText, press } from '../support/pages/browser.ts';
import { personNumber } from '../support/numbers.ts';
import { decide, end, given, newFirm } from '../support/rights/rights.ts';
import {
  atSupport,
  heldIn,
  logOf,
  lookedUp,
  newCaseNo,
  newGiver,
  PENSION,
  posted,
  supportEvents,
  supportStaff,
} from '../support/rights/staff.ts';
import { at, newPerson, putParty, staffNumbers, world } from '../support/world.ts';

const MINUTE = 60_000;

describe('the pages of support staff', () => {
  it('are not there for anybody else', async () => {
    const { giver, helper } = await newGiver();
    const browser = await loggedIn(helper, '/start');
    assert.equal((await browser.open('/support')).status, 404);
    const case_ = await lookedUp(await atSupport(), giver.number);
    assert.equal((await browser.open(case_.url.pathname)).status, 404);
    for (const path of [
      '/support',
      `${case_.url.pathname}/suspend`,
      `${case_.url.pathname}/approve`,
    ]) {
      const before = await supportEvents(giver.id);
      const fields = { number: giver.number, case: 'S-1', reason: 'asked' };
      const answer = await posted(browser, path, fields);
      assert.equal(answer.status, 404, path);
      assert.deepEqual(await supportEvents(giver.id), before);
    }
  });

  it('take a login at level 4', async () => {
    const [one] = await supportStaff();
    const { giver } = await newGiver();
    const browser = await loggedIn(one, '/start');
    const page = await browser.open('/support');
    assert.match(page.html, /\/step-up\?/);
    assert.deepEqual(browser.forms(/support/), []);
    const answer = await posted(browser, '/support', {
      ...{ number: giver.number, case: newCaseNo(), reason: 'asked' },
    });
    assert.notEqual(answer.status, 303);
    assert.deepEqual(await supportEvents(giver.id), []);
  });

  it('take a number, a case and a reason, and say which is missing', async () => {
    const { giver } = await newGiver();
    const browser = await atSupport();
    for (const [fields, said] of [
      [{ number: '' }, /Skriv et fødselsnummer/],
      [{ number: 'Gerd Giver' }, /Skriv et fødselsnummer/],
      [{ number: personNumber() }, /som finnes her/],
      [{ case: '' }, /Skriv saksnummeret/],
      [{ case: `S${giver.number}` }, /uten fødselsnummer/],
      [{ case: '<b>1' }, /Skriv saksnummeret/],
      [{ case: '010190-12345' }, /uten fødselsnummer/],
      [{ case: 'Kari-Nordmann' }, /minst ett tall/],
      [{ reason: 'curious' }, /Velg hvorfor/],
    ] as [Record<string, string>, RegExp][]) {
      const page = await lookedUp(browser, giver.number, fields);
      assert.equal(page.status, 400, said.source);
      assert.match(mainText(page.html), said);
      assert.doesNotMatch(mainText(page.html), /Gerd Giver har gitt/);
    }
    assert.deepEqual(await supportEvents(giver.id), []);
  });

  it('show what a person gave and has, and the person reads so in the log', async () => {
    const { giver, helper } = await newGiver();
    const other = await newPerson('Olga Opphav');
    await given(other, other, giver, PENSION);
    const caseNo = newCaseNo();
    const page = await lookedUp(await atSupport(), giver.number, { case: caseNo });
    assert.equal(heading(page), `Sak ${caseNo}: Gerd Giver`);
    const text = mainText(page.html);
    assert.match(text, /Pensjon til Hans Hjelper/);
    assert.match(text, /til Banken AS/);
    assert.match(text, /Pensjon fra Olga Opphav/);
    for (const { number } of [giver, helper, other]) assert.ok(!page.html.includes(number));
    const log = await logOf(giver);
    const said = `Brukerstøtte, sak ${caseNo}, så på det Gerd Giver har gitt og fått. Grunn: Noen har bedt om hjelp.`;
    assert.equal(log.split(said).length, 2, log);
    assert.doesNotMatch(log, /Stina Støtte/);
    const happened = await supportEvents(giver.id);
    assert.deepEqual(happened, [{ type: 'support_looked', by_party: null }]);
  });

  it('show a company too, and suspend nothing of it', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson('Hans Hjelper');
    const mandate = await given(boss, firm, helper, { package: 'merverdiavgift' });
    const browser = await atSupport();
    const page = await lookedUp(browser, firm.number);
    assert.match(mainText(page.html), /Merverdiavgift til Hans Hjelper/);
    assert.deepEqual(browser.forms(/suspend/), []);
    for (const show of ['acts', 'seen'])
      assert.match(
        await logOf(boss, `/log?party=${firm.id}&show=${show}`),
        /Brukerstøtte, sak .*så på/,
      );
    const fields = { held: mandate, recognised: 'met' };
    const answer = await posted(browser, `${page.url.pathname}/suspend`, fields);
    assert.equal(answer.status, 404);
    assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'Permit');
  });

  it('name nobody of a register, and no giver with a protected address', async () => {
    const { firm, boss } = await newFirm();
    const hidden = await newPerson('Skjult Giver');
    await given(hidden, hidden, boss, PENSION);
    await putParty(hidden, { protectedAddress: true });
    const text = mainText((await lookedUp(await atSupport(), boss.number)).html);
    assert.doesNotMatch(text, /Skjult Giver/);
    assert.ok(!text.includes(firm.name));
  });

  it('are closed to oneself', async () => {
    const [own] = await supportStaff();
    const page = await lookedUp(await atSupport(), own!.number);
    assert.equal(page.status, 400);
    assert.match(mainText(page.html), /kan ikke være ditt eget/);
  });

  it('close a case after half an hour, and show it to nobody else on the staff', async () => {
    const { giver } = await newGiver();
    const browser = await atSupport();
    const { pathname } = (await lookedUp(browser, giver.number)).url;
    const another = await atSupport(1);
    assert.equal((await another.open(pathname)).status, 404);
    await at(29 * MINUTE, async () =>
      assert.match(mainText((await browser.open(pathname)).html), /Gerd Giver/),
    );
    await at(31 * MINUTE, async () => {
      const page = await (await atSupport()).open(pathname);
      assert.match(mainText(page.html), /ikke åpen lenger/);
      assert.doesNotMatch(page.html, /Gerd Giver/);
    });
  });

  it('wait for another of the staff where the address is protected', async () => {
    const { giver } = await newGiver();
    await putParty(giver, { protectedAddress: true });
    const [caseNo, browser, other] = [newCaseNo(), await atSupport(), await atSupport(1)];
    const page = await lookedUp(browser, giver.number, { case: caseNo });
    assert.match(mainText(page.html), /En kollega må la saken åpnes/);
    assert.doesNotMatch(page.html, /Gerd Giver/);
    assert.deepEqual(await supportEvents(giver.id), [{ type: 'support_asked', by_party: null }]);
    const own = await browser.open('/support');
    assert.ok(!own.html.includes(caseNo));
    const list = await other.open('/support');
    assert.match(mainText(list.html), new RegExp(`Sak ${caseNo}, Stina Støtte`));
    assert.doesNotMatch(list.html, /Gerd Giver/);
    // Nobody lets oneself.
    const to = `${page.url.pathname}/approve`;
    const alone = await posted(browser, to);
    assert.equal(alone.status, 404);
    assert.doesNotMatch((await browser.open(page.url.pathname)).html, /Gerd Giver/);
    await press(other, new RegExp(to));
    assert.match((await browser.open(page.url.pathname)).html, /Gerd Giver/);
    assert.match(await logOf(giver), new RegExp(`Brukerstøtte, sak ${caseNo}, så på`));
    assert.equal((await supportEvents(giver.id)).length, 2);
  });

  it('wait on, though the address is no longer protected', async () => {
    const { giver } = await newGiver();
    await putParty(giver, { protectedAddress: true });
    const browser = await atSupport();
    const { pathname } = (await lookedUp(browser, giver.number)).url;
    await putParty(giver, { protectedAddress: false });
    assert.doesNotMatch((await browser.open(pathname)).html, /Gerd Giver/);
  });

  it('are closed about somebody whom the staff acts for, or who acts for them', async () => {
    const [one] = await supportStaff();
    const { giver } = await newGiver();
    const other = await newPerson('Olga Opphav');
    const mandate = await given(giver, giver, one, PENSION);
    await given(one, one, other, PENSION);
    const browser = await atSupport();
    for (const { number } of [giver, other])
      assert.equal((await lookedUp(browser, number)).status, 400);
    await end(giver, mandate);
    assert.equal((await lookedUp(browser, giver.number)).status, 200);
  });

  it('begin with the newest of what somebody gave', async () => {
    const { giver } = await newGiver();
    await world.database.db.raw(
      `insert into mandate (id, from_party, to_party, to_kind, basis, package, valid_from, given_at, given_by)
       select gen_random_uuid(), ?, party.id, 'person', 'delegation', 'innbygger-utdanning', now() - interval '9 days', now() - interval '9 days', ?
       from party where kind = 'person' and id <> ? and not person_no = any(?) limit 60`,
      [giver.id, giver.id, giver.id, [...staffNumbers]],
    );
    const browser = await atSupport();
    const first = await lookedUp(browser, giver.number);
    assert.match(mainText(first.html), /Pensjon til Hans Hjelper/);
    assert.equal(heldIn(first.html).length, 51);
    const next = await browser.open(`${first.url.pathname}?offset=50`);
    assert.equal(heldIn(next.html).length, 11);
  });

  it('are closed to one who has looked up too many', async () => {
    const browser = await atSupport(2);
    const statuses = new Set<number>();
    for (let n = 0; n < 61; n += 1) statuses.add((await lookedUp(browser, personNumber())).status);
    assert.deepEqual([...statuses], [400, 429]);
  });
});
