// Everything that is in force for a party, on one page that is printed.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText } from '../../support/pages/browser.ts';
import { end, given, newFirm } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  call,
  newOrganization,
  newPerson,
  personToken,
  type TestParty,
  world,
} from '../../support/world.ts';

const PENSION = { package: 'innbygger-pensjon' };
const paperOf = async (who: TestParty, party = who) =>
  (await loggedIn(who, `/overview/paper?party=${party.id}`)).page;

describe('the list to print', () => {
  it('has what a person gave, has and consents to, as it is now, with when and from where', async () => {
    const [person, helper, other] = [
      await newPerson('Petra Papir'),
      await newPerson('Hans Hjelper'),
      await newPerson('Olga Opphav'),
    ];
    const kept = await given(person, person, helper, PENSION);
    const gone = await given(person, person, helper, { package: 'innbygger-utdanning' });
    await given(other, other, person, PENSION);
    await approve(await ask(person, await newOrganization('Banken AS')), person);
    await end(person, gone);
    const path = `/access/v1/mandates/${kept}/suspend`;
    assert.equal((await call('POST', path, await personToken(person))).status, 200);
    const browser = await loggedIn(person, '/overview');
    assert.match(browser.page.html, /href="\/overview\/paper\?party/);
    const page = await paperOf(person);
    assert.equal(heading(page), 'Det som gjelder for Petra Papir');
    const text = mainText(page.html);
    assert.match(text, /Slik er det \d+\. /);
    assert.match(
      text,
      /Pensjon til Hans Hjelper\. Gjelder til den blir avsluttet\. Satt på pause\./,
    );
    assert.match(text, /Pensjon fra Olga Opphav\. Gjelder/);
    assert.match(text, /Inntekt til Banken AS\. Gjelder til/);
    assert.doesNotMatch(text, /Utdanning/);
    assert.ok(text.includes(`${world.url}/overview/paper?party=${person.id}`));
    assert.doesNotMatch(page.html.replace(/<header[\s\S]*?<main/, '<main'), /<form/);
    assert.ok(!page.html.includes(person.number));
  });

  it('is of a company for who administers it, with its roles', async () => {
    const { firm, boss } = await newFirm();
    const text = mainText((await paperOf(boss, firm)).html);
    assert.match(text, /Det registrene sier .*Daglig leder/);
    assert.equal((await paperOf(await newPerson(), firm)).status, 403);
  });
});
