// Making receipts: the stored event as a signed token with the disclosures that its reader opens
// (RFC 9901), and the proof that it is in the log. It decides nothing about who may read.
import type { Act } from '../platform/act.ts';
import { disclosuresOf, payloadOf } from '../event/payload_model.ts';
import { proofText } from '../log/prove.ts';
import { findReceipted, listReceipted, type Receipted } from './store.ts';
import type { ReceiptSaid } from './facts_text.ts';
import { problem } from './problems.ts';
import { opened, type ReceiptReader, type ReceiptThing } from './view_model.ts';

/** Signs a payload as a JWT of this `typ`. */
export type SignReceipt = (payload: object, typ: string) => Promise<string>;

/** A consent or a mandate, and who reads of it. */
export interface ReceiptReading extends ReceiptReader {
  thing: ReceiptThing;
  id: string;
  /** How it stands now, to this reader, in the words of the contract or of our own API. */
  status: string;
  /** Set where the reader may read of the acts of this party alone, and not how it stands. */
  actsOf?: string;
  /** Whether the reader may have the receipt of an act, beside that. */
  mayHave?: (one: Receipted) => boolean;
}

/** The acts by which something was answered or given, for the receipt that is meant first. */
const ANSWERS = ['approved', 'rejected', 'given'];

/** Seconds in which what happened has its place in a signed log, mostly. */
const SIGNED_SECONDS = 1;

/** Seconds for which a signed status is good. */
const STATUS_SECONDS = 60;

/**
 * How a consent or a mandate stands now, as a JWT of a minute; TIL-00053 to one who keeps the
 * receipt of an answer alone.
 */
export async function makeStatus(
  act: Act,
  sign: SignReceipt,
  { thing, id, status, actsOf }: ReceiptReading,
  iss: string,
): Promise<string> {
  if (actsOf !== undefined) throw problem('TIL-00053');
  const iat = Math.floor(act.now.getTime() / 1000);
  return sign({ iss, iat, exp: iat + STATUS_SECONDS, [thing]: id, status }, 'receipt-status+jwt');
}

export interface Receipt {
  /** The event that it is made of. */
  event: Receipted;
  /** `<JWS>~<disclosure>~…~`, of RFC 9901 §4. */
  receipt: string;
  /** The same in plain. */
  said: ReceiptSaid;
  /** c2sp.org/tlog-proof@v1; null while the log has not been signed since. */
  proof: string | null;
  retryAfter?: number;
  later: Receipted[];
}

/**
 * The receipt of an event of the thing, or else of its answer, and the acts that came after it.
 * TIL-00053 where there is none that the reader may have, TIL-00052 for a size of no checkpoint.
 */
export async function makeReceipt(
  act: Act,
  sign: SignReceipt,
  reading: ReceiptReading,
  { event: wanted, size }: { event?: string | undefined; size?: number | undefined },
): Promise<Receipt> {
  const { thing, actsOf, mayHave = () => true } = reading;
  const all = (await listReceipted(act.db, reading, wanted)).filter(
    (one) => (actsOf === undefined || one.by === actsOf) && mayHave(one),
  );
  const answer = all.findLastIndex(({ kind }) => ANSWERS.includes(kind));
  const at =
    wanted === undefined ? Math.max(answer, 0) : all.findIndex(({ event }) => event === wanted);
  const event = all[at];
  const stored = event && (await findReceipted(act.db, event.event));
  if (!stored) throw problem('TIL-00053');
  const open = opened(reading, stored);
  const members = disclosuresOf(stored);
  const disclosures = members.filter(({ name }) => name !== 'members' && open.has(name));
  const signed = await sign(payloadOf(stored, members), `${thing}-receipt+sd-jwt`);
  const proof = await proofText(act, event.event, size);
  return {
    event,
    receipt: [signed, ...disclosures.map(({ text }) => text), ''].join('~'),
    said: {
      ...Object.fromEntries(disclosures.map(({ name, value }) => [name, value])),
      ...{ event: stored.id, kind: stored.kind, at: stored.at },
    },
    proof,
    ...(proof === null ? { retryAfter: SIGNED_SECONDS } : {}),
    later: all.slice(at + 1),
  };
}
