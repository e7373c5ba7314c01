// API scopes between organisations: given, looked up by the token service, and left.
import assert from 'node:assert/strict';
import { call, newPerson, outsideToken } from '../support/world.ts';
import { newFirm, OWNER } from '../support/rights/rights.ts';
import { exchange, newClient } from '../support/oauth/clients.ts';
import { newSchema } from '../support/rights/schemas.ts';
import { q, send, refused } from '../support/rights/enduser.ts';

describe('an API scope between organisations', () => {
  const lookUp = async (
    parameters: object,
    claims: object = { scope: 'altinn:maskinporten/delegations.admin' },
  ) =>
    call(
      'GET',
      `/accessmanagement/api/v1/maskinporten/delegations${q(parameters)}`,
      await outsideToken(claims as never),
    );

  it('is given, looked up, used in a token, and refused in the next token once ended', async () => {
    const { supplier, consumer, boss, scope, resource } = await newSchema();
    const client = await newClient(supplier, { scope });
    const draw = () => exchange(client, { consumer_org: consumer.number, scope });
    assert.match((await draw()).body.error_description, /MP-251/);
    const where = { party: consumer.id, supplier: supplier.id };
    refused(
      await send(boss, 'POST', '/maskinportensuppliers/resources', { ...where, resource }),
      'AM.VLD-00032',
    );
    assert.equal((await send(boss, 'POST', '/maskinportensuppliers', where)).status, 201);
    const gave = await send(boss, 'POST', '/maskinportensuppliers/resources', {
      ...where,
      resource,
    });
    assert.deepEqual([gave.status, gave.body.changed], [201, true], gave.text);
    const { body } = await lookUp({
      supplierOrg: supplier.number,
      consumerOrg: consumer.number,
      scope,
    });
    assert.deepEqual(
      [
        body[0].consumer_org,
        body[0].supplier_org,
        body[0].scopes,
        body[0].delegation_scheme_Id,
        body[0].resourceid,
      ],
      [consumer.number, supplier.number, [scope], 'scheme-1', resource],
    );
    const token = await draw();
    assert.equal(token.status, 200, token.text);
    assert.equal(
      (await send(boss, 'GET', '/maskinportensuppliers', { party: consumer.id })).body.data[0].id,
      supplier.id,
    );
    assert.equal(
      (await send(boss, 'GET', '/maskinportensuppliers/resources', where)).body.data[0].resource
        .refId,
      resource,
    );
    refused(await send(boss, 'DELETE', '/maskinportensuppliers', where), 'AM.VLD-00031');
    assert.equal(
      (await send(boss, 'DELETE', '/maskinportensuppliers/resources', { ...where, resource }))
        .status,
      204,
    );
    assert.match((await draw()).body.error_description, /MP-251/);
    assert.deepEqual((await lookUp({ supplierOrg: supplier.number })).body, []);
  });

  it('is seen and left by the supplier, and checked before it is given', async () => {
    const { consumer, boss, resource } = await newSchema();
    const { firm: supplier, boss: supplierBoss } = await newFirm();
    await send(
      boss,
      'POST',
      '/maskinportensuppliers',
      { party: consumer.id },
      { organizationIdentifier: supplier.number },
    );
    const check = (id: string) =>
      send(boss, 'GET', '/maskinportensuppliers/resources/delegationcheck', {
        party: consumer.id,
        resource: id,
      });
    assert.deepEqual(
      [
        (await check(resource)).body.rights[0].result,
        (await check('a-melding')).body.rights[0].result,
      ],
      [true, false],
    );
    refused(await check('no-such'), 'AM.VLD-00012');
    refused(
      await send(boss, 'POST', '/maskinportensuppliers/resources', {
        party: consumer.id,
        supplier: supplier.id,
        resource: 'a-melding',
      }),
      'AM-00027',
    );
    await send(boss, 'POST', '/maskinportensuppliers/resources', {
      party: consumer.id,
      supplier: supplier.id,
      resource,
    });
    assert.equal(
      (await send(supplierBoss, 'GET', '/maskinportenconsumers', { party: supplier.id })).body
        .data[0].id,
      consumer.id,
    );
    assert.equal(
      (await send(supplierBoss, 'GET', '/maskinportenconsumers/resources', { party: supplier.id }))
        .body.data.length,
      1,
    );
    assert.equal(
      (
        await send(supplierBoss, 'DELETE', '/maskinportenconsumers', {
          party: supplier.id,
          consumer: consumer.id,
          cascade: true,
        })
      ).status,
      204,
    );
    assert.equal(
      (await send(boss, 'GET', '/maskinportensuppliers', { party: consumer.id })).body.data.length,
      0,
    );
    refused(
      await send(boss, 'POST', '/maskinportensuppliers', {
        party: consumer.id,
        supplier: (await newPerson()).id,
      }),
      'AM.VLD-00008',
    );
    refused(
      await send(boss, 'POST', '/maskinportensuppliers', {
        party: consumer.id,
        supplier: consumer.id,
      }),
      'AM.VLD-00045',
    );
    refused(
      await send(await newPerson(), 'GET', '/maskinportensuppliers', { party: consumer.id }),
      'TIL-00008',
    );
  });

  it('is looked up by an owner for its own prefix only', async () => {
    const { scope } = await newSchema();
    const owner = {
      scope: 'altinn:maskinporten/delegations',
      consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${OWNER}` },
    };
    refused(await lookUp({}, owner), 'STD.VLD-00000');
    refused(await lookUp({ scope }, owner), 'TIL-00008');
    assert.equal(
      (await lookUp({ scope }, { ...owner, consumer_prefix: [scope.split(':')[0]] })).status,
      200,
    );
    assert.equal((await lookUp({})).status, 200);
    refused(await lookUp({ supplierOrg: 'x' }), 'AM.VLD-00009');
  });
});
