// The law of protected addresses, in pairs of worlds that differ only in to whom such a person
// gave, from what source, when, and how it was used: for a reader who is neither the giver nor one
// of those, every page and every operation says the same in both. For the one who answered, and
// still may, the same holds of worlds that differ in uses only.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { epochSeconds } from '../../server/platform/clock.ts';
import { loggedIn, type Browser } from '../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../support/oauth/clients.ts';
import {
  endResource,
  newConsentResource,
  newMandate,
  pdpToken,
  rightTo,
} from '../support/rights/rights.ts';
import {
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';
import { text } from '../support/run/source.ts';
import { FEWER, inWorlds, LONGEST, type Chance } from './worlds.ts';

const [MINUTE, DAY] = [60_000, 86_400_000];
/** When the worlds are read: all that differs between them lies before. */
const READ_AT = 40 * DAY;
/** When a receiver or a service ends, with what rests on it. */
const FALLS_AT = 38 * DAY;
const TASK = 'verge:skatteetaten-skatt';
const STATES = [
  ...(['open', 'approved', 'once', 'once', 'suspended', 'withdrawn', 'rejected'] as const),
  ...(['fallen'] as const),
];
/** Who reads; those who see most, most often. */
const READERS = [
  ...(['another', 'another', 'another', 'manager', 'manager'] as const),
  ...(['answerer', 'stranger', 'child of the answerer'] as const),
];

/** The same in both worlds. */
interface Plan {
  /** From when its times are counted, in milliseconds since 1970. */
  begun: number;
  /** A child, for whom parents answer beside the child, or a ward, for whom guardians do. */
  kind: 'child' | 'ward';
  reader: (typeof READERS)[number];
  /** With what it falls, for the answerer, who knows both; for others each world picks its own. */
  fallsWith: 'receiver' | 'service';
  /** The level of the reader's logins. */
  level: 3 | 4;
  /** By their last day, which is what others see; the first may be over when they are read. */
  given: {
    state: (typeof STATES)[number];
    validTo: string;
    portalViewMode: string;
    /** Shares of fifteen days after which it is asked for, and after which it is answered. */
    asked: number;
    answered: number;
  }[];
}

/** A giver, the people around, and what was given, to receivers of this world alone. */
interface World {
  giver: TestParty;
  reader: TestParty;
  answerer: TestParty;
  ids: string[];
  level: number;
  /** Ids of rows that are not of consents: of mandates, of their events, and of notices. */
  rows: string[];
  /** Sought in both worlds, though it is of one. */
  secrets: { receiver: TestParty; word: string; resource: string };
}

const planOf = ({ next, pick }: Chance): Plan => ({
  begun: Date.now(),
  kind: pick(['child', 'ward'] as const),
  reader: pick(READERS),
  fallsWith: pick(['receiver', 'service'] as const),
  level: pick([3, 4] as const),
  given: Array.from({ length: Math.floor(next() * 4) }, (_, index) => ({
    state: pick(STATES),
    validTo: inDays(pick([39 + index / 10, 60 + 10 * index])),
    portalViewMode: pick(['Show', 'Hide']),
    asked: next(),
    answered: next(),
  })),
});

/** In the middle of a minute: both worlds show the same one, though one is made and read later. */
const inMinute = <Result>({ begun }: Plan, offset: number, work: () => Promise<Result>) =>
  at((Math.floor((begun + offset) / MINUTE) + 0.5) * MINUTE - Date.now(), work);

async function makeWorld({ next, pick }: Chance, plan: Plan, which: string): Promise<World> {
  const [giver, answerer] = [await newPerson('Liv Skjult'), await newPerson('Anna Svarer')];
  const isAnswerer = plan.reader === 'answerer';
  const reader = isAnswerer ? answerer : await newPerson('Per Leser');
  const year = new Date().getUTCFullYear();
  const bornOn = `${year - (plan.kind === 'child' ? 15 : 40)}-01-02`;
  await putParty(giver, { bornOn, protectedAddress: true });
  const role = plan.kind === 'child' ? 'foreldreansvar' : TASK;
  await newRole(role, giver, answerer);
  if (plan.reader === 'another') await newRole(role, giver, reader);
  if (plan.reader === 'child of the answerer') {
    await putParty(reader, { bornOn: `${year - 15}-01-02` });
    await newRole('foreldreansvar', reader, answerer);
  }
  if (plan.reader === 'manager')
    await newMandate(giver, reader, { package: 'innbygger-tilgangsstyring-privatperson' });
  // Who answered knows to whom and of what.
  const word = `Bortgjemt${isAnswerer ? '' : which}${Math.floor(next() * 1e9)}`;
  const receiver = await newOrganization(`${word} AS`);
  const subjects = ['privatperson', role];
  const about = {
    title: { nb: `Journal ${word}`, nn: `Journal ${word}`, en: `Record ${word}` },
    decidesFrom: 13,
    parentUntil: 18,
    minimumLevel: { person: 4, organization: 0 },
    consentTemplate: isAnswerer ? 'default' : pick(['default', 'poa']),
  };
  const resource = await newConsentResource(subjects, about);
  const once = await newConsentResource(subjects, { ...about, isOneTimeConsent: true });
  const client = await newClient(receiver);
  const ids: string[] = [];
  for (const { state, validTo, portalViewMode, ...shares } of plan.given) {
    const { asked, answered } = isAnswerer ? shares : { asked: next(), answered: next() };
    const then = (15 + answered * 15) * DAY;
    const id = await inMinute(plan, asked * 15 * DAY, async () =>
      ask(giver, receiver, {
        ...rightTo(state === 'once' ? once : resource),
        requiredDelegator: answerer.urn,
        requestMessage: { nb: word, nn: word, en: word },
        ...{ validTo, portalViewMode },
      }),
    );
    ids.push(id);
    await inMinute(plan, then, async () => answerAs(state, id, answerer));
    const isGiven = !['open', 'rejected'].includes(state);
    const uses = isGiven ? Math.floor(next() * (state === 'once' ? 2 : 3)) : 0;
    for (let count = 0; count < uses; count += 1)
      await inMinute(plan, then + next() * 5 * DAY, async () => {
        const iat = epochSeconds();
        const claims = { ...consentDetail(id, giver), iat, exp: iat + 60 };
        const used = await exchange(client, claims);
        assert.equal(used.status, 200, used.text);
      });
    if (isGiven) await inMinute(plan, READ_AT, async () => endAs(state, id, answerer));
  }
  const ofGiver = { properties: { party: giver.id } };
  if (plan.given.some(({ state }) => state === 'fallen'))
    await inMinute(plan, FALLS_AT, async () => {
      const fallsWith = isAnswerer ? plan.fallsWith : pick(['receiver', 'service']);
      await endBasis(fallsWith === 'receiver', receiver, [resource, once]);
      await world.work.tend();
    });
  for (let count = Math.floor(next() * 3); count > 0; count -= 1) {
    const action = { name: 'consent' };
    const asked = { action, resource: { type: 'resource', id: resource, ...ofGiver } };
    const token = await pdpToken();
    const subject = { type: 'party', id: receiver.id };
    await call('POST', '/access/v1/evaluation', token, { ...asked, subject });
    await call('POST', '/access/v1/search/subject', token, {
      ...asked,
      subject: { type: 'party' },
    });
  }
  const secrets = { receiver, word, resource };
  return { giver, reader, answerer, ids, level: plan.level, rows: [], secrets };
}

async function rowsOf({ giver, reader }: World): Promise<string[]> {
  const found = await world.database.db.raw(
    `select id from mandate where from_party = :giver and basis <> 'consent'
     union select id from event where from_party = :giver and consent_id is null
     union select id from notice where party = :reader order by id`,
    { giver: giver.id, reader: reader.id },
  );
  return found.rows.map(({ id }: { id: string }) => id);
}

/** All that was given to this receiver of this service falls: with the one, or with the other. */
async function endBasis(isReceiver: boolean, receiver: TestParty, resources: string[]) {
  if (isReceiver) return putParty(receiver, { endedAt: inDays(-1) });
  for (const resource of resources) await endResource(resource);
}

async function answerAs(state: string, id: string, answerer: TestParty): Promise<void> {
  if (state === 'open') return;
  const answer = await (state === 'rejected' ? reject : approve)(id, answerer);
  assert.equal(answer.status, 200, answer.text);
}

async function endAs(state: string, id: string, answerer: TestParty): Promise<void> {
  if (state === 'withdrawn') assert.equal((await withdraw(id, answerer)).status, 200);
  if (state === 'suspended')
    await call('POST', `/access/v1/consents/${id}/suspend`, await personToken(answerer));
}

/** The doors for a person that answer without changing anything: pages, and operations. */
const DOORS = text('test/routes.txt')
  .split('\n')
  .flatMap((line) => {
    const [method, path, who] = line.split(' ');
    const isForPeople = who === 'session' || /altinn:portal\/enduser/.test(line);
    return method === 'GET' && isForPeople && !/^\/(authorize|interaction)/.test(path!)
      ? [{ path: path!, isPage: who === 'session' }]
      : [];
  });
/** Doors that show what is given, and what came of it; others are tried more seldom. */
const NEAR = /consent|\/overview|\/log\/|fallen|notices|inbox|\/start|mandates$|users$/;

/** Addresses of a reader who suspects what the first world hides. */
function* addressesOf(
  { path, isPage }: (typeof DOORS)[number],
  { giver, ids }: World,
  { receiver, word, resource }: World['secrets'],
): Generator<string> {
  const whose = { party: giver.id };
  const [id = giver.id] = ids;
  const named = path.replace(/[{:](id|party)\}?/, (_, name) => (name === 'id' ? id : giver.id));
  assert.doesNotMatch(named, /[{:]\w+/, `${path} has a parameter that this law does not know`);
  const queries: Record<string, string>[] = isPage
    ? [
        { ...whose, id },
        { ...whose, receiver: receiver.id, q: word },
        { ...whose, show: 'waiting' },
        { ...whose, show: 'ended' },
        { ...whose, show: 'events' },
        { ...whose, q: 'Journal' },
        { ...whose, only: 'unused' },
        { ...whose, only: 'soon' },
      ]
    : [
        {},
        whose,
        { ...whose, status: 'accepted' },
        { ...whose, limit: '1' },
        { ...whose, after: id },
        { ...whose, from: giver.id, to: receiver.id, resource, action: 'read' },
        { ...whose, subject: receiver.id },
      ];
  for (const query of queries) yield `${named}?${new URLSearchParams(query)}`;
}

/** An answer with the names that its world alone has left out, and what is new each time. */
function plain(answered: string, { giver, reader, answerer, ids, rows, secrets }: World): string {
  const names: [string, string][] = [
    ...[giver, reader, answerer].flatMap((party, index): [string, string][] => [
      [party.id, `party ${index}`],
      [party.number, `number ${index}`],
      [party.number.replace(/^(.{6})/, '$1\u00a0'), `number ${index}`],
    ]),
    ...ids.map((id, index): [string, string] => [id, `consent ${index}`]),
    ...rows.map((id): [string, string] => [id, 'row']),
  ];
  let told = openedReceipts(answered)
    .replace(/(name="(?:csrf|session|form)" value=")[^"]+/g, '$1…')
    .replace(/("traceId":\s*"|"partyId":)[^",]+/g, '$1…')
    .replace(/[0-9A-Z]{5}-[0-9A-Z]{5}/g, '…');
  for (const [name, instead] of names) told = told.replaceAll(name, instead);
  return reader === answerer ? withoutReceiver(told, secrets.receiver) : told;
}

/**
 * With each receipt as what it opens, whose salts, digests and signature are new in each world, and
 * each signed status as its claims.
 */
const openedReceipts = (answered: string): string =>
  answered
    .replace(/"receipt":\s*"([^"]+)"/g, (_, receipt: string) => {
      const [, ...disclosures] = receipt.split('~');
      const members = disclosures
        .filter(Boolean)
        .map((one) => JSON.parse(Buffer.from(one, 'base64url').toString()).slice(1));
      // The answerer alone has these, of the service that it answered for.
      const own = /("version":)\d+|("(?:reference|hash)":)"[^"]+"/g;
      return `"receipt":${JSON.stringify(members).replace(own, '$1$2…')}`;
    })
    .replace(/"proof":\s*"[^"]+"/g, '"proof":null')
    .replace(/"status":\s*"[^".]+\.([^".]+)\.[^".]+"/g, (_, claims: string) =>
      `"status":${Buffer.from(claims, 'base64url')}`.replace(/("(?:iat|exp)":)\d+/g, '$1…'),
    );

/**
 * Without what who answered may know: to whom, of what, and when it was asked for and answered,
 * which are some moments apart in two worlds.
 */
const withoutReceiver = (told: string, { number }: TestParty) =>
  told
    .replaceAll(number, 'number')
    .replaceAll(number.replace(/(\d{3})(?=\d)/g, '$1\u00a0'), 'number')
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'id')
    .replace(/Bortgjemt\d+/g, 'word')
    // Several that fall together are listed by their ids, which are nobody's secret.
    .replace(/consent \d/g, 'consent')
    .replace(/(name="shown" value=")[^"]+/g, '$1…')
    .replace(/(\d{4}-\d\d-\d\d)T[\d:.]+(Z|\+00:00)/g, '$1')
    .replace(/kl\. \d\d\.\d\d/g, 'kl.');

async function browserOf({ reader, level }: World): Promise<Browser> {
  const browser = await loggedIn(reader, '/start');
  if (level < 4) return browser;
  await browser.open('/step-up?to=/start&level=4');
  await browser.logIn(reader);
  return browser;
}

const isOutside = (url: URL) => !url.href.startsWith(world.url);

/** The outcome that an address outside carries, signed or not. */
function answeredIn({ searchParams }: URL): string {
  const signed = searchParams.get('consent_response');
  const claims = signed ? decodeJwt(signed) : {};
  return JSON.stringify([searchParams.get('Status'), claims.status]);
}

/** A world's answer at an address, to its reader. */
async function answerOf(address: string, one: World, browser: Browser | undefined) {
  if (browser) {
    const { status, html, url } = await browser.open(address, isOutside);
    assert.ok(status < 500, `${address}: ${status}`);
    // The way back to the asker carries a signed answer, which is new each time.
    if (isOutside(url)) return `${status} ${url.origin} ${answeredIn(url)}`;
    return plain(`${status} ${url.pathname}${url.search}\n${html}`, one);
  }
  const level = { 'urn:altinn:authlevel': one.level };
  const answer = await call('GET', address, await personToken(one.reader, level));
  return plain(`${answer.status}\n${answer.text}`, one);
}

describe('what a person with a protected address gave', function suite() {
  this.timeout(LONGEST);
  it('differs for nobody else by receiver, source, times and uses, at any door', async () => {
    let compared = 0;
    await inWorlds(async (chance) => {
      const plan = planOf(chance);
      const worlds = [await makeWorld(chance, plan, 'A'), await makeWorld(chance, plan, 'B')];
      const [first, second] = worlds as [World, World];
      await inMinute(plan, READ_AT + 2 * MINUTE, async () => {
        await world.work.tend();
        for (const one of worlds) one.rows = await rowsOf(one);
        const browsers = [await browserOf(first), await browserOf(second)];
        for (const door of DOORS) {
          const { isPage } = door;
          const own = [...addressesOf(door, first, first.secrets)];
          // The same is sought in the other world, where it is not.
          const others = [...addressesOf(door, second, first.secrets)];
          for (const [index, address] of own.entries()) {
            if (chance.next() > (NEAR.test(door.path) ? 0.2 : 0.03)) continue;
            const [one, other] = await Promise.all([
              answerOf(address, first, isPage ? browsers[0] : undefined),
              answerOf(others[index]!, second, isPage ? browsers[1] : undefined),
            ]);
            compared += 1;
            assert.equal(one, other, `${JSON.stringify(plan)} at ${address}`);
          }
        }
        for (const [index, id] of first.ids.entries()) {
          const acts = await Promise.all(
            worlds.map(async (own) => {
              const token = await personToken(own.reader);
              const suspended = await call(
                'POST',
                `/access/v1/consents/${own.ids[index]}/suspend`,
                token,
              );
              const withdrawn = await withdraw(own.ids[index]!, own.reader);
              return [suspended, withdrawn].map((answer) =>
                plain(`${answer.status} ${answer.text}`, own),
              );
            }),
          );
          assert.deepEqual(acts[0], acts[1], `${JSON.stringify(plan)}: ending ${id}`);
        }
      });
    }, FEWER);
    assert.ok(compared > 100, String(compared));
  });
});
