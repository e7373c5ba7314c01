// Asking for consent: everything that must hold before a request is stored, and the act itself. One
// id is one request, however often it is sent. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { NO_ID, uuidv7, uuidv7Derived } from '../../platform/ids.ts';
import type { Party } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import type { ConsentTemplate } from '../../resource/model.ts';
import type { UseLimit } from '../../resource/uses_model.ts';
import { readConsentOrigins, type ResourceRow } from '../../resource/store.ts';
import type { Consent, StoredRequest } from '../model.ts';
import { problem, Findings } from '../problems.ts';
import { redirectFault } from '../../platform/http/redirect.ts';
import { mustMayAsk } from './refusal.ts';
import { mustBeAlive, partyOfAsker, peek, receiver, type Asker } from './asking.ts';
import { contentHash, type ConsentDraft } from './draft.ts';
import { checkReplaced, insertReplacing } from './replace.ts';
import { checkAnswerers, gatherAnswerers } from './answerers.ts';
import { checkPair, insertPaired } from './pair.ts';
import { asStored } from './stored.ts';
import { findConsent } from '../find.ts';
import type { NewConsent } from '../store.ts';
import {
  type AskedParties,
  checkRightsAsked,
  answerByOf,
  mayAsk,
  mustBeAsked,
  checkTimes,
  checkParties,
  checkRights,
  checkTemplate,
  useLimitOf,
  namedBy,
} from './checks.ts';

export interface Requested {
  consent: StoredRequest;
  replayed: boolean;
}

/**
 * Stores the request, or answers with the one that is there. Throws every problem at once.
 */
export async function requestConsent(
  act: Deciding,
  asker: Asker,
  draft: ConsentDraft,
): Promise<Requested> {
  const { now } = act;
  const findings = new Findings();
  // All at the same moment, so that what is alike travels in one statement.
  const [{ askerParty, to, handledBy }, existing, { resources, template }, giver, delegator] =
    await Promise.all([
      receiver(act, asker, draft),
      findConsent(act, draft.id),
      checkRightsAsked(act, draft, findings),
      peek(act, asker, draft.from),
      peek(act, asker, draft.requiredDelegator),
    ]);
  const hash = contentHash(draft);
  if (existing) return { consent: replay(existing, hash, to?.id, handledBy?.id), replayed: true };

  // Facts about the giver are gathered here, for somebody and for nobody alike; they are used once
  // it is known that the asker may ask.
  const [may, origins] = await Promise.all([
    resources.length ? mayAsk(act, { asker: askerParty }, resources) : undefined,
    to && draft.redirectUrl !== null ? readConsentOrigins(act, to.id) : undefined,
    resources.length ? gatherAnswerers(act, draft, giver?.id ?? NO_ID) : undefined,
  ]);
  if (may) mustBeAsked(may);
  // Only one who may ask learns whether a number is somebody's, and not for long.
  if (!resources.length) findings.throwIfAny();
  const parties: AskedParties = {
    from: await partyOfAsker(act, asker, draft.from, giver),
    to: mustBeAlive(to, draft.to),
    handledBy,
    asker: askerParty,
    requiredDelegator:
      draft.requiredDelegator &&
      (await partyOfAsker(act, asker, draft.requiredDelegator, delegator)),
  };
  checkTimes(draft, resources, now, findings);
  checkParties(parties, findings);
  checkRights(draft, resources, findings);
  checkRedirect(draft, origins ?? [], findings);
  if (template) checkTemplate(draft, template, resources, findings);
  const takesSeveral =
    template !== undefined && (await checkAnswerers(act, draft, parties, { resources, findings }));
  const old = await checkReplaced(act, draft, replacing(asker, parties, template), findings);
  const pairing = { from: parties.from?.id, to: parties.to.id, handledBy: handledBy?.id ?? null };
  await checkPair(act, draft, pairing, findings);
  const uses = checkUses(draft, { resources, template, old }, findings);
  findings.throwIfAny();
  const purpose = { template: template!.id, resources: resources.map(({ id }) => id) };
  const { clientId = null } = asker;
  const wanted = { from: parties.from.id, to: parties.to.id, clientId, ...purpose };
  await mustMayAsk(act, wanted, asker.quietDays);
  const answerBy = answerByOf(draft, takesSeveral, now);
  return store(act, {
    draft,
    parties,
    resources,
    template: template!,
    uses,
    answerBy,
    hash,
    asker,
  });
}

function checkRedirect({ redirectUrl }: ConsentDraft, origins: string[], findings: Findings) {
  const why = redirectUrl === null ? undefined : redirectFault(redirectUrl, origins);
  if (why === 'address') findings.invalid('AM.VLD-00027', 'RedirectUrl');
  if (why === 'origin') findings.invalid('TIL.VLD-00008', 'RedirectUrl');
}

const replacing = (
  { organizationNo, renewDays }: Pick<Asker, 'organizationNo' | 'renewDays'>,
  { from, to, handledBy }: { from?: Party; to: Party; handledBy: Party | null },
  template: ConsentTemplate | undefined,
) => ({
  organizationNo,
  renewDays,
  from: from?.id,
  to: to.id,
  handledBy: handledBy?.id ?? null,
  template: template?.id,
});

interface Terms {
  resources: ResourceRow[];
  template: ConsentTemplate | undefined;
  /** The consent that it replaces. */
  old: Consent | undefined;
}

/** How often it may be used, with what is wrong with that among the findings. */
const checkUses = (
  { uses, replaces }: ConsentDraft,
  { resources, template, old }: Terms,
  findings: Findings,
): UseLimit | null =>
  useLimitOf(
    uses,
    {
      contents: resources.map(({ content }) => content),
      template: template ?? null,
      // A renewal lets it be used no more often than what it renews.
      held: replaces?.renews ? (old?.useLimit ?? null) : null,
    },
    (code, path) => findings.invalid(code, path),
  ) ?? null;

/**
 * The part of `ask` that does not depend on who is asked, so that a pushed request is refused
 * before anybody logs in (RFC 9126 §2.1). Stores nothing.
 */
export async function checkUnnamed(
  act: Deciding,
  { organizationNo, renewDays }: Pick<Asker, 'organizationNo' | 'renewDays'>,
  draft: ConsentDraft,
): Promise<void> {
  const { now } = act;
  const asker = mustBeAlive(await findParty(act, { by: 'organization', value: organizationNo }), {
    by: 'organization',
    value: organizationNo,
  });
  const findings = new Findings();
  const { resources, template } = await checkRightsAsked(act, draft, findings);
  if (resources.length) mustBeAsked(await mayAsk(act, { asker }, resources));
  checkTimes(draft, resources, now, findings);
  checkRights(draft, resources, findings);
  if (template) checkTemplate(draft, template, resources, findings);
  const asking = replacing({ organizationNo, renewDays }, { to: asker, handledBy: null }, template);
  const old = await checkReplaced(act, draft, asking, findings);
  await checkPair(act, draft, { from: undefined, to: asker.id, handledBy: null }, findings);
  checkUses(draft, { resources, template, old }, findings);
  findings.throwIfAny();
}

/**
 * The same id again: the stored request for the same content by the same asker, else a bare
 * refusal.
 */
function replay(
  existing: Consent,
  hash: string,
  to: string | undefined,
  handledBy: string | undefined,
): Consent {
  const same =
    existing.contentHash === hash &&
    existing.to.id === to &&
    (existing.handledBy?.id ?? undefined) === handledBy;
  if (!same) throw problem('AM-00016', { members: { requestId: existing.id } });
  return existing;
}

interface Checked {
  draft: ConsentDraft;
  parties: AskedParties;
  resources: ResourceRow[];
  template: ConsentTemplate;
  uses: UseLimit | null;
  /** Until when it can be answered, where that is before its end. */
  answerBy: Date | null;
  hash: string;
  asker: Asker;
}

async function store(
  act: Deciding,
  { draft, parties, resources, template, uses, answerBy, hash, asker }: Checked,
): Promise<Requested> {
  const versions = new Map(resources.map((resource) => [resource.id, resource.version]));
  const request: NewConsent = {
    id: draft.id,
    from: parties.from.id,
    to: parties.to.id,
    handledBy: parties.handledBy?.id ?? null,
    requiredDelegator: parties.requiredDelegator?.id ?? null,
    validTo: draft.validTo,
    templateId: template.id,
    templateVersion: template.version,
    requestMessage: draft.requestMessage,
    redirectUrl: draft.redirectUrl,
    portalViewMode: draft.portalViewMode,
    oneTime: resources.some((resource) => resource.content.isOneTimeConsent),
    uses,
    replaces: draft.replaces?.id ?? null,
    renews: draft.replaces?.renews ?? false,
    countsAnew: draft.uses !== undefined,
    pair: draft.with ?? null,
    answerBy,
    ownScope: resources.some((resource) => resource.content.drawnWithOwnScope === true),
    contentHash: hash,
    clientId: asker.clientId ?? null,
    fromNamed: asker.giverIsUnnamed ? 'nobody' : namedBy(draft.from),
    delegatorNamed: draft.requiredDelegator && namedBy(draft.requiredDelegator),
    expiryEventId: uuidv7Derived(answerBy ?? draft.validTo, draft.id),
    rights: draft.rights.map(({ metadata, ...right }, ordinal) => ({
      ...right,
      ordinal,
      version: versions.get(right.resource)!,
      // None that is null: that has been refused (checkRights).
      metadata: metadata as Record<string, string>,
    })),
    asker: parties.asker.id,
    eventId: uuidv7(act.now),
    noticeId: draft.portalViewMode === 'show' ? uuidv7(act.now) : null,
    at: act.now,
  };
  const isNew = request.pair
    ? await insertPaired(act, request, request.pair)
    : await insertReplacing(act, request);
  if (isNew) return { consent: asStored(request, parties), replayed: false };
  const consent = replay(
    (await findConsent(act, draft.id))!,
    hash,
    parties.to.id,
    parties.handledBy?.id,
  );
  return { consent, replayed: true };
}
