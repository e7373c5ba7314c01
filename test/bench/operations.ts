// The acts that are measured: parties, consents and clients to do them with, and the requests that
// do each. It measures nothing.
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { learnTables } from '../../server/import/tables_store.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { bearer, http, issuer, jwt, JSON_TYPE as json, now, PORT } from './tools.ts';

export const SMALL = 10_000;
const GRANT = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

export interface World {
  bank: string;
  bankNo: string;
  persons: { id: string; number: string }[];
}

/** A bank that may ask, ten thousand persons, and an approved consent of each. */
export async function prepare(db: Knex, publicJwk: object): Promise<World> {
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
  return { bank, bankNo, persons };
}

/** Approved consents with ids that follow from their number, spread over the persons. */
export async function grow(db: Knex, bank: string, from: number, to: number): Promise<void> {
  await db.raw(
    `create temp table if not exists bench_person as select id, row_number() over (order by id) - 1 as n from party where name = 'Bench' and kind = 'person'`,
  );
  for (let at = from; at < to; at += 100_000)
    await insertConsents(
      db,
      bank,
      `generate_series(${at}, ${Math.min(to, at + 100_000) - 1}) as series(i) join bench_person person on person.n = i % ${SMALL}`,
    );
  await learnTables(db);
}

/** Approved consents of `person.id` to the bank, each with the id of its number `i` of the rows. */
export async function insertConsents(db: Knex, bank: string, rows: string): Promise<void> {
  const id = "md5('consent' || i)::uuid";
  await db.raw(
    `insert into consent_request (id, from_party, to_party, state, valid_to, template_id, template_version, portal_view_mode, one_time,
      content_hash, expiry_event_id, requested_at, approved_at, from_named, about)
    select ${id}, person.id, ?, 'approved', now() + interval '300 days', 'default', 1, 'hide', false, '', md5('x' || i)::uuid, now(), now(), 'number', md5('inntekt')::uuid from ${rows}`,
    [bank],
  );
  await db.raw(`insert into consent_right (consent_id, ordinal, resource_id, resource_version, actions, metadata)
    select ${id}, 0, 'inntekt', (select current_version from resource where id = 'inntekt'), array['consent'], '{"inntektsaar":"2025"}' from ${rows}`);
  await db.raw(
    `insert into mandate (id, from_party, to_party, to_kind, basis, consent_id, valid_from, valid_to)
    select gen_random_uuid(), person.id, ?, 'organization', 'consent', ${id}, now() - interval '1 day', now() + interval '300 days' from ${rows}`,
    [bank],
  );
}

/** Consents picked by chance of so many. */
export async function pick(
  db: Knex,
  count: number,
  of: number,
): Promise<{ id: string; number: string }[]> {
  const picks = Array.from({ length: count }, () => Math.floor(Math.random() * of));
  const { rows } = await db.raw(
    `select request.id, party.person_no as number from unnest(?::int[]) as series(i)
    join consent_request request on request.id = md5('consent' || i)::uuid join party on party.id = request.from_party`,
    [picks],
  );
  return rows;
}

export const many = <Item>(count: number, make: (index: number) => Promise<Item>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

const grantOf = async ({ id, number }: { id: string; number: string }) =>
  GRANT +
  (await jwt({
    iss: 'bench',
    aud: issuer,
    scope: 'bench',
    iat: now(),
    exp: now() + 119,
    jti: randomUUID(),
    authorization_details: [
      { type: 'urn:altinn:consent', id, from: `urn:altinn:person:identifier-no:${number}` },
    ],
  }));

export const clientAuth = async (aud: string) =>
  `client_id=bench&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=${await jwt(
    { iss: 'bench', sub: 'bench', aud, iat: now(), exp: now() + 119, jti: randomUUID() },
  )}`;

/** Requests for tokens with consents picked by chance of so many. */
export async function tokenRequests(db: Knex, count: number, of: number): Promise<string[]> {
  const list = await pick(db, count, of);
  return many(count, async (index) => http(PORT, '/token', await grantOf(list[index]!)));
}

export interface Asked {
  id: string;
  person: string;
}

/** Requests that ask persons for a consent; `asked` gets what will have been asked. */
export async function createRequests(
  { persons, bankNo }: World,
  count: number,
  asked: Asked[] = [],
): Promise<string[]> {
  const organization = await bearer({
    scope: 'altinn:consentrequests.write',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${bankNo}` },
  });
  return many(count, async (index) => {
    const person = persons[index % persons.length]!;
    const id = randomUUID();
    asked.push({ id, person: person.id });
    const body = {
      id,
      from: `urn:altinn:person:identifier-no:${person.number}`,
      to: `urn:altinn:organization:identifier-no:${bankNo}`,
      validTo: new Date(Date.now() + 86_400_000 * 30).toISOString(),
      redirectUrl: 'https://bank.example/',
      consentRights: [
        {
          action: ['consent'],
          resource: [{ type: 'urn:altinn:resource', value: 'inntekt' }],
          metadata: { inntektsaar: '2025' },
        },
      ],
    };
    const path = '/accessmanagement/api/v1/enterprise/consentrequests';
    return http(PORT, path, JSON.stringify(body), [json, organization]);
  });
}

/** Each person's yes to what was asked. */
export const approveRequests = (asked: Asked[]): Promise<string[]> =>
  many(asked.length, async (index) => {
    const { id, person } = asked[index]!;
    const claims = { scope: 'altinn:portal/enduser', 'urn:altinn:party:uuid': person };
    const path = `/accessmanagement/api/v1/consent/request/${id}/approve`;
    return http(PORT, path, '{"language":"nb"}', [json, await bearer(claims)]);
  });

/** The same token looked at again and again, each time by a client that proves itself anew. */
export async function introspectRequests(db: Knex, count: number): Promise<string[]> {
  const [consent] = await pick(db, 1, SMALL);
  const body = await grantOf(consent!);
  const answer = await fetch(`${issuer}/token`, { method: 'POST', headers: FORM, body });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return many(count, async () =>
    http(PORT, '/introspect', `token=${token}&${await clientAuth(issuer)}`),
  );
}
