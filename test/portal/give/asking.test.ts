// Asking for a right on pages: of those one is connected with, by number and name, with one answer
// for wrong and unknown; sent once, given by nobody but those who are asked.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText, press } from '../../support/pages/browser.ts';
import { dayIn, sendAsk } from '../../support/pages/giving.ts';
import { personNumber } from '../../support/numbers.ts';
import {
  can,
  decide,
  newFirm,
  newMandate,
  newResource,
  newTeam,
} from '../../support/rights/rights.ts';
import { lastName, newPerson, newRole, type TestParty } from '../../support/world.ts';

const terms = (whom: TestParty, changes: Record<string, string> = {}) => ({
  number: whom.number,
  ...(whom.number.length === 11 ? { lastName: lastName(whom) } : {}),
  long: 'half',
  ...changes,
});

describe('asking for a right', () => {
  it('finds a package, says of whom and how long, and is answered there', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const browser = await loggedIn(clerk, '/ask?q=merverdi');
    assert.match(browser.page.html, /package(=|&#x3D;)merverdiavgift/);
    await browser.open('/ask/terms?package=merverdiavgift');
    const sent = await sendAsk(browser, terms(firm));
    assert.match(sent.url.pathname, /^\/requests\//);
    assert.match(sent.html, /Venter på svar/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const theirs = await loggedIn(boss, sent.url.pathname);
    assert.match(heading(theirs.page), /Klara Kontorist ber om en fullmakt/);
    assert.match(theirs.page.html, /til og med/);
    await press(theirs, /approve/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('is followed by whoever asks, and answered where the company is, also by one and the same', async () => {
    const { firm, boss } = await newFirm();
    const browser = await loggedIn(boss, '/ask/terms?package=merverdiavgift');
    const sent = await sendAsk(browser, terms(firm));
    assert.match(sent.html, /Forespørselen er sendt/);
    assert.match(sent.html, /action="[^"]*withdraw"/);
    assert.doesNotMatch(sent.html, /action="[^"]*approve/);
    const own = await browser.open(sent.url.pathname);
    assert.doesNotMatch(own.html, /er sendt|action="[^"]*approve/);
    const asked = await browser.open(`${sent.url.pathname}?party=${firm.id}`);
    assert.match(asked.html, /action="[^"]*approve/);
    await press(browser, /approve/);
    assert.equal(await decide(boss, 'read', 'mva-melding', firm), 'Permit');
  });

  it('asks for chosen actions of a service', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const resource = await newResource([can('read', 'dagl'), can('sign', 'dagl')]);
    const browser = await loggedIn(clerk, `/ask/terms?resource=${resource}`);
    assert.match((await sendAsk(browser, terms(firm))).html, /Velg minst én handling/);
    const sent = await sendAsk(browser, terms(firm, { action: 'read' }));
    const theirs = await loggedIn(boss, sent.url.pathname);
    await press(theirs, /approve/, { action: 'read' });
    assert.equal(await decide(clerk, 'read', resource, firm), 'Permit');
    assert.equal(await decide(clerk, 'sign', resource, firm), 'NotApplicable');
  });

  it('is of a person for five years at most', async () => {
    const [giver, friend] = [await newPerson(), await newPerson()];
    await newMandate(giver, friend, { package: 'innbygger-samliv' });
    const way = `/ask/terms?package=innbygger-pensjon&from=${giver.id}`;
    const browser = await loggedIn(friend, way);
    const far = dayIn(5 * 366 + 2);
    const page = await sendAsk(browser, { long: 'date', date: far });
    assert.match(mainText(page.html), /i høyst fem år/);
    assert.match(page.html, new RegExp(`value="${far}"`));
    const sent = await sendAsk(browser, { long: 'date', date: dayIn(5 * 365) });
    assert.match(sent.html, /Forespørselen er sendt/);
  });

  it('is of those one is connected with: the rest are told in words, and nothing is sent', async () => {
    const { firm, clerk } = await newTeam('Klara Kontorist');
    const stranger = await newPerson();
    const browser = await loggedIn(stranger, '/ask/terms?package=merverdiavgift');
    assert.match((await sendAsk(browser, terms(firm))).html, /tilknytning til fra før/);
    const own = await loggedIn(clerk, '/ask/terms?package=merverdiavgift');
    assert.match((await sendAsk(own, terms(clerk))).html, /be deg selv|slik person/);
    assert.match((await sendAsk(own, terms(stranger))).html, /slik person eller virksomhet/);
    assert.match(
      (await own.open('/overview?show=waiting')).html,
      /show(=|&#x3D;)waiting" aria-current="page">Venter</,
    );
  });

  it('says the same of a wrong name and of an unknown number, and keeps what was typed', async () => {
    const { clerk } = await newTeam('Klara Kontorist');
    const known = await newPerson();
    const browser = await loggedIn(clerk, '/ask/terms?package=merverdiavgift');
    const wrong = { ...terms(known), lastName: 'Feilesen' };
    const unknown = { ...wrong, number: personNumber() };
    const told = (html: string) => /id="number-error">([^<]*)/.exec(html)?.[1];
    const one = told((await sendAsk(browser, wrong)).html);
    assert.match(browser.page.html, /value="Feilesen"/);
    const other = told((await sendAsk(browser, unknown)).html);
    assert.ok(one);
    assert.equal(one, other);
    for (let n = 0; n < 4; n += 1) await sendAsk(browser, wrong);
    assert.match((await sendAsk(browser, terms(known))).html, /for mange ganger/);
  });

  it('is for an organisation by who administers there, and for no other person', async () => {
    const [{ firm, boss }, { firm: other }] = [await newFirm(), await newFirm()];
    const [clerk, child] = [await newPerson(), await newPerson()];
    await newRole('medl', firm, clerk);
    const path = (party: TestParty) => `/ask?party=${party.id}`;
    assert.equal((await loggedIn(clerk, path(firm))).page.status, 403);
    assert.equal((await loggedIn(clerk, path(other))).page.status, 403);
    assert.equal((await loggedIn(clerk, path(child))).page.status, 403);
    assert.match((await loggedIn(boss, path(firm))).page.html, /handle på vegne av andre/);
  });

  it('is the same request when it is sent twice, and takes no form of another session', async () => {
    const { firm, clerk } = await newTeam('Klara Kontorist');
    const browser = await loggedIn(clerk, '/ask/terms?package=merverdiavgift');
    const form = browser.page;
    const first = (await sendAsk(browser, terms(firm))).url.pathname;
    browser.page = form;
    assert.equal((await sendAsk(browser, terms(firm))).url.pathname, first);
    const another = await loggedIn(await newPerson(), '/start');
    another.page = form;
    assert.equal((await press(another, /ask\/terms/, terms(firm))).status, 403);
  });

  it('is for nothing that the one who is asked can never give', async () => {
    const { firm, clerk } = await newTeam('Klara Kontorist');
    const word = `Ord${firm.number}`;
    const titled = (title: string) => ({ title: { nb: `${title} ${word}`, nn: title } });
    const theirs = await newResource([can('read', 'privatperson')], titled('Privat'));
    const mixed = [can('read', 'dagl'), can('write', 'privatperson')];
    const ours = await newResource(mixed, titled('Bedrift'));
    const found = await loggedIn(clerk, `/ask?from=${firm.id}&q=${word}`);
    assert.ok(found.page.html.includes(ours));
    assert.ok(!found.page.html.includes(theirs));
    const at = (resource: string) =>
      `/ask/terms?${new URLSearchParams({ from: firm.id, resource })}`;
    assert.equal((await found.open(at(theirs))).status, 404);
    const { html } = await found.open(at(ours));
    assert.match(html, />Lese</);
    assert.doesNotMatch(html, /Skrive|Endre<|Sende inn/);
  });

  it('is nowhere for what cannot be given', async () => {
    const { clerk } = await newTeam('Klara Kontorist');
    const browser = await loggedIn(clerk, '/start');
    for (const path of ['/ask/terms', '/ask/terms?package=none', '/ask/terms?resource=none'])
      assert.equal((await browser.open(path)).status, 404, path);
  });
});
