// Signals: the events that systems hear of, by what names, and what each means to its receiver.
// Pure.
import { askersReason, type FallReason } from '../consent/basis/model.ts';
import { changedDetail } from '../consent/redeemed_model.ts';
import { epochSeconds } from '../platform/clock.ts';

/** The family of our own events, under the issuer (`<issuer>/secevent/<kind>`), and CAEP's. */
export const SIGNAL_KINDS = [
  ...(['consent-asked', 'consent-deleted', 'consent-given', 'consent-answered'] as const),
  ...(['consent-refused', 'consent-changed', 'consent-replaced', 'consent-suspended'] as const),
  ...(['consent-resumed', 'consent-withdrawn', 'consent-fallen', 'consent-expired'] as const),
  ...(['consent-used', 'consent-deletion-asked', 'mandate-given', 'mandate-changed'] as const),
  ...(['mandate-suspended', 'mandate-resumed', 'mandate-ended', 'policy-published'] as const),
  ...(['session-revoked', 'token-claims-change'] as const),
] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** Events of a stream itself (OpenID SSF 1.0 §8.1.4, §8.1.5). */
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';
const VERIFICATION = `${SSF}verification`;
const STREAM_UPDATED = `${SSF}stream-updated`;
/** Kinds of a stream's own events, as they are kept. */
const OWN_KINDS = { verification: VERIFICATION, 'stream-updated': STREAM_UPDATED } as const;

/** Whether an event is the stream's own, with no place among those of a subject. */
export const isOwnKind = (kind: string): boolean => kind in OWN_KINDS;
/** The name of a kind to a webhook: `consent.given`. */
export const webhookNameOf = (kind: string): string => kind.replace('-', '.');

/** Events of the OpenID Continuous Access Evaluation Profile 1.0 (§3.1, §3.2). */
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const CAEP_KINDS = {
  'session-revoked': `${CAEP}session-revoked`,
  'token-claims-change': `${CAEP}token-claims-change`,
} as const;
/** Kinds of what is an organisation's own alone: such an event is in no log. */
export const OWN_ALONE = Object.keys(CAEP_KINDS);

export const eventUri = (issuer: string, kind: string): string =>
  ({ ...OWN_KINDS, ...CAEP_KINDS })[kind] ?? `${issuer}/secevent/${kind}`;

/** The kind of an address of ours; undefined for another's. */
export const kindOf = (issuer: string, uri: string): SignalKind | undefined =>
  SIGNAL_KINDS.find((kind) => eventUri(issuer, kind) === uri);

/** Kinds that do not say what holds from then on, so that the newest of a subject is not enough. */
const OF_NO_STATE: SignalKind[] = [
  ...(['consent-used', 'consent-deletion-asked', 'consent-answered'] as const),
  // A person has several sessions, and one that is revoked says nothing of the others.
  'session-revoked',
  // It is about one token of several, which lives for minutes.
  'token-claims-change',
];
export const isState = (kind: string): boolean =>
  !OF_NO_STATE.some((one) => one === kind) && !isOwnKind(kind);

/**
 * Ends, which are for good: a receiver hears of them also where it has removed the subject, and
 * whatever it took before.
 */
export const ENDS = [
  ...['consent-deleted', 'consent-refused', 'consent-replaced', 'consent-withdrawn'],
  ...['consent-fallen', 'consent-expired', 'mandate-ended'],
];
/** Kinds that stop something: they are sent before all that waits. */
export const STOPS = [...ENDS, 'consent-suspended', 'mandate-suspended'];
export const isEnd = (kind: string): boolean => ENDS.includes(kind);

/** An event as a statement found it. */
export interface SignalledEvent {
  type: string;
  consent: string | null;
  mandate: string | null;
  reason: string | null;
}

/** The members that an identifier of a format must have (RFC 9493 §3.2, OpenID SSF 1.0 §3). */
const SUBJECT_FORMATS: Record<string, string[]> = {
  account: ['uri'],
  email: ['email'],
  iss_sub: ['iss', 'sub'],
  opaque: ['id'],
  phone_number: ['phone_number'],
  did: ['url'],
  uri: ['uri'],
  jwt_id: ['iss', 'jti'],
  saml_assertion_id: ['issuer', 'assertion_id'],
};

/** Whether it is an identifier of a subject; one of a format that nobody here knows is one. */
export function isSubjectId(said: unknown): boolean {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return false;
  const { format, ...members } = said as Record<string, unknown>;
  if (typeof format !== 'string' || !format) return false;
  if (format === 'aliases') {
    const { identifiers } = members;
    return (
      Array.isArray(identifiers) &&
      identifiers.length > 0 &&
      identifiers.every((one) => isSubjectId(one) && one.format !== 'aliases')
    );
  }
  const isText = (name: string) => typeof members[name] === 'string' && members[name] !== '';
  return Object.hasOwn(SUBJECT_FORMATS, format)
    ? SUBJECT_FORMATS[format]!.every(isText)
    : Object.keys(members).length > 0;
}

/** The kind of an event; undefined for one that no stream hears. */
export function kindOfEvent({
  type,
  consent,
  mandate,
  reason,
}: SignalledEvent): SignalKind | undefined {
  if (type === 'policy_published') return 'policy-published';
  if (consent !== null) {
    if (type !== 'withdrawn') return OF_CONSENT[type];
    if (reason === 'replaced') return 'consent-replaced';
    return reason === null || reason === 'receiver' ? 'consent-withdrawn' : 'consent-fallen';
  }
  return mandate === null ? undefined : OF_MANDATE[type];
}

const OF_CONSENT: Record<string, SignalKind> = {
  requested: 'consent-asked',
  deleted: 'consent-deleted',
  approved: 'consent-given',
  answered: 'consent-answered',
  rejected: 'consent-refused',
  changed: 'consent-changed',
  suspended: 'consent-suspended',
  withheld: 'consent-suspended',
  resumed: 'consent-resumed',
  released: 'consent-resumed',
  expired: 'consent-expired',
  used: 'consent-used',
  fetched: 'consent-used',
  deletion_asked: 'consent-deletion-asked',
};
const OF_MANDATE: Record<string, SignalKind> = {
  given: 'mandate-given',
  changed: 'mandate-changed',
  suspended: 'mandate-suspended',
  withheld: 'mandate-suspended',
  resumed: 'mandate-resumed',
  released: 'mandate-resumed',
  ended: 'mandate-ended',
  renounced: 'mandate-ended',
};

/** The state after an event, as the trigger kept it (migrations/17_receipt.ts). */
export interface After {
  state?: string;
  validTo?: string | null;
  endedAt?: string | null;
  suspended?: boolean;
  rights?: number[];
  /** Services that a mandate does not open for what lies outside it. */
  withheld?: string[] | null;
}

/**
 * A mandate as it stands for some services: for those that it opens, or, where it opens none of
 * them, suspended for all.
 */
export function openedOf(services: string[], { withheld, ...after }: After) {
  if (!withheld?.length || after.endedAt) return { services, after };
  const open = services.filter((one) => !withheld.includes(one));
  return open.length
    ? { services: open, after }
    : { services, after: { ...after, suspended: true } };
}

/** It is resumed by one, and another still suspends it. */
export const kindAfter = (kind: SignalKind, { suspended }: After): SignalKind =>
  suspended ? (kind.replace(/-resumed$/, '-suspended') as SignalKind) : kind;

/** The words of the consent contract for a state. */
const STATUS: Record<string, string> = {
  requested: 'Created',
  approved: 'Accepted',
  rejected: 'Rejected',
  withdrawn: 'Revoked',
  deleted: 'Deleted',
};

/** How a consent or a mandate stands after an event, in the words of its own API. */
function statusAfter(kind: SignalKind, { state, suspended, endedAt }: After): string {
  if (kind === 'consent-expired') return 'Expired';
  if (state !== undefined)
    return state === 'approved' && suspended ? 'Suspended' : (STATUS[state] ?? state);
  if (endedAt) return 'ended';
  return suspended ? 'suspended' : 'active';
}

/** The facts of an event that its members are made of. */
export interface SignalFacts {
  kind: SignalKind;
  after: After;
  /** By id, as the giver. */
  requester: string | null;
  giver: { id: string; isPerson: boolean } | null;
  reason: string | null;
  services: string[];
}

/**
 * The members of an event, beside its place, as they are kept: parties by id, and never why in
 * words of guardianship, parents, death or capacity.
 */
export function membersOf({ kind, after, requester, giver, ...of }: SignalFacts): object {
  if (kind === 'policy-published') return {};
  const isConsent = kind.startsWith('consent');
  const validTo = after.validTo ?? null;
  return {
    status: statusAfter(kind, after),
    ...(kind === 'mandate-ended' ? {} : { validTo }),
    ...(isConsent
      ? { approvedRights: after.state === 'approved' ? (after.rights ?? []) : [] }
      : {}),
    ...(of.reason === null || giver === null
      ? {}
      : { reason: askersReason(of.reason as FallReason, giver) }),
    ...(requester === null ? {} : { requester }),
    ...(giver === null ? {} : { giver: giver.id }),
    ...(of.services.length ? { service: of.services } : {}),
  };
}

/** A token that says what a consent was when it was drawn, and what the consent is now. */
export interface ChangedToken {
  jti: string;
  /** RFC 3339. */
  validTo: string;
  rights: object[];
}

/**
 * The claims that a token would have now (CAEP 1.0 §3.2), as they are kept beside its id: no number
 * of a party, and none of what was said of the rights.
 */
export const claimsOf = (consent: string, { jti, validTo, rights }: ChangedToken, at: Date) => ({
  jti,
  event_timestamp: epochSeconds(at),
  claims: {
    authorization_details: [changedDetail({ id: consent, validTo: new Date(validTo), rights })],
  },
});

const PARTIES = ['requester', 'giver'] as const;

/**
 * The same with parties as their receiver reads them: organisations by number, persons by what is
 * no national number.
 */
export const withParties = (
  said: Record<string, unknown>,
  numbers: Record<string, string | null>,
): Record<string, unknown> => ({
  ...said,
  ...Object.fromEntries(
    PARTIES.flatMap((side) => {
      const id = said[side];
      if (typeof id !== 'string') return [];
      const no = numbers[id];
      const urn = no ? `organization:identifier-no:${no}` : `party:uuid:${id}`;
      return [[side, `urn:altinn:${urn}`]];
    }),
  ),
});

/** A stream that holds as many, or for as long, is given up. */
export const MOST_HELD = 100_000;
export const HELD_DAYS = 30;
/** Streams of one client. */
export const MOST_STREAMS = 5;
/** Seconds between two verifications that a client asks for. */
export const VERIFICATION_SECONDS = 60;
