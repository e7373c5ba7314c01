// SQL of notices on their way to people: who is to hear of which, what is due, and what became of
// it. It has no address.
import { isOffice } from '../mandate/office_store.ts';
import { takingUntold } from '../notice/store.ts';
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';
import { sweepAll, sweepStatement } from '../platform/db/sweep_store.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import type { GoesOn } from '../platform/job.ts';
import type { Language } from '../platform/locale.ts';
import { RESPONSIBILITY } from '../resource/catalogue/model.ts';
import type { DeliveryChannel, DeliveryKind, UntoldNotice } from './model.ts';

/** Notices that nobody has looked at for so long stand in the inbox alone. */
const UNTOLD_MILLIS = 24 * 3_600_000;

const take: Statement = {
  name: 'take_untold_notices',
  text: `with taken as (${takingUntold('$1', '$2', '$3')})
    select taken.id, taken.type, taken.party, party.kind = 'person' as "isPerson", coalesce(party.ended_at <= $2, false) as "isEnded", to_char(party.born_on, 'YYYY-MM-DD') as "bornOn",
      array(select office.to_party from mandate office join party holder on holder.id = office.to_party where office.from_party = party.id and office.role = '${RESPONSIBILITY}' and ${isOffice('office', 'holder', '$2')}) as parents,
      case when taken.party in (given.from_party, asked.from_party) then 'from' when taken.party = given.to_party then 'to' end as side, taken.read_at is not null as "isRead",
      (select max(coalesce(last.settled_at, last.next_at)) from notice_delivery last where last.person = taken.party and last.kind = 'asked' and last.state in ('waiting', 'sent')) as "lastAsked",
      (select count(*)::int from taken) as count
    from taken join party on party.id = taken.party left join mandate given on given.id = taken.mandate_id left join consent_request asked on asked.id = taken.consent_id order by taken.id`,
};

export interface TakenNotice extends UntoldNotice {
  isRead: boolean;
  /** When the person was last asked for something, or will be. */
  lastAsked: Date | null;
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
  nextAt: Date;
}

// One that waits and says the same is joined, unless a node is sending it at this moment.
const put: Statement = {
  name: 'put_notice_deliveries',
  text: `with r as (select * from jsonb_to_recordset($1::jsonb) as r(id uuid, person uuid, channel text, kind text, notices uuid[], "nextAt" timestamptz)),
    joined as (update notice_delivery waiting set notices = waiting.notices || r.notices, next_at = least(waiting.next_at, r."nextAt")
      from r where waiting.person = r.person and waiting.channel = r.channel and waiting.kind = r.kind and waiting.state = 'waiting' and waiting.taken_until is null returning r.id)
    insert into notice_delivery (id, person, channel, kind, notices, made_at, next_at)
    select r.id, r.person, r.channel, r.kind, r.notices, $2, r."nextAt" from r where r.id not in (select joined.id from joined)`,
};
export async function putDeliveries({ db, now }: Act, rows: NewNoticeDelivery[]): Promise<void> {
  if (rows.length) await query(db, put, [JSON.stringify(rows), now]);
}

const due: Statement = {
  name: 'take_due_notice_deliveries',
  text: `with due as (select waiting.id from notice_delivery waiting where waiting.state = 'waiting' and waiting.next_at <= $1 and (waiting.taken_until is null or waiting.taken_until <= $1)
      order by waiting.next_at limit $3 for update skip locked),
    taken as (update notice_delivery sent set tries = sent.tries + 1, taken_until = $2 from due where sent.id = due.id returning sent.*)
    select taken.id, taken.channel, taken.kind, taken.tries, taken.made_at as "madeAt", person.person_no as number, coalesce(person.ended_at <= $1, false) as "isEnded",
      (select profile.language from profile where profile.person = person.id) as language,
      not exists (select from notice where notice.id = any(taken.notices) and notice.read_at is null) as "isRead"
    from taken join party person on person.id = taken.person order by taken.next_at`,
};

/** A delivery, with what its sending asks for. */
export interface DueNoticeDelivery {
  id: string;
  channel: DeliveryChannel;
  kind: DeliveryKind;
  tries: number;
  madeAt: Date;
  /** The national number of the person. */
  number: string;
  isEnded: boolean;
  /** The language that the person has chosen here. */
  language: Language | null;
  /** Whether the person has read all that it is about. */
  isRead: boolean;
}

/** Takes what is due, to one node until `until`. */
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
}

const settle: Statement = {
  name: 'settle_notice_deliveries',
  text: `update notice_delivery sent set state = r.state, why = r.why, next_at = coalesce(r."nextAt", sent.next_at), taken_until = null, settled_at = case when r.state <> 'waiting' then $2::timestamptz end
    from jsonb_to_recordset($1::jsonb) as r(id uuid, state text, why text, "nextAt" timestamptz) where sent.id = r.id and sent.state = 'waiting'`,
};
export async function settleNotices({ db, now }: Act, rows: NoticeSettled[]): Promise<void> {
  if (rows.length) await query(db, settle, [JSON.stringify(rows), now]);
}

const sweep = sweepStatement('notice_delivery', 'settled_at < $1');
/** Removes what was settled longer ago. */
export const sweepNotices = ({ db, now }: Act, millis: number, goesOn: GoesOn): Promise<void> =>
  sweepAll(db, sweep, new Date(now.getTime() - millis), goesOn);

const standing: Statement = {
  name: 'standing_notice_deliveries',
  text: `select coalesce(extract(epoch from $1 - min(waiting.next_at) filter (where waiting.tries = 0)), 0)::float8 as seconds, count(*) filter (where waiting.tries > 0)::int as again
    from notice_delivery waiting where waiting.state = 'waiting' and waiting.next_at <= $1 + interval '1 hour'`,
};
/** Seconds for which the oldest is due that was not tried, and how many are tried again. */
export const countSending = async ({ db, now }: Act) => {
  const { seconds, again } = (await queryOne<{ seconds: number; again: number }>(db, standing, [
    now,
  ]))!;
  return { seconds: Math.max(0, seconds), again };
};
