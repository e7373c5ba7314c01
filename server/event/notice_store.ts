// SQL of notices: what a party should be told of what happened to its mandates, and whether it has
// been read.
import type { Act } from '../platform/act.ts';
import { RESPONSIBILITY } from '../resource/catalogue/model.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';

type NoticeColumn = 'at' | 'consent_id' | 'id' | 'mandate_id' | 'party' | 'read_at' | 'type';

/** Begins the part of an act's statement that writes notices; the act selects their rows. */
export const intoNotice = (...columns: NoticeColumn[]): string =>
  `insert into notice (${columns.join(', ')})`;

type NoticeType =
  | 'mandate_given'
  | 'mandate_changed'
  | 'mandate_ended'
  | 'mandate_used'
  | 'mandate_ends'
  | 'role_gained'
  | 'role_lost'
  | 'role_ends'
  | 'consent_ends'
  | 'mandate_suspended'
  | 'mandate_resumed'
  | 'consent_suspended'
  | 'consent_resumed'
  | 'right_asked'
  | 'right_answered'
  | 'right_withdrawn'
  | 'right_fallen'
  | 'leaver'
  | 'consent_asked'
  | 'consent_given'
  | 'consent_answered'
  | 'consent_refused'
  | 'consent_withdrawn'
  | 'consent_used'
  | 'consent_fallen'
  | 'consent_holder_changed'
  | 'consent_mandate_ended'
  | 'capacity_changed'
  | 'party_ended';

const insert: Statement = {
  name: 'insert_notices',
  text: `insert into notice (id, party, type, mandate_id, request_id, consent_id, at, read_at)
    select r.id, r.party, r.type, r."mandateId", r."requestId", r."consentId", $2, case when r."isKnown" then $2::timestamptz end
    from jsonb_to_recordset($1::jsonb) as r(id uuid, party uuid, type text, "mandateId" uuid, "requestId" uuid, "consentId" uuid, "isKnown" boolean)`,
};

/** The notice and its subject: a mandate, a request or a consent. */
export interface Telling {
  type: NoticeType;
  mandateId?: string;
  requestId?: string;
  consentId?: string;
  /** The party that did it. */
  by?: string | null;
}

/**
 * Acts that let others do less. Whoever did one knows; what lets others do more is news to its doer
 * too, since it may have been somebody else with the doer's login.
 */
const LESSENING: NoticeType[] = [
  'mandate_ended',
  'mandate_suspended',
  'consent_suspended',
  'consent_refused',
  'consent_withdrawn',
];
export const isKnownTo = (party: string, { type, by }: Pick<Telling, 'type' | 'by'>): boolean =>
  party === by && LESSENING.includes(type);

/**
 * A person who answered for another person, and still answers for that one, gets notices of what
 * comes of it; nobody does where the person's address is protected
 * (consent/basis/veil_model.ts). An expression on a request, by its alias.
 */
export const holderOf = (
  request: string,
  now: string,
) => `(select holds.to_party from mandate holds join party ward on ward.id = holds.from_party
  where holds.from_party = ${request}.from_party and holds.to_party = ${request}.answered_by and holds.to_party <> holds.from_party
    and holds.basis = 'register' and holds.ended_at is null and holds.valid_from <= ${now} and (holds.valid_to is null or holds.valid_to > ${now})
    and ward.kind = 'person' and not ward.protected_address limit 1)`;

/** Tells parties; call it in the transaction of the act. */
export const notify = (act: Act, parties: string[], what: Telling): Promise<void> =>
  notifyEach(act, [{ ...what, parties }]);

/** The same of many things, each to parties of its own. */
export async function notifyEach(
  act: Act,
  told: (Telling & { parties: string[] })[],
): Promise<void> {
  const rows = told.flatMap(({ parties, by, ...what }) =>
    [...new Set(parties)].map((party) => ({
      id: uuidv7(act.now),
      party,
      isKnown: isKnownTo(party, { type: what.type, by }),
      ...what,
    })),
  );
  if (rows.length) await query(act.db, insert, [JSON.stringify(rows), act.now]);
}

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
   * The one on the other side, where it is told that a register says that that one is no more;
   * `still` is false where the register has taken it back.
   */
  ended: { kind: string; name: string; still: boolean } | null;
  /** The one on the other side of a mandate or a request, where the party is on one of them. */
  other: { id: string; kind: string; name: string } | null;
  /** Whether it goes from the party to that one. */
  toOther: boolean;
  /** Whether it is about the responsibility for a child who comes of age at that time. */
  comesOfAge: boolean;
  /** How a request for a right stands. */
  state: string | null;
  /** The package or service, shown to the two sides. */
  package: string | null;
  resource: string | null;
  /** Whether the consent that it is about could be used again. */
  consentLives: boolean;
}

// A consent is shown to its readers only (consent/basis/standing.ts).
const sides = `case when mandate.from_party = $1 then mandate.to_party when mandate.to_party = $1 then mandate.from_party
      when asked.from_party = $1 then asked.to_party when asked.to_party = $1 then asked.from_party end`;
const isSecret = `exists (select from role join source on source.code = role.source where role.code = mandate.role and source.visibility = 'secret')`;

/** An organisation, for which several people act, gets no notice of secret matters. */
const isKept = (reader: string) =>
  `(${isSecret} and exists (select from party reader where reader.id = ${reader} and reader.kind <> 'person' offset 0))`;

const list: Statement = {
  name: 'list_notices',
  text: `select notice.id, notice.type, notice.mandate_id as "mandateId", notice.request_id as "requestId", notice.consent_id as "consentId", notice.at, notice.read_at as "readAt", case when mandate.ended_at is null and mandate.suspended_at is null then mandate.from_party end as "from",
      mandate.from_party as giver, mandate.to_party as receiver,
      (select role.code from role join source on source.code = role.source where role.code = mandate.role and source.visibility <> 'secret') as role,
      case when notice.type = 'party_ended' then (select jsonb_build_object('kind', other.kind, 'name', other.name, 'still', other.ended_at is not null) from party other
        where other.id = case when mandate.from_party = $1 then mandate.to_party else mandate.from_party end) end as ended,
      case when other.id is not null and not ${isSecret} then jsonb_build_object('id', other.id, 'kind', other.kind, 'name', other.name) end as other,
      coalesce(mandate.from_party, asked.to_party) = $1 as "toOther",
      (mandate.role = '${RESPONSIBILITY}' and exists (select from party child where child.id = mandate.from_party
        and child.born_on + interval '18 years' <= notice.at + interval '31 days')) is true as "comesOfAge", asked.state,
      case when other.id is not null then coalesce(mandate.package, asked.package) end as package,
      case when other.id is not null then coalesce(mandate.resource_id, asked.resource_id) end as resource,
      exists (select from mandate live where live.consent_id = notice.consent_id and live.basis = 'consent' and live.ended_at is null
        and live.suspended_at is null and (live.use_limit is null or live.uses < live.use_limit)) as "consentLives"
    from notice left join mandate on mandate.id = notice.mandate_id
    left join access_request asked on asked.id = notice.request_id
    left join party other on other.id = ${sides}
    where notice.party = $1 and notice.id < $2 and (not $3 or notice.read_at is null)
      and not ${isKept('$1')} order by notice.id desc limit $4`,
};

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

const markRead: Statement = {
  name: 'mark_notice_read',
  text: 'update notice set read_at = coalesce(notice.read_at, $3) where notice.id = $1 and notice.party = $2 returning notice.id',
};

export const markNoticeRead = async (act: Act, id: string, party: string) =>
  (await queryOne(act.db, markRead, [id, party, act.now])) !== undefined;

const markAll: Statement = {
  name: 'mark_notices_read',
  text: 'update notice set read_at = $2 where notice.party = $1 and notice.read_at is null and notice.id <= $3',
};

/** Everything that the party was told, up to the newest that it saw, is read. */
export const markNoticesRead = (act: Act, party: string, newest: string) =>
  query(act.db, markAll, [party, act.now, newest]);

const markSeen: Statement = {
  name: 'mark_notices_seen',
  text: 'update notice set read_at = $3 where notice.party = $1 and notice.id = any($2::uuid[]) and notice.read_at is null',
};

/** These have been seen. */
export const markNoticesSeen = (act: Act, party: string, ids: string[]) =>
  query(act.db, markSeen, [party, ids, act.now]);

const unread: Statement = {
  name: 'count_unread',
  // Each looks its mandate up by key (`offset 0`), however many are expected.
  text: `select notice.party, count(*)::int as n from notice where notice.party = any($1) and notice.read_at is null
    and not exists (select from mandate where mandate.id = notice.mandate_id and ${isKept('notice.party')} offset 0) group by notice.party`,
};

/** How many each of these has that nobody has read; those that have none are missing. */
export async function countUnread(db: Db, parties: string[]): Promise<Map<string, number>> {
  const rows = await query<{ party: string; n: number }>(db, unread, [parties]);
  return new Map(rows.map(({ party, n }) => [party, n]));
}
