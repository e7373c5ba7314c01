// What hostile readers found, each kept shut: names taken over, numbers that could be tried, and
// what was not theirs to see.
import assert from 'node:assert/strict';
import { personNumber } from '../support/numbers.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  type TestParty,
} from '../support/world.ts';
import {
  can,
  decide,
  given,
  MANDATES,
  newFirm,
  newMandate,
  newResource,
  pdpToken,
} from '../support/rights/rights.ts';
import { TAX, T, REGISTRY, WRITE, owner, unique } from '../support/hostile.ts';

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
    assert.ok(!events.some((event: { to: { id: string } }) => event.to.id === agent.id));
    const found = await call('POST', '/access/v1/search/subject', await pdpToken(), {
      subject: { type: 'person' },
      action: { name: 'read' },
      resource: { type: 'resource', id: resource, properties: { party: firm.id } },
    });
    assert.deepEqual([found.body.results, found.body.page.count], [[], 0]);
  });
});
