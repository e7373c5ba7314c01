// Events by poll (RFC 8936): what was taken is settled, and what waits is given, at once or when
// there is some.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from '../platform/act.ts';
import { isUuid } from '../platform/ids.ts';
import { countHeld, takePolled, type Delivery } from './delivery_store.ts';
import { settleDeliveries, type DeliverySettled } from './letter_store.ts';
import { eventIn, jtiOf, securityEventToken, type Signing } from './message.ts';
import { errorNamed } from './verdict_model.ts';
import type { StreamRow } from './stream_store.ts';

export interface PollSettings extends Signing {
  newAct: () => Act;
}

const MOST = 100;
/** How long a poll waits for something to give. */
const LONG_MILLIS = 20_000;
const LOOK_MILLIS = 250;

interface Asked {
  maxEvents?: number;
  returnImmediately?: boolean;
  ack?: string[];
  setErrs?: Record<string, unknown>;
}

/** Polls of one stream that wait here at once, and of all: one more is answered at once. */
const MOST_OF_ONE = 2;
const MOST_WAITING = 200;

/** Gives events of poll streams, for as many at once as a node lets wait. */
export function createPolls(settings: PollSettings) {
  const waiting: string[] = [];
  const mayWait = (id: string) =>
    waiting.length < MOST_WAITING && waiting.filter((one) => one === id).length < MOST_OF_ONE;

  /** Takes what waits, when there is some, or when it has waited long enough. */
  async function give({ id }: StreamRow, most: number, isGone: () => boolean): Promise<Delivery[]> {
    const until = performance.now() + LONG_MILLIS;
    waiting.push(id);
    try {
      for (;;) {
        const given = await takePolled(settings.newAct().db, id, most);
        if (given.length || isGone() || performance.now() >= until) return given;
        await sleep(LOOK_MILLIS);
      }
    } finally {
      waiting.splice(waiting.indexOf(id), 1);
    }
  }

  /** Settles what the receiver took or refused, and gives what waits, as signed events by id. */
  return async (
    stream: StreamRow,
    { maxEvents = MOST, returnImmediately = false, ack = [], setErrs = {} }: Asked,
    isGone: () => boolean,
  ): Promise<{ sets: Record<string, string>; moreAvailable?: boolean }> => {
    await settleTaken(settings.newAct(), stream, ack, setErrs);
    const most = Math.min(maxEvents, MOST);
    const isAtOnce = returnImmediately || !mayWait(stream.id);
    const given = most === 0 ? [] : await give(stream, most, isAtOnce ? () => true : isGone);
    const { db } = settings.newAct();
    const isMore = (await countHeld(db, stream.id, given.length + 1)) > given.length;
    return { sets: await signed(given, settings), ...(isMore ? { moreAvailable: true } : {}) };
  };
}

async function signed(given: Delivery[], settings: PollSettings): Promise<Record<string, string>> {
  const heard = given.filter(({ isHeard }) => isHeard);
  const gone = given.filter(({ isHeard }) => !isHeard);
  await settleDeliveries(
    settings.newAct(),
    gone.map(({ stream, eventId }) => ({
      ...{ stream, eventId, state: 'dropped' as const, why: 'no_audience', nextAt: null },
    })),
  );
  const tokens = await Promise.all(heard.map((one) => securityEventToken(one, settings)));
  return Object.fromEntries(heard.map((one, at) => [jtiOf(one), tokens[at]!]));
}

/** Notes what was taken, and what was refused with why; ids of other streams are let by. */
async function settleTaken(
  act: Act,
  { id }: StreamRow,
  ack: string[],
  setErrs: Record<string, unknown>,
): Promise<void> {
  const of = (jti: string, state: 'delivered' | 'dead', why: string | null): DeliverySettled[] => {
    const eventId = eventIn(jti, id);
    return eventId !== undefined && isUuid(eventId)
      ? [{ stream: id, eventId, state, why, nextAt: null }]
      : [];
  };
  const rows = [
    ...ack.flatMap((jti) => of(jti, 'delivered', null)),
    ...Object.entries(setErrs).flatMap(([jti, why]) =>
      of(jti, 'dead', errorNamed(why) ?? 'refused'),
    ),
  ];
  await settleDeliveries(act, rows);
}
