// Looking for what to give or ask for: by words in whatever form and order, the nearest first.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { closeness, wordsIn } from '../../../server/portal/give/search_model.ts';
import { loggedIn } from '../../support/pages/browser.ts';
import { can, newResource } from '../../support/rights/rights.ts';
import { newPerson } from '../../support/world.ts';

const namesIn = (html: string) =>
  [...html.matchAll(/for="(?:package|resource)-[^"]*">([^<]*)</g)].map(([, name]) => name!.trim());

describe('a search for what to give', () => {
  it('finds forms of a word, words in any order, and what has all of them', async () => {
    const mark = `x${randomUUID().slice(0, 6)}`;
    const title = (nb: string) => ({ title: { nb, nn: nb } });
    await newResource([can('read', 'privatperson')], title(`Skattemelding for personer ${mark}`));
    await newResource([can('read', 'privatperson')], title(`Melding om flytting ${mark}`));
    const browser = await loggedIn(await newPerson(), '/give');
    const found = async (q: string) =>
      namesIn((await browser.open(`/give?${new URLSearchParams({ q })}`)).html)
        .filter((name) => name.includes(mark))
        .map((name) => name.split(' ')[0]);
    assert.deepEqual(await found(`person skattemeldingen ${mark}`), ['Skattemelding']);
    // What begins with a word stands before what has it inside.
    assert.deepEqual(await found(`meldinger ${mark}`), ['Melding']);
    assert.deepEqual(await found(`melding ${mark}`), ['Melding', 'Skattemelding']);
    assert.deepEqual(await found(`bil ${mark}`), []);
    for (const odd of ['!!!', '%', '\\', "'"])
      assert.match(
        (await browser.open(`/give?q=${encodeURIComponent(odd)}`)).html,
        /fant ingenting/,
      );
  });

  it('puts the package that is called so first', async () => {
    const browser = await loggedIn(await newPerson(), '/give?q=pensjonen');
    assert.equal(namesIn(browser.page.html)[0], 'Pensjon');
  });

  it('finds whatever is looked for by the whole of it', () => {
    const word = fc.stringMatching(/^[a-zæøå]{4,12}$/);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('nb', 'nn', 'en'),
        (words, language) => {
          const sought = wordsIn([...words].reverse().join(', '), language as 'nb');
          assert.equal(closeness(sought, [words.join(' ')]), 0);
          assert.equal(closeness(sought, ['']), undefined);
        },
      ),
    );
  });
});
