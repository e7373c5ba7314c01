// API scopes that their owners register, hand out and take back without an operator: under a prefix
// of their own, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { prefixOf } from '../../server/resource/api_scope/model.ts';
import {
  call,
  importThis,
  newOrganization,
  organizationToken,
  personToken,
  newPerson,
  type TestParty,
} from '../support/world.ts';
import { exchange, newClient, payloadOf } from '../support/oauth/clients.ts';
import { organizationNumber } from '../support/numbers.ts';

const SCOPES = '/access/v1/scopes';
const WRITE = 'altinn:resourceregistry/scope.write';
const at = (name: string, holder?: TestParty) =>
  `${SCOPES}/${encodeURIComponent(name)}${holder ? `/holders/${holder.number}` : ''}`;
const tokenOf = (owner: TestParty, scope = WRITE) => organizationToken(owner, scope);
const send = async (owner: TestParty, method: string, path: string, body?: object) =>
  call(method, path, await tokenOf(owner), body);

/** An organisation with a prefix, which it got with its first scope. */
async function newScopeOwner() {
  const owner = await newOrganization();
  const prefix = `p${owner.number}`;
  await importThis({ scopes: [{ name: `${prefix}:first`, owner: owner.number }] });
  return { owner, prefix };
}

describe('API scopes of an owner', () => {
  it('are registered, handed out, drawn with a token, and taken back', async () => {
    const { owner, prefix } = await newScopeOwner();
    const name = `${prefix}:income.read`;
    const put = await send(owner, 'PUT', at(name), { tokenLifetimeSeconds: 60 });
    assert.deepEqual(put.body, { name, tokenLifetimeSeconds: 60, holders: [] }, put.text);
    const bank = await newOrganization();
    const without = await newClient(bank, { scope: name });
    assert.equal((await exchange(without, { scope: name })).status, 400);
    const given = await send(owner, 'PUT', at(name, bank));
    assert.deepEqual(given.body.holders, [bank.number]);
    assert.deepEqual((await send(owner, 'PUT', at(name, bank))).body.holders, [bank.number]);
    const client = await newClient(bank, { scope: name });
    await new Promise((done) => setTimeout(done, 1_100));
    const token = await exchange(client, { scope: name });
    assert.deepEqual([token.status, token.body.expires_in], [200, 60], token.text);
    assert.deepEqual((await send(owner, 'DELETE', at(name, bank))).body.holders, []);
    const again = await send(owner, 'DELETE', at(name, bank));
    assert.equal(again.body.validationErrors[0].code, 'TIL.VLD-00009');
    await new Promise((done) => setTimeout(done, 1_100));
    assert.equal((await exchange(client, { scope: name })).status, 400);
  });

  it('are listed by pages, with whom they were handed to, and ended', async () => {
    const { owner, prefix } = await newScopeOwner();
    const holder = await newOrganization();
    for (const name of ['b', 'c']) await send(owner, 'PUT', at(`${prefix}:${name}`), {});
    await send(owner, 'PUT', at(`${prefix}:c`, holder));
    const first = await send(owner, 'GET', `${SCOPES}?limit=2`);
    assert.deepEqual(
      first.body.data.map((row: { name: string }) => row.name),
      [`${prefix}:b`, `${prefix}:c`],
    );
    assert.deepEqual(first.body.data[1].holders, [holder.number]);
    const second = await send(owner, 'GET', first.body.links.next);
    assert.deepEqual(
      [second.body.data.map((row: { name: string }) => row.name), second.body.links.next],
      [[`${prefix}:first`], null],
    );
    assert.equal((await send(owner, 'DELETE', at(`${prefix}:c`))).status, 204);
    assert.equal((await send(owner, 'DELETE', at(`${prefix}:c`))).body.code, 'TIL-00042');
  });

  it('are under prefixes of their own, of nobody else and of none of ours', async () => {
    const [{ owner, prefix }, other] = [await newScopeOwner(), await newScopeOwner()];
    for (const name of [
      `${other.prefix}:x`,
      'nobodys-prefix:x',
      'noprefix',
      `${prefix}:`,
      'altinn:authorization/authorize.admin',
      'ALTINN:resourceregistry/resource.admin',
      'altinn:resourceregistry/scope.write',
    ])
      assert.equal((await send(owner, 'PUT', at(name), {})).body.code, 'TIL-00041', name);
    const holder = await newOrganization();
    const theirs = `${other.prefix}:first`;
    assert.equal((await send(owner, 'PUT', at(theirs, holder))).body.code, 'TIL-00041');
    assert.equal((await send(owner, 'DELETE', at(theirs, holder))).body.code, 'TIL-00041');
    assert.equal((await send(owner, 'DELETE', at(theirs))).body.code, 'TIL-00041');
    // A scope that the operator gave another under this prefix stays the other's.
    await importThis({ scopes: [{ name: `${prefix}:lent`, owner: other.owner.number }] });
    assert.equal((await send(owner, 'PUT', at(`${prefix}:lent`), {})).body.code, 'TIL-00041');
    assert.equal((await send(owner, 'PUT', at(`${prefix}:lent`, holder))).body.code, 'TIL-00042');
  });

  it('are nobody’s to add where an import shares the prefix', async () => {
    const [one, two] = [await newOrganization(), await newOrganization()];
    const prefix = `s${one.number}`;
    await importThis({
      scopes: [
        { name: `${prefix}:a`, owner: one.number },
        { name: `${prefix}:b`, owner: two.number },
      ],
    });
    for (const owner of [one, two])
      assert.equal((await send(owner, 'PUT', at(`${prefix}:c`), {})).body.code, 'TIL-00041');
  });

  it('are for organisations with the scope for it, and for organisations that there are', async () => {
    const { owner, prefix } = await newScopeOwner();
    const name = `${prefix}:first`;
    const reader = await tokenOf(owner, 'altinn:resourceregistry/scope.read');
    assert.equal((await call('GET', SCOPES, reader)).status, 200);
    assert.equal((await call('PUT', at(name), reader, {})).status, 403);
    assert.equal((await call('GET', SCOPES)).status, 401);
    const person = await personToken(await newPerson(), { scope: WRITE });
    assert.equal((await call('GET', SCOPES, person)).status, 401);
    const nobody = { number: organizationNumber() } as TestParty;
    const given = await send(owner, 'PUT', at(name, nobody));
    assert.equal(given.body.validationErrors[0].code, 'TIL.VLD-00009');
    assert.equal((await send(owner, 'PUT', at(name), { tokenLifetimeSeconds: 9 })).status, 400);
  });

  it("never have a prefix that our own operations' scopes have", () => {
    const ours = readFileSync(new URL('../routes.txt', import.meta.url), 'utf8').match(
      /\b[a-z]+:[a-z]\S+/g,
    )!;
    assert.ok(ours.length > 100);
    for (const scope of ours) assert.equal(prefixOf(scope), undefined, scope);
  });
});

describe('the prefixes in a token', () => {
  it("are the owner's, and of no other organisation", async () => {
    const { owner, prefix } = await newScopeOwner();
    const client = await newClient(owner, { scope: `${prefix}:first` });
    const token = await exchange(client, { scope: `${prefix}:first` });
    assert.ok(payloadOf(token.body.access_token).consumer_prefix.includes(prefix));
    const none = await newClient(await newOrganization());
    const { body } = await exchange(none);
    const [claimed] = payloadOf(body.access_token).consumer_prefix ?? [];
    assert.notEqual(claimed, prefix);
  });
});
