// The delegation check (as in Altinn 3): what somebody may give on, and why not.
import assert from 'node:assert/strict';
import { call, newOrganization, newPerson, personToken, type TestParty } from '../support/world.ts';
import { can, given, newFirm, newMandate, newResource } from '../support/rights/rights.ts';
import { ENDUSER } from '../support/rights/enduser.ts';
describe('the delegation check', () => {
  it('tells for every package whether and why, as the act then does', async () => {
    const { firm, boss } = await newFirm();
    const check = async (actor: { id: string }, parameters = '') =>
      (
        await call(
          'GET',
          `${ENDUSER}/connections/accesspackages/delegationcheck?party=${firm.id}${parameters}`,
          await personToken(actor),
        )
      ).body;
    const all = (await check(boss)).data;
    const of = (code: string) =>
      all.find((one: { package: { urn: string } }) => one.package.urn.endsWith(`:${code}`));
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
    assert.ok(
      all.every((one: { package: { urn: string } }) => !one.package.urn.includes('innbygger')),
    );
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
          `${ENDUSER}/connections/accesspackages/delegationcheck?party=${party.id}&packages=merverdiavgift`,
          await personToken(actor),
        )
      ).body.data[0].reasons.map((one: { description: string }) => one.description);
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
        `${ENDUSER}/connections/resources/delegationcheck?party=${firm.id}&resource=${resource}`,
        await personToken(actor),
      );
      return body.rights.map(
        (one: { right: { name: string }; result: string; reasonCodes: string[] }) =>
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
          `${ENDUSER}/connections/resources/delegationcheck?party=${firm.id}&resource=${plain}`,
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
          `${ENDUSER}/connections/resources/delegationcheck?party=${firm.id}&resource=no-such`,
          await personToken(boss),
        )
      ).status,
      400,
    );
  });
});
