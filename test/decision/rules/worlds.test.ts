// Generated worlds against a slow, obvious reference: the decision point answers the same for
// everybody about everybody, one at a time or all at once; searches are the set of what is
// permitted; giving only adds, and ending is its exact inverse.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { at, call, importThis, outsideToken } from '../../support/world.ts';
import { organizationNumber, personNumber } from '../../support/numbers.ts';
import { shareOf } from '../../support/random.ts';
import {
  actedFor,
  decide,
  end,
  given,
  newResource,
  pdpToken,
  permitsEach,
} from '../../support/rights/rights.ts';

const PERSONS = 5;
const MAINS = 4;
const UNITS = 3;
const DAY = 86_400_000;
const ROLES = ['dagl', 'dtpr', 'regn', 'medl', 'innh', 'bobe'] as const;
const PACKAGES = ['merverdiavgift', 'a-ordning', 'regnskapsforer-lonn'] as const;
const KEY = new Set(['dagl', 'dtpr', 'innh', 'bobe']);
/**
 * What roles carry, of the packages in play; the reference's own knowledge of the demo catalogue.
 */
const CARRIED: Record<string, string[]> = {
  dagl: ['merverdiavgift', 'a-ordning'],
  innh: ['merverdiavgift', 'a-ordning'],
  dtpr: ['merverdiavgift', 'a-ordning'],
  bobe: ['merverdiavgift', 'a-ordning'],
  regn: ['regnskapsforer-lonn'],
  medl: [],
};
const RULES: Record<string, { roles: string[]; packages: string[]; key: boolean; self: boolean }> =
  {
    read: {
      roles: ['medl'],
      packages: ['merverdiavgift', 'regnskapsforer-lonn'],
      key: false,
      self: true,
    },
    write: { roles: ['regn'], packages: ['a-ordning'], key: true, self: false },
  };
const ACTIONS = Object.keys(RULES);

interface Node {
  id: string;
  number: string;
  kind: 'person' | 'organization' | 'subunit';
  form: string | null;
  parent: number | null;
  endedYears: number | null;
  /** Of a firm whether it is, of a person whether a court has taken the capacity to decide. */
  bankrupt: boolean;
  incapable: boolean;
}
interface Edge {
  from: number;
  to: number;
  role?: string;
  package?: string;
  action?: string;
  days: number;
  parent: Edge | null;
  /** False where a main unit left its sub-units out. */
  subunits?: boolean | undefined;
}
interface Plan {
  forms: string[];
  mains: number[];
  ended: (number | null)[];
  roles: { from: number; to: number; role: string; days: number }[];
  gifts: { from: number; to: number; what: string; days: number; subunits?: boolean }[];
  bankrupt?: boolean[];
  incapable?: boolean[];
}

const party = fc.nat({ max: PERSONS + MAINS + UNITS - 1 });
const organization = fc.integer({ min: PERSONS, max: PERSONS + MAINS - 1 });
const days = fc.constantFrom(0, 0, 0, 2, 5);
const plan: fc.Arbitrary<Plan> = fc.record({
  forms: fc.array(fc.constantFrom('AS', 'ENK', 'IKS'), { minLength: MAINS, maxLength: MAINS }),
  mains: fc.array(fc.nat({ max: MAINS - 1 }), { minLength: UNITS, maxLength: UNITS }),
  ended: fc.array(fc.constantFrom(null, null, null, 1, 3), { minLength: MAINS, maxLength: MAINS }),
  roles: fc.array(
    fc.record({ from: organization, to: party, role: fc.constantFrom(...ROLES), days }),
    { minLength: 4, maxLength: 12 },
  ),
  gifts: fc.array(
    fc.record({
      from: party,
      to: party,
      what: fc.constantFrom<string>(...PACKAGES, 'right:read', 'right:write'),
      days,
      subunits: fc.constantFrom(true, true, false),
    }),
    { minLength: 4, maxLength: 12 },
  ),
  bankrupt: fc.array(fc.constantFrom(false, false, true), { minLength: MAINS, maxLength: MAINS }),
  incapable: fc.array(fc.constantFrom(false, false, false, true), {
    minLength: PERSONS,
    maxLength: PERSONS,
  }),
});

/** The reference: everything by definition, nothing by index. */
class Reference {
  readonly nodes: Node[];
  readonly edges: Edge[];
  constructor(nodes: Node[], edges: Edge[]) {
    this.nodes = nodes;
    this.edges = edges;
  }

  live(edge: Edge, day: number): boolean {
    return (
      (edge.days === 0 || day < edge.days) &&
      !this.stopped(edge) &&
      (edge.parent === null || this.live(edge.parent, day))
    );
  }

  /** By the bankruptcy of whose it is, but the trustee's; by the law, what a person gave. */
  stopped({ from, role }: Edge): boolean {
    const giver = this.nodes[from]!;
    const isBankrupt =
      giver.bankrupt || (giver.parent !== null && this.nodes[giver.parent]!.bankrupt);
    return (isBankrupt && role !== 'bobe') || (giver.incapable && role === undefined);
  }

  permits(x: number, p: number, action: string, day: number): boolean {
    const [subject, giver] = [this.nodes[x]!, this.nodes[p]!];
    if (giver.endedYears !== null) return false;
    const rule = RULES[action]!;
    if (rule.self && x === p && subject.kind === 'person') return true;
    return this.reaching(x, p, day).some((edge) => this.carries(edge, rule, action, p));
  }

  carries(edge: Edge, rule: (typeof RULES)[string], action: string, p: number): boolean {
    if (edge.parent && !this.carries(edge.parent, rule, action, p)) return false;
    if (edge.action) return edge.action === action;
    if (edge.package) return rule.packages.includes(edge.package);
    return (
      rule.roles.includes(edge.role!) ||
      (rule.key && KEY.has(edge.role!)) ||
      CARRIED[edge.role!]!.some((code) => rule.packages.includes(code))
    );
  }

  /** Mandates that lead from p to x. */
  reaching(x: number, p: number, day: number): Edge[] {
    return this.edges.filter((edge) => {
      if (!this.live(edge, day) || !this.standsFor(edge, p, day)) return false;
      if (edge.to === x) return true;
      const firm = this.nodes[edge.to]!;
      if (firm.kind === 'person' || firm.endedYears !== null) return false;
      if (edge.role === 'dtpr' && this.nodes[edge.from]!.form === 'IKS') return false;
      return this.edges.some(
        (key) =>
          key.role !== undefined &&
          KEY.has(key.role) &&
          key.to === x &&
          this.live(key, day) &&
          (key.from === edge.to || key.from === firm.parent) &&
          this.nodes[key.from]!.endedYears === null &&
          !(key.role === 'dtpr' && this.nodes[key.from]!.form === 'IKS'),
      );
    });
  }

  /**
   * Whether a mandate from somebody counts for p: p itself, its main unit, or its sole
   * proprietorship's accountant.
   */
  standsFor(edge: Edge, p: number, day: number): boolean {
    const giver = this.nodes[p]!;
    if (edge.from === p || (edge.from === giver.parent && edge.subunits !== false)) return true;
    const firm = this.nodes[edge.from]!;
    return (
      giver.kind === 'person' &&
      firm.form === 'ENK' &&
      (firm.endedYears ?? 0) < 2 &&
      edge.role === 'regn' &&
      this.edges.some(
        (owns) =>
          owns.from === edge.from &&
          owns.to === p &&
          owns.role !== undefined &&
          KEY.has(owns.role) &&
          this.live(owns, day),
      )
    );
  }
}

interface Built {
  reference: Reference;
  resource: string;
  nodes: Node[];
}

async function build(plan: Plan): Promise<Built> {
  const { forms, mains, ended, roles, gifts, bankrupt = [], incapable = [] } = plan;
  const nodes: Node[] = [
    ...Array.from({ length: PERSONS }, (_, index) => ({
      id: randomUUID(),
      number: personNumber(),
      kind: 'person' as const,
      form: null,
      parent: null,
      endedYears: null,
      bankrupt: false,
      incapable: incapable[index] ?? false,
    })),
    ...Array.from({ length: MAINS }, (_, index) => ({
      id: randomUUID(),
      number: organizationNumber(),
      kind: 'organization' as const,
      form: forms[index]!,
      parent: null,
      endedYears: ended[index]!,
      bankrupt: bankrupt[index] ?? false,
      incapable: false,
    })),
    ...Array.from({ length: UNITS }, (_, index) => ({
      id: randomUUID(),
      number: organizationNumber(),
      kind: 'subunit' as const,
      form: 'BEDR',
      parent: PERSONS + mains[index]!,
      endedYears: null,
      bankrupt: false,
      incapable: false,
    })),
  ];
  const resource = await newResource([
    {
      action: 'read',
      subjects: ['privatperson', 'medl', 'package:merverdiavgift', 'package:regnskapsforer-lonn'],
    },
    { action: 'write', subjects: ['keyrole', 'regn', 'package:a-ordning'] },
  ]);
  const edges: Edge[] = [];
  const seen = new Set<string>();
  const once = (key: string) => !seen.has(key) && seen.add(key);
  for (const { from, to, role, days: until } of roles)
    if (from !== to && once(`${from} ${to} ${role}`))
      edges.push({ from, to, role, days: until, parent: null });
  for (const { from, to, what, days: until, subunits } of gifts) {
    const action = what.startsWith('right:') ? what.slice('right:'.length) : undefined;
    if (from === to || !once(`${from} ${to} ${action ? 'right' : what}`)) continue;
    edges.push({
      from,
      to,
      ...(action ? { action } : { package: what }),
      ...(subunits === false ? { subunits } : {}),
      days: until,
      parent: null,
    });
  }
  const until = (edge: Edge) =>
    edge.days === 0 ? {} : { validTo: new Date(Date.now() + edge.days * DAY).toISOString() };
  await importThis({
    parties: nodes.map(({ id, number, kind, form, parent, endedYears, bankrupt: isBankrupt }) => ({
      kind,
      id,
      number,
      name: `Part ${number}`,
      ...(form ? { unitType: form } : {}),
      ...(isBankrupt ? { estate: { on: '2026-01-02' } } : {}),
      ...(parent === null ? {} : { parent: nodes[parent]!.number }),
      ...(endedYears === null
        ? {}
        : { endedAt: new Date(Date.now() - endedYears * 365.25 * DAY).toISOString() }),
    })),
    incapacities: nodes.filter((node) => node.incapable).map(({ number }) => ({ party: number })),
    roleHolders: edges
      .filter((edge) => edge.role)
      .map((edge) => ({
        role: edge.role,
        from: nodes[edge.from]!.number,
        to: nodes[edge.to]!.number,
        ...until(edge),
      })),
    mandates: edges
      .filter((edge) => !edge.role)
      .map((edge) => ({
        from: nodes[edge.from]!.number,
        to: nodes[edge.to]!.number,
        ...(edge.action ? { resource, actions: [edge.action] } : { package: edge.package }),
        ...(edge.subunits === false ? { subunits: false } : {}),
        ...until(edge),
      })),
  });
  return { reference: new Reference(nodes, edges), resource, nodes };
}

type Triple = [x: number, p: number, action: string];
const everything = (nodes: Node[]): Triple[] =>
  nodes.flatMap((_x, x) =>
    nodes.flatMap((_p, p) => ACTIONS.map((action): Triple => [x, p, action])),
  );

/** All triples in one multi request. */
const decideAll = ({ nodes, resource }: Built, triples: Triple[]): Promise<boolean[]> =>
  permitsEach(
    triples.map(([x, p, action]) => ({
      subject: nodes[x]!.id,
      action,
      resource,
      from: nodes[p]!.id,
    })),
  );

const expected = ({ reference, nodes }: Built, triples: Triple[], day: number) =>
  triples.map(
    ([x, p, action]) => nodes[x]!.endedYears === null && reference.permits(x, p, action, day),
  );
const told = (triples: Triple[], answers: boolean[]) =>
  triples.filter((_, index) => answers[index]).map((triple) => triple.join(' '));

describe('a generated world', () => {
  const check = (runs: number, test: (built: Built) => Promise<void>, ...examples: [Plan][]) =>
    fc.assert(
      fc.asyncProperty(plan, async (one) => test(await build(one))),
      { numRuns: shareOf(runs), endOnFailure: true, examples },
    );

  it('is decided as the reference decides, today and as time passes', async () => {
    await check(30, async (built) => {
      const triples = everything(built.nodes);
      for (const day of [0, 3, 6]) {
        await at(day * DAY, async () =>
          assert.deepEqual(
            told(triples, await decideAll(built, triples)),
            told(triples, expected(built, triples, day)),
            `day ${day}`,
          ),
        );
      }
    });
  });

  it('gives one at a time what it gives all at once', async () => {
    await check(3, async (built) => {
      const triples = everything(built.nodes).filter((_, index) => index % 5 === 0);
      const many = await decideAll(built, triples);
      const single = await Promise.all(
        triples.map(([x, p, action]) =>
          decide(built.nodes[x]!, action, built.resource, built.nodes[p]!),
        ),
      );
      assert.deepEqual(
        single.map((decision) => decision === 'Permit'),
        many,
      );
    });
  });

  it('is searched as it is decided: who can, what can one do, for whom', async () => {
    await check(
      10,
      async (built) => {
        const { nodes, resource } = built;
        const triples = everything(nodes);
        const answers = await decideAll(built, triples);
        const permitted = (test: (triple: Triple) => boolean) =>
          triples.filter((triple, index) => answers[index] && test(triple));
        for (const p of [0, PERSONS, PERSONS + MAINS]) {
          const found = await call('POST', '/access/v1/search/subject', await pdpToken(), {
            subject: { type: 'party' },
            action: { name: 'read' },
            resource: { type: 'resource', id: resource, properties: { party: nodes[p]!.id } },
          });
          assert.deepEqual(
            found.body.results.map((one: { id: string }) => one.id).sort(),
            permitted(([, q, action]) => q === p && action === 'read')
              .map(([x]) => nodes[x]!.id)
              .sort(),
          );
          const actions = await call('POST', '/access/v1/search/action', await pdpToken(), {
            subject: { type: 'party', id: nodes[1]!.id },
            resource: { type: 'resource', id: resource, properties: { party: nodes[p]!.id } },
          });
          assert.deepEqual(
            actions.body.results.map((one: { name: string }) => one.name),
            permitted(([x, q]) => q === p && x === 1).map(([, , action]) => action),
          );
        }
        for (const x of [0, 1, PERSONS + 1]) {
          if (nodes[x]!.endedYears !== null) continue;
          const list = await call(
            'POST',
            `/accessmanagement/api/v1/serviceowner/authorizedparties?anyOfResourceIds=${resource}`,
            await outsideToken({ scope: 'altinn:accessmanagement/authorizedparties.admin' }),
            { type: 'urn:altinn:party:uuid', value: nodes[x]!.id },
          );
          const flat = actedFor(list.body).map((one) => one.partyUuid);
          assert.deepEqual(
            [...flat].sort(),
            [...new Set(permitted(([y]) => y === x).map(([, p]) => nodes[p]!.id))].sort(),
          );
          assert.equal(new Set(flat).size, flat.length, 'nobody twice');
        }
        // A firm is no proprietor, whatever role a register gives it.
      },
      [
        {
          forms: ['ENK', 'AS', 'ENK', 'AS'],
          mains: [2, 0, 1],
          ended: [null, null, null, null],
          gifts: [],
          roles: [
            { from: PERSONS + 2, to: PERSONS + 1, role: 'dtpr', days: 0 },
            { from: PERSONS + 2, to: 0, role: 'regn', days: 0 },
          ],
        },
      ],
    );
  });

  it('only gains by giving, and ending is the exact inverse', async () => {
    await check(6, async (built) => {
      const { nodes } = built;
      const triples = everything(nodes);
      const before = await decideAll(built, triples);
      const [giver, receiver] = [nodes[0]!, nodes[2]!];
      const id = await given(giver, giver, receiver, { package: 'innbygger-pensjon' })
        .then(() => given(giver, giver, receiver, { resource: built.resource, actions: ['read'] }))
        .catch(() => '');
      if (!id) return;
      const during = await decideAll(built, triples);
      before.forEach((permit, index) =>
        assert.ok(!permit || during[index], triples[index]!.join(' ')),
      );
      await end(giver, id);
      const already = built.reference.edges.some(
        (edge) => edge.from === 0 && edge.to === 2 && edge.action,
      );
      if (!already)
        assert.deepEqual(told(triples, await decideAll(built, triples)), told(triples, before));
    });
  });
});
