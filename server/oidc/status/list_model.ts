// Status lists as bytes, and the place of a token in one (Token Status List, IETF
// draft-ietf-oauth-status-list-21). Pure.

/** Places of a list, from its first day to its last: its length says nothing. */
const PLACES = 2 ** 20;
const BITS = 2;
const PLACES_OF_BYTE = 8 / BITS;

/** The bits of a token (§7.1 of the draft): valid, invalid, suspended. */
export type StatusBit = 0 | 1 | 2;

/** A list in which everything is valid. */
export const newList = (): Uint8Array<ArrayBuffer> => new Uint8Array(PLACES / PLACES_OF_BYTE);

/** The number of the list that has a place, from 1, and the index there. */
export function statusPlaceIn(place: string): { list: number; index: number } {
  const at = Number(place);
  return { list: Math.floor(at / PLACES) + 1, index: at % PLACES };
}

/** Lists that there are once so many places were given: one more begins when the last is full. */
export const listsFor = (given: number): number => Math.max(1, Math.ceil(given / PLACES));

/** Sets the bit of an index; the first of a byte is its lowest. */
export function setBit(list: Uint8Array, index: number, bit: StatusBit): void {
  const at = Math.floor(index / PLACES_OF_BYTE);
  const shift = (index % PLACES_OF_BYTE) * BITS;
  list[at] = (list[at]! & ~(0b11 << shift)) | (bit << shift);
}

/** The path of all lists; each is below it, by its number. */
export const STATUS_LISTS = '/status-lists';
export const listUri = (issuer: string, list: number): string => `${issuer}${STATUS_LISTS}/${list}`;

/** The `status` of a token (§6.1 of the draft). */
export function statusClaim(issuer: string, place: string) {
  const { list, index } = statusPlaceIn(place);
  return { status_list: { idx: index, uri: listUri(issuer, list) } };
}

/** Seconds that a list may be kept, and until it is nothing any more. */
export const TTL_SECONDS = 15;
const LASTS_SECONDS = 60;

/** The claims of a list, of which `lst` is compressed already (§5.1 of the draft). */
export const listClaims = (issuer: string, list: number, lst: string, iat: number) => ({
  iss: issuer,
  sub: listUri(issuer, list),
  iat,
  exp: iat + LASTS_SECONDS,
  ttl: TTL_SECONDS,
  status_list: { bits: BITS, lst },
});
