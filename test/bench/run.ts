// `npm run bench`: our hot paths on PostgreSQL beside stock oidc-provider in memory, on the same
// two cores, in one run, with medians. Rounds alternate, so that the machine's mood falls on both.
// Prints a table; asserts nothing.
import { spawn } from 'node:child_process';
import knex, { type Knex } from 'knex';
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
  await measure(world, stockPort, db);
  await db.destroy();
} finally {
  await set.end();
}

async function measure(world: World, stockPort: number, db: Knex): Promise<void> {
  const stockIssuer = `http://127.0.0.1:${stockPort}`;
  const stockToken = () =>
    many(REQUESTS, async () =>
      http(
        stockPort,
        '/token',
        `grant_type=client_credentials&scope=api&${await clientAuth(stockIssuer)}`,
      ),
    );
  const rate = async (port: number, make: () => Promise<string[]>) => {
    const measured = await load({ port, requests: await make(), rate: 0 });
    return measured.count / measured.seconds;
  };
  const rates: Record<string, number[]> = {};
  const note = (name: string, value: number) => {
    (rates[name] ??= []).push(value);
    console.log(`  ${name}: ${Math.round(value)}/s`);
  };

  console.log('warming up');
  await rate(PORT, () => tokenRequests(db, REQUESTS, SMALL));
  await rate(stockPort, stockToken);
  const opaque = (await (
    await fetch(`${stockIssuer}/token`, {
      method: 'POST',
      headers: { 'x-opaque': '1', 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&scope=api&${await clientAuth(stockIssuer)}`,
    })
  ).json()) as { access_token: string };
  for (let round = 1; round <= ROUNDS; round += 1) {
    console.log(`round ${round}`);
    note('consent token', await rate(PORT, () => tokenRequests(db, REQUESTS, SMALL)));
    note('stock token', await rate(stockPort, stockToken));
    const asked: Asked[] = [];
    note('create request', await rate(PORT, () => createRequests(world, REQUESTS, asked)));
    note('approve', await rate(PORT, () => approveRequests(asked)));
    note('introspection', await rate(PORT, () => introspectRequests(db, REQUESTS)));
    note(
      'stock introspection',
      await rate(stockPort, () =>
        many(REQUESTS, async () =>
          http(
            stockPort,
            '/token/introspection',
            `token=${opaque.access_token}&${await clientAuth(stockIssuer)}`,
          ),
        ),
      ),
    );
  }
  const top = median(rates['consent token']!);
  const half = await load({
    port: PORT,
    requests: await tokenRequests(db, REQUESTS, SMALL),
    rate: top / 2,
  });
  console.log(`growing to ${LARGE.toLocaleString('en')} consents`);
  await grow(db, world.bank, SMALL, LARGE);
  await db.raw('checkpoint');
  await rate(PORT, () => tokenRequests(db, REQUESTS, LARGE));
  for (let round = 0; round < ROUNDS; round += 1)
    note('consent token, large', await rate(PORT, () => tokenRequests(db, REQUESTS, LARGE)));

  const row = (name: string, yardstick?: string) => {
    const value = median(rates[name]!);
    console.log(
      `| ${name} | ${Math.round(value)} | ${yardstick ? Math.round(median(rates[yardstick]!)) : '–'} | ${yardstick ? (value / median(rates[yardstick]!)).toFixed(2) : '–'} |`,
    );
  };
  console.log(
    `\n| operation | ours on PostgreSQL, per second | stock in memory, per second | ratio |\n|---|---|---|---|`,
  );
  row('consent token', 'stock token');
  row('create request', 'stock token');
  row('approve', 'stock token');
  row('introspection', 'stock introspection');
  console.log(`\nconsent token at half of the top rate: p50 ${half.p50} ms, p99 ${half.p99} ms`);
  console.log(
    `cost of a consent token at ${LARGE.toLocaleString('en')} consents over ${SMALL.toLocaleString('en')}: ${(top / median(rates['consent token, large']!)).toFixed(2)} times`,
  );
}
