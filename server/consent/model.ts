// A consent request and what it becomes: its states, what the clock says of it, and the shapes that
// leave the house. Pure; it knows no SQL and no caller.
import type { ConsentEventType } from '../event/model.ts';
import type { Minority } from '../party/age_model.ts';
import type { PartyKind } from '../party/model.ts';
import type { WordedContent } from '../resource/markdown.ts';
import type { ConsentTemplate } from '../resource/model.ts';
import type { FallReason } from './basis/model.ts';
import type { Translated } from '../platform/locale.ts';
import type { CountedUses } from './uses_model.ts';
import type { UseLimit } from '../resource/uses_model.ts';

/** `deleted` is one that the asker took back before there was an answer. */
export type ConsentState = 'requested' | 'approved' | 'rejected' | 'withdrawn' | 'deleted';

export const WIRE_STATUS: Record<ConsentState, string> = {
  requested: 'Created',
  approved: 'Accepted',
  rejected: 'Rejected',
  withdrawn: 'Revoked',
  deleted: 'Deleted',
};

export interface ConsentParty {
  id: string;
  kind: PartyKind;
  name: string;
  personNo: string | null;
  organizationNo: string | null;
  /** The year of birth, where a register or an import has said the date. */
  bornIn?: number | null;
}

export interface ConsentRight {
  /** Its place among the rights as they were asked for, from 0. */
  ordinal: number;
  /** Whether the giver may leave it out. */
  optional: boolean;
  /** When it was taken out of a consent that held it. */
  droppedAt: string | null;
  droppedBy: string | null;
  resource: string;
  version: number;
  actions: string[];
  metadata: Record<string, string>;
  content: WordedContent;
  /** The level of login that the service's policy asks a person for now; null without a policy. */
  level: number | null;
  owner: ConsentParty;
}

/** A right as it is stored: what its service is stands with the version. */
type RightRow = Omit<ConsentRight, 'content'>;
/** A consent as it is stored: the words of services and template stand with their versions. */
export type ConsentRow = Omit<Consent, 'rights' | 'leftOut' | 'template'> &
  Record<'rights' | 'leftOut', RightRow[]> & { template: Pick<ConsentTemplate, 'id' | 'version'> };

export interface ConsentEvent {
  id: string;
  type: ConsentEventType;
  at: string;
  /** Its place among the events of its consent, where it is stored. */
  pos?: number;
  byParty: string | null;
  byRole: string | null;
  /** Why it fell, when nobody withdrew it. */
  reason: FallReason | null;
  /** The end from then on, where it was narrowed; read of what is past only. */
  validTo?: string | null;
  /** Whether a source says that it gave out what no token let be fetched. */
  beyond?: true | null;
  /** Whether support staff did it. */
  support?: true | null;
}

/** A request that several answer, from the first yes to the last. */
export interface Awaiting {
  /** Milliseconds since 1970 of the first yes. */
  since: number;
  /** How many have said yes, of how many; absent where everybody is asked who holds an office. */
  have?: number;
  need?: number;
  /** The part that the first yes chose, and later ones answer. */
  leftOut: number[];
  uses: UseLimit | null;
}

interface Pair {
  id: string;
  giver: ConsentParty;
  /** Whether its giver has said yes, and waits; the other giver does not see it. */
  isAwaiting: boolean;
}

/** A yes among several. */
interface GivenYes {
  party: string;
  name: string;
  at: string;
}

/** A request with everything that is read together. */
export interface Consent extends CountedUses {
  id: string;
  /** Ten characters that a person can read out (Crockford's base 32). */
  reference: string;
  state: ConsentState;
  from: ConsentParty;
  /** Whether a court has taken the giver's capacity to decide about any of it. */
  giverIncapable: boolean;
  /** Whether the giver's address is protected. */
  giverProtected: boolean;
  /**
   * The part that is hidden from somebody who acts for such a giver, or whose login is too weak to
   * read a request (consent/basis/veil_model.ts).
   */
  veiled?: 'uses' | 'whole';
  /** The level of the login at which the request is read; absent where it is shown. */
  requiredLevel?: number;
  /** Set in a list where the reader cannot end it: the one it is about, a parent, an answerer. */
  isReadOnly?: true;
  /** By what law its content is hidden from the one it is about, and whose service that is. */
  hiddenBy?: { law: Translated; owner: string };
  /** For a person who gives: the birth date, and who holds parental responsibility now. */
  giverAge: Minority | null;
  to: ConsentParty;
  handledBy: ConsentParty | null;
  requiredDelegator: ConsentParty | null;
  /** The end that holds: as it was asked for, unless it was brought nearer. */
  validTo: Date;
  askedValidTo: Date;
  /** When it was last narrowed. */
  narrowedAt: Date | null;
  /** Until when it can be answered, where that is before its end; `validTo` is that until then. */
  answerBy: Date | null;
  /** Set while some have said yes and others are awaited. */
  awaiting: Awaiting | null;
  /** The request of another giver with which it holds, or not at all. */
  pair: Pair | null;
  /** The yeses of several who answer together; null where nobody did. */
  yeses: GivenYes[] | null;
  template: ConsentTemplate;
  requestMessage: Translated | null;
  redirectUrl: string | null;
  portalViewMode: 'hide' | 'show';
  /** The consent that ends as this one begins. */
  replaces: string | null;
  /** Whether it goes on with the same or less of that one, for longer. */
  renews: boolean;
  /** Whether uses are counted anew, and not on from that one. */
  countsAnew: boolean;
  contentHash: string;
  clientId: string | null;
  /** Whether the person has let the same be asked again after a no. */
  mayAskAgain: boolean;
  /** How the asker named them. */
  fromNamed: 'number' | 'uuid' | 'nobody';
  delegatorNamed: 'number' | 'uuid' | null;
  expiryEventId: string;
  requestedAt: Date;
  /** When a file brought it, with what had been done with it until then. */
  importedAt: Date | null;
  approvedAt: Date | null;
  rejectedAt: Date | null;
  /** When it was withdrawn, or taken back by the asker. */
  withdrawnAt: Date | null;
  /** When its events were erased, by the rule of its operator. */
  erasedAt: Date | null;
  /** Days after its end, by that rule. */
  erasedAfter: number | null;
  /** When its receiver was asked to delete what it had drawn. */
  deletionAskedAt: Date | null;
  answeredBy: ConsentParty | null;
  answeredRole: string | null;
  /** Why it has nothing more to rest on, stored or not yet; null while it has. */
  fallen: FallReason | null;
  /** Suspended by the giver or whoever may approve, or by a court's decision about the giver. */
  suspended: boolean;
  /** Whether somebody suspended it, who may resume it, and who it was. */
  isPaused: boolean;
  suspendedBy: string | null;
  /** Whether it is suspended by itself, and not by the other of a pair. */
  suspendedAlone: boolean;
  /** Rights that it lets use of; until there is a yes, all that are asked for. */
  rights: ConsentRight[];
  /** Rights that were asked for and are no part of it: left out of the yes, or taken out later. */
  leftOut: ConsentRight[];
  events: ConsentEvent[];
  lastUsedAt: Date | null;
  shown: { language: string; hash: string; shownAt: string; shownBy: string } | null;
}

/**
 * The fields that a notice or an event of a request needs, whether it was read or has just been
 * stored.
 */
export type StoredRequest = Omit<
  Consent,
  | ('reference' | 'giverIncapable' | 'giverProtected' | 'giverAge' | 'template' | 'contentHash')
  | ('clientId' | 'mayAskAgain' | 'answeredBy' | 'answeredRole' | 'lastUsedAt' | 'shown')
  | (
      | 'isPaused'
      | 'suspendedBy'
      | 'suspendedAlone'
      | 'rights'
      | 'leftOut'
      | 'narrowedAt'
      | 'yeses'
      | 'pair'
    )
> &
  Record<'rights' | 'leftOut', AskedRight[]> & { pair: Omit<Pair, 'giver'> | null };

type AskedRight = Pick<ConsentRight, 'ordinal' | 'optional' | 'actions' | 'resource' | 'metadata'>;

/** All that was asked for, in its order, whether or not it was given. */
export const askedRights = <Right extends Pick<ConsentRight, 'ordinal'>>({
  rights,
  leftOut,
}: Record<'rights' | 'leftOut', Right[]>): Right[] =>
  [...rights, ...leftOut].sort((one, other) => one.ordinal - other.ordinal);

/** A consent as it was given: with what was taken out of it since by those of whom `isTaken`. */
export function asGiven(
  consent: Consent,
  isTaken: (right: ConsentRight) => boolean = () => true,
): Pick<Consent, 'rights' | 'leftOut'> {
  const { rights, leftOut } = consent;
  const back = leftOut.filter((right) => right.droppedAt !== null && isTaken(right));
  return {
    rights: askedRights({ rights, leftOut: back }),
    leftOut: leftOut.filter((right) => !back.includes(right)),
  };
}

/** Whether whoever answers chooses what to leave out. */
export const hasChoice = ({
  state,
  rights,
  awaiting,
}: Pick<Consent, 'state' | 'rights' | 'awaiting'>): boolean =>
  state === 'requested' && !awaiting && rights.some(({ optional }) => optional);

/** Whether a person has said yes to what others are awaited for. */
export const hasSaidYes = ({ state, yeses }: Pick<Consent, 'state' | 'yeses'>, person: string) =>
  state === 'requested' && yeses !== null && yeses.some(({ party }) => party === person);

/** A waiting request as the first yes fixed it. */
export function asFixed(consent: Consent): Consent {
  const { state, awaiting, rights } = consent;
  if (state !== 'requested' || !awaiting) return consent;
  const kept = rights.map(({ ordinal }) => ordinal);
  const chosen = kept.filter((place) => !awaiting.leftOut.includes(place));
  return { ...withChoice(consent, chosen), useLimit: awaiting.uses ?? consent.useLimit };
}

/** The request as a yes makes it that takes these of what is optional, by their places. */
export function withChoice(consent: Consent, chosen: number[]): Consent {
  const isTaken = ({ optional, ordinal }: ConsentRight) => !optional || chosen.includes(ordinal);
  return {
    ...consent,
    rights: consent.rights.filter(isTaken).map((right) => ({ ...right, optional: false })),
    leftOut: consent.rights.filter((right) => !isTaken(right)),
  };
}

/** Rights that one request asks for at most. */
export const RIGHTS_LIMIT = 50;
/** Whether somebody has said yes; one that was never given is called a request. */
export const wasGiven = ({ state, approvedAt }: Pick<Consent, 'state' | 'approvedAt'>): boolean =>
  state === 'approved' || (state === 'withdrawn' && approvedAt !== null);

/** Whether something that was done with it has a receipt; what was imported with it has none. */
export function hasReceipt(consent: Consent): boolean {
  const { approvedAt, rejectedAt, withdrawnAt, narrowedAt, importedAt, erasedAt } = consent;
  const pauses = consent.events.filter(({ type }) => type === 'suspended' || type === 'resumed');
  const acts = [
    ...[approvedAt, rejectedAt, narrowedAt, approvedAt && withdrawnAt],
    ...pauses.map(({ at }) => new Date(at)),
  ];
  return !erasedAt && acts.some((at) => at && (!importedAt || at > importedAt));
}

/** Whether an organisation is the receiver, or the one that handles the request. */
export const isPartyTo = (
  { to, handledBy }: Pick<Consent, 'to' | 'handledBy'>,
  organizationNo: string,
): boolean => to.organizationNo === organizationNo || handledBy?.organizationNo === organizationNo;

/** The parties that an event of a consent concerns. */
export const eventParties = ({ id, from, to, handledBy }: Consent) => ({
  ...{ consentId: id, fromParty: from.id, toParty: to.id },
  handledBy: handledBy?.id ?? null,
});

/** ISO 8601 with an offset, as the contract's clients read it. */
export const instantText = (at: Date | string) => new Date(at).toISOString().replace('Z', '+00:00');
