// Feeds of registers that stop, repeat, skip or are away: nothing is lost, and nothing wrong gets
// in.
import assert from 'node:assert/strict';
import { loggedIn } from '../support/pages/browser.ts';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  outsideToken,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { can, decide, evaluate, newResource, question } from '../support/rights/rights.ts';
import { compared, poll, roles, feed, faultOf } from '../support/registers.ts';
const unnamedOf = async (source: string): Promise<number> =>
  (await world.database.db.raw('select unnamed from register_cursor where source = ?', [source]))
    .rows[0].unnamed;

describe('registers', () => {
  before(async () => {
    await poll();
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
            aside.some((row: { why: string }) => why.test(row.why)),
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
      rows.map((row: { role: string }) => row.role),
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
    const { checked, drift } = await compared(world.app.registers, 'folkeregisteret');
    assert.ok(checked > 10);
    const own = drift.filter((one) => one.ours === 'Feil Navn');
    assert.deepEqual(
      own.map((one) => [one.what, one.theirs]),
      [['name', 'Rett Navn']],
    );
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
    const again = await compared(world.app.registers, 'enhetsregisteret');
    assert.deepEqual(
      again.drift
        .filter((one) => (one.theirs as string[] | null)?.[0] === `dagl ${boss.id}`)
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
    const one = body.data.find(
      (register: { source: string }) => register.source === 'enhetsregisteret',
    );
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
      (await overview(patient)).mandates.map(
        (one: { direction: string; name: string; text: string }) => [
          one.direction,
          one.name,
          one.text,
        ],
      ),
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
});
