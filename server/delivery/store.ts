// SQL of notices on their way to people: who is to hear of which, what is due, and what became of
// it. It has no address.
import { isOffice } from '../mandate/office_store.ts';
import { isSilenced } from '../notice/silence_store.ts';
import { takingUntold } from '../notice/store.ts';
import { isAnswerAwaited } from '../notice_due/list_store.ts';
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';
import { sweepAll, sweepStatement } from '../platform/db/sweep_store.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import type { GoesOn } from '../platform/job.ts';
import type { Language } from '../platform/locale.ts';
import { GUARDIANSHIP, RESPONSIBILITY } from '../resource/catalogue/model.ts';
import {
  URGENT,
  type DeliveryChannel,
  type DeliveryKind,
  type LastSent,
  type UntoldNotice,
} from './model.ts';

/** Notices that nobody has looked at for so long stand in the inbox alone. */
const UNTOLD_MILLIS = 24 * 3_600_000;

const parents = `array(select office.to_party from mandate office join party holder on holder.id = office.to_party where office.from_party = party.id and office.role = '${RESPONSIBILITY}' and ${isOffice('office', 'holder', '$2')})`;
/** Whether who did it is a parent of the party, or has a guardian's task for it. */
const standsIn = `exists (select from mandate office join role on role.code = office.role join party holder on holder.id = office.to_party and holder.kind = 'person'
        where office.from_party = taken.party and office.to_party = taken.by_party and (office.role = '${RESPONSIBILITY}' or role.source = '${GUARDIANSHIP}') and ${isOffice('office', 'holder', '$2')})`;
const take: Statement = {
  name: 'take_untold_notices',
  text: `with taken as (${takingUntold('$1', '$2', '$3')})
    select taken.id, taken.type, taken.party, party.kind = 'person' as "isPerson", coalesce(party.ended_at <= $2, false) as "isEnded", to_char(party.born_on, 'YYYY-MM-DD') as "bornOn", ${parents} as parents,
      case when taken.party in (given.from_party, asked.from_party) then 'from' when taken.party = given.to_party then 'to' end as side,
      (taken.party = given.to_party and (given.accept_by is not null or ${isSilenced('taken.party', 'given.from_party')})) is true as "isUnwanted", (taken.read_at = taken.at) is true as "isKnown",
      (taken.party <> giver.id and giver.protected_address) is true and taken.party is distinct from given.to_party as "isVeiled", case when not party.protected_address and ${standsIn} then taken.by_party end as "standIn",
      (select coalesce(json_object_agg(last.person || ' ' || last.kind || ' ' || last.channel, last.at), '{}') from (
        select sent.person, sent.kind, sent.channel, max(sent.settled_at) as at from notice_delivery sent where sent.person in (taken.party, taken.by_party) and sent.state = 'sent' group by sent.person, sent.kind, sent.channel) as last) as "lastSent",
      (select count(*)::int from taken) as count
    from taken join party on party.id = taken.party left join mandate given on given.id = taken.mandate_id left join consent_request asked on asked.id = taken.consent_id
      left join party giver on giver.id = coalesce(given.from_party, asked.from_party) order by taken.id`,
};

export interface TakenNotice extends UntoldNotice {
  /** Whether the party knew of it from the first: it did it itself, and it lets others do less. */
  isKnown: boolean;
  lastSent: LastSent;
  /** How many were taken in all. */
  count: number;
}

/** Takes notices of which nobody has seen who hears of them. Call it in a transaction. */
export const takeUntold = ({ db, now }: Act, most: number): Promise<TakenNotice[]> =>
  query(db, take, [uuidv7Floor(new Date(now.getTime() - UNTOLD_MILLIS)), now, most]);

export interface NewNoticeDelivery {
  id: string;
  person: string;
  channel: DeliveryChannel;
  kind: DeliveryKind;
  notices: string[];
  dueAt: Date;
}

/** So many notices of one message are kept with it, by which it is seen whether all were read. */
const MOST_NOTICES = 100;
// One that waits and says the same is joined, unless a node is sending it at this moment; it has
// its day anew.
const put: Statement = {
  name: 'put_notice_deliveries',
  text: `with r as materialized (select * from jsonb_to_recordset($1::jsonb) as r(id uuid, person uuid, channel text, kind text, notices uuid[], "dueAt" timestamptz)),
    joins as materialized (select r.id, r.notices, r."dueAt", found.id as waiting from r cross join lateral (
      select waiting.id from notice_delivery waiting where waiting.person = r.person and waiting.channel = r.channel and waiting.kind = r.kind and waiting.state = 'waiting' and waiting.taken_until is null
        order by waiting.id limit 1 for update skip locked) as found),
    joined as (update notice_delivery waiting set notices = case when cardinality(waiting.notices) < ${MOST_NOTICES} then waiting.notices || joins.notices else waiting.notices end,
        due_at = greatest(waiting.due_at, joins."dueAt"), next_at = least(waiting.next_at, joins."dueAt")
      from joins where waiting.id = joins.waiting)
    insert into notice_delivery (id, person, channel, kind, notices, made_at, due_at, next_at)
    select r.id, r.person, r.channel, r.kind, r.notices, $2, r."dueAt", r."dueAt" from r where r.id not in (select joins.id from joins)`,
};
export async function putDeliveries({ db, now }: Act, rows: NewNoticeDelivery[]): Promise<void> {
  if (rows.length) await query(db, put, [JSON.stringify(rows), now]);
}

const FIRST = `kind in ('${URGENT.join("', '")}')`;
const ORDINARY = `kind not in ('${URGENT.join("', '")}')`;
/** Whether no node is sending it. */
const isFree = (row: string) => `(${row}.taken_until is null or ${row}.taken_until <= $1)`;
const dueOf = (condition: string) =>
  `select waiting.id from notice_delivery waiting where waiting.state = 'waiting' and ${condition} and waiting.next_at <= $1 and ${isFree('waiting')} order by waiting.next_at limit $3`;
const due: Statement = {
  name: 'take_due_notice_deliveries',
  text: `with found as materialized ((${dueOf(`waiting.${FIRST}`)}) union all (${dueOf(`waiting.${ORDINARY}`)}) limit $3),
    due as materialized (select one.id from found join notice_delivery one on one.id = found.id where one.state = 'waiting' and ${isFree('one')} for update of one skip locked),
    taken as (update notice_delivery sent set tries = sent.tries + 1, taken_until = $2 from due where sent.id = due.id returning sent.*)
    select taken.id, taken.channel, taken.kind, taken.tries, taken.due_at as "dueAt", person.person_no as number, coalesce(person.ended_at <= $1, false) as "isEnded",
      (select profile.language from profile where profile.person = person.id) as language,
      not exists (select from notice where notice.id = any(taken.notices) and notice.read_at is null) as "isRead",
      taken.kind <> 'asked' or exists (select from notice waiting where waiting.id = any(taken.notices) and ${isAnswerAwaited('$1')}) as "isAwaited"
    from taken join party person on person.id = taken.person order by taken.${FIRST} desc, taken.next_at`,
};

/** A delivery, with what its sending asks for. */
export interface DueNoticeDelivery {
  id: string;
  channel: DeliveryChannel;
  kind: DeliveryKind;
  tries: number;
  dueAt: Date;
  /** The national number of the person. */
  number: string;
  isEnded: boolean;
  /** The language that the person has chosen here. */
  language: Language | null;
  /** Whether the person has read all that it is about. */
  isRead: boolean;
  /** Whether an answer is awaited still, where it asks for one. */
  isAwaited: boolean;
}

/** Takes what is due, acts in a person's own name first, to one node until `until`. */
export const takeDueNotices = (
  { db, now }: Act,
  { most, until }: { most: number; until: Date },
): Promise<DueNoticeDelivery[]> => query(db, due, [now, until, most]);

/** The outcome of one; `nextAt` where it is tried again. */
export interface NoticeSettled {
  id: string;
  state: 'waiting' | 'sent' | 'dead' | 'dropped';
  why: string | null;
  nextAt: Date | null;
  /** Whether it was a try. */
  isTry: boolean;
}

const settle: Statement = {
  name: 'settle_notice_delivery',
  text: `update notice_delivery sent set state = $3, why = $4, next_at = coalesce($5::timestamptz, sent.next_at), tries = sent.tries - $6::int, taken_until = null, settled_at = case when $3 <> 'waiting' then $7::timestamptz end
    where sent.id = $1 and sent.state = 'waiting' and sent.taken_until = $2`,
};
/** Settles one that was taken until then; nothing where it has been another's since. */
export const settleSending = (
  { db, now }: Act,
  until: Date,
  { id, state, why, nextAt, isTry }: NoticeSettled,
) => query(db, settle, [id, until, state, why, nextAt, isTry ? 0 : 1, now]);

const sweep = sweepStatement('notice_delivery', 'settled_at < $1');
/** Removes what was settled longer ago. */
export const sweepNotices = ({ db, now }: Act, millis: number, goesOn: GoesOn): Promise<void> =>
  sweepAll(db, sweep, new Date(now.getTime() - millis), goesOn);

const DAY = `interval '1 day'`;
const standing: Statement = {
  name: 'standing_notice_deliveries',
  text: `select coalesce(extract(epoch from $1::timestamptz - (select min(waiting.next_at) from notice_delivery waiting where waiting.state = 'waiting' and waiting.${FIRST} and waiting.tries = 0)), 0)::float8 as seconds,
    (select count(*)::int from notice_delivery again where again.state = 'waiting' and again.tries > 0 and again.taken_until is null) as again,
    (select count(*)::int from notice_delivery lost where lost.state = 'dead' and lost.settled_at > $1::timestamptz - ${DAY}) as dead`,
};
interface Standing {
  /** Seconds for which the oldest is due of acts in somebody's own name that was not tried. */
  seconds: number;
  /** How many are tried again. */
  again: number;
  /** How many were given up in a day. */
  dead: number;
}
export const countSending = async ({ db, now }: Act): Promise<Standing> => {
  const { seconds, ...counts } = (await queryOne<Standing>(db, standing, [now]))!;
  return { seconds: Math.max(0, seconds), ...counts };
};
