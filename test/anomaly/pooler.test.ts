// Behind a pooler in transaction mode (PgBouncer as Debian ships it): the same statements, prepared
// once a connection of its own, and no parameter that it does not take.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../server/app.ts';
import { openDatabase, type Database } from '../../server/platform/db/db.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { files, text } from '../support/run/source.ts';
import {
  API,
  call,
  freePort,
  lastName,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  requestBody,
  REQUESTS,
  world,
  WRITE,
} from '../support/world.ts';

const PROGRAM = '/usr/sbin/pgbouncer';
const server = process.env.TEST_DATABASE_URL;

// Without one test/run.ts says loudly that this was skipped.
if (server && existsSync(PROGRAM))
  describe('behind a pooler in transaction mode', () => {
    let pooler: ChildProcess;
    let database: Database;
    let node: Server;
    let url: string;

    before(async () => {
      const { hostname, port, username, pathname } = new URL(server);
      const listen = await freePort();
      const folder = mkdtempSync(join(tmpdir(), 'tillit-pooler-'));
      const settings = join(folder, 'pgbouncer.ini');
      // As it is shipped, but for where it listens, what it pools, and whom it lets in.
      const shipped = Object.entries({
        '^tillit = .*': `${pathname.slice(1)} = user=${username} host=${hostname} port=${port}`,
        '^listen_port = .*': `listen_port = ${listen}\nunix_socket_dir =`,
        '^auth_type = .*': 'auth_type = any',
        '^auth_file = .*': '',
        '^default_pool_size = .*': 'default_pool_size = 3',
      }).reduce((ini, [line, instead]) => {
        assert.match(ini, new RegExp(line, 'm'));
        return ini.replace(new RegExp(line, 'm'), instead);
      }, text('deploy/proxy/pgbouncer.ini'));
      writeFileSync(settings, shipped);
      chmodSync(folder, 0o755);
      const [program, ...args] =
        userInfo().uid === 0
          ? ['runuser', '-u', 'postgres', '--', PROGRAM, settings]
          : [PROGRAM, settings];
      pooler = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      await new Promise<void>((ready, failed) => {
        pooler.stderr!.on('data', (text) => String(text).includes('process up') && ready());
        pooler.once('exit', (code) => failed(new Error(`pgbouncer ended with ${code}`)));
      });
      database = await openDatabase({
        databaseUrl: `postgres://${username}@127.0.0.1:${listen}${pathname}`,
        databasePool: 10,
        dataDir: '',
      });
      const app = await createApp({
        env: world.env,
        database,
        log: createLogger('error', () => undefined),
        metrics: createMetrics(),
      });
      node = createServer(app.handler);
      await new Promise<void>((ready) => node.listen(0, '127.0.0.1', ready));
      url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    });
    after(async () => {
      node?.close();
      await database?.close();
      pooler?.kill();
      spawnSync('pkill', ['-f', 'tillit-pooler-']);
    });

    it('asks, answers, gives and decides, many at once', async () => {
      const [person, bank] = [await newPerson(), await newOrganization()];
      const [asker, giver] = [await organizationToken(bank, WRITE), await personToken(person)];
      const each = await Promise.all(
        Array.from({ length: 40 }, async () => {
          const body = requestBody(person, bank);
          const asked = await call('POST', `${url}${REQUESTS}`, asker, body);
          const path = `${url}${API}/consent/request/${asked.body?.id}/approve`;
          const answered = await call('POST', path, giver, { language: 'nb' });
          return [asked.status, answered.status];
        }),
      );
      assert.deepEqual([...new Set(each.map(String))], ['201,200']);
      const receiver = await newPerson();
      const gift = {
        from: person.id,
        to: receiver.number,
        lastName: lastName(receiver),
        package: 'innbygger-pensjon',
      };
      const given = await call('POST', `${url}/access/v1/mandates`, giver, gift);
      assert.equal(given.status, 201, given.text);
    });

    it('has its statements ended by the database after a while, as its role says', async () => {
      const { rows } = await database.db.raw('show statement_timeout');
      assert.deepEqual(rows, [{ statement_timeout: '10s' }]);
    });

    it('prepares as many statements a connection as a node names', () => {
      const named = files('server', /\.ts$/).flatMap((file) => [
        ...text(file).matchAll(/^\s+name: ['`][a-z_$]/gm),
      ]);
      const [, most] = /^max_prepared_statements = (\d+)/m.exec(
        text('deploy/proxy/pgbouncer.ini'),
      )!;
      assert.ok(Number(most) > 1.3 * named.length, `${named.length} statements, ${most} prepared`);
    });

    it('compiles no statement, as its role says', async () => {
      const { rows } = await database.db.raw('show jit');
      assert.deepEqual(rows, [{ jit: 'off' }]);
    });
  });
