// What we hold of a register against what it says: every kind of fact is compared, and put right as
// far as the setting lets it.
import assert from 'node:assert/strict';
import { employ } from '../support/rows.ts';
import { personNumber } from '../support/numbers.ts';
import type { OtherEnd } from '../../server/register/reconcile/model.ts';
import { reconcile, rowsOf, says, TASK, useMirror, wardWithGuardians } from '../support/mirror.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  world,
  type TestParty,
} from '../support/world.ts';
import { can, decide, newMandate, newResource, pdpToken } from '../support/rights/rights.ts';

describe('a reconciliation', () => {
  useMirror();

  it('ends what the register no longer says, and begins nothing', async () => {
    const { ward, one, two, resource, line } = await wardWithGuardians();
    says.set(ward.number, [line(two)]);
    const { of, ended, begun, heldBack } = await reconcile('vergemal');
    const [drift] = of(ward);
    assert.deepEqual(drift, {
      party: ward.id,
      what: 'roles',
      ours: [`${TASK} ${one.id}`],
      theirs: [`${TASK} ${two.id}`],
      done: 'ended',
    });
    assert.ok(ended >= 1);
    assert.deepEqual([begun, heldBack], [0, null]);
    assert.equal(await decide(one, 'read', resource, ward), 'NotApplicable');
    assert.equal(await decide(two, 'read', resource, ward), 'NotApplicable');
  });

  it('puts all right where the setting says so, and nothing where it says none', async () => {
    const { ward, one, two, resource, line } = await wardWithGuardians();
    says.set(ward.number, [line(two)]);
    const none = await reconcile('vergemal', 'none');
    assert.deepEqual([none.of(ward).length, none.ended, none.begun], [1, 0, 0]);
    assert.equal(await decide(one, 'read', resource, ward), 'Permit');
    const all = await reconcile('vergemal', 'all');
    assert.equal(all.of(ward)[0]!.done, 'begun');
    assert.ok(all.ended >= 1 && all.begun >= 1);
    assert.equal(await decide(one, 'read', resource, ward), 'NotApplicable');
    assert.equal(await decide(two, 'read', resource, ward), 'Permit');
    assert.deepEqual((await reconcile('vergemal', 'all')).of(ward), []);
  });

  it('puts others right though one cannot be, ends what it can, and reports both', async () => {
    const [first, second] = [await wardWithGuardians(), await wardWithGuardians()];
    const stranger = { number: personNumber() } as TestParty;
    says.set(first.ward.number, [first.line(stranger)]);
    says.set(second.ward.number, []);
    const { of, drift } = await reconcile('vergemal', 'all');
    assert.equal(of(second.ward)[0]!.done, 'ended');
    assert.equal(await decide(second.one, 'read', second.resource, second.ward), 'NotApplicable');
    assert.ok(drift.some(({ party, what }) => party === first.ward.id && what === 'repair'));
    assert.equal(await decide(first.one, 'read', first.resource, first.ward), 'NotApplicable');
  });

  it('says that nothing was done where only a name differs', async () => {
    const { ward, one, two, line } = await wardWithGuardians();
    says.set(ward.number, [line(one), line(two)]);
    const { of } = await reconcile('vergemal');
    assert.deepEqual(of(ward)[0]!.theirs, [`${TASK} ${two.id}`]);
    assert.equal(of(ward)[0]!.done, null);
  });

  it('ends nothing when it would be more than the setting lets', async () => {
    const { ward, one, resource } = await wardWithGuardians();
    says.set(ward.number, []);
    const { of, ended, heldBack } = await reconcile('vergemal', 'end', 0);
    assert.equal(of(ward)[0]!.done, null);
    assert.equal(ended, 0);
    assert.match(heldBack!, /facts would end, more than 0/);
    assert.equal(await decide(one, 'read', resource, ward), 'Permit');
  });

  it('ends nothing on an answer that is not whole, or that never comes', async () => {
    const { ward, one, resource } = await wardWithGuardians();
    says.set(ward.number, 'no-task');
    const { of } = await reconcile('vergemal');
    assert.equal(of(ward)[0]!.what, 'document');
    assert.equal(of(ward)[0]!.done, null);
    says.set(ward.number, null);
    assert.equal((await reconcile('vergemal')).of(ward)[0]!.what, 'document');
    assert.equal(await decide(one, 'read', resource, ward), 'Permit');
  });

  it('sees a capacity that a court has given back', async () => {
    const ward = await newPerson();
    await importThis({ incapacities: [{ party: ward.number, role: TASK }] });
    says.set(ward.number, []);
    const { of } = await reconcile('vergemal');
    assert.deepEqual(
      [of(ward)[0]!.what, of(ward)[0]!.ours, of(ward)[0]!.done],
      ['capacity', [TASK], 'ended'],
    );
    assert.deepEqual((await reconcile('vergemal')).of(ward), []);
  });

  it('sees lawyers and licences that are no more', async () => {
    for (const [source, kind] of [
      ['advokatregisteret', 'advokat'],
      ['finanstilsynet', 'revisor'],
    ] as const) {
      const person = await newPerson();
      await importThis({ qualifications: [{ party: person.number, kind }] });
      says.set(person.number, []);
      const { of } = await reconcile(source);
      assert.deepEqual([of(person)[0]!.ours, of(person)[0]!.done], [[kind], 'ended']);
      assert.deepEqual((await reconcile(source)).of(person), []);
    }
  });

  it('sees who no longer works there, and tells the employer of the rights that are left', async () => {
    const [firm, boss, worker] = [await newOrganization(), await newPerson(), await newPerson()];
    await newRole('dagl', firm, boss);
    await employ(firm, worker);
    const resource = await newResource([can('read', 'dagl')]);
    await newMandate(firm, worker, { resource, actions: ['read'] });
    says.set(firm.number, []);
    const { of } = await reconcile('aa-registeret');
    assert.deepEqual([of(firm)[0]!.ours, of(firm)[0]!.done], [[worker.id], 'ended']);
    const told = await rowsOf("select 1 from notice where party = ? and type = 'leaver'", [
      firm.id,
    ]);
    assert.equal(told.length, 1);
  });

  it('ends sooner what the register says ends sooner, and prolongs nothing', async () => {
    const { ward, one, resource, line } = await wardWithGuardians();
    const [soon, later] = ['2036-01-01T00:00:00Z', '2037-01-01T00:00:00Z'];
    says.set(ward.number, [{ ...line(one), validTo: soon }]);
    const key = `${TASK} ${one.id}`;
    const { of } = await reconcile('vergemal');
    assert.deepEqual(of(ward), [
      {
        party: ward.id,
        what: 'ends',
        ours: [{ fact: 'roles', key, until: null }],
        theirs: [{ fact: 'roles', key, until: new Date(soon).toISOString() }],
        done: 'ended',
      },
    ]);
    assert.deepEqual(await untilOf(ward), [new Date(soon)]);
    assert.deepEqual((await reconcile('vergemal')).of(ward), []);
    says.set(ward.number, [{ ...line(one), validTo: later }]);
    assert.equal((await reconcile('vergemal')).of(ward)[0]!.done, null);
    assert.deepEqual(await untilOf(ward), [new Date(soon)]);
    assert.equal((await reconcile('vergemal', 'all')).of(ward)[0]!.done, 'begun');
    assert.deepEqual(await untilOf(ward), [new Date(later)]);
    assert.equal(await decide(one, 'read', resource, ward), 'Permit');
  });

  it('takes two lines about the same for one, which holds until the last of them ends', async () => {
    const { ward, one, line } = await wardWithGuardians();
    says.set(ward.number, [{ ...line(one), validTo: '2036-01-01T00:00:00Z' }, line(one)]);
    assert.deepEqual((await reconcile('vergemal')).of(ward), []);
    assert.deepEqual((await reconcile('vergemal', 'all')).of(ward), []);
    assert.deepEqual(await untilOf(ward), [null]);
  });

  it('counts what would end sooner among what would end', async () => {
    const { ward, one, line } = await wardWithGuardians();
    says.set(ward.number, [{ ...line(one), validTo: '2036-01-01T00:00:00Z' }]);
    const { heldBack } = await reconcile('vergemal', 'end', 0);
    assert.match(heldBack!, /facts would end, more than 0/);
    assert.deepEqual(await untilOf(ward), [null]);
  });

  it('ends licences, employments and what a court has taken when the register says', async () => {
    const until = '2036-05-31';
    const [person, firm, worker] = [await newPerson(), await newOrganization(), await newPerson()];
    await importThis({
      incapacities: [{ party: person.number, role: TASK }],
      qualifications: [{ party: person.number, kind: 'advokat' }],
    });
    await employ(firm, worker);
    const end = { op: 'end' as const, validTo: until };
    for (const [source, party, line, fact] of [
      [
        'vergemal',
        person,
        { op: 'upsert', code: 'rettslig-handleevne', matter: 'skatteetaten/skatt', validTo: until },
        'capacity',
      ],
      ['advokatregisteret', person, { ...end, code: 'advokat' }, 'qualifications'],
      ['aa-registeret', firm, { ...end, to: worker.number, code: 'arbeidsforhold' }, 'employments'],
    ] as const) {
      says.set(party.number, [{ ...line, from: party.number }]);
      const [drift] = (await reconcile(source)).of(party);
      assert.deepEqual(
        [drift!.what, (drift!.theirs as OtherEnd[])[0]!.fact, drift!.done],
        ['ends', fact, 'ended'],
      );
      assert.deepEqual((await reconcile(source)).of(party), [], source);
    }
  });

  async function untilOf(ward: TestParty): Promise<(Date | null)[]> {
    const held = await rowsOf(
      "select valid_to as until from mandate where from_party = ? and basis = 'register'",
      [ward.id],
    );
    return held.map(({ until }) => until);
  }

  it('is told to operators with what was done', async () => {
    await world.app.registers.poll();
    await reconcile('vergemal', 'end', 0);
    const { body } = await call('GET', '/access/v1/registers', await pdpToken());
    const own = body.data.find((one: { source: string }) => one.source === 'vergemal');
    assert.deepEqual(Object.keys(own.reconciled).sort(), [
      'at',
      'begun',
      'checked',
      'ended',
      'found',
      'heldBack',
    ]);
  });
});
