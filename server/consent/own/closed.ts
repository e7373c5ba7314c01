// The reading left to somebody who had a key role before a company's bankruptcy: its consents as
// they were at the opening, and who decides now. Nothing of it lets anybody act.
import { type Deciding, decidingThen } from '../../decision/act.ts';
import { actsFor } from '../../caller/model.ts';
import { findClosed, momentBefore, type Closed } from '../../mandate/estate_store.ts';
import { formatDate, inEach, t, type Language } from '../../platform/locale.ts';
import { askedRights, type Consent, type ConsentEvent, type ConsentRight } from '../model.ts';
import { seenBy, type Answerer, type ConsentReader, type Seen } from '../basis/standing.ts';
import { readable } from '../basis/among.ts';
import { findConsents } from '../find.ts';
import { readEventsUntil } from '../store.ts';
import { displayName } from '../text.ts';

const trusteeOf = ({ trustee }: Closed) => ({
  known: trustee === null ? 'no' : 'yes',
  trustee: trustee ?? '',
});

/** States, to somebody who decided before, who decides now and since when. */
export const closedText = (
  closed: Closed,
  party: Parameters<typeof displayName>[0],
  language: Language,
): string =>
  t(language, 'mandate.closed', {
    party: displayName(party),
    date: formatDate(language, new Date(closed.on)),
    told: closed.court === null ? 'no' : 'yes',
    court: closed.court ?? '',
    ...trusteeOf(closed),
  });

/** The same to one who would do something, as members of the refusal. */
export const closedTo = (party: Parameters<typeof displayName>[0], closed: Closed) => ({
  reason_user: inEach((language) =>
    t(language, 'error.no_access.estate', { party: displayName(party), ...trusteeOf(closed) }),
  ),
});

/** The events of a consent up to a moment, and how often it had been used by then. */
interface Past {
  uses: number;
  events: ConsentEvent[];
}

/** The rights that it had at a moment, and its end. */
function rightsAt(
  consent: Consent,
  approvedAt: Date | null,
  { at, events }: { at: Date; events: ConsentEvent[] },
) {
  const all = askedRights(consent);
  const isIn = ({ ordinal, droppedAt }: ConsentRight) =>
    droppedAt === null
      ? consent.rights.some((right) => right.ordinal === ordinal)
      : new Date(droppedAt) > at;
  const last = events.findLast(({ type }) => type === 'changed');
  return {
    rights: approvedAt ? all.filter(isIn) : all,
    leftOut: approvedAt ? all.filter((right) => !isIn(right)) : [],
    validTo: last?.validTo ? new Date(last.validTo) : consent.askedValidTo,
    narrowedAt: last ? new Date(last.at) : null,
  };
}

/** A consent as it was at a moment; undefined where nobody had asked for it yet. */
function asItWas(consent: Consent, at: Date, { uses, events }: Past): Consent | undefined {
  if (consent.requestedAt > at) return undefined;
  const until = (done: Date | null) => (done && done <= at ? done : null);
  const [approvedAt, rejectedAt] = [until(consent.approvedAt), until(consent.rejectedAt)];
  const withdrawnAt = until(consent.withdrawnAt);
  const isAnswered = approvedAt !== null || rejectedAt !== null;
  const last = events.findLast(({ type }) => type === 'used');
  const isPaused =
    events.findLast(({ type }) => type === 'suspended' || type === 'resumed')?.type === 'suspended';
  return {
    ...consent,
    ...{ approvedAt, rejectedAt, withdrawnAt, uses, events, isPaused, suspended: isPaused },
    lastUsedAt: last ? new Date(last.at) : null,
    state: withdrawnAt
      ? consent.state
      : approvedAt
        ? 'approved'
        : rejectedAt
          ? 'rejected'
          : 'requested',
    ...rightsAt(consent, approvedAt, { at, events }),
    answeredBy: isAnswered ? consent.answeredBy : null,
    answeredRole: isAnswered ? consent.answeredRole : null,
    fallen: consent.withdrawnAt && !withdrawnAt ? null : consent.fallen,
  };
}

/** Consents as they were at a moment, without those that nobody had asked for yet. */
async function past(act: Deciding, consents: Consent[]): Promise<Consent[]> {
  const { now: at } = act;
  const ids = consents.map(({ id }) => id);
  const found = ids.length ? await readEventsUntil(act.db, ids, at) : new Map<string, Past>();
  return consents.flatMap((consent) => asItWas(consent, at, found.get(consent.id)!) ?? []);
}

/** The consents of a list that a person could read at the act's moment, as they were then. */
export const readableThen = async (
  act: Deciding,
  consents: Consent[],
  reader: ConsentReader,
): Promise<Consent[]> => readable(act, await past(act, consents), reader);

/** One consent, shown to somebody who had a key role at the giver when its estate was opened. */
export async function seenThen(
  act: Deciding,
  { id, from }: Consent,
  reader: Answerer,
): Promise<(Seen & { closed: Closed }) | undefined> {
  if (!actsFor(reader, from.id)) return undefined;
  const closed = await findClosed(act, { party: from.id, person: reader.party });
  if (!closed) return undefined;
  const then = decidingThen(act, momentBefore(closed));
  const [consent] = await past(then, await findConsents(then, [id]));
  const seen = consent && (await seenBy(then, consent, reader));
  return seen?.isWhole ? { ...seen, closed } : undefined;
}
