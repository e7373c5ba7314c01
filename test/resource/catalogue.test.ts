// The catalogue of packages and roles (as in Altinn 3), in the caller's language.
import assert from 'node:assert/strict';
import { call } from '../support/world.ts';
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
        .flatMap((area: { packages: { urn: string }[] }) => area.packages)
        .some((entry: { urn: string }) => entry.urn.endsWith('innbygger-pensjon')),
    );
    assert.ok((await meta(`/info/accesspackages/area/${areas[0].id}/packages`)).length > 0);
    assert.equal(
      (await meta('/info/accesspackages/search?term=merverdi'))[0].object.name,
      'Merverdiavgift',
    );
    assert.ok(
      (await meta('/info/accesspackages/package/merverdiavgift/resources')).some(
        (one: { refId: string }) => one.refId === 'mva-melding',
      ),
    );
    const role = (await meta('/info/roles')).find(
      (one: { code: string }) => one.code === 'daglig-leder',
    );
    assert.equal(role.legacyRoleCode, 'dagl');
    assert.ok(
      (await meta(`/info/roles/${role.id}/packages`)).some(
        (row: { package: { urn: string }; hasAccess: boolean; canDelegate: boolean }) =>
          row.package.urn.endsWith('merverdiavgift') && row.hasAccess && row.canDelegate,
      ),
    );
    assert.ok((await meta('/info/roles/dagl/resources')).length > 0);
    assert.ok(
      (await meta('/info/sources')).every(
        (source: { legalBasis: string; purpose: string }) => source.legalBasis && source.purpose,
      ),
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
