// Hides from others what a person with a protected address has given: they see that there is
// something, and until when; not to whom, of what, from what source, or when it was asked for,
// given or used, since each of these can show where the person is. The person sees all. Pure.
import { isUnder } from '../../party/age_model.ts';
import { NO_ID } from '../../platform/ids.ts';
import { wasGiven, type Consent, type ConsentEvent, type ConsentParty } from '../model.ts';

const NOBODY: ConsentParty = {
  id: NO_ID,
  kind: 'organization',
  name: '',
  personNo: null,
  organizationNo: null,
};

const USES: ConsentEvent['type'][] = ['used', 'fetched'];

const isVeiledFrom = ({ giverProtected, from }: Consent, person: string) =>
  giverProtected && from.id !== person;

/**
 * Whether a request is the giver's alone to see and to answer, or that of the approver whom it
 * names.
 */
export const isKeptFrom = (consent: Consent, person: string): boolean =>
  isVeiledFrom(consent, person) &&
  !wasGiven(consent) &&
  ![consent.requiredDelegator?.id, consent.answeredBy?.id].includes(person);

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
    lastUsedAt: null,
    events: consent.events.filter(({ type }) => !USES.includes(type)),
  };
  return answeredBy?.id === person ? seen : hidden(seen);
}

/** A consent of which no more is shown than that it is there, and until when. */
const hidden = (consent: Consent): Consent => ({
  ...consent,
  veiled: 'whole',
  // Why it fell can be the receiver's end, or the service's; when that is stored, what was used up
  // is left out.
  ...(consent.fallen && wasGiven(consent)
    ? { state: 'withdrawn' as const, withdrawnAt: null }
    : {}),
  fallen: null,
  uses: 0,
  lastUsedAt: null,
  events: [],
  approvedAt: null,
  answeredBy: null,
  answeredRole: null,
  to: NOBODY,
  handledBy: null,
  requiredDelegator: null,
  rights: [],
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
  const right = who && consent.rights.find(({ content }) => content.notShownTo?.who.includes(who));
  if (!right) return consent;
  const hiddenBy = { law: right.content.notShownTo!.law, owner: right.owner.name };
  return { ...hidden(consent), hiddenBy };
}
