// Lines of registers that are impossible, late or unknown: what came before is kept, what is wrong
// opens nothing.
import assert from 'node:assert/strict';
import { newOrganization, newPerson, world } from '../support/world.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createRegisters } from '../../server/register/commands.ts';
import { openSources } from '../../server/register/source/sources.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { can, decide, newResource, ownActs } from '../support/rights/rights.ts';
import { poll, party, roles, feed, faultOf } from '../support/registers.ts';
const asideOf = async (source: string): Promise<string[]> =>
  (
    await world.database.db.raw('select why from register_aside where source = ? order by id', [
      source,
    ])
  ).rows.map((row: { why: string }) => row.why);

describe('lines of registers', () => {
  before(async () => {
    await poll();
  });

  it('that tell an impossible time or name keep what came before it, and go on', async () => {
    const resource = await newResource([can('read', 'verge:nav-pensjon', 'foreldreansvar')]);
    for (const validFrom of ['ikke en dato', '2026-02-30T10:00:00Z', '2026-13-01']) {
      const [ward, guardian] = [await newPerson(), await newPerson()];
      const line = { from: ward.number, to: guardian.number, code: 'nav/pensjon' };
      feed('vergemal').append({ op: 'upsert', ...line });
      await poll();
      assert.equal(await decide(guardian, 'read', resource, ward), 'Permit');
      feed('vergemal').append({ op: 'end', ...line });
      feed('vergemal').append({ op: 'upsert', ...line, validFrom });
      await poll();
      assert.equal(await decide(guardian, 'read', resource, ward), 'NotApplicable', validFrom);
      assert.ok((await asideOf('vergemal')).includes('a time is not one'));
      feed('vergemal').append({ op: 'upsert', ...line });
      await poll();
      assert.equal(await decide(guardian, 'read', resource, ward), 'Permit');
    }
    const bad = { foedsel: [{ foedselsdato: '1990-02-31', erGjeldende: true }] };
    const documents = [
      bad,
      { foedsel: [{ foedselsdato: 'ukjent', erGjeldende: true }] },
      { doedsfall: { doedsdato: 'ukjent' } },
      { navn: [{ fornavn: 'A\0', etternavn: 'B', erGjeldende: true }] },
      { navn: 'ikke en liste' },
    ];
    const spoilt = new Map<string, object>();
    for (const document of documents) {
      const [child, mother, other] = [await newPerson(), await newPerson(), await newPerson()];
      world.registers.people.change({
        number: child.number,
        name: child.name,
        bornOn: '2020-01-01',
        responsible: [mother.number],
      });
      await poll();
      assert.equal(await decide(mother, 'read', resource, child), 'Permit');
      world.registers.people.change({ number: child.number, responsible: [] });
      world.registers.people.change({ number: other.number, name: other.name, document });
      await poll();
      assert.equal(
        await decide(mother, 'read', resource, child),
        'NotApplicable',
        JSON.stringify(document),
      );
      assert.equal((await faultOf('folkeregisteret')).fault, null);
      assert.equal((await asideOf('folkeregisteret')).length, 1, JSON.stringify(document));
      assert.equal((await party(other.number)).protected_address, true);
      spoilt.set(other.number, document);
      world.registers.people.change({ number: other.number, name: other.name, document: {} });
      await poll();
      assert.deepEqual(await asideOf('folkeregisteret'), []);
      assert.equal((await party(other.number)).protected_address, false);
    }
    // Nor do all of them together keep the nightly comparison from its end.
    const { people } = world.registers.people;
    for (const [number, document] of spoilt) people.get(number)!.document = document;
    await world.app.registers.reconcile('folkeregisteret');
    for (const number of spoilt.keys()) people.get(number)!.document = {};
  });

  it("from Enhetsregisteret: a holder that nobody knows keeps no other's role from ending, one with a name is taken in", async () => {
    const [one, two, boss, stranger] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
      personNumber(),
    ];
    roles(two.number, { role: 'dagl', to: boss.number });
    await poll();
    const resource = await newResource([can('read', 'dagl')]);
    assert.equal(await decide(boss, 'read', resource, two), 'Permit');
    roles(
      one.number,
      { role: 'dagl', to: boss.number },
      { role: 'lede', to: personNumber() },
      { role: 'dtpr', to: '12345678901' },
      { role: 'dtpr', to: one.number },
    );
    roles(organizationNumber(), { role: 'dagl', to: boss.number });
    roles(two.number, { role: 'dagl', to: stranger, name: 'Ny Leder' } as never);
    await poll();
    assert.equal((await faultOf('enhetsregisteret')).fault, null);
    const taken = await party(stranger);
    assert.equal(taken.name, 'Ny Leder');
    assert.deepEqual(
      [
        await decide(boss, 'read', resource, one),
        await decide(boss, 'read', resource, two),
        await decide(taken, 'read', resource, two),
      ],
      ['Permit', 'NotApplicable', 'Permit'],
    );
  });

  it('from Enhetsregisteret: no answer about roles is no empty answer, and without a token no person loses any', async () => {
    const [firm, boss] = [await newOrganization(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    world.registers.units.change({ unit: { number: firm.number, name: firm.name } });
    roles(firm.number, { role: 'dagl', to: boss.number });
    await poll();
    world.registers.units.units.get(firm.number)!.rolesMissing = true;
    roles(firm.number, { role: 'dagl', to: boss.number });
    await poll();
    assert.match(
      (await faultOf('enhetsregisteret')).fault,
      /^roles after \d+: no roles for a unit/,
    );
    assert.equal(await decide(boss, 'read', resource, firm), 'Permit');
    world.registers.units.units.get(firm.number)!.rolesMissing = false;
    const setting = world.env.registers.find(({ source }) => source === 'enhetsregisteret')!;
    const open = createRegisters(
      ownActs(),
      openSources([{ ...setting, auth: undefined }]),
      createLogger('error', () => undefined),
    );
    await open.poll();
    assert.deepEqual(
      [(await faultOf('enhetsregisteret')).fault, await decide(boss, 'read', resource, firm)],
      [null, 'Permit'],
    );
  });

  it('from Enhetsregisteret: ids that do not rise stop the feed at once', async () => {
    const { updates } = world.registers.units;
    const number = organizationNumber();
    world.registers.units.change({ unit: { number, name: 'Først AS' } });
    const last = updates.at(-1)!;
    updates.push({ ...last }, { ...last, oppdateringsid: Number.NaN });
    await poll();
    assert.match((await faultOf('enhetsregisteret')).fault, /units after \d+: the id/);
    assert.equal((await party(number)).name, 'Først AS');
    updates.splice(-2);
    await poll();
    assert.equal((await faultOf('enhetsregisteret')).fault, null);
  });

  it('from Enhetsregisteret: a unit without its main unit waits for it, and what is gone and unknown is passed over', async () => {
    const [number, unknown, unit] = [
      organizationNumber(),
      organizationNumber(),
      organizationNumber(),
    ];
    world.registers.units.change({ unit: { number: unknown, gone: true } });
    world.registers.units.change({ unit: { number, name: 'Hovedenheten AS' } });
    await poll();
    assert.equal(await party(unknown), undefined);
    const head = organizationNumber();
    world.registers.units.change({
      unit: { number: unit, name: 'Uten hode', form: 'BEDR', parent: head },
    });
    await poll();
    assert.equal((await faultOf('enhetsregisteret')).fault, null);
    assert.deepEqual(await asideOf('enhetsregisteret'), ['the main unit is not known']);
    assert.equal(await party(unit), undefined);
    world.registers.units.change({ unit: { number: head, name: 'Hodet AS' } });
    await poll();
    await poll();
    assert.deepEqual(await asideOf('enhetsregisteret'), []);
    assert.equal((await party(unit)).parent, (await party(head)).id);
  });

  it('that are slow keep nothing back that another has ended', async () => {
    const [ward, guardian] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'verge:nav-pensjon')]);
    const line = { from: ward.number, to: guardian.number, code: 'nav/pensjon' };
    feed('vergemal').append({ op: 'upsert', ...line });
    await poll();
    let answerNow = () => {};
    const until = new Promise<void>((done) => {
      answerNow = done;
    });
    world.registers.slow = { register: 'enhetsregisteret', until };
    feed('vergemal').append({ op: 'end', ...line });
    const polled = poll();
    const isEnded = async () =>
      (await faultOf('vergemal')).cursor === String(feed('vergemal').lines.at(-1)!.seq);
    for (let tries = 0; tries < 100 && !(await isEnded()); tries += 1) {
      await new Promise((done) => {
        setTimeout(done, 20);
      });
    }
    assert.equal(await decide(guardian, 'read', resource, ward), 'NotApplicable');
    world.registers.slow = undefined;
    answerNow();
    await polled;
  });
});
