// Receiving: what a receiver must accept before it holds, and that it does. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { type Act, inTransaction } from '../../platform/act.ts';
import { lockMandate, type MandateRow, findMandate } from '../../mandate/delegation_store.ts';
import { ACCEPT_DAYS } from '../../mandate/model.ts';
import type { Package } from '../../resource/catalogue/model.ts';
import type { Actor } from '../authority.ts';
import { knownToReceiver } from '../end/end.ts';
import { problem } from '../problems.ts';
import { detailOf } from './begin.ts';
import { tiedTo, beginAccepted } from './accept_store.ts';

/** Whether the package demands that the receiver accepts it; a system answers nothing. */
export const demandsAcceptance = (
  { kind }: Pick<Side, 'kind'>,
  { mustAccept }: Pick<Package, 'mustAccept'>,
): boolean => mustAccept === true && kind !== 'system_user';

/** Until when what is sent now waits for its receiver. */
export const acceptByFrom = (now: Date): Date => new Date(now.getTime() + ACCEPT_DAYS * 86_400_000);

/** Whether the receiver accepts it first: always, where the two are strangers, or never. */
export type MustAccept = 'always' | 'strangers' | 'never';

/** A giver or a receiver. */
interface Side {
  id: string;
  kind: string;
}

/**
 * Whether the receiver must accept it: where the package demands it, and between persons who have
 * nothing to do with each other.
 */
export const mustAcceptIt = (
  { giver, receiver }: Record<'giver' | 'receiver', Pick<Side, 'kind'>>,
  entry?: Pick<Package, 'mustAccept'>,
): MustAccept =>
  entry !== undefined && demandsAcceptance(receiver, entry)
    ? 'always'
    : giver.kind === 'person' && receiver.kind === 'person'
      ? 'strangers'
      : 'never';

/** The receivers, of these, that must accept one of the packages or services before it holds. */
export async function whoMustAccept(
  act: Act,
  giver: Side,
  receivers: Side[],
  entries: Pick<Package, 'mustAccept'>[],
): Promise<string[]> {
  const musts = receivers.map((receiver) =>
    entries.map((entry) => mustAcceptIt({ giver, receiver }, entry)),
  );
  const ids = receivers.map(({ id }) => id);
  const strangers = ids.filter((_, at) => musts[at]!.includes('strangers'));
  const tied = strangers.length ? await tiedTo(act, giver.id, strangers) : new Set();
  return ids.filter(
    (id, at) => musts[at]!.includes('always') || (strangers.includes(id) && !tied.has(id)),
  );
}

/** The facts of a gift by which it waits for its receiver, or holds at once. */
interface Sent {
  from: string;
  to: string;
  /** Whether the receiver has said yes to it already. */
  agreed?: boolean;
}

/** Until when it waits for its receiver; null where it holds at once. */
export async function acceptByOf(
  act: Act,
  { from, to, agreed = false }: Sent,
  mustAccept: MustAccept,
): Promise<Date | null> {
  if (agreed || mustAccept === 'never') return null;
  if (mustAccept === 'strangers' && (await tiedTo(act, from, [to])).has(to)) return null;
  return acceptByFrom(act.now);
}

/**
 * Accepts it for the receiver, from when on it holds; again does nothing. TIL-00021 for one that
 * has ended, or was sent too long ago.
 */
export const acceptMandate = (
  act: Deciding,
  actor: Actor,
  id: string,
  party?: string,
): Promise<MandateRow> =>
  inTransaction(act, async (inner) => {
    await lockMandate(inner, id);
    const mandate = await knownToReceiver(inner, id, actor, party);
    if (mandate.endedAt) throw problem('TIL-00021');
    if (!mandate.acceptBy) return mandate;
    if (!(await accept(inner, mandate, actor.party))) throw problem('TIL-00021');
    return (await findMandate(inner, id))!;
  });

/** Accepts one for a receiver who has agreed to the like of it; whether it waited for that. */
export const acceptAgreed = async (
  act: Act,
  { to, agreed = false, actions }: Sent & { actions?: string[] },
  mandate: MandateRow,
): Promise<boolean> =>
  agreed &&
  mandate.acceptBy !== null &&
  // A yes to some of it is none to the rest.
  (mandate.actions ?? []).every((action) => actions?.includes(action)) &&
  (await accept(act, mandate, to));

const accept = (act: Act, mandate: MandateRow, by: string): Promise<boolean> =>
  beginAccepted(act, mandate, { by, terms: detailOf(mandate) });
