// What was given and stays, and does not hold for what lies outside it: a court, a register or
// somebody further up a chain has done something, and the streams of owners hear of it.
import assert from 'node:assert/strict';
import {
  can,
  given,
  MANDATES,
  newConsentResource,
  newFirm,
  newResource,
  rightTo,
} from '../support/rights/rights.ts';
import { employ, endParty } from '../support/rows.ts';
import { kinds, newStream, poll, sendSignals, type Told } from '../support/signals.ts';
import {
  actOn,
  approve,
  ask,
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';

const TASK = 'verge:skatteetaten-skatt';
const OTHER_TASK = 'verge:bank-ta-opp-lan-kreditter';

/** A stream that is read from now on; each read answers with what is new, in its order. */
async function hearing(owner: TestParty) {
  await sendSignals();
  const stream = await newStream(owner);
  let taken: string[] = [];
  return async (): Promise<Told[]> => {
    await world.work.run('consent.fall');
    await sendSignals();
    const told = await poll(owner, stream, { ack: taken });
    taken = told.map(({ jti }) => jti);
    return told.sort((a, b) => a.said.pos - b.said.pos);
  };
}
const court = (person: TestParty, role: string | undefined, times: object = {}) =>
  importThis({ incapacities: [{ party: person.number, ...(role ? { role } : {}), ...times }] });
const givenBack = { endedAt: inDays(-0.001) };
const turn = async (by: TestParty, id: string, how: 'suspend' | 'resume') =>
  assert.equal((await call('POST', `${MANDATES}/${id}/${how}`, await personToken(by))).status, 200);
const states = (told: Told[]) => told.map(({ kind, said }) => [kind, said.status]);

describe('a power of attorney that stays, and does not hold', () => {
  let owner: TestParty;
  let resource: string;
  const right = () => ({ resource, actions: ['read'] });
  beforeEach(async () => {
    owner = await newOrganization();
    resource = await newResource([can('read', 'privatperson', 'dagl', TASK)], {
      owner: owner.number,
    });
  });

  it('is suspended as a court takes the capacity for it, and resumed as it is given back', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, right());
    const heard = await hearing(owner);
    await court(giver, OTHER_TASK);
    assert.deepEqual(await heard(), [], 'of another matter');
    await court(giver, TASK);
    const [told, ...more] = await heard();
    assert.deepEqual([told!.kind, told!.subject, more.length], ['mandate-suspended', id, 0]);
    const { pos: _pos, ...members } = told!.said;
    assert.deepEqual(members, {
      ...{ status: 'suspended', validTo: null, service: [resource] },
      giver: `urn:altinn:party:uuid:${giver.id}`,
    });
    await court(giver, TASK);
    assert.deepEqual(await heard(), [], 'once');
    await court(giver, TASK, givenBack);
    assert.deepEqual(states(await heard()), [['mandate-resumed', 'active']]);
  });

  it('stays suspended as one resumes it, and another still keeps it from holding', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, right());
    const heard = await hearing(owner);
    await turn(giver, id, 'suspend');
    assert.deepEqual(states(await heard()), [['mandate-suspended', 'suspended']]);
    await court(giver, TASK);
    assert.deepEqual(states(await heard()), [['mandate-suspended', 'suspended']]);
    await court(giver, TASK, givenBack);
    assert.deepEqual(states(await heard()), [['mandate-suspended', 'suspended']]);
    await turn(giver, id, 'resume');
    assert.deepEqual(states(await heard()), [['mandate-resumed', 'active']]);
  });

  it('is suspended with the one that it was passed on from', async () => {
    const [{ firm, boss }, clerk, last] = [await newFirm(), await newPerson(), await newPerson()];
    const first = await given(boss, firm, clerk, { ...right(), mayPassOn: true });
    const second = await given(clerk, firm, last, right());
    const heard = await hearing(owner);
    await turn(boss, first, 'suspend');
    const told = await heard();
    assert.deepEqual(told.map(({ subject }) => subject).sort(), [first, second].sort());
    assert.deepEqual(states(told), [
      ['mandate-suspended', 'suspended'],
      ['mandate-suspended', 'suspended'],
    ]);
    await turn(boss, first, 'resume');
    assert.deepEqual(kinds(await heard()), ['mandate-resumed', 'mandate-resumed']);
  });

  it('is suspended as who gave it dies, and says no more', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    await given(giver, giver, helper, right());
    const heard = await hearing(owner);
    await endParty(giver);
    const told = await heard();
    assert.deepEqual(states(told), [['mandate-suspended', 'suspended']]);
    assert.doesNotMatch(JSON.stringify(told), /death|died|deceased|reason/);
  });

  it('is suspended as its receiver loses the licence that it asks for', async () => {
    const [{ firm, boss }, lawyer] = [await newFirm(), await newPerson()];
    const licence = (times: object = {}) =>
      importThis({ qualifications: [{ party: lawyer.number, kind: 'advokat', ...times }] });
    await licence();
    const id = await given(boss, firm, lawyer, right());
    await world.database.db('mandate').where({ id }).update({ needs: 'advokat' });
    const heard = await hearing(owner);
    await licence(givenBack);
    assert.deepEqual(states(await heard()), [['mandate-suspended', 'suspended']]);
    await licence();
    assert.deepEqual(states(await heard()), [['mandate-resumed', 'active']]);
  });

  it('is suspended as its receiver leaves the employer whose people it is for', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    await employ(firm, clerk);
    const id = await given(boss, firm, clerk, right());
    await world.database.db('mandate').where({ id }).update({ needs: 'ansatt' });
    const heard = await hearing(owner);
    await employ(firm, clerk, inDays(-2).slice(0, 10));
    assert.deepEqual(states(await heard()), [['mandate-suspended', 'suspended']]);
    await employ(firm, clerk);
    assert.deepEqual(states(await heard()), [['mandate-resumed', 'active']]);
  });

  it('is suspended by an estate, and resumed as that is lifted', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    await given(boss, firm, clerk, right());
    const heard = await hearing(owner);
    const bankrupt = (estate: object | null) =>
      importThis({
        parties: [{ kind: 'organization', number: firm.number, name: firm.name, estate }],
      });
    await bankrupt({ on: '2026-02-01', court: 'Oslo tingrett' });
    assert.deepEqual(states(await heard()), [['mandate-suspended', 'suspended']]);
    await bankrupt(null);
    assert.deepEqual(states(await heard()), [['mandate-resumed', 'active']]);
  });

  it('is not suspended by an estate for what is none of its matter', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const code = `anke-${firm.id}`;
    const words = { nb: 'Anke', nn: 'Anke', en: 'Appeal' };
    const named = { forKind: 'organization', name: words, description: words };
    const area = 'forhold_ved_virksomheten';
    await importThis({ packages: [{ code, area, ...named, ofEstate: false }] });
    const appeal = await newResource([can('read', `package:${code}`, 'dagl')], {
      owner: owner.number,
    });
    await given(boss, firm, clerk, { resource: appeal, actions: ['read'] });
    const estate = { on: '2026-02-01', court: 'Oslo tingrett' };
    const heard = await hearing(owner);
    await importThis({
      parties: [{ kind: 'organization', number: firm.number, name: firm.name, estate }],
    });
    assert.deepEqual(await heard(), []);
  });

  it('says so to the owners of what it does not open alone', async () => {
    const [giver, helper, other] = [await newPerson(), await newPerson(), await newOrganization()];
    const bundle = 'innbygger-skatteforhold-privatpersoner';
    await newResource([can('read', `package:${bundle}`)], { owner: other.number });
    const taxed = await newResource([can('read', `package:${bundle}`, TASK)], {
      owner: owner.number,
    });
    const plain = await newResource([can('read', `package:${bundle}`)], { owner: owner.number });
    const id = await given(giver, giver, helper, { package: bundle });
    const [heard, others] = [await hearing(owner), await hearing(other)];
    await court(giver, TASK);
    const [told, ...more] = await heard();
    assert.ok(told!.said.service.includes(taxed) && !told!.said.service.includes(plain));
    assert.deepEqual([states([told!]), more.length], [[['mandate-suspended', 'suspended']], 0]);
    assert.deepEqual(await others(), []);
    // The rest of them it opens still, and says so when its giver resumes it.
    await turn(giver, id, 'suspend');
    await turn(giver, id, 'resume');
    const resumed = (await heard()).at(-1)!;
    assert.deepEqual(states([resumed]), [['mandate-resumed', 'active']]);
    assert.ok(resumed.said.service.includes(plain) && !resumed.said.service.includes(taxed));
  });
});

if (process.env.TEST_DATABASE_URL)
  describe('a power of attorney that another act holds', () => {
    it('keeps nobody waiting, and is looked at again once it is free', async () => {
      const [owner, giver] = [await newOrganization(), await newPerson()];
      const held = await newResource([can('read', 'privatperson', TASK)], { owner: owner.number });
      const [id, free] = [
        await given(giver, giver, await newPerson(), { resource: held, actions: ['read'] }),
        await given(giver, giver, await newPerson(), { resource: held, actions: ['read'] }),
      ];
      const heard = await hearing(owner);
      await world.database.db.transaction(async (other) => {
        await other.raw('select from mandate where id = ? for no key update', [id]);
        await court(giver, TASK);
        assert.deepEqual(
          (await heard()).map(({ subject }) => subject),
          [free],
        );
      });
      const [told, ...more] = await at(2_000, heard);
      assert.deepEqual([told!.kind, told!.subject], ['mandate-suspended', id]);
      assert.equal(more.length, 0);
    });
  });

describe('a consent that stays, and does not hold', () => {
  const templateOf = async (isPoa: boolean) =>
    (
      await world.database.db.raw(
        "select id from consent_template where (content ->> 'isPoa')::boolean = ? limit 1",
        [isPoa],
      )
    ).rows[0].id as string;

  it('is suspended as a court takes the capacity, where it lets others act', async () => {
    const [source, bank, giver] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    const [acting, sharing] = await Promise.all(
      [true, false].map(async (isPoa) =>
        newConsentResource(['privatperson', TASK], {
          ...{ owner: source.number, consentTemplate: await templateOf(isPoa) },
        }),
      ),
    );
    const [one, other] = [
      await ask(giver, bank, rightTo(acting!)),
      await ask(giver, bank, { ...rightTo(sharing!), validTo: inDays(9) }),
    ];
    for (const id of [one, other]) assert.equal((await approve(id, giver)).status, 200);
    const [heard, asker] = [await hearing(source), await hearing(bank)];
    await court(giver, TASK);
    for (const told of [await heard(), await asker()]) {
      assert.deepEqual(states(told), [['consent-suspended', 'Suspended']]);
      assert.equal(told[0]!.subject, one);
      assert.deepEqual([told[0]!.said.reason, told[0]!.said.validTo === null], [undefined, false]);
    }
    // The giver's own pause, and its end, change nothing meanwhile.
    await actOn(one, giver, 'suspend');
    await court(giver, TASK, givenBack);
    const told = await asker();
    assert.deepEqual([...new Set(told.map(({ said }) => said.status))], ['Suspended']);
    assert.equal((await actOn(one, giver, 'resume')).status, 200);
    assert.deepEqual(states(await asker()), [['consent-resumed', 'Accepted']]);
  });

  it('is a line of its source’s feed', async () => {
    const [source, bank, giver] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    const resource = await newConsentResource(['privatperson', TASK], {
      ...{ owner: source.number, consentTemplate: await templateOf(true) },
    });
    const id = await ask(giver, bank, rightTo(resource));
    await approve(id, giver);
    await court(giver, TASK);
    await world.work.run('consent.fall');
    await world.work.run('feed.place');
    const feed = await world.database.db('owner_feed').where({ owner: source.id });
    assert.deepEqual(
      feed.filter(({ cause }: any) => cause === 'consent').map(({ type }: any) => type),
      ['approved', 'suspended'],
    );
  });
});
