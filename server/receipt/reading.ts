// The readers of receipts, and how much of one each has: as far as the consent or the mandate is
// theirs to read today, by the rules that those are read by.
import type { Deciding } from '../decision/act.ts';
import type { OrganizationCaller } from '../caller/model.ts';
import { mustBeRead, seenBy, type Answerer } from '../consent/basis/standing.ts';
import { askedRights, isPartyTo, type Consent } from '../consent/model.ts';
import { effectiveStatus } from '../consent/status_model.ts';
import { problem as consentProblem } from '../consent/problems.ts';
import { findConsent } from '../consent/find.ts';
import type { Actor } from '../delegation/authority.ts';
import { mandateShownTo } from '../delegation/end/end.ts';
import { statusOf } from '../mandate/model.ts';
import type { ReceiptReading } from './receipt.ts';
import type { Receipted } from './store.ts';

/** Services of a consent that the reader does not see in it, by a law or as no part of it. */
function keptFrom(whole: Consent, seen: Consent): ReadonlySet<string> {
  const shown = new Set(askedRights(seen).map(({ resource }) => resource));
  const all = askedRights(whole).map(({ resource }) => resource);
  return new Set(all.filter((one) => !shown.has(one)));
}

/** The acts that an organisation's feed has: no pauses, by which one would learn of a court. */
const IN_FEED = ['approved', 'rejected', 'withdrawn'];

/** A consent's, for a person: AM-00001 where it is not theirs to read, or a law hides it. */
export async function consentReadBy(
  act: Deciding,
  id: string,
  reader: Answerer,
): Promise<ReceiptReading> {
  const consent = await findConsent(act, id);
  const seen = consent && (await seenBy(act, consent, reader));
  if (!seen || seen.consent.veiled === 'whole') throw consentProblem('AM-00001');
  mustBeRead(seen.consent);
  const { party } = reader;
  const isKept = keptFrom(consent!, seen.consent);
  // Nor does what others did show to one who answered for a giver whose address is protected.
  const isOwnAnswerAlone = (!seen.isWhole && !seen.isReadOnly) || seen.consent.veiled === 'uses';
  return {
    ...{ thing: 'consent', id, party },
    isWhole: !seen.isReadOnly,
    status: effectiveStatus(seen.consent, act.now),
    knowsReplaced: seen.consent.replaces !== null,
    isVeiled: isKept.size > 0,
    mayHave: ({ resources }) => !resources.some((one) => isKept.has(one)),
    ...(isOwnAnswerAlone ? { actsOf: party } : {}),
  };
}

/** A mandate's, for its giver, its receiver, or the supplier that passed it on; else TIL-00020. */
export async function mandateReadBy(
  act: Deciding,
  id: string,
  caller: Actor,
  side: string | undefined,
): Promise<ReceiptReading> {
  const seen = await mandateShownTo(act, id, caller, side);
  const { party } = caller;
  const status = statusOf(seen.mandate, act.now);
  return { thing: 'mandate', id, party, status, isWhole: seen.side === 'giver' };
}

/** A consent's, for the organisation that asked for it or handles it; AM-00001 for any other. */
export async function consentReadByAsker(
  act: Deciding,
  id: string,
  { organizationNo }: OrganizationCaller,
): Promise<ReceiptReading> {
  const consent = await findConsent(act, id);
  if (!consent || !isPartyTo(consent, organizationNo)) throw consentProblem('AM-00001');
  const mayHave = ({ kind }: Receipted) => IN_FEED.includes(kind);
  return { ...plainOf(act, consent), mayHave };
}

/**
 * A consent's, for the owner of all the services that it was given for; AM-00001 for any other, and
 * where it was never given. One of several owners learns by its feed and its tokens, and not of the
 * others' services.
 */
export async function consentReadByOwner(
  act: Deciding,
  id: string,
  { organizationNo }: OrganizationCaller,
): Promise<ReceiptReading> {
  const consent = await findConsent(act, id);
  const asked = consent ? askedRights(consent) : [];
  const isOwn = asked.every(({ owner }) => owner.organizationNo === organizationNo);
  if (!consent?.approvedAt || !isOwn) throw consentProblem('AM-00001');
  const mayHave = ({ kind }: Receipted) => IN_FEED.includes(kind);
  return { ...plainOf(act, consent), mayHave };
}

const plainOf = ({ now }: Deciding, consent: Consent): ReceiptReading => ({
  ...{ thing: 'consent', id: consent.id, status: effectiveStatus(consent, now) },
  ...{ isWhole: false, isOrganization: true },
});
