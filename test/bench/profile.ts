// `npm run bench profile`: where the time of each hot act goes, a request at full load: CPU of the
// server's main thread by layer, of its other threads (signatures, compression, garbage), and of
// PostgreSQL. Prints a table in microseconds a request; asserts nothing. What was found is in
// test/bench/README.md.
import knex from 'knex';
import { learnTables } from '../../server/import/tables_store.ts';
import { randomUUID } from 'node:crypto';
import { cpuOf, postgresProcesses } from './cpu.ts';
import {
  approveRequests,
  createRequests,
  introspectRequests,
  many,
  prepare,
  SMALL,
  tokenRequests,
  type Asked,
} from './operations.ts';
import { bearer, here, http, JSON_TYPE, load, PORT, publicJwk, stage } from './tools.ts';

const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 4_000);

/** By whose code is running, the first that fits. */
const LAYERS: [layer: string, code: RegExp][] = [
  ['garbage', /^\(garbage collector\)/],
  // Of the profiler itself, too, which is only there while one looks.
  ['idle', /^\(idle\)|^post node:inspector/],
  ['native', /^\((program|root)\)/],
  ['crypto', /node:internal\/crypto|\/jose\//],
  ['driver', /node_modules\/(pg|pg-[a-z]+|knex|tarn|postgres-[a-z]+)\//],
  ['oidc-provider', /node_modules\/oidc-provider\//],
  [
    'HTTP',
    /node:(_http|net|internal\/(stream|http|timers))|node_modules\/(koa|@koa|co|on-finished|destroy|raw-body|statuses|content-type|type-is|accepts)/,
  ],
  ['log', /node_modules\/(pino|sonic-boom|thread-stream)|platform\/log/],
  ['other libraries', /node_modules\//],
  ['ours', /\/server\//],
  ['Node', /^.* node:|^\S* $/],
];

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Microseconds of each layer, and the functions that took most. */
function read({ nodes, samples, timeDeltas }: Profile) {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [id, `${functionName} ${url}`]),
  );
  const layers: Record<string, number> = {};
  const functions: Record<string, number> = {};
  for (const [index, id] of samples.entries()) {
    const name = names.get(id)!;
    const micros = timeDeltas[index]!;
    const [layer] = LAYERS.find(([, code]) => code.test(name)) ?? ['Node'];
    layers[layer] = (layers[layer] ?? 0) + micros;
    const short = name.replace(/file:.*\/(node_modules|server)\//, '');
    functions[short] = (functions[short] ?? 0) + micros;
  }
  return { layers, functions };
}

const set = await stage({ preload: here('profile_watch.ts') });
try {
  const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 1 } });
  const world = await prepare(db, publicJwk);
  const watch = `http://127.0.0.1:${PORT + 2}`;
  const server = set.children[0]!.pid!;
  const asked: Asked[] = [];
  const decide = async () => {
    const authorization = await bearer({
      scope: 'altinn:authorization/authorize.admin',
      consumer: { authority: 'iso6523-actorid-upis', ID: '0192:211104015' },
    });
    return many(REQUESTS, async (index) => {
      const person = world.persons[index % SMALL]!.id;
      const question = {
        subject: { type: 'person', id: person },
        action: { name: 'read' },
        resource: { type: 'inntekt', id: person },
      };
      const headers = [JSON_TYPE, authorization, `x-request-id: ${randomUUID()}`];
      return http(PORT, '/access/v1/evaluation', JSON.stringify(question), headers);
    });
  };
  const acts: Record<string, () => Promise<string[]>> = {
    token: () => tokenRequests(db, REQUESTS, SMALL),
    create: () => createRequests(world, REQUESTS, asked),
    approve: () => approveRequests(asked.splice(0, REQUESTS)),
    introspection: () => introspectRequests(db, REQUESTS),
    decision: decide,
  };
  const wanted = process.argv.slice(2);
  const rows: string[] = [];
  const columns = [...LAYERS.map(([layer]) => layer).filter((one) => one !== 'idle')];
  for (const [name, make] of Object.entries(acts)) {
    // Approving needs what was asked, twice as much as is measured.
    if (
      wanted.length &&
      !wanted.includes(name) &&
      !(name === 'create' && wanted.includes('approve'))
    )
      continue;
    await load({ port: PORT, requests: await make(), rate: 0 });
    // As PostgreSQL does by itself within a minute: plans made for what was small are made anew.
    await learnTables(db);
    const requests = await make();
    const before = [cpuOf([server]), cpuOf(postgresProcesses())];
    await fetch(`${watch}/start`);
    const measured = await load({ port: PORT, requests, rate: 0 });
    const profile = (await (await fetch(`${watch}/stop`)).json()) as Profile;
    const [node, postgres] = [cpuOf([server]), cpuOf(postgresProcesses())].map(
      (after, index) => ((after - before[index]!) * 1_000) / measured.count,
    ) as [number, number];
    const { layers, functions } = read(profile);
    const each = (micros = 0) => Math.round(micros / measured.count);
    const main = columns.reduce((sum, layer) => sum + each(layers[layer]), 0);
    const cells = [
      Math.round(measured.count / measured.seconds),
      main,
      ...columns.map((layer) => each(layers[layer])),
      Math.max(0, Math.round(node - main)),
      Math.round(postgres),
    ];
    rows.push(`| ${name} | ${cells.join(' | ')} |`);
    console.log(`\n${name}: the functions that took most`);
    for (const [one, micros] of Object.entries(functions)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 25))
      console.log(`${String(each(micros)).padStart(6)} µs  ${one}`);
  }
  const head = ['act', 'a second', 'main thread', ...columns, 'other threads', 'PostgreSQL'];
  console.log(`\n| ${head.join(' | ')} |\n|${head.map(() => '---|').join('')}`);
  for (const row of rows) console.log(row);
  await db.destroy();
} finally {
  await set.end();
}
