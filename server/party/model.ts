// Parties: persons, organisations and sub-units, the URNs that name them, and their numbers' check
// digits. It knows nothing of what they may do.
import { isUuid } from '../platform/ids.ts';

export type PartyKind = 'person' | 'organization' | 'subunit' | 'system_user' | 'self_identified';

/** Whether it is in the register of units: an organisation, or a sub-unit of one. */
export const isOrganization = ({ kind }: { kind: string }) =>
  kind === 'organization' || kind === 'subunit';

export interface Party {
  id: string;
  partyId: number;
  userId: number | null;
  kind: PartyKind;
  personNo: string | null;
  organizationNo: string | null;
  name: string;
  parent: string | null;
  unitType: string | null;
  /** YYYY-MM-DD, where a register or an import says it. */
  bornOn: string | null;
  endedAt: Date | null;
  /**
   * A system user's owner, its system, and whether it acts for the owner or for the owner's
   * customers.
   */
  owner: string | null;
  systemId: string | null;
  systemKind: 'standard' | 'agent' | null;
  /** Since when the organisation of a system user lets it do nothing. */
  suspendedAt: Date | null;
}

/** A party as somebody names it, before it is looked up. */
export type PartyName =
  | { by: 'person'; value: string }
  | { by: 'organization'; value: string }
  | { by: 'uuid'; value: string }
  | { by: 'partyId'; value: string }
  | { by: 'userId'; value: string }
  | { by: 'username'; value: string };

/** A name that anybody may look up: an id that nobody guesses, or an organisation's. */
export type PublicName = Extract<PartyName, { by: 'uuid' | 'organization' }>;
export const isPublic = (name: PartyName): name is PublicName =>
  name.by === 'uuid' || name.by === 'organization';

const PERSON = 'urn:altinn:person:identifier-no:';
const ORGANIZATION = 'urn:altinn:organization:identifier-no:';
const UUIDS = [
  'urn:altinn:party:uuid:',
  'urn:altinn:person:uuid:',
  'urn:altinn:organization:uuid:',
  'urn:altinn:systemuser:uuid:',
];

/** Reads a ConsentPartyUrn (Altinn 3, consent API); undefined for what is none. */
export function parsePartyUrn(urn: unknown): PartyName | undefined {
  if (typeof urn !== 'string' || urn.length > 100) return undefined;
  const lower = urn.toLowerCase();
  if (lower.startsWith(PERSON)) {
    const value = urn.slice(PERSON.length);
    return /^\d{11}$/.test(value) ? { by: 'person', value } : undefined;
  }
  if (lower.startsWith(ORGANIZATION)) {
    const value = urn.slice(ORGANIZATION.length);
    return /^\d{9}$/.test(value) ? { by: 'organization', value } : undefined;
  }
  const prefix = UUIDS.find((known) => lower.startsWith(known));
  const value = prefix ? lower.slice(prefix.length) : '';
  return isUuid(value) ? { by: 'uuid', value } : undefined;
}

/**
 * Attribute ids that name a party, in decisions and in end users' calls (as in Altinn 3).
 */
const ATTRIBUTES = new Map<string, PartyName['by']>(
  Object.entries({
    'urn:altinn:person:identifier-no': 'person',
    'urn:altinn:ssn': 'person',
    'urn:altinn:organization:identifier-no': 'organization',
    'urn:altinn:organizationnumber': 'organization',
    'urn:altinn:party:uuid': 'uuid',
    'urn:altinn:person:uuid': 'uuid',
    'urn:altinn:organization:uuid': 'uuid',
    'urn:altinn:systemuser:uuid': 'uuid',
    'urn:altinn:enterpriseuser:uuid': 'uuid',
    'urn:altinn:partyid': 'partyId',
    'urn:altinn:userid': 'userId',
    'urn:altinn:person:legacy-selfidentified': 'username',
    'urn:altinn:person:idporten-email': 'username',
    'urn:altinn:enterpriseuser:username': 'username',
    'urn:altinn:username': 'username',
  }),
);
const SHAPES: Record<PartyName['by'], RegExp> = {
  person: /^\d{11}$/,
  organization: /^\d{9}$/,
  partyId: /^[1-9]\d{0,14}$/,
  userId: /^[1-9]\d{0,14}$/,
  username: /^[^\s\x00-\x1f]{1,200}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

/** Whether an attribute id names a party. */
export const namesParty = (attribute: string) => ATTRIBUTES.has(attribute.toLowerCase());

/**
 * A party by attribute id and value; undefined when the id names none, or the value does not have
 * its shape.
 */
export function partyName(attribute: string, value: string): PartyName | undefined {
  const by = ATTRIBUTES.get(attribute.toLowerCase());
  const shown = by === 'uuid' ? value.toLowerCase() : value;
  return by && SHAPES[by].test(shown) ? { by, value: shown } : undefined;
}

/** A party as one text: a URN, a UUID or a number; undefined for none. */
export function anyPartyName(text: string): PartyName | undefined {
  if (SHAPES.uuid.test(text.toLowerCase())) return { by: 'uuid', value: text.toLowerCase() };
  if (SHAPES.person.test(text)) return { by: 'person', value: text };
  if (SHAPES.organization.test(text)) return { by: 'organization', value: text };
  const [, attribute = '', value = ''] = /^(.+):([^:]+)$/.exec(text) ?? [];
  return partyName(attribute, value);
}

/** The URN by number, as the enterprise API and tokens have it. */
export function numberUrn(party: Pick<Party, 'personNo' | 'organizationNo'>): string {
  return party.personNo ? PERSON + party.personNo : ORGANIZATION + party.organizationNo;
}

/** The URN by UUID, as the portal operations have it. */
export const uuidUrn = (id: string) => UUIDS[0] + id;

/** The ISO 6523 form of an organisation in tokens (Maskinporten, jwt-bearer grant). */
export const iso6523 = (organizationNo: string) => ({
  authority: 'iso6523-actorid-upis',
  ID: `0192:${organizationNo}`,
});

/** Reads `consumer` and `supplier` claims; undefined for another authority or shape. */
export function parseIso6523(claim: unknown): string | undefined {
  const { authority, ID } = (claim ?? {}) as { authority?: unknown; ID?: unknown };
  if (authority !== 'iso6523-actorid-upis' || typeof ID !== 'string') return undefined;
  return /^[^:]{1,10}:(\d{9})$/.exec(ID)?.[1];
}

const weighted = (digits: string, weights: number[]) =>
  weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0) % 11;

/** Modulus 11 of an organisation number. */
export function isOrganizationNumber(value: string): boolean {
  return /^\d{9}$/.test(value) && weighted(value, [3, 2, 7, 6, 5, 4, 3, 2, 1]) === 0;
}

/** Both control digits of a national identity number or D-number; test numbers have month + 80. */
export function isPersonNumber(value: string): boolean {
  return (
    /^\d{11}$/.test(value) &&
    weighted(value, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) === 0 &&
    weighted(value, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) === 0
  );
}
