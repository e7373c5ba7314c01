// Authorized parties where a question is almost one: who may ask, for whom there is no party, and
// kinds of parties that have neither number.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  outsideToken,
} from '../../support/world.ts';
import { can, newResource } from '../../support/rights/rights.ts';

const ANY = 'altinn:accessmanagement/authorizedparties.admin';
const OWN = 'altinn:accessmanagement/authorizedparties';
const OF = '/accessmanagement/api/v1/resourceowner/authorizedparties';

describe('authorized parties', () => {
  it('are asked about by an organisation, or with the scope for all', async () => {
    const person = await newPerson();
    const subject = { type: 'urn:altinn:party:uuid', value: person.id };
    const narrow = await outsideToken({ scope: `${OWN}.resourceowner` });
    const refused = await call('POST', OF, narrow, subject);
    assert.deepEqual([refused.status, refused.body.code], [403, 'TIL-00008']);
    const wide = await outsideToken({ scope: ANY });
    const wrong = { type: 'urn:altinn:nothing', value: '1' };
    assert.equal((await call('POST', OF, wide, wrong)).body.code, 'AUTHZ.VLD-00011');
    const nobody = { ...subject, value: randomUUID() };
    assert.deepEqual((await call('POST', OF, wide, nobody)).body, []);
  });

  it('of a filter that names nobody are none', async () => {
    const [person, firm] = [await newPerson(), await newOrganization()];
    await newRole('dagl', firm, person);
    const wide = await outsideToken({ scope: ANY });
    const subject = { type: 'urn:altinn:party:uuid', value: person.id };
    const asked = async (partyFilter: object[]) =>
      (await call('POST', OF, wide, { ...subject, partyFilter })).body;
    assert.deepEqual(await asked([{ type: 'urn:altinn:nothing', value: '1' }]), []);
    const [found] = await asked([
      { type: 'urn:altinn:organization:identifier-no', value: firm.number },
    ]);
    assert.equal(found.partyUuid, firm.id);
  });

  it('list nothing that a Deny to all of a kind keeps shut', async () => {
    const [person, firm] = [await newPerson(), await newOrganization()];
    await newRole('dagl', firm, person);
    const open = await newResource([can('read', 'dagl')]);
    const shut = await newResource([
      can('read', 'dagl'),
      { ...can('read', 'partytype:person'), effect: 'deny' },
    ]);
    const { body } = await call(
      'POST',
      `${OF}?includeResources=true`,
      await outsideToken({ scope: ANY }),
      { type: 'urn:altinn:party:uuid', value: person.id },
    );
    const { authorizedResources: listed } = body.find(
      (one: { partyUuid: string }) => one.partyUuid === firm.id,
    );
    assert.deepEqual([listed.includes(open), listed.includes(shut)], [true, false]);
  });

  it('tell the address of one who registered with an e-mail address, and no other name', async () => {
    for (const [username, expected] of [
      [`${randomUUID()}@example.no`, true],
      [`ola-${randomUUID()}`, false],
    ] as const) {
      const id = randomUUID();
      await importThis({ parties: [{ kind: 'self_identified', id, username, name: 'Ola Prøve' }] });
      const subject = { type: 'urn:altinn:party:uuid', value: id };
      const { body } = await call('POST', OF, await outsideToken({ scope: ANY }), subject);
      const self = body.find((one: { partyUuid: string }) => one.partyUuid === id);
      assert.deepEqual([self.type, self.emailId], ['SelfIdentified', expected ? username : null]);
    }
  });
});
