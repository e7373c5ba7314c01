// The reading left to somebody who had a key role before a company's bankruptcy: its consents as
// they were at the opening, and who decides now. Nothing of it lets anybody act.
import { actsFor, type Acting } from '../../caller/model.ts';
import { ofMoment, type DecisionPoint } from '../../decision/point.ts';
import { findClosed, momentBefore, type Closed } from '../../mandate/estate_store.ts';
import { formatDate, inEach, t, type Language } from '../../platform/locale.ts';
import type { Consent } from '../model.ts';
import { readable, type Seen } from '../basis/standing.ts';
import { findConsents } from '../store.ts';
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

/** A consent as it was at a moment; undefined where nobody had asked for it yet. */
function asItWas(consent: Consent, at: Date): Consent | undefined {
  if (consent.requestedAt > at) return undefined;
  const until = (done: Date | null) => (done && done <= at ? done : null);
  const [approvedAt, rejectedAt] = [until(consent.approvedAt), until(consent.rejectedAt)];
  const withdrawnAt = until(consent.withdrawnAt);
  const isAnswered = approvedAt !== null || rejectedAt !== null;
  const events = consent.events.filter((event) => Date.parse(event.at) <= at.getTime());
  const uses = events.filter(({ type }) => type === 'used');
  const isPaused =
    events.findLast(({ type }) => type === 'suspended' || type === 'resumed')?.type === 'suspended';
  const isUsedSince = consent.lastUsedAt !== null && consent.lastUsedAt > at;
  return {
    ...consent,
    ...{ approvedAt, rejectedAt, withdrawnAt, events, isPaused, suspended: isPaused },
    state: withdrawnAt
      ? 'withdrawn'
      : approvedAt
        ? 'approved'
        : rejectedAt
          ? 'rejected'
          : 'requested',
    answeredBy: isAnswered ? consent.answeredBy : null,
    answeredRole: isAnswered ? consent.answeredRole : null,
    fallen: consent.withdrawnAt && !withdrawnAt ? null : consent.fallen,
    ...(isUsedSince
      ? { uses: uses.length, lastUsedAt: uses.length ? new Date(uses.at(-1)!.at) : null }
      : {}),
  };
}

/** The consents of a list that a person could read at the moment, as they were then. */
export async function readableThen(
  point: DecisionPoint,
  consents: Consent[],
  person: string,
  at: Date,
): Promise<Consent[]> {
  const found = await readable(ofMoment(point, at), consents, person, at);
  return found.flatMap((consent) => asItWas(consent, at) ?? []);
}

/** One consent, shown to somebody who had a key role at the giver when its estate was opened. */
export async function seenThen(
  point: DecisionPoint,
  { id, from, events }: Consent,
  reader: Acting,
  now: Date,
): Promise<(Seen & { closed: Closed }) | undefined> {
  if (!actsFor(reader, from.id)) return undefined;
  const { party: person } = reader;
  const closed = await findClosed(point.db, { party: from.id, person }, now);
  if (!closed) return undefined;
  const at = momentBefore(closed);
  const then = await findConsents(point.db, [id], at);
  const [consent] = await readableThen(
    point,
    then.map((one) => ({ ...one, events })),
    person,
    at,
  );
  return consent && { consent, isWhole: true, closed };
}
