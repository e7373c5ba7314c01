// The page that asks for whom: beside each choice stands who it is, by what, until when, and what
// it takes; what is ticked stays, whatever else is done on the page.
import assert from 'node:assert/strict';
import { unescapeHtml } from '../../support/pages/browser.ts';
import { atClient, toChoice } from '../../support/pages/choosing.ts';
import { newWebClient } from '../../support/oauth/clients.ts';
import { can, given, newFirm, newResource, OWNER } from '../../support/rights/rights.ts';
import { importThis, newOrganization, newPerson, newRole, putParty } from '../../support/world.ts';

const PARTIES = 'urn:tillit:parties';
const RESOURCE = 'urn:altinn:resource:';
const newClient = (metadata: object = {}) =>
  newWebClient({ authorization_details_types: [PARTIES], ...metadata });

/** What stands beside the choice of a party. */
const beside = (html: string, { id }: { id: string }) =>
  unescapeHtml(new RegExp(`for="p-${id}">([\\s\\S]*?)</label>`).exec(html)?.[1] ?? '').replaceAll(
    /<[^>]*>/g,
    '',
  );
const isTicked = (html: string, { id }: { id: string }) =>
  new RegExp(`name="party" value="${id}" checked`).test(html);

describe('the page that asks for whom', () => {
  it('says beside each who it is, by what, and until when', async () => {
    const [{ firm, boss }, giver] = [await newFirm(), await newPerson('Gro Giver')];
    await putParty(giver, { bornOn: '1961-05-17' });
    const validTo = '2037-01-01T00:00:00Z';
    await given(giver, giver, boss, { package: 'innbygger-pensjon', validTo });
    const { browser } = await toChoice(await newClient(), boss, [{ type: PARTIES }]);
    const { html } = browser.page;
    assert.match(beside(html, firm), /Organisasjonsnummer \d{3}.* · Rollen din: daglig leder/);
    assert.match(
      beside(html, giver),
      /Gro Giver Født 17\.\smai\s1961 · Du har fullmakten Pensjon · Gjelder til 1\.\sjanuar\s2037/,
    );
    assert.match(beside(html, boss), /deg selv/);
  });

  it('says whose the client is, by the number of the register', async () => {
    const owner = await newOrganization('Regnskapshuset AS');
    const client = await newClient({ 'x-org': owner.number, scope: 'openid' });
    const { browser } = await toChoice(client, (await newFirm()).boss, [{ type: PARTIES }]);
    assert.match(browser.page.html, /tilhører Regnskapshuset AS \(organisasjonsnummer \d{3}/);
  });

  it('keeps what is ticked over a search, a search that finds nothing, and another language', async () => {
    const boss = await newPerson();
    const firms = await Promise.all(
      Array.from({ length: 12 }, (_, at) => newOrganization(`Foretak ${at} AS`)),
    );
    for (const firm of firms) await newRole('dagl', firm, boss);
    const { browser } = await toChoice(await newClient(), boss, [{ type: PARTIES }]);
    const [first, second] = [firms[0]!, firms[7]!];
    const sought = await browser.submit({ party: first.id, q: second.number, find: 'yes' });
    assert.ok(isTicked(sought.html, first) && !isTicked(sought.html, second));
    assert.ok(!sought.html.includes(`value="${firms[3]!.id}"`));
    const none = await browser.submit({ party: `${first.id} ${second.id}`, q: 'zzz', find: 'yes' });
    assert.match(none.html, /Ingen treff på «zzz»/);
    // Enter in the field for the search searches too.
    const all = await browser.submit({ party: `${first.id} ${second.id}`, q: '' });
    assert.ok(isTicked(all.html, first) && isTicked(all.html, second));
    assert.ok(all.html.includes(`value="${firms[3]!.id}"`));
    const nynorsk = await browser.submit({ party: first.id, q: '', switch: 'nn' });
    assert.ok(isTicked(nynorsk.html, first));
    const done = await browser.submit({ party: first.id, answer: 'yes' }, atClient);
    assert.ok(done.url.searchParams.get('code'));
  });

  it('says of a choice that it takes a stronger login, which it leads to, with what was ticked', async () => {
    const { firm, boss } = await newFirm();
    const resource = {
      identifier: await newResource([can('read', 'dagl')]),
      owner: OWNER,
      resourceType: 'GenericAccessResource',
      title: { nb: 'Prøve', nn: 'Prøve' },
      rules: [can('read', 'dagl')],
    };
    const detail = { type: PARTIES, resources: [RESOURCE + resource.identifier] };
    const { browser } = await toChoice(await newClient(), boss, [detail]);
    // The service takes more from now on.
    await importThis({
      resources: [{ ...resource, minimumLevel: { person: 4, organization: 0 } }],
    });
    const page = await browser.open(browser.page.url.pathname);
    assert.match(beside(page.html, firm), /Krever innlogging på sikkerhetsnivå 4/);
    const told = await browser.submit({ party: firm.id, answer: 'yes' }, atClient);
    assert.equal(told.status, 403);
    const [, way, leave] = /href="(\/step-up[^"]*)"[\s\S]*?href="([^"]*)"/.exec(told.html)!;
    assert.match(leave!, /\/leave$/);
    await browser.open(unescapeHtml(way!));
    const again = await browser.logIn(boss);
    assert.ok(isTicked(again.html, firm));
    assert.doesNotMatch(beside(again.html, firm), /Krever/);
    const done = await browser.submit({ party: firm.id, answer: 'yes' }, atClient);
    assert.ok(done.url.searchParams.get('code'), done.url.href);
  });
});
