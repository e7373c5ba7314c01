// Whose a resource is: who may write it, and how a caller's call finds it.
import type { Knowing } from '../catalogue/catalogue.ts';
import { token } from '../../caller/doors.ts';
import type { Caller, OrganizationCaller } from '../../caller/model.ts';
import { readParty } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { text, Type } from '../../platform/http/shapes.ts';
import type { Publisher } from '../policy/store.ts';
import { problem } from '../problems.ts';
import { findRegistered, type RegistryRow } from './store.ts';

export interface RegistryApi {
  issuer: string;
}

export const REGISTRY = '/resourceregistry/api/v1';
/** Writes what anybody owns. */
export const ADMIN = 'altinn:resourceregistry/resource.admin';
export const writers = token('altinn:resourceregistry/resource.write', ADMIN);

/** Why a policy is published, in the owner's words. */
export const commentWritten = Type.Optional(text(500));

/** The publisher of a policy, and the reason. */
export const publisherOf = (caller: Caller, comment?: string): Publisher => ({
  organizationNo: caller.kind === 'organization' ? caller.organizationNo : null,
  comment: comment ?? null,
});

/** A resource by id; RR-00002. */
export async function registered(act: Knowing, id: string): Promise<RegistryRow> {
  const found = await findRegistered(act.db, id);
  if (!found) throw problem('RR-00002');
  return found;
}

/** The resource, for its owner or one who may write all. */
export async function owned(act: Knowing, caller: Caller, id: string): Promise<RegistryRow> {
  const found = await registered(act, id);
  mustOwn(caller, found.owner.organizationNo);
  return found;
}

export function mustOwn(caller: Caller, ownerNo: string): void {
  if (caller.scopes.has(ADMIN)) return;
  if (caller.kind !== 'organization' || caller.organizationNo !== ownerNo) {
    throw fault('TIL-00008', { because: 'another owner' });
  }
}

/** The party of an organisation that has APIs; TIL-00008 where the register has none. */
export async function ownerOfApis(
  act: Knowing,
  { organizationNo }: OrganizationCaller,
): Promise<string> {
  const party = await readParty(act, { by: 'organization', value: organizationNo });
  if (!party) throw fault('TIL-00008', { because: 'unknown organization' });
  return party.id;
}

/** Scopes of a schema must have a prefix that the caller's token speaks for; TIL-00006. */
export function mayUseScopes(
  caller: Caller,
  type: string,
  references: { reference: string; referenceType: string }[],
): void {
  if (type !== 'MaskinportenSchema' || caller.scopes.has(ADMIN)) return;
  const prefixes = caller.kind === 'organization' ? caller.scopePrefixes : [];
  const forbidden = references
    .filter(({ referenceType }) => referenceType === 'MaskinportenScope')
    .map(({ reference }) => reference)
    .filter((scope) => !prefixes.includes(scope.split(':')[0]!));
  if (forbidden.length) throw fault('TIL-00006', { members: { forbiddenScopes: forbidden } });
}
