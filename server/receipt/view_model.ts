// The members of a receipt that its reader can open. The digests of all are there for everybody, so
// that nothing gives away what is closed.
import type { Member } from '../event/payload_model.ts';

/** The thing that was acted on. */
export type ReceiptThing = 'consent' | 'mandate';

/**
 * Parties without a person's number, and what was agreed: nothing of who answered, by what office,
 * and on what page, which shows on whose behalf.
 */
const PLAIN: readonly Member[] = [
  ...(['consent', 'mandate', 'request', 'from', 'to', 'handledBy'] as const),
  ...([
    'fromParty',
    'toParty',
    'handledByParty',
    'rights',
    'terms',
    'conditions',
    'level',
  ] as const),
];
const WHOLE: readonly Member[] = [
  ...PLAIN,
  ...(['by', 'role', 'detail', 'byParty', 'authority', 'page', 'replaces'] as const),
];

/** A reader: those who decide for the giver read the whole, everybody else the plain part. */
export interface ReceiptReader {
  isWhole: boolean;
  /** The party that reads, whose own number it opens; none for an organisation's client. */
  party?: string | undefined;
  /** Whether the reader may know that another consent was replaced. */
  knowsReplaced?: boolean;
  /** Set where something of the thing is kept from the reader: reasons may name it. */
  isVeiled?: boolean;
  /** Set for an organisation's client, which learns no giver by a no. */
  isOrganization?: true;
}

const PARTIES = [
  ['from', 'fromPersonNo'],
  ['to', 'toPersonNo'],
  ['by', 'byPersonNo'],
] as const;

/** The members that a reader opens of an event between these parties. */
export function opened(
  { isWhole, party, knowsReplaced, isVeiled, isOrganization }: ReceiptReader,
  event: Record<'from' | 'to' | 'by', string | null> & { kind: string },
): ReadonlySet<Member> {
  const open = new Set<Member>(isWhole ? WHOLE : PLAIN);
  if (!knowsReplaced) open.delete('replaces');
  if (isVeiled) open.delete('detail');
  if (isOrganization && event.kind === 'rejected')
    for (const one of ['from', 'fromParty'] as const) open.delete(one);
  for (const [side, number] of PARTIES)
    if (party !== undefined && event[side] === party && (isWhole || side !== 'by'))
      open.add(number);
  return open;
}
