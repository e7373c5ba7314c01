// The checks of a request for consent: parties, times, resources, metadata, template.
import type { Deciding } from '../../decision/act.ts';
import { fault } from '../../platform/errors.ts';
import * as decision from '../../decision/commands.ts';
import type { Decision } from '../../decision/rules/reason_model.ts';
import type { Party, PartyName } from '../../party/model.ts';
import { metadataFault, type ConsentTemplate, type ResourceContent } from '../../resource/model.ts';
import {
  readConsentResources,
  type ConsentResource,
  type ResourceRow,
} from '../../resource/store.ts';
import type { Findings } from '../problems.ts';
import { beyond, leastOf, type UseLimit } from '../../resource/uses_model.ts';
import type { ConsentDraft } from './draft.ts';

export interface AskedParties {
  from: Party;
  to: Party;
  handledBy: Party | null;
  requiredDelegator: Party | null;
  asker: Party;
}

export async function checkRightsAsked(act: Deciding, draft: ConsentDraft, findings: Findings) {
  const ids = draft.rights.map((right) => right.resource);
  const resources: ConsentResource[] = [];
  for (const resource of await readConsentResources(act, ids)) {
    if (resource?.type === 'Consent') resources.push(resource);
    else findings.problem('AM-00005');
  }
  const templates = new Set(
    resources.map((resource) => resource.content.consentTemplate?.toLowerCase()),
  );
  if (templates.size > 1) findings.problem('AM-00009');
  const template = templates.size === 1 ? (resources[0]!.template ?? undefined) : undefined;
  return { resources, template };
}

/** Whether the asker may ask for consents to all of these. */
export const mayAsk = (
  act: Deciding,
  { asker }: Pick<AskedParties, 'asker'>,
  resources: ResourceRow[],
): Promise<Decision> =>
  decision.decideTogether(act, {
    subject: asker.id,
    from: asker.id,
    action: 'requestconsent',
    level: 4,
    resources: resources.map((resource) => resource.id),
  });

export function mustBeAsked({ permit, reason }: Decision): void {
  if (!permit) throw fault('TIL-00015', { because: reason });
}

/** A request can be answered for an hour at least. */
const LEAST_MILLIS_OPEN = 3_600_000;
/** Where several answer, it can be answered for thirty days, unless the asker says otherwise. */
const MILLIS_OPEN_TO_SEVERAL = 30 * 86_400_000;

/** Until when a request can be answered, where that is before its end. */
export function answerByOf(
  { answerBy, validTo }: Pick<ConsentDraft, 'answerBy' | 'validTo'>,
  takesSeveral: boolean,
  now: Date,
): Date | null {
  if (answerBy || !takesSeveral) return answerBy ?? null;
  const usual = new Date(+now + MILLIS_OPEN_TO_SEVERAL);
  return usual < validTo ? usual : null;
}

export function checkTimes(
  draft: ConsentDraft,
  resources: ResourceRow[],
  now: Date,
  findings: Findings,
): void {
  if (draft.validTo <= now) findings.invalid('AM.VLD-00022', 'ValidTo');
  const { answerBy } = draft;
  if (answerBy && (+answerBy < +now + LEAST_MILLIS_OPEN || answerBy >= draft.validTo))
    findings.invalid('TIL.VLD-00018', '/answerBy');
  const days = resources.flatMap((resource) => resource.content.maxValidityDays ?? []);
  // One day more, since a last day in Oslo's time may end after the hour at which it was asked.
  if (
    days.length &&
    draft.validTo.getTime() > now.getTime() + (Math.min(...days) + 1) * 86_400_000
  ) {
    findings.invalid('AM.VLD-00022', 'ValidTo');
  }
}

export function checkParties(parties: AskedParties, findings: Findings): void {
  if (parties.from.id === parties.to.id) findings.invalid('TIL.VLD-00004', '/to');
  if (parties.to.kind === 'person') findings.invalid('TIL.VLD-00001', '/to');
  if (parties.requiredDelegator && parties.requiredDelegator.kind !== 'person') {
    findings.invalid('TIL.VLD-00001', '/requiredDelegator');
  }
}

export function checkRights(
  draft: ConsentDraft,
  resources: ResourceRow[],
  findings: Findings,
): void {
  draft.rights.forEach((right, index) => {
    const resource = resources.find((candidate) => candidate.id === right.resource);
    if (!resource) return;
    checkMetadata(right.metadata, resource, index, findings);
    if (!right.optional && !mayBeNeeded(resource, draft))
      findings.invalid('TIL.VLD-00012', `/consentRight/${index}/optional`);
  });
}

/** Limits of a consent to these services by this template. */
const limitsOf = (contents: ResourceContent[], template: ConsentTemplate | null): UseLimit[] =>
  [...contents, template].flatMap((one) => one?.uses ?? []);

interface Limiting {
  contents: ResourceContent[];
  template: ConsentTemplate | null;
  /** How often the consent may be used that it renews. */
  held?: UseLimit | null;
}

/**
 * How often such a consent may be used: as its services and template say, or less where that is
 * asked for; null where nobody says it, undefined where it has been refused.
 */
export function useLimitOf(
  asked: UseLimit | undefined,
  { contents, template, held = null }: Limiting,
  refuse: (code: 'TIL.VLD-00015' | 'STD.VLD-00000', path: string) => void,
): UseLimit | null | undefined {
  const isOneTime = contents.some(({ isOneTimeConsent }) => isOneTimeConsent);
  const limits = [...limitsOf(contents, template), ...(held ? [held] : [])];
  const once = isOneTime && (asked || limits.length) ? [{ total: 1 }] : [];
  const tooMuch = asked && beyond(asked, [...limits, ...once]);
  if (tooMuch) {
    refuse('TIL.VLD-00015', `/uses/${tooMuch}`);
    return undefined;
  }
  const limit = leastOf([...(asked ? [asked] : []), ...limits, ...once]);
  // Where no rhythm of several keeps to the others, the asker says one that keeps to all.
  if (limit === undefined) refuse('STD.VLD-00000', '/uses/per');
  return limit;
}

/** Whether the owner lets a consent ask for it as something that the giver can't leave out. */
const mayBeNeeded = ({ id, content }: ResourceRow, { rights }: ConsentDraft): boolean =>
  content.needed === undefined ||
  content.needed === 'always' ||
  (content.needed === 'alone' && rights.every(({ resource }) => resource === id));

function checkMetadata(
  metadata: Record<string, string | null>,
  resource: ResourceRow,
  index: number,
  findings: Findings,
): void {
  const fields = resource.content.consentMetadata;
  const sent = new Set<string>();
  for (const [key, value] of Object.entries(metadata)) {
    const name = key.toLowerCase();
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field) findings.problem('AM-00006', { key: key.slice(0, 100) });
    else if (value === null || value === '')
      findings.problem('AM-00007', { [`ConsentRight index: ${index}, key`]: key });
    else {
      const why = metadataFault(field, value);
      if (why) findings.problem('AM-00006', { key, reason: `The value ${why}.` });
    }
    sent.add(name);
  }
  for (const [name, field] of Object.entries(fields)) {
    if (!field.optional && !sent.has(name)) findings.problem('AM-00008', { key: name });
  }
}

export function checkTemplate(
  draft: ConsentDraft,
  template: ConsentTemplate,
  resources: ResourceRow[],
  findings: Findings,
): void {
  if (!template.isMessageSetInRequest && draft.requestMessage) findings.refuse(fault('TIL-00017'));
  const owners = template.restrictedToServiceOwners;
  if (owners && resources.some((resource) => !owners.includes(resource.owner.organizationNo))) {
    findings.refuse(fault('TIL-00018'));
  }
}

/**
 * How a party was named: what the asker did not know, the answer does not say before an approval.
 */
export const namedBy = (name: PartyName) => (name.by === 'uuid' ? 'uuid' : 'number');
