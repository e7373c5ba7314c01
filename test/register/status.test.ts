// The status of a token while a line of a register, on which its consent rests, cannot be read: it
// is as introspection says, and so again once the line is read.
import assert from 'node:assert/strict';
import { givenAndDrawn, SUSPENDED, VALID } from '../support/oauth/status.ts';
import { newConsentResource } from '../support/rights/rights.ts';
import { newOrganization, newPerson, world } from '../support/world.ts';

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
    const look = await givenAndDrawn(resource, ward, to, guardian);
    assert.equal(await look(), VALID);
    await line({ type: 'selvutnevnt' });
    assert.equal(await look(), SUSPENDED);
    await line({ type: 'ordinary' });
    assert.equal(await look(), VALID);
  });
});
