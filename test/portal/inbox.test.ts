// The inbox says of whom and of what each line is, to the two whom it is between and nobody else.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  loggedIn,
  mainText,
  press,
  unescapeHtml,
  type Browser,
  type Page,
} from '../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../support/oauth/clients.ts';
import {
  can,
  given,
  newConsentResource,
  newFirm,
  newResource,
  newTeam,
  rightTo,
} from '../support/rights/rights.ts';
import {
  approve,
  approvedConsent,
  ask,
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  type TestParty,
  withdraw,
  world,
} from '../support/world.ts';

const PACKAGE = { package: 'innbygger-pensjon' };
const shown = async (who: TestParty, party?: TestParty) => {
  const { html } = (await loggedIn(who, `/inbox${party ? `?party=${party.id}` : ''}`)).page;
  return mainText(html);
};

/** Follows «Var det ikke deg?» and pauses everything. */
async function stopped(browser: Browser, { id }: { id: string }): Promise<Page> {
  const link = new RegExp(`href="(/overview/stop[^"]*${id})"`);
  const [, way = ''] = link.exec(browser.page.html) ?? [];
  await browser.open(unescapeHtml(way));
  return press(browser, /stop/);
}

describe('a line of the inbox', () => {
  it('names the other side, and what was given', async () => {
    const [giver, helper] = [await newPerson('Gyda Giver'), await newPerson('Hans Hjelper')];
    await given(giver, giver, helper, PACKAGE);
    const title = `Prøve ${randomUUID()}`;
    const resource = await newResource([can('read', 'privatperson')], {
      title: { nb: title, nn: title },
    });
    await given(giver, giver, helper, { resource, actions: ['read'] });
    for (const [who, other] of [
      [giver, helper],
      [helper, giver],
    ] as const) {
      const text = await shown(who);
      assert.match(text, new RegExp(`${other.name} ?: Pensjon`));
      assert.match(text, new RegExp(`${other.name} ?: ${title}`));
    }
  });

  it('names who asks for a right, and for which', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'merverdiavgift' });
    const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
    const { status, text } = await call('POST', path, await personToken(clerk));
    assert.equal(status, 201, text);
    assert.match(
      await shown(boss, firm),
      new RegExp(`${clerk.name} ber om en fullmakt\\. Merverdiavgift`),
    );
  });

  it('is told of on the start page of who sees to the firm, and of nobody else', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const main = /<main[\s\S]*<\/main>/;
    assert.match((await loggedIn(boss, '/start')).page.html, /Ingenting venter på deg/);
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'merverdiavgift' });
    const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
    assert.equal((await call('POST', path, await personToken(clerk))).status, 201);
    const [told] = main.exec((await loggedIn(boss, '/start')).page.html)!;
    assert.match(told!, new RegExp(`Én ny beskjed til ${firm.name}`));
    assert.match(told!, new RegExp(`href="/inbox\\?party(=|&#x3D;)${firm.id}"`));
    assert.doesNotMatch(told!, /Ingenting venter på deg/);
    // One who stands for the firm, and sees to none of its powers of attorney.
    const [code, other] = [`k-${randomUUID().slice(0, 8)}`, await newPerson()];
    const T = { nb: 'x', nn: 'x' };
    await importThis({
      sources: [{ code, name: T, legalBasis: T, purpose: T }],
      roles: [{ code, source: code, name: T, keyRole: true }],
    });
    await newRole(code, firm, other);
    // Nor is what one may see crowded out by that.
    const own = await newFirm();
    for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) {
      const [each, head] = [await newOrganization(`AAA ${name} AS`), await newPerson()];
      await newRole('dagl', each, head);
      await newRole(code, each, own.boss);
      await given(head, each, clerk, { package: 'merverdiavgift' });
    }
    const colleague = await newPerson();
    await newRole('dagl', own.firm, colleague);
    await given(colleague, own.firm, clerk, { package: 'merverdiavgift' });
    const theirs = main.exec((await loggedIn(own.boss, '/start')).page.html)![0];
    assert.match(theirs, new RegExp(`beskjed til ${own.firm.name}`));
    assert.doesNotMatch(theirs, /AAA/);
    const { page } = await loggedIn(other, '/start');
    assert.match(page.html, /href="\/parties"/);
    assert.ok(!main.exec(page.html)![0].includes(firm.name));
  });

  it('names the receiver of a consent to who gave it', async () => {
    const { id, from, to } = await approvedConsent();
    assert.equal((await exchange(await newClient(to), consentDetail(id, from))).status, 200);
    assert.match(await shown(from), new RegExp(`${to.name} ?: \\S`));
  });

  it('names no consent to one who sees to the firm and may not read it, and names it to a child', async () => {
    const { firm, boss } = await newFirm();
    const [admin, bank] = [await newPerson(), await newOrganization('Banken som spør AS')];
    await given(boss, firm, admin, { package: 'tilgangsstyrer' });
    const child = await newPerson();
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 11}-01-02` });
    const mother = await newPerson();
    await newRole('foreldreansvar', child, mother);
    for (const [from, by, role, reader, party] of [
      [firm, boss, 'dagl', admin, firm],
      [child, mother, 'foreldreansvar', child, undefined],
    ] as const) {
      const resource = await newConsentResource([role]);
      const id = await ask(from, bank, rightTo(resource));
      assert.equal((await approve(id, by)).status, 200);
      const used = await exchange(await newClient(bank), consentDetail(id, from));
      assert.equal(used.status, 200, used.text);
      const text = await shown(reader, party);
      assert.match(text, /Et samtykke er brukt for første gang/);
      assert.equal(text.includes(bank.name), reader === child, text);
    }
    assert.match(await shown(boss, firm), /Banken som spør AS/);
  });

  it('tells a child’s other parent neither to whom nor what', async () => {
    const [child, mother, father] = [await newPerson(), await newPerson(), await newPerson()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    const title = `Prøve ${randomUUID()}`;
    const resource = await newResource([can('read', 'privatperson')], {
      title: { nb: title, nn: title },
      decidesFrom: 8,
      parentUntil: 18,
    });
    const helper = await newPerson('Hans Hjelper');
    await given(child, child, helper, { resource, actions: ['read'] });
    const text = await shown(father);
    assert.match(text, /for en du har ansvar for/);
    assert.ok(!text.includes(helper.name) && !text.includes(title));
  });

  it('names nobody of a role that its source keeps secret', async () => {
    const code = `s-${randomUUID().slice(0, 8)}`;
    const T = { nb: 'x', nn: 'x' };
    const [holder, ward] = [await newPerson('Hilde Holder'), await newPerson('Vilde Vernet')];
    await importThis({
      sources: [{ code, name: T, legalBasis: T, purpose: T, visibility: 'secret' }],
      roles: [{ code, source: code, name: T }],
    });
    // Told because it ends before long.
    await newRole(code, ward, holder, { validFrom: inDays(-60), validTo: inDays(20) });
    const { firm, boss } = await newFirm();
    await newRole(code, ward, firm, { validFrom: inDays(-60), validTo: inDays(20) });
    await world.work.tend();
    const text = await shown(holder);
    assert.match(text, /En rolle slutter/);
    assert.ok(!text.includes(ward.name), text);
    // Several act for a firm: neither that there is one, nor how many.
    assert.doesNotMatch(await shown(boss, firm), /En rolle slutter/);
    assert.match((await loggedIn(boss, '/start')).page.html, /Ingenting venter på deg/);
  });
});

/** What a party is told by our own API, oldest first: type, and whether it was read already. */
const notices = async (who: TestParty, party = who): Promise<[string, boolean][]> =>
  (await call('GET', `/access/v1/notices?party=${party.number}`, await personToken(who))).body.data
    .map(({ type, readAt }: { type: string; readAt: string | null }) => [type, readAt !== null])
    .reverse();

describe('a consent in the inbox', () => {
  it('is told when it is asked for, with a no at once and the way to stop whoever asks', async () => {
    const [person, bank] = [await newPerson(), await newOrganization('Pågående Bank ASA')];
    const held = await ask(person, bank);
    await approve(held, person);
    const id = await ask(person, bank, { portalViewMode: 'show' });
    const browser = await loggedIn(person, '/inbox');
    assert.match(browser.page.html, /Pågående Bank ASA ber om samtykke/);
    const [, stop] =
      /href="(\/overview\/stop[^"]*)"[^>]*>Se også hva Pågående Bank ASA har fått/.exec(
        browser.page.html,
      )!;
    const refused = await press(browser, new RegExp(`request\\?id(=|&#x3D;)${id}`));
    assert.match(refused.html, /Du har svart nei/);
    assert.doesNotMatch((await browser.open('/inbox')).html, /Si nei/);
    await browser.open(unescapeHtml(stop!));
    await press(browser, /stop/);
    assert.match((await browser.open(`/consents/${held}`)).html, /Satt på pause/);
    // By a link alone, it is asked for where the link leads.
    await ask(person, bank, { portalViewMode: 'hide' });
    const told = (await notices(person)).filter(([type]) => type === 'consent_asked');
    assert.equal(told.length, 1);
  });

  it('that somebody gave is news to the giver too, and is stopped by the page behind it', async () => {
    const [person, bank] = [await newPerson(), await newOrganization('Banken AS')];
    const id = await ask(person, bank);
    await approve(id, person);
    const browser = await loggedIn(person, '/inbox');
    assert.match(browser.page.html, /Det er gitt et samtykke/);
    const page = await stopped(browser, bank);
    assert.match(page.html, new RegExp(`satt på pause[\\s\\S]*/consents/${id}"`));
    assert.doesNotMatch((await browser.open('/inbox')).html, /Var det ikke deg/);
  });

  it('that another gave asks nobody whether it was them, and leads to the pause', async () => {
    const [child, mother] = [await newPerson(), await newPerson('Mona Mor')];
    const bank = await newOrganization('Banken AS');
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 11}-01-02` });
    await newRole('foreldreansvar', child, mother);
    const resource = await newConsentResource(['foreldreansvar']);
    await approve(await ask(child, bank, rightTo(resource)), mother);
    const { html } = (await loggedIn(child, '/inbox')).page;
    assert.match(html, /Gjort av Mona Mor[\s\S]*Sett alt Banken AS har fått, på pause/);
    assert.doesNotMatch(html, /Var det ikke deg/);
    const [, stop] = /href="(\/overview\/stop[^"]*)"/.exec(html)!;
    const page = (await loggedIn(child, unescapeHtml(stop!))).page.html;
    assert.match(page, /De som kan svare for deg, kan la det gjelde igjen/);
    assert.doesNotMatch(page, /kan du la alt/);
  });

  it('that was refused or withdrawn is told, as known to who did it', async () => {
    const [person, bank] = [await newPerson(), await newOrganization()];
    const [yes, no] = [await ask(person, bank), await ask(person, bank)];
    await approve(yes, person);
    await reject(no, person);
    await withdraw(yes, person);
    assert.deepEqual(await notices(person), [
      ['consent_given', false],
      ['consent_refused', true],
      ['consent_withdrawn', true],
    ]);
    const { firm, boss } = await newFirm();
    const resource = await newConsentResource(['dagl']);
    const id = await ask(firm, bank, rightTo(resource));
    assert.equal((await reject(id, boss)).status, 200);
    assert.deepEqual(await notices(boss), [['consent_refused', true]]);
    assert.deepEqual(await notices(boss, firm), [['consent_refused', false]]);
  });

  it('of a child is told the parent who answered when it is used and before it ends', async () => {
    const [child, mother, bank] = [await newPerson(), await newPerson(), await newOrganization()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    await newRole('foreldreansvar', child, mother);
    const resource = await newConsentResource(['privatperson', 'foreldreansvar'], {
      decidesFrom: 13,
      parentUntil: 18,
    });
    const given = async (changes: object = {}) => {
      const id = await ask(child, bank, { ...rightTo(resource), ...changes });
      assert.equal((await approve(id, mother)).status, 200);
      return id;
    };
    const client = await newClient(bank);
    const use = async (id: string) =>
      assert.equal((await exchange(client, consentDetail(id, child))).status, 200);
    const used = async () =>
      (await notices(mother)).filter(([type]) => type === 'consent_used').length;
    const first = await given();
    await use(first);
    await use(first);
    assert.equal(await used(), 1);
    await given({ validTo: inDays(40) });
    const ends = async () =>
      (await notices(mother)).filter(([type]) => type === 'consent_ends').length;
    // So many a time, of all that end before long.
    for (let lot = 0; lot < 20 && !(await ends()); lot += 1)
      await at(15 * 86_400_000, () => world.work.tend());
    assert.equal(await ends(), 1);
    // Where the address is protected, not to the parent (consent/basis/veil_model.ts).
    const hidden = await given();
    await putParty(child, {
      bornOn: `${new Date().getUTCFullYear() - 9}-01-02`,
      protectedAddress: true,
    });
    await use(hidden);
    assert.equal(await used(), 1);
  });
});

describe('a power of attorney in the inbox', () => {
  it('is stopped by the page behind it, and those who got it further on are told', async () => {
    const [giver, helper, third] = [await newPerson(), await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { ...PACKAGE, mayPassOn: true });
    await given(helper, giver, third, PACKAGE);
    const browser = await loggedIn(giver, '/inbox');
    const page = await stopped(browser, helper);
    assert.match(page.html, new RegExp(`satt på pause[\\s\\S]*/overview/${id}`));
    const inbox = await browser.open('/inbox');
    assert.doesNotMatch(inbox.html, new RegExp(`stop[^"]*${helper.id}`));
    for (const who of [helper, third])
      assert.equal((await notices(who)).at(-1)![0], 'mandate_suspended');
    // Who did it knows; that it holds again is news.
    assert.deepEqual((await notices(giver)).at(-1), ['mandate_suspended', true]);
    await browser.open(`/overview/${id}`);
    await press(browser, /resume/);
    assert.deepEqual((await notices(giver)).at(-1), ['mandate_resumed', false]);
    assert.deepEqual((await notices(third)).at(-1), ['mandate_resumed', false]);
  });
});

describe('a request for a right in the inbox', () => {
  it('that was withdrawn is told whom it was asked of, and nobody as answered', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'toll' });
    const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
    const { id } = (await call('POST', path, await personToken(clerk))).body;
    const browser = await loggedIn(clerk, `/requests/${id}`);
    await press(browser, /withdraw/);
    assert.match(await shown(boss, firm), /Klara Kontorist har trukket en forespørsel om fullmakt/);
    assert.doesNotMatch(await shown(clerk), /har svart|er besvart/);
  });
});

describe('coming of age', () => {
  it('is told the child and the parents before and after, in words of their own', async () => {
    const [child, mother] = [await newPerson('Emma Snart'), await newPerson()];
    const day = inDays(20).slice(0, 10);
    const bornOn = `${Number(day.slice(0, 4)) - 18}${day.slice(4)}`;
    await putParty(child, { bornOn });
    const validFrom = inDays(-400);
    await newRole('foreldreansvar', child, mother, { validFrom, validTo: inDays(20) });
    const isTold = async () => (await notices(mother)).some(([type]) => type === 'role_ends');
    for (let lot = 0; lot < 20 && !(await isTold()); lot += 1) await world.work.tend();
    assert.match(
      await shown(mother),
      /Emma Snart fyller snart 18 år\. Da slutter foreldreansvaret/,
    );
    assert.match(await shown(child), /Du fyller snart 18 år/);
    // Of another role that ends nobody is said to grow.
    const { firm, boss } = await newFirm();
    await newRole('medl', firm, boss, { validFrom, validTo: inDays(20) });
    const isEnding = async () => (await notices(boss)).some(([type]) => type === 'role_ends');
    for (let lot = 0; lot < 20 && !(await isEnding()); lot += 1) await world.work.tend();
    assert.doesNotMatch(await shown(boss), /18 år/);
    assert.match(await shown(boss), /En rolle slutter/);
  });
});
