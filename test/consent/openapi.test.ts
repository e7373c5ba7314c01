// The description of the API (contract: consent §8 no. 33): every path exists, and every kind of
// answer fits its schema.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { consentDetail, exchange, newClient } from '../support/clients.ts';
import {
  API,
  approve,
  ask,
  call,
  lookUp,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  READ,
  reject,
  requestBody,
  REQUESTS,
  withdraw,
  WRITE,
} from '../support/world.ts';

describe("the API's description", () => {
  let document: any;
  let fits: (name: string, value: unknown) => void;
  before(async () => {
    document = (await call('GET', '/openapi.json')).body;
    const ajv = addFormats.default(new Ajv2020.default({ strict: false }));
    ajv.addSchema({ $id: 'api', ...document });
    fits = (name, value) => {
      const validate = ajv.getSchema(`api#/components/schemas/${name}`)!;
      assert.ok(
        validate(value),
        `${name}: ${JSON.stringify(validate.errors)} ${JSON.stringify(value)}`,
      );
    };
  });

  it('names only paths and methods that there are', async () => {
    for (const [path, item] of Object.entries(document.paths as Record<string, object>)) {
      for (const method of Object.keys(item)) {
        const answer = await call(
          method.toUpperCase(),
          path.replace(/\{\w+\}/g, randomUUID()),
          undefined,
          undefined,
          { accept: 'application/json' },
        );
        assert.ok(![404, 405, 500].includes(answer.status), `${method} ${path}: ${answer.status}`);
      }
    }
  });

  it('fits what the enterprise API answers, in every state', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const token = await organizationToken(to, `${WRITE} ${READ}`);
    const sent = requestBody(from, to);
    fits('ConsentRequest', sent);
    fits('ConsentRequestDetails', (await call('POST', REQUESTS, token, sent)).body);
    await reject(await ask(from, to), from);
    await approve(sent.id, from);
    fits('Consent', (await lookUp(sent.id, from, to)).body);
    fits('Token', (await exchange(await newClient(to), consentDetail(sent.id, from))).body);
    await withdraw(sent.id, from);
    fits('OAuthError', (await exchange(await newClient(to), consentDetail(sent.id, from))).body);
    fits('ConsentRequestDetails', (await call('GET', `${REQUESTS}/${sent.id}`, token)).body);
    fits('Feed', (await call('GET', `${REQUESTS}/events`, token)).body);
  });

  it("fits what the portal's operations answer", async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const id = await ask(from, to);
    fits(
      'PortalDetails',
      (await call('GET', `${API}/consent/request/${id}`, await personToken(from))).body,
    );
    fits('PortalDetails', (await approve(id, from)).body);
    for (const consent of (
      await call('GET', `${API}/consent/log/${from.id}`, await personToken(from))
    ).body)
      fits('PortalDetails', consent);
  });

  it('fits problems, one and several', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const token = await organizationToken(to, WRITE);
    for (const body of [
      {},
      requestBody(from, to, { validTo: '2020-01-01T00:00:00Z' }),
      requestBody(from, to, {
        validTo: '2020-01-01T00:00:00Z',
        consentRights: [{ action: ['consent'], resource: [], metadata: {} }],
      }),
    ]) {
      fits('Problem', (await call('POST', REQUESTS, token, body)).body);
    }
    fits('Problem', (await call('POST', REQUESTS, undefined, {})).body);
  });
});
