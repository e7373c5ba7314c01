// Who answers about a child, by the ages of the law.
import assert from 'node:assert/strict';
import { newConsentResource, newMandate, rightTo } from '../../support/rights/rights.ts';
import {
  API,
  approve,
  ask,
  call,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';
import { born } from '../../support/oauth/given.ts';
import { loggedIn } from '../../support/pages/browser.ts';

describe('an answer about a child', () => {
  let resource: string;
  let to: TestParty;
  before(async () => {
    to = await newOrganization();
    resource = await newConsentResource(['privatperson', 'foreldreansvar'], {
      decidesFrom: 15,
      parentUntil: 17,
    });
  });

  it('of its own is read by parents, whom its services show it, though they cannot answer; and they hear of it', async () => {
    const [one, parent, other] = [await newPerson(), await newPerson(), await newPerson()];
    await putParty(one, { bornOn: born(14) });
    await newRole('foreldreansvar', one, parent);
    const own = { decidesFrom: 13, parentsSee: true };
    const shared = await newConsentResource(['privatperson'], own);
    const id = await ask(one, to, rightTo(shared));
    assert.equal((await approve(id, one)).status, 200);
    const page = await loggedIn(parent, `/consents/${id}`);
    assert.equal(page.page.status, 200);
    assert.doesNotMatch(page.page.html, /\/(withdraw|suspend)"/);
    const list = await page.open(`/consents?party=${one.id}`);
    assert.ok(list.html.includes(`/consents/${id}`));
    assert.equal((await withdraw(id, parent)).status, 403);
    const notices = await call('GET', '/access/v1/notices', await personToken(parent));
    assert.ok(notices.text.includes(id));
    assert.equal((await call('GET', `${API}/consent/${id}`, await personToken(other))).status, 403);
    // With an address that is protected, it is the child's alone again.
    await putParty(one, { protectedAddress: true });
    assert.equal((await page.open(`/consents/${id}`)).status, 404);
  });

  const rows: [years: number, days: number, child: number, parent: number][] = [
    [14, 0, 403, 200],
    [15, 2, 403, 200],
    [15, -1, 200, 200],
    [16, 0, 200, 200],
    [17, 2, 200, 200],
    [17, -1, 200, 403],
    [30, 0, 200, 403],
  ];
  for (const [years, days, own, theirs] of rows) {
    it(`at ${years} ${days > 0 ? 'soon' : 'or more'}: ${own} to itself, ${theirs} to its parent`, async () => {
      const [one, parent] = [await newPerson(), await newPerson()];
      await putParty(one, { bornOn: born(years, days) });
      await newRole('foreldreansvar', one, parent);
      const statuses: number[] = [];
      for (const who of [one, parent]) {
        const id = await ask(one, to, rightTo(resource));
        const answer = await approve(id, who);
        statuses.push(answer.status);
        if (answer.status === 403) {
          const why = who === one ? 'under_age' : 'of_age';
          assert.equal(answer.body.consent_reason, why);
          assert.match(answer.body.reason_user.nn, who === one ? /15 år/ : /17 år/);
        }
        const { rows: told } = await world.database.db.raw(
          "select party from notice where consent_id = ? and type = 'consent_answered'",
          [id],
        );
        const isBetween = own === 200 && theirs === 200;
        assert.deepEqual(
          told.map((row: { party: string }) => row.party),
          // An answer by a child's own right is not its parents' to hear.
          isBetween && who === parent ? [one.id] : [],
        );
      }
      assert.deepEqual(statuses, [own, theirs]);
    });
  }

  const ofSixteen = async (...parents: TestParty[]) => {
    const child = await newPerson();
    await putParty(child, { bornOn: born(16) });
    for (const parent of parents) await newRole('foreldreansvar', child, parent);
    return child;
  };
  const shared = { decidesFrom: 15, parentUntil: 17 };

  it('answered by its own right is not its parents’ to see, and the page says so before', async () => {
    const parent = await newPerson();
    const child = await ofSixteen(parent);
    const id = await ask(child, to, rightTo(resource));
    const browser = await loggedIn(child, `/consent/request?id=${id}`);
    assert.match(browser.page.html, /Foreldrene dine får ikke vite hva du svarer\./);
    await browser.submit({ answer: 'yes' });
    assert.match(browser.page.html, /Du har gitt samtykke/);
    const parents = await loggedIn(parent, `/consents?party=${child.id}`);
    assert.match(parents.page.html, /Ingen samtykker som du kan lese, gjelder nå/);
    assert.equal((await parents.open(`/consents/${id}`)).status, 404);
    assert.doesNotMatch((await parents.open('/inbox')).html, new RegExp(id));
    const refused = await withdraw(id, parent);
    assert.deepEqual([refused.status, refused.body.code], [403, 'AM-00000']);
    // Nor by the doors of the request, nor by a count.
    const token = await personToken(parent);
    for (const [method, path] of [
      ['GET', `consent/request/${id}`],
      ['GET', `consent/${id}`],
      ['POST', `consent/request/${id}/approve`],
      ['POST', `consent/request/${id}/reject`],
    ] as const) {
      const answer = await call(
        method,
        `${API}/${path}`,
        token,
        method === 'POST' ? { language: 'nb' } : undefined,
      );
      assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00000'], path);
      assert.ok(!answer.text.includes(to.number));
    }
    const given = await ask(child, to, rightTo(resource));
    assert.equal((await approve(given, parent)).status, 200);
    const counted = await loggedIn(parent, `/consents?party=${child.id}`);
    assert.match(counted.page.html, /Ett samtykke er gitt\./);
    // A child that ends a parent's answer is heard of by the parents.
    assert.equal((await withdraw(given, child)).status, 200);
    const { rows: told } = await world.database.db.raw(
      "select party from notice where consent_id = ? and type = 'consent_withdrawn'",
      [given],
    );
    assert.ok(told.some(({ party }: { party: string }) => party === parent.id));
    const asked = await ask(child, to, rightTo(resource));
    const other = await loggedIn(parent, `/consent/request?id=${asked}`);
    assert.doesNotMatch(other.page.html, /Foreldrene dine|kan se hva du svarer/);
  });

  it('is its parents’ to see where the owner of the service says so, who are named before', async () => {
    const parent = await newPerson('Frida Far');
    const child = await ofSixteen(parent);
    const seen = await newConsentResource(['privatperson', 'foreldreansvar'], {
      ...shared,
      parentsSee: true,
    });
    const id = await ask(child, to, rightTo(seen));
    const { page } = await loggedIn(child, `/consent/request?id=${id}`);
    assert.match(page.html, /Frida Far kan se hva du svarer\./);
    assert.equal((await approve(id, child)).status, 200);
    const parents = await loggedIn(parent, `/consents?party=${child.id}`);
    assert.ok(parents.page.html.includes(`/consents/${id}`));
    assert.equal((await withdraw(id, parent)).status, 200);
  });

  it('answered by a parent is seen by the other, and by the child', async () => {
    const [mother, father] = [await newPerson(), await newPerson()];
    const child = await ofSixteen(mother, father);
    const id = await ask(child, to, rightTo(resource));
    assert.equal((await approve(id, mother)).status, 200);
    for (const reader of [father, child])
      assert.equal((await loggedIn(reader, `/consents/${id}`)).page.status, 200);
  });

  it('without a birth date is its parents’, and without either an adult’s', async () => {
    const [one, parent] = [await newPerson(), await newPerson()];
    assert.equal((await approve(await ask(one, to, rightTo(resource)), one)).status, 200);
    await newRole('foreldreansvar', one, parent);
    assert.equal((await approve(await ask(one, to, rightTo(resource)), one)).status, 403);
    assert.equal((await approve(await ask(one, to, rightTo(resource)), parent)).status, 200);
  });

  it('is no parent’s alone where the service wants all of them', async () => {
    const both = await newConsentResource(['privatperson', 'foreldreansvar'], { parents: 'all' });
    const [one, parent, other] = [await newPerson(), await newPerson(), await newPerson()];
    await putParty(one, { bornOn: born(9) });
    await newRole('foreldreansvar', one, parent);
    assert.equal((await approve(await ask(one, to, rightTo(both)), parent)).status, 200);
    await newRole('foreldreansvar', one, other);
    const first = await approve(await ask(one, to, rightTo(both)), parent);
    assert.deepEqual([first.status, first.body.effectiveStatus], [200, 'Awaiting']);
    const helper = await newPerson();
    await newMandate(one, helper, { resource: both, actions: ['consent'] });
    const refused = await approve(await ask(one, to, rightTo(both)), helper);
    assert.deepEqual([refused.status, refused.body.consent_reason], [403, 'parents_all']);
  });

  it('is not given in favour of an organisation that the parent leads', async () => {
    const [one, parent, other] = [await newPerson(), await newPerson(), await newPerson()];
    const own = await newOrganization();
    await putParty(one, { bornOn: born(9) });
    await newRole('foreldreansvar', one, parent);
    await newRole('foreldreansvar', one, other);
    await newRole('dagl', own, parent);
    const id = await ask(one, own, rightTo(resource));
    const refused = await approve(id, parent);
    assert.deepEqual([refused.status, refused.body.consent_reason], [403, 'own_favour']);
    assert.equal((await approve(id, other)).status, 200);
    assert.equal((await withdraw(id, parent)).status, 200);
  });

  it('has no ages between which nobody decides', async () => {
    await assert.rejects(
      newConsentResource(['privatperson'], { decidesFrom: 16, parentUntil: 15 }),
      /parentUntil must not be below decidesFrom/,
    );
  });
});
