// The caller of this moment: an organisation's or a person's token, or a person's session. Security
// levels. It knows tokens' claims, no resource and no consent.
import { fault } from '../platform/errors.ts';
import { textOf } from '../platform/as_text.ts';

export interface OrganizationCaller {
  kind: 'organization';
  /** Organisation number of the `consumer` claim. */
  organizationNo: string;
  /** Organisation number of the `supplier` claim. */
  supplierNo: string | undefined;
  /** The client that the token was issued to, where it names one; an outside issuer's with that. */
  client: string | undefined;
  /** Prefixes of the scopes that the organisation owns (`consumer_prefix`). */
  scopePrefixes: string[];
  scopes: Set<string>;
}

/** The name under which a client of another issuer is kept. */
export const foreignClient = (issuer: string, id: string): string => `${issuer} ${id}`;
/** Whether a client's name is that of another issuer's. */
export const isForeign = (client: string): boolean => client.includes(' ');
/** The client as it knows itself, whoever its issuer is. */
export const ownIdOf = (client: string): string => client.slice(client.lastIndexOf(' ') + 1);

export interface PersonCaller {
  kind: 'person';
  party: string;
  level: number;
  scopes: Set<string>;
  /**
   * The parties that the person chose for the token at login: it acts for those only. Absent:
   * nobody chose.
   */
  parties?: readonly string[] | undefined;
}

/** The party that acts, and the parties that were chosen for it, if any were. */
export type ActingParties = Pick<PersonCaller, 'party' | 'parties'>;

/** Whether whoever acts may do so for a party at all: with chosen parties, for no others. */
export const actsFor = ({ parties }: Pick<ActingParties, 'parties'>, party: string): boolean =>
  parties === undefined || parties.includes(party);

/** Whether the party is the one who acts, and acts for itself. */
export const isOneself = (acting: ActingParties, party: string): boolean =>
  acting.party === party && actsFor(acting, party);

/** A token with scopes only: the caller is known, but speaks for no party. */
interface SystemCaller {
  kind: 'system';
  /** The issuer and its client, to distinguish one from another. */
  client: string;
  scopes: Set<string>;
}

export type Caller = OrganizationCaller | PersonCaller | SystemCaller;

/** The doer of an act by token: an organisation's number, a person's id; null for a system. */
export const doerOf = (caller: Caller): string | null =>
  caller.kind === 'organization'
    ? caller.organizationNo
    : caller.kind === 'person'
      ? caller.party
      : null;

/**
 * The security level of an `acr` (ID-porten's names, and plain numbers); undefined for an unknown
 * one.
 */
export function levelOf(acr: unknown): number | undefined {
  switch ((textOf(acr) ?? '').toLowerCase()) {
    case 'idporten-loa-high':
    case 'level4':
    case '4':
      return 4;
    case 'idporten-loa-substantial':
    case 'level3':
    case '3':
      return 3;
    case 'idporten-loa-low':
    case '2':
      return 2;
    case '1':
      return 1;
    case '0':
    case 'selfregistered-email':
      return 0;
    default:
      return undefined;
  }
}

/** The `acr` to ask the national eID for. */
export const acrOf = (level: number) =>
  level >= 4 ? 'idporten-loa-high' : 'idporten-loa-substantial';

/**
 * Ours are RFC 9068 (`at+jwt`) or Maskinporten-shaped; an id_token or a signed answer has the same
 * keys and is neither.
 */
export const isAccessToken = (typ: string | undefined, claims: Record<string, unknown>) =>
  typ?.toLowerCase() === 'at+jwt' || (typ === undefined && claims.token_type === 'Bearer');

/**
 * Whether a trusted issuer's `typ` can be an access token's: as RFC 9068 §2.1 has it, or as
 * Maskinporten, which has none.
 */
export const isTypeOfAccess = (typ: unknown) =>
  typ === undefined || (typeof typ === 'string' && /^(?:application\/)?(?:at\+)?jwt$/i.test(typ));

const realm = 'Bearer realm="tillit"';

/** 401: no token, or one that is not valid (RFC 6750 §3). The reason is for the log only. */
export function invalidToken(because?: string) {
  const header = because === undefined ? realm : `${realm}, error="invalid_token"`;
  return fault('TIL-00005', {
    headers: { 'www-authenticate': header },
    ...(because ? { because } : {}),
  });
}

/** 403: the token lacks every scope that would do. */
export function insufficientScope(scopes: string[]) {
  return fault('TIL-00006', {
    members: { scopes },
    headers: {
      'www-authenticate': `${realm}, error="insufficient_scope", scope="${scopes.join(' ')}"`,
    },
  });
}

/** 401: step up (RFC 9470 §3). */
export function insufficientLevel(level: number) {
  return fault('TIL-00007', {
    members: { requiredLevel: level },
    headers: {
      'www-authenticate': `${realm}, error="insufficient_user_authentication", acr_values="${acrOf(level)}"`,
    },
  });
}

/** The key that a caller is counted by: no two callers share it. */
export const callerKey = (caller: Caller): string =>
  caller.kind === 'organization'
    ? caller.organizationNo
    : caller.kind === 'person'
      ? caller.party
      : caller.client;

/** Under which name a caller stands in logs. */
export const callerName = (caller: Caller) =>
  caller.kind === 'organization'
    ? caller.organizationNo
    : caller.kind === 'person'
      ? caller.party
      : 'system';
