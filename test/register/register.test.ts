// Authoritative registers: a change there is a changed decision here, a fault stops the feed with
// its place and nothing half applied, it resumes when mended, drift is found, and what is asked
// live is never copied.
import assert from 'node:assert/strict';
import { loggedIn } from '../support/browser.ts';
import {
  at,
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createRegisters } from '../../server/register/commands.ts';
import { openSources } from '../../server/register/sources.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import {
  can,
  decide,
  evaluate,
  given,
  newFirm,
  newResource,
  ownActs,
  question,
} from '../support/rights.ts';

const poll = () => world.app.registers.poll();
const party = async (number: string) =>
  (
    await world.database.db.raw(
      'select id, name, ended_at, unit_type, parent, protected_address, born_on from party where person_no = ? or organization_no = ?',
      [number, number],
    )
  ).rows[0];
const faultOf = async (source: string) =>
  (
    await world.database.db.raw('select cursor, fault from register_cursor where source = ?', [
      source,
    ])
  ).rows[0];
const unnamedOf = async (source: string): Promise<number> =>
  (await world.database.db.raw('select unnamed from register_cursor where source = ?', [source]))
    .rows[0].unnamed;
const asideOf = async (source: string): Promise<string[]> =>
  (
    await world.database.db.raw('select why from register_aside where source = ? order by id', [
      source,
    ])
  ).rows.map((row: { why: string }) => row.why);
const roles = (
  number: string,
  ...holders: { role: string; to: string; left?: boolean; struck?: boolean; dead?: boolean }[]
) => world.registers.units.change({ roles: { number, holders } });
const feed = (code: string) => world.registers.feeds[code]!;

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
      rows.map((row: any) => [row.type, row.to_party]).sort(),
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
      ).body.data.some((notice: any) => notice.type === 'leaver' && notice.mandate === mandate),
    );
    assert.equal((await call('DELETE', one.links.end, await personToken(boss))).status, 204);
    assert.deepEqual((await leavers(boss)).body.data, []);
  });

  it('stop at a gap with the place, and set an unknown or impossible line aside with why, and go on', async () => {
    const lines = feed('vergemal').lines;
    const [ward, guardian] = [await newPerson(), await newPerson()];
    const last = () => lines.at(-1)?.seq ?? 0;
    const good = (code: string) =>
      feed('vergemal').append({ op: 'upsert', from: ward.number, to: guardian.number, code });
    const BAD: [string, object, RegExp][] = [
      [
        'a gap',
        { op: 'upsert', from: ward.number, to: guardian.number, code: 'nav/pensjon', seq: 0 },
        /are missing/,
      ],
      [
        'an unknown operation',
        { op: 'perhaps', from: ward.number, to: guardian.number, code: 'nav/pensjon' },
        /perhaps is not known/,
      ],
      [
        'a task that is none',
        { op: 'upsert', from: ward.number, to: guardian.number, code: 'pensjon' },
        /not one of a receiving body/,
      ],
      [
        'a task that the catalogue does not have',
        { op: 'upsert', from: ward.number, to: guardian.number, code: 'nav/ferie' },
        /nav-ferie is not known/,
      ],
      [
        'a number that cannot be',
        { op: 'upsert', from: '12345678901', to: guardian.number, code: 'nav/pensjon' },
        /control digits/,
      ],
      [
        'somebody who is not known',
        { op: 'upsert', from: personNumber(), to: guardian.number, code: 'nav/pensjon' },
        /a party is not known/,
      ],
      [
        'an end before the beginning',
        {
          op: 'upsert',
          from: ward.number,
          to: guardian.number,
          code: 'nav/pensjon',
          validFrom: '2026-02-01T00:00:00Z',
          validTo: '2026-01-01T00:00:00Z',
        },
        /ends before it begins/,
      ],
      [
        'a kind of guardianship that there is not',
        {
          op: 'upsert',
          from: ward.number,
          to: guardian.number,
          code: 'nav/pensjon',
          type: 'selvutnevnt',
        },
        /the type selvutnevnt is not known/,
      ],
      [
        "one's own guardian",
        { op: 'upsert', from: ward.number, to: ward.number, code: 'nav/pensjon' },
        /for itself/,
      ],
    ];
    const before = await unnamedOf('vergemal');
    let unnamed = 0;
    for (const [name, line, why] of BAD) {
      good('nav/arbeid');
      const until = last();
      feed('vergemal').append({ ...line, ...('seq' in line ? { seq: until + 3 } : {}) } as never);
      good('nav/familie');
      await poll();
      const stopped = await faultOf('vergemal');
      const { rows: aside } = await world.database.db.raw(
        "select why from register_aside where source = 'vergemal'",
      );
      if (name === 'a gap') {
        assert.match(stopped.fault, why, name);
        assert.equal(stopped.cursor, String(until), name);
        await poll();
        assert.equal((await faultOf('vergemal')).cursor, String(until));
      } else {
        assert.deepEqual(stopped, { cursor: String(last()), fault: null }, name);
        const isNobody = name === 'a number that cannot be';
        if (isNobody) unnamed += 1;
        else
          assert.ok(
            aside.some((row: any) => why.test(row.why)),
            name,
          );
        continue;
      }
      lines.splice(lines.findIndex((one) => one.seq === until) + 1);
      good('nav/familie');
      await poll();
      assert.deepEqual(await faultOf('vergemal'), { cursor: String(last()), fault: null }, name);
    }
    const { rows } = await world.database.db.raw(
      'select role from mandate where from_party = ? order by role',
      [ward.id],
    );
    assert.deepEqual(
      rows.map((row: any) => row.role),
      ['verge:nav-arbeid', 'verge:nav-familie'],
    );
    assert.equal(await unnamedOf('vergemal'), before + unnamed);
    assert.equal(unnamed, 1);
  });

  it('pass over what was told twice, and refuse numbers that go backwards', async () => {
    const [ward, guardian] = [await newPerson(), await newPerson()];
    const { lines } = feed('vergemal');
    const seq = (lines.at(-1)?.seq ?? 0) + 1;
    const line = { op: 'upsert', from: ward.number, to: guardian.number, code: 'nav/pensjon', seq };
    feed('vergemal').append(line);
    feed('vergemal').append(line);
    await poll();
    assert.deepEqual(await faultOf('vergemal'), { cursor: String(seq), fault: null });
    lines.pop();
    const person = await newPerson();
    const { events } = world.registers.people;
    const next = (events.at(-1)?.sekvensnummer ?? 0) + 5;
    world.registers.people.change({ number: person.number, name: person.name, seq: next });
    world.registers.people.change({ number: person.number, name: person.name, seq: next - 2 });
    await poll();
    assert.match((await faultOf('folkeregisteret')).fault, /comes after/);
    events.splice(-1);
    await poll();
    assert.equal((await faultOf('folkeregisteret')).fault, null);
  });

  it('that are away change nothing, and are read on when they are back', async () => {
    const [firm, boss] = [await newOrganization(), await newPerson()];
    roles(firm.number, { role: 'dagl', to: boss.number });
    const resource = await newResource([can('read', 'dagl')]);
    world.registers.away = true;
    await poll();
    assert.equal(await decide(boss, 'read', resource, firm), 'NotApplicable');
    world.registers.away = false;
    await poll();
    assert.equal(await decide(boss, 'read', resource, firm), 'Permit');
  });

  it('are compared at night, and every difference is found', async () => {
    const number = personNumber();
    world.registers.people.change({ number, name: 'Rett Navn', bornOn: '1990-01-01' });
    await poll();
    await world.database.db.raw("update party set name = 'Feil Navn' where person_no = ?", [
      number,
    ]);
    const { checked, drift } = await world.app.registers.reconcile('folkeregisteret');
    assert.ok(checked > 10);
    const own = (drift as any[]).filter((one) => one.ours === 'Feil Navn');
    assert.deepEqual(
      own.map((one) => [one.what, one.theirs]),
      [['name', 'Rett Navn']],
    );
    const units = await world.app.registers.reconcile('enhetsregisteret');
    assert.ok(units.checked > 0);
    const firm = organizationNumber();
    const boss = await newPerson();
    world.registers.units.change({
      unit: { number: firm, name: 'Avvik AS' },
      roles: { number: firm, holders: [{ role: 'dagl', to: boss.number }] },
    });
    await poll();
    const held = 'from mandate where from_party = (select id from party where organization_no = ?)';
    await world.database.db.raw(
      `delete from notice where mandate_id in (select mandate.id ${held})`,
      [firm],
    );
    await world.database.db.raw(`delete ${held}`, [firm]);
    const again = await world.app.registers.reconcile('enhetsregisteret');
    assert.deepEqual(
      (again.drift as any[])
        .filter((one) => one.theirs?.[0] === `dagl ${boss.id}`)
        .map((one) => one.what),
      ['roles'],
    );
    assert.ok(
      !JSON.stringify(again.drift).includes(boss.number),
      'no national number in what is stored',
    );
  });

  it('are told to operators with their legal basis, place and fault', async () => {
    const { body } = await call(
      'GET',
      '/access/v1/registers',
      await outsideToken({ scope: 'altinn:authorization/authorize.admin' }),
    );
    const one = body.data.find((register: any) => register.source === 'enhetsregisteret');
    assert.ok(
      one.legalBasis && one.purpose && one.cursor && one.reachable && one.reconciled.checked > 0,
    );
    assert.equal(
      (
        await call(
          'GET',
          '/access/v1/registers',
          await organizationToken(await newOrganization(), 'altinn:authorization/authorize'),
        )
      ).status,
      403,
    );
  });

  it('that are asked live decide at the moment, copy nothing, and are a doubt when they are away', async () => {
    const [patient, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson', 'register:helse/legetimer')]);
    const asks = () => decide(helper, 'read', resource, patient);
    assert.equal(await asks(), 'NotApplicable');
    world.registers.health.mandates = [
      { from: patient.number, to: helper.number, code: 'legetimer', text: 'Bestille legetime' },
    ];
    assert.equal(await asks(), 'Permit');
    const overview = async (who: TestParty) =>
      (await call('GET', '/access/v1/outside', await personToken(who))).body.data[0];
    assert.deepEqual(
      (await overview(patient)).mandates.map((one: any) => [one.direction, one.name, one.text]),
      [['given', helper.name, 'Bestille legetime']],
    );
    assert.equal((await overview(helper)).mandates[0].direction, 'received');
    assert.ok(!JSON.stringify(await overview(patient)).includes(helper.number));
    const browser = await loggedIn(patient, '/overview?show=statutory');
    assert.match(browser.page.html, /Andre registre[\s\S]*Bestille legetime/);
    assert.ok(!browser.page.html.includes(helper.number));
    assert.doesNotMatch((await browser.open('/overview')).html, /Andre registre/);
    world.registers.away = true;
    assert.equal(await asks(), 'Indeterminate');
    assert.match((await browser.open('/overview?show=statutory')).html, /ikke tilgjengelig nå/);
    assert.equal(
      await decide(patient, 'read', resource, patient),
      'Permit',
      'oneself needs no other register',
    );
    assert.deepEqual(await overview(patient), { source: 'helse', available: false, mandates: [] });
    world.registers.away = false;
    world.registers.health.mandates = [];
    assert.equal(await asks(), 'NotApplicable');
    const { rows } = await world.database.db.raw('select from mandate where from_party = ?', [
      patient.id,
    ]);
    assert.equal(rows.length, 0);
  });

  it('that are slow hold up only those who ask about them', async () => {
    const [patient, helper] = [await newPerson(), await newPerson()];
    const live = await newResource([can('read', 'privatperson', 'register:helse/legetimer')]);
    const other = await newResource([can('read', 'privatperson')]);
    world.registers.health.mandates = [
      { from: patient.number, to: helper.number, code: 'legetimer', text: 'Bestille legetime' },
    ];
    let answerNow = () => {};
    const until = new Promise<void>((done) => {
      answerNow = done;
    });
    world.registers.slow = { register: 'helse', until };
    let isLiveDone = false;
    const asksLive = async () => {
      const { body } = await evaluate(question(helper, 'read', live, patient));
      isLiveDone = true;
      return body.decision;
    };
    const slow = asksLive();
    const quick = await Promise.all(
      Array.from({ length: 20 }, () => evaluate(question(patient, 'read', other, patient))),
    );
    assert.deepEqual(
      [quick.every(({ body }) => body.decision === true), isLiveDone],
      [true, false],
    );
    answerNow();
    assert.equal(await slow, true);
    world.registers.slow = undefined;
    world.registers.health.mandates = [];
  });

  it("from Folkeregisteret: a parent's document makes nobody responsible for the parent, and no birth date gives nobody an endless say", async () => {
    const [mother, father, child] = [await newPerson(), await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson', 'foreldreansvar')]);
    const responsible = [
      {
        ansvar: 'felles',
        ansvarlig: father.number,
        ansvarssubjekt: child.number,
        erGjeldende: true,
      },
    ];
    world.registers.people.change({
      number: mother.number,
      name: mother.name,
      bornOn: '2010-05-05',
      document: { foreldreansvar: responsible },
    });
    world.registers.people.change({
      number: child.number,
      name: child.name,
      responsible: [father.number],
      document: { foedsel: [] },
    });
    await poll();
    assert.equal((await faultOf('folkeregisteret')).fault, null);
    for (const from of [mother, child])
      assert.equal(await decide(father, 'read', resource, from), 'NotApplicable');
    world.registers.people.change({ number: child.number, document: {}, bornOn: '2020-05-05' });
    await poll();
    assert.equal(await decide(father, 'read', resource, child), 'Permit');
    // Parental responsibility that is told to begin when it is over is over, not impossible.
    world.registers.people.change({
      number: child.number,
      bornOn: '1990-05-05',
      document: { foreldreansvar: [{ ...responsible[0], gyldighetstidspunkt: '2020-01-01' }] },
    });
    await poll();
    assert.equal((await faultOf('folkeregisteret')).fault, null);
    assert.equal(await decide(father, 'read', resource, child), 'NotApplicable');
  });

  it('that tell an impossible time or name keep what came before it, and go on', async function long() {
    this.timeout(120_000);
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
