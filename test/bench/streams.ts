// Streams of a benchmark: addresses that keep what they are sent, streams that lead to them, and
// the acts that they hear of. It measures nothing by itself.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import type { Knex } from 'knex';
import { bearer, http, issuer, JSON_TYPE as json, PORT } from './tools.ts';

/** The owners of the two services that each consent is of. */
const SOURCES = ['inntekt', 'eiendom'];

export interface Heard {
  event: string;
  jti: string;
  kind: string;
  /** The consent, and the state that the event says holds, with its place. */
  subject: string;
  state: { pos: number; status?: string; approvedRights?: number[] };
  at: number;
}

export interface Place {
  url: string;
  heard: Heard[];
  /** Whether it answers 503 to all, and forgets what it was sent. */
  isDown: boolean;
  close(): void;
}

/** An address that takes everything while it is up, and keeps when. */
export async function listen(): Promise<Place> {
  const place: Place = { url: '', heard: [], isDown: false, close: () => server.close() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const at = Date.now();
    if (place.isDown) return response.writeHead(503).end();
    const {
      jti,
      txn,
      events,
      sub_id: subject,
    } = decodeJwt<{ sub_id: { id: string } }>(Buffer.concat(chunks).toString());
    const [[uri, state]] = Object.entries(events as Record<string, Heard['state']>) as [
      [string, Heard['state']],
    ];
    const kind = uri.split('/').at(-1)!;
    place.heard.push({ event: txn as string, jti: jti!, kind, subject: subject.id, state, at });
    response.writeHead(202).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  place.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return place;
}

/** Makes a stream for an organisation, and waits until its address is verified. */
export async function subscribe(organizationNo: string, url: string): Promise<void> {
  const [, token] = (
    await bearer({
      scope: 'ssf.manage',
      consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${organizationNo}` },
      client_id: organizationNo,
    })
  ).split(': ');
  const headers = { authorization: token!, 'content-type': 'application/json' };
  const delivery = { method: 'urn:ietf:rfc:8935', endpoint_url: url };
  const body = JSON.stringify({ delivery });
  const made = await fetch(`${issuer}/ssf/streams`, { method: 'POST', headers, body });
  if (made.status !== 201) throw new Error(await made.text());
  const { stream_id: id } = (await made.json()) as { stream_id: string };
  for (;;) {
    const status = await fetch(`${issuer}/ssf/status?stream_id=${id}`, { headers });
    const { reason } = (await status.json()) as { reason?: string };
    if (reason !== 'not_verified') return;
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** The second service of each consent, which may be left out; and who gave which. */
export async function givers(db: Knex, most: number): Promise<{ id: string; person: string }[]> {
  await db.raw(`insert into consent_right (consent_id, ordinal, resource_id, resource_version, actions, metadata, optional)
    select request.id, 1, 'eiendom', (select current_version from resource where id = 'eiendom'), array['consent'], '{}', true from consent_request request join party on party.id = request.from_party and party.name = 'Bench'`);
  const { rows } = await db.raw(
    `select request.id, request.from_party as person from consent_request request join party on party.id = request.from_party and party.name = 'Bench' order by request.id limit ?`,
    [most],
  );
  return rows;
}

const PATHS = {
  suspend: (id: string) => `/access/v1/consents/${id}/suspend`,
  resume: (id: string) => `/access/v1/consents/${id}/resume`,
  withdraw: (id: string) => `/accessmanagement/api/v1/consent/${id}/revoke`,
};
export const act = async (
  { id, person }: { id: string; person: string },
  how: keyof typeof PATHS | 'narrow',
) => {
  const claims = { scope: 'altinn:portal/enduser', 'urn:altinn:party:uuid': person };
  const headers = [json, await bearer(claims)];
  return how === 'narrow'
    ? http(PORT, `/access/v1/consents/${id}`, '{"without":[1]}', headers, 'PATCH')
    : http(PORT, PATHS[how](id), '{}', headers);
};

export async function ownersOf(db: Knex): Promise<string[]> {
  const { rows } = await db.raw(
    `select party.organization_no as no from resource join party on party.id = resource.owner where resource.id = any(?) order by resource.id`,
    [SOURCES],
  );
  return rows.map(({ no }: { no: string }) => no);
}
