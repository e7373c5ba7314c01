// SQL of what the operator lets go after its days: events of what has ended that have their place
// in the log, and lines of owners' feeds.
import { logged } from '../event/feed_store.ts';
import type { LoggedEvent } from '../event/payload_model.ts';
import { queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { LOT, sweepAll, sweepOldest } from '../platform/db/sweep_store.ts';
import type { Keeping } from '../platform/env/env.ts';
import type { GoesOn } from '../platform/job.ts';

/** The instants by which a thing must have ended; null lets nothing of a kind go. */
export interface LetGoBy {
  consents: Date | null;
  mandates: Date | null;
}

/** An event with its place in the log. */
interface Placed {
  id: string;
  log: number;
  position: number;
  /** The hash of its leaf in the tree, in hexadecimal. */
  hash: string;
}
export interface DueEvents {
  /** The last that was looked at; null after the last of all. */
  last: string | null;
  events: LoggedEvent[];
  places: Placed[];
}

// The newest place of one that got several, as a log ended before it was signed.
const due: Statement = {
  name: 'events_to_let_go',
  text: `with lot as materialized (
      select event.id, may_let_go(event.consent_id, event.mandate_id, event.at, $2, $3) as may_go from event
      where event.id > $1 and event.id < least_id(greatest($2::timestamptz, $3::timestamptz) at time zone 'UTC') order by event.id limit $4),
    places as materialized (
      select distinct on (leaf.event_id) leaf.event_id as id, leaf.log, leaf.position,
        encode(substr(tile.hashes, (leaf.position % 256)::int * 32 + 1, 32), 'hex') as hash from lot join log_leaf leaf on leaf.event_id = lot.id
        join log_tile tile on tile.log = leaf.log and tile.level = 0 and tile.tile = leaf.position / 256
      where lot.may_go and exists (select from log_checkpoint signed where signed.log = leaf.log and signed.size > leaf.position) order by leaf.event_id, leaf.log desc),
    happened as (select event.*, kept.content from places join event on event.id = places.id left join event_content kept on kept.event_id = event.id)
    select (select lot.id from lot order by lot.id desc limit 1) as last, ${logged} as events, (select coalesce(json_agg(places), '[]') from places) as places`,
};
/** Events after an id that may go, of so many that are looked at. */
export const findEventsDue = async (
  db: Db,
  after: string,
  { consents, mandates }: LetGoBy,
  most = LOT,
): Promise<DueEvents> => (await queryOne<DueEvents>(db, due, [after, consents, mandates, most]))!;

const erase: Statement = {
  name: 'let_events_go',
  text: 'select let_events_go($1, $2, $3, $4, $5) as gone',
};
/** Erases events but for their leaves; answers with how many it was. */
export const eraseEvents = async (
  db: Db,
  leaves: { id: string; leaf: string }[],
  { consents, mandates }: LetGoBy,
  { consentEvents, mandateEvents }: Pick<Keeping, 'consentEvents' | 'mandateEvents'>,
): Promise<number> =>
  (await queryOne<{ gone: number }>(db, erase, [
    ...[JSON.stringify(leaves), consents, mandates, consentEvents, mandateEvents],
  ]))!.gone;

const lines = sweepOldest('owner_feed', 'at');
/** Lets lines of owners' feeds go that are older than an instant. */
export const letLinesGo = (db: Db, before: Date, goesOn: GoesOn) =>
  sweepAll(db, lines, before, goesOn);
