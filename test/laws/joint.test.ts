// The law of what several give, and two together, over histories on two nodes: asked, answered,
// taken back, refused, suspended, withdrawn and used, while people come to offices and leave them.
// A slow reference says what holds: in force is what a rule is met for by answers that hold, and of
// a pair both or none.
import assert from 'node:assert/strict';
import {
  assertion,
  consentDetail,
  JWT_BEARER,
  newClient,
  type TestClient,
} from '../support/oauth/clients.ts';
import { endRole } from '../support/oauth/given.ts';
import { seenByAsker } from '../support/replaced.ts';
import { rightTo } from '../support/rights/rights.ts';
import { secondNode, type Node } from '../support/run/node.ts';
import { newTogether, type WrittenPlace } from '../support/together.ts';
import {
  API,
  call,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  putParty,
  requestBody,
  REQUESTS,
  world,
  WRITE,
  type TestParty,
} from '../support/world.ts';
import { FEWER, inWorlds, LONGEST, type Chance } from './worlds.ts';

const STEPS = 30;
const ROLES = ['lede', 'medl'];
type Alternative = WrittenPlace[];
const RULES: Alternative[] = [
  [
    { subjects: ['lede'], count: 1 },
    { subjects: ['medl'], count: 1 },
  ],
  [{ subjects: ['lede', 'medl'], count: 2 }],
  [{ subjects: ['medl'], count: 'all' }],
];
/** Who signs for each firm, of which a service as the company signs asks. */
const SIGNING: Alternative[] = [
  [{ subjects: ['lede'], count: 1 }],
  [{ subjects: ['medl'], count: 2 }],
];
const ASKED: Alternative[][] = [...RULES.map((rule) => [rule]), SIGNING];

interface Firm {
  party: TestParty;
  people: { party: TestParty; roles: Set<string> }[];
}
type Person = Firm['people'][number];

interface Joint {
  id: string;
  firm: Firm;
  alternatives: Alternative[];
  /** The alternative by which it was given. */
  given: Alternative;
  state: 'requested' | 'approved' | 'rejected' | 'withdrawn';
  yeses: Person[];
  pair: Joint | undefined;
  suspendedBy: Person | undefined;
}

const mayFill = ({ roles }: Person, { subjects }: WrittenPlace) =>
  subjects.some((role) => roles.has(role));
const mayAnswer = (person: Person, { alternatives }: Joint) =>
  alternatives.flat().some((place) => mayFill(person, place));

/** Whether each slot has a person of its own, by trying all. */
function fits(slots: WrittenPlace[], people: Person[]): boolean {
  const [slot, ...rest] = slots;
  if (!slot) return true;
  return people.some(
    (one) =>
      mayFill(one, slot) &&
      fits(
        rest,
        people.filter((other) => other !== one),
      ),
  );
}
const slotsOf = (rule: WrittenPlace[]) =>
  rule.flatMap((place) =>
    Array.from({ length: place.count === 'all' ? 1 : place.count }, () => place),
  );
/** The first alternative that is met by those who have said yes. */
const metOf = (one: Joint) => one.alternatives.find((rule) => isMetBy(rule, one));
const isMetBy = (rule: Alternative, { firm, yeses }: Joint): boolean =>
  fits(slotsOf(rule), yeses) &&
  rule.every(
    (place) =>
      place.count !== 'all' ||
      firm.people.every((one) => !mayFill(one, place) || yeses.includes(one)),
  );
/** Whether it could still be met by those who hold the offices. */
const isHeld = ({ given, firm }: Joint): boolean => fits(slotsOf(given), firm.people);

const isOver = ({ state }: Joint) => state === 'rejected' || state === 'withdrawn';
const statusOf = (one: Joint): string => {
  const { state, pair, yeses } = one;
  if (state === 'rejected') return 'Rejected';
  if (state === 'withdrawn' || (pair && isOver(pair))) return 'Revoked';
  if (state === 'requested') return yeses.length || pair?.yeses.length ? 'Awaiting' : 'Created';
  return one.suspendedBy || pair?.suspendedBy ? 'Suspended' : 'Accepted';
};

class History {
  readonly all: Joint[] = [];
  readonly parts: {
    chance: Chance;
    urls: string[];
    firms: [Firm, Firm];
    to: TestParty;
    client: TestClient;
    services: string[];
  };

  constructor(parts: History['parts']) {
    this.parts = parts;
  }

  private url = () => this.parts.chance.pick(this.parts.urls);
  private act = async ({ party }: Person, method: string, path: string, body?: unknown) =>
    call(method, this.url() + path, await personToken(party), body);
  private pick = (fits: (one: Joint) => boolean): Joint | undefined => {
    const found = this.all.filter(fits);
    return found.length ? this.parts.chance.pick(found) : undefined;
  };

  private async send(firm: Firm, place: number, first?: Joint): Promise<Joint> {
    const { to, services } = this.parts;
    const { status, body, text } = await call(
      'POST',
      this.url() + REQUESTS,
      await organizationToken(to, WRITE),
      {
        ...requestBody(firm.party, to, rightTo(services[place]!)),
        ...(first ? { with: first.id } : {}),
      },
    );
    assert.equal(status, 201, text);
    const one: Joint = {
      ...{
        id: body.id,
        firm,
        alternatives: ASKED[place]!,
        given: [],
        state: 'requested',
        yeses: [],
      },
      ...{ pair: first, suspendedBy: undefined },
    };
    if (first) first.pair = one;
    this.all.push(one);
    return one;
  }

  async ask(isPair: boolean): Promise<void> {
    const { chance, firms } = this.parts;
    const place = () => chance.pick(ASKED.map((_rule, at) => at));
    const first = await this.send(firms[0], place());
    if (isPair) await this.send(firms[1], place(), first);
  }

  async yes(): Promise<void> {
    const one = this.pick(() => true);
    if (!one) return;
    const person = this.parts.chance.pick(one.firm.people);
    const path = `${API}/consent/request/${one.id}/approve`;
    const { status, text } = await this.act(person, 'POST', path, { language: 'nb' });
    const kept = one.yeses.filter((each) => mayAnswer(each, one));
    const isOpen = one.state === 'requested' && !(one.pair && isOver(one.pair));
    const isReopened = isOpen && kept.length === 0 && one.yeses.length > 0;
    const expected = !mayAnswer(person, one)
      ? 403
      : isReopened
        ? 409
        : isOpen || one.state === 'approved'
          ? 200
          : 400;
    assert.equal(status, expected, text);
    if (expected === 409) one.yeses = [];
    if (expected !== 200 || one.state === 'approved') return;
    one.yeses = kept.includes(person) ? kept : [...kept, person];
    const { pair } = one;
    if (pair) pair.yeses = pair.yeses.filter((each) => mayAnswer(each, pair));
    if (metOf(one) && (!pair || (pair.yeses.length > 0 && metOf(pair))))
      for (const each of [one, ...(pair ? [pair] : [])])
        Object.assign(each, { state: 'approved', given: metOf(each) });
  }

  async no(): Promise<void> {
    const one = this.pick(({ state, pair }) => state === 'requested' && !(pair && isOver(pair)));
    const person = one && this.parts.chance.pick(one.firm.people);
    if (!one || !mayAnswer(person!, one)) return;
    const answer = await this.act(person!, 'POST', `${API}/consent/request/${one.id}/reject`);
    assert.equal(answer.status, 200, answer.text);
    one.state = 'rejected';
  }

  /** Takes a yes back, or withdraws what was given. */
  async revoke(): Promise<void> {
    const one = this.pick((each) => !isOver(each) && !(each.pair && isOver(each.pair)));
    const person = one && this.parts.chance.pick(one.firm.people);
    if (!one || !mayAnswer(person!, one)) return;
    const { status, text } = await this.act(person!, 'POST', `${API}/consent/${one.id}/revoke`);
    const isGiven = one.state === 'approved';
    assert.equal(status, isGiven || one.yeses.includes(person!) ? 200 : 400, text);
    if (status !== 200) return;
    if (isGiven) one.state = 'withdrawn';
    else one.yeses = one.yeses.filter((each) => each !== person && mayAnswer(each, one));
  }

  async suspend(): Promise<void> {
    const one = this.pick((each) => each.state === 'approved' && !(each.pair && isOver(each.pair)));
    const person = one?.suspendedBy ?? (one && this.parts.chance.pick(one.firm.people));
    if (!one || !mayAnswer(person!, one)) return;
    const what = one.suspendedBy ? 'resume' : 'suspend';
    const { status, text } = await this.act(
      person!,
      'POST',
      `/access/v1/consents/${one.id}/${what}`,
    );
    assert.equal(status, 200, text);
    one.suspendedBy = one.suspendedBy ? undefined : person;
  }

  /** Somebody comes to an office, or leaves it. */
  async office(): Promise<void> {
    const { chance, firms } = this.parts;
    const firm = chance.pick(firms);
    const person = chance.pick(firm.people);
    const role = chance.pick(ROLES);
    if (person.roles.has(role)) await endRole(role, firm.party, person.party);
    else await newRole(role, firm.party, person.party);
    if (!person.roles.delete(role)) person.roles.add(role);
    for (const one of this.all)
      if (one.firm === firm && one.state === 'approved' && !isHeld(one)) one.state = 'withdrawn';
  }

  async draw(): Promise<void> {
    const one = this.pick(({ state }) => state !== 'rejected');
    if (!one) return;
    const answer = await fetch(`${this.url()}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: JWT_BEARER,
        assertion: await assertion(this.parts.client, consentDetail(one.id, one.firm.party)),
      }),
    });
    const expected = statusOf(one) === 'Accepted' ? 200 : 400;
    assert.equal(answer.status, expected, await answer.text());
  }

  /** Stores what has ended by the end of something else. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await world.work.tend();
    for (const one of this.all)
      if (one.pair && isOver(one.pair) && !isOver(one)) one.state = 'withdrawn';
  }

  async compare(): Promise<void> {
    for (const one of this.all) {
      const { effectiveStatus } = await seenByAsker(one.id, this.parts.to);
      const { id, state, alternatives } = one;
      const yeses = one.yeses.map(({ roles }) => [...roles]);
      assert.equal(
        effectiveStatus,
        statusOf(one),
        JSON.stringify({ id, state, alternatives, yeses, pair: one.pair?.state }),
      );
    }
  }
}

describe('what several give', function suite() {
  this.timeout(LONGEST);
  let node: Node;
  let to: TestParty;
  let client: TestClient;
  let services: string[];
  before(async () => {
    node = await secondNode();
    to = await newOrganization('Fellesbanken AS');
    client = await newClient(to);
    services = [
      ...(await Promise.all(RULES.map((rule) => newTogether(rule)))),
      await newTogether(RULES[0]!, [], {}, { asCompanySigns: true }),
    ];
  });
  after(() => node.stop());

  const newBoardOf = async (chance: Chance): Promise<Firm> => {
    const party = await newOrganization('Felles AS', { mayAsk: false });
    const people = await Promise.all(
      [0, 1, 2].map(async () => ({ party: await newPerson(), roles: new Set<string>() })),
    );
    for (const [at, person] of people.entries())
      for (const role of at === 0 ? ROLES : [chance.pick(ROLES)]) {
        await newRole(role, party, person.party);
        person.roles.add(role);
      }
    const signing = SIGNING.map((places) =>
      places.map(({ subjects: roles, count }) => ({ roles, count })),
    );
    await putParty(party, { signing });
    return { party, people };
  };

  it('is in force while the rule is met by answers that hold, and of a pair both or none', async () => {
    await inWorlds(async (chance) => {
      const firms: [Firm, Firm] = [await newBoardOf(chance), await newBoardOf(chance)];
      const history = new History({
        ...{ chance, urls: [world.url, node.url], firms, to, client, services },
      });
      await history.ask(chance.next() < 0.5);
      for (let step = 0; step < STEPS; step += 1) {
        const kind = chance.pick([
          ...(['new', 'pair', 'yes', 'yes', 'yes', 'yes', 'yes', 'no'] as const),
          ...(['revoke', 'suspend', 'suspend', 'office', 'draw', 'draw'] as const),
        ]);
        if (kind === 'new' || kind === 'pair') await history.ask(kind === 'pair');
        else await history[kind]();
        await history.compare();
        await history.settle();
      }
      await history.compare();
    }, FEWER);
  });
});
