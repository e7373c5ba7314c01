// What an owner knows by its feed: in generated worlds that change in every way, somebody who asks
// anew about what each line names knows whom the decision point lets in, and nobody else.
import { endParty } from '../support/rows.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { shareOf } from '../support/random.ts';
import { end, given, newFirm, newResource, permitsEach } from '../support/rights/rights.ts';
import {
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  world,
  type TestParty,
} from '../support/world.ts';

const FEED = '/access/v1/owner/events';
const SCOPE = 'altinn:authorization/authorize';
const DAY = 86_400_000;
const [PERSONS, MAINS, UNITS] = [4, 4, 2];
const PARTIES = PERSONS + MAINS + UNITS;
const ACTIONS = ['read', 'write'];

interface Line {
  cause: string;
  type: string;
  party: string | null;
  from: string | null;
  to: string | null;
  parties: string[];
  resources: { id: string; actions: string[] | null }[];
}

async function read(owner: TestParty, cursor: string): Promise<{ lines: Line[]; cursor: string }> {
  const query = new URLSearchParams({ cursor, limit: '1000' });
  const { status, body, text } = await call(
    'GET',
    `${FEED}?${query}`,
    await organizationToken(owner, SCOPE),
  );
  assert.equal(status, 200, text);
  assert.equal(body.links.next, null);
  return { lines: body.data, cursor: body.cursor };
}

const person = fc.nat({ max: PERSONS - 1 });
const main = fc.integer({ min: PERSONS, max: PERSONS + MAINS - 1 });
const unit = fc.integer({ min: PERSONS + MAINS, max: PARTIES - 1 });
const firm = fc.oneof(main, unit);
const party = fc.nat({ max: PARTIES - 1 });
const days = fc.constantFrom(0, 0, 2, 5);

/** A change of what decisions rest on. */
const CHANGE = fc.oneof(
  fc.record({
    kind: fc.constant('role' as const),
    from: main,
    to: party,
    role: fc.constantFrom('dagl', 'innh', 'regn', 'medl', 'dtpr'),
    days,
  }),
  fc.record({
    kind: fc.constant('gift' as const),
    from: party,
    to: party,
    what: fc.constantFrom('merverdiavgift', 'a-ordning', 'read', 'write'),
    days,
    subunits: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('suspend' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('dies' as const), who: party, back: fc.boolean() }),
  fc.record({ kind: fc.constant('moves' as const), unit, to: main }),
  fc.record({
    kind: fc.constant('form' as const),
    firm: main,
    form: fc.constantFrom('AS', 'ENK', 'IKS'),
  }),
  fc.record({ kind: fc.constant('estate' as const), firm: main, on: fc.boolean() }),
  fc.record({ kind: fc.constant('capacity' as const), who: person, taken: fc.boolean() }),
  fc.record({ kind: fc.constant('list' as const), firm, on: fc.boolean() }),
  fc.record({ kind: fc.constant('policy' as const), opens: fc.boolean() }),
  fc.record({ kind: fc.constant('days' as const), days: fc.constantFrom(1, 3) }),
);
type Change = typeof CHANGE extends fc.Arbitrary<infer One> ? One : never;

const RULES = [
  { action: 'read', subjects: ['medl', 'package:merverdiavgift', 'package:regnskapsforer-lonn'] },
  { action: 'write', subjects: ['keyrole', 'package:a-ordning'] },
];
/** Of a service that no role of a leader's own opens. */
const OTHER_RULES = [
  { action: 'read', subjects: ['regn'] },
  { action: 'write', subjects: ['medl'] },
];

/** A small world, the owner of one service in it, and what the owner knows. */
class World {
  readonly nodes = Array.from({ length: PARTIES }, (_, index) => ({
    id: randomUUID(),
    number: index < PERSONS ? personNumber() : organizationNumber(),
  }));
  readonly known = new Map<string, boolean>();
  readonly list = `liste-${randomUUID()}`;
  owner!: TestParty;
  resource!: string;
  other!: string;
  cursor = '0';
  day = 0;

  async begin(): Promise<void> {
    this.owner = await newOrganization();
    await importThis({
      accessLists: [{ owner: this.owner.number, id: this.list, name: 'Liste', members: [] }],
      parties: this.nodes.map(({ id, number }, index) => ({
        kind: index < PERSONS ? 'person' : index < PERSONS + MAINS ? 'organization' : 'subunit',
        id,
        number,
        name: `Part ${number}`,
        ...(index < PERSONS ? {} : { unitType: 'AS' }),
        ...(index < PERSONS + MAINS
          ? {}
          : { parent: this.nodes[PERSONS + (index % MAINS)]!.number }),
      })),
    });
    // Each company has a leader, and all but one an accountant, which is the next company.
    const number = (index: number) => this.nodes[index]!.number;
    const mains = Array.from({ length: MAINS }, (_, index) => PERSONS + index);
    const next = (index: number) => PERSONS + ((index + 1 - PERSONS) % MAINS);
    await importThis({
      roleHolders: mains.flatMap((from) => [
        { role: 'dagl', from: number(from), to: number(from % PERSONS) },
        ...(next(from) === PERSONS
          ? []
          : [{ role: 'regn', from: number(from), to: number(next(from)) }]),
      ]),
    });
    this.resource = await newResource(RULES, { owner: this.owner.number });
    this.other = await newResource(OTHER_RULES, { owner: this.owner.number });
    await this.recheck(this.everything(), [this.resource, this.other]);
    this.cursor = (await read(this.owner, '0')).cursor;
  }

  everything(): [x: number, p: number][] {
    return this.nodes.flatMap((_x, x) =>
      // What anybody may do for themselves is no line's.
      this.nodes.flatMap((_p, p): [number, number][] => (x === p ? [] : [[x, p]])),
    );
  }

  async recheck(pairs: [x: number, p: number][], resources: string[]): Promise<void> {
    for (const [key, permit] of await this.decide(pairs, resources)) this.known.set(key, permit);
  }

  async decide(
    pairs: [x: number, p: number][],
    resources = [this.resource, this.other],
  ): Promise<Map<string, boolean>> {
    const asked = pairs.flatMap(([x, p]) =>
      resources.flatMap((resource) => ACTIONS.map((action) => ({ x, p, action, resource }))),
    );
    const permits = await permitsEach(
      asked.map(({ x, p, action, resource }) => ({
        subject: this.nodes[x]!.id,
        action,
        resource,
        from: this.nodes[p]!.id,
      })),
    );
    return new Map(
      asked.map(({ x, p, action, resource }, index) => [
        `${x} ${action} ${p} ${resource === this.other ? 'other' : 'one'}`,
        permits[index]!,
      ]),
    );
  }

  /** Reads on, and asks anew about what each line names. */
  async readOn(): Promise<Line[]> {
    const { lines, cursor } = await read(this.owner, this.cursor);
    this.cursor = cursor;
    for (const { parties, resources } of lines) {
      const ids = resources.map(({ id }) => id);
      assert.ok(ids.length && ids.every((id) => [this.resource, this.other].includes(id)));
      const named = parties.map((id) => this.nodes.findIndex((node) => node.id === id));
      const isNamed = ([x, p]: [number, number]) => named.includes(x) || named.includes(p);
      await this.recheck(
        this.everything().filter((pair) => !named.length || isNamed(pair)),
        ids,
      );
    }
    return lines;
  }

  async apply(change: Change): Promise<void> {
    const { db } = world.database;
    const { nodes, resource } = this;
    const id = (index: number) => nodes[index]!.id;
    const until = (days: number) =>
      days === 0 ? {} : { validTo: new Date(Date.now() + (this.day + days) * DAY).toISOString() };
    const some = async (which: number): Promise<string | undefined> => {
      const ids = nodes.map((node) => node.id);
      const found = await db.raw(
        'select id from mandate where from_party = any(?::uuid[]) order by id',
        [ids],
      );
      return found.rows[which % Math.max(1, found.rows.length)]?.id;
    };
    switch (change.kind) {
      case 'role': {
        if (change.from === change.to) return;
        const [from, to] = [nodes[change.from]!.number, nodes[change.to]!.number];
        await importThis({ roleHolders: [{ role: change.role, from, to, ...until(change.days) }] });
        return;
      }
      case 'gift': {
        if (change.from === change.to) return;
        const { what, subunits } = change;
        const right = ACTIONS.includes(what) ? { resource, actions: [what] } : { package: what };
        const [from, to] = [nodes[change.from]!.number, nodes[change.to]!.number];
        const isMain = change.from >= PERSONS && change.from < PERSONS + MAINS;
        await importThis({
          mandates: [
            { from, to, ...right, ...until(change.days), ...(isMain ? { subunits } : {}) },
          ],
        });
        return;
      }
      case 'end':
        await db.raw('update mandate set ended_at = now() where id = ?', [
          (await some(change.which)) ?? randomUUID(),
        ]);
        return;
      case 'suspend':
        await db.raw(
          'update mandate set suspended_at = case when suspended_at is null then now() end where id = ?',
          [(await some(change.which)) ?? randomUUID()],
        );
        return;
      case 'dies':
        await db.raw(
          'update party set ended_at = case when ?::boolean then null else now() end where id = ?',
          [change.back, id(change.who)],
        );
        return;
      case 'moves':
        await db.raw('update party set parent = ? where id = ?', [id(change.to), id(change.unit)]);
        return;
      case 'form':
        await db.raw('update party set unit_type = ? where id = ?', [change.form, id(change.firm)]);
        return;
      case 'estate':
        await importThis({
          parties: [
            {
              kind: 'organization',
              id: id(change.firm),
              number: nodes[change.firm]!.number,
              name: 'Boet',
              unitType: 'AS',
              estate: change.on ? { on: '2026-01-02' } : null,
            },
          ],
        });
        return;
      case 'capacity':
        if (change.taken)
          await importThis({ incapacities: [{ party: nodes[change.who]!.number }] });
        else
          await db.raw('update incapacity set ended_at = now() where person = ?', [id(change.who)]);
        return;
      case 'list':
        if (change.on)
          await db.raw(
            'insert into access_list_member (list_id, party) select id, ? from access_list where id like ? on conflict do nothing',
            [id(change.firm), `%${this.list}`],
          );
        else await db.raw('delete from access_list_member where party = ?', [id(change.firm)]);
        return;
      case 'policy':
        await importThis({
          resources: [
            {
              identifier: resource,
              owner: this.owner.number,
              resourceType: 'GenericAccessResource',
              title: { nb: 'Prøve', nn: 'Prøve' },
              rules: change.opens
                ? [
                    ...RULES,
                    {
                      action: 'read',
                      subjects: [['dagl', `accesslist:${this.owner.number}:${this.list}`]],
                    },
                  ]
                : RULES,
            },
          ],
        });
        return;
      case 'days':
        this.day += change.days;
    }
  }
}

describe('an owner who follows its feed', () => {
  it('knows whom the decision point lets in, after every change of any kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(CHANGE, { minLength: 8, maxLength: 20 }), async (changes) => {
        const one = new World();
        await one.begin();
        for (const change of changes) {
          await one.apply(change);
          await at(one.day * DAY, async () => {
            const lines = await one.readOn();
            assert.deepEqual(
              one.known,
              await one.decide(one.everything()),
              `${JSON.stringify(change)} ${JSON.stringify(lines)}`,
            );
          });
        }
      }),
      { numRuns: shareOf(12), endOnFailure: true },
    );
  });
});

describe('an owner’s feed', () => {
  const since = async (owner: TestParty) => (await read(owner, '0')).cursor;
  /** An owner with a service that a right opens, and where its feed has come to. */
  async function owning(subjects: string[] = ['privatperson']) {
    const owner = await newOrganization();
    const resource = await newResource([{ action: 'read', subjects }], { owner: owner.number });
    return { owner, resource, cursor: await since(owner) };
  }
  const right = (resource: string, more: object = {}) => ({ resource, actions: ['read'], ...more });

  it('says of a person without capacity that what they gave has changed, and no more', async () => {
    const { owner, resource } = await owning();
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, right(resource));
    const cursor = await since(owner);
    const matter = { party: giver.number, role: 'verge:bank-ta-opp-lan-kreditter' };
    await importThis({ incapacities: [matter] });
    assert.deepEqual((await read(owner, cursor)).lines, [], 'of another matter');
    await importThis({ incapacities: [{ party: giver.number }] });
    await importThis({ incapacities: [{ party: giver.number }] });
    const { lines } = await read(owner, cursor);
    assert.deepEqual(
      lines.map(({ cause, type, party, parties }) => [cause, type, party, [...parties].sort()]),
      [['mandate', 'changed', null, [giver.id, helper.id].sort()]],
      'once',
    );
    assert.equal((lines[0] as { mandate?: string }).mandate, id);
  });

  it('names the parties that its own services are about, and no other’s', async () => {
    const [one, two] = [await owning(), await owning(['dagl'])];
    const [{ firm, boss }, helper, last, friend] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    await given(boss, firm, helper, right(two.resource, { mayPassOn: true }));
    await given(helper, firm, last, right(two.resource));
    await given(helper, helper, friend, right(one.resource));
    const [first, second] = [await since(one.owner), await since(two.owner)];
    await endParty(helper);
    const of = async (owner: TestParty, cursor: string) =>
      (await read(owner, cursor)).lines.find(({ cause }) => cause === 'party')!;
    assert.deepEqual((await of(one.owner, first)).parties, [helper.id]);
    assert.deepEqual(
      [...(await of(two.owner, second)).parties].sort(),
      [helper.id, firm.id].sort(),
    );
  });

  it('says when a time is reached, from which or until which something holds', async () => {
    const { owner, resource } = await owning();
    const [giver, helper] = [await newPerson(), await newPerson()];
    const times = { validFrom: inDays(2), validTo: inDays(4) };
    await given(giver, giver, helper, right(resource, times));
    let cursor = await since(owner);
    for (const [days, causes] of [
      [1, []],
      [3, ['time']],
      [5, ['time']],
    ] as const)
      await at(days * DAY, async () => {
        const { lines, cursor: next } = await read(owner, cursor);
        cursor = next;
        assert.deepEqual(
          lines.map(({ cause }) => cause),
          causes,
          `day ${days}`,
        );
      });
  });

  it('names the owner of a sole proprietorship whose accountant changes', async () => {
    const { owner, cursor } = await owning(['regn']);
    const [proprietor, accountant] = [await newPerson(), await newOrganization()];
    const firm = await newOrganization('Gården', { unitType: 'ENK' });
    await newRole('innh', firm, proprietor);
    await newRole('regn', firm, accountant);
    const { lines } = await read(owner, cursor);
    const named = lines.filter(({ to }) => to === accountant.id);
    assert.deepEqual(
      named.map(({ cause, parties }) => [cause, [...parties].sort()]),
      [['role', [firm.id, proprietor.id, accountant.id].sort()]],
    );
  });

  it('says nothing of what ended before, nor of secret sources', async () => {
    const { owner, resource } = await owning();
    const [giver, helper] = [await newPerson(), await newPerson()];
    await end(giver, await given(giver, giver, helper, right(resource)));
    const T = { nb: 'T', nn: 'T', en: 'T' };
    const code = `hemmelig-${randomUUID()}`;
    await importThis({
      sources: [{ code, name: T, legalBasis: T, purpose: T, visibility: 'secret' }],
      roles: [{ code, name: T, source: code, givenBy: 'person', usableBy: [owner.number] }],
    });
    await newResource([{ action: 'read', subjects: [code] }], { owner: owner.number });
    const cursor = await since(owner);
    await newRole(code, giver, helper);
    await endParty(helper);
    assert.deepEqual((await read(owner, cursor)).lines, []);
  });

  it('is one line of a service where many instances of it change, for its owner alone', async () => {
    const [one, two] = [await owning(), await owning()];
    const parties = await Promise.all(Array.from({ length: 3 }, () => newOrganization()));
    const instances = Array.from({ length: 300 }, (_, index) => ({
      resource: one.resource,
      instance: `urn:sak:${index}`,
      party: parties[index % 3]!.number,
    }));
    await importThis({ instances });
    const { lines, cursor } = await read(one.owner, one.cursor);
    assert.deepEqual(
      lines.map((row) => [row.cause, [...row.parties].sort()]),
      [['service', parties.map(({ id }) => id).sort()]],
    );
    await importThis({ instances });
    assert.deepEqual((await read(one.owner, cursor)).lines, [], 'the same once more');
    await importThis({ instances: [{ ...instances[0]!, party: parties[1]!.number }] });
    const moved = await read(one.owner, cursor);
    assert.deepEqual(
      [...moved.lines[0]!.parties].sort(),
      [parties[0]!.id, parties[1]!.id].sort(),
      'from one to another',
    );
    assert.deepEqual((await read(two.owner, two.cursor)).lines, []);
  });
});
