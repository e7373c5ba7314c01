// Connections, packages, rights and instances as clients of Altinn 3 call them (as in Altinn 3):
// given, received and ended, and the refusals with their codes.
import { send, codeOf } from '../support/rights/enduser.ts';
import assert from 'node:assert/strict';
import { newPerson, newRole, type TestParty, world } from '../support/world.ts';
import { can, decide, given, newFirm, newMandate, newResource } from '../support/rights/rights.ts';
import { rightKey } from '../../server/resource/policy/model.ts';
import { named, team } from '../support/rights/team.ts';

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
    assert.ok(list.body.data.some((one: { party: { id: string } }) => one.party.id === clerk.id));
    const users = await send(boss, 'GET', '/connections/users', { party: firm.id, from: firm.id });
    assert.ok(
      users.body.data.some(
        (one: { id: string; name: string }) => one.id === clerk.id && one.name === clerk.name,
      ),
    );
    assert.ok(!users.text.includes(clerk.number), 'no national number');
    const mine = await send(clerk, 'GET', '/connections', { party: clerk.id, to: clerk.id });
    assert.ok(mine.body.data.some((one: { party: { id: string } }) => one.party.id === firm.id));
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
        told.directRights.map((one: { right: { name: string } }) => one.right.name),
        told.indirectRights.map((one: { right: { name: string } }) => one.right.name),
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
    const names = (lines: { right: { action: { value?: string } } }[]) =>
      lines.map(({ right }) => right.action.value ?? right.action);
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
    const mandates = line.permissions.map((one: { mandateId: string }) => one.mandateId);
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
        .map((one: { id: string }) => one.id)
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
      rights.body.directRights.map((one: { right: { name: string } }) => one.right.name),
      ['read'],
    );
    assert.equal(
      (await send(boss, 'DELETE', '/connections/resources/instances', { ...where, to: helper.id }))
        .status,
      204,
    );
    assert.equal(await asks('sak-1'), 'NotApplicable');
  });

  it('are not made by a gift that is refused', async () => {
    const [{ firm, boss }, person] = [await newFirm(), await newPerson('Nina Nydal')];
    const relations = async () =>
      (
        await world.database.db.raw(
          'select kind from relation where from_party = ? and to_party = ?',
          [firm.id, person.id],
        )
      ).rows.length;
    const where = { party: firm.id, from: firm.id, resource: 'mva-melding' };
    for (const [keys, code] of [
      [[], 'AM-00033'],
      [['x'], 'AM-00036'],
    ] as const) {
      const body = { directRightKeys: keys, to: named(person) };
      const path = '/connections/resources/rights';
      assert.equal(codeOf(await send(boss, 'POST', path, where, body)), code);
      assert.equal(await relations(), 0, code);
    }
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
    assert.ok(!list.body.data.some((one: { party: { id: string } }) => one.party.id === clerk.id));
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
});
