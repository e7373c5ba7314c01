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
import { born } from '../../support/oauth/given.ts';
import { answerYes, asked, narrow, titled } from '../../support/parts.ts';
import { atClient } from '../../support/pages/choosing.ts';
import { askInPlace, seenByAsker } from '../../support/replaced.ts';
import { newFirm } from '../../support/rights/rights.ts';
import { draw, given } from '../../support/uses.ts';
import {
  actOn,
  ask,
  call,
  incomeRight,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
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
  const suspend = (id: string, how: 'suspend' | 'resume') => actOn(id, from, how);

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
    assert.match(detail, /Et nyere svar kom i stedet for dette\./);
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

  it('is not for one who may not end the other, and who learns nothing of it', async () => {
    const { firm, boss } = await newFirm();
    const clerk = await newPerson();
    await newRole('regn', firm, clerk);
    const ofBoss = await titled('Hemmelig for regnskap', {}, ['dagl']);
    const ofClerk = await titled('For regnskap', {}, ['regn', 'dagl']);
    const old = await ask(firm, to, { consentRights: [asked(ofBoss)] });
    assert.equal((await answerYes(old, boss)).status, 200);
    const { id, browser } = await open({ replaces: old }, [ofClerk], {}, clerk, firm);
    assert.equal(browser.page.status, 403);
    assert.match(mainText(browser.page.html), /Noen andre må svare på denne forespørselen\./);
    assert.doesNotMatch(browser.page.html, /Hemmelig for regnskap|value="yes"|i stedet for/);
    assert.equal((await answerYes(id, clerk)).body.code, 'AM-00000');
    assert.equal(await statusOf(old), 'Accepted');
    assert.equal((await answerYes(id, boss)).status, 200);
  });

  it('does not show a parent that a child has given something by itself', async () => {
    const [child, mother] = [await newPerson('Ung Prøvesen'), await newPerson('Mor Prøvesen')];
    await putParty(child, { bornOn: born(16) });
    await newRole('foreldreansvar', child, mother);
    const own = await titled('Barnets eget', { decidesFrom: 15 }, ['privatperson']);
    const both = await titled('For begge', { decidesFrom: 15, parentUntil: 18 }, [
      ...['privatperson', 'foreldreansvar'],
    ]);
    const old = await ask(child, to, { consentRights: [asked(own)] });
    assert.equal((await answerYes(old, child)).status, 200);
    const { body } = await askInPlace({ from: child, to }, { replaces: old }, [both], {
      portalViewMode: 'Show',
    });
    const read = await call(
      'GET',
      `/accessmanagement/api/v1/consent/${body.id}`,
      await personToken(mother),
    );
    assert.doesNotMatch(read.text, new RegExp(old));
    const page = (await loggedIn(mother, `/consent/request?id=${body.id}`)).page;
    assert.doesNotMatch(page.html, /i stedet for|Barnets eget/);
    assert.equal((await answerYes(body.id, mother)).body.code, 'AM-00000');
    assert.equal((await answerYes(body.id, child)).status, 200);
  });

  it('does not show a named approver what the veil hides of a protected giver', async () => {
    const [child, mother, father] = [
      await newPerson('Skjermet Prøvesen'),
      await newPerson('Mor Prøvesen'),
      await newPerson('Far Prøvesen'),
    ];
    await putParty(child, { bornOn: born(10) });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    const hidden = await titled('Journalen', {}, ['foreldreansvar']);
    const shown = await titled('Skoleplass', {}, ['foreldreansvar']);
    const old = await ask(child, to, { consentRights: [asked(hidden)] });
    assert.equal((await answerYes(old, mother)).status, 200);
    await putParty(child, { bornOn: born(10), protectedAddress: true });
    const { id, browser } = await open(
      { replaces: old },
      [shown],
      { requiredDelegator: father.urn },
      father,
      child,
    );
    assert.doesNotMatch(browser.page.html, /Journalen|i stedet for|er slutt/);
    assert.equal((await answerYes(id, father)).body.code, 'AM-00000');
  });

  it('says of a suspended consent that it is so after a no too', async () => {
    const old = await held(one!);
    const { browser } = await open({ replaces: old }, [other!]);
    await suspend(old, 'suspend');
    const page = await browser.submit({ answer: 'no' });
    assert.match(mainText(page.html), /er fortsatt satt på pause/);
    assert.doesNotMatch(mainText(page.html), /gjelder som før/);
  });

  it('names what one may choose apart from what stays', async () => {
    const old = await held(one!, other!);
    const { browser } = await open({ replaces: old }, [], {
      consentRights: [asked(one!), asked(other!, true)],
    });
    assert.match(mainText(browser.page.html), /Som før Inntekt Velger du selv Gjeld /);
  });

  it('says on the receipt and to the asker that it replaced nothing, where it did not', async () => {
    const old = await held(one!);
    const { id, browser } = await open({ replaces: old }, [other!]);
    await withdraw(old, from);
    await browser.submit({ answer: 'yes' });
    const page = await browser.submit({ answer: 'yes' });
    assert.equal(heading(page), 'Du har gitt samtykke');
    assert.doesNotMatch(mainText(page.html), /I stedet for/);
    assert.equal((await seenByAsker(id, to)).replaces, undefined);
  });

  it('says how often it was, where that is another', async () => {
    const counted = await titled('Teller', { uses: { total: 9 } });
    const old = await given({ from, to }, counted, { yes: { uses: { total: 4 } } });
    const { browser } = await open({ replaces: old }, [counted]);
    assert.match(
      mainText(browser.page.html),
      /inntil 9 ganger i alt\. Vi teller .* Før: De kan få tilgang inntil 4 ganger i alt\./,
    );
  });

  it('lets the person open for a new question, which a no keeps away for thirty days', async () => {
    const old = await held(one!);
    const { id, browser } = await open({ replaces: old }, [other!]);
    await browser.submit({ answer: 'no' });
    const page = await loggedIn(from, `/consents/${id}/again`);
    assert.equal(page.page.url.pathname, `/consents/${id}/again`);
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
    const { from: _unnamed, ...nameless } = detail(own);
    const { pushed: oracle } = await push(web, [nameless]);
    assert.match(oracle.body.error_description, /from is required with replaces, renews and with/);
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
