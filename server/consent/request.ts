// Asking for consent: everything that must hold before a request is stored, and the act itself. One
// id is one request, however often it is sent. It knows no HTTP.
import type { DecisionPoint } from '../decision/point.ts';
import { findRepresented } from '../decision/store.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { NO_ID, uuidv7Derived } from '../platform/ids.ts';
import type { Party, PartyName } from '../party/model.ts';
import { findParty, readParty } from '../party/store.ts';
import type { ConsentTemplate } from '../resource/model.ts';
import { readConsentOrigins, type ResourceRow } from '../resource/store.ts';
import type { Guard } from '../platform/limits.ts';
import type { Consent } from './model.ts';
import { problem, Findings } from './problems.ts';
import { redirectFault } from './redirect.ts';
import { mustMayAsk } from './refusal.ts';
import { contentHash, type ConsentDraft } from './draft.ts';
import { findConsent, insertConsent } from './store.ts';
import {
  type Parties,
  checkResources,
  mayAsk,
  checkTimes,
  checkParties,
  checkRights,
  checkTemplate,
  checkAnswerable,
  namedBy,
} from './checks.ts';

export interface Asker {
  organizationNo: string;
  supplierNo?: string | undefined;
  /**
   * Holds `altinn:consentrequests.org`: may ask on behalf of another receiver, and then handles it.
   */
  mayAskForOthers: boolean;
  clientId?: string | undefined;
  /** Days after a no in which the same client may not ask the same again. */
  quietDays: number;
  /**
   * The giver is whoever logged in, whom the asker has not named and does not know before an
   * approval.
   */
  giverIsUnnamed?: boolean | undefined;
  /**
   * The person in whose browser the request was written: the asker is not known to have done so,
   * and names are told of to that person only.
   */
  answerer?: string | undefined;
  /** Counts what it asked about and nobody is. */
  guessing: Guard;
}

export interface Requested {
  consent: Consent;
  replayed: boolean;
}

/**
 * Stores the request, or answers with the one that is there. Throws every problem at once.
 */
export async function requestConsent(
  point: DecisionPoint,
  asker: Asker,
  draft: ConsentDraft,
): Promise<Requested> {
  const now = clock.now();
  const [{ askerParty, to, handledBy }, existing] = await Promise.all([
    receiver(point, asker, draft, now),
    findConsent(point, draft.id, now),
  ]);
  const hash = contentHash(draft);
  if (existing) return { consent: replay(existing, hash, to?.id, handledBy?.id), replayed: true };
  const findings = new Findings();
  const { resources, template } = await checkResources(point, draft, now, findings);
  if (resources.length) await mayAsk(point, { asker: askerParty }, resources, now);
  // Whether a number is somebody's is told only to one who may ask, and not for long.
  if (!resources.length) findings.throwIfAny();
  const parties: Parties = {
    from: await named(point, asker, draft.from, now),
    to: known(to, draft.to),
    handledBy,
    asker: askerParty,
    requiredDelegator:
      draft.requiredDelegator && (await named(point, asker, draft.requiredDelegator, now)),
  };
  checkTimes(draft, resources, now, findings);
  checkParties(parties, findings);
  checkRights(draft, resources, findings);
  if (draft.redirectUrl !== null) {
    const origins = await readConsentOrigins(point, parties.to.id, now);
    const why = redirectFault(draft.redirectUrl, origins);
    if (why === 'address') findings.invalid('AM.VLD-00027', 'RedirectUrl');
    if (why === 'origin') findings.invalid('TIL.VLD-00008', 'RedirectUrl');
  }
  if (template) checkTemplate(draft, template, resources, findings);
  if (template) await checkAnswerable(point, draft, parties, findings, now);
  findings.throwIfAny();
  const purpose = { template: template!.id, resources: resources.map(({ id }) => id) };
  const { clientId = null } = asker;
  const wanted = { from: parties.from.id, to: parties.to.id, clientId, ...purpose };
  await mustMayAsk(point, wanted, asker.quietDays, now);
  return store(point, { draft, parties, resources, template: template!, hash, asker }, now);
}

/**
 * The part of `ask` that does not depend on who is asked, so that a pushed request is refused
 * before anybody logs in (RFC 9126 §2.1). Stores nothing.
 */
export async function checkUnnamed(
  point: DecisionPoint,
  organizationNo: string,
  draft: ConsentDraft,
): Promise<void> {
  const now = clock.now();
  const asker = known(await findParty(point.db, { by: 'organization', value: organizationNo }), {
    by: 'organization',
    value: organizationNo,
  });
  const findings = new Findings();
  const { resources, template } = await checkResources(point, draft, now, findings);
  if (resources.length) await mayAsk(point, { asker }, resources, now);
  checkTimes(draft, resources, now, findings);
  checkRights(draft, resources, findings);
  if (template) checkTemplate(draft, template, resources, findings);
  findings.throwIfAny();
}

async function receiver(point: DecisionPoint, asker: Asker, draft: ConsentDraft, now: Date) {
  const organization = (value: string) => readParty(point, { by: 'organization', value }, now);
  const [askerParty, to] = await Promise.all([
    organization(asker.organizationNo),
    readParty(point, draft.to, now),
  ]);
  if (!askerParty || askerParty.endedAt)
    throw problem('AM-00003', { members: { orgnr: asker.organizationNo } });
  const own = to?.id === askerParty.id;
  if (!own && !asker.mayAskForOthers)
    throw fault('TIL-00008', { because: 'to is not the consumer' });
  if (!own) return { askerParty, to, handledBy: askerParty };
  const supplier =
    asker.supplierNo === undefined ? null : ((await organization(asker.supplierNo)) ?? null);
  if (asker.supplierNo !== undefined && !supplier)
    throw problem('AM-00003', { members: { orgnr: asker.supplierNo } });
  return { askerParty, to, handledBy: supplier };
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

/** A party by number or UUID; who asks for many that are nobody's is told no more for a day. */
async function named(
  point: DecisionPoint,
  { guessing, answerer }: Asker,
  name: PartyName,
  now: Date,
): Promise<Party> {
  if (answerer !== undefined) return ofAnswerer(point, answerer, name);
  guessing.mustBeOpen();
  const party = await readParty(point, name, now);
  if (!party || party.endedAt) await guessing.count();
  return known(party, name);
}

/** Where the browser wrote the name: one of its own person's, or nobody that is told of. */
async function ofAnswerer(point: DecisionPoint, answerer: string, name: PartyName): Promise<Party> {
  const party = await findParty(point.db, name);
  const id = party?.id ?? NO_ID;
  const [represented] = await findRepresented(point.db, answerer, id, clock.now());
  return known(represented || id === answerer ? party : undefined, name);
}

function known(party: Party | undefined, name: PartyName): Party {
  if (party && !party.endedAt) return party;
  if (name.by === 'person') {
    throw problem('AM-00004', {
      members: { fnumber: `urn:altinn:person:identifier-no:${name.value}` },
    });
  }
  const urn =
    name.by === 'uuid' ? 'urn:altinn:party:uuid:' : 'urn:altinn:organization:identifier-no:';
  throw problem('AM-00003', { members: { orgnr: urn + name.value } });
}

interface Checked {
  draft: ConsentDraft;
  parties: Parties;
  resources: ResourceRow[];
  template: ConsentTemplate;
  hash: string;
  asker: Asker;
}

async function store(
  point: DecisionPoint,
  { draft, parties, resources, template, hash, asker }: Checked,
  now: Date,
): Promise<Requested> {
  const versions = new Map(resources.map((resource) => [resource.id, resource.version]));
  const stored = await insertConsent(point, {
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
    ownScope: resources.some((resource) => resource.content.drawnWithOwnScope === true),
    contentHash: hash,
    clientId: asker.clientId ?? null,
    fromNamed: asker.giverIsUnnamed ? 'nobody' : namedBy(draft.from),
    delegatorNamed: draft.requiredDelegator && namedBy(draft.requiredDelegator),
    expiryEventId: uuidv7Derived(draft.validTo, draft.id),
    rights: draft.rights.map((right) => ({ ...right, version: versions.get(right.resource)! })),
    asker: parties.asker.id,
    at: now,
  });
  const consent = (await findConsent(point, draft.id))!;
  if (!stored) replay(consent, hash, parties.to.id, parties.handledBy?.id);
  return { consent, replayed: !stored };
}
