// Authorized parties (as in Altinn 3): everybody that somebody may act for, and with what.
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
  type TestParty,
} from '../../support/world.ts';
import { newFirm, newMandate } from '../../support/rights/rights.ts';
import { ENDUSER } from '../../support/rights/enduser.ts';
describe('authorized parties', () => {
  const own = async (person: { id: string }, parameters = '') =>
    (await call('GET', `${ENDUSER}/authorizedparties${parameters}`, await personToken(person))).body
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
    assert.deepEqual(
      cheap.map((one: { partyUuid: string }) => one.partyUuid).sort(),
      [boss.id, firm.id].sort(),
    );
    const company = cheap.find((one: { partyUuid: string }) => one.partyUuid === firm.id);
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
        (one: { partyUuid: string }) => one.partyUuid === firm.id,
      );
      assert.ok(holds(told[member]), flag);
      for (const [, other] of flags)
        if (other !== member) assert.deepEqual(told[other], [], `${flag} fills ${other}`);
      if (member === 'authorizedInstances')
        assert.deepEqual(told.subunits[0].authorizedInstances, [], 'instances are not inherited');
    }
    assert.deepEqual(
      (await own(boss, '?includeSubParties=false')).find(
        (one: { partyUuid: string }) => one.partyUuid === firm.id,
      ).subunits,
      [],
    );
    assert.equal(
      (
        await call(
          'GET',
          `${ENDUSER}/authorizedparties?includeRoles=maybe`,
          await personToken(boss),
        )
      ).status,
      400,
    );
  });

  it('come through key roles unless not wanted, and with the deleted only when wanted', async () => {
    const [{ firm, boss }, client] = [await newFirm(), await newOrganization()];
    await newRole('regn', client, firm);
    assert.ok((await own(boss)).some((one: { partyUuid: string }) => one.partyUuid === client.id));
    assert.ok(
      !(await own(boss, '?includePartiesViaKeyRoles=false')).some(
        (one: { partyUuid: string }) => one.partyUuid === client.id,
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
    assert.ok(!(await own(boss)).some((one: { partyUuid: string }) => one.partyUuid === client.id));
    assert.equal(
      (await own(boss, '?includeInactiveParties=true')).find(
        (one: { partyUuid: string }) => one.partyUuid === client.id,
      ).isDeleted,
      true,
    );
  });

  it('show a main unit without access as a shell', async () => {
    const [main, person] = [await newOrganization(), await newPerson()];
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: main.number });
    await newMandate(unit, person, { package: 'merverdiavgift' });
    const shell = (await own(person, '?includeAccessPackages=true')).find(
      (one: { partyUuid: string }) => one.partyUuid === main.id,
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
      (await own(boss, `?partyFilter=${firm.id}`)).map(
        (one: { partyUuid: string }) => one.partyUuid,
      ),
      [firm.id],
    );
    assert.deepEqual(
      (
        await own(
          boss,
          `?partyFilter=${firm.urn}&partyFilter=urn:altinn:organization:identifier-no:399999999`,
        )
      ).map((one: { partyUuid: string }) => one.partyUuid),
      [firm.id],
    );
    assert.deepEqual(
      await own(boss, '?partyFilter=urn:altinn:organization:identifier-no:399999999'),
      [],
    );
    assert.deepEqual(
      (await own(boss, '?anyOfResourceIds=a-melding')).map(
        (one: { partyUuid: string }) => one.partyUuid,
      ),
      [firm.id],
    );
    assert.deepEqual(await own(boss, '?anyOfResourceIds=no-such'), []);
    assert.deepEqual(
      (
        await of(boss, '', undefined, [
          { type: 'urn:altinn:organization:identifier-no', value: firm.number },
        ])
      ).map((one: { partyUuid: string }) => one.partyUuid),
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
        .find((one: { partyUuid: string }) => one.partyUuid === firm.id)
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
