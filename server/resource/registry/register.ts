// Registering: an owner's word about a resource, or a policy, becomes what everybody reads. All of
// it or nothing.
import type { Caller } from '../../caller/model.ts';
import { findParty } from '../../party/store.ts';
import { currentCatalogue, type Knowing } from '../catalogue/catalogue.ts';
import type { Catalogue } from '../catalogue/model.ts';
import { mayUseScopes, mustOwn, publisherOf } from './owner.ts';
import type { Policy } from '../policy/model.ts';
import { findPolicyOf } from '../policy/store.ts';
import { problem } from '../problems.ts';
import { saveResource } from '../policy/publish.ts';
import { fromXacml, takeIn } from './registry.ts';
import { foreignNames, lacksWordsFor } from '../policy/sense_model.ts';
import type { ResourceContent } from '../model.ts';
import { findKnownLists } from '../access_list/store.ts';
import { findRegistered, isTaken, type RegistryRow } from './store.ts';
import type { Db } from '../../platform/db/db.ts';
import { XacmlFault } from '../policy/xacml_model.ts';

type Written = Record<string, any>;

/** Identifiers of the operator's own resources. */
export const RESERVED = /^(altinn|tillit)_/;

/**
 * Registers or replaces; without `rules` a new resource is closed and a known one keeps its policy.
 */
export async function registerResource(
  act: Knowing,
  caller: Caller,
  written: Written,
  existing: RegistryRow | undefined,
): Promise<RegistryRow> {
  const { record, ownerNo, isNew } = recordOf(written, caller, existing);
  const faults: string[] = [];
  if (!/^[a-z0-9_-]{4,}$/.test(record.identifier)) {
    faults.push('identifier must be at least four of a-z, 0-9, _ and -');
  }
  const owner = await findParty(act, { by: 'organization', value: ownerNo });
  if (!owner) faults.push('hasCompetentAuthority.organization is not a known organization');
  if ((record.delegable ?? true) && !record.rightDescription?.nb) {
    faults.push('rightDescription is required for what can be given to others');
  }
  if (faults.length || !owner) throw problem('TIL-00030', { members: { faults } });
  mustOwn(caller, ownerNo);
  if (existing && existing.owner.id !== owner.id) {
    throw problem('TIL-00030', { members: { faults: ['the owner cannot be changed'] } });
  }
  // The operator's own, which the import brings: rules of ours ask for them by name.
  if (!existing && RESERVED.test(record.identifier)) throw problem('TIL-00032');
  if (!existing && (await isTaken(act.db, record.identifier))) throw problem('TIL-00032');
  const catalogue = (await currentCatalogue(act)).open();
  const taken = await takeIn(act, record, { id: owner.id, no: ownerNo }, catalogue);
  taken.faults.push(
    ...(await ownersFaults(act.db, taken.row.policy.content, {
      ...{ id: record.identifier, no: ownerNo, catalogue, content: taken.row.content },
      isClosed: written.closed || written.rules === undefined,
    })),
  );
  if (taken.faults.length) throw problem('TIL-00030', { members: { faults: taken.faults } });
  mayUseScopes(caller, record.resourceType, taken.row.content.resourceReferences);
  const keep = !isNew && written.rules === undefined;
  await saveResource(act, taken.row, { keep, by: publisherOf(caller) });
  return (await findRegistered(act.db, record.identifier))!;
}

/** The entry, in the form that import files have. */
function recordOf(written: Written, caller: Caller, existing: RegistryRow | undefined) {
  const { hasCompetentAuthority, owner, version, versionId, changedAt, closed, ...entry } = written;
  const own = caller.kind === 'organization' ? caller.organizationNo : '';
  const ownerNo: string = hasCompetentAuthority?.organization ?? owner ?? own;
  // A member that the caller leaves out stays as it is: whether access lists gate the resource, and
  // its rules.
  const mode = existing?.accessListMode ? 'Enabled' : 'Disabled';
  const record: Written & { identifier: string; resourceType: string } = {
    accessListMode: mode,
    rules: [],
    resourceType: '',
    ...entry,
    identifier: existing?.id ?? entry.identifier ?? '',
    owner: ownerNo,
  };
  return { record, ownerNo, isNew: existing === undefined };
}

/** A policy in our own form; TIL-00031 with everything that is wrong with it. */
export async function policyFrom(
  act: Knowing,
  written: Written,
  resource: RegistryRow,
): Promise<Policy> {
  const { id, owner, content } = resource;
  const { closed, ...policy } = written;
  const record = {
    identifier: id,
    // Only the resource's policy is checked here, no other rule of its kind.
    resourceType: 'policy',
    title: content.title,
    minimumLevel: content.minimumLevel,
    ...policy,
  };
  const of = { id: owner.id, no: owner.organizationNo };
  const catalogue = (await currentCatalogue(act)).open();
  const taken = await takeIn(act, record, of, catalogue, resource.type);
  const by = { id, no: of.no, catalogue, content, isClosed: closed === true };
  taken.faults.push(...(await ownersFaults(act.db, taken.row.policy.content, by)));
  if (taken.faults.length) throw problem('TIL-00031', { members: { faults: taken.faults } });
  return taken.row.policy.content;
}

/** TIL-00031 for a policy with subjects that its owner may not name now. */
export async function mustNameSubjects(
  act: Knowing,
  policy: Policy,
  { owner }: RegistryRow,
): Promise<void> {
  const faults = foreignNames(policy, owner.organizationNo, await currentCatalogue(act));
  if (faults.length) throw problem('TIL-00031', { members: { faults } });
}

/**
 * Why a policy lets nobody in whom its author may have meant: no rule, or an access list of these
 * owners' (all, where none is named) that there is not.
 */
export async function closedBy(db: Db, { rules }: Policy, ownerNo?: string): Promise<string[]> {
  if (!rules.length) return ['the policy has no rule and lets nobody in'];
  const named = new Set(
    rules.flatMap(({ subjects }) =>
      subjects.flat().flatMap(({ kind, value }) => (kind === 'access_list' ? [value] : [])),
    ),
  );
  // No owner learns the lists of others.
  const own = [...named].filter((id) => !ownerNo || id.startsWith(`${ownerNo}:`));
  if (!own.length) return [];
  const known = await findKnownLists(db, own);
  return own.filter((id) => !known.includes(id)).map((id) => `there is no access list ${id}`);
}

interface Publishing {
  id: string;
  /** The owner's organisation number. */
  no: string;
  catalogue: Catalogue;
  /** The resource that it is for. */
  content: ResourceContent;
  /** Whether its author says that it is to let nobody in, or need not say so. */
  isClosed: boolean;
}

/**
 * The faults of a policy that an owner publishes and an operator may: names that are not the
 * owner's, and what lets nobody in, where that is new and not said.
 */
async function ownersFaults(
  db: Db,
  policy: Policy,
  { id, no, catalogue, content, isClosed }: Publishing,
): Promise<string[]> {
  const foreign = foreignNames(policy, no, catalogue, content.together);
  const found = isClosed ? [] : await closedBy(db, policy, no);
  const wordless = lacksWordsFor(policy, content, catalogue);
  // A policy that is so already may be sent back as it was answered.
  const held = found.length || wordless.length ? await findPolicyOf(db, id) : undefined;
  const already = held ? await closedBy(db, held, no) : [];
  const closing = found.filter((why) => !already.includes(why));
  const isWordless = held !== undefined && lacksWordsFor(held, content, catalogue).length > 0;
  return [
    ...foreign,
    ...(isWordless ? [] : wordless),
    ...closing.map((why) => `${why}; say closed: true if that is meant`),
  ];
}

/** A policy in XACML; TIL-00031. */
export async function policyFromXml(
  act: Knowing,
  xml: string,
  { id, owner, type, content }: RegistryRow,
  isClosed: boolean,
): Promise<Policy> {
  const faults: string[] = [];
  const catalogue = (await currentCatalogue(act)).open();
  try {
    const reading = { catalogue, ownerNo: owner.organizationNo, faults, type };
    const policy = await fromXacml(xml, id, reading);
    const by = { id, no: reading.ownerNo, catalogue, content, isClosed };
    faults.push(...(await ownersFaults(act.db, policy, by)));
    if (!faults.length) return policy;
  } catch (error) {
    if (!(error instanceof XacmlFault)) throw error;
    faults.push(error.message);
  }
  throw problem('TIL-00031', { members: { faults } });
}
