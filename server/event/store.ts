// SQL of events: append, and what happened to mandates. Ids are UUIDv7 made in the act, so order
// is time; the consent feed has an order of its own (feed_store.ts).
import type { Act } from '../platform/act.ts';
import { query, sealOf, type Db, type Statement } from '../platform/db/db.ts';
import { isProtected } from '../party/facts_store.ts';
import { isUuid, randomHex, uuidv7 } from '../platform/ids.ts';
import { isMadeBy, macBy, type KnownEvent, type KnownMembers } from './mac_model.ts';
import type { ConsentEventType, HouseEvent, MandateEvent } from './model.ts';
import type { LoggedEvent } from './payload_model.ts';

type EventColumn =
  | 'at'
  | 'by_party'
  | 'by_role'
  | 'consent_id'
  | 'detail'
  | 'from_party'
  | 'handled_by'
  | 'id'
  | 'mac'
  | 'mandate_id'
  | 'seed'
  | 'to_party'
  | 'type';

/** Begins the part of an act's statement that writes events; the act selects their rows. */
export const intoEvent = (...columns: EventColumn[]): string =>
  `insert into event (${columns.join(', ')})`;

/**
 * Joined to the rows of a statement that brings events in, of which no receipt is made here; it is
 * over with the statement (migrations/17_receipt.ts).
 */
export const BRINGS_IN = "(select set_config('tillit.brings_in', 'on', true)) as brought";

/** The number of an organisation that acts, or a party's id; null where nobody is known. */
export type Doer = string | null;
/** The party of a doer, in a statement. */
export const doer = (by: string): string =>
  `coalesce((select doer.id from party doer where doer.organization_no = ${by}), case when length(${by}) = 36 then ${by}::uuid end)`;

/** The MAC of an event as its column takes it. */
export const macOf = (db: Db, event: KnownEvent): string => `\\x${macBy(sealOf(db), event)}`;

/**
 * The seed of an event's salts, 128 random bits as its column takes them, for acts that are many:
 * the column's own default takes the database ten times as long.
 */
export const newSeed = (): string => `\\x${randomHex(16)}`;

/** Whether a node made the event as it is stored. */
export const hasMac = (db: Db, event: LoggedEvent): boolean => isMadeBy(sealOf(db), event);

/** A new event of an act, with its MAC: for a statement that takes both. */
export function newEvent(
  { db, now: at }: Pick<Act, 'db' | 'now'>,
  known: KnownMembers & { kind: string },
): { id: string; mac: string } {
  const id = uuidv7(at);
  return { id, mac: macOf(db, { ...known, id, at }) };
}

/** A doer as a MAC covers it: as far as the act knows its party. */
export const knownDoer = (by: Doer): { by?: string | null } =>
  by === null || isUuid(by) ? { by } : {};

/**
 * The same, for each row of a query with type, from_party, to_party, by_party and detail; `at` is
 * the act's instant, and `ids` what `idsFor` made.
 */
export const eventOfEach = (rows: string, at: string, ids: string): string =>
  `${intoEvent('id', 'mac', 'type', 'at', 'from_party', 'to_party', 'by_party', 'detail')}
    select one.id, one.mac, happened.type, ${at}, happened.from_party, happened.to_party, happened.by_party, happened.detail
    from (select each.*, row_number() over (partition by each.type) as n from (${rows}) as each(type, from_party, to_party, by_party, detail)) as happened
    left join jsonb_to_recordset(${ids}::jsonb) as one(kind text, n int, id uuid, mac bytea) on one.kind = happened.type and one.n = happened.n`;

/**
 * Ids and MACs for at most so many events of each kind, as `eventOfEach` takes them; a statement
 * that has more events than that fails, and writes nothing.
 */
export const idsFor = (
  act: Act,
  most: Partial<Record<MandateEvent | HouseEvent, number>>,
  known: KnownMembers = {},
): string =>
  JSON.stringify(
    Object.entries(most).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, n) => ({
        kind,
        n: n + 1,
        ...newEvent(act, { ...known, kind }),
      })),
    ),
  );

export interface NewEvent {
  type: Exclude<ConsentEventType, 'expired'>;
  consentId: string;
  fromParty: string;
  toParty: string;
  handledBy: string | null;
  byParty?: string | null;
  byRole?: string | null;
  detail?: unknown;
}

export interface NewMandateEvent {
  type: MandateEvent;
  mandateId?: string;
  requestId?: string;
  fromParty: string;
  toParty: string;
  byParty: string | null;
  byRole?: string | null;
  detail?: unknown;
}

const append: Statement = {
  name: 'append_events',
  text: `insert into event (id, mac, type, at, consent_id, mandate_id, request_id, from_party, to_party, handled_by, by_party, by_role, detail)
    select r.id, r.mac, r.type, $2, r."consentId", r."mandateId", r."requestId", r."fromParty", r."toParty", r."handledBy", r."byParty", r."byRole", r.detail
    from jsonb_to_recordset($1::jsonb) as r(id uuid, mac bytea, type text, "consentId" uuid, "mandateId" uuid, "requestId" uuid, "fromParty" uuid, "toParty" uuid,
      "handledBy" uuid, "byParty" uuid, "byRole" text, detail jsonb)`,
};

type AnyEvent = Partial<Omit<NewEvent, 'type'> & Omit<NewMandateEvent, 'type'>> & { type: string };
const knownOf = (event: AnyEvent) => ({
  kind: event.type,
  ...{ consent: event.consentId ?? null, mandate: event.mandateId ?? null },
  ...{ request: event.requestId ?? null, from: event.fromParty, to: event.toParty },
  ...{ handledBy: event.handledBy ?? null, by: event.byParty ?? null, role: event.byRole ?? null },
  detail: event.detail ?? null,
});

/** Appends what happened; call it with the transaction of the act it proves. */
export async function appendEvents(
  act: Act,
  events: (NewEvent | NewMandateEvent)[],
): Promise<void> {
  if (events.length)
    await query(act.db, append, [
      JSON.stringify(events.map((event) => ({ ...event, ...newEvent(act, knownOf(event)) }))),
      act.now,
    ]);
}

/** Rows of `eventOfEach` that are about no party; `detail` is an expression of what is selected. */
export const ofHouse = (type: string, by: string, detail: string) =>
  `select ${type}, null::uuid, null::uuid, ${by}, ${detail}`;
/** The digest of JSON as it is stored, by which an event holds it. */
export const digestOf = (json: string) =>
  `encode(sha256(convert_to((${json})::text, 'UTF8')), 'hex')`;
/** The members that are empty in such an event. */
export const NO_PARTIES = { from: null, to: null };

const appendOfHouse: Statement = {
  name: 'append_house_events',
  text: `${intoEvent('id', 'mac', 'type', 'at', 'detail')}
    select r.id, r.mac, r.type, r.at, r.detail from jsonb_to_recordset($1::jsonb) as r(id uuid, mac bytea, type text, at timestamptz, detail jsonb)`,
};

/** Appends what is about no party; at the act's instant, where no other is given. */
export async function appendHouseEvents(
  { db, now }: Act,
  events: { type: HouseEvent; at?: Date; detail: object }[],
): Promise<void> {
  if (!events.length) return;
  const nobody = { ...NO_PARTIES, by: null, role: null };
  const rows = events.map(({ type, at = now, detail }) => {
    const event = { id: uuidv7(now), kind: type, at, detail };
    return { ...event, type, mac: macOf(db, { ...nobody, ...event }) };
  });
  await query(db, appendOfHouse, [JSON.stringify(rows)]);
}

/** The terms of a history, each as SQL. */
interface HistoryTerms {
  party: string;
  /** An id: events before it are read. */
  before: string;
  limit: string;
  /** Types, or null for all. */
  types: string;
  /** The reader. */
  actor: string;
  /** Whether what the party received is read too. */
  received: string;
  /** A further condition of an event. */
  also?: (event: string) => string;
  /** Mandates and requests of which alone events are read: each an array of ids. */
  of?: { mandates: string; requests: string };
}

// Events that rest on a secret register go to its two parties only, and so does where a person with
// a protected address logged in.
const shown = (event: string, { before, types, actor, also }: HistoryTerms) =>
  `${event}.consent_id is null and ${event}.id < ${before} and (${types}::text[] is null or ${event}.type = any(${types}))
  and (${actor} in (${event}.from_party, ${event}.to_party) or not exists (select from mandate held join role on role.code = held.role
    join source on source.code = role.source where held.id = ${event}.mandate_id and source.visibility = 'secret'))
  and (${event}.type <> 'disclosed' or ${actor} in (${event}.from_party, ${event}.to_party) or not ${isProtected(`${event}.from_party`)})${also ? ` and ${also(event)}` : ''}`;

/** Events of what a party gave, and of what it received; without those of consents, as `event`. */
export const historyRows = (terms: HistoryTerms): string => {
  const { party, limit, received, of } = terms;
  const rows = (name: string, whose: string) =>
    `(select * from event ${name} where ${whose} and ${shown(name, terms)} order by ${name}.id desc limit ${limit})`;
  const gave = (name: string) => `${name}.from_party = ${party}`;
  const has = (name: string) => `${name}.to_party = ${party} and ${received}`;
  if (!of)
    return `(${rows('given', gave('given'))}
      union ${rows('got', has('got'))}) as event`;
  // One by one, each by the index of what it is about, whatever is expected of how many there are.
  const about = (name: string, column: string, ids: string) =>
    `select ${name}.* from unnest(${ids}) as about(id)
        cross join lateral ${rows(name, `${name}.${column} = about.id and (${gave(name)} or (${has(name)}))`)} as ${name}`;
  return `(${about('of_mandate', 'mandate_id', of.mandates)}
      union ${about('of_request', 'request_id', of.requests)}) as event`;
};

const history: Statement = {
  name: 'mandate_history',
  text: `select event.id, event.type, event.at, event.mandate_id as "mandateId", event.request_id as "requestId", event.from_party as "from", event.to_party as "to",
      event.by_party as "by", event.by_role as "byRole", event.detail, giver.name as "fromName", receiver.name as "toName", doer.name as "byName"
    from ${historyRows({ party: '$1', before: '$2', limit: '$3', types: '$4', actor: '$5', received: '$6' })}
    join party giver on giver.id = event.from_party join party receiver on receiver.id = event.to_party left join party doer on doer.id = event.by_party
    order by event.id desc limit $3`,
};

export interface HistoryRow {
  id: string;
  type: MandateEvent;
  at: Date;
  mandateId: string | null;
  requestId: string | null;
  from: string;
  to: string;
  by: string | null;
  byRole: string | null;
  detail: unknown;
  fromName: string;
  toName: string;
  byName: string | null;
}

export interface HistoryQuery {
  party: string;
  actor: string;
  received: boolean;
  before: string;
  types: string[] | null;
  limit: number;
}

/**
 * Events of the mandates that a party gave, and on request of those it received; newest first, as
 * far as the actor may see them.
 */
export function readHistory(db: Db, wanted: HistoryQuery): Promise<HistoryRow[]> {
  return query<HistoryRow>(db, history, [
    wanted.party,
    wanted.before,
    wanted.limit,
    wanted.types,
    wanted.actor,
    wanted.received,
  ]);
}

const ofMandate: Statement = {
  name: 'events_of_mandate',
  text: `select event.type, event.at, event.detail, doer.name as "byName" from event left join party doer on doer.id = event.by_party
    where event.mandate_id = $1 order by event.id desc limit 50`,
};

const termsBefore: Statement = {
  name: 'terms_before',
  text: `select distinct on (event.mandate_id) event.mandate_id as id, event.detail -> 'before' as before from event
    where event.mandate_id = any($1::uuid[]) and event.type = 'changed' and event.at > $2 order by event.mandate_id, event.id`,
};

/** Terms that mandates had at a moment, of those that have been changed since; by id. */
export async function readTermsBefore(
  db: Db,
  ids: string[],
  at: Date,
): Promise<Map<string, unknown>> {
  const rows = ids.length
    ? await query<{ id: string; before: unknown }>(db, termsBefore, [ids, at])
    : [];
  return new Map(rows.map(({ id, before }) => [id, before]));
}

/** Events of one mandate, newest first. */
export const readEventsOf = (
  db: Db,
  mandate: string,
): Promise<{ type: MandateEvent; at: Date; byName: string | null; detail: object | null }[]> =>
  query(db, ofMandate, [mandate]);
