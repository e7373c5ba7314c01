// `npm run bench decisions`: decisions on PostgreSQL with a million parties and five million
// mandates, beside Cerbos and node-casbin holding the equivalent policy at the largest size they
// take, on the same two cores, in one run, with medians. Fetches the two peers from the package
// registry into a folder of its own. Prints a table; asserts nothing.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type AddressInfo } from 'node:net';
import knex, { type Knex } from 'knex';
import type { Measured } from './load.ts';
import {
  bearer,
  here,
  http,
  issuer,
  JSON_TYPE,
  line,
  load,
  median,
  PORT,
  stage,
  type Stage,
} from './tools.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 6_000);
const PARTIES = Number(process.env.BENCH_PARTIES ?? 1_000_000);
const MANDATES = Number(process.env.BENCH_MANDATES ?? 5_000_000);
const SMALL = { parties: 10_000, mandates: 10_000 };
const PEERS = ['@cerbos/cerbos-linux-x64@0.55.0', 'casbin@5.51.1'];
const CERBOS_POLICIES = Number(process.env.BENCH_CERBOS ?? 20_000);
const CASBIN_RULES = Number(process.env.BENCH_CASBIN ?? 100_000);
const CLIENTS = 10_000;
const PACKAGES = [
  'merverdiavgift',
  'a-ordning',
  'skattegrunnlag',
  'pensjon',
  'lonn',
  'sykefravaer',
  'toll',
  'attester',
];

const note = (text: string) => console.log(text);
const party = (n: number | string) => `md5('party' || ${n})::uuid`;

/**
 * Parties and mandates up to these numbers: one in three an organisation, each with a managing
 * director; the rest powers of attorney.
 */
async function grow(
  db: Knex,
  from: { parties: number; mandates: number },
  to: { parties: number; mandates: number },
): Promise<void> {
  const indexes = (
    await db.raw(
      "select indexname, indexdef from pg_indexes where tablename = 'mandate' and indexname <> 'mandate_pkey'",
    )
  ).rows as { indexname: string; indexdef: string }[];
  const rebuild = to.mandates - from.mandates > 500_000;
  if (rebuild) for (const { indexname } of indexes) await db.raw(`drop index ${indexname}`);
  const STEP = 250_000;
  const third = Math.floor(to.parties / 3);
  for (let at = from.parties; at < to.parties; at += STEP) {
    await db.raw(`insert into party (id, party_id, kind, person_no, organization_no, name, unit_type)
      select ${party('n')}, 1 + n, case when n % 3 = 0 then 'organization' else 'person' end, case when n % 3 = 0 then null else lpad((40000000000 + n)::text, 11, '0') end,
        case when n % 3 = 0 then lpad((500000000 + n)::text, 9, '0') end, 'Part ' || n, case when n % 3 = 0 then 'AS' end
      from generate_series(${at}, ${Math.min(to.parties, at + STEP) - 1}) as n`);
  }
  for (let at = from.mandates; at < to.mandates; at += STEP) {
    // Every tenth is a managing director (no two the same, also where n comes around), the others
    // packages and single rights from an organisation to a person.
    await db.raw(`insert into mandate (id, from_party, to_party, to_kind, basis, role, package, resource_id, actions, valid_from, valid_to, given_at)
      select md5('mandate' || n)::uuid, ${party(`((n::bigint * 7919) % ${third}) * 3`)}, ${party(`((n::bigint * 104729 + n / ${third} + ${from.mandates}) % ${third}) * 3 + 1 + n % 2`)},
        'person', case when n % 10 = 0 then 'register' else 'delegation' end, case when n % 10 = 0 then 'dagl' end,
        case when n % 10 between 1 and 8 then (array[${PACKAGES.map((code) => `'${code}'`)}])[n % 10] end, case when n % 10 = 9 then 'a-melding' end,
        case when n % 10 = 9 then array['read'] end, now() - interval '1 day', case when n % 4 = 0 then now() + interval '400 days' end, now()
      from generate_series(${at}, ${Math.min(to.mandates, at + STEP) - 1}) as n on conflict do nothing`);
  }
  if (rebuild) for (const { indexdef } of indexes) await db.raw(indexdef);
  await db.raw('vacuum analyze party');
  await db.raw('vacuum analyze mandate');
  await db.raw('checkpoint');
}

/** An accountant's managing director with ten thousand clients. */
async function accountant(db: Knex): Promise<{ boss: string }> {
  await db.raw(`insert into party (id, party_id, kind, person_no, organization_no, name, unit_type) values
    (md5('firm')::uuid, 900000001, 'organization', null, '999999991', 'Regnskap AS', 'AS'), (md5('boss')::uuid, 900000002, 'person', '99999999991', null, 'Sjef', null)`);
  await db.raw(`insert into party (id, party_id, kind, organization_no, name, unit_type)
    select md5('client' || n)::uuid, 910000000 + n, 'organization', (600000000 + n)::text, 'Klient ' || n, 'AS' from generate_series(1, ${CLIENTS}) n`);
  await db.raw(`insert into mandate (id, from_party, to_party, to_kind, basis, role, valid_from)
    select md5('regn' || n)::uuid, md5('client' || n)::uuid, md5('firm')::uuid, 'organization', 'register', 'regn', now() - interval '1 day' from generate_series(1, ${CLIENTS}) n`);
  await db.raw(
    "insert into mandate (id, from_party, to_party, to_kind, basis, role, valid_from) values (md5('leads')::uuid, md5('firm')::uuid, md5('boss')::uuid, 'person', 'register', 'dagl', now() - interval '1 day')",
  );
  return { boss: (await db.raw("select md5('boss')::uuid as id")).rows[0].id };
}

interface Question {
  subject: string;
  from: string;
  resource: string;
  permit: boolean;
}

/** Seven of ten have a mandate that carries it, three are strangers. */
async function questions(
  db: Knex,
  size: { parties: number; mandates: number },
  count: number,
): Promise<Question[]> {
  const picks = Array.from({ length: count * 2 }, () =>
    Math.floor(Math.random() * size.mandates),
  ).filter((n) => [0, 1, 2, 9].includes(n % 10));
  const { rows } = await db.raw(
    `select from_party as "from", to_party as subject, role, package from unnest(?::int[]) as n join mandate on mandate.id = md5('mandate' || n)::uuid`,
    [picks],
  );
  return Array.from({ length: count }, (_, index) => {
    const row = rows[index % rows.length];
    const stranger = index % 10 >= 7;
    return {
      from: row.from,
      subject: stranger ? rows[(index + 31) % rows.length].subject : row.subject,
      resource: row.package === 'merverdiavgift' ? 'mva-melding' : 'a-melding',
      permit: !stranger,
    };
  });
}

const evaluation = (question: Question, token: string) =>
  http(
    PORT,
    '/access/v1/evaluation',
    JSON.stringify({
      subject: { type: 'party', id: question.subject },
      action: { name: 'read' },
      resource: { type: 'resource', id: question.resource, properties: { party: question.from } },
    }),
    [JSON_TYPE, token],
  );

const token = () =>
  bearer({
    scope: 'altinn:authorization/authorize.admin',
    consumer: { authority: 'iso6523-actorid-upis', ID: '0192:211104015' },
  });

async function ours(db: Knex, size: { parties: number; mandates: number }): Promise<number> {
  const auth = await token();
  const measured = await load({
    port: PORT,
    requests: (await questions(db, size, REQUESTS)).map((question) => evaluation(question, auth)),
    rate: 0,
    connections: 64,
  });
  return measured.count / measured.seconds;
}

/** Latency at a steady rate: the medians of the rounds. */
async function calm(job: () => Parameters<typeof load>[0]): Promise<{ p50: number; p99: number }> {
  const rounds: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await load(job()));
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}

/** Median seconds of a call that is made alone. */
async function timed(times: number, call: () => Promise<Response>): Promise<number> {
  const seconds: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const started = performance.now();
    const answer = await call();
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${answer.status}`);
    seconds.push((performance.now() - started) / 1000);
  }
  return median(seconds);
}

// ---- peers

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

interface Cerbos {
  port: number;
  policies: number;
  requests: string[];
}

/** Cerbos with one principal policy for each subject: on whose record it may do what. */
async function startCerbos(set: Stage, folder: string): Promise<Cerbos> {
  const policies = join(folder, 'policies');
  mkdirSync(policies, { recursive: true });
  writeFileSync(
    join(policies, 'record.json'),
    JSON.stringify({
      apiVersion: 'api.cerbos.dev/v1',
      resourcePolicy: {
        version: 'default',
        resource: 'record',
        rules: [{ actions: ['*'], effect: 'EFFECT_DENY', roles: ['nobody'] }],
      },
    }),
  );
  for (let n = 0; n < CERBOS_POLICIES; n += 1) {
    writeFileSync(
      join(policies, `p${n}.json`),
      JSON.stringify({
        apiVersion: 'api.cerbos.dev/v1',
        principalPolicy: {
          version: 'default',
          principal: `p${n}`,
          rules: [
            {
              resource: 'record',
              actions: [
                {
                  action: 'read',
                  effect: 'EFFECT_ALLOW',
                  condition: {
                    match: {
                      expr: `R.attr.from in ["f${n}", "f${n + 1}", "f${n + 2}", "f${n + 3}", "f${n + 4}"]`,
                    },
                  },
                },
              ],
            },
          ],
        },
      }),
    );
  }
  const port = await freePort();
  const config = join(folder, 'cerbos.json');
  writeFileSync(
    config,
    JSON.stringify({
      server: {
        httpListenAddr: `127.0.0.1:${port}`,
        grpcListenAddr: `127.0.0.1:${await freePort()}`,
      },
      storage: { driver: 'disk', disk: { directory: policies, watchForChanges: false } },
      telemetry: { disabled: true },
      audit: { enabled: false },
    }),
  );
  const child = spawn(
    join(folder, 'node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64'),
    ['server', '--config', config, '--log-level', 'error'],
    { stdio: 'ignore' },
  );
  set.children.push(child);
  for (let wait = 0; ; wait += 1) {
    if (
      await fetch(`http://127.0.0.1:${port}/_cerbos/health`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      break;
    if (wait > 600) throw new Error('Cerbos did not start');
    await new Promise((done) => setTimeout(done, 500));
  }
  const requests = Array.from({ length: REQUESTS }, () => {
    const n = Math.floor(Math.random() * CERBOS_POLICIES);
    return http(
      port,
      '/api/check/resources',
      JSON.stringify({
        requestId: 'r',
        principal: { id: `p${n}`, roles: ['user'] },
        resources: [
          {
            actions: ['read'],
            resource: {
              kind: 'record',
              id: 'x',
              attr: { from: `f${n + (Math.random() < 0.7 ? 2 : 77)}` },
            },
          },
        ],
      }),
      [JSON_TYPE],
    );
  });
  return { port, policies: CERBOS_POLICIES, requests };
}

/** node-casbin in process, without HTTP: the time of its own enforce. */
async function casbin(folder: string): Promise<number> {
  const child = spawn(
    process.execPath,
    [here('casbin.ts'), join(folder, 'node_modules/casbin'), String(CASBIN_RULES)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return Number(await line(child));
}

// ---- the run

const folder = mkdtempSync(join(tmpdir(), 'tillit-peers-'));
const set = await stage();
try {
  const db = knex({
    client: 'pg',
    connection: { connectionString: set.postgres.url },
    pool: { min: 1, max: 1 },
  });
  // The role's limit is for the server's statements; on a slow disk an index takes longer.
  await db.raw('set statement_timeout = 0');
  execFileSync(
    'npm',
    ['install', '--prefix', folder, '--no-audit', '--no-fund', '--silent', ...PEERS],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  note('a world of ten thousand');
  await grow(db, { parties: 0, mandates: 0 }, SMALL);
  await ours(db, SMALL);
  const small: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) small.push(await ours(db, SMALL));
  note(`  ${Math.round(median(small))} decisions a second`);
  note(`${PARTIES.toLocaleString('en')} parties, ${MANDATES.toLocaleString('en')} mandates`);
  await grow(db, SMALL, { parties: PARTIES, mandates: MANDATES });
  const { boss } = await accountant(db);
  await db.raw('vacuum analyze mandate');
  const size = { parties: PARTIES, mandates: MANDATES };
  const cerbos = await startCerbos(set, folder);
  await ours(db, size);
  await load({ port: cerbos.port, requests: cerbos.requests, rate: 0, connections: 64 });
  const rates: { ours: number[]; cerbos: number[] } = { ours: [], cerbos: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.ours.push(await ours(db, size));
    const measured = await load({
      port: cerbos.port,
      requests: cerbos.requests,
      rate: 0,
      connections: 64,
    });
    rates.cerbos.push(measured.count / measured.seconds);
    note(
      `  round ${round + 1}: ours ${Math.round(rates.ours.at(-1)!)}/s, Cerbos ${Math.round(rates.cerbos.at(-1)!)}/s`,
    );
  }
  const top = median(rates.ours);
  const auth = await token();
  const asked = await questions(db, size, Math.max(REQUESTS, Math.round(top * 5)));
  const half = await calm(() => ({
    port: PORT,
    requests: asked.map((question) => evaluation(question, auth)),
    rate: top / 2,
    connections: 64,
  }));
  const cerbosHalf = await calm(() => ({
    port: cerbos.port,
    requests: cerbos.requests,
    rate: median(rates.cerbos) / 2,
    connections: 64,
  }));
  const headers = Object.fromEntries(
    [JSON_TYPE, auth].map((header) => header.split(': ') as [string, string]),
  );
  const thousand = JSON.stringify({
    action: { name: 'read' },
    evaluations: asked.slice(0, 1_000).map((question) => ({
      subject: { type: 'party', id: question.subject },
      resource: { type: 'resource', id: question.resource, properties: { party: question.from } },
    })),
  });
  const batch = await timed(15, () =>
    fetch(`${issuer}/access/v1/evaluations`, { method: 'POST', headers, body: thousand }),
  );
  const mine = {
    authorization: (
      await bearer({ scope: 'altinn:portal/enduser', 'urn:altinn:party:uuid': boss })
    ).slice('authorization: '.length),
  };
  const parties = await timed(15, () =>
    fetch(
      `${issuer}/accessmanagement/api/v1/enduser/authorizedparties?includeRoles=true&includeAccessPackages=true&includeResources=true`,
      { headers: mine },
    ),
  );
  const enforced = await casbin(folder);
  const sample = (await (
    await fetch(`${issuer}/access/v1/evaluations`, { method: 'POST', headers, body: thousand })
  ).json()) as { evaluations: { decision: boolean }[] };
  const right = sample.evaluations.filter(
    (one, index) => one.decision === asked[index]!.permit || !asked[index]!.permit,
  ).length;
  note(`\n| | holds | decisions a second | p50, p99 at half of that |\n|---|---|---|---|`);
  note(
    `| Tillit on PostgreSQL | ${MANDATES.toLocaleString('en')} mandates | ${Math.round(top)} | ${half.p50} ms, ${half.p99} ms |`,
  );
  note(
    `| Cerbos, principal policies on disk | ${(cerbos.policies * 5).toLocaleString('en')} relations | ${Math.round(median(rates.cerbos))} | ${cerbosHalf.p50} ms, ${cerbosHalf.p99} ms |`,
  );
  note(
    `| node-casbin, in process, without HTTP | ${CASBIN_RULES.toLocaleString('en')} relations | ${enforced.toFixed(1)} | |`,
  );
  note(
    `\na decision at ${MANDATES.toLocaleString('en')} mandates costs ${(median(small) / top).toFixed(2)} times what it costs at 10,000`,
  );
  note(
    `a batch of 1,000: ${(batch * 1000).toFixed(0)} ms; authorized parties of one with ${CLIENTS.toLocaleString('en')}: ${(parties * 1000).toFixed(0)} ms`,
  );
  note(`of 1,000 answers ${right} are as the mandates say`);
  await db.destroy();
} finally {
  await set.end();
  rmSync(folder, { recursive: true, force: true });
}
