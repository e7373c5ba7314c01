// `authorization_details` of type urn:altinn:consent (RFC 9396): what may be asked for, and what a
// token says, resolved against the rights store at that moment. The one place where OAuth's words
// and the consent's meet.
import type { Act } from '../../platform/act.ts';
import type { Deciding } from '../../decision/act.ts';
import { CONSENT_TYPE, type Detail } from '../provider/hook_model.ts';
import { errors } from 'oidc-provider';
import type { Numbers } from '../../caller/numbers.ts';
import { invalidDetails } from '../provider/problems.ts';
import { Fault } from '../../platform/errors.ts';
import { isUuid, uuidDerived } from '../../platform/ids.ts';
import { requestConsent, checkUnnamed, type Requested } from '../../consent/ask/request.ts';
import { isPartyTo, type Consent } from '../../consent/model.ts';
import { lastsUntil, tokenDetail } from '../../consent/redeemed_model.ts';
import { Findings } from '../../consent/problems.ts';
import type { QuietDays } from '../../consent/ask/refusal.ts';
import { parseDraft } from '../../consent/ask/draft.ts';
import { findConsent } from '../../consent/find.ts';
import { foresee, redeem } from '../../consent/redeem/redeem.ts';
import type { ConsentFacts } from '../../consent/redeem/store.ts';
import { numberUrn, parsePartyUrn, uuidUrn, type PartyName } from '../../party/model.ts';
import type { Client } from '../client/clients.ts';

const REFERENCE = new Set(['type', 'id', 'from']);
const REQUEST = new Set([
  ...REFERENCE,
  'requiredDelegator',
  'validTo',
  'consentRights',
  'requestMessage',
  'uses',
  'replaces',
  'renews',
  'answerBy',
  'with',
]);

/** Names an existing consent or request and nothing more. */
const isReference = (detail: Detail) => detail.consentRights === undefined;

const refuse = (description: string) => new errors.InvalidAuthorizationDetails(description);

/**
 * The consent that an authorization request asks for. Checks that need the person's identity come
 * when the request is made; everything else is checked here, so that a client hears it at PAR.
 */
export async function checkRequested(
  act: Deciding,
  details: unknown,
  client: Client,
  { renewDays }: { renewDays: number },
): Promise<void> {
  if (!Array.isArray(details)) throw refuse('must be an array');
  const consents = (details as Detail[]).filter((detail) => detail?.type === CONSENT_TYPE);
  if (consents.length && consents.length < details.length)
    throw refuse('one type in each authorization');
  if (consents.length > 1) {
    throw refuse('one consent in each authorization');
  }
  for (const detail of consents) {
    const unknown = Object.keys(detail).find((member) => !REQUEST.has(member));
    if (unknown) throw refuse(`unknown member ${unknown.slice(0, 50)}`);
    if (detail.id !== undefined && !isUuid(detail.id)) throw refuse('id must be a UUID');
    if (detail.from !== undefined && !parsePartyUrn(detail.from))
      throw refuse('from must be a party URN');
    // Whether the person who logs in is the giver of that one is not for the client to learn.
    if ((detail.replaces ?? detail.renews ?? detail.with) && detail.from === undefined)
      throw refuse('from is required with replaces, renews and with');
    if (isReference(detail)) {
      if (detail.id === undefined)
        throw refuse('AM.VLD-00023: consentRights is required, or the id of a request');
      const consent = await findConsent(act, detail.id as string);
      if (!consent || !isClients(consent, client)) throw refuse('AM-00001: Consent not found');
    } else {
      const draft = draftOf(
        act,
        detail,
        client,
        'urn:altinn:party:uuid:00000000-0000-0000-0000-000000000000',
        detail.id as string | undefined,
      );
      const asker = { organizationNo: client.ownerNo!, renewDays };
      await checkUnnamed(act, asker, draft).catch((error) => {
        throw invalidDetails(error);
      });
    }
  }
}

function draftOf(
  { now }: Act,
  detail: Detail,
  client: Client,
  from: string,
  id: string | undefined,
) {
  if (!client.ownerNo) throw refuse('the client has no owner organization');
  const findings = new Findings();
  const { type: _type, ...members } = detail;
  const draft = parseDraft(
    {
      ...members,
      from: detail.from ?? from,
      id: id ?? '00000000-0000-0000-0000-000000000000',
      to: `urn:altinn:organization:identifier-no:${client.ownerNo}`,
    },
    findings,
    now,
  );
  try {
    findings.throwIfAny();
  } catch (error) {
    throw invalidDetails(error);
  }
  return draft!;
}

interface Asking {
  act: Deciding;
  client: Client;
  numbers: Numbers;
  quietDays: QuietDays;
  renewDays: number;
}

/**
 * The request that an interaction is about: the one that is named, or a new one of the client's
 * owner. Made once, since its id is the client's or follows from the interaction; throws
 * InvalidAuthorizationDetails for everything wrong, and TIL-00044 where the person said no lately.
 */
export async function consentRequestOf(
  { act, client, numbers, quietDays, renewDays }: Asking,
  detail: Detail,
  interaction: { id: string; isPushed: boolean },
  person: { party: string },
): Promise<Consent> {
  if (isReference(detail)) {
    const consent = await findConsent(act, detail.id as string);
    if (!consent || !isClients(consent, client)) throw refuse('AM-00001: Consent not found');
    const from = detail.from === undefined ? undefined : parsePartyUrn(detail.from)!.value;
    if (
      from &&
      ![consent.from.id, consent.from.personNo, consent.from.organizationNo].includes(from)
    ) {
      throw refuse('AM-00012: The consented party does not match the party requested');
    }
    return consent;
  }
  const id =
    (detail.id as string | undefined) ?? uuidDerived(`consent of interaction ${interaction.id}`);
  try {
    const asked: Requested = await requestConsent(
      act,
      {
        organizationNo: client.ownerNo!,
        mayAskForOthers: false,
        clientId: client.clientId,
        quietDays: quietDays.oauth,
        renewDays,
        giverIsUnnamed: detail.from === undefined,
        guard: numbers.ofOrganization(client.ownerNo!),
        ...(interaction.isPushed ? {} : { answerer: person.party }),
      },
      draftOf(act, detail, client, uuidUrn(person.party), id),
    );
    return (await findConsent(act, asked.consent.id))!;
  } catch (error) {
    // The page shows it to the person, who may change it, before the client learns of it.
    if (error instanceof Fault && error.code === 'TIL-00044') throw error;
    throw invalidDetails(error);
  }
}

const isClients = (consent: Consent, { ownerNo }: Client) =>
  ownerNo !== null && isPartyTo(consent, ownerNo);

/** The Grant keeps a name, never the rights, which are read from the rights store each time. */
export const grantDetail = (consent: Consent) => ({
  type: CONSENT_TYPE,
  id: consent.id,
  from: numberUrn(consent.from),
});

/** A token about to be drawn, by its id, and the latest end that it may have, in seconds. */
interface TokenToBe {
  jti: string;
  exp: number;
}

export interface Drawing {
  client: { clientId: string };
  /** The organisation that draws the token. */
  organization: { party: string; organizationNo: string };
  scope: string | undefined;
  /** Absent for a token that says less than all of the consent. */
  token?: TokenToBe | undefined;
}

interface Reference {
  id: string;
  from: PartyName;
}

/** Redeems the consent that a reference names. Throws the contract's problem. */
export const resolve = (act: Act, reference: Reference, drawing: Drawing) =>
  drawnBy(redeem, act, reference, drawing);

/** The same, as it would be now; it counts nothing. */
export const foreseen = (act: Act, reference: Reference, drawing: Drawing) =>
  drawnBy(foresee, act, reference, drawing);

async function drawnBy(
  how: typeof redeem,
  act: Act,
  { id, from }: Reference,
  { client: { clientId }, organization, scope, token }: Drawing,
) {
  const { party, organizationNo } = organization;
  const owns = (facts: ConsentFacts) =>
    facts.toNo === organizationNo || facts.handledByNo === organizationNo;
  const detail = { clientId, ...(scope ? { scope } : {}), ...token };
  const redeemed = await how(act, { id, from, to: party, detail }, owns);
  return {
    detail: tokenDetail(redeemed, organizationNo),
    endsAt: lastsUntil(redeemed),
    statusPlace: redeemed.statusPlace,
  };
}
