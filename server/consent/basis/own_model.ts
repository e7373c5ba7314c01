// Whose a consent is to read and to end: the giver's, a child's own, a parent's, the one who
// answered, the approver whom a request names. Pure; what policies let is decided in standing.ts.
import { isUnder } from '../../party/age_model.ts';
import type { Consent } from '../model.ts';
import { isKeptFrom } from './veil_model.ts';

/** Whether the giver may end it: their own answer, or one that they are of age and able to end. */
export const isGiversOwn = (consent: Consent, now: Date): boolean =>
  consent.answeredBy?.id === consent.from.id || endsOwn(consent, now);

/**
 * Whether a child answered it who decides about it: then it is nobody else's to see, a parent's or
 * another's, unless the owner of each service says otherwise (`parentsSee`).
 */
export const isChildsOwn = (
  { from, answeredBy, giverAge, rights }: Consent,
  person: string,
  now: Date,
): boolean =>
  person !== from.id &&
  answeredBy?.id === from.id &&
  giverAge !== null &&
  isUnder(18, giverAge, now) &&
  rights.some(({ content }) => !content.parentsSee);

/**
 * Whether a parent reads what a child answered who decides about it: the owner of each service says
 * so (`parentsSee`), whether or not the parent could have answered.
 */
export const isShared = (
  { from, answeredBy, giverAge, giverProtected, rights }: Consent,
  person: string,
  now: Date,
): boolean =>
  answeredBy?.id === from.id &&
  giverAge !== null &&
  isUnder(18, giverAge, now) &&
  giverAge.parents.includes(person) &&
  !giverProtected &&
  rights.every(({ content }) => content.parentsSee);

/** Whether it is nobody's to see or to answer but the giver's, or the approver's whom it names. */
export const isOthers = (consent: Consent, person: string, now: Date): boolean =>
  isChildsOwn(consent, person, now) || isKeptFrom(consent, person);

/** Whether the one it is about may withdraw what another answered: of age, with capacity. */
const endsOwn = ({ from, giverAge, giverIncapable, state }: Consent, now: Date) =>
  from.kind === 'person' &&
  state !== 'requested' &&
  !giverIncapable &&
  !(giverAge && isUnder(18, giverAge, now));

export const waitsForOther = ({ state, requiredDelegator }: Consent, person: string) =>
  state === 'requested' && requiredDelegator !== null && requiredDelegator.id !== person;

/** The consent as it was when it was answered: no use, and nothing that came after. */
export function receiptOf(consent: Consent): Consent {
  const at = (consent.approvedAt ?? consent.rejectedAt)!.getTime();
  return {
    ...consent,
    state: consent.approvedAt ? 'approved' : 'rejected',
    withdrawnAt: null,
    fallen: null,
    suspended: false,
    isPaused: false,
    uses: 0,
    lastUsedAt: null,
    events: consent.events.filter((event) => Date.parse(event.at) <= at && event.type !== 'used'),
  };
}
