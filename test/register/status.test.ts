// The status of a token while a line of a register, on which its consent rests, cannot be read: it
// is as introspection says, and so again once the line is read.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { consentDetail, exchange, newClient } from '../support/oauth/clients.ts';
import { bitAfter, SUSPENDED, VALID, type Status } from '../support/oauth/status.ts';
import { introspect } from '../support/pages/choosing.ts';
import { newConsentResource, rightTo } from '../support/rights/rights.ts';
import { approve, ask, newOrganization, newPerson, world } from '../support/world.ts';

describe('a token of what a guardian answered', () => {
  it('is suspended in its list while the register’s line about the guardian cannot be read', async () => {
    const [ward, guardian, to] = [await newPerson(), await newPerson(), await newOrganization()];
    const line = async (more: object) => {
      world.registers.feeds.vergemal!.append({
        ...{ op: 'upsert', from: ward.number, to: guardian.number, code: 'skatteetaten/skatt' },
        ...more,
      } as never);
      await world.app.registers.poll();
    };
    await world.app.registers.poll();
    await line({});
    const resource = await newConsentResource(['privatperson', 'verge:skatteetaten-skatt']);
    const id = await ask(ward, to, rightTo(resource));
    const answer = await approve(id, guardian);
    assert.equal(answer.status, 200, answer.text);
    const client = await newClient(to);
    const { status, text, body } = await exchange(client, consentDetail(id, ward));
    assert.equal(status, 200, text);
    const claims = decodeJwt<{ status: { status_list: Status } }>(body.access_token);
    const look = async () => [
      (await introspect(client, body.access_token)).active,
      await bitAfter(claims.status.status_list),
    ];
    assert.deepEqual(await look(), [true, VALID]);
    await line({ type: 'selvutnevnt' });
    assert.deepEqual(await look(), [false, SUSPENDED]);
    await line({ type: 'ordinary' });
    assert.deepEqual(await look(), [true, VALID]);
  });
});
