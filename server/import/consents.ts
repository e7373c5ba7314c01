// Consent requests from files, checked as the API would check them, in whatever state they are.
// Part of the import; it knows the format and the resources, not where the records come from.
import type { ClientCheck } from '../oidc/client/check.ts';
import type { Knowing } from '../resource/catalogue/catalogue.ts';
import { importConsents, type ImportedConsent } from '../consent/import_store.ts';
import { useLimitOf } from '../consent/ask/checks.ts';
import { redirectFault } from '../platform/http/redirect.ts';
import type { Act } from '../platform/act.ts';
import type { Entry } from './read.ts';
import { canonicalJson, sha256, uuidv7Derived } from '../platform/ids.ts';
import type { Outbound } from '../platform/http/outbound.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { hasUnseenCharacters, metadataFault } from '../resource/model.ts';
import { findResources, findTemplate, type ResourceRow } from '../resource/store.ts';

/** Notes what is wrong with a record; nothing of the file is used then. */
export type Refuse = (entry: Entry, why: string) => void;

export interface ImportStep {
  /** The work of one file, in its transaction; it forgets what the file may change. */
  act: Knowing;
  refuse: Refuse;
  /** Reports what is taken in and will not work as it may be meant. */
  warn: (what: string) => void;
  outbound: Outbound;
  /** Whether nothing has been refused so far: only then is anything written. */
  clean: () => boolean;
  seal: Seal;
  clientFault: ClientCheck;
  /** The id of a party by number or UUID; refuses the record when there is none. */
  party: (name: string | undefined, entry: Entry) => string;
}

const CHUNK = 5_000;

export async function inChunks<Row>(
  rows: Row[],
  put: (chunk: Row[]) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK) await put(rows.slice(at, at + CHUNK));
}

/** A right of a consent as a file has it. */
interface FileRight {
  resource: string;
  actions?: string[];
  metadata?: Record<string, string>;
  optional?: boolean;
}

export async function putConsents(
  { act, refuse, clean, party }: ImportStep,
  entries: Entry[],
): Promise<void> {
  if (!entries.length) return;
  const resources = await findResources(act.db, [
    ...new Set(entries.flatMap((entry) => entry.rights.map((right: any) => right.resource))),
  ]);
  const templates = await templatesOf(act, [...resources.values()]);
  const rows = entries.map((entry): ImportedConsent => {
    const { state } = entry;
    const wasGiven = state === 'approved' || state === 'withdrawn';
    const rights = rightsIn(entry, wasGiven, refuse);
    const known = rights.map((right) => resources.get(right.resource));
    const missing = rights.find((_right, index) => known[index]?.type !== 'Consent');
    if (missing)
      refuse(entry, `consentRequest ${entry.id}: ${missing.resource} is no consent resource`);
    rights.forEach((right, index) => checkMetadata(entry, right.metadata, known[index], refuse));
    if (entry.redirectUrl && redirectFault(entry.redirectUrl, []))
      refuse(entry, `consentRequest ${entry.id}: redirectUrl is not allowed`);
    if (
      Object.values((entry.requestMessage ?? {}) as Record<string, string>).some(
        hasUnseenCharacters,
      )
    ) {
      refuse(
        entry,
        `consentRequest ${entry.id}: requestMessage has control, bidirectional or invisible characters`,
      );
    }
    const answeredAt = entry.answeredAt ?? act.now.toISOString();
    return {
      id: entry.id.toLowerCase(),
      from: party(entry.from, entry),
      to: party(entry.to, entry),
      ...(entry.handledBy ? { handledBy: party(entry.handledBy, entry) } : {}),
      ...(entry.requiredDelegator
        ? { requiredDelegator: party(entry.requiredDelegator, entry) }
        : {}),
      ...(entry.answeredBy ? { answeredBy: party(entry.answeredBy, entry) } : {}),
      state,
      validTo: entry.validTo,
      templateId: known[0]?.content.consentTemplate ?? '',
      requestMessage: entry.requestMessage,
      redirectUrl: entry.redirectUrl,
      portalViewMode: entry.portalViewMode ?? 'hide',
      oneTime: known.some((resource) => resource?.content.isOneTimeConsent),
      ...usesIn(entry, known, { templates, wasGiven, refuse }),
      ownScope: known.some((resource) => resource?.content.drawnWithOwnScope === true),
      contentHash: sha256(canonicalJson({ ...entry, line: undefined })),
      expiryEventId: uuidv7Derived(new Date(entry.validTo), entry.id.toLowerCase()),
      requestedAt: toMillis(entry.requestedAt ?? answeredAt),
      ...(wasGiven ? { approvedAt: toMillis(answeredAt) } : {}),
      ...(state === 'rejected' ? { rejectedAt: toMillis(answeredAt) } : {}),
      ...(state === 'withdrawn'
        ? { withdrawnAt: toMillis(entry.withdrawnAt ?? act.now.toISOString()) }
        : {}),
      rights,
    };
  });
  rows.forEach((row, index) => {
    const entry = entries[index]!;
    if (row.from && row.from === row.to)
      refuse(entry, `consentRequest ${row.id}: from and to are the same`);
    if (Date.parse(entry.answeredAt ?? row.requestedAt) < Date.parse(row.requestedAt))
      refuse(entry, `consentRequest ${row.id}: answeredAt is before requestedAt`);
  });
  if (clean()) await inChunks(rows, (chunk) => importConsents(act, chunk));
}

/** An instant of a file, as exact as one that is made here. */
const toMillis = (instant: string) => new Date(instant).toISOString();

/** How often it may be used and has been. */
function usesIn(
  entry: Entry,
  known: (ResourceRow | undefined)[],
  { templates, wasGiven, refuse }: Templated,
): Pick<ImportedConsent, 'uses' | 'used'> {
  const contents = known.flatMap((resource) => resource?.content ?? []);
  const template = templates.get(contents[0]?.consentTemplate ?? '') ?? null;
  const uses = useLimitOf(entry.uses, { contents, template }, (_code, path) =>
    refuse(entry, `consentRequest ${entry.id}: ${path} is not what its services let it be used`),
  );
  if (entry.used !== undefined && (!wasGiven || !uses))
    refuse(entry, `consentRequest ${entry.id}: used is of one that was given and is counted`);
  return { uses: uses ?? null, used: entry.used ?? 0 };
}

interface Templated {
  templates: Awaited<ReturnType<typeof templatesOf>>;
  wasGiven: boolean;
  refuse: Refuse;
}

/** The newest template of each of these resources, by its name as they say it. */
async function templatesOf(act: Act, resources: ResourceRow[]) {
  const names = [...new Set(resources.flatMap(({ content }) => content.consentTemplate ?? []))];
  const found = await Promise.all(names.map((name) => findTemplate(act, name)));
  return new Map(names.map((name, at) => [name, found[at]]));
}

/** Rights as an entry has them, and which of them are part of what was given. */
function rightsIn(entry: Entry, wasGiven: boolean, refuse: Refuse): ImportedConsent['rights'] {
  const taken = (entry.optionalRights ?? []) as number[];
  const rights = (entry.rights as FileRight[]).map((right, index) => {
    const { actions = ['consent'], metadata = {}, optional = false } = right;
    const chosen = !wasGiven || !optional || taken.includes(index);
    return { resource: right.resource, actions, metadata, optional, chosen };
  });
  if (taken.some((index) => !wasGiven || !rights[index]?.optional))
    refuse(entry, `consentRequest ${entry.id}: optionalRights names what was not optional`);
  if (!rights.some(({ chosen }) => chosen))
    refuse(entry, `consentRequest ${entry.id}: it was given without any of its rights`);
  return rights;
}

function checkMetadata(
  entry: Entry,
  metadata: Record<string, string>,
  resource: ResourceRow | undefined,
  refuse: Refuse,
): void {
  for (const [key, value] of Object.entries(metadata)) {
    const fields = resource?.content.consentMetadata ?? {};
    const field = Object.hasOwn(fields, key.toLowerCase()) ? fields[key.toLowerCase()] : undefined;
    const why = field ? metadataFault(field, value) : 'is no metadata of the resource';
    if (why) refuse(entry, `consentRequest ${entry.id}: ${key} ${why}`);
  }
  const sent = Object.keys(metadata).map((key) => key.toLowerCase());
  for (const [key, field] of Object.entries(resource?.content.consentMetadata ?? {})) {
    if (!field.optional && !sent.includes(key))
      refuse(entry, `consentRequest ${entry.id}: the metadata ${key} is missing`);
  }
}
