// Asking for a right begins with whom: those whom one has a tie to, or the one that a service's
// link names. What is written is looked over, and nothing is sent before that.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../../support/pages/browser.ts';
import { sendAsk } from '../../support/pages/giving.ts';
import { countNotices } from '../../support/rights/enduser.ts';
import { can, given, newFirm, newResource, newTeam } from '../../support/rights/rights.ts';
import { employ } from '../../support/rows.ts';
import { at, importThis, newPerson, newRole, world, type TestParty } from '../../support/world.ts';

const VAT = 'merverdiavgift';
const link = (party: { id: string }, resource: string) =>
  `/ask?${new URLSearchParams({ party: party.id, resource })}`;
const requestsTo = async (firm: TestParty) =>
  Number(
    (
      await world.database.db.raw(
        'select count(*) as count from access_request where from_party = ?',
        [firm.id],
      )
    ).rows[0].count,
  );

describe('asking for a right begins with whom', () => {
  it('lists those one has something of and where one works, and goes on to what they can give', async () => {
    const [{ firm, boss }, { firm: employer }, { firm: stranger }] = [
      await newFirm(),
      await newFirm(),
      await newFirm(),
    ];
    const [clerk, giver] = [await newPerson(), await newPerson('Gro Giver')];
    await given(boss, firm, clerk, { package: 'toll' });
    await given(giver, giver, clerk, { package: 'innbygger-pensjon' });
    await employ(employer, clerk);
    const browser = await loggedIn(clerk, '/ask');
    const text = mainText(browser.page.html);
    for (const one of [firm, employer, giver]) assert.ok(text.includes(one.name), one.name);
    assert.ok(!browser.page.html.includes(stranger.id));
    assert.ok(!browser.page.html.includes(giver.number));
    const of = await browser.open(`/ask?from=${giver.id}`);
    assert.match(heading(of), /Be om fullmakt fra Gro Giver/);
    assert.match(of.html, /innbygger-samliv/);
    assert.ok(!of.html.includes(VAT), 'no company’s');
    const [, href] = /href="(\/ask\/terms[^"]*innbygger-samliv[^"]*)"/.exec(of.html) ?? [];
    const form = await browser.open(unescapeHtml(href!));
    assert.match(form.html, /id="whom"><strong>Gro Giver/);
    const sent = await sendAsk(browser, { long: 'year' });
    assert.match(mainText(sent.html), /Forespørselen er sendt.*Gro Giver/);
    assert.equal(await requestsTo(giver), 1);
  });

  it('names nobody who was, and says so to one who has nothing anywhere', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const id = await given(boss, firm, clerk, { package: 'toll' });
    await employ(firm, clerk, '2020-01-31');
    const browser = await loggedIn(boss, `/overview/${id}/end?party=${firm.id}`);
    await press(browser, /end/);
    const theirs = await loggedIn(clerk, '/ask');
    assert.ok(!theirs.page.html.includes(firm.name));
    assert.match(mainText(theirs.page.html), /ingen rolle eller fullmakt hos andre ennå/);
    assert.match((await theirs.open('/ask?others=yes')).html, /type="search"/);
  });

  it('lists no person who is an employer, and names no stranger to a lawyer', async () => {
    const [lawyer, employer, stranger] = [
      await newPerson(),
      await newPerson('Arne Arbeidsgiver'),
      await newPerson('Sigrun Stranger'),
    ];
    await employ(employer, lawyer);
    await importThis({ qualifications: [{ party: lawyer.number, kind: 'advokat' }] });
    const browser = await loggedIn(lawyer, '/ask');
    assert.match(mainText(browser.page.html), /advokat/);
    assert.ok(!browser.page.html.includes('Arne Arbeidsgiver'));
    const { status, html } = await browser.open(`/ask?from=${stranger.id}`);
    assert.equal(status, 403);
    assert.ok(!html.includes('Sigrun'));
  });

  it('of one whom it may not ask says the same as of nobody', async () => {
    const { firm } = await newFirm();
    const [stranger, other] = [await newPerson(), await newPerson('Ukjent Mann')];
    const browser = await loggedIn(stranger, '/start');
    for (const path of ['/ask?', `/ask/terms?package=${VAT}&`])
      for (const id of [firm.id, other.id, stranger.id, randomUUID(), 'none']) {
        const { status, html } = await browser.open(`${path}from=${id}`);
        assert.equal(status, 403, `${path} ${id}`);
        assert.match(mainText(html), /tilknytning til fra før/);
        assert.ok(!html.includes(firm.name) && !html.includes(other.name));
      }
  });
});

describe('a link by which a service lets its users ask', () => {
  it('is sent in two presses, for the service alone', async () => {
    const { firm, boss, clerk } = await newTeam();
    const resource = await newResource([can('read', 'dagl'), can('sign', 'dagl')]);
    const browser = await loggedIn(clerk, link(firm, resource));
    assert.match(browser.page.html, new RegExp(`id="whom"><strong>${firm.name}`));
    assert.match(mainText(browser.page.html), /Daglig leder i .* bestemmer, .*en del av det/);
    const check = await press(browser, /terms/, { long: 'half', action: 'read', message: 'Hei' });
    assert.match(mainText(check.html), /Ingenting er sendt ennå.*Hei/);
    assert.equal(await countNotices(boss, 'right_asked'), 0);
    assert.equal(await requestsTo(firm), 0);
    const sent = await press(browser, /check/);
    assert.match(mainText(sent.html), /Forespørselen er sendt/);
    const theirs = await loggedIn(boss, `${sent.url.pathname}?party=${firm.id}`);
    assert.match(mainText(theirs.page.html), /Hei/);
  });

  it('is for the smallest package that opens it, where the service is not given alone', async () => {
    const { firm, clerk } = await newTeam();
    const title = { nb: 'Særtjenesten', nn: 'Særtenesta', en: 'The special service' };
    const rules = ['toll', VAT].map((code) => can('read', `package:${code}`));
    const resource = await newResource(rules, { title, delegable: false });
    const count = async (code: string) =>
      (
        await world.database.db.raw(
          `select count(distinct resource_id)::int as count from policy_rule where subject_kind = 'package' and subject = ? and action <> 'requestconsent'`,
          [code],
        )
      ).rows[0].count;
    const smallest = (await count('toll')) <= (await count(VAT)) ? /Toll/ : /Merverdiavgift/;
    const browser = await loggedIn(clerk, link(firm, resource));
    assert.match(heading(browser.page), smallest);
    assert.match(mainText(browser.page.html), /Denne fullmakten åpner «Særtjenesten»/);
    assert.match(mainText((await sendAsk(browser, { long: 'half' })).html), /er sendt/);
    // One who has that package asks for the other.
    const other = (await count('toll')) <= (await count(VAT)) ? 'toll' : VAT;
    const [{ firm: second, boss }, holder] = [await newFirm(), await newPerson()];
    await given(boss, second, holder, { package: other });
    const theirs = await loggedIn(holder, link(second, resource));
    assert.doesNotMatch(heading(theirs.page), smallest);
    const closed = await newResource([can('read', 'dagl')], { delegable: false });
    assert.equal((await browser.open(link(firm, closed))).status, 404);
  });

  it('names no service that nobody sees', async () => {
    const { firm, clerk } = await newTeam();
    const title = { nb: 'Usynlig', nn: 'Usynleg', en: 'Unseen' };
    const browser = await loggedIn(clerk, '/start');
    for (const delegable of [true, false]) {
      const rules = [can('read', 'package:toll')];
      const id = await newResource(rules, { title, delegable, visible: false });
      const { status, html } = await browser.open(link(firm, id));
      assert.equal(status, 404);
      assert.ok(!html.includes('Usynlig'));
    }
  });

  it('is where a no of ours leads: of a service that one cannot use for a company', async () => {
    const { firm, clerk } = await newTeam();
    const resource = await newResource([can('read', 'dagl')]);
    const path = `/who-can?${new URLSearchParams({ party: firm.id, resource })}`;
    const browser = await loggedIn(clerk, path);
    assert.equal(browser.page.status, 403);
    const [, href] = /href="(\/ask\?[^"]+)"/.exec(browser.page.html) ?? [];
    assert.equal(unescapeHtml(href!), link(firm, resource));
    const stranger = await loggedIn(await newPerson(), path);
    assert.ok(!stranger.page.html.includes('/ask?'));
    // Where it is not asked for, the way that there is elsewhere.
    const closed = await newResource([can('read', 'dagl')], { delegable: false });
    await browser.open(path.replace(resource, closed));
    assert.match(browser.page.html, /href="\/ask\/terms\?/);
  });
});

describe('a request that is looked over', () => {
  const looked = async () => {
    const team = await newTeam();
    const browser = await loggedIn(team.clerk, `/ask/terms?from=${team.firm.id}&package=${VAT}`);
    await press(browser, /terms/, { long: 'half', message: 'Til regnskapet' });
    return { ...team, browser };
  };

  it('is written otherwise with what was typed', async () => {
    const { browser } = await looked();
    const [, href] = /href="(\/ask\/terms[^"]+asked[^"]+)"/.exec(browser.page.html) ?? [];
    const form = await browser.open(unescapeHtml(href!));
    assert.match(form.html, />Til regnskapet<\/textarea>/);
    assert.match(form.html, /id="long-half"[^>]*checked/);
  });

  it('is sent by whoever looked it over alone, within half an hour, and as it was sealed', async () => {
    const { browser, firm, boss, clerk } = await looked();
    const { href } = browser.page.url;
    const theirs = await loggedIn(boss, '/start');
    assert.match((await theirs.open(href)).html, /TIL-00046/);
    const broken = href.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    assert.match((await browser.open(broken)).html, /TIL-00013/);
    await at(31 * 60_000, async () =>
      assert.match((await loggedIn(clerk, href)).page.html, /TIL-00013/),
    );
    assert.equal(await requestsTo(firm), 0);
  });

  it('leads to the one that waits, where the same is asked for already', async () => {
    const { browser, firm, clerk } = await looked();
    const { href } = browser.page.url;
    const own = await loggedIn(clerk, `/ask/terms?from=${firm.id}&package=${VAT}`);
    await sendAsk(own, { long: 'year', message: 'Den første' });
    await browser.open(href);
    const waiting = mainText((await press(browser, /check/)).html);
    assert.match(waiting, /Du har alt bedt om dette.*Den første/);
    assert.doesNotMatch(waiting, /er sendt\./);
    await own.open(`/ask/terms?from=${firm.id}&package=${VAT}`);
    assert.match(mainText((await press(own, /terms/, { long: 'half' })).html), /alt bedt om dette/);
    assert.equal(await requestsTo(firm), 1);
  });

  it('is refused where it may be sent no more, and says why', async () => {
    const { browser, firm, boss, clerk } = await looked();
    const { href } = browser.page.url;
    const own = await loggedIn(clerk, `/ask/terms?from=${firm.id}&package=${VAT}`);
    const sent = await sendAsk(own, { long: 'half' });
    const theirs = await loggedIn(boss, `/inbox?party=${firm.id}`);
    await press(theirs, new RegExp(`${sent.url.pathname.split('/').at(-1)}/reject`));
    await browser.open(href);
    const again = await press(browser, /check/);
    assert.equal(again.status, 409);
    assert.match(mainText(again.html), /fått nei til dette de siste 30 dagene/);
    assert.equal(await requestsTo(firm), 1);
  });

  it('is not sent for a company by one who administers there no more', async () => {
    const [{ firm }, { firm: asker, boss }] = [await newFirm(), await newFirm()];
    const leaving = await newPerson();
    await newRole('regn', firm, asker);
    const id = await given(boss, asker, leaving, { package: 'hovedadministrator' });
    const path = `/ask/terms?party=${asker.id}&from=${firm.id}&package=${VAT}`;
    const browser = await loggedIn(leaving, path);
    assert.match(
      mainText((await press(browser, /terms/, { long: 'half' })).html),
      /ikke|Ingenting/,
    );
    const theirs = await loggedIn(boss, `/overview/${id}/end?party=${asker.id}`);
    await press(theirs, /end/);
    assert.equal((await press(browser, /check/)).status, 403);
    assert.equal(await requestsTo(firm), 0);
  });
});
