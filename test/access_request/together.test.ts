// A power of attorney that all parents must give: it waits for the others, nothing holds before the
// last yes, and a no is a no for all.
import assert from 'node:assert/strict';
import { fallRequests } from '../../server/access_request/fall.ts';
import { monthsFrom } from '../../server/party/day_model.ts';
import { actAlone } from '../../server/platform/act.ts';
import { born, endRole } from '../support/oauth/given.ts';
import { heading, loggedIn, mainText, press } from '../support/pages/browser.ts';
import { countNotices, refused, send } from '../support/rights/enduser.ts';
import { can, decide, newMandate, newResource } from '../support/rights/rights.ts';
import {
  at,
  call,
  importThis,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  world,
  type TestParty,
} from '../support/world.ts';

const MANAGER = 'innbygger-tilgangsstyring-privatperson';
interface Family {
  child: TestParty;
  one: TestParty;
  other: TestParty;
  aunt: TestParty;
}

describe('a power of attorney that all parents must give', () => {
  let resource: string;
  before(async () => {
    resource = await newResource([can('read', 'privatperson', 'foreldreansvar')], {
      decidesFrom: 16,
      parentUntil: 18,
      parents: 'all',
      title: { nb: 'Prøvejournalen', nn: 'Prøvejournalen', en: 'The trial record' },
    });
  });
  const parentOf = async (child: TestParty, parent: TestParty) => {
    await newRole('foreldreansvar', child, parent);
    await newMandate(child, parent, { package: MANAGER });
  };
  const family = async (): Promise<Family> => {
    const [child, one, other, aunt] = [
      await newPerson('Lise Barn'),
      await newPerson('Mona Mor'),
      await newPerson('Frank Far'),
      await newPerson('Tante Sofie'),
    ];
    await putParty(child, { bornOn: born(9) });
    for (const parent of [one, other]) await parentOf(child, parent);
    // What is given to her waits for no yes of hers.
    await newMandate(aunt, child, { package: 'innbygger-samliv' });
    return { child, one, other, aunt };
  };
  /** A parent gives it on the pages; with the id of what waits, where it does. */
  const offer = async (parent: TestParty, { child, aunt }: Family, fields: object = {}) => {
    const browser = await loggedIn(parent, `/give/terms?party=${child.id}&resource=${resource}`);
    const check = await browser.submit(
      {
        ...{ number: aunt.number, lastName: lastName(aunt), long: 'half', action: 'read' },
        ...fields,
      },
      undefined,
      { to: /terms/ },
    );
    assert.match(
      mainText(check.html),
      /gjelder først når alle som har foreldreansvar, har sagt ja/,
    );
    const page = await press(browser, /give\/check/);
    const id = /\/requests\/([0-9a-f-]{36})/.exec(page.url.pathname)?.[1] ?? '';
    return { browser, page, id };
  };
  const answer = async (who: TestParty, { child }: Family, id: string, how = 'approve') =>
    send(who, 'PUT', `/request/received/${how}`, { party: child.id, id });
  const holds = ({ child, aunt }: Family) => decide(aunt, 'read', resource, child);

  it('waits in the other’s inbox, and holds with the last yes', async () => {
    const all = await family();
    const { page, id } = await offer(all.one, all);
    assert.match(mainText(page.html), /Du har sagt ja\. De andre som må si ja, har fått beskjed/);
    assert.notEqual(await holds(all), 'Permit');
    assert.equal(await countNotices(all.other, 'right_awaits'), 1);
    const inbox = await loggedIn(all.other, '/inbox');
    assert.match(mainText(inbox.page.html), /venter på at du sier ja eller nei/);
    const asked = await inbox.open(`/requests/${id}?party=${all.child.id}`);
    assert.match(mainText(asked.html), /Mona Mor har sagt ja/);
    const given = await press(inbox, /approve/);
    assert.match(mainText(given.html), /Alle har sagt ja/);
    assert.equal(await holds(all), 'Permit');
  });

  it('that was asked for without an end holds for five years at most', async () => {
    const { child, one, other, aunt } = await family();
    await newMandate(child, aunt, { package: 'innbygger-skatteforhold-privatpersoner' });
    const asked = { party: aunt.id, to: child.id, resource };
    const { id } = (await send(aunt, 'POST', '/request/resource', asked)).body;
    for (const parent of [one, other]) {
      const browser = await loggedIn(parent, `/requests/${id}?party=${child.id}`);
      assert.match(mainText(browser.page.html), /høyst fem år om gangen/);
      await press(browser, /approve/, { action: 'read' });
    }
    const { rows } = await world.database.db.raw(
      'select valid_to from mandate where to_party = ? and resource_id = ?',
      [aunt.id, resource],
    );
    assert.deepEqual(rows[0]?.valid_to, monthsFrom(new Date(), 60));
  });

  it('is given by JSON by the last, on the terms that were looked over', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    const said = await answer(all.other, all, id);
    assert.deepEqual([said.status, said.body.status], [200, 'Approved'], said.text);
    const { rows } = await world.database.db.raw(
      "select may_pass_on, given_by, valid_to from mandate where from_party = ? and to_party = ? and basis = 'delegation'",
      [all.child.id, all.aunt.id],
    );
    assert.deepEqual(
      [rows.length, rows[0].may_pass_on, rows[0].given_by],
      [1, false, all.other.id],
    );
    assert.ok(rows[0].valid_to > new Date());
  });

  it('is not given by the same parent twice', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    const again = await answer(all.one, all, id);
    assert.deepEqual([again.body.status, again.body.awaiting], ['Pending', true]);
    const second = await offer(all.one, all);
    assert.equal(second.id, id);
    assert.notEqual(await holds(all), 'Permit');
  });

  it('is refused for all by one no', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    assert.equal((await answer(all.other, all, id, 'reject')).body.status, 'Rejected');
    assert.equal(await countNotices(all.one, 'right_offer_answered'), 1);
    const page = await loggedIn(all.one, `/requests/${id}?party=${all.child.id}&refused`);
    assert.match(mainText(page.page.html), /Svaret er nei\. Fullmakten blir ikke gitt\./);
    refused(await answer(all.other, all, id), 'AM.VLD-00036');
    assert.notEqual(await holds(all), 'Permit');
  });

  it('is taken back by who said yes, and by nobody else', async () => {
    const all = await family();
    const { id, browser } = await offer(all.one, all);
    refused(await answer(all.other, all, id, 'takeback'), 'AM.VLD-00036');
    const page = await press(browser, /take-back/);
    assert.match(mainText(page.html), /Du har tatt tilbake ja/);
    refused(await answer(all.other, all, id), 'AM.VLD-00036');
    assert.notEqual(await holds(all), 'Permit');
  });

  it('is not the receiver’s to see before it is given, nor a stranger’s', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    for (const who of [all.aunt, await newPerson()]) {
      const browser = await loggedIn(who, `/requests/${id}`);
      assert.equal(browser.page.status, 404);
      const { body } = await send(who, 'GET', '/request', { party: who.id, id });
      assert.equal(body.code, 'AM-00031');
    }
    const listed = await send(all.aunt, 'GET', '/request/sent', { party: all.aunt.id });
    assert.deepEqual(listed.body.data, []);
    assert.equal(await countNotices(all.aunt, 'right_asked'), 0);
    const log = await call('GET', '/access/v1/log/events', await personToken(all.aunt));
    assert.ok(!log.text.includes(id) && !log.text.includes('Mona'), log.text);
    const overview = await loggedIn(all.aunt, '/overview?show=waiting');
    assert.match(mainText(overview.page.html), /Forespørsler om fullmakt \(0\)/);
    const { rows } = await world.database.db.raw(
      'select reference from access_request where id = ?',
      [id],
    );
    const found = await overview.open(`/overview?q=${rows[0].reference}`);
    assert.ok(!found.url.href.includes(id));
    // Asking for the same is a request of the receiver's own.
    const asked = await send(all.aunt, 'POST', '/request/resource', {
      party: all.aunt.id,
      to: all.child.id,
      resource,
    });
    assert.notEqual(asked.body?.id, id);
  });

  it('is refused by a parent alone, not by the child or whom one parent has let give', async () => {
    const all = await family();
    const friend = await newPerson('Venn Venninne');
    await newMandate(all.child, friend, { package: MANAGER });
    const { id } = await offer(all.one, all);
    for (const who of [friend, all.child]) {
      assert.equal((await answer(who, all, id)).status, 403);
      refused(await answer(who, all, id, 'reject'), 'AM-00028');
      const page = await loggedIn(who, `/requests/${id}?party=${all.child.id}`);
      assert.doesNotMatch(page.page.html, /\/(approve|reject)\?/);
    }
    assert.equal((await answer(all.other, all, id)).body.status, 'Approved');
  });

  it('is not given alone by whom one parent has let give', async () => {
    const all = await family();
    const friend = await newPerson('Venn Venninne');
    await newMandate(all.child, friend, { package: MANAGER });
    const { status, body } = await call('POST', '/access/v1/mandates', await personToken(friend), {
      ...{ from: all.child.id, to: all.aunt.number, lastName: 'Sofie' },
      ...{ resource, actions: ['read'] },
    });
    assert.deepEqual([status, body.reason], [403, 'parents_all']);
  });

  it('is not offered in favour of a parent, nor where it is given already', async () => {
    const all = await family();
    const favour = await loggedIn(
      all.one,
      `/give/terms?party=${all.child.id}&resource=${resource}`,
    );
    const fields = { number: all.other.number, lastName: 'Far', long: 'half', action: 'read' };
    await favour.submit(fields, undefined, { to: /terms/ });
    assert.equal((await press(favour, /give\/check/)).status, 403);
    const { id, browser } = await offer(all.one, all);
    assert.equal((await answer(all.other, all, id)).body.status, 'Approved');
    const again = await offer(all.one, all, { long: 'year' }).catch((error: Error) => error);
    assert.ok(again instanceof Error || again.page.status === 409);
    // The old form leads to what was given.
    await browser.open(`/requests/${id}?party=${all.child.id}`);
    const { rows } = await world.database.db.raw(
      "select 1 from access_request where from_party = ? and state = 'pending'",
      [all.child.id],
    );
    assert.equal(rows.length, 0);
  });

  it('is said anew when a month has passed, and then counts', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    await world.database.db.raw(
      "update access_request_yes set at = at - interval '31 days' where request_id = ?",
      [id],
    );
    const page = await loggedIn(all.one, `/requests/${id}?party=${all.child.id}&said`);
    assert.doesNotMatch(mainText(page.page.html), /Du har sagt ja/);
    assert.equal((await answer(all.one, all, id)).body.awaiting, true);
    await fallRequests(actAlone(world.database.db));
    assert.equal((await answer(all.other, all, id)).body.status, 'Approved');
  });

  it('counts no yes of one who is no parent any more', async () => {
    const all = await family();
    const third = await newPerson('Tredje Forelder');
    await parentOf(all.child, third);
    const { id } = await offer(all.one, all);
    await endRole('foreldreansvar', all.child, all.one);
    assert.equal((await answer(all.other, all, id)).body.status, 'Pending');
    assert.equal((await answer(third, all, id)).body.status, 'Approved');
    assert.equal(await holds(all), 'Permit');
  });

  it('is not given in favour of what any of them leads', async () => {
    const all = await family();
    const firm = await newOrganization('Eget AS', { mayAsk: false });
    const { id } = await offer(
      all.one,
      { ...all, aunt: firm as TestParty },
      {
        number: firm.number,
        lastName: '',
      },
    );
    await newRole('dagl', firm, all.one);
    // What one parent could not give, none gives.
    const { status, body } = await answer(all.other, all, id);
    assert.deepEqual([status, body.reason], [403, 'own_favour']);
    assert.notEqual(await decide(firm, 'read', resource, all.child), 'Permit');
  });

  it('counts no yes of a parent whose capacity a court has taken since', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    await importThis({ incapacities: [{ party: all.one.number }] });
    assert.equal((await answer(all.other, all, id)).body.status, 'Pending');
    assert.equal(await countNotices(all.one, 'right_yes_fell'), 1);
    assert.notEqual(await holds(all), 'Permit');
  });

  it('reminds those who have not answered, a week after the first yes and once more', async () => {
    const all = await family();
    await offer(all.one, all);
    const sent = async () => {
      await world.work.tend();
      return [
        await countNotices(all.one, 'right_reminder'),
        await countNotices(all.other, 'right_reminder'),
      ];
    };
    for (const [days, count] of [
      [6, 0],
      [8, 1],
      [13, 1],
      [15, 2],
      [25, 2],
    ] as const)
      await at(days * 86_400_000, async () =>
        assert.deepEqual(await sent(), [0, count], `day ${days}`),
      );
    const inbox = await loggedIn(all.other, '/inbox');
    assert.match(mainText(inbox.page.html), /venter fremdeles på at du sier ja eller nei/);
  });

  it('waits a month, after which the yes stands no more', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    await world.database.db.raw(
      "update access_request_yes set at = at - interval '31 days' where request_id = ?",
      [id],
    );
    assert.equal((await answer(all.other, all, id)).body.status, 'Pending');
    assert.notEqual(await holds(all), 'Permit');
    // Nor does an offer wait that nobody stands by.
    await world.database.db.raw(
      "update access_request_yes set at = at - interval '31 days' where request_id = ?",
      [id],
    );
    await fallRequests(actAlone(world.database.db));
    refused(await answer(all.one, all, id), 'AM.VLD-00036');
  });

  it('is given once by two last yeses at once, and by neither too early', async () => {
    const all = await family();
    const third = await newPerson('Tredje Forelder');
    await parentOf(all.child, third);
    const { id } = await offer(all.one, all);
    const both = await Promise.all([answer(all.other, all, id), answer(third, all, id)]);
    assert.deepEqual(both.map(({ body }) => body.status).sort(), ['Approved', 'Pending']);
    assert.equal(await holds(all), 'Permit');
  });

  it('is given so too where the receiver has asked for it', async () => {
    const all = await family();
    await newMandate(all.child, all.aunt, { package: 'innbygger-skatteforhold-privatpersoner' });
    const asked = await send(all.aunt, 'POST', '/request/resource', {
      party: all.aunt.id,
      to: all.child.id,
      resource,
    });
    assert.equal(asked.status, 201, asked.text);
    const { id } = asked.body;
    assert.equal((await answer(all.one, all, id)).body.status, 'Pending');
    const seen = await send(all.aunt, 'GET', '/request', { party: all.aunt.id, id });
    assert.ok(!seen.text.includes('Mona'));
    assert.equal((await answer(all.other, all, id)).body.status, 'Approved');
    assert.equal(await holds(all), 'Permit');
  });

  it('is one parent’s where there is one, and refused by the door that knows no waiting', async () => {
    const all = await family();
    const path = '/access/v1/mandates';
    const gift = {
      from: all.child.id,
      to: all.aunt.number,
      lastName: 'Sofie',
      resource,
      actions: ['read'],
    };
    const together = await call('POST', path, await personToken(all.one), gift);
    assert.deepEqual([together.status, together.body.reason], [403, 'parents_all'], together.text);
    await endRole('foreldreansvar', all.child, all.other);
    assert.equal((await call('POST', path, await personToken(all.one), gift)).status, 201);
  });

  it('may be a package too', async () => {
    const code = 'provepakke-begge';
    const name = { nb: 'Prøvepakken', nn: 'Prøvepakken', en: 'The trial package' };
    await importThis({
      packages: [
        {
          ...{ code, area: 'helse_og_omsorg', forKind: 'person', name, description: name },
          ...{ decidesFrom: 16, parentUntil: 18, parents: 'all' },
        },
      ],
      rolePackages: [{ role: 'foreldreansvar', packages: [code], give: true }],
    });
    const { child, one, other, aunt } = await family();
    const gift = { from: child.id, to: aunt.number, lastName: lastName(aunt), package: code };
    const give = async () => call('POST', '/access/v1/mandates', await personToken(one), gift);
    const { status, body } = await give();
    assert.deepEqual([status, body.reason], [403, 'parents_all']);
    await endRole('foreldreansvar', child, other);
    assert.equal((await give()).status, 201);
  });

  it('is offered on other terms once the first has been answered', async () => {
    const all = await family();
    const { id } = await offer(all.one, all);
    const browser = await loggedIn(
      all.other,
      `/give/terms?party=${all.child.id}&resource=${resource}`,
    );
    await browser.submit(
      { number: all.aunt.number, lastName: lastName(all.aunt), long: 'year', action: 'read' },
      undefined,
      { to: /terms/ },
    );
    const page = await press(browser, /give\/check/);
    assert.equal(page.status, 409);
    assert.ok(id && heading(page));
    assert.notEqual(await holds(all), 'Permit');
  });
});
