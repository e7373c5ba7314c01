// A consent is somebody's to read and to end: the giver's, a child's own, a parent's, the
// answerer's, or that of the approver whom a request names. Pure; standing.ts decides by policies.
import { isUnder } from '../../party/age_model.ts';
import { ownRefusal } from '../../resource/policy/age_model.ts';
import { asGiven, type Consent } from '../model.ts';
import { isKeptFrom } from './veil_model.ts';

/** Whether the giver may end it: their own answer, or one that they are of age and able to end. */
export const isGiversOwn = (consent: Consent, now: Date): boolean =>
  consent.answeredBy?.id === consent.from.id || endsOwn(consent, now);

/**
 * Whether the owner of each service shows parents what a child answers who decides about it, also
 * of those that were part of it once.
 */
export const isShownToParents = (consent: Consent): boolean =>
  asGiven(consent).rights.every(({ content }) => content.parentsSee);

/** Whether a child answered it by its own right; a no of one who is too young is no such. */
const isByChild = (consent: Consent, now: Date): boolean =>
  consent.answeredBy?.id === consent.from.id &&
  consent.giverAge !== null &&
  isUnder(18, consent.giverAge, now) &&
  !(consent.state === 'rejected' && isTooYoung(consent, now));

/** Whether the giver is too young to decide about it. */
export const isTooYoung = ({ giverAge, rights }: Consent, now: Date): boolean =>
  giverAge !== null &&
  ownRefusal(
    giverAge,
    rights.map(({ content }) => content),
    now,
  ) !== undefined;

/** Whether it is a child's own answer, and nobody else's to see, a parent's or another's. */
export const isChildsOwn = (consent: Consent, person: string, now: Date): boolean =>
  person !== consent.from.id && isByChild(consent, now) && !isShownToParents(consent);

/** Whether a parent reads a child's own answer, whether or not the parent could have answered. */
export const isShared = (consent: Consent, person: string, now: Date): boolean =>
  isByChild(consent, now) &&
  consent.giverAge!.parents.includes(person) &&
  !consent.giverProtected &&
  isShownToParents(consent);

/** Whether it is nobody's to see or to answer but the giver's, or the approver's whom it names. */
export const isOthers = (consent: Consent, person: string, now: Date): boolean =>
  isChildsOwn(consent, person, now) || isKeptFrom(consent, person, now);

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
    ...asGiven(consent),
    validTo: consent.askedValidTo,
    narrowedAt: null,
    events: consent.events.filter((event) => Date.parse(event.at) <= at && event.type !== 'used'),
  };
}
