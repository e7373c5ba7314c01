// A request is read at the level of the login, and answered yes at the one that it takes; but where
// that it is asked is itself too much to show.
import assert from 'node:assert/strict';
import { heading, loggedIn, unescapeHtml } from '../../support/pages/browser.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import { ask, newOrganization, newPerson, putParty, type TestParty } from '../../support/world.ts';

describe('a request that takes a stronger login', () => {
  let to: TestParty;
  before(async () => {
    to = await newOrganization();
  });
  const strong = async (changes: object = {}) =>
    newConsentResource(['privatperson'], {
      minimumLevel: { person: 4, organization: 0 },
      ...changes,
    });

  it('is read at any login, and takes the stronger one at yes', async () => {
    const [one, resource] = [await newPerson(), await strong()];
    const id = await ask(one, to, rightTo(resource));
    const browser = await loggedIn(one, `/consent/request?id=${id}`);
    assert.match(heading(browser.page), /opplysninger om deg/);
    assert.match(browser.page.html, /For å svare ja må du logge inn på en sikrere måte/);
    const asked = await browser.submit({ answer: 'yes' });
    assert.equal(asked.status, 403);
    assert.match(asked.html, /Ingenting er lagret ennå/);
    const [, way = ''] = /href="(\/step-up[^"]*)"/.exec(asked.html) ?? [];
    await browser.open(unescapeHtml(way));
    await browser.logIn(one);
    assert.doesNotMatch(browser.page.html, /For å svare ja må du/);
    await browser.submit({ answer: 'yes' });
    assert.match(heading(browser.page), /Du har gitt samtykke/);
  });

  it('is answered no at the login by which it is read', async () => {
    const [one, resource] = [await newPerson(), await strong()];
    const id = await ask(one, to, rightTo(resource));
    const browser = await loggedIn(one, `/consent/request?id=${id}`);
    await browser.submit({ answer: 'no' });
    assert.match(heading(browser.page), /Du har svart nei/);
  });

  it('shows nothing before it, where the service is sensitive or the address protected', async () => {
    const hidden = await newPerson();
    await putParty(hidden, { protectedAddress: true });
    for (const [who, changes] of [
      [await newPerson(), { sensitive: 'health' }],
      [await newPerson(), { sensitive: 'other' }],
      [hidden, {}],
    ] as const) {
      const id = await ask(who, to, rightTo(await strong(changes)));
      const browser = await loggedIn(who, '/consents');
      const page = await browser.open(`/consent/request?id=${id}`);
      assert.equal(page.status, 403);
      assert.match(page.html, /Noen ber om samtykke\. Logg inn på en sikrere måte for å lese\./);
      assert.ok(!page.html.includes(to.name) && !page.html.includes('Til lånesøknad'));
    }
  });
});
