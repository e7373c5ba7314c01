// Hides from others what a person with a protected address has given: while it holds they see that
// there is something, and until when; not to whom, of what, from what source, or when it was asked
// for, given or used, since each of these can show where the person is. The person sees all. And
// hides what is asked for from anybody whose login is too weak to read it. Pure.
import { isUnder } from '../../party/age_model.ts';
import { NO_ID } from '../../platform/ids.ts';
import {
  asGiven,
  wasGiven,
  type Consent,
  type ConsentEvent,
  type ConsentParty,
  type ConsentRight,
} from '../model.ts';
import { isLimited } from '../uses_model.ts';

const NOBODY: ConsentParty = {
  id: NO_ID,
  kind: 'organization',
  name: '',
  personNo: null,
  organizationNo: null,
};

const USES: ConsentEvent['type'][] = ['used', 'fetched'];
const ENDS: ConsentEvent['type'][] = ['withdrawn', 'expired'];
const ANSWERS: ConsentEvent['type'][] = [
  ...(['answered', 'answer_taken_back', 'passed_on', 'deletion_asked'] as const),
  // A court's decision about a matter would show the matter.
  ...(['withheld', 'released'] as const),
];

const isVeiledFrom = ({ giverProtected, from }: Consent, person: string) =>
  giverProtected && from.id !== person;

/** Whether it has been given and still holds, as far as others than the giver may know. */
const isGivenNow = ({ state, fallen, validTo }: Consent, now: Date): boolean =>
  state === 'approved' && !fallen && validTo > now;

/**
 * Whether it is kept from a person: what is asked of such a giver, and what holds no more, which
 * would show by its end whose it was. The giver sees it, the approver whom it names, the one who
 * answered it, and the one who ended it.
 */
export const isKeptFrom = (consent: Consent, person: string, now: Date): boolean =>
  isVeiledFrom(consent, person) &&
  !isGivenNow(consent, now) &&
  ![consent.requiredDelegator?.id, consent.answeredBy?.id].includes(person) &&
  !consent.events.some(({ type, byParty }) => type === 'withdrawn' && byParty === person);

/** Whether such a giver's consent was answered, by another than the person who asks. */
export const isAnsweredFor = (consent: Consent, person: string): boolean =>
  isVeiledFrom(consent, person) && wasGiven(consent) && consent.answeredBy?.id !== person;

/** Whether a request is read at no weaker login than it is answered at. */
export const isReadStrongly = ({ giverProtected, rights }: Consent): boolean =>
  giverProtected || isSensitive(rights);

/** Whether the owner of a service has marked it as sensitive. */
export const isSensitive = (rights: Consent['rights']): boolean =>
  rights.some(({ content }) => content.sensitive !== undefined);

/** The highest level that a right of it asks for. */
export const answerLevel = (rights: Consent['rights']): number =>
  Math.max(0, ...rights.map(({ level, content }) => level ?? content.minimumLevel.person));

/** The consent as a login of this level shows it to one who may read it. */
export function shownAt(level: number, consent: Consent): Consent {
  const requiredLevel = answerLevel(consent.rights);
  return level < requiredLevel && !wasGiven(consent) && isReadStrongly(consent)
    ? { ...hidden(consent), requiredLevel }
    : consent;
}

/** The consent as one who acts for the giver may see it. */
export function veiledFor(consent: Consent, person: string, now: Date): Consent {
  const { state, answeredBy } = consent;
  // An answerer must know the question, while it can be answered.
  const isOpen = state === 'requested' && consent.validTo > now && !consent.fallen;
  if (!isVeiledFrom(consent, person) || isOpen) return consent;
  const seen = {
    ...consent,
    veiled: 'uses' as const,
    uses: 0,
    periodUses: 0,
    lastUsedAt: null,
    deletionAskedAt: null,
    erasedAt: null,
    erasedAfter: null,
    events: consent.events.filter(
      ({ type, byParty }) =>
        !USES.includes(type) && (!ANSWERS.includes(type) || byParty === person),
    ),
  };
  return answeredBy?.id === person
    ? asUnused(withoutOthersChanges(seen, person), now)
    : hidden(seen);
}

/**
 * As it was given, to one who answered it, but for what that one took out; what others did to it
 * does not show.
 */
const withoutOthersChanges = (consent: Consent, person: string): Consent => ({
  ...consent,
  ...asGiven(consent, ({ droppedBy }) => droppedBy !== person),
  events: consent.events.filter(({ type, byParty }) => type !== 'changed' || byParty === person),
  // Until when it holds is shown to all who see that it is there.
  askedValidTo: consent.validTo,
  narrowedAt: null,
});

/** Whether another than the giver is shown that it holds no more. */
export function isShownEnded(consent: Consent, person: string, now: Date): boolean {
  const seen = veiledFor(consent, person, now);
  return seen.veiled !== undefined && !isGivenNow(seen, now);
}

/**
 * One that can be used up falls for good only while it is not; the reader is shown the same of
 * both: until its last day that it fell, afterwards that its time is out.
 */
function asUnused(consent: Consent, now: Date): Consent {
  if (!isLimited(consent) || !consent.fallen) return consent;
  const isOut = consent.validTo <= now;
  return {
    ...consent,
    state: isOut ? 'approved' : 'withdrawn',
    fallen: isOut ? null : consent.fallen,
    withdrawnAt: null,
    events: consent.events.filter(({ type }) => !ENDS.includes(type)),
  };
}

/** A consent of which no more is shown than that it is there, and until when. */
const hidden = (consent: Consent): Consent => ({
  ...consent,
  veiled: 'whole',
  template: { ...consent.template, isPoa: false },
  oneTime: false,
  replaces: null,
  renews: false,
  askedUses: null,
  useLimit: null,
  // A court's decision about a matter would show the matter.
  suspended: consent.isPaused,
  // Why it fell can be the receiver's end, or the service's; when that is stored, what was used up
  // is left out.
  ...(consent.fallen && wasGiven(consent)
    ? { state: 'withdrawn' as const, withdrawnAt: null }
    : {}),
  fallen: null,
  uses: 0,
  periodUses: 0,
  lastUsedAt: null,
  events: [],
  deletionAskedAt: null,
  erasedAt: null,
  erasedAfter: null,
  approvedAt: null,
  answeredBy: null,
  answeredRole: null,
  to: NOBODY,
  handledBy: null,
  requiredDelegator: null,
  rights: [],
  leftOut: [],
  askedValidTo: consent.validTo,
  narrowedAt: null,
  requestMessage: null,
  redirectUrl: null,
});

/**
 * The consent as the one it is about reads it who cannot act on it: all of it, but where the owner
 * of a service names a law by which it is not shown to them.
 */
export function readByGiver(consent: Consent, now: Date): Consent {
  const { giverAge, giverIncapable } = consent;
  const isChild = giverAge !== null && isUnder(18, giverAge, now);
  const who = isChild ? 'child' : giverIncapable ? 'ward' : undefined;
  if (!who) return consent;
  const isHidden = ({ content }: ConsentRight) => content.notShownTo?.who.includes(who) === true;
  const right = consent.rights.find(isHidden);
  if (!right) return { ...consent, leftOut: consent.leftOut.filter((one) => !isHidden(one)) };
  const hiddenBy = { law: right.content.notShownTo!.law, owner: right.owner.name };
  return { ...hidden(consent), hiddenBy };
}
