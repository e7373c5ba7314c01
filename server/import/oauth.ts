// Takes clients, scopes and resource servers in from a file.
import { originOf } from '../platform/http/redirect.ts';
import { inChunks, type ImportStep } from './consents.ts';
import type { Entry, Records } from './read.ts';
import {
  registrationFaults,
  registrationWarnings,
  secretFault,
} from '../oidc/client/registration.ts';
import { OTHER_SECRET, secretsOf } from '../oidc/client/clients.ts';
import { importClients } from '../oidc/provider/store.ts';
import { prefixOf } from '../resource/api_scope/model.ts';
import { claimPrefixes } from '../resource/api_scope/store.ts';
import { importScopes } from '../resource/api_scope/import_store.ts';
import { importOrigins, importResourceServers } from '../resource/import_store.ts';

/** Holders of a scope: for themselves, and for a consumer. */
const holding = (
  { party }: ImportStep,
  entry: Entry,
  holders: string[] = [],
  delegations: { supplier: string; consumer: string }[] = [],
) => [
  ...holders.map((holder) => ({ party: party(holder, entry), consumer: null })),
  ...delegations.map(({ supplier, consumer }) => ({
    party: party(supplier, entry),
    consumer: party(consumer, entry),
  })),
];

export async function putOAuth(step: ImportStep, records: Records): Promise<void> {
  const { act, party, refuse, clean } = step;
  const { db } = act;
  const scopes = records.scope.map((entry) => ({
    name: entry.name,
    owner: party(entry.owner, entry),
    lifetime: entry.tokenLifetimeSeconds,
    open: entry.open ?? false,
    holders: holding(step, entry, entry.holders, entry.delegations),
    ended: holding(step, entry, entry.endedHolders, entry.endedDelegations),
  }));
  const servers = records.resourceServer.map((entry) => ({
    identifier: entry.identifier,
    owner: party(entry.owner, entry),
    scopes: entry.scopes,
    alg: entry.signingAlg ?? 'RS256',
    checks: entry.checksStatus,
  }));
  const origins = records.consentOrigin.map((entry) => ({
    party: party(entry.organization, entry),
    origins: entry.origins.map((origin: string) => originOf(new URL(origin))),
  }));
  const clients = records.client.map((entry) =>
    toClient(step, entry, entry['x-org'] ? party(entry['x-org'], entry) : null),
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
  await inChunks(scopes, (chunk) => importScopes(act, chunk));
  const prefixes = scopes.flatMap(({ name, owner }) => {
    const prefix = prefixOf(name);
    return prefix ? [{ prefix, owner }] : [];
  });
  await inChunks(prefixes, (chunk) => claimPrefixes(db, chunk));
  await inChunks(servers, (chunk) => importResourceServers(db, chunk));
  await inChunks(origins, (chunk) => importOrigins(db, chunk));
  await inChunks(clients, (chunk) => importClients(act, chunk));
}

/** The metadata as given, secrets as keyed digests: what is in the database lets nobody in. */
function digested(metadata: Record<string, any>, seal: ImportStep['seal']) {
  const { client_secret: secret, [OTHER_SECRET]: other } = metadata;
  const digest = (text: string) => seal.digest('client_secret', text);
  return {
    ...metadata,
    ...(secret ? { client_secret: digest(secret) } : {}),
    ...(other ? { [OTHER_SECRET]: { ...other, client_secret: digest(other.client_secret) } } : {}),
  };
}

function toClient(
  { seal, refuse, warn, outbound, clientFault }: ImportStep,
  entry: Entry,
  owner: string | null,
) {
  const { line: _line, ...metadata } = entry;
  const name = `client ${entry.client_id}`;
  const faults = registrationFaults(metadata, outbound);
  const other = faults.length ? undefined : clientFault(entry.client_id, { ...entry });
  for (const why of [...faults, ...(other ? [other] : [])]) refuse(entry, `${name}: ${why}`);
  for (const { client_secret: secret } of secretsOf(metadata)) {
    const weak = secretFault(secret);
    if (weak && outbound.production) refuse(entry, `${name}: ${weak}`);
    else if (weak) warn(`${name}: ${weak}, which production refuses`);
  }
  for (const what of registrationWarnings(metadata)) warn(`${name}: ${what}`);
  return {
    client_id: entry.client_id,
    owner,
    metadata: digested(metadata, seal),
  };
}
