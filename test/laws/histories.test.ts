// The law of what was given, over histories on two nodes while the clock goes on: asked, chosen,
// let be used less often, narrowed, replaced, renewed, suspended, withdrawn, used, refreshed and
// introspected.
// A slow reference says what holds: a token says that and no more, tokens are no more than uses,
// and of a replaced pair one holds, never both and never neither.
import assert from 'node:assert/strict';
import {
  assertion,
  clientAuth,
  CONSENT,
  consentDetail,
  JWT_BEARER,
  newClient,
  payloadOf,
  WEB,
  type TestClient,
} from '../support/oauth/clients.ts';
import { atClient, authorization, redeem } from '../support/oauth/relying_party.ts';
import { Browser } from '../support/pages/browser.ts';
import { asked, named, titled } from '../support/parts.ts';
import { secondNode, type Node } from '../support/run/node.ts';
import {
  API,
  at,
  call,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  READ,
  requestBody,
  REQUESTS,
  world,
  WRITE,
  type TestParty,
} from '../support/world.ts';
import { receiptsHold } from './receipts.ts';
import { inWorlds, LONGEST, type Chance } from './worlds.ts';

const DAY = 86_400_000;
const STEPS = 25;
const PERIODS = { day: 1, week: 7, month: 31 };

interface Limit {
  total?: number;
  per?: { number: number; period: keyof typeof PERIODS };
}

/** A consent as the reference holds it. */
interface Held {
  id: string;
  state: 'requested' | 'approved' | 'rejected' | 'withdrawn';
  /** Services that it lets use of, or asks for, and those among them that may be left out. */
  rights: string[];
  optional: string[];
  asked: string[];
  /** The noon after which it no longer holds, as a day of the history. */
  lastDay: number;
  limit: Limit | null;
  /** Days of the history on which it was used; those of what it replaced come with it. */
  uses: number[];
  suspended: boolean;
  replaces: Held | null;
  renews: boolean;
  countsAnew: boolean;
  refusedOn: number | null;
  /** Tokens that were drawn, with what each says. */
  tokens: { value: string; rights: string[]; day: number }[];
  /** The refresh token that is out, of one that was given in a browser. */
  refresh?: string;
}

/** Time of the history for a step: more than one takes, or acts of two would change places. */
const SLOT = 20_000;

/** Milliseconds from now until a step of the history, soon after a day's noon by UTC. */
const untilStep = ({ day, step }: Pick<History, 'day' | 'step'>): number => {
  const noon = new Date();
  noon.setUTCHours(12, 0, 0, 0);
  return noon.getTime() + (day + 1) * DAY + step * SLOT - Date.now();
};
/** The end of a day of the history, before its noon: no act is near it. */
const endOf = (lastDay: number): Date => {
  const end = new Date();
  end.setUTCHours(6, 0, 0, 0);
  return new Date(end.getTime() + (lastDay + 2) * DAY);
};
const osloDay = (day: number): Date => {
  const noon = new Date();
  noon.setUTCHours(12, 0, 0, 0);
  return new Date(noon.getTime() + (day + 1) * DAY);
};
const periodOf = (day: number, period: keyof typeof PERIODS): string => {
  const date = osloDay(day);
  if (period === 'day') return date.toISOString().slice(0, 10);
  if (period === 'month') return date.toISOString().slice(0, 7);
  const monday = new Date(date.getTime() - ((date.getUTCDay() + 6) % 7) * DAY);
  return monday.toISOString().slice(0, 10);
};

const inForce = (one: Held, day: number) => one.state === 'approved' && day <= one.lastDay;
const leftInAll = ({ limit, uses }: Held) => (limit?.total ?? Infinity) - uses.length;
const leftInPeriod = ({ limit, uses }: Held, day: number) =>
  limit?.per
    ? limit.per.number -
      uses.filter((use) => periodOf(use, limit.per!.period) === periodOf(day, limit.per!.period))
        .length
    : Infinity;
const statusOf = (one: Held, day: number): string => {
  if (one.state === 'rejected') return 'Rejected';
  if (one.state === 'withdrawn') return 'Revoked';
  if (day > one.lastDay) return 'Expired';
  if (one.state === 'requested') return 'Created';
  if (leftInAll(one) <= 0) return 'UsedUp';
  return one.suspended ? 'Suspended' : 'Accepted';
};

/** One history, with the servers that it happens on. */
class History {
  readonly chance: Chance;
  readonly urls: string[];
  readonly from: TestParty;
  readonly to: TestParty;
  readonly client: TestClient;
  readonly web: TestClient;
  readonly services: { id: string; limit: Limit | null }[];
  readonly consents: Held[] = [];
  day = 0;
  step = 0;

  constructor(
    parts: Pick<History, 'chance' | 'urls' | 'from' | 'to' | 'client' | 'web' | 'services'>,
  ) {
    this.chance = parts.chance;
    this.urls = parts.urls;
    this.from = parts.from;
    this.to = parts.to;
    this.client = parts.client;
    this.web = parts.web;
    this.services = parts.services;
  }

  private url = () => this.chance.pick(this.urls);
  private asPerson = async (method: string, path: string, body?: unknown) =>
    call(method, this.url() + path, await personToken(this.from), body);
  private someOf = (items: string[]) => (items.length ? this.chance.some(items, 2) : []);
  private one = (fits: (one: Held) => boolean): Held | undefined => {
    const found = this.consents.filter(fits);
    return found.length ? this.chance.pick(found) : undefined;
  };

  /** The limit of services and of the asker together; the services' are by days, or in all. */
  private limitOf(services: string[], own: Limit | undefined, held: Limit | null): Limit | null {
    const limits = [
      ...this.services.filter(({ id }) => services.includes(id)).map(({ limit }) => limit),
      own,
      held,
    ];
    const totals = limits.flatMap((limit) => limit?.total ?? []);
    const per = limits.flatMap((limit) => limit?.per ?? []).sort((a, b) => a.number - b.number)[0];
    if (!totals.length && !per) return null;
    return { ...(totals.length ? { total: Math.min(...totals) } : {}), ...(per ? { per } : {}) };
  }

  async ask(kind: 'new' | 'replaces' | 'renews'): Promise<void> {
    const { chance, day } = this;
    const old =
      kind === 'new'
        ? undefined
        : this.one((one) => ['Accepted', 'Suspended'].includes(statusOf(one, day)));
    if (kind !== 'new' && !old) return;
    const ids = kind === 'renews' ? old!.rights : this.services.map(({ id }) => id);
    const services = [...new Set([chance.pick(ids), ...chance.some(ids, 2)])];
    const optional = kind === 'renews' ? [] : this.someOf(services.slice(1));
    const lastDay = kind === 'renews' ? old!.lastDay + 5 : day + chance.pick([2, 9, 40]);
    const own = chance.next() < 0.3 ? { total: chance.pick([1, 2, 3]) } : undefined;
    const { status, body, text } = await call(
      'POST',
      this.url() + REQUESTS,
      await organizationToken(this.to, WRITE),
      {
        ...requestBody(this.from, this.to, {
          consentRights: services.map((id) => asked(id, optional.includes(id))),
          validTo: endOf(lastDay).toISOString(),
        }),
        ...(own ? { uses: own } : {}),
        ...(old ? { [kind]: old.id } : {}),
      },
    );
    const no = this.consents.find(
      (one) => old && one.replaces === old && one.refusedOn !== null && day - one.refusedOn < 30,
    );
    const waits =
      kind === 'renews' &&
      this.consents.some(
        (one) => one.renews && one.replaces === old && statusOf(one, day) === 'Created',
      );
    const isEarly = kind === 'renews' && old!.lastDay - day > 58;
    const isMore = kind === 'renews' && (own?.total ?? 0) > (old!.limit?.total ?? Infinity);
    const expected = no ? 403 : isEarly || isMore ? 400 : waits ? 409 : 201;
    assert.equal(status, expected, `${kind}: ${text}`);
    if (status !== 201) return;
    this.consents.push({
      id: body.id,
      state: 'requested',
      rights: services,
      optional,
      asked: services,
      lastDay,
      limit: this.limitOf(services, own, kind === 'renews' ? old!.limit : null),
      uses: [],
      suspended: false,
      replaces: old ?? null,
      renews: kind === 'renews',
      countsAnew: own !== undefined,
      refusedOn: null,
      tokens: [],
    });
  }

  async answer(isYes: boolean): Promise<void> {
    const one = this.one(({ state }) => state === 'requested');
    if (!one) return;
    const { day, chance } = this;
    const taken = isYes ? this.someOf(one.optional) : [];
    const most = one.limit?.total;
    const fewer = most && chance.next() < 0.3 ? { total: chance.pick([1, most]) } : undefined;
    const { status, text } = await this.asPerson(
      'POST',
      `${API}/consent/request/${one.id}/${isYes ? 'approve' : 'reject'}`,
      isYes
        ? {
            language: 'nb',
            optionalRights: taken.map((id) => one.asked.indexOf(id)),
            ...(fewer ? { uses: fewer } : {}),
          }
        : undefined,
    );
    if (!isYes) {
      assert.equal(status, 200, text);
      Object.assign(one, { state: 'rejected', refusedOn: day });
      return;
    }
    const old = one.replaces;
    const isLate = day > one.lastDay;
    // One that is used up is replaced like one that is not.
    const isBlocked = old !== null && (!inForce(old, day) || old.suspended);
    const counted = old?.limit && one.limit && !one.countsAnew ? old.uses : [];
    const total = fewer?.total ?? one.limit?.total ?? Infinity;
    const lacks = counted.length >= total ? (fewer ? 400 : 409) : 200;
    assert.equal(status, isLate ? 400 : isBlocked ? 409 : lacks, text);
    if (status !== 200) return;
    one.state = 'approved';
    one.rights = one.asked.filter((id) => !one.optional.includes(id) || taken.includes(id));
    if (fewer) one.limit = { ...one.limit, ...fewer };
    if (!old) return;
    old.state = 'withdrawn';
    one.uses = [...counted];
  }

  async narrow(): Promise<void> {
    const one = this.one(
      (each) =>
        ['Accepted', 'Suspended'].includes(statusOf(each, this.day)) && each.rights.length > 1,
    );
    const dropped = one?.rights.find((id) => one.optional.includes(id));
    if (!one || !dropped) return;
    const { status, text } = await this.asPerson('PATCH', `/access/v1/consents/${one.id}`, {
      without: [one.asked.indexOf(dropped)],
    });
    assert.equal(status, 200, text);
    one.rights = one.rights.filter((id) => id !== dropped);
  }

  async suspend(): Promise<void> {
    const one = this.one((each) => ['Accepted', 'Suspended'].includes(statusOf(each, this.day)));
    if (!one) return;
    const { status, text } = await this.asPerson(
      'POST',
      `/access/v1/consents/${one.id}/${one.suspended ? 'resume' : 'suspend'}`,
    );
    assert.equal(status, 200, text);
    one.suspended = !one.suspended;
  }

  async withdraw(): Promise<void> {
    const one = this.one(({ state }) => state === 'approved');
    if (!one) return;
    const { status, text } = await this.asPerson('POST', `${API}/consent/${one.id}/revoke`);
    assert.equal(status, 200, text);
    one.state = 'withdrawn';
  }

  async draw(): Promise<void> {
    const one = this.one(({ state }) => state !== 'requested' && state !== 'rejected');
    if (!one) return;
    const iat = Math.floor((Date.now() + untilStep(this)) / 1000);
    const answer = await fetch(`${this.url()}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: JWT_BEARER,
        assertion: await assertion(this.client, {
          ...consentDetail(one.id, this.from),
          iat,
          exp: iat + 60,
        }),
      }),
    });
    this.drawn(one, answer.status, (await answer.json()) as any);
  }

  /** Holds a token that was drawn, or its refusal, against the reference. */
  private drawn(one: Held, status: number, body: any): void {
    const { day } = this;
    const isLet =
      inForce(one, day) && !one.suspended && leftInAll(one) > 0 && leftInPeriod(one, day) > 0;
    assert.equal(status, isLet ? 200 : 400, JSON.stringify([one, body]));
    if (!isLet) return;
    one.uses.push(day);
    if (body.refresh_token) one.refresh = body.refresh_token;
    const [detail] = payloadOf(body.access_token).authorization_details;
    assert.deepEqual(named(detail.consentRights).sort(), [...one.rights].sort());
    assert.ok(new Date(detail.validTo) <= endOf(one.lastDay));
    const left = {
      ...(one.limit?.total === undefined ? {} : { total: leftInAll(one) }),
      ...(one.limit?.per ? { period: Math.min(leftInPeriod(one, day), leftInAll(one)) } : {}),
    };
    assert.deepEqual(detail.usesLeft, one.limit ? left : undefined);
    one.tokens.push({ value: body.access_token, rights: one.rights, day });
  }

  private auth() {
    const iat = Math.floor((Date.now() + untilStep(this)) / 1000);
    return clientAuth(this.web, { iat, exp: iat + 60 });
  }

  /** Given in a browser, from which the client goes on by refreshing. */
  async browse(): Promise<void> {
    const { chance, day, from, web } = this;
    const rights = [chance.pick(this.services.map(({ id }) => id))];
    const lastDay = day + chance.pick([2, 9, 40]);
    const { verifier, query } = authorization(web, {
      authorization_details: JSON.stringify([
        {
          type: CONSENT,
          validTo: endOf(lastDay).toISOString(),
          consentRights: rights.map((id) => asked(id)),
        },
      ]),
    });
    const browser = new Browser();
    await browser.open(`${world.url}/authorize?${query}`, atClient);
    await browser.logIn(from);
    await browser.submit({ answer: 'yes' });
    const [, back] = /href="(\/interaction\/[\w-]+)"/.exec(browser.page.html)!;
    await browser.open(back!, atClient);
    const code = { url: browser.page.url, verifier, wasAsked: true };
    const { status, body } = await redeem(web, code, await this.auth());
    const one: Held = {
      ...{ id: '', state: 'approved', rights, optional: [], asked: rights, lastDay },
      limit: this.limitOf(rights, undefined, null),
      ...{ uses: [], suspended: false, replaces: null, renews: false, countsAnew: false },
      ...{ refusedOn: null, tokens: [] },
    };
    this.drawn(one, status, body);
    one.id = payloadOf(body.access_token).authorization_details[0].id;
    this.consents.push(one);
  }

  async refresh(): Promise<void> {
    const one = this.one(({ refresh }) => refresh !== undefined);
    if (!one) return;
    const answer = await fetch(`${this.url()}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...(await this.auth()),
        grant_type: 'refresh_token',
        refresh_token: one.refresh!,
      }),
    });
    this.drawn(one, answer.status, (await answer.json()) as any);
  }

  async introspect(): Promise<void> {
    const one = this.one(({ tokens }) => tokens.some((token) => token.day === this.day));
    const token = one?.tokens.filter(({ day }) => day === this.day).at(-1);
    if (!one || !token) return;
    const answer = await fetch(`${this.url()}/introspect`, {
      method: 'POST',
      body: new URLSearchParams({
        ...(await clientAuth(this.client, {
          iat: Math.floor((Date.now() + untilStep(this)) / 1000),
          exp: Math.floor((Date.now() + untilStep(this)) / 1000) + 60,
        })),
        token: token.value,
      }),
    });
    const body = (await answer.json()) as any;
    const rights = token.rights.filter((id) => one.rights.includes(id));
    const isFresh = payloadOf(token.value).exp * 1000 > Date.now() + untilStep(this);
    const isActive = isFresh && inForce(one, this.day) && !one.suspended && rights.length > 0;
    assert.equal(body.active, isActive, JSON.stringify([one, body]));
    if (isActive)
      assert.deepEqual(
        named(body.authorization_details[0].consentRights).sort(),
        [...rights].sort(),
      );
  }

  /** Each consent as its requester reads it, beside the reference. */
  async compare(): Promise<void> {
    for (const one of this.consents) {
      const { body } = await call(
        'GET',
        `${this.url()}${REQUESTS}/${one.id}`,
        await organizationToken(this.to, READ),
      );
      assert.equal(body.effectiveStatus, statusOf(one, this.day), JSON.stringify(one));
      if (one.state === 'approved')
        assert.deepEqual(named(body.approvedRights).sort(), [...one.rights].sort());
      if (this.chance.next() < 0.3)
        await receiptsHold(this.chance, this.url(), { ...one, from: this.from, to: this.to });
    }
  }
}

describe('what was given', function suite() {
  this.timeout(LONGEST);
  let node: Node;
  let to: TestParty;
  let client: TestClient;
  let web: TestClient;
  let services: { id: string; limit: Limit | null }[];
  before(async () => {
    node = await secondNode();
    to = await newOrganization('Historiebanken AS');
    client = await newClient(to);
    web = await newClient(to, WEB);
    const limits: (Limit | null)[] = [
      null,
      null,
      { total: 4 },
      { per: { number: 2, period: 'day' } },
    ];
    services = await Promise.all(
      limits.map(async (limit, place) => ({
        id: await titled(`Tjeneste ${place}`, limit ? { uses: limit } : {}),
        limit,
      })),
    );
  });
  after(() => node.stop());

  it('is what holds, on two nodes, however it was asked, changed, replaced and used', async () => {
    await inWorlds(async (chance) => {
      const from = await newPerson('Historie Person');
      const history = new History({
        chance,
        urls: [world.url, node.url],
        from,
        to,
        client,
        web,
        services,
      });
      for (; history.step < STEPS; history.step += 1) {
        const kind = chance.pick([
          ...(['new', 'replaces', 'renews', 'yes', 'yes', 'yes', 'no', 'narrow'] as const),
          ...([
            'suspend',
            'withdraw',
            'draw',
            'draw',
            'draw',
            'introspect',
            'introspect',
            'wait',
            'browse',
            'refresh',
            'refresh',
          ] as const),
        ]);
        await at(untilStep(history), async () => {
          if (kind === 'new' || kind === 'replaces' || kind === 'renews') await history.ask(kind);
          else if (kind === 'yes' || kind === 'no') await history.answer(kind === 'yes');
          else if (kind === 'wait') history.day += chance.pick([1, 1, 3, 20]);
          else await history[kind]();
        });
      }
      await at(untilStep(history), () => history.compare());
    });
  });
});
