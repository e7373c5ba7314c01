// The demo's bank and tax authority hear of their consents: by push and by poll, as any client
// does, and act on it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, generateKeyPair } from 'jose';
import { createReceiver } from '../../clients/signals.ts';
import { createTaxApi, taxSignals } from '../../clients/tax-api/app.ts';
import { sendSignals, STREAMS } from '../support/signals.ts';
import { actOn, approve, at, call, numberOf, withdraw, world } from '../support/world.ts';

const KARI = 'Kari Testdal';

/** A consent that Kari gave the bank. */
async function given() {
  const number = numberOf(KARI);
  const { id } = await world.bank.ask(number, '2025');
  const [{ id: person }] = await world.database.db('party').where({ person_no: number });
  assert.equal((await approve(id!, { id: person })).status, 200);
  return { id: id!, number, kari: { id: person as string } };
}

describe('the bank of the demo, by push', () => {
  it('hears what becomes of its consents, and says so on its page', async () => {
    const stream = await world.bank.subscribe();
    assert.equal(await world.bank.subscribe(), stream, 'one stream is enough');
    await sendSignals();
    // As after a restart: what comes with the secret of before is nobody's.
    const { rows } = await world.database.db.raw(
      'update signal_stream set authorization_header = null where id = ? returning id',
      [stream],
    );
    assert.equal(rows.length, 1);
    assert.equal(await world.bank.subscribe(), stream);
    const { id, kari } = await given();
    await at(1_000, sendSignals);
    assert.equal(world.bank.signals.statusOf(id), 'Accepted');
    const page = async () => (await fetch(`${world.bankUrl}/back?consentId=${id}`)).text();
    assert.match(await page(), /Sist vi hørte om samtykket, var det <strong>Accepted/);
    await withdraw(id, kari);
    await at(2_000, sendSignals);
    assert.equal(world.bank.signals.statusOf(id), 'Revoked');
    assert.match(await page(), /<strong>Revoked/);
    const { access_token: token } = await world.bank.token('ssf.manage');
    assert.equal((await call('DELETE', `${STREAMS}?stream_id=${stream}`, token)).status, 204);
  });

  it('takes nothing that does not come with its secret', async () => {
    for (const authorization of ['', 'Bearer x', `Bearer ${'x'.repeat(36)}`]) {
      const answer = await fetch(`${world.bankUrl}/events`, {
        method: 'POST',
        headers: { authorization },
        body: 'x',
      });
      const { err } = (await answer.json()) as { err: string };
      assert.deepEqual([answer.status, err], [401, 'authentication_failed']);
    }
  });
});

describe('the tax authority of the demo, by poll', () => {
  it('gives nothing by a token whose consent it heard is suspended', async () => {
    const key = JSON.parse(
      readFileSync(new URL('../../clients/tax-api/key.json', import.meta.url), 'utf8'),
    );
    const settings = {
      ...{ issuer: world.url, clientId: 'testskatt-api', key },
      ...{ resource: 'inntekt', scope: 'testskatt:inntekt' },
    };
    const signals = taxSignals(settings);
    const server = createServer(createTaxApi(settings, signals).callback());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const income = async (token: string, number: string) => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/income/${number}/2025`;
      return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
    };
    await signals.poll(true);
    const { id, number, kari } = await given();
    const from = `urn:altinn:person:identifier-no:${number}`;
    const { access_token: token } = await world.bank.token('testskatt:inntekt', { id, from });
    const heard = async () => {
      await world.work.run('signal.spread');
      while (await signals.poll(true));
    };
    await heard();
    assert.deepEqual([signals.statusOf(id), await income(token!, number)], ['Accepted', 200]);
    await actOn(id, kari, 'suspend');
    await heard();
    assert.deepEqual([signals.statusOf(id), await income(token!, number)], ['Suspended', 403]);
    await actOn(id, kari, 'resume');
    await heard();
    assert.deepEqual([signals.statusOf(id), await income(token!, number)], ['Accepted', 200]);
    server.close();
    server.closeAllConnections();
  });
});

describe('a receiver of signals', () => {
  it('takes no event that is not of its issuer, for it, and signed', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const receiver = createReceiver({
      ...{ issuer: world.url, audience: 'eksempelbanken', token: async () => '' },
    });
    const event = (claims: object, header: object = {}) =>
      new SignJWT({ iss: world.url, aud: 'eksempelbanken', jti: 'x', events: {}, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'unknown', typ: 'secevent+jwt', ...header })
        .sign(privateKey);
    assert.equal(await receiver.take('x.y.z'), 'invalid_request');
    assert.equal(await receiver.take(await event({})), 'invalid_key');
    const { keys } = (await (await fetch(`${world.url}/jwks`)).json()) as { keys: any[] };
    const { kid } = keys.find(({ alg }) => alg === 'RS256');
    assert.equal(await receiver.take(await event({}, { kid })), 'invalid_request');
  });
});
