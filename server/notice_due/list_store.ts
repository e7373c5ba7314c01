// SQL of notices as they are read: with what they are about, as it is now.
import { RESPONSIBILITY } from '../resource/catalogue/model.ts';
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import type { MandateEvent } from '../event/model.ts';
import { WAITS } from '../mandate/overview_store.ts';
import { isSilenced } from '../notice/silence_store.ts';
import { ASKS, WIDENING, type NoticeType } from '../notice/model.ts';
import { matterOf } from '../notice/store.ts';

/** `from` is who gave the mandate, while that can be used. */
export interface NoticeRow {
  id: string;
  type: NoticeType;
  mandateId: string | null;
  requestId: string | null;
  consentId: string | null;
  at: Date;
  readAt: Date | null;
  from: string | null;
  /** The giver and the receiver of the mandate, whether it has ended or not. */
  giver: string | null;
  receiver: string | null;
  /** The role that it is about, unless that is for its two alone to know. */
  role: string | null;
  /**
   * The one on the other side, where the notice says that a register says that that one is no more;
   * `still` is false where the register has taken it back.
   */
  ended: { kind: string; name: string; still: boolean } | null;
  /** The one on the other side of a mandate or a request, where the party is on one of them. */
  other: { id: string; kind: string; name: string } | null;
  /** Whether it goes from the party to that one. */
  toOther: boolean;
  /** Whether it is about the responsibility for a child who comes of age at that time. */
  comesOfAge: boolean;
  /** The doer's id; null where a register or the clock did it. */
  by: string | null;
  /** The doer, where one may be named: not one with a protected address who is on no side of it. */
  doer: { kind: string; name: string } | null;
  /** The event of the mandate. */
  event: { type: MandateEvent; detail: object | null } | null;
  /** Whether the mandate waits for its receiver. */
  isSent: boolean;
  /** How a request for a right stands. */
  state: string | null;
  /** The package or service, shown to the two sides. */
  package: string | null;
  resource: string | null;
}

// A consent is shown to its readers only (consent/basis/standing.ts).
const sides = `case when mandate.from_party = $1 then mandate.to_party when mandate.to_party = $1 then mandate.from_party
      when asked.from_party = $1 then asked.to_party when asked.to_party = $1 then asked.from_party end`;
const isSecret = `exists (select from role join source on source.code = role.source where role.code = mandate.role and source.visibility = 'secret')`;

/** An organisation, for which several people act, gets no notice of secret matters. */
const isKept = (reader: string) =>
  `(${isSecret} and exists (select from party reader where reader.id = ${reader} and reader.kind <> 'person' offset 0))`;

const columns = `notice.id, notice.type, notice.mandate_id as "mandateId", notice.request_id as "requestId", notice.consent_id as "consentId", notice.at, notice.read_at as "readAt", case when mandate.ended_at is null and mandate.suspended_at is null then mandate.from_party end as "from",
      mandate.from_party as giver, mandate.to_party as receiver,
      (select role.code from role join source on source.code = role.source where role.code = mandate.role and source.visibility <> 'secret') as role,
      case when notice.type = 'party_ended' then (select jsonb_build_object('kind', other.kind, 'name', other.name, 'still', other.ended_at is not null) from party other
        where other.id = case when mandate.from_party = $1 then mandate.to_party else mandate.from_party end) end as ended,
      case when other.id is not null and not ${isSecret} then jsonb_build_object('id', other.id, 'kind', other.kind, 'name', other.name) end as other,
      coalesce(mandate.from_party, asked.to_party) = $1 as "toOther",
      notice.by_party as by, (select jsonb_build_object('kind', doer.kind, 'name', doer.name) from party doer where doer.id = notice.by_party
        and (not doer.protected_address or doer.id in (notice.party, mandate.from_party, mandate.to_party))) as doer,
      (select jsonb_build_object('type', event.type, 'detail', event.detail) from event where event.mandate_id = notice.mandate_id and event.at = notice.at order by event.id limit 1) as event,
      (mandate.role = '${RESPONSIBILITY}' and exists (select from party child where child.id = mandate.from_party
        and child.born_on + interval '18 years' <= notice.at + interval '31 days')) is true as "comesOfAge", (mandate.accept_by is not null and mandate.ended_at is null) is true as "isSent", asked.state,
      case when other.id is not null then coalesce(mandate.package, asked.package) end as package,
      case when other.id is not null then coalesce(mandate.resource_id, asked.resource_id) end as resource
    from notice left join mandate on mandate.id = notice.mandate_id
    left join access_request asked on asked.id = notice.request_id
    left join party other on other.id = ${sides}`;

const list: Statement = {
  name: 'list_notices',
  text: `select ${columns}
    where notice.party = $1 and notice.id < $2 and (not $3 or notice.read_at is null)
      and not ${isKept('$1')} order by notice.id desc limit $4`,
};

const one: Statement = {
  name: 'one_notice',
  text: `select ${columns} where notice.party = $1 and notice.id = $2 and not ${isKept('$1')}`,
};

/** A notice of the party's. */
export const findNotice = (act: Act, party: string, id: string): Promise<NoticeRow | undefined> =>
  queryOne<NoticeRow>(act.db, one, [party, id]);

/**
 * Whether the answer is awaited still: nobody has given one for all, nor the party its own, and no
 * one has silenced who asks or gives.
 */
export const isAnswerAwaited = (now: string) => `case when waiting.mandate_id is not null
    then exists (select from mandate where mandate.id = waiting.mandate_id and mandate.to_party = waiting.party and mandate.ended_at is null and mandate.accept_by > ${now}
      and not ${isSilenced('mandate.to_party', 'mandate.from_party')})
    when waiting.request_id is not null
    then exists (select from access_request request where request.id = waiting.request_id and ${WAITS} and request.to_party <> waiting.party
      and not exists (select from access_request_yes said where said.request_id = request.id and said.by_party = waiting.party))
    else exists (select from consent_request request where request.id = waiting.consent_id and request.state = 'requested' and request.valid_to > ${now} and request.portal_view_mode = 'show'
      and not ${isSilenced('request.from_party', 'request.to_party')}
      and not exists (select from consent_yes said where said.consent_id = request.id and said.by_party = waiting.party)) end`;

const tasks: Statement = {
  name: 'list_tasks',
  text: `select ${columns}
    where notice.id in (select distinct on (${matterOf('waiting')}) waiting.id from notice waiting
        where waiting.party = $1 and waiting.type = any($3) and ${isAnswerAwaited('$2')} order by ${matterOf('waiting')}, waiting.id desc)
    order by notice.id desc limit $4`,
};

/**
 * Requests and gifts that wait for the party's answer, each by the latest notice of it, newest
 * first.
 */
export const listTasks = (act: Act, party: string, limit: number): Promise<NoticeRow[]> =>
  query<NoticeRow>(act.db, tasks, [party, act.now, ASKS, limit]);

/** Newest first. */
export function listNotices(
  db: Db,
  party: string,
  before: string,
  unreadOnly: boolean,
  limit: number,
): Promise<NoticeRow[]> {
  return query<NoticeRow>(db, list, [party, before, unreadOnly, limit]);
}

const news: Statement = {
  name: 'news',
  // Each looks its mandate up by key (`offset 0`), however many are expected.
  text: `select (select coalesce(jsonb_object_agg(counted.party, counted.n), '{}') from (
      select notice.party, count(*)::int as n from notice where notice.party = any($1) and notice.read_at is null
        and notice.by_party is distinct from $2
        and not exists (select from mandate where mandate.id = notice.mandate_id and ${isKept('notice.party')} offset 0) group by notice.party) counted) as unread,
    (select coalesce(jsonb_agg(jsonb_build_object('id', own.id, 'type', own.type, 'at', own.at, 'mandateId', own.mandate_id, 'consentId', own.consent_id) order by own.id desc), '[]')
      from (select notice.* from notice where notice.by_party = $2 and notice.shown_at is null and notice.type = any($4) and notice.at < $3 and notice.id > $5
        order by notice.id desc limit 100) own) as own`,
};

/** An act by which a person let others do more, with the ids of its notices. */
export interface OwnAct {
  ids: string[];
  type: NoticeType;
  at: Date;
  mandateId: string | null;
  consentId: string | null;
}

/** Days in which an act of one's own is news. */
const OWN_DAYS = 90;

/**
 * How many notices each of these has that nobody has read, of what others than the reader did, by
 * party, without those that have none; and the reader's own acts that let others do more, before a
 * moment, newest first, that have not been shown to that person.
 */
export async function findNews(
  act: Act,
  parties: string[],
  { reader, until }: { reader: string; until: Date },
): Promise<{ unread: Map<string, number>; own: OwnAct[] }> {
  const since = uuidv7Floor(new Date(act.now.getTime() - OWN_DAYS * 86_400_000));
  const found = (await queryOne<{
    unread: Record<string, number>;
    own: (Omit<OwnAct, 'ids' | 'at'> & { id: string; at: string })[];
  }>(act.db, news, [parties, reader, until, WIDENING, since]))!;
  const each = Map.groupBy(
    found.own,
    ({ mandateId, consentId, at }) => `${mandateId} ${consentId} ${at}`,
  );
  const own = [...each.values()].map((some) => ({
    ...some[0]!,
    at: new Date(some[0]!.at),
    ids: some.map(({ id }) => id),
  }));
  return { unread: new Map(Object.entries(found.unread)), own };
}
