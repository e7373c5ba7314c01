// The first page: what waits for oneself and for those one answers for, what ends soon, and nothing
// of what one may not read.
import assert from 'node:assert/strict';
import { loggedIn, unescapeHtml } from '../support/pages/browser.ts';
import { assign } from '../support/rights/office.ts';
import {
  given,
  newConsentResource,
  newFirm,
  newResource,
  newTeam,
  rightTo,
  sent,
} from '../support/rights/rights.ts';
import {
  approve,
  ask,
  call,
  importThis,
  inDays,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  type TestParty,
} from '../support/world.ts';

const textOf = async (who: TestParty) =>
  /<main[\s\S]*<\/main>/
    .exec((await loggedIn(who, '/start')).page.html)![0]
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .replaceAll(/ +/g, ' ');

describe('the first page', () => {
  it('tells what waits for a child, of what the parent may answer', async () => {
    const [child, mother, to] = [
      await newPerson('Emil Vent'),
      await newPerson(),
      await newOrganization(),
    ];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 14}-01-02` });
    await newRole('foreldreansvar', child, mother);
    const who = ['privatperson', 'foreldreansvar'];
    const parents = await newConsentResource(who, { decidesFrom: 16, parentUntil: 18 });
    const own = await newConsentResource(who, { decidesFrom: 13, parentUntil: 13 });
    await ask(child, to, { ...rightTo(own), portalViewMode: 'show' });
    assert.match(await textOf(mother), /Ingenting venter på deg/);
    await ask(child, to, { ...rightTo(parents), portalViewMode: 'show' });
    await ask(child, to, { ...rightTo(parents), portalViewMode: 'hide' });
    const text = await textOf(mother);
    assert.match(text, /Én forespørsel til Emil Vent venter på svar/);
    assert.doesNotMatch(text, /Ingenting venter på deg/);
    const browser = await loggedIn(mother, '/start');
    const href = `/consents?show=waiting&party=${child.id}`;
    assert.ok(unescapeHtml(browser.page.html).includes(href));
  });

  it('says how many ask a company for a right, to one who may answer, and to nobody else', async () => {
    const { firm, boss, clerk } = await newTeam();
    const helper = await newPerson();
    await given(boss, firm, helper, { package: 'toll' });
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'skattegrunnlag' });
    const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
    const asked = new RegExp(`Én ber ${firm.name} om fullmakt`);
    assert.doesNotMatch(await textOf(boss), asked);
    assert.equal((await call('POST', path, await personToken(clerk))).status, 201);
    assert.match(await textOf(boss), asked);
    for (const other of [clerk, helper]) assert.doesNotMatch(await textOf(other), asked);
    const browser = await loggedIn(boss, '/start');
    assert.ok(unescapeHtml(browser.page.html).includes(`/overview?show=waiting&party=${firm.id}`));
  });

  it('begins with what waits for a company that the reader answers for, before any news', async () => {
    const [{ firm, boss }, clerk, to] = [
      await newFirm(),
      await newPerson(),
      await newOrganization(),
    ];
    await given(boss, firm, clerk, { package: 'toll' });
    const resource = await newConsentResource(['dagl']);
    const another = await newConsentResource(['lede']);
    await ask(firm, to, { ...rightTo(another), portalViewMode: 'show' });
    assert.doesNotMatch(await textOf(boss), /venter på svar/, 'what is for another to answer');
    await ask(firm, to, { ...rightTo(resource), portalViewMode: 'show' });
    const text = await textOf(boss);
    assert.match(text, new RegExp(`^ *Hei, [^.]*? Én forespørsel til ${firm.name} venter på svar`));
    assert.doesNotMatch(text, /Ingenting venter på deg/);
    const [, href] = /<ul class="cards">[\s\S]*?href="([^"]+)"/.exec(
      (await loggedIn(boss, '/start')).page.html,
    )!;
    assert.equal(unescapeHtml(href!), `/consents?show=waiting&party=${firm.id}`);
  });

  it('tells what ends within thirty days: given, received, and consents', async () => {
    const [person, helper, to] = [await newPerson(), await newPerson(), await newOrganization()];
    const soon = { package: 'innbygger-pensjon', validTo: inDays(20) };
    await given(person, person, helper, soon);
    await given(person, person, helper, {
      ...soon,
      package: 'innbygger-samliv',
      validTo: inDays(40),
    });
    for (const validTo of [inDays(20), inDays(40)])
      await approve(await ask(person, to, { validTo }), person);
    const text = await textOf(person);
    assert.match(text, /Én fullmakt du har gitt, går ut innen 30 dager/);
    assert.match(text, /Ett samtykke går ut innen 30 dager/);
    assert.match(await textOf(helper), /Én fullmakt du har fått, går ut innen 30 dager/);
    const browser = await loggedIn(helper, '/overview?show=received&only=soon');
    assert.match(browser.page.html, /Ett treff/);
  });

  /** The kinds of people, and what stands first for each while nothing waits and nothing is new. */
  const FIRST: [string, () => Promise<TestParty>, RegExp][] = [
    ['a citizen', citizen, /Ett samtykke er gitt/],
    ['a child', async () => (await family(14)).child, /Mona Mor har foreldreansvar for deg/],
    [
      'a parent',
      async () => (await family(14)).mother,
      /Du kan svare for Emil Barn \(forelder med/,
    ],
    ['a ward', async () => (await guarded()).ward, /Gerd Verge er verge for deg/],
    ['a guardian', async () => (await guarded()).guardian, /Du kan svare for Vera Vergetrengende/],
    ['a director', async () => (await newFirm()).boss, /Du kan svare for én annen/],
    ['who led a bankrupt company', bankrupt, /er konkurs fra/],
    ['an accountant', accountant, /Du er satt til å handle for én kunde/],
    ['who leads an accounting firm', async () => (await accounting()).boss, /har én kunde/],
    ['a lawyer', lawyer, /Du har fått én fullmakt/],
    ['a trustee', trustee, /Du er bostyrer i Konkursboet AS/],
    ['whom a court restricts', restricted, /En domstol har bestemt at du ikke kan gi/],
    ['who leads a service owner', serviceOwner, /eier én tjeneste her/],
    ['who leads an office that customers gave something', office, /har én kunde/],
    ['who is sent a power of attorney', sentOne, /Noen vil gi deg en fullmakt/],
    ['an employee', employee, /Du har fått én fullmakt/],
  ];
  for (const [kind, make, first] of FIRST)
    it(`begins for ${kind} with what that one comes for`, async () => {
      const person = await make();
      const [card] = await cardsOf(person);
      assert.match(card ?? '', first);
    });
});

/** The texts of the cards, in order, but for news. */
async function cardsOf(person: TestParty): Promise<string[]> {
  const { page } = await loggedIn(person, '/start');
  const cards = [...page.html.matchAll(/<li class="ds-card">\s*<p>([^<]*)</g)];
  return cards
    .map(([, text]) => unescapeHtml(text!))
    .filter((text) => !/^Siden sist|ny beskjed|nye beskjeder/.test(text));
}

async function citizen(): Promise<TestParty> {
  const person = await newPerson();
  const asked = await ask(person, await newOrganization(), { validTo: inDays(90) });
  await approve(asked, person);
  return person;
}

async function family(age: number) {
  const [child, mother] = [await newPerson('Emil Barn'), await newPerson('Mona Mor')];
  await putParty(child, { bornOn: `${new Date().getUTCFullYear() - age}-01-02` });
  await newRole('foreldreansvar', child, mother);
  return { child, mother };
}

async function guarded() {
  const [ward, guardian] = [await newPerson('Vera Vergetrengende'), await newPerson('Gerd Verge')];
  await putParty(ward, { bornOn: `${new Date().getUTCFullYear() - 80}-01-02` });
  await newRole('verge:skatteetaten-skatt', ward, guardian);
  return { ward, guardian };
}

async function bankrupt(): Promise<TestParty> {
  const { firm, boss } = await newFirm();
  const { number, name } = firm;
  const estate = { on: '2026-02-01' };
  await importThis({ parties: [{ kind: 'organization', number, name, estate }] });
  await newRole('bobe', firm, await newPerson());
  return boss;
}

async function trustee(): Promise<TestParty> {
  const [{ firm }, person] = [await newFirm(), await newPerson()];
  const estate = { on: '2026-02-01' };
  const [{ number }, name] = [firm, 'Konkursboet AS'];
  await importThis({ parties: [{ kind: 'organization', number, name, estate }] });
  await newRole('bobe', firm, person);
  return person;
}

async function restricted(): Promise<TestParty> {
  const { ward } = await guarded();
  await importThis({ incapacities: [{ party: ward.number }] });
  return ward;
}

async function serviceOwner(): Promise<TestParty> {
  const { firm, boss } = await newFirm();
  await newResource([], { owner: firm.number });
  return boss;
}

async function sentOne(): Promise<TestParty> {
  const [giver, person] = [await newPerson(), await newPerson()];
  await sent(giver, person, { package: 'innbygger-pensjon' });
  return person;
}

async function accounting(isRegistered = true) {
  const [{ firm, boss }, { firm: customer }] = [await newFirm(), await newFirm()];
  if (isRegistered) await newRole('regn', customer, firm);
  return { firm, boss, customer };
}

async function office(): Promise<TestParty> {
  const { firm, boss, customer } = await accounting(false);
  const chief = await newPerson();
  await newRole('dagl', customer, chief);
  await given(chief, customer, firm, { package: 'merverdiavgift' });
  return boss;
}

async function accountant(): Promise<TestParty> {
  const [{ firm, boss, customer }, agent] = [await accounting(), await newPerson('Agnes Ansatt')];
  const token = await personToken(boss);
  const base = `/accessmanagement/api/v1/enduser/clientdelegations/agents`;
  const named = { personIdentifier: agent.number, lastName: lastName(agent) };
  await call('POST', `${base}?party=${firm.id}`, token, named);
  const query = new URLSearchParams([
    ['party', firm.id],
    ['client', customer.id],
  ]);
  const browser = await loggedIn(boss, `/customers/assign?${query}`);
  const [, code] = /name="package"[^>]*value="([^"]*)"/.exec(browser.page.html)!;
  await assign(browser, { agent: agent.id, package: code! });
  return agent;
}

async function lawyer(): Promise<TestParty> {
  const [person, client] = [await newPerson(), await newPerson()];
  await importThis({ qualifications: [{ party: person.number, kind: 'advokat' }] });
  await approve(await ask(person, await newOrganization()), person);
  await given(client, client, person, { package: 'innbygger-pensjon' });
  return person;
}

async function employee(): Promise<TestParty> {
  const { firm, boss } = await newFirm();
  const person = await newPerson();
  await given(boss, firm, person, { package: 'toll' });
  return person;
}
