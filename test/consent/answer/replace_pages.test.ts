// A request in the place of a consent, on its page: what comes, goes and stays, and what is shown
// when that consent is not as it was read.
import assert from 'node:assert/strict';
import {
  CONSENT,
  newClient,
  newWebClient,
  push,
  type TestClient,
} from '../../support/oauth/clients.ts';
import { Browser, heading, loggedIn, mainText } from '../../support/pages/browser.ts';
import { asked, narrow, titled } from '../../support/parts.ts';
import { atClient } from '../../support/pages/choosing.ts';
import { askInPlace, seenByAsker } from '../../support/replaced.ts';
import { newFirm } from '../../support/rights/rights.ts';
import { draw, given } from '../../support/uses.ts';
import {
  ask,
  call,
  incomeRight,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  withdraw,
  type TestParty,
} from '../../support/world.ts';

describe('a request in the place of a consent, on its page', () => {
  let from: TestParty;
  let to: TestParty;
  let client: TestClient;
  let [one, other, third]: string[] = [];
  before(async () => {
    [from, to] = [await newPerson('Side Person'), await newOrganization('Nybanken AS')];
    client = await newClient(to);
    [one, other, third] = [await titled('Inntekt'), await titled('Gjeld'), await titled('Bolig')];
  });
  const held = async (...resources: string[]) => {
    const id = await ask(from, to, { consentRights: resources.map((each) => asked(each)) });
    await call(
      'POST',
      `/accessmanagement/api/v1/consent/request/${id}/approve`,
      await personToken(from),
      {
        language: 'nb',
      },
    );
    return id;
  };
  const open = async (
    what: { replaces: string } | { renews: string },
    resources: string[],
    changes: object = {},
    person = from,
    giver = from,
  ) => {
    const { status, body, text } = await askInPlace({ from: giver, to }, what, resources, changes);
    assert.equal(status, 201, text);
    const id = body.id as string;
    return { id, browser: await loggedIn(person, `/consent/request?id=${id}`) };
  };
  const statusOf = async (id: string) => (await seenByAsker(id, to)).effectiveStatus;
  const suspend = async (id: string, how: string) =>
    call('POST', `/access/v1/consents/${id}/${how}`, await personToken(from));

  it('says what is new, what goes and what stays, and what a no means', async () => {
    const old = await held(one!, other!);
    await draw(client, old, from);
    const { id, browser } = await open({ replaces: old }, [other!, third!], {
      validTo: inDays(60),
    });
    const text = mainText(browser.page.html);
    assert.match(text, /Dette kommer i stedet for samtykket fra \d+\. \w+ \d{4}/);
    assert.match(text, /Nytt Bolig Faller bort Inntekt Som før Gjeld Hvor lenge .*, i stedet for /);
    assert.match(text, /Det er brukt én gang, \d+\. \w+ \d{4}\./);
    assert.match(
      text,
      /Nybanken AS får vite at du svarte nei\. Samtykket fra .* gjelder som før\./,
    );
    const page = await browser.submit({ answer: 'yes' });
    assert.equal(heading(page), 'Du har gitt samtykke');
    assert.match(mainText(page.html), /I stedet for Samtykket fra/);
    assert.deepEqual([await statusOf(old), await statusOf(id)], ['Revoked', 'Accepted']);
    const detail = mainText((await loggedIn(from, `/consents/${old}`)).page.html);
    assert.match(detail, /Et nyere svar gjelder i stedet for dette\./);
  });

  it('tells two rights to the same service apart by what was said of them', async () => {
    const old = await ask(from, to, { consentRights: [incomeRight('2024')] });
    await call(
      'POST',
      `/accessmanagement/api/v1/consent/request/${old}/approve`,
      await personToken(from),
      {
        language: 'nb',
      },
    );
    const { browser } = await open({ replaces: old }, [], { consentRights: [incomeRight('2025')] });
    assert.match(mainText(browser.page.html), /Nytt [^.]*\(2025\) Faller bort [^.]*\(2024\)/);
  });

  it('leaves what is with a no, and says so', async () => {
    const old = await held(one!);
    const { id, browser } = await open({ replaces: old }, [other!]);
    const page = await browser.submit({ answer: 'no' });
    assert.match(mainText(page.html), /Samtykket fra .* gjelder som før\./);
    assert.doesNotMatch(mainText(page.html), /har ikke fått noe fra oss/);
    assert.deepEqual([await statusOf(old), await statusOf(id)], ['Accepted', 'Rejected']);
  });

  it('is shown anew where the other was narrowed since it was opened', async () => {
    const old = await ask(from, to, { consentRights: [asked(one!), asked(other!, true)] });
    await call(
      'POST',
      `/accessmanagement/api/v1/consent/request/${old}/approve`,
      await personToken(from),
      {
        language: 'nb',
        optionalRights: [1],
      },
    );
    const { id, browser } = await open({ replaces: old }, [third!]);
    await narrow(old, { without: [1] }, from);
    const page = await browser.submit({ answer: 'yes' });
    assert.match(mainText(page.html), /Teksten er endret siden du åpnet siden/);
    assert.match(mainText(page.html), /Faller bort Inntekt /);
    assert.equal(await statusOf(id), 'Created');
    await browser.submit({ answer: 'yes' });
    assert.equal(await statusOf(id), 'Accepted');
  });

  it('is shown as a new request where the other has ended, and answered as one', async () => {
    const old = await held(one!);
    const { id, browser } = await open({ replaces: old }, [other!]);
    await withdraw(old, from);
    const page = await browser.submit({ answer: 'yes' });
    assert.match(mainText(page.html), /er slutt\. Les det som en ny forespørsel\./);
    assert.doesNotMatch(mainText(page.html), /Dette kommer i stedet for/);
    assert.equal(await statusOf(id), 'Created');
    await browser.submit({ answer: 'yes' });
    assert.deepEqual([await statusOf(old), await statusOf(id)], ['Revoked', 'Accepted']);
  });

  it('cannot be answered with a yes while the other is suspended', async () => {
    const old = await held(one!);
    const { id, browser } = await open({ replaces: old }, [other!]);
    await suspend(old, 'suspend');
    const page = await browser.submit({ answer: 'yes' });
    assert.match(mainText(page.html), /er satt på pause\. Det må gjelde igjen før du svarer ja\./);
    assert.doesNotMatch(page.html, /value="yes"/);
    assert.equal(await statusOf(id), 'Created');
    await suspend(old, 'resume');
    const again = await loggedIn(from, `/consent/request?id=${id}`);
    await again.submit({ answer: 'yes' });
    assert.equal(await statusOf(id), 'Accepted');
  });

  it('shows nothing of the other to one who may not end it, and takes a no alone', async () => {
    const { firm, boss } = await newFirm();
    const clerk = await newPerson();
    await newRole('regn', firm, clerk);
    const ofBoss = await titled('Hemmelig for regnskap', {}, ['dagl']);
    const ofClerk = await titled('For regnskap', {}, ['regn', 'dagl']);
    const old = await ask(firm, to, { consentRights: [asked(ofBoss)] });
    await call(
      'POST',
      `/accessmanagement/api/v1/consent/request/${old}/approve`,
      await personToken(boss),
      {
        language: 'nb',
      },
    );
    const { browser } = await open({ replaces: old }, [ofClerk], {}, clerk, firm);
    assert.doesNotMatch(browser.page.html, /Hemmelig for regnskap|value="yes"/);
    assert.match(mainText(browser.page.html), /noe som du ikke kan trekke/);
    await browser.submit({ answer: 'no' });
    assert.equal(await statusOf(old), 'Accepted');
  });

  it('renews with one press, and says how often it was used', async () => {
    const counted = await titled('Telles', { uses: { total: 9 } });
    const old = await given({ from, to }, counted, { request: { validTo: inDays(20) } });
    for (let drawn = 0; drawn < 2; drawn += 1) await draw(client, old, from);
    const { id, browser } = await open({ renews: old }, [counted], { validTo: inDays(80) });
    const text = mainText(browser.page.html);
    assert.match(text, /Dette forlenger samtykket fra/);
    assert.match(text, /Det er brukt 2 ganger, sist /);
    assert.match(text, /Vi teller videre fra det som er brukt\./);
    assert.match(text, /Ja, forleng samtykket/);
    await browser.submit({ answer: 'yes' });
    assert.deepEqual((await seenByAsker(id, to)).usesLeft, { total: 7 });
  });

  it('comes by an authorization too, refused at once where it is of nothing of its own', async () => {
    const web = await newWebClient({ authorization_details_types: [CONSENT] });
    const own = await given({ from, to: web.owner }, one!);
    const detail = (replaces: string) => ({
      type: CONSENT,
      from: from.urn,
      validTo: inDays(30),
      consentRights: [asked(other!)],
      replaces,
    });
    const theirs = await held(one!);
    const { pushed: refused } = await push(web, [detail(theirs)]);
    assert.equal(refused.body.error, 'invalid_authorization_details');
    assert.match(refused.body.error_description, /AM-00001/);
    const { pushed } = await push(web, [detail(own)]);
    assert.equal(pushed.status, 201, pushed.text);
    const query = new URLSearchParams({
      client_id: web.id,
      request_uri: pushed.body.request_uri,
    });
    const browser = new Browser();
    await browser.open(`/authorize?${query}`);
    await browser.logIn(from);
    assert.match(mainText(browser.page.html), /Dette kommer i stedet for samtykket fra/);
    await browser.submit({ answer: 'yes' }, atClient);
    assert.equal((await seenByAsker(own, web.owner)).effectiveStatus, 'Revoked');
  });
});
