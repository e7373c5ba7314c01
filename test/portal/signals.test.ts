// How the systems of a company hear of what happens, as its people see it: streams and webhooks as
// they stand, and what could not be delivered, which is sent again or let go.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../server/app.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { heading, loggedIn, mainText, press } from '../support/pages/browser.ts';
import { given, newFirm, newPair } from '../support/rights/rights.ts';
import {
  closingReceivers,
  keep,
  newRefused,
  newStream,
  sendSignals,
  statesOf,
  toldTo,
} from '../support/signals.ts';
import { newPerson, world } from '../support/world.ts';

const receiver = closingReceivers();
const pathOf = ({ id }: { id: string }) => `/signals?party=${id}`;

const deadOf = async (stream: string) =>
  (await statesOf(stream)).filter((state) => state === 'dead').length;

describe('the page of events to systems', () => {
  it('is found from the API scopes, and says how each stream stands', async () => {
    const { firm, boss } = await newFirm();
    await newStream(firm);
    const stopped = await newStream(firm);
    await keep(firm, 'POST', '/ssf/status', {
      ...{ stream_id: stopped, status: 'paused', reason: 'flytter' },
    });
    const browser = await loggedIn(boss, `/scopes?party=${firm.id}`);
    assert.ok(browser.page.html.includes(`href="${pathOf(firm).replace('=', '&#x3D;')}"`));
    const text = mainText((await browser.open(pathOf(firm))).html);
    assert.match(text, /Strøm som hentes for client-\d{9} Sendes/);
    assert.match(text, /På pause .*Grunn flytter/);
    assert.doesNotMatch(text, /Send på nytt/);
  });

  it('has nothing where no system has asked, and is not of persons', async () => {
    const { firm, boss } = await newFirm();
    const browser = await loggedIn(boss, pathOf(firm));
    assert.equal(heading(browser.page), `Hendelser til systemene hos ${firm.name}`);
    assert.match(mainText(browser.page.html), /når et system har bedt om dem/);
    const [person, other] = await newPair('Gro Giver', 'Rolf Mottaker');
    assert.equal((await loggedIn(person, pathOf(other))).page.status, 403);
  });

  it('sends again what was not delivered', async () => {
    const { firm, boss, person, got, stream } = await newRefused(await receiver());
    const dead = await deadOf(stream);
    assert.ok(dead > 0);
    const browser = await loggedIn(boss, pathOf(firm));
    const text = mainText(browser.page.html);
    assert.match(text, /ble ikke levert .*consent-withdrawn, .*: invalid_request/);
    for (const known of [person.name!, person.number, got.url])
      assert.ok(!browser.page.html.includes(known), known);
    const after = await press(browser, /signals\/again/);
    assert.match(mainText(after.html), /blir sendt på nytt/);
    await sendSignals();
    assert.equal(await deadOf(stream), 0);
    // Several go at once, in any order.
    assert.ok((await toldTo(got)).some(({ kind }) => kind === 'consent-withdrawn'));
  });

  it('lets it go, and sends it no more', async () => {
    const { firm, boss, got, stream } = await newRefused(await receiver());
    const heard = (await toldTo(got)).length;
    const browser = await loggedIn(boss, pathOf(firm));
    const after = await press(browser, /signals\/let-go/);
    assert.match(mainText(after.html), /er forkastet/);
    assert.doesNotMatch(mainText(after.html), /ble ikke levert [A-Za-z]*-/);
    await sendSignals();
    assert.deepEqual([await deadOf(stream), (await toldTo(got)).length], [0, heard]);
    assert.ok((await statesOf(stream)).includes('let_go'));
  });

  it('is of the company’s own streams, to one who administers its API scopes', async () => {
    const { firm, boss, stream } = await newRefused(await receiver());
    const other = await newFirm();
    const browser = await loggedIn(other.boss, pathOf(other.firm));
    assert.doesNotMatch(browser.page.html, new RegExp(stream));
    const { html } = await browser.open('/profile');
    const [, csrf] = /name="csrf" value="([^"]*)"/.exec(html)!;
    for (const [party, status] of [
      [other.firm.id, 404],
      [firm.id, 403],
    ] as const)
      for (const step of ['again', 'let-go']) {
        browser.page.html = `<form method="post" action="/signals/${step}?party=${party}"></form>`;
        const answer = await press(browser, /signals/, { csrf: csrf!, stream });
        assert.equal(answer.status, status, `${step} ${party}`);
      }
    assert.ok((await deadOf(stream)) > 0);
    const clerk = await newPerson();
    await given(boss, firm, clerk, { package: 'toll' });
    assert.equal((await loggedIn(clerk, pathOf(firm))).page.status, 403);
  });

  it('is not there, nor led to, where both doors are shut', async () => {
    const app = await createApp({
      env: { ...world.env, signals: { ssf: false, webhooks: false } },
      database: world.database,
      ...{ log: createLogger('silent'), metrics: createMetrics() },
    });
    const server = createServer(app.handler);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    const { firm, boss } = await newFirm();
    const browser = await loggedIn(boss, pathOf(firm));
    const headers = { cookie: await browser.cookies('') };
    const shut = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
    assert.equal((await shut(pathOf(firm))).status, 404);
    assert.equal((await shut('/secevent/consent-given')).status, 404);
    const scopes = await (await shut(`/scopes?party=${firm.id}`)).text();
    assert.match(scopes, /API-tilganger/);
    assert.doesNotMatch(scopes, /signals/);
    server.closeAllConnections();
    server.close();
    await app.settle();
  });
});
