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
}

const listed = (column: string): string =>
  `select event.id as event, event.type as kind, event.at, event.by_party as by from event
    join event_content content on content.event_id = event.id where event.${column} = $1 order by event.id limit 1000`;
const LISTS: Record<ReceiptThing, Statement> = {
  consent: { name: 'receipts_of_consent', text: listed('consent_id') },
  mandate: { name: 'receipts_of_mandate', text: listed('mandate_id') },
};

/** The events of a consent or mandate that receipts are made of, from the first. */
export const listReceipted = (db: Db, thing: ReceiptThing, id: string): Promise<Receipted[]> =>
  query<Receipted>(db, LISTS[thing], [id]);

const one: Statement = {
  name: 'event_with_content',
  text: `select ${loggedEvent} as event from (select event.*, content.content from event join event_content content on content.event_id = event.id where event.id = $1) as happened`,
};

/** One of them, as the log has it. */
export const findReceipted = async (db: Db, id: string): Promise<LoggedEvent | undefined> =>
  (await queryOne<{ event: LoggedEvent }>(db, one, [id]))?.event;
