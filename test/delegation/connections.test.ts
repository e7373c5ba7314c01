// Connections, packages, rights and instances as clients of Altinn 3 call them (as in Altinn 3):
// what is given and received, the check before and the act after, and the refusals with their
// codes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  call,
  importThis,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  personToken,
  type TestParty,
} from '../support/world.ts';
import { can, decide, given, newFirm, newMandate, newResource } from '../support/rights.ts';
import { rightKey } from '../../server/resource/policy/model.ts';

const BASE = '/accessmanagement/api/v1/enduser';
const q = (parameters: object) =>
  `?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined) as [string, string][])}`;
const send = async (
  actor: { id: string },
  method: string,
  path: string,
  parameters: object = {},
  body?: unknown,
  claims?: object,
) => call(method, `${BASE}${path}${q(parameters)}`, await personToken(actor, claims), body);
const codeOf = (answer: { body: any }) =>
  answer.body?.validationErrors?.[0].code ?? answer.body?.code;
const named = (person: TestParty) => ({
  personIdentifier: person.number,
  lastName: lastName(person),
});

/** A firm with its boss and a clerk who is a rightholder without rights. */
async function team() {
  const [{ firm, boss }, clerk] = [await newFirm(), await newPerson('Klara Kontordal')];
  const added = await send(
    boss,
    'POST',
    '/connections',
    { party: firm.id, from: firm.id },
    named(clerk),
  );
  assert.equal(added.status, 200, added.text);
  return { firm, boss, clerk };
}

describe('connections', () => {
  it('begin with a number and a last name, and again are the same', async () => {
    const { firm, boss, clerk } = await team();
    const again = await send(
      boss,
      'POST',
      '/connections',
      { party: firm.id, from: firm.id },
      named(clerk),
    );
    const first = await send(boss, 'POST', '/connections', {
      party: firm.id,
      from: firm.id,
      to: clerk.id,
    });
    assert.deepEqual([again.body.id, again.body.toId], [first.body.id, clerk.id]);
    const list = await send(boss, 'GET', '/connections', { party: firm.id, from: firm.id });
    assert.ok(list.body.data.some((one: any) => one.party.id === clerk.id));
    const users = await send(boss, 'GET', '/connections/users', { party: firm.id, from: firm.id });
    assert.ok(users.body.data.some((one: any) => one.id === clerk.id && one.name === clerk.name));
    assert.ok(!users.text.includes(clerk.number), 'no national number');
    const mine = await send(clerk, 'GET', '/connections', { party: clerk.id, to: clerk.id });
    assert.ok(mine.body.data.some((one: any) => one.party.id === firm.id));
  });

  it('hold packages: given, listed on both sides, decided by, and ended', async () => {
    const { firm, boss, clerk } = await team();
    const where = { party: firm.id, from: firm.id, to: clerk.id };
    const tax = { ...where, package: 'urn:altinn:accesspackage:merverdiavgift' };
    const gave = await send(boss, 'POST', '/connections/accesspackages', tax);
    assert.deepEqual([gave.status, gave.body.changed], [201, true], gave.text);
    assert.deepEqual(
      [(await send(boss, 'POST', '/connections/accesspackages', tax)).status],
      [200],
    );
    const listed = await send(boss, 'GET', '/connections/accesspackages', where);
    const [line] = listed.body.data;
    assert.equal(line.package.urn, 'urn:altinn:accesspackage:merverdiavgift');
    assert.deepEqual(
      [line.permissions[0].reason.flag, line.permissions[0].role.code, line.permissions[0].to.id],
      [1, 'rettighetshaver', clerk.id],
    );
    const received = await send(clerk, 'GET', '/connections/accesspackages', {
      party: clerk.id,
      to: clerk.id,
      from: firm.id,
    });
    assert.equal(received.body.data[0].package.urn, line.package.urn);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    assert.equal(
      (
        await send(boss, 'DELETE', '/connections/accesspackages', {
          ...where,
          packageId: line.package.id,
        })
      ).status,
      204,
    );
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
  });

  it('hold rights by key: added, replaced, told as direct and indirect, and ended', async () => {
    const { firm, boss, clerk } = await team();
    const resource = await newResource(
      [can('read', 'dagl', 'package:merverdiavgift'), can('write', 'dagl')],
      { delegable: true },
    );
    const where = { party: firm.id, from: firm.id, to: clerk.id };
    const rights = (method: string, actions: string[]) =>
      send(
        boss,
        method,
        '/connections/resources/rights',
        { ...where, resource },
        { directRightKeys: actions.map((action) => rightKey(resource, action)) },
      );
    assert.equal((await rights('POST', ['read'])).status, 201);
    assert.deepEqual((await rights('POST', ['write'])).body.directRightKeys.length, 2);
    assert.equal(await decide(clerk, 'write', resource, firm), 'Permit');
    assert.equal((await rights('PUT', ['read'])).status, 200);
    assert.equal(await decide(clerk, 'write', resource, firm), 'NotApplicable');
    await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const told = (await send(boss, 'GET', '/connections/resources/rights', { ...where, resource }))
      .body;
    assert.deepEqual(
      [
        told.directRights.map((one: any) => one.right.name),
        told.indirectRights.map((one: any) => one.right.name),
      ],
      [['read'], ['read']],
    );
    assert.equal(
      (await send(boss, 'GET', '/connections/resources', where)).body.data[0].resource.refId,
      resource,
    );
    assert.equal(
      (await send(boss, 'DELETE', '/connections/resources', { ...where, resource })).status,
      204,
    );
    assert.equal((await send(boss, 'GET', '/connections/resources', where)).body.data.length, 0);
  });

  it('tell a right by those that carry it, and not by what only goes with them', async () => {
    const [{ firm, boss }, other] = [await newFirm(), await newFirm()];
    const resource = await newResource([
      can('read', 'dagl'),
      can('write', 'package:merverdiavgift'),
      can('sign', 'organization'),
    ]);
    const rights = async (to: TestParty) =>
      (
        await send(boss, 'GET', '/connections/resources/rights', {
          ...{ party: firm.id, from: firm.id, to: to.id, resource },
        })
      ).body;
    const names = (lines: any[]) => lines.map(({ right }) => right.action.value ?? right.action);
    // The other firm's leader may write through it, and has been given to read.
    await given(boss, firm, other.firm, { package: 'merverdiavgift' });
    await given(boss, firm, other.boss, { resource, actions: ['read'] });
    const told = await rights(other.boss);
    assert.deepEqual(
      [names(told.directRights), names(told.indirectRights), told.withheldRights],
      [['read'], [], []],
    );
    // What is open to every organization is open by what was given, too.
    await newMandate(firm, other.firm, { resource, actions: ['sign'] });
    const open = await rights(other.firm);
    assert.deepEqual(names(open.directRights), ['sign']);
    assert.deepEqual([names(open.indirectRights), open.withheldRights], [['write'], []]);
  });

  it('tell what only two things open together by both', async () => {
    const [{ firm, boss }, member] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', ['package:merverdiavgift', 'medl'])]);
    await newRole('medl', firm, member);
    const where = { party: firm.id, from: firm.id, to: member.id, resource };
    const told = async () =>
      (await send(boss, 'GET', '/connections/resources/rights', where)).body.indirectRights;
    assert.deepEqual(await told(), []);
    await given(boss, firm, member, { package: 'toll' });
    const id = await given(boss, firm, member, { package: 'merverdiavgift' });
    const [line, ...others] = await told();
    assert.deepEqual(others, []);
    const mandates = line.permissions.map((one: any) => one.mandateId);
    assert.ok(mandates.length === 2 && mandates.includes(id), JSON.stringify(line));
  });

  it('hold single instances, with the person added in the same step', async () => {
    const [{ firm, boss }, helper] = [await newFirm(), await newPerson('Hilde Hjelpland')];
    const resource = await newResource([can('read', 'dagl')]);
    const where = { party: firm.id, from: firm.id, resource, instance: 'sak-1' };
    const gave = await send(boss, 'POST', '/connections/resources/instances/rights', where, {
      directRightKeys: [rightKey(resource, 'read')],
      to: named(helper),
    });
    assert.equal(gave.status, 201, gave.text);
    const asks = (instance: string) =>
      decide(helper, 'read', resource, firm, [
        { AttributeId: 'urn:altinn:resource:instance-id', Value: instance },
      ]);
    assert.deepEqual([await asks('sak-1'), await asks('sak-2')], ['Permit', 'NotApplicable']);
    assert.deepEqual(
      (await send(boss, 'GET', '/connections/resources/instances/users', where)).body.data
        .map((one: any) => one.id)
        .sort(),
      [helper.id, boss.id].sort(),
    );
    assert.equal(
      (
        await send(boss, 'GET', '/connections/resources/instances', {
          party: firm.id,
          from: firm.id,
          to: helper.id,
          instance: 'sak-1',
        })
      ).body.data[0].instance.refId,
      'sak-1',
    );
    const rights = await send(boss, 'GET', '/connections/resources/instances/rights', {
      ...where,
      to: helper.id,
    });
    assert.deepEqual(
      rights.body.directRights.map((one: any) => one.right.name),
      ['read'],
    );
    assert.equal(
      (await send(boss, 'DELETE', '/connections/resources/instances', { ...where, to: helper.id }))
        .status,
      204,
    );
    assert.equal(await asks('sak-1'), 'NotApplicable');
  });

  it('end whole, with everything in them when that is said, by either side', async () => {
    const { firm, boss, clerk } = await team();
    await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const where = { party: firm.id, from: firm.id, to: clerk.id };
    assert.equal(codeOf(await send(boss, 'DELETE', '/connections', where)), 'AM.VLD-00010');
    assert.equal(
      (
        await send(clerk, 'DELETE', '/connections', {
          party: clerk.id,
          from: firm.id,
          to: clerk.id,
          cascade: true,
        })
      ).status,
      204,
    );
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const list = await send(boss, 'GET', '/connections', { party: firm.id, from: firm.id });
    assert.ok(!list.body.data.some((one: any) => one.party.id === clerk.id));
  });

  it('tell roles with their source, and end none of them', async () => {
    const { firm, boss } = await newFirm();
    const where = { party: firm.id, from: firm.id, to: boss.id };
    const [line] = (await send(boss, 'GET', '/connections/roles', where)).body.data;
    assert.deepEqual(
      [line.role.code, line.role.provider, line.role.isKeyRole],
      ['daglig-leder', 'enhetsregisteret', true],
    );
    assert.equal(
      codeOf(await send(boss, 'DELETE', '/connections/roles', { ...where, rolecode: 'dagl' })),
      'AM-00040',
    );
    assert.equal(
      codeOf(await send(boss, 'DELETE', '/connections/roles', { ...where, rolecode: 'konge' })),
      'AM-00039',
    );
  });

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
    assert.equal((await call('GET', `${BASE}/connections`)).status, 401);
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
          `${BASE}/connections?party=${firm.id}&from=${firm.id}`,
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

describe('the delegation check', () => {
  it('tells for every package whether and why, as the act then does', async () => {
    const { firm, boss } = await newFirm();
    const check = async (actor: { id: string }, parameters = '') =>
      (
        await call(
          'GET',
          `${BASE}/connections/accesspackages/delegationcheck?party=${firm.id}${parameters}`,
          await personToken(actor),
        )
      ).body;
    const all = (await check(boss)).data;
    const of = (code: string) => all.find((one: any) => one.package.urn.endsWith(`:${code}`));
    assert.deepEqual(
      [
        of('merverdiavgift').result,
        of('merverdiavgift').reasons[0].description,
        of('merverdiavgift').reasons[0].fromName,
      ],
      [true, 'Direct-RolePackage', firm.name],
    );
    assert.match(
      of('post-til-virksomheten-med-taushetsbelagt-innhold').reasons[0].description,
      /HovedAdmin$/,
    );
    assert.deepEqual(
      [of('regnskapsforer-lonn').result, of('regnskapsforer-lonn').reasons],
      [false, [{ description: 'NoAccess' }]],
    );
    assert.ok(all.every((one: any) => !one.package.urn.includes('innbygger')));
    const clerk = await newPerson();
    assert.equal(
      (await check(clerk, '&packages=merverdiavgift')).code,
      'TIL-00008',
      'a stranger hears nothing',
    );
    await given(boss, firm, clerk, { package: 'toll' });
    assert.equal((await check(clerk, '&packages=merverdiavgift')).data[0].result, false);
    await given(boss, firm, clerk, { package: 'merverdiavgift', mayPassOn: true });
    assert.equal((await check(clerk, '&packages=merverdiavgift')).data[0].result, true);
    assert.equal((await check(boss, '&packages=innbygger-pensjon')).code, 'AM-00041');
    assert.equal((await check(boss, '&packages=ingen')).code, 'AM-00041');
  });

  it('says key role and main unit', async () => {
    const { firm: supplier, boss } = await newFirm();
    const [giver, { firm: main, boss: mainBoss }] = [await newOrganization(), await newFirm()];
    await newMandate(giver, supplier, { package: 'tilgangsstyrer' });
    await newMandate(giver, supplier, { package: 'merverdiavgift' });
    const descriptions = async (actor: { id: string }, party: TestParty) =>
      (
        await call(
          'GET',
          `${BASE}/connections/accesspackages/delegationcheck?party=${party.id}&packages=merverdiavgift`,
          await personToken(actor),
        )
      ).body.data[0].reasons.map((one: any) => one.description);
    assert.deepEqual(await descriptions(boss, giver), ['KeyRole-AssignmentPackage']);
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: main.number });
    assert.ok((await descriptions(mainBoss, unit)).includes('Direct-RolePackage-MainUnit'));
  });

  it('gives each reason code of a right', async () => {
    const { firm, boss } = await newFirm();
    const clerk = await newPerson();
    const codes = async (actor: { id: string }, resource: string) => {
      const { body } = await call(
        'GET',
        `${BASE}/connections/resources/delegationcheck?party=${firm.id}&resource=${resource}`,
        await personToken(actor),
      );
      return body.rights.map((one: any) =>
        [one.right.name, one.result, one.reasonCodes.join()].join(' '),
      );
    };
    const plain = await newResource([
      can('read', 'dagl'),
      can('write', 'package:merverdiavgift'),
      can('sign', 'lede', 'package:regnskapsforer-lonn'),
    ]);
    assert.deepEqual(await codes(boss, plain), [
      'read true RoleAccess',
      'sign false MissingRoleAccess,MissingPackageAccess',
      'write true PackageAccess',
    ]);
    assert.equal(
      (
        await call(
          'GET',
          `${BASE}/connections/resources/delegationcheck?party=${firm.id}&resource=${plain}`,
          await personToken(clerk),
        )
      ).status,
      403,
    );
    await given(boss, firm, clerk, { package: 'toll' });
    assert.deepEqual((await codes(clerk, plain))[0], 'read false MissingRoleAccess');
    await given(boss, firm, clerk, { resource: plain, actions: ['read'], mayPassOn: true });
    assert.equal((await codes(clerk, plain))[0], 'read true DelegationAccess');
    assert.deepEqual(
      await codes(boss, await newResource([can('read', 'dagl')], { delegable: false })),
      ['read false ResourceNotDelegable'],
    );
    assert.deepEqual(
      await codes(boss, await newResource([can('read', 'dagl')], { accessListMode: 'Enabled' })),
      ['read false AccessListValidationFail'],
    );
    assert.deepEqual(await codes(boss, 'inntekt-api'), [
      'scopeaccess false ResourceIsMaskinPortenSchema',
    ]);
    assert.equal(
      (
        await call(
          'GET',
          `${BASE}/connections/resources/delegationcheck?party=${firm.id}&resource=no-such`,
          await personToken(boss),
        )
      ).status,
      400,
    );
  });
});

describe('authorized parties', () => {
  const own = async (person: { id: string }, parameters = '') =>
    (await call('GET', `${BASE}/authorizedparties${parameters}`, await personToken(person))).body
      .data;
  const of = async (subject: TestParty, parameters = '', token?: string, filter?: object[]) =>
    (
      await call(
        'POST',
        `/accessmanagement/api/v1/resourceowner/authorizedparties${parameters}`,
        token ?? (await outsideToken({ scope: 'altinn:accessmanagement/authorizedparties.admin' })),
        {
          type: 'urn:altinn:party:uuid',
          value: subject.id,
          ...(filter ? { partyFilter: filter } : {}),
        },
      )
    ).body;

  it('are oneself and those one may act for, with sub-units inside, each flag filling its own list', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: firm.number });
    await newMandate(firm, boss, { resource: 'a-melding', actions: ['read'], instance: '1' });
    const cheap = await own(boss);
    assert.deepEqual(cheap.map((one: any) => one.partyUuid).sort(), [boss.id, firm.id].sort());
    const company = cheap.find((one: any) => one.partyUuid === firm.id);
    assert.deepEqual(
      [company.type, company.organizationNumber, company.subunits[0].partyUuid],
      ['Organization', firm.number, unit.id],
    );
    for (const one of [company, company.subunits[0]])
      assert.deepEqual(
        [
          one.authorizedRoles,
          one.authorizedAccessPackages,
          one.authorizedResources,
          one.authorizedInstances,
        ],
        [[], [], [], []],
      );
    const flags: [string, string, (value: any) => boolean][] = [
      ['includeRoles', 'authorizedRoles', (value) => value.includes('dagl')],
      [
        'includeAccessPackages',
        'authorizedAccessPackages',
        (value) => value.includes('merverdiavgift'),
      ],
      ['includeResources', 'authorizedResources', (value) => value.includes('mva-melding')],
      ['includeInstances', 'authorizedInstances', (value) => value[0].resourceId === 'a-melding'],
    ];
    for (const [flag, member, holds] of flags) {
      const [told] = (await own(boss, `?${flag}=true`)).filter(
        (one: any) => one.partyUuid === firm.id,
      );
      assert.ok(holds(told[member]), flag);
      for (const [, other] of flags)
        if (other !== member) assert.deepEqual(told[other], [], `${flag} fills ${other}`);
      if (member === 'authorizedInstances')
        assert.deepEqual(told.subunits[0].authorizedInstances, [], 'instances are not inherited');
    }
    assert.deepEqual(
      (await own(boss, '?includeSubParties=false')).find((one: any) => one.partyUuid === firm.id)
        .subunits,
      [],
    );
    assert.equal(
      (await call('GET', `${BASE}/authorizedparties?includeRoles=maybe`, await personToken(boss)))
        .status,
      400,
    );
  });

  it('come through key roles unless not wanted, and with the deleted only when wanted', async () => {
    const [{ firm, boss }, client] = [await newFirm(), await newOrganization()];
    await newRole('regn', client, firm);
    assert.ok((await own(boss)).some((one: any) => one.partyUuid === client.id));
    assert.ok(
      !(await own(boss, '?includePartiesViaKeyRoles=false')).some(
        (one: any) => one.partyUuid === client.id,
      ),
    );
    await importThis({
      parties: [
        {
          kind: 'organization',
          id: client.id,
          number: client.number,
          name: client.name,
          endedAt: '2026-01-01T00:00:00Z',
        },
      ],
    });
    assert.ok(!(await own(boss)).some((one: any) => one.partyUuid === client.id));
    assert.equal(
      (await own(boss, '?includeInactiveParties=true')).find(
        (one: any) => one.partyUuid === client.id,
      ).isDeleted,
      true,
    );
  });

  it('show a main unit without access as a shell', async () => {
    const [main, person] = [await newOrganization(), await newPerson()];
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: main.number });
    await newMandate(unit, person, { package: 'merverdiavgift' });
    const shell = (await own(person, '?includeAccessPackages=true')).find(
      (one: any) => one.partyUuid === main.id,
    );
    assert.deepEqual(
      [
        shell.onlyHierarchyElementWithNoAccess,
        shell.authorizedAccessPackages,
        shell.subunits[0].authorizedAccessPackages,
      ],
      [true, [], ['merverdiavgift']],
    );
  });

  it('are filtered by party and resource; what is not known leaves nothing', async () => {
    const { firm, boss } = await newFirm();
    assert.deepEqual(
      (await own(boss, `?partyFilter=${firm.id}`)).map((one: any) => one.partyUuid),
      [firm.id],
    );
    assert.deepEqual(
      (
        await own(
          boss,
          `?partyFilter=${firm.urn}&partyFilter=urn:altinn:organization:identifier-no:399999999`,
        )
      ).map((one: any) => one.partyUuid),
      [firm.id],
    );
    assert.deepEqual(
      await own(boss, '?partyFilter=urn:altinn:organization:identifier-no:399999999'),
      [],
    );
    assert.deepEqual(
      (await own(boss, '?anyOfResourceIds=a-melding')).map((one: any) => one.partyUuid),
      [firm.id],
    );
    assert.deepEqual(await own(boss, '?anyOfResourceIds=no-such'), []);
    assert.deepEqual(
      (
        await of(boss, '', undefined, [
          { type: 'urn:altinn:organization:identifier-no', value: firm.number },
        ])
      ).map((one: any) => one.partyUuid),
      [firm.id],
    );
  });

  it('of a subject tell a service owner what opens its own resources, and all only with the wider scope', async () => {
    const [{ firm, boss }, owner] = [await newFirm(), await newOrganization()];
    const identifier = `t-${randomUUID()}`;
    await importThis({
      resources: [
        {
          identifier,
          owner: owner.number,
          resourceType: 'GenericAccessResource',
          title: { nb: 'x', nn: 'x' },
          rules: [{ action: 'read', subjects: ['package:merverdiavgift'] }],
        },
      ],
    });
    const narrow = await organizationToken(
      owner,
      'altinn:accessmanagement/authorizedparties.resourceowner',
    );
    const [told, ...rest] = await of(boss, '', narrow);
    assert.deepEqual(
      [told.partyUuid, told.authorizedResources, told.authorizedAccessPackages, rest.length],
      [firm.id, [identifier], ['merverdiavgift'], 0],
    );
    assert.deepEqual(
      await of(
        boss,
        '',
        await organizationToken(
          await newOrganization(),
          'altinn:accessmanagement/authorizedparties.resourceowner',
        ),
      ),
      [],
    );
    assert.ok(
      (await of(boss))
        .find((one: any) => one.partyUuid === firm.id)
        .authorizedResources.includes('mva-melding'),
    );
    assert.deepEqual(await of({ ...boss, id: randomUUID() }), []);
    const post = async (body: unknown) =>
      (
        await call(
          'POST',
          '/accessmanagement/api/v1/serviceowner/authorizedparties',
          await outsideToken({ scope: 'altinn:accessmanagement/authorizedparties.admin' }),
          body,
        )
      ).status;
    assert.deepEqual(
      [
        await post({ type: 'urn:altinn:person:identifier-no', value: boss.number }),
        await post({ type: 'colour', value: 'red' }),
        await post({}),
        await post({ type: 'urn:altinn:partyid', value: 'x' }),
      ],
      [200, 400, 400, 400],
    );
  });
});

describe('the catalogue', () => {
  it('is told in three languages, with what packages open and roles carry', async () => {
    const meta = async (path: string, language = 'nb') =>
      (
        await call('GET', `/accessmanagement/api/v1/meta${path}`, undefined, undefined, {
          'accept-language': language,
        })
      ).body;
    assert.equal(
      (await meta('/info/accesspackages/package/urn/urn:altinn:accesspackage:merverdiavgift', 'en'))
        .name,
      'Value added tax',
    );
    const groups = await meta('/info/accesspackages/group');
    const areas = await meta(`/info/accesspackages/group/${groups[1].id}/areas`);
    assert.ok(
      areas
        .flatMap((area: any) => area.packages)
        .some((entry: any) => entry.urn.endsWith('innbygger-pensjon')),
    );
    assert.ok((await meta(`/info/accesspackages/area/${areas[0].id}/packages`)).length > 0);
    assert.equal(
      (await meta('/info/accesspackages/search?term=merverdi'))[0].object.name,
      'Merverdiavgift',
    );
    assert.ok(
      (await meta('/info/accesspackages/package/merverdiavgift/resources')).some(
        (one: any) => one.refId === 'mva-melding',
      ),
    );
    const role = (await meta('/info/roles')).find((one: any) => one.code === 'daglig-leder');
    assert.equal(role.legacyRoleCode, 'dagl');
    assert.ok(
      (await meta(`/info/roles/${role.id}/packages`)).some(
        (row: any) =>
          row.package.urn.endsWith('merverdiavgift') && row.hasAccess && row.canDelegate,
      ),
    );
    assert.ok((await meta('/info/roles/dagl/resources')).length > 0);
    assert.ok(
      (await meta('/info/sources')).every((source: any) => source.legalBasis && source.purpose),
    );
    for (const path of [
      '/info/accesspackages/package/none',
      '/info/roles/none',
      '/info/accesspackages/area/none',
      '/info/accesspackages/group/none',
    ])
      assert.equal((await meta(path)).code, 'TIL-00009');
  });
});
