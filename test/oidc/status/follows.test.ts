// The bit of a consent follows what the consent rests on, of which no act is stored with it: it
// says what introspection says then.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { bitAfter, INVALID, SUSPENDED, VALID, type Status } from '../../support/oauth/status.ts';
import { introspect } from '../../support/pages/choosing.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  putParty,
  world,
  type TestParty,
} from '../../support/world.ts';

const TASK = 'verge:skatteetaten-skatt';

/** A token of what somebody gave, and a look at both: whether it is active, and its bit. */
async function givenAndDrawn(from: TestParty, to: TestParty, resource: string) {
  const id = await ask(from, to, rightTo(resource));
  assert.equal((await approve(id, from)).status, 200);
  const client = await newClient(to);
  const { status, text, body } = await exchange(client, consentDetail(id, from));
  assert.equal(status, 200, text);
  const claims = decodeJwt<{ status: { status_list: Status } }>(body.access_token);
  return async () => {
    const { active } = await introspect(client, body.access_token);
    const bit = await bitAfter(claims.status.status_list);
    assert.equal(bit === VALID, active);
    return bit;
  };
}

describe('the bit of a consent in its status list', () => {
  it('says that a court has taken the capacity for it, and that it was given back', async () => {
    const { rows } = await world.database.db.raw(
      "select id from consent_template where (content ->> 'isPoa')::boolean limit 1",
    );
    const resource = await newConsentResource(['privatperson', TASK], {
      consentTemplate: rows[0].id,
    });
    const giver = await newPerson();
    const look = await givenAndDrawn(giver, await newOrganization(), resource);
    assert.equal(await look(), VALID);
    const court = (times: object) =>
      importThis({ incapacities: [{ party: giver.number, role: TASK, ...times }] });
    await court({});
    assert.equal(await look(), SUSPENDED);
    await court({ endedAt: inDays(-0.001) });
    assert.equal(await look(), VALID);
  });

  it('says that it has fallen where it was used up, of which there is no event', async () => {
    const resource = await newConsentResource(['privatperson'], { isOneTimeConsent: true });
    const [giver, to] = [await newPerson(), await newOrganization()];
    await putParty(giver, { protectedAddress: true });
    const look = await givenAndDrawn(giver, to, resource);
    assert.equal(await look(), VALID);
    await putParty(to, { endedAt: new Date().toISOString() });
    await world.work.run('consent.fall');
    assert.equal(await look(), INVALID);
  });
});
