// Who gives and receives a power of attorney at what age, and that nobody gives to himself for one
// he answers for.
import assert from 'node:assert/strict';
import {
  can,
  give,
  MANDATES,
  newMandate,
  newResource,
  receiver,
} from '../support/rights/rights.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  world,
  type TestParty,
} from '../support/world.ts';

const MANAGER = 'innbygger-tilgangsstyring-privatperson';
const DAY = 24 * 3_600_000;
/** A person who is so many years, and becomes one more within days when `days` is positive. */
async function aged(years: number, days = 0): Promise<TestParty> {
  const one = await newPerson();
  const day = new Date(Date.now() + days * DAY);
  day.setUTCFullYear(day.getUTCFullYear() - years);
  await putParty(one, { bornOn: day.toISOString().slice(0, 10) });
  return one;
}

describe('a power of attorney', () => {
  let resource: string;
  before(async () => {
    resource = await newResource([can('read', 'privatperson', 'foreldreansvar')], {
      decidesFrom: 15,
      receiverFrom: 16,
    });
  });
  const rights = () => ({ resource, actions: ['read'] });

  const rows: [who: string, () => Promise<TestParty>, status: number][] = [
    ['who is fourteen', () => aged(14), 403],
    ['who is fifteen in two days', () => aged(15, 2), 403],
    ['who has been fifteen for a day', () => aged(15, -1), 201],
    ['whose age nobody knows', () => newPerson(), 201],
    [
      'whose age nobody knows, and who has a parent',
      async () => {
        const one = await newPerson();
        await newRole('foreldreansvar', one, await newPerson());
        return one;
      },
      403,
    ],
  ];
  for (const [who, person, status] of rows) {
    it(`of one ${who} is ${status === 201 ? 'given' : 'refused in words'}`, async () => {
      const giver = await person();
      const answer = await give(giver, giver, await newPerson(), rights());
      assert.equal(answer.status, status, answer.text);
      if (status === 201) return;
      assert.deepEqual([answer.body.code, answer.body.reason], ['TIL-00037', 'under_age']);
      assert.match(answer.body.reason_user.nb, /15 år/);
    });
  }

  it('takes eighteen years where the service says nothing, for a package too', async () => {
    const silent = await newResource([can('read', 'privatperson')]);
    const what = [
      { resource: silent, actions: ['read'] },
      { package: 'innbygger-skatteforhold-privatpersoner' },
    ];
    for (const one of what) {
      const [young, old] = [await aged(17), await aged(18, -1)];
      assert.equal((await give(young, young, await newPerson(), one)).body.code, 'TIL-00037');
      assert.equal((await give(old, old, await newPerson(), one)).status, 201);
    }
  });

  it('is what the delegation check says before anything is given', async () => {
    const code = 'innbygger-skatteforhold-privatpersoner';
    const paths = [
      [`resources/delegationcheck?resource=${resource}`, 'rights'],
      [`accesspackages/delegationcheck?packages=${code}`, 'data'],
    ] as const;
    const incapable = await aged(40);
    await importThis({ incapacities: [{ party: incapable.number }] });
    const rows = [
      [await aged(14), 'under_age'],
      [incapable, 'no_capacity'],
      [await aged(40), undefined],
    ] as const;
    for (const [path, list] of paths) {
      for (const [who, why] of rows) {
        const at = `/accessmanagement/api/v1/enduser/connections/${path}&party=${who.id}`;
        const { body } = await call('GET', at, await personToken(who));
        const [line] = body[list];
        assert.deepEqual([line.result, line.withheld?.reason], [!why, why], JSON.stringify(line));
        if (why) assert.match(line.withheld.reason_user.nb, /\w/);
        assert.ok(JSON.stringify(line.permissions ?? line.reasons).includes('fromId') === !why);
      }
    }
    for (const [child, why] of [
      [await aged(9), undefined],
      [await aged(16), 'of_age'],
    ] as const) {
      const parent = await newPerson();
      await newRole('foreldreansvar', child, parent);
      await newMandate(child, parent, { package: MANAGER });
      const at = `/accessmanagement/api/v1/enduser/connections/${paths[0][0]}&party=${child.id}`;
      const [line] = (await call('GET', at, await personToken(parent))).body.rights;
      assert.deepEqual([line.result, line.withheld?.reason], [!why, why]);
    }
  });

  it('is received by one who is old enough', async () => {
    const giver = await newPerson();
    const young = await give(giver, giver, await aged(15), rights());
    assert.deepEqual([young.body.code, young.body.reason], ['TIL-00037', 'receiver_under_age']);
    assert.match(young.body.reason_user.en, /16/);
    assert.equal((await give(giver, giver, await aged(16, -1), rights())).status, 201);
    assert.equal((await give(giver, giver, await newOrganization(), rights())).status, 201);
  });

  it('tells the parents while they could give it as well', async () => {
    const between = await newResource([can('read', 'privatperson')], {
      decidesFrom: 15,
      parentUntil: 18,
    });
    const [one, parent] = [await aged(16), await newPerson()];
    await newRole('foreldreansvar', one, parent);
    const answer = await give(one, one, await newPerson(), {
      resource: between,
      actions: ['read'],
    });
    assert.equal(answer.status, 201, answer.text);
    const { rows: told } = await world.database.db.raw(
      'select party from notice where mandate_id = ? and party = ?',
      [answer.body.id, parent.id],
    );
    assert.equal(told.length, 1);
  });

  it('is nothing that one sees an age by, without the right to give', async () => {
    const [child, stranger] = [await aged(9), await newPerson()];
    const answer = await call('POST', MANDATES, await personToken(stranger), {
      from: child.id,
      ...receiver(await newPerson()),
      ...rights(),
    });
    assert.equal(answer.body.code, 'AM-00028');
  });

  it('is given by nobody to himself, or to what he leads, for one whose guardian he is', async () => {
    const [ward, guardian, friend] = [await newPerson(), await newPerson(), await newPerson()];
    const own = await newOrganization();
    await newRole('verge:skatteetaten-skatt', ward, guardian);
    await newRole('dagl', own, guardian);
    await newMandate(ward, guardian, { package: MANAGER });
    await newMandate(ward, guardian, rights());
    for (const to of [guardian, own]) {
      const answer = await give(guardian, ward, to, rights());
      assert.deepEqual([answer.body.code, answer.body.reason], ['TIL-00037', 'own_favour']);
    }
    assert.equal((await give(guardian, ward, friend, rights())).status, 201);
  });

  it("is never one of a guardian's tasks", async () => {
    const [ward, guardian] = [await newPerson(), await newPerson()];
    await newRole('verge:skatteetaten-skatt', ward, guardian);
    const task = { package: 'vergemal-skatteetaten-skatt' };
    for (const actor of [ward, guardian]) {
      const answer = await give(actor, ward, await newPerson(), task);
      assert.equal(answer.body.validationErrors?.[0].code ?? answer.body.code, 'AM.VLD-00048');
    }
  });
});
