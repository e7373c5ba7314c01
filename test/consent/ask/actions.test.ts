// A request whose rights are asked for with different actions: each is answered by its own.
import assert from 'node:assert/strict';
import { newResource } from '../../support/rights/rights.ts';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  requestBody,
  REQUESTS,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

describe('a request for rights of different actions', () => {
  let from: TestParty;
  let to: TestParty;
  before(async () => {
    [from, to] = [await newPerson(), await newOrganization()];
  });
  const service = (...actions: string[]) =>
    newResource(
      [
        { actions, subjects: ['privatperson'] },
        { action: 'requestconsent', subjects: ['anyone'] },
      ],
      {
        resourceType: 'Consent',
        consentTemplate: 'default',
        consentText: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
      },
    );
  const right = (resource: string, action: string) => ({
    action: [action],
    resource: [{ type: 'urn:altinn:resource', value: resource }],
  });
  const send = async (...consentRights: object[]) =>
    call(
      'POST',
      REQUESTS,
      await organizationToken(to, WRITE),
      requestBody(from, to, { consentRights }),
    );

  it('asks of each service what is asked of it alone', async () => {
    const [one, other] = [await service('consent', 'read'), await service('consent')];
    const { status, text } = await send(right(one, 'read'), right(other, 'consent'));
    assert.equal(status, 201, text);
  });

  it('names the right whose action no rule has, and no other of the service', async () => {
    const one = await service('consent');
    const { status, body } = await send(right(one, 'consent'), right(one, 'read'));
    assert.equal(status, 400);
    assert.deepEqual(
      body.validationErrors.map(({ code, paths }: any) => [code, paths]),
      [['TIL.VLD-00011', ['/consentRight/1/action']]],
    );
  });
});
