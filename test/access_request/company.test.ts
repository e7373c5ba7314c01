// A power of attorney of which the catalogue says that several offices of a company say yes to it:
// given by one who may give it, with the yes of these, and by nobody alone.
import assert from 'node:assert/strict';
import { born, endRole } from '../support/oauth/given.ts';
import { loggedIn, mainText, press } from '../support/pages/browser.ts';
import { countNotices, refused, send } from '../support/rights/enduser.ts';
import { can, decide, newMandate, newResource, OWNER } from '../support/rights/rights.ts';
import { newBoard, type Board } from '../support/together.ts';
import { whileAccessRequestHeld } from '../support/held.ts';
import {
  call,
  inDays,
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

const CHAIR_AND_MEMBER = [
  { subjects: ['lede'], count: 1 },
  { subjects: ['medl'], count: 1 },
];

interface Company extends Board {
  /** Gives for the company, and sits in no board. */
  boss: TestParty;
  clerk: TestParty;
}

const newCompany = async (): Promise<Company> => {
  const board = await newBoard();
  const [boss, clerk] = [await newPerson('Dag Daglig'), await newPerson('Klara Kontor')];
  await newRole('dagl', board.firm, boss);
  return { ...board, boss, clerk };
};

for (const kind of ['service', 'package'] as const)
  describe(`a ${kind} that several offices of a company give`, () => {
    let what: { resource: string } | { package: string };
    let resource: string;
    before(async () => {
      if (kind === 'service') {
        resource = await newResource([can('read', 'dagl')], {
          together: CHAIR_AND_MEMBER,
          minimumLevel: { person: 3, organization: 0 },
        });
        what = { resource };
        return;
      }
      const code = 'provepakke-sammen';
      const name = { nb: 'Prøvepakken', nn: 'Prøvepakken', en: 'The trial package' };
      await importThis({
        packages: [
          {
            ...{ code, area: 'skatt_avgift_regnskap_og_toll', forKind: 'organization' },
            ...{ name, description: name, together: CHAIR_AND_MEMBER },
          },
        ],
        rolePackages: [{ role: 'dagl', packages: [code], give: true }],
      });
      what = { package: code };
      resource = await newResource([can('read', `package:${code}`)]);
    });

    const gift = ({ firm, clerk }: Company) => ({
      ...{ from: firm.id, to: clerk.number, lastName: lastName(clerk), ...what },
      ...('resource' in what ? { actions: ['read'] } : {}),
    });
    const query = () => new URLSearchParams(what).toString();
    const offer = async (who: TestParty, { firm, clerk }: Company) => {
      const browser = await loggedIn(who, `/give/terms?party=${firm.id}&${query()}`);
      const fields = { number: clerk.number, lastName: lastName(clerk), long: 'half' };
      const check = await browser.submit(
        { ...fields, ...(kind === 'service' ? { action: 'read' } : {}) },
        undefined,
        { to: /terms/ },
      );
      const text = mainText(check.html);
      assert.match(
        text,
        /ikke gitt ennå\. Fullmakten gjelder først når disse har sagt ja: .*leder/,
      );
      assert.doesNotMatch(text, /gjelder fra du trykker/);
      const page = await press(browser, /give\/check/);
      return {
        browser,
        page,
        id: /\/requests\/([0-9a-f-]{36})/.exec(page.url.pathname)?.[1] ?? '',
      };
    };
    const answer = async (who: TestParty, { firm }: Company, id: string, how = 'approve') =>
      send(who, 'PUT', `/request/received/${how}`, { party: firm.id, id });
    const holds = ({ firm, clerk }: Company) => decide(clerk, 'read', resource, firm);

    it('waits for those, who are notified, and holds with the last yes', async () => {
      const all = await newCompany();
      const { page, id } = await offer(all.boss, all);
      assert.match(mainText(page.html), /Du har sagt ja/);
      assert.notEqual(await holds(all), 'Permit');
      for (const one of [all.chair, all.member, all.other])
        assert.equal(await countNotices(one, 'right_awaits'), 1);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      const browser = await loggedIn(all.member, `/requests/${id}?party=${all.firm.id}`);
      assert.match(mainText(browser.page.html), /Dag Daglig og Kari Leder har sagt ja/);
      // The page of what the company has given is not this one's to open.
      assert.doesNotMatch(browser.page.html, /overview\/stop/);
      const given = await press(browser, /approve/);
      assert.match(mainText(given.html), /Alle har sagt ja/);
      assert.equal(await holds(all), 'Permit');
      const { rows } = await world.database.db.raw(
        "select given_by from mandate where from_party = ? and to_party = ? and basis = 'delegation'",
        [all.firm.id, all.clerk.id],
      );
      assert.deepEqual(rows, [{ given_by: all.boss.id }]);
    });

    it('is offered by JSON, by one who may give it', async () => {
      const all = await newCompany();
      const offerAs = async (who: TestParty, changes: object = {}) =>
        call('POST', '/access/v1/offers', await personToken(who), { ...gift(all), ...changes });
      for (const who of [all.chair, all.member, await newPerson()])
        refused(await offerAs(who), 'AM-00028');
      refused(await offerAs(all.boss, { validTo: '2020-01-01T00:00:00Z' }), 'AM.VLD-00022');
      const unknown = 'resource' in what ? { resource: 'finnes-ikke' } : { package: 'finnes-ikke' };
      const none = await offerAs(all.boss, unknown);
      assert.ok([400, 403, 404].includes(none.status), none.text);
      assert.equal(await countNotices(all.chair, 'right_awaits'), 0);
      const { status, body, text } = await offerAs(all.boss);
      assert.deepEqual([status, body.status, body.awaiting], [201, 'Pending', true], text);
      assert.equal((await offerAs(all.boss)).body.id, body.id);
      refused(await offerAs(all.boss, { mayPassOn: true }), 'TIL-00049');
      await answer(all.chair, all, body.id);
      assert.equal((await answer(all.member, all, body.id)).body.status, 'Approved');
      assert.equal(await holds(all), 'Permit');
      refused(await offerAs(all.boss), 'TIL-00026');
    });

    it('is not given alone, nor said to be, by any door', async () => {
      const all = await newCompany();
      const { status, body } = await call(
        'POST',
        '/access/v1/mandates',
        await personToken(all.boss),
        gift(all),
      );
      assert.deepEqual([status, body.reason], [403, 'together']);
      assert.notEqual(await holds(all), 'Permit');
    });

    it('holds neither by who may give it and one office, nor by the offices alone', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      assert.equal((await answer(all.member, all, id)).body.status, 'Pending');
      // Two members fill one place.
      assert.equal((await answer(all.other, all, id)).body.status, 'Pending');
      assert.notEqual(await holds(all), 'Permit');
      assert.equal((await answer(all.boss, all, id, 'takeback')).status, 200);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      assert.notEqual(await holds(all), 'Permit');
      assert.equal((await answer(all.boss, all, id)).body.status, 'Approved');
    });

    it('is a no for all by one who fills a place', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      assert.equal((await answer(all.member, all, id, 'reject')).body.status, 'Rejected');
      assert.equal(await countNotices(all.boss, 'right_offer_answered'), 1);
      refused(await answer(all.chair, all, id), 'AM.VLD-00036');
      assert.notEqual(await holds(all), 'Permit');
    });

    it('is seen and answered by nobody else', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      const auditor = await newPerson();
      await newRole('revi', all.firm, auditor);
      for (const who of [all.clerk, auditor, await newPerson()]) {
        const page = await loggedIn(who, `/requests/${id}?party=${all.firm.id}`);
        assert.equal(page.page.status, 404);
        for (const how of ['approve', 'reject'])
          refused(await answer(who, all, id, how), 'AM-00031');
      }
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
    });

    it('is not its receiver’s to say yes to, in an office too', async () => {
      const all = await newCompany();
      await newRole('medl', all.firm, all.clerk);
      const { id } = await offer(all.boss, all);
      assert.equal(await countNotices(all.clerk, 'right_awaits'), 0);
      refused(await answer(all.clerk, all, id), 'AM-00031');
      assert.notEqual(await holds(all), 'Permit');
    });

    it('counts no yes of an office that was left, nor of who may give it no more', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      await endRole('lede', all.firm, all.chair);
      assert.equal((await answer(all.member, all, id)).body.status, 'Pending');
      assert.equal(await countNotices(all.chair, 'right_yes_fell'), 1);
      const next = await newPerson('Ny Leder');
      await newRole('lede', all.firm, next);
      await endRole('dagl', all.firm, all.boss);
      assert.equal((await answer(next, all, id)).body.status, 'Pending');
      assert.equal(await countNotices(all.boss, 'right_yes_fell'), 1);
      assert.notEqual(await holds(all), 'Permit');
    });

    it('takes the login that giving it takes, of each', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      const low = await send(
        ...([all.member, 'PUT', '/request/received/approve'] as const),
        { party: all.firm.id, id },
        undefined,
        { 'urn:altinn:authlevel': 2 },
      );
      refused(low, 'TIL-00007');
      const no = await send(
        ...([all.member, 'PUT', '/request/received/reject'] as const),
        { party: all.firm.id, id },
        undefined,
        { 'urn:altinn:authlevel': 2 },
      );
      refused(no, 'TIL-00007');
      const { rows } = await world.database.db.raw(
        'select by_party from access_request_yes where request_id = ?',
        [id],
      );
      assert.deepEqual(rows, [{ by_party: all.boss.id }]);
    });

    it('is not a child’s office to fill, nor one’s whose capacity a court has taken', async () => {
      const all = await newCompany();
      await putParty(all.member, { bornOn: born(15) });
      await importThis({ incapacities: [{ party: all.other.number }] });
      const { id } = await offer(all.boss, all);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      for (const who of [all.member, all.other]) refused(await answer(who, all, id), 'AM-00031');
      assert.notEqual(await holds(all), 'Permit');
    });

    it('counts no yes of the dead, nor of a child who may also give it', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      await answer(all.chair, all, id);
      await putParty(all.chair, { endedAt: inDays(-1) });
      assert.equal((await answer(all.member, all, id)).body.status, 'Pending');
      const young = await newCompany();
      await newRole('lede', young.firm, young.boss);
      await putParty(young.boss, { bornOn: born(15) });
      const other = await offer(young.boss, young);
      assert.equal((await answer(young.member, young, other.id)).body.status, 'Pending');
      assert.notEqual(await holds(young), 'Permit');
    });

    it('is filled neither by a receiver who may give it, nor by who leads the receiver', async () => {
      const all = await newCompany();
      await newRole('lede', all.firm, all.boss);
      await newMandate(all.firm, all.boss, { package: 'toll' });
      const path = `/request/${kind === 'service' ? 'resource' : 'package'}`;
      const { body } = await send(all.boss, 'POST', path, {
        ...{ party: all.boss.id, to: all.firm.id, ...what },
      });
      for (const who of [all.boss, all.member])
        assert.equal((await answer(who, all, body.id)).body.status, 'Pending');
      const next = await newCompany();
      const led = await newOrganization('Leders Eget AS', { mayAsk: false });
      await newRole('dagl', led, next.member);
      const offered = await call('POST', '/access/v1/offers', await personToken(next.boss), {
        ...gift(next),
        to: led.number,
      });
      assert.equal(offered.body.status, 'Pending', offered.text);
      refused(await answer(next.member, next, offered.body.id), 'AM-00031');
    });

    it('is the trustee’s alone where the company is bankrupt, and no board’s', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      const trustee = await newPerson('Bo Bobestyrer');
      await newRole('bobe', all.firm, trustee);
      await putParty(all.firm, { estate: { on: inDays(-1).slice(0, 10), court: 'Oslo tingrett' } });
      refused(await answer(all.member, all, id), 'AM-00031');
      refused(await answer(all.member, all, id, 'reject'), 'AM-00031');
    });

    it('is filled by a person of a firm that holds the office, once for the firm', async () => {
      const all = await newCompany();
      const firm = await newOrganization('Leder AS', { mayAsk: false });
      const [one, two] = [await newPerson('Første Person'), await newPerson('Andre Person')];
      await newRole('dagl', firm, one);
      await newRole('lede', firm, two);
      await endRole('medl', all.firm, all.member);
      await endRole('medl', all.firm, all.other);
      await newRole('medl', all.firm, firm);
      const { id } = await offer(all.boss, all);
      assert.equal(await countNotices(one, 'right_awaits'), 1);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      assert.equal((await answer(one, all, id)).body.status, 'Approved');
    });

    it('is offered for no longer than who gives it may, and to nobody whom no yes would let have it', async () => {
      const all = await newCompany();
      const deputy = await newPerson('Vera Vara');
      const until = inDays(20);
      const given = 'resource' in what ? { ...what, actions: ['read'] } : what;
      for (const one of [given, { package: 'tilgangsstyrer' }])
        await newMandate(all.firm, deputy, { ...one, validTo: until });
      const late = await call('POST', '/access/v1/offers', await personToken(deputy), {
        ...gift(all),
        validTo: inDays(100),
      });
      refused(late, 'TIL-00022');
      assert.equal(await countNotices(all.chair, 'right_awaits'), 0);
    });

    it('says what is in the way to the last who says yes, and keeps no yes for nothing', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      await answer(all.chair, all, id);
      await newMandate(all.firm, all.clerk, {
        ...what,
        ...('resource' in what ? { actions: ['read'] } : {}),
        validTo: inDays(9),
      });
      const last = await answer(all.member, all, id);
      if (kind === 'package') refused(last, 'TIL-00026');
      const { rows } = await world.database.db.raw(
        'select count(*)::int as n from access_request_yes where request_id = ? and by_party = ?',
        [id, all.member.id],
      );
      assert.equal(rows[0].n, 0);
    });

    it('is read by who filled a place, as long as that one sits there, once it is answered', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      await answer(all.chair, all, id);
      await answer(all.member, all, id);
      const path = `/requests/${id}?party=${all.firm.id}`;
      const page = await loggedIn(all.other, path);
      assert.equal(page.page.status, 200);
      assert.doesNotMatch(page.page.html, /Se fullmakten|\/overview\/[0-9a-f-]{36}/);
      await endRole('medl', all.firm, all.other);
      assert.equal((await page.open(path)).status, 404);
      // One who waits and has left reads nothing more of it.
      const next = await newCompany();
      const waiting = await offer(next.boss, next);
      await answer(next.member, next, waiting.id);
      await endRole('medl', next.firm, next.member);
      const left = await loggedIn(next.member, `/requests/${waiting.id}?party=${next.firm.id}`);
      assert.equal(left.page.status, 404);
    });

    it('is asked of each once, whoever else says yes', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      await answer(all.chair, all, id);
      assert.equal(await countNotices(all.other, 'right_awaits'), 1);
    });

    it('is not passed on by who may pass it on', async () => {
      const all = await newCompany();
      const holder = await newPerson('Per Videre');
      await newMandate(all.firm, holder, {
        ...what,
        ...('resource' in what ? { actions: ['read'] } : {}),
        mayPassOn: true,
      });
      const { status, body } = await call(
        'POST',
        '/access/v1/mandates',
        await personToken(holder),
        gift(all),
      );
      assert.deepEqual([status, body.code], [403, 'AM-00028'], JSON.stringify(body));
      const page = await loggedIn(holder, `/give/terms?party=${all.firm.id}&${query()}`);
      assert.equal(page.page.status, 403);
    });

    it('is given where one asks for it by who may, and the others', async () => {
      const all = await newCompany();
      await newMandate(all.firm, all.clerk, { package: 'toll' });
      const path = `/request/${kind === 'service' ? 'resource' : 'package'}`;
      const asked = await send(all.clerk, 'POST', path, {
        ...{ party: all.clerk.id, to: all.firm.id, ...what },
      });
      assert.equal(asked.status, 201, asked.text);
      const { id } = asked.body;
      // Nobody who only fills a place answers first.
      refused(await answer(all.member, all, id), 'AM-00031');
      assert.equal((await answer(all.boss, all, id)).body.status, 'Pending');
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      assert.equal((await answer(all.member, all, id)).body.status, 'Approved');
      assert.equal(await holds(all), 'Permit');
      assert.equal(await countNotices(all.clerk, 'right_answered'), 1);
    });

    it('is given again, and narrowed, by one alone: nothing is added', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      await answer(all.chair, all, id);
      assert.equal((await answer(all.member, all, id)).body.status, 'Approved');
      const again = await call(
        'POST',
        '/access/v1/mandates',
        await personToken(all.boss),
        gift(all),
      );
      assert.deepEqual([again.status, again.body.changed], [200, false], again.text);
    });

    it('is widened by nobody alone', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      await answer(all.chair, all, id);
      assert.equal((await answer(all.member, all, id)).body.status, 'Approved');
      const { rows } = await world.database.db.raw(
        "select id from mandate where from_party = ? and to_party = ? and basis = 'delegation'",
        [all.firm.id, all.clerk.id],
      );
      const { status, body } = await call(
        'PATCH',
        `/access/v1/mandates/${rows[0].id}`,
        await personToken(all.boss),
        { validTo: null },
      );
      assert.deepEqual([status, body.reason], [403, 'together'], JSON.stringify(body));
    });

    // The embedded database has one connection: nobody waits for a row there.
    if (process.env.TEST_DATABASE_URL)
      it('is given once by two last yeses at once', async () => {
        const all = await newCompany();
        const { id } = await offer(all.boss, all);
        await answer(all.chair, all, id);
        const both = await whileAccessRequestHeld(id, 2, () =>
          Promise.all([all.member, all.other].map((who) => answer(who, all, id))),
        );
        assert.deepEqual(both.map(({ status }) => status).sort(), [200, 400]);
        assert.equal(await holds(all), 'Permit');
      });
  });

describe('places by which several give', () => {
  it('are offices, of two persons or more, of an organization', async () => {
    const name = { nb: 'Prøve', nn: 'Prøve', en: 'Trial' };
    for (const [together, why] of [
      [[{ subjects: ['lede'], count: 1 }], /together is of two persons or more/],
      [
        [{ subjects: ['package:toll', 'lede'], count: 2 }],
        /names roles and key roles, not package/,
      ],
      [[{ subjects: ['privatperson'], count: 2 }], /names roles and key roles, not self/],
      [[{ subjects: ['finnes-ikke'], count: 2 }], /the role finnes-ikke is not known/],
    ] as const) {
      const resource = {
        ...{ identifier: 'provetjeneste-sammen', owner: OWNER, title: name },
        ...{ resourceType: 'GenericAccessResource', rules: [can('read', 'dagl')], together },
      };
      await assert.rejects(importThis({ resources: [resource] }), why);
      const entry = { code: 'provepakke-feil', name, description: name, together };
      const area = { area: 'skatt_avgift_regnskap_og_toll', forKind: 'organization' };
      await assert.rejects(importThis({ packages: [{ ...entry, ...area }] }), why);
    }
    const forPerson = { area: 'helse_og_omsorg', forKind: 'person', together: CHAIR_AND_MEMBER };
    const person = { code: 'provepakke-feil', name, description: name, ...forPerson };
    await assert.rejects(
      importThis({ packages: [person] }),
      /together is for a package of organizations/,
    );
  });
});
