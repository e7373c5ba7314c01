// `npm run bench pages`: the portal's pages for one with 10,000 consents and one with 25, a page
// full, on PostgreSQL: how many a second, what one visit takes, and the cost of many over few.
// Prints a table; asserts nothing.
import knex, { type Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { learnTables } from '../../server/import/tables_store.ts';
import { secretId, sha256 } from '../../server/platform/ids.ts';
import { personNumber } from '../support/numbers.ts';
import { insertConsents, prepare } from './operations.ts';
import { http, load, median, PORT, publicJwk, stage } from './tools.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 400);
/** People at once; each page's own work is what is looked at. */
const CONNECTIONS = 4;
const [FEW, MANY] = [25, Number(process.env.BENCH_CONSENTS ?? 10_000)];
/** Ids of consents follow from numbers, from here on not those of prepare(). */
const FIRST = 50_000_000;
const PAGES = {
  start: '/start',
  consents: '/consents',
  'consents, ended': '/consents?show=ended',
  'consents, events': '/consents?show=events',
  overview: '/overview',
  inbox: '/inbox',
  'a consent': '/consents/CONSENT',
};

/** A person with so many consents, and the cookie of a session of that person. */
async function personWith(db: Knex, bank: string, count: number, first: number) {
  const [id, session] = [randomUUID(), secretId()];
  await db.raw(
    `insert into party (id, party_id, kind, person_no, name) values (?, nextval('party_number'), 'person', ?, 'Mange Samtykker')`,
    [id, personNumber()],
  );
  await insertConsents(
    db,
    bank,
    `generate_series(${first}, ${first + count - 1}) as series(i), party person where person.id = '${id}'`,
  );
  await db.raw(
    `insert into login_session (id_hash, party, level, amr, logged_in_at, begun_at, authenticated_at, expires_at) values (?, ?, 4, '{}', now(), now(), now(), now() + interval '1 hour')`,
    [sha256(session), id],
  );
  const { rows } = await db.raw("select md5('consent' || ?::int)::uuid as id", [first]);
  return { cookie: `cookie: session=${session}`, consent: rows[0].id as string };
}

const set = await stage();
try {
  const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 1 } });
  const { bank } = await prepare(db, publicJwk);
  const people = {
    few: await personWith(db, bank, FEW, FIRST),
    many: await personWith(db, bank, MANY, FIRST * 2),
  };
  await learnTables(db);
  const requestsFor = (
    { cookie, consent }: (typeof people)['few'],
    path: string,
    count: number,
  ) => {
    const request = http(PORT, path.replace('CONSENT', consent), '', [cookie], 'GET');
    return Array.from({ length: count }, () => request);
  };
  const rates: Record<string, number[]> = {};
  const alone: Record<string, number> = {};
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [name, path] of Object.entries(PAGES))
      for (const [who, person] of Object.entries(people)) {
        const requests = requestsFor(person, path, REQUESTS);
        const { count, seconds } = await load({
          port: PORT,
          connections: CONNECTIONS,
          requests,
          rate: 0,
        });
        console.log(`  ${name}, ${who}: ${Math.round(count / seconds)}/s`);
        // The first is for warming up.
        if (round > 0) (rates[`${name} ${who}`] ??= []).push(count / seconds);
        if (round === ROUNDS) {
          const few = requestsFor(person, path, 50);
          alone[`${name} ${who}`] = (
            await load({ port: PORT, connections: 1, requests: few, rate: 0 })
          ).p50;
        }
      }
  console.log(
    `| page | a second, ${FEW} consents | ${MANY.toLocaleString('en')} | alone, ms | ${MANY.toLocaleString('en')} | cost of many |\n|---|---|---|---|---|---|`,
  );
  for (const name of Object.keys(PAGES)) {
    const [few, many] = [median(rates[`${name} few`]!), median(rates[`${name} many`]!)];
    const cells = [
      Math.round(few),
      Math.round(many),
      alone[`${name} few`],
      alone[`${name} many`],
      (few / many).toFixed(2),
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
  await db.destroy();
} finally {
  await set.end();
}
