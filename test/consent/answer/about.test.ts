// Whom a page speaks to: «deg» is said to the one whose it is, and to nobody who answers for them.
import assert from 'node:assert/strict';
import { heading, loggedIn } from '../../support/pages/browser.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  world,
  type TestParty,
} from '../../support/world.ts';

const YEAR = new Date().getUTCFullYear() - 9;
const WHO = ['privatperson', 'foreldreansvar', 'dagl'];
/** Words for the one it is about; «hvis du ombestemmer deg» is said to whoever answers. */
const TO_THE_GIVER = {
  nb: /(om|av|fra|til) deg\b|\b(din|ditt|dine)\b(?! samtykker)/g,
  nn: /(om|av|frå|til) deg\b|(?<!samtykka )\b(din|ditt|dine)\b/g,
  en: /(about|from|asks) you\b|\byour\b(?! (mind|answer|consents))/g,
};
const LANGUAGES = Object.keys(TO_THE_GIVER) as (keyof typeof TO_THE_GIVER)[];

const mainOf = (html: string) => /<main[\s\S]*<\/main>/.exec(html)![0];
const spokenTo = (html: string, language: keyof typeof TO_THE_GIVER) =>
  [...html.matchAll(TO_THE_GIVER[language])].map((found) => found[0]);

describe('who answers for somebody else', () => {
  let [child, mother, father, director, deputy, bank, firm]: TestParty[] = [];
  before(async () => {
    child = await newPerson('Emil Dahl');
    mother = await newPerson('Mona Dahl');
    [father, director, deputy] = [await newPerson(), await newPerson(), await newPerson()];
    [bank, firm] = [await newOrganization('Banken AS'), await newOrganization('Verkstedet AS')];
    await putParty(child, { bornOn: `${YEAR}-01-02` });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    for (const one of [director, deputy]) await newRole('dagl', firm, one);
  });
  const asked = async (template: string, from: TestParty, changes: object = {}) =>
    ask(
      from,
      bank!,
      rightTo(await newConsentResource(WHO, { consentTemplate: template, ...changes })),
    );
  const shown = async (id: string) =>
    (await world.database.db.raw('select text from consent_shown where consent_id = ?', [id]))
      .rows[0].text;

  for (const template of ['default', 'samtykkemal_simpleconsent', 'poa'])
    it(`is never spoken to as if it were about them: ${template}`, async () => {
      for (const [from, reader] of [
        [child!, mother!],
        [firm!, director!],
      ] as const) {
        const id = await asked(template, from);
        const browser = await loggedIn(reader, `/consent/request?id=${id}`);
        for (const language of LANGUAGES) {
          const { html } = await browser.open(`/consent/request?id=${id}&lang=${language}`);
          assert.deepEqual(spokenTo(html, language), [], language);
          assert.ok(html.includes(from.name), language);
        }
        await browser.open(`/consent/request?id=${id}&lang=nb`);
        assert.match(browser.page.html, new RegExp(`Ja, gi (samtykke|fullmakt) for ${from.name}`));
        await browser.submit({ answer: 'no' });
        for (const language of LANGUAGES) {
          const { html } = await browser.open(`/consent/receipt?id=${id}&lang=${language}`);
          assert.deepEqual(spokenTo(html, language), [], language);
        }
        // One who did not answer is not said to have, and is not spoken to.
        const other = await loggedIn(
          from === child ? father! : deputy!,
          `/consent/receipt?id=${id}`,
        );
        assert.match(heading(other.page), /Det er svart nei/);
        assert.doesNotMatch(mainOf(other.page.html), /\b(du svarte|deg)\b(?!,)/);
        const yes = await asked(template, from);
        await browser.open(`/consent/request?id=${yes}&lang=nb`);
        await browser.submit({ answer: 'yes' });
        for (const path of [`/consents/${yes}`, `/consents/${yes}/withdraw`])
          for (const language of LANGUAGES) {
            const { html } = await browser.open(`${path}?lang=${language}`);
            assert.deepEqual(spokenTo(html, language), [], `${path} ${language}`);
          }
        await browser.open('/start?lang=nb');
      }
    });

  it('sees the year of birth, and that the words of the owner are written to the child', async () => {
    const id = await asked('default', child!);
    const browser = await loggedIn(mother!, `/consent/request?id=${id}`);
    assert.match(heading(browser.page), new RegExp(`om Emil Dahl \\(født ${YEAR}\\) fra`));
    const note = 'Teksten er skrevet til Emil Dahl. «Du» betyr Emil Dahl.';
    // Once for the owner's words, and over the requester's own message.
    assert.equal(browser.page.html.split(note).length - 1, 2);
    assert.match(browser.page.html, /Du svarer for Emil Dahl\. Les hva det gjelder/);
    await browser.submit({ answer: 'yes' });
    assert.equal(heading(browser.page), 'Du har gitt samtykke for Emil Dahl');
    assert.match(browser.page.html, /<title>Du har gitt samtykke for Emil Dahl/);
    assert.doesNotMatch(browser.page.html, /Deg selv/);
    const stored = await shown(id);
    assert.match(stored.title, new RegExp(`Emil Dahl \\(født ${YEAR}\\)`));
    assert.equal(stored.writtenTo, note);
  });

  it('reads the owner’s words about the child, where there are such', async () => {
    const changes = {
      consentText: { nb: 'Inntekten din.', nn: 'Inntekta di.' },
      consentTextAbout: { nb: 'Inntekten til barnet.', nn: 'Inntekta til barnet.' },
    };
    const id = await asked('default', child!, changes);
    const { page } = await loggedIn(mother!, `/consent/request?id=${id}`);
    assert.match(page.html, /Inntekten til barnet\./);
    assert.doesNotMatch(page.html, /Inntekten din/);
    const [, before = '', message] = /^([\s\S]*?)er skrevet til([\s\S]*)$/.exec(page.html) ?? [];
    assert.match(before, /<dt>Hva det skal brukes til<\/dt>/, 'over the message alone');
    assert.doesNotMatch(message!, /er skrevet til/);
  });

  it('stores by the API what the page would have shown', async () => {
    const id = await asked('default', child!);
    assert.equal((await approve(id, mother!)).status, 200);
    assert.match((await shown(id)).lead, /om Emil Dahl/);
  });

  it('is not said to have answered what another answered', async () => {
    const grown = await newPerson('Tor Berg');
    const id = await asked('default', firm!);
    await approve(id, director!);
    await newRole('dagl', firm!, grown);
    const { page } = await loggedIn(grown, `/consent/receipt?id=${id}`);
    assert.equal(heading(page), `Det er gitt samtykke for ${firm!.name}`);
  });

  it('reads on the receipt what was shown, in the language it was shown in, whoever reads it', async () => {
    const text = {
      nb: 'Ord som ble vist.',
      nn: 'Ord som vart viste.',
      en: 'Words that were shown.',
    };
    const id = await asked('default', child!, { consentText: text });
    const browser = await loggedIn(mother!, `/consent/request?id=${id}&lang=nn`);
    await browser.submit({ answer: 'yes' });
    const stored = await shown(id);
    const reader = await loggedIn(father!, '/start');
    for (const path of [`/consent/receipt?id=${id}`, `/consents/${id}`]) {
      const { html } = await reader.open(`${path}${path.includes('?') ? '&' : '?'}lang=nb`);
      assert.ok(html.includes(stored.rights[0].html), path);
      assert.match(html, /class="words" lang="nn"[\s\S]*Ord som vart viste/);
      assert.match(html, /vist slik den var da svaret ble gitt/);
      assert.doesNotMatch(html, /Ord som ble vist/);
    }
  });
});
