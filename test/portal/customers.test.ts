// A supplier's customers as a page: found, filtered, counted, and given to its people in one act,
// which is whole or says for whom it could not be.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Browser, loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import { can, decide, given, newFirm, newResource } from '../support/rights/rights.ts';
import { assign, newAgent, office, VAT } from '../support/rights/office.ts';
import { endParty } from '../support/rows.ts';
import { newOrganization, newPerson, newRole, world } from '../support/world.ts';

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

/** So many more that gave it something. */
const crowded = ({ id, number }: { id: string; number: string }, by: { id: string }, n: number) =>
  world.database.db.raw(
    `with made as (insert into party (id, party_id, kind, name, username)
        select gen_random_uuid(), nextval('party_number'), 'self_identified', 'Zeta ' || n, 'kunde' || ?::text || n from generate_series(1, ?::int) n returning id)
    insert into mandate (id, from_party, to_party, basis, package, valid_from, to_kind, given_by, given_at)
      select gen_random_uuid(), made.id, ?::uuid, 'delegation', 'toll', now() - interval '1 day', 'organization', ?::uuid, now() from made`,
    [number, n, id, by.id],
  );

const back = async (browser: Browser, { pathname, search }: URL): Promise<Browser> => {
  await browser.open(`${pathname}${search}`);
  return browser;
};

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
    assert.match(none.html, /href="#rights">Velg minst én fullmakt</);
    assert.match(none.html, /id="rights" aria-describedby="rights-error"/);
    assert.doesNotMatch(mainText(none.html), /Velg minst én person/);
    await browser.open(assignAt(firm, customers.slice(0, 2)));
    const noOne = await press(browser, /assign/, { package: VAT });
    assert.match(noOne.html, /href="#agents">Velg minst én person</);
    assert.doesNotMatch(mainText(noOne.html), /Velg minst én fullmakt/);
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
    const looked = mainText(browser.page.html);
    assert.match(looked, /Ingenting er gitt ennå.*Alfa Kunde AS.*Beta Kunde AS/);
    assert.match(looked, /Agnes Ansatt.*Bjarne Ansatt.*Dette får de Merverdiavgift/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
    await press(browser, /assign\/check/);
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
    const refused = await browser.submit(fields, undefined, { to: /assign/ });
    assert.equal(refused.status, 400);
    assert.match(mainText(refused.html), /kan ikke velges lenger/);
    assert.doesNotMatch(refused.html, /Fremmed/);
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
    const lacking = new URLSearchParams([
      ['agent', agent.id],
      ['package', 'toll'],
    ]);
    const other = await browser.submit(lacking, undefined, { to: /assign/ });
    assert.equal(other.status, 400);
    assert.match(mainText(other.html), /kan ikke velges lenger/);
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

  it('are given a service that they gave by itself, and shown with it', async () => {
    const { firm, boss, agent, customers, chiefs } = await office(2);
    const words = { nb: 'Prøvetjenesten', nn: 'Prøvetenesta', en: 'Trial service' };
    const resource = await newResource([can('read', 'dagl')], { title: words });
    for (const [at, customer] of customers.entries())
      await given(chiefs[at]!, customer, firm, { resource, actions: ['read'] });
    const browser = await loggedIn(boss, pathOf(firm));
    assert.match(mainText(browser.page.html), /Gitt av kunden: Merverdiavgift og Prøvetjenesten/);
    const csv = await browser.open(`/customers.csv?party=${firm.id}`);
    assert.match(csv.html, /Merverdiavgift, Prøvetjenesten/);
    await browser.open(assignAt(firm, customers));
    await assign(browser, { agent: agent.id, resource });
    for (const customer of customers)
      assert.equal(await decide(agent, 'read', resource, customer), 'Permit');
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
  });

  it('are ordered by name, by the first end and by how few work for them', async () => {
    const { firm, boss, agent, customers } = await office();
    const [alfa, beta, gamma] = customers.map(({ name }) => name);
    await world.database.db.raw(
      `update mandate set valid_to = now() + interval '3 days' where from_party = ? and to_party = ?`,
      [customers[2]!.id, firm.id],
    );
    const browser = await loggedIn(boss, assignAt(firm, [customers[0]!]));
    await assign(browser, { agent: agent.id, package: VAT });
    for (const [order, found] of [
      ['name', [alfa, beta, gamma]],
      ['ends', [gamma, alfa, beta]],
      ['agents', [beta, gamma, alfa]],
      ['else', [alfa, beta, gamma]],
    ] as const) {
      const { html } = await browser.open(pathOf(firm, { order }));
      assert.deepEqual(namesIn(html), found, order);
    }
  });

  it('are given to any of however many, found by name, with what was ticked', async () => {
    const { firm, boss, agent, customers } = await office(1);
    const { rows } = await world.database.db.raw(
      `with made as (insert into party (id, party_id, kind, name, username)
          select gen_random_uuid(), nextval('party_number'), 'self_identified', 'Ansatt ' || lpad(n::text, 3, '0'), 'ansatt' || ?::text || n from generate_series(1, 60) n
          returning id, name),
        related as (insert into relation (id, from_party, to_party, kind, by_party, at)
          select gen_random_uuid(), ?::uuid, made.id, 'agent', ?::uuid, now() from made)
      select made.id from made where made.name = 'Ansatt 060'`,
      [firm.number, firm.id, boss.id],
    );
    const last = rows[0].id;
    const browser = await loggedIn(boss, assignAt(firm, customers));
    assert.match(mainText(browser.page.html), /Viser 50 av 61/);
    const page = await browser.submit(
      { agent: agent.id, package: VAT, find: 'ansatt 060', look: 'yes' },
      undefined,
      { to: /assign/ },
    );
    assert.match(page.html, new RegExp(`value="${agent.id}" checked`));
    assert.match(page.html, /value="merverdiavgift" checked/);
    assert.match(page.html, new RegExp(`value="${last}"`));
    const both = new URLSearchParams([
      ['agent', agent.id],
      ['agent', last],
      ['package', VAT],
    ]);
    assert.match(mainText((await assign(browser, both)).html), /er gitt/);
    await browser.open(`/customers/agents?party=${firm.id}`);
    assert.doesNotMatch(browser.page.html, /Ansatt 060/);
    await browser.open(`/customers/agents?party=${firm.id}&offset=50`);
    assert.match(browser.page.html, /Ansatt 060/);
    await browser.open(`/customers/agents?party=${firm.id}&q=ANSATT+06`);
    assert.match(mainText(browser.page.html), /Én funnet.*Ansatt 060/);
  });

  it('are looked over by one person, and as they were ticked when that is changed', async () => {
    const { firm, boss, agent, customers } = await office();
    const browser = await loggedIn(boss, assignAt(firm, customers));
    await browser.submit({ agent: agent.id, package: VAT }, undefined, { to: /assign/ });
    const { url } = browser.page;
    const [, change] = /href="([^"]*)">Endre/.exec(browser.page.html)!;
    const again = await browser.open(unescapeHtml(change!));
    assert.match(again.html, new RegExp(`value="${agent.id}" checked`));
    assert.match(again.html, /value="merverdiavgift" checked/);
    const other = await newPerson();
    await newRole('dagl', firm, other);
    const theirs = await loggedIn(other, `${url.pathname}${url.search}`);
    assert.match(theirs.page.html, /TIL-00046/);
    await endParty(agent);
    const failed = await press(await back(browser, url), /assign\/check/);
    assert.equal(failed.status, 409);
    assert.match(mainText(failed.html), /Ingenting ble gitt.*En annen for Alfa Kunde AS/);
  });

  it('are chosen all at once as they were found, and no more than an act can have', async () => {
    const { firm, boss, agent, customers } = await office();
    const browser = await loggedIn(boss, assignAt(firm, [customers[0]!]));
    await assign(browser, { agent: agent.id, package: VAT });
    const wayTo = async (list: string, act: string) => {
      const { html } = await browser.open(list);
      const ways = [...html.matchAll(/href="(\/customers\/all\?[^"]*)">([^<]*)/g)];
      const way = ways.map(([, href]) => unescapeHtml(href!)).find((one) => one.includes(act));
      return { way: way!, words: ways.map(([, , text]) => text) };
    };
    const { way, words } = await wayTo(pathOf(firm, { only: 'nobody' }), 'act=assign');
    assert.deepEqual(words, ['Gi noen tilgang til alle de 2', 'Be alle de 2 om fullmakt']);
    await browser.open(way);
    assert.match(mainText(browser.page.html), /disse kundene: Beta Kunde AS Gamma Kunde AS/);
    await assign(browser, { agent: agent.id, package: VAT });
    assert.equal(await decide(agent, 'read', 'mva-melding', customers[2]!), 'Permit');
    // None is left that nobody works for, and the way leads to all of them again.
    assert.equal((await browser.open(way)).url.pathname, '/customers');
    const all = await wayTo(pathOf(firm), 'act=ask');
    await browser.open(all.way);
    assert.match(mainText(browser.page.html), /Be 3 kunder om fullmakt/);
    await crowded(firm, boss, 60);
    const some = await wayTo(pathOf(firm, { offset: '20' }), 'act=ask');
    assert.deepEqual(some.words, [
      'Gi noen tilgang til nummer 21 til 63 av de 63',
      'Be nummer 21 til 63 av de 63 om fullmakt',
    ]);
    const first = await wayTo(pathOf(firm), 'act=ask');
    assert.deepEqual(first.words[1], 'Be nummer 1 til 50 av de 63 om fullmakt');
    await browser.open(first.way);
    assert.match(mainText(browser.page.html), /Be 50 kunder om fullmakt/);
    assert.ok(browser.page.url.search.length < 4_000, 'an address that any proxy lets through');
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
