// Resource servers of an owner: listed, and said to check the status of tokens, by whoever owns
// them and nobody else.
import assert from 'node:assert/strict';
import { call, importThis, newOrganization, organizationToken } from '../support/world.ts';
import type { TestParty } from '../support/world.ts';

const SERVERS = '/access/v1/resource-servers';
const WRITE = 'altinn:resourceregistry/scope.write';

describe('resource servers of an owner', () => {
  const send = async (owner: TestParty, method: string, body?: object, scope = WRITE) =>
    call(method, SERVERS, await organizationToken(owner, scope), body);
  /** An owner of two. */
  async function newOwner() {
    const owner = await newOrganization();
    const named = (path: string) => `https://${owner.number}.example/${path}`;
    const resourceServers = ['b', 'a'].map((path) => ({
      identifier: named(path),
      owner: owner.number,
      scopes: [],
    }));
    await importThis({ resourceServers });
    return { owner, named };
  }
  const told = async (owner: TestParty) =>
    (await send(owner, 'GET')).body.data.map(
      ({ identifier, checksStatus }: { identifier: string; checksStatus: boolean }) => [
        identifier,
        checksStatus,
      ],
    );

  it('are listed by name, and check nothing until their owner says so', async () => {
    const { owner, named } = await newOwner();
    assert.deepEqual(await told(owner), [
      [named('a'), false],
      [named('b'), false],
    ]);
    const says = (checksStatus: boolean) =>
      send(owner, 'PATCH', { identifier: named('b'), checksStatus });
    const { status, body } = await says(true);
    assert.equal(status, 200);
    assert.deepEqual(body, {
      identifier: named('b'),
      scopes: [],
      signingAlg: 'RS256',
      checksStatus: true,
    });
    assert.deepEqual(await told(owner), [
      [named('a'), false],
      [named('b'), true],
    ]);
    assert.equal((await says(false)).body.checksStatus, false);
    assert.deepEqual((await told(owner))[1], [named('b'), false]);
  });

  it('are nobody else’s to list or to change', async () => {
    const [{ owner, named }, other] = [await newOwner(), await newOrganization()];
    assert.deepEqual(await told(other), []);
    const change = { identifier: named('a'), checksStatus: true };
    const refused = await send(other, 'PATCH', change);
    assert.deepEqual([refused.status, refused.body.code], [404, 'TIL-00071']);
    const unknown = await send(other, 'PATCH', { ...change, identifier: 'https://no.example/' });
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'TIL-00071']);
    assert.deepEqual((await told(owner))[0], [named('a'), false]);
  });

  it('are not changed by a token that reads, nor by what is no word of it', async () => {
    const { owner, named } = await newOwner();
    const change = { identifier: named('a'), checksStatus: true };
    const reader = await send(owner, 'PATCH', change, 'altinn:resourceregistry/scope.read');
    assert.equal(reader.status, 403);
    for (const body of [{}, { ...change, checksStatus: 'yes' }, { ...change, scopes: [] }])
      assert.equal((await send(owner, 'PATCH', body)).status, 400);
    assert.deepEqual((await told(owner))[0], [named('a'), false]);
  });
});
