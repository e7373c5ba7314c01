// What may be asked for when a person is to choose whom to represent: the shapes of the two types,
// checked before anybody logs in (RFC 9396 §5).
import { errors } from 'oidc-provider';
import type { DecisionPoint } from '../decision/point.ts';
import { findResources } from '../resource/store.ts';
import type { Detail } from './hook_model.ts';

export const RESOURCE_TYPE = 'ansattporten:altinn:resource';
export const PERSON_TYPE = 'idporten:fullmakt';
export const REPRESENTATION_TYPES = [RESOURCE_TYPE, PERSON_TYPE];

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
};
const RESOURCE = 'urn:altinn:resource:';

export const resourceOf = (detail: Detail) =>
  String(detail.resource).slice(RESOURCE.length).toLowerCase();

const MOST = 10;

/** What an authorization request asks for, checked before anybody logs in. */
export async function checkRepresentation(point: DecisionPoint, details: Detail[]): Promise<void> {
  if (details.length > MOST) throw refuse(`at most ${MOST} objects in each authorization`);
  if (new Set(details.map((detail) => detail.type)).size > 1)
    throw refuse('one type in each authorization');
  for (const detail of details) {
    const unknown = Object.keys(detail).find((member) => !MEMBERS[detail.type]!.includes(member));
    if (unknown) throw refuse(`unknown member ${unknown.slice(0, 50)}`);
    if (detail.type === RESOURCE_TYPE) checkResource(detail);
    else {
      const roles = detail.permission_roles;
      if (
        !Array.isArray(roles) ||
        !roles.length ||
        roles.length > 50 ||
        roles.some((role) => typeof role !== 'string' || !/^[a-z0-9-]{1,100}$/.test(role))
      ) {
        throw refuse('permission_roles must list roles');
      }
    }
  }
  if (details.filter((detail) => detail.type === PERSON_TYPE).length > 1)
    throw refuse(`one ${PERSON_TYPE} in each authorization`);
  const resources = details.filter((detail) => detail.type === RESOURCE_TYPE).map(resourceOf);
  if (new Set(resources).size < resources.length)
    throw refuse('each resource once in each authorization');
  const known = resources.length ? await findResources(point.db, resources) : undefined;
  if (resources.some((id) => !known!.has(id))) throw refuse('the resource is not known');
}

function checkResource(detail: Detail): void {
  if (typeof detail.resource !== 'string' || !detail.resource.startsWith(RESOURCE))
    throw refuse(`resource must be ${RESOURCE}<id>`);
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
