// A world of units, families and wards, in which registers, courts and people change things a
// thousand times: consents, tokens and decisions say throughout what a slow reference says.
import { poll } from '../support/registers.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  clientAuth,
  consentDetail,
  exchange,
  newClient,
  post,
  type TestClient,
} from '../support/oauth/clients.ts';
import {
  MATTER,
  PARENT,
  Reference,
  TASK,
  type Given,
  type Somebody,
} from '../support/rights/bases.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { randomly, shareOf } from '../support/random.ts';
import {
  evaluate,
  accept,
  MANDATES,
  newConsentResource,
  newResource,
  OWNER,
  pdpToken,
  rightTo,
} from '../support/rights/rights.ts';
import {
  approve,
  ask,
  call,
  importThis,
  lastName,
  lookUp,
  organizationToken,
  personToken,
  world,
} from '../support/world.ts';

const ROUND = 40;
const EVENTS = ROUND * shareOf(25);
const INSIDE = 'vergemal-skatteetaten-skatt';
const OUTSIDE = 'innbygger-pensjon';
const COMPANY = 'merverdiavgift';

const SEED = Number(process.env.SEED_OF_BASES ?? Math.floor(Math.random() * 1e9));

describe(`what rests on something, after ${EVENTS} events (seed ${SEED})`, () => {
  const { next, pick, some } = randomly(SEED);
  const truth = new Reference();
  const make = (kind: Somebody['kind'], name: string, more: Partial<Somebody> = {}): Somebody => {
    const number = kind === 'person' ? personNumber() : organizationNumber();
    const urn = `urn:altinn:${kind === 'person' ? 'person' : 'organization'}:identifier-no:${number}`;
    return { id: randomUUID(), number, name, urn, kind, ...more };
  };
  const many = (
    count: number,
    kind: Somebody['kind'],
    name: string,
    more: Partial<Somebody> = {},
  ) => Array.from({ length: count }, (_, index) => make(kind, `${name} ${index}`, more));

  const adults = many(24, 'person', 'Voksen');
  const children = many(10, 'person', 'Barn');
  const wards = many(8, 'person', 'Verget');
  const firms = many(6, 'organization', 'Foretak', { unitType: 'AS' });
  const units = firms.map((firm) => make('subunit', `${firm.name} avdeling`, { parent: firm.id }));
  const owned = many(3, 'organization', 'Gård', { unitType: 'ENK' });
  const askers = many(6, 'organization', 'Spør');
  const everybody = [...adults, ...children, ...wards, ...firms, ...owned, ...askers, ...units];
  const birthDates = [
    '2009-02-03',
    '2010-05-06',
    '2012-07-08',
    '2014-01-02',
    '2016-03-04',
    '2019-09-10',
    '2006-11-12',
  ];
  const clients = new Map<string, TestClient>();
  const tokens = new Map<string, { token: string; until: number }>();
  let resources: Record<string, string[]>;

  /** Takes a role in, in the import and in the reference. */
  const roleHolders: object[] = [];
  const holds = (role: string, from: Somebody, to: Somebody) => {
    truth.holders(role, from).set(to.id, to);
    roleHolders.push({ role, from: from.number, to: to.number });
  };

  async function newRule(kind: string, roles: string[], changes: object = {}) {
    const rule = {
      roles,
      packages: [] as string[],
      inMatter: roles.includes(TASK),
      parentUntil: 18,
    };
    const ids = await Promise.all(
      Array.from({ length: 3 }, () => newConsentResource(roles, changes)),
    );
    for (const id of ids)
      truth.rules.set(id, {
        ...rule,
        ...('parentUntil' in changes ? { parentUntil: changes.parentUntil as number } : {}),
      });
    resources = { ...resources, [kind]: ids };
  }
  /** Something to use; `carriedBy` are roles that have one of the packages by themselves. */
  async function newUse(
    kind: string,
    roles: string[],
    packages: string[],
    carriedBy: string[] = [],
  ) {
    const subjects = [...roles, ...packages.map((code) => `package:${code}`)];
    const id = await newResource([{ action: 'read', subjects }]);
    const all = [...roles, ...carriedBy];
    truth.rules.set(id, { roles: all, packages, inMatter: false, parentUntil: 18 });
    resources = { ...resources, [kind]: [id] };
  }

  async function answer(from: Somebody, resource: string, by: Somebody, office: string | null) {
    const to = pick(askers);
    const id = await ask(from, to, { ...rightTo(resource), requestMessage: undefined });
    const answered = await approve(id, by);
    assert.equal(answered.status, 200, answered.text);
    const consent = { id, from, to, resource, office, own: from.id === by.id, fallen: null };
    truth.consents.push(consent);
    await draw(consent);
  }

  /** A token, kept for half as long as it lives: a slow run outlives it. */
  async function draw({ id, from, to }: (typeof truth.consents)[number]): Promise<void> {
    const { status, body, text } = await exchange(clients.get(to.id)!, consentDetail(id, from));
    assert.equal(status, 200, text);
    tokens.set(id, { token: body.access_token, until: Date.now() + 500 * body.expires_in });
  }

  async function giveTo(
    actor: Somebody,
    from: Somebody,
    to: Somebody,
    code: string,
    through: Given | null = null,
  ) {
    const { status, body, text } = await call('POST', MANDATES, await personToken(actor), {
      from: from.id,
      to: to.urn,
      lastName: lastName(to),
      package: code,
      mayPassOn: through === null,
    });
    assert.equal(status, 201, text);
    if (body.status === 'sent') assert.equal((await accept(to, body.id)).status, 200);
    const mandate: Given = {
      id: body.id,
      from,
      to,
      package: code,
      through,
      byGiver: actor.id === from.id,
      suspended: false,
      ended: false,
    };
    truth.mandates.push(mandate);
    return mandate;
  }

  before(async () => {
    resources = {};
    await poll();
    for (const child of children) truth.born.set(child.id, pick(birthDates.slice(0, 6)));
    await importThis({
      parties: everybody.map(({ kind, id, number, name, unitType, parent }) => ({
        kind,
        id,
        number,
        name,
        ...(unitType ? { unitType } : {}),
        ...(parent ? { parent: firms.find((firm) => firm.id === parent)!.number } : {}),
        ...(truth.born.has(id) ? { bornOn: truth.born.get(id) } : {}),
      })),
    });
    for (const [index, firm] of firms.entries()) holds('dagl', firm, adults[index]!);
    for (const [index, firm] of owned.entries()) holds('innh', firm, adults[6 + index]!);
    for (const [index, child] of children.entries())
      for (const parent of [adults[10 + (index % 5)]!, adults[15 + (index % 5)]!])
        holds(PARENT, child, parent);
    for (const [index, ward] of wards.entries()) holds(TASK, ward, adults[index * 2]!);
    await importThis({ roleHolders });
    await newRule('own', ['privatperson']);
    await newRule('family', ['privatperson', PARENT], { decidesFrom: 13, parentUntil: 16 });
    await newRule('parents', [PARENT]);
    await newRule('task', ['privatperson', TASK]);
    await newRule('company', ['dagl', 'innh']);
    await newUse('director', ['dagl', 'innh'], [COMPANY]);
    await newUse('late', ['dagl', 'innh'], []);
    await newUse('parent', [PARENT], []);
    await newUse('guardian', [TASK], []);
    await newUse('inside', [], [INSIDE], [TASK]);
    await newUse('outside', [], [OUTSIDE]);
    for (const to of askers) clients.set(to.id, await newClient(to as never));
    for (const ward of wards) {
      const [guardian] = truth.holders(TASK, ward).values();
      await answer(ward, pick(resources.task!), ward, null);
      await answer(ward, pick(resources.task!), guardian!, TASK);
      await answer(ward, pick(resources.own!), ward, null);
    }
    for (const child of children) {
      const [parent] = truth.holders(PARENT, child).values();
      const born = truth.born.get(child.id)!;
      if (born > '2010-12') await answer(child, pick(resources.family!), parent!, PARENT);
      await answer(child, pick(resources.parents!), parent!, PARENT);
    }
    for (const adult of adults.slice(0, 12)) await answer(adult, pick(resources.own!), adult, null);
    for (const firm of [...firms, ...owned]) {
      const [boss] = [
        ...truth.holders('dagl', firm).values(),
        ...truth.holders('innh', firm).values(),
      ];
      await answer(firm, pick(resources.company!), boss!, null);
      const clerk = await giveTo(boss!, firm, adults[20]!, COMPANY);
      await giveTo(adults[20]!, firm, adults[21]!, COMPANY, clerk);
    }
    for (const ward of wards) await giveTo(ward, ward, adults[22]!, OUTSIDE);
  });

  /** What happened, in the reference, and told by the register that would tell it. */
  const happenings: [weight: number, () => Promise<unknown> | unknown][] = [
    [
      22,
      () => {
        const firm = pick(firms);
        const holders = some(adults, 2);
        const held = truth.holders('dagl', firm);
        held.clear();
        holders.forEach((one) => held.set(one.id, one));
        world.registers.units.change({
          roles: {
            number: firm.number,
            holders: holders.map(({ number, name }) => ({ role: 'dagl', to: number, name })),
          },
        });
      },
    ],
    [22, () => tellFamily(pick(children), () => {})],
    [
      8,
      () => {
        const child = pick(children);
        tellFamily(child, () => truth.born.set(child.id, pick(birthDates)));
      },
    ],
    [
      22,
      () => {
        const [ward, guardian] = [pick(wards), pick(adults)];
        const held = truth.holders(TASK, ward);
        const op = held.has(guardian.id) || next() < 0.3 ? 'end' : 'upsert';
        if (op === 'end') held.delete(guardian.id);
        else held.set(guardian.id, guardian);
        world.registers.feeds.vergemal!.append({
          op,
          from: ward.number,
          to: guardian.number,
          code: MATTER,
        });
      },
    ],
    [
      6,
      () => {
        const ward = pick(wards);
        const [held] = truth.holders(TASK, ward).values();
        if (!held) return;
        truth.holders(TASK, ward).delete(held.id);
        world.registers.feeds.vergemal!.append({
          op: 'end',
          from: ward.number,
          to: held.number,
          code: MATTER,
        });
      },
    ],
    [
      12,
      () => {
        const [ward, matter] = [pick(wards), next() < 0.75 ? MATTER : ''];
        const taken = truth.incapable.get(ward.id) ?? new Set<string>();
        truth.incapable.set(ward.id, taken);
        const op = taken.has(matter) ? 'end' : 'upsert';
        if (op === 'end') taken.delete(matter);
        else taken.add(matter);
        world.registers.feeds.vergemal!.append({
          op,
          from: ward.number,
          code: 'rettslig-handleevne',
          ...(matter ? { matter } : {}),
        });
      },
    ],
    [
      5,
      async () => {
        const mandate = pick(truth.mandates);
        const boss =
          [...truth.holders('dagl', mandate.from).values()][0] ??
          (mandate.from.kind === 'person' ? mandate.from : undefined);
        if (
          !boss ||
          mandate.ended ||
          truth.gone.has(boss.id) ||
          truth.gone.has(mandate.from.id) ||
          mandate.suspended
        )
          return;
        await poll();
        const { status } = await call(
          'POST',
          `${MANDATES}/${mandate.id}/suspend`,
          await personToken(boss),
        );
        if (status === 200) mandate.suspended = true;
      },
    ],
    [
      0.6,
      () => {
        const offices = [...children, ...wards].flatMap((one) => [
          ...truth.holders(PARENT, one).values(),
          ...truth.holders(TASK, one).values(),
        ]);
        const person = pick([...offices, ...adults.slice(0, 20), ...children, ...wards]);
        truth.gone.add(person.id);
        tellPerson(person, { died: '2026-01-01' });
      },
    ],
    [
      0.2,
      () => {
        const gone = pick([...firms.slice(0, 4), ...askers.slice(0, 3)]);
        truth.gone.add(gone.id);
        world.registers.units.change({
          unit: { number: gone.number, name: gone.name, deleted: '2026-01-01' },
        });
      },
    ],
    [
      0.2,
      async () => {
        const some = [...resources.own!.slice(0, 2), resources.company![0]!, resources.late![0]!];
        const id = pick(some);
        if (truth.endedResources.has(id)) return;
        const token = await organizationToken(
          { number: OWNER } as never,
          'altinn:resourceregistry/resource.write',
        );
        const { status, text } = await call(
          'DELETE',
          `/resourceregistry/api/v1/resource/${id}`,
          token,
        );
        assert.ok(status < 300, text);
        truth.endedResources.add(id);
      },
    ],
  ];

  const died = new Map<string, string>();
  function tellPerson(person: Somebody, what: { died?: string } = {}) {
    if (what.died) died.set(person.id, what.died);
    world.registers.people.change({
      number: person.number,
      name: person.name,
      bornOn: truth.born.get(person.id) ?? '1970-01-02',
      died: died.get(person.id) ?? null,
      responsible: [...truth.holders(PARENT, person).values()].map(({ number }) => number),
    });
  }
  function tellFamily(child: Somebody, change: () => void) {
    const held = truth.holders(PARENT, child);
    const left = some([...held.values(), ...adults.slice(10, 20)], 2);
    held.clear();
    left.forEach((one) => held.set(one.id, one));
    change();
    tellPerson(child);
  }

  const total = happenings.reduce((sum, [weight]) => sum + weight, 0);
  function happen() {
    let left = next() * total;
    return happenings.find(([weight]) => (left -= weight) < 0)![1]();
  }

  const shares = { permitted: 0, asked: 0 };

  async function compare(round: number) {
    const wrong: string[] = [];
    for (const consent of truth.consents) {
      const { status, body } = await lookUp(consent.id, consent.from as never, consent.to as never);
      const told =
        status === 200 ? 'in force' : [body.code, body.consent_reason].filter(Boolean).join(' ');
      if (told !== truth.told(consent))
        wrong.push(
          `consent of ${consent.from.name} by ${consent.office ?? 'itself'}: ${told}, not ${truth.told(consent)}`,
        );
    }
    const seen = [...adults, ...wards, ...children];
    const asked = [...firms, ...units, ...wards, ...children].flatMap((from) =>
      ['director', 'late', 'parent', 'guardian', 'inside', 'outside'].flatMap((kind) => {
        const [resource] = resources[kind]!;
        const likely = seen.filter((one) => truth.permits(one, from, resource!));
        return [...likely, pick(seen)].map((subject) => ({ subject, from, resource: resource! }));
      }),
    );
    const { body } = await call('POST', '/access/v1/evaluations', await pdpToken(), {
      action: { name: 'read' },
      evaluations: asked.map(({ subject, from, resource }) => ({
        subject: { type: 'party', id: subject.id },
        resource: { type: 'resource', id: resource, properties: { party: from.id } },
      })),
    });
    asked.forEach((one, index) => {
      const expected = truth.permits(one.subject, one.from, one.resource);
      shares.asked += 1;
      shares.permitted += Number(expected);
      if (body.evaluations[index].decision !== expected)
        wrong.push(
          `${one.subject.name} for ${one.from.name} (${one.resource}): ${body.evaluations[index].decision}, not ${expected}`,
        );
    });
    for (const consent of round % 5 === 0 ? truth.consents : []) {
      // A client goes with the organisation that owns it.
      if (truth.gone.has(consent.to.id)) continue;
      const isGiven = truth.told(consent) === 'in force';
      const isOld = tokens.get(consent.id)!.until < Date.now();
      // One that has ended by itself proves nothing.
      if (isOld && !isGiven) continue;
      if (isOld) await draw(consent);
      const form = {
        ...(await clientAuth(clients.get(consent.to.id)!)),
        token: tokens.get(consent.id)!.token,
      };
      const { status, body: told } = await post('/introspect', form);
      const isActive = status === 200 && told.active;
      if (isActive !== isGiven) wrong.push(`token of ${consent.from.name}: ${isActive}`);
    }
    assert.deepEqual(wrong, [], `round ${round}`);
  }

  it('is what a slow reference says, in every consent, token and decision', async () => {
    truth.fall();
    await compare(0);
    for (let round = 1; round <= EVENTS / ROUND; round += 1) {
      for (let event = 0; event < ROUND; event += 1) await happen();
      await poll();
      truth.fall();
      // Refused at once, before anybody has stored it, and after.
      if (round % 2) await compare(round);
      await world.work.tend();
      if (round % 2 === 0) await compare(round);
    }
    const share = shares.permitted / shares.asked;
    assert.ok(
      share > 0.2 && share < 0.8,
      `${(100 * share).toFixed(0)} % permits of ${shares.asked}`,
    );
    const states = new Set(truth.consents.map(({ fallen }) => fallen));
    assert.ok(states.size >= 4, [...states].join());
    assert.ok(await evaluate({}, undefined));
  });
});
