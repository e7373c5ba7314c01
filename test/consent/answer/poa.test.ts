// A power of attorney through the consent pages, from the question to its end: its own words on
// each page, in each language, for oneself and for a company.
import assert from 'node:assert/strict';
import { heading, loggedIn } from '../../support/pages/browser.ts';
import { ask, at, newOrganization, newPerson, type TestParty } from '../../support/world.ts';
import { newFirm } from '../../support/rights/rights.ts';

const right = (year = '2025') => ({
  consentRights: [
    {
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: 'skattemelding-fullmakt' }],
      metadata: { inntektsaar: year },
    },
  ],
});

describe('a power of attorney on the consent pages', () => {
  let asker: TestParty;
  before(async () => {
    asker = await newOrganization('Hjelperen AS');
  });
  const pages = async (from: TestParty, who: TestParty, changes: object = {}) => {
    const id = await ask(from, asker, { ...right(), redirectUrl: null, ...changes });
    return { id, browser: await loggedIn(who, `/consent/request?id=${id}`) };
  };

  for (const language of ['nb', 'nn', 'en'] as const) {
    it(`is asked for, given, shown, withdrawn and remembered as one, in ${language}`, async () => {
      const person = await newPerson('FULLMAKT PERSON');
      const { id, browser } = await pages(person, person);
      browser.language = language;
      await browser.open(`/consent/request?id=${id}&lang=${language}`);
      const word =
        language === 'en'
          ? /power of attorney|on (your )?behalf|act for/i
          : /fullmakt|på vegne av/i;
      assert.match(browser.page.html, word);
      await browser.submit({ answer: 'yes' });
      assert.match(browser.page.html, word);
      assert.equal(browser.page.url.pathname, '/consent/receipt');
      await browser.open(`/consents/${id}`);
      assert.match(browser.page.html, word);
      assert.match(browser.page.html, /Fullmakt Person|FULLMAKT PERSON/);
      await browser.open(`/consents/${id}/withdraw`);
      assert.match(browser.page.html, word);
      await browser.submit({});
      assert.match(browser.page.html, word);
      await browser.open(`/consents/${id}/withdraw`);
      assert.equal(browser.page.url.pathname, `/consents/${id}`);
      await browser.open(`/consent/receipt?id=${id}`);
      assert.equal(browser.page.status, 200);
    });
  }

  it('of a company is given by its managing director, and says for whom', async () => {
    const { firm, boss } = await newFirm();
    const { id, browser } = await pages(firm, boss);
    assert.match(browser.page.html, /Foretaket AS|Foretaket/);
    await browser.submit({ answer: 'yes' });
    await browser.open(`/consents/${id}`);
    assert.match(browser.page.html, /på vegne av/);
    const other = await loggedIn(await newPerson(), `/consents/${id}`);
    assert.equal(other.page.status, 404);
  });

  it('that nobody answered leads nowhere but back, and says when it ran out', async () => {
    const person = await newPerson();
    const { id, browser } = await pages(person, person, {
      validTo: new Date(Date.now() + 86_400_000).toISOString(),
      portalViewMode: 'show',
    });
    await browser.open(`/consent/receipt?id=${id}`);
    assert.equal(browser.page.url.pathname, '/consent/request');
    await browser.open(`/consent/continue?id=${id}`);
    assert.equal(browser.page.url.pathname, `/consents/${id}`);
    await browser.submit({ answer: 'perhaps' }).catch(() => undefined);
    await at(2 * 86_400_000, async () => {
      const later = await loggedIn(person, `/consents/${id}`);
      assert.match(later.page.html, /gått ut|utløp|fristen/i);
      await later.open(`/consent/request?id=${id}`);
      assert.match(heading(later.page), /./);
    });
  });

  for (const [what, path] of [
    ['no id', '/consents/none'],
    ['an id of nothing', '/consents/00000000-0000-4000-8000-000000000000'],
    ['a request of nothing', '/consent/request?id=00000000-0000-4000-8000-000000000000'],
    ['a receipt of nothing', '/consent/receipt?id=none'],
  ] as const) {
    it(`is not found with ${what}, which a page says`, async () => {
      const browser = await loggedIn(await newPerson(), '/consents');
      await browser.open(path);
      assert.ok([400, 404].includes(browser.page.status), `${path} ${browser.page.status}`);
      assert.match(heading(browser.page), /./);
    });
  }
});
