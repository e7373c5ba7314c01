// Narrowing a consent: rights taken out of it and an end brought nearer, by whoever may withdraw
// it, for good, and what everybody reads from then on.
import assert from 'node:assert/strict';
import { codes } from '../../support/asking.ts';
import {
  clientAuth,
  consentDetail,
  exchange,
  newClient,
  post,
} from '../../support/oauth/clients.ts';
import { heading, loggedIn, mainText, minutesUntil } from '../../support/pages/browser.ts';
import { answerYes, asked, named, narrow, titled } from '../../support/parts.ts';
import { endResource, newConsentResource, OWNER } from '../../support/rights/rights.ts';
import {
  API,
  ask,
  at,
  call,
  importThis,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  putParty,
  READ,
  REQUESTS,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

const DAY = 86_400_000;
describe('a consent that is narrowed', () => {
  let from: TestParty;
  let to: TestParty;
  let [needed, one, two]: string[] = [];
  before(async () => {
    [from, to] = [await newPerson('Smal Person'), await newOrganization('Smalbanken AS')];
    const rule = ['privatperson', 'dagl'];
    needed = await titled('Det nødvendige', {}, rule);
    one = await titled('Det første', {}, rule);
    two = await titled('Det andre', {}, rule);
  });

  const given = async (giver = from, by = giver, places = [1, 2]) => {
    const consentRights = [asked(needed!), asked(one!, true), asked(two!, true)];
    const id = await ask(giver, to, { consentRights, validTo: inDays(60) });
    const answered = await answerYes(id, by, { optionalRights: places });
    assert.equal(answered.status, 200, answered.text);
    return id;
  };
  const patch = (id: string, body: object, by = from) => narrow(id, body, by);
  const seen = async (id: string) =>
    (await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ))).body;

  it('says what holds at once, beside what was asked, to each who reads it', async () => {
    const id = await given();
    const client = await newClient(to);
    const { body: old } = await exchange(client, consentDetail(id, from));
    const before = await seen(id);
    const validTo = inDays(20);
    const { status, body } = await patch(id, { without: [1], validTo });
    assert.equal(status, 200);
    assert.deepEqual(named(body.approvedRights), [needed, two]);
    const now = await seen(id);
    assert.deepEqual(
      [now.consentRights, now.validTo, now.status, now.effectiveStatus],
      [before.consentRights, before.validTo, 'Accepted', 'Accepted'],
    );
    assert.deepEqual(named(now.approvedRights), [needed, two]);
    assert.equal(+new Date(now.approvedValidTo), +new Date(validTo));
    // The contract has no such event.
    assert.deepEqual(now.consentRequestEvents, before.consentRequestEvents);
    const found = (await lookUp(id, from, to)).body;
    assert.deepEqual(
      [named(found.consentRights), +new Date(found.validTo)],
      [[needed, two], +new Date(validTo)],
    );
    for (const token of [old, (await exchange(client, consentDetail(id, from))).body]) {
      const { body: told } = await post('/introspect', {
        ...(await clientAuth(client)),
        token: token.access_token,
      });
      assert.equal(told.active, true);
      const [detail] = told.authorization_details;
      assert.deepEqual(named(detail.consentRights), [needed, two]);
      assert.equal(+new Date(detail.validTo), +new Date(validTo));
    }
    const listed = await call('GET', `${API}/consent/active/${from.id}`, await personToken(from));
    const [row] = listed.body.filter((consent: { id: string }) => consent.id === id);
    assert.deepEqual(named(row.approvedRights), [needed, two]);
  });

  it('ends at the nearer end, in tokens too, and is over to everybody then', async () => {
    const id = await given();
    const client = await newClient(to);
    const soon = new Date(Date.now() + 60_000);
    assert.equal((await patch(id, { validTo: soon.toISOString() })).status, 200);
    const { body } = await exchange(client, consentDetail(id, from));
    assert.ok(body.expires_in <= 60);
    const { body: told } = await post('/introspect', {
      ...(await clientAuth(client)),
      token: body.access_token,
    });
    assert.ok(told.exp * 1000 <= +soon);
    await at(70_000, async () => {
      assert.equal(
        (await exchange(client, consentDetail(id, from))).body.consent_error,
        'AM-00013',
      );
      const { effectiveStatus, consentRequestEvents } = await seen(id);
      assert.equal(effectiveStatus, 'Expired');
      const { eventType, created } = consentRequestEvents.at(-1);
      assert.deepEqual([eventType, +new Date(created)], ['Expired', +soon]);
    });
  });

  it('is told to the owners of what is taken out, and of what stays, and stands in its history', async () => {
    const id = await given();
    await patch(id, { without: [2] });
    const token = await organizationToken(
      { number: OWNER } as TestParty,
      'altinn:authorization/authorize',
    );
    let after = '';
    const lines: { consent: string; type: string; resources: { id: string }[] }[] = [];
    for (let isMore = true; isMore; ) {
      const { body } = await call(
        'GET',
        `/access/v1/owner/events?limit=1000&cursor=${after}`,
        token,
      );
      lines.push(...body.data);
      after = body.cursor;
      isMore = body.links.next !== null;
    }
    const own = lines.filter(({ consent }) => consent === id);
    const ids = ({ resources }: (typeof lines)[0]) =>
      resources.map((resource) => resource.id).sort();
    assert.deepEqual(
      own.map((line) => [line.type, ids(line)]),
      [
        ['given', [needed, one, two].sort()],
        ['changed', [needed, one, two].sort()],
      ],
    );
    const { page } = await loggedIn(from, `/consents/${id}`);
    assert.match(mainText(page.html), /Samtykket til Smalbanken AS ble gjort mindre\./);
    assert.match(mainText(page.html), /Ikke tatt med Det andre/);
  });

  it('is the same again, and cannot be taken back', async () => {
    const id = await given();
    const validTo = inDays(20);
    assert.equal((await patch(id, { without: [1], validTo })).status, 200);
    const first = await seen(id);
    assert.equal((await patch(id, { without: [1], validTo })).status, 200);
    assert.deepEqual(await seen(id), first);
    const [{ count }] = (
      await world.database.db.raw(
        "select count(*) from event where consent_id = ? and type = 'changed'",
        [id],
      )
    ).rows;
    assert.equal(Number(count), 1);
    const wider = await patch(id, { validTo: inDays(21) });
    assert.deepEqual([wider.status, codes(wider)], [400, ['TIL.VLD-00014']]);
    assert.equal((await patch(id, { without: [] })).status, 200);
    assert.deepEqual(named((await seen(id)).approvedRights), [needed, two]);
  });

  it('is refused for what is needed, what is none, what would leave nothing, and ends that are no nearer', async () => {
    const id = await given();
    for (const [body, code, path] of [
      [{}, 'STD.VLD-00000', '/without'],
      [{ without: [0] }, 'TIL.VLD-00001', '/without/0'],
      [{ without: [1, 3] }, 'TIL.VLD-00001', '/without/1'],
      [{ validTo: inDays(-1) }, 'AM.VLD-00022', '/validTo'],
      [{ validTo: inDays(61) }, 'TIL.VLD-00014', '/validTo'],
    ] as const) {
      const refused = await patch(id, body);
      assert.deepEqual([refused.status, codes(refused)], [400, [code]], JSON.stringify(body));
      assert.deepEqual(refused.body.validationErrors[0].paths, [path]);
    }
    assert.equal((await patch(id, { without: ['1'] })).status, 400);
    const all = await ask(from, to, { consentRights: [asked(one!, true), asked(two!, true)] });
    await answerYes(all, from, { optionalRights: [0, 1] });
    const none = await patch(all, { without: [0, 1] });
    assert.deepEqual(codes(none), ['TIL.VLD-00013']);
    assert.deepEqual(named((await seen(all)).approvedRights), [one, two]);
  });

  it('leaves something, of two who each take another half at the same moment', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const all = await ask(from, to, { consentRights: [asked(one!, true), asked(two!, true)] });
      await answerYes(all, from, { optionalRights: [0, 1] });
      const both = await Promise.all([patch(all, { without: [0] }), patch(all, { without: [1] })]);
      assert.deepEqual(both.map(({ status }) => status).sort(), [200, 400]);
      assert.equal((await seen(all)).approvedRights.length, 1);
    }
  });

  it('is for whoever may withdraw it, and nobody hears of one that is not theirs', async () => {
    const [firm, director, stranger] = [
      await newOrganization('Smalt Firma AS'),
      await newPerson('Daglig Person'),
      await newPerson(),
    ];
    await newRole('dagl', firm, director);
    const id = await given(firm, director);
    const refused = await patch(id, { without: [1] }, stranger);
    assert.deepEqual([refused.status, refused.body.code], [404, 'AM-00001']);
    const missing = await patch('00000000-0000-4000-8000-000000000000', { without: [1] }, stranger);
    assert.deepEqual([missing.status, missing.body.code], [404, 'AM-00001']);
    assert.equal((await patch(id, { without: [1] }, director)).status, 200);
    const bank = await call(
      'PATCH',
      `/access/v1/consents/${id}`,
      await organizationToken(to, READ),
      { without: [2] },
    );
    assert.equal(bank.status, 403);
  });

  it('is refused of one that waits, was refused or has ended', async () => {
    const waits = await ask(from, to, { consentRights: [asked(needed!), asked(one!, true)] });
    const over = await given();
    await withdraw(over, from);
    for (const id of [waits, over]) {
      const { status, body } = await patch(id, { without: [1] });
      assert.deepEqual([status, body.code], [400, 'AM-00010']);
    }
  });

  it('goes on when a service that was taken out of it ends', async () => {
    const gone = await titled('Snart borte');
    const id = await ask(from, to, { consentRights: [asked(needed!), asked(gone, true)] });
    await answerYes(id, from, { optionalRights: [1] });
    await patch(id, { without: [1] });
    await endResource(gone);
    assert.equal((await seen(id)).effectiveStatus, 'Accepted');
  });

  it('shows nothing of a change to one who answered for a giver with a protected address', async () => {
    const [child, parent] = [await newPerson('Vernet Barn'), await newPerson('Mor Person')];
    await putParty(child, { bornOn: '2010-03-01' });
    await newRole('foreldreansvar', child, parent);
    const consented = {
      consentTextAbout: { nb: 'a', nn: 'a', en: 'a' },
      decidesFrom: 15,
      parentUntil: 18,
    };
    const shared = await newConsentResource(['privatperson', 'foreldreansvar'], consented);
    const extra = await newConsentResource(['privatperson', 'foreldreansvar'], consented);
    const id = await ask(child, to, { consentRights: [asked(shared), asked(extra, true)] });
    await answerYes(id, parent, { optionalRights: [1] });
    await putParty(child, { bornOn: '2010-03-01', protectedAddress: true });
    const read = async () =>
      (await call('GET', `${API}/consent/${id}`, await personToken(parent))).body;
    const before = await read();
    assert.equal((await patch(id, { without: [1] }, child)).status, 200);
    assert.deepEqual(await read(), before);
    const { page } = await loggedIn(parent, `/consents/${id}`);
    assert.doesNotMatch(mainText(page.html), /gjort mindre/);
    const { text } = await call('GET', '/access/v1/notices', await personToken(parent));
    assert.doesNotMatch(text, /consent_narrowed/);
  });

  describe('on its page', () => {
    const open = async (id: string) => loggedIn(from, `/consents/${id}/narrow`);
    const day = (days: number) =>
      new Intl.DateTimeFormat('nb-NO', { timeZone: 'Europe/Oslo', dateStyle: 'short' }).format(
        new Date(Date.now() + days * DAY),
      );

    it('takes out what was ticked, brings the end nearer, and says so', async () => {
      const id = await given();
      const browser = await open(id);
      assert.equal(/\schecked/.test(browser.page.html), false);
      const page = await browser.submit({ without: '1', date: day(10) });
      assert.match(mainText(page.html), /Samtykket er endret\./);
      // Its words are of what is left.
      const titles = [...page.html.matchAll(/<h3[^>]*>([^<]*)<\/h3>/g)].map(([, title]) => title);
      assert.ok(titles.includes('Det andre') && !titles.includes('Det første'));
      const { approvedRights, approvedValidTo } = await seen(id);
      assert.deepEqual(named(approvedRights), [needed, two]);
      assert.ok(+new Date(approvedValidTo) < Date.now() + 12 * DAY);
    });

    it('says until when a token that is out goes on, though its API checks its status', async () => {
      const { number: owner } = await newOrganization();
      const identifier = `https://${owner}.example`;
      await importThis({
        resourceServers: [{ identifier, owner, scopes: [], checksStatus: true }],
      });
      const [kept, gone] = [await titled('En', { owner }), await titled('To', { owner })];
      const id = await ask(from, to, { consentRights: [asked(kept), asked(gone, true)] });
      assert.equal((await answerYes(id, from, { optionalRights: [1] })).status, 200);
      await exchange(await newClient(to), consentDetail(id, from));
      const page = await (await open(id)).submit({ without: '1' });
      assert.match(mainText(page.html), /kan virke som før til kl\. \d/);
      assert.ok(minutesUntil(page.html) > 5);
    });

    it('keeps what was typed, with a word for what is wrong', async () => {
      const id = await given();
      for (const [typed, words] of [
        [{}, /Kryss av for det du vil ta bort/],
        [{ without: '1', date: '32.13.2026' }, /dag/],
        [{ without: '1', date: day(70) }, /Skriv en dag som er før slutten/],
        [{ without: '1', date: day(-3) }, /dag/],
      ] as const) {
        const page = await (await open(id)).submit({ ...typed });
        assert.equal(page.status, 422);
        assert.match(mainText(page.html), words);
        if ('without' in typed) assert.match(page.html, /id="without-1" value="1" checked/);
        const [, field] = /<ul class="ds-list">\s*<li><a class="ds-link" href="#([\w-]+)"/.exec(
          page.html,
        )!;
        assert.ok(page.html.includes(`id="${field}"`));
      }
      const all = await ask(from, to, { consentRights: [asked(one!, true)] });
      await answerYes(all, from, { optionalRights: [0] });
      const page = await (await open(all)).submit({ without: '0' });
      assert.match(mainText(page.html), /Da blir ingenting igjen/);
      assert.deepEqual(named((await seen(id)).approvedRights), [needed, one, two]);
    });

    it('is not there for a stranger, nor for what waits', async () => {
      const id = await given();
      const stranger = await loggedIn(await newPerson(), `/consents/${id}/narrow`);
      assert.equal(stranger.page.status, 404);
      const waits = await ask(from, to, {});
      const { page } = await open(waits);
      assert.equal(page.url.pathname, `/consents/${waits}`);
      assert.notEqual(heading(page), '');
    });
  });
});
