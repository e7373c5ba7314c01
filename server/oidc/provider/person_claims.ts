// Claims about a person who logged in: who they are to the client, their name and language where it
// registered for them, and their national number only on a legal basis, each time on record.
import type { Act } from '../../platform/act.ts';
import { randomUUID } from 'node:crypto';
import { findLocale } from '../../caller/store.ts';
import { appendEvents } from '../../event/store.ts';
import type { Party } from '../../party/model.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import type { Client } from '../client/clients.ts';

/** Words of OpenID Connect's own among scopes. */
export const OIDC_SCOPES = ['openid', 'profile', 'offline_access'];

/** Claims by the scope that they come with; those of `openid` are in every id_token. */
export const CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time', 'sid', 'jti', 'pid', 'authorization_details'],
  profile: ['name', 'locale'],
};

/** The member of a client's registration that says by what law it gets national numbers. */
export const LEGAL_BASIS = 'x-pid-legal-basis';

/** The same person is somebody else to each owner organisation (OpenID Connect Core §8.1). */
export const subjectOf = (seal: Seal, party: string, client: Client): string =>
  subjectFor(seal, party, client.ownerNo ?? client.clientId);
/** The same, for all clients of an organisation by its number. */
export const subjectFor = (seal: Seal, party: string, ownerNo: string): string =>
  seal.digest('pairwise', `${ownerNo} ${party}`);

interface Told {
  person: Party;
  client: Client;
  /** The session as the client knows it. */
  sid: string | undefined;
  scopes: Set<string>;
  /** Claims that were asked for by name (OpenID Connect Core §5.5). */
  asked: Set<string>;
}

/** Name, language and number, as far as the client may have them and asked for them. */
export async function personClaims(
  act: Act,
  { person, client, sid, scopes, asked }: Told,
): Promise<{ name?: string; locale?: string; pid?: string; jti: string }> {
  const isNamed = client.scopes.has('profile');
  const wants = (claim: string) => scopes.has('profile') || asked.has(claim);
  const locale =
    isNamed && wants('locale') && sid ? await findLocale(act.db, sid, client.clientId) : '';
  const pid = client.metadata[LEGAL_BASIS] && person.personNo ? person.personNo : undefined;
  if (pid) {
    const detail = { client: client.clientId, claims: ['pid'] };
    const disclosed = { fromParty: person.id, toParty: client.owner!, byParty: client.owner };
    await appendEvents(act, [{ type: 'disclosed', ...disclosed, detail }]);
  }
  return {
    jti: randomUUID(),
    ...(isNamed && wants('name') ? { name: person.name } : {}),
    ...(locale ? { locale } : {}),
    ...(pid ? { pid } : {}),
  };
}
