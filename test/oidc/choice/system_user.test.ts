// System users in tokens, on the jwt-bearer grant: the one that an organisation let in from the
// client's vendor, as it stands when a token is made.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  exchange,
  newClient,
  newOwnedClient,
  payloadOf,
  type TestClient,
} from '../../support/oauth/clients.ts';
import { call, importThis, newOrganization, personToken } from '../../support/world.ts';
import { introspect } from '../../support/pages/choosing.ts';
import { newFirm, OWNER } from '../../support/rights/rights.ts';
import { asVendor, newAskedSystem } from '../../support/rights/systems.ts';

const SYSTEM = 'urn:altinn:systemuser';

/** The refusal of a token, as text. */
async function refusal(who: TestClient, details: object): Promise<string> {
  const { status, body } = await exchange(who, details as never);
  assert.equal(status, 400);
  return `${body.error} ${body.error_description}`;
}

describe('a system user in a token', () => {
  async function vendor() {
    const owner = await newOrganization();
    const client = await newClient(owner, { authorization_details_types: [SYSTEM] });
    const { firm } = await newFirm();
    const id = randomUUID();
    const system = {
      kind: 'system_user',
      id,
      name: 'Lønn',
      owner: firm.number,
      systemId: `${owner.number}_lonn`,
      systemKind: 'standard',
    };
    await importThis({ parties: [system] });
    const detail = (changes: object = {}) => ({
      authorization_details: [
        {
          type: SYSTEM,
          systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${firm.number}` },
          ...changes,
        },
      ],
    });
    return { owner, client, firm, id, system, detail };
  }

  it('is the one that the organisation let in from this vendor', async () => {
    const { client, firm, id, system, detail } = await vendor();
    const answer = await exchange(client, detail());
    assert.equal(answer.status, 200, answer.text);
    const claims = payloadOf(answer.body.access_token);
    assert.deepEqual(claims.authorization_details, [
      {
        type: SYSTEM,
        systemuser_id: [id],
        systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${firm.number}` },
        system_id: system.systemId,
      },
    ]);
    assert.equal(claims.scope, client.scope);
    const second = randomUUID();
    await importThis({ parties: [{ ...system, id: second, name: 'Lønn 2' }] });
    assert.match((await exchange(client, detail())).body.error_description, /several/);
    assert.deepEqual(
      payloadOf((await exchange(client, detail({ external_ref: 'Lønn 2' }))).body.access_token)
        .authorization_details[0].systemuser_id,
      [second],
    );
  });

  it('is found by the reference that its vendor asked with', async () => {
    const {
      id: systemId,
      vendor: owner,
      ...asked
    } = await newAskedSystem({ externalRef: 'kunde-1' });
    const { boss, firm, path } = asked;
    const more = { customer: firm.number, packages: ['lonn'], externalRef: 'kunde-2' };
    await asVendor(owner, 'POST', path, more);
    for (const { id } of (await asVendor(owner, 'GET', path)).body.data)
      await call('POST', `/access/v1/system-users/requests/${id}/accept`, await personToken(boss));
    const client = await newClient(owner, { authorization_details_types: [SYSTEM] });
    const org = { authority: 'iso6523-actorid-upis', ID: `0192:${firm.number}` };
    const detail = (external_ref: string) => ({
      authorization_details: [{ type: SYSTEM, systemuser_org: org, external_ref }],
    });
    const users = [];
    for (const reference of ['kunde-1', 'kunde-2']) {
      const { body } = await exchange(client, detail(reference));
      const [found] = payloadOf(body.access_token).authorization_details;
      assert.equal(found.system_id, systemId);
      users.push(found.systemuser_id[0]);
    }
    assert.equal(new Set(users).size, 2);
    assert.match(await refusal(client, detail('kunde-3')), /no such system user/);
  });

  it('is refused for another vendor, another organisation, an ended system, and what is malformed', async () => {
    const { client, id, system, firm, detail } = await vendor();
    const stranger = await newOwnedClient({ authorization_details_types: [SYSTEM] });
    assert.match(
      await refusal(stranger, detail()),
      /invalid_authorization_details MP-303.*no such system user/,
    );
    assert.match(
      await refusal(
        client,
        detail({ systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${OWNER}` } }),
      ),
      /no such system user/,
    );
    assert.match(await refusal(client, detail({ systemuser_org: 'x' })), /MP-303/);
    assert.match(await refusal(client, detail({ colour: 1 })), /MP-302/);
    assert.match(await refusal(await newOwnedClient(), detail()), /MP-301/);
    const { body } = await exchange(client, detail());
    const reader = await newClient(client.owner, { grant_types: ['client_credentials'] });
    assert.equal((await introspect(reader, body.access_token)).active, true);
    await importThis({
      parties: [{ ...system, id, owner: firm.number, endedAt: '2026-01-01T00:00:00Z' }],
    });
    assert.match(await refusal(client, detail()), /no such system user/);
    assert.equal((await introspect(reader, body.access_token)).active, false);
  });

  it('is refused while its organisation has suspended it, and its tokens with it', async () => {
    const { vendor: owner, boss, firm, request } = await newAskedSystem();
    const accept = `/access/v1/system-users/requests/${request.id}/accept`;
    await call('POST', accept, await personToken(boss));
    const list = `/access/v1/system-users?party=${firm.id}`;
    const [{ id }] = (await call('GET', list, await personToken(boss))).body.data;
    const client = await newClient(owner, { authorization_details_types: [SYSTEM] });
    const org = { authority: 'iso6523-actorid-upis', ID: `0192:${firm.number}` };
    const details = { authorization_details: [{ type: SYSTEM, systemuser_org: org }] };
    const { body } = await exchange(client, details as never);
    const reader = await newClient(owner, { grant_types: ['client_credentials'] });
    const isActive = async () => (await introspect(reader, body.access_token)).active;
    assert.equal(await isActive(), true);
    const step = async (word: string) =>
      call('POST', `/access/v1/system-users/${id}/${word}`, await personToken(boss));
    await step('suspend');
    assert.match(await refusal(client, details), /MP-303.*has suspended the system user/);
    assert.equal(await isActive(), false);
    await step('resume');
    assert.equal((await exchange(client, details as never)).status, 200);
    assert.equal(await isActive(), true);
  });
});
