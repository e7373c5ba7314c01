// `npm run bench tokens`: our hot paths on PostgreSQL beside stock oidc-provider in memory, on the
// same two cores, in one run, with medians. Rounds alternate, so that the machine's mood falls on
// both. Prints a table; asserts nothing.
import { spawn } from 'node:child_process';
import knex, { type Knex } from 'knex';
import { cpuOf, postgresProcesses } from './cpu.ts';
import {
  approveRequests,
  clientAuth,
  createRequests,
  grow,
  introspectRequests,
  many,
  prepare,
  SMALL,
  tokenRequests,
  type Asked,
  type World,
} from './operations.ts';
import { here, http, line, load, median, PORT, publicJwk, stage } from './tools.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 8_000);
const LARGE = Number(process.env.BENCH_CONSENTS ?? 1_000_000);

const set = await stage();
try {
  const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 1 } });
  const world = await prepare(db, publicJwk);
  const stock = spawn(process.execPath, [here('stock.ts'), JSON.stringify(publicJwk)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  set.children.push(stock);
  const stockPort = Number(await line(stock));
  await measure(world, { port: stockPort, pid: stock.pid! }, db);
  await db.destroy();
} finally {
  await set.end();
}

/** Requests a second, and microseconds of CPU that one takes. */
interface Measured {
  rate: number;
  node: number;
  postgres: number;
}

async function measure(
  world: World,
  { port: stockPort, pid: stock }: { port: number; pid: number },
  db: Knex,
): Promise<void> {
  const stockIssuer = `http://127.0.0.1:${stockPort}`;
  const stockToken = () =>
    many(REQUESTS, async () =>
      http(
        stockPort,
        '/token',
        `grant_type=client_credentials&scope=api&${await clientAuth(stockIssuer)}`,
      ),
    );
  const ours = set.children[0]!.pid!;
  const measureOne = async (port: number, make: () => Promise<string[]>): Promise<Measured> => {
    const requests = await make();
    const used = () => [cpuOf([port === PORT ? ours : stock]), cpuOf(postgresProcesses())];
    const before = used();
    const { count, seconds } = await load({ port, requests, rate: 0 });
    const [node, postgres] = used().map((now, at) => ((now - before[at]!) * 1_000) / count);
    return { rate: count / seconds, node: node!, postgres: port === PORT ? postgres! : 0 };
  };
  const all: Record<string, Measured[]> = {};
  const note = (name: string, one: Measured) => {
    (all[name] ??= []).push(one);
    console.log(`  ${name}: ${Math.round(one.rate)}/s`);
  };
  const opaque = (await (
    await fetch(`${stockIssuer}/token`, {
      method: 'POST',
      headers: { 'x-opaque': '1', 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&scope=api&${await clientAuth(stockIssuer)}`,
    })
  ).json()) as { access_token: string };
  const stockIntrospection = () =>
    many(REQUESTS, async () =>
      http(
        stockPort,
        '/token/introspection',
        `token=${opaque.access_token}&${await clientAuth(stockIssuer)}`,
      ),
    );
  for (let round = 0; round <= ROUNDS; round += 1) {
    console.log(round ? `round ${round}` : 'warming up');
    const keep = round ? note : () => {};
    keep('consent token', await measureOne(PORT, () => tokenRequests(db, REQUESTS, SMALL)));
    keep('stock token', await measureOne(stockPort, stockToken));
    const asked: Asked[] = [];
    keep('create request', await measureOne(PORT, () => createRequests(world, REQUESTS, asked)));
    keep('approve', await measureOne(PORT, () => approveRequests(asked)));
    keep('introspection', await measureOne(PORT, () => introspectRequests(db, REQUESTS)));
    keep('stock introspection', await measureOne(stockPort, stockIntrospection));
  }
  const medianOf = (name: string, what: keyof Measured) =>
    median(all[name]!.map((one) => one[what]));
  const top = medianOf('consent token', 'rate');
  const half = await load({
    port: PORT,
    requests: await tokenRequests(db, REQUESTS, SMALL),
    rate: top / 2,
  });
  console.log(`growing to ${LARGE.toLocaleString('en')} consents`);
  await grow(db, world.bank, SMALL, LARGE);
  await db.raw('checkpoint');
  await measureOne(PORT, () => tokenRequests(db, REQUESTS, LARGE));
  for (let round = 0; round < ROUNDS; round += 1)
    note('consent token, large', await measureOne(PORT, () => tokenRequests(db, REQUESTS, LARGE)));

  const row = (name: string, yardstick: string) => {
    const [value, stocks] = [medianOf(name, 'rate'), medianOf(yardstick, 'rate')];
    const cells = [value, medianOf(name, 'node'), medianOf(name, 'postgres')];
    const peers = [stocks, medianOf(yardstick, 'node')];
    console.log(
      `| ${[name, ...[...cells, ...peers].map(Math.round), (value / stocks).toFixed(2)].join(' | ')} |`,
    );
  };
  console.log(
    `\n| operation | ours on PostgreSQL, per second | CPU of Node.js, µs | of PostgreSQL, µs | stock in memory, per second | CPU, µs | ratio |\n|---|---|---|---|---|---|---|`,
  );
  row('consent token', 'stock token');
  row('create request', 'stock token');
  row('approve', 'stock token');
  row('introspection', 'stock introspection');
  console.log(`\nconsent token at half of the top rate: p50 ${half.p50} ms, p99 ${half.p99} ms`);
  console.log(
    `cost of a consent token at ${LARGE.toLocaleString('en')} consents over ${SMALL.toLocaleString('en')}: ${(top / medianOf('consent token, large', 'rate')).toFixed(2)} times`,
  );
}
