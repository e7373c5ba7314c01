// Webhooks: signed with a secret that is shown once, and with two for a day; and what a receiver
// answers by which one ends.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import {
  keep,
  closingReceivers,
  sendSignals,
  statesOf,
  type Received,
} from '../support/signals.ts';
import { refused } from '../support/rights/enduser.ts';
import {
  approve,
  ask,
  at,
  inDays,
  newOrganization,
  newPerson,
  withdraw,
} from '../support/world.ts';

const WEBHOOKS = '/access/v1/webhooks';
const receiver = closingReceivers();

/** The signature that a secret makes of a message (Standard Webhooks). */
function signatureBy(secret: string, { body, headers }: Received): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

async function webhook(events?: string[]) {
  const [bank, person, got] = [await newOrganization(), await newPerson(), await receiver()];
  const { status, body, text } = await keep(bank, 'POST', WEBHOOKS, { url: got.url, events });
  assert.equal(status, 201, text);
  return { bank, person, got, id: body.id as string, secret: body.secret as string };
}

describe('a webhook', () => {
  it('is sent what its client asks for, signed, with no word of who the person is', async () => {
    const { bank, person, got, secret } = await webhook(['consent.given', 'consent.withdrawn']);
    const id = await ask(person, bank);
    await approve(id, person);
    await withdraw(id, person);
    await sendSignals();
    const told = got.got.map((one) => JSON.parse(one.body));
    assert.deepEqual(told.map(({ type }) => type).sort(), ['consent.given', 'consent.withdrawn']);
    const ended = told.find(({ type }) => type === 'consent.withdrawn');
    assert.deepEqual([ended.data.id, ended.data.status], [id, 'Revoked']);
    for (const one of got.got) {
      assert.equal(one.headers['webhook-signature'], signatureBy(secret, one));
      assert.ok(!one.body.includes(person.number) && !one.body.includes(person.name));
    }
  });

  it('shows its secret once', async () => {
    const { bank, secret } = await webhook();
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.ok(!(await keep(bank, 'GET', WEBHOOKS)).text.includes(secret));
  });

  it('is signed with the second secret and the one before for a day', async () => {
    const { bank, person, got, id, secret } = await webhook();
    const made = await keep(bank, 'POST', `${WEBHOOKS}/${id}/secret`);
    assert.notEqual(made.body.secret, secret);
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    const both = [made.body.secret, secret].map((one) => signatureBy(one, got.got[0]!));
    assert.equal(got.got[0]!.headers['webhook-signature'], both.join(' '));
    got.got.length = 0;
    await ask(person, bank, { validTo: inDays(8) });
    await at(25 * 3_600_000, sendSignals);
    const own = signatureBy(made.body.secret, got.got[0]!);
    assert.equal(got.got[0]!.headers['webhook-signature'], own);
  });

  it('is disabled by 410', async () => {
    const { bank, person, got } = await webhook();
    got.answer = () => ({ status: 410 });
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    const [one] = (await keep(bank, 'GET', WEBHOOKS)).body;
    assert.deepEqual([one.status, one.reason], ['disabled', 'status_410']);
    assert.deepEqual(await statesOf(one.id), ['dropped']);
  });

  it('is its client’s alone, and has no kind that there is not', async () => {
    const { id } = await webhook();
    const other = await newOrganization();
    refused(await keep(other, 'POST', `${WEBHOOKS}/${id}/secret`), 'TIL-00064');
    refused(await keep(other, 'PATCH', `${WEBHOOKS}/${id}`, {}), 'TIL-00064');
    refused(await keep(other, 'DELETE', `${WEBHOOKS}/${id}`), 'TIL-00064');
    const odd = { url: 'https://bank.example/hook', events: ['consent.eaten'] };
    refused(await keep(other, 'POST', WEBHOOKS, odd), 'TIL-00067');
    refused(await keep(other, 'POST', WEBHOOKS, { url: 'http://bank.example/' }), 'TIL-00065');
  });

  it('is changed and ended', async () => {
    const { bank, person, got, id } = await webhook();
    const elsewhere = await receiver();
    const path = `${WEBHOOKS}/${id}`;
    const changed = await keep(bank, 'PATCH', path, { url: elsewhere.url });
    assert.equal(changed.body.url, elsewhere.url, changed.text);
    await ask(person, bank, { validTo: inDays(9) });
    await sendSignals();
    assert.deepEqual([got.got.length, elsewhere.got.length], [0, 1]);
    assert.equal((await keep(bank, 'DELETE', path)).status, 204);
    await ask(person, bank, { validTo: inDays(8) });
    await sendSignals();
    assert.equal(elsewhere.got.length, 1);
    refused(await keep(bank, 'PATCH', path, {}), 'TIL-00064');
  });
});
