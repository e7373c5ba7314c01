// Sends what is due: looks up how each person is reached, at that moment, says it in that person's
// language, and notes what became of it. What did not get through is tried again for a day.
import { randomInt } from 'node:crypto';
import type { Act } from '../platform/act.ts';
import { GIVE_UP_MILLIS, waitAfter } from '../platform/again_model.ts';
import type { GoesOn } from '../platform/job.ts';
import type { Logger } from '../platform/log.ts';
import type { ContactRegister } from './contact_register.ts';
import type { Email } from './email.ts';
import { addressOf, isUrgent, type Contact, type Sent } from './model.ts';
import type { Sms } from './sms.ts';
import {
  settleNotices,
  takeDueNotices,
  type DueNoticeDelivery,
  type NoticeSettled,
} from './store.ts';
import { emailOf, smsOf } from './text.ts';

export interface SendSettings {
  log: Logger;
  /** The name of this site, as people type it into a browser. */
  site: string;
  contacts: ContactRegister;
  email: { send(email: Email): Promise<Sent> } | undefined;
  sms: { send(sms: Sms): Promise<Sent> } | undefined;
}

const AT_ONCE = 50;
/** Longer than a message may take: what a node that is gone was sending is then another's. */
const TAKEN_MILLIS = 120_000;

type Outcome = Sent | { verdict: 'dropped'; why: string };

/** Sends until nothing is due, or `goesOn` says otherwise. */
export async function sendNotices(
  newAct: () => Act,
  settings: SendSettings,
  goesOn: GoesOn,
): Promise<void> {
  while (goesOn()) {
    const act = newAct();
    const until = new Date(act.now.getTime() + TAKEN_MILLIS);
    const taken = await takeDueNotices(act, { most: AT_ONCE, until });
    if (!taken.length) return;
    const contacts = await contactsOf(act, taken, settings);
    const outcomes = await Promise.all(taken.map((one) => sendOne(one, contacts, settings)));
    const settled = newAct();
    await settleNotices(
      settled,
      outcomes.map((outcome, at) => settledBy(settled, taken[at]!, outcome)),
    );
  }
}

/** How each is reached; undefined where the register does not answer. */
async function contactsOf(
  { now }: Act,
  taken: DueNoticeDelivery[],
  { contacts, log }: SendSettings,
): Promise<Map<string, Contact> | undefined> {
  const numbers = taken.filter(({ isEnded }) => !isEnded).map(({ number }) => number);
  try {
    return await contacts(numbers, now);
  } catch (error) {
    log.error({ err: error as Error }, 'the contact register does not answer');
    return undefined;
  }
}

async function sendOne(
  delivery: DueNoticeDelivery,
  contacts: Map<string, Contact> | undefined,
  { site, email, sms }: SendSettings,
): Promise<Outcome> {
  const { id, kind, channel, number, isEnded, isRead } = delivery;
  if (isEnded) return { verdict: 'dropped', why: 'ended' };
  if (isRead && !isUrgent(kind)) return { verdict: 'dropped', why: 'read' };
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
  return reached.channel === 'email'
    ? email!.send({ id, to: reached.address, ...emailOf(said) })
    : sms!.send({ id, to: reached.address, text: smsOf(said) });
}

function settledBy(
  { now }: Act,
  { id, tries, madeAt }: DueNoticeDelivery,
  outcome: Outcome,
): NoticeSettled {
  if (outcome.verdict === 'sent') return { id, state: 'sent', why: null, nextAt: null };
  const { verdict, why } = outcome;
  if (verdict === 'dropped') return { id, state: 'dropped', why, nextAt: null };
  const waited = now.getTime() - madeAt.getTime();
  if (verdict === 'refused' || waited >= GIVE_UP_MILLIS)
    return { id, state: 'dead', why, nextAt: null };
  const wait = waitAfter(tries, waited, randomInt(1_000) / 1_000);
  return { id, state: 'waiting', why, nextAt: new Date(now.getTime() + wait) };
}
