// Evidence of acts: what an event is and what it is called outside. It knows no noun's rules.

/** Stored types; `expired` is what the clock makes of a request, stored for the feed. */
export const EVENT_TYPES = [
  'requested',
  'approved',
  'rejected',
  'withdrawn',
  'deleted',
  'used',
  'expired',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * Events of a consent that the person sees and the contract has no name for: no feed carries them.
 */
const QUIET_EVENTS = [
  'answered',
  'answer_taken_back',
  'passed_on',
  'suspended',
  'resumed',
  'changed',
  'fetched',
  'restored',
  'deletion_asked',
  'withheld',
  'released',
] as const;
export type ConsentEventType = EventType | (typeof QUIET_EVENTS)[number];

/** The names of the consent contract. */
export const WIRE_EVENT: Record<EventType, string> = {
  requested: 'Created',
  approved: 'Accepted',
  rejected: 'Rejected',
  withdrawn: 'Revoked',
  deleted: 'Deleted',
  used: 'Used',
  expired: 'Expired',
};

export const isWireEvent = (type: ConsentEventType): type is EventType =>
  EVENT_TYPES.some((known) => known === type);

/**
 * Events of parties that are of no consent: of mandates and requests for a right, of relations, of
 * numbers disclosed to clients and clients that may go on after the login, of lists, API scopes and
 * instances that owners keep, of systems that vendors register and customers let in, of logs that
 * were read by person or taken out, and of support staff who looked or suspended.
 */
export const MANDATE_EVENTS = [
  'sent',
  'given',
  'changed',
  'ended',
  'renounced',
  'suspended',
  'resumed',
  'restored',
  'withheld',
  'released',
  'role_gained',
  'role_lost',
  'right_asked',
  'right_asked_again',
  'right_passed_on',
  'right_approved',
  'right_rejected',
  'right_no_explained',
  'right_withdrawn',
  'right_yes',
  'right_yes_taken_back',
  'disclosed',
  'offline_allowed',
  'offline_ended',
  'related',
  'unrelated',
  'list_made',
  'list_changed',
  'list_ended',
  'list_joined',
  'list_left',
  'list_opened',
  'list_closed',
  'scope_registered',
  'scope_changed',
  'scope_ended',
  'scope_given',
  'scope_taken',
  'api_changed',
  'instance_registered',
  'instance_removed',
  'registrar_named',
  'system_registered',
  'system_changed',
  'system_ended',
  'system_asked',
  'system_withdrawn',
  'system_accepted',
  'system_rejected',
  'system_added',
  'system_removed',
  'system_suspended',
  'system_resumed',
  'log_opened',
  'support_asked',
  'support_looked',
  'support_suspended',
  'support_resumed',
  'group_made',
  'group_changed',
  'group_ended',
  'group_joined',
  'group_left',
  'group_opened',
  'group_closed',
] as const;
export type MandateEvent = (typeof MANDATE_EVENTS)[number];

/** Events that are about no party: no history, feed or receipt has them, and the log does. */
export type HouseEvent =
  | 'policy_published'
  | 'client_registered'
  | 'client_changed'
  | 'key_begun'
  | 'key_retired'
  | 'key_removed'
  | 'log_key_begun'
  | 'log_keys_ended'
  | 'operator_acted'
  | 'imported'
  | 'erased';

/** Notices of a power of attorney that holds, with what can be done about it. */
const OF_GIVEN = [
  ...['mandate_sent', 'mandate_accepted', 'mandate_given'],
  ...['mandate_changed', 'mandate_resumed', 'mandate_used'],
];
export const isOfGiven = (type: string) => OF_GIVEN.includes(type);

/** Notices of an act that has a receipt. */
const OF_RECEIPT = [
  'mandate_accepted',
  ...['mandate_given', 'mandate_changed', 'mandate_ended', 'mandate_suspended', 'mandate_resumed'],
  ...['consent_given', 'consent_answered', 'consent_refused', 'consent_withdrawn'],
  ...['consent_narrowed', 'consent_suspended', 'consent_resumed', 'consent_renounced'],
  ...['mandate_erased_soon', 'consent_erased_soon'],
];
export const isOfReceipt = (type: string) => OF_RECEIPT.includes(type);

/** The same of a consent. */
const OF_CONSENT = ['consent_given', 'consent_answered', 'consent_resumed', 'consent_used'];

/**
 * "This was not me": whether the party that is notified may suspend what the notice is about;
 * `consents` are those that the reader could suspend.
 */
export const maySuspend = (
  { type, from, consentId }: { type: string; from: string | null; consentId: string | null },
  party: string,
  consents: ReadonlySet<string>,
): boolean =>
  OF_CONSENT.includes(type) ? consents.has(consentId ?? '') : isOfGiven(type) && from === party;
