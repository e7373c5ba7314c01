// Notices: their types, and which of them let others do more, or ask for an answer. Pure.

export type NoticeType =
  | 'mandate_sent'
  | 'mandate_accepted'
  | 'mandate_unanswered'
  | 'mandate_given'
  | 'mandate_changed'
  | 'mandate_ended'
  | 'mandate_used'
  | 'mandate_ends'
  | 'mandate_still'
  | 'mandate_grows'
  | 'mandate_erased_soon'
  | 'role_gained'
  | 'role_lost'
  | 'role_ends'
  | 'consent_ends'
  | 'consent_erased_soon'
  | 'mandate_suspended'
  | 'mandate_resumed'
  | 'consent_suspended'
  | 'consent_resumed'
  | 'right_asked'
  | 'right_asked_again'
  | 'right_passed_on'
  | 'right_answered'
  | 'right_withdrawn'
  | 'right_fallen'
  | 'right_awaits'
  | 'right_reminder'
  | 'right_yes_fell'
  | 'right_offer_answered'
  | 'leaver'
  | 'consent_asked'
  | 'consent_given'
  | 'consent_answered'
  | 'consent_refused'
  | 'consent_withdrawn'
  | 'consent_narrowed'
  | 'consent_taken_back'
  | 'consent_awaits'
  | 'consent_reminder'
  | 'consent_passed_on'
  | 'consent_yes_fell'
  | 'consent_renounced'
  | 'consent_used'
  | 'consent_fallen'
  | 'consent_request_ended'
  | 'consent_holder_changed'
  | 'consent_mandate_ended'
  | 'capacity_changed'
  | 'party_ended';

/** The notice and its subject: a mandate, a request or a consent. */
export interface NoticeOf {
  type: NoticeType;
  mandateId?: string;
  requestId?: string;
  consentId?: string;
  /** The party that did it; absent or null where a register did, or time. */
  by?: string | null;
  /** Whether a change lets others do less. */
  lessens?: boolean;
  /** The party that sends something by it; parties that have silenced that one get none. */
  sender?: string;
}

/**
 * Acts that let others do less. Whoever did one knows; what lets others do more is news to its doer
 * too, since it may have been somebody else with the doer's login.
 */
const LESSENING: NoticeType[] = [
  'mandate_ended',
  'mandate_suspended',
  'consent_suspended',
  'consent_refused',
  'consent_withdrawn',
  'consent_narrowed',
];
/** Acts that let others do more, but for a change that lessens. */
export const WIDENING: NoticeType[] = [
  'mandate_sent',
  'mandate_given',
  'mandate_changed',
  'mandate_resumed',
  'consent_given',
  'consent_answered',
  'consent_resumed',
];
/** Whether an act of one's own is not shown again at the next login. */
export const isHistory = ({ type, lessens = false }: Pick<NoticeOf, 'type' | 'lessens'>): boolean =>
  lessens || !WIDENING.includes(type);
export const isKnownTo = (
  party: string,
  { type, by, lessens = false }: Pick<NoticeOf, 'type' | 'by' | 'lessens'>,
): boolean => party === by && (lessens || LESSENING.includes(type));

/** Notices by which somebody is asked for an answer. */
export const ASKS: NoticeType[] = [
  ...([
    'mandate_sent',
    'right_asked',
    'right_asked_again',
    'right_passed_on',
    'right_awaits',
  ] as const),
  ...(['right_reminder', 'consent_asked', 'consent_awaits'] as const),
  ...(['consent_reminder', 'consent_passed_on'] as const),
];
