// A comparison with a register as work that takes a night: it is one node's, goes on where it was
// broken off, keeps its pace, and stops for no single party.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { actAlone } from '../../server/platform/act.ts';
import { askForComparison } from '../../server/register/reconcile/progress_store.ts';
import {
  answerOnly,
  nodeOf,
  reconcile,
  says,
  useMirror,
  wardWithGuardians,
} from '../support/mirror.ts';
import { at, world, type TestParty } from '../support/world.ts';
import { decide } from '../support/rights/rights.ts';

const HOUR = 3_600_000;

describe('a comparison', () => {
  useMirror();

  const driftOf = async (source: string) =>
    (
      await world.database.db.raw(
        'select checked, ended from register_comparison where source = ? and ended_at is not null order by id desc limit 1',
        [source],
      )
    ).rows[0];

  it('that is broken off goes on where it was, on another node, and asks about nobody twice', async () => {
    // More than are compared between two looks at whether to go on.
    const wards: TestParty[] = [];
    for (let count = 0; count < 3; count += 1) wards.push((await wardWithGuardians()).ward);
    for (const { number } of wards) says.set(number, []);
    const source = 'vergemal';
    await reconcile(source, 'none');
    const { checked } = await driftOf(source);
    const [one, other] = [nodeOf(source), nodeOf(source)];
    await askForComparison(actAlone(world.database.db), source);
    await one.registers.compareWhenDue(source, () => false);
    assert.deepEqual(one.asked, [], 'it was stopped before the first');
    // Broken off between comparing and putting right.
    let looks = 0;
    const lots = Math.ceil(checked / 200);
    await one.registers.compareWhenDue(source, () => (looks += 1) <= lots);
    assert.equal(one.asked.length, checked);
    assert.equal((await driftOf(source)).ended, 0, 'nothing is ended yet');
    await other.registers.compareWhenDue(source, () => true);
    assert.ok(other.asked.length > 0 && other.asked.length < checked, 'those to be put right');
    for (const { number } of wards) assert.ok(other.asked.includes(number));
    const { checked: all, ended } = await driftOf(source);
    assert.equal(all, checked);
    assert.ok(ended >= 3);
  });

  it('is begun anew where somebody asks for it after it was begun', async () => {
    const source = 'vergemal';
    says.set((await wardWithGuardians()).ward.number, []);
    await reconcile(source, 'none');
    const { checked } = await driftOf(source);
    const askFor = () => askForComparison(actAlone(world.database.db), source);
    const [one, other] = [nodeOf(source), nodeOf(source)];
    await askFor();
    let looks = 0;
    const lots = Math.ceil(checked / 200);
    await one.registers.compareWhenDue(source, () => (looks += 1) <= lots);
    await askFor();
    await other.registers.compareWhenDue(source, () => true);
    assert.ok(other.asked.length >= checked, 'all of it, and not what was left');
    // Asked for while it is made: it is made, and once more.
    await askFor();
    const third = nodeOf(source);
    let isAsked = false;
    await third.registers.compareWhenDue(source, () => {
      if (!isAsked) void askFor();
      isAsked = true;
      return true;
    });
    const before = third.asked.length;
    await third.registers.compareWhenDue(source, () => true);
    assert.ok(before > 0);
    assert.equal(third.asked.length, 2 * before);
  });

  it('goes on from the party at which the register went away', async () => {
    const source = 'vergemal';
    await reconcile(source, 'none');
    const { checked } = await driftOf(source);
    await wardWithGuardians();
    await askForComparison(actAlone(world.database.db), source);
    answerOnly(checked - 1);
    await assert.rejects(nodeOf(source).registers.compareWhenDue(source, () => true));
    assert.equal((await driftOf(source)).checked, checked, 'it is not through');
    answerOnly(Infinity);
    await nodeOf(source).registers.compareWhenDue(source, () => true);
    assert.equal((await driftOf(source)).checked, checked + 1);
  });

  it('asks no more when it has no answer about twenty in a row', async () => {
    for (let count = 0; count < 30; count += 1) await wardWithGuardians();
    const { registers, asked } = nodeOf('vergemal');
    answerOnly(0);
    await assert.rejects(registers.reconcile('vergemal'), /503 from/);
    assert.equal(asked.length, 20);
  });

  it('compares and puts right everybody else, where there is no answer about one', async () => {
    const [mute, lost] = [await wardWithGuardians(), await wardWithGuardians()];
    says.set(mute.ward.number, null);
    says.set(lost.ward.number, []);
    const { of, heldBack } = await reconcile('vergemal');
    assert.equal(heldBack, null);
    assert.deepEqual(
      of(mute.ward).map(({ what, done }) => [what, done]),
      [['document', null]],
    );
    assert.match(String(of(mute.ward)[0]!.theirs), /^503 from /);
    assert.equal(of(lost.ward)[0]!.done, 'ended');
    assert.equal(await decide(mute.one, 'read', mute.resource, mute.ward), 'Permit');
  });

  it('puts everybody else right, where the answer about one is gone by then', async () => {
    const [mute, lost] = [await wardWithGuardians(), await wardWithGuardians()];
    for (const { ward } of [mute, lost]) says.set(ward.number, []);
    const { registers, asked } = nodeOf('vergemal');
    await askForComparison(actAlone(world.database.db), 'vergemal');
    await registers.compareWhenDue('vergemal', () => {
      if (asked.includes(mute.ward.number)) says.set(mute.ward.number, null);
      return true;
    });
    const { rows: left } = await world.database.db.raw(
      `select what, done, theirs from register_difference where party = ? and comparison = (
        select id from register_comparison where ended_at is not null order by id desc limit 1) order by what`,
      [mute.ward.id],
    );
    assert.deepEqual(
      left.map(({ what, done }: { what: string; done: string | null }) => [what, done]),
      [
        ['repair', null],
        ['roles', null],
      ],
    );
    assert.equal(await decide(lost.one, 'read', lost.resource, lost.ward), 'NotApplicable');
  });

  it('is saved by the node that took it up last alone', async () => {
    const source = 'vergemal';
    says.set((await wardWithGuardians()).ward.number, []);
    await reconcile(source, 'none');
    const { checked } = await driftOf(source);
    const [one, other] = [nodeOf(source, 'none'), nodeOf(source, 'none')];
    await askForComparison(actAlone(world.database.db), source);
    // It stands still at the first; meanwhile another node takes it up, and comes to the end.
    let taken: Promise<void> | undefined;
    one.meanwhile.push(() => (taken ??= other.registers.compareWhenDue(source, () => true)));
    await one.registers.compareWhenDue(source, () => true);
    assert.ok(one.asked.length > 0 && other.asked.length >= checked);
    assert.equal((await driftOf(source)).checked, checked, 'nobody is counted twice');
    const { rows } = await world.database.db.raw(
      'select from register_comparison where source = ? and ended_at is null',
      [source],
    );
    assert.equal(rows.length, 0, 'it was begun once');
  });

  it('goes no faster than its setting', async () => {
    const source = 'vergemal';
    for (let count = 0; count < 3; count += 1) await wardWithGuardians();
    const { registers, asked } = nodeOf(source, 'none', 1, 10);
    let isOn = true;
    const begun = performance.now();
    await askForComparison(actAlone(world.database.db), source);
    const done = registers.compareWhenDue(source, () => isOn);
    await pause(1_000);
    isOn = false;
    const [count, seconds] = [asked.length, (performance.now() - begun) / 1000];
    assert.ok(count <= 10 * seconds + 4, `${count} in ${seconds} s`);
    await done;
    await reconcile(source, 'none');
  });

  it('is not begun by day, unless somebody asks for it', async () => {
    const source = 'vergemal';
    await at(15 * HOUR - (Date.now() % (24 * HOUR)) + 24 * HOUR, async () => {
      const { registers, asked } = nodeOf(source, 'none');
      await registers.compareWhenDue(source, () => true);
      assert.deepEqual(asked, []);
      await askForComparison(actAlone(world.database.db), source);
      await registers.compareWhenDue(source, () => true);
      assert.ok(asked.length > 0);
    });
    await at(2 * HOUR - (Date.now() % (24 * HOUR)) + 72 * HOUR, async () => {
      const { registers, asked } = nodeOf(source, 'none');
      await registers.compareWhenDue(source, () => true);
      assert.ok(asked.length > 0, 'it is night');
      await registers.compareWhenDue(source, () => true);
      assert.equal(new Set(asked).size, asked.length, 'once a night');
    });
  });
});
