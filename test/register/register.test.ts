// Authoritative registers: a change there is a changed decision here, a fault stops the feed with
// its place and nothing half applied, it resumes when mended, drift is found, and what is asked
// live is never copied.
import assert from 'node:assert/strict';
import {
  at,
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { can, decide, given, newFirm, newResource } from '../support/rights/rights.ts';
import { poll, party, roles, feed } from '../support/registers.ts';

describe('registers', () => {
  before(async () => {
    await poll();
  });

  it('from Enhetsregisteret: a new managing director can act, the old one cannot, and what is unknown opens nothing', async () => {
    const [firm, old, fresh] = [await newOrganization(), await newPerson(), await newPerson()];
    await newRole('dagl', firm, old);
    roles(
      firm.number,
      { role: 'dagl', to: fresh.number },
      { role: 'medl', to: old.number },
      { role: 'eikm', to: old.number },
    );
    const resource = await newResource([can('read', 'dagl')]);
    assert.deepEqual(
      [await decide(old, 'read', resource, firm), await decide(fresh, 'read', resource, firm)],
      ['Permit', 'NotApplicable'],
    );
    await poll();
    assert.deepEqual(
      [await decide(old, 'read', resource, firm), await decide(fresh, 'read', resource, firm)],
      ['NotApplicable', 'Permit'],
    );
    const { rows } = await world.database.db.raw(
      "select type, to_party from event where from_party = ? and type like 'role_%' order by id",
      [firm.id],
    );
    assert.deepEqual(
      rows.map((row: { type: string; to_party: string }) => [row.type, row.to_party]).sort(),
      [
        ['role_gained', fresh.id],
        ['role_gained', old.id],
        ['role_lost', old.id],
      ].sort(),
    );
  });

  it('from Enhetsregisteret: what rests on a lost role ends with it', async () => {
    const [client, { firm: supplier }, employee] = [
      await newOrganization(),
      await newFirm(),
      await newPerson(),
    ];
    roles(client.number, { role: 'regn', to: supplier.number });
    await poll();
    await importThis({
      mandates: [
        {
          from: client.number,
          to: employee.number,
          package: 'regnskapsforer-lonn',
          through: { to: supplier.number, role: 'regn' },
        },
      ],
    });
    assert.equal(await decide(employee, 'write', 'a-melding', client), 'Permit');
    roles(client.number);
    await poll();
    assert.equal(await decide(employee, 'write', 'a-melding', client), 'NotApplicable');
    const { rows } = await world.database.db.raw(
      'select count(*)::int as n from mandate where from_party = ? and ended_at is null',
      [client.id],
    );
    assert.equal(rows[0].n, 0);
  });

  it('from Enhetsregisteret: retired, struck off and dead holders have no role', async () => {
    const [firm, a, b, c] = [
      await newOrganization(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    roles(
      firm.number,
      { role: 'dagl', to: a.number, left: true },
      { role: 'lede', to: b.number, struck: true },
      { role: 'medl', to: c.number, dead: true },
    );
    await poll();
    const { rows } = await world.database.db.raw('select from mandate where from_party = ?', [
      firm.id,
    ]);
    assert.equal(rows.length, 0);
  });

  it('from Enhetsregisteret: units come, change name and form, get sub-units, and end', async () => {
    const [number, sub, gone] = [organizationNumber(), organizationNumber(), organizationNumber()];
    const unit = (changes: object) =>
      world.registers.units.change({ unit: { number, name: 'Nytt AS', form: 'AS', ...changes } });
    unit({});
    world.registers.units.change({ unit: { number: gone, name: 'Borte AS' } });
    await poll();
    assert.deepEqual(
      [(await party(number)).name, (await party(number)).unit_type],
      ['Nytt AS', 'AS'],
    );
    world.registers.units.change({
      unit: { number: sub, name: 'Nytt AS avd. Nord', form: 'BEDR', parent: number },
    });
    unit({ name: 'Nyere ASA', form: 'ASA' });
    await poll();
    assert.deepEqual(
      [(await party(number)).name, (await party(sub)).parent],
      ['Nyere ASA', (await party(number)).id],
    );
    unit({ name: 'Nyere ASA', form: 'ASA', deleted: '2026-11-01' });
    world.registers.units.change({ unit: { number: gone, gone: true } });
    await poll();
    assert.ok((await party(number)).ended_at);
    assert.ok((await party(gone)).ended_at && (await party(gone)).name === 'Borte AS');
  });

  it('from Folkeregisteret: names, protected addresses, parents until eighteen, and death', async () => {
    const [child, mother, father] = [await newPerson(), await newPerson(), await newPerson()];
    world.registers.people.change({
      number: child.number,
      name: 'Barnet Bør Barneby',
      bornOn: '2015-03-01',
      responsible: [mother.number, father.number],
      grade: 'strengtFortrolig',
    });
    await poll();
    assert.deepEqual(
      [(await party(child.number)).name, (await party(child.number)).protected_address],
      ['Barnet Bør Barneby', true],
    );
    const asks = (who: TestParty) => decide(who, 'read', 'skattemelding-person', child);
    assert.deepEqual([await asks(mother), await asks(father)], ['Permit', 'Permit']);
    world.registers.people.change({ number: child.number, responsible: [father.number] });
    await poll();
    assert.deepEqual([await asks(mother), await asks(father)], ['NotApplicable', 'Permit']);
    const birthday = Date.parse('2033-03-01T00:00:00+01:00') - Date.now();
    assert.equal(await at(birthday - 60_000, () => asks(father)), 'Permit');
    assert.equal(await at(birthday + 60_000, () => asks(father)), 'NotApplicable');
    world.registers.people.change({ number: child.number, died: '2026-11-02' });
    await poll();
    assert.equal(await asks(father), 'NotApplicable');
    const newborn = personNumber();
    world.registers.people.change({
      number: newborn,
      name: 'Ny Borger',
      bornOn: '2026-11-01',
      responsible: [mother.number],
    });
    await poll();
    assert.equal((await party(newborn)).name, 'Ny Borger');
  });

  it('of guardianship: a task opens its package, is never given on or ended here, and ends in the source', async () => {
    const [ward, guardian, friend] = [await newPerson(), await newPerson(), await newPerson()];
    feed('vergemal').append({
      op: 'upsert',
      from: ward.number,
      to: guardian.number,
      code: 'skatteetaten/skatt',
      validFrom: '2026-01-01T00:00:00Z',
      omfang: 'Økonomiske forhold',
      type: 'fremtidsfullmakt',
    });
    await poll();
    const told = await call('GET', `/access/v1/mandates?from=${ward.id}`, await personToken(ward));
    assert.deepEqual(told.body.data[0].evidence, {
      scope: 'Økonomiske forhold',
      type: 'fremtidsfullmakt',
    });
    assert.equal(await decide(guardian, 'sign', 'skattemelding-person', ward), 'Permit');
    assert.equal(await decide(guardian, 'read', 'helsehjelp', ward), 'NotApplicable');
    const { rows } = await world.database.db.raw('select id from mandate where from_party = ?', [
      ward.id,
    ]);
    assert.equal(
      (await call('DELETE', `/access/v1/mandates/${rows[0].id}`, await personToken(guardian))).body
        .code,
      'AM-00040',
    );
    assert.equal(
      (
        await call('POST', '/access/v1/mandates', await personToken(guardian), {
          from: ward.id,
          to: friend.id,
          package: 'vergemal-skatteetaten-skatt',
        })
      ).status,
      400,
    );
    feed('vergemal').append({
      op: 'end',
      from: ward.number,
      to: guardian.number,
      code: 'skatteetaten/skatt',
      validTo: '2026-11-01T00:00:00Z',
    });
    await poll();
    assert.equal(await decide(guardian, 'sign', 'skattemelding-person', ward), 'NotApplicable');
  });

  it('of lawyers: loss of status suspends what rests on it, and regaining it gives it back', async () => {
    const [client, lawyer] = [await newPerson(), await newPerson()];
    const line = (op: string, validTo?: string) =>
      feed('advokatregisteret').append({
        op,
        from: lawyer.number,
        code: 'advokat',
        validFrom: '2020-01-01T00:00:00Z',
        ...(validTo ? { validTo } : {}),
      });
    line('upsert');
    await poll();
    await given(client, client, lawyer, { package: 'innbygger-advokat' });
    const asks = () => decide(lawyer, 'read', 'straffesak-innsyn', client);
    assert.equal(await asks(), 'Permit');
    line('end', '2026-11-01T00:00:00Z');
    await poll();
    assert.equal(await asks(), 'NotApplicable');
    line('upsert');
    await poll();
    assert.equal(await asks(), 'Permit');
  });

  it('of employments: those who have left and still hold rights are told to the employer', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    feed('aa-registeret').append({
      op: 'upsert',
      from: firm.number,
      to: clerk.number,
      code: 'arbeidsforhold',
    });
    await poll();
    const mandate = await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const leavers = async (actor: TestParty) =>
      call('GET', `/access/v1/leavers?party=${firm.id}`, await personToken(actor));
    assert.deepEqual((await leavers(boss)).body.data, []);
    feed('aa-registeret').append({
      op: 'end',
      from: firm.number,
      to: clerk.number,
      code: 'arbeidsforhold',
      validTo: '2026-11-01T00:00:00Z',
    });
    await poll();
    const [one] = (await leavers(boss)).body.data;
    assert.deepEqual([one.mandate, one.person.id, one.endedOn], [mandate, clerk.id, '2026-11-01']);
    assert.equal((await leavers(clerk)).status, 403);
    assert.ok(
      (
        await call('GET', `/access/v1/notices?party=${firm.id}`, await personToken(boss))
      ).body.data.some(
        (notice: { type: string; mandate: string }) =>
          notice.type === 'leaver' && notice.mandate === mandate,
      ),
    );
    assert.equal((await call('DELETE', one.links.end, await personToken(boss))).status, 204);
    assert.deepEqual((await leavers(boss)).body.data, []);
  });

  it('of employments: the main unit hears of one who left a sub-unit and holds rights of it', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number, mayAsk: false });
    const mandate = await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const work = { from: unit.number, to: clerk.number, code: 'arbeidsforhold' };
    feed('aa-registeret').append({ op: 'upsert', ...work });
    feed('aa-registeret').append({ op: 'end', ...work, validTo: '2026-11-01T00:00:00Z' });
    await poll();
    const path = `/access/v1/notices?party=${firm.id}`;
    const { data } = (await call('GET', path, await personToken(boss))).body;
    const isOfIt = (one: { type: string; mandate: string }) =>
      one.type === 'leaver' && one.mandate === mandate;
    assert.equal(data.filter(isOfIt).length, 1);
  });
});
