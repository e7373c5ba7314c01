// A request is read at the level of the login, and answered yes at the one that it takes; but where
// that it is asked is itself too much to show.
import assert from 'node:assert/strict';
import { Browser, heading, loggedIn, unescapeHtml } from '../../support/pages/browser.ts';
import { can, newConsentResource, putPolicy, rightTo } from '../../support/rights/rights.ts';
import {
  API,
  ask,
  call,
  newOrganization,
  newPerson,
  personToken,
  putParty,
  reject,
  type TestParty,
} from '../../support/world.ts';

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

  describe('that a sensitive service asks', () => {
    let who: TestParty;
    let id: string;
    let resource: string;
    before(async () => {
      who = await newPerson();
      resource = await strong({
        sensitive: 'health',
        title: { nb: 'Journalen', nn: 'Journalen', en: 'The record' },
      });
      id = await ask(who, to, { ...rightTo(resource), portalViewMode: 'Show' });
    });
    const secrets = () => [to.name, to.id, resource, 'Journalen', 'Til lånesøknad'];
    const isSilent = (text: string) => {
      for (const secret of secrets()) assert.ok(!text.includes(secret), secret);
    };
    const tokenAt = async (level: number) =>
      personToken(who, { 'urn:altinn:authlevel': level, scope: 'altinn:portal/enduser' });

    it('is a line without asker or content on lists, in files, in the inbox and the overview', async () => {
      const browser = await loggedIn(who, '/start');
      for (const path of [
        '/consents?show=waiting',
        '/consents.csv?show=waiting',
        '/consents.json?show=waiting',
        '/consents?show=events',
        '/overview?show=waiting',
        '/inbox',
      ]) {
        const page = await browser.open(path);
        assert.equal(page.status, 200, path);
        isSilent(page.html);
        if (!/events|inbox|\.json/.test(path)) assert.match(page.html, /Noen/, path);
      }
      const isFound = async (sought: string) =>
        (
          await browser.open(`/consents?show=waiting&q=${encodeURIComponent(sought)}`)
        ).html.includes(id);
      for (const sought of ['Journalen', to.name]) assert.equal(await isFound(sought), false);
      await browser.open('/step-up?to=/start&level=4');
      await browser.logIn(who);
      for (const sought of ['Journalen', to.name]) assert.equal(await isFound(sought), true);
    });

    it('has no page before the stronger login, and leads there', async () => {
      const browser = await loggedIn(who, '/start');
      for (const path of [`/consents/${id}`, `/consents/${id}/withdraw`, `/consents/${id}/again`]) {
        const page = await browser.open(path);
        assert.equal(page.status, 403, path);
        assert.match(page.html, /Logg inn på en sikrere måte for å lese/);
        isSilent(page.html);
      }
      const { html } = await browser.open(`/consents/${id}`);
      const [, way = ''] = /href="(\/step-up[^"]*)"/.exec(html) ?? [];
      await browser.open(unescapeHtml(way));
      await browser.logIn(who);
      assert.ok(browser.page.html.includes(to.name));
    });

    it('is 401 as JSON before it, and a row of zeros on lists', async () => {
      for (const path of [`request/${id}`, id]) {
        const weak = await call('GET', `${API}/consent/${path}`, await tokenAt(3));
        assert.deepEqual([weak.status, weak.body.code], [401, 'TIL-00007'], weak.text);
        assert.match(weak.headers.get('www-authenticate')!, /insufficient_user_authentication/);
        isSilent(weak.text);
        const read = await call('GET', `${API}/consent/${path}`, await tokenAt(4));
        assert.equal(read.body.to, `urn:altinn:party:uuid:${to.id}`, read.text);
      }
      const listed = async (level: number) => {
        const { body } = await call('GET', `${API}/consent/log/${who.id}`, await tokenAt(level));
        return body.find((one: { id: string }) => one.id === id);
      };
      const [weak, read] = [await listed(3), await listed(4)];
      isSilent(JSON.stringify(weak));
      assert.deepEqual([weak.veiled, weak.requiredLevel, weak.consentRights], [true, 4, []]);
      assert.deepEqual([read.veiled, read.requiredLevel], [undefined, undefined]);
    });

    it('and was refused is opened again by no weaker login', async () => {
      const asked = await ask(who, to, rightTo(resource));
      assert.equal((await reject(asked, who)).status, 200);
      const open = async (level: number) =>
        call('POST', `/access/v1/consents/${asked}/ask-again`, await tokenAt(level));
      const weak = await open(3);
      assert.deepEqual([weak.status, weak.body.code], [401, 'TIL-00007'], weak.text);
      isSilent(weak.text);
      assert.equal((await open(4)).status, 200);
    });

    it('is not confirmed by the page that stops whoever asks', async () => {
      const path = `/overview/stop?party=${who.id}&receiver=${to.id}`;
      const browser = await loggedIn(who, path);
      assert.equal(browser.page.url.pathname, '/overview');
      isSilent(browser.page.html);
      await browser.open('/step-up?to=/start&level=4');
      await browser.logIn(who);
      assert.ok((await browser.open(path)).html.includes(to.name));
    });

    it('follows the policy that was published since', async () => {
      const raised = await newConsentResource(['privatperson'], { sensitive: 'health' });
      const asked = await ask(who, to, rightTo(raised));
      const weak = async () => call('GET', `${API}/consent/${asked}`, await tokenAt(3));
      assert.equal((await weak()).status, 200);
      const published = await putPolicy(raised, {
        rules: [can('consent', 'privatperson'), can('requestconsent', 'anyone')],
        minimumLevel: { person: 4, organization: 0 },
      });
      assert.ok(published.status < 300, published.text);
      assert.deepEqual([(await weak()).status, (await weak()).body.code], [401, 'TIL-00007']);
    });

    it('and was refused is read again by no weaker login', async () => {
      const asked = await ask(who, to, rightTo(resource));
      assert.equal((await reject(asked, who)).status, 200);
      const browser = await loggedIn(who, '/start');
      for (const path of [
        `/consents/${asked}`,
        `/consents/${asked}/again`,
        `/consent/receipt?id=${asked}`,
        '/consents?show=ended',
      ])
        isSilent((await browser.open(path)).html);
    });
  });

  it('of a protected address asks nobody who has only the link for another login', async () => {
    const [hidden, other, resource] = [await newPerson(), await newPerson(), await strong()];
    await putParty(hidden, { protectedAddress: true });
    const levels = new Set<string | null>();
    for (const who of [hidden, other]) {
      const id = await ask(who, to, rightTo(resource));
      const { url } = await new Browser().open(`/consent/request?id=${id}`);
      levels.add(url.searchParams.get('acr_values'));
    }
    assert.equal(levels.size, 1, [...levels].join());
  });
});
