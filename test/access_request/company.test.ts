// A power of attorney of which the catalogue says that several offices of a company say yes to it:
// given by one who may give it, with the yes of these, and by nobody alone.
import assert from 'node:assert/strict';
import { born, endRole } from '../support/oauth/given.ts';
import { loggedIn, mainText, press } from '../support/pages/browser.ts';
import { refused, send } from '../support/rights/enduser.ts';
import { can, decide, newMandate, newResource, OWNER } from '../support/rights/rights.ts';
import { newBoard, type Board } from '../support/together.ts';
import { whileAccessRequestHeld } from '../support/held.ts';
import {
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
      assert.match(mainText(check.html), /gjelder først når disse har sagt ja: .*[Ll]eder/);
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
    const notices = async (who: TestParty, type: string) => {
      const { body } = await call('GET', '/access/v1/notices', await personToken(who));
      return body.data.filter((one: { type: string }) => one.type === type).length;
    };

    it('waits for those, who are notified, and holds with the last yes', async () => {
      const all = await newCompany();
      const { page, id } = await offer(all.boss, all);
      assert.match(mainText(page.html), /Du har sagt ja/);
      assert.notEqual(await holds(all), 'Permit');
      for (const one of [all.chair, all.member, all.other])
        assert.equal(await notices(one, 'right_awaits'), 1);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      const browser = await loggedIn(all.member, `/requests/${id}?party=${all.firm.id}`);
      assert.match(mainText(browser.page.html), /Dag Daglig og Kari Leder har sagt ja/);
      const given = await press(browser, /approve/);
      assert.match(mainText(given.html), /Fullmakten er gitt/);
      assert.equal(await holds(all), 'Permit');
      const { rows } = await world.database.db.raw(
        "select given_by from mandate where from_party = ? and to_party = ? and basis = 'delegation'",
        [all.firm.id, all.clerk.id],
      );
      assert.deepEqual(rows, [{ given_by: all.boss.id }]);
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
      assert.equal(await notices(all.boss, 'right_offer_answered'), 1);
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
      assert.equal(await notices(all.clerk, 'right_awaits'), 0);
      refused(await answer(all.clerk, all, id), 'AM-00031');
      assert.notEqual(await holds(all), 'Permit');
    });

    it('counts no yes of an office that was left, nor of who may give it no more', async () => {
      const all = await newCompany();
      const { id } = await offer(all.boss, all);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      await endRole('lede', all.firm, all.chair);
      assert.equal((await answer(all.member, all, id)).body.status, 'Pending');
      assert.equal(await notices(all.chair, 'right_yes_fell'), 1);
      const next = await newPerson('Ny Leder');
      await newRole('lede', all.firm, next);
      await endRole('dagl', all.firm, all.boss);
      assert.equal((await answer(next, all, id)).body.status, 'Pending');
      assert.equal(await notices(all.boss, 'right_yes_fell'), 1);
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
      assert.equal(await notices(one, 'right_awaits'), 1);
      assert.equal((await answer(all.chair, all, id)).body.status, 'Pending');
      assert.equal((await answer(one, all, id)).body.status, 'Approved');
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
      assert.equal(await notices(all.clerk, 'right_answered'), 1);
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
