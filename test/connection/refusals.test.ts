// What connections refuse (as in Altinn 3), each with the contract's code, and what they keep
// secret.
import { ENDUSER, send, codeOf } from '../support/rights/enduser.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  personToken,
} from '../support/world.ts';
import { can, decide, given, newFirm, newResource } from '../support/rights/rights.ts';
import { team } from '../support/rights/team.ts';

describe('connections', () => {
  it("are refused with the contract's codes", async () => {
    const { firm, boss, clerk } = await team();
    const [stranger, other] = [await newPerson(), await newOrganization()];
    const resource = await newResource([can('read', 'dagl')]);
    const where = { party: firm.id, from: firm.id, to: clerk.id };
    const packages = '/connections/accesspackages';
    const rights = '/connections/resources/rights';
    const rows: [{ id: string }, string, string, object, unknown, number, string][] = [
      [boss, 'GET', '/connections', {}, undefined, 403, 'TIL-00008'],
      [boss, 'GET', '/connections', { party: 'x' }, undefined, 400, 'AM.VLD-00009'],
      [boss, 'GET', '/connections', { party: firm.id }, undefined, 400, 'AM.VLD-00009'],
      [
        boss,
        'GET',
        '/connections',
        { party: firm.id, from: other.id, to: clerk.id },
        undefined,
        400,
        'AM.VLD-00009',
      ],
      [
        stranger,
        'GET',
        '/connections',
        { party: firm.id, from: firm.id },
        undefined,
        403,
        'TIL-00008',
      ],
      [
        stranger,
        'GET',
        '/connections',
        { party: clerk.id, to: clerk.id },
        undefined,
        403,
        'TIL-00008',
      ],
      [
        boss,
        'GET',
        '/connections',
        { party: firm.id, from: firm.id, includeResources: 'maybe' },
        undefined,
        400,
        'AM.VLD-00009',
      ],
      [
        boss,
        'POST',
        '/connections',
        { party: firm.id, from: firm.id, to: firm.id },
        undefined,
        400,
        'AM.VLD-00045',
      ],
      [
        boss,
        'POST',
        '/connections',
        { party: firm.id, from: firm.id, to: stranger.id },
        undefined,
        400,
        'AM-00024',
      ],
      [
        boss,
        'POST',
        '/connections',
        { party: firm.id, from: firm.id, to: randomUUID() },
        undefined,
        400,
        'AM-00021',
      ],
      [
        boss,
        'POST',
        '/connections',
        { party: firm.id, from: firm.id },
        { personIdentifier: clerk.number },
        400,
        'STD.VLD-00000',
      ],
      [
        boss,
        'POST',
        '/connections',
        { party: firm.id, from: firm.id },
        { personIdentifier: clerk.number, lastName: 'Feil' },
        400,
        'AM.VLD-00006',
      ],
      [
        boss,
        'POST',
        packages,
        { ...where, to: stranger.id, package: 'merverdiavgift' },
        undefined,
        400,
        'AM-00022',
      ],
      [
        boss,
        'POST',
        packages,
        { ...where, to: randomUUID(), package: 'merverdiavgift' },
        undefined,
        400,
        'AM-00021',
      ],
      [boss, 'POST', packages, { ...where, package: 'ingen' }, undefined, 400, 'AM-00035'],
      [boss, 'POST', packages, where, undefined, 400, 'STD.VLD-00000'],
      [
        boss,
        'POST',
        packages,
        { ...where, package: 'innbygger-pensjon' },
        undefined,
        400,
        'AM-00037',
      ],
      [
        clerk,
        'POST',
        packages,
        { party: clerk.id, from: firm.id, to: clerk.id, package: 'merverdiavgift' },
        undefined,
        403,
        'TIL-00008',
      ],
      [boss, 'POST', rights, { ...where, resource }, { directRightKeys: [] }, 400, 'AM-00033'],
      [
        boss,
        'POST',
        rights,
        { ...where, resource },
        { directRightKeys: ['01ab'] },
        400,
        'AM-00036',
      ],
      [
        boss,
        'POST',
        rights,
        { ...where, resource: 'no-such' },
        { directRightKeys: ['01ab'] },
        400,
        'AM.VLD-00012',
      ],
      [
        boss,
        'POST',
        rights,
        { ...where, to: stranger.id, resource },
        { directRightKeys: ['01ab'] },
        400,
        'AM-00022',
      ],
      ...['rights', 'delegationcheck', 'instances/users'].map((what): (typeof rows)[number] => [
        boss,
        'GET',
        `/connections/resources/${what}`,
        { ...where, resource: 'no-such', instance: what.includes('/') ? 'sak-1' : undefined },
        undefined,
        400,
        'AM.VLD-00012',
      ]),
      [boss, 'POST', rights, where, {}, 400, 'STD.VLD-00000'],
      [
        boss,
        'POST',
        '/connections/resources/instances/rights',
        { ...where, resource },
        {},
        400,
        'STD.VLD-00000',
      ],
      [
        boss,
        'DELETE',
        '/connections',
        { party: firm.id, from: firm.id },
        undefined,
        400,
        'STD.VLD-00000',
      ],
    ];
    for (const [actor, method, path, parameters, body, status, code] of rows) {
      const answer = await send(actor, method, path, parameters, body);
      assert.deepEqual(
        [answer.status, codeOf(answer)],
        [status, code],
        `${method} ${path} ${JSON.stringify(parameters)}: ${answer.text}`,
      );
    }
    assert.equal((await call('GET', `${ENDUSER}/connections`)).status, 401);
    const scoped = (scope: string) =>
      send(boss, 'GET', '/connections', { party: firm.id, from: firm.id }, undefined, { scope });
    assert.equal(
      (await scoped('altinn:accessmanagement/enduser:connections:toothers.read')).status,
      200,
    );
    assert.equal(
      (await scoped('altinn:accessmanagement/enduser:connections:fromothers.read')).status,
      403,
    );
    assert.equal(
      (
        await call(
          'GET',
          `${ENDUSER}/connections?party=${firm.id}&from=${firm.id}`,
          await organizationToken(other, 'altinn:portal/enduser'),
        )
      ).status,
      401,
    );
  });

  it('lock the search for persons for an hour after five wrong names', async () => {
    const [{ firm, boss }, person] = [await newFirm(), await newPerson('Petra Prøvland')];
    const guess = (lastName: string) =>
      send(
        boss,
        'POST',
        '/connections',
        { party: firm.id, from: firm.id },
        { personIdentifier: person.number, lastName },
      );
    for (let turn = 0; turn < 5; turn += 1)
      assert.equal(codeOf(await guess(`Feil${turn}`)), 'AM.VLD-00006');
    const locked = await guess('Prøvland');
    assert.deepEqual(
      [locked.status, codeOf(locked), locked.headers.get('retry-after')],
      [429, 'AM-00026', '3600'],
    );
  });

  it('are not shown to an access manager of a person in the direction from others', async () => {
    const [person, manager, friend] = [await newPerson(), await newPerson(), await newPerson()];
    await given(person, person, manager, { package: 'innbygger-tilgangsstyring-privatperson' });
    await given(friend, friend, person, { package: 'innbygger-pensjon' });
    assert.equal(
      (await send(manager, 'GET', '/connections', { party: person.id, from: person.id })).status,
      200,
    );
    assert.equal(
      (await send(manager, 'GET', '/connections', { party: person.id, to: person.id })).status,
      403,
    );
  });

  it('do not show what a source keeps secret to anybody but the two parties', async () => {
    const { firm, boss } = await newFirm();
    const [holder, code, source] = [
      await newPerson(),
      `hemmelig-${randomUUID().slice(0, 8)}`,
      `kilde-${randomUUID().slice(0, 8)}`,
    ];
    const T = { nb: 'x', nn: 'x' };
    await importThis({
      sources: [{ code: source, name: T, legalBasis: T, purpose: T, visibility: 'secret' }],
      roles: [{ code, name: T, source }],
    });
    await newRole(code, firm, holder);
    const resource = await newResource([can('read', code)]);
    assert.equal(await decide(holder, 'read', resource, firm), 'Permit');
    const shown = await send(boss, 'GET', '/connections', { party: firm.id, from: firm.id });
    assert.ok(!shown.text.includes(holder.id) && !shown.text.includes(code));
    assert.ok(
      (
        await send(holder, 'GET', '/connections', { party: holder.id, to: holder.id })
      ).text.includes(code),
    );
    assert.ok(
      !(
        await call('GET', `/access/v1/mandates?from=${firm.id}`, await personToken(boss))
      ).text.includes(code),
    );
    const search = await call(
      'POST',
      '/access/v1/search/subject',
      await outsideToken({ scope: 'altinn:authorization/authorize.admin' }),
      {
        subject: { type: 'person' },
        action: { name: 'read' },
        resource: { type: 'resource', id: resource, properties: { party: firm.id } },
      },
    );
    assert.deepEqual(search.body.results, []);
    const list = await call(
      'POST',
      '/accessmanagement/api/v1/serviceowner/authorizedparties',
      await outsideToken({ scope: 'altinn:accessmanagement/authorizedparties.admin' }),
      { type: 'urn:altinn:party:uuid', value: holder.id },
    );
    assert.ok(!list.text.includes(firm.id));
  });
});
