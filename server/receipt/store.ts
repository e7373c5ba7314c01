// SQL of receipts: the events that they are made of, with what those were about as it stood.
import { loggedEvent } from '../event/feed_store.ts';
import type { LoggedEvent } from '../event/payload_model.ts';
import type { ReceiptThing } from './view_model.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

/** An event that a receipt is made of. */
export interface Receipted {
  event: string;
  kind: string;
  at: Date;
  /** The party that did it; null where nobody is known. */
  by: string | null;
  /** The services that it was about, as it stood. */
  resources: string[];
}

// The newest, the answer, and the one that is asked for: a giver can pause it without end.
const listed = (column: string): string => `with every as materialized (
      select event.id, event.type, event.at, event.by_party, array(select one ->> 'resource' from json_array_elements(content.content -> 'rights') as one) as resources
      from event join event_content content on content.event_id = event.id where event.${column} = $1)
    select every.id as event, every.type as kind, every.at, every.by_party as by, every.resources from (
      (select * from every order by every.id desc limit 1000)
      union (select * from every where every.type in ('approved', 'rejected', 'given') order by every.id desc limit 1)
      union (select * from every where every.id = $2)) as every order by every.id`;
const LISTS: Record<ReceiptThing, Statement> = {
  consent: { name: 'receipts_of_consent', text: listed('consent_id') },
  mandate: { name: 'receipts_of_mandate', text: listed('mandate_id') },
};

/** The events of a consent or mandate that receipts are made of, from the first. */
export const listReceipted = (
  db: Db,
  { thing, id }: { thing: ReceiptThing; id: string },
  wanted: string | undefined,
): Promise<Receipted[]> => query<Receipted>(db, LISTS[thing], [id, wanted ?? null]);

const one: Statement = {
  name: 'event_with_content',
  text: `select ${loggedEvent} as event from (select event.*, content.content from event join event_content content on content.event_id = event.id where event.id = $1) as happened`,
};

/** One of them, as the log has it. */
export const findReceipted = async (db: Db, id: string): Promise<LoggedEvent | undefined> =>
  (await queryOne<{ event: LoggedEvent }>(db, one, [id]))?.event;
