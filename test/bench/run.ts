// `npm run bench`: our hot paths on PostgreSQL beside stock oidc-provider in memory, on the same
// two cores, in one run, with medians. Rounds alternate, so that the machine's mood falls on both.
// Prints a table; asserts nothing.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import knex, { type Knex } from 'knex';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import {
  bearer,
  here,
  http,
  issuer,
  jwt,
  JSON_TYPE as json,
  line,
  load,
  median,
  now,
  PORT,
  publicJwk,
  stage,
} from './tools.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 8_000);
const LARGE = Number(process.env.BENCH_CONSENTS ?? 1_000_000);
const SMALL = 10_000;

const batch = <Item>(make: (index: number) => Promise<Item>) =>
  Promise.all(Array.from({ length: REQUESTS }, (_, index) => make(index)));

const set = await stage();
try {
  const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 1 } });
  const world = await prepare(db);
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

interface World {
  bank: string;
  bankNo: string;
  persons: { id: string; number: string }[];
  consents: number;
}

async function prepare(db: Knex): Promise<World> {
  const bank = randomUUID();
  const bankNo = organizationNumber();
  await db.raw(
    `insert into party (id, party_id, kind, organization_no, name) values (?, 900000001, 'organization', ?, 'Bench')`,
    [bank, bankNo],
  );
  await db.raw(`insert into access_list_member values ('211100028:banker', ?)`, [bank]);
  await db.raw(`insert into api_scope (name, owner) values ('bench', ?)`, [bank]);
  await db.raw('insert into oauth_client (client_id, owner, metadata) values (?, ?, ?)', [
    'bench',
    bank,
    JSON.stringify({
      grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
      token_endpoint_auth_method: 'private_key_jwt',
      scope: 'bench',
      authorization_details_types: ['urn:altinn:consent'],
      jwks: { keys: [publicJwk] },
    }),
  ]);
  const persons = Array.from({ length: SMALL }, () => ({
    id: randomUUID(),
    number: personNumber(),
  }));
  await db.raw(
    `insert into party (id, party_id, kind, person_no, name)
    select r.id, 910000000 + row_number() over (), 'person', r.number, 'Bench' from jsonb_to_recordset(?::jsonb) as r(id uuid, number text)`,
    [JSON.stringify(persons)],
  );
  await grow(db, bank, 0, SMALL);
  return { bank, bankNo, persons, consents: SMALL };
}

/** Approved consents with ids that follow from their number, spread over the persons. */
async function grow(db: Knex, bank: string, from: number, to: number): Promise<void> {
  await db.raw(
    `create temp table if not exists bench_person as select id, row_number() over (order by id) - 1 as n from party where name = 'Bench' and kind = 'person'`,
  );
  for (let at = from; at < to; at += 100_000) {
    const range = `generate_series(${at}, ${Math.min(to, at + 100_000) - 1}) as series(i) join bench_person person on person.n = i % ${SMALL}`;
    const id = "md5('consent' || i)::uuid";
    await db.raw(
      `insert into consent_request (id, from_party, to_party, state, valid_to, template_id, template_version, portal_view_mode, one_time,
        content_hash, expiry_event_id, requested_at, approved_at, from_named)
      select ${id}, person.id, ?, 'approved', now() + interval '300 days', 'default', 1, 'hide', false, '', md5('x' || i)::uuid, now(), now(), 'number' from ${range}`,
      [bank],
    );
    await db.raw(`insert into consent_right (consent_id, ordinal, resource_id, resource_version, actions, metadata)
      select ${id}, 0, 'inntekt', (select current_version from resource where id = 'inntekt'), array['consent'], '{"inntektsaar":"2025"}' from ${range}`);
    await db.raw(
      `insert into mandate (id, from_party, to_party, to_kind, basis, consent_id, valid_from, valid_to)
      select gen_random_uuid(), person.id, ?, 'organization', 'consent', ${id}, now() - interval '1 day', now() + interval '300 days' from ${range}`,
      [bank],
    );
  }
  await db.raw('analyze');
}

async function consents(db: Knex, count: number): Promise<{ id: string; number: string }[]> {
  const picks = Array.from({ length: REQUESTS }, () => Math.floor(Math.random() * count));
  const { rows } = await db.raw(
    `select request.id, party.person_no as number from unnest(?::int[]) as series(i)
    join consent_request request on request.id = md5('consent' || i)::uuid join party on party.id = request.from_party`,
    [picks],
  );
  return rows;
}

async function measure(world: World, stockPort: number, db: Knex): Promise<void> {
  const grant = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=';
  const ours = {
    token: async (count: number) => {
      const list = await consents(db, count);
      return batch(async (index) =>
        http(
          PORT,
          '/token',
          grant +
            (await jwt({
              iss: 'bench',
              aud: issuer,
              scope: 'bench',
              iat: now(),
              exp: now() + 119,
              jti: randomUUID(),
              authorization_details: [
                {
                  type: 'urn:altinn:consent',
                  id: list[index % list.length]!.id,
                  from: `urn:altinn:person:identifier-no:${list[index % list.length]!.number}`,
                },
              ],
            })),
        ),
      );
    },
  };
  const clientAuth = async (aud: string) =>
    `client_id=bench&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=${await jwt(
      { iss: 'bench', sub: 'bench', aud, iat: now(), exp: now() + 119, jti: randomUUID() },
    )}`;
  const stockIssuer = `http://127.0.0.1:${stockPort}`;
  const stockToken = () =>
    batch(async () =>
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
  await rate(PORT, () => ours.token(world.consents));
  await rate(stockPort, stockToken);
  const organization = await bearer({
    scope: 'altinn:consentrequests.write',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${world.bankNo}` },
  });
  const opaque = (await (
    await fetch(`${stockIssuer}/token`, {
      method: 'POST',
      headers: { 'x-opaque': '1', 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&scope=api&${await clientAuth(stockIssuer)}`,
    })
  ).json()) as { access_token: string };
  for (let round = 1; round <= ROUNDS; round += 1) {
    console.log(`round ${round}`);
    note('consent token', await rate(PORT, () => ours.token(world.consents)));
    note('stock token', await rate(stockPort, stockToken));
    const asked: { id: string; person: string }[] = [];
    note(
      'create request',
      await rate(PORT, () =>
        batch(async (index) => {
          const person = world.persons[index % world.persons.length]!;
          const id = randomUUID();
          asked.push({ id, person: person.id });
          return http(
            PORT,
            '/accessmanagement/api/v1/enterprise/consentrequests',
            JSON.stringify({
              id,
              from: `urn:altinn:person:identifier-no:${person.number}`,
              to: `urn:altinn:organization:identifier-no:${world.bankNo}`,
              validTo: new Date(Date.now() + 86_400_000 * 30).toISOString(),
              redirectUrl: 'https://bank.example/',
              consentRights: [
                {
                  action: ['consent'],
                  resource: [{ type: 'urn:altinn:resource', value: 'inntekt' }],
                  metadata: { inntektsaar: '2025' },
                },
              ],
            }),
            [json, organization],
          );
        }),
      ),
    );
    note(
      'approve',
      await rate(PORT, () =>
        batch(async (index) =>
          http(
            PORT,
            `/accessmanagement/api/v1/consent/request/${asked[index]!.id}/approve`,
            '{"language":"nb"}',
            [
              json,
              await bearer({
                scope: 'altinn:portal/enduser',
                'urn:altinn:party:uuid': asked[index]!.person,
              }),
            ],
          ),
        ),
      ),
    );
    const [consent] = await consents(db, 1);
    const { access_token: token } = (await (
      await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body:
          grant +
          (await jwt({
            iss: 'bench',
            aud: issuer,
            scope: 'bench',
            iat: now(),
            exp: now() + 119,
            jti: randomUUID(),
            authorization_details: [
              {
                type: 'urn:altinn:consent',
                id: consent!.id,
                from: `urn:altinn:person:identifier-no:${consent!.number}`,
              },
            ],
          })),
      })
    ).json()) as { access_token: string };
    note(
      'introspection',
      await rate(PORT, () =>
        batch(async () => http(PORT, '/introspect', `token=${token}&${await clientAuth(issuer)}`)),
      ),
    );
    note(
      'stock introspection',
      await rate(stockPort, () =>
        batch(async () =>
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
    requests: await ours.token(world.consents),
    rate: top / 2,
  });
  console.log(`growing to ${LARGE.toLocaleString('en')} consents`);
  await grow(db, world.bank, SMALL, LARGE);
  await db.raw('checkpoint');
  await rate(PORT, () => ours.token(LARGE));
  for (let round = 0; round < ROUNDS; round += 1)
    note('consent token, large', await rate(PORT, () => ours.token(LARGE)));

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
