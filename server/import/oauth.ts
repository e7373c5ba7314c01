// Takes clients, scopes and resource servers in from a file.
import { originOf } from '../consent/redirect.ts';
import { inChunks, type Refuse, type Step } from './consents.ts';
import type { Entry, Records } from './read.ts';
import { closedGrants } from '../oidc/clients.ts';
import { importClients } from '../oidc/store.ts';
import type { Seal } from '../platform/seal.ts';
import { importOrigins, importResourceServers, importScopes } from '../resource/import_store.ts';

export async function putOAuth(
  { db, seal, party, refuse, clean }: Step,
  records: Records,
): Promise<void> {
  const scopes = records.scope.map((entry) => ({
    name: entry.name,
    owner: party(entry.owner, entry),
    lifetime: entry.tokenLifetimeSeconds,
    holders: [
      ...(entry.holders ?? []).map((holder: string) => ({
        party: party(holder, entry),
        consumer: null,
      })),
      ...(entry.delegations ?? []).map((row: { supplier: string; consumer: string }) => ({
        party: party(row.supplier, entry),
        consumer: party(row.consumer, entry),
      })),
    ],
  }));
  const servers = records.resourceServer.map((entry) => ({
    identifier: entry.identifier,
    owner: party(entry.owner, entry),
    scopes: entry.scopes,
    alg: entry.signingAlg ?? 'RS256',
  }));
  const origins = records.consentOrigin.map((entry) => ({
    party: party(entry.organization, entry),
    origins: entry.origins.map((origin: string) => originOf(new URL(origin))),
  }));
  const clients = records.client.map((entry) =>
    toClient(entry, seal, entry['x-org'] ? party(entry['x-org'], entry) : null, refuse),
  );
  const twice = (entries: Entry[], key: string) =>
    entries.forEach((entry, index) => {
      if (entries.findIndex((other) => other[key] === entry[key]) !== index)
        refuse(entry, `${key} ${entry[key]} is in the file twice`);
    });
  twice(records.client, 'client_id');
  twice(records.scope, 'name');
  twice(records.resourceServer, 'identifier');
  if (!clean()) return;
  await inChunks(scopes, (chunk) => importScopes(db, chunk));
  await inChunks(servers, (chunk) => importResourceServers(db, chunk));
  await inChunks(origins, (chunk) => importOrigins(db, chunk));
  await inChunks(clients, (chunk) => importClients(db, chunk));
}

/** The metadata as given, the secret as a keyed digest: what is in the database lets nobody in. */
function toClient(entry: Entry, seal: Seal, owner: string | null, refuse: Refuse) {
  const { line: _line, client_secret: secret, ...metadata } = entry;
  const keys = (metadata.jwks?.keys ?? []) as Record<string, unknown>[];
  if (keys.some((key) => key.d !== undefined || key.k !== undefined))
    refuse(entry, `client ${entry.client_id}: jwks holds a private key`);
  const closed = closedGrants(metadata);
  if (closed.length)
    refuse(
      entry,
      `client ${entry.client_id}: token_endpoint_auth_method none does not go with ${closed.join(', ')}, which only an authenticated client may use`,
    );
  return {
    client_id: entry.client_id,
    owner,
    metadata: secret
      ? { ...metadata, client_secret: seal.digest('client_secret', secret) }
      : metadata,
  };
}
