// Resources as their owners register them, and their policies published.
import { randomUUID } from 'node:crypto';
import { call, organizationToken, type TestParty } from '../world.ts';
export const REGISTRY = '/resourceregistry/api/v1';
export const WRITE = 'altinn:resourceregistry/resource.write';
export const T = (nb: string) => ({ nb, nn: nb, en: nb });
export const body = (owner: TestParty, identifier: string, changes: object = {}) => ({
  identifier,
  title: T('Prøvetjeneste'),
  description: T('x'),
  rightDescription: T('Lese og skrive.'),
  resourceType: 'GenericAccessResource',
  hasCompetentAuthority: { organization: owner.number, orgcode: 'x', name: T('Eier') },
  ...changes,
});
export const rules = (...list: object[]) => ({ rules: list });
export const newId = () => `t-${randomUUID()}`;
export const register = async (
  owner: TestParty,
  identifier: string,
  changes: object = {},
  scope = WRITE,
) =>
  call(
    'POST',
    `${REGISTRY}/resource`,
    await organizationToken(owner, scope),
    body(owner, identifier, changes),
  );
export const publish = async (
  owner: TestParty,
  identifier: string,
  policy: unknown,
  headers: Record<string, string> = {},
) =>
  call(
    'POST',
    `${REGISTRY}/resource/${identifier}/policy`,
    await organizationToken(owner, WRITE),
    policy,
    headers,
  );
