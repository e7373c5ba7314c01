// The details with which a client asks the person to choose whom to represent: the shapes of the
// types, checked before anybody logs in (RFC 9396 §5).
import type { Deciding } from '../../decision/act.ts';
import { errors } from 'oidc-provider';
import { findResources } from '../../resource/store.ts';
import type { Detail } from '../provider/hook_model.ts';
import { textOf } from '../../platform/as_text.ts';

export const RESOURCE_TYPE = 'ansattporten:altinn:resource';
export const PERSON_TYPE = 'idporten:fullmakt';
/**
 * Ours: the parties that the client may act for at all, `{type, resources?, actions?}`. With
 * resources, `urn:altinn:resource:<id>`, those for whom the person may do something on one of them,
 * with actions one of these.
 */
export const PARTIES_TYPE = 'urn:tillit:parties';
export const REPRESENTATION_TYPES = [RESOURCE_TYPE, PERSON_TYPE, PARTIES_TYPE];

const refuse = (description: string) => new errors.InvalidAuthorizationDetails(description);
const MEMBERS: Record<string, string[]> = {
  [RESOURCE_TYPE]: [
    'type',
    'resource',
    'organizationform',
    'allow_multiple_organizations',
    'representation_is_required',
  ],
  [PERSON_TYPE]: ['type', 'permission_roles'],
  [PARTIES_TYPE]: ['type', 'resources', 'actions'],
};
export const RESOURCE_URN = 'urn:altinn:resource:';

const resourceIn = (name: unknown) => (textOf(name) ?? '').slice(RESOURCE_URN.length).toLowerCase();

export const resourceOf = (detail: Detail) => resourceIn(detail.resource);

/** The resources that an object of any of the types names. */
export const resourcesOf = (detail: Detail): string[] =>
  [detail.resource ?? detail.resources ?? []].flat().map(resourceIn);

/** The actions that it is about; null for all. */
export const actionsAsked = (detail: Detail) => (detail.actions ?? null) as string[] | null;

/** Whether several parties may be chosen for what is asked for. */
export const maySeveral = (detail: Detail) =>
  detail.type === PARTIES_TYPE || detail.allow_multiple_organizations === true;

const MOST = 10;

/** The details of an authorization request, checked before anybody logs in. */
export async function checkRepresentation(act: Deciding, details: Detail[]): Promise<void> {
  if (details.length > MOST) throw refuse(`at most ${MOST} objects in each authorization`);
  if (new Set(details.map((detail) => detail.type)).size > 1)
    throw refuse('one type in each authorization');
  for (const detail of details) {
    const unknown = Object.keys(detail).find((member) => !MEMBERS[detail.type]!.includes(member));
    if (unknown) throw refuse(`unknown member ${unknown.slice(0, 50)}`);
    if (detail.type === RESOURCE_TYPE) checkResource(detail);
    else if (detail.type === PARTIES_TYPE) checkParties(detail);
    else if (!isListOf(detail.permission_roles, /^[a-z0-9-]{1,100}$/, 50))
      throw refuse('permission_roles must list roles');
  }
  const [{ type }] = details as [Detail];
  if (type !== RESOURCE_TYPE && details.length > 1)
    throw refuse(`one ${type} in each authorization`);
  const resources = details.flatMap(resourcesOf);
  if (new Set(resources).size < resources.length)
    throw refuse('each resource once in each authorization');
  const known = resources.length ? await findResources(act.db, resources) : undefined;
  if (resources.some((id) => !known!.has(id))) throw refuse('the resource is not known');
}

const isListOf = (value: unknown, item: RegExp, most: number) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= most &&
  value.every((one) => typeof one === 'string' && item.test(one));

function checkParties({ resources, actions }: Detail): void {
  if (resources !== undefined && !isListOf(resources, /^urn:altinn:resource:\S{1,200}$/, MOST))
    throw refuse(`resources must list at most ${MOST} of ${RESOURCE_URN}<id>`);
  if (actions === undefined) return;
  if (resources === undefined) throw refuse('actions are of resources, which must be named too');
  if (!isListOf(actions, /^\S{1,200}$/, 50)) throw refuse('actions must list at most 50 actions');
}

function checkResource(detail: Detail): void {
  if (typeof detail.resource !== 'string' || !detail.resource.startsWith(RESOURCE_URN))
    throw refuse(`resource must be ${RESOURCE_URN}<id>`);
  if (
    detail.organizationform !== undefined &&
    !['enterprise', 'business'].includes(detail.organizationform as string)
  )
    throw refuse('organizationform must be enterprise or business');
  for (const flag of ['allow_multiple_organizations', 'representation_is_required']) {
    if (detail[flag] !== undefined && typeof detail[flag] !== 'boolean')
      throw refuse(`${flag} must be true or false`);
  }
}
