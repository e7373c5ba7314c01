// Effective access on a real database: the eight main-unit and sub-unit directions, key roles, sole
// proprietorships, the IKS exception, confidential packages, access lists, chains, time and
// suspension; each a row that flips when it should, at every door where it can be asked.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  type TestParty,
} from '../../support/world.ts';
import {
  AUTHORIZE,
  can,
  decide,
  decideEverywhere,
  instance,
  newMandate,
  newResource,
  OWNER,
  pdpToken,
  taxService,
  xacml,
} from '../../support/rights/rights.ts';

const unit = (main: TestParty) =>
  newOrganization('Avdelingen', { mayAsk: false, parent: main.number });
const formed = async (unitType: string, changes: object = {}) => {
  const firm = await newOrganization('Foretaket', { mayAsk: false });
  await importThis({
    parties: [
      {
        kind: 'organization',
        id: firm.id,
        number: firm.number,
        name: firm.name,
        unitType,
        ...changes,
      },
    ],
  });
  return firm;
};
const TAX = { package: 'merverdiavgift' };

describe('effective access', () => {
  const tax = taxService();
  const { permits } = tax;

  describe('in the eight directions', () => {
    const DIRECTIONS: [string, 'P' | 'H' | 'U', 'P' | 'H' | 'U'][] = [
      ['P→P', 'P', 'P'],
      ['H→P', 'H', 'P'],
      ['U→P', 'U', 'P'],
      ['P→H', 'P', 'H'],
      ['H→H', 'H', 'H'],
      ['U→H', 'U', 'H'],
      ['H→U', 'H', 'U'],
      ['U→U', 'U', 'U'],
    ];
    for (const [name, from, to] of DIRECTIONS) {
      it(`${name}: reaches the receiver${to === 'P' ? '' : "'s managing director"}, ${from === 'H' ? "and for the giver's sub-units too" : "and nobody else's standing"}`, async () => {
        const [main, human, receiver] = [
          await newOrganization(),
          await newPerson(),
          await newOrganization(),
        ];
        const [sub, receivingUnit, boss] = [
          await unit(main),
          await unit(receiver),
          await newPerson(),
        ];
        await newRole('dagl', receiver, boss);
        const giver = { P: human, H: main, U: sub }[from];
        await newMandate(
          giver,
          { P: boss, H: receiver, U: receivingUnit }[to],
          from === 'P' ? { resource: tax.id(), actions: ['read'] } : TAX,
        );
        assert.equal(await permits(boss, giver), true);
        assert.equal(await permits(boss, sub), from !== 'P');
        assert.equal(await permits(boss, main), from === 'H');
        assert.equal(await permits(await newPerson(), giver), false);
        assert.equal(await permits(giver, boss), false);
      });
    }
  });

  it('gives a key role in a main unit for its sub-units, and one in a sub-unit for itself only', async () => {
    const [main, boss, chief] = [await newOrganization(), await newPerson(), await newPerson()];
    const [sub, sibling] = [await unit(main), await unit(main)];
    await newRole('dagl', main, boss);
    await newRole('dagl', sub, chief);
    assert.deepEqual(
      [await permits(boss, main, 'sign'), await permits(boss, sub, 'sign')],
      [true, true],
    );
    assert.deepEqual(
      [
        await permits(chief, sub, 'sign'),
        await permits(chief, main, 'sign'),
        await permits(chief, sibling, 'sign'),
      ],
      [true, false, false],
    );
  });

  it('follows a key role one step and no further', async () => {
    const [giver, first, second, boss] = [
      await newOrganization(),
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    await newMandate(giver, first, TAX);
    await newRole('dtso', first, second);
    await newRole('dagl', second, boss);
    assert.equal(await permits(second, giver), true);
    assert.equal(await permits(boss, giver), false);
  });

  it("lets an accountant's managing director act for the clients, and a board member not", async () => {
    const [client, firm, boss, member] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
      await newPerson(),
    ];
    await newRole('regn', client, firm);
    await newRole('dagl', firm, boss);
    await newRole('medl', firm, member);
    assert.deepEqual(
      [await permits(firm, client), await permits(boss, client), await permits(member, client)],
      [true, true, false],
    );
    await newRole('regn', client, firm, { endedAt: '2026-01-01T00:00:00Z' });
    assert.deepEqual([await permits(firm, client), await permits(boss, client)], [false, false]);
  });

  it('drops a partner of an intermunicipal company on either hop', async () => {
    for (const [form, expected] of [
      ['IKS', false],
      ['ANS', true],
    ] as const) {
      const [company, receiver, partner, boss] = [
        await formed(form),
        await newOrganization(),
        await newPerson(),
        await newPerson(),
      ];
      const giver = await newOrganization();
      await newMandate(giver, company, TAX);
      await newRole('dtpr', company, partner);
      assert.equal(await permits(partner, giver), expected, `${form}, first hop`);
      await newRole('dtpr', company, receiver);
      await newRole('dagl', receiver, boss);
      const own = await newResource([can('read', 'dtpr')]);
      assert.equal(
        (await decideEverywhere(boss, 'read', own, company)) === 'Permit',
        expected,
        `${form}, second hop`,
      );
      assert.equal(
        await decideEverywhere(partner, 'read', own, company),
        'Permit',
        'a role held directly is a role',
      );
    }
  });

  it("takes a sole proprietor's accountant for the person too, while the person lives and two years after the firm", async () => {
    const years = (n: number) => new Date(Date.now() - n * 365.25 * 86_400_000).toISOString();
    for (const [endedAt, died, form, expected] of [
      [undefined, undefined, 'ENK', true],
      [years(1), undefined, 'ENK', true],
      [years(3), undefined, 'ENK', false],
      [undefined, years(0.1), 'ENK', false],
      [undefined, undefined, 'AS', false],
    ] as const) {
      const [firm, owner, accountant, boss] = [
        await formed(form, endedAt ? { endedAt } : {}),
        await newPerson(),
        await newOrganization(),
        await newPerson(),
      ];
      await newRole('innh', firm, owner);
      await newRole('regn', firm, accountant);
      await newRole('dagl', accountant, boss);
      if (died)
        await importThis({
          parties: [
            { kind: 'person', id: owner.id, number: owner.number, name: owner.name, endedAt: died },
          ],
        });
      assert.equal(await permits(boss, owner), expected, `${form} ${endedAt} ${died}`);
      assert.equal(await permits(accountant, owner), expected);
    }
  });

  it('takes nobody else of a sole proprietorship for the person', async () => {
    const [firm, owner, helper] = [await formed('ENK'), await newPerson(), await newPerson()];
    await newRole('innh', firm, owner);
    await newMandate(firm, helper, TAX);
    assert.deepEqual([await permits(helper, firm), await permits(helper, owner)], [true, false]);
  });

  it('opens a confidential package to nobody by position, and to whom it is given', async () => {
    const [firm, boss, chair, clerk] = [
      await newOrganization(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    await newRole('dagl', firm, boss);
    await newRole('lede', firm, chair);
    for (const one of [boss, chair, clerk])
      assert.equal(
        await decideEverywhere(one, 'read', 'taushetsbelagt-post', firm),
        'NotApplicable',
      );
    await newMandate(firm, clerk, { package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
    assert.equal(await decideEverywhere(clerk, 'read', 'taushetsbelagt-post', firm), 'Permit');
    assert.equal(
      await decideEverywhere(boss, 'read', 'taushetsbelagt-post', firm),
      'NotApplicable',
    );
  });

  it('gates by access list as the five acceptance cases say', async () => {
    const [member, outsider, boss, human, clerk] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    const gated = await newResource([can('read', 'dagl', 'privatperson'), can('write', 'dagl')], {
      accessListMode: 'Enabled',
    });
    const system = { id: randomUUID() };
    await importThis({
      parties: [
        {
          kind: 'system_user',
          id: system.id,
          name: 'System',
          owner: member.number,
          systemId: 'x_y',
          systemKind: 'standard',
        },
      ],
    });
    const list = {
      id: `list-${randomUUID()}`,
      owner: OWNER,
      name: 'Utvalgte',
      members: [member.number, human.number],
    };
    const connect = (actions?: string[]) =>
      importThis({
        accessLists: [
          { ...list, resources: [{ resource: gated, ...(actions ? { actions } : {}) }] },
        ],
      });
    for (const firm of [member, outsider]) await newRole('dagl', firm, boss);
    await newMandate(member, clerk, { resource: gated, actions: ['read'] });
    await newMandate(member, system, { resource: gated, actions: ['read'] });
    await connect();
    assert.deepEqual(
      [
        await decideEverywhere(boss, 'read', gated, member),
        await decideEverywhere(clerk, 'read', gated, member),
        await decideEverywhere(system, 'read', gated, member),
      ],
      ['Permit', 'Permit', 'Permit'],
      'AC1',
    );
    await connect(['read']);
    assert.equal(await decideEverywhere(boss, 'read', gated, member), 'Permit', 'AC2');
    assert.equal(await decideEverywhere(boss, 'read', gated, outsider), 'Deny', 'AC3');
    assert.equal(await decideEverywhere(boss, 'write', gated, member), 'Deny', 'AC4');
    assert.equal(await decideEverywhere(human, 'read', gated, human), 'Deny', 'AC5');
  });

  it('keeps an instance from everything but itself', async () => {
    const [main, human] = [await newOrganization(), await newPerson()];
    const sub = await unit(main);
    await newMandate(main, human, { resource: tax.id(), actions: ['read'], instance: 'case-1' });
    assert.equal(await permits(human, main, 'read', [instance('case-1')]), true);
    assert.equal(await permits(human, main, 'read', [instance('case-2')]), false);
    assert.equal(await permits(human, main), false);
    assert.equal(await permits(human, sub, 'read', [instance('case-1')]), false);
  });

  it('ends at the instant it ends, without a job', async () => {
    const [firm, human] = [await newOrganization(), await newPerson()];
    await newMandate(firm, human, { ...TAX, validFrom: inDays(1), validTo: inDays(2) });
    const day = 86_400_000;
    assert.deepEqual(
      [await permits(human, firm), await at(day - 5_000, () => permits(human, firm))],
      [false, false],
    );
    assert.equal(await at(1.5 * day, () => permits(human, firm)), true);
    assert.deepEqual(
      [
        await at(2 * day - 5_000, () => permits(human, firm)),
        await at(2 * day + 5_000, () => permits(human, firm)),
      ],
      [true, false],
    );
  });

  it("lets a supplier's employee act while the client keeps the supplier", async () => {
    const [client, supplier, employee] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    await newRole('regn', client, supplier);
    const licence = { party: supplier.number, kind: 'regnskapsforer' };
    await importThis({ qualifications: [licence] });
    await newMandate(client, employee, {
      package: 'regnskapsforer-med-signeringsrettighet',
      through: { to: supplier.number, role: 'regn' },
    });
    assert.equal(await permits(employee, client), true);
    await importThis({ qualifications: [{ ...licence, endedAt: '2026-01-01T00:00:00Z' }] });
    assert.equal(await permits(employee, client), false, 'the firm has no licence');
    await importThis({ qualifications: [licence, { ...licence, party: employee.number }] });
    assert.equal(await permits(employee, client), true);
    await newRole('regn', client, supplier, { endedAt: '2026-01-01T00:00:00Z' });
    assert.equal(await permits(employee, client), false);
  });

  it("gives a qualification's right only while it is held", async () => {
    const [client, lawyer] = [await newPerson(), await newPerson()];
    await newMandate(client, lawyer, { package: 'innbygger-advokat' });
    const asks = () => decide(lawyer, 'read', 'straffesak-innsyn', client);
    assert.equal(await asks(), 'NotApplicable');
    await importThis({
      qualifications: [
        { party: lawyer.number, kind: 'advokat', validFrom: '2020-01-01T00:00:00Z' },
      ],
    });
    assert.equal(await asks(), 'Permit');
    await importThis({
      qualifications: [{ party: lawyer.number, kind: 'advokat', endedAt: '2026-01-01T00:00:00Z' }],
    });
    assert.equal(await asks(), 'NotApplicable');
  });

  it('is closed to the dead and the deleted, and open to the heir whom the court named', async () => {
    const [dead, heir, parent, firm, boss] = [
      await newPerson(),
      await newPerson(),
      await newPerson(),
      await newOrganization(),
      await newPerson(),
    ];
    await newRole('foreldreansvar', dead, parent);
    await newRole('formuesfullmakt', dead, heir);
    await newRole('dagl', firm, boss);
    const end = (kind: string, party: TestParty) =>
      importThis({
        parties: [
          {
            kind,
            id: party.id,
            number: party.number,
            name: party.name,
            endedAt: '2026-02-01T00:00:00Z',
          },
        ],
      });
    await end('person', dead);
    await end('organization', firm);
    assert.equal(await decideEverywhere(heir, 'read', 'dodsbo-oversikt', dead), 'Permit');
    // An owner's own caller gets a stand-in for numbers of those whom nobody acts for any more.
    const byNumber = [{ AttributeId: 'urn:altinn:person:identifier-no', Value: dead.number }];
    const own = await newResource([can('read', 'formuesfullmakt')]);
    const asked = xacml(heir, 'read', own, undefined, byNumber);
    const token = await pdpToken('altinn:authorization/authorize');
    assert.equal((await call('POST', AUTHORIZE, token, asked)).body.response[0].decision, 'Permit');
    assert.equal(
      await decideEverywhere(parent, 'read', 'skattemelding-person', dead),
      'NotApplicable',
    );
    assert.equal(
      await decideEverywhere(dead, 'read', 'skattemelding-person', dead),
      'NotApplicable',
    );
    assert.equal(await decideEverywhere(boss, 'sign', tax.id(), firm), 'NotApplicable');
  });
});
