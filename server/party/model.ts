// Who there is: persons, organisations and sub-units, the URNs that name them, and their numbers' check digits.
// It knows nothing of what they may do.
import { isUuid } from '../platform/ids.ts';

export type PartyKind = 'person' | 'organization' | 'subunit';

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
  endedAt: Date | null;
}

/** A party as somebody names it, before it is looked up. */
export type PartyName =
  | { by: 'person'; value: string }
  | { by: 'organization'; value: string }
  | { by: 'uuid'; value: string };

const PERSON = 'urn:altinn:person:identifier-no:';
const ORGANIZATION = 'urn:altinn:organization:identifier-no:';
const UUIDS = ['urn:altinn:party:uuid:', 'urn:altinn:person:uuid:', 'urn:altinn:organization:uuid:',
  'urn:altinn:systemuser:uuid:'];

/** Reads a ConsentPartyUrn (contract/consent.md §1.0); undefined for what is none. */
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

/** The URN by number, as the enterprise API and tokens have it. */
export function numberUrn(party: Pick<Party, 'personNo' | 'organizationNo'>): string {
  return party.personNo ? PERSON + party.personNo : ORGANIZATION + party.organizationNo;
}

/** The URN by UUID, as the portal operations have it. */
export const uuidUrn = (id: string) => UUIDS[0] + id;

/** The ISO 6523 form of an organisation in tokens (contract/consent.md §4.3). */
export const iso6523 = (organizationNo: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${organizationNo}` });

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
  return /^\d{11}$/.test(value)
    && weighted(value, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) === 0
    && weighted(value, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) === 0;
}
