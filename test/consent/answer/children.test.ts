// Who answers about a child, by the ages of the law.
import assert from 'node:assert/strict';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';
import { born } from '../../support/oauth/given.ts';

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
          told.map((row: any) => row.party),
          isBetween ? [who === one ? parent.id : one.id] : [],
        );
      }
      assert.deepEqual(statuses, [own, theirs]);
    });
  }

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
    const refused = await approve(await ask(one, to, rightTo(both)), parent);
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
