// The consent feed's question and its places: filters, and the cursor with which a page goes on. It
// reads no event.
import { EVENT_TYPES, WIRE_EVENT, type EventType } from '../../event/model.ts';
import { findPlace } from '../../event/feed_store.ts';
import { epochOf, whyOld } from '../../event/place_model.ts';
import type { Db } from '../../platform/db/db.ts';
import type { Restoration } from '../../platform/restoration_store.ts';
import { placeIn, placePath } from '../../platform/http/validation.ts';
import { validationProblem, type Validation } from '../problems.ts';
import { asText } from '../../platform/as_text.ts';

interface FeedQuery {
  createdAfter?: string;
  createdBefore?: string;
  eventType?: string[];
  consentRequestId?: string;
  continuationToken?: string;
  cursor?: string;
}

/** The filters of a question, without its place. */
export const filtersOf = ({
  createdAfter,
  createdBefore,
  consentRequestId,
  eventType,
}: FeedQuery) => ({ createdAfter, createdBefore, consentRequestId, eventType });

/** The wanted part of the feed; everything wrong with the question at once. */
export function feedWanted(query: FeedQuery, restored: Restoration | undefined) {
  const wrong: Validation[] = [];
  const { createdAfter = null, createdBefore = null } = query;
  if (createdAfter && createdBefore && new Date(createdAfter) >= new Date(createdBefore)) {
    wrong.push({ code: 'AM.VLD-00051', path: '$QUERY/createdAfter' });
  }
  const types = eventTypes(query.eventType ?? [], wrong);
  const { consentRequestId: consentId = null } = query;
  const mark = placeIn(query);
  const after = mark === undefined ? Buffer.alloc(16) : readCursor(mark);
  // A place that is an event's id, as of long ago, is of no epoch.
  const isOld =
    after && mark !== undefined && isPlace(after) && epochIn(after) !== epochOf(restored);
  if (!after || isOld)
    wrong.push({
      code: 'AM.VLD-00053',
      path: placePath(query),
      detail: isOld ? whyOld(restored) : undefined,
    });
  if (wrong.length) throw validationProblem(wrong);
  return { after: after!, types, createdAfter, createdBefore, consentId };
}

/** The same call from the end of this page, with the filters under their names here. */
export function nextPage(
  address: string,
  filters: Record<string, string | string[] | undefined>,
  cursor: string,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters))
    for (const one of [value ?? []].flat()) query.append(name, one);
  query.set('continuationToken', cursor);
  return `${address}?${query}`;
}

/** Stored types for the wire's names, in any case. */
function eventTypes(names: string[], wrong: Validation[]): EventType[] {
  if (!names.length) return [...EVENT_TYPES];
  return names.flatMap((name) => {
    const lower = name.toLowerCase();
    const type = EVENT_TYPES.find((known) => WIRE_EVENT[known].toLowerCase() === lower);
    if (!type) wrong.push({ code: 'AM.VLD-00052', path: '$QUERY/eventType' });
    return type ?? [];
  });
}

/** The epoch and a place in it, in as many bytes as the event's id that it once was. */
export const writeCursor = (position: string, restored: Restoration | undefined) => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(epochOf(restored), 6);
  bytes.writeBigUInt64BE(BigInt(position), 8);
  return bytes.toString('base64url');
};

/** A UUIDv7 begins with its time, a place with none. */
const isPlace = (bytes: Buffer): boolean => bytes.readUIntBE(0, 6) === 0;
const epochIn = (bytes: Buffer): number => bytes.readUInt16BE(6);

function readCursor(mark: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]{22}(==)?$/.test(mark)) return undefined;
  const bytes = Buffer.from(mark, 'base64url');
  if (bytes.length !== 16) return undefined;
  return isPlace(bytes) && bytes.readBigUInt64BE(8) >= 2n ** 63n ? undefined : bytes;
}

/** The place that a cursor says; of one from before places, that of the event it names. */
export async function placeAfter(db: Db, mark: Buffer): Promise<string> {
  if (isPlace(mark)) return asText(mark.readBigUInt64BE(8));
  const id = mark.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return findPlace(db, id);
}
