// An asker and its own requests: listed by filters and pages, taken back while they wait, renounced
// once they were approved; nobody else's.
import assert from 'node:assert/strict';
import { loggedIn } from '../../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { justBefore } from '../../support/run/statements.ts';
import {
  approve,
  ask,
  at,
  call,
  lookUp,
  newOrganization,
  newPerson,
  organizationToken,
  READ,
  reject,
  REQUESTS,
  withdraw,
  world,
  type Answer,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

const list = async (who: TestParty, query = '') =>
  call('GET', `${REQUESTS}${query}`, await organizationToken(who, READ));
const end = async (id: string, who: TestParty, scope = WRITE) =>
  call('DELETE', `${REQUESTS}/${id}`, await organizationToken(who, scope));
const detailsOf = async (id: string, who: TestParty) =>
  (await call('GET', `${REQUESTS}/${id}`, await organizationToken(who, READ))).body;
const noticesOf = async (id: string, party: TestParty): Promise<string[]> =>
  (
    await world.database.db.raw(
      'select type from notice where consent_id = ? and party = ? order by id',
      [id, party.id],
    )
  ).rows.map(({ type }: { type: string }) => type);
const feedOf = async (id: string, who: TestParty, type: string) =>
  (
    await call(
      'GET',
      `${REQUESTS}/events?consentRequestId=${id}&eventType=${type}`,
      await organizationToken(who, READ),
    )
  ).body.data.map((one: { eventType: string }) => one.eventType);
const idsOf = ({ body }: { body: { data: { id: string }[] } }): string[] =>
  body.data.map((one) => one.id);

describe("an asker's list", () => {
  it('has its own requests by status, giver and time, page by page, and nobody else’s', async () => {
    const [to, other] = [await newOrganization(), await newOrganization()];
    const [one, two] = [await newPerson(), await newPerson()];
    assert.deepEqual((await list(to)).body, { links: { next: null }, data: [] });
    const ids: string[] = [];
    for (const from of [one, two, one, two, one]) ids.push(await ask(from, to));
    await ask(one, other);
    await approve(ids[0]!, one);
    await reject(ids[1]!, two);
    await end(ids[2]!, to);
    const all: string[] = [];
    for (let next: string | null = REQUESTS; next; ) {
      const page: Answer = await call('GET', next, await organizationToken(to, READ));
      all.push(...idsOf(page));
      next = page.body.links.next;
    }
    assert.deepEqual(all, ids);
    assert.deepEqual(idsOf(await list(to, '?status=Accepted')), [ids[0]]);
    assert.deepEqual(idsOf(await list(to, '?status=Rejected&status=Deleted')), [ids[1], ids[2]]);
    assert.deepEqual(idsOf(await list(to, `?from=${one.urn}`)).slice(0, 2), [ids[0], ids[2]]);
    assert.deepEqual(idsOf(await list(to, `?continuationToken=${ids[3]}`)), [ids[4]]);
    assert.deepEqual(idsOf(await list(to, `?cursor=${ids[3]}&status=Created`)), [ids[4]]);
    assert.deepEqual(idsOf(await list(to, `?createdAfter=${new Date().toISOString()}`)), []);
  });

  it('does not show whose number a giver has before there is an answer', async () => {
    const [to, from] = [await newOrganization(), await newPerson()];
    const byId = { ...from, urn: `urn:altinn:party:uuid:${from.id}` };
    const id = await ask(byId, to);
    assert.deepEqual(idsOf(await list(to, `?from=${from.urn}`)), []);
    assert.deepEqual(idsOf(await list(to, `?from=${byId.urn}`)), [id]);
    await approve(id, from);
    assert.deepEqual(idsOf(await list(to, `?from=${from.urn}`)), [id]);
  });

  it('refuses what is no status, giver, time or place, and who may not read', async () => {
    const to = await newOrganization();
    for (const query of [
      'status=Perhaps',
      'from=somebody',
      'createdAfter=yesterday',
      'continuationToken=abc',
      'continuationToken=',
      'continuationToken=01234567-89ab-7def-8123-456789abcdef',
      `continuationToken=${await ask(await newPerson(), await newOrganization())}`,
    ])
      assert.equal((await list(to, `?${query}`)).status, 400, query);
    const token = await organizationToken(to, 'altinn:consentrequests.reader');
    assert.equal((await call('GET', REQUESTS, token)).status, 403);
    assert.equal((await call('GET', REQUESTS)).status, 401);
  });
});

describe('a request that its asker takes back', () => {
  it('is Deleted, can be answered by nobody, and the person hears of it', async () => {
    const [to, from] = [await newOrganization(), await newPerson()];
    const id = await ask(from, to, { portalViewMode: 'Show' });
    for (let time = 0; time < 2; time += 1) assert.equal((await end(id, to)).status, 204);
    const details = await detailsOf(id, to);
    assert.deepEqual([details.status, details.effectiveStatus], ['Deleted', 'Deleted']);
    assert.deepEqual(
      details.consentRequestEvents.map((event: { eventType: string }) => event.eventType),
      ['Created', 'Deleted'],
    );
    assert.deepEqual(await feedOf(id, to, 'deleted'), ['Deleted']);
    assert.equal((await approve(id, from)).body.code, 'AM-00002');
    assert.equal((await reject(id, from)).body.code, 'AM-00015');
    assert.equal((await withdraw(id, from)).body.code, 'AM-00010');
    assert.equal((await lookUp(id, from, to)).body.code, 'AM-00014');
    const client = await newClient(to);
    assert.equal((await exchange(client, consentDetail(id, from))).body.consent_error, 'AM-00014');
    assert.deepEqual(await noticesOf(id, from), ['consent_asked', 'consent_taken_back']);
    const hidden = await ask(from, to);
    await end(hidden, to);
    assert.deepEqual(await noticesOf(hidden, from), []);
  });

  it('is told so on its pages, which offer no answer', async () => {
    const [to, from] = [await newOrganization(), await newPerson()];
    const id = await ask(from, to, { portalViewMode: 'Show' });
    await end(id, to);
    const browser = await loggedIn(from, `/consent/request?id=${id}`);
    assert.match(browser.page.html, /Forespørselen er trukket tilbake/);
    assert.doesNotMatch(browser.page.html, /name="answer"/);
    assert.match((await browser.open(`/consent/receipt?id=${id}`)).html, /er trukket tilbake/);
    const detail = await browser.open(`/consents/${id}`);
    assert.equal(detail.status, 200);
    assert.match(detail.html, /Trukket tilbake[\s\S]*trakk tilbake forespørselen/);
    assert.match((await browser.open('/consents?show=ended')).html, /Trukket tilbake/);
    assert.match((await browser.open('/inbox')).html, /trukket tilbake av den som spurte/);
  });
});

describe('a consent that its receiver renounces', () => {
  it('is Revoked with the reason, draws nothing, and the giver hears of it', async () => {
    const [to, from] = [await newOrganization(), await newPerson()];
    const id = await ask(from, to);
    await approve(id, from);
    for (let time = 0; time < 2; time += 1) assert.equal((await end(id, to)).status, 204);
    const details = await detailsOf(id, to);
    assert.deepEqual(
      [details.status, details.effectiveStatus, details.consentReason],
      ['Revoked', 'Revoked', 'receiver'],
    );
    const last = details.consentRequestEvents.at(-1);
    assert.deepEqual([last.eventType, last.reason], ['Revoked', 'receiver']);
    assert.deepEqual(await feedOf(id, to, 'revoked'), ['Revoked']);
    const refused = (await exchange(await newClient(to), consentDetail(id, from))).body;
    assert.deepEqual([refused.consent_error, refused.consent_reason], ['AM-00011', 'receiver']);
    assert.ok((await noticesOf(id, from)).includes('consent_renounced'));
    const browser = await loggedIn(from, `/consents/${id}`);
    assert.match(browser.page.html, /har sagt fra seg det som var gitt/);
    assert.match((await browser.open('/inbox')).html, /har sagt fra seg et samtykke/);
  });

  it('is one that was approved: others are AM-00010', async () => {
    const [to, from] = [await newOrganization(), await newPerson()];
    const [no, gone] = [await ask(from, to), await ask(from, to)];
    await reject(no, from);
    await approve(gone, from);
    await withdraw(gone, from);
    const refused = async (id: string) => {
      const answer = await end(id, to);
      assert.deepEqual([answer.status, answer.body.code], [400, 'AM-00010'], answer.text);
    };
    for (const id of [no, gone]) await refused(id);
    const soon = { validTo: new Date(Date.now() + 3_600_000).toISOString() };
    const [late, over] = [await ask(from, to, soon), await ask(from, to, soon)];
    await approve(over, from);
    await at(2 * 3_600_000, async () => {
      for (const id of [late, over]) await refused(id);
    });
  });

  it("is the asker's, or whose it is to handle: another's is AM-00000, none is AM-00001", async () => {
    const [to, stranger, from] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    const id = await ask(from, to);
    assert.deepEqual((await end(id, stranger)).body.code, 'AM-00000');
    const none = '01234567-89ab-7def-8123-456789abcdef';
    assert.deepEqual((await end(none, to)).body.code, 'AM-00001');
    assert.equal((await end(id, to, READ)).status, 403);
    assert.equal((await detailsOf(id, to)).status, 'Created');
  });

  it('ends once, also while the person answers and it is ended six times', async () => {
    const [to, from] = [await newOrganization(), await newPerson()];
    for (let round = 0; round < 16; round += 1) {
      const id = await ask(from, to);
      const [yes, ...ends] = await Promise.all([
        approve(id, from),
        ...Array.from({ length: 6 }, () => end(id, to)),
      ]);
      for (const one of ends) assert.equal(one.status, 204, one.text);
      const { status, consentRequestEvents: events } = await detailsOf(id, to);
      const types = events.map((event: { eventType: string }) => event.eventType).sort();
      if (yes!.status === 200)
        assert.deepEqual([status, types], ['Revoked', ['Accepted', 'Created', 'Revoked']]);
      else assert.deepEqual([status, types], ['Deleted', ['Created', 'Deleted']]);
    }
  });

  // The embedded database serves one at a time: there is nobody in between.
  if (process.env.TEST_DATABASE_URL)
    it('is 204 though it is approved, and renounced by another call, while one is on its way', async () => {
      const [to, from] = [await newOrganization(), await newPerson()];
      const id = await ask(from, to);
      const other = () => end(id, to);
      const ended = await justBefore(
        'take_back_consent',
        () => approve(id, from),
        () => justBefore('renounce_consent', other, () => end(id, to)),
      );
      assert.equal(ended.status, 204, ended.text);
      const { status, consentReason, consentRequestEvents } = await detailsOf(id, to);
      assert.deepEqual(
        [status, consentReason, consentRequestEvents.length],
        ['Revoked', 'receiver', 3],
      );
    });
});
