// Pages that belong to a person: the list of consents, and whose to see.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Browser, loggedIn } from '../support/pages/browser.ts';
import { filledDatabase, startServer } from '../support/run/process.ts';
import { newFirm } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  reject,
} from '../support/world.ts';

describe('what everybody may read', () => {
  it('is there without a login, in three languages, and says what is missing', async () => {
    const browser = new Browser();
    for (const [language, missing] of [
      ['nb', /ikke sagt hvem som er ansvarlig/],
      ['nn', /ikkje sagt kven som er ansvarleg/],
      ['en', /not said who is responsible/],
    ] as const) {
      assert.match((await browser.open(`/privacy?lang=${language}`)).html, missing);
      for (const path of ['help', 'accessibility'])
        assert.equal((await browser.open(`/${path}?lang=${language}`)).status, 200);
    }
  });

  it('names whoever is responsible, and links to their statements, where they are set', async () => {
    const server = await startServer({
      ...(await filledDatabase()),
      PRIVACY_CONTROLLER: 'Testdirektoratet <i>',
      PRIVACY_BASIS: 'Forvaltningsloven § 13 a <b>',
      PRIVACY_CONTACT: 'mailto:post@testdirektoratet.example',
      PRIVACY_OFFICER: 'tel:22000000',
      POLICY_URI: 'https://policy.example/p',
      ACCESSIBILITY_URL: 'https://uustatus.example/a',
    });
    try {
      const privacy = await (await fetch(`${server.url}/privacy`)).text();
      assert.match(privacy, /Testdirektoratet &lt;i&gt; er ansvarlig/);
      assert.match(privacy, /href="https:\/\/policy\.example\/p"/);
      assert.match(privacy, /Rettslig grunnlag<\/h2>\s*<p>Forvaltningsloven § 13 a &lt;b&gt;/);
      assert.match(
        privacy,
        /href="mailto:post@[^>]*>[^<]*ansvarlig: post@testdirektoratet\.example/,
      );
      assert.match(privacy, /href="tel:22000000">Kontakt personvernombudet: 22000000/);
      const accessibility = await (await fetch(`${server.url}/accessibility`)).text();
      assert.match(accessibility, /href="https:\/\/uustatus\.example\/a"/);
    } finally {
      await server.stop('SIGTERM');
    }
  });
});

describe('the pages of a person', () => {
  it('begin at what waits', async () => {
    const browser = await loggedIn(await newPerson(), '/start');
    assert.equal(browser.page.status, 200);
    const front = await browser.open('/');
    assert.equal(front.url.pathname, '/start');
  });

  it('list what waits, what is given and what has ended, each in its place', async () => {
    const [person, to] = [await newPerson(), await newOrganization('Spørreren AS')];
    const waiting = await ask(person, to, { portalViewMode: 'Show' });
    const active = await ask(person, to);
    const ended = await ask(person, to);
    await approve(active, person);
    await reject(ended, person);
    const browser = await loggedIn(person, '/consents');
    const shown = async (tab: string) => {
      const { html } = await browser.open(`/consents?show=${tab}`);
      return [waiting, active, ended].map((id) => html.includes(id));
    };
    assert.deepEqual(await shown('waiting'), [true, false, false]);
    assert.deepEqual(await shown('active'), [false, true, false]);
    assert.deepEqual(await shown('ended'), [false, false, true]);
    assert.match((await browser.open('/consents?show=events')).html, /Spørreren AS/);
    for (const odd of ['show=x', 'offset=-5', 'offset=NaN', 'offset=999999999']) {
      assert.equal((await browser.open(`/consents?${odd}`)).status, 200, odd);
    }
  });

  it('find a consent by the reference on its receipt, as people type it, and no other’s', async () => {
    const [person, other, to] = [await newPerson(), await newPerson(), await newOrganization()];
    const [id, others] = [await ask(person, to), await ask(other, to)];
    await approve(id, person);
    await approve(others, other);
    const browser = await loggedIn(person, `/consent/receipt?id=${id}`);
    const [, shown = ''] = /([0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5})/.exec(browser.page.html)!;
    const typed = shown.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    for (const reference of [shown, typed]) {
      const found = await browser.open(`/consents?q=${encodeURIComponent(reference)}`);
      assert.equal(found.url.pathname, `/consents/${id}`);
      assert.ok(found.html.includes(shown));
    }
    const theirs = await loggedIn(other, `/consent/receipt?id=${others}`);
    const [, foreign = ''] = /([0-9A-Z]{5}-[0-9A-Z]{5})/.exec(theirs.page.html)!;
    for (const reference of [foreign, 'U1234-56789', `${shown}0`, '%00', '<b>']) {
      const page = await browser.open(`/consents?q=${encodeURIComponent(reference)}`);
      assert.match(page.html, /Ingen treff/, reference);
      assert.ok(!page.html.includes('<b>'));
    }
  });

  it('are for those whom one may answer for, and for nobody else', async () => {
    const [{ firm, boss }, other] = [await newFirm(), await newFirm()];
    const browser = await loggedIn(boss, '/parties');
    assert.ok(browser.page.html.includes(firm.id) && !browser.page.html.includes(other.firm.id));
    assert.equal((await browser.open(`/consents?party=${firm.id}`)).status, 200);
    for (const party of [other.firm.id, other.boss.id, randomUUID(), 'x']) {
      const { status, html } = await browser.open(`/consents?party=${party}`);
      assert.equal(status, 403, party);
      assert.match(html, /TIL-00008/);
    }
  });
});

describe('one who may give nothing alone', () => {
  it('is told why, and where those stand who decide instead', async () => {
    const [mother, child, incapable] = [
      await newPerson('Mona Strand'),
      await newPerson('Emil Strand'),
      await newPerson(),
    ];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-01` });
    await newRole('foreldreansvar', child, mother);
    await importThis({ incapacities: [{ party: incapable.number }] });
    for (const [who, why] of [
      // A parent carries no package of the base set, and would be refused.
      [child, 'Du må være 18 år for å gi dette\\. Ingen kan gi det for deg før det'],
      [incapable, 'En domstol har bestemt at du ikke kan gi dette alene\\. Statsforvalteren kan'],
    ] as const) {
      const { page } = await loggedIn(who, '/give');
      assert.match(page.html, new RegExp(why));
      assert.match(page.html, /Se hvem som har ansvar for deg/);
      assert.doesNotMatch(page.html, /Du kan fortsatt gjøre alt selv/);
    }
    const browser = await loggedIn(child, '/give');
    const [, href] = /href="([^"]*)">Se hvem som har ansvar/.exec(browser.page.html)!;
    const there = await browser.open(href!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    assert.match(there.html, /Mona Strand/);
    const free = await loggedIn(await newPerson(), '/give');
    assert.doesNotMatch(free.page.html, /Se hvem som har ansvar/);
  });
});
