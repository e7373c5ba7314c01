// Sends what is due: looks up how each person is reached, at that moment, says it in that person's
// language, and notes what became of it. What did not get through is tried again for a day.
import { randomInt } from 'node:crypto';
import type { Act } from '../platform/act.ts';
import { GIVE_UP_MILLIS, waitAfter } from '../platform/again_model.ts';
import type { GoesOn } from '../platform/job.ts';
import type { Logger } from '../platform/log.ts';
import type { ContactRegister } from './contact_register.ts';
import type { Email } from './email.ts';
import { addressOf, isUrgent, smsAt, type Contact, type Sent } from './model.ts';
import type { Sms } from './sms.ts';
import {
  settleSending,
  takeDueNotices,
  type DueNoticeDelivery,
  type NoticeSettled,
} from './store.ts';
import { emailOf, smsOf } from './text.ts';

export interface SendSettings {
  newAct: () => Act;
  log: Logger;
  /** The name of this site, as people type it into a browser. */
  site: string;
  contacts: ContactRegister;
  email: { send(email: Email): Promise<Sent> } | undefined;
  sms: { send(sms: Sms): Promise<Sent> } | undefined;
}

/** Messages of one look-up, and those that are on their way at once. */
const LOT = 200;
const AT_ONCE = 10;
/** A node that is gone has its lot no longer than so. */
const TAKEN_MILLIS = 180_000;
/** Nothing is begun so shortly before that: one message takes less. */
const LAST_MILLIS = 60_000;

type Outcome =
  | Sent
  | { verdict: 'dropped'; why: string }
  /** It was not tried. */
  | { verdict: 'later'; at: Date };

/** Sends until nothing is due, or `goesOn` says otherwise. */
export async function sendNotices(settings: SendSettings, goesOn: GoesOn): Promise<void> {
  while (goesOn()) {
    const act = settings.newAct();
    const until = new Date(act.now.getTime() + TAKEN_MILLIS);
    const taken = await takeDueNotices(act, { most: LOT, until });
    if (!taken.length) return;
    const contacts = await contactsOf(act, taken, settings);
    const left = taken.values();
    const work = async () => {
      // Each is settled as it ends, so that what was sent is known to be, whatever comes after.
      for (const one of left) {
        const { now } = settings.newAct();
        const isLate = !goesOn() || now.getTime() > until.getTime() - LAST_MILLIS;
        const outcome: Outcome = isLate
          ? { verdict: 'later', at: now }
          : await sendOne(one, now, contacts, settings);
        const after = settings.newAct();
        await settleSending(after, until, settledBy(after, one, outcome));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    // All wait for it; it is asked again when the first of them is due.
    if (!contacts) return;
  }
}

/** How each is reached; undefined where the register does not answer. */
async function contactsOf(
  { now }: Act,
  taken: DueNoticeDelivery[],
  { contacts, log }: SendSettings,
): Promise<Map<string, Contact> | undefined> {
  const numbers = taken.filter((one) => !whyDropped(one, now)).map(({ number }) => number);
  try {
    return await contacts(numbers, now);
  } catch (error) {
    log.error({ err: error as Error }, 'the contact register does not answer');
    return undefined;
  }
}

/** Why nothing is sent, whatever the address; undefined where it is. */
function whyDropped(one: DueNoticeDelivery, now: Date): string | undefined {
  const { kind, isEnded, isRead, isAwaited, tries, dueAt } = one;
  if (isEnded) return 'ended';
  if (isRead && !isUrgent(kind)) return 'read';
  if (!isAwaited) return 'answered';
  // No node was there for a day: it is no news any more.
  return tries === 1 && now.getTime() - dueAt.getTime() >= GIVE_UP_MILLIS ? 'late' : undefined;
}

async function sendOne(
  delivery: DueNoticeDelivery,
  now: Date,
  contacts: Map<string, Contact> | undefined,
  { site, email, sms }: SendSettings,
): Promise<Outcome> {
  const { id, kind, channel, number } = delivery;
  const dropped = whyDropped(delivery, now);
  if (dropped !== undefined) return { verdict: 'dropped', why: dropped };
  if (!contacts) return { verdict: 'again', why: 'contact_register' };
  const known = contacts.get(number);
  const open = known && {
    ...known,
    ...(email ? {} : { email: null }),
    ...(sms ? {} : { mobile: null }),
  };
  const reached = addressOf(channel, open);
  if ('why' in reached) return { verdict: 'dropped', why: reached.why };
  const language = known?.language ?? delivery.language ?? 'nb';
  const said = { kind, language, site };
  if (reached.channel === 'email')
    return email!.send({ id, to: reached.address, ...emailOf(said) });
  const at = smsAt(kind, now);
  if (at > now) return { verdict: 'later', at };
  return sms!.send({ id, to: reached.address, text: smsOf(said) });
}

function settledBy(
  { now }: Act,
  { id, tries, dueAt }: DueNoticeDelivery,
  outcome: Outcome,
): NoticeSettled {
  const settled = { id, nextAt: null, isTry: true };
  if (outcome.verdict === 'sent') return { ...settled, state: 'sent', why: null };
  if (outcome.verdict === 'later')
    return { id, state: 'waiting', why: null, nextAt: outcome.at, isTry: false };
  const { verdict, why } = outcome;
  if (verdict === 'dropped') return { ...settled, state: 'dropped', why };
  const waited = now.getTime() - dueAt.getTime();
  if (verdict === 'refused' || waited >= GIVE_UP_MILLIS) return { ...settled, state: 'dead', why };
  const wait = waitAfter(tries, waited, randomInt(1_000) / 1_000);
  return { ...settled, state: 'waiting', why, nextAt: new Date(now.getTime() + wait) };
}
