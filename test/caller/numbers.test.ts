// Nobody counts people: where a program names a person by number, a number that is somebody's and
// one that is nobody's are answered alike, or misses are counted and shut the caller out.
import { forgetLimits } from '../support/rows.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createNumbers } from '../../server/caller/numbers.ts';
import { hasDealtWith, personsNamedSince } from '../../server/mandate/dealings_store.ts';
import { DEMO_WORLD } from '../../server/platform/env/env.ts';
import { createLimits } from '../../server/platform/http/limits.ts';
import { createLogger } from '../../server/platform/log.ts';
import type { Fault } from '../../server/platform/errors.ts';
import { uuidv7 } from '../../server/platform/ids.ts';
import type { Example } from '../../server/description/example_model.ts';
import { EXAMPLES, send, startExampled, type Exampled, type Made } from '../support/examples.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { suiteOnce } from '../support/random.ts';
import { AUTHORIZE, can, newResource } from '../support/rights/rights.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  read,
  requestBody,
  REQUESTS,
  world,
  WRITE,
  type TestParty,
} from '../support/world.ts';

const urn = (number: string) => `urn:altinn:person:identifier-no:${number}`;
const ACTION = 'urn:oasis:names:tc:xacml:1.0:action:action-id';
const attribute = (kind: string, Value: string) => ({
  AttributeId: `urn:altinn:${kind}:identifier-no`,
  Value,
});
const OWNER_SCOPES = 'altinn:authorization/authorize';

describe('numbers that a program names', () => {
  afterEach(forgetLimits);

  const asking = async (asker: TestParty) => {
    const token = await organizationToken(asker, WRITE);
    return async (person: { number: string; urn?: string }) => {
      const body = { ...requestBody(asker, asker), from: urn(person.number) };
      return call('POST', REQUESTS, token, body);
    };
  };
  const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ];
  /** Misses of another node's. */
  const missed = (asker: TestParty, count: number, kind: 'unknown' | 'asked' = 'unknown') =>
    createLimits(world.database.db).tally(kind, asker.number, count);

  it('shut a caller out after 200 misses in a day, but for those whom it dealt with before', async () => {
    const [asker, other] = [await newOrganization(), await newOrganization()];
    const [before, after, never] = [await newPerson(), await newPerson(), await newPerson()];
    const role = await newPerson();
    const ask = await asking(asker);
    assert.equal((await ask(before)).status, 201);
    await newRole('dagl', asker, role);
    await new Promise((soon) => setTimeout(soon, 20));
    assert.deepEqual(codeOf(await ask({ number: personNumber() })), [400, 'AM-00004']);
    assert.equal((await ask(after)).status, 201);
    await missed(asker, 198);
    assert.deepEqual(codeOf(await ask({ number: personNumber() })), [400, 'AM-00004'], 'the 200th');
    const refused = await ask({ number: personNumber() });
    assert.deepEqual(codeOf(refused), [429, 'TIL-00035'], 'never "unknown"');
    assert.ok(Number(refused.headers.get('retry-after')) > 80_000);
    for (const one of [never, after, { number: personNumber() }, { number: '00000000000' }])
      assert.deepEqual(codeOf(await ask(one)), [429, 'TIL-00035']);
    for (const one of [before, role]) assert.equal((await ask(one)).status, 201, 'as ever');
    assert.equal((await (await asking(other))(never)).status, 201, 'another caller');
    const uuid = { ...requestBody(asker, asker), from: `urn:altinn:party:uuid:${never.id}` };
    const byUuid = await call('POST', REQUESTS, await organizationToken(asker, WRITE), uuid);
    assert.equal(byUuid.status, 201, 'an id is nothing that could be guessed');
  });

  it('shut an owner out of saying whose an instance is', async () => {
    const [owner, person] = [await newOrganization(), await newPerson()];
    const id = await newResource([can('read', 'privatperson')], { owner: owner.number });
    const token = await organizationToken(owner, 'altinn:resourceregistry/resource.write');
    const put = async (party: string) =>
      codeOf(await call('PUT', `/access/v1/resources/${id}/instances/a1`, token, { party }));
    await missed(owner, 199);
    assert.deepEqual(await put(urn(personNumber())), [400, 'STD-00000']);
    assert.deepEqual(await put(urn(personNumber())), [429, 'TIL-00035']);
    assert.deepEqual(await put(person.number), [429, 'TIL-00035']);
    assert.deepEqual(await put(owner.number), [200, undefined]);
    const list = async (number: string) =>
      (await call('GET', `/access/v1/resources/${id}/instances?party=${number}`, token)).text;
    assert.equal(await list(personNumber()), await list(person.number), 'none');
  });

  it('are misses when they could be somebody’s, each once', async () => {
    const asker = await newOrganization();
    const ask = await asking(asker);
    const number = personNumber();
    const wrong = `${number.slice(0, 10)}${(Number(number[10]) + 1) % 10}`;
    for (const one of [number, number, wrong, wrong, '12345678901'])
      assert.deepEqual(codeOf(await ask({ number: one })), [400, 'AM-00004']);
    assert.equal((await missed(asker, 0)).points, 1);
    const dead = await newPerson();
    await importThis({
      parties: [{ kind: 'person', ...dead, urn: undefined, endedAt: '2020-01-01T00:00:00Z' }],
    });
    assert.deepEqual(codeOf(await ask(dead)), [400, 'AM-00004']);
    assert.equal((await missed(asker, 0)).points, 1, 'who has died had a number');
  });

  it('are told to the operator at half and whole, and a day later all is forgotten', async () => {
    const asker = await newOrganization();
    const ask = await asking(asker);
    const told = () =>
      world.logs.filter((line) => line.includes('unknown numbers') && line.includes(asker.number));
    await missed(asker, 98);
    await ask({ number: personNumber() });
    assert.equal(told().length, 0);
    await ask({ number: personNumber() });
    await ask({ number: personNumber() });
    assert.equal(told().length, 1, 'half');
    await missed(asker, 98);
    await ask({ number: personNumber() });
    await ask({ number: personNumber() });
    assert.equal(told().length, 2, 'whole');
    assert.ok(told().every((line) => !/\d{11}/.test(line.replace(asker.number, ''))));
    assert.match(
      await world.metrics.registry.metrics(),
      /tillit_unknown_numbers_total\{kind="unknown"\} \d/,
    );
  });

  it('may be missed by more of a caller that names many persons whom we know', async () => {
    const asker = await newOrganization();
    const { db } = world.database;
    await db.raw(
      `with made as (insert into party (id, party_id, kind, name, person_no)
          select gen_random_uuid(), nextval('party_number'), 'person', 'Mange', 'many' || n from generate_series(1, 10100) n returning id)
        insert into event (id, type, at, from_party, to_party)
          select (left(?::text, 24) || right(made.id::text, 12))::uuid, 'requested', now(), made.id, ? from made`,
      [uuidv7(new Date()), asker.id],
    );
    const logs: string[] = [];
    const numbers = createNumbers({
      limits: createLimits(db),
      log: createLogger('warn', (line) => logs.push(line)),
      metrics: world.metrics,
      dealings: {
        hasDealtWith: (...asked) => hasDealtWith(db, ...asked),
        personsNamedSince: (...asked) => personsNamedSince(db, ...asked),
      },
    });
    const guard = numbers.ofOrganization(asker.number);
    const miss = () => guard.tell({ by: 'person', value: personNumber() }, undefined);
    assert.equal(await personsNamedSince(db, asker.number, new Date(Date.now() - 60_000)), 10_100);
    await missed(asker, 201);
    await miss();
    await assert.rejects(miss(), (error: Fault) => error.code === 'TIL-00035');
    // 2 % of 10,100 is 202.
    assert.ok(logs.some((line) => line.includes('"most":202')));
    await db.raw(
      "delete from party where name = 'Mange' and not exists (select from event where from_party = party.id)",
    );
  });
});

describe('a decision by number', () => {
  afterEach(forgetLimits);
  const masked = (value: unknown, ...numbers: string[]) =>
    numbers.reduce(
      (text, number) => text.replaceAll(number, 'N'),
      JSON.stringify(value).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'),
    );

  it('says the same of one who is known and holds nothing, of the dead, and of nobody', async () => {
    const owner = await newOrganization();
    const firm = await newOrganization();
    const token = await organizationToken(owner, OWNER_SCOPES);
    const [known, dead] = [await newPerson(), await newPerson()];
    await importThis({
      parties: [{ kind: 'person', ...dead, urn: undefined, endedAt: '2020-01-01T00:00:00Z' }],
    });
    const policies = [
      [can('read', 'dagl')],
      [can('read', 'package:toll')],
      [can('write', 'privatperson')],
      [can('read', 'privatperson')],
      [can('read', 'register:helse/resept')],
      [{ ...can('read', 'dagl'), effect: 'deny' }, can('read', 'dagl')],
      [],
    ];
    const other = await newPerson();
    for (const rules of policies) {
      const id = await newResource(rules, { owner: owner.number });
      const unknown = personNumber();
      const ask = async (path: string, number: string, given: string) => {
        const body = {
          subject: { type: 'person', id: number },
          action: { name: 'read' },
          resource: { type: 'resource', id, properties: { party: given } },
        };
        const sent = path.endsWith('evaluations') ? { evaluations: [body] } : body;
        const { status, body: told } = await call('POST', path, token, sent);
        return [status, masked(told, number, given)];
      };
      const byXacml = async (number: string, given: string) =>
        masked(
          (
            await call('POST', AUTHORIZE, token, {
              Request: {
                AccessSubject: [{ Attribute: [attribute('person', number)] }],
                Action: [{ Attribute: [{ AttributeId: ACTION, Value: 'read' }] }],
                Resource: [
                  {
                    Attribute: [
                      { AttributeId: 'urn:altinn:resource', Value: id },
                      attribute(given.length === 9 ? 'organization' : 'person', given),
                    ],
                  },
                ],
              },
            })
          ).body,
          number,
          given,
        );
      const paths = ['evaluation', 'evaluations', 'explanation', 'search/action'];
      for (const path of paths.map((one) => `/access/v1/${one}`)) {
        const of = (number: string) => ask(path, number, firm.number);
        assert.deepEqual(await of(unknown), await of(known.number), path);
        assert.deepEqual(await of(dead.number), await of(known.number), path);
        const forWhom = (number: string) => ask(path, other.number, number);
        assert.deepEqual(await forWhom(unknown), await forWhom(known.number), path);
        assert.deepEqual(await forWhom(dead.number), await forWhom(known.number), path);
        const pair = await ask(path, unknown, personNumber());
        assert.deepEqual(pair, await ask(path, other.number, known.number), path);
      }
      for (const number of [unknown, dead.number]) {
        assert.equal(await byXacml(number, firm.number), await byXacml(known.number, firm.number));
        assert.equal(
          await byXacml(other.number, number),
          await byXacml(other.number, known.number),
        );
      }
    }
  });

  it('is never a yes to a number that is nobody’s, whatever is open to everybody', async () => {
    const owner = await newOrganization();
    const token = await organizationToken(owner, OWNER_SCOPES);
    const ask = async (id: string, subject: string, properties: object) => {
      const { body } = await call('POST', '/access/v1/evaluation', token, {
        subject: { type: 'person', id: subject },
        action: { name: 'read' },
        resource: { type: 'resource', id, properties },
      });
      return [body.decision, body.context.reason, body.context.reason_admin.en];
    };
    for (const [subject, name] of [
      ['anyone', 'any'],
      ['partytype:person', 'party_type person'],
      ['privatperson', 'self'],
    ] as const) {
      const id = await newResource([can('read', subject)], { owner: owner.number });
      const number = personNumber();
      const why = `not_applicable: not_named; the policy names ${name}`;
      assert.deepEqual(await ask(id, number, { party: number }), [false, 'not_named', why]);
      assert.deepEqual((await ask(id, number, {})).slice(0, 2), [false, 'no_from'], subject);
    }
  });

  it('says of an organisation’s number that it is nobody’s: it is no secret', async () => {
    const owner = await newOrganization();
    const token = await organizationToken(owner, OWNER_SCOPES);
    const id = await newResource([can('read', 'dagl')], { owner: owner.number });
    const { body } = await call('POST', '/access/v1/evaluation', token, {
      subject: { type: 'person', id: (await newPerson()).number },
      action: { name: 'read' },
      resource: { type: 'resource', id, properties: { party: organizationNumber() } },
    });
    assert.deepEqual([body.decision, body.context.reason], [false, 'unknown_from']);
  });

  it('goes on after 10,000 misses in a day, of which the operator is told', async () => {
    const [owner, person] = [await newOrganization(), await newPerson()];
    const id = await newResource([can('read', 'privatperson')], { owner: owner.number });
    const token = await organizationToken(owner, OWNER_SCOPES);
    const ask = async (number: string) =>
      call('POST', '/access/v1/evaluation', token, {
        subject: { type: 'person', id: number },
        action: { name: 'read' },
        resource: { type: 'resource', id, properties: { party: number } },
      });
    const limits = createLimits(world.database.db);
    await limits.tally('asked', owner.number, 9_999);
    assert.equal((await ask(personNumber())).status, 200);
    assert.ok(
      world.logs.some((line) => line.includes('unknown numbers') && line.includes(owner.number)),
    );
    assert.equal((await ask(personNumber())).body.decision, false);
    assert.equal((await ask(person.number)).body.decision, true);
    assert.equal((await limits.tally('asked', owner.number, 0)).points, 10_001);
    // Who may ask about everything answers for numbers itself.
    const admin = await organizationToken(owner, `${OWNER_SCOPES}.admin`);
    const told = await call('POST', '/access/v1/evaluation', admin, {
      subject: { type: 'person', id: personNumber() },
      action: { name: 'read' },
      resource: { type: 'resource', id, properties: { party: person.number } },
    });
    assert.equal(told.body.context.reason, 'unknown_subject');
    assert.equal((await limits.tally('asked', owner.number, 0)).points, 10_001);
  });
});

suiteOnce('every operation that takes a number', () => {
  let server: Exampled;
  const differing = new Set<string>();
  let tried = 0;
  const stranger = { id: randomUUID(), number: personNumber(), name: 'Fremmed Ukjent' };
  const never = { id: randomUUID(), number: personNumber(), name: 'Aldri Nevnt' };
  before(async () => {
    const seed = join(mkdtempSync(join(tmpdir(), 'tillit-numbers-')), '9-stranger.json');
    writeFileSync(
      seed,
      JSON.stringify({
        tillit: 1,
        parties: [stranger, never].map((one) => ({ kind: 'person', ...one })),
      }),
    );
    server = await startExampled({ SEED: `${DEMO_WORLD},${relative('.', seed)}` });
    // Each before it is made as it should be, but for those that lock after five in vain.
    const locking = ({ body }: Example) => JSON.stringify(body ?? {}).includes('astName');
    for (const told of EXAMPLES) {
      if (!locking(told)) await tryOut(await server.fill(told));
      server.keep(told, await send(await make(await server.fill(told))));
    }
    for (const told of EXAMPLES.filter(locking)) await tryOut(await server.fill(told));
  });
  after(() => server.server.stop('SIGTERM'));

  /** The call; of those who answer for numbers themselves without the scope that says so. */
  async function make(example: Example): Promise<Made> {
    const made = await server.make(example);
    const scope = TRUSTED[example.id];
    const number = scope && PARTIES.find(({ name }) => name === example.as)?.number;
    const token = number && (await organizationToken({ number } as TestParty, scope));
    return token ? { ...made, token } : made;
  }

  async function tryOut(example: Example): Promise<void> {
    const masked = (text: string, number: string) =>
      text
        .replaceAll(number, 'N')
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'X');
    const { path = {}, query = {}, body } = example;
    for (const change of places({ path, query, body }, (changed) => changed)) {
      const answered = async (number: string) => {
        const changed = { ...example, ...change(number) };
        if (example.id === 'consent_ask') changed.body = { ...changed.body, id: randomUUID() };
        const { status, text } = await send(await make(changed));
        assert.ok(status < 500, `${example.id} ${text}`);
        return `${status} ${masked(text, number)}`;
      };
      tried += 1;
      const [known, unknown] = [await answered(stranger.number), await answered(personNumber())];
      const isLocked = [known, unknown].some((one) => one.includes('AM-00026'));
      if (known !== unknown && !isLocked) differing.add(example.id);
    }
  }

  /** Operations with a scope whose holders answer for numbers, and the one without. */
  const TRUSTED: Record<string, string> = {
    authorized_parties_of: 'altinn:accessmanagement/authorizedparties.resourceowner',
    authorize: OWNER_SCOPES,
    authzen_evaluation: OWNER_SCOPES,
    authzen_evaluations: OWNER_SCOPES,
    authzen_search_action: OWNER_SCOPES,
    authzen_search_resource: OWNER_SCOPES,
    authzen_search_subject: OWNER_SCOPES,
    explanation: OWNER_SCOPES,
  };
  const PARTIES: { name: string; number: string }[] = read('clients/world/1-people.json').parties;

  /** Operations whose contract tells the unknown from the known: there misses shut a caller out. */
  const TELLS = [
    'authorized_parties_of',
    'consent_ask',
    'draft_package',
    'draft_resource',
    'instance_put',
    'registrar_end',
    'registrar_give',
  ];
  const NUMBER =
    /^(?:urn:altinn:[a-z:-]+:)?(?:\d{9}|\d{11}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

  /** The call with another number at each place that may name a party. */
  function* places(value: any, put: (changed: any) => any): Generator<(number: string) => any> {
    if (typeof value === 'string' && NUMBER.test(value)) {
      yield (number) => put(number);
      yield (number) => put(urn(number));
    } else if (Array.isArray(value))
      for (const [at, one] of value.entries())
        yield* places(one, (changed) => put(value.with(at, changed)));
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value))
        yield* places(one, (changed) => put({ ...value, [name]: changed }));
  }

  it('answers a stranger’s as nobody’s, or counts', () => {
    assert.ok(tried > 200, `${tried} places`);
    assert.deepEqual([...differing].sort(), TELLS);
  });

  // The resource of instance_put has ended when all examples have been made.
  for (const id of TELLS.filter((one) => one !== 'instance_put'))
    it(`shuts a caller of ${id} out after 200 misses`, async () => {
      const told = EXAMPLES.find((one) => one.id === id)!;
      const example = await server.fill(told);
      const { body } = example;
      const withNumber = (number: string): any => {
        switch (id) {
          case 'authorized_parties_of':
            return { type: 'urn:altinn:person:identifier-no', value: number };
          case 'consent_ask':
            return { ...(body as object), from: urn(number), id: randomUUID() };
          default:
            return { ...(body as object), from: urn(number) };
        }
      };
      const statusOf = async (number: string) =>
        (await send(await make({ ...example, body: withNumber(number) }))).status;
      let tries = 0;
      while (tries <= 201 && (await statusOf(personNumber())) !== 429) tries += 1;
      assert.ok(tries <= 200, `${tries} tries`);
      assert.equal(await statusOf(never.number), 429, 'one who is known is told apart by nobody');
    });
});
