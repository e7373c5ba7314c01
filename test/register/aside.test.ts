// One unknown line stops no register: it is set aside by itself, what it names does not hold until
// it can be read, an end is an end at once, and what holds is the register's last word.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { compared } from '../support/registers.ts';
import { loggedIn } from '../support/pages/browser.ts';
import {
  call,
  importThis,
  newPerson,
  outsideToken,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import { personNumber } from '../support/numbers.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createRegisters } from '../../server/register/commands.ts';
import { openSources } from '../../server/register/source/sources.ts';
import { can, decide, given, newFirm, newResource, ownActs } from '../support/rights/rights.ts';

const poll = () => world.app.registers.poll();
const feed = (code: string) => world.registers.feeds[code]!;
const T = { nb: 'T', nn: 'T', en: 'T' };

/** A task that the catalogue does not have, until it is told. */
const newTask = () => {
  const word = randomUUID().replaceAll('-', '');
  const code = `verge:ny-${word}`;
  const learn = () =>
    importThis({ roles: [{ code, name: T, givenBy: 'person', source: 'vergemal' }] });
  return { task: `ny/${word}`, role: code, learn };
};

interface LogLine {
  level: string;
  msg: string;
  source?: string;
}

/** Roles that hold for the ward now, as the guardian is told. */
async function heldBy(guardian: TestParty, ward: TestParty): Promise<string[]> {
  const { body } = await call(
    'GET',
    `/access/v1/mandates?to=${guardian.id}`,
    await personToken(guardian),
  );
  return body.data
    .filter(
      (one: { status: string; from: { id: string } }) =>
        one.status === 'active' && one.from.id === ward.id,
    )
    .map((one: { role: string }) => one.role)
    .sort();
}

const registers = async () =>
  (
    await call(
      'GET',
      '/access/v1/registers',
      await outsideToken({ scope: 'altinn:authorization/authorize.admin' }),
    )
  ).body.data;
const stateOf = async (source: string) =>
  (await registers()).find((one: { source: string }) => one.source === source);

describe('a line that cannot be read', () => {
  let [ward, guardian]: TestParty[] = [];
  const line = (more: object) =>
    feed('vergemal').append({
      ...{ op: 'upsert', from: ward!.number, to: guardian!.number, code: 'nav/pensjon' },
      ...more,
    } as never);
  beforeEach(async () => {
    await poll();
    [ward, guardian] = [await newPerson(), await newPerson()];
  });

  it('lets the end after it take effect, is counted, and is read when the catalogue knows it', async () => {
    const { task, role, learn } = newTask();
    line({});
    await poll();
    assert.deepEqual(await heldBy(guardian!, ward!), ['verge:nav-pensjon']);
    const before = await stateOf('vergemal');
    line({ code: task });
    line({ op: 'end' });
    await poll();
    assert.deepEqual(await heldBy(guardian!, ward!), []);
    const { aside, asideSince, fault } = await stateOf('vergemal');
    assert.deepEqual([aside, fault], [before.aside + 1, null]);
    assert.ok(asideSince);
    await poll();
    assert.deepEqual(await heldBy(guardian!, ward!), [], 'not before');
    await learn();
    await poll();
    assert.deepEqual(await heldBy(guardian!, ward!), [role]);
    assert.equal((await stateOf('vergemal')).aside, before.aside);
  });

  it('keeps what it names from holding until it is read, and ends nothing', async () => {
    const resource = await newResource([can('read', 'verge:nav-pensjon')]);
    line({});
    await poll();
    assert.equal(await decide(guardian!, 'read', resource, ward!), 'Permit');
    line({ type: 'selvutnevnt' });
    await poll();
    assert.equal(await decide(guardian!, 'read', resource, ward!), 'NotApplicable');
    const { body } = await call(
      'GET',
      `/access/v1/mandates?to=${guardian!.id}`,
      await personToken(guardian!),
    );
    assert.deepEqual(
      body.data.map((one: { status: string }) => one.status),
      ['suspended'],
    );
    line({ type: 'ordinary' });
    await poll();
    assert.equal(await decide(guardian!, 'read', resource, ward!), 'Permit');
  });

  it('is never taken in after what a later line has ended, or said anew', async () => {
    const [one, two] = [newTask(), newTask()];
    line({ code: one.task });
    line({ code: two.task, validTo: '2020-01-01T00:00:00Z' });
    await poll();
    line({ code: one.task, op: 'end' });
    line({ code: two.task });
    await poll();
    await one.learn();
    await two.learn();
    await poll();
    assert.deepEqual(await heldBy(guardian!, ward!), [two.role]);
  });

  it('ends what it says has ended, though its time cannot be read', async () => {
    line({});
    await poll();
    line({ op: 'end', validTo: 'i går' });
    await poll();
    assert.deepEqual(await heldBy(guardian!, ward!), []);
  });

  it('of a death takes effect at once, though its day cannot be read or is not told', async () => {
    const resource = await newResource([can('read', 'privatperson', 'dagl')]);
    const { people } = world.registers;
    for (const doedsfall of [
      { doedsdato: 'ukjent' },
      [{ doedsdato: '2026-02-31', erGjeldende: true }],
      { erGjeldende: true },
      {},
      { doedsdato: '', erGjeldende: true },
      { doedsdato: 20260301 },
      { doedsdato: {} },
      [null, { doedsdato: '2026-03-01' }],
      { doedsdato: '2062-03-01' },
    ]) {
      const { firm, boss } = await newFirm();
      const { number, name } = boss;
      assert.equal(await decide(boss, 'read', resource, firm), 'Permit');
      people.change({ number, name, document: { doedsfall } });
      await poll();
      assert.notEqual(
        await decide(boss, 'read', resource, firm),
        'Permit',
        JSON.stringify(doedsfall),
      );
      people.change({ number, name, document: { doedsfall: null } });
      await poll();
      assert.equal(await decide(boss, 'read', resource, firm), 'Permit', 'it was not so');
    }
  });

  it('that is no line at all is set aside, and its fellow ends what it ends', async () => {
    line({});
    await poll();
    for (const validFrom of [{ toString: 1, valueOf: 1 }, 5, ['2026-01-01']])
      line({ code: 'nav/arbeid', validFrom });
    line({ op: 'end' });
    await poll();
    assert.deepEqual(await heldBy(guardian!, ward!), []);
    assert.equal((await stateOf('vergemal')).fault, null);
  });

  it('about the same is the same, whatever else it says', async () => {
    const number = personNumber();
    const tell = async (more: object) => {
      feed('advokatregisteret').append({ op: 'upsert', from: number, code: 'advokat', ...more });
      await poll();
    };
    await poll();
    await tell({ to: guardian!.number });
    await tell({ op: 'end' });
    const id = randomUUID();
    await importThis({ parties: [{ kind: 'person', id, number, name: 'Ikke Advokat' }] });
    await poll();
    const { rows } = await world.database.db.raw(
      'select kind from qualification where party = ? and (ended_at is null or ended_at > now())',
      [id],
    );
    assert.deepEqual(rows, []);
  });

  it('of many roles loses those that cannot be read, and no more; unread, none of them holds', async () => {
    const [{ firm, boss }, other] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl', 'lede')]);
    const { units } = world.registers;
    const tell = async (holders: { role: string; to: string; left?: boolean }[]) => {
      units.change({ roles: { number: firm.number, holders } });
      await poll();
    };
    const both = [
      { role: 'dagl', to: boss.number },
      { role: 'lede', to: other.number },
    ];
    await tell(both);
    const told = async () => [
      await decide(boss, 'read', resource, firm),
      await decide(other, 'read', resource, firm),
    ];
    assert.deepEqual(await told(), ['Permit', 'Permit']);
    const { get } = units;
    const answering = (change: (body: any) => unknown) => {
      units.get = (path, query, mayNumbers) => {
        const answer = get.call(units, path, query, mayNumbers);
        return path.includes(firm.number) && path.endsWith('/roller')
          ? { ...answer, body: change(answer.body) }
          : answer;
      };
    };
    answering((body) => ({
      rollegrupper: [...body.rollegrupper, { roller: [{ person: { fodselsnummer: '1' } }, null] }],
    }));
    await tell([{ role: 'lede', to: other.number }]);
    assert.deepEqual(await told(), ['NotApplicable', 'Permit']);
    answering(() => ({ rollegrupper: 5 }));
    await tell(both);
    assert.deepEqual(await told(), ['NotApplicable', 'NotApplicable']);
    units.get = get;
    await tell(both);
    assert.deepEqual(await told(), ['Permit', 'Permit']);
  });

  it('of nobody that can be read is counted and told at once, and stops nothing', async () => {
    const told: LogLine[] = [];
    const log = createLogger('warn', (text) => void told.push(JSON.parse(text)));
    const own = createRegisters(
      ownActs(),
      openSources(world.env.registers.filter(({ source }) => source === 'vergemal')),
      log,
    );
    const before = (await stateOf('vergemal')).unnamed;
    line({ from: '12345678901' });
    line({ from: { toString: 1 } });
    line({});
    await own.poll();
    assert.equal((await stateOf('vergemal')).unnamed, before + 2);
    assert.deepEqual(await heldBy(guardian!, ward!), ['verge:nav-pensjon']);
    const errors = told.filter(({ level }) => level === 'error');
    assert.match(errors[0]!.msg, /no party can be read/);
    assert.ok(!JSON.stringify(told).includes(ward!.number), 'no number in the log');
  });

  it('of somebody who is not known waits until that one is', async () => {
    const number = personNumber();
    feed('vergemal').append({
      ...{ op: 'upsert', from: number, to: guardian!.number, code: 'nav/pensjon' },
    });
    await poll();
    const id = randomUUID();
    await importThis({ parties: [{ kind: 'person', id, number, name: 'Sen Ankomst' }] });
    await poll();
    assert.deepEqual(await heldBy(guardian!, { id, number, name: 'Sen Ankomst' } as TestParty), [
      'verge:nav-pensjon',
    ]);
  });

  it('is an error in the log and a gauge when it lasts', async () => {
    const told: LogLine[] = [];
    const own = createRegisters(
      ownActs(),
      openSources(world.env.registers.filter(({ source }) => source === 'vergemal')),
      createLogger('warn', (text) => void told.push(JSON.parse(text))),
      { patienceMillis: 600_000 },
    );
    line({ code: newTask().task });
    await own.poll();
    assert.ok(!told.some(({ msg }) => msg.includes('longer than may be')));
    await world.database.db.raw("update register_aside set at = at - interval '1 hour'");
    await own.poll();
    const late = told.find(({ msg }) => msg.includes('longer than may be'));
    assert.deepEqual([late!.level, late!.source], ['error', 'vergemal']);
    const text = await world.metrics.registry.metrics();
    assert.match(text, /tillit_register_aside\{source="vergemal"\} [1-9]/);
    assert.match(text, /tillit_register_behind_seconds\{source="vergemal"\}/);
  });

  it('of lawyers and of work keeps the standing from holding until it is read', async () => {
    const { firm, boss } = await newFirm();
    const worker = await newPerson();
    const lawyer = await newPerson();
    const tell = async (source: string, one: object) => {
      feed(source).append({ op: 'upsert', ...one } as never);
      await poll();
    };
    const work = { from: firm.number, to: worker.number, code: 'arbeidsforhold' };
    await tell('aa-registeret', work);
    await tell('advokatregisteret', { from: lawyer.number, code: 'advokat' });
    const standing = async () =>
      (
        await world.database.db.raw(
          `select (select ended_on is null or ended_on > current_date from employment where employee = ?) as works,
            (select ended_at is null or ended_at > now() from qualification where party = ?) as practises`,
          [worker.id, lawyer.id],
        )
      ).rows[0];
    assert.deepEqual(await standing(), { works: true, practises: true });
    await tell('aa-registeret', { ...work, validTo: 'snart' });
    await tell('advokatregisteret', { from: lawyer.number, code: 'advokat', validFrom: 'før' });
    assert.deepEqual(await standing(), { works: false, practises: false });
    await tell('aa-registeret', work);
    await tell('advokatregisteret', { from: lawyer.number, code: 'advokat' });
    assert.deepEqual(await standing(), { works: true, practises: true });
    // An end without a time is an end at the instant told.
    await given(boss, firm, worker, { package: 'merverdiavgift' });
    await tell('aa-registeret', { ...work, op: 'end' });
    await tell('advokatregisteret', { from: lawyer.number, code: 'advokat', op: 'end' });
    assert.deepEqual(await standing(), { works: false, practises: false });
    const left = await call('GET', `/access/v1/leavers?party=${firm.id}`, await personToken(boss));
    assert.deepEqual(
      left.body.data.map((one: { person: { id: string } }) => one.person.id),
      [worker.id],
    );
    await loggedIn(worker, '/overview');
  });
});

describe('what holds of a register', () => {
  it('is its last word, in whatever order lines, set-asides and catalogues come', async () => {
    const lineOf = fc.record({
      relation: fc.constantFrom(0, 1, 2),
      how: fc.constantFrom('good', 'good', 'bad', 'end', 'bad end'),
      act: fc.constantFrom('tell', 'tell', 'poll', 'learn'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(lineOf, { minLength: 1, maxLength: 12 }), async (steps) => {
        const [ward, guardian] = [await newPerson(), await newPerson()];
        const known = { task: 'nav/pensjon', role: 'verge:nav-pensjon', learn: async () => {} };
        const tasks = [known, newTask(), newTask()];
        const last = new Map<number, string>();
        let learnt = false;
        for (const { relation, how, act } of steps) {
          if (act === 'learn' && !learnt) {
            learnt = true;
            await tasks[1]!.learn();
          }
          last.set(relation, how);
          const wrong = how.startsWith('bad') ? { validTo: 'ukjent' } : {};
          feed('vergemal').append({
            ...{ op: how.endsWith('end') ? 'end' : 'upsert', code: tasks[relation]!.task },
            ...{ from: ward.number, to: guardian.number, ...wrong },
          });
          if (act === 'poll') await poll();
        }
        await poll();
        await poll();
        const expected = tasks
          .filter(
            (_, index) => last.get(index) === 'good' && (index === 0 || (index === 1 && learnt)),
          )
          .map(({ role }) => role)
          .sort();
        assert.deepEqual(await heldBy(guardian, ward), expected);
        await tasks[1]!.learn();
        await tasks[2]!.learn();
        await poll();
        const all = tasks
          .filter((_, index) => last.get(index) === 'good')
          .map(({ role }) => role)
          .sort();
        assert.deepEqual(await heldBy(guardian, ward), all);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a reconciliation', () => {
  it('finds an employment, a guardian and a lawyer of whom the feed never spoke', async () => {
    const { firm } = await newFirm();
    const [worker, ward, guardian, lawyer] = [
      await newPerson(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    const before = new Map(
      ['aa-registeret', 'vergemal', 'advokatregisteret'].map((code) => [code, feed(code).lines]),
    );
    await poll();
    // Told where nobody reads: the place of the feed is passed by.
    const quietly = async (source: string, line: object) => {
      feed(source).append({ op: 'upsert', ...line } as never);
      await world.database.db.raw('update register_cursor set cursor = ? where source = ?', [
        String(feed(source).lines.at(-1)!.seq),
        source,
      ]);
    };
    await quietly('aa-registeret', {
      ...{ from: firm.number, to: worker.number, code: 'arbeidsforhold' },
    });
    await quietly('vergemal', { from: ward.number, to: guardian.number, code: 'nav/pensjon' });
    await quietly('advokatregisteret', { from: lawyer.number, code: 'advokat' });
    // By everybody is by many: once for companies and once for persons.
    for (const [source, party, ways] of [
      ['aa-registeret', firm, [true, false]],
      ['vergemal', ward, [true, false]],
      ['advokatregisteret', lawyer, [true]],
    ] as const) {
      for (const tells of ways) {
        const own = feed(source);
        if (!tells)
          world.registers.feeds[source] = Object.assign(Object.create(own), {
            get: (path: string, query: URLSearchParams) =>
              path === '/parties' ? { status: 404 } : own.get(path, query),
          }) as never;
        const { drift } = await compared(world.app.registers, source);
        world.registers.feeds[source] = own;
        assert.ok(
          drift.some((one) => one.party === party.id),
          `${source} ${tells ? 'by its parties' : 'by everybody'}`,
        );
      }
    }
    assert.equal(before.size, 3);
  });
});
