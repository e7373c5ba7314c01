// A supplier's customers as a page: found, filtered, counted, and given to its people in one act,
// which is whole or says for whom it could not be.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import { decide, given, newFirm } from '../support/rights/rights.ts';
import { newAgent, office, VAT } from '../support/rights/office.ts';
import { newOrganization, newPerson, newRole } from '../support/world.ts';

const pathOf = (supplier: { id: string }, more: Record<string, string> = {}) =>
  `/customers?${new URLSearchParams({ party: supplier.id, ...more })}`;
const assignAt = (supplier: { id: string }, clients: { id: string }[]) =>
  `/customers/assign?${new URLSearchParams([
    ['party', supplier.id],
    ...clients.map(({ id }): [string, string] => ['client', id]),
  ])}`;
const namesIn = (html: string) =>
  [...html.matchAll(/<label class="ds-label" for="client-[^"]*">([^<(]*)/g)].map(([, name]) =>
    unescapeHtml(name!).trim(),
  );

describe('a supplier’s customers', () => {
  it('are listed with why, and who has something for them, searched and filtered', async () => {
    const { firm, boss, customers } = await office();
    const register = await newOrganization('Delta Register AS');
    await newRole('regn', register, firm);
    const browser = await loggedIn(boss, pathOf(firm));
    const all = [...customers, register].map(({ name }) => name);
    assert.deepEqual(namesIn(browser.page.html), all.sort());
    const text = mainText(browser.page.html);
    assert.match(text, /4 kunder/);
    assert.match(text, /Gitt av kunden: Merverdiavgift/);
    assert.match(text, /Rolle: Regnskapsfører/);
    assert.match(text, /Ingen hos dere arbeider for denne kunden/);
    for (const [more, found] of [
      [{ q: 'beta' }, ['Beta Kunde AS']],
      [{ q: customers[2]!.number }, ['Gamma Kunde AS']],
      [{ q: '%' }, []],
      [{ only: 'soon' }, []],
    ] as const) {
      const { html } = await browser.open(pathOf(firm, more));
      assert.deepEqual(namesIn(html), found, JSON.stringify(more));
    }
    const csv = await browser.open(`/customers.csv?party=${firm.id}`);
    assert.equal(csv.html.trim().split('\r\n').length, 5);
    assert.match(csv.html, /Beta Kunde AS;\d{9};;Merverdiavgift/);
  });

  it('are given to several of its people in one act, each by a tick', async () => {
    const { firm, boss, agent, customers } = await office();
    const other = await newAgent(boss, firm, 'Bjarne Ansatt');
    const browser = await loggedIn(boss, assignAt(firm, customers.slice(0, 2)));
    const none = await press(browser, /assign/, { agent: agent.id });
    assert.equal(none.status, 400);
    assert.match(mainText(none.html), /Velg minst én person og minst én fullmakt/);
    const fields = new URLSearchParams([
      ['agent', agent.id],
      ['agent', other.id],
      ['package', VAT],
    ]);
    const many = new URLSearchParams(fields);
    for (let n = 0; n < 19; n += 1) many.append('agent', randomUUID());
    const cut = await browser.submit(many, undefined, { to: /assign/ });
    assert.match(mainText(cut.html), /Velg høyst 20 personer og høyst 20 fullmakter om gangen/);
    assert.equal(cut.status, 400);
    await browser.submit(fields, undefined, { to: /assign/ });
    assert.match(mainText(browser.page.html), /Det du valgte, er gitt/);
    assert.match(mainText(browser.page.html), /Arbeider for kunden: Agnes Ansatt og Bjarne Ansatt/);
    for (const who of [agent, other]) {
      assert.equal(await decide(who, 'read', 'mva-melding', customers[0]!), 'Permit');
      assert.equal(await decide(who, 'read', 'mva-melding', customers[2]!), 'NotApplicable');
    }
    const nobody = await browser.open(pathOf(firm, { only: 'nobody' }));
    assert.deepEqual(namesIn(nobody.html), ['Gamma Kunde AS']);
  });

  it('are given to nobody where one cannot be, which is named with why', async () => {
    const { firm, boss, agent, customers } = await office();
    const stranger = await newPerson('Fremmed Fredriksen');
    const browser = await loggedIn(boss, assignAt(firm, customers));
    const fields = new URLSearchParams([
      ['agent', agent.id],
      ['agent', stranger.id],
      ['package', VAT],
    ]);
    await browser.submit(fields, undefined, { to: /assign/ });
    assert.equal(browser.page.status, 409);
    assert.match(mainText(browser.page.html), /Ingenting ble gitt/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
    const lacking = new URLSearchParams([
      ['agent', agent.id],
      ['package', 'toll'],
    ]);
    await browser.submit(lacking, undefined, { to: /assign/ });
    assert.equal(browser.page.status, 409);
  });

  it('offer what all of those chosen gave, and nothing else', async () => {
    const { firm, boss, customers } = await office();
    const chief = await newPerson();
    const more = await newOrganization('Epsilon Kunde AS');
    await newRole('dagl', more, chief);
    await given(chief, more, firm, { package: 'toll' });
    const browser = await loggedIn(boss, assignAt(firm, [customers[0]!, more]));
    assert.match(mainText(browser.page.html), /ingen fullmakt som alle disse kundene har gitt/);
    // One that is no customer is not there.
    const { firm: stranger } = await newFirm();
    await browser.open(assignAt(firm, [stranger]));
    assert.equal(browser.page.url.pathname, '/customers');
    assert.match(mainText(browser.page.html), /Velg minst én kunde/);
  });

  it('are seen by those who administer customers there, and by nobody else', async () => {
    const { firm, agent, customers } = await office();
    for (const who of [agent, await newPerson()]) {
      const browser = await loggedIn(who, pathOf(firm));
      assert.equal(browser.page.status, 403);
      for (const path of [`/customers.csv?party=${firm.id}`, assignAt(firm, customers)])
        assert.equal((await browser.open(path)).status, 403, path);
      // Nobody's customers lead to the choice of whose.
      assert.equal((await browser.open('/customers')).url.pathname, '/parties');
    }
  });
});
