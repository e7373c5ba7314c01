// Streams as their clients keep them: made, read, changed, paused and ended; verified; and what
// could not be delivered, sent again or let go. It knows no HTTP.
import { randomBytes, randomUUID } from 'node:crypto';
import type { OrganizationCaller } from '../caller/model.ts';
import type { Party } from '../party/model.ts';
import { findScopeDelegations } from '../supplier/scope_store.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import { uuidv7 } from '../platform/ids.ts';
import { addressFault, type Outbound } from '../platform/http/outbound.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { insertDeliveries, nextPosition } from './delivery_store.ts';
import { dropWaiting, wakeDeliveries } from './letter_store.ts';
import { webhookSecret } from './message.ts';
import {
  HELD_DAYS,
  MOST_HELD,
  MOST_STREAMS,
  VERIFICATION_SECONDS,
  type SignalKind,
} from './model.ts';
import { problem } from './problems.ts';
import { SEALED } from './sender.ts';
import {
  HELD_TOO_LONG,
  changeStream,
  endStream,
  findStream,
  holdStream,
  holdStreams,
  insertStream,
  listHeldTooLong,
  listOfSuppliers,
  noteVerification,
  setStreamStatus,
  turnSecret,
  type StreamMethod,
  type StreamRow,
  type StreamStatus,
} from './stream_store.ts';

export interface StreamSettings {
  seal: Seal;
  outbound: Outbound;
}

/** Keeping streams, by a client that its organisation, or one that this lets, has. */
export const MANAGE = 'ssf.manage';

/** The client that keeps streams, and the organisation that it is of. */
export interface Keeper {
  client: string;
  owner: Party;
  /** The organisation whose client it is, where that is not the owner. */
  supplier: Party | undefined;
}

/** The name of the client: its own, or that of its organisation's tokens without one. */
export const keeperClient = ({ client, organizationNo }: OrganizationCaller): string =>
  client ?? organizationNo;

/** How a client wants a stream to be. */
export interface WantedStream {
  method: StreamMethod;
  endpoint: string | null;
  /** The Authorization that is sent; undefined leaves the one that there is. */
  authorizationHeader?: string | null | undefined;
  description: string | null;
  kinds: SignalKind[] | null;
}

/** Makes a stream; a push stream is sent a verification first. TIL-00063 for one too many. */
export const makeStream = (
  act: Act,
  { client, owner, supplier }: Keeper,
  wanted: WantedStream,
  settings: StreamSettings,
): Promise<{ stream: StreamRow; secret: string | undefined }> =>
  inTransaction(act, async (inner) => {
    mustBeCallable(wanted.endpoint, settings);
    if ((await holdStreams(inner.db, client, owner.id)) >= MOST_STREAMS) throw problem('TIL-00063');
    const id = uuidv7(inner.now);
    const secret = wanted.method === 'webhook' ? newSecret() : undefined;
    const { method, endpoint, description, kinds } = wanted;
    await insertStream(inner, {
      ...{ id, owner: owner.id, supplier: supplier?.id ?? null, client },
      ...{ method, endpoint, description, kinds },
      authorizationHeader: sealed(wanted.authorizationHeader ?? null, settings),
      secret: sealed(secret ?? null, settings),
    });
    if (method === 'push') await verify(inner, id);
    return { stream: (await findStream(inner.db, id))!, secret };
  });

const newSecret = () => webhookSecret(randomBytes(32));
const sealed = (text: string | null, { seal }: StreamSettings): string | null =>
  text === null ? null : seal.seal(SEALED, text);

/** TIL-00065 for an address that is never called. */
function mustBeCallable(endpoint: string | null, { outbound }: StreamSettings): void {
  const why = endpoint === null ? undefined : addressFault(endpoint, outbound);
  if (why !== undefined) throw problem('TIL-00065', { because: why });
}

/** A stream of the client's; TIL-00064 for another's. */
export async function streamOf(
  act: Act,
  { client, owner }: Keeper,
  id: string,
  methods: StreamMethod[],
): Promise<StreamRow> {
  const stream = await findStream(act.db, id);
  const isOwn = stream?.client === client && stream.owner === owner.id;
  if (!stream || !isOwn || !methods.includes(stream.method)) throw problem('TIL-00064');
  return stream;
}

/**
 * Changes a stream of the client's; another address is verified anew, and all is held until then.
 */
export const rewriteStream = (
  act: Act,
  stream: StreamRow,
  wanted: WantedStream,
  settings: StreamSettings,
): Promise<StreamRow> =>
  inTransaction(act, async (inner) => {
    const { id } = stream;
    const held = await holdStream(inner.db, id);
    if (!held) throw problem('TIL-00064');
    mustBeCallable(wanted.endpoint, settings);
    const isMoved = wanted.endpoint !== held.endpoint;
    const { endpoint, description, kinds, authorizationHeader: header } = wanted;
    await changeStream(inner.db, id, {
      ...{ endpoint, description, kinds },
      verifiedAt: isMoved && held.method === 'push' ? null : held.verifiedAt,
      authorizationHeader:
        header === undefined ? held.authorizationHeader : sealed(header, settings),
    });
    if (isMoved && held.method === 'push') await verify(inner, id);
    await goOn(inner, held);
    return (await findStream(inner.db, id))!;
  });

/** A stream that its receiver stopped goes on, and all that waits is due. */
async function goOn(act: Act, { id, stopped }: StreamRow): Promise<void> {
  if (stopped) await setStreamStatus(act, id, { status: 'enabled', reason: null, stopped: false });
  await wakeDeliveries(act, id);
}

/** Sets how it stands, for its client. What waits of one that is disabled is dropped. */
export const setStatus = (
  act: Act,
  stream: StreamRow,
  { status, reason }: { status: StreamStatus; reason: string | null },
): Promise<StreamRow> =>
  inTransaction(act, async (inner) => {
    await setStreamStatus(inner, stream.id, { status, reason, stopped: false });
    if (status === 'disabled') await dropWaiting(inner, stream.id, 'disabled');
    if (status === 'enabled') await wakeDeliveries(inner, stream.id);
    return (await findStream(inner.db, stream.id))!;
  });

/** Ends it; what waits is dropped. */
export const removeStream = (act: Act, { id }: StreamRow): Promise<unknown> => endStream(act, id);

/** Puts an event of the stream itself on its way. */
const sendOwn = async (
  act: Act,
  stream: string,
  kind: 'verification' | 'stream-updated',
  said: object,
): Promise<void> =>
  insertDeliveries(act, [
    {
      ...{ stream, eventId: randomUUID(), subject: null, kind, isState: false, said },
      ...{ pos: await nextPosition(act.db), dropped: null },
    },
  ]);

/** Puts a verification on its way; with the `state` of a client that asked for it. */
const verify = (act: Act, stream: string, state?: string): Promise<void> =>
  sendOwn(act, stream, 'verification', state === undefined ? {} : { state });

/** Verifies it for its client; TIL-00066 within a minute of the last. */
export const askVerification = (act: Act, { id }: StreamRow, state?: string): Promise<void> =>
  inTransaction(act, async (inner) => {
    const since = new Date(inner.now.getTime() - VERIFICATION_SECONDS * 1_000);
    if (!(await noteVerification(inner, id, since)))
      throw problem('TIL-00066', { headers: { 'retry-after': `${VERIFICATION_SECONDS}` } });
    await verify(inner, id, state);
  });

/** A day in which a webhook is signed with both secrets. */
const BOTH_MILLIS = 86_400_000;

/** Makes a second secret for a webhook; the one before lives on for a day. */
export async function newWebhookSecret(
  act: Act,
  { id }: StreamRow,
  settings: StreamSettings,
): Promise<string> {
  const secret = newSecret();
  const until = new Date(act.now.getTime() + BOTH_MILLIS);
  await turnSecret(act.db, id, sealed(secret, settings)!, until);
  return secret;
}

/** Disables a stream for good reason, with one event that says so. */
const giveUp = (act: Act, id: string, reason: string): Promise<void> =>
  inTransaction(act, async (inner) => {
    const held = await holdStream(inner.db, id);
    if (!held || held.status === 'disabled') return;
    const stopped = reason === HELD_TOO_LONG;
    await setStreamStatus(inner, id, { status: 'disabled', reason, stopped });
    await dropWaiting(inner, id, 'disabled');
    await sendOwn(inner, id, 'stream-updated', { status: 'disabled', reason });
  });

/** Disables streams that have held something for too long, or hold too much; answers which. */
export async function giveUpHeld(act: Act): Promise<string[]> {
  const before = new Date(act.now.getTime() - HELD_DAYS * 86_400_000);
  const found = await listHeldTooLong(act.db, before, MOST_HELD);
  for (const id of found) await giveUp(act, id, HELD_TOO_LONG);
  return found;
}

/** Disables streams of suppliers whom their owners let use no scope of signals any more. */
export async function giveUpUndelegated(act: Act): Promise<void> {
  for (const { ids, supplierNo, ownerNo } of await listOfSuppliers(act.db)) {
    const scopes = await findScopeDelegations(act, supplierNo, ownerNo, null);
    if (scopes.some(({ scope }) => scope === MANAGE)) continue;
    for (const id of ids) await giveUp(act, id, 'not_delegated');
  }
}
