// A drill: a release that has changed the schema – a column, an index, a table split in two – takes
// over from one that serves, under load, node by node, while nodes of the one before serve on and
// restart. The suite has a small one; `npm run drills` one with 300,000 consents.
import assert from 'node:assert/strict';
import { hasPooler, hasProxy } from '../support/run/beside.ts';
import { SECRET, startCluster, type Cluster, type ClusterNode } from '../support/run/cluster.ts';
import { startMixed, type Mixed } from '../support/run/mixed.ts';
import { connected } from '../support/run/postgres.ts';
import { runCommand } from '../support/run/process.ts';
import { folderOf, indexOf, migrationOf } from '../support/run/release.ts';

const isWhole = process.env.DRILLS === 'whole';
const NODES = isWhole ? [2, 4] : [2];
const CONSENTS = isWhole ? 300_000 : 2_000;
/** The longest that an act may be refused. */
const LONGEST_MILLIS = 2_000;
const LOT = 10_000;

/** Copies of a consent that was asked for, each with a right. */
const COPIED =
  'from_party, to_party, handled_by, from_named, state, valid_to, template_id, template_version, request_message, redirect_url, portal_view_mode, one_time, own_scope, content_hash, requested_at';
const FILL = `
  with model as (select request.* from consent_request request order by request.requested_at limit 1),
  made as (insert into consent_request (id, client_id, expiry_event_id, ${COPIED})
    select gen_random_uuid(), 'bench-' || n, gen_random_uuid(), ${COPIED} from model, generate_series(1, $1::int) as n returning id)
  insert into consent_right select made.id, held.ordinal, held.resource_id, held.resource_version, held.actions, held.metadata
    from made, model join consent_right held on held.consent_id = model.id`;

/** What the next release changes. */
const NEXT = {
  '16_column.ts': migrationOf('alter table party add column spoken_language text'),
  '17_index.ts': indexOf(
    'consent_request_by_client',
    'on consent_request (client_id, requested_at)',
  ),
  // The messages get a table of their own; nodes of the release before write where they always did.
  '18_split.ts': migrationOf(`
    create table consent_message (consent_id uuid primary key, message jsonb);
    create function message_moves() returns trigger language plpgsql as $$
      begin insert into consent_message values (new.id, new.request_message) on conflict (consent_id) do update set message = excluded.message; return null; end
    $$;
    create trigger message_moves after insert or update of request_message on consent_request for each row execute function message_moves();`),
};
const MOVE = `
  insert into consent_message select asked.id, asked.request_message from consent_request asked
  where not exists (select from consent_message moved where moved.consent_id = asked.id) limit ${LOT} on conflict (consent_id) do nothing`;

// The embedded database serves one process.
if (process.env.TEST_DATABASE_URL && hasProxy && hasPooler)
  for (const count of NODES)
    describe(`an upgrade of ${count} nodes under load`, () => {
      let cluster: Cluster;
      let load: Mixed;
      let next: string;
      let settings: Record<string, string>;
      before(async () => {
        next = folderOf('1.1.0', '1.0.0', NEXT);
        cluster = await startCluster(count, folderOf('1.0.0', '1.0.0'));
        settings = { NODE_ENV: 'test', SECRET, DATABASE_URL: cluster.databaseUrl };
        await connected(cluster.databaseUrl, async (client) => {
          // Keys are looked up by index from the first row on.
          await client.query('set statement_timeout = 0; set enable_seqscan = off');
          for (let made = 0; made < CONSENTS; made += LOT)
            await client.query(FILL, [Math.min(LOT, CONSENTS - made)]);
          await client.query('analyze consent_request');
        });
        load = await startMixed(cluster.url, isWhole ? 8 : 2, isWhole ? 20 : 100);
      });
      after(() => cluster?.stop());

      const versionIs = (version: string) =>
        connected(cluster.databaseUrl, async (client) => {
          const { rows } = await client.query('select version from schema_version');
          assert.equal(rows[0].version, version);
        });
      const migrate = (...args: string[]) => runCommand('server/migrate.ts', args, settings, next);

      it('migrates beside nodes of the release before, one of which restarts', async () => {
        await versionIs('1.0.0');
        const [migrated] = await Promise.all([migrate(), cluster.restart(cluster.nodes[0]!)]);
        assert.equal(migrated.status, 0, migrated.stderr);
        await versionIs('1.1.0');
        // What is there already moves in lots, as a job does it.
        await connected(cluster.databaseUrl, async (client) => {
          for (let moved = LOT; moved === LOT; ) moved = (await client.query(MOVE)).rowCount!;
        });
      });

      it('serves as both releases, and the one before starts on the next schema', async () => {
        const [last, ...others] = [...cluster.nodes].reverse() as [ClusterNode, ...ClusterNode[]];
        for (const node of others) {
          node.folder = next;
          await cluster.restart(node);
        }
        await cluster.restart(last);
        const early = await migrate('finish');
        assert.match(early.stderr, /1 nodes of Tillit 1\.0\.0 served within the last minute/);
        last.folder = next;
        await cluster.restart(last);
      });

      it('refuses no act for longer than two seconds, and loses none', async () => {
        const { outcome } = load;
        const { lost, doubled, stale } = await load.end(cluster.databaseUrl);
        assert.deepEqual({ lost, doubled, stale }, { lost: [], doubled: [], stale: [] });
        const felt = outcome.refused.map(({ at }) => at);
        const span = felt.length ? felt.at(-1)! - felt[0]! : 0;
        if (isWhole) console.log({ acts: outcome.acts, refused: felt.length, span });
        assert.ok(span < LONGEST_MILLIS, JSON.stringify(outcome.refused));
        await connected(cluster.databaseUrl, async (client) => {
          const { rows } = await client.query(
            'select count(*)::int as left from consent_request asked where not exists (select from consent_message moved where moved.consent_id = asked.id)',
          );
          assert.deepEqual(rows, [{ left: 0 }]);
        });
      });
    });
