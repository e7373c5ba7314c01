// The access lists of a company that owns services, on pages: seen, searched, and changed by those
// who administer there; who is taken off gets a no.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import { organizationNumber } from '../support/numbers.ts';
import { can, decide, given, newFirm, newResource } from '../support/rights/rights.ts';
import { importThis, newOrganization, newPerson, world } from '../support/world.ts';

/** An owner with a list that opens a service, and two who are on it. */
async function owning() {
  const { firm, boss } = await newFirm();
  const [one, other] = [
    await newOrganization('Alfa Medlem AS'),
    await newOrganization('Beta Medlem AS'),
  ];
  const name = `liste-${randomUUID().slice(0, 8)}`;
  const list = {
    owner: firm.number,
    id: name,
    name: 'Godkjente virksomheter',
    members: [one.number, other.number],
  };
  await importThis({ accessLists: [list] });
  const words = { nb: 'Prøvetjenesten', nn: 'Prøvetenesta', en: 'Trial service' };
  const resource = await newResource([can('read', `accesslist:${name}`)], {
    owner: firm.number,
    title: words,
  });
  await importThis({ accessLists: [{ ...list, resources: [{ resource }] }] });
  return { firm, boss, one, other, name, resource, path: `/lists/${name}?party=${firm.id}` };
}

describe('the access lists of a company', () => {
  it('are found from its systems, with who is on each and what it opens', async () => {
    const { firm, boss, one, path } = await owning();
    const browser = await loggedIn(boss, `/systems?party=${firm.id}`);
    const [, way] = /href="(\/lists[^"]*)"/.exec(browser.page.html)!;
    const lists = await browser.open(unescapeHtml(way!));
    assert.match(heading(lists), /Tilgangslistene til/);
    assert.match(mainText(lists.html), /Godkjente virksomheter 2 virksomheter, én tjeneste/);
    const page = await browser.open(path);
    assert.equal(heading(page), 'Godkjente virksomheter');
    assert.match(mainText(page.html), /Dette åpner listen Prøvetjenesten/);
    assert.match(mainText(page.html), /Alfa Medlem AS \(.*Beta Medlem AS \(/);
    const found = await browser.open(`${path}&q=${one.number}`);
    assert.match(mainText(found.html), /Én funnet.*Alfa Medlem/);
    assert.doesNotMatch(mainText(found.html), /Beta Medlem/);
  });

  it('are not named to a company that has none', async () => {
    const { firm, boss } = await newFirm();
    const { page } = await loggedIn(boss, `/systems?party=${firm.id}`);
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.html, /href="\/lists/);
  });

  it('take one on by number, and off by a tick, which holds at the next question', async () => {
    const { firm, boss, one, other, path, resource } = await owning();
    const third = await newOrganization('Gamma Medlem AS');
    const asked = async (who: { id: string }) => decide(who, 'read', resource);
    assert.deepEqual([await asked(one), await asked(third)], ['Permit', 'NotApplicable']);
    const browser = await loggedIn(boss, path);
    const added = await press(browser, /\/add/, { number: third.number });
    assert.match(mainText(added.html), /Virksomheten står på listen.*Gamma Medlem AS/);
    const gone = await press(browser, /\/out/, { member: one.id });
    assert.match(mainText(gone.html), /står ikke lenger på listen/);
    assert.deepEqual(
      [await asked(one), await asked(other), await asked(third)],
      ['NotApplicable', 'Permit', 'Permit'],
    );
    const { rows } = await world.database.db.raw(
      `select type, by_party from event where from_party = ? and type in ('list_joined', 'list_left') order by id desc limit 2`,
      [firm.id],
    );
    assert.deepEqual(rows, [
      { type: 'list_left', by_party: boss.id },
      { type: 'list_joined', by_party: boss.id },
    ]);
  });

  it('take no person, nobody who is not there, and nothing without a tick', async () => {
    const { boss, path } = await owning();
    const browser = await loggedIn(boss, path);
    for (const [number, why] of [
      ['abc', /Organisasjonsnummeret er ikke riktig/],
      [boss.number, /Organisasjonsnummeret er ikke riktig/],
      ['999999999', /ikke riktig|ingen virksomhet/],
    ] as const) {
      const page = await press(browser, /\/add/, { number });
      assert.equal(page.status, 400);
      assert.match(mainText(page.html), why);
    }
    const none = await press(browser, /\/out/);
    assert.equal(none.status, 400);
    assert.match(mainText(none.html), /Velg minst én virksomhet/);
  });

  it('stay where they were searched and turned, after a fault and after an act', async () => {
    const { boss, firm, name, one, other, path } = await owning();
    const browser = await loggedIn(boss, `${path}&q=medlem`);
    const wrong = await press(browser, /\/add/, { number: 'abc' });
    assert.equal(wrong.status, 400);
    assert.match(wrong.html, /name="q"[^>]*value="medlem"/);
    await press(browser, /\/out/, { member: one.id });
    assert.match(browser.page.url.href, /q=medlem/);
    assert.match(mainText(browser.page.html), /Én funnet.*Beta Medlem/);
    const many = Array.from({ length: 50 }, (_, n) => ({
      kind: 'organization',
      number: organizationNumber(),
      name: `Alfa ${n} AS`,
    }));
    await importThis({ parties: many });
    const members = many.map(({ number }) => number);
    await importThis({
      accessLists: [
        {
          owner: firm.number,
          id: name,
          name: 'Godkjente virksomheter',
          members: [...members, one.number],
        },
      ],
    });
    await browser.open(`${path}&offset=50`);
    assert.match(mainText(browser.page.html), /Alfa Medlem AS/);
    await press(browser, /\/out/, { member: one.id });
    assert.match(
      mainText(browser.page.html),
      /står ikke lenger på listen.*Beta Medlem AS.*Forrige side/,
    );
    await press(browser, /\/out/, { member: other.id });
    assert.match(mainText(browser.page.html), /står ikke lenger på listen.*Alfa 0 AS/);
  });

  it('keep the search and the ticks through a login in between', async () => {
    const { boss, one, path } = await owning();
    const browser = await loggedIn(boss, `${path}&q=medlem`);
    await browser.forget('session');
    const told = await press(browser, /\/out/, { member: one.id });
    const [, way] = /class="ds-button" href="([^"]*)"/.exec(told.html)!;
    await browser.open(unescapeHtml(way!));
    if (browser.page.url.origin !== told.url.origin) await browser.logIn(boss);
    assert.match(browser.page.html, /name="q"[^>]*value="medlem"/);
    assert.match(browser.page.html, new RegExp(`value="${one.id}" checked`));
  });

  it('are for those who administer there, and not for a list of another', async () => {
    const [{ firm, boss, path, name }, clerk] = [await owning(), await newPerson()];
    await given(boss, firm, clerk, { package: 'toll' });
    for (const who of [clerk, await newPerson()])
      for (const way of [path, `/lists?party=${firm.id}`])
        assert.equal((await loggedIn(who, way)).page.status, 403);
    const other = await newFirm();
    const theirs = await loggedIn(other.boss, `/lists/${name}?party=${other.firm.id}`);
    assert.equal(theirs.page.status, 404);
    // Who loses the office with the page open changes nothing.
    const browser = await loggedIn(boss, path);
    await world.database.db.raw(
      `update mandate set ended_at = now() where from_party = ? and to_party = ? and role = 'dagl'`,
      [firm.id, boss.id],
    );
    const late = await press(browser, /\/add/, { number: other.firm.number });
    assert.equal(late.status, 403);
  });
});
