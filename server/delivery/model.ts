// Messages to people: in which words a notice is sent, by which channel and when. The words say no
// more than that something is to be seen after a login. Pure.
import { isUnder } from '../party/age_model.ts';
import { ASKS, type NoticeType } from '../notice/model.ts';

/** Kinds of words: `asked` of an answer that is awaited, `daily` of all that can wait a day. */
export type DeliveryKind =
  | ('done' | 'turned' | 'for_other')
  | ('received' | 'changed' | 'asked' | 'daily');
/** `either` is an e-mail, or an SMS to one who has no address for that. */
export type DeliveryChannel = 'email' | 'sms' | 'either';

/** A notice, with what is asked of its party to know whether that one is sent anything. */
export interface UntoldNotice {
  id: string;
  type: NoticeType;
  party: string;
  isPerson: boolean;
  /** Whether the party has died. */
  isEnded: boolean;
  bornOn: string | null;
  /** Ids of those who have parental responsibility. */
  parents: string[];
  /** Whether the thing is given in the party's name, or to it; null for neither. */
  side: 'from' | 'to' | null;
  /** Whether it waits for the party's yes, or the party wants to be sent nothing by its giver. */
  isUnwanted: boolean;
  /** Whether it is about another, whose address is protected. */
  isVeiled: boolean;
  /** The parent or the guardian who did it in the party's stead. */
  standIn: string | null;
}

export interface DeliveryPlan {
  person: string;
  channel: DeliveryChannel;
  kind: DeliveryKind;
  dueAt: Date;
}

/** When each kind was last sent by each channel, as `<person> <kind> <channel>`. */
export type LastSent = Record<string, string>;

/** Children hear by themselves from this age on. */
const HEARS_FROM = 15;

const GIVEN: NoticeType[] = [
  ...(['mandate_sent', 'mandate_given', 'mandate_grows'] as const),
  ...(['consent_given', 'consent_answered'] as const),
];
const TURNED: NoticeType[] = [
  ...(['mandate_changed', 'mandate_suspended', 'mandate_resumed'] as const),
  ...(['consent_suspended', 'consent_resumed', 'consent_narrowed'] as const),
];
function kindOf({ type, side }: Pick<UntoldNotice, 'type' | 'side'>): DeliveryKind {
  if (side === 'from' && GIVEN.includes(type)) return 'done';
  if (ASKS.includes(type) && (type !== 'mandate_sent' || side === 'to')) return 'asked';
  if (side === 'to' && GIVEN.includes(type)) return 'received';
  if (side !== null && TURNED.includes(type)) return side === 'from' ? 'turned' : 'changed';
  return 'daily';
}

/** Acts in a person's name or by its login, which that person may have to stop. */
export const URGENT: DeliveryKind[] = ['done', 'turned', 'for_other'];
export const isUrgent = (kind: DeliveryKind): boolean => URGENT.includes(kind);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Hours in Oslo between which a telephone is let be, and at which the day's e-mails go. */
const NIGHT = { from: 21, to: 8 };
const MORNING = 9;
/** Messages of one kind are this far apart: somebody may do the same again and again. */
const PACE = { urgent: 10 * 60_000, other: HOUR };

const clockInOslo = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  hourCycle: 'h23',
});
/** Milliseconds since midnight in Oslo, by the clock on the wall. */
function sinceMidnight(at: Date): number {
  const parts = clockInOslo.formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)!.value);
  return (
    part('hour') * HOUR + part('minute') * 60_000 + part('second') * 1_000 + (at.getTime() % 1_000)
  );
}
/** The first instant from then on at which clocks in Oslo show an hour. */
function nextHour(hour: number, at: Date): Date {
  const wait = (hour * HOUR - sinceMidnight(at) + DAY) % DAY;
  const next = new Date(at.getTime() + wait);
  // The clocks were put on or back on the way.
  const off = sinceMidnight(next) - hour * HOUR;
  return off === 0 ? next : new Date(next.getTime() - off);
}

/** Whether a telephone is let be. */
const isNight = (at: Date): boolean => {
  const hour = sinceMidnight(at) / HOUR;
  return hour >= NIGHT.from || hour < NIGHT.to;
};

/** When an SMS that is to go now goes: at once, or when the night is over. */
export const smsAt = (kind: DeliveryKind, at: Date): Date =>
  !isUrgent(kind) && isNight(at) ? nextHour(NIGHT.to, at) : at;

/** When it is sent at the earliest. */
function earliest(
  { person, kind, channel }: Omit<DeliveryPlan, 'dueAt'>,
  now: Date,
  lastSent: LastSent,
): Date {
  if (kind === 'daily') return nextHour(MORNING, now);
  const last = lastSent[`${person} ${kind} ${channel}`];
  const pace = isUrgent(kind) ? PACE.urgent : PACE.other;
  const at = last === undefined ? now : new Date(Math.max(+now, +new Date(last) + pace));
  return channel === 'sms' ? smsAt(kind, at) : at;
}

/** Whether a party hears by itself: a person who lives, and is old enough. */
const hears = ({ isPerson, isEnded, bornOn, parents }: UntoldNotice, now: Date): boolean =>
  isPerson && !isEnded && !isUnder(HEARS_FROM, { bornOn, parents }, now);

/** The messages of a notice. */
export function plansOf(
  notice: UntoldNotice,
  { now, lastSent }: { now: Date; lastSent: LastSent },
): DeliveryPlan[] {
  const { party, standIn, isUnwanted, isVeiled } = notice;
  const kind = kindOf(notice);
  const isHeard = hears(notice, now) && !isVeiled && (!isUnwanted || kind === 'asked');
  const told = [
    ...(isHeard ? [{ person: party, kind }] : []),
    ...(standIn !== null && isUrgent(kind)
      ? [{ person: standIn, kind: 'for_other' as const }]
      : []),
  ];
  return told.flatMap((one) =>
    channelsOf(one.kind).map((channel) => {
      const plan = { ...one, channel };
      return { ...plan, dueAt: earliest(plan, now, lastSent) };
    }),
  );
}
const channelsOf = (kind: DeliveryKind): DeliveryChannel[] =>
  kind === 'daily' ? ['either'] : ['email', 'sms'];

/** How somebody is reached, as the contact register says it. */
export interface Contact {
  /** Whether the person wants nothing electronic. */
  isReserved: boolean;
  email: string | null;
  /** With the prefix of its country: `+4799999999`. */
  mobile: string | null;
  /** The person's own choice; null where there is none. */
  language: 'nb' | 'nn' | 'en' | null;
}

/** Where a delivery goes, or why it goes nowhere. */
export function addressOf(
  channel: DeliveryChannel,
  contact: Contact | undefined,
): { channel: 'email' | 'sms'; address: string } | { why: 'reserved' | 'no_address' } {
  if (contact?.isReserved) return { why: 'reserved' };
  const { email = null, mobile = null } = contact ?? {};
  if (channel !== 'sms' && email !== null) return { channel: 'email', address: email };
  if (channel !== 'email' && mobile !== null) return { channel: 'sms', address: mobile };
  return { why: 'no_address' };
}

/** The outcome of a try to send something. */
export type Sent = { verdict: 'sent' } | { verdict: 'refused' | 'again'; why: string };
