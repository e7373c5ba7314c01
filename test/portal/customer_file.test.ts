// The file by which a supplier lets its people work for many customers, and ends it; and the page
// of customers that fell away, each with why.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText, press, type Browser } from '../support/pages/browser.ts';
import { decide, end, given, newFirm } from '../support/rights/rights.ts';
import { newAgent, office, VAT } from '../support/rights/office.ts';
import {
  call,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

const HEAD = 'Gjør;Kundens nummer;Kundens id;Fullmakt;Den ansattes id;Ansatt';

async function bring(browser: Browser, firm: TestParty, rows: string[], head = HEAD) {
  await browser.open(`/customers/file?party=${firm.id}`);
  return browser.submit({ file: [head, ...rows].join('\n') }, undefined, {
    to: /^\/customers\/file\?/,
  });
}
const confirm = (browser: Browser) => press(browser, /^\/customers\/file\/check/);

describe('a file of who works for which customers', () => {
  it('gives and ends it for many in one act, once it was looked over', async () => {
    const { firm, boss, agent, customers } = await office();
    const other = await newAgent(boss, firm, 'Bjarne Ansatt');
    const [alfa, beta, gamma] = customers as [TestParty, TestParty, TestParty];
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    await bring(browser, firm, [`gi;${alfa.number};;${VAT};${agent.id}`]);
    await confirm(browser);
    const looked = await bring(browser, firm, [
      `avslutt;${alfa.number};;${VAT};${agent.id}`,
      `gi;${beta.number};;Merverdiavgift;;Bjarne Ansatt`,
      `gi;;${gamma.id};${VAT};${other.id}`,
    ]);
    assert.equal(heading(looked), 'Se over 3 endringer for kundene');
    const text = mainText(looked.html);
    assert.match(text, /Avslutt «Merverdiavgift» for Alfa Kunde AS .*, som Agnes Ansatt har/);
    assert.match(text, /Gi Bjarne Ansatt «Merverdiavgift» for Beta Kunde AS/);
    assert.equal(await decide(other, 'read', 'mva-melding', beta), 'NotApplicable');
    const done = await confirm(browser);
    assert.match(mainText(done.html), /Gjort/);
    for (const [who, of, may] of [
      [agent, alfa, 'NotApplicable'],
      [other, beta, 'Permit'],
      [other, gamma, 'Permit'],
      [other, alfa, 'NotApplicable'],
    ] as const)
      assert.equal(await decide(who, 'read', 'mva-melding', of), may);
  });

  it('is what was downloaded, with who has nothing on either side, and some rows marked', async () => {
    const { firm, boss, agent, customers } = await office(2);
    await newAgent(boss, firm, 'Cato Ledig');
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    await bring(browser, firm, [`gi;${customers[0]!.number};;${VAT};${agent.id}`]);
    await confirm(browser);
    const { html } = await browser.open(`/customers/work.csv?party=${firm.id}`);
    const rows = html.trim().split('\r\n');
    assert.equal(rows.length, 4, html);
    assert.match(
      html,
      new RegExp(`;Alfa Kunde AS;[^;]*;${VAT};Merverdiavgift;${agent.id};Agnes Ansatt`),
    );
    assert.match(html, /;Beta Kunde AS;[^;]*;;;;/);
    assert.match(html, /;;;;;;[^;]*;Cato Ledig/);
    assert.doesNotMatch(html, new RegExp(agent.number));
    const marked = rows.map((row) => row.replace(new RegExp(`^;(?=.*;${VAT};)`), 'avslutt;'));
    await bring(browser, firm, marked.slice(1), marked[0]!.replace(/^\uFEFF/, ''));
    await confirm(browser);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
  });

  it('names every row that is wrong by its line, and does nothing', async () => {
    const { firm, boss, agent, customers } = await office(1);
    const [{ number }] = customers as [TestParty];
    for (const name of ['Dag Dobbel', 'Dag Dobbel']) await newAgent(boss, firm, name);
    const [stranger, foreign] = [await newPerson(), await newOrganization('Fremmed AS')];
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    const answer = await bring(browser, firm, [
      `gi;${number};;${VAT};${agent.id}`,
      `gi;${foreign.number};;${VAT};${agent.id}`,
      `gi;;${foreign.id};${VAT};${agent.id}`,
      `gi;${number};;${VAT};${stranger.id}`,
      `gi;${number};;${VAT};;Dag Dobbel`,
      `gi;${number};;finnes-ikke;${agent.id}`,
      `gi;${number};;toll;${agent.id}`,
      `avslutt;${number};;${VAT};${agent.id}`,
    ]);
    assert.equal(answer.status, 400);
    const text = mainText(answer.html);
    for (const [line, word] of [
      [3, 'Vi finner ikke denne kunden'],
      [4, 'Vi finner ikke denne kunden'],
      [5, 'Vi finner ingen med dette navnet'],
      [6, 'Flere har dette navnet'],
      [7, 'Det finnes ingen slik fullmakt'],
      [8, 'Kunden har ikke gitt dere denne fullmakten'],
      [9, 'Den ansatte har ikke denne fullmakten'],
    ] as const)
      assert.match(text, new RegExp(`Linje ${line}: ${word}`));
    assert.doesNotMatch(text, /Linje 2:/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
  });

  it('refuses two marks of one thing, and a row whose id and name are of two', async () => {
    const { firm, boss, agent, customers } = await office(2);
    const [alfa, beta] = customers as [TestParty, TestParty];
    await newAgent(boss, firm, 'Bjarne Ansatt');
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    const { html } = await bring(browser, firm, [
      `gi;${alfa.number};;${VAT};${agent.id}`,
      `avslutt;${alfa.number};;${VAT};;Agnes Ansatt`,
      `gi;${alfa.number};${beta.id};${VAT};${agent.id}`,
      `gi;${beta.number};;${VAT};${agent.id};Bjarne Ansatt`,
    ]);
    const text = mainText(html);
    assert.match(text, /Linje 3: Raden gjelder det samme som linje 2/);
    for (const line of [4, 5])
      assert.match(text, new RegExp(`Linje ${line}: Nummeret eller navnet hører ikke til id-en`));
    assert.equal(await decide(agent, 'read', 'mva-melding', alfa), 'NotApplicable');
  });

  it('ends what is held of a customer whose own gift is paused', async () => {
    const { firm, boss, agent, customers, chiefs } = await office(1);
    const [{ number, id }] = customers as [TestParty];
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    await bring(browser, firm, [`gi;${number};;${VAT};${agent.id}`]);
    await confirm(browser);
    const [own] = (
      await world.database.db.raw('select id from mandate where from_party = ? and to_party = ?', [
        id,
        firm.id,
      ])
    ).rows as { id: string }[];
    await call('POST', `/access/v1/mandates/${own!.id}/suspend`, await personToken(chiefs[0]!));
    await bring(browser, firm, [`avslutt;${number};;${VAT};${agent.id}`]);
    assert.match(mainText((await confirm(browser)).html), /Gjort/);
  });

  it('does nothing where a customer has taken back what was to be given', async () => {
    const { firm, boss, agent, customers, chiefs } = await office(2);
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    const rows = customers.map(({ number }) => `gi;${number};;${VAT};${agent.id}`);
    await bring(browser, firm, rows);
    const [gift] = (
      await world.database.db.raw('select id from mandate where from_party = ? and to_party = ?', [
        customers[1]!.id,
        firm.id,
      ])
    ).rows as { id: string }[];
    await end(chiefs[1]!, gift!.id);
    const refused = await confirm(browser);
    assert.equal(refused.status, 409);
    assert.match(mainText(refused.html), /Ingenting ble gjort.*Beta Kunde AS/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
    await confirm(browser);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'Permit');
  });

  it('is for who administers customers alone, to the last step', async () => {
    const { firm, boss, agent, customers } = await office(1);
    for (const path of ['/customers/file', '/customers/work.csv', '/customers/left']) {
      const browser = await loggedIn(agent, `${path}?party=${firm.id}`);
      assert.equal(browser.page.status, 403, path);
    }
    const helper = await newPerson();
    const mandate = await given(boss, firm, helper, { package: 'klientadministrator' });
    const browser = await loggedIn(helper, `/customers?party=${firm.id}`);
    await bring(browser, firm, [`gi;${customers[0]!.number};;${VAT};${agent.id}`]);
    await end(boss, mandate);
    assert.equal((await confirm(browser)).status, 403);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
  });
});

describe('customers that fell away', () => {
  const page = async (firm: TestParty, boss: TestParty) =>
    mainText((await loggedIn(boss, `/customers/left?party=${firm.id}`)).page.html);
  const gift = async (from: TestParty, to: TestParty): Promise<string> =>
    (
      await world.database.db.raw('select id from mandate where from_party = ? and to_party = ?', [
        from.id,
        to.id,
      ])
    ).rows[0].id;

  it('are named with how it came about', async () => {
    const { firm, boss, customers, chiefs } = await office(5);
    const ids = await Promise.all(customers.map((one) => gift(one, firm)));
    await end(chiefs[0]!, ids[0]!);
    await end(boss, ids[1]!);
    await world.database.db.raw(
      `update mandate set valid_from = now() - interval '9 days', valid_to = now() - interval '2 days' where id = ?`,
      [ids[2]!],
    );
    const suspend = `/access/v1/mandates/${ids[3]!}/suspend`;
    await call('POST', suspend, await personToken(chiefs[3]!));
    const dead = await newOrganization('Omega Slutt AS');
    const last = await newPerson();
    await newRole('dagl', dead, last);
    await given(last, dead, firm, { package: VAT });
    await world.database.db.raw('update party set ended_at = now() where id = ?', [dead.id]);
    const register = await newOrganization('Zeta Register AS');
    await newRole('regn', register, firm);
    await newRole('regn', register, firm, { validTo: new Date().toISOString() });
    const text = await page(firm, boss);
    assert.match(text, /Omega Slutt AS Merverdiavgift: /);
    assert.match(text, /Alfa Kunde AS Merverdiavgift: Kunden avsluttet det/);
    assert.match(text, /Beta Kunde AS Merverdiavgift: Dere sa det fra dere/);
    assert.match(text, /Gamma Kunde AS Merverdiavgift: Det gjaldt til/);
    assert.match(text, /Delta Kunde AS Merverdiavgift: Satt på pause/);
    assert.doesNotMatch(text, /Epsilon/);
    assert.match(text, /Zeta Register AS Regnskapsfører: Det gjaldt til/);
  });

  it('are none who have given something else, or who left long ago', async () => {
    const { firm, boss, customers, chiefs } = await office(2);
    const ids = await Promise.all(customers.map((one) => gift(one, firm)));
    await given(chiefs[0]!, customers[0]!, firm, { package: 'toll' });
    for (const at of [0, 1]) await end(chiefs[at]!, ids[at]!);
    await world.database.db.raw(
      `update mandate set valid_from = now() - interval '200 days', ended_at = now() - interval '100 days' where id = ?`,
      [ids[1]!],
    );
    const text = await page(firm, boss);
    assert.match(text, /Ingen har falt fra/);
  });

  it('show nothing of a firm that was never one’s own', async () => {
    const [{ firm }, { boss }] = [await newFirm(), await newFirm()];
    const browser = await loggedIn(boss, `/customers/left?party=${firm.id}`);
    assert.equal(browser.page.status, 403);
  });
});
