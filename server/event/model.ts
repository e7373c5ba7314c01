// Evidence of acts: what an event is and what it is called outside. It knows no noun's rules.

/** Stored types. `expired` is derived from the clock and only ever spoken. */
export const EVENT_TYPES = ['requested', 'approved', 'rejected', 'withdrawn', 'used', 'expired'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The names of the consent contract (contract/consent.md §2.1). */
export const WIRE_EVENT: Record<EventType, string> = {
  requested: 'Created', approved: 'Accepted', rejected: 'Rejected', withdrawn: 'Revoked', used: 'Used', expired: 'Expired',
};
