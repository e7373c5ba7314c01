// The pages of a consent where things have gone another way: the receipt of what is no more, the
// way back to nowhere, a page for one who may not, and what the page says of it.
import assert from 'node:assert/strict';
import { heading, loggedIn, unescapeHtml } from '../../support/pages/browser.ts';
import { newConsentResource, newMandate, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

/** A right of a service that takes level 4. */
const STRONG = {
  consentRights: [
    {
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: 'ytelser' }],
      metadata: { fra: '2026-01' },
    },
  ],
};
const youngest = () => `${new Date().getUTCFullYear() - 9}-01-02`;

describe('an answer', () => {
  it('that takes a stronger login is told so with the way to it, and nothing is answered', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const [plain, strong] = [await ask(from, to), await ask(from, to, STRONG)];
    const browser = await loggedIn(from, `/consent/request?id=${plain}`);
    browser.page.html = browser.page.html.replaceAll(plain, strong);
    const page = await browser.submit({ answer: 'no' });
    assert.deepEqual([page.status, heading(page)], [403, 'Dette krever en sikrere innlogging']);
    const [, way] = /href="(\/step-up[^"]*)"/.exec(page.html)!;
    await browser.open(unescapeHtml(way!));
    assert.ok(browser.page.url.href.startsWith(world.env.eid.issuer));
    // Still there to answer, on the level that it takes.
    await browser.logIn(from);
    assert.equal(browser.page.url.pathname, '/consent/request');
    assert.equal(browser.page.url.searchParams.get('id'), strong);
  });
});

describe('a receipt', () => {
  let from: TestParty;
  let to: TestParty;
  before(async () => {
    [from, to] = [await newPerson('Kvittert Person'), await newOrganization()];
  });

  it('says all that was agreed to: the words about the data, and who with which number', async () => {
    const text = 'Inntekten fra **i fjor**.';
    const resource = await newConsentResource(['privatperson'], {
      consentText: { nb: text, nn: text },
    });
    const id = await ask(from, to, rightTo(resource));
    await approve(id, from);
    const { page } = await loggedIn(from, `/consent/receipt?id=${id}`);
    assert.match(page.html, /Inntekten fra <strong>i fjor<\/strong>/);
    const number = to.number.replace(/(\d{3})(\d{3})(\d{3})/, '$1\\s$2\\s$3');
    assert.match(page.html, new RegExp(`organisasjonsnummer ${number}`));
    const refused = await ask(from, to, rightTo(resource));
    await reject(refused, from);
    const no = await loggedIn(from, `/consent/receipt?id=${refused}`);
    assert.match(no.page.html, /Dette ba[\s\S]*Inntekten fra/);
  });

  it('is nobody else’s, and no receipt before there is an answer', async () => {
    const id = await ask(from, to);
    const own = await loggedIn(from, `/consent/receipt?id=${id}`);
    assert.equal(own.page.url.pathname, '/consent/request');
    const stranger = await newPerson();
    for (const path of ['receipt', 'continue']) {
      const other = await loggedIn(stranger, `/consent/${path}?id=${id}`);
      assert.equal(other.page.status, 404, path);
    }
  });

  it('says what became of it: withdrawn, refused, or once and for all', async () => {
    const withdrawn = await ask(from, to);
    await approve(withdrawn, from);
    await withdraw(withdrawn, from);
    const browser = await loggedIn(from, `/consent/receipt?id=${withdrawn}`);
    assert.match(heading(browser.page), /Samtykket er trukket/);
    assert.match(browser.page.html, /Trukket/);
    const refused = await ask(from, to);
    await reject(refused, from);
    await browser.open(`/consent/receipt?id=${refused}`);
    assert.match(heading(browser.page), /Du har svart nei/);
    const once = await newConsentResource(['privatperson'], { isOneTimeConsent: true });
    const single = await ask(from, to, rightTo(once));
    await approve(single, from);
    await browser.open(`/consent/receipt?id=${single}`);
    assert.match(browser.page.html, /Én gang\. Så er samtykket brukt opp\./);
  });

  it('is all that is left for one who answered and has no say any more', async () => {
    const [company, boss] = [await newOrganization(), await newPerson()];
    const resource = await newConsentResource(['dagl']);
    await newRole('dagl', company, boss);
    const id = await ask(company, to, rightTo(resource));
    await approve(id, boss);
    await newRole('dagl', company, boss, { endedAt: inDays(-1) });
    const browser = await loggedIn(boss, `/consents/${id}`);
    assert.equal(browser.page.url.pathname, '/consent/receipt');
    assert.match(heading(browser.page), /Du har gitt samtykke/);
    assert.ok(!browser.page.html.includes('Se eller trekk'));
    await browser.open(`/consents/${id}/withdraw`);
    assert.equal(browser.page.url.pathname, '/consent/receipt');
  });

  it('leads back to an app by its scheme, and stays here when nobody is to be gone back to', async () => {
    const isApp = (url: URL) => url.protocol === 'no.eksempel.app:';
    const app = await ask(from, to, { redirectUrl: 'no.eksempel.app://back' });
    const browser = await loggedIn(from, `/consent/receipt?id=${app}`);
    await approve(app, from);
    await browser.open(`/consent/receipt?id=${app}`);
    assert.match(browser.page.html, /no\.eksempel\.app/);
    await browser.open(`/consent/continue?id=${app}`, isApp);
    assert.equal(browser.page.url.searchParams.get('Status'), 'OK');
    const none = await ask(from, to, { redirectUrl: null });
    await approve(none, from);
    await browser.open(`${world.url}/consent/receipt?id=${none}`);
    assert.ok(!browser.page.html.includes('/consent/continue'));
    await browser.open(`/consent/continue?id=${none}`);
    assert.equal(browser.page.url.pathname, `/consents/${none}`);
    const waiting = await ask(from, to, { redirectUrl: 'no.eksempel.app://back' });
    await browser.open(`/consent/continue?id=${waiting}`, isApp);
    assert.equal(browser.page.url.search, '');
  });
});

describe('the page of a request', () => {
  let to: TestParty;
  before(async () => {
    to = await newOrganization();
  });
  const open = async (who: TestParty, from: TestParty, resource: string) =>
    (await loggedIn(who, `/consent/request?id=${await ask(from, to, rightTo(resource))}`)).page;

  it('says in words that one is too young, of age, not alone, or would gain by it', async () => {
    const resource = await newConsentResource(['privatperson', 'foreldreansvar']);
    const both = await newConsentResource(['foreldreansvar'], { parents: 'all' });
    const [child, mother, father, own] = [
      await newPerson(),
      await newPerson('MOR PRØVESEN'),
      await newPerson('Far Prøvesen'),
      await newOrganization(),
    ];
    await putParty(child, { bornOn: youngest() });
    await newRole('foreldreansvar', child, mother);
    await newRole('foreldreansvar', child, father);
    await newRole('dagl', own, mother);
    const young = await open(child, child, resource);
    // The child reads it, chooses a parent, or says no.
    assert.deepEqual(
      [young.status, heading(young)],
      [200, 'Du kan ikke svare på dette alene ennå'],
    );
    assert.match(
      young.html,
      /Du må være 18 år for å svare på dette selv\. Den som har foreldreansvar for deg, kan svare/,
    );
    assert.ok(young.html.includes('Far Prøvesen og Mor Prøvesen har foreldreansvar for deg.'));
    const alone = await open(mother, child, both);
    assert.match(alone.html, /Alle som har foreldreansvar/);
    assert.ok(alone.html.includes('Foreldreansvaret har du og Far Prøvesen.'));
    const helper = await newPerson();
    await newMandate(child, helper, { resource: both, actions: ['consent'] });
    const others = await open(helper, child, both);
    assert.match(others.html, /Alle som har foreldreansvar/);
    assert.ok(!others.html.includes('Far Prøvesen'));
    await putParty(father, { protectedAddress: true });
    assert.ok(!(await open(mother, child, both)).html.includes('Far Prøvesen'));
    await putParty(father);
    const favour = await loggedIn(
      mother,
      `/consent/request?id=${await ask(child, own, rightTo(resource))}`,
    );
    assert.match(favour.page.html, /fordel for deg selv/);
    assert.ok(!favour.page.html.includes('Far Prøvesen'));
    await putParty(child, { bornOn: '1990-01-01' });
    const grown = await open(mother, child, resource);
    assert.match(grown.html, /har fylt 18 år og svarer selv/);
  });

  it('says who could answer by the package that opens it', async () => {
    const resource = await newConsentResource(['package:merverdiavgift', 'keyrole']);
    const company = await newOrganization();
    const page = await open(await newPerson(), company, resource);
    assert.equal(page.status, 403);
    assert.match(page.html, /[Mm]erverdiavgift/);
    assert.match(page.html, /den som leder eller eier virksomheten/);
  });

  it('that has nothing to rest on any more says why, and takes no answer', async () => {
    const resource = await newConsentResource(['privatperson']);
    const [from, gone] = [await newPerson(), await newOrganization('Borte AS')];
    const id = await ask(from, gone, rightTo(resource));
    const browser = await loggedIn(from, `/consent/request?id=${id}`);
    await putParty(gone, { endedAt: inDays(-1) });
    await browser.submit({ answer: 'yes' });
    assert.match(heading(browser.page), /kan ikke besvares/);
    assert.match(browser.page.html, /er avviklet/);
  });

  it('takes yes and no, and nothing else, in a language that there is', async () => {
    const resource = await newConsentResource(['privatperson']);
    const from = await newPerson();
    const id = await ask(from, to, rightTo(resource));
    const browser = await loggedIn(from, `/consent/request?id=${id}`);
    await browser.submit({ answer: 'maybe' });
    assert.equal(browser.page.status, 400);
    await browser.open(`/consent/request?id=${id}`);
    await browser.submit({ answer: 'yes', lang: 'xx' });
    assert.equal(browser.page.status, 400);
    await browser.open(`/consent/request?id=${id}`);
    await browser.submit({ answer: 'yes' });
    assert.match(heading(browser.page), /Du har gitt samtykke/);
  });
});

describe('several rights in one request', () => {
  it('each say how often, what a no and what a withdrawal means, where they differ', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const say = (text: string) => ({ nb: text, nn: text });
    const taxes = await newConsentResource(['privatperson'], {
      title: say('Skatt'),
      howOften: say('Hver måned'),
      ifNo: say('Da må du sende skattemeldingen selv.'),
      ifWithdrawn: say('Da slutter de å hente skatten.'),
    });
    const loans = await newConsentResource(['privatperson'], { title: say('Gjeld') });
    const id = await ask(from, to, {
      consentRights: [...rightTo(taxes).consentRights, ...rightTo(loans).consentRights],
    });
    const browser = await loggedIn(from, `/consent/request?id=${id}`);
    const [, first, second] = /<ul class="rights">([\s\S]*?)<\/li>([\s\S]*?)<\/ul>/.exec(
      browser.page.html,
    )!;
    assert.match(first!, /Hvor ofte:<\/strong> Hver måned/);
    assert.match(first!, /Hvis du svarer nei:<\/strong> Da må du sende/);
    assert.doesNotMatch(second!, /Hvor ofte|sende skattemeldingen/);
    assert.equal(browser.page.html.split('Hver måned').length, 2);
    await browser.submit({ answer: 'yes' });
    const { html } = await browser.open(`/consents/${id}/withdraw`);
    assert.match(html, /<li>Skatt: Da slutter de/);
    assert.match(html, /<li>Gjeld: Spør/);
  });

  it('say it once where they all say the same', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const both = [];
    for (let n = 0; n < 2; n += 1)
      both.push(
        rightTo(
          await newConsentResource(['privatperson'], {
            howOften: { nb: 'Hver uke', nn: 'Kvar veke' },
          }),
        ).consentRights[0],
      );
    const id = await ask(from, to, { consentRights: both });
    const { page } = await loggedIn(from, `/consent/request?id=${id}`);
    assert.equal(page.html.split('Hver uke').length, 2);
    assert.doesNotMatch(page.html, /Hvor ofte:/);
  });
});

describe('an answer that comes second', () => {
  it('is said not to be saved, whichever it is, and the first stands', async () => {
    for (const [first, second, stands] of [
      ['yes', 'no', /Du har gitt samtykke/],
      ['no', 'yes', /Du har svart nei/],
    ] as const) {
      const [person, to] = [await newPerson(), await newOrganization()];
      const path = `/consent/request?id=${await ask(person, to)}`;
      const [one, other] = [await loggedIn(person, path), await loggedIn(person, path)];
      await one.submit({ answer: first });
      assert.doesNotMatch(one.page.html, /alt besvart/);
      const late = await other.submit({ answer: second });
      assert.match(late.html, /alt besvart[\s\S]*ikke lagret/);
      assert.match(late.html, stands);
    }
  });
});
