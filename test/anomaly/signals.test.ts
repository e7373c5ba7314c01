// Signals when a node is killed outright while it sends: nothing is lost, and what is sent again
// has the id that it had.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { bank, somethingHappens } from '../support/log.ts';
import { newReceiver, type Receiver } from '../support/signals.ts';
import { freePort } from '../support/run/ports.ts';
import { filledDatabase, startServer, type ServerProcess } from '../support/run/process.ts';
import { until } from '../support/until.ts';
import { API, organizationToken, personToken, read } from '../support/world.ts';

const CONSENTS = 12;

describe('signals of a node that is killed while it sends', () => {
  let receiver: Receiver;
  let server: ServerProcess | undefined;
  after(async () => {
    receiver?.close();
    await server?.stop('SIGKILL');
  });

  it('all come, none of them under two ids', async () => {
    receiver = await newReceiver();
    const [settings, port] = [{ ...(await filledDatabase()), SSF: 'true' }, await freePort()];
    server = await startServer(settings, port);
    const manage = await organizationToken(bank, 'ssf.manage', undefined, 'bank-client');
    const delivery = { method: 'urn:ietf:rfc:8935', endpoint_url: receiver.url };
    const made = await server.call('POST', '/ssf/streams', manage, { delivery });
    assert.equal(made.status, 201, made.text);
    await until('the verification', async () => receiver.got.length > 0);
    const [kari] = read('clients/world/1-people.json').parties;
    const answering = await personToken(kari);
    // Some are taken and not answered when the node is gone.
    let asked = 0;
    const never = new Promise<never>(() => {});
    receiver.answer = () => {
      asked += 1;
      return asked % 2 ? never : { status: 503 };
    };
    const ids: string[] = [];
    for (let n = 0; n < CONSENTS; n += 1) {
      const id = await somethingHappens(server);
      ids.push(id);
      const path = `${API}/consent/request/${id}/reject`;
      assert.equal((await server.call('POST', path, answering)).status, 200);
    }
    await until('some on their way', async () => asked > 2);
    await server.stop('SIGKILL');
    receiver.answer = () => ({ status: 202 });
    receiver.got.length = 0;
    server = await startServer(settings, port);
    const told = () => receiver.got.map(({ body }) => decodeJwt<{ sub_id: { id: string } }>(body));
    const refusals = () =>
      told().filter(({ events }) => JSON.stringify(events).includes('consent-refused'));
    const known = () => new Set(refusals().map(({ sub_id: { id } }) => id));
    await until('every refusal', async () => ids.every((id) => known().has(id)));
    for (const id of ids) {
      const jtis = refusals().flatMap((one) => (one.sub_id.id === id ? [one.jti] : []));
      assert.equal(new Set(jtis).size, 1, id);
    }
  }).timeout(90_000);
});
