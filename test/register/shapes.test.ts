// What a register may answer: documents with parts missing, pages that are empty, tokens of its
// own, and no answer. What cannot be read stops the feed there; nothing is guessed.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { enhetsregisteret } from '../../server/register/source/enhetsregisteret.ts';
import { feedSource } from '../../server/register/source/feed.ts';
import { createGet, createPost } from '../../server/register/source/fetch.ts';
import { folkeregisteret } from '../../server/register/source/folkeregisteret.ts';
import { MAPPINGS } from '../../server/register/source/feed_model.ts';
import {
  factFault,
  type Fact,
  type PartyFact,
  type Register,
  type RolesFact,
} from '../../server/register/model.ts';
import { openLive, openSources } from '../../server/register/source/sources.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';

type Answer = object | number | string | undefined;

describe('a register', () => {
  let server: Server;
  let url: string;
  /** By the beginning of the path; what is not there is 404. */
  let answers: Record<string, Answer>;
  let asked: { path: string; authorization: string | undefined }[];
  before(async () => {
    server = createServer((request, response) => {
      const path = request.url!;
      asked.push({ path, authorization: request.headers.authorization });
      const key = Object.keys(answers)
        .sort((a, b) => b.length - a.length)
        .find((one) => path.startsWith(one));
      const answer = key === undefined ? 404 : answers[key];
      if (typeof answer === 'number') response.writeHead(answer).end();
      else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? null));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  beforeEach(() => {
    [answers, asked] = [{}, []];
  });
  after(() => server.close());

  describe('of units', () => {
    const START = JSON.stringify({ units: 0, subunits: 0, roles: 0 });
    let source: Register;
    before(() => {
      source = enhetsregisteret(url, { token: 't' });
    });
    const update = (number: string, more: object = {}) => ({
      oppdateringsid: 5,
      organisasjonsnummer: number,
      endringstype: 'Endring',
      dato: '2026-01-02T00:00:00Z',
      ...more,
    });
    const units = (list: object[]) => ({ _embedded: { oppdaterteEnheter: list } });

    it('that is empty has come to nothing, and has nothing new', async () => {
      assert.equal(await source.latest(), START);
      answers = { '/oppdateringer': {}, '/oppdateringer/roller': [] };
      assert.equal(await source.latest(), START);
      assert.deepEqual(await source.feed(START), { facts: [], cursor: START, more: false });
      answers = { '/oppdateringer/roller?afterId=0': [{ id: '7' }], '/oppdateringer/roller': [] };
      assert.equal(JSON.parse(await source.latest()).roles, 7);
    });

    it('tells a unit that was removed, deleted, or is not there', async () => {
      const number = organizationNumber();
      const factOf = async (more: object, unit: Answer) => {
        answers = {
          '/oppdateringer/enheter': units([update(number, more)]),
          ...(unit === undefined ? {} : { [`/enheter/${number}`]: unit }),
        };
        return (await source.feed(START)).facts[0]?.fact as PartyFact;
      };
      assert.equal((await factOf({}, 410)).party.endedAt, '2026-01-02T00:00:00Z');
      assert.ok((await factOf({ endringstype: 'Fjernet' }, undefined)).party.endedAt);
      assert.ok((await factOf({ endringstype: 'Sletting' }, undefined)).party.endedAt);
      assert.equal(await factOf({}, undefined), undefined);
      const bare = await factOf({ endringstype: 'Sletting' }, { navn: 'Bart AS' });
      assert.deepEqual(
        [bare.party.name, bare.party.unitType, bare.party.endedAt],
        ['Bart AS', null, '2026-01-02T00:00:00Z'],
      );
      const struck = await factOf(
        {},
        { navn: 'S', slettedato: '2026-03-04', organisasjonsform: { kode: 'AS' } },
      );
      assert.deepEqual(
        [struck.party.unitType, struck.party.endedAt],
        ['AS', '2026-03-04T00:00:00Z'],
      );
    });

    it('tells a sub-unit that was removed, and one without a main unit', async () => {
      const number = organizationNumber();
      const list = { _embedded: { oppdaterteUnderenheter: [update(number)] } };
      answers = { '/oppdateringer/underenheter': list, [`/underenheter/${number}`]: 410 };
      assert.equal(((await source.feed(START)).facts[0]!.fact as PartyFact).party.parent, '?');
      answers[`/underenheter/${number}`] = { navn: 'Avd.' };
      assert.equal(((await source.feed(START)).facts[0]!.fact as PartyFact).party.parent, null);
    });

    it('tells roles with names as they are, of persons and units, and none that ended', async () => {
      const [number, person, firm] = [organizationNumber(), personNumber(), organizationNumber()];
      const entry = (more: object) => ({ type: { kode: 'DAGL' }, ...more });
      const roller = [
        entry({ person: { fodselsnummer: person, navn: { fornavn: 'A', etternavn: 'B' } } }),
        entry({ person: { fodselsnummer: personNumber() } }),
        entry({ enhet: { organisasjonsnummer: firm, navn: ['X', '', 'AS'] } }),
        entry({ enhet: { organisasjonsnummer: firm } }),
        entry({ enhet: { organisasjonsnummer: firm, erSlettet: true } }),
        entry({ person: { navn: { fornavn: 'Uten' } } }),
      ];
      answers = {
        '/oppdateringer/roller': [{ id: '9', data: { organisasjonsnummer: number } }],
        [`/autorisert-api/enheter/${number}/roller`]: { rollegrupper: [{ roller }] },
      };
      const { facts } = await source.feed(START);
      const { holders } = facts[0]!.fact as RolesFact;
      assert.deepEqual(
        holders.map((one) => one.name),
        ['A B', undefined, 'X AS', undefined],
      );
    });

    it('stops where a document is not answered, once, and goes on after one that cannot be read', async () => {
      const number = organizationNumber();
      answers = { '/oppdateringer/enheter': units([update(number)]), [`/enheter/${number}`]: 500 };
      const stopped = (await source.feed(START)).fault!;
      assert.match(stopped, /units after 0: 500 from/);
      const left = await source.feed(START, stopped);
      assert.deepEqual([left.fault, left.facts[0]!.again], [undefined, true]);
      answers[`/enheter/${number}`] = 'hello';
      assert.match((await source.feed(START)).fault!, /no JSON from/);
      answers[`/enheter/${number}`] = 'null';
      const { facts, fault, cursor } = await source.feed(START);
      assert.equal(fault, undefined);
      assert.match(facts[0]!.why!, /does not have its shape/);
      assert.equal(JSON.parse(cursor).units, 5);
    });

    it('is looked up by number: units with roles, sub-units without, persons not at all', async () => {
      const number = organizationNumber();
      answers = {
        [`/enheter/${number}`]: { navn: 'N' },
        [`/underenheter/${number}`]: { navn: 'U' },
      };
      assert.deepEqual(await source.lookup(personNumber(), 'person'), []);
      assert.equal((await source.lookup(number, 'subunit')).length, 1);
      await assert.rejects(source.lookup(number, 'organization'), /no roles for a unit/);
      answers[`/autorisert-api/enheter/${number}/roller`] = {};
      assert.equal((await source.lookup(number, 'organization')).length, 2);
    });

    it('is well when it answers', async () => {
      answers = { '/': {} };
      assert.equal(await source.health(), true);
      assert.equal(await enhetsregisteret('http://127.0.0.1:1', undefined).health(), false);
    });
  });

  describe('of the population', () => {
    let source: Register;
    before(() => {
      source = folkeregisteret(url, undefined);
    });
    const fact = async (person: Answer, number = personNumber()) => {
      answers = { [`/v1/personer/${number}`]: person };
      return (await source.lookup(number, 'person')) as [PartyFact, RolesFact];
    };

    it('that is empty has nothing, and knows no units', async () => {
      assert.equal(await source.latest(), '0');
      assert.deepEqual(await source.feed('0'), { facts: [], cursor: '0', more: false });
      assert.deepEqual(await source.lookup(organizationNumber(), 'organization'), []);
      assert.equal(await source.health(), true);
      assert.equal(await folkeregisteret('http://127.0.0.1:1', undefined).health(), false);
    });

    it('tells nothing of a person who is not there', async () => {
      assert.deepEqual(await fact(404), []);
    });

    it('tells names, death in both forms, and grades', async () => {
      const [bare] = await fact({});
      assert.deepEqual(
        [bare.party.name, bare.party.bornOn, bare.party.endedAt, bare.party.protectedAddress],
        ['?', null, null, false],
      );
      const old = { erGjeldende: false, fornavn: 'G', etternavn: 'G' };
      const [one] = await fact({
        navn: [old, { fornavn: 'A', mellomnavn: 'B', etternavn: 'C' }],
        doedsfall: { doedsdato: '2026-01-02' },
        adressebeskyttelse: [{ graderingsnivaa: 'fortrolig', opphoerstidspunkt: '2020-01-01' }],
      });
      assert.deepEqual(
        [one.party.name, one.party.endedAt, one.party.protectedAddress],
        ['A B C', '2026-01-02T00:00:00Z', false],
      );
      const [list] = await fact({ doedsfall: [{ doedsdato: '2026-01-02' }] });
      assert.equal(list.party.endedAt, '2026-01-02T00:00:00Z');
    });

    it('tells who has responsibility for a child, and for nobody whose day of birth is not known', async () => {
      const [child, parent, other] = [personNumber(), personNumber(), personNumber()];
      const responsible = (more: object) => ({ ansvar: 'felles', ansvarlig: parent, ...more });
      const holders = async (
        foreldreansvar: object[],
        birth: object = { foedsel: [{ foedselsdato: '2020-01-01' }] },
      ) => (await fact({ ...birth, foreldreansvar }, child))[1].holders.map(({ to }) => to);
      assert.deepEqual(await holders([responsible({})]), [parent]);
      assert.deepEqual(
        await holders([responsible({ ansvarlig: { foedselsEllerDNummer: other } })]),
        [other],
      );
      assert.deepEqual(await holders([responsible({ ansvarlig: undefined })]), []);
      assert.deepEqual(await holders([responsible({ erGjeldende: false })]), []);
      assert.deepEqual(await holders([responsible({ opphoerstidspunkt: '2021-01-01' })]), []);
      assert.deepEqual(await holders([responsible({ ansvarssubjekt: other })]), []);
      assert.deepEqual(await holders([responsible({ ansvarssubjekt: child })]), [parent]);
      assert.deepEqual(await holders([responsible({})], {}), []);
      assert.deepEqual(await holders([responsible({})], { foedsel: [{ foedselsdato: 'x' }] }), []);
      assert.deepEqual(await holders([responsible({ gyldighetstidspunkt: '2040-01-01' })]), []);
    });

    it('passes over what it told before, and stops at what cannot be read', async () => {
      const number = personNumber();
      const event = (sekvensnummer: number) => ({
        sekvensnummer,
        hendelse: { folkeregisteridentifikator: number },
      });
      answers = { '/v1/hendelser/feed': [event(3), event(6)], [`/v1/personer/${number}`]: {} };
      const batch = await source.feed('4');
      assert.deepEqual([batch.cursor, batch.facts.length], ['6', 2]);
      answers[`/v1/personer/${number}`] = 503;
      const stopped = await source.feed('4');
      assert.match(stopped.fault!, /after 5: 503/);
      const left = await source.feed('4', stopped.fault);
      assert.deepEqual([left.fault, left.cursor, left.facts[0]!.again], [undefined, '6', true]);
    });
  });

  describe('of our own feed', () => {
    let source: Register;
    before(() => {
      source = feedSource('vergemal', url, { token: 't' }, MAPPINGS.vergemal!);
    });

    it('that is empty has nothing, and is well when it says so', async () => {
      assert.equal(await source.latest(), '0');
      assert.deepEqual(await source.feed('3'), { facts: [], cursor: '3', more: false });
      await assert.rejects(source.lookup('1', 'person'), /no lines/);
      assert.equal(await source.health(), false);
      answers = { '/health': { healthy: true }, '/latest': { seq: 4 } };
      assert.deepEqual([await source.health(), await source.latest()], [true, '4']);
    });

    it('stops at a line without a number, and has no look-up with what is no fact', async () => {
      answers = {
        '/feed': { lines: [null] },
        '/lookup': { lines: [{ op: 'upsert', from: '1', code: 'x' }] },
      };
      assert.match((await source.feed('0')).fault!, /no sequence number/);
      await assert.rejects(source.lookup('1', 'person'), /the task x is not one/);
    });

    it('counts a line without a number where one is missing, and stops at a gap that is none', async () => {
      const line = (seq: number) => ({ seq, op: 'end', from: personNumber(), code: 'x' });
      answers = { '/feed': { lines: [line(1), null, 'x', line(4), line(5)] } };
      const read = await source.feed('0');
      assert.deepEqual(
        [read.unnumbered, read.facts.length, read.cursor, read.fault],
        [2, 3, '5', undefined],
      );
      answers = { '/feed': { lines: [line(1), {}, line(2)] } };
      const between = await source.feed('0');
      assert.deepEqual([between.unnumbered, between.cursor], [1, '2']);
      answers = { '/feed': { lines: [line(1), null, line(5)] } };
      const gap = await source.feed('0');
      assert.deepEqual([gap.unnumbered, gap.cursor], [undefined, '1']);
      assert.match(gap.fault!, /3 are missing/);
    });

    it('is of a source that is known', () => {
      assert.deepEqual(openSources([{ source: 'helse', url, live: true }]), []);
      const known = ['enhetsregisteret', 'folkeregisteret', 'vergemal'];
      const opened = openSources(known.map((one) => ({ source: one, url })));
      assert.deepEqual(
        opened.map(({ code }) => code),
        known,
      );
    });
  });

  it('gives a token for a grant of ours, which is kept while it holds', async () => {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const auth = {
      tokenUrl: `${url}/token`,
      audience: url,
      clientId: 'c',
      scope: 's',
      key: { ...(await exportJWK(privateKey)), kid: '1' },
    };
    answers = { '/token': { access_token: 'made', expires_in: 100 }, '/x': {} };
    const get = createGet(url, auth);
    await get('/x');
    await get('/x');
    assert.deepEqual(
      asked.map(({ path, authorization }) => [path, authorization]),
      [
        ['/token', undefined],
        ['/x', 'Bearer made'],
        ['/x', 'Bearer made'],
      ],
    );
  });

  it('that is asked live says yes, no or nothing, and tells what has its shape', async () => {
    const [live] = openLive([{ source: 'helse', url, live: true, auth: { token: 't' } }]);
    answers = {
      '/decide': { permit: true },
      '/describe': {
        mandates: [
          null,
          {},
          { from: 'c', to: 'd' },
          { from: 'a', to: 'b\0' },
          { from: 'a', to: 'b', editUrl: 'https://' },
        ],
      },
    };
    assert.equal(await live!.decide('a', 'b', 'c'), true);
    assert.deepEqual(await live!.describe('a'), [{ from: 'a', to: 'b', text: '', editUrl: null }]);
    answers = { '/decide': { permit: 'yes' }, '/describe': {} };
    assert.equal(await live!.decide('a', 'b', 'c'), undefined);
    assert.equal(await live!.describe('a'), undefined);
    answers = { '/decide': 500, '/describe': 'x' };
    assert.equal(await live!.decide('a', 'b', 'c'), undefined);
    assert.equal(await live!.describe('a'), undefined);
    assert.equal(await createPost('http://127.0.0.1:1', undefined)('/', {}, 500), undefined);
  });
});

describe('a line of our feed', () => {
  const line = (code: string, changes: object = {}) =>
    ({ seq: 1, op: 'upsert', from: personNumber(), to: personNumber(), code, ...changes }) as never;

  it('is read by the words of its source, and refused by others', () => {
    assert.equal(typeof MAPPINGS.vergemal!(line('nav/pensjon', { to: undefined })), 'string');
    const lawyer = (changes: object) =>
      MAPPINGS.advokatregisteret!(line('advokat', changes)) as Extract<
        Fact,
        { kind: 'qualification' }
      >;
    assert.deepEqual([lawyer({}).validFrom, lawyer({}).endedAt], [null, null]);
    assert.deepEqual([lawyer({ op: 'end' }).op, lawyer({ op: 'end' }).endedAt], ['end', null]);
    assert.equal(lawyer({ op: 'end', validTo: '2026-01-01' }).endedAt, '2026-01-01');
    assert.match(MAPPINGS.advokatregisteret!(line('dommer')) as string, /dommer is not known/);
    const work = (changes: object) =>
      MAPPINGS['aa-registeret']!(line('arbeidsforhold', changes)) as Extract<
        Fact,
        { kind: 'employment' }
      >;
    assert.equal(work({}).endedOn, null);
    assert.equal(work({ op: 'end' }).endedOn, null);
    assert.equal(work({ op: 'end', validTo: '2026-01-02T00:00:00Z' }).endedOn, '2026-01-02');
    assert.match(String(work({ to: undefined })), /is not known/);
  });
});

describe('a fact of a register', () => {
  const [person, firm] = [personNumber(), organizationNumber()];
  const party = (changes: object) => ({
    kind: 'party',
    party: { kind: 'person', number: person, name: 'A', ...changes },
  });
  const role = (changes: object) => ({
    kind: 'role',
    op: 'upsert',
    from: firm,
    holder: { role: 'dagl', to: person, ...changes },
  });
  for (const [what, fact, why] of [
    ['a party without a name', party({ name: '' }), /no name/],
    ['a name with NUL', party({ name: 'a\0b' }), /no name/],
    ['a sub-unit without a main unit', party({ kind: 'subunit', number: firm }), /no main unit/],
    ['a day of birth that is none', party({ bornOn: 'x' }), /a time is not one/],
    ['a person with another number', party({ number: firm }), /control digits/],
    ['a unit with another number', party({ kind: 'organization', number: '1' }), /control digits/],
    ['roles of nobody', { kind: 'roles', from: '1', holders: [] }, /control digits/],
    ['a role for itself', role({ to: firm }), /for itself/],
    ['a role of nobody', role({ to: '1' }), /control digits/],
    [
      'a qualification of nobody',
      { kind: 'qualification', party: '1', qualification: 'x' },
      /control/,
    ],
    [
      'an employer that is none',
      { kind: 'employment', employer: '1', employee: person },
      /control/,
    ],
    ['an employee that is none', { kind: 'employment', employer: firm, employee: firm }, /control/],
    [
      'an employment that ended in words',
      { kind: 'employment', employer: firm, employee: person, endedOn: 'x' },
      /a time is not one/,
    ],
  ] as const) {
    it(`cannot be ${what}`, () => {
      assert.match(factFault(fact as unknown as Fact)!, why);
    });
  }

  it('can be what registers are for', () => {
    for (const fact of [
      party({}),
      role({}),
      { kind: 'employment', employer: firm, employee: person },
    ])
      assert.equal(factFault(fact as unknown as Fact), undefined);
  });
});
