// Service owners that register packages for those who are not digital.
import assert from 'node:assert/strict';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  world,
} from '../support/world.ts';
import { can, decide, given, newResource } from '../support/rights/rights.ts';
import { OWNERS, refused } from '../support/rights/enduser.ts';

describe('a service owner', () => {
  it('registers for a person who is not digital what it is a registrar of, tells both, and ends only its own', async () => {
    const [giver, helper, owner] = [await newPerson(), await newPerson(), await newOrganization()];
    await importThis({ registrars: [{ owner: owner.number, packages: ['innbygger-pensjon'] }] });
    const token = await organizationToken(
      owner,
      'altinn:serviceowner/delegations:accesspackage.write',
    );
    const path = `${OWNERS}/connections/accesspackages`;
    const body = (packageUrn: string, changes: object = {}) => ({
      from: giver.urn,
      to: helper.urn,
      packageUrn,
      ...changes,
    });
    const resource = await newResource([can('read', 'package:innbygger-pensjon')]);
    refused(
      await call('POST', path, token, body('urn:altinn:accesspackage:innbygger-utdanning')),
      'AM-00034',
    );
    refused(await call('POST', path, token, body('urn:altinn:accesspackage:ingen')), 'AM-00035');
    refused(
      await call('POST', path, token, body('innbygger-pensjon', { from: owner.urn })),
      'AM-00037',
    );
    refused(
      await call(
        'POST',
        path,
        token,
        body('innbygger-pensjon', { to: 'urn:altinn:person:identifier-no:01010112345' }),
      ),
      'AM.VLD-00006',
    );
    refused(
      await call('POST', path, token, body('innbygger-pensjon', { evidence: 'paper' })),
      'TIL.VLD-00001',
    );
    const made = await call(
      'POST',
      path,
      token,
      body('urn:altinn:accesspackage:innbygger-pensjon', { evidence: { reference: 'Sak 26/123' } }),
    );
    assert.deepEqual([made.status, made.body.changed], [200, true], made.text);
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
    for (const party of [giver, helper]) {
      const told = (await call('GET', '/access/v1/notices', await personToken(party))).body.data;
      assert.ok(told.some(({ type }: { type: string }) => type === 'mandate_given'));
    }
    const { rows } = await world.database.db.raw(
      'select evidence, given_by from mandate where from_party = ?',
      [giver.id],
    );
    assert.deepEqual(rows, [
      { evidence: { registrar: owner.number, reference: 'Sak 26/123' }, given_by: owner.id },
    ]);
    assert.equal(
      (await call('POST', `${path}/revoke`, token, body('innbygger-pensjon'))).status,
      204,
    );
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    await given(giver, giver, helper, { package: 'innbygger-pensjon' });
    refused(await call('POST', `${path}/revoke`, token, body('innbygger-pensjon')), 'AM-00038');
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
  });
});
