// The log where the database does not stand as it did: what was signed of it is found out, and
// nothing more is signed until it does.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSigned } from '../../clients/log/note.ts';
import { isConsistent, leafHash, rootFrom } from '../../clients/log/tree.ts';
import { leafBytes, type AuditedEvent } from '../../clients/log/leaf.ts';
import { loggedEvent } from '../../server/event/feed_store.ts';
import { appendLeaves, readEdge } from '../../server/log/store.ts';
import { appended, leavesIn } from '../../server/log/tree_model.ts';
import { createSeal } from '../../server/platform/secret/seal.ts';
import { openDatabase, type Db } from '../../server/platform/db/db.ts';
import {
  bank,
  checkpointOf,
  copyOf,
  grown,
  signedDatabase,
  somethingHappens,
  type SignedDatabase,
} from '../support/log.ts';
import { runCommand, startServer, type ServerProcess } from '../support/run/process.ts';
import { testsByHalves } from '../support/random.ts';
import { until } from '../support/until.ts';
import { freePort, organizationToken, READ, REQUESTS } from '../support/world.ts';

/** An event as the log takes it. */
async function eventIn(db: Db, id: string): Promise<AuditedEvent> {
  const { rows } = await db.raw(
    `select ${loggedEvent} as event from (select event.*, null::jsonb as content from event where id = ?) as happened`,
    [id],
  );
  return rows[0].event;
}

/** Why nothing is signed, as the server's log has it. */
async function reasonIn(server: ServerProcess): Promise<string> {
  const said = () => /"why":"([^"]+)"[^\n]*the log is not signed/.exec(server.output())?.[1];
  await until('a reason', () => said() !== undefined);
  return said()!;
}

describe('a log whose database does not stand as it did', () => {
  let made: SignedDatabase;
  let settings: Record<string, string>;
  let port: number;
  const start = () => startServer(settings, port);
  const itOfFolder = testsByHalves();

  /** What was signed, of which `settings` are a copy of its own for each test. */
  async function signedOnce(): Promise<SignedDatabase> {
    made ??= await signedDatabase();
    settings = await copyOf(made);
    port = made.port;
    return made;
  }

  async function inDatabase(work: (db: Db) => Promise<unknown>): Promise<void> {
    const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir = '' } = settings;
    const database = await openDatabase({ databaseUrl, dataDir, databasePool: 2 });
    await work(database.db).finally(() => database.close());
  }

  const command = (asked: 'key' | 'open' | 'again') =>
    runCommand('server/log/commands.ts', [asked], {
      NODE_ENV: 'test',
      ISSUER: `http://127.0.0.1:${port}`,
      ...settings,
    });

  /** The database as it was at its first checkpoint. */
  const setBack = async (db: Db) => {
    const { size } = made.first;
    await db.raw('delete from log_checkpoint where size > ?', [size]);
    await db.raw('delete from log_leaf where position >= ?', [size]);
    await db.raw('update log_tile set hashes = substr(hashes, 1, 32 * ?) where level = 0', [size]);
  };

  /** Starts again, lets something happen, and answers why nothing is signed. */
  async function whyNot(): Promise<string> {
    const server = await start();
    const before = await checkpointOf(server);
    await somethingHappens(server);
    const why = await reasonIn(server);
    await sleep(700);
    assert.deepEqual(await checkpointOf(server), before);
    assert.equal((await server.call('GET', '/health/ready')).status, 200);
    await server.stop('SIGTERM');
    return why;
  }

  it('signs on after a restart, in a tree that only grew', async () => {
    const { last } = await signedOnce();
    const server = await start();
    await somethingHappens(server);
    const next = await grown(server, last.size);
    const path = `/log/proof/consistency?first=${last.size}&second=${next.size}`;
    const { body } = await server.call('GET', path);
    const hashes = body.hashes.map((one: string) => Buffer.from(one, 'base64'));
    assert.ok(isConsistent(last, next, hashes));
    await server.stop('SIGTERM');
  });

  itOfFolder('gives no place to a row that somebody wrote, and names it', async () => {
    await signedOnce();
    const forged = randomUUID().replace(/^(.{14})./, '$17');
    await inDatabase((db) =>
      db.raw(
        'insert into event (id, type, at, from_party, to_party) select ?, type, at, from_party, to_party from event limit 1',
        [forged],
      ),
    );
    const server = await start();
    const named = () => /"events":\["([^"]+)"\][^\n]*not in the log/.exec(server.output())?.[1];
    await until('its name', () => named() !== undefined);
    assert.equal(named(), forged);
    await server.stop('SIGTERM');
    const { stdout } = await command('again');
    assert.doesNotMatch(stdout, /no node is known/);
    const next = await start();
    await somethingHappens(next);
    await until('its name again', () => next.output().includes(forged));
    await next.stop('SIGTERM');
    const { stdout: after } = await command('key');
    assert.match(
      after,
      new RegExp(`event ${forged} has no place: no node is known to have made it`),
    );
  });

  itOfFolder(
    'signs no leaf that somebody appended to the tree, and goes on without it under the next name',
    async () => {
      await signedOnce();
      await inDatabase(async (db) => {
        const { rows } = await db.raw(
          `insert into event (id, type, at, from_party, to_party) select new_event_id(now()), type, now(), from_party, to_party from event limit 1 returning id`,
        );
        await db.raw('delete from event_pending');
        const { log, edge } = await readEdge(db);
        const changed = appended(edge, [leafHash(leafBytes(await eventIn(db, rows[0].id)))]);
        const made = createSeal('another secret of somebody who has none of ours').digest(
          'log_tree',
          'x',
        );
        await appendLeaves(db, { log, from: leavesIn(edge), ids: [rows[0].id], changed, made });
      });
      assert.match(await whyNot(), /no node made the \d+ leaves of /);
      assert.equal((await command('open')).status, 0);
      const server = await start();
      await somethingHappens(server);
      assert.match((await grown(server, 1)).origin, /\/log\/2$/);
      await server.stop('SIGTERM');
    },
  );

  it('signs nothing where the database was set back behind what was signed', async () => {
    await signedOnce();
    await inDatabase(setBack);
    const server = await start();
    assert.match(await reasonIn(server), /has \d+ leaves .*, and the folder a checkpoint of \d+/);
    await server.stop('SIGTERM');
    assert.match(await whyNot(), /leaves/);
  });

  it('goes on under its next name once the operator has opened it, and says where it broke', async () => {
    const { last } = await signedOnce();
    await inDatabase(setBack);
    const { status, stdout, stderr } = await command('open');
    assert.equal(status, 0, stderr);
    const name = last.origin.replace('/log/1', '/log/2');
    assert.match(stdout, new RegExp(`${name} has nothing signed yet`));
    const server = await start();
    await somethingHappens(server);
    const next = await grown(server);
    assert.equal(next.origin, name);
    const before = await server.call('GET', '/log/checkpoint?log=1');
    assert.equal(before.text, made.first.note);
    const { size } = made.first;
    const inFirst = await server.call('GET', `/log/proof/inclusion?index=0&size=${size}&log=1`);
    assert.deepEqual([inFirst.status, inFirst.body.origin], [200, last.origin]);
    const grows = await server.call('GET', `/log/proof/consistency?first=1&second=${size}&log=1`);
    assert.equal(grows.status, 200);
    assert.equal((await server.call('GET', '/log/checkpoint?log=7')).status, 404);
    const { body: known } = await server.call('GET', '/log/keys');
    const keys = (origin: string): { key: string; until: string | null }[] =>
      known.keys.filter((key: { origin: string }) => key.origin === origin);
    assert.ok(
      isSigned(
        next.note,
        keys(name).map(({ key }) => key),
      ),
    );
    assert.ok(keys(last.origin).every(({ until }) => until !== null));
    const [, { beginning }] = known.logs;
    assert.deepEqual(JSON.parse(beginning), { log: name, after: last.note });
    const { body } = await server.call('GET', `/log/proof/inclusion?index=0&size=${next.size}`);
    const hashes = body.hashes.map((one: string) => Buffer.from(one, 'base64'));
    assert.deepEqual(rootFrom(leafHash(Buffer.from(beginning)), { ...body, hashes }), next.root);
    await server.stop('SIGTERM');
  });

  it('signs with a second key beside the first, and with neither alone', async () => {
    const { last } = await signedOnce();
    const { status, stderr } = await command('key');
    assert.equal(status, 0, stderr);
    const server = await start();
    await somethingHappens(server);
    const next = await grown(server, last.size);
    const { body } = await server.call('GET', '/log/keys');
    const keys: { origin: string; key: string; until: string | null }[] = body.keys;
    const own = keys.filter(({ origin }) => origin === last.origin);
    assert.equal(own.length, 2);
    for (const { key } of own) assert.ok(isSigned(next.note, [key]), key);
    assert.ok(isSigned(last.note, [own[0]!.key]) && !isSigned(last.note, [own[1]!.key]));
    assert.deepEqual(
      own.map(({ until }) => until === null),
      [false, true],
    );
    await server.stop('SIGTERM');
  });

  it('signs nothing where a leaf was changed', async () => {
    await signedOnce();
    await inDatabase((db) =>
      db.raw("update log_tile set hashes = overlay(hashes placing '\\x00' from 5) where level = 0"),
    );
    assert.match(await whyNot(), /are not those of the checkpoint in the folder/);
  });

  it('signs nothing where part of the tree is gone', async () => {
    await signedOnce();
    await inDatabase((db) => db.raw('update log_tile set hashes = substr(hashes, 1, 32)'));
    assert.match(await whyNot(), /leaves/);
  });

  itOfFolder('signs nothing where the folder lacks what was published', async () => {
    await signedOnce();
    settings.LOG_CHECKPOINTS = mkdtempSync(join(tmpdir(), 'tillit-checkpoints-'));
    assert.match(await whyNot(), /the folder lacks the checkpoint of \d+ leaves/);
  });

  itOfFolder('signs nothing where the newest checkpoint is signed by nobody it knows', async () => {
    const { last } = await signedOnce();
    const folder = settings.LOG_CHECKPOINTS!;
    const [file] = readdirSync(folder);
    const text = readFileSync(join(folder, file!), 'utf8');
    const forged = last.note.replace(/[^\n]{8}\n$/, 'AAAAAAA=\n');
    writeFileSync(join(folder, file!), text.replace(last.note, forged));
    assert.match(await whyNot(), /signed by no key/);
  });

  itOfFolder('signs nothing while the folder is away, and goes on when it is back', async () => {
    const { last } = await signedOnce();
    const folder = settings.LOG_CHECKPOINTS!;
    renameSync(folder, `${folder}-away`);
    writeFileSync(folder, 'no folder');
    const server = await start();
    await somethingHappens(server);
    assert.match(await reasonIn(server), /ENOTDIR/);
    assert.equal((await checkpointOf(server))!.size, last.size);
    rmSync(folder);
    renameSync(`${folder}-away`, folder);
    assert.ok((await grown(server, last.size)).size > last.size);
    await server.stop('SIGTERM');
  });

  itOfFolder('signs on where a node whose clock is behind wrote after midnight', async () => {
    const { last } = await signedOnce();
    const folder = settings.LOG_CHECKPOINTS!;
    const [file] = readdirSync(folder);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    renameSync(join(folder, file!), join(folder, `1-${tomorrow}.txt`));
    const server = await start();
    await somethingHappens(server);
    const next = await grown(server, last.size);
    await somethingHappens(server);
    await grown(server, next.size);
    assert.deepEqual(readdirSync(folder), [`1-${tomorrow}.txt`]);
    await server.stop('SIGTERM');
  });

  itOfFolder('signs nothing under a name whose log another has followed', async () => {
    await signedOnce();
    writeFileSync(join(settings.LOG_CHECKPOINTS!, '2-2026-01-01.txt'), '');
    assert.match(await whyNot(), /the folder has checkpoints of log 2/);
  });

  itOfFolder('keeps its name where the issuer has another', async () => {
    const { last } = await signedOnce();
    port = await freePort();
    const server = await start();
    await somethingHappens(server);
    assert.equal((await grown(server, last.size)).origin, last.origin);
    await server.stop('SIGTERM');
  });

  it('goes on placing events in the feed where it takes none itself', async () => {
    await signedOnce();
    await inDatabase((db) => db.raw('update log_tile set hashes = substr(hashes, 1, 32)'));
    const server = await start();
    const token = await organizationToken(bank, READ);
    const feed = `${REQUESTS}/events?limit=1000&createdAfter=${new Date().toISOString()}`;
    await somethingHappens(server);
    await until('the event in the feed', async () => {
      const { body } = await server.call('GET', feed, token);
      return body.data.length > 0;
    });
    await server.stop('SIGTERM');
    const { status, stderr } = await command('open');
    assert.equal(status, 0, stderr);
    const again = await start();
    await somethingHappens(again);
    // Its beginning, the one that waited, and this one.
    await grown(again, 2);
    await again.stop('SIGTERM');
  });

  itOfFolder('opens no next log without the folder that what was published stands in', async () => {
    const { last } = await signedOnce();
    const own = settings.LOG_CHECKPOINTS!;
    settings.LOG_CHECKPOINTS = mkdtempSync(join(tmpdir(), 'tillit-checkpoints-'));
    assert.match((await command('open')).stderr, /Nothing is signed yet/);
    const [file] = readdirSync(own);
    const [first] = readFileSync(join(own, file!), 'utf8').split(last.note);
    writeFileSync(join(settings.LOG_CHECKPOINTS, file!), first!);
    assert.match((await command('open')).stderr, /The folder lacks the checkpoint of \d+ leaves/);
  });

  itOfFolder('passes over a checkpoint that a crash cut short', async () => {
    const { last } = await signedOnce();
    const folder = settings.LOG_CHECKPOINTS!;
    const [file] = readdirSync(folder);
    appendFileSync(
      join(folder, file!),
      `\n\n${last.note.replace(`\n${last.size}\n`, `\n${last.size + 1}\n`).slice(0, -9)}`,
    );
    const server = await start();
    await somethingHappens(server);
    const next = await grown(server, last.size);
    const written = readFileSync(join(folder, readdirSync(folder).at(-1)!), 'utf8');
    assert.ok(written.endsWith(next.note));
    await server.stop('SIGTERM');
  });

  it('signs with the same key once the secret is replaced', async () => {
    const { last } = await signedOnce();
    const SECRET = 'another-secret-of-a-test-that-is-long-enough-to-do';
    settings = {
      ...settings,
      SECRET,
      SECRET_ACCEPTED: 'development-only-secret-do-not-use-in-production',
    };
    const server = await start();
    await somethingHappens(server);
    const next = await grown(server, last.size);
    const { body } = await server.call('GET', '/log/keys');
    const keys = body.keys.map(({ key }: { key: string }) => key);
    assert.equal(keys.filter((key: string) => key.startsWith(last.origin)).length, 1);
    assert.ok(isSigned(next.note, keys) && isSigned(last.note, keys));
    await server.stop('SIGTERM');
    delete settings.SECRET_ACCEPTED;
    const alone = await start();
    await somethingHappens(alone);
    assert.ok(isSigned((await grown(alone, next.size)).note, keys));
    await alone.stop('SIGTERM');
  });
});
