// The bit of a consent follows what the consent rests on, of which no act is stored with it: it
// says what introspection says then.
import assert from 'node:assert/strict';
import { givenAndDrawn, INVALID, SUSPENDED, VALID } from '../../support/oauth/status.ts';
import { newConsentResource, newFirm } from '../../support/rights/rights.ts';
import {
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  world,
} from '../../support/world.ts';

const TASK = 'verge:skatteetaten-skatt';

describe('the bit of a consent in its status list', () => {
  it('says that a court has taken the capacity for it, and that it was given back', async () => {
    const { rows } = await world.database.db.raw(
      "select id from consent_template where (content ->> 'isPoa')::boolean limit 1",
    );
    const resource = await newConsentResource(['privatperson', TASK], {
      consentTemplate: rows[0].id,
    });
    const giver = await newPerson();
    const look = await givenAndDrawn(resource, giver, await newOrganization());
    assert.equal(await look(), VALID);
    const court = (times: object) =>
      importThis({ incapacities: [{ party: giver.number, role: TASK, ...times }] });
    await court({});
    assert.equal(await look(), SUSPENDED);
    await court({ endedAt: inDays(-0.001) });
    assert.equal(await look(), VALID);
  });

  it('says that the register has suspended the office by which it was given, and has lifted that', async () => {
    const resource = await newConsentResource(['privatperson', TASK]);
    const [ward, guardian] = [await newPerson(), await newPerson()];
    await newRole(TASK, ward, guardian);
    const look = await givenAndDrawn(resource, ward, await newOrganization(), guardian);
    assert.equal(await look(), VALID);
    // As when a line of the register cannot be read.
    const turn = async (at: 'now()' | 'null') => {
      const suspend = `update mandate set suspended_at = ${at} where from_party = ? and to_party = ? and basis = 'register'`;
      await world.database.db.raw(suspend, [ward.id, guardian.id]);
      await world.work.run('consent.fall');
      return look();
    };
    assert.equal(await turn('now()'), SUSPENDED);
    assert.equal(await turn('null'), VALID);
  });

  it('says of what a firm gave, as a court puts it under an estate, what introspection says', async () => {
    const resource = await newConsentResource(['dagl']);
    const { firm, boss } = await newFirm();
    const look = await givenAndDrawn(resource, firm, await newOrganization(), boss);
    assert.equal(await look(), VALID);
    const estate = { on: '2026-02-01', court: 'Oslo tingrett' };
    await importThis({
      parties: [{ kind: 'organization', number: firm.number, name: firm.name, estate }],
    });
    await world.work.run('consent.fall');
    assert.equal(await look(), VALID);
  });

  it('says that it has fallen where it was used up, of which there is no event', async () => {
    const resource = await newConsentResource(['privatperson'], { isOneTimeConsent: true });
    const [giver, to] = [await newPerson(), await newOrganization()];
    await putParty(giver, { protectedAddress: true });
    const look = await givenAndDrawn(resource, giver, to);
    assert.equal(await look(), VALID);
    await putParty(to, { endedAt: new Date().toISOString() });
    await world.work.run('consent.fall');
    assert.equal(await look(), INVALID);
  });
});
