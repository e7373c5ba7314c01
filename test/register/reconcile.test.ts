// What we hold of a register against what it says, with a register that says of everybody else what
// we hold: every kind of fact is compared, and put right as far as the setting lets it.
import assert from 'node:assert/strict';
import { employ } from '../support/rows.ts';
import { personNumber } from '../support/numbers.ts';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { actAlone } from '../../server/platform/act.ts';
import { createRegisters } from '../../server/register/commands.ts';
import { feedSource } from '../../server/register/source/feed.ts';
import { MAPPINGS, type FeedLine } from '../../server/register/source/feed_model.ts';
import type { Repair } from '../../server/register/model.ts';
import { askForComparison } from '../../server/register/reconcile/progress_store.ts';
import type { OtherEnd } from '../../server/register/reconcile/model.ts';
import {
  at,
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  world,
  type TestParty,
} from '../support/world.ts';
import {
  can,
  decide,
  newMandate,
  newResource,
  ownActs,
  pdpToken,
} from '../support/rights/rights.ts';

type Line = Omit<FeedLine, 'seq'>;
const TASK = 'verge:skatteetaten-skatt';
const HOUR = 3_600_000;

const rows = async (text: string, values: unknown[]) =>
  (await world.database.db.raw(text, values as never)).rows as {
    person_no?: string;
    organization_no?: string;
    role: string;
    kind: string;
    until: Date | null;
  }[];

/** What we hold of a source about a party, as its register would say it. */
async function heldLines(source: string, number: string): Promise<Line[]> {
  const of = async (text: string) =>
    await rows(`${text} where giver.person_no = ? or giver.organization_no = ?`, [number, number]);
  const holds = `(held.ended_at is null or held.ended_at > now())`;
  const party = (row: { person_no?: string; organization_no?: string }) =>
    row.person_no ?? row.organization_no;
  const upsert = { op: 'upsert' as const, from: number };
  const ends = (until: Date | null) => (until ? { validTo: until.toISOString() } : {});
  const ending = (until: Date | null) => (until ? { op: 'end' as const, ...ends(until) } : {});
  switch (source) {
    case 'vergemal':
      return [
        ...(
          await of(`select held.role, held.valid_to as until, party.person_no, party.organization_no from party giver join mandate held on held.from_party = giver.id
          and held.basis = 'register' and ${holds} join role on role.code = held.role and role.source = 'vergemal' join party on party.id = held.to_party`)
        ).map(
          (row): Line => ({
            ...upsert,
            to: party(row),
            code: row.role.slice(6).replace('-', '/'),
            ...ends(row.until),
          }),
        ),
        ...(
          await of(
            `select held.role, held.ended_at as until from party giver join incapacity held on held.person = giver.id and ${holds}`,
          )
        ).map(
          ({ role, until }): Line => ({
            ...upsert,
            ...ends(until),
            code: 'rettslig-handleevne',
            ...(role ? { matter: role.slice(6).replace('-', '/') } : {}),
          }),
        ),
      ];
    case 'aa-registeret':
      return (
        await of(`select party.person_no, party.organization_no from party giver join employment held on held.employer = giver.id
        and held.ended_on is null join party on party.id = held.employee`)
      ).map((row): Line => ({ ...upsert, to: party(row), code: 'arbeidsforhold' }));
    default:
      return (
        await of(
          `select held.kind, held.ended_at as until from party giver join qualification held on held.party = giver.id and ${holds}`,
        )
      )
        .filter(({ kind }) => (kind === 'advokat') === (source === 'advokatregisteret'))
        .map(({ kind, until }): Line => ({ ...upsert, ...ending(until), code: kind }));
  }
}

describe('a reconciliation', () => {
  let server: Server;
  let url: string;
  /** What the register says of those whom a test is about; null is no answer, a text no fact. */
  const says = new Map<string, Line[] | null | string>();

  before(async () => {
    server = createServer(async (request, response) => {
      const asked = new URL(request.url!, 'http://x');
      const number = asked.searchParams.get('party')!;
      if (asked.pathname.endsWith('/parties')) {
        response.end(JSON.stringify({ parties: [] }));
        return;
      }
      if (asked.pathname.endsWith('/feed')) {
        response.end(JSON.stringify({ lines: [] }));
        return;
      }
      const told =
        says.get(number) ??
        (says.has(number) ? null : await heldLines(asked.pathname.split('/')[1]!, number));
      if (told === null) response.writeHead(503).end();
      else
        response.end(JSON.stringify({ lines: typeof told === 'string' ? [{ code: told }] : told }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => says.clear());

  /** A node's registers, of one source. */
  function nodeOf(source: string, repair: Repair = 'end', atMost = 1, perSecond = 10_000) {
    const register = feedSource(source, `${url}/${source}`, undefined, MAPPINGS[source]!);
    const asked: string[] = [];
    const lookup: typeof register.lookup = (number, kind) => {
      asked.push(number);
      return register.lookup(number, kind);
    };
    const registers = createRegisters(
      ownActs(),
      [{ ...register, lookup, repair, atMost, perSecond }],
      pino({ level: 'silent' }),
    );
    return { registers, asked };
  }

  async function reconcile(source: string, repair: Repair = 'end', atMost = 1) {
    const { registers } = nodeOf(source, repair, atMost);
    const found = await registers.reconcile(source);
    return {
      ...found,
      of: (party: TestParty) => found.drift.filter((one) => one.party === party.id),
    };
  }

  async function wardWithGuardians() {
    const [ward, one, two] = [await newPerson(), await newPerson(), await newPerson()];
    await newRole(TASK, ward, one);
    const resource = await newResource([can('read', TASK)]);
    const line = (to: TestParty): Line => ({
      op: 'upsert',
      from: ward.number,
      to: to.number,
      code: 'skatteetaten/skatt',
    });
    return { ward, one, two, resource, line };
  }

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
    assert.equal(of(ward)[0]!.done, undefined);
  });

  const driftOf = async (source: string) =>
    (
      await world.database.db.raw(
        'select checked, drift, ended from register_drift where source = ? order by id desc limit 1',
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
    const away = (await wardWithGuardians()).ward;
    says.set(away.number, null);
    await askForComparison(actAlone(world.database.db), source);
    await assert.rejects(nodeOf(source).registers.compareWhenDue(source, () => true));
    assert.equal((await driftOf(source)).checked, checked, 'it is not through');
    says.clear();
    await nodeOf(source).registers.compareWhenDue(source, () => true);
    assert.equal((await driftOf(source)).checked, checked + 1);
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

  it('ends nothing when it would be more than the setting lets', async () => {
    const { ward, one, resource } = await wardWithGuardians();
    says.set(ward.number, []);
    const { of, ended, heldBack } = await reconcile('vergemal', 'end', 0);
    assert.equal(of(ward)[0]!.done, undefined);
    assert.equal(ended, 0);
    assert.match(heldBack!, /facts would end, more than 0/);
    assert.equal(await decide(one, 'read', resource, ward), 'Permit');
  });

  it('ends nothing on an answer that is not whole, or that never comes', async () => {
    const { ward, one, resource } = await wardWithGuardians();
    says.set(ward.number, 'no-task');
    const { of } = await reconcile('vergemal');
    assert.equal(of(ward)[0]!.what, 'document');
    assert.equal(of(ward)[0]!.done, undefined);
    says.set(ward.number, null);
    await assert.rejects(reconcile('vergemal'));
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
    const told = await rows("select 1 from notice where party = ? and type = 'leaver'", [firm.id]);
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
        theirs: [{ fact: 'roles', key, until: new Date(soon) }],
        done: 'ended',
      },
    ]);
    assert.deepEqual(await untilOf(ward), [new Date(soon)]);
    assert.deepEqual((await reconcile('vergemal')).of(ward), []);
    says.set(ward.number, [{ ...line(one), validTo: later }]);
    assert.equal((await reconcile('vergemal')).of(ward)[0]!.done, undefined);
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
    const held = await rows(
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
