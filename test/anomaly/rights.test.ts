// What hostile readers found in the rights store, each kept shut: rights that outlive their giver,
// and levels gone round.
import assert from 'node:assert/strict';
import {
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  personToken,
  type TestParty,
} from '../support/world.ts';
import {
  can,
  change,
  decide,
  evaluate,
  give,
  given,
  MANDATES,
  newFirm,
  newMandate,
  newResource,
  question,
} from '../support/rights/rights.ts';
import { TAX } from '../support/hostile.ts';

const DAY = 86_400_000;
const level = (acr: number) => ({ 'urn:altinn:authlevel': acr });

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
