// Behind a pooler in transaction mode (PgBouncer as Debian ships it): the same statements, prepared
// once a connection of its own, and no parameter that it does not take.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../server/app.ts';
import { openDatabase, type Database } from '../../server/platform/db/db.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { hasPooler, startPooler } from '../support/run/beside.ts';
import { files, text } from '../support/run/source.ts';
import {
  API,
  call,
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

const server = process.env.TEST_DATABASE_URL;

if (server && hasPooler)
  describe('behind a pooler in transaction mode', () => {
    let pooler: { url: string; stop(): void };
    let database: Database;
    let node: Server;
    let url: string;

    before(async () => {
      pooler = await startPooler(server, 3);
      database = await openDatabase({
        databaseUrl: pooler.url,
        databasePool: 10,
        dataDir: '',
        secret: world.env.secret,
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
      pooler?.stop();
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

    it('reads rows by an index where they are few of many, as its role says', async () => {
      const { rows } = await database.db.raw('show random_page_cost');
      assert.deepEqual(rows, [{ random_page_cost: '1.1' }]);
    });
  });
