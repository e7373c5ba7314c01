// SQL of what is on its way to streams: who hears of an event, what is sent next, and what became
// of it. Each event of a stream is in one state.
import { randomUUID } from 'node:crypto';
import { isHeld, wasHeld } from '../consent/basis/store.ts';
import { isProtected } from '../party/facts_store.ts';
import type { Act } from '../platform/act.ts';
import { epochSeconds } from '../platform/clock.ts';
import { LONGEST_TOKEN_SECONDS } from '../platform/env/env.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { ENDS, OWN_ALONE, STOPS, type After, type ChangedToken } from './model.ts';
import type { StreamMethod } from './stream_store.ts';

const wanted = `stream.ended_at is null and stream.made_at <= event.at`;
/**
 * The streams that hear of an event, each with the services that it hears of: the requester's, the
 * sources', and those of owners of services that a mandate or a policy is about. A source hears of
 * nothing that was not given, and of its own fetches alone; nobody of one of several who has said
 * yes for a giver with a protected address.
 */
const hearing = `select distinct on (heard.stream) heard.* from (
      select stream.id as stream, 1 as rank, array(select asked.resource_id from consent_right asked where asked.consent_id = event.consent_id order by asked.ordinal) as services
        from signal_stream stream where event.consent_id is not null and stream.owner in (event.to_party, event.handled_by) and event.type <> 'fetched' and ${wanted}
          and not (event.type = 'answered' and ${isProtected('event.from_party')})
      union all
      select stream.id, 2, array_agg(distinct resource.id) from consent_right held join resource on resource.id = held.resource_id join signal_stream stream on stream.owner = resource.owner
        where event.consent_id is not null and held.consent_id = event.consent_id and ${wasHeld('held', 'event.at')} and ${wanted}
          and (event.type in ('approved', 'changed', 'suspended', 'resumed', 'withheld', 'released', 'expired', 'withdrawn') or (event.type = 'fetched' and event.by_party = stream.owner))
          and exists (select from consent_request given where given.id = event.consent_id and given.approved_at is not null)
        group by stream.id
      union all
      select stream.id, 2, array_agg(distinct resource.id) from mandate given cross join lateral services_of(null, given.package, given.resource_id) as opened(id)
        join resource on resource.id = opened.id join signal_stream stream on stream.owner = resource.owner
        where given.id = event.mandate_id and given.basis <> 'register' and given.accept_by is null and ${wanted}
          and (event.type not in ('withheld', 'released') or event.detail -> 'services' ? resource.id) group by stream.id
      union all
      select stream.id, 2, array[resource.id] from resource join signal_stream stream on stream.owner = resource.owner
        where event.type = 'policy_published' and resource.id = event.detail ->> 'resource' and ${wanted}
    ) as heard order by heard.stream, heard.rank`;

const REASON = `case when event.type = 'withdrawn' then event.detail ->> 'reason' end`;
/** As many tokens of one consent are said to have changed, those that were drawn last. */
const MOST_TOKENS = 100;
/**
 * Tokens of a narrowed consent that holds, drawn before that, which a stream's owner may still use
 * at $3 (seconds), of uses from the id $2 on. One that keeps a stream for another hears of its own
 * client's alone.
 */
const changedTokens = `(select json_agg(json_build_object('jti', drawn.jti, 'validTo', still.valid_to, 'rights', (
        select json_agg(json_build_object('action', held.actions, 'resource', json_build_array(json_build_object('type', 'urn:altinn:resource', 'value', held.resource_id))) order by held.ordinal)
          from consent_right held where held.consent_id = event.consent_id and ${isHeld('held')})))
      from consent_request still cross join lateral (select used.detail ->> 'jti' as jti from event used where used.consent_id = still.id and used.id >= $2 and used.pos < event.pos and used.type = 'used' and used.by_party = stream.owner
          and (used.detail ->> 'exp')::bigint > $3 and (stream.supplier is null or stream.client = used.detail ->> 'clientId')
          and not exists (select from revoked_token revoked where revoked.jti = used.detail ->> 'jti') order by used.id desc limit ${MOST_TOKENS}) as drawn
      where still.id = event.consent_id and still.state = 'approved' and still.fallen_reason is null and taken.after ->> 'suspended' = 'false')`;
const facts = `event.id as "eventId", event.type, event.at, event.pos::text, event.consent_id as consent, event.mandate_id as mandate, ${REASON} as reason,
      event.detail ->> 'resource' as resource, requester.id as requester,
      case when event.consent_id is null or heard.rank = 2 or asked.approved_at is not null or asked.from_named = 'uuid' then giver.id end as "giverId", giver.kind as "giverKind"`;
const named = `left join party giver on giver.id = event.from_party
      left join party requester on event.consent_id is not null and requester.id = event.to_party
      left join consent_request asked on asked.id = event.consent_id`;

const take: Statement = {
  name: 'take_signals',
  text: `with taken as (delete from signal_pending where signal_pending.event_id in (select waiting.event_id from signal_pending waiting order by waiting.event_id limit $1 for update skip locked)
      returning signal_pending.event_id, signal_pending.after)
    select ${facts}, taken.after, heard.stream, heard.services, stream.kinds, stream.status, (select count(*)::int from taken) as count,
      case when event.type = 'changed' and heard.rank = 1 then ${changedTokens} end as tokens,
      exists (select from signal_removed removed where removed.stream_id = stream.id and removed.subject = coalesce(event.consent_id, event.mandate_id)) as removed
    from taken join event on event.id = taken.event_id left join lateral (${hearing}) as heard on true left join signal_stream stream on stream.id = heard.stream ${named}
    order by event.id`,
};

/** An event that a stream hears, or one that none does (`stream` is null). */
export interface TakenSignal {
  eventId: string;
  type: string;
  at: Date;
  pos: string;
  consent: string | null;
  mandate: string | null;
  reason: string | null;
  resource: string | null;
  requester: string | null;
  giverId: string | null;
  giverKind: string | null;
  after: After | null;
  stream: string | null;
  services: string[] | null;
  kinds: string[] | null;
  status: string | null;
  /** Tokens of the stream's owner that say what does not hold any more. */
  tokens: ChangedToken[] | null;
  removed: boolean;
  /** How many events were taken in all. */
  count: number;
}

/** Takes events that wait, with who hears of each. Call it in a transaction. */
export function takeSignals({ db, now }: Act, most: number): Promise<TakenSignal[]> {
  const since = uuidv7Floor(new Date(now.getTime() - LONGEST_TOKEN_SECONDS * 1_000));
  return query(db, take, [most, since, epochSeconds(now)]);
}

export interface NewDelivery {
  stream: string;
  eventId: string;
  subject: string | null;
  pos: string;
  kind: string;
  isState: boolean;
  said: object;
  /** Why it is not sent; null where it is. */
  dropped: string | null;
}

/** An end is never too old to be said: acts of one moment may get their places in any order. */
export const isNoEnd = (kind: string) => `${kind} <> all('{${ENDS.join()}}'::text[])`;
/** Whether its stream has accepted newer state of the subject. */
export const isOutdated = ({
  stream,
  subject,
  kind,
  pos,
}: Record<'stream' | 'subject' | 'kind' | 'pos', string>) =>
  `${isNoEnd(kind)} and exists (select from signal_delivery newer where newer.stream_id = ${stream} and newer.subject = ${subject} and newer.is_state and newer.pos > ${pos} and newer.state = 'delivered')`;

const insert: Statement = {
  name: 'insert_deliveries',
  text: `insert into signal_delivery (stream_id, event_id, subject, pos, kind, is_state, said, state, why, made_at, next_at, settled_at)
    select r.stream, r."eventId", r.subject, r.pos, r.kind, r."isState", r.said, became.state, r.dropped, $2, $2, case when became.state <> 'waiting' then $2::timestamptz end
    from jsonb_to_recordset($1::jsonb) as r(stream uuid, "eventId" uuid, subject uuid, pos bigint, kind text, "isState" boolean, said jsonb, dropped text)
    cross join lateral (select case when r.dropped is not null then 'dropped' when r."isState" and ${isOutdated({ stream: 'r.stream', subject: 'r.subject', kind: 'r.kind', pos: 'r.pos' })} then 'superseded' else 'waiting' end as state) as became
    on conflict do nothing`,
};
export async function insertDeliveries(act: Act, rows: NewDelivery[]): Promise<void> {
  if (rows.length) await query(act.db, insert, [JSON.stringify(rows), act.now]);
}

const nextPos: Statement = {
  name: 'next_signal_pos',
  text: `select nextval('event_pos')::text as pos`,
};
export const nextPosition = async (db: Db): Promise<string> =>
  (await queryOne<{ pos: string }>(db, nextPos))!.pos;

/** A delivery with the address that it is sent to. */
export interface Delivery {
  stream: string;
  eventId: string;
  /** The consent or the mandate by id; the person whose session it was. */
  subject: string | null;
  pos: string;
  kind: string;
  isState: boolean;
  /** Its members, with parties by id. */
  said: Record<string, unknown>;
  /** The organisation numbers of those parties, null for persons. */
  numbers: Record<string, string | null>;
  tries: number;
  madeAt: Date;
  /** When it happened. */
  at: Date;
  /** The consent or the mandate; the service for a policy. */
  resource: string | null;
  /** Whether its owner may still hear of it. */
  isHeard: boolean;
  client: string;
  /** The organisation number of its owner, to whom a person has one name. */
  ownerNo: string;
  method: StreamMethod;
  endpoint: string | null;
  authorizationHeader: string | null;
  secret: string | null;
  otherSecret: string | null;
  otherUntil: Date | null;
}

const OWN = `('verification', 'stream-updated')`;
const ALONE = `('${OWN_ALONE.join("', '")}')`;
const sent = `delivery.stream_id as stream, delivery.event_id as "eventId", delivery.subject, delivery.pos::text, delivery.kind, delivery.is_state as "isState", delivery.said,
      (select coalesce(json_object_agg(party.id, party.organization_no), '{}') from party where party.id in ((delivery.said ->> 'requester')::uuid, (delivery.said ->> 'giver')::uuid)) as numbers,
      delivery.tries, delivery.made_at as "madeAt", coalesce(event.at, to_timestamp((delivery.said ->> 'event_timestamp')::bigint), delivery.made_at) as at, event.detail ->> 'resource' as resource,
      (delivery.kind in ${OWN} or delivery.kind in ${ALONE} or exists (select from (${hearing}) as hears where hears.stream = delivery.stream_id)) as "isHeard",
      stream.client, (select own.organization_no from party own where own.id = stream.owner) as "ownerNo", stream.method, stream.endpoint, stream.authorization_header as "authorizationHeader", stream.secret, stream.other_secret as "otherSecret", stream.other_until as "otherUntil"`;

/** Whether a stream is given what is not its own; a poll stream needs no verification. */
const IS_OPEN = `stream.status = 'enabled' and stream.verified_at is not null`;
/** Whether it is given its own events: a verification also while it is paused, or not verified. */
const ownIsOpen = `(waiting.kind = 'stream-updated' or stream.status <> 'disabled')`;
/** Whether a stream is given one that waits, as it stands. */
const givenNow = `case when waiting.kind in ${OWN} then ${ownIsOpen} else ${IS_OPEN} end`;
/** The end of a statement that has taken some. */
const given = `select ${sent} from taken delivery join signal_stream stream on stream.id = delivery.stream_id left join event on event.id = delivery.event_id order by delivery.pos`;

/** Waiting deliveries of a stream, due at $1 and taken by nobody. */
const dueOf = (condition: string) =>
  `select waiting.event_id from signal_delivery waiting where waiting.stream_id = stream.id and waiting.state = 'waiting'
            and waiting.next_at <= $1 and (waiting.taken_until is null or waiting.taken_until <= $1) and ${condition}`;
/**
 * The number that a stream may have under way, and so many more, beside those that it has ($4, by
 * its id).
 */
const left = (more = 0) =>
  `greatest(0, $3 + ${more} - coalesce(($4::jsonb ->> stream.id::text)::int, 0))`;
const STOPPING = `('${STOPS.join("', '")}')`;
// Streams take turns, so that none waits for all the others. Of one, what stops something goes
// first, with a call of its own where the others hang; then new events before those that are tried
// again; the rest of a stream that holds much, or is down, is not looked at.
const due: Statement = {
  name: 'take_due_deliveries',
  text: `with due as materialized (
      select one.stream_id, one.event_id
      from (select each_one.* from signal_stream each_one where each_one.method <> 'poll' and each_one.method = any($7::text[]) and each_one.ended_at is null order by hashtext(each_one.id::text || $6)) as stream
      cross join lateral (
        (${dueOf(`waiting.tries = 0 and waiting.kind in ${STOPPING} and ${IS_OPEN}`)} order by waiting.pos limit ${left(1)})
        union all (select ordinary.event_id from (
          (${dueOf(`waiting.kind in ${OWN} and ${ownIsOpen}`)} limit ${left()})
          union all (${dueOf(`waiting.tries = 0 and waiting.kind not in ${OWN} and waiting.kind not in ${STOPPING} and ${IS_OPEN}`)} order by waiting.pos limit ${left()})
          union all (${dueOf(`waiting.tries > 0 and waiting.kind not in ${OWN} and ${IS_OPEN}`)} order by waiting.next_at limit ${left()})) as ordinary limit ${left()})
        limit ${left(1)}) as found
      join signal_delivery one on one.stream_id = stream.id and one.event_id = found.event_id
      where one.state = 'waiting' and (one.taken_until is null or one.taken_until <= $1)
      limit $2 for update of one skip locked),
    taken as (
      update signal_delivery set tries = signal_delivery.tries + 1, taken_until = $5 from due
      where signal_delivery.stream_id = due.stream_id and signal_delivery.event_id = due.event_id returning signal_delivery.*)
    ${given}`,
};

/**
 * Takes what is due, each to one node until `until`; of a stream as much as `ofOne` beside what is
 * under way.
 */
export const takeDue = (
  act: Act,
  {
    most,
    ofOne,
    underWay,
    until,
    methods,
  }: {
    most: number;
    ofOne: number;
    underWay: Record<string, number>;
    until: Date;
    methods: StreamMethod[];
  },
): Promise<Delivery[]> =>
  query(act.db, due, [
    ...[act.now, most, ofOne, JSON.stringify(underWay), until],
    ...[randomUUID(), methods],
  ]);

/** Deliveries of stream $1 that a poll is given now. */
const waitingOf = (condition: string) =>
  `select waiting.event_id from signal_delivery waiting join signal_stream stream on stream.id = waiting.stream_id
        where waiting.stream_id = $1 and waiting.state = 'waiting' and ${givenNow} and ${condition}`;
const polled: Statement = {
  name: 'poll_deliveries',
  text: `with found as materialized (
      (${waitingOf(`waiting.tries = 0 and waiting.kind in ${STOPPING}`)} order by waiting.pos limit $2)
      union all (${waitingOf(`not (waiting.tries = 0 and waiting.kind in ${STOPPING})`)} order by waiting.tries, waiting.pos limit $2) limit $2),
    due as materialized (select one.stream_id, one.event_id from found join signal_delivery one on one.stream_id = $1 and one.event_id = found.event_id
        where one.state = 'waiting' for update of one skip locked),
    taken as (update signal_delivery set tries = signal_delivery.tries + 1 from due
      where signal_delivery.stream_id = due.stream_id and signal_delivery.event_id = due.event_id returning signal_delivery.*)
    ${given}`,
};
/** Deliveries for a poll stream: those that stop something, then those that it was not given. */
export const takePolled = (db: Db, stream: string, most: number): Promise<Delivery[]> =>
  query(db, polled, [stream, most]);

const waiting: Statement = {
  name: 'count_waiting_deliveries',
  text: `select count(*)::int as count from (select from signal_delivery waiting join signal_stream stream on stream.id = waiting.stream_id
      where waiting.stream_id = $1 and waiting.state = 'waiting' and ${givenNow} limit $2) as counted`,
};
/** How many of a stream wait that a poll is given now, counted so far. */
export const countHeld = async (db: Db, stream: string, most: number): Promise<number> =>
  (await queryOne<{ count: number }>(db, waiting, [stream, most]))!.count;

const isAny: Statement = {
  name: 'is_any_signal',
  text: 'select exists (select from signal_pending) as pending',
};
/** Whether events wait to be given out. */
export const isAnyPending = async (act: Act): Promise<boolean> =>
  (await queryOne<{ pending: boolean }>(act.db, isAny))!.pending;
