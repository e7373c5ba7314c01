// What hostile readers found in the rights store, each kept shut: rights that outlive their giver,
// levels gone round, names taken over, numbers that could be tried, what was not theirs to see, and
// questions that stop the house.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { decideAll } from '../../server/decision/commands.ts';
import { createDecisionLog } from '../../server/decision/log/log.ts';
import { createLogger } from '../../server/platform/log.ts';
import { personNumber } from '../support/numbers.ts';
import {
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';
import {
  AUTHORIZE,
  can,
  change,
  decide,
  evaluate,
  give,
  given,
  instance,
  MANDATES,
  newFirm,
  newMandate,
  newResource,
  ownActs,
  OWNER,
  pdpToken,
  question,
  xacml,
} from '../support/rights.ts';

const DAY = 86_400_000;
const TAX = { package: 'merverdiavgift' };
const T = { nb: 'x', nn: 'x', en: 'x' };
const REGISTRY = '/resourceregistry/api/v1';
const WRITE =
  'altinn:resourceregistry/resource.write altinn:resourceregistry/accesslist.write altinn:authorization/authorize';
const owner = { number: OWNER } as TestParty;
const level = (acr: number) => ({ 'urn:altinn:authlevel': acr });
const unique = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;

describe('one who is let in by a rule that names them, or everybody of a kind', () => {
  it('has nothing to give on for an organisation, though it administers there', async () => {
    const [{ firm }, clerk, crony] = [await newFirm(), await newPerson(), await newPerson()];
    await newMandate(firm, clerk, { package: 'tilgangsstyrer' });
    const resource = await newResource([
      can('read', `urn:altinn:party:uuid:${clerk.id}`),
      can('write', 'partytype:person'),
      can('sign', 'anyone'),
    ]);
    for (const action of ['read', 'write']) {
      assert.equal(await decide(clerk, action, resource, firm), 'Permit', action);
      const answer = await give(clerk, firm, crony, { resource, actions: [action] });
      assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00028'], action);
    }
    assert.equal(
      (await give(clerk, clerk, crony, { resource, actions: ['write'] })).status,
      201,
      "of one's own one may",
    );
    assert.equal(
      (await give(clerk, firm, crony, { resource, actions: ['sign'] })).status,
      201,
      'what a rule grants everybody, it grants the firm too',
    );
  });

  it('gives no API scope on', async () => {
    const [{ firm }, clerk, supplier] = [
      await newFirm(),
      await newPerson(),
      await newOrganization(),
    ];
    await newMandate(firm, clerk, { package: 'maskinporten-administrator' });
    const schema = (subject: string) =>
      newResource([can('scopeaccess', subject)], { resourceType: 'MaskinportenSchema' });
    const path = '/accessmanagement/api/v1/enduser/maskinportensuppliers';
    const send = async (rest: string) =>
      call(
        'POST',
        `${path}${rest}party=${firm.id}&supplier=${supplier.id}`,
        await personToken(clerk),
      );
    assert.equal((await send('?')).status, 201);
    assert.equal(
      (await send(`/resources?resource=${await schema('partytype:person')}&`)).body.code,
      'AM-00028',
    );
    assert.equal(
      (await send(`/resources?resource=${await schema(`organization:${firm.number}`)}&`)).status,
      201,
      'an administrator gives what a rule grants the party',
    );
  });

  it('gives what a rule grants the party itself, as its administrator', async () => {
    const [{ firm }, clerk, crony] = [await newFirm(), await newPerson(), await newPerson()];
    await newMandate(firm, clerk, { package: 'tilgangsstyrer' });
    const resource = await newResource([can('read', `organization:${firm.number}`)]);
    assert.equal(
      (await give(clerk, firm, crony, { resource, actions: ['read'] })).body.code,
      undefined,
    );
    assert.equal((await give(crony, firm, clerk, { resource, actions: ['read'] })).status, 403);
  });

  it("gives nothing that the party only has by another's mandate", async () => {
    const [{ firm }, clerk, crony] = [await newFirm(), await newPerson(), await newPerson()];
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: firm.number });
    await newMandate(unit, clerk, { package: 'tilgangsstyrer' });
    const resource = await newResource([can('read', 'dagl')]);
    await newMandate(firm, unit, { resource, actions: ['read'], validTo: inDays(2) });
    assert.equal(await decide(unit, 'read', resource, unit), 'Permit');
    assert.equal(
      (await give(clerk, unit, crony, { resource, actions: ['read'] })).body.code,
      'AM-00028',
    );
  });
});

describe('one who administers for a time', () => {
  async function temporary(what: object = TAX) {
    const [{ firm, boss }, temp, crony] = [await newFirm(), await newPerson(), await newPerson()];
    const until = inDays(10);
    await given(boss, firm, temp, { package: 'tilgangsstyrer', validTo: until });
    await given(boss, firm, temp, { ...what, validTo: until });
    return { firm, boss, temp, crony, until };
  }

  it('extends nothing beyond what they have it by', async () => {
    const { firm, temp, crony, until } = await temporary();
    const id = await given(temp, firm, crony, { ...TAX, validTo: inDays(9) });
    for (const wider of [{ validTo: null }, { validTo: inDays(11) }])
      assert.equal((await change(temp, id, wider)).body.code, 'TIL-00022');
    assert.equal((await change(temp, id, { validTo: until })).status, 200);
  });

  it('makes nothing permanent that may be passed on', async () => {
    const { firm, boss, temp, crony } = await temporary();
    const id = await given(boss, firm, crony, TAX);
    assert.equal((await change(temp, id, { mayPassOn: true })).body.code, 'TIL-00022');
  });

  it('adds no action to what lasts longer than they do, and none on other terms than were asked for', async () => {
    const resource = await newResource([
      can('read', 'dagl', 'package:merverdiavgift'),
      can('write', 'dagl', 'package:merverdiavgift'),
    ]);
    const { firm, boss, temp, crony } = await temporary();
    await given(boss, firm, crony, { resource, actions: ['read'] });
    assert.equal(
      (await give(temp, firm, crony, { resource, actions: ['write'] })).body.code,
      'TIL-00022',
    );
    assert.equal(
      (await give(temp, firm, crony, { resource, actions: ['write'], validTo: inDays(1) })).body
        .code,
      'TIL-00026',
    );
    assert.equal(
      (await give(boss, firm, crony, { resource, actions: ['write'], mayPassOn: true })).body.code,
      'TIL-00026',
    );
    const past = await give(boss, firm, crony, {
      resource,
      actions: ['read'],
      validTo: '2020-01-01T00:00:00Z',
    });
    assert.notEqual(past.status, 200);
    await at(100 * DAY, async () =>
      assert.equal(await decide(crony, 'write', resource, firm), 'NotApplicable'),
    );
    assert.equal(
      (await give(boss, firm, crony, { resource, actions: ['write'] })).status,
      201,
      'one who has it for good may',
    );
  });

  it('gives a package again on its own terms only', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const id = await given(boss, firm, clerk, TAX);
    const other = await give(boss, firm, clerk, { ...TAX, validTo: inDays(3) });
    assert.deepEqual([other.status, other.body.code, other.body.mandate], [409, 'TIL-00026', id]);
    assert.equal((await give(boss, firm, clerk, TAX)).status, 200);
  });

  it('lets a supplier use API scopes no longer and no further than they could, and on the level it takes', async () => {
    const [{ firm, boss }, temp, supplier] = [
      await newFirm(),
      await newPerson(),
      await newOrganization(),
    ];
    const schema = await newResource(
      [can('scopeaccess', 'package:maskinporten-scopes'), can('admin', 'dagl')],
      { resourceType: 'MaskinportenSchema', minimumLevel: { person: 4, organization: 0 } },
    );
    const until = inDays(1);
    for (const code of ['maskinporten-administrator', 'maskinporten-scopes'])
      await given(boss, firm, temp, { package: code, validTo: until });
    const path = `/accessmanagement/api/v1/enduser/maskinportensuppliers`;
    const send = async (method: string, suffix: string, acr = 4) =>
      call(
        method,
        `${path}${suffix}party=${firm.id}&supplier=${supplier.id}`,
        await personToken(temp, level(acr)),
      );
    assert.equal((await send('POST', '?')).status, 201);
    assert.equal((await send('POST', `/resources?resource=${schema}&`, 3)).status, 401);
    assert.equal((await send('POST', `/resources?resource=${schema}&`)).status, 201);
    const [mandate] = (
      await call('GET', `${MANDATES}?from=${firm.id}&to=${supplier.id}`, await personToken(boss))
    ).body.data;
    assert.deepEqual(
      [mandate.actions, Date.parse(mandate.validTo)],
      [['scopeaccess'], Date.parse(until)],
    );
    const ordinary = await newResource([can('read', 'dagl')]);
    await given(boss, firm, supplier, { resource: ordinary, actions: ['read'] });
    await send('DELETE', `/resources?resource=${ordinary}&`);
    assert.equal(
      (await call('GET', `${MANDATES}?from=${firm.id}&to=${supplier.id}`, await personToken(boss)))
        .body.data.length,
      2,
      'no other mandate is theirs to end',
    );
    await send('DELETE', `/resources?resource=${schema}&`);
    assert.equal(
      (await call('GET', `${MANDATES}?from=${firm.id}&to=${supplier.id}`, await personToken(boss)))
        .body.data.length,
      1,
    );
  });
});

describe('widening what is given', () => {
  it('takes the level that giving takes', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const manager = await given(boss, firm, clerk, {
      package: 'tilgangsstyrer',
      validTo: inDays(1),
    });
    const patch = async (id: string, to: object, acr: number) =>
      (await call('PATCH', `${MANDATES}/${id}`, await personToken(boss, level(acr)), to)).status;
    assert.deepEqual(
      [
        await patch(manager, { validTo: null }, 3),
        await patch(manager, { mayPassOn: true }, 3),
        await patch(manager, { validTo: null }, 4),
      ],
      [401, 401, 200],
    );
    const resource = await newResource([can('read', 'dagl'), can('sign', 'dagl')], {
      minimumLevel: { person: 4, organization: 3 },
    });
    const right = await given(boss, firm, clerk, { resource, actions: ['read'] });
    assert.deepEqual(
      [
        await patch(right, { actions: ['read', 'sign'] }, 3),
        await patch(right, { actions: ['read', 'sign'] }, 4),
        await patch(right, { actions: ['read'] }, 2),
      ],
      [401, 200, 200],
    );
  });

  it('is what resuming is: for the one who froze it, or who could give it anew', async () => {
    const [{ firm, boss }, clerk, manager] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
    ];
    await given(boss, firm, manager, { package: 'tilgangsstyrer' });
    const id = await given(boss, firm, clerk, TAX);
    const send = async (who: TestParty, act: string) =>
      call('POST', `${MANDATES}/${id}/${act}`, await personToken(who));
    assert.equal((await send(boss, 'suspend')).status, 200);
    assert.equal((await send(manager, 'resume')).body.code, 'AM-00028');
    assert.equal((await send(boss, 'resume')).body.status, 'active');
    assert.equal((await send(manager, 'suspend')).status, 200);
    assert.equal((await send(manager, 'resume')).status, 200);
  });

  it('by a main administrator reaches what packages open, not what a rule asks beside them', async () => {
    const [{ firm, boss }, admin, crony] = [await newFirm(), await newPerson(), await newPerson()];
    await given(boss, firm, admin, { package: 'hovedadministrator' });
    const secret = 'package:post-til-virksomheten-med-taushetsbelagt-innhold';
    const both = await newResource([
      { action: 'read', subjects: [[secret, 'organization:999999999']] },
    ]);
    assert.equal(
      (await give(admin, firm, crony, { resource: both, actions: ['read'] })).body.code,
      'AM-00028',
    );
    const open = await newResource([
      {
        action: 'read',
        subjects: [secret],
        when: [{ category: 'environment', name: 'phase', values: ['open'] }],
      },
    ]);
    assert.equal(
      (await give(admin, firm, crony, { resource: open, actions: ['read'] })).status,
      201,
    );
    const asks = async (phase: string) =>
      (await evaluate(question(crony, 'read', open, firm, { context: { phase } }))).body.decision;
    assert.deepEqual(
      [await asks('open'), await asks('closed')],
      [true, false],
      "a single right is under the rule's conditions too",
    );
  });
});

describe('names', () => {
  it("of access lists are their owner's: nobody makes the list that another's policy trusts", async () => {
    const [rival, victim, list] = [
      await newOrganization('Rival AS', { mayAsk: false }),
      await newPerson(),
      unique('liste'),
    ];
    const [resource, token] = [
      await newResource([can('read', `accesslist:${list}`)]),
      await organizationToken(rival, WRITE),
    ];
    assert.equal(
      (
        await call('PUT', `${REGISTRY}/access-lists/${rival.number}/${list}`, token, {
          name: 'Min',
        })
      ).status,
      201,
    );
    assert.equal(
      (
        await call('POST', `${REGISTRY}/access-lists/${rival.number}/${list}/members`, token, {
          data: [rival.urn],
        })
      ).status,
      200,
    );
    assert.equal(await decide(rival, 'read', resource, victim), 'NotApplicable');
    const named = await newResource([can('read', `accesslist:${rival.number}:${list}`)]);
    assert.equal(
      await decide(rival, 'read', named, victim),
      'Permit',
      "another's list, when the policy says whose",
    );
    const subjects = (await call('GET', `${REGISTRY}/resource/${named}/policy/subjects`)).body.data;
    assert.equal(subjects[0].urn, `urn:altinn:access-list:${rival.number}:${list}`);
    const bad = await call('POST', `${REGISTRY}/resource`, token, {
      identifier: unique('x'),
      resourceType: 'x',
      title: T,
      rightDescription: T,
      rules: [can('read', 'accesslist:a:b')],
    });
    assert.equal(bad.body.code, 'TIL-00030');
  });

  it('of resources are not taken over, nor used again, with the mandates that were given on them', async () => {
    const [{ firm, boss }, clerk, rival] = [
      await newFirm(),
      await newPerson(),
      await newOrganization(),
    ];
    const resource = await newResource([can('read', 'dagl')]);
    await given(boss, firm, clerk, { resource, actions: ['read'] });
    const entry = {
      identifier: resource,
      resourceType: 'GenericAccessResource',
      title: T,
      rightDescription: T,
      rules: [can('read', 'dagl')],
    };
    const post = async (who: TestParty) =>
      call('POST', `${REGISTRY}/resource`, await organizationToken(who, WRITE), entry);
    assert.equal((await post(rival)).body.code, 'TIL-00032');
    assert.equal(
      (
        await call(
          'DELETE',
          `${REGISTRY}/resource/${resource}`,
          await organizationToken(owner, WRITE),
        )
      ).status,
      204,
    );
    for (const who of [rival, owner]) assert.equal((await post(who)).body.code, 'TIL-00032');
    assert.equal(await decide(clerk, 'read', resource, firm), 'Indeterminate');
    await assert.rejects(
      importThis({ resources: [{ ...entry, owner: rival.number }] }),
      /another owner/,
    );
    const raced = unique('kappes');
    const answers = await Promise.all(
      [rival, owner].map(async (who) =>
        call('POST', `${REGISTRY}/resource`, await organizationToken(who, WRITE), {
          ...entry,
          identifier: raced,
        }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
  });

  it('of persons are guessed five times an hour, whatever is right in between and however many at once', async () => {
    const [me, victim] = [await newPerson('Ond Angriper'), await newPerson('Kari Hemmeligsen')];
    const guess = async (to: string, lastName: string) =>
      (await call('POST', MANDATES, await personToken(me), { from: me.id, to, lastName, ...TAX }))
        .body.code as string;
    for (let count = 0; count < 4; count += 1)
      assert.equal(await guess(victim.number, `Feil${count}`), 'STD-00000');
    await guess(me.number, 'Angriper');
    assert.deepEqual(
      [await guess(victim.number, 'Feil5'), await guess(victim.number, 'Hemmeligsen')],
      ['STD-00000', 'AM-00026'],
    );
    const other = await newPerson();
    const token = await personToken(other);
    const many = await Promise.all(
      Array.from({ length: 30 }, () =>
        call('POST', MANDATES, token, {
          from: other.id,
          to: personNumber(),
          lastName: 'x',
          ...TAX,
        }),
      ),
    );
    assert.equal(many.filter(({ body }) => body.code !== 'AM-00026').length, 5);
  });
});

describe('what is not theirs to see', () => {
  it('stays hidden from an access manager of a person: what that person got from others', async () => {
    const [anna, mother, manager] = [await newPerson(), await newPerson(), await newPerson()];
    await newMandate(anna, manager, { package: 'innbygger-tilgangsstyring-privatperson' });
    await given(mother, mother, anna, { package: 'innbygger-pensjon' });
    await given(anna, anna, mother, { package: 'innbygger-pensjon' });
    const resource = await newResource([can('read', 'package:innbygger-pensjon')]);
    assert.deepEqual(
      [await decide(anna, 'read', resource, mother), await decide(mother, 'read', resource, anna)],
      ['Permit', 'Permit'],
    );
    await new Promise((done) => {
      setTimeout(done, 300);
    });
    const read = async (who: TestParty, path: string) =>
      call('GET', `${path}party=${anna.id}`, await personToken(who));
    const froms = async (who: TestParty, path: string, of: (row: any) => string) =>
      [...new Set((await read(who, path)).body.data.map(of))].sort();
    assert.deepEqual(await froms(manager, '/access/v1/log/events?', (row) => row.from.id), [
      anna.id,
    ]);
    assert.deepEqual(await froms(manager, '/access/v1/log/decisions?', (row) => row.from), [
      anna.id,
    ]);
    assert.deepEqual(
      await froms(anna, '/access/v1/log/events?', (row) => row.from.id),
      [anna.id, mother.id].sort(),
    );
    assert.deepEqual(
      await froms(anna, '/access/v1/log/decisions?', (row) => row.from),
      [anna.id, mother.id].sort(),
    );
    assert.equal((await read(manager, '/access/v1/notices?')).status, 403);
    const requests = '/accessmanagement/api/v1/enduser/request';
    assert.equal(
      (
        await call(
          'POST',
          `${requests}/package?party=${anna.id}&to=${mother.id}&package=innbygger-bank-finans`,
          await personToken(manager),
        )
      ).status,
      403,
    );
    assert.equal((await read(manager, `${requests}/sent?`)).status, 403);
    assert.equal((await read(manager, `${requests}/received?`)).status, 200);
  });

  it('stays hidden from an administrator: what a source keeps between two parties, in logs and counts too', async () => {
    const [source, code] = [unique('kilde'), unique('hemmelig')];
    await importThis({
      sources: [{ code: source, name: T, legalBasis: T, purpose: T, visibility: 'secret' }],
      roles: [{ code, name: T, source }],
    });
    const [{ firm, boss }, agent] = [await newFirm(), await newPerson()];
    await newRole(code, firm, agent);
    const resource = await newResource([can('read', code)]);
    assert.equal(await decide(agent, 'read', resource, firm), 'Permit');
    await new Promise((done) => {
      setTimeout(done, 300);
    });
    const rows = async (who: TestParty, party: TestParty) =>
      (
        await call(
          'GET',
          `/access/v1/log/decisions?party=${party.id}&resource=${resource}`,
          await personToken(who),
        )
      ).body.data.length;
    assert.deepEqual([await rows(boss, firm), await rows(agent, agent)], [0, 1]);
    const events = (
      await call(
        'GET',
        `/access/v1/log/events?party=${firm.id}&type=role_gained`,
        await personToken(boss),
      )
    ).body.data;
    assert.ok(!events.some((event: any) => event.to.id === agent.id));
    const found = await call('POST', '/access/v1/search/subject', await pdpToken(), {
      subject: { type: 'person' },
      action: { name: 'read' },
      resource: { type: 'resource', id: resource, properties: { party: firm.id } },
    });
    assert.deepEqual([found.body.results, found.body.page.count], [[], 0]);
  });
});

describe('a question', () => {
  const log = async (who: TestParty, resource: string) =>
    (
      await call(
        'GET',
        `/access/v1/log/decisions?party=${who.id}&resource=${resource}`,
        await personToken(who),
      )
    ).body.data as { action: string }[];

  it('that no database keeps is refused, and what cannot be written down keeps no other out of the log', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    for (const name of ['read\u0000', 'read\ud800']) {
      const { status, body } = await evaluate(question(person, name, resource, person));
      assert.deepEqual([status, body.code], [400, 'TIL-00014']);
    }
    assert.equal(
      (await evaluate(question(person, 'read', resource, person, { context: { 'a\u0000': 'x' } })))
        .status,
      400,
    );
    const long = `${'a'.repeat(199)}\u{1F600}`;
    for (const name of [long, 'read'])
      assert.equal((await evaluate(question(person, name, resource, person))).status, 200);
    await new Promise((done) => {
      setTimeout(done, 300);
    });
    assert.deepEqual((await log(person, resource)).map((row) => row.action.slice(0, 4)).sort(), [
      'aaaa',
      'read',
    ]);
  });

  it('that got past every check and still cannot be stored keeps no other out of the log', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    const asked = {
      subject: { by: 'uuid' as const, value: person.id },
      from: { by: 'uuid' as const, value: person.id },
      action: 'read',
      resource,
    };
    const [answered] = await decideAll(ownActs()(), [asked]);
    const lines: string[] = [];
    const own = createDecisionLog(
      world.database.db,
      createLogger('error', (line) => lines.push(line)),
    );
    for (const caller of ['a', 'b\u0000', 'c']) own.note(caller, asked, answered!);
    await own.flush();
    assert.equal((await log(person, resource)).length, 2);
    assert.equal(lines.filter((line) => line.includes('could not be written down')).length, 1);
  });

  it('is answered for a bounded number of attributes and values, and repeats a bounded lot', async () => {
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    const many = Array.from({ length: 101 }, (_, index) => index);
    const whole = question(person, 'read', resource, person);
    const told = [
      { subject: { ...whole.subject, properties: { a: many } } },
      { context: Object.fromEntries(many.map((name) => [name, name])) },
      { context: { a: 'x'.repeat(2_001) } },
    ];
    for (const extra of told)
      assert.equal((await evaluate({ ...whole, ...extra })).body.code, 'AUTHZ.VLD-00011');
    const shared = await call('POST', '/access/v1/evaluations', await pdpToken(), {
      ...whole,
      context: { a: many },
      evaluations: [{}, {}],
    });
    assert.equal(shared.status, 400);
    const request = xacml(person, 'read', resource, person);
    const attributes = many.map((value) => ({
      AttributeId: 'x',
      Value: String(value),
      IncludeInResult: true,
    }));
    const wide = await call('POST', AUTHORIZE, await pdpToken(), {
      Request: { ...request.Request, Environment: [{ Attribute: attributes }] },
    });
    assert.equal(wide.body.response[0].status.statusCode.value.split(':').at(-1), 'syntax-error');
    const categories = Object.entries({ AccessSubject: 's', Action: 'a', Resource: 'r' }).map(
      ([name, Id]) => [name, [{ ...(request.Request as any)[name][0], Id }]],
    );
    const heavy = {
      Environment: [
        {
          Id: 'e',
          Attribute: Array.from({ length: 100 }, () => ({
            AttributeId: 'x',
            Value: 'x'.repeat(2_000),
            IncludeInResult: true,
          })),
        },
      ],
    };
    const echo = await call('POST', AUTHORIZE, await pdpToken(), {
      Request: {
        ...Object.fromEntries(categories),
        ...heavy,
        MultiRequests: {
          RequestReference: Array.from({ length: 1_000 }, () => ({
            ReferenceId: ['s', 'a', 'r', 'e'],
          })),
        },
      },
    });
    assert.deepEqual(
      [echo.body.response.length, echo.body.response[0].decision],
      [1, 'Indeterminate'],
      'a million values are not repeated',
    );
    const crowd = await call('POST', AUTHORIZE, await pdpToken(), {
      Request: {
        ...Object.fromEntries(categories),
        MultiRequests: {
          RequestReference: [{ ReferenceId: Array.from({ length: 21 }, () => 's') }],
        },
      },
    });
    assert.equal(crowd.body.response[0].decision, 'Indeterminate');
  });

  it('about several resources, actions or instances in one request is answered for none', async () => {
    const { firm, boss } = await newFirm();
    const [one, two] = [
      await newResource([can('read', 'dagl')]),
      await newResource([can('read', 'dagl')]),
    ];
    const asks = async (changes: { resource?: object[]; action?: object[] }) => {
      const { Request } = xacml(boss, 'read', one, firm, changes.resource ?? []);
      const body = {
        Request: {
          ...Request,
          Action: [{ Attribute: [...Request.Action[0]!.Attribute, ...(changes.action ?? [])] }],
        },
      };
      return (await call('POST', AUTHORIZE, await pdpToken(), body)).body.response[0].decision;
    };
    assert.equal(await asks({}), 'Permit');
    assert.equal(
      await asks({ resource: [{ AttributeId: 'urn:altinn:resource', Value: two }] }),
      'Indeterminate',
    );
    assert.equal(await asks({ resource: [instance('a'), instance('b')] }), 'Indeterminate');
    assert.equal(
      await asks({
        action: [
          {
            AttributeId: 'urn:oasis:names:tc:xacml:1.0:action:action-id',
            Value: ['read', 'delete'],
          },
        ],
      }),
      'Indeterminate',
    );
    const stranger = await newOrganization();
    const { partyId } = (
      await call(
        'POST',
        '/accessmanagement/api/v1/resourceowner/authorizedparties',
        await organizationToken(owner, 'altinn:accessmanagement/authorizedparties.admin'),
        { type: 'urn:altinn:party:uuid', value: stranger.id },
      )
    ).body[0] ?? { partyId: 1 };
    assert.equal(
      await asks({
        resource: [{ AttributeId: 'urn:altinn:instance-id', Value: `${partyId}/${randomUUID()}` }],
      }),
      'Indeterminate',
      'an instance of another party',
    );
  });

  it('by a name that objects have by nature is no party', async () => {
    const token = await organizationToken(owner, 'altinn:accessmanagement/authorizedparties.admin');
    for (const type of ['constructor', '__proto__', 'toString']) {
      assert.equal(
        (
          await call('POST', '/accessmanagement/api/v1/resourceowner/authorizedparties', token, {
            type,
            value: 'x',
          })
        ).status,
        400,
        type,
      );
    }
  });
});

describe('a policy in XACML', () => {
  const match = (category: string, attribute: string, value: string, must = 'false') =>
    '<Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal">' +
    `<AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${value}</AttributeValue>` +
    `<AttributeDesignator Category="${category}" AttributeId="${attribute}" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="${must}"/></Match>`;
  const target = (inner: string) => `<Target><AnyOf><AllOf>${inner}</AllOf></AnyOf></Target>`;
  const SUBJECT = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
  const ENVIRONMENT = 'urn:oasis:names:tc:xacml:3.0:attribute-category:environment';
  const boss = target(match(SUBJECT, 'urn:altinn:rolecode', 'dagl'));
  const policy = (inner: string) =>
    `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" ` +
    `RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides">${inner}</Policy>`;
  const rule = (inner: string, effect = 'Permit') =>
    `<Rule RuleId="r${effect}" Effect="${effect}">${inner}</Rule>`;
  const put = async (id: string, xml: string) =>
    call('PUT', `${REGISTRY}/resource/${id}/policy`, await organizationToken(owner, WRITE), xml, {
      'content-type': 'application/xml',
    });

  it('says each thing once: a second target or list of obligations is refused, not passed over', async () => {
    const id = await newResource([can('read', 'dagl')]);
    const narrow = target(match(SUBJECT, 'urn:altinn:organizationnumber', '999999999'));
    const level4 = (value: string) =>
      '<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Permit"><AttributeAssignmentExpression AttributeId="a" ' +
      `Category="urn:altinn:minimum-authenticationlevel"><AttributeValue DataType="i">${value}</AttributeValue></AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>`;
    const bad: [string, string][] = [
      [policy(rule(boss + narrow)), 'Target'],
      [policy(boss + narrow + rule(boss)), 'Target'],
      [policy(rule(boss) + level4('2') + level4('4')), 'ObligationExpressions'],
      [policy(rule(boss) + level4('')), 'security level'],
    ];
    for (const [xml, why] of bad) {
      const { status, body } = await put(id, xml);
      assert.deepEqual(
        [status, body.code, body.faults[0].includes(why)],
        [400, 'TIL-00031', true],
        body.faults[0],
      );
    }
  });

  it('reads MustBePresent as XML Schema has booleans', async () => {
    const { firm, boss: person } = await newFirm();
    const id = await newResource([can('read', 'dagl')]);
    const locked = (must: string) =>
      policy(rule(boss) + rule(target(match(ENVIRONMENT, 'state', 'locked', must)), 'Deny'));
    for (const [must, decision] of [
      ['1', 'Indeterminate'],
      ['true', 'Indeterminate'],
      ['0', 'Permit'],
      ['false', 'Permit'],
    ] as const) {
      assert.equal((await put(id, locked(must))).status, 200);
      assert.equal(await decide(person, 'read', id, firm), decision, must);
    }
    assert.equal((await put(id, locked('yes'))).body.code, 'TIL-00031');
  });
});

describe('what an integrator trips over', () => {
  it('is an instance by three names: all are one', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const {
      rows: [{ party_id: partyId }],
    } = await world.database.db.raw('select party_id from party where id = ?', [firm.id]);
    const name = `${partyId}/${randomUUID()}`;
    await given(boss, firm, clerk, {
      resource,
      actions: ['read'],
      instance: `urn:altinn:instance-id:${name}`,
    });
    const asks = (AttributeId: string, Value: string) =>
      decide(clerk, 'read', resource, firm, [{ AttributeId, Value }]);
    assert.equal(await asks('urn:altinn:instance-id', name), 'Permit');
    assert.equal(
      await asks('urn:altinn:resource:instance-id', `urn:altinn:instance-id:${name}`),
      'Permit',
    );
    const properties = { party: firm.id, instance: `urn:altinn:instance-id:${name}` };
    const { body } = await evaluate({
      ...question(clerk, 'read', resource),
      resource: { type: 'resource', id: `urn:altinn:resource:${resource}`, properties },
    });
    assert.equal(body.decision, true);
    const list = await call(
      'GET',
      '/accessmanagement/api/v1/enduser/authorizedparties?includeInstances=true',
      await personToken(clerk),
    );
    assert.deepEqual(
      list.body.data.find((one: any) => one.partyUuid === firm.id).authorizedInstances,
      [
        {
          resourceId: resource,
          instanceId: name.split('/')[1],
          instanceRef: `urn:altinn:instance-id:${name}`,
        },
      ],
    );
    assert.equal(
      (await give(boss, firm, clerk, { resource, actions: ['read'], instance: 'a b' })).body
        .validationErrors[0].code,
      'AM.VLD-00047',
    );
  });

  it('is told why not by what the question lacks', async () => {
    const { firm, boss } = await newFirm();
    const resource = await newResource([can('read', 'dagl', 'package:toll')]);
    const why = async (...about: Parameters<typeof question>) =>
      (await evaluate(question(...about))).body.context;
    assert.equal((await why(boss, 'read', resource)).reason, 'no_from');
    assert.equal((await why(boss, 'fly', resource, firm)).reason, 'unknown_action');
    const stranger = await why(await newPerson(), 'read', resource, firm);
    assert.deepEqual(
      [stranger.reason, stranger.reason_user.nb],
      ['not_named', 'Nei. Bare daglig leder eller den som har fullmakten «Toll» kan gjøre dette.'],
    );
  });

  it('is a member that is not known, told; and what is not said anew stays', async () => {
    const token = await organizationToken(owner, WRITE);
    const entry = {
      identifier: unique('prove'),
      resourceType: 'GenericAccessResource',
      title: T,
      rightDescription: T,
      spatial: [],
      limitedByRRR: false,
      rules: [can('read', 'dagl')],
    };
    const whole = { ...entry, accessListMode: 'Enabled', colour: 1 };
    const registered = await call('POST', `${REGISTRY}/resource`, token, whole);
    assert.deepEqual(
      [registered.status, registered.headers.get('tillit-ignored')],
      [201, 'colour'],
    );
    await call('PUT', `${REGISTRY}/resource/${entry.identifier}/policy`, token, {
      minimumLevel: { person: 3, organization: 2 },
      rules: entry.rules,
    });
    assert.equal(
      (
        await call('PUT', `${REGISTRY}/resource/${entry.identifier}`, token, {
          ...entry,
          rules: undefined,
        })
      ).status,
      200,
    );
    const { body } = await call('GET', `${REGISTRY}/resource/${entry.identifier}`);
    assert.deepEqual([body.accessListMode, body.minimumLevel.person], ['Enabled', 3]);
  });

  it('is a notice whose link is for the one who reads it', async () => {
    const [giver, receiver] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, receiver, { package: 'innbygger-pensjon' });
    const links = async (who: TestParty) =>
      (await call('GET', '/access/v1/notices', await personToken(who))).body.data[0].links;
    assert.deepEqual(
      [await links(giver), await links(receiver)],
      [{ suspend: `${MANDATES}/${id}/suspend` }, { end: `${MANDATES}/${id}` }],
    );
    assert.equal(
      (await call('POST', `${MANDATES}/${id}/suspend`, await personToken(receiver))).body.code,
      'TIL-00027',
    );
    assert.equal(
      (await call('DELETE', (await links(receiver)).end, await personToken(receiver))).status,
      204,
    );
  });
});
