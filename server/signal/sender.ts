// Sends what is due to the addresses of streams, many at once, and few to one address: who answers
// slowly, or not at all, delays no other. What is not taken is tried again, held, or laid aside, as
// the answer says.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from '../platform/act.ts';
import { callOut, type Outbound, type OutboundAnswer } from '../platform/http/outbound.ts';
import { GIVE_UP_MILLIS, waitAfter } from '../platform/again_model.ts';
import type { GoesOn } from '../platform/job.ts';
import type { Logger } from '../platform/log.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { takeDue, type Delivery } from './delivery_store.ts';
import {
  dropWaiting,
  settleDeliveries,
  wakeDeliveries,
  type DeliverySettled,
} from './letter_store.ts';
import { securityEventToken, webhookMessage, type Signing } from './message.ts';
import { errorNamed, verdictOn, type Verdict } from './verdict_model.ts';
import { noteVerified, stopStream, type StreamMethod } from './stream_store.ts';

export interface SenderSettings extends Signing {
  newAct: () => Act;
  seal: Seal;
  outbound: Outbound;
  log: Logger;
  /** The doors that are open: what streams of another hear waits. */
  methods: StreamMethod[];
}

/** The purpose under which secrets of streams are sealed. */
export const SEALED = 'signal stream';

/** New deliveries are taken so often while others are on their way. */
const LOOK_MILLIS = 250;
const AT_ONCE = 64;
/** Deliveries to one stream, so that a receiver that does not answer holds up few. */
const OF_ONE = 8;
const BOUNDS = { method: 'POST', timeoutMillis: 10_000, most: 64 * 1024, isCut: true } as const;
const UNREACHABLE = 'unreachable';
/** Longer than a call may take: what a node that is gone was sending is then another's. */
const TAKEN_MILLIS = 30_000;

/** The outcome of a try. */
interface Tried {
  delivery: Delivery;
  verdict: Verdict;
  why: string | null;
  /** Seconds that the receiver asked to wait (RFC 9110 §10.2.3). */
  retryAfter: number;
}

export function createSender(settings: SenderSettings) {
  const { newAct, log, methods } = settings;
  /** Streams whose receivers did not answer the last time: they get one call until they do. */
  const slow = new Set<string>();
  const underWay = new Map<Delivery, Promise<unknown>>();
  let done: Tried[] = [];

  async function attempt(delivery: Delivery): Promise<void> {
    const tried = await tryOne(delivery, settings).catch((error: Error): Tried => {
      log.error({ err: error }, 'a signal could not be made');
      return { delivery, verdict: 'again', why: 'not_sendable', retryAfter: 0 };
    });
    if (tried.why === UNREACHABLE) slow.add(delivery.stream);
    else slow.delete(delivery.stream);
    done.push(tried);
  }
  function begin(delivery: Delivery): void {
    const sending = attempt(delivery).finally(() => underWay.delete(delivery));
    underWay.set(delivery, sending);
  }
  /** The places of each stream that are taken: all but one, of one that is slow. */
  function countUnderWay(): Record<string, number> {
    const taken = Object.fromEntries([...slow].map((stream) => [stream, OF_ONE - 1]));
    for (const { stream } of underWay.keys()) taken[stream] = (taken[stream] ?? 0) + 1;
    return taken;
  }

  async function settleDone(): Promise<void> {
    const some = done;
    done = [];
    if (some.length) await settle(newAct(), some, log);
  }

  let wake = () => {};
  /** Resolves when it is time to look for more. */
  const pause = () => {
    const woken = new Promise<void>((done) => {
      wake = done;
    });
    return Promise.race([...underWay.values(), sleep(LOOK_MILLIS), woken]);
  };

  let sending: Promise<void> | undefined;
  async function send(goesOn: GoesOn): Promise<void> {
    for (;;) {
      await settleDone();
      const act = newAct();
      const until = new Date(act.now.getTime() + TAKEN_MILLIS);
      const most = AT_ONCE - underWay.size;
      const taken =
        goesOn() && most > 0
          ? await takeDue(act, { most, ofOne: OF_ONE, underWay: countUnderWay(), until, methods })
          : [];
      for (const delivery of taken) begin(delivery);
      if (!underWay.size) break;
      await pause();
    }
    await settleDone();
  }

  return {
    /**
     * Sends what is due until nothing is, or until `goesOn` says otherwise; one call looks for more
     * at once where another is at it.
     */
    send(goesOn: GoesOn = () => true): Promise<void> {
      wake();
      sending ??= send(goesOn).finally(() => {
        sending = undefined;
      });
      return sending;
    },
  };
}

/** Calls the address once. */
async function tryOne(delivery: Delivery, settings: SenderSettings): Promise<Tried> {
  if (!delivery.isHeard) return { delivery, verdict: 'dead', why: 'no_audience', retryAfter: 0 };
  const { body, headers } = await messageOf(delivery, settings);
  const answer = await callOut(
    delivery.endpoint!,
    { ...BOUNDS, body, headers },
    settings.outbound,
  ).catch((error: Error) => error);
  if (answer instanceof Error)
    return { delivery, verdict: 'again', why: UNREACHABLE, retryAfter: 0 };
  const err = errorIn(answer);
  return {
    delivery,
    verdict: verdictOn(answer.status, err),
    why: err ?? `status_${answer.status}`,
    retryAfter: Number(answer.headers['retry-after']) || 0,
  };
}

async function messageOf(delivery: Delivery, settings: SenderSettings) {
  const open = (sealed: string | null) =>
    sealed === null ? undefined : settings.seal.opened(SEALED, sealed);
  if (delivery.method === 'webhook') {
    const isOther = delivery.otherUntil !== null && delivery.otherUntil > settings.newAct().now;
    const secrets = [open(delivery.secret), isOther ? open(delivery.otherSecret) : undefined];
    return webhookMessage(
      delivery,
      secrets.filter((one) => one !== undefined),
      settings,
    );
  }
  const authorization = open(delivery.authorizationHeader);
  const headers = {
    'content-type': 'application/secevent+jwt',
    ...(authorization === undefined ? {} : { authorization }),
  };
  return { body: await securityEventToken(delivery, settings), headers };
}

/** The error of RFC 8935 §2.3, where the answer has one. */
function errorIn({ status, text }: OutboundAnswer): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  try {
    return errorNamed(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Stores what came of tries, and stops the streams whose receivers refuse. */
async function settle(act: Act, some: Tried[], log: Logger): Promise<void> {
  const refused = new Map<string, Tried>();
  for (const tried of some) if (tried.verdict === 'stop') refused.set(tried.delivery.stream, tried);
  for (const [stream, { why, delivery }] of refused) {
    const isGone = delivery.method === 'webhook' && why === 'status_410';
    const to = isGone ? 'disabled' : 'paused';
    const { endpoint } = delivery;
    if (!(await stopStream(act, stream, { reason: why ?? 'refused', to, endpoint }))) continue;
    if (isGone) await dropWaiting(act, stream, 'disabled');
    log.warn({ stream, why }, 'a receiver refuses what it is sent');
  }
  await settleDeliveries(
    act,
    some.map((tried) => settledBy(act, tried)),
  );
  const verified = some.filter(
    ({ verdict, delivery: { kind } }) => verdict === 'accepted' && kind === 'verification',
  );
  for (const { delivery } of verified) {
    await noteVerified(act, delivery.stream, delivery.endpoint);
    await wakeDeliveries(act, delivery.stream);
  }
}

function settledBy({ now }: Act, { delivery, verdict, why, retryAfter }: Tried): DeliverySettled {
  const { stream, eventId, tries, madeAt, isHeard } = delivery;
  const waited = now.getTime() - madeAt.getTime();
  const known = { stream, eventId, nextAt: null };
  if (verdict === 'accepted') return { ...known, state: 'delivered', why: null };
  if (!isHeard) return { ...known, state: 'dropped', why };
  const isOver = verdict === 'again' && waited >= GIVE_UP_MILLIS;
  if (verdict === 'dead' || isOver) return { ...known, state: 'dead', why };
  const most = waitAfter(tries, waited, randomInt(1_000) / 1_000);
  const wait = retryAfter > 0 ? Math.min(retryAfter * 1_000, most) : most;
  const nextAt = new Date(now.getTime() + wait).toISOString();
  return { stream, eventId, state: 'waiting', why, nextAt };
}
