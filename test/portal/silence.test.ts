// «Ikke la … sende meg noe mer»: from a request, a gift or a consent; silent to the one who sends,
// whose sending is stored as ever; seen and let go in the settings.
import assert from 'node:assert/strict';
import {
  decide,
  given,
  newConsentResource,
  newMandate,
  newPair,
  newTeam,
  rightTo,
} from '../support/rights/rights.ts';
import { randomUUID } from 'node:crypto';
import { Browser, heading, loggedIn, mainText, press } from '../support/pages/browser.ts';
import {
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  READ,
  REQUESTS,
  world,
  type TestParty,
} from '../support/world.ts';

const ASK = '/accessmanagement/api/v1/enduser/request';
const SENDERS = { to: /^\/silences\?/ };
const DAY = 86_400_000;

async function askFor(code: string, who: TestParty, from: TestParty): Promise<string> {
  const query = new URLSearchParams({ party: who.id, to: from.id, package: code });
  const path = `${ASK}/package?${query}`;
  const { body, status, text } = await call('POST', path, await personToken(who));
  assert.equal(status, 201, text);
  return body.id;
}
const received = async (party: TestParty, who: TestParty, status = 'pending') => {
  const query = new URLSearchParams({ party: party.id, status });
  const token = await personToken(who);
  const { body } = await call('GET', `${ASK}/received?${query}`, token);
  const count = await call('GET', `${ASK}/received/count?${query}`, token);
  const ids: string[] = body.data.map(({ id }: { id: string }) => id);
  assert.equal(count.body, ids.length);
  return ids;
};
/** How many notices of a kind a party has got. */
async function heardBy({ id }: TestParty, type: string): Promise<number> {
  const { rows } = await world.database.db.raw(
    'select count(*)::int as n from notice where party = ? and type = ?',
    [id, type],
  );
  return rows[0].n;
}
const statusOf = async (id: string, asker: TestParty): Promise<string> =>
  (await call('GET', `${REQUESTS}/${id}`, await organizationToken(asker, READ))).body.status;

/** A company whose director has silenced an employee who asked for something. */
async function silencedAsker() {
  const team = await newTeam();
  const first = await askFor('merverdiavgift', team.clerk, team.firm);
  const browser = await loggedIn(team.boss, `/requests/${first}?party=${team.firm.id}`);
  const page = await press(browser, /silence/);
  return { ...team, first, browser, page };
}

describe('a party that wants to be sent nothing more by another', () => {
  it('says so beside a request, and sees whom it has silenced', async () => {
    const { firm, clerk, browser, page, first } = await silencedAsker();
    assert.equal(page.url.pathname, '/silences');
    assert.match(heading(page), /ikke får noe fra/);
    assert.match(mainText(page.html), new RegExp(`Lagret.*${clerk.name}.*La ${clerk.name} sende`));
    const again = await browser.open(`/requests/${first}?party=${firm.id}`);
    assert.match(again.html, /sender, gir ingen beskjed/);
    assert.doesNotMatch(again.html, /action="[^"]*silence/);
  });

  it('hears of no request and no reminder of that one, who sees nothing of it', async () => {
    const { firm, boss, clerk, first } = await silencedAsker();
    const heard = await heardBy(firm, 'right_asked');
    const id = await askFor('toll', clerk, firm);
    const own = await loggedIn(clerk, `/requests/${id}`);
    assert.match(own.page.html, /Venter på svar/);
    assert.ok((await own.open('/overview?show=waiting')).html.includes(`/requests/${id}`));
    await at(8 * DAY, async () => {
      const theirs = await loggedIn(clerk, `/requests/${id}`);
      assert.match((await press(theirs, /remind/)).html, /Vi har tatt imot påminnelsen/);
    });
    assert.equal(await heardBy(firm, 'right_asked'), heard);
    assert.equal(await heardBy(firm, 'right_asked_again'), 0);
    for (const path of [`/overview?party=${firm.id}&show=waiting`, `/inbox?party=${firm.id}`]) {
      const { page } = await loggedIn(boss, path);
      assert.ok(!page.html.includes(`/requests/${id}`), path);
    }
    assert.deepEqual(await received(firm, boss), []);
    // What was answered is history, and one who finds the way answers.
    const browser = await loggedIn(boss, `/requests/${first}?party=${firm.id}`);
    assert.match((await press(browser, /approve/)).html, />Gitt</);
    assert.deepEqual(await received(firm, boss, 'approved'), [first]);
  });

  it('counts nothing of that one among what waits', async () => {
    const [person, helper] = [await newPerson(), await newPerson('Mas Masesen')];
    await given(person, person, helper, { package: 'innbygger-pensjon' });
    const first = await askFor('innbygger-utdanning', helper, person);
    const browser = await loggedIn(person, '/start');
    assert.match(mainText(browser.page.html), /Én ber om fullmakt/);
    await browser.open(`/requests/${first}`);
    await press(browser, /silence/);
    await askFor('innbygger-samliv', helper, person);
    assert.doesNotMatch(mainText((await browser.open('/start')).html), /ber om fullmakt/);
  });

  it('gets no notice of what that one gives, which holds all the same', async () => {
    const [giver, receiver] = await newPair('Gro Giver', 'Rolf Mottaker');
    const first = await given(giver, giver, receiver, { package: 'innbygger-pensjon' });
    assert.equal(await heardBy(receiver, 'mandate_given'), 1);
    const browser = await loggedIn(receiver, `/overview/${first}`);
    assert.match(browser.page.html, /Ikke la Gro Giver sende meg noe mer/);
    const page = await press(browser, /silence/);
    assert.match(heading(page), /Hvem du ikke får noe fra/);
    const second = await given(giver, giver, receiver, { package: 'innbygger-utdanning' });
    assert.equal(await heardBy(receiver, 'mandate_given'), 1);
    assert.ok((await browser.open('/overview?show=received')).html.includes(second));
    // The giver hears as ever, and another giver is heard.
    const other = await newPerson();
    await newMandate(receiver, other, { package: 'innbygger-samliv' });
    await given(other, other, receiver, { package: 'innbygger-pensjon' });
    assert.equal(await heardBy(receiver, 'mandate_given'), 2);
    assert.equal(await heardBy(giver, 'mandate_given'), 2);
  });

  it('is chosen in the settings too, for a company by one who may see what it was sent', async () => {
    const { firm, boss, clerk } = await newTeam();
    const [asker, other] = [await newOrganization('Spør AS'), await newOrganization('Annen AS')];
    const right = rightTo(await newConsentResource(['dagl']));
    const about = { ...right, portalViewMode: 'show' };
    await ask(firm, asker, about);
    await askFor('merverdiavgift', clerk, firm);
    const browser = await loggedIn(boss, `/silences?party=${firm.id}`);
    assert.match(mainText(browser.page.html), /Har sendt .* noe det siste året/);
    assert.match(browser.page.html, /Spør AS/);
    assert.ok(browser.page.html.includes(clerk.id));
    const stranger = { ...browser.page, html: browser.page.html.replaceAll(asker.id, other.id) };
    const kept = browser.page;
    browser.page = stranger;
    assert.equal((await browser.submit({ sender: other.id }, undefined, SENDERS)).status, 404);
    browser.page = kept;
    await browser.submit({ sender: asker.id }, undefined, SENDERS);
    assert.match(mainText(browser.page.html), /Lagret.*La Spør AS sende igjen/);
    const heard = await heardBy(firm, 'consent_asked');
    await ask(firm, asker, about);
    assert.equal(await heardBy(firm, 'consent_asked'), heard);
    // One who gives powers of attorney for it, and may not see its consents.
    const helper = await newPerson();
    await given(boss, firm, helper, { package: 'tilgangsstyrer' });
    await ask(firm, other, about);
    const theirs = await loggedIn(helper, `/silences?party=${firm.id}`);
    assert.equal(theirs.page.status, 200);
    assert.doesNotMatch(theirs.page.html, /Annen AS|Spør AS/);
    assert.ok(theirs.page.html.includes(clerk.id));
  });

  it('gets no notice of what the sender changes or lets go on, and one of what is less', async () => {
    const [giver, person] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, person, { package: 'innbygger-pensjon' });
    await press(await loggedIn(person, `/overview/${id}`), /silence/);
    const types = ['mandate_changed', 'mandate_resumed', 'mandate_suspended'];
    const heard = () => Promise.all(types.map((type) => heardBy(person, type)));
    const path = `/access/v1/mandates/${id}`;
    const token = await personToken(giver);
    await call('PATCH', path, token, { validTo: inDays(900) });
    await call('PATCH', path, token, { validTo: inDays(1_000) });
    await call('POST', `${path}/suspend`, token);
    await call('POST', `${path}/resume`, token);
    // The first has an end for the first time, which is less.
    assert.deepEqual(await heard(), [1, 0, 1]);
  });

  it('is a person’s own to see and to undo, whoever else administers for the person', async () => {
    const [person, helper] = [await newPerson(), await newPerson()];
    const asker = await newOrganization('Hemmelig Inkasso AS');
    const id = await ask(person, asker);
    await press(await loggedIn(person, `/consents/${id}`), /silence/);
    await given(person, person, helper, { package: 'innbygger-tilgangsstyring-privatperson' });
    const page = `/silences?party=${person.id}`;
    const theirs = await loggedIn(helper, page);
    assert.equal(theirs.page.status, 403);
    assert.doesNotMatch(theirs.page.html, /Inkasso/);
    const csrf = /<input type="hidden" name="csrf"[^>]*>/;
    const [field] = csrf.exec((await theirs.open('/profile')).html)!;
    theirs.page.html = `<form method="post" action="/silences/end?party=${person.id}">${field}</form>`;
    assert.equal((await press(theirs, /silences\/end/, { sender: asker.id })).status, 403);
    const own = await loggedIn(person, page);
    assert.match(own.page.html, /Hemmelig Inkasso AS/);
  });

  it('is not asked for consent on its pages, and answers one by its link', async () => {
    const [person, bank] = [await newPerson(), await newOrganization('Masebanken ASA')];
    const first = await ask(person, bank, { portalViewMode: 'show' });
    const browser = await loggedIn(person, `/consents/${first}`);
    await press(browser, /silence/);
    const heard = await heardBy(person, 'consent_asked');
    const second = await ask(person, bank, { portalViewMode: 'show' });
    const other = await ask(person, await newOrganization(), { portalViewMode: 'show' });
    assert.equal(await heardBy(person, 'consent_asked'), heard + 1);
    const list = await browser.open('/consents?show=waiting');
    assert.ok(list.html.includes(other));
    for (const id of [first, second]) assert.ok(!list.html.includes(id));
    assert.match(list.html, /Venter på svar[^<]*(<[^>]*>)?\s*\(?1/);
    assert.ok(!(await browser.open('/start')).html.includes('Masebanken'));
    assert.equal(await statusOf(second, bank), 'Created');
    assert.equal((await approve(second, person)).status, 200);
  });

  it('lets that one send again, and then has what waited', async () => {
    const { firm, boss, clerk, browser } = await silencedAsker();
    const id = await askFor('toll', clerk, firm);
    assert.ok(!(await received(firm, boss)).includes(id));
    await browser.open(`/silences?party=${firm.id}`);
    const page = await press(browser, /silences\/end/);
    assert.match(mainText(page.html), /Lagret.*Ingen\./);
    assert.ok((await received(firm, boss)).includes(id));
    const heard = await heardBy(firm, 'right_asked');
    await askFor('ordinaer-post-til-virksomheten', clerk, firm);
    assert.equal(await heardBy(firm, 'right_asked'), heard + 1);
  });

  it('is nobody but itself and who administers for it', async () => {
    const { firm, boss, clerk, first } = await silencedAsker();
    const stranger = await newPerson();
    const [giver, receiver] = [await newPerson(), await newPerson()];
    const gift = await given(giver, giver, receiver, { package: 'innbygger-pensjon' });
    const consent = await ask(receiver, await newOrganization());
    const pressed = async (who: TestParty, path: string, fields: Record<string, string> = {}) => {
      const browser = await loggedIn(who, '/profile');
      browser.page.html = browser.page.html.replaceAll('action="/profile"', `action="${path}"`);
      return press(browser, /silence/, fields);
    };
    for (const [who, path] of [
      [stranger, `/requests/${first}`],
      [clerk, `/requests/${first}`],
      [stranger, `/overview/${gift}`],
      [giver, `/overview/${gift}`],
      [stranger, `/consents/${consent}`],
      [receiver, `/consents/${randomUUID()}`],
      [receiver, '/requests/none'],
      [receiver, `/overview/${gift}/silence?party=none`],
    ] as const) {
      const at = path.includes('?') ? path : `${path}/silence`;
      assert.equal((await pressed(who, at)).status, 404, path);
    }
    const end = `/silences/end?party=${firm.id}`;
    assert.equal((await pressed(clerk, end, { sender: clerk.id })).status, 403);
    assert.equal((await pressed(clerk, end)).status, 400);
    const kept = await loggedIn(boss, `/silences?party=${firm.id}`);
    assert.ok(kept.page.html.includes(clerk.id), 'and it is as it was');
    const seen = new Browser();
    await seen.open(`/silences?party=${firm.id}`);
    await seen.logIn(clerk);
    assert.equal(seen.page.status, 403);
  });

  it('cannot silence what a register says', async () => {
    const { firm, boss } = await newTeam();
    await newRole('regn', firm, boss);
    const browser = await loggedIn(boss, '/overview?show=statutory');
    const [, id] = /\/overview\/([0-9a-f-]{36})/.exec(browser.page.html) ?? [];
    assert.ok(id, browser.page.html);
    const page = await browser.open(`/overview/${id}?party=${boss.id}`);
    assert.doesNotMatch(page.html, /sende meg noe mer/);
  });

  it('has what it was sent decided as before', async () => {
    const { firm, clerk, first, boss } = await silencedAsker();
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const browser = await loggedIn(boss, `/requests/${first}?party=${firm.id}`);
    await press(browser, /approve/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });
});
