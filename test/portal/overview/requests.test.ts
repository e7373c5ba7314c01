// Requests for a right, answered on pages: seen by the two sides alone, in whole, in part, with a
// no, once; and what waits stands in the overview and on the start page.
import assert from 'node:assert/strict';
import {
  Browser,
  heading,
  loggedIn,
  mainText,
  press,
  unescapeHtml,
} from '../../support/pages/browser.ts';
import { can, decide, given, newResource, newTeam } from '../../support/rights/rights.ts';
import { call, newPerson, newRole, personToken, type TestParty } from '../../support/world.ts';

const ASK = '/accessmanagement/api/v1/enduser/request';

async function ask(who: TestParty, from: TestParty, what: Record<string, string>): Promise<string> {
  const kind = what.package ? 'package' : 'resource';
  const query = new URLSearchParams({ party: who.id, to: from.id, ...what });
  const { body, status, text } = await call(
    'POST',
    `${ASK}/${kind}?${query}`,
    await personToken(who),
  );
  assert.equal(status, 201, text);
  return body.id;
}
const VAT = { package: 'merverdiavgift' };

describe('a request for a right on pages', () => {
  it('is found in the inbox, looked at, and given with one press', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm, VAT);
    const browser = await loggedIn(boss, `/inbox?party=${firm.id}`);
    assert.ok(browser.page.html.includes(`/requests/${id}`));
    await browser.open(`/requests/${id}`);
    assert.match(
      heading(browser.page),
      new RegExp(`${clerk.name} ber om en fullmakt: Merverdiavgift`),
    );
    assert.match(browser.page.html, /Ingenting er gitt ennå/);
    assert.ok(!browser.page.html.includes(clerk.number));
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const after = await press(browser, /approve/);
    assert.equal(after.url.pathname, `/requests/${id}`);
    assert.match(after.html, />Gitt</);
    assert.doesNotMatch(after.html, /action="[^"]*approve/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    const theirs = await loggedIn(clerk, '/inbox');
    assert.ok(theirs.page.html.includes(`/requests/${id}`));
    assert.match(
      (await theirs.open(`/requests/${id}`)).html,
      /Du har bedt [^<]* om en fullmakt: Merverdiavgift/,
    );
  });

  it('is answered with a no by the button beside the yes', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm, VAT);
    const browser = await loggedIn(boss, `/requests/${id}`);
    assert.match(browser.page.html, new RegExp(`formaction="/requests/${id}/reject`));
    browser.page.html = browser.page.html.replaceAll('/approve', '/reject');
    const after = await press(browser, /reject/);
    assert.match(after.html, /Svaret er nei[\s\S]*Besvart med nei/);
    assert.match(heading(after), /ba om en fullmakt/);
    assert.doesNotMatch(after.html, /Ber om at den gjelder/);
    // Both find it again, and hear what the answer was.
    const own = await loggedIn(clerk, '/inbox');
    assert.match(own.page.html, /har svart nei på en forespørsel om fullmakt/);
    for (const [who, path] of [
      [boss, `/overview?party=${firm.id}&show=waiting`],
      [clerk, '/overview?show=waiting'],
    ] as const)
      assert.match(
        (await loggedIn(who, path)).page.html,
        new RegExp(`Besvarte forespørsler[\\s\\S]*/requests/${id}`),
      );
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
  });

  it('is answered with a no where it is told of: in the inbox and in the overview', async () => {
    for (const path of ['/inbox', '/overview']) {
      const { firm, boss, clerk } = await newTeam();
      const id = await ask(clerk, firm, VAT);
      const browser = await loggedIn(boss, `${path}?party=${firm.id}&show=waiting`);
      assert.match(browser.page.html, /Si nei</);
      const after = await press(browser, new RegExp(`${id}/reject`));
      assert.match(after.html, /Svaret er nei/);
      await browser.open(`${path}?party=${firm.id}&show=waiting`);
      assert.doesNotMatch(browser.page.html, /Si nei</);
      // Whoever asked has no such button.
      await ask(clerk, firm, { package: 'toll' });
      for (const own of ['/inbox', '/overview?show=waiting'])
        assert.doesNotMatch((await loggedIn(clerk, own)).page.html, /Si nei</);
    }
  });

  it('has no yes where there is nothing of it that the company can give', async () => {
    const { firm, boss, clerk } = await newTeam();
    const resource = await newResource([can('read', 'privatperson')]);
    const id = await ask(clerk, firm, { resource });
    const { page } = await loggedIn(boss, `/requests/${id}`);
    assert.match(mainText(page.html), /Du kan ikke gi dette for/);
    assert.doesNotMatch(page.html, /Ja, gi fullmakten/);
    assert.match(page.html, /formaction="[^"]*reject/);
  });

  it('is given in part, and never without a choice', async () => {
    const { firm, boss, clerk } = await newTeam();
    const resource = await newResource([can('read', 'dagl'), can('sign', 'dagl')]);
    const id = await ask(clerk, firm, { resource });
    const browser = await loggedIn(boss, `/requests/${id}`);
    assert.match(browser.page.html, />Lese<[\s\S]*>Signere</);
    const none = await press(browser, /approve/);
    assert.equal(none.status, 400);
    assert.match(none.html, /Velg minst én handling/);
    // Named twice, it is one.
    const some = await press(browser, /approve/, { action: 'read read' });
    assert.match(some.html, /Gitt, en del av det[\s\S]*til den blir avsluttet/);
    const [, given] = /href="([^"]*)">Se fullmakten/.exec(some.html)!;
    assert.match((await browser.open(unescapeHtml(given!))).html, /Avslutt fullmakten/);
    assert.equal(await decide(clerk, 'read', resource, firm), 'Permit');
    assert.equal(await decide(clerk, 'sign', resource, firm), 'NotApplicable');
  });

  it('is answered once: an old page is told so, and changes nothing', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm, VAT);
    const [one, other] = [
      await loggedIn(boss, `/requests/${id}`),
      await loggedIn(boss, `/requests/${id}`),
    ];
    other.page.html = other.page.html.replaceAll('/approve', '/reject');
    await press(other, /reject/);
    const late = await press(one, /approve/);
    assert.equal(late.status, 400);
    assert.match(late.html, /alt besvart eller trukket/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
  });

  it('is withdrawn by who asked, who cannot answer it', async () => {
    const { firm, clerk } = await newTeam();
    const id = await ask(clerk, firm, VAT);
    const browser = await loggedIn(clerk, `/requests/${id}`);
    assert.doesNotMatch(browser.page.html, /approve|reject/);
    const shown = browser.page.html;
    browser.page.html = shown.replace('/withdraw', '/approve');
    assert.equal((await press(browser, /approve/)).status, 404);
    await browser.open(`/requests/${id}`);
    assert.match((await press(browser, /withdraw/)).html, />Trukket</);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
  });

  it('is not there for a stranger, nor for one who works there', async () => {
    const { firm, clerk } = await newTeam();
    const [id, colleague] = [await ask(clerk, firm, VAT), await newPerson()];
    await newRole('medl', firm, colleague);
    for (const who of [await newPerson(), colleague]) {
      assert.equal((await loggedIn(who, `/requests/${id}`)).page.status, 404);
      for (const step of ['approve', 'reject', 'withdraw', 'confirm'])
        assert.equal((await loggedIn(who, `/requests/${id}/${step}`)).page.status, 404);
    }
    const browser = await loggedIn(colleague, '/requests/not-an-id');
    assert.equal(browser.page.status, 404);
  });

  it('is told in words when it cannot be given, and waits on', async () => {
    const { firm, boss, clerk } = await newTeam();
    await given(boss, firm, clerk, VAT);
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, ...VAT });
    const validTo = new Date(Date.now() + 5 * 86_400_000).toISOString();
    const asked = await call('POST', `${ASK}/package?${query}`, await personToken(clerk), {
      validTo,
    });
    const browser = await loggedIn(boss, `/requests/${asked.body.id}`);
    const page = await press(browser, /approve/);
    assert.match(page.html, /alt gitt, med en annen sluttdato/);
    assert.match(page.html, /Venter på svar/);
  });

  it('waits in the overview and on the start page of both sides', async () => {
    const { firm, boss, clerk } = await newTeam();
    const person = await newPerson();
    const id = await ask(clerk, firm, VAT);
    const browser = await loggedIn(boss, `/overview?party=${firm.id}&show=waiting`);
    assert.match(
      browser.page.html,
      new RegExp(`href="/requests/${id}\\?party(=|&#x3D;)${firm.id}"`),
    );
    assert.match(browser.page.html, /Forespørsler om fullmakt \(1\)/);
    const theirs = await loggedIn(clerk, '/overview?show=waiting');
    assert.ok(theirs.page.html.includes(`href="/requests/${id}"`));
    assert.match(theirs.page.html, /Bedt om:/);
    assert.doesNotMatch((await theirs.open('/start')).html, /ber om fullmakt/);
    const stranger = await loggedIn(person, '/overview?show=waiting');
    assert.match(stranger.page.html, /Forespørsler om fullmakt \(0\)<[\s\S]*Ingen venter på svar/);
  });

  it('takes no form of another session', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm, VAT);
    const [one, other] = [await loggedIn(boss, `/requests/${id}`), new Browser()];
    await other.open(`/requests/${id}`);
    await other.logIn(boss);
    other.page.html = one.page.html;
    assert.equal((await press(other, /approve/)).status, 403);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
  });
});
