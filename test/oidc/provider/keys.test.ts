// Signing keys that somebody else may have: an operator takes them away, and from then on nothing
// that they signed is believed.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { openKeyring, replaceKeys } from '../../../server/oidc/keys/keys.ts';
import { listVerifyingKeys } from '../../../server/oidc/keys/key_store.ts';
import { openDatabase } from '../../../server/platform/db/db.ts';
import { leaveNode, noteNode } from '../../../server/platform/node_store.ts';
import { openSeal } from '../../../server/platform/secret/seal_store.ts';
import { clientAuth, exchange, newOwnedClient, post } from '../../support/oauth/clients.ts';
import { filledDatabase, runCommand } from '../../support/run/process.ts';
import { at, call, world } from '../../support/world.ts';

const follow = () => world.work.run('key.follow');
const keys = (settings: Record<string, string>, ...asked: string[]) =>
  runCommand('server/oidc/keys/commands.ts', asked, settings);
const published = async (): Promise<string[]> =>
  (await call('GET', '/jwks')).body.keys.map(({ kid }: { kid: string }) => kid).sort();

describe('signing keys that are replaced', () => {
  const replace = async (...kids: string[]) => {
    const { db } = world.database;
    const gone = await replaceKeys(db, await openSeal(db, world.env), kids);
    await follow();
    return gone.map(({ kid }) => kid).sort();
  };
  const kidOf = (token: string) => decodeProtectedHeader(token).kid!;
  const isActive = async (client: Awaited<ReturnType<typeof newOwnedClient>>, token: string) =>
    (await post('/introspect', { ...(await clientAuth(client)), token })).body.active;

  it('are published no more, and what they signed is refused; new ones sign at once', async () => {
    const client = await newOwnedClient();
    const { access_token: before } = (await exchange(client)).body;
    assert.equal(await isActive(client, before), true);
    const old = await published();
    const gone = await replace();
    assert.deepEqual(
      old.filter((kid) => !gone.includes(kid)),
      [],
    );
    const fresh = await published();
    assert.deepEqual(
      [fresh.length, fresh.filter((kid) => old.includes(kid))],
      [2, []],
      'one of each algorithm, and none of before',
    );
    assert.equal(await isActive(client, before), false);
    const { access_token: after } = (await exchange(client)).body;
    assert.ok(fresh.includes(kidOf(after)));
    assert.equal(await isActive(client, after), true);
  });

  it('are those that are named, and no other', async () => {
    const [one, other] = (await published()) as [string, string];
    await assert.rejects(replace(one, 'no-such-key'), /There is no key no-such-key/);
    assert.deepEqual(await published(), [one, other].sort());
    assert.deepEqual(await replace(one), [one]);
    const now = await published();
    assert.ok(now.length === 2 && now.includes(other) && !now.includes(one));
  });

  it('go on checking receipts once others sign, and do no more once they are taken away', async () => {
    const settings = await filledDatabase();
    const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir = '' } = settings;
    const database = await openDatabase({
      databaseUrl,
      databasePool: 2,
      dataDir,
      secret: world.env.secret,
    });
    const { db } = database;
    const seal = await openSeal(db, world.env);
    const checking = async () =>
      (await listVerifyingKeys(db)).map((key) => (key as { kid: string }).kid);
    try {
      const keyring = await openKeyring({ db, seal, rotationDays: 1, publishAheadSeconds: 1 });
      const first = keyring.current('ES256').kid;
      for (const day of [2, 5, 9]) await at(day * 86_400_000, () => keyring.refresh());
      const now = keyring.publicJwks().map(({ kid }) => kid!);
      assert.ok(!now.includes(first), 'it is published as a signing key no more');
      assert.ok((await checking()).includes(first));
      assert.deepEqual(
        (await replaceKeys(db, seal, [first])).map(({ kid }) => kid),
        [first],
      );
      assert.ok(!(await checking()).includes(first));
      const [other] = now.filter((kid) => keyring.current('ES256').kid === kid);
      await replaceKeys(db, seal, [other!]);
      assert.ok(!(await checking()).includes(other!));
    } finally {
      await database.close();
    }
  });

  it('are listed and replaced by a command, which refuses what it does not know', async () => {
    const settings = await filledDatabase();
    const [listed, replaced] = [await keys(settings), await keys(settings, 'replace')];
    const line = /^[RE]S256 [\w-]{43} signs from \S+Z$/;
    const lines = listed.stdout.trim().split('\n');
    assert.deepEqual([listed.status, lines.length], [0, 2], listed.stderr);
    for (const one of lines) assert.match(one, line);
    const said = replaced.stdout.trim().split('\n');
    assert.equal(replaced.status, 0, replaced.stderr);
    assert.deepEqual(said.slice(0, 2).sort(), lines.map((one) => `replaced ${one}`).sort());
    assert.match(said.at(-1)!, /within five seconds/);
    const wrong = await keys(settings, 'remove');
    assert.deepEqual([wrong.status, wrong.stdout], [1, '']);
    assert.match(wrong.stderr, /^usage: npm run keys/);
  });

  // One process alone opens the embedded database.
  if (process.env.TEST_DATABASE_URL)
    it('stay where a node that serves would not open the new ones', async () => {
      const settings = await filledDatabase();
      const database = await openDatabase({
        databaseUrl: settings.DATABASE_URL,
        databasePool: 1,
        dataDir: '',
      });
      const node = { id: randomUUID(), version: '0.10.0', sealsWith: 'another', accepts: [] };
      await noteNode(database.db, node);
      const refused = await keys(settings, 'replace');
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /^1 nodes do not open what this SECRET seals/);
      await leaveNode(database.db, node.id);
      assert.equal((await keys(settings, 'replace')).status, 0);
      await database.close();
    });
});
