// Every form of ours, sent when the session is gone: answered in words with the way back, where the
// same page stands as it was; nothing is done meanwhile, and then once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type Browser,
  loggedIn,
  type Page,
  press,
  unescapeHtml,
} from '../support/pages/browser.ts';
import { atClient } from '../support/pages/choosing.ts';
import { FORMS, type Fields } from '../support/pages/posts.ts';

const ROUTES = new URL('../routes.txt', import.meta.url);
/** A client's own form brings its person here; it is not ours. */
const NOT_OURS = '/authorize';

/** What the page says of a form that was kept. */
const FOUND =
  'Dette ble skrevet i skjemaet før innloggingen gikk ut. Se over at det stemmer. Ingenting er sendt ennå. ';

/** Its text but for the time of day, at which another login came. */
const mainOf = ({ html }: Page) =>
  /<main[\s\S]*<\/main>/
    .exec(html)![0]
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/kl\. \d\d:\d\d/g, '')
    .replace(FOUND, '');

/** What is ticked, of the boxes of this name. */
const ticked = ({ html }: Page, name: string) =>
  [...html.matchAll(new RegExp(`<input[^>]*name="${name}"[^>]*>`, 'g'))]
    .filter(([box]) => / checked/.test(box))
    .map(([box]) => /value="([^"]*)"/.exec(box)![1]!);

async function sent(browser: Browser, { action, typed, chosen, brought }: Fields): Promise<Page> {
  if (action.endsWith('/reject'))
    browser.page.html = browser.page.html.replaceAll(/\/(?:approve|accept)/g, '/reject');
  return press(browser, new RegExp(`^${action}`), { ...typed, ...chosen, ...brought }, atClient);
}

describe('a form of ours whose session is gone', () => {
  it('is one of these', () => {
    const posts = readFileSync(ROUTES, 'utf8').match(/(?<=^POST )\S+(?= session page$)/gm)!;
    assert.deepEqual(posts.filter((path) => path !== NOT_OURS).sort(), Object.keys(FORMS).sort());
  });

  for (const [operation, make] of Object.entries(FORMS))
    it(`does nothing at ${operation}, and once after a new login`, async () => {
      const form = await make();
      const browser = await loggedIn(form.person, form.page);
      if (form.first) await sent(browser, form.first);
      const before = browser.page;
      assert.equal(before.status, 200, before.html);
      await browser.forget('session');
      const told = await sent(browser, form);
      assert.equal(told.status, 401, told.html);
      assert.match(told.html, /Du er logget ut/);
      const [, way] = /class="ds-button" href="([^"]*)"/.exec(told.html)!;
      await browser.open(unescapeHtml(way!));
      // The eID may know the person still.
      if (browser.page.url.origin !== before.url.origin) await browser.logIn(form.person);
      const after = browser.page;
      assert.equal(after.status, 200);
      if (form.typed)
        for (const value of Object.values(form.typed))
          assert.ok(after.html.includes(`value="${value}"`), value);
      // Where logins are listed, the new one follows.
      else assert.equal(mainOf(after).slice(0, mainOf(before).length), mainOf(before));
      for (const [name, value] of Object.entries(form.chosen ?? {}))
        if (name !== 'answer') assert.deepEqual(ticked(after, name), [value], name);
      const done = await sent(browser, form);
      assert.ok(done.status < 400, done.html);
    });
});
