// The catalogue in the form that Altinn's clients read, and its entries found by what they are
// called there.
import { fault } from '../../platform/errors.ts';
import { uuidDerived } from '../../platform/ids.ts';
import { pick, type Language } from '../../platform/locale.ts';
import {
  areaId,
  packageId,
  roleId,
  roleSlug,
  type Area,
  type Catalogue,
  type Package,
  type Role,
} from './model.ts';
import { packageCode, packageUrn } from '../policy/model.ts';

export const GROUPS = [
  { kind: 'organization', type: 'Organisasjon' },
  { kind: 'person', type: 'Person' },
] as const;
const groupId = (kind: string) => uuidDerived(`group ${kind}`);

export interface AskedDetail {
  catalogue: Catalogue;
  language: Language;
  id: string;
}

export function groupOf(id: string): [kind: 'organization' | 'person', type: string] {
  const found = GROUPS.find(({ kind }) => groupId(kind) === id.toLowerCase());
  if (!found) throw fault('TIL-00009');
  return [found.kind, found.type];
}

export function areaOf({ catalogue, id }: AskedDetail): Area {
  const found = [...catalogue.areas.values()].find(
    (area) => area.code === id || areaId(area.code) === id.toLowerCase(),
  );
  if (!found) throw fault('TIL-00009');
  return found;
}

export function packageOf({ catalogue, id }: AskedDetail): Package {
  const found =
    catalogue.packages.get(packageCode(id)) ??
    [...catalogue.packages.values()].find((entry) => packageId(entry.code) === id.toLowerCase());
  if (!found) throw fault('TIL-00009');
  return found;
}

export function roleOf({ catalogue, id }: AskedDetail): Role {
  const found =
    [...catalogue.roles.values()].find((role) => roleId(role.code) === id.toLowerCase()) ??
    catalogue.roles.get(catalogue.roleCode(id) ?? '');
  if (!found) throw fault('TIL-00009');
  return found;
}

export const packageDto = (entry: Package, language: Language) => ({
  id: packageId(entry.code),
  urn: packageUrn(entry.code),
  name: pick(entry.name, language)!.text,
  description: pick(entry.description, language)!.text,
  isDelegable: entry.delegable,
  isAssignable: entry.assignable,
  isResourcePolicyAvailable: entry.inPolicies,
  areaId: areaId(entry.area),
  type: entry.forKind === 'person' ? 'Person' : 'Organisasjon',
  needs: entry.needs,
});

export const areaDto = (area: Area, { catalogue, language }: AskedDetail, whole: boolean) => ({
  id: areaId(area.code),
  urn: `accesspackage:area:${area.code}`,
  name: pick(area.name, language)!.text,
  description: pick(area.description, language)!.text,
  packages: whole
    ? [...catalogue.packages.values()]
        .filter((entry) => entry.area === area.code)
        .map((entry) => packageDto(entry, language))
    : [],
});

export const group = (kind: string, type: string, asked: AskedDetail, whole: boolean) => ({
  id: groupId(kind),
  name: type,
  type,
  areas: [...asked.catalogue.areas.values()]
    .filter((area) => area.forKind === kind)
    .map((area) => areaDto(area, asked, whole)),
});

export const roleInfo = (role: Role, language: Language) => ({
  id: roleId(role.code),
  code: roleSlug(role),
  urn: role.urns[0] ?? `urn:altinn:role:${role.code}`,
  legacyRoleCode: role.code,
  legacyUrn: `urn:altinn:rolecode:${role.code}`,
  name: pick(role.name, language)!.text,
  isKeyRole: role.keyRole,
  provider: role.source,
  isAssignable: false,
  isResourcePolicyAvailable: true,
});

export function search({ catalogue, language }: AskedDetail, wanted: string) {
  const term = wanted.toLowerCase();
  return [...catalogue.packages.values()]
    .map((entry) => packageDto(entry, language))
    .filter((entry) =>
      [entry.name, entry.description, entry.urn].some((text) => text.toLowerCase().includes(term)),
    )
    .map((object) => ({ object, score: object.name.toLowerCase().includes(term) ? 2 : 1 }))
    .sort((a, b) => b.score - a.score);
}
