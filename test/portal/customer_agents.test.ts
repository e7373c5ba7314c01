// The people who work for a supplier's customers, on a page: added by number and name, counted, and
// ended with all that they have through the supplier.
import assert from 'node:assert/strict';
import { loggedIn, mainText, press, unescapeHtml, type Page } from '../support/pages/browser.ts';
import { assign, newAgent } from '../support/rights/office.ts';
import { decide, given, newFirm } from '../support/rights/rights.ts';
import { newSystemUser } from '../support/rights/systems.ts';
import { endParty } from '../support/rows.ts';
import { personNumber } from '../support/numbers.ts';
import {
  call,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

const CLIENTS = '/accessmanagement/api/v1/enduser/clientdelegations';
const VAT = 'merverdiavgift';
const agentsOf = (supplier: TestParty) => `/customers/agents?party=${supplier.id}`;
const named = (person: TestParty) => ({ number: person.number, lastName: lastName(person) });

/** An office whose customer has given it something, and one who is to work there. */
async function office() {
  const [{ firm, boss }, { boss: chief }] = [await newFirm(), await newFirm()];
  const [customer, agent] = [await newOrganization('Kunde AS'), await newPerson('Agnes Ansatt')];
  await newRole('dagl', customer, chief);
  await given(chief, customer, firm, { package: VAT });
  return { firm, boss, customer, agent };
}

describe('the people who work for a supplier’s customers', () => {
  it('are added by number and name, and chosen for customers from there', async () => {
    const { firm, boss, customer, agent } = await office();
    const way = `/customers/assign?party=${firm.id}&client=${customer.id}`;
    const browser = await loggedIn(boss, way);
    assert.match(browser.page.html, /Ingen er satt opp til å arbeide/);
    const [, href] = /href="(\/customers\/agents[^"]*)"/.exec(browser.page.html)!;
    await browser.open(unescapeHtml(href!));
    assert.match(mainText(browser.page.html), /Ingen ennå/);
    const page = await press(browser, /customers\/agents/, named(agent));
    assert.match(mainText(page.html), /Lagt til.*Agnes Ansatt.*Har ikke fått noe ennå/);
    await browser.open(way);
    await assign(browser, { agent: agent.id, package: VAT });
    assert.equal(await decide(agent, 'read', 'mva-melding', customer), 'Permit');
    const counted = await browser.open(agentsOf(firm));
    assert.match(mainText(counted.html), /Agnes Ansatt.*Har noe for én kunde/);
  });

  it('are given nothing by one who comes as their work is being ended', async () => {
    const { firm, boss, customer, agent } = await office();
    const browser = await loggedIn(boss, agentsOf(firm));
    await press(browser, /customers\/agents/, named(agent));
    await browser.open(`/customers/assign?party=${firm.id}&client=${customer.id}`);
    await press(browser, /assign\?/, { agent: agent.id, package: VAT });
    let page: Promise<Page>;
    await world.database.db.transaction(async (trx) => {
      await trx.raw(
        `update relation set ended_at = now() where from_party = ? and to_party = ? and kind = 'agent'`,
        [firm.id, agent.id],
      );
      page = press(browser, /assign\/check/);
      await new Promise((done) => setTimeout(done, 300));
    });
    assert.ok((await page!).status >= 400);
    assert.equal(await decide(agent, 'read', 'mva-melding', customer), 'NotApplicable');
  });

  it('are seen with what each has of each customer, and part of it is ended', async () => {
    const { firm, boss, customer, agent } = await office();
    const [other, chief] = [await newOrganization('Annen Kunde AS'), await newPerson()];
    await newRole('dagl', other, chief);
    for (const code of [VAT, 'toll']) await given(chief, other, firm, { package: code });
    const browser = await loggedIn(boss, agentsOf(firm));
    await press(browser, /customers\/agents/, named(agent));
    for (const [client, code] of [
      [customer, VAT],
      [other, VAT],
      [other, 'toll'],
    ] as const) {
      await browser.open(`/customers/assign?party=${firm.id}&client=${client.id}`);
      await assign(browser, { agent: agent.id, package: code });
    }
    const work = `/customers/agents/work?party=${firm.id}&to=${agent.id}`;
    const list = await browser.open(agentsOf(firm));
    assert.ok(unescapeHtml(list.html).includes(work));
    const { html } = await browser.open(work);
    assert.match(mainText(html), /Annen Kunde AS.*Merverdiavgift.*Toll.*Kunde AS.*Merverdiavgift/);
    assert.equal((await press(browser, /agents\/work/)).status, 400);
    const [, id] = /value="([^"]*)">\s*<label[^>]*>Toll/.exec(html)!;
    const { firm: strange, boss: stranger } = await newFirm();
    const theirs = await given(stranger, strange, await newPerson(), { package: 'toll' });
    const page = await press(browser, /agents\/work/, { mandate: `${id} ${theirs}` });
    assert.match(mainText(page.html), /Avsluttet/);
    assert.doesNotMatch(mainText(page.html), /Toll/);
    assert.equal(await decide(agent, 'read', 'mva-melding', other), 'Permit');
    const { body } = await call(
      'GET',
      `/access/v1/mandates/${theirs}`,
      await personToken(stranger),
    );
    assert.equal(body.status, 'active');
    const nobody = await loggedIn(agent, work);
    assert.equal(nobody.page.status, 403);
  });

  it('are seen by customer, with what each has, and what is ticked there is ended', async () => {
    const { firm, boss, customer, agent } = await office();
    const other = await newAgent(boss, firm, 'Bjarne Ansatt');
    const one = `/customers/one?party=${firm.id}&client=${customer.id}`;
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    assert.ok(unescapeHtml(browser.page.html).includes(one));
    await browser.open(one);
    assert.match(mainText(browser.page.html), /Gitt av kunden: Merverdiavgift/);
    assert.match(mainText(browser.page.html), /Ingen hos dere arbeider for denne kunden/);
    await browser.open(agentsOf(firm));
    await press(browser, /customers\/agents/, named(agent));
    await browser.open(`/customers/assign?party=${firm.id}&client=${customer.id}`);
    const both = new URLSearchParams([
      ['agent', agent.id],
      ['agent', other.id],
      ['package', VAT],
    ]);
    await assign(browser, both);
    const { html } = await browser.open(one);
    assert.match(mainText(html), /Agnes Ansatt Merverdiavgift.*Bjarne Ansatt Merverdiavgift/);
    assert.equal((await press(browser, /customers\/one/)).status, 400);
    await browser.open(one);
    const [, mandate] = /name="mandate" id="[^"]*" value="([^"]*)"/.exec(html)!;
    const page = await press(browser, /customers\/one/, { mandate: mandate! });
    assert.match(mainText(page.html), /Avsluttet/);
    assert.doesNotMatch(mainText(page.html), /Agnes/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customer), 'NotApplicable');
    assert.equal(await decide(other, 'read', 'mva-melding', customer), 'Permit');
    // Nobody learns of one that is no customer, and none but those who administer them sees one.
    const { firm: stranger } = await newFirm();
    const none = await browser.open(`/customers/one?party=${firm.id}&client=${stranger.id}`);
    assert.equal(none.url.pathname, '/customers');
    assert.equal((await loggedIn(agent, one)).page.status, 403);
  });

  it('are those too who have something and were never added, until it is ended', async () => {
    const { firm, boss, customer, agent } = await office();
    const browser = await loggedIn(boss, agentsOf(firm));
    await press(browser, /customers\/agents/, named(agent));
    await browser.open(`/customers/assign?party=${firm.id}&client=${customer.id}`);
    await assign(browser, { agent: agent.id, package: VAT });
    await world.database.db.raw(
      `delete from relation where from_party = ? and to_party = ? and kind = 'agent'`,
      [firm.id, agent.id],
    );
    await browser.open(agentsOf(firm));
    assert.match(mainText(browser.page.html), /Agnes Ansatt/);
    await browser.open(`/customers/agents/end?party=${firm.id}&to=${agent.id}`);
    const page = await press(browser, /agents\/end/);
    assert.match(mainText(page.html), /Ingen ennå/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customer), 'NotApplicable');
  });

  it('end with all that they have through the supplier, and only that', async () => {
    const { firm, boss, customer, agent } = await office();
    const browser = await loggedIn(boss, agentsOf(firm));
    await press(browser, /customers\/agents/, named(agent));
    await browser.open(`/customers/assign?party=${firm.id}&client=${customer.id}`);
    await assign(browser, { agent: agent.id, package: VAT });
    await given(boss, firm, agent, { package: 'toll' });
    const end = `/customers/agents/end?party=${firm.id}&to=${agent.id}`;
    const asked = await browser.open(end);
    assert.match(mainText(asked.html), /Det Agnes Ansatt har for én kunde gjennom dere, slutter/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customer), 'Permit');
    const page = await press(browser, /agents\/end/);
    assert.match(mainText(page.html), /Avsluttet\..*Ingen ennå/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customer), 'NotApplicable');
    const kept = await loggedIn(agent, '/overview?show=received');
    assert.match(mainText(kept.page.html), /Toll/);
    // Once more leads back to the list.
    assert.equal((await browser.open(end)).url.pathname, '/customers/agents');
  });

  it('are said to do nothing while their system is suspended, and the customer to have nobody', async () => {
    const { firm, boss, customer } = await office();
    const { id: agent } = await newSystemUser(boss, firm, { kind: 'agent' });
    const where = { party: firm.id, agent };
    const token = await personToken(boss);
    await call('POST', `${CLIENTS}/agents?${new URLSearchParams(where)}`, token);
    const browser = await loggedIn(
      boss,
      `/customers/assign?party=${firm.id}&client=${customer.id}`,
    );
    await assign(browser, { agent, package: VAT });
    const work = `/customers/agents/work?party=${firm.id}&to=${agent}`;
    const shown = async (path: string) => mainText((await browser.open(path)).html);
    const nobody = `/customers?party=${firm.id}&only=nobody`;
    const step = (word: string) => call('POST', `/access/v1/system-users/${agent}/${word}`, token);
    assert.doesNotMatch(await shown(work), /gjelder ikke nå/);
    assert.match(await shown(nobody), /Ingen kunder/);

    assert.equal((await step('suspend')).status, 200);
    const had = /Har noe for én kunde\. Satt på pause: Det kan ikke bruke noe nå\./;
    assert.match(await shown(agentsOf(firm)), had);
    assert.match(await shown(work), /Merverdiavgift – gjelder ikke nå/);
    const idle = /Ingen hos dere arbeider for denne kunden\. Har noe som ikke gjelder nå: Lønn\./;
    assert.match(await shown(nobody), idle);
    const { html } = await browser.open(`/customers/work.csv?party=${firm.id}`);
    assert.equal(html.trim().split('\r\n').length, 2, 'and it is one row of the file');
    const end = `/customers/agents/end?party=${firm.id}&to=${agent}`;
    assert.match(await shown(end), /har for én kunde gjennom dere, slutter/);

    assert.equal((await step('resume')).status, 200);
    assert.match(await shown(agentsOf(firm)), /Har noe for én kunde\.(?! Satt)/);
    assert.match(await shown(`/customers?party=${firm.id}`), /Arbeider for kunden: Lønn\./);
  });

  it('are not added under a wrong name, a number that is nobody’s, or one’s own firm', async () => {
    const { firm, boss, agent } = await office();
    const dead = await newPerson('Død Mann');
    await endParty(dead);
    const browser = await loggedIn(boss, agentsOf(firm));
    for (const fields of [
      { number: agent.number, lastName: 'Feil' },
      { number: personNumber(), lastName: 'Ansatt' },
      { number: dead.number, lastName: 'Mann' },
      { number: '', lastName: '' },
      { number: firm.number, lastName: 'Foretaket' },
    ]) {
      const page = await press(browser, /customers\/agents/, fields);
      assert.equal(page.status, 400, JSON.stringify(fields));
      assert.match(page.html, /id="number-error"/);
      assert.ok(page.html.includes(`value="${fields.lastName}"`), 'and nothing typed is lost');
    }
    assert.match(mainText((await browser.open(agentsOf(firm))).html), /Ingen ennå/);
  });

  it('are seen and changed by nobody but who administers for the supplier’s customers', async () => {
    const { firm, boss, agent } = await office();
    const mine = await loggedIn(boss, agentsOf(firm));
    await press(mine, /customers\/agents/, named(agent));
    for (const who of [agent, await newPerson()]) {
      const browser = await loggedIn(who, agentsOf(firm));
      assert.equal(browser.page.status, 403);
      assert.doesNotMatch(browser.page.html, /Har ikke fått noe/);
      await browser.open('/profile');
      for (const path of [
        agentsOf(firm),
        `/customers/agents/end?party=${firm.id}&to=${agent.id}`,
      ]) {
        await browser.open('/profile');
        browser.page.html = browser.page.html.replaceAll('action="/profile"', `action="${path}"`);
        assert.equal((await press(browser, /customers/, named(who))).status, 403, path);
      }
    }
    assert.match(mainText((await mine.open(agentsOf(firm))).html), /Agnes Ansatt/);
  });
});
