// A consent that is drawn only together with an API scope of the owner of what it is about, where
// the resource says so.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  approve,
  ask,
  importThis,
  lookUp,
  newOrganization,
  newPerson,
  type TestParty,
} from '../../support/world.ts';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';

const drawn = async (client: Awaited<ReturnType<typeof newClient>>, id: string, from: TestParty) =>
  exchange(client, consentDetail(id, from));

/** A receiver with a client of its own scope, and one that the owner of the resource gave it. */
async function twoClients(owner: TestParty, to: TestParty) {
  const scope = `own:${randomUUID()}`;
  await importThis({ scopes: [{ name: scope, owner: owner.number, holders: [to.number] }] });
  const own = await newClient(to);
  return { own, given: await newClient(to, { scope }) };
}

async function approved(resource: string, to: TestParty, changes: object = {}) {
  const from = await newPerson();
  const id = await ask(from, to, { ...rightTo(resource), ...changes });
  assert.equal((await approve(id, from)).status, 200);
  return { id, from };
}

describe('a consent whose resource asks for a scope of its owner', () => {
  it('is drawn with one, and not without; what was refused has not been used', async () => {
    const [owner, to] = [await newOrganization(), await newOrganization()];
    const { own, given } = await twoClients(owner, to);
    const resource = await newConsentResource(['privatperson'], {
      owner: owner.number,
      drawnWithOwnScope: true,
      isOneTimeConsent: true,
    });
    const { id, from } = await approved(resource, to);
    for (let time = 0; time < 2; time += 1) {
      const refused = await drawn(own, id, from);
      assert.deepEqual([refused.status, refused.body.consent_error], [400, 'TIL-00043']);
    }
    assert.equal((await drawn(given, id, from)).status, 200);
    assert.equal((await drawn(given, id, from)).body.consent_error, 'AM-00013');
  });

  it('is told to an outside issuer for a token with one, and for no other', async () => {
    const [owner, to] = [await newOrganization(), await newOrganization()];
    const { own, given } = await twoClients(owner, to);
    const resource = await newConsentResource(['privatperson'], {
      owner: owner.number,
      drawnWithOwnScope: true,
    });
    const { id, from } = await approved(resource, to);
    for (const scope of [undefined, '', own.scope, `${given.scope}x`]) {
      const { status, body } = await lookUp(id, from, to, scope);
      assert.deepEqual([status, body.code], [400, 'TIL-00043'], String(scope));
    }
    assert.equal((await lookUp(id, from, to, `${own.scope} ${given.scope}`)).status, 200);
  });

  it('is drawn with a scope of each owner that asks for one', async () => {
    const [one, two, to] = [
      await newOrganization(),
      await newOrganization(),
      await newOrganization(),
    ];
    const strict = await newConsentResource(['privatperson'], {
      owner: one.number,
      drawnWithOwnScope: true,
    });
    const open = await newConsentResource(['privatperson'], { owner: two.number });
    const consentRights = [strict, open].flatMap((resource) => rightTo(resource).consentRights);
    const { id, from } = await approved(strict, to, { consentRights });
    const [ofOne, ofTwo] = [await twoClients(one, to), await twoClients(two, to)];
    assert.equal((await drawn(ofTwo.given, id, from)).body.consent_error, 'TIL-00043');
    assert.equal((await drawn(ofOne.given, id, from)).status, 200);
  });

  it('says first what else keeps it from being drawn', async () => {
    const [owner, to] = [await newOrganization(), await newOrganization()];
    const { own } = await twoClients(owner, to);
    const resource = await newConsentResource(['privatperson'], {
      owner: owner.number,
      drawnWithOwnScope: true,
    });
    const from = await newPerson();
    const id = await ask(from, to, rightTo(resource));
    assert.equal((await drawn(own, id, from)).body.consent_error, 'AM-00014');
  });
});

describe('a consent whose resource asks for none', () => {
  it("is drawn with the receiver's own scope", async () => {
    const [owner, to] = [await newOrganization(), await newOrganization()];
    const { own } = await twoClients(owner, to);
    const resource = await newConsentResource(['privatperson'], { owner: owner.number });
    const { id, from } = await approved(resource, to);
    assert.equal((await drawn(own, id, from)).status, 200);
  });
});
