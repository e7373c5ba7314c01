// Drills: a mixed load goes on while nodes are killed, stand still and are restarted, PostgreSQL
// is, and a secret is replaced. Nothing that was acknowledged is lost or done twice, and nothing
// that has ended is answered as if it had not. The suite has small ones; `npm run drills` has whole
// ones, and a table of what they showed.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { hasPooler, hasProxy } from '../support/run/beside.ts';
import { SECRET, startCluster, type Cluster } from '../support/run/cluster.ts';
import { until } from '../support/until.ts';
import { startMixed, type Mixed } from '../support/run/mixed.ts';

const isWhole = process.env.DRILLS === 'whole';
const NODES = isWhole ? [2, 4] : [2];
const RESTARTS = isWhole ? 10 : 3;
const TIMES = isWhole ? 5 : 1;
const WORKERS = isWhole ? 8 : 2;
/** A worker rests so long between two acts: in the suite others run beside it. */
const REST_MILLIS = isWhole ? 20 : 100;
/** How long a node stands still; its proxy notices after three. */
const STILL_MILLIS = isWhole ? 15_000 : 4_000;
/** How long a fault may be felt after it is over. */
const AFTER_MILLIS = isWhole ? 5_000 : 1_000;

const SOAK_MINUTES = 10;

interface Row {
  drill: string;
  acts: number;
  refused: number;
  /** From the first refusal of a fault to its last, in ms, of the worst of its faults. */
  span: number;
  /** The longest until an act was answered: by a node that stands still, when it goes on. */
  longest: number;
}

// One process alone opens the embedded database.
if (process.env.TEST_DATABASE_URL && hasProxy && hasPooler)
  for (const count of NODES)
    describe(`drills of ${count} nodes`, () => {
      let cluster: Cluster;
      let load: Mixed;
      const rows: Row[] = [];
      before(async () => {
        cluster = await startCluster(count);
        load = await startMixed(cluster.url, WORKERS, REST_MILLIS);
        await pause(AFTER_MILLIS);
      });
      after(async () => {
        await cluster?.stop();
        if (isWhole) console.table(rows);
      });

      /** One drill: its faults one by one, each with the refusals that came of it. */
      async function drill(name: string, ...faults: (() => Promise<unknown>)[]): Promise<void> {
        const { outcome } = load;
        const before = { acts: outcome.acts, refused: outcome.refused.length };
        outcome.longest = 0;
        let span = 0;
        for (const fault of faults) {
          const from = outcome.refused.length;
          await fault();
          await pause(AFTER_MILLIS);
          const felt = outcome.refused.slice(from).map(({ at }) => at);
          if (felt.length) span = Math.max(span, felt.at(-1)! - felt[0]!);
        }
        const by = outcome.acts;
        await until('acts go on', () => outcome.acts > by, 30);
        rows.push({
          drill: name,
          acts: outcome.acts - before.acts,
          refused: outcome.refused.length - before.refused,
          span: Math.round(span),
          longest: Math.round(outcome.longest),
        });
        if (isWhole) assert.ok(span < 3_000, `${name}: refused for ${span} ms`);
      }
      /** The least heap that all nodes together use within a time, in megabytes. */
      async function leastMemory(millis: number): Promise<number> {
        let least = Infinity;
        for (const last = performance.now() + millis; performance.now() < last; await pause(500)) {
          const used = cluster.nodes.map(async ({ metricsPort }) => {
            const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
            return Number(/^nodejs_heap_size_used_bytes (\d+)/m.exec(await answer.text())![1]);
          });
          const sum = (await Promise.all(used)).reduce((one, other) => one + other);
          least = Math.min(least, Math.round(sum / 1_000_000));
        }
        return least;
      }
      const times = (count: number, fault: (turn: number) => Promise<unknown>) =>
        Array.from({ length: count }, (_, turn) => () => fault(turn));
      const nodeOf = (turn: number) => cluster.nodes[turn % count]!;

      it('a node that is killed outright, and comes back', () =>
        drill(
          'kill -9',
          ...times(TIMES, async (turn) => {
            await nodeOf(turn).process.stop('SIGKILL');
            await pause(AFTER_MILLIS);
            await cluster.start(nodeOf(turn));
          }),
        ));

      it('a node that stands still for a while, and goes on', () =>
        drill(
          'SIGSTOP',
          ...times(TIMES, async (turn) => {
            nodeOf(turn).process.child.kill('SIGSTOP');
            await pause(STILL_MILLIS);
            nodeOf(turn).process.child.kill('SIGCONT');
          }),
        ));

      it('a PostgreSQL that is restarted in order, and one that is killed', async () => {
        await drill(
          'PostgreSQL, fast restart',
          ...times(TIMES, async () => cluster.postgres.restart()),
        );
        await drill(
          'PostgreSQL, immediate restart',
          ...times(TIMES, async () => {
            cluster.postgres.kill();
            cluster.postgres.start();
          }),
        );
      });

      it('nodes that are restarted in turn, which nobody notices', async () => {
        const { refused } = load.outcome;
        const before = refused.length;
        await drill(
          `${RESTARTS} restarts`,
          ...times(RESTARTS, (turn) => cluster.restart(nodeOf(turn))),
        );
        assert.deepEqual(refused.slice(before), []);
      });

      it('a secret that is replaced in its three steps', () => {
        const next = 'the-next-secret-of-all-nodes-9876543210-9876543210';
        const steps: Record<string, string>[] = [
          { SECRET, SECRET_ACCEPTED: next },
          { SECRET: next, SECRET_ACCEPTED: SECRET },
          { SECRET: next },
        ];
        return drill(
          'secret',
          ...steps.flatMap((settings) =>
            cluster.nodes.map((node) => () => cluster.restart(node, settings)),
          ),
        );
      });

      if (isWhole)
        it('ten minutes of work, in memory that does not grow', async () => {
          const least: number[] = [];
          await drill('soak, 10 min', async () => {
            for (let minute = 0; minute < SOAK_MINUTES; minute += 1)
              least.push(await leastMemory(60_000));
          });
          const [early, late] = [Math.min(...least.slice(2, 5)), Math.min(...least.slice(-3))];
          console.log(`megabytes of all nodes, least of each minute: ${least}`);
          assert.ok(late < early * 1.1, `${early} MB, and then ${late} MB`);
        });

      it('end with nothing lost, nothing done twice, and nothing answered that has ended', async () => {
        const { lost, doubled, stale } = await load.end(cluster.databaseUrl);
        assert.deepEqual({ lost, doubled, stale }, { lost: [], doubled: [], stale: [] });
      });
    });
